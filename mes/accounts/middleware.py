"""What every request carries: where it came from, how long its person has been away, and the language of its page."""

from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation

from mes import server_clock
from mes.accounts import sessions
from mes.accounts.models import Site, User
from mes.device import APART
from mes.languages import RECORDS, is_translated, language_of
from mes.records import current

Respond = Callable[[HttpRequest], HttpResponse]
AWAY = 5 * 60  # seconds after which somebody comes back
REMEMBER_EVERY = 15  # seconds between two writes of "last seen" into the session


class SessionMiddleware(DjangoSessionMiddleware):
    """Only who signs out takes the cookie of a session back.

    The answer to a page that asked by itself in a session that had ended may come after its person has signed in
    anew, and would take the cookie of the new session with it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if request.session.is_empty() and not request.session.modified:
            request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)
        return super().process_response(request, response)


class RequestFactsMiddleware:
    """The network address, for events and security events of this request."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = current.request.set(current.RequestFacts(address=address_of(request)[:64]))
        try:
            return self.respond(request)
        finally:
            current.request.reset(token)


def address_of(request: HttpRequest) -> str:
    """Where a request came from. Of what proxies say only the word of our own counts: each adds one at the end."""
    proxies: int = settings.PROXIES
    told = [each.strip() for each in request.headers.get("X-Forwarded-For", "").split(",")]
    if proxies and len(told) >= proxies and told[-proxies]:
        return told[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))


class IdleLockMiddleware:
    """Locks a session that was idle for longer than the strictest site of its person allows (R-030).

    A page that looks again by itself is not its person: it says how long ago somebody touched it (`X-Idle`). A locked
    session knows nobody; what it still shows are the alarms, so that a tablet that locked goes on sounding.
    """

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._watch(request, request.user)
            current.request.set(replace(current.request.get(), back_at=sessions.back_at(request)))
            if sessions.is_locked(request) and not _is_shown_when_locked(request.path):
                request.user = AnonymousUser()
        return self.respond(request)

    def _watch(self, request: HttpRequest, user: User) -> None:
        now = server_clock.now().timestamp()
        touched = now - _idle(request)
        seen = request.session.get("seen", touched)
        limit = request.session.get("idle_seconds") or idle_seconds(user)
        if now - seen > limit:
            sessions.lock(request)
            return
        if touched - seen > AWAY and APART not in request.headers:  # without network no touch was heard of
            sessions.come_back(request)
        is_new = "idle_seconds" not in request.session
        if is_new or touched - seen > (1 if "X-Idle" in request.headers else REMEMBER_EVERY):
            request.session["seen"] = max(seen, touched)
            request.session["idle_seconds"] = limit


def _idle(request: HttpRequest) -> int:
    """Seconds since somebody touched the page that asks by itself; 0 for everything a person does."""
    said = request.headers.get("X-Idle", "")
    return int(said) if said.isdecimal() else 0


def _is_shown_when_locked(path: str) -> bool:
    return path in {reverse(name) for name in settings.SHOWN_WHEN_LOCKED}


def idle_seconds(user: User) -> int:
    """The idle limit of a person, in seconds: the shortest of their sites."""
    minutes = Site.objects.filter(id__in=user.site_ids()).values_list("idle_minutes", flat=True)
    return min(minutes, default=10) * 60


class LanguageMiddleware:
    """A page speaks the person's language where it is translated, and English where it is not. Calls are English."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with translation.override(language_of(request)):
            response = self.respond(request)
            response.headers["Content-Language"] = translation.get_language() or RECORDS
        return response

    def process_view(self, request: HttpRequest, view: Respond, args: object, kwargs: object) -> None:
        if not is_translated(view):
            translation.activate(RECORDS)
