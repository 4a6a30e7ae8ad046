"""Every page and every call. A room's pages are in <room>/urls.py, its calls in <room>/api_urls.py."""

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from mes.health import alive, healthz


def of_rooms(module: str) -> list[URLPattern | URLResolver]:
    """The URLs of every installed room that has such a module."""
    names = [f"{room}.{module}" for room in settings.INSTALLED_APPS if room.split(".")[0] in HOUSE]
    return [path("", include(name)) for name in names if find_spec(name)]


HOUSE = {"mes", *settings.ROOMS}

urlpatterns: list[URLPattern | URLResolver] = [
    path("alive", alive, name="alive"),
    path("healthz", healthz, name="healthz"),
    path("api/v1/", include(of_rooms("api_urls"))),
    path("api/v1/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/v1/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    *of_rooms("urls"),
]

handler400 = "mes.pages.views.bad_request"
handler403 = "mes.pages.views.not_permitted"
handler404 = "mes.pages.views.not_found"
handler500 = "mes.pages.views.failed"
