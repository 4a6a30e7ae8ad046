"""The permission matrix: every call the router knows, the right it asks for, and the roles that hold it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.urls import URLPattern, URLResolver, get_resolver

from mes.accounts.rights import RIGHTS, Role
from mes.api import permission_of

METHODS = ("get", "post", "put", "patch", "delete")
OPEN = {
    *{("post", "/api/v1/tokens"), ("post", "/api/v1/passkeys/ask/sign-in")},
    *{("get", "/api/v1/schema"), ("get", "/api/v1/docs")},
}


@dataclass(frozen=True)
class Call:
    """One method of one URL, e.g. post /api/v1/batches/<batch_id>/issue, and the right it asks for."""

    method: str
    path: str
    permission: str

    @property
    def arguments(self) -> list[str]:
        """The names in the path, e.g. ["batch_id"]."""
        return [part.partition(">")[0] for part in self.path.split("<")[1:]]

    def allowed(self, role: Role) -> bool:
        return not self.permission or self.permission in RIGHTS[role]

    def url(self, ids: Mapping[str, UUID | str] | None = None) -> str:
        """The path with ids filled in: those given by name, any other one that does not exist."""
        parts = self.path.split("<")
        filled = parts[0]
        for part in parts[1:]:
            name, _, rest = part.partition(">")
            filled += f"{(ids or {}).get(name, uuid4())}{rest}"
        return filled


def calls() -> Iterator[Call]:
    """Every call the router knows under /api/v1/."""
    for path, view in _views(get_resolver().url_patterns, "/"):
        if not path.startswith("/api/v1/"):
            continue
        for method in METHODS:
            if hasattr(view, method) and (method, path) not in OPEN:
                yield Call(method, path, permission_of(view, method))


def pages() -> Iterator[Call]:
    """Every page the router knows, as a call to read it."""
    for path, view in _views(get_resolver().url_patterns, "/"):
        if not path.startswith("/api/"):
            yield Call("get", path, getattr(view, "permission", ""))


def _views(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            callback = pattern.callback
            view = getattr(callback, "cls", None) or getattr(callback, "view_class", None) or callback
            yield path.replace("uuid:", "").replace("str:", "").replace("int:", ""), view


def rows() -> list[list[str]]:
    """The matrix: method, path, right, then a column for each role."""
    found = sorted(calls(), key=lambda call: (call.path, call.method))
    return [
        [call.method, call.path, call.permission, *("yes" if call.allowed(role) else "no" for role in Role)]
        for call in found
    ]


HEADER = ["method", "path", "right", *(role.value for role in Role)]
