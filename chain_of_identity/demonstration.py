"""Six patients of the demonstration site, ordered for by the clinic, and how far their cells have come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from chain_of_identity import services
from chain_of_identity.models import Container, Handover, Order, Party, Scan
from mes import clock
from mes.accounts.models import User
from mes.demonstration import Stage

WARD, SHIPPER, SEAL = "St. Anna, ward 4", "SHIP-2", "S-4700"
DONATION = "=A999926{:06}00"


@dataclass(frozen=True)
class Person:
    """An invented patient. `parties` are those who have had the cells in hand; the last was offered them."""

    name: str
    birth_date: date
    hospital_number: str
    product: str
    weight_kg: str
    parties: Sequence[str] = ()
    accepted: bool = False


PATIENTS = (
    Person("Anton Demo", date(1958, 4, 11), "DEMO-0001", "CART-A", "78.5", ("kurt", "logan"), accepted=True),
    Person("Berta Demo", date(1971, 9, 30), "DEMO-0002", "CART-A", "64.0", ("kurt", "logan"), accepted=True),
    Person("Cyril Demo", date(1984, 1, 23), "DEMO-0003", "CART-B", "91.2"),
    Person("Dora Demo", date(1966, 6, 2), "DEMO-0004", "CART-A", "58.3", ("kurt", "logan")),
    Person("Emil Demo", date(1979, 12, 5), "DEMO-0005", "CART-A", "83.0", ("kurt",)),
    Person("Frida Demo", date(1990, 3, 18), "DEMO-0006", "CART-A", "70.4"),
)
PARTY = {"kurt": Party.COURIER, "logan": Party.SITE}


def load(stage: Stage) -> None:
    for patient in PATIENTS:
        services.open_therapy(
            actor=stage.people["clara"],
            site=stage.site,
            name=patient.name,
            birth_date=patient.birth_date,
            hospital_number=patient.hospital_number,
            product_code=patient.product,
            weight_kg=Decimal(patient.weight_kg),
            physician="Dr. R. Moser",
            clinic="St. Anna",
            consent_at=clock.now(stage.site) - timedelta(days=2),
        )


def play(stage: Stage) -> None:
    """Cells are collected, handed over and received, each as far as its patient's line says."""
    orders = Order.objects.filter(site=stage.site).select_related("site", "patient").order_by("id")
    for number, (patient, order) in enumerate(zip(PATIENTS, orders, strict=True), start=1):
        if patient.parties:
            bag = _collected(stage, order, DONATION.format(number))
            _carried(stage, bag, patient)


def _collected(stage: Stage, order: Order, din: str) -> Container:
    clara = stage.people["clara"]
    bag = services.prepare_container(actor=clara, order=order, description="Apheresis")
    services.print_label(actor=clara, order=order, container=bag)
    services.print_label(actor=clara, order=order)
    services.record_collection(
        actor=clara,
        order=order,
        coi_id=order.coi_id,
        scan=_scan(clara, bag, Scan.Purpose.COLLECTION),
        din=din,
        scanned=True,
        volume_ml=Decimal("184.0"),
    )
    return bag


def _carried(stage: Stage, bag: Container, patient: Person) -> None:
    givers = ("clara", *patient.parties)
    for giver, receiver in zip(givers, patient.parties, strict=False):
        offer = _offered(stage.people[giver], bag, PARTY[receiver])
        if patient.accepted or receiver != patient.parties[-1]:
            _taken(stage.people[receiver], offer, bag)
    if patient.accepted:
        _accepted(stage, bag)


def _offered(giver: User, bag: Container, to: Party) -> Handover:
    return services.give(
        actor=giver,
        order=bag.order,
        scans=[_scan(giver, bag, Scan.Purpose.HANDOVER)],
        to=to,
        place=WARD if to == Party.COURIER else "Goods in",
        shipper=SHIPPER,
        seal=SEAL,
        logger_celsius=Decimal("4.2"),
    )


def _taken(receiver: User, offer: Handover, bag: Container) -> None:
    scans = [_scan(receiver, bag, Scan.Purpose.HANDOVER)]
    place = "On the road" if offer.to_party == Party.COURIER else "Goods in"
    services.receive(actor=receiver, handover=offer, scans=scans, place=place, seal=SEAL)


def _accepted(stage: Stage, bag: Container) -> None:
    logan = stage.people["logan"]
    services.accept_receipt(
        actor=logan,
        order=bag.order,
        scans=[_scan(logan, bag, Scan.Purpose.RECEIPT)],
        identity_ok=True,
        shipper_ok=True,
        logger_ok=True,
        bag_ok=True,
        accepted=True,
        signer=stage.signer("logan", "received"),
        place="Incoming refrigerator",
    )


def _scan(person: User, bag: Container, purpose: str) -> Scan:
    return services.scan(actor=person, code=bag.label, order=bag.order, purpose=purpose)
