"""The gateway process: one at a time for each site, woken by new commands, stopped by a signal."""

from __future__ import annotations

from pathlib import Path
from threading import Event as Flag

import structlog
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from equipment.gateway.site import DATABASE_AWAY, SiteGateway
from equipment.models import Unit
from equipment.services.commands import CHANNEL
from mes.accounts.models import Site

log = structlog.get_logger(__name__)

LONGEST_WAIT = 1.0  # seconds between two sweeps when nothing wakes the gateway


class GatewayProcess:
    """Sweeps every site it holds. A second process waits until the first has gone."""

    def __init__(self, directory: Path, *, site_code: str = "") -> None:
        self.directory = directory
        self.site_code = site_code
        self.stopping = Flag()
        self.sites: dict[str, SiteGateway] = {}
        self._ears: BaseDatabaseWrapper | None = None

    def stop(self) -> None:
        self.stopping.set()

    def run(self) -> None:
        log.info("gateway_started", site=self.site_code or "all")
        while not self.stopping.is_set():
            self.take_over_sites()
            for gateway in self.sites.values():
                gateway.sweep()
            self._wait()
        self.let_go()
        log.info("gateway_stopped")

    def let_go(self) -> None:
        """Close every device and give up every site."""
        for gateway in self.sites.values():
            gateway.close()
        self.sites.clear()
        self._stop_listening()

    def take_over_sites(self) -> None:
        """Hold each site with equipment by an advisory lock of the listening connection."""
        try:
            ears = self._listening()
            sites = Site.objects.filter(id__in=Unit.objects.values("site_id"))
            wanted = sites.filter(code=self.site_code) if self.site_code else sites
            for site in wanted.exclude(code__in=self.sites):
                if _hold(ears, site.code):
                    log.info("site_taken_over", site=site.code)
                    self.sites[site.code] = SiteGateway(site, self.directory)
        except DATABASE_AWAY as error:
            log.warning("database_away", error=str(error).strip())
            connection.close()
            self._stop_listening()

    def _listening(self) -> BaseDatabaseWrapper:
        if self._ears is None:
            self._ears = connections.create_connection("default")
            with self._ears.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._let_go_of_sites_held_by_others(self._ears)
        return self._ears

    def _let_go_of_sites_held_by_others(self, ears: BaseDatabaseWrapper) -> None:
        """While the database was away our locks were gone, and somebody else may have been quicker."""
        for code in [code for code in self.sites if not _hold(ears, code)]:
            log.warning("site_lost", site=code)
            self.sites.pop(code).close()

    def _stop_listening(self) -> None:
        if self._ears is not None:
            self._ears.close()
            self._ears = None

    def _wait(self) -> None:
        """Until a command is asked for, but not longer than a second."""
        if self._ears is None or self._ears.connection is None:
            self.stopping.wait(LONGEST_WAIT)
            return
        try:
            for _ in self._ears.connection.notifies(timeout=LONGEST_WAIT, stop_after=1):
                pass
        except Exception as error:  # noqa: BLE001 - whatever broke the ears, the sweep goes on without them
            log.warning("stopped_listening", error=str(error).strip())
            self._stop_listening()
            self.stopping.wait(LONGEST_WAIT)


def _hold(ears: BaseDatabaseWrapper, code: str) -> bool:
    with ears.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('equipment_gateway'), hashtext(%s))", [code])
        return bool(cursor.fetchone()[0])
