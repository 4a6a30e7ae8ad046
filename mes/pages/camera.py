"""Which pages may use the tablet's camera, and compile the decoder that reads codes with it. All others may not."""

from collections.abc import Callable
from functools import wraps
from typing import cast

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

HEADER = "Permissions-Policy"
NOTHING_ELSE = "geolocation=(), microphone=()"

View = Callable[..., HttpResponseBase]
Respond = Callable[[HttpRequest], HttpResponse]


class PermissionsPolicyMiddleware:
    """No page has the camera unless its view says so."""

    def __init__(self, respond: Respond) -> None:
        self.respond = respond

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.respond(request)
        response.headers.setdefault(HEADER, f"camera=(), {NOTHING_ELSE}")
        return response


def with_camera(view: View) -> View:
    @wraps(view)
    def seeing(*args: object, **kwargs: object) -> HttpResponseBase:
        response = view(*args, **kwargs)
        response.headers[HEADER] = f"camera=(self), {NOTHING_ELSE}"
        return response

    return cast(View, csp_update({"script-src": ["'wasm-unsafe-eval'"]})(seeing))
