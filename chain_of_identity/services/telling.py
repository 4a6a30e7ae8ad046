"""What the outside is told of an order. The last thing an act does: it may wait for another writer."""

from typing import Any

from chain_of_identity.models import Order
from mes.outbox.kinds import Kind
from mes.outbox.services import announce
from mes.records.models import Event


def tell(kind: Kind, event: Event, order: Order, text: str, facts: dict[str, Any] | None = None) -> None:
    """`text` and `facts` name the order and what hangs on it, never the patient."""
    announce(
        kind,
        event=event,
        site=order.site,
        subject=order,
        text=text,
        path=f"/orders/{order.id}/",
        party=order.clinic,
        facts={"order": order.id, **(facts or {})},
    )
