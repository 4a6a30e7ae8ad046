"""Signing in and out with a browser."""

from django.contrib.auth import login, logout
from django.http import HttpRequest

from mes.accounts import services
from mes.accounts.models import User
from mes.records.services import note_security


def sign_in(request: HttpRequest, *, username: str = "", badge: str = "", password: str = "", pin: str = "") -> User:
    """Open a session for the person who proves to be there; NotSignedIn otherwise."""
    user = services.sign_in(username=username, badge=badge, password=password, pin=pin)
    login(request, user, backend="mes.accounts.backend.SessionBackend")
    return user


def sign_out(request: HttpRequest) -> None:
    """End the session; the sign-out is logged."""
    if isinstance(request.user, User):
        note_security("signed_out", user=request.user)
    logout(request)


def continuity_of(request: HttpRequest) -> str:
    """What ties the signatures of one continuous session together: the session, or the token of an API client."""
    token: str = getattr(request, "baton_continuity", "")
    return token or (f"session:{request.session.session_key}" if request.session.session_key else "")
