"""The gateway of one site: its devices, its readings, its commands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from equipment.adapters import ADAPTERS, SPEAKS_WHEN_IT_MUST
from equipment.adapters.base import Adapter, Connection, DeviceUnreachable, MessagesLost, Reading
from equipment.alarms.telemetry import judge_readings, judge_silence
from equipment.gateway.checks import carry_out_checks
from equipment.gateway.driver import drive_commands
from equipment.gateway.folders import keep_files
from equipment.gateway.speaking import speaking_to
from equipment.gateway.spool import Spool
from equipment.models import Unit
from equipment.readings import (
    Bundle,
    connection_lost,
    last_reading_at,
    messages_lost,
    sampling_interval,
    write_readings,
)
from mes import clock, server_clock
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.ids import uuid7

log = structlog.get_logger(__name__)

DATABASE_AWAY = (OperationalError, InterfaceError)
BETWEEN_LOOKS_AT_THE_PLANT = timedelta(seconds=5)


class SiteGateway:
    """Everything the gateway does for one site. `sweep` is one round; it survives a database that is away."""

    def __init__(self, site: Site, directory: Path) -> None:
        self.site = site
        self.directory = directory / site.code
        self.spool = Spool(self.directory / "spool")
        self.adapters: dict[str, Adapter] = {}
        self.units: dict[str, Unit] = {}
        self.unreachable: set[str] = set()
        self.newest: dict[str, dict[str, Reading]] = {}
        self._spooled_until = self.spool.latest()
        self._stored_until: dict[str, datetime] = {}
        self._read_next: dict[str, datetime] = {}
        self._listening_since: dict[UUID, datetime] = {}
        self._answered: dict[UUID, datetime] = {}  # when those last did that measure on demand
        self._judge_silence_next: datetime | None = None
        self._look_next: datetime | None = None
        self._connections: dict[str, tuple[str, str, int] | None] = {}  # as each adapter was opened

    def now(self) -> datetime:
        return clock.now(self.site)

    def interval(self) -> timedelta:
        return sampling_interval(self.site)

    def sweep(self) -> None:
        """Look at the plant now and then, carry out commands, read what is due, store and judge it."""
        self._with_database(self.look_at_the_plant)
        self._with_database(self.carry_out_commands)
        rows = self.read_devices()
        if rows:
            self.store(Bundle(uuid7(), rows))
        else:
            self._with_database(self.empty_spool)
        self._with_database(self.keep_files)
        self._with_database(self.judge_silence)
        self._with_database(self.carry_out_checks)

    def _with_database(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except DATABASE_AWAY as error:
            log.warning("database_away", site=self.site.code, error=str(error).strip())
            connection.close()
            return False
        return True

    def look_at_the_plant(self) -> None:
        """Units come and go, and are looked up every few seconds; tag maps are looked at each time.

        A demonstration clock may change its speed at any moment: who went by the old one would live days ahead.
        """
        self.site = Site.objects.get(pk=self.site.pk)
        moment = server_clock.now()
        if self._look_next is None or moment >= self._look_next:
            connected = Unit.objects.filter(site=self.site).exclude(adapter="")
            self.units = {unit.code: unit for unit in connected.select_related("site")}
            self._listening_since = {
                unit.pk: self._listening_since.get(unit.pk, self.now()) for unit in self.units.values()
            }
            self._look_next = moment + BETWEEN_LOOKS_AT_THE_PLANT
        self._follow_connections()

    def _follow_connections(self) -> None:
        """Close what is connected otherwise by now, and open what is not.

        A tag map that was written anew counts at once: the next check judges that one, and no loss of the connection
        brings it into force unseen. What was read by the old one is not what the device shows.
        """
        for code in list(self.adapters):
            if self._connections[code] != self._connection_of(self.units.get(code)):
                self.adapters.pop(code).close()
                self.newest.pop(code, None)
        for code in self.units.keys() - self.adapters.keys():
            self._open(self.units[code])

    def _connection_of(self, unit: Unit | None) -> tuple[str, str, int] | None:
        """Protocol, address, and when the tag map was written; 0 where there is none."""
        if unit is None:
            return None
        tag_map = self.directory / unit.adapter / Path(unit.address).name
        return unit.adapter, unit.address, tag_map.stat().st_mtime_ns if tag_map.is_file() else 0

    def _open(self, unit: Unit) -> None:
        own = self.directory / unit.adapter
        own.mkdir(parents=True, exist_ok=True)
        self._connections[unit.code] = self._connection_of(unit)
        self.adapters[unit.code] = ADAPTERS[unit.adapter](
            Connection(
                unit=unit.code,
                class_code=unit.class_code,
                address=unit.address,
                clock=self.now,
                interval=self.interval,
                directory=own,
                neighbours=self.adapters,
            )
        )
        known = [at for at in (last_reading_at(unit), self._spooled_until.get(unit.pk)) if at is not None]
        if known:
            self._stored_until[unit.code] = max(known)
        log.info("device_opened", site=self.site.code, unit=unit.code, adapter=unit.adapter)

    def carry_out_commands(self) -> None:
        drive_commands(actor=system_user("gateway"), site=self.site, adapters=self.adapters)

    def keep_files(self) -> None:
        keep_files(actor=system_user("gateway"), units=self.units, adapters=self.adapters)

    def carry_out_checks(self) -> None:
        """After the devices were read: a check judges what they gave, and takes nothing away from what is stored."""
        carry_out_checks(actor=system_user("gateway"), site=self.site, adapters=self.adapters, newest=self.newest)

    def read_devices(self) -> list[tuple[UUID, Reading]]:
        """The new readings of every device whose turn it is. One that does not answer leaves one diagnostic record."""
        now = self.now()
        rows: list[tuple[UUID, Reading]] = []
        for code, unit in self.units.items():
            if now >= self._read_next.get(code, now):
                rows += [(unit.pk, reading) for reading in self._read(code, unit, now)]
                self._read_next[code] = now + self.interval()
        return rows

    def _read(self, code: str, unit: Unit, now: datetime) -> list[Reading]:
        try:
            with speaking_to(code):
                readings = self.adapters[code].read(tag.name for tag in unit.page.tags)
        except DeviceUnreachable as error:
            return self._lost(code, now, error)
        if unit.page.on_demand:
            self._answered[unit.pk] = now
        self.newest.setdefault(code, {}).update({reading.tag: reading for reading in readings})
        if code in self.unreachable:
            self.unreachable.discard(code)
            log.info("connection_restored", site=self.site.code, unit=code)
        stored_until = self._stored_until.get(code)
        if stored_until is None:
            return readings
        return [reading for reading in readings if reading.at > stored_until]

    def _lost(self, code: str, now: datetime, error: DeviceUnreachable) -> list[Reading]:
        self.newest.pop(code, None)
        if code in self.unreachable:
            return []
        self.unreachable.add(code)
        log.error("connection_lost", site=self.site.code, unit=code, error=str(error))
        return [messages_lost(now, now) if isinstance(error, MessagesLost) else connection_lost(now, now)]

    def store(self, bundle: Bundle) -> None:
        """Into the database behind everything that waits on disk; onto the disk when the database is away."""

        def write() -> None:
            self.empty_spool()
            take_in(bundle)

        if not self._with_database(write):
            for lost in self.spool.put(bundle):
                log.error("spool_full", site=self.site.code, lost=str(lost))

    def empty_spool(self) -> None:
        for bundle in self.spool.waiting():
            take_in(bundle)
            self.spool.done(bundle)

    def judge_silence(self) -> None:
        """As often as a reading is due, after what was read is stored.

        Not where the clock of a demonstration leaps or runs fast: nobody can hear in the time it passes over.
        """
        now = self.now()
        if clock.scale_mark(self.site):
            return
        if self._judge_silence_next is None or now >= self._judge_silence_next:
            judge_silence(self._steady_speakers(), self._listening_since, self._answered, now)
            self._judge_silence_next = now + self.interval()

    def _steady_speakers(self) -> list[Unit]:
        return [unit for unit in self.units.values() if unit.adapter != SPEAKS_WHEN_IT_MUST]

    def close(self) -> None:
        for adapter in self.adapters.values():
            adapter.close()
        self.adapters.clear()


def take_in(bundle: Bundle) -> None:
    """Store a bundle and judge it, both or neither; one that was stored before was judged before."""
    with transaction.atomic():
        if write_readings(bundle):
            judge_readings(bundle)
