"""What the recipe asks of a step, in words people read."""

from recipes.document import Calculation, Entry

VERIFIED = ("verified_observed", "verified_blind")


def meanings_asked(policy: str) -> tuple[str, ...]:
    """The signatures a policy asks for, in their order."""
    if policy == "none":
        return ()
    return ("performed", "verified") if policy in VERIFIED else ("performed",)


def limits_text(rule: Entry | Calculation) -> str:
    """The limits in words, with the unit: “Limits ≥ 1.5 and ≤ 2.5 %”."""
    accepted = getattr(rule, "accepted", ())
    if accepted:
        return f"Accepted: {', '.join(accepted)}"
    low = "" if rule.low is None else f"{'>' if rule.low_strict else '≥'} {rule.low:f}"
    high = "" if rule.high is None else f"{'<' if rule.high_strict else '≤'} {rule.high:f}"
    ends = " and ".join(end for end in (low, high) if end)
    return f"Limits {ends} {rule.unit}".strip() if ends else "No limits"
