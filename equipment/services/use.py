"""Acts on the use of a unit by a batch."""

from __future__ import annotations

from uuid import UUID

from equipment.errors import NotInThisUnit, UnitUnfit
from equipment.models import Occupancy, Unit
from equipment.queries import reasons_unfit
from equipment.services.units import lock
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.phrases import Phrase
from mes.records.services import act
from mes.records.signing import Signer


def occupy(*, actor: User, unit: Unit, batch_id: UUID, coi_id: str, checker: Signer | None = None) -> Occupancy:
    """Take a unit for a batch. UnitUnfit tells every reason why not (R-091, R-108). Twice is once."""
    require(actor, "equipment.command", unit.site)
    if checker is not None and checker.user_id == actor.id:
        raise InvalidInput("Somebody else checks this work.", rule="not_own_work")
    with act(actor, "equipment.occupy", site=unit.site, subject=unit, batch=batch_id):
        locked = lock(unit)
        now = clock.now(unit.site)
        present = locked.occupancies.open().filter(batch_id=batch_id).first()
        if present is not None:
            return present
        reasons = reasons_unfit(locked, class_code=locked.class_code, batch_id=batch_id, at=now)
        if reasons:
            raise UnitUnfit.by(reasons, Phrase("{unit} cannot be used.", unit=locked))
        return Occupancy.objects.create(
            unit=locked,
            batch_id=batch_id,
            coi_id=coi_id,
            exclusive=not locked.page.shared,
            since=now,
            taken_by=actor,
            checked_by=checker.user if checker else None,
        )


def vacate(*, actor: User, unit: Unit, batch_id: UUID) -> Occupancy:
    """The batch has left the unit; where its class asks for it, the unit is no longer clean."""
    require(actor, "equipment.command", unit.site)
    with act(actor, "equipment.vacate", site=unit.site, subject=unit, batch=batch_id):
        locked = lock(unit)
        occupancy = locked.occupancies.open().filter(batch_id=batch_id).first()
        if occupancy is None:
            raise NotInThisUnit(Phrase("This batch is not in {unit}.", unit=locked), unit=locked.code)
        occupancy.until = clock.now(unit.site)
        occupancy.save(update_fields=["until"])
        if locked.page.cleaned_after_use:
            locked.cleaning_due = None
            locked.save(update_fields=["cleaning_due"])
    return occupancy
