"""What waits for the quality unit: batches to decide on, conditional releases to close, people to be told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from batches.models import Batch, BatchException
from batches.states import FINAL, ExceptionState
from mes.accounts.models import User
from qc_release.models import Notice
from qc_release.queries.lookups import batches_visible_to, notices_visible_to
from qc_release.states import Disposition, NoticeState

AT_MOST = 50
DECIDED = (Disposition.RELEASED, Disposition.REJECTED, Disposition.SUPPLIED_OOS)


@dataclass(frozen=True)
class Waiting:
    """One batch on the list. `open_exceptions` are those nobody has decided."""

    batch_id: UUID
    number: str
    coi_id: str
    recipe: str
    state: str
    state_words: str
    disposition: str
    disposition_words: str
    open_exceptions: int
    ended_at: datetime | None


def batches_to_review(user: User) -> list[Waiting]:
    """Batches that ended, or have something to decide, and have no final disposition. One query."""
    undecided = BatchException.objects.filter(status=ExceptionState.OPEN).order_by()
    ended = Batch.objects.filter(status__in=FINAL).order_by()
    # Found by what is open or over, among a hundred thousand that are neither.
    waiting = ended.values("pk").union(undecided.values("batch_id"))
    found = batches_visible_to(user).filter(pk__in=waiting, issued_at__isnull=False).select_related("release_file")
    found = found.exclude(release_file__status__in=DECIDED).order_by("ended_at", "-id")[:AT_MOST]
    number = undecided.filter(batch=OuterRef("pk")).values("batch").annotate(number=Count("pk")).values("number")
    return [_waiting(batch, batch.undecided) for batch in found.annotate(undecided=Coalesce(Subquery(number), 0))]


def notices_to_give(user: User) -> list[Notice]:
    return list(notices_visible_to(user).filter(status=NoticeState.OPEN).order_by("due_at", "id")[:AT_MOST])


def _waiting(batch: Batch, undecided: int) -> Waiting:
    file = getattr(batch, "release_file", None)
    status = Disposition(file.status) if file else Disposition.UNDER_REVIEW
    return Waiting(
        batch_id=batch.id,
        number=batch.number,
        coi_id=batch.coi_id,
        recipe=str(batch.recipe_version),
        state=batch.status,
        state_words=batch.get_status_display(),
        disposition=status.value,
        disposition_words=status.label,
        open_exceptions=undecided,
        ended_at=batch.ended_at,
    )
