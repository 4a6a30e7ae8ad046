"""Which language a page speaks. Records, prints and answers to programs are English for everybody (mes/phrases.py)."""

from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from mes.accounts.models import User

RECORDS = "en"
View = TypeVar("View", bound=Callable[..., object])


def translated(view: View) -> View:
    """Marks a page whose every word is in the catalogues. Every other page is English as a whole, its frame too."""
    view.translated = True  # type: ignore[attr-defined] # a function carries what its decorators say of it
    return view


def is_translated(view: Callable[..., object]) -> bool:
    return getattr(view, "translated", False)


def language_of(request: HttpRequest) -> str:
    """What the person has chosen, whatever the browser says. At the door nobody is known: there the browser says it."""
    user = getattr(request, "user", None)
    if isinstance(user, User):
        return user.language
    asked = request.GET.get("language", "")
    return asked if asked in dict(settings.LANGUAGES) else translation.get_language_from_request(request)
