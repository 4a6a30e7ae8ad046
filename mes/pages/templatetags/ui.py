"""The few marks every page shares: icons, alarm shapes, badges, quantities, times. Registered as built-in tags."""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join, json_script
from django.utils.safestring import SafeString

from mes import clock
from mes.accounts.models import Site
from mes.accounts.rights import Role
from mes.pages.script_words import words_of
from mes.phrases import Phrase, shown
from mes.quantities import amount, figures, readable, written

register = template.Library()

ICONS = "vendor/lucide-1.62.0/sprite.svg"
ALARMS = "icons/alarms.svg"
_NUMBERED = re.compile(r"((?<![\w-])(?=[A-Z-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)+(?![\w-]))")  # what stands on labels
PRIORITY_WORDS = {
    "p1": Phrase("Priority 1"),
    "p2": Phrase("Priority 2"),
    "p3": Phrase("Priority 3"),
    "diag": Phrase("Instrument fault"),
    "prompt": Phrase("Prompt"),
    "event": Phrase("Event"),
}

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
    "active": "running answered restarting in_use in_review sent collected in_transit manufacturing",
    "done": "passed settled complete released effective approved closed confirmed clean received accepted infused",
    "waiting": "idle planned proposed requested hold draft pending expected ordered open_slot scheduled awaiting",
    "held": "held holding paused pausing quarantined",
    "ended": "stopped stopping aborted aborting superseded expired cancelled refused withdrawn retired voided",
    "attention": "incomplete not_done open to_clean due investigating out_of_service late failed",
    "stop": "rejected out_of_limit mismatch oos",
}
_LOOKS_BY_STATE = {state: look for look, states in LOOK_OF_STATE.items() for state in states.split()}


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon beside a word; with `label` it stands alone and says so to a screen reader."""
    return _use(ICONS, name, "icon", label)


@register.simple_tag
def alarm(priority: str, label: str = "") -> SafeString:
    """Octagon 1, triangle 2, diamond 3 or circle i; a speech bubble for a prompt, a line of a list for an event."""
    return _use(ALARMS, priority, "alarm-shape", label or shown(PRIORITY_WORDS[priority]))


@register.simple_tag
def badge(state: str, words: str = "", look: str = "") -> SafeString:
    """A state as shape and word: {% badge batch.status batch.get_status_display %}."""
    look = look or _LOOKS_BY_STATE.get(str(state).lower(), "neutral")
    kind, shape = LOOKS[look]
    mark = _use(ICONS, shape, "icon") if kind == "icon" else _use(ALARMS, shape, "alarm-shape") if kind else ""
    return format_html(
        '<span class="badge badge-{}">{}{}</span>',
        look,
        mark,
        shown(words or str(state).replace("_", " ").capitalize()),
    )


@register.filter(name="shown")
def as_shown(text: str) -> str:
    """{{ reason.message|shown }}: words of ours in the language of the page (mes/phrases.py)."""
    return shown(text)


@register.simple_tag
def script_words(*modules: str, units: Iterable[str] = ()) -> SafeString:
    """The words of the page's scripts in its language, for static/js/words.js: {% script_words "run.js" units=units %}.

    Among them the units that a script has to say, as people write them.
    """
    said = {unit: written(unit) for unit in units if written(unit) != unit}
    return json_script({text: shown(text) for text in words_of(modules)} | said, "words")


@register.filter
def quantity(value: Any) -> str:
    """A number and its unit with a space that does not break: 5.0 mL. Works on a Quantity."""
    return unit(value.value, value.unit) if hasattr(value, "unit") else figures(plain(value))


@register.filter
def unit(value: Any, name: str) -> str:
    """{{ lot.quantity|unit:lot.unit }}"""
    return amount(plain(value), name)


@register.filter(name="written")
def as_written(name: str) -> str:
    """A unit beside its field: {{ entry.unit|written }}."""
    return written(name)


@register.filter(name="figures")
def as_figures(text: Any) -> str:
    """{{ found.text|figures }}: its long numbers in threes, its units as people write them."""
    return readable(str(text))


@register.filter
def unbroken(text: str) -> SafeString:
    """{{ task.title|unbroken }}: a number such as GRAZ-26-0042 stays on one line; only the words around it break."""
    parts = _NUMBERED.split(text)  # between two words stands a number
    return format_html_join("", "{}", ((_whole(part) if at % 2 else part,) for at, part in enumerate(parts)))


def _whole(number: str) -> SafeString:
    return format_html('<span class="unbroken">{}</span>', number)


@register.filter
def plain(value: Any) -> str:
    """A Decimal as a person writes it: no exponent, trailing zeros kept as they were recorded."""
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


@register.filter
def local(moment: datetime | None, site: Any) -> str:
    """22 Nov 2026 10:42 CET in the site's zone. An unknown time reads "Not known", never blank."""
    return shown(clock.show(site, moment, "%H:%M"))


@register.filter
def soon(moment: datetime, site: Any) -> str:
    """10:42 in the site's zone; on another day 23 Nov 10:42."""
    zone = ZoneInfo(site.timezone)
    there, here = moment.astimezone(zone), clock.now(site).astimezone(zone)
    return (
        f"{there:%H:%M}"
        if there.date() == here.date()
        else f"{there.day} {shown(clock.MONTHS[there.month - 1])} {there:%H:%M}"
    )


@register.filter
def now_at(sites: Iterable[Site]) -> str:
    """The time at these sites, to the second: 22 Nov 2026 10:42:09 CET. What several of them share is said once."""
    return " · ".join(dict.fromkeys(shown(clock.show(site, clock.now(site))) for site in sites))


@register.filter
def known(value: Any) -> Any:
    """An unknown value reads "Not known": a blank could be a fault of the page."""
    return shown(clock.NOT_KNOWN) if value is None or value == "" else value


@register.filter
def roles(codes: str) -> str:
    """The roles of a signature or an event as people call them: "qa_reviewer, verifier" -> "QA reviewer, Verifier"."""
    named = dict(Role.choices)
    return ", ".join(shown(named.get(code, code)) for code in codes.split(", "))


def _use(sprite: str, name: str, css: str, label: str = "") -> SafeString:
    address = f"{static(sprite)}#{name}"
    if not label:
        return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', css, address)
    return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, address)
