"""Acts on terminals: registered, moved to another room, given another key, retired."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction

from equipment.errors import AlreadyKnown
from equipment.models import Room
from equipment.terminals.models import Terminal
from equipment.terminals.queries import RIGHT, digest_of
from mes import server_clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import InvalidInput, WrongState
from mes.records.services import act


def register_terminal(
    *, actor: User, site: Site, code: str, name: str, kind: str = Terminal.Kind.TABLET, room: Room | None = None
) -> tuple[Terminal, str]:
    """A terminal and its key, which is told here and never again."""
    require(actor, RIGHT, site)
    _check_room(site, room)
    key = _new_key()
    terminal = Terminal(site=site, room=room, code=code.strip(), name=name, kind=kind, key_digest=digest_of(key))
    with act(actor, "equipment.register_terminal", site=site, subject=terminal, data=_where(room)):
        try:
            with transaction.atomic():
                terminal.save(force_insert=True)
        except IntegrityError as error:
            raise AlreadyKnown(f"{site.code} already has a terminal {terminal.code}.", code=terminal.code) from error
    return terminal, key


def move_terminal(*, actor: User, terminal: Terminal, room: Room | None) -> Terminal:
    """The terminal now belongs to this room; to every room of its site without one."""
    require(actor, RIGHT, terminal.site)
    _check_room(terminal.site, room)
    with act(actor, "equipment.move_terminal", site=terminal.site, subject=terminal, data=_where(room)):
        locked = _lock(terminal)
        locked.room = room
        locked.save(update_fields=["room"])
    return locked


def renew_terminal_key(*, actor: User, terminal: Terminal) -> tuple[Terminal, str]:
    """Another key, told here and never again. What has the old one is this terminal no longer."""
    require(actor, RIGHT, terminal.site)
    key = _new_key()
    with act(actor, "equipment.renew_terminal_key", site=terminal.site, subject=terminal):
        locked = _lock(terminal)
        locked.key_digest = digest_of(key)
        locked.save(update_fields=["key_digest"])
    return locked, key


def retire_terminal(*, actor: User, terminal: Terminal, reason: str) -> Terminal:
    """Lost, broken or taken away. Its code stays with it."""
    require(actor, RIGHT, terminal.site)
    if not reason.strip():
        raise InvalidInput("Write why the terminal is retired.", field="reason")
    with act(actor, "equipment.retire_terminal", site=terminal.site, subject=terminal, reason=reason):
        locked = _lock(terminal)
        locked.retired_at = server_clock.now()
        locked.save(update_fields=["retired_at"])
    return locked


def _lock(terminal: Terminal) -> Terminal:
    locked = Terminal.objects.select_for_update(of=("self",)).select_related("site", "room").get(pk=terminal.pk)
    if locked.retired_at is not None:
        raise WrongState(f"{locked} is retired.", state="retired")
    return locked


def _check_room(site: Site, room: Room | None) -> None:
    if room is not None and room.site_id != site.id:
        raise InvalidInput(f"Room {room} is not at {site}.", field="room")


def _new_key() -> str:
    return secrets.token_urlsafe(32)


def _where(room: Room | None) -> dict[str, str]:
    return {"room": room.code if room else ""}
