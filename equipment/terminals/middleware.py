"""Which terminal a request comes from, by the key it carries."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from equipment.terminals.queries import terminal_of
from mes.records import current

HEADER = "X-Terminal-Key"
COOKIE = "baton_terminal"
LIFE = 400 * 24 * 3600  # seconds; browsers keep nothing longer, so that every sign-in begins it anew


class TerminalMiddleware:
    """A key that comes along makes its terminal known to whoever asks in this request: one look-up, or none."""

    def __init__(self, respond: Callable[[HttpRequest], HttpResponse]) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        kept = request.COOKIES.get(COOKIE, "")
        key = request.headers.get(HEADER) or kept
        if not key:
            return self.respond(request)
        facts = replace(current.request.get(), terminal=cache(partial(terminal_of, key)))
        token = current.request.set(facts)
        try:
            response = self.respond(request)
        finally:
            current.request.reset(token)
        if kept and COOKIE not in response.cookies and request.path == reverse("pages:sign_in"):
            keep_key(response, kept)
        return response


def keep_key(response: HttpResponse, key: str) -> None:
    """Let the browser be the terminal from now on."""
    response.set_cookie(
        COOKIE, key, max_age=LIFE, httponly=True, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE)
    )
