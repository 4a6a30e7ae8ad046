"""What makes Baton an app on a tablet: its manifest, its service worker, and the page for a tablet without network."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mes.languages import translated

WORKER = Path(settings.BASE_DIR, "static", "js", "service_worker.js")
INK, PAPER = "#14171A", "#e6e7ea"


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Name, colours and icons (W3C Web Application Manifest)."""
    drawn = {"src": static("icons/baton.svg"), "sizes": "any", "type": "image/svg+xml"}
    painted = [
        {"src": static(f"icons/baton-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    content = {
        "id": "/",
        "name": "Baton",
        "short_name": "Baton",
        "description": "The batch record of living medicines",
        "start_url": reverse("pages:home"),
        "scope": "/",
        "display": "standalone",
        "theme_color": INK,
        "background_color": PAPER,
        "icons": [drawn, *painted],
    }
    return JsonResponse(content, content_type="application/manifest+json")


@never_cache
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """From the root, so that it may serve every page; never from a cache, so that a new version is used at once."""
    return HttpResponse(WORKER.read_bytes(), content_type="text/javascript")


@translated
@require_safe
def no_network(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker, for what it has not kept."""
    return render(request, "mes/no_network.html")
