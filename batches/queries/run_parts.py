"""The parts of the run screen that only some kinds of step have, as plain JSON values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from batches.models import Batch, Step
from batches.queries.gates import binding_of
from batches.queries.inputs import value_of
from batches.queries.live import live_at
from batches.queries.missing import last_command, needs_scan
from batches.recorded import recorded_in
from batches.states import State
from chain_of_identity.models import Container
from equipment.classes import EQUIPMENT_CLASSES, class_name
from equipment.models import Unit
from mes import clock
from mes.quantities import convert
from recipes.document import MaterialNeed


def scan(step: Step) -> dict[str, Any]:
    done = step.scans.filter(attempt=step.attempt).select_related("by")
    lines = [{"label": s.label, "by": s.by.printed_name, "at": iso(s.done_at)} for s in done]
    return {"needed": needs_scan(step), "done": lines}


def material(step: Step, need: MaterialNeed) -> dict[str, Any]:
    uses = step.materials.filter(attempt=step.attempt, material_code=need.code)
    lines = [
        {
            "lot": str(use.lot_use.lot),
            "quantity": use.quantity,
            "unit": use.unit,
            "by": use.by.printed_name,
            "at": iso(use.done_at),
        }
        for use in uses.select_related("lot_use__lot__material", "by")
    ]
    return {
        "code": need.code,
        "quantity": _quantity_needed(step, need),
        "unit": need.unit,
        "tolerance_percent": text(need.tolerance_percent),
        "has_tolerance": bool(need.tolerance_percent),
        "illustrative": need.illustrative,
        "used": lines,
        "done": bool(lines),
    }


def _quantity_needed(step: Step, need: MaterialNeed) -> str | None:
    if need.quantity is not None:
        return text(need.quantity)
    found = value_of(step.batch, need.quantity_from or "")
    return None if found is None else f"{convert(found, need.unit).value:.4f}"


def equipment(step: Step) -> dict[str, Any] | None:
    if not step.says.equipment:
        return None
    binding = binding_of(step)
    return {
        "alias": step.says.equipment,
        "unit_class": step.unit_class,
        "class_name": class_name(step.unit_class),
        "bound": _unit(binding.unit) if binding else None,
        "live": live_at(step, binding.unit) if binding else [],
    }


def _unit(unit: Unit) -> dict[str, Any]:
    shown = {"id": str(unit.id), "code": unit.code, "name": unit.name, "room": unit.room.code}
    return shown | {"takes_commands": unit.takes_commands}


def command(step: Step) -> dict[str, Any] | None:
    if step.says.command is None:
        return None
    given = last_command(step)
    points, label = step.says.command.setpoints.items(), EQUIPMENT_CLASSES[step.unit_class].setpoint_label
    return {
        "name": step.says.command.name,
        "setpoints": [
            {"tag": tag, "label": label(tag), "value": text(point.value), "unit": point.unit} for tag, point in points
        ],
        "status": given.status if given else None,
        "failure": given.failure if given else "",
        "read_back": given.read_back if given else {},
    }


def _span(minutes: Decimal) -> str:
    """Two days are 48 h, not 2880 min."""
    return f"{text(minutes / 60)} h" if minutes >= 120 and not minutes % 60 else f"{text(minutes)} min"


def timer(step: Step) -> dict[str, Any] | None:
    if not step.says.hold:
        return None
    site = step.site
    return {
        "minutes": text(step.says.hold.minutes),
        "lasts": _span(step.says.hold.minutes),
        "tolerance_minutes": text(step.says.hold.tolerance_minutes),
        "started_at": iso(step.started_at),
        "due_at": iso(step.due_at),
        "not_before": iso(step.not_before),
        "late_after": iso(step.late_after),
        "opens": clock.on_the_wall(site, step.not_before) if step.not_before else "",
        "closes": clock.on_the_wall(site, step.late_after) if step.late_after else "",
        "now": iso(clock.now(site)),
        "clock_scale": str(site.clock_scale.normalize()),
    }


def decision(step: Step) -> dict[str, Any] | None:
    rule = step.says.decision
    if rule is None:
        return None
    made = step.decisions.filter(attempt=step.attempt).last()
    return {
        "question": rule.question,
        "choices": list(rule.choices),
        "chosen": made.choice if made else None,
    }


def photos(step: Step) -> dict[str, Any]:
    """What the recipe wants pictures of, and the ones that are in force."""
    recorded = recorded_in(step)
    taken = recorded.photos_in_force()
    asked = [
        {
            "name": need.id,
            "label": need.name,
            "required": need.required,
            "has_room": sum(row["name"] == need.id for row in taken) < need.at_most,
        }
        for need in step.says.photos
    ]
    return {"asked": asked, "taken": taken}


def transfer(step: Step) -> dict[str, Any] | None:
    rule = step.says.transfer
    if rule is None:
        return None
    into = [{"kind": e.kind, "count": e.count, "at_most": e.at_most} for e in rule.into]
    return {"action": rule.action, "into": into, "made": _made(step), "filled": _filled(step)}


def titles_of(batch: Batch, codes: Iterable[str]) -> list[str]:
    """The tests as the specification of the batch calls them; one it does not know by its code."""
    asked = cast(Callable[[Batch], dict[str, str]], import_string(settings.TITLES_OF_TESTS))
    known = asked(batch)
    return [known.get(code, code.replace("_", " ")) for code in codes]


def sample(step: Step) -> dict[str, Any] | None:
    rule = step.says.sample
    if rule is None:
        return None
    return {
        "code": rule.code,
        "stage": rule.stage,
        "tests": list(rule.tests),
        "test_titles": titles_of(step.batch, rule.tests),
        "quantity": text(rule.quantity),
        "unit": rule.unit,
        "made": _made(step),
    }


def _made(step: Step) -> list[str]:
    """Labels of the containers that were filled here."""
    moved = step.transfers.filter(attempt=step.attempt)
    labels = moved.values_list("transformation__links__target__label", flat=True)
    return sorted({label for label in labels if label})


def _filled(step: Step) -> list[dict[str, str]]:
    """Those containers with what was put into each, as long as nothing can have been taken out: while the step runs."""
    moved = step.transfers.filter(attempt=step.attempt) if step.status == State.RUNNING else step.transfers.none()
    held = Container.objects.filter(links_in__transformation__in=moved.values("transformation")).distinct()
    volumes = {each.label: each.volume for each in held}
    return [{"label": label, "volume": volumes.get(label, "")} for label in _made(step)]


def iso(moment: datetime | None) -> str | None:
    return clock.iso(moment) if moment else None


def text(number: Any) -> str | None:
    return None if number is None else f"{number:f}"
