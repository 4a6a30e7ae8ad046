"""Reads about rooms, units and what they measured. The gates here disable the button and refuse in the service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from equipment.classes import EQUIPMENT_CLASSES
from equipment.errors import UnknownUnit
from equipment.models import Calibration, Check, Cleaning, Command, Grade, Occupancy, Room, Unit
from equipment.readings import LiveValue, live_values
from equipment.states import RoomStatus, UnitStatus
from equipment.trends import trend, trends
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import NotFound, Reason
from mes.phrases import Phrase

__all__ = [
    "LiveValue",
    "LogLine",
    "batches_since_last_pass",
    "checks_visible_to",
    "commands_of_step",
    "find_room",
    "find_unit",
    "live_values",
    "log_of",
    "reasons_not_to_check",
    "reasons_not_to_measure",
    "reasons_room_unfit",
    "reasons_unfit",
    "rooms_of_batch",
    "rooms_visible_to",
    "trend",
    "trends",
    "units_of_batch",
    "units_visible_to",
]


def units_visible_to(user: User) -> QuerySet[Unit]:
    """The units of the person's sites, with room, site and open occupancies at hand."""
    in_use = Prefetch("occupancies", queryset=Occupancy.objects.open(), to_attr="open_occupancies")
    sites = user.sites_for("equipment.view")
    return Unit.objects.filter(site_id__in=sites).select_related("site", "room").prefetch_related(in_use)


def rooms_visible_to(user: User) -> QuerySet[Room]:
    return Room.objects.filter(site_id__in=user.sites_for("equipment.view")).select_related("site")


def find_unit(site: Site, code: str) -> Unit:
    """The unit behind a code or a scanned barcode; UnknownUnit when the site has none."""
    units = Unit.objects.filter(site=site).select_related("site", "room")
    found = units.filter(code=code).first() or units.filter(barcode=code).first()
    if found is None:
        raise UnknownUnit(Phrase("{site} has no unit “{code}”.", site=site.code, code=code), scanned=code)
    return found


def find_room(site: Site, code: str) -> Room:
    """The room of this code; NotFound when the site has none."""
    room = Room.objects.filter(site=site, code=code).select_related("site").first()
    if room is None:
        raise NotFound(Phrase("{site} has no room “{code}”.", site=site.code, code=code), code=code)
    return room


def reasons_unfit(unit: Unit, *, class_code: str, batch_id: UUID | None, at: datetime) -> list[Reason]:
    """Every reason why a unit may not be used for a batch at a process time (R-091, R-107, R-108)."""
    occupied = _open_occupancies(unit)
    inside = any(each.batch_id == batch_id for each in occupied)
    return [
        *_not_of_class(unit, class_code),
        *_not_qualified(unit, at),
        *_not_calibrated(unit, at),
        *([] if inside else _not_clean(unit, at)),
        *_not_free(unit, occupied, batch_id),
    ]


def reasons_not_to_measure(unit: Unit, at: datetime) -> list[Reason]:
    """Every reason why what a unit measured at a process time counts for nothing (R-156)."""
    return [*_not_qualified(unit, at), *_not_calibrated(unit, at)]


def _open_occupancies(unit: Unit) -> list[Occupancy]:
    """Prefetched by `units_visible_to`, else one query."""
    fetched: list[Occupancy] | None = getattr(unit, "open_occupancies", None)
    return list(unit.occupancies.open()) if fetched is None else fetched


def _not_of_class(unit: Unit, class_code: str) -> list[Reason]:
    if unit.class_code == class_code:
        return []
    page = EQUIPMENT_CLASSES.get(class_code)
    wanted = Phrase(page.name.lower()) if page else class_code
    found = Phrase(unit.page.name.lower())
    words = Phrase("{unit} is not a {wanted} but a {found}.", unit=unit, wanted=wanted, found=found)
    return [Reason("wrong_class", words, unit.code)]


def _not_qualified(unit: Unit, at: datetime) -> list[Reason]:
    if unit.status == UnitStatus.OUT_OF_SERVICE:
        return [Reason("out_of_service", Phrase("{unit} is out of service.", unit=unit), unit.code)]
    if unit.status != UnitStatus.QUALIFIED:
        return [Reason("not_qualified", Phrase("{unit} is not qualified.", unit=unit), unit.code)]
    if unit.qualified_until is None or unit.qualified_until <= at:
        until = clock.show(unit.site, unit.qualified_until)
        return [
            Reason(
                "not_qualified", Phrase("The qualification of {unit} ended {until}.", unit=unit, until=until), unit.code
            )
        ]
    return []


def _not_calibrated(unit: Unit, at: datetime) -> list[Reason]:
    if not unit.page.calibrated:
        return []
    if unit.calibration_due is None:
        return [Reason("not_calibrated", Phrase("{unit} has no passed calibration.", unit=unit), unit.code)]
    if unit.calibration_due <= at:
        due = clock.show(unit.site, unit.calibration_due)
        return [
            Reason("not_calibrated", Phrase("{unit} was due for calibration {due}.", unit=unit, due=due), unit.code)
        ]
    return []


def _not_clean(unit: Unit, at: datetime) -> list[Reason]:
    if unit.cleaning_due is None:
        return [Reason("not_clean", Phrase("{unit} is to be cleaned.", unit=unit), unit.code)]
    if unit.cleaning_due <= at:
        due = clock.show(unit.site, unit.cleaning_due)
        return [Reason("not_clean", Phrase("{unit} was due for cleaning {due}.", unit=unit, due=due), unit.code)]
    return []


def _not_free(unit: Unit, occupied: Iterable[Occupancy], batch_id: UUID | None) -> list[Reason]:
    if unit.page.shared:
        return []
    others = [each for each in occupied if each.batch_id != batch_id]
    return [
        Reason("occupied", Phrase("{unit} holds material of {coi_id}.", unit=unit, coi_id=each.coi_id), unit.code)
        for each in others
    ]


def reasons_not_to_check(unit: Unit) -> list[Reason]:
    """Every reason why no state may be tried on a unit now: it is not connected, or somebody uses it."""
    reasons = []
    if not unit.adapter:
        reasons.append(Reason("not_connected", Phrase("{unit} is not connected.", unit=unit), unit.code))
    reasons += [
        Reason("occupied", Phrase("{unit} holds material of {coi_id}.", unit=unit, coi_id=use.coi_id), unit.code)
        for use in _open_occupancies(unit)
    ]
    if unit.commands.open().exists():
        reasons.append(Reason("commanded", Phrase("A command to {unit} is not finished.", unit=unit), unit.code))
    return reasons


def checks_visible_to(user: User) -> QuerySet[Check]:
    found = Check.objects.filter(unit__site_id__in=user.sites_for("equipment.view"))
    return found.select_related("unit__site", "requested_by", "report")


def reasons_room_unfit(room: Room, *, grade: str, batch_id: UUID | None) -> list[Reason]:
    """Every reason why open work of a batch may not begin in a room."""
    reasons = []
    if not Grade(room.grade).is_at_least(Grade(grade)):
        text = f"Room {room} is grade {room.grade}; grade {grade} is needed."
        reasons.append(Reason("wrong_grade", text, room.code))
    if room.status == RoomStatus.IN_USE and room.batch_id != batch_id:
        text = f"Room {room} is in use for {room.coi_id}."
        reasons.append(Reason("room_in_use", text, room.code))
    elif room.status == RoomStatus.TO_CLEAN:
        reasons.append(Reason("room_not_clean", Phrase("Room {room} is to be cleaned.", room=room), room.code))
    elif room.status == RoomStatus.OUT_OF_SERVICE:
        reasons.append(Reason("room_out_of_service", Phrase("Room {room} is out of service.", room=room), room.code))
    return reasons


def rooms_of_batch(batch_id: UUID) -> QuerySet[Room]:
    """The rooms a batch has and has not given back."""
    return Room.objects.filter(batch_id=batch_id)


def units_of_batch(batch_id: UUID) -> QuerySet[Occupancy]:
    """Which units a batch used, from and until, in order of time."""
    return Occupancy.objects.filter(batch_id=batch_id).select_related("unit__site")


def batches_since_last_pass(calibration: Calibration) -> list[UUID]:
    """The batches to look at after a failed as-found: all in the unit since it last was found good (R-107)."""
    good = (
        Calibration.objects.filter(unit=calibration.unit, as_found_passed=True, done_at__lt=calibration.done_at)
        .order_by("-done_at")
        .first()
    )
    used = Occupancy.objects.filter(unit=calibration.unit, since__lt=calibration.done_at)
    if good is not None:
        used = used.exclude(until__lte=good.done_at)
    return list(dict.fromkeys(used.order_by("since").values_list("batch_id", flat=True)))


@dataclass(frozen=True)
class LogLine:
    """One line of a unit's log book. `until` is empty for what takes no time, and while a use lasts."""

    at: datetime
    what: str
    detail: str
    batch_id: UUID | None
    performed_by: str
    checked_by: str
    until: datetime | None = None


def log_of(unit: Unit) -> list[LogLine]:
    """Use, cleaning and calibration of a unit in order of time, with both persons (R-106)."""
    lines = [
        *map(_use_line, unit.occupancies.select_related("taken_by", "checked_by")),
        *map(_cleaning_line, unit.cleanings.select_related("performed_by", "checked_by")),
        *map(_calibration_line, unit.calibrations.select_related("performed_by", "checked_by")),
    ]
    return sorted(lines, key=lambda line: line.at)


def _use_line(use: Occupancy) -> LogLine:
    checker = use.checked_by.printed_name if use.checked_by else ""
    who = (use.taken_by.printed_name, checker)
    return LogLine(use.since, "use", use.coi_id, use.batch_id, *who, use.until)


def _cleaning_line(cleaning: Cleaning) -> LogLine:
    who = (cleaning.performed_by.printed_name, cleaning.checked_by.printed_name)
    return LogLine(cleaning.done_at, "cleaning", cleaning.procedure, None, *who)


def _calibration_line(calibration: Calibration) -> LogLine:
    found = "passed" if calibration.as_found_passed else "failed"
    left = "passed" if calibration.as_left_passed else "failed"
    detail = f"{calibration.certificate}: as found {found}, as left {left}"
    who = (calibration.performed_by.printed_name, calibration.checked_by.printed_name)
    return LogLine(calibration.done_at, "calibration", detail, None, *who)


def commands_of_step(step_id: UUID) -> QuerySet[Command]:
    return Command.objects.filter(step_id=step_id).select_related("unit__site")
