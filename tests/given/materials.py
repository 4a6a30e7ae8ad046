"""Materials and lots as a site has them, made the way people make them."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import time_machine
from django.utils import timezone

from materials import services
from materials.models import Lot, LotUse, Material
from mes import clock
from mes.accounts.models import Site, User
from mes.quantities import Quantity
from tests.given import people

KINDS = {"VEC-CD20": "vector", "TUBING-TS520": "consumable", "BAG-SET": "consumable"}
UNITS = {"TEXMACS": "L", "IL-2": "IU", "TUBING-TS520": "", "BAG-SET": ""}
PLENTY = {"L": "10", "mL": "1000", "IU": "100000000", "": "100"}
TITRE = {"titre_tu_per_ml": Quantity(Decimal("1E8"), "TU/mL")}


def material(site: Site, code: str) -> Material:
    """The site's material of this code, added by QA on first use."""
    found = Material.objects.filter(site=site, code=code).first()
    return found or services.add_material(
        actor=people.persona(site, "quinn"),
        site=site,
        code=code,
        name=code.replace("-", " ").title(),
        kind=KINDS.get(code, "reagent"),
        unit=UNITS.get(code, "mL"),
    )


def quarantined_lot(
    site: Site,
    code: str,
    *,
    number: str = "",
    quantity: str = "",
    unit: str = "",
    days: int = 365,
    receiver: User | None = None,
) -> Lot:
    """A lot that logistics took in and nobody has looked at yet."""
    wanted = material(site, code)
    unit = unit or wanted.unit
    return services.receive_lot(
        actor=receiver or people.persona(site, "logan"),
        material=wanted,
        number=number or f"L{Lot.objects.count() + 1:04}",
        quantity=Quantity(Decimal(quantity or PLENTY[unit]), unit),
        expires_at=clock.now(site) + timedelta(days=days),
        attributes=TITRE if wanted.kind == "vector" else None,
    )


def released_lot(site: Site, code: str, **facts: Any) -> Lot:
    """A lot that quality has released."""
    lot = quarantined_lot(site, code, **facts)
    quinn = people.persona(site, "quinn")
    return services.release_lot(actor=quinn, lot=lot, signer=people.signer(quinn, "released", site=site))


def used(lot: Lot, *, by: User, quantity: str = "1", unit: str = "mL", batch_id: UUID | None = None) -> LotUse:
    """Something taken out of the lot for a step of a batch."""
    return services.use_lot(
        actor=by,
        lot=lot,
        material_code=lot.material.code,
        quantity=Quantity(Decimal(quantity), unit),
        batch_id=batch_id or uuid4(),
        step_id=uuid4(),
    )


def days_later(days: int) -> time_machine.travel:
    """The same place some days on."""
    return time_machine.travel(timezone.now() + timedelta(days=days))
