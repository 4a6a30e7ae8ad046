"""The gateway process: one at a time for each site, woken by new commands, stopped by a signal."""

from __future__ import annotations

from pathlib import Path
from threading import Event as Flag

import structlog
from django.db import connection

from equipment.gateway.site import DATABASE_AWAY, SiteGateway
from equipment.models import Unit
from equipment.services.commands import CHANNEL
from mes.accounts.models import Site
from mes.beat.ears import Ears
from mes.server_clock import CLOCK

log = structlog.get_logger(__name__)

LONGEST_WAIT = 1.0  # seconds between two sweeps when nothing wakes the gateway


class GatewayProcess:
    """Sweeps every site it holds. A second process waits until the first has gone."""

    def __init__(self, directory: Path, *, site_code: str = "") -> None:
        self.directory = directory
        self.site_code = site_code
        self.stopping = Flag()
        self.sites: dict[str, SiteGateway] = {}
        self._ears = Ears(CHANNEL)

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
        self._ears.close()

    def take_over_sites(self) -> None:
        """Hold each site with equipment by an advisory lock; one that somebody else has by now is let go."""
        try:
            CLOCK.set_in_time()
            sites = Site.objects.filter(id__in=Unit.objects.values("site_id"))
            wanted = sites.filter(code=self.site_code) if self.site_code else sites
            for site in wanted:
                self._take_over(site)
        except DATABASE_AWAY as error:
            log.warning("database_away", error=str(error).strip())
            connection.close()
            self._ears.close()

    def _take_over(self, site: Site) -> None:
        """While the database was away our locks were gone, and somebody else may have been quicker."""
        is_ours = self._ears.hold(f"equipment_gateway {site.code}")
        if is_ours and site.code not in self.sites:
            log.info("site_taken_over", site=site.code)
            self.sites[site.code] = SiteGateway(site, self.directory)
        elif not is_ours and site.code in self.sites:
            log.warning("site_lost", site=site.code)
            self.sites.pop(site.code).close()

    def _wait(self) -> None:
        """Until a command is asked for, but not longer than a second."""
        try:
            self._ears.wait(LONGEST_WAIT)
        except DATABASE_AWAY as error:
            log.warning("stopped_listening", error=str(error).strip())
            self._ears.close()
            self.stopping.wait(LONGEST_WAIT)
