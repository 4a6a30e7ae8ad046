"""Refusals. Every "no" in Baton is one of these: a code for programs, a message for people, details for both."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self


@dataclass(frozen=True)
class Reason:
    """Why a gate stays closed. `subject` names the thing to look at, e.g. a unit code or a step id."""

    code: str
    message: str
    subject: str = ""


class MesError(Exception):
    """A refusal with its reasons. Subclasses set `code` and `status` (HTTP)."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def lines(self) -> list[str]:
        """The message and every reason."""
        return [self.message, *(reason["message"] for reason in self.details.get("reasons", []))]

    def told(self) -> dict[str, Any]:
        """As a program is answered."""
        return {"code": self.code, "message": str(self.message), "details": self.details}


class InvalidInput(MesError):
    code = "invalid_input"
    status = 400


class NotSignedIn(MesError):
    code = "not_signed_in"
    status = 401


class SignatureRefused(MesError):
    code = "signature_refused"
    status = 401


class NotPermitted(MesError):
    """`security_kind` names the security event that tells of it."""

    code = "not_permitted"
    status = 403
    security_kind: ClassVar[str] = "not_permitted"


class NotFound(MesError):
    code = "not_found"
    status = 404


class NotAllowed(MesError):
    code = "not_allowed"
    status = 405


class TooManyAttempts(MesError):
    """Somebody at this network address tried too often; nothing of the attempt was looked at."""

    code = "too_many_attempts"
    status = 429


class Conflict(MesError):
    code = "conflict"


class WrongState(Conflict):
    code = "wrong_state"


class StaleVersion(Conflict):
    code = "stale_version"


class Blocked(Conflict):
    """A gate with one or more reasons; all of them are told, not only the first."""

    code = "blocked"

    @classmethod
    def by(cls, reasons: Sequence[Reason], message: str) -> Self:
        return cls(message, reasons=[asdict(reason) for reason in reasons])
