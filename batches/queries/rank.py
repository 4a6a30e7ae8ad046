"""Who settles what was found: a supervisor what is low, quality the rest."""

from __future__ import annotations

from batches.models import BatchException, Deviation, Redline, Severity
from batches.states import DEVIATION, EXCEPTION, ExceptionState
from mes.accounts.models import User
from mes.errors import Reason
from mes.phrases import Phrase

_LOW = frozenset({Severity.INFO, Severity.LOW})


def reasons_above_rank(person: User, *found: BatchException | Deviation | Redline) -> list[Reason]:
    """What of this only quality may settle; nothing where the person is quality."""
    return [
        Reason("needs_quality", f"Quality settles what is {each.severity}: {each}.", str(each.pk))
        for each in found
        if needs_quality(each) and not person.may("qc.review", each.site)
    ]


def needs_quality(*found: BatchException | Deviation | Redline) -> bool:
    """Whether one of these is above what a supervisor settles."""
    return any(each.severity not in _LOW for each in found)


def who_decides(*found: BatchException | Deviation | Redline) -> Phrase:
    """Whom a step waits for, as a sentence after what it waits for."""
    return Phrase("Quality decides.") if needs_quality(*found) else Phrase("A supervisor decides.")


def words_to_approve(deviation: Deviation) -> Phrase:
    """That a deviation must be approved before work goes on, and who does it: whoever may decide all it explains."""
    who = who_decides(deviation, *open_exceptions_of(deviation))
    return Phrase("Deviation {number} must be approved first. {who}", number=deviation.number, who=who)


def may_decide(person: User, exception: BatchException) -> bool:
    moves = {cell.name for cell in EXCEPTION.available(exception, person)}
    return "decide" in moves and not reasons_above_rank(person, exception)


def acts_on(person: User, deviation: Deviation) -> set[str]:
    """What this person may do with the deviation now: investigate, approve, close."""
    acts = {cell.name for cell in DEVIATION.available(deviation, person)}
    return acts - {"approve"} if reasons_above_rank(person, deviation, *open_exceptions_of(deviation)) else acts


def open_exceptions_of(deviation: Deviation) -> list[BatchException]:
    """What the approval of the deviation decides."""
    return list(deviation.exceptions.filter(status=ExceptionState.OPEN).select_related("batch__site"))
