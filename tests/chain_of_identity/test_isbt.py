"""ISBT 128 structures and the check character, against the published examples."""

import csv
from datetime import UTC, date, datetime
from pathlib import Path
from string import ascii_uppercase, digits

import pytest

from chain_of_identity import isbt
from mes.errors import InvalidInput

VECTORS_FILE = Path(__file__).parent / "data" / "isbt128_vectors.csv"
VECTORS = list(csv.DictReader(VECTORS_FILE.read_text(encoding="utf-8").splitlines()))
# One published example breaks the facility rule (a letter where a digit belongs): it shows the algorithm only.
NUMBERS = [row["din"] for row in VECTORS if "algorithm only" not in row["source"]]
SIGNS = digits + ascii_uppercase + "*"


@pytest.mark.req("R-121")
@pytest.mark.parametrize("row", VECTORS, ids=lambda row: row["din"])
def test_gives_the_published_check_character(row: dict[str, str]) -> None:
    assert isbt.check_value(row["din"]) == int(row["check_value"])
    assert isbt.check_character(row["din"]) == row["check_char"]
    assert isbt.DonationNumber(row["din"]).type_3_flag == row["type3_flag"]


@pytest.mark.req("R-121")
@pytest.mark.parametrize("number", NUMBERS)
def test_takes_a_published_number_typed_and_scanned(number: str) -> None:
    typed = isbt.typed_donation_number(number + isbt.check_character(number))
    scanned = isbt.scanned_donation_number(f"={number}{typed.type_3_flag}")
    assert typed.number == scanned.number == number


@pytest.mark.req("R-121")
@pytest.mark.parametrize("number", [row["din"] for row in VECTORS])
def test_catches_every_change_of_one_character(number: str) -> None:
    checked = number + isbt.check_character(number)
    for place, right in enumerate(checked):
        for wrong in SIGNS.replace(right, ""):
            if wrong == "*" and place < len(number):
                continue  # a star has no value inside a number; the structure refuses it
            assert not isbt.is_checked(checked[:place] + wrong + checked[place + 1 :])


@pytest.mark.req("R-121")
@pytest.mark.parametrize("number", [row["din"] for row in VECTORS])
def test_catches_every_swap_of_unequal_neighbours(number: str) -> None:
    checked = number + isbt.check_character(number)
    for place in range(len(number) - 1):
        one, other = checked[place], checked[place + 1]
        if one != other:
            assert not isbt.is_checked(checked[:place] + other + one + checked[place + 2 :])


@pytest.mark.req("R-121")
@pytest.mark.parametrize("number", NUMBERS)
def test_refuses_every_mistyped_number(number: str) -> None:
    checked = number + isbt.check_character(number)
    for place, right in enumerate(checked):
        for wrong in SIGNS.replace(right, ""):
            with pytest.raises(InvalidInput):
                isbt.typed_donation_number(checked[:place] + wrong + checked[place + 1 :])


@pytest.mark.req("R-122")
def test_refuses_a_typed_number_without_its_check_character() -> None:
    with pytest.raises(InvalidInput, match="check character"):
        isbt.typed_donation_number("=A999921123456")


@pytest.mark.req("R-122")
def test_takes_the_flags_off_a_scanned_number() -> None:
    donation = isbt.scanned_donation_number("=A99992112345601")
    assert (donation.number, donation.flags) == ("A999921123456", "01")


@pytest.mark.req("R-122")
def test_takes_a_number_typed_as_it_is_printed() -> None:
    assert isbt.typed_donation_number("A9999 21 123456 [3]").number == "A999921123456"


@pytest.mark.parametrize("code", ["=A99992112345664", "=A99992112345697", "=A99992112345699"])
def test_refuses_a_check_flag_that_does_not_fit_and_reserved_flags(code: str) -> None:
    with pytest.raises(InvalidInput):
        isbt.scanned_donation_number(code)


@pytest.mark.parametrize(
    "code",
    [
        "A99992112345600",  # no data identifier: this was not scanned from a donation number
        "=A999921123456",  # no flags
        "=O99992112345600",  # O is no facility letter
        "=099992112345600",  # nor is a leading zero
        "=A99X92112345600",  # the facility ends with two digits
        "=A9999211234560O",  # O is no flag
        "&/CHA999926AB12C3",
        "",
    ],
)
def test_refuses_what_is_not_a_scanned_donation_number(code: str) -> None:
    with pytest.raises(InvalidInput):
        isbt.scanned_donation_number(code)


def test_shows_a_number_as_it_is_printed() -> None:
    assert isbt.DonationNumber("A999921123456").eye_readable == "A9999 21 123456 [3]"
    assert (isbt.DonationNumber("A999921123456").facility, isbt.DonationNumber("A999921123456").year) == ("A9999", "21")


@pytest.mark.req("R-120")
@pytest.mark.parametrize("code", ["&/CHA999926AB12C3", "&/CHA999926000001", "CHA999926000001"])
def test_takes_a_chain_of_identity_identifier(code: str) -> None:
    assert isbt.chain_identifier(code) == code.removeprefix("&/")


@pytest.mark.req("R-120")
@pytest.mark.parametrize(
    "code",
    ["&/CHO999926000001", "&/CXA999926000001", "&/CHA99992600001", "&/CHA9999260000a1", "=A99992112345600", ""],
)
def test_refuses_what_is_not_a_chain_of_identity_identifier(code: str) -> None:
    with pytest.raises(InvalidInput):
        isbt.chain_identifier(code)


@pytest.mark.req("R-140")
def test_writes_a_day_without_a_time_as_its_last_minute() -> None:
    assert isbt.encode_moment(date(2026, 12, 31)) == "0263652359"


@pytest.mark.req("R-140")
def test_reads_dates_of_expiry_and_collection() -> None:
    assert isbt.read_moment("&>0180292359", isbt.EXPIRY) == datetime(2018, 1, 29, 23, 59, tzinfo=UTC)
    assert isbt.read_moment("=>018029", isbt.EXPIRY) == datetime(2018, 1, 29, 23, 59, tzinfo=UTC)
    assert isbt.read_moment("&*9991231005", isbt.COLLECTION) == datetime(1999, 5, 3, 10, 5, tzinfo=UTC)


@pytest.mark.parametrize("code", ["=*018029", "=>018366", "=>018000", "&>0180292460", "&>01802923", "=>18029"])
def test_refuses_dates_that_no_calendar_or_clock_shows(code: str) -> None:
    with pytest.raises(InvalidInput):
        isbt.read_moment(code, isbt.EXPIRY)


def test_writes_and_reads_the_same_minute() -> None:
    moment = datetime(2028, 12, 31, 0, 7, tzinfo=UTC)
    assert isbt.encode_moment(moment) == "0283660007"
    assert isbt.decode_moment(isbt.encode_moment(moment)) == moment
