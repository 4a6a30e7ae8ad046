"""Numbers, limits and durations as people write them, always with their unit."""

from decimal import Decimal

from recipes.document import Limits, Output, Parameter

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
NARROW_SPACE = "\u202f"
DAY = 24 * 60
HOUR = 60


def number(value: Decimal) -> str:
    """Digits as people write them: 37, 0.5, 2 × 10⁹ from a million on."""
    if abs(value) < 10**6:
        return f"{value:f}"
    exponent = value.adjusted()
    mantissa = f"{value.scaleb(-exponent).normalize():f}"
    power = f"10{str(exponent).translate(SUPERSCRIPTS)}"
    return power if mantissa == "1" else f"{mantissa} × {power}"


def amount(value: Decimal, unit: str) -> str:
    """A number and its unit, which stay on one line."""
    return f"{number(value)}{NARROW_SPACE}{unit}" if unit else number(value)


def limits(bounds: Limits | Parameter, unit: str) -> str:
    """`80 to 100 %`, `more than 5 %`, `-120 °C or less`; empty without limits."""
    low, high = bounds.low, bounds.high
    low_strict = isinstance(bounds, Limits) and bounds.low_strict
    high_strict = isinstance(bounds, Limits) and bounds.high_strict
    if low is not None and high is not None and not (low_strict or high_strict):
        return f"{number(low)} to {amount(high, unit)}"
    parts = []
    if low is not None:
        parts.append(f"more than {amount(low, unit)}" if low_strict else f"{amount(low, unit)} or more")
    if high is not None:
        parts.append(f"less than {amount(high, unit)}" if high_strict else f"{amount(high, unit)} or less")
    return " and ".join(parts)


def judged(bounds: Limits, unit: str) -> str:
    """Everything a value is judged by: limits, alert limits, target, critical."""
    alert = Limits(low=bounds.alert_low, high=bounds.alert_high)
    parts = [limits(bounds, unit)]
    if words := limits(alert, unit):
        parts.append(f"alert outside {words}")
    if bounds.target is not None:
        parts.append(f"target {amount(bounds.target, unit)}")
    if bounds.critical:
        parts.append("critical")
    return ", ".join(part for part in parts if part)


def minutes(value: Decimal) -> str:
    """`4 days`, `6 h`, `30 min`: the largest unit that needs no fraction."""
    for size, one, many in ((DAY, "day", "days"), (HOUR, "h", "h")):
        if value and value % size == 0:
            count = value // size
            return f"{number(count)} {one if count == 1 else many}"
    return f"{number(value)} min"


def yields(output: Output) -> str:
    """The theoretical yield and the limits that open an investigation."""
    low, high = number(output.low_percent), number(output.high_percent)
    return f"{amount(output.theoretical, output.unit)}, {low} to {high} %"
