"""Containers get their label before they get material."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Max

from chain_of_identity.identifiers import container_label
from chain_of_identity.models import Container, LabelExplanation, LabelFate, LabelPrint, Order, Party
from chain_of_identity.queries import parties_of, reconcile
from chain_of_identity.services.locks import locked_order, require_active
from chain_of_identity.states import ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput
from mes.records.services import act

SHORTEST_EXPLANATION = 10

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


def account_for_label(*, actor: User, label_print: LabelPrint, what: str, reason: str) -> LabelFate:
    """Say what became of a printed label that is on no container: returned unused, or destroyed."""
    order = label_print.order
    require(actor, "identity.label", order.site)
    if what not in LabelFate.What.values:
        raise InvalidInput(f"A label is returned or destroyed, not “{what}”.", known=LabelFate.What.values)
    if not reason.strip():
        raise InvalidInput("Say why.", field="reason")
    subject, batch_id = label_print.container or order, getattr(label_print.container, "batch_id", None)
    with act(
        actor, "chain_of_identity.account_for_label", site=order.site, subject=subject, batch=batch_id, reason=reason
    ) as event:
        locked_order(order)
        if LabelFate.objects.filter(label_print=label_print).exists():
            raise Conflict("This label was accounted for already.", copy=label_print.copy)
        event.data |= {"copy": label_print.copy, "what": what}
        return LabelFate.objects.create(
            label_print=label_print, what=what, reason=reason.strip(), by=actor, done_at=clock.now(order.site)
        )


def explain_labels(*, actor: User, order: Order, batch_id: UUID, reason: str) -> LabelExplanation:
    """Say where the labels are that are left over. It holds for this difference only: another one asks anew (R-095)."""
    require(actor, "identity.reconcile", order.site)
    if len(reason.strip()) < SHORTEST_EXPLANATION:
        raise InvalidInput(f"Say in at least {SHORTEST_EXPLANATION} letters where they are.", field="reason")
    with act(
        actor, "chain_of_identity.explain_labels", site=order.site, subject=order, batch=batch_id, reason=reason
    ) as event:
        differences = reconcile(locked_order(order), batch_id).differences
        if not differences:
            raise Conflict("Every label is accounted for: there is nothing to explain.")
        event.data["differences"] = differences
        return LabelExplanation.objects.create(
            order=order,
            batch_id=batch_id,
            differences=differences,
            reason=reason.strip(),
            by=actor,
            done_at=clock.now(order.site),
        )
