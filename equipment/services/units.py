"""Acts on units: bringing them in, qualifying, calibrating, cleaning, taking them out."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from equipment.adapters import ADAPTERS
from equipment.classes import EQUIPMENT_CLASSES
from equipment.errors import AlreadyKnown, CommandOpen
from equipment.models import Calibration, Cleaning, Command, Room, Unit
from equipment.states import UNIT
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.records.services import act, sign
from mes.records.signing import Signer


def add_unit(
    *,
    actor: User,
    site: Site,
    room: Room,
    code: str,
    name: str,
    class_code: str,
    area: str,
    process_cell: str,
    barcode: str = "",
    adapter: str = "",
    address: str = "",
) -> Unit:
    """A piece of equipment in its place in the plant (R-109). It is unfit until qualified, calibrated and clean."""
    require(actor, "equipment.maintain", site)
    unit = Unit(
        site=site,
        room=room,
        code=code,
        name=name,
        class_code=class_code,
        barcode=barcode or code,
        area=area.strip(),
        process_cell=process_cell.strip(),
        adapter=adapter,
        address=address,
    )
    _check_place(unit)
    with act(actor, "equipment.add_unit", site=site, subject=unit):
        try:
            with transaction.atomic():
                unit.save(force_insert=True)
        except IntegrityError as error:
            raise AlreadyKnown(f"{site.code} already has a unit with the code or barcode {code}.", code=code) from error
    return unit


def connect_unit(*, actor: User, unit: Unit, adapter: str, address: str = "") -> Unit:
    """How the gateway reaches a unit from now on; without an adapter it is worked by hand.

    CommandOpen while a command to it is under way: nobody would know where that went.
    """
    require(actor, "equipment.maintain", unit.site)
    data = {"from": [unit.adapter, unit.address], "to": [adapter, address]}
    with act(actor, "equipment.connect_unit", site=unit.site, subject=unit, data=data):
        locked = lock(unit)
        if Command.objects.open().filter(unit=locked).exists():
            raise CommandOpen(f"A command to {unit} is under way. Wait until it has ended.", unit=unit.code)
        locked.adapter, locked.address = adapter, address
        _check_place(locked)
        locked.save(update_fields=["adapter", "address"])
    return locked


def _check_place(unit: Unit) -> None:
    if unit.class_code not in EQUIPMENT_CLASSES:
        raise InvalidInput(
            f"There is no equipment class “{unit.class_code}”.",
            field="class_code",
            known=sorted(EQUIPMENT_CLASSES),
        )
    if unit.adapter and unit.adapter not in ADAPTERS:
        raise InvalidInput(f"There is no adapter “{unit.adapter}”.", field="adapter", known=sorted(ADAPTERS))
    for field in ("area", "process_cell"):
        if not getattr(unit, field):
            raise InvalidInput("A unit belongs to an area and a process cell.", field=field)
    if unit.room.site_id != unit.site_id:
        raise InvalidInput(f"Room {unit.room} is at another site.", field="room")


def qualify_unit(*, actor: User, unit: Unit, until: datetime, report: str) -> Unit:
    """The qualification report (IQ, OQ, PQ) is approved and holds until a date of the site's clock."""
    if not report.strip():
        raise InvalidInput("Name the qualification report.", field="report")
    if until <= clock.now(unit.site):
        raise InvalidInput("The qualification would already have ended.", field="until")
    with act(actor, "equipment.qualify_unit", site=unit.site, subject=unit, data={"report": report}) as event:
        locked = lock(unit)
        UNIT.move(locked, "qualify", event=event)
        locked.qualified_until = until
        locked.save(update_fields=["qualified_until"])
    return locked


def take_unit_out(*, actor: User, unit: Unit, reason: str) -> Unit:
    """Out of service, whatever is in it: what happens to that batch is decided on the batch."""
    with act(actor, "equipment.take_unit_out", site=unit.site, subject=unit, reason=reason) as event:
        locked = lock(unit)
        UNIT.move(locked, "take_out", event=event)
    return locked


def record_calibration(
    *,
    actor: User,
    unit: Unit,
    checker: Signer,
    certificate: str,
    due_at: datetime,
    as_found_passed: bool = True,
    as_left_passed: bool = True,
    done_at: datetime | None = None,
    note: str = "",
) -> Calibration:
    """One calibration by `actor`, checked and signed by another. Failed as left, the unit is not calibrated (R-107)."""
    require(actor, "equipment.maintain", unit.site)
    now = clock.now(unit.site)
    calibration = Calibration(
        unit=unit,
        certificate=certificate,
        as_found_passed=as_found_passed,
        as_left_passed=as_left_passed,
        done_at=done_at or now,
        due_at=due_at,
        note=note,
        performed_by=actor,
        checked_by=checker.user,
    )
    _check_two_people(actor, checker)
    _check_times(calibration.done_at, due_at, now)
    with act(actor, "equipment.record_calibration", site=unit.site, subject=unit) as event:
        locked = lock(unit)
        calibration.save(force_insert=True)
        sign(event, checker, subject=calibration, meaning="checked")
        locked.calibration_due = due_at if as_left_passed else None
        locked.save(update_fields=["calibration_due"])
    return calibration


def record_cleaning(
    *,
    actor: User,
    unit: Unit,
    checker: Signer,
    procedure: str,
    due_at: datetime,
    done_at: datetime | None = None,
) -> Cleaning:
    """One cleaning by `actor`, checked and signed by another. The unit is clean until `due_at` or its next use."""
    require(actor, "equipment.clean", unit.site)
    now = clock.now(unit.site)
    cleaning = Cleaning(
        unit=unit,
        procedure=procedure,
        done_at=done_at or now,
        due_at=due_at,
        performed_by=actor,
        checked_by=checker.user,
    )
    _check_two_people(actor, checker)
    _check_times(cleaning.done_at, due_at, now)
    with act(actor, "equipment.record_cleaning", site=unit.site, subject=unit) as event:
        locked = lock(unit)
        cleaning.save(force_insert=True)
        sign(event, checker, subject=cleaning, meaning="checked")
        locked.cleaning_due = due_at
        locked.save(update_fields=["cleaning_due"])
    return cleaning


def _check_two_people(actor: User, checker: Signer) -> None:
    if checker.user_id == actor.id:
        raise InvalidInput("Somebody else checks this work.", rule="not_own_work")


def _check_times(done_at: datetime, due_at: datetime, now: datetime) -> None:
    if done_at > now:
        raise InvalidInput("Work is recorded after it was done.", field="done_at")
    if due_at <= done_at:
        raise InvalidInput("The next date lies before this work.", field="due_at")


def lock(unit: Unit) -> Unit:
    return Unit.objects.select_for_update(of=("self",)).select_related("site").get(pk=unit.pk)
