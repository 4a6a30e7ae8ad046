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
from mes.phrases import Phrase
from mes.records.services import act


def occupy(*, actor: User, unit: Unit, batch_id: UUID, coi_id: str) -> Occupancy:
    """Take a unit for a batch. UnitUnfit tells every reason why not (R-091, R-108). Twice is once."""
    require(actor, "equipment.command", unit.site)
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
        )


def check_use(*, actor: User, unit: Unit, batch_id: UUID) -> None:
    """A second person has signed for what the unit was taken for: its log book names both (R-106). The first one stays.

    Whoever took the unit does not check it. The right to check is that to the signature.
    """
    use = unit.occupancies.filter(batch_id=batch_id).order_by("since").last()
    if use is None or use.checked_by_id is not None or use.taken_by_id == actor.id:
        return
    with act(actor, "equipment.check_use", site=unit.site, subject=unit, batch=batch_id):
        use.checked_by = actor
        use.save(update_fields=["checked_by"])


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
