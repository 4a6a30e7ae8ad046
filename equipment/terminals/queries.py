"""Which terminal it is, and whether work may be recorded from it here."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256

from django.db.models import QuerySet

from equipment.errors import TerminalRefused
from equipment.models import Room
from equipment.terminals.models import Terminal
from mes.accounts.models import Site, User
from mes.errors import Reason
from mes.phrases import Phrase
from mes.records import current

RIGHT = "equipment.register_terminal"


def terminals_visible_to(user: User) -> QuerySet[Terminal]:
    """The terminals of the sites where the person registers them."""
    return Terminal.objects.filter(site_id__in=user.sites_for(RIGHT)).select_related("site", "room")


def rooms_to_choose(user: User) -> QuerySet[Room]:
    return Room.objects.filter(site_id__in=user.sites_for(RIGHT)).select_related("site")


def digest_of(key: str) -> str:
    return sha256(key.encode()).hexdigest()


def terminal_of(key: str) -> current.Terminal | None:
    """The terminal that has this key; None for a key nobody has, or has any longer."""
    found = Terminal.objects.filter(key_digest=digest_of(key)).select_related("site", "room").first()
    if found is None:
        return None
    return current.Terminal(
        code=found.code,
        site_id=found.site_id,
        site=found.site.code,
        room_id=found.room_id,
        room=found.room.code if found.room else "",
        is_retired=found.retired_at is not None,
    )


def reasons_not_from_here(actor: User, site: Site, room_of_work: Callable[[], Room | None]) -> list[Reason]:
    """Why work in this room is not recorded from where the request comes from (R-058); empty where it may be.

    The room is asked for only where it matters: of a terminal that belongs to one. Parts of Baton itself are no
    terminals; instruments among them are bound to their unit.
    """
    if actor.is_system:
        return []
    terminal = current.request.get().terminal()
    if terminal is None or terminal.is_retired:
        return _not_registered(site, terminal)
    if terminal.site_id != site.id:
        words = Phrase("{terminal} belongs to site {site}.", terminal=terminal.code, site=terminal.site)
        return [Reason("terminal_of_another_site", words, terminal.code)]
    if terminal.room_id is None:
        return []
    room = room_of_work()
    if room is None or room.id == terminal.room_id:
        return []
    words = Phrase(
        "{terminal} belongs to room {its_room}; the work is in room {room}.",
        terminal=terminal.code,
        its_room=terminal.room,
        room=room.code,
    )
    return [Reason("terminal_of_another_room", words, terminal.code)]


def require_terminal(actor: User, site: Site, room_of_work: Callable[[], Room | None]) -> None:
    """TerminalRefused unless work in this room may be recorded from where the request comes from."""
    reasons = reasons_not_from_here(actor, site, room_of_work)
    if reasons:
        raise TerminalRefused(reasons[0].message, reasons=[vars(reason) for reason in reasons])


def _not_registered(site: Site, retired: current.Terminal | None) -> list[Reason]:
    if not site.only_registered_terminals:
        return []
    if retired is not None:
        return [Reason("terminal_retired", Phrase("{terminal} is retired.", terminal=retired.code), retired.code)]
    words = Phrase("{site} records work at registered terminals only; this is none.", site=site.code)
    return [Reason("not_registered", words, site.code)]
