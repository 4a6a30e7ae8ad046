"""Everything the run screen shows about one step, in one answer."""

from __future__ import annotations

from typing import Any

from batches.judgement import Verdict
from batches.manifest import current_results
from batches.models import BatchException, CalculatedValue, Entry, Reading, Step
from batches.policy import VERIFIED, breach_text, goes_below_zero, limits_text
from batches.queries.blind import blind_asked
from batches.queries.calls import call_at
from batches.queries.coming_back import with_identity
from batches.queries.exception_words import words_of
from batches.queries.gates import are_beside, reasons_at_another_terminal, reasons_step_blocked
from batches.queries.holder import holder_shown
from batches.queries.inputs import lots_asked
from batches.queries.missing import reasons_incomplete
from batches.queries.paper_forms import forms_of_step
from batches.queries.redlines import credit_of
from batches.queries.run_parts import (
    command,
    decision,
    equipment,
    iso,
    material,
    photos,
    sample,
    scan,
    text,
    timer,
    transfer,
)
from batches.queries.without_network import without_network
from batches.recorded import read_ahead
from batches.states import State
from mes import clock
from mes.accounts.models import User
from mes.errors import Reason
from mes.phrases import Phrase
from mes.records.queries import manifest_digest, manifest_now, seal_holds, signatures_of
from mes.records.standing import judged, known_versions
from recipes.document import Entry as EntrySpec


def run_screen(step: Step, user: User, *, shared: bool = False) -> dict[str, Any]:
    """The step as a dict of plain JSON values (decimals as text, times ISO 8601).

    `shared`: the second person signs on the screen of the first, so what they must not see is not on it either.
    """
    read_ahead([step])
    gates = reasons_step_blocked(step, user) if step.status == State.IDLE else []
    missing = with_identity(step, user, reasons_incomplete(step)) if step.status == State.RUNNING else []
    digest = manifest_digest(step)
    signature = _signature(step, digest)
    holder = holder_shown(step, user)
    hidden = _is_hidden(step, user, signature, is_read_only=holder is not None, shared=shared)
    asked = blind_asked(step) if hidden else []
    return {
        "id": str(step.id),
        "version": step.version,
        **_says(step),
        "added": credit_of(step),
        "batch": _batch(step),
        "unit_procedure": step.operation.unit_procedure.name,
        "operation": step.operation.name,
        "day": step.operation.day,
        "performer": step.performer.printed_name if step.performer else None,
        "started_at": iso(step.started_at),
        "ended_at": iso(step.ended_at),
        "entries": _entries(step, hidden=hidden),
        "results": [] if hidden else [_result(step, each) for each in current_results(step).values()],
        "scan": scan(step),
        "materials": [material(step, need) for need in step.says.materials],
        "lots_needed": lots_asked(step),
        "equipment": equipment(step),
        "room": {"code": step.room.code, "name": step.room.name} if step.room else None,
        "command": command(step),
        "timer": timer(step),
        "decision": decision(step),
        "transfer": transfer(step),
        "sample": sample(step),
        "photos": {"asked": [], "taken": []} if hidden else photos(step),
        "forms": [form.number for form in forms_of_step(step)] if step.status == State.RUNNING else [],
        "signature": signature,
        "values_hidden": hidden,
        "blind_names": [each["name"] for each in asked],
        "blind_asked": asked,
        "manifest": {} if hidden else step.manifest(),
        "digest": digest,
        "gates": _reasons(gates),
        "missing": _reasons(missing),
        "exceptions": [] if hidden else _exceptions(step),  # their words hold values
        "call": call_at(step),
        "holder": holder,
        "not_here": _reasons(reasons_at_another_terminal(step, user)) if step.status == State.RUNNING else [],
        "acts": _acts(step, gates, missing, signature),
        "offline": without_network(step),
        **_neighbours(step),
    }


def _is_hidden(step: Step, user: User, signature: dict[str, Any], *, is_read_only: bool, shared: bool) -> bool:
    """A second person who reads blind does not see the first values before having given their own: not while somebody
    else is still at them either."""
    if step.says.signature != "verified_blind":
        return False
    waits = bool(signature["waits_for_second_person"])
    return (waits and shared) or ((waits or is_read_only) and user.id not in step.performer_ids())


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
        "deviation_reasons": list(says.deviation_reasons),
        "deviation_second_person": says.deviation_second_person,
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
        "clock": clock.scale_words(batch.site),
    }


def _entries(step: Step, *, hidden: bool) -> list[dict[str, Any]]:
    """Each value the recipe asks for, with the one in force and those it superseded."""
    values: dict[str, list[Entry]] = {}
    former = {} if hidden else _former_values(step)
    found = step.entries.filter(attempt=step.attempt, reading=Reading.FIRST)
    for entry in found.select_related("by", "form"):
        values.setdefault(entry.name, []).append(entry)
    return [
        _entry(step, spec, [] if hidden else values.get(spec.id, [])) | {"last": former.get(spec.id)}
        for spec in step.says.entries
    ]


def _former_values(step: Step) -> dict[str, str]:
    """The last of each that an earlier step of the same part of the batch asked for in the same words and unit: a
    volume of one part says nothing of the volume of another."""
    asked = _numbers_of(step)
    if step.status != State.RUNNING or not asked:
        return {}
    part = step.operation.unit_procedure_id
    found = Entry.objects.filter(
        step__operation__unit_procedure=part, step__position__lt=step.position, name__in=asked, reading=Reading.FIRST
    )
    rows = found.filter(superseded_by__isnull=True).exclude(verdict=Verdict.NOT_APPLICABLE).order_by("at", "id")
    return {
        row.name: row.value
        for row in rows.select_related("step")
        if _numbers_of(row.step).get(row.name) == asked[row.name]
    }


def _numbers_of(step: Step) -> dict[str, tuple[str, str]]:
    """Label and unit of each number the step asks for."""
    return {spec.id: (spec.name, spec.unit) for spec in step.says.entries if spec.type == "number"}


def _entry(step: Step, spec: EntrySpec, values: list[Entry]) -> dict[str, Any]:
    lines = [_value(step, spec, entry) for entry in values]
    return {
        "name": spec.id,
        "label": spec.name,
        "type": spec.type,
        "unit": spec.unit,
        "precision": spec.precision,
        "low": text(spec.low),
        "high": text(spec.high),
        "low_strict": spec.low_strict,
        "high_strict": spec.high_strict,
        "alert_low": text(spec.alert_low),
        "alert_high": text(spec.alert_high),
        "target": text(spec.target),
        "goes_below_zero": goes_below_zero(spec),
        "critical": spec.critical,
        "required": spec.required,
        "can_be_left_out": spec.can_be_left_out,
        "choices": list(spec.answers),
        "accepted": list(spec.accepted),
        "limits_text": limits_text(spec),
        "illustrative": spec.illustrative,
        "citation": spec.citation or "",
        "value": lines[-1] if lines else None,
        "history": lines[:-1],
    }


def _value(step: Step, spec: EntrySpec, entry: Entry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "value": entry.value,
        "unit": entry.unit,
        "verdict": entry.verdict,
        "by": entry.by.printed_name,
        "at": iso(entry.done_at),
        "recorded_at": iso(entry.at),
        "reason": entry.reason,
        "performed_at": iso(entry.performed_at),
        "is_late": entry.is_late,
        "note": _note(step, entry),
        "breach": breach_text(spec, entry.value, entry.unit) if entry.verdict == Verdict.OUT_OF_LIMIT else "",
    }


def _note(step: Step, entry: Entry) -> str:
    """What has to be read beside the value: why there is none, or when it was really done."""
    if not entry.is_a_value:
        return entry.reason
    if entry.performed_at is None:
        return ""
    done, recorded = (clock.on_the_wall(step.site, each) for each in (entry.performed_at, entry.done_at))
    times = Phrase("done {done}, recorded {recorded}", done=done, recorded=recorded)
    if entry.form:
        times = Phrase("{times} from form {form}", times=times, form=entry.form)
    return Phrase("{times}, late: {reason}", times=times, reason=entry.reason) if entry.is_late else times


def _result(step: Step, result: CalculatedValue) -> dict[str, Any]:
    rule = step.says.calculation
    return {
        "name": result.name,
        "label": (rule and rule.name) or result.name,
        "value": result.value,
        "shown": result.shown,
        "unit": result.unit,
        "verdict": result.verdict,
        "formula": result.formula,
        "formula_version": result.formula_version,
        "inputs": result.inputs,
        "rounding": result.rounding,
        "breach": _breach_of_result(step, result),
    }


def always_full(step: Step) -> list[str]:
    """The meanings for which a PIN is not enough at this step: by its recipe all, by its site some."""
    return ["performed", "verified"] if step.says.credential == "full" else sorted(step.site.full_credential_for)


def _breach_of_result(step: Step, result: CalculatedValue) -> str:
    rule = step.says.calculation
    is_out = rule is not None and result.verdict == Verdict.OUT_OF_LIMIT
    return breach_text(rule, result.value, result.unit) if rule and is_out else ""


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
            "at": iso(each.at),
            "timezone": each.timezone,
            "valid": each.manifest_digest == digest and not each.is_withdrawn and seal_holds(each),
            "note": judged(each, now, versions).note,
        }
        for each in found
    ]
    # The latest signature of a meaning counts.
    valid = {line["meaning"]: line["valid"] for line in lines}
    performed, verified = (bool(valid.get(meaning)) for meaning in ("performed", "verified"))
    return {
        "policy": policy,
        "always_full": always_full(step),
        "performed": performed,
        "verified": verified,
        "waits_for_second_person": policy in VERIFIED and performed and not verified,
        "lines": lines,
    }


def _exceptions(step: Step) -> list[dict[str, Any]]:
    found = list(step.exceptions.select_related("deviation"))
    words = words_of(found)
    return [_exception(each, words[each.pk]) for each in found]


def _exception(found: BatchException, words: str) -> dict[str, Any]:
    return {
        "id": str(found.id),
        "kind": found.kind,
        "severity": found.severity,
        "blocks": found.blocks,
        "text": words,
        "status": found.status,
        "value": found.data.get("value"),
        "deviation": found.deviation.number if found.deviation else None,
    }


AT_ONCE = ("scan", "deviation")  # the bag in hand first; then nobody goes on past a value that is out of its limits


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
        "photo_missing": "photo",
        "decision_missing": "decide",
        "transfer_missing": "sample" if step.says.sample else "transfer",
        "command_missing": "send",
        "command_failed": "send",
        "deviation_missing": "deviation",
    }
    acts = list(dict.fromkeys(by_reason[each.code] for each in missing if each.code in by_reason))
    acts.sort(key=lambda act: AT_ONCE.index(act) if act in AT_ONCE else len(AT_ONCE))
    return acts if missing else ["complete"]


AHEAD = 3  # steps a tablet keeps for the time without network


def _neighbours(step: Step) -> dict[str, Any]:
    steps = list(
        Step.objects.filter(batch=step.batch_id, needed=True)
        .order_by("position")
        .only("id", "key", "name", "kind", "position", "batch_id", "status", "group", "operation_id")
    )
    at = next((n for n, each in enumerate(steps) if each.id == step.id), None)
    before = steps[at - 1] if at else None
    after = [] if at is None else steps[at + 1 : at + 1 + AHEAD]
    following = [_line(each) for each in after]
    beside = [_line(each) for each in steps if each.id != step.id and _is_open_beside(each, step)]
    # What fell away is not counted, neither before this step nor in all.
    place = {"position": step.position if at is None else at + 1, "of": len(steps)}
    return (
        place
        | {"previous": _line(before), "next": next(iter(following), None)}
        | {
            "following": following,
            "beside": beside,
        }
    )


def _is_open_beside(other: Step, step: Step) -> bool:
    """Another branch: a step of the same parallel group that is still to be done."""
    return other.status != State.COMPLETE and are_beside(other, step)


def _line(step: Step | None) -> dict[str, str] | None:
    if step is None:
        return None
    return {"id": str(step.id), "key": step.key, "title": step.name, "kind": step.kind}


def _reasons(reasons: list[Reason]) -> list[dict[str, str]]:
    return [{"code": r.code, "message": r.message, "subject": r.subject} for r in reasons]
