"""What the outside is told of a batch. The last thing an act does: it may wait for another writer."""

from __future__ import annotations

from batches import announcements
from batches.models import Batch
from batches.states import Command
from mes.outbox.kinds import Kind
from mes.outbox.services import announce
from mes.records.models import Event

_COMMANDED = {
    Command.START: announcements.STARTED,
    Command.HOLD: announcements.HELD,
    Command.RESTART: announcements.RESTARTED,
    Command.STOP: announcements.STOPPED,
    Command.ABORT: announcements.ABORTED,
}


def tell_command(event: Event, batch: Batch, name: str) -> None:
    """Told when it is commanded, not when the last unit has come to rest: nobody should wait for that."""
    kind = _COMMANDED.get(Command(name))
    if kind is not None:
        tell(event, batch, kind)


def tell(event: Event, batch: Batch, kind: Kind) -> None:
    order = batch.order
    announce(
        kind,
        event=event,
        site=batch.site,
        subject=batch,
        text=f"{kind.title}: {batch.number}, order {order.short}.",
        path=f"/orders/{order.id}/",
        party=order.clinic,
        facts={"order": order.id, "batch": batch.number, "attempt": batch.attempt},
    )
