"""Signing in and out with a browser."""

from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.auth import login, logout
from django.http import HttpRequest

from mes import server_clock
from mes.accounts import services
from mes.accounts.models import User
from mes.accounts.session_store import BACK_AT, LOCKED, SessionStore
from mes.errors import NotPermitted
from mes.phrases import Phrase
from mes.records.services import note_security


def sign_in(request: HttpRequest, *, unsent: str = "", **given: Any) -> User:
    """Open a session for the person who proves to be there (`given`: as services.sign_in); NotSignedIn otherwise.

    `unsent` names those whose entries wait on this tablet: only one of them may go on there, so that they can be sent.
    """
    user = services.sign_in(**given)
    _require_own_entries(user, unsent.split())
    _open_for(request, user)
    return user


def hand_to(request: HttpRequest, user: User) -> None:
    """The session goes to the next person, who has proven to be there; that the first one left is logged with it."""
    if isinstance(request.user, User):
        note_security("signed_out", user=request.user, detail="hand-over")
    note_security("signed_in", user=user, detail="hand-over")
    _open_for(request, user)


def _open_for(request: HttpRequest, user: User) -> None:
    login(request, user, backend="mes.accounts.backend.SessionBackend")
    cast(SessionStore, request.session).is_opened = True
    for name in (LOCKED, "idle_seconds"):
        request.session.pop(name, None)
    request.session["seen"] = server_clock.now().timestamp()  # the first call may be one that nobody made
    come_back(request)


def come_back(request: HttpRequest) -> None:
    """From now on: who signed in, took over, unlocked or was away looks again at what lies before them."""
    request.session[BACK_AT] = server_clock.now().timestamp()


def back_at(request: HttpRequest) -> datetime | None:
    """When the person of this session came to it; None where nobody signed in to it by hand."""
    since = request.session.get(BACK_AT)
    return datetime.fromtimestamp(since, UTC) if since else None


def _require_own_entries(user: User, owners: list[str]) -> None:
    if owners and user.username not in owners:
        names = ", ".join(owners)
        raise NotPermitted(
            Phrase("Entries of {names} are only on this tablet. They sign in first. Use another tablet.", names=names),
            rule="unsent_entries",
        )


def lock(request: HttpRequest) -> None:
    """Let nobody act in this session until somebody signs in again; said once in the log."""
    if isinstance(request.user, User) and not is_locked(request):
        note_security("idle_lock", user=request.user)
        request.session[LOCKED] = True


def is_locked(request: HttpRequest) -> bool:
    return LOCKED in request.session


def sign_out(request: HttpRequest) -> None:
    """End the session; the sign-out is logged."""
    if isinstance(request.user, User):
        note_security("signed_out", user=request.user)
    logout(request)


def continuity_of(request: HttpRequest) -> str:
    """What ties the signatures of one continuous session together: the session, or the token of an API client."""
    token: str = getattr(request, "baton_continuity", "")
    return token or (f"session:{request.session.session_key}" if request.session.session_key else "")
