"""Acts of planning."""

from scheduling.services.bookings import assign_operator, book_unit, reserve_lot
from scheduling.services.moves import move_slot
from scheduling.services.setup import add_suite, plan_therapy
from scheduling.services.slots import confirm_slot, expire_holds, hold_slot, release_slot

__all__ = [
    "add_suite",
    "assign_operator",
    "book_unit",
    "confirm_slot",
    "expire_holds",
    "hold_slot",
    "move_slot",
    "plan_therapy",
    "release_slot",
    "reserve_lot",
]
