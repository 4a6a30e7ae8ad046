"""Process time: the clock a site works by.

On an ordinary site it is the server's clock. A site marked as demonstration may run it faster (`clock_scale`); the
scale is stamped on every record and every print.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mes import server_clock

if TYPE_CHECKING:
    from mes.accounts.models import Site


def now(site: "Site") -> datetime:
    """Process time of a site, UTC."""
    return to_process(site, server_clock.now())


def to_process(site: "Site", moment: datetime) -> datetime:
    """The process time that belongs to an instant of the server's clock."""
    return site.clock_epoch + site.clock_shift + (moment - site.clock_epoch) * float(site.clock_scale)


def to_server(site: "Site", moment: datetime) -> datetime:
    """The server's instant at which the site's clock shows `moment`."""
    return site.clock_epoch + (moment - site.clock_epoch - site.clock_shift) / float(site.clock_scale)


def show(site: "Site", moment: datetime | None) -> str:
    """A process time for people: `22 Nov 2026 10:42:09 CET`; "Not known" when there is none."""
    if moment is None:
        return "Not known"
    local = moment.astimezone(ZoneInfo(site.timezone))
    return f"{local.day} {local:%b %Y %H:%M:%S %Z}"


def stamp(site: "Site") -> str:
    """Now, with the site's zone and, on a demonstration site, the scale."""
    return f"{show(site, now(site))} ({site.timezone}){scale_mark(site)}"


def scale_mark(site: "Site") -> str:
    """What a scaled clock prints on every record; empty on a real site."""
    if site.clock_scale == 1 and not site.clock_shift:
        return ""
    return f" · demonstration clock ×{site.clock_scale.normalize():f}"


def iso(moment: datetime) -> str:
    """UTC with offset, to the millisecond: the form of exports."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
