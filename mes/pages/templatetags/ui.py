"""The few marks every page shares: icons, alarm shapes, badges, quantities, times. Registered as built-in tags."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mes import clock
from mes.accounts.rights import Role

register = template.Library()

ICONS = "vendor/lucide-1.62.0/sprite.svg"
ALARMS = "icons/alarms.svg"
PRIORITY_WORDS = {"p1": "Priority 1", "p2": "Priority 2", "p3": "Priority 3", "diag": "Instrument fault"}

# How a state looks. Grey is normal; only `attention` and `stop` carry a colour, and each look has its own shape.
LOOKS = {
    "active": ("icon", "play"),
    "done": ("icon", "check"),
    "waiting": ("icon", "clock"),
    "held": ("icon", "pause"),
    "ended": ("icon", "square"),
    "attention": ("alarm", "p2"),
    "stop": ("alarm", "p1"),
    "neutral": ("", ""),
}

LOOK_OF_STATE = {
    "active": "running restarting in_use in_review sent collected in_transit manufacturing",
    "done": "passed complete released effective approved closed confirmed clean received accepted infused",
    "waiting": "idle planned requested hold draft pending expected ordered open_slot scheduled awaiting",
    "held": "held holding paused pausing quarantined",
    "ended": "stopped stopping aborted aborting superseded expired cancelled withdrawn retired voided",
    "attention": "incomplete not_done open to_clean due investigating out_of_service late failed",
    "stop": "rejected out_of_limit mismatch oos",
}
_LOOKS_BY_STATE = {state: look for look, states in LOOK_OF_STATE.items() for state in states.split()}

NO_BREAK_SPACE = "\u00a0"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon beside a word; with `label` it stands alone and says so to a screen reader."""
    return _use(ICONS, name, "icon", label)


@register.simple_tag
def alarm(priority: str, label: str = "") -> SafeString:
    """Octagon 1, triangle 2, diamond 3 or circle i."""
    return _use(ALARMS, priority, "alarm-shape", label or PRIORITY_WORDS[priority])


@register.simple_tag
def badge(state: str, words: str = "", look: str = "") -> SafeString:
    """A state as shape and word: {% badge batch.status batch.get_status_display %}."""
    look = look or _LOOKS_BY_STATE.get(str(state).lower(), "neutral")
    kind, shape = LOOKS[look]
    mark = _use(ICONS, shape, "icon") if kind == "icon" else _use(ALARMS, shape, "alarm-shape") if kind else ""
    return format_html(
        '<span class="badge badge-{}">{}{}</span>', look, mark, words or str(state).replace("_", " ").capitalize()
    )


@register.filter
def quantity(value: Any) -> str:
    """A number and its unit with a space that does not break: 5.0 mL. Works on a Quantity."""
    return f"{plain(value.value)}{NO_BREAK_SPACE}{value.unit}" if hasattr(value, "unit") else plain(value)


@register.filter
def unit(value: Any, name: str) -> str:
    """{{ lot.quantity|unit:lot.unit }}"""
    return f"{plain(value)}{NO_BREAK_SPACE}{name}"


@register.filter
def plain(value: Any) -> str:
    """A Decimal as a person writes it: no exponent, trailing zeros kept as they were recorded."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@register.filter
def local(moment: datetime | None, site: Any) -> str:
    """22 Nov 2026 10:42 CET in the site's zone. An unknown time reads "Not known", never blank."""
    if moment is None:
        return "Not known"
    there = moment.astimezone(ZoneInfo(site.timezone))
    return f"{there.day} {there:%b %Y %H:%M %Z}"


@register.filter
def soon(moment: datetime, site: Any) -> str:
    """10:42 in the site's zone; on another day 23 Nov 10:42."""
    zone = ZoneInfo(site.timezone)
    there, here = moment.astimezone(zone), clock.now(site).astimezone(zone)
    return f"{there:%H:%M}" if there.date() == here.date() else f"{there.day} {there:%b %H:%M}"


@register.filter
def known(value: Any) -> Any:
    """An unknown value reads "Not known": a blank could be a fault of the page."""
    return "Not known" if value is None or value == "" else value


@register.filter
def roles(codes: str) -> str:
    """The roles of a signature or an event as people call them: "qa_reviewer, verifier" -> "QA reviewer, Verifier"."""
    named = dict(Role.choices)
    return ", ".join(named.get(code, code) for code in codes.split(", "))


def _use(sprite: str, name: str, css: str, label: str = "") -> SafeString:
    address = f"{static(sprite)}#{name}"
    if not label:
        return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, address)
    return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, address)
