"""Rooms and units as a site has them, made the way people make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import cast
from uuid import UUID, uuid4

from equipment import services
from equipment.adapters.base import Reading
from equipment.commissioning import Line, Outcome
from equipment.gateway.site import SiteGateway
from equipment.models import CheckReport, Command, Occupancy, Room, Unit
from equipment.readings import Bundle, write_readings
from equipment.terminals.models import Terminal
from mes import clock
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.accounts.rights import Role
from mes.quantities import Quantity
from tests.given import people

YEAR = timedelta(days=365)


def room(site: Site, code: str = "CR-1", grade: str = "C") -> Room:
    """A clean room of this grade; made on first use."""
    found = Room.objects.filter(site=site, code=code).first()
    return found or cleaned(dirty_room(site, code, grade))


@dataclass(frozen=True)
class Registered:
    """A terminal, and the key that only it has."""

    terminal: Terminal
    key: str

    @property
    def headers(self) -> dict[str, str]:
        return {"X-Terminal-Key": self.key}


def terminal(room: Room | None = None, *, site: Site | None = None, code: str = "") -> Registered:
    """A registered terminal of a room, or of a whole site."""
    site = room.site if room else cast(Site, site)
    code = code or f"T-{Terminal.objects.count() + 1:02}"
    anna = people.persona(site, "anna")
    return Registered(*services.register_terminal(actor=anna, site=site, code=code, name="Tablet", room=room))


def foreign_terminal(site: Site) -> Registered:
    """A terminal of a site where none of the personas works."""
    adam = people.a_person(site, "adam", Role.ADMINISTRATOR)
    return Registered(*services.register_terminal(actor=adam, site=site, code="T-L", name="Tablet"))


def dirty_room(site: Site, code: str = "CR-1", grade: str = "C") -> Room:
    sven = people.persona(site, "sven")
    return services.add_room(actor=sven, site=site, code=code, name=f"Cleanroom {code}", grade=grade)


def cleaned(room: Room) -> Room:
    olga, vera = people.persona(room.site, "olga"), people.persona(room.site, "vera")
    checker = people.signer(vera, "checked", site=room.site)
    services.clean_room(actor=olga, room=room, procedure="SOP-CLEAN-1", checker=checker)
    return Room.objects.get(pk=room.pk)


def new_unit(
    site: Site, class_code: str = "bioreactor", code: str = "", *, adapter: str = "simulator", address: str = "plant"
) -> Unit:
    """A unit just unpacked: not qualified, not calibrated, not clean."""
    code = code or f"{class_code.upper().replace('_', '-')}-{Unit.objects.count() + 1}"
    return services.add_unit(
        actor=people.persona(site, "sven"),
        site=site,
        room=room(site),
        code=code,
        name=f"Unit {code}",
        class_code=class_code,
        area="Manufacturing",
        process_cell="Cell therapy 1",
        adapter=adapter,
        address=address,
    )


def foreign_unit(site: Site, code: str = "BRX-L") -> Unit:
    """A unit of a site where none of the personas works."""
    lea = people.a_person(site, "lea", Role.SUPERVISOR)
    room = services.add_room(actor=lea, site=site, code="CR-L", name="Room", grade="C")
    return services.add_unit(
        actor=lea,
        site=site,
        room=room,
        code=code,
        name="Unit",
        class_code="bioreactor",
        area="Manufacturing",
        process_cell="Cell therapy 1",
    )


def unit(
    site: Site, class_code: str = "bioreactor", code: str = "", *, adapter: str = "simulator", address: str = "plant"
) -> Unit:
    """A unit that is fit for use: qualified, calibrated and clean for a year."""
    made = new_unit(site, class_code, code, adapter=adapter, address=address)
    return clean(calibrated(qualified(made)))


def qualified(unit: Unit) -> Unit:
    sven = people.persona(unit.site, "sven")
    until = clock.now(unit.site) + YEAR
    return services.qualify_unit(actor=sven, unit=unit, until=until, report="PQ-2026-001")


def calibrated(unit: Unit, *, as_found: bool = True, as_left: bool = True, days: int = 365) -> Unit:
    sven, vera = people.persona(unit.site, "sven"), people.persona(unit.site, "vera")
    services.record_calibration(
        actor=sven,
        unit=unit,
        checker=people.signer(vera, "checked", site=unit.site),
        certificate="CAL-1",
        due_at=clock.now(unit.site) + timedelta(days=days),
        as_found_passed=as_found,
        as_left_passed=as_left,
    )
    return Unit.objects.get(pk=unit.pk)


def clean(unit: Unit, *, days: int = 365) -> Unit:
    olga, vera = people.persona(unit.site, "olga"), people.persona(unit.site, "vera")
    services.record_cleaning(
        actor=olga,
        unit=unit,
        checker=people.signer(vera, "checked", site=unit.site),
        procedure="SOP-CLEAN-7",
        due_at=clock.now(unit.site) + timedelta(days=days),
    )
    return Unit.objects.get(pk=unit.pk)


def occupied(unit: Unit, *, batch_id: UUID | None = None, coi_id: str = "KX7-204") -> Occupancy:
    """The unit taken for a batch by one person, checked by another."""
    olga, vera = people.persona(unit.site, "olga"), people.persona(unit.site, "vera")
    taken = services.occupy(actor=olga, unit=unit, batch_id=batch_id or uuid4(), coi_id=coi_id)
    services.check_use(actor=vera, unit=unit, batch_id=taken.batch_id)
    taken.refresh_from_db()
    return taken


def requested(unit: Unit, name: str, *, batch_id: UUID | None = None, **setpoints: tuple[str, str]) -> Command:
    """A command nobody has carried out yet, e.g. requested(unit, "culture", temperature=("37.0", "°C"))."""
    return services.request_command(
        actor=people.persona(unit.site, "olga"),
        unit=unit,
        name=name,
        setpoints={tag: Quantity(Decimal(value), unit) for tag, (value, unit) in setpoints.items()},
        batch_id=batch_id,
    )


def checked(unit: Unit, outcome: Outcome = Outcome.PASSED) -> CheckReport:
    """A commissioning check that somebody asked for and the gateway has reported."""
    check = services.request_check(actor=people.persona(unit.site, "sven"), unit=unit)
    lines = [Line("Temperature", "0 to 60 °C", "37.0 °C, good", outcome)]
    return services.report_check(actor=system_user("gateway"), check=check, lines=lines)


def gateway(site: Site, directory: Path) -> SiteGateway:
    """The site's gateway in this process, with its devices open; call sweep() for one round."""
    made = SiteGateway(site, directory)
    made.look_at_the_plant()
    return made


def readings(unit: Unit, tag: str, values: Sequence[float | None], *, every: timedelta, until: datetime) -> None:
    """Readings of one tag at a steady interval, the last at `until`; None leaves one out."""
    first = until - every * (len(values) - 1)
    rows = [
        (unit.pk, Reading(tag, value, first + every * number, first + every * number))
        for number, value in enumerate(values)
        if value is not None
    ]
    write_readings(Bundle(uuid4(), rows))
