"""What the early end of a batch left behind: decisions, units made safe, what the clinic was told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet

from batches.models import Batch, MaterialDisposition
from batches.queries.visible import visible_to
from batches.states import State
from chain_of_identity.models import ClinicNotice
from equipment.models import Command
from mes.accounts.models import User
from mes.outbox.models import Message
from mes.outbox.queries import messages_about

ENDED_EARLY = (State.STOPPING, State.STOPPED, State.ABORTING, State.ABORTED)


@dataclass(frozen=True)
class EarlyEnd:
    """`decision` is the one in force, None while nobody has decided on this attempt."""

    decision: MaterialDisposition | None
    dispositions: list[MaterialDisposition]
    safe_commands: list[Command]
    notices: list[ClinicNotice]
    messages: list[Message]


def early_end_of(batch: Batch) -> EarlyEnd | None:
    """None for a batch that was never stopped or aborted."""
    notices = list(notices_of(batch))
    if batch.status not in ENDED_EARLY and not notices:
        return None
    dispositions = list(dispositions_of(batch))
    mine = [each for each in dispositions if each.attempt == batch.attempt]
    safe = Command.objects.filter(batch_id=batch.id, to_safety=True).select_related("unit").order_by("requested_at")
    return EarlyEnd(mine[-1] if mine else None, dispositions, list(safe), notices, list(messages_about(batch.id)))


def dispositions_of(batch: Batch) -> QuerySet[MaterialDisposition]:
    return MaterialDisposition.objects.filter(batch=batch).select_related("batch", "decided_by").order_by("id")


def notices_of(batch: Batch) -> QuerySet[ClinicNotice]:
    return ClinicNotice.objects.filter(batch_id=batch.id).select_related("order", "told_by", "read_by").order_by("id")


def undecided_material(user: User) -> QuerySet[Batch]:
    """Batches that came to an early end and on whose material this person may decide, and nobody has."""
    decided = MaterialDisposition.objects.filter(batch=OuterRef("pk"), attempt=OuterRef("attempt"))
    ended: QuerySet[Any] = visible_to(user).filter(
        ~Exists(decided),
        site__in=user.sites_for("batches.dispose"),
        status__in=(State.STOPPED, State.ABORTED),
    )
    return ended.order_by(F("ended_at").asc(nulls_last=True), "id")
