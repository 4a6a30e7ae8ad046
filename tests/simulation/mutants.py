"""Faults planted in the engine: one place of its source reads otherwise. The lives must notice each."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from types import CodeType, FunctionType
from typing import NamedTuple


class Noticed(NamedTuple):
    """By whom: `life` of `seed`, whose act number `acts` differed."""

    seed: int
    life: int
    acts: int


@dataclass(frozen=True)
class Mutant:
    """`place` is module:function, whose source says `becomes` instead of `was`."""

    name: str
    place: str
    was: str
    becomes: str

    def __str__(self) -> str:
        return self.name

    @property
    def noticed(self) -> Noticed:
        return NOTICED[self.name]

    @contextmanager
    def planted(self) -> Iterator[None]:
        """All who imported the function run the faulty one: only its code is exchanged."""
        function = self._function()
        sound = function.__code__
        function.__code__ = self._faulty(function)
        try:
            yield
        finally:
            function.__code__ = sound

    def _function(self) -> FunctionType:
        module, _, name = self.place.partition(":")
        found = inspect.unwrap(getattr(import_module(module), name))
        assert isinstance(found, FunctionType)
        return found

    def _faulty(self, function: FunctionType) -> CodeType:
        source = textwrap.dedent(inspect.getsource(function))
        assert source.count(self.was) == 1, f"{self.name}: {self.place} no longer says “{self.was}” once"
        compiled = compile(source.replace(self.was, self.becomes), self.place, "exec", dont_inherit=True)
        codes = (each for each in compiled.co_consts if isinstance(each, CodeType))
        return next(code for code in codes if code.co_name == function.__name__)


COMMANDS, ELEMENTS, DUE = "batches.services.commands", "batches.services.elements", "batches.services.due"
GATES, STEPS, ENTRIES = "batches.queries.gates", "batches.services.steps", "batches.services.entries"
FINISHING, MISSING, JUDGEMENT = "batches.services.finishing", "batches.queries.missing", "batches.judgement"
SECOND = "batches.services.second_person"
DRIVER, UNIT_COMMANDS = "equipment.gateway.driver", "equipment.services.commands"

MUTANTS = (
    # -- commands down, states up
    Mutant("the system restarts a batch", f"{COMMANDS}:_require_person", "and actor.is_system", "and False"),
    Mutant("a held batch goes on unsettled", f"{COMMANDS}:_require_gate", "Command.RESTART", "Command.START"),
    Mutant("a hold leaves no exception", f"{COMMANDS}:_write_exception", "in INTERRUPTING", "in ENDING"),
    Mutant("a repetition leaves no exception", f"{COMMANDS}:_write_exception", "== Command.RESET", "== None"),
    Mutant("a command is not signed", f"{COMMANDS}:command_batch", "if signer:", "if False:"),
    Mutant("a step of what is complete is repeated", f"{COMMANDS}:_require_open_operation", "COMPLETE:", "HELD:"),
    Mutant(
        "a step goes on alone in a held batch",
        f"{COMMANDS}:_require_open_operation",
        "operation.status != State.RUNNING",
        "False",
    ),
    Mutant("an aborted batch keeps its unit", f"{COMMANDS}:settle_by_rule", "in FINAL", "== State.COMPLETE"),
    Mutant("a unit that is not safe is not reported", f"{COMMANDS}:settle_by_rule", "State.ABORTED", "State.STOPPED"),
    Mutant("commands do not go down", f"{ELEMENTS}:command", "can_take(child, name)", "False"),
    Mutant("a step does not wait for its unit", f"{ELEMENTS}:_has_ended", ".filter(step_id=element.id)", ".none()"),
    Mutant("an abort does not wait for safety", f"{ELEMENTS}:_waits_for_safety", ".open()", ".none()"),
    Mutant("what is not needed is waited for", f"{ELEMENTS}:_is_required", "return child.needed", "return True"),
    Mutant("a repetition is no new attempt", f"{ELEMENTS}:_new_attempt", "element.attempt + 1", "element.attempt"),
    Mutant("a repeated step keeps its time", f"{ELEMENTS}:_new_attempt", '"late_after", ', ""),
    # -- gates
    Mutant("open exceptions do not block", f"{GATES}:reasons_unsettled", "*_blocking_exceptions(batch), ", ""),
    Mutant("open deviations do not block", f"{GATES}:reasons_unsettled", ", *_blocking_deviations(batch)", ""),
    Mutant("a step starts in a held batch", f"{GATES}:_not_running", "batch.status != State.RUNNING", "False"),
    Mutant("steps start in any order", f"{GATES}:_out_of_order", "if not waiting", "if True"),
    Mutant("neighbours are not parallel", f"{GATES}:are_beside", "return bool(step.group) and", "return False and"),
    Mutant("a window does not say too early", f"{JUDGEMENT}:window_after", "_later(start, at_least_minutes)", "None"),
    Mutant("a window does not say too late", f"{JUDGEMENT}:window_after", "_later(start, at_most_minutes)", "None"),
    Mutant("a hold opens with its full time", f"{JUDGEMENT}:hold_window", "minutes - tolerance", "minutes"),
    # -- values
    Mutant("a strict limit belongs to the range", f"{JUDGEMENT}:_below", "value <= low", "value < low"),
    Mutant("an upper limit does not", f"{JUDGEMENT}:_above", "value > high", "value >= high"),
    Mutant("decimals are not counted", f"{JUDGEMENT}:read_number", "-exponent > decimals", "False"),
    Mutant("a value is recorded twice", f"{ENTRIES}:refuse_second_value", "first := values", "first := values.none()"),
    Mutant("an entry delivered again is refused", f"{ENTRIES}:_recorded", "if entry_id is None", "if True"),
    Mutant("a corrected value still blocks", f"{ENTRIES}:_note_correction", "exception.blocks = False", "pass"),
    Mutant(
        "a corrected value is not carried on",
        f"{ENTRIES}:correct_entry",
        "recalculate_after(step, entry.name, event=event)",
        "pass",
    ),
    Mutant("a signed value is corrected unsigned", f"{ENTRIES}:_require_correctable", "if needs_signature", "if False"),
    # -- signed work and what follows
    Mutant(
        "work is recorded in a held step",
        "batches.services.running:require_running",
        "(step.batch, step)",
        "(step.batch,)",
    ),
    Mutant("an unfinished step completes", f"{STEPS}:complete_step", "if reasons:", "if False:"),
    Mutant("people verify their own work", f"{SECOND}:require_second_person", "in step.performer_ids()", "in ()"),
    Mutant("the second person is not waited for", f"{STEPS}:complete_step", "not in VERIFIED", "is not None"),
    Mutant("a deviation is not asked for", f"{MISSING}:_deviation", "if not out:", "if True:"),
    Mutant("a late end is noted at each look", f"{FINISHING}:note_late_end", "not known.exists()", "True"),
    Mutant("the path is not chosen", f"{FINISHING}:finish", "if step.says.decision", "if False"),
    Mutant("calculations wait for somebody", f"{FINISHING}:_is_automatic", "is_next and", "False and"),
    # -- what a clock moves on
    Mutant(
        "a hold ends at its lower tolerance", f"{DUE}:_ends_at", "hold.minutes", "hold.minutes - hold.tolerance_minutes"
    ),
    Mutant("what is late is not looked at again", f"{DUE}:_move_on", "step.late_after + JUST_AFTER", "None"),
    Mutant("a failed command holds nothing", f"{DUE}:_report_failure", "if step.says.blocks or", "if False and"),
    Mutant(
        "somebody else's batch is waited for",
        "batches.services.locks:free_batch",
        "skip_locked=True",
        "skip_locked=False",
    ),
    Mutant(
        "the beat overlooks who is on the way",
        f"{DUE}:due_batches",
        "Batch.objects.filter(status__in=TRANSIENT)",
        "Batch.objects.none()",
    ),
    # -- commands to the unit
    Mutant("sent again without asking the device", f"{DRIVER}:_take_up_again", "== command.id", "== 0"),
    Mutant("confirmed without reading back", f"{DRIVER}:_read_back", "if not differences", "if True"),
    Mutant("tried without end", f"{DRIVER}:_give_up_in_time", "if exhausted or", "if False and exhausted or"),
    Mutant("taken in hand by two", f"{DRIVER}:_claim", "skip_locked=True, ", ""),
    Mutant(
        "a failure leaves the unit as it is", f"{UNIT_COMMANDS}:fail_command", "if not locked.to_safety", "if False"
    ),
    Mutant(
        "a safe state is asked for again and again",
        f"{UNIT_COMMANDS}:fail_command",
        "if not locked.to_safety",
        "if True",
    ),
    Mutant("attempts are not counted", f"{UNIT_COMMANDS}:send_command", "locked.attempts += 1", "locked.attempts = 1"),
)

# Whatever changes what is drawn changes this; then another life is looked for, and may be written down here.
NOTICED = {
    "the system restarts a batch": Noticed(25, 17, 1),
    "a held batch goes on unsettled": Noticed(25, 14, 39),
    "a hold leaves no exception": Noticed(25, 1, 22),
    "a repetition leaves no exception": Noticed(25, 2, 40),
    "a command is not signed": Noticed(25, 0, 1),
    "a step of what is complete is repeated": Noticed(25, 0, 38),
    "a step goes on alone in a held batch": Noticed(4, 2, 17),
    "an aborted batch keeps its unit": Noticed(25, 14, 44),
    "a unit that is not safe is not reported": Noticed(25, 14, 44),
    "commands do not go down": Noticed(25, 2, 49),
    "a step does not wait for its unit": Noticed(25, 2, 32),
    "an abort does not wait for safety": Noticed(25, 28, 34),
    "what is not needed is waited for": Noticed(25, 0, 27),
    "a repetition is no new attempt": Noticed(25, 2, 40),
    "a repeated step keeps its time": Noticed(25, 2, 40),
    "open exceptions do not block": Noticed(25, 14, 39),
    "open deviations do not block": Noticed(29, 3, 13),
    "a step starts in a held batch": Noticed(25, 0, 44),
    "steps start in any order": Noticed(25, 0, 11),
    "neighbours are not parallel": Noticed(29, 5, 16),
    "a window does not say too early": Noticed(25, 0, 11),
    "a window does not say too late": Noticed(25, 0, 24),
    "a hold opens with its full time": Noticed(25, 2, 9),
    "a strict limit belongs to the range": Noticed(25, 3, 24),
    "an upper limit does not": Noticed(25, 0, 5),
    "decimals are not counted": Noticed(25, 3, 21),
    "a value is recorded twice": Noticed(25, 9, 11),
    "an entry delivered again is refused": Noticed(25, 1, 27),
    "a corrected value still blocks": Noticed(25, 19, 49),
    "a corrected value is not carried on": Noticed(25, 0, 49),
    "a signed value is corrected unsigned": Noticed(25, 6, 26),
    "work is recorded in a held step": Noticed(25, 1, 35),
    "an unfinished step completes": Noticed(25, 26, 50),
    "people verify their own work": Noticed(30, 31, 11),
    "the second person is not waited for": Noticed(25, 3, 12),
    "a deviation is not asked for": Noticed(29, 11, 10),
    "a late end is noted at each look": Noticed(25, 1, 13),
    "the path is not chosen": Noticed(25, 0, 13),
    "calculations wait for somebody": Noticed(25, 0, 25),
    "a hold ends at its lower tolerance": Noticed(25, 6, 12),
    "what is late is not looked at again": Noticed(25, 2, 13),
    "a failed command holds nothing": Noticed(25, 2, 49),
    "somebody else's batch is waited for": Noticed(25, 15, 49),
    "the beat overlooks who is on the way": Noticed(25, 28, 34),
    "sent again without asking the device": Noticed(25, 2, 33),
    "confirmed without reading back": Noticed(29, 0, 14),
    "tried without end": Noticed(8, 16, 25),
    "taken in hand by two": Noticed(30, 29, 13),
    "a failure leaves the unit as it is": Noticed(25, 2, 47),
    "a safe state is asked for again and again": Noticed(58, 23, 18),
    "attempts are not counted": Noticed(25, 26, 33),
}
