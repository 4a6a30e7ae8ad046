"""Formulas: a small arithmetic over exact decimals with units. No float, no eval; same inputs, same digits.

Grammar: numbers, names, + - * / **, unary + and -, parentheses, min(...), max(...). `**` takes a whole number. Division
carries 34 significant digits, half-even (decimal128), which FORMULA_VERSION stands for.
"""

import ast
from collections.abc import Mapping
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import Generic, Protocol, TypeVar

from mes.errors import InvalidInput
from mes.quantities import Quantity, convert, parse_decimal, parse_unit, unit_factor
from recipes.errors import FormulaRefused

FORMULA_VERSION = "1"
ARITHMETIC = Context(prec=34, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
MAX_CHARACTERS = 500
MAX_POWER = 9
CHOICES = ("min", "max")

T = TypeVar("T")


def evaluate(expression: str, values: Mapping[str, Quantity]) -> Quantity:
    """The value of the expression, in the unit its terms give. FormulaRefused names what is wrong."""
    with localcontext(ARITHMETIC):
        try:
            return _Fold(expression, _Values(), values).run()
        except (InvalidOperation, DivisionByZero, Overflow) as error:
            raise FormulaRefused(f"“{expression}” has no value for these inputs.", formula=expression) from error


def check(expression: str, units: Mapping[str, str]) -> str:
    """The unit the expression gives for inputs of these units; FormulaRefused when they do not fit together."""
    return _Fold(expression, _Units(), units).run()


def names_in(expression: str) -> set[str]:
    """The inputs an expression asks for."""
    tree = _parse(expression)
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - set(CHOICES)


def calculate(expression: str, values: Mapping[str, Quantity], *, unit: str, decimals: int | None = None) -> Quantity:
    """`evaluate` in the unit asked for; `decimals` rounds the result half-even, None keeps every digit."""
    with localcontext(ARITHMETIC):
        result = _in_unit(evaluate(expression, values), unit)
        if decimals is None:
            return result
        return Quantity(result.value.quantize(Decimal(1).scaleb(-decimals)), unit)


class _Algebra(Protocol[T]):
    """What the operators mean for one kind of term."""

    def number(self, value: Decimal) -> T: ...
    def add(self, left: T, right: T, sign: int) -> T: ...
    def multiply(self, left: T, right: T) -> T: ...
    def divide(self, left: T, right: T) -> T: ...
    def power(self, base: T, exponent: int) -> T: ...
    def choose(self, name: str, terms: list[T]) -> T: ...


class _Units:
    """Terms are units."""

    def number(self, value: Decimal) -> str:
        return ""

    def add(self, left: str, right: str, sign: int) -> str:
        _factor(right, left)
        return left

    def multiply(self, left: str, right: str) -> str:
        return str(_unit(left) * _unit(right))

    def divide(self, left: str, right: str) -> str:
        return str(_unit(left) / _unit(right))

    def power(self, base: str, exponent: int) -> str:
        return str(_unit(base) ** exponent)

    def choose(self, name: str, terms: list[str]) -> str:
        for each in terms[1:]:
            _factor(each, terms[0])
        return terms[0]


class _Values:
    """Terms are quantities; their units follow `_Units`."""

    units = _Units()

    def number(self, value: Decimal) -> Quantity:
        return Quantity(value)

    def add(self, left: Quantity, right: Quantity, sign: int) -> Quantity:
        unit = self.units.add(left.unit, right.unit, sign)
        return Quantity(left.value + sign * _in_unit(right, unit).value, unit)

    def multiply(self, left: Quantity, right: Quantity) -> Quantity:
        return Quantity(left.value * right.value, self.units.multiply(left.unit, right.unit))

    def divide(self, left: Quantity, right: Quantity) -> Quantity:
        return Quantity(left.value / right.value, self.units.divide(left.unit, right.unit))

    def power(self, base: Quantity, exponent: int) -> Quantity:
        return Quantity(base.value**exponent, self.units.power(base.unit, exponent))

    def choose(self, name: str, terms: list[Quantity]) -> Quantity:
        unit = terms[0].unit
        values = [_in_unit(each, unit).value for each in terms]
        return Quantity(min(values) if name == "min" else max(values), unit)


class _Fold(Generic[T]):
    """Walks one expression with one algebra."""

    def __init__(self, expression: str, algebra: _Algebra[T], names: Mapping[str, T]) -> None:
        self.expression = expression
        self.algebra = algebra
        self.names = names

    def run(self) -> T:
        return self.term(_parse(self.expression))

    def term(self, node: ast.expr) -> T:
        match node:
            case ast.Constant():
                return self.algebra.number(self.literal(node))
            case ast.Name(id=name):
                return self.named(name)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as op, operand=operand):
                sign = self.algebra.number(Decimal(-1 if isinstance(op, ast.USub) else 1))
                return self.algebra.multiply(sign, self.term(operand))
            case ast.BinOp():
                return self.operation(node)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in CHOICES and args:
                return self.algebra.choose(name, [self.term(each) for each in args])
        raise self.refusal("uses something a formula has not; it has + - * / ** ( ) min and max")

    def operation(self, node: ast.BinOp) -> T:
        left = self.term(node.left)
        match node.op:
            case ast.Add() | ast.Sub():
                return self.algebra.add(left, self.term(node.right), -1 if isinstance(node.op, ast.Sub) else 1)
            case ast.Mult():
                return self.algebra.multiply(left, self.term(node.right))
            case ast.Div():
                return self.algebra.divide(left, self.term(node.right))
            case ast.Pow():
                return self.algebra.power(left, self.exponent(node.right))
        raise self.refusal("uses an operator a formula has not")

    def exponent(self, node: ast.expr) -> int:
        if not isinstance(node, ast.Constant):
            raise self.refusal("has a power that is not a whole number")
        value = self.literal(node)
        if value != value.to_integral_value() or value > MAX_POWER:
            raise self.refusal(f"has a power that is not a whole number up to {MAX_POWER}")
        return int(value)

    def literal(self, node: ast.Constant) -> Decimal:
        """The number as written; the float the parser made of it is not looked at."""
        text = ast.get_source_segment(self.expression, node) or ""
        try:
            return parse_decimal(text)
        except InvalidInput as error:
            raise self.refusal(f"has “{text}” where a number belongs") from error

    def named(self, name: str) -> T:
        if name not in self.names:
            raise self.refusal(f"asks for “{name}”, which is not an input")
        return self.names[name]

    def refusal(self, problem: str) -> FormulaRefused:
        return FormulaRefused(f"The formula “{self.expression}” {problem}.", formula=self.expression)


def _parse(expression: str) -> ast.expr:
    if len(expression) > MAX_CHARACTERS:
        raise FormulaRefused(f"A formula has at most {MAX_CHARACTERS} characters.", formula=expression)
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaRefused(f"“{expression}” is not a formula.", formula=expression) from error


def _unit(text: str) -> "_PintUnit":
    unit: _PintUnit = parse_unit(text)
    return unit


class _PintUnit(Protocol):
    def __mul__(self, other: "_PintUnit") -> "_PintUnit": ...
    def __truediv__(self, other: "_PintUnit") -> "_PintUnit": ...
    def __pow__(self, exponent: int) -> "_PintUnit": ...


def _factor(source: str, target: str) -> Decimal:
    try:
        return unit_factor(source, target)
    except InvalidInput as error:
        raise FormulaRefused(error.message, **error.details) from error


def _in_unit(quantity: Quantity, unit: str) -> Quantity:
    try:
        return convert(quantity, unit)
    except InvalidInput as error:
        raise FormulaRefused(error.message, **error.details) from error
