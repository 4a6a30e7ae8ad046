"""Starting material comes in and is inspected; released product is packed and goes out."""

from collections.abc import Sequence
from decimal import Decimal

from chain_of_identity.errors import NotReleased
from chain_of_identity.models import (
    Container,
    Handover,
    Order,
    Party,
    Receipt,
    ReceiptItem,
    Scan,
    Shipment,
    ShipmentItem,
)
from chain_of_identity.queries import reasons_not_receivable, reasons_not_supplied
from chain_of_identity.services.custody import offer
from chain_of_identity.services.locks import locked_order
from chain_of_identity.services.material import move_release
from chain_of_identity.services.scans import use_scan
from chain_of_identity.states import ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Blocked, InvalidInput
from mes.records.services import act, sign
from mes.records.signing import Signer


def accept_receipt(
    *,
    actor: User,
    order: Order,
    scans: Sequence[Scan],
    identity_ok: bool,
    shipper_ok: bool,
    logger_ok: bool,
    bag_ok: bool,
    accepted: bool,
    signer: Signer,
    place: str,
    note: str = "",
) -> Receipt:
    """Inspect incoming material and sign the decision. A failed check is explained, a failed identity refused."""
    require(actor, "identity.receive", order.site)
    require(signer.user, "identity.receive", order.site)
    if accepted and not identity_ok:
        raise InvalidInput("Material whose identity does not fit is not accepted.", field="accepted")
    if not (shipper_ok and logger_ok and bag_ok and accepted) and not note.strip():
        raise InvalidInput("Say what is wrong and why you decide so.", field="note")
    if not scans:
        raise InvalidInput("Scan the bags that came in.", field="scans")
    with act(actor, "chain_of_identity.accept_receipt", site=order.site, subject=order, reason=note) as event:
        order = locked_order(order)
        containers = [use_scan(each, actor=actor, order=order, purpose=Scan.Purpose.RECEIPT) for each in scans]
        _require_receivable(containers)
        receipt = Receipt.objects.create(
            order=order,
            identity_ok=identity_ok,
            shipper_ok=shipper_ok,
            logger_ok=logger_ok,
            bag_ok=bag_ok,
            accepted=accepted,
            note=note.strip(),
            place=place,
            received_at=clock.now(order.site),
            received_by=actor,
        )
        ReceiptItem.objects.bulk_create(
            ReceiptItem(receipt=receipt, container=container, scan=scan)
            for container, scan in zip(containers, scans, strict=True)
        )
        for container in containers:
            move_release(container, ReleaseStatus.ACCEPTED if accepted else ReleaseStatus.REJECTED)
            container.place = place
            container.save(update_fields=["place"])
        sign(event, signer, subject=receipt, meaning="received")
        event.data |= {"accepted": accepted, "containers": [each.label for each in containers]}
    return receipt


def _require_receivable(containers: Sequence[Container]) -> None:
    reasons = [reason for each in containers for reason in reasons_not_receivable(each)]
    if reasons:
        raise Blocked.by(reasons, "This material cannot be received.")


def ship(
    *,
    actor: User,
    order: Order,
    scans: Sequence[Scan],
    shipper: str,
    seal: str,
    destination: str,
    place: str,
    logger_celsius: Decimal | None = None,
) -> Shipment:
    """Pack released product and offer it to the courier."""
    require(actor, "identity.ship", order.site)
    if not scans or not shipper.strip() or not seal.strip():
        raise InvalidInput("A shipment has scanned bags, a shipper and a seal.")
    with act(actor, "chain_of_identity.ship", site=order.site, subject=order) as event:
        order = locked_order(order)
        containers = [use_scan(each, actor=actor, order=order, purpose=Scan.Purpose.SHIPPING) for each in scans]
        reasons = [reason for each in containers for reason in reasons_not_supplied(each)]
        if reasons:
            raise NotReleased.by(reasons, "This material must not be shipped.")
        shipment = Shipment.objects.create(
            order=order,
            shipper=shipper,
            seal=seal,
            logger_celsius=logger_celsius,
            destination=destination,
            packed_at=clock.now(order.site),
            packed_by=actor,
        )
        ShipmentItem.objects.bulk_create(
            ShipmentItem(shipment=shipment, container=container, scan=scan)
            for container, scan in zip(containers, scans, strict=True)
        )
        handover = Handover(
            order=order,
            shipment=shipment,
            giver=actor,
            from_party=Party.SITE,
            to_party=Party.COURIER,
            place=place,
            shipper=shipper,
            seal=seal,
            logger_celsius=logger_celsius,
            offered_at=shipment.packed_at,
        )
        offer(event, handover, containers, scans)
        event.data["shipper"] = shipper
    return shipment
