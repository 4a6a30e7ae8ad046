"""What this room tells the outside."""

from mes.outbox.kinds import Kind

ORDER_CANCELLED = Kind("order.cancelled", "Order cancelled")
RECEIVED = Kind("handover.received", "Hand-over received")
REFUSED = Kind("handover.refused", "Hand-over refused")

KINDS = (ORDER_CANCELLED, RECEIVED, REFUSED)
