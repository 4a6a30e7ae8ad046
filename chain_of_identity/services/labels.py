"""Containers get their label before they get material."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Max

from chain_of_identity.identifiers import container_label
from chain_of_identity.models import Container, LabelPrint, Order, Party
from chain_of_identity.queries import parties_of
from chain_of_identity.services.locks import locked_order, require_active
from chain_of_identity.states import ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.records.services import act

# What a container may be used for while nobody has judged its contents.
_RELEASE_AT_START = {
    Container.Holds.STARTING: ReleaseStatus.QUARANTINED,
    Container.Holds.INTERMEDIATE: ReleaseStatus.IN_PROCESS,
    Container.Holds.SAMPLE: ReleaseStatus.IN_PROCESS,
    Container.Holds.PRODUCT: ReleaseStatus.QUARANTINED,
}


def prepare_container(
    *,
    actor: User,
    order: Order,
    kind: str = Container.Kind.BAG,
    holds: str = Container.Holds.STARTING,
    description: str = "",
    batch_id: UUID | None = None,
    batch_number: str = "",
    place: str = "",
) -> Container:
    """An empty container with the next label of its order."""
    require(actor, "identity.label", order.site)
    if kind not in Container.Kind.values or holds not in Container.Holds.values:
        raise InvalidInput("There is no such kind of container.", kind=kind, holds=holds)
    with act(actor, "chain_of_identity.prepare_container", site=order.site, subject=order, batch=batch_id) as event:
        order = locked_order(order)
        require_active(order)
        made = new_container(
            order, actor, kind=kind, holds=holds, description=description, batch_id=batch_id,
            batch_number=batch_number, place=place,
        )  # fmt: skip
        event.data["container"] = made.label
    return made


def new_container(
    order: Order,
    maker: User,
    *,
    kind: str,
    holds: str,
    description: str = "",
    batch_id: UUID | None = None,
    batch_number: str = "",
    place: str = "",
    volume_ml: Decimal = Decimal(0),
) -> Container:
    """Inside an act that holds the order: the label's letter is the next one of the order."""
    parties = parties_of(maker, order.site)
    return Container.objects.create(
        order=order,
        label=container_label(order.coi_id, order.containers.count()),
        kind=kind,
        holds=holds,
        description=description,
        volume_ml=volume_ml,
        batch_id=batch_id,
        batch_number=batch_number,
        place=place,
        custody=Party.CLINIC if Party.CLINIC in parties else Party.SITE,
        custodian=maker,
        made_at=clock.now(order.site),
        release_status=_RELEASE_AT_START[Container.Holds(holds)],
    )


def print_label(*, actor: User, order: Order, container: Container | None = None, reason: str = "") -> LabelPrint:
    """Print the label of a container, or (without one) the wristband and kit label of the patient.

    The first print needs no reason; every later one is counted, marked and explained.
    """
    require(actor, "identity.label", order.site)
    if container is not None and container.order_id != order.id:
        raise InvalidInput(f"{container} does not belong to order {order}.", container=container.label)
    with act(
        actor, "chain_of_identity.print_label", site=order.site, subject=container or order, reason=reason
    ) as event:
        order = locked_order(order)
        printed = LabelPrint.objects.filter(order=order, container=container).aggregate(last=Max("copy"))["last"] or 0
        if printed and not reason.strip():
            raise InvalidInput("This label was printed before. Say why it is printed again.", field="reason")
        event.data["copy"] = printed + 1
        return LabelPrint.objects.create(
            order=order,
            container=container,
            copy=printed + 1,
            reason=reason.strip(),
            printed_by=actor,
            printed_at=clock.now(order.site),
        )
