"""Is the web server there? So ask the tablets, every few seconds. Is it able to serve? So asks the reverse proxy."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """204, and in its `Date` what time it is. Costs nothing: no sign-in, no session, no database."""
    return HttpResponse(status=204)


def healthz(request: HttpRequest) -> JsonResponse:
    """200 with the database reachable, 503 otherwise. No sign-in, no record."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database is away"}, status=503)
    return JsonResponse({"status": "ok"})
