"""What the recipe asks of a step, in words people read."""

from mes.phrases import Phrase
from mes.quantities import Quantity, convert, parse_decimal, written
from recipes.document import Calculation, Entry
from recipes.document import Step as StepSpec

VERIFIED = ("verified_observed", "verified_blind")
CELSIUS = ("°C", "degC")


def meanings_asked(policy: str) -> tuple[str, ...]:
    """The signatures a policy asks for, in their order."""
    if policy == "none":
        return ()
    return ("performed", "verified") if policy in VERIFIED else ("performed",)


def labels_of(says: StepSpec) -> dict[str, str]:
    """What people call each value and result of a step, by its name."""
    labels = {spec.id: spec.name for spec in says.entries}
    if rule := says.calculation:
        labels[rule.result] = rule.name or rule.result
    return labels


ABOVE, BELOW = Phrase("above"), Phrase("below")
NOT_ABOVE, NOT_BELOW = Phrase("not above"), Phrase("not below")


def breach_text(rule: Entry | Calculation, value: str, unit: str) -> str:
    """Which limit a value outside its limits is beyond: “is above the limit 2.5 %”."""
    if getattr(rule, "accepted", ()):
        return Phrase("is not an accepted answer")
    number = convert(Quantity(parse_decimal(value), unit), rule.unit).value
    if rule.high is not None and number >= rule.high:
        limit = f"{rule.high:f} {written(rule.unit)}".strip()
        return Phrase("is {beyond} the limit {limit}", beyond=NOT_BELOW if number == rule.high else ABOVE, limit=limit)
    limit = f"{rule.low:f} {written(rule.unit)}".strip()
    return Phrase("is {beyond} the limit {limit}", beyond=NOT_ABOVE if number == rule.low else BELOW, limit=limit)


def goes_below_zero(spec: Entry) -> bool:
    """Whether a reading may be negative: by its limits, or a temperature that nothing keeps above zero."""
    ends = [each for each in (spec.low, spec.high, spec.alert_low, spec.alert_high, spec.target) if each is not None]
    return any(each < 0 for each in ends) or (spec.unit in CELSIUS and spec.low is None)


def limits_text(rule: Entry | Calculation) -> str:
    """The limits in words, with the unit: “Limits ≥ 1.5 and ≤ 2.5 %”."""
    accepted = getattr(rule, "accepted", ())
    if accepted:
        answers = Phrase(accepted[0]) if accepted in (("yes",), ("no",)) else ", ".join(accepted)
        return Phrase("Accepted: {answers}", answers=answers)
    low = "" if rule.low is None else f"{'>' if rule.low_strict else '≥'} {rule.low:f}"
    high = "" if rule.high is None else f"{'<' if rule.high_strict else '≤'} {rule.high:f}"
    if not low and not high:
        return Phrase("No limits")
    ends = Phrase("{low} and {high}", low=low, high=high) if low and high else low or high
    with_unit = Phrase("Limits {ends} {unit}", ends=ends, unit=written(rule.unit))
    return with_unit if rule.unit else Phrase("Limits {ends}", ends=ends)
