"""Acts on materials and lots."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from materials.errors import LotExists, LotOutOfDate, LotUnusable, MaterialExists
from materials.models import Lot, LotUse, Material, MaterialKind
from materials.queries import reasons_unusable
from materials.states import LOT, LotStatus
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.quantities import Quantity, convert, parse_unit
from mes.records import current
from mes.records.services import act, record_refusal, sign
from mes.records.signing import Signer


def add_material(*, actor: User, site: Site, code: str, name: str, kind: str, unit: str) -> Material:
    """A material a recipe may ask for by `code`; its lots are counted in `unit`."""
    require(actor, "materials.release", site)
    _check_kind(kind)
    parse_unit(unit)
    material = Material(site=site, code=code, name=name, kind=kind, unit=unit)
    with act(actor, "materials.add_material", site=site, subject=material):
        try:
            material.save(force_insert=True)
        except IntegrityError:
            raise MaterialExists(Phrase("{site} already has a material {code}.", site=site.code, code=code)) from None
    return material


def receive_lot(
    *,
    actor: User,
    material: Material,
    number: str,
    quantity: Quantity,
    expires_at: datetime,
    barcode: str = "",
    attributes: Mapping[str, Quantity] | None = None,
) -> Lot:
    """Take a delivery into quarantine. The quantity is kept in the material's own unit."""
    require(actor, "materials.receive", material.site)
    received = convert(quantity, material.unit)
    _check_delivery(material, number, received, expires_at)
    lot = Lot(
        site=material.site,
        material=material,
        number=number,
        barcode=barcode or f"{material.code}-{number}",
        quantity=received.value,
        remaining=received.value,
        unit=received.unit,
        expires_at=expires_at,
        received_at=clock.now(material.site),
        received_by=actor,
        attributes=_stated(attributes or {}),
        status=LotStatus.QUARANTINED,
    )
    with act(actor, "materials.receive_lot", site=lot.site, subject=lot):
        try:
            lot.save(force_insert=True)
        except IntegrityError:
            raise LotExists(
                Phrase("Lot {lot} or its label {barcode} is already here.", lot=lot, barcode=lot.barcode)
            ) from None
    return lot


def release_lot(*, actor: User, lot: Lot, signer: Signer) -> Lot:
    """Let a lot out of quarantine; signed by somebody other than the one who received it."""
    with act(actor, "materials.release_lot", site=lot.site, subject=lot) as event:
        lot = _locked(lot)
        if lot.expires_at <= clock.now(lot.site):
            raise LotOutOfDate(Phrase("Lot {lot} has expired and cannot be released. Reject it.", lot=lot))
        LOT.move(lot, "release", event=event, signers=[signer])
        sign(event, signer, subject=lot, meaning="released")
    return lot


def reject_lot(*, actor: User, lot: Lot, reason: str) -> Lot:
    """Refuse a lot in quarantine, for good."""
    return _move(actor=actor, lot=lot, name="reject", reason=reason)


def recall_lot(*, actor: User, lot: Lot, reason: str) -> Lot:
    """Withdraw a lot after its release; `queries.batches_touched_by` tells where it went."""
    return _move(actor=actor, lot=lot, name="recall", reason=reason)


def expire_due(*, actor: User, site: Site) -> list[Lot]:
    """Mark the released lots whose expiry has passed. Two workers never take the same lot."""
    with transaction.atomic():
        due = Lot.objects.filter(site=site, status=LotStatus.RELEASED, expires_at__lte=clock.now(site)).select_related(
            "site", "material"
        )
        lots = list(due.select_for_update(skip_locked=True, of=("self",))[:100])
        for lot in lots:
            with act(actor, "materials.expire_lot", site=site, subject=lot) as event:
                LOT.move(lot, "expire", event=event)
    return lots


def use_lot(*, actor: User, lot: Lot, material_code: str, quantity: Quantity, batch_id: UUID, step_id: UUID) -> LotUse:
    """Take a quantity out of a scanned lot for one step.

    LotUnusable tells every reason: not released, out of date, another material, too little left. The refusal is
    logged; a caller with an act of its own logs every refused lot there (`record_unusable`), this one too.
    """
    require(actor, "batches.execute", lot.site)
    if quantity.value <= 0:
        raise InvalidInput("The quantity used must be more than zero.", field="quantity")
    try:
        return _take(actor, lot, material_code, quantity, data={"batch_id": batch_id, "step_id": step_id})
    except LotUnusable as refusal:
        if current.event.get() is None:
            record_unusable(actor=actor, lot=lot, refusal=refusal)
        raise


def record_unusable(*, actor: User, lot: Lot, refusal: LotUnusable) -> None:
    """Log that somebody tried to use a lot that may not be used: the attempt matters although it failed (R-090)."""
    codes = ", ".join(reason["code"] for reason in refusal.details["reasons"])
    record_refusal(actor, "materials.use_lot", site=lot.site, subject=str(lot), message=codes)


def _take(actor: User, lot: Lot, material_code: str, quantity: Quantity, data: dict[str, UUID]) -> LotUse:
    batch_id = data["batch_id"]
    with act(actor, "materials.use_lot", site=lot.site, subject=lot, batch=batch_id) as event:
        lot = _locked(lot)
        reasons = reasons_unusable(lot, material_code=material_code, quantity=quantity, at=clock.now(lot.site))
        if reasons:
            raise LotUnusable.by(reasons, Phrase("Lot {lot} cannot be used here.", lot=lot))
        taken = convert(quantity, lot.unit)
        event.data |= {"quantity": str(quantity), "taken": str(taken), "step": str(data["step_id"])}
        lot.remaining -= taken.value
        lot.save(update_fields=["remaining"])
        return LotUse.objects.create(lot=lot, quantity=quantity.value, unit=quantity.unit, **data)


def _move(*, actor: User, lot: Lot, name: str, reason: str) -> Lot:
    with act(actor, f"materials.{name}_lot", site=lot.site, subject=lot, reason=reason) as event:
        lot = _locked(lot)
        LOT.move(lot, name, event=event)
    return lot


def _locked(lot: Lot) -> Lot:
    lots = Lot.objects.select_related("site", "material", "received_by")
    return lots.select_for_update(of=("self",)).get(pk=lot.pk)


def _check_kind(kind: str) -> None:
    if kind not in MaterialKind.values:
        known = ", ".join(MaterialKind.values)
        raise InvalidInput(
            Phrase("“{kind}” is not a kind of material. Known: {known}.", kind=kind, known=known), field="kind"
        )


def _check_delivery(material: Material, number: str, received: Quantity, expires_at: datetime) -> None:
    if not number.strip():
        raise InvalidInput("Write the lot number that is on the container.", field="number")
    if received.value <= 0:
        raise InvalidInput("The quantity received must be more than zero.", field="quantity")
    if expires_at <= clock.now(material.site):
        raise InvalidInput("This lot has already expired. Do not take it in.", field="expires_at")


def _stated(attributes: Mapping[str, Quantity]) -> dict[str, dict[str, str]]:
    """Measured properties as JSON keeps them: exact text and unit."""
    for quantity in attributes.values():
        parse_unit(quantity.unit)
    return {name: {"value": f"{quantity.value:f}", "unit": quantity.unit} for name, quantity in attributes.items()}
