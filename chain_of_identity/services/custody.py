"""Hand-overs: the giver offers, the receiver confirms, and only then the material has changed hands."""

from collections.abc import Sequence
from decimal import Decimal

from chain_of_identity.announcements import RECEIVED, REFUSED
from chain_of_identity.errors import NotReleased, WrongSeal
from chain_of_identity.models import Container, Handover, HandoverAnswer, HandoverItem, Order, Party, Scan, Shipment
from chain_of_identity.models.custody import NO_DAMAGE
from chain_of_identity.queries import parties_of, reasons_not_givable, reasons_not_supplied
from chain_of_identity.services.locks import locked_containers, locked_order
from chain_of_identity.services.scans import use_scan
from chain_of_identity.services.telling import tell
from chain_of_identity.states import SHIPMENT
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Blocked, Conflict, InvalidInput, NotPermitted, WrongState
from mes.outbox.kinds import Kind
from mes.records.models import Event
from mes.records.services import act

Outcome = HandoverAnswer.Outcome


def give(
    *,
    actor: User,
    order: Order,
    scans: Sequence[Scan],
    to: str,
    place: str,
    shipper: str = "",
    seal: str = "",
    logger_celsius: Decimal | None = None,
    condition: str = NO_DAMAGE,
) -> Handover:
    """Offer the scanned containers to the next party. Custody stays with the giver until it is received."""
    require(actor, "identity.handover", order.site)
    if to not in Party.values:
        raise InvalidInput(f"Nobody called “{to}” takes custody.", known=Party.values)
    with act(actor, "chain_of_identity.give", site=order.site, subject=order) as event:
        order = locked_order(order)
        containers = [use_scan(each, actor=actor, order=order, purpose=Scan.Purpose.HANDOVER) for each in scans]
        handover = Handover(
            order=order,
            giver=actor,
            from_party=_holder(containers),
            to_party=to,
            place=place,
            shipper=shipper,
            seal=seal,
            logger_celsius=logger_celsius,
            condition=condition,
            shipment=Shipment.objects.filter(items__container__in=containers).last(),
            offered_at=clock.now(order.site),
        )
        offer(event, handover, containers, scans)
    return handover


def offer(event: Event, handover: Handover, containers: Sequence[Container], scans: Sequence[Scan]) -> None:
    """Inside an act: write the giver's half."""
    reasons = [reason for each in containers for reason in reasons_not_givable(each, handover.giver)]
    if reasons:
        raise Blocked.by(reasons, "These containers cannot be handed over.")
    if handover.from_party == handover.to_party:
        raise InvalidInput("Giver and receiver are the same party.", to=handover.to_party)
    if handover.from_party == Party.SITE:
        unsafe = [reason for each in containers if _is_product(each) for reason in reasons_not_supplied(each)]
        if unsafe:
            raise NotReleased.by(unsafe, "This product must not leave the site.")
    handover.save(force_insert=True)
    HandoverItem.objects.bulk_create(
        HandoverItem(handover=handover, container=container, scan=scan)
        for container, scan in zip(containers, scans, strict=True)
    )
    event.data |= {"handover": str(handover.id), "to": handover.to_party, "containers": [c.label for c in containers]}


def receive(
    *,
    actor: User,
    handover: Handover,
    scans: Sequence[Scan],
    place: str,
    seal: str = "",
    logger_celsius: Decimal | None = None,
    condition: str = NO_DAMAGE,
) -> HandoverAnswer:
    """Confirm what was offered: every container scanned, the seal as it was put on. Now custody has changed."""
    order = handover.order
    require(actor, "identity.handover", order.site)
    if actor.id == handover.giver_id:
        raise NotPermitted("The receiver is another person than the giver.", rule="not_own_work")
    if handover.to_party not in parties_of(actor, order.site):
        raise NotPermitted(f"This was offered to: {handover.get_to_party_display()}.", to=handover.to_party)
    if seal != handover.seal:
        raise WrongSeal("The seal is not the one put on by the giver.", expected=handover.seal, read=seal)
    with act(actor, "chain_of_identity.receive", site=order.site, subject=order) as event:
        order = locked_order(order)
        items = _open_items(handover)
        scanned = [use_scan(each, actor=actor, order=order, purpose=Scan.Purpose.HANDOVER) for each in scans]
        _require_all(items, scanned)
        answer = HandoverAnswer.objects.create(
            handover=handover,
            by=actor,
            outcome=Outcome.ACCEPTED,
            place=place,
            seal=seal,
            logger_celsius=logger_celsius,
            condition=condition,
            answered_at=clock.now(order.site),
        )
        for container in scanned:
            container.custody, container.custodian, container.place = handover.to_party, actor, place
            container.save(update_fields=["custody", "custodian", "place"])
        _move_shipment(event, handover)
        event.data |= {"handover": str(handover.id), "containers": [each.label for each in scanned], "place": place}
        _tell(RECEIVED, event, handover, f"was received by: {handover.get_to_party_display()}.")
    return answer


def refuse(*, actor: User, handover: Handover, reason: str) -> HandoverAnswer:
    """The receiver does not take it (damage, wrong seal): custody stays with the giver."""
    if handover.to_party not in parties_of(actor, handover.order.site):
        raise NotPermitted(f"This was offered to: {handover.get_to_party_display()}.", to=handover.to_party)
    return _decline(actor, handover, Outcome.REFUSED, reason)


def withdraw(*, actor: User, handover: Handover, reason: str) -> HandoverAnswer:
    """The giver takes an open offer back."""
    if handover.from_party not in parties_of(actor, handover.order.site):
        raise NotPermitted("Only the giving party takes an offer back.", rule="giver_only")
    return _decline(actor, handover, Outcome.WITHDRAWN, reason)


def _decline(actor: User, handover: Handover, outcome: str, reason: str) -> HandoverAnswer:
    order = handover.order
    require(actor, "identity.handover", order.site)
    if not reason.strip():
        raise InvalidInput("Say why it does not change hands.", field="reason")
    with act(actor, f"chain_of_identity.{outcome}", site=order.site, subject=order, reason=reason) as event:
        locked_order(order)
        _open_items(handover)
        event.data["handover"] = str(handover.id)
        answer = HandoverAnswer.objects.create(
            handover=handover, by=actor, outcome=outcome, reason=reason.strip(), answered_at=clock.now(order.site)
        )
        if outcome == Outcome.REFUSED:
            _tell(REFUSED, event, handover, f"was refused by: {handover.get_to_party_display()}.")
    return answer


def _tell(kind: Kind, event: Event, handover: Handover, what: str) -> None:
    order = handover.order
    facts = {"handover": handover.id, "from": handover.from_party, "to": handover.to_party}
    tell(kind, event, order, f"Material of order {order.short} {what}", facts)


def _holder(containers: Sequence[Container]) -> str:
    holders = {each.custody for each in containers}
    if len(holders) != 1:
        raise Conflict("Hand over what one party holds, at least one container.", holders=sorted(holders))
    return holders.pop()


def _open_items(handover: Handover) -> list[Container]:
    """What was offered; refused when the hand-over has its answer already."""
    if HandoverAnswer.objects.filter(handover=handover).exists():
        raise WrongState("This hand-over is closed.", handover=str(handover.id))
    return locked_containers([item.container for item in handover.items.select_related("container")])


def _require_all(offered: Sequence[Container], scanned: Sequence[Container]) -> None:
    missing = {each.label for each in offered} - {each.label for each in scanned}
    more = {each.label for each in scanned} - {each.label for each in offered}
    if missing or more or len(scanned) != len(offered):
        raise Conflict(
            "Scan every container that was offered, and no other.", missing=sorted(missing), not_offered=sorted(more)
        )


def _move_shipment(event: Event, handover: Handover) -> None:
    if handover.shipment_id is None:
        return
    shipment = (
        Shipment.objects.select_for_update(of=("self",)).select_related("order__site").get(id=handover.shipment_id)
    )
    name = {Party.COURIER: "pick_up", Party.CLINIC: "arrive"}.get(Party(handover.to_party))
    if name:
        SHIPMENT.move(shipment, name, event=event)


def _is_product(container: Container) -> bool:
    return container.holds == Container.Holds.PRODUCT
