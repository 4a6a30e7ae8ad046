"""Patients, orders and their material on the way, made the way people make them."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from uuid import UUID, uuid4

from chain_of_identity import isbt, services
from chain_of_identity.models import (
    BedsideCheck,
    Container,
    Handover,
    HandoverAnswer,
    Infusion,
    Order,
    Party,
    Patient,
    Receipt,
    Scan,
    Shipment,
)
from mes import clock
from mes.accounts.models import Site, User
from tests.given import people

Purpose = Scan.Purpose

SEAL = "77821"
_numbers = count(1)


def donation_number() -> str:
    """A donation number nobody has used, as a scanner sends it."""
    number = f"A999926{next(_numbers):06}"
    return f"={number}{isbt.DonationNumber(number).type_3_flag}"


def patient(site: Site, *, name: str = "Ana Muster", birth_date: date = date(1961, 3, 7)) -> Patient:
    """A person whom the clinic put into the vault."""
    return services.enrol_patient(
        actor=people.persona(site, "clara"),
        site=site,
        name=name,
        birth_date=birth_date,
        hospital_number=f"H{next(_numbers):06}",
    )


def order(site: Site, *, consented: bool = True, product_code: str = "CART-A") -> Order:
    """A therapy ordered by the clinic, with its chain-of-identity identifier."""
    return services.place_order(
        actor=people.persona(site, "clara"),
        patient=patient(site),
        product_code=product_code,
        weight_kg=Decimal("71.5"),
        physician="Dr. R. Moser",
        clinic="St. Anna",
        consent_at=clock.now(site) - timedelta(days=1) if consented else None,
    )


def scan(actor: User, code: str | Container, expected: Order, purpose: str, batch_id: UUID | None = None) -> Scan:
    """A scan that is right."""
    return services.scan(actor=actor, code=str(code), order=expected, purpose=purpose, batch_id=batch_id)


def labelled_bag(of: Order, *, by: User | None = None) -> Container:
    """An empty collection bag with its label."""
    clara = by or people.persona(of.site, "clara")
    bag = services.prepare_container(actor=clara, order=of, description="Apheresis")
    services.print_label(actor=clara, order=of, container=bag)
    return bag


def collected(site: Site, *, of: Order | None = None, volume_ml: str = "200") -> Order:
    """An order whose cells are in a bag at the clinic."""
    of = of or order(site)
    clara = people.persona(site, "clara")
    bag = labelled_bag(of)
    services.record_collection(
        actor=clara,
        order=of,
        coi_id=of.coi_id,
        scan=scan(clara, bag, of, Purpose.COLLECTION),
        din=donation_number(),
        scanned=True,
        volume_ml=Decimal(volume_ml),
    )
    return of


def bag_of(of: Order) -> Container:
    """The bag of the last collection."""
    return Container.objects.select_related("order__site", "order__patient").filter(order=of).starting().latest("id")


def product_of(of: Order) -> list[Container]:
    """The filled product bags of an order."""
    return list(Container.objects.select_related("order__site", "order__patient").filter(order=of).product().filled())


def given(giver: User, of: Order, containers: Sequence[Container], to: str) -> Handover:
    """Containers offered to the next party, and not yet taken."""
    return services.give(
        actor=giver,
        order=of,
        scans=[scan(giver, each, of, Purpose.HANDOVER) for each in containers],
        to=to,
        place="St. Anna, ward 4",
        shipper="LN2-14",
        seal=SEAL,
        logger_celsius=Decimal("4.1"),
    )


def taken(receiver: User, handover: Handover, *, place: str = "On the road") -> HandoverAnswer:
    """What was offered is scanned and confirmed by the receiver."""
    containers = [item.container for item in handover.items.select_related("container")]
    return services.receive(
        actor=receiver,
        handover=handover,
        scans=[scan(receiver, each, handover.order, Purpose.HANDOVER) for each in containers],
        place=place,
        seal=handover.seal,
    )


def delivered_order(site: Site, *, of: Order | None = None) -> Order:
    """An order whose material lies at the manufacturing site and waits for its inspection."""
    of = collected(site, of=of)
    clara, kurt, logan = (people.persona(site, name) for name in ("clara", "kurt", "logan"))
    taken(kurt, given(clara, of, [bag_of(of)], Party.COURIER))
    taken(logan, given(kurt, of, [bag_of(of)], Party.SITE), place="Goods in")
    return of


def inspected(of: Order, *, accepted: bool = True, note: str = "") -> Receipt:
    """The incoming inspection, decided and signed by logistics."""
    logan = people.persona(of.site, "logan")
    return services.accept_receipt(
        actor=logan,
        order=of,
        scans=[scan(logan, bag_of(of), of, Purpose.RECEIPT)],
        identity_ok=True,
        shipper_ok=True,
        logger_ok=True,
        bag_ok=accepted,
        accepted=accepted,
        signer=people.signer(logan, "received", site=of.site),
        place="Incoming refrigerator",
        note=note or ("" if accepted else "The bag leaks."),
    )


def received_order(site: Site, *, of: Order | None = None) -> Order:
    """An order whose material was received and accepted: ready for manufacturing."""
    of = delivered_order(site, of=of)
    inspected(of)
    return of


def in_batch(of: Order, batch_id: UUID | None = None) -> Container:
    """The accepted material in a batch."""
    sven = people.persona(of.site, "sven")
    [bag] = services.enter_batch(actor=sven, order=of, batch_id=batch_id or uuid4(), batch_number="B-0042")
    return bag


def filled(of: Order, *, bags: int = 1, batch_id: UUID | None = None) -> list[Container]:
    """A batch made and filled: product in quarantine. (The batch itself is not of interest here.)"""
    olga = people.persona(of.site, "olga")
    batch_id = batch_id or uuid4()
    bag = in_batch(of, batch_id)
    [culture] = services.transfer(
        actor=olga,
        action="transfer",
        sources=[bag],
        into=[services.Into(kind="cassette", volume_ml=Decimal(250), description="Culture")],
        batch_id=batch_id,
    )
    return services.transfer(
        actor=olga,
        action="fill",
        sources=[culture],
        into=[services.Into(kind="bag", volume_ml=Decimal(50), holds="product")] * bags,
        batch_id=batch_id,
    )


def released(of: Order, *, bags: int = 1, status: str = "released") -> list[Container]:
    """Product bags with a disposition."""
    [first, *_] = filled(of, bags=bags)
    return services.set_release_status(
        actor=people.persona(of.site, "quinn"), order=of, batch_id=UUID(str(first.batch_id)), status=status
    )


def released_order(site: Site, *, bags: int = 1) -> Order:
    """An order whose product is released and lies at the site."""
    of = received_order(site)
    released(of, bags=bags)
    return of


def packed(of: Order) -> Shipment:
    """Product packed and offered to the courier."""
    logan = people.persona(of.site, "logan")
    return services.ship(
        actor=logan,
        order=of,
        scans=[scan(logan, each, of, Purpose.SHIPPING) for each in product_of(of)],
        shipper="LN2-14",
        seal=SEAL,
        destination="St. Anna",
        place="Dispatch",
        logger_celsius=Decimal(-171),
    )


def at_the_clinic(site: Site, *, bags: int = 1) -> Order:
    """An order whose product has arrived at the clinic."""
    of = released_order(site, bags=bags)
    kurt, clara = people.persona(site, "kurt"), people.persona(site, "clara")
    taken(kurt, packed(of).handovers.get())
    taken(clara, given(kurt, of, product_of(of), Party.CLINIC), place="Ward 4")
    return of


def checked_at_the_bed(of: Order, bag: Container | None = None) -> BedsideCheck:
    """Clara and Carlos found that bag and patient belong together."""
    clara, carlos = people.persona(of.site, "clara"), people.persona(of.site, "carlos")
    return services.bedside_check(
        bag=scan(clara, bag or product_of(of)[0], of, Purpose.BEDSIDE),
        wristband=scan(clara, f"&/{of.coi_id}", of, Purpose.WRISTBAND),
        second_identifier=of.patient.second_identifier,
        signer=people.signer(clara, "performed", site=of.site),
        verifier=people.signer(carlos, "verified", site=of.site),
    )


def infused(of: Order) -> Infusion:
    """The product was given, completely."""
    check = checked_at_the_bed(of)
    return services.record_infusion(
        actor=people.persona(of.site, "clara"), check=check, volume_ml=check.container.volume_ml, outcome="complete"
    )
