"""Reads: finding a lot by its label, judging it, and tracing it in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from materials.models import Lot, LotUse, Material
from materials.states import LotStatus
from mes.accounts.models import Site, User
from mes.batch_names import batch_numbers_of
from mes.errors import InvalidInput, NotFound, Reason
from mes.phrases import Phrase
from mes.quantities import Quantity, convert, parse_decimal

UNUSABLE = {
    LotStatus.QUARANTINED: ("lot_quarantined", gettext_noop("Lot {lot} is still in quarantine.")),
    LotStatus.REJECTED: ("lot_rejected", gettext_noop("Lot {lot} was rejected.")),
    LotStatus.EXPIRED: ("lot_expired", gettext_noop("Lot {lot} has expired.")),
}


def materials_visible_to(user: User) -> QuerySet[Material]:
    return Material.objects.filter(site_id__in=user.sites_for("materials.view"))


def lots_visible_to(user: User) -> QuerySet[Lot]:
    sites = user.sites_for("materials.view")
    return Lot.objects.filter(site_id__in=sites).select_related("site", "material", "received_by")


def material(site: Site, code: str) -> Material:
    """The site's material of this code, or NotFound."""
    found = Material.objects.select_related("site").filter(site=site, code=code).first()
    if found is None:
        raise NotFound(Phrase("{site} has no material {code}.", site=site.code, code=code), material=code)
    return found


def find_lot(site: Site, code: str) -> Lot:
    """The lot whose label reads `code` at this site."""
    lot = Lot.objects.select_related("site", "material").filter(site=site, barcode=code).first()
    if lot is None:
        raise NotFound(Phrase("No lot at {site} carries the label {code}.", site=site.code, code=code), scanned=code)
    return lot


def reasons_unusable(lot: Lot, *, material_code: str, quantity: Quantity, at: datetime) -> list[Reason]:
    """Why this lot may not be used now for this need; empty means it may."""
    return [
        *_wrong_material(lot, material_code),
        *_not_usable(lot, at),
        *_not_enough(lot, quantity),
    ]


def lot_attribute(lot: Lot, name: str) -> Quantity:
    """A measured property of the lot, such as the titre of a vector."""
    try:
        stated = lot.attributes[name]
    except KeyError:
        raise NotFound(
            Phrase("Lot {lot} states no {name}.", lot=lot, name=name), lot=str(lot), attribute=name
        ) from None
    return Quantity(parse_decimal(stated["value"]), stated["unit"])


def lots_used_in(batch_id: UUID) -> QuerySet[LotUse]:
    """Everything that went into a batch, in the order it went in."""
    return LotUse.objects.filter(batch_id=batch_id).select_related("lot__material", "event")


@dataclass(frozen=True)
class Touched:
    """One batch a lot went into, and how often."""

    batch_id: UUID
    number: str
    uses: tuple[LotUse, ...]


def batches_touched_by(lot: Lot) -> list[Touched]:
    """Every batch the lot went into, first use first: where a recall starts."""
    touched: dict[UUID, list[LotUse]] = {}
    for use in lot.uses.select_related("event").order_by("at", "id"):
        touched.setdefault(use.batch_id, []).append(use)
    numbers = batch_numbers_of(touched.keys())
    return [Touched(batch_id, numbers.get(batch_id, ""), tuple(uses)) for batch_id, uses in touched.items()]


def narrowed(lots: QuerySet[Lot], wanted: Mapping[str, str]) -> QuerySet[Lot]:
    """The lots somebody asked for by `status`, `material` and `q`; the page and the API ask alike."""
    if status := wanted.get("status"):
        lots = lots.filter(status=status)
    if code := wanted.get("material"):
        lots = lots.filter(material__code=code)
    if text := wanted.get("q"):
        named = Q(material__code__icontains=text) | Q(material__name__icontains=text)
        lots = lots.filter(named | Q(number__icontains=text) | Q(barcode=text))
    return lots


def _wrong_material(lot: Lot, material_code: str) -> list[Reason]:
    if lot.material.code == material_code:
        return []
    message = Phrase(
        "This is {code}; the step asks for {material_code}.", code=lot.material.code, material_code=material_code
    )
    return [Reason("wrong_material", message, str(lot))]


def _not_usable(lot: Lot, at: datetime) -> list[Reason]:
    # The clock decides, not the tick that will mark the lot a moment later.
    status = lot.status
    if status == LotStatus.RELEASED and lot.expires_at <= at:
        status = LotStatus.EXPIRED
    if status == LotStatus.RELEASED:
        return []
    code, pattern = UNUSABLE[LotStatus(status)]
    return [Reason(code, Phrase(pattern, lot=lot), str(lot))]


def _not_enough(lot: Lot, quantity: Quantity) -> list[Reason]:
    try:
        needed = convert(quantity, lot.unit)
    except InvalidInput as error:
        return [Reason("wrong_unit", error.message, str(lot))]
    if needed.value <= lot.remaining:
        return []
    left = Quantity(lot.remaining.normalize(), lot.unit)
    return [
        Reason(
            "not_enough",
            Phrase("Lot {lot} has {left} left; {quantity} are needed.", lot=lot, left=left, quantity=quantity),
            str(lot),
        )
    ]
