"""How the API knows who is calling: a token (knox, hashed, expiring) or the session cookie of the pages."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxAuthentication
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from mes import server_clock


class TokenAuthentication(KnoxAuthentication):
    """`Authorization: Token …`. The token is the continuous session of its signatures."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is not None:
            request._request.baton_continuity = f"token:{found[1].digest}"  # type: ignore[attr-defined]
        return found

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Is it expired? Knox reads every other token of the person at each call here, to delete the expired ones."""
        return auth_token.expiry is not None and auth_token.expiry < server_clock.now()


class CookieAuthentication(SessionAuthentication):
    """The signed-in pages, with CSRF protection. Answers 401, not 403, to somebody unknown."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is not None:
            request._request.baton_continuity = f"session:{request._request.session.session_key}"  # type: ignore[attr-defined]
        return found

    def enforce_csrf(self, request: Request) -> None:
        """The page is of an earlier session: that says nothing about the call, which may be made again.

        The error is one of the framework's: after any other it asks who is calling once more, and that fails again.
        """
        try:
            super().enforce_csrf(request)
        except PermissionDenied as failed:
            raise PermissionDenied(f"Load the page anew. {failed.detail}", code="page_outdated") from failed

    def authenticate_header(self, request: Request) -> str:
        return "Session"


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "mes.accounts.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token <value>"}


class CookieScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "mes.accounts.tokens.CookieAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid"}
