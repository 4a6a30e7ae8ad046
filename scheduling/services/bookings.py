"""What a slot binds beside its place: units, operators, lots (R-192)."""

from __future__ import annotations

from django.db.models import Sum

from equipment.models import Unit
from materials.models import Lot
from materials.queries import reasons_unusable
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, Reason, WrongState
from mes.quantities import Quantity, convert
from mes.records.services import act
from scheduling import queries
from scheduling.errors import LotShort, UnitTaken
from scheduling.models import LotReservation, OperatorBooking, Slot, UnitBooking
from scheduling.services.slots import locked_slot


def book_unit(*, actor: User, slot: Slot, unit: Unit) -> UnitBooking:
    """Bind a unit to a slot for the whole of its window. UnitTaken when another slot has it then."""
    require(actor, "scheduling.plan", slot.site)
    _check_site(slot, unit.site_id)
    with act(actor, "scheduling.book_unit", site=slot.site, subject=slot, data={"unit": unit.code}):
        unit = Unit.objects.select_for_update(no_key=True, of=("self",)).get(pk=unit.pk)
        slot = _open(slot)
        taken = queries.reasons_unit_taken(unit, slot.interval)
        if taken:
            raise UnitTaken(taken[0].message, unit=unit.code)
        return UnitBooking.objects.create(slot=slot, unit=unit, window=slot.window)


def assign_operator(*, actor: User, slot: Slot, person: User) -> OperatorBooking:
    """Plan a person for a slot. Missing training shows as a warning now and blocks the steps later (R-193)."""
    require(actor, "scheduling.plan", slot.site)
    if not person.may("batches.execute", slot.site):
        raise InvalidInput(f"{person} does not execute batches at {slot.site.code}.", field="person")
    with act(actor, "scheduling.assign_operator", site=slot.site, subject=slot, data={"person": person.username}):
        slot = _open(slot)
        if slot.operator_bookings.filter(person=person, active=True).exists():
            raise Conflict(f"{person} is already planned for this slot.")
        return OperatorBooking.objects.create(slot=slot, person=person)


def reserve_lot(*, actor: User, slot: Slot, lot: Lot, quantity: Quantity) -> LotReservation:
    """Set a quantity of a lot aside. LotShort when it is not released, runs out of date, or others reserved it."""
    require(actor, "scheduling.plan", slot.site)
    _check_site(slot, lot.site_id)
    needed = convert(quantity, lot.unit)
    if needed.value <= 0:
        raise InvalidInput("Reserve more than nothing.", field="quantity")
    with act(actor, "scheduling.reserve_lot", site=slot.site, subject=slot, data={"lot": str(lot)}):
        lot = Lot.objects.select_for_update(no_key=True, of=("self",)).select_related("material", "site").get(pk=lot.pk)
        slot = _open(slot)
        reasons = _reasons_short(slot, lot, needed)
        if reasons:
            raise LotShort.by(reasons, f"Lot {lot} does not cover this slot.")
        return LotReservation.objects.create(slot=slot, lot=lot, quantity=needed.value)


def _reasons_short(slot: Slot, lot: Lot, needed: Quantity) -> list[Reason]:
    """Judged for the end of the slot, so that the lot stays in date through its planned use (R-196)."""
    reserved = LotReservation.objects.filter(lot=lot, active=True).aggregate(sum=Sum("quantity"))["sum"] or 0
    wanted = Quantity(needed.value + reserved, needed.unit)
    return reasons_unusable(lot, material_code=lot.material.code, quantity=wanted, at=slot.window.upper)


def _open(slot: Slot) -> Slot:
    slot = locked_slot(slot)
    if not slot.takes_a_place:
        raise WrongState(f"The slot is {slot.get_status_display().lower()}.", state=slot.status)
    return slot


def _check_site(slot: Slot, site_id: object) -> None:
    if site_id != slot.site_id:
        raise InvalidInput("A slot binds only what is at its own site.")
