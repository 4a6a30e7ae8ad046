"""Is the web server able to serve? Asked by the tablets every few seconds and by the reverse proxy."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse


def healthz(request: HttpRequest) -> JsonResponse:
    """200 with the database reachable, 503 otherwise. No sign-in, no record."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "the database is away"}, status=503)
    return JsonResponse({"status": "ok"})
