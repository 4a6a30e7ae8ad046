"""ISBT 128: how donation numbers, chain-of-identity identifiers and dates are written, checked and read.

Structure and check character only (ST-001 v6.2.2, ST-028). The standard is licensed: the tables of ICCBBA (facilities,
product codes) are not shipped; a site registers with ICCBBA and uses its own facility number.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from mes.errors import InvalidInput

# ISO/IEC 7064 mod 37-2: the value of a character is its place in this line.
_VALUES = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*"

# Facility number (5), year (2). The letter O and a leading zero are not used; the last two of the facility are digits.
_FACILITY_YEAR = r"[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}[0-9]{2}"
_NUMBER = re.compile(rf"{_FACILITY_YEAR}[0-9]{{6}}")
_SCANNED = re.compile(rf"=({_FACILITY_YEAR}[0-9]{{6}})([0-9A-HJ-NPR-Y]{{2}})")
_CHAIN = re.compile(rf"(?:&/)?(CH{_FACILITY_YEAR}[A-Z0-9]{{6}})")
_MOMENT = re.compile(r"(\d{3})(\d{3})(\d{4})?")

TYPE_3_FLAGS = range(60, 97)
RESERVED_FLAGS = range(97, 100)

EXPIRY = ("=>", "&>")
COLLECTION = ("=*", "&*")


@dataclass(frozen=True)
class DonationNumber:
    """Data structure 001: the 13 characters of a donation, and the two flag characters scanned with them."""

    number: str
    flags: str = ""

    @property
    def facility(self) -> str:
        return self.number[:5]

    @property
    def year(self) -> str:
        return self.number[5:7]

    @property
    def check_character(self) -> str:
        return check_character(self.number)

    @property
    def type_3_flag(self) -> str:
        """The flag that carries the check value in a bar code: 60 to 96."""
        return str(60 + check_value(self.number))

    @property
    def eye_readable(self) -> str:
        """As printed: `A9999 21 123456 [3]`, the check character apart because it is not part of the number."""
        return f"{self.number[:5]} {self.number[5:7]} {self.number[7:]} [{self.check_character}]"


def check_value(characters: str) -> int:
    """ISO/IEC 7064 mod 37-2 over any characters of 0-9 and A-Z: the value that brings the sum to remainder 1."""
    total = 0
    for character in characters:
        total = (total + _VALUES.index(character)) * 2 % 37
    return (38 - total) % 37


def check_character(characters: str) -> str:
    # The result may be the letter O or *, though neither can stand in a number. It is never "corrected" to zero.
    return _VALUES[check_value(characters)]


def is_checked(characters: str) -> bool:
    """Whether the last of the characters is the check character of the others."""
    return check_character(characters[:-1]) == characters[-1]


def scanned_donation_number(code: str) -> DonationNumber:
    """A donation number as a scanner sends it, `=A99992112345600`: the flags are taken off and kept apart."""
    match = _SCANNED.fullmatch(code.strip())
    if match is None:
        raise _not_a_donation_number(code)
    donation = DonationNumber(number=match[1], flags=match[2])
    if donation.flags.isdigit():
        _judge_flags(donation, code)
    return donation


def typed_donation_number(text: str) -> DonationNumber:
    """A donation number typed by a person. The boxed check character must be typed too; blanks do not matter."""
    characters = text.upper().translate(str.maketrans("", "", " =[]"))
    if _NUMBER.fullmatch(characters):
        raise InvalidInput(
            "Type the check character in the box after the donation number as well.", code=text, field="din"
        )
    if not _NUMBER.fullmatch(characters[:-1]):
        raise _not_a_donation_number(text)
    if not is_checked(characters):
        raise InvalidInput("The check character does not fit this donation number. Type both again.", code=text)
    return DonationNumber(number=characters[:-1])


def chain_identifier(code: str) -> str:
    """Data structure 040: the 15 characters of a chain-of-identity identifier, scanned (`&/CH…`) or plain (`CH…`)."""
    match = _CHAIN.fullmatch(code.strip())
    if match is None:
        raise InvalidInput("This is not a chain-of-identity identifier (CH and 13 characters).", code=code)
    return match[1]


def is_facility(code: str) -> bool:
    """Whether a facility identification number has the structure of one (registration is with ICCBBA)."""
    return re.fullmatch(_FACILITY_YEAR, f"{code}00") is not None


def encode_moment(moment: datetime | date) -> str:
    """`cyyjjjhhmm` of data structures 005 and 007. A day without a time ends at 23:59."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time(23, 59))
    return f"{moment.year % 1000:03d}{moment:%j%H%M}"


def decode_moment(text: str) -> datetime:
    """The moment of `cyyjjjhhmm`, or of `cyyjjj` (23:59). The structure has no zone; it is read as UTC."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise InvalidInput("This is not an ISBT 128 date (cyyjjj, or cyyjjjhhmm).", code=text)
    year = int(match[1]) + (1000 if match[1] >= "900" else 2000)
    clock = match[3] or "2359"
    try:
        day = date(year, 1, 1) + timedelta(days=int(match[2]) - 1)
        moment = datetime.combine(day, time(int(clock[:2]), int(clock[2:])), UTC)
    except ValueError as error:
        raise InvalidInput("This ISBT 128 date has a time that no clock shows.", code=text) from error
    if day.year != year:
        raise InvalidInput("This ISBT 128 date has a day that the year does not have.", code=text)
    return moment


def read_moment(code: str, identifiers: tuple[str, str]) -> datetime:
    """The moment of a scanned expiry (`EXPIRY`) or collection (`COLLECTION`) structure, with or without a time."""
    if not code.startswith(identifiers):
        raise InvalidInput(f"An ISBT 128 date of this kind starts with {' or '.join(identifiers)}.", code=code)
    return decode_moment(code[2:])


def _judge_flags(donation: DonationNumber, code: str) -> None:
    flags = int(donation.flags)
    if flags in RESERVED_FLAGS:
        raise InvalidInput(f"Flag {donation.flags} is reserved and may not be on a label.", code=code)
    if flags in TYPE_3_FLAGS and donation.flags != donation.type_3_flag:
        raise InvalidInput("The check flag does not fit this donation number. Scan it again.", code=code)


def _not_a_donation_number(code: str) -> InvalidInput:
    return InvalidInput("This is not a donation number (facility, year and six digits).", code=code, field="din")
