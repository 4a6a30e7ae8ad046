"""What a second person has to read again, without seeing what the first one read."""

from batches.manifest import current_entries, current_results
from batches.models import Step


def first_readings(step: Step) -> dict[str, tuple[str, str]]:
    """Value and unit of what can be read again: every value but free text, and results as they are shown."""
    spoken = {spec.id for spec in step.says.entries if spec.type != "text"}
    values = {name: (entry.value, entry.unit) for name, entry in current_entries(step).items() if name in spoken}
    results = {name: (result.shown, result.unit) for name, result in current_results(step).items()}
    return values | results


def blind_names(step: Step) -> list[str]:
    """The names of those values."""
    return list(first_readings(step))
