"""Numbers with units. Decimal in, Decimal out; a unit is converted on request or refused, never guessed."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import pint

from mes.errors import InvalidInput
from mes.phrases import Phrase

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


@lru_cache(maxsize=1)
def registry() -> Any:
    """The unit registry of the laboratory: SI plus what cell therapy counts (cells, IU, EU, TU, copies, beads)."""
    units: Any = pint.UnitRegistry(non_int_type=Decimal, autoconvert_offset_to_baseunit=True, on_redefinition="ignore")
    for counted in ("cell = [cell] = cells", "IU = [activity] = iu", "EU = [endotoxin] = eu"):
        units.define(counted)
    for counted in ("TU = [transduction] = tu", "copy = [copy] = copies", "bead = [bead] = beads"):
        units.define(counted)
    for counted in ("cfu = [colony]", "bag = [bag] = bags"):
        units.define(counted)
    return units


@dataclass(frozen=True)
class Quantity:
    """A value and its unit, e.g. Quantity(Decimal("2.1"), "1e6 cell/mL"). The empty unit means a pure number."""

    value: Decimal
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.value:f} {self.unit}".strip()


def parse_decimal(text: str) -> Decimal:
    """The exact decimal typed. Commas, words, NaN and infinities are refused with InvalidInput."""
    cleaned = text.strip()
    if not _NUMBER.fullmatch(cleaned):
        raise InvalidInput(
            Phrase("“{text}” is not a number. Type digits with a point, for example 2.1.", text=text), value=text
        )
    try:
        return Decimal(cleaned)
    except InvalidOperation as error:
        raise InvalidInput(Phrase("“{text}” is not a number.", text=text), value=text) from error


@lru_cache(maxsize=1024)
def unit_factor(source: str, target: str) -> Decimal:
    """The factor that takes a value in `source` to `target`; InvalidInput when the two do not measure the same."""
    units = registry()
    try:
        one = units.Quantity(Decimal(1), parse_unit(source))
        return Decimal(one.to(parse_unit(target)).magnitude)
    except pint.DimensionalityError as error:
        raise InvalidInput(f"“{source}” cannot be converted to “{target}”.", source=source, target=target) from error


NO_BREAK_SPACE = "\u00a0"
NARROW_SPACE = "\u202f"  # does not break either
_LONG_NUMBER = re.compile(r"(?<![\w.-])\d{5,}(?!\w)")
_BEFORE_A_THREE = re.compile(r"\B(?=(?:\d{3})+$)")


def figures(text: str) -> str:
    """The numbers in a text, from five digits on in threes (ISO 80000-1): nobody counts the zeros of 150 000 000."""
    return _LONG_NUMBER.sub(lambda found: _BEFORE_A_THREE.sub(NARROW_SPACE, found[0]), text)


def amount(value: str, unit: str) -> str:
    """A number and its unit as people read them: 6 400 000 cell, 37.0 °C."""
    return f"{figures(value)}{NO_BREAK_SPACE}{written(unit)}".strip()


_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_POWER = re.compile(r"\b1[eE]\+?(\d+)\b")


def written(unit: str) -> str:
    """A unit as people write it, however a recipe or a device spells it: degC is °C, 1E6/mL is 10⁶/mL, uL is µL."""
    plain = unit.replace("degC", "°C").replace("*", "·")
    if plain in ("uL", "um", "ug"):
        plain = f"µ{plain[1:]}"
    return _POWER.sub(lambda found: "10" + found[1].translate(_SUPERSCRIPTS), plain)


_POWER_IN_TEXT = re.compile(r"(?<![\w.,])1[eE]\+?\d+(?!\w)")
_AFTER_A_SIGN = re.compile(r"(?<=[<>≤≥±]) (?=[-\d])")
_UNIT_IN_TEXT = re.compile(r"(?<=\d )(degC|u[Lmg])\b")


def readable(text: str) -> str:
    """A text with numbers and units in it, as people read them: “2.1 1E6/mL” is “2.1 10⁶/mL”. “≤ 5” stays in one."""
    text = _AFTER_A_SIGN.sub(NO_BREAK_SPACE, text)
    powers = _POWER_IN_TEXT.sub(lambda found: written(found[0]), text)
    return figures(_UNIT_IN_TEXT.sub(lambda found: written(found[0]), powers))


@lru_cache(maxsize=1024)
def parse_unit(text: str) -> Any:
    """A pint unit; '%' and '×10⁶' are written out first. InvalidInput for a unit nobody knows."""
    plain = text.strip().replace("%", "percent").replace("µ", "u").replace("°C", "degC").replace("·", "*")
    try:
        return registry().Unit(plain or "dimensionless")
    except (pint.UndefinedUnitError, pint.DefinitionSyntaxError, ValueError, TypeError, AttributeError) as error:
        raise InvalidInput(f"The unit “{text}” is not known.", unit=text) from error


def convert(quantity: Quantity, unit: str) -> Quantity:
    """The same amount in another unit, exact where the factor is. Temperatures are offsets: same unit only."""
    if quantity.unit == unit:
        return quantity
    return Quantity(quantity.value * unit_factor(quantity.unit, unit), unit)
