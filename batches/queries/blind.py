"""What a second person has to read again, without seeing what the first one read."""

from batches.manifest import current_entries, current_results
from batches.models import Step


def first_readings(step: Step) -> dict[str, tuple[str, str]]:
    """Value and unit of what can be read again: every value but free text, and results as they are shown."""
    spoken = {spec.id for spec in step.says.entries if spec.type != "text"}
    entries = current_entries(step).items()
    values = {name: (each.value, each.unit) for name, each in entries if name in spoken and each.is_a_value}
    results = {name: (result.shown, result.unit) for name, result in current_results(step).items()}
    return values | results


def blind_asked(step: Step) -> list[dict[str, str]]:
    """Those values as somebody asks for them: name, label and unit, never what was read."""
    labels = {spec.id: spec.name for spec in step.says.entries}
    if rule := step.says.calculation:
        labels[rule.result] = rule.name or rule.result
    readings = first_readings(step).items()
    return [{"name": name, "label": labels[name], "unit": unit} for name, (_, unit) in readings]
