"""Patients, orders, collections."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from chain_of_identity import isbt
from chain_of_identity.announcements import ORDER_CANCELLED
from chain_of_identity.errors import DonationNumberTaken
from chain_of_identity.identifiers import draw_chain_identifier, draw_pseudonym
from chain_of_identity.models import Collection, Order, Patient, PatientIdentity, PlannedStop, Scan
from chain_of_identity.services.locks import locked_order, require_active
from chain_of_identity.services.scans import use_scan
from chain_of_identity.services.telling import tell
from chain_of_identity.states import CONTAINER, ORDER
from chain_of_identity.vault import PersonalData, Sealed, Vault
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput
from mes.ids import uuid7
from mes.records.services import act


def enrol_patient(*, actor: User, site: Site, name: str, birth_date: date, hospital_number: str) -> Patient:
    """Put a person into the vault; everybody else gets a pseudonym and the site's second identifier."""
    require(actor, "identity.order", site)
    data = PersonalData(" ".join(name.split()), birth_date, hospital_number.strip())
    if not data.name or not data.hospital_number:
        raise InvalidInput("A patient is enrolled with name, birth date and hospital number.")
    if birth_date > clock.now(site).date():
        raise InvalidInput("The birth date is in the future.", field="birth_date")
    patient = Patient(
        site=site,
        pseudonym=draw_pseudonym(),
        second_identifier_kind=site.second_identifier,
        second_identifier=_second_identifier(site, data),
    )
    with act(actor, "chain_of_identity.enrol_patient", site=site, subject=patient):
        patient.save(force_insert=True)
        sealed = Vault(settings.VAULT_KEYS).seal(data, owner=str(patient.id))
        PatientIdentity.objects.create(patient=patient, key_id=sealed.key_id, box=sealed.box)
    return patient


def _second_identifier(site: Site, data: PersonalData) -> str:
    if site.second_identifier == Site.SecondIdentifier.YEAR_OF_BIRTH:
        return str(data.birth_date.year)
    return "".join(word[0] for word in data.name.replace("-", " ").split()).upper()[:10]


def open_therapy(*, actor: User, site: Site, name: str, birth_date: date, hospital_number: str, **wanted: Any) -> Order:
    """Enrol a patient and place the order (`wanted` as in place_order) in one act."""
    with act(actor, "chain_of_identity.open_therapy", site=site):
        patient = enrol_patient(
            actor=actor, site=site, name=name, birth_date=birth_date, hospital_number=hospital_number
        )
        return place_order(actor=actor, patient=patient, **wanted)


def place_order(
    *,
    actor: User,
    patient: Patient,
    product_code: str,
    weight_kg: Decimal,
    physician: str,
    clinic: str,
    consent_at: datetime | None = None,
) -> Order:
    """Open a therapy for a patient and issue its chain-of-identity identifier."""
    site = patient.site
    require(actor, "identity.order", site)
    if not weight_kg > 0:
        raise InvalidInput("The patient's weight is more than 0 kg.", field="weight_kg")
    order = Order(
        id=uuid7(),
        site=site,
        patient=patient,
        product_code=product_code,
        weight_kg=weight_kg,
        physician=physician,
        clinic=clinic,
        consent_at=consent_at,
        placed_at=clock.now(site),
    )
    personal = _open_vault(patient)
    order.coi_id = _free_identifier(order, personal)
    with act(actor, "chain_of_identity.place_order", site=site, subject=order) as event:
        order.save(force_insert=True)
        event.data["coi_id"] = order.coi_id
    return order


def _free_identifier(order: Order, personal: PersonalData) -> str:
    telling = (personal.name, personal.hospital_number, personal.birth_date.isoformat())
    while True:
        drawn = draw_chain_identifier(facility=order.site.facility_code, year=order.placed_at.year, personal=telling)
        # People and labels use the last six signs alone, so they are drawn once for all sites.
        if not Order.objects.filter(coi_id__endswith=drawn[-6:]).exists():
            return drawn


def record_consent(*, actor: User, order: Order, consent_at: datetime) -> Order:
    """The patient has consented; without it nothing is manufactured."""
    require(actor, "identity.order", order.site)
    with act(actor, "chain_of_identity.record_consent", site=order.site, subject=order):
        order = locked_order(order)
        order.consent_at = consent_at
        order.save(update_fields=["consent_at"])
    return order


def cancel_order(*, actor: User, order: Order, reason: str) -> Order:
    """End a therapy before its material was infused."""
    with act(actor, "chain_of_identity.cancel_order", site=order.site, subject=order, reason=reason) as event:
        order = locked_order(order)
        ORDER.move(order, "cancel", event=event)
        tell(ORDER_CANCELLED, event, order, f"Order {order.short} is cancelled.")
    return order


def record_collection(
    *,
    actor: User,
    order: Order,
    coi_id: str,
    scan: Scan,
    din: str,
    scanned: bool,
    volume_ml: Decimal,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
) -> Collection:
    """Cells were taken into the scanned bag. The clinic holds them from now on."""
    require(actor, "identity.collect", order.site)
    _check_chain(order, coi_id)
    donation = isbt.scanned_donation_number(din) if scanned else isbt.typed_donation_number(din)
    if not volume_ml > 0:
        raise InvalidInput("The collected volume is more than 0 mL.", field="volume_ml")
    now = clock.now(order.site)
    collection = Collection(
        order=order,
        din=donation.number,
        flags=donation.flags,
        volume_ml=volume_ml,
        started_at=started_at or now,
        ended_at=ended_at or started_at or now,
    )
    _check_times(collection, now)
    with act(actor, "chain_of_identity.record_collection", site=order.site, subject=order) as event:
        order = locked_order(order)
        require_active(order)
        bag = use_scan(scan, actor=actor, order=order, purpose=Scan.Purpose.COLLECTION)
        if bag.holds != bag.Holds.STARTING:
            raise Conflict(f"{bag} is not labelled for a collection.", container=bag.label)
        CONTAINER.move(bag, "fill", event=event)
        bag.volume_ml, bag.custodian, bag.place = volume_ml, actor, order.clinic
        bag.save(update_fields=["volume_ml", "custodian", "place"])
        collection.container = bag
        _insert_once(collection)
        event.data |= {"din": donation.number, "container": bag.label, "typed": not scanned}
    return collection


def _check_chain(order: Order, coi_id: str) -> None:
    if not coi_id.strip():
        raise InvalidInput("A collection needs its chain-of-identity identifier.", field="coi_id")
    if isbt.chain_identifier(coi_id) != order.coi_id:
        raise Conflict("This chain-of-identity identifier belongs to another order.", expected=order.coi_id)


def _check_times(collection: Collection, now: datetime) -> None:
    if collection.ended_at < collection.started_at:
        raise InvalidInput("A collection ends after it starts.", field="ended_at")
    if collection.ended_at > now:
        raise InvalidInput("A collection is recorded when it is over.", field="ended_at")


def _insert_once(collection: Collection) -> None:
    try:
        with transaction.atomic():
            collection.save(force_insert=True)
    except IntegrityError as error:
        raise DonationNumberTaken(
            f"Donation number {collection.donation.eye_readable} is registered already.", din=collection.din
        ) from error


def plan_stop(*, actor: User, order: Order, stop: str, at: datetime, note: str = "") -> PlannedStop:
    """Say when something of the journey is planned, or plan it anew."""
    require(actor, "scheduling.plan", order.site)
    if stop not in PlannedStop.Stop.values:
        raise InvalidInput(f"There is no stop “{stop}” on a journey.", known=PlannedStop.Stop.values)
    with act(actor, "chain_of_identity.plan_stop", site=order.site, subject=order) as event:
        plan, _created = PlannedStop.objects.update_or_create(
            order=order, stop=stop, defaults={"planned_at": at, "note": note}
        )
        event.data |= {"stop": stop, "planned_at": clock.iso(at), "note": note}
    return plan


def reveal_identity(*, actor: User, order: Order, reason: str) -> PersonalData:
    """Open the vault for one patient. Every reading is an event with its reason (R-043)."""
    require(actor, "identity.reveal", order.site)
    if not reason.strip():
        raise InvalidInput("Say why you need to see who the patient is.", field="reason")
    with act(actor, "chain_of_identity.reveal_identity", site=order.site, subject=order, reason=reason):
        return _open_vault(order.patient)


def _open_vault(patient: Patient) -> PersonalData:
    entry = patient.identity
    return Vault(settings.VAULT_KEYS).open(Sealed(entry.key_id, entry.box), owner=str(patient.id))
