"""The life of a slot: held for a while, then confirmed, given back, or let go by the clock."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition


class SlotStatus(TextChoices):
    HELD = "held", "Held"
    CONFIRMED = "confirmed", "Confirmed"
    RELEASED = "released", "Released"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


# A slot in one of these takes its place in the suite; the database lets no other slot in.
TAKING_A_PLACE = (SlotStatus.HELD, SlotStatus.CONFIRMED)

SLOT = StateMachine(
    Transition(
        "confirm",
        sources=(SlotStatus.HELD,),
        target=SlotStatus.CONFIRMED,
        permission="scheduling.plan",
    ),
    Transition(
        "release",
        sources=(SlotStatus.HELD,),
        target=SlotStatus.RELEASED,
        permission="scheduling.plan",
    ),
    Transition(
        "cancel",
        sources=(SlotStatus.CONFIRMED,),
        target=SlotStatus.CANCELLED,
        permission="scheduling.plan",
        needs_reason=True,
    ),
    Transition("expire", sources=(SlotStatus.HELD,), target=SlotStatus.EXPIRED),
    initial=SlotStatus.HELD,
)
