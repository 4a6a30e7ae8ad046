"""Who settles what was found: a supervisor what is low, quality the rest."""

from __future__ import annotations

from batches.models import BatchException, Deviation, Redline, Severity
from batches.states import DEVIATION, EXCEPTION, ExceptionState
from mes.accounts.models import User
from mes.errors import Reason

_LOW = frozenset({Severity.INFO, Severity.LOW})


def reasons_above_rank(person: User, *found: BatchException | Deviation | Redline) -> list[Reason]:
    """What of this only quality may settle; nothing where the person is quality."""
    return [
        Reason("needs_quality", f"Quality settles what is {each.severity}: {each}.", str(each.pk))
        for each in found
        if each.severity not in _LOW and not person.may("qc.review", each.site)
    ]


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
