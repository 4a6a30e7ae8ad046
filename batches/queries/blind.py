"""What a second person has to read again, without seeing what the first one read."""

from typing import Any

from batches.holding import TAKE_OVER
from batches.manifest import current_entries, current_results
from batches.models import Step
from batches.policy import goes_below_zero, labels_of
from mes.accounts.models import User
from mes.records.models import Event


def first_readings(step: Step) -> dict[str, tuple[str, str]]:
    """Value and unit of what can be read again: every value but free text, and results as they are shown."""
    spoken = {spec.id for spec in step.says.entries if spec.type != "text"}
    entries = current_entries(step).items()
    values = {name: (each.value, each.unit) for name, each in entries if name in spoken and each.is_a_value}
    results = {name: (result.shown, result.unit) for name, result in current_results(step).items()}
    return values | results


def blind_asked(step: Step) -> list[dict[str, Any]]:
    """Those values as somebody asks for them: name, label, unit, type and what can be chosen, never what was read."""
    labels, specs = labels_of(step.says), {spec.id: spec for spec in step.says.entries}
    found = [(name, unit, specs.get(name)) for name, (_, unit) in first_readings(step).items()]
    return [
        {
            "name": name,
            "label": labels[name],
            "unit": unit,
            "type": spec.type if spec else "number",
            "choices": list(spec.answers) if spec else [],
            "goes_below_zero": spec is not None and goes_below_zero(spec),
        }
        for name, unit, spec in found
    ]


def took_over(step: Step, user: User) -> bool:
    """Whether this person took over the step in this attempt: the values were on their screen then."""
    found = Event.objects.filter(action=TAKE_OVER, subject_id=step.pk, actor_id=user.pk)
    return found.filter(process_at__gte=step.started_at).exists()
