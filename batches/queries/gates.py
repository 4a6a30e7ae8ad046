"""Gates as lists of reasons. The same list greys the button and refuses in the service."""

from __future__ import annotations

from datetime import datetime

from batches.judgement import Window, window_after
from batches.models import Batch, BatchException, Deviation, LineClearance, Redline, Step, UnitBinding
from batches.queries.exception_words import words_of
from batches.queries.rank import needs_quality, who_decides, words_to_approve
from batches.states import DeviationState, ExceptionState, RedlineState, State
from chain_of_identity.queries import reasons_not_ready
from equipment.models import Room
from equipment.queries import reasons_room_unfit, reasons_unfit
from equipment.terminals.queries import reasons_not_from_here
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import reasons_not_qualified
from mes.errors import Reason
from mes.phrases import Phrase
from recipes.queries import effective_version


def reasons_not_startable(batch: Batch) -> list[Reason]:
    """Why a batch may not start: not issued, material not ready, recipe no longer in force."""
    reasons = []
    if batch.cancelled_at:
        reasons.append(Reason("cancelled", "The batch was cancelled.", batch.number))
    if not batch.issued_at:
        reasons.append(Reason("not_issued", "The batch record has not been issued.", batch.number))
    version = batch.recipe_version
    if batch.attempt == 1 and effective_version(batch.site, version.recipe.code, clock.now(batch.site)) != version:
        reasons.append(
            Reason(
                "recipe_not_in_force", Phrase("{version} is no longer in force.", version=version), version.recipe.code
            )
        )
    return [*reasons, *reasons_not_ready(batch.order)]


def reasons_unsettled(batch: Batch) -> list[Reason]:
    """What must be settled before a held batch or the next step goes on: nobody passes a hard stop alone."""
    return [*_blocking_exceptions(batch), *_blocking_deviations(batch)]


def reasons_step_blocked(step: Step, actor: User) -> list[Reason]:
    """Why this person may not start this step now; empty means they may."""
    at = clock.now(step.site)
    return [
        *reasons_at_another_terminal(step, actor),
        *_not_running(step),
        *_out_of_order(step),
        *_before_redline(step),
        *reasons_not_trained(step.batch, actor, at),
        *reasons_unsettled(step.batch),
        *_not_cleared(step),
        *_unit_unfit(step, at),
        *_too_early(step, at),
    ]


def reasons_not_trained(batch: Batch, person: User, at: datetime) -> list[Reason]:
    """Training on exactly this recipe version (R-037). What the system does by rule needs no training."""
    if person.is_system:
        return []
    version = batch.recipe_version
    return reasons_not_qualified(person, f"recipe:{version.recipe.code}", version.number, at)


def start_window(step: Step) -> Window | None:
    """When the step may start, counted from the end of the step its window names; None without a window."""
    rule = step.says.window
    if rule is None:
        return None
    before = Step.objects.get(batch=step.batch_id, key=rule.after)
    if before.ended_at is None:
        return None
    return window_after(before.ended_at, rule.at_least_minutes, rule.at_most_minutes)


def clearance_in_force(batch: Batch) -> LineClearance | None:
    """The last line clearance of the batch, whose room is its room until the next."""
    found = LineClearance.objects.filter(batch=batch).select_related("room").order_by("at", "id")
    return found.last()


def binding_of(step: Step) -> UnitBinding | None:
    """The unit that stands for the step's equipment now."""
    found = UnitBinding.objects.filter(batch=step.batch_id, alias=step.says.equipment or "", until__isnull=True)
    return found.select_related("unit__room", "unit__site").first()


def room_of(step: Step) -> Room | None:
    """Where the step is worked on, as far as anybody has said."""
    if step.room:
        return step.room
    binding = binding_of(step) if step.says.equipment else None
    if binding is not None:
        return binding.unit.room
    clearance = clearance_in_force(step.batch)
    return clearance.room if clearance else None


def reasons_at_another_terminal(step: Step, actor: User) -> list[Reason]:
    """Why this person does not work on the step from where they ask (R-058)."""
    return reasons_not_from_here(actor, step.site, lambda: room_of(step))


def _not_running(step: Step) -> list[Reason]:
    batch = step.batch
    if not batch.issued_at:
        return [Reason("not_issued", "The batch record has not been issued.", batch.number)]
    reasons = []
    if batch.status != State.RUNNING:
        words = Phrase("The batch is {status}, not running.", status=Phrase(batch.get_status_display().lower()))
        reasons.append(Reason("batch_not_running", words, batch.number))
    if step.status != State.IDLE:
        words = Phrase("The step is {status} already.", status=Phrase(step.get_status_display().lower()))
        reasons.append(Reason("step_not_idle", words, step.key))
    if not step.needed:
        reasons.append(Reason("not_needed", "The path decided on leaves this step out.", step.key))
    return reasons


def _out_of_order(step: Step) -> list[Reason]:
    """Earlier steps come first; neighbours of one parallel group do not wait for each other."""
    earlier = Step.objects.open().filter(batch=step.batch_id, position__lt=step.position)
    waiting = [each for each in earlier.order_by("position") if not are_beside(each, step)]
    if not waiting:
        return _after_step_of_window(step)
    first = waiting[0]
    return [Reason("earlier_step_open", Phrase("Step {first} comes first.", first=first), first.key)]


def are_beside(other: Step, step: Step) -> bool:
    """Are these of one parallel group?"""
    return bool(step.group) and (other.group, other.operation_id) == (step.group, step.operation_id)


def _before_redline(step: Step) -> list[Reason]:
    """Somebody wants a step between, and that this is decided on first."""
    waiting = Redline.objects.filter(batch=step.batch_id, waits=True, status=RedlineState.PROPOSED)
    found = waiting.filter(after__position__lt=step.position).select_related("after")
    return [
        Reason(
            "redline_open",
            Phrase("The addition {each} is not decided on yet. {who}", each=each, who=who_decides(each)),
            each.key,
        )
        for each in found
        if not are_beside(each.after, step)
    ]


def _after_step_of_window(step: Step) -> list[Reason]:
    rule = step.says.window
    if rule is None:
        return []
    before = Step.objects.get(batch=step.batch_id, key=rule.after)
    if not before.needed or before.status == State.COMPLETE:
        return []
    return [Reason("earlier_step_open", Phrase("Step {before} comes first.", before=before), before.key)]


def _too_early(step: Step, at: datetime) -> list[Reason]:
    window = start_window(step)
    if window is None or not window.too_early(at):
        return []
    opens = clock.show(step.site, window.opens)
    return [Reason("too_early", Phrase("Not before {opens}.", opens=opens), step.key)]


def _blocking_exceptions(batch: Batch) -> list[Reason]:
    found = list(BatchException.objects.filter(batch=batch, blocks=True, status=ExceptionState.OPEN))
    words = words_of(found)
    return [Reason("exception_open", _to_decide(each, words[each.pk]), str(each.pk)) for each in found]


def _to_decide(exception: BatchException, text: str) -> Phrase:
    if needs_quality(exception):
        return Phrase("Quality must decide first: {text}", text=text)
    return Phrase("A supervisor must decide first: {text}", text=text)


def _blocking_deviations(batch: Batch) -> list[Reason]:
    settled = (DeviationState.APPROVED, DeviationState.CLOSED)
    found = Deviation.objects.filter(batch=batch, blocks=True).exclude(status__in=settled)
    return [Reason("deviation_open", words_to_approve(each), str(each.id)) for each in found]


def _not_cleared(step: Step) -> list[Reason]:
    """Graded work needs a room that two people cleared for this batch and that is still its own."""
    if not step.grade or step.kind == "line_clearance" or not _clearance_asked(step):
        return []
    clearance = clearance_in_force(step.batch)
    if clearance is None:
        return [Reason("no_line_clearance", "The line has not been cleared for this batch.", step.key)]
    # First air of grade A comes from the cabinet or the closed unit; the room is its background.
    grade = clearance.room.grade if step.grade == "A" else step.grade
    return reasons_room_unfit(clearance.room, grade=grade, batch_id=step.batch_id)


def _clearance_asked(step: Step) -> bool:
    """Where the recipe clears the line at all, work after that point stands under it; a graded step always does."""
    before = Step.objects.filter(batch=step.batch_id, kind="line_clearance", position__lt=step.position)
    return bool(step.says.grade) or before.exists()


def _unit_unfit(step: Step, at: datetime) -> list[Reason]:
    """A unit bound earlier must still be fit. Where none is bound yet, it is judged when it is scanned."""
    binding = binding_of(step) if step.says.equipment else None
    if binding is None:
        return []
    return reasons_unfit(binding.unit, class_code=step.unit_class, batch_id=step.batch_id, at=at)
