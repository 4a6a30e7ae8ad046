"""A reported number, which may be a bound: `4.9`, `<0.5`, `≥ 98.3`."""

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Context, Decimal

from mes.quantities import Quantity, convert, parse_decimal
from qc_release.limits.judgement import Given, LimitError, Value

_COMPARATORS = {"<=": "≤", ">=": "≥", "≤": "≤", "≥": "≥", "<": "<", ">": ">"}


@dataclass(frozen=True)
class Measured:
    """`comparator` is "" for an exact value; "<" and "≤" mean at most, ">" and "≥" at least, the number."""

    number: Decimal
    comparator: str = ""

    @classmethod
    def read(cls, value: Value, given: Given) -> "Measured":
        """As reported, in the unit of the limit, rounded only as the specification says. Bounds are never rounded."""
        if not isinstance(value, str):
            raise LimitError("This test has one value, not several.")
        text = value.strip()
        mark = next((mark for mark in _COMPARATORS if text.startswith(mark)), "")
        number = parse_decimal(text.removeprefix(mark))
        converted = convert(Quantity(number, given.reported_unit), given.unit).value
        measured = cls(converted, _COMPARATORS.get(mark, ""))
        return measured if mark or given.rounding is None else replace(measured, number=given.rounding.apply(converted))

    def shows_at_most(self, bound: Decimal, *, strict: bool) -> bool:
        """Whether the true value is certainly within an upper bound. "At least x" never shows that."""
        if self.comparator in (">", "≥"):
            return False
        return self.number < bound if strict and self.comparator != "<" else self.number <= bound

    def shows_at_least(self, bound: Decimal, *, strict: bool) -> bool:
        if self.comparator in ("<", "≤"):
            return False
        return self.number > bound if strict and self.comparator != ">" else self.number >= bound

    def __str__(self) -> str:
        return f"{self.comparator}{show(self.number)}"


def show(number: Decimal) -> str:
    """For people: 5.0 · 0.05 · 1.34 × 10⁹. A quotient that does not end is cut, never rounded up: 18.333333…"""
    if len(number.as_tuple().digits) > 20:
        return f"{show(_SHORT.plus(number))}…"
    if number and (abs(number) >= Decimal("1E6") or abs(number) < Decimal("1E-4")):
        exponent = number.adjusted()
        return f"{number.scaleb(-exponent).normalize():f} × 10{str(exponent).translate(_SUPERSCRIPT)}"
    return f"{number:f}"


_SHORT = Context(prec=8, rounding=ROUND_FLOOR)
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
