"""What a running step still needs before it can complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from batches.judgement import Verdict
from batches.models import BatchException, Deviation, ExceptionKind, Step
from batches.policy import labels_of
from batches.queries.gates import binding_of
from batches.queries.rank import words_to_approve
from batches.recorded import Recorded, recorded_in
from equipment.classes import class_name
from equipment.models import Command as UnitCommand
from equipment.states import CommandStatus
from mes import clock
from mes.errors import Reason
from mes.phrases import Phrase

# These touch the patient's material, so they begin with a scan of its label.
SCANNED_KINDS = frozenset({"identity_check", "material_addition", "sample", "transfer"})


def needs_scan(step: Step) -> bool:
    return step.kind in SCANNED_KINDS


def is_scanned(step: Step) -> bool:
    """Was the right label read in this attempt?"""
    return step.scans.filter(attempt=step.attempt).exists()


def reasons_incomplete(step: Step, recorded: Recorded | None = None) -> list[Reason]:
    """Everything that is missing, in the order a person would do it. `recorded` when it was read already."""
    facts = recorded or recorded_in(step)
    return [reason for look in LOOKS for reason in look(step, facts)]


def _scan(step: Step, recorded: Recorded) -> Iterator[Reason]:
    if needs_scan(step) and not recorded.scans:
        yield Reason("scan_missing", "Scan the label of this patient's material.", step.key)


def _unit(step: Step, recorded: Recorded) -> Iterator[Reason]:
    alias = step.says.equipment
    if alias and binding_of(step) is None:
        yield Reason("unit_missing", words_to_scan(step.unit_class, alias), alias)
    if step.kind == "line_clearance" and step.room_id is None:
        yield Reason("room_missing", "Scan the room you cleared.", step.key)


def words_to_scan(unit_class: str, alias: str) -> Phrase:
    """The kind of unit, and what the recipe calls this one where that says more: the counter is the cell counter."""
    kind, name = class_name(unit_class), alias.replace("_", " ")
    if set(name.split()) <= set(kind.split()):
        return Phrase("Scan the {unit}.", unit=kind)
    return Phrase("Scan the {unit} ({alias}).", unit=kind, alias=name)


def _entries(step: Step, recorded: Recorded) -> Iterator[Reason]:
    values = recorded.values()
    for entry in step.says.entries:
        if entry.required and entry.id not in values:
            yield Reason("entry_missing", Phrase("Enter “{name}”.", name=entry.name), entry.id)


def _photos(step: Step, recorded: Recorded) -> Iterator[Reason]:
    taken = {row["name"] for row in recorded.photos}
    for need in step.says.photos:
        if need.required and need.id not in taken:
            yield Reason("photo_missing", Phrase("Take a photo: {name}.", name=need.name), need.id)


def _materials(step: Step, recorded: Recorded) -> Iterator[Reason]:
    used = {row["code"] for row in recorded.materials}
    for need in step.says.materials:
        if need.code not in used:
            yield Reason("material_missing", Phrase("Scan a lot of {code}.", code=need.code), need.code)


def _calculation(step: Step, recorded: Recorded) -> Iterator[Reason]:
    rule = step.says.calculation
    if rule and rule.result not in recorded.results():
        yield Reason(
            "result_missing", Phrase("“{result}” is not computed yet.", result=rule.name or rule.result), rule.result
        )


def _decision(step: Step, recorded: Recorded) -> Iterator[Reason]:
    if step.says.decision and not recorded.decisions:
        yield Reason("decision_missing", step.says.decision.question, step.key)


def _transfer(step: Step, recorded: Recorded) -> Iterator[Reason]:
    if (step.says.transfer or step.says.sample) and not recorded.transfers:
        yield Reason("transfer_missing", "Record into which container the material went.", step.key)


def _command(step: Step, recorded: Recorded) -> Iterator[Reason]:
    if not step.says.command:
        return
    command = last_command(step)
    if command is None:
        yield Reason("command_missing", _not_sent(step), step.key)
    elif command.status == CommandStatus.FAILED:
        yield Reason("command_failed", Phrase("The unit did not obey: {failure}", failure=command.failure), step.key)
    elif command.status != CommandStatus.CONFIRMED:
        yield Reason("command_open", "The unit has not confirmed the command yet.", step.key)


def _not_sent(step: Step) -> str:
    binding = binding_of(step)
    if binding is None or binding.unit.takes_commands:
        return "The command has not been sent to the unit."
    return f"Do it at {binding.unit}, which takes no commands from here, and confirm."


def last_command(step: Step) -> UnitCommand | None:
    """The latest command of this attempt."""
    given = step.commands.filter(attempt=step.attempt).select_related("command").last()
    return given.command if given else None


def _time(step: Step, recorded: Recorded) -> Iterator[Reason]:
    if step.not_before and clock.now(step.site) < step.not_before:
        words = Phrase("Not before {when}.", when=clock.show(step.site, step.not_before))
        yield Reason("too_early", words, step.key)


def _deviation(step: Step, recorded: Recorded) -> Iterator[Reason]:
    """A value outside its limits that is the true reading goes on only with a deviation (R-088)."""
    values = [*recorded.values().values(), *recorded.results().values()]
    out = {row["id"]: row for row in values if row["verdict"] == Verdict.OUT_OF_LIMIT}
    if not out:
        return
    covered = BatchException.objects.filter(
        step=step, kind=ExceptionKind.OUT_OF_LIMIT, deviation__isnull=False
    ).values_list("data__value", flat=True)
    labels = labels_of(step.says)
    for value_id in out.keys() - set(covered):
        row = out[value_id]
        shown = f"{labels[row['name']]} {row.get('shown', row['value'])} {row['unit']}".strip()
        words = Phrase("{shown} is outside its limits. Correct it, or record a deviation.", shown=shown)
        yield Reason("deviation_missing", words, row["name"])


def _investigation(step: Step, recorded: Recorded) -> Iterator[Reason]:
    """A yield outside its limits holds its step until the investigation is approved (R-092)."""
    numbers = [row["deviation"] for row in recorded.investigations]
    found = {each.number: each for each in Deviation.objects.filter(number__in=numbers)} if numbers else {}
    for row in recorded.investigations:
        words = Phrase("{text}. {approval}", text=row["text"], approval=words_to_approve(found[row["deviation"]]))
        yield Reason("deviation_open", words, row["id"])


LOOKS: tuple[Callable[[Step, Recorded], Iterator[Reason]], ...] = (
    _scan,
    _unit,
    _entries,
    _photos,
    _materials,
    _calculation,
    _decision,
    _transfer,
    _command,
    _time,
    _deviation,
    _investigation,
)
