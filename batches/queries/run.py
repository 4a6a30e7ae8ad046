"""Everything the run screen shows about one step, in one answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from batches.manifest import current_results
from batches.models import BatchException, Entry, Reading, Step
from batches.policy import VERIFIED, limits_text
from batches.queries.blind import blind_names
from batches.queries.gates import binding_of, reasons_step_blocked
from batches.queries.inputs import lots_asked, value_of
from batches.queries.live import live_at
from batches.queries.missing import last_command, needs_scan, reasons_incomplete
from batches.recorded import read_ahead
from batches.states import State
from equipment.models import Unit
from mes import clock
from mes.accounts.models import User
from mes.errors import Reason
from mes.quantities import convert
from mes.records.queries import manifest_digest, manifest_now, seal_holds, signatures_of
from mes.records.standing import judged, known_versions
from recipes.document import Entry as EntrySpec
from recipes.document import MaterialNeed


def run_screen(step: Step, user: User) -> dict[str, Any]:
    """The step as a dict of plain JSON values (decimals as text, times ISO 8601)."""
    read_ahead([step])
    gates = reasons_step_blocked(step, user) if step.status == State.IDLE else []
    missing = reasons_incomplete(step) if step.status == State.RUNNING else []
    digest = manifest_digest(step)
    signature = _signature(step, digest)
    hidden = _is_hidden(step, user, signature)
    return {
        "id": str(step.id),
        "version": step.version,
        **_says(step),
        "batch": _batch(step),
        "unit_procedure": step.operation.unit_procedure.name,
        "operation": step.operation.name,
        "day": step.operation.day,
        "performer": step.performer.printed_name if step.performer else None,
        "started_at": _iso(step.started_at),
        "ended_at": _iso(step.ended_at),
        "entries": _entries(step, hidden=hidden),
        "results": [] if hidden else [_result(each) for each in current_results(step).values()],
        "scan": _scan(step),
        "materials": [_material(step, need) for need in step.says.materials],
        "lots_needed": lots_asked(step),
        "equipment": _equipment(step),
        "room": {"code": step.room.code, "name": step.room.name} if step.room else None,
        "command": _command(step),
        "timer": _timer(step),
        "decision": _decision(step),
        "transfer": _transfer(step),
        "sample": _sample(step),
        "signature": signature,
        "values_hidden": hidden,
        "blind_names": blind_names(step) if hidden else [],
        "manifest": {} if hidden else step.manifest(),
        "digest": digest,
        "gates": _reasons(gates),
        "missing": _reasons(missing),
        "exceptions": [_exception(each) for each in _exceptions(step)],
        "acts": _acts(step, gates, missing, signature),
        **_neighbours(step),
    }


def _is_hidden(step: Step, user: User, signature: dict[str, Any]) -> bool:
    """A second person who reads blind does not see the first values before having given their own."""
    waits = bool(signature["waits_for_second_person"])
    is_blind = step.says.signature == "verified_blind"
    return waits and is_blind and user.id not in step.performer_ids()


def _says(step: Step) -> dict[str, Any]:
    says = step.says
    return {
        "key": step.key,
        "kind": step.kind,
        "title": says.title,
        "text": says.text,
        "citation": says.citation or "",
        "illustrative": says.illustrative,
        "severity": says.severity,
        "blocks": says.blocks,
        "status": step.status,
        "attempt": step.attempt,
        "needed": step.needed,
        "position": step.position,
        "grade": step.grade,
    }


def _batch(step: Step) -> dict[str, Any]:
    batch = step.batch
    version = batch.recipe_version
    return {
        "id": str(batch.id),
        "number": batch.number,
        "coi_id": batch.coi_id,
        "coi_short": batch.order.short,
        "second_identifier": batch.order.patient.second_identifier,
        "second_identifier_kind": batch.order.patient.second_identifier_kind,
        "status": batch.status,
        "recipe": version.recipe.code,
        "recipe_version": version.number,
        "suite": batch.suite,
        "clock": clock.scale_mark(batch.site),
    }


def _entries(step: Step, *, hidden: bool) -> list[dict[str, Any]]:
    """Each value the recipe asks for, with the one in force and those it superseded."""
    values: dict[str, list[Entry]] = {}
    found = step.entries.filter(attempt=step.attempt, reading=Reading.FIRST)
    for entry in found.select_related("by"):
        values.setdefault(entry.name, []).append(entry)
    return [_entry(spec, [] if hidden else values.get(spec.id, [])) for spec in step.says.entries]


def _entry(spec: EntrySpec, values: list[Entry]) -> dict[str, Any]:
    lines = [_value(entry) for entry in values]
    return {
        "name": spec.id,
        "label": spec.name,
        "type": spec.type,
        "unit": spec.unit,
        "precision": spec.precision,
        "low": _text(spec.low),
        "high": _text(spec.high),
        "low_strict": spec.low_strict,
        "high_strict": spec.high_strict,
        "alert_low": _text(spec.alert_low),
        "alert_high": _text(spec.alert_high),
        "target": _text(spec.target),
        "critical": spec.critical,
        "required": spec.required,
        "choices": list(spec.choices) or (["yes", "no"] if spec.type == "yes_no" else []),
        "accepted": list(spec.accepted),
        "limits_text": limits_text(spec),
        "illustrative": spec.illustrative,
        "citation": spec.citation or "",
        "value": lines[-1] if lines else None,
        "history": lines[:-1],
    }


def _value(entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "value": entry.value,
        "unit": entry.unit,
        "verdict": entry.verdict,
        "by": entry.by.printed_name,
        "at": _iso(entry.done_at),
        "recorded_at": _iso(entry.at),
        "reason": entry.reason,
    }


def _result(result: Any) -> dict[str, Any]:
    return {
        "name": result.name,
        "value": result.value,
        "shown": result.shown,
        "unit": result.unit,
        "verdict": result.verdict,
        "formula": result.formula,
        "formula_version": result.formula_version,
        "inputs": result.inputs,
        "rounding": result.rounding,
    }


def _scan(step: Step) -> dict[str, Any]:
    done = step.scans.filter(attempt=step.attempt).select_related("by")
    lines = [{"label": s.label, "by": s.by.printed_name, "at": _iso(s.done_at)} for s in done]
    return {"needed": needs_scan(step), "done": lines}


def _material(step: Step, need: MaterialNeed) -> dict[str, Any]:
    uses = step.materials.filter(attempt=step.attempt, material_code=need.code)
    lines = [
        {
            "lot": str(use.lot_use.lot),
            "quantity": use.quantity,
            "unit": use.unit,
            "by": use.by.printed_name,
            "at": _iso(use.done_at),
        }
        for use in uses.select_related("lot_use__lot__material", "by")
    ]
    return {
        "code": need.code,
        "quantity": _quantity_needed(step, need),
        "unit": need.unit,
        "tolerance_percent": _text(need.tolerance_percent),
        "illustrative": need.illustrative,
        "used": lines,
        "done": bool(lines),
    }


def _quantity_needed(step: Step, need: MaterialNeed) -> str | None:
    if need.quantity is not None:
        return _text(need.quantity)
    found = value_of(step.batch, need.quantity_from or "")
    return None if found is None else f"{convert(found, need.unit).value:.4f}"


def _equipment(step: Step) -> dict[str, Any] | None:
    if not step.says.equipment:
        return None
    binding = binding_of(step)
    return {
        "alias": step.says.equipment,
        "unit_class": step.unit_class,
        "bound": _unit(binding.unit) if binding else None,
        "live": live_at(step, binding.unit) if binding else [],
    }


def _unit(unit: Unit) -> dict[str, Any]:
    shown = {"id": str(unit.id), "code": unit.code, "name": unit.name, "room": unit.room.code}
    return shown | {"takes_commands": unit.takes_commands}


def _command(step: Step) -> dict[str, Any] | None:
    if step.says.command is None:
        return None
    given = last_command(step)
    points = step.says.command.setpoints.items()
    return {
        "name": step.says.command.name,
        "setpoints": [{"tag": tag, "value": _text(point.value), "unit": point.unit} for tag, point in points],
        "status": given.status if given else None,
        "failure": given.failure if given else "",
        "read_back": given.read_back if given else {},
    }


def _timer(step: Step) -> dict[str, Any] | None:
    if not step.says.hold:
        return None
    site = step.site
    return {
        "minutes": _text(step.says.hold.minutes),
        "tolerance_minutes": _text(step.says.hold.tolerance_minutes),
        "started_at": _iso(step.started_at),
        "due_at": _iso(step.due_at),
        "not_before": _iso(step.not_before),
        "late_after": _iso(step.late_after),
        "now": _iso(clock.now(site)),
        "clock_scale": str(site.clock_scale.normalize()),
    }


def _decision(step: Step) -> dict[str, Any] | None:
    rule = step.says.decision
    if rule is None:
        return None
    made = step.decisions.filter(attempt=step.attempt).last()
    return {
        "question": rule.question,
        "choices": list(rule.choices),
        "chosen": made.choice if made else None,
    }


def _transfer(step: Step) -> dict[str, Any] | None:
    rule = step.says.transfer
    if rule is None:
        return None
    into = [{"kind": e.kind, "count": e.count, "at_most": e.at_most} for e in rule.into]
    return {"action": rule.action, "into": into, "made": _made(step)}


def _sample(step: Step) -> dict[str, Any] | None:
    rule = step.says.sample
    if rule is None:
        return None
    return {
        "code": rule.code,
        "stage": rule.stage,
        "tests": list(rule.tests),
        "quantity": _text(rule.quantity),
        "unit": rule.unit,
        "made": _made(step),
    }


def _made(step: Step) -> list[str]:
    """Labels of the containers that were filled here."""
    moved = step.transfers.filter(attempt=step.attempt)
    labels = moved.values_list("transformation__links__target__label", flat=True)
    return sorted({label for label in labels if label})


def _signature(step: Step, digest: str) -> dict[str, Any]:
    policy = step.says.signature
    found = list(signatures_of(step))
    versions = known_versions(Step, [step.pk]) if found else set()
    now = manifest_now(step) if found else None
    lines = [
        {
            "printed_name": each.printed_name,
            "username": each.username,
            "role": each.role,
            "meaning": each.meaning,
            "at": _iso(each.at),
            "timezone": each.timezone,
            "valid": each.manifest_digest == digest and seal_holds(each),
            "note": judged(each, now, versions).note,
        }
        for each in found
    ]
    # The latest signature of a meaning counts.
    valid = {line["meaning"]: line["valid"] for line in lines}
    performed, verified = (bool(valid.get(meaning)) for meaning in ("performed", "verified"))
    return {
        "policy": policy,
        "performed": performed,
        "verified": verified,
        "waits_for_second_person": policy in VERIFIED and performed and not verified,
        "lines": lines,
    }


def _exceptions(step: Step) -> list[BatchException]:
    return list(step.exceptions.select_related("deviation"))


def _exception(found: BatchException) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "kind": found.kind,
        "severity": found.severity,
        "blocks": found.blocks,
        "text": found.text,
        "status": found.status,
        "value": found.data.get("value"),
        "deviation": found.deviation.number if found.deviation else None,
    }


def _acts(step: Step, gates: list[Reason], missing: list[Reason], signature: dict[str, Any]) -> list[str]:
    """The acts that make sense now; each service checks for itself."""
    if step.status == State.IDLE:
        return [] if gates else ["start"]
    if signature["waits_for_second_person"]:
        return ["verify", "correct"]
    if step.status != State.RUNNING:
        return ["correct"] if step.status == State.COMPLETE else []
    by_reason = {
        "scan_missing": "scan",
        "unit_missing": "unit",
        "room_missing": "unit",
        "entry_missing": "entry",
        "material_missing": "material",
        "result_missing": "material",
        "decision_missing": "decide",
        "transfer_missing": "sample" if step.says.sample else "transfer",
        "command_missing": "send",
        "command_failed": "send",
        "deviation_missing": "deviation",
    }
    acts = list(dict.fromkeys(by_reason[each.code] for each in missing if each.code in by_reason))
    return acts if missing else ["complete"]


AHEAD = 3  # steps a tablet keeps for the time without network


def _neighbours(step: Step) -> dict[str, Any]:
    steps = list(
        Step.objects.filter(batch=step.batch_id, needed=True)
        .order_by("position")
        .only("id", "key", "name", "kind", "position", "batch_id")
    )
    at = next((n for n, each in enumerate(steps) if each.id == step.id), None)
    before = steps[at - 1] if at else None
    after = [] if at is None else steps[at + 1 : at + 1 + AHEAD]
    following = [_line(each) for each in after]
    return {"of": len(steps), "previous": _line(before), "next": next(iter(following), None), "following": following}


def _line(step: Step | None) -> dict[str, str] | None:
    if step is None:
        return None
    return {"id": str(step.id), "key": step.key, "title": step.name, "kind": step.kind}


def _reasons(reasons: list[Reason]) -> list[dict[str, str]]:
    return [{"code": r.code, "message": r.message, "subject": r.subject} for r in reasons]


def _iso(moment: datetime | None) -> str | None:
    return clock.iso(moment) if moment else None


def _text(number: Any) -> str | None:
    return None if number is None else f"{number:f}"
