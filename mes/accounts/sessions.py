"""Signing in and out with a browser."""

from typing import Any

from django.contrib.auth import login, logout
from django.http import HttpRequest

from mes.accounts import services
from mes.accounts.models import User
from mes.errors import NotPermitted
from mes.phrases import Phrase
from mes.records.services import note_security

LOCKED = "locked"


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
    for name in (LOCKED, "seen", "idle_seconds"):
        request.session.pop(name, None)


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
