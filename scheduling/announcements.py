"""What this room tells the outside."""

from mes.outbox.kinds import Kind

BOOKED = Kind("slot.booked", "Slot booked")
MOVED = Kind("slot.moved", "Slot moved")
CANCELLED = Kind("slot.cancelled", "Slot cancelled")

KINDS = (BOOKED, MOVED, CANCELLED)
