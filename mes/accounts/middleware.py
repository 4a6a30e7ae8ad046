"""What every request carries: where it came from, and how long its person has been away."""

from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from mes import server_clock
from mes.accounts.models import Site, User
from mes.records import current
from mes.records.services import note_security

Respond = Callable[[HttpRequest], HttpResponse]
REMEMBER_EVERY = 15  # seconds between two writes of "last seen" into the session


class RequestFactsMiddleware:
    """Tablet and network address, for events and security events of this request."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        facts = current.RequestFacts(
            tablet=request.headers.get("X-Tablet", "")[:60], address=request.META.get("REMOTE_ADDR", "")
        )
        token = current.request.set(facts)
        try:
            return self.respond(request)
        finally:
            current.request.reset(token)


class IdleLockMiddleware:
    """Ends a session that was idle for longer than the strictest site of its person allows (R-030)."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._watch(request, request.user)
        return self.respond(request)

    def _watch(self, request: HttpRequest, user: User) -> None:
        now = server_clock.now().timestamp()
        seen = request.session.get("seen", now)
        limit = request.session.get("idle_seconds") or idle_seconds(user)
        if now - seen > limit:
            note_security("idle_lock", user=user)
            logout(request)
            return
        if "seen" not in request.session or now - seen > REMEMBER_EVERY:
            request.session["seen"] = now
            request.session["idle_seconds"] = limit


def idle_seconds(user: User) -> int:
    """The idle limit of a person, in seconds: the shortest of their sites."""
    minutes = Site.objects.filter(id__in=user.site_ids()).values_list("idle_minutes", flat=True)
    return min(minutes, default=10) * 60
