"""The smallest client of the API: the standard library, a token for each person, an idempotency key for each act."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

TIMEOUT = 60


class Refused(Exception):
    """Baton said no: `{code, message, details}`."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.code: str = answer["code"]
        self.details: dict[str, Any] = answer["details"]
        reasons = [reason["message"] for reason in self.details.get("reasons", [])]
        super().__init__(" ".join([answer["message"], *reasons]))

    def reasons(self) -> set[str]:
        return {reason["code"] for reason in self.details.get("reasons", [])}


@dataclass
class Person:
    """Somebody signed in by token."""

    address: str
    username: str
    password: str = field(repr=False)
    pin: str = field(repr=False)
    token: str = field(default="", repr=False)
    _signed: set[str] = field(default_factory=set)

    def sign_in(self) -> Person:
        credential = {"username": self.username, "password": self.password}
        self.token = self.post("tokens", credential)["token"]
        return self

    def get(self, path: str, **query: str) -> Any:
        return json.loads(self.download(path, **query))

    def pages(self, path: str, **query: str) -> list[Any]:
        """Everything of a list, page after page."""
        found: list[Any] = []
        page = self.get(path, **query)
        while True:
            found += page["results"]
            if not page["next"]:
                return found
            page = json.loads(self._send("GET", page["next"], None))

    def download(self, path: str, **query: str) -> bytes:
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        return self._send("GET", f"{self.address}/api/v1/{path}{asked}", None)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """One act. The key makes it one act even if the answer gets lost."""
        answer = self._send("POST", f"{self.address}/api/v1/{path}", body or {})
        return json.loads(answer) if answer else None

    def signature(self, of: Person | None = None, *, full: bool = False, seen: str = "") -> dict[str, str]:
        """A signature on this person's tablet, their own or a second person's.

        The first in a session is given with name and password, later ones with the PIN; a release always in full.
        """
        signer = of or self
        if full or signer.username not in self._signed:
            self._signed.add(signer.username)
            return {"username": signer.username, "password": signer.password, "seen": seen}
        return {"username": signer.username, "pin": signer.pin, "seen": seen}

    def _send(self, method: str, url: str, body: dict[str, Any] | None) -> bytes:
        headers = {"Accept": "application/json, application/pdf"}
        if self.token:
            headers["Authorization"] = f"Token {self.token}"
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310 (our address)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None


def _refusal(error: urllib.error.HTTPError) -> Exception:
    content = error.read()
    try:
        return Refused(json.loads(content))
    except (ValueError, KeyError):
        return RuntimeError(f"{error.url} answered {error.code}: {content[:200]!r}")
