"""Process time: the clock a site works by.

On an ordinary site it is the server's clock. A site marked as demonstration may run it faster (`clock_scale`); the
scale is stamped on every record and every print.
"""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from mes import server_clock
from mes.phrases import Phrase

if TYPE_CHECKING:
    from mes.accounts.models import Site

NOT_KNOWN = Phrase("Not known")
MONTHS = (
    Phrase("Jan"),
    Phrase("Feb"),
    Phrase("Mar"),
    Phrase("Apr"),
    Phrase("May"),
    Phrase("Jun"),
    Phrase("Jul"),
    Phrase("Aug"),
    Phrase("Sep"),
    Phrase("Oct"),
    Phrase("Nov"),
    Phrase("Dec"),
)


def now(site: "Site") -> datetime:
    """Process time of a site, UTC."""
    return to_process(site, server_clock.now())


def to_process(site: "Site", moment: datetime) -> datetime:
    """The process time that belongs to an instant of the server's clock."""
    return site.clock_epoch + site.clock_shift + (moment - site.clock_epoch) * float(site.clock_scale)


def to_server(site: "Site", moment: datetime) -> datetime:
    """The server's instant at which the site's clock shows `moment`."""
    return site.clock_epoch + (moment - site.clock_epoch - site.clock_shift) / float(site.clock_scale)


def last(site: "Site", shown: time) -> datetime:
    """The last moment, up to now, at which the site's clock on the wall showed this time of day."""
    here = now(site).astimezone(ZoneInfo(site.timezone))
    same_day = here.replace(hour=shown.hour, minute=shown.minute, second=0, microsecond=0)
    return (same_day if same_day <= here else same_day - timedelta(days=1)).astimezone(UTC)


def show(site: "Site", moment: datetime | None, time: str = "%H:%M:%S") -> Phrase:
    """A process time for people: `22 Nov 2026 10:42:09 CET`; "Not known" when there is none."""
    if moment is None:
        return NOT_KNOWN
    local = moment.astimezone(ZoneInfo(site.timezone))
    rest = f"{local:{time} %Z}"
    return Phrase(
        "{day} {month} {year} {time}", day=local.day, month=MONTHS[local.month - 1], year=local.year, time=rest
    )


def on_the_wall(site: "Site", moment: datetime) -> Phrase:
    """A process time as people read it off the site's clock: `10:42`, and on another day `22 Nov 10:42`."""
    local, today = (each.astimezone(ZoneInfo(site.timezone)) for each in (moment, now(site)))
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return Phrase(clock)
    return Phrase("{day} {month} {time}", day=local.day, month=MONTHS[local.month - 1], time=clock)


def stamp(site: "Site") -> Phrase:
    """Now, with the site's zone and, on a demonstration site, the scale."""
    return Phrase("{time} ({zone}){mark}", time=show(site, now(site)), zone=site.timezone, mark=scale_mark(site))


def scale_mark(site: "Site") -> Phrase:
    """What a scaled clock prints on every record, after the time; empty on a real site."""
    words = scale_words(site)
    return Phrase(" · {words}", words=words) if words else words


def scale_words(site: "Site") -> Phrase:
    """That the clock is a scaled one; empty on a real site."""
    if site.clock_scale == 1 and not site.clock_shift:
        return Phrase("")
    return Phrase("demonstration clock ×{scale}", scale=f"{site.clock_scale.normalize():f}")


def iso(moment: datetime) -> str:
    """UTC with offset, to the millisecond: the form of exports."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)
