"""What every page's frame needs: the navigation this person may use, and the time of the sites they work at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from mes import clock
from mes.accounts.models import User
from mes.phrases import shown


@dataclass(frozen=True)
class NavigationEntry:
    label: str
    url: str
    current: str = ""


def chrome(request: HttpRequest) -> Mapping[str, Any]:
    frame: dict[str, Any] = {"software_version": settings.SOFTWARE_VERSION, "languages": settings.LANGUAGES}
    user = getattr(request, "user", None)
    if isinstance(user, User):
        frame["navigation"] = list(_navigation(user, request.path))
        frame["site_times"] = [shown(clock.stamp(site)) for site in user.sites()]
    return frame


def _navigation(user: User, path: str) -> Iterator[NavigationEntry]:
    for label, name, rights in settings.NAVIGATION:
        if not rights or any(user.may_anywhere(right) for right in rights.split()):
            url = reverse(name)
            yield NavigationEntry(shown(label), url, _where(path, url))


def _where(path: str, url: str) -> str:
    """`page` on the entry's own page, `true` on a page below it."""
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""
