"""The states of orders, containers and shipments, and the moves between them."""

from django.db.models import TextChoices

from mes.state_machine import StateMachine, Transition


class OrderStatus(TextChoices):
    ACTIVE = "active", "Active"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"


ORDER = StateMachine(
    Transition("cancel", (OrderStatus.ACTIVE,), OrderStatus.CANCELLED, "identity.order", needs_reason=True),
    Transition("complete", (OrderStatus.ACTIVE,), OrderStatus.COMPLETED),
    initial=OrderStatus.ACTIVE,
)


class ContainerStatus(TextChoices):
    """What has become of a container: every one that was filled ends emptied, infused or discarded."""

    LABELLED = "labelled", "Labelled, empty"
    FILLED = "filled", "Filled"
    EMPTIED = "emptied", "Emptied"
    INFUSED = "infused", "Infused"
    DISCARDED = "discarded", "Discarded"


CONTAINER = StateMachine(
    Transition("fill", (ContainerStatus.LABELLED,), ContainerStatus.FILLED),
    Transition("empty", (ContainerStatus.FILLED,), ContainerStatus.EMPTIED),
    Transition("infuse", (ContainerStatus.FILLED,), ContainerStatus.INFUSED, "identity.infuse"),
    Transition(
        "discard",
        (ContainerStatus.LABELLED, ContainerStatus.FILLED),
        ContainerStatus.DISCARDED,
        "identity.receive",
        needs_reason=True,
    ),
    initial=ContainerStatus.LABELLED,
)


class ShipmentStatus(TextChoices):
    PACKED = "packed", "Packed"
    IN_TRANSIT = "in_transit", "In transit"
    ARRIVED = "arrived", "Arrived"


SHIPMENT = StateMachine(
    Transition("pick_up", (ShipmentStatus.PACKED,), ShipmentStatus.IN_TRANSIT, "identity.handover"),
    Transition("arrive", (ShipmentStatus.IN_TRANSIT,), ShipmentStatus.ARRIVED, "identity.handover"),
    initial=ShipmentStatus.PACKED,
)


class ClinicNoticeState(TextChoices):
    UNREAD = "unread", "Not read yet"
    READ = "read", "Read"


CLINIC_NOTICE = StateMachine(
    Transition("confirm", (ClinicNoticeState.UNREAD,), ClinicNoticeState.READ, "identity.order"),
    initial=ClinicNoticeState.UNREAD,
)


class ReleaseStatus(TextChoices):
    """What the material may be used for. Set by receipt (starting material) and by disposition (product)."""

    QUARANTINED = "quarantined", "Quarantined"
    ACCEPTED = "accepted", "Accepted for manufacturing"
    IN_PROCESS = "in_process", "In process"
    RELEASED = "released", "Released"
    RELEASED_PENDING = "released_pending", "Released, results pending"
    SUPPLIED_OOS = "supplied_oos", "Supplied out of specification"
    REJECTED = "rejected", "Rejected"


# Only these may leave for a patient; everything else is refused by name.
SUPPLIED = frozenset({ReleaseStatus.RELEASED, ReleaseStatus.RELEASED_PENDING, ReleaseStatus.SUPPLIED_OOS})

RELEASE_MOVES: dict[str, frozenset[str]] = {
    ReleaseStatus.QUARANTINED: SUPPLIED | {ReleaseStatus.ACCEPTED, ReleaseStatus.REJECTED},
    # A late result or a complaint takes supplied product back into quarantine; nothing brings rejected product back.
    ReleaseStatus.RELEASED_PENDING: frozenset(
        {ReleaseStatus.RELEASED, ReleaseStatus.QUARANTINED, ReleaseStatus.REJECTED, ReleaseStatus.SUPPLIED_OOS}
    ),
    ReleaseStatus.RELEASED: frozenset({ReleaseStatus.QUARANTINED}),
    ReleaseStatus.SUPPLIED_OOS: frozenset({ReleaseStatus.QUARANTINED}),
    ReleaseStatus.ACCEPTED: frozenset({ReleaseStatus.QUARANTINED, ReleaseStatus.REJECTED}),
    # What was in work when its batch came to an early end.
    ReleaseStatus.IN_PROCESS: frozenset({ReleaseStatus.QUARANTINED, ReleaseStatus.REJECTED}),
}
