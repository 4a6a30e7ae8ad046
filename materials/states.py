"""The life of a lot: nothing is used before somebody other than the receiver has released it."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition


class LotStatus(TextChoices):
    QUARANTINED = "quarantined", "Quarantined"
    RELEASED = "released", "Released"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"


LOT = StateMachine(
    Transition(
        "release",
        sources=(LotStatus.QUARANTINED,),
        target=LotStatus.RELEASED,
        permission="materials.release",
        signed_as=("released",),
        not_by=("received_by_id",),
    ),
    Transition(
        "reject",
        sources=(LotStatus.QUARANTINED,),
        target=LotStatus.REJECTED,
        permission="materials.release",
        needs_reason=True,
    ),
    Transition(
        "recall",
        sources=(LotStatus.RELEASED, LotStatus.EXPIRED),
        target=LotStatus.REJECTED,
        permission="materials.release",
        needs_reason=True,
    ),
    Transition("expire", sources=(LotStatus.RELEASED,), target=LotStatus.EXPIRED),
    initial=LotStatus.QUARANTINED,
)
