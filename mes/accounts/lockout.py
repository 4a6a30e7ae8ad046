"""Failed attempts: each is counted, and security is told at once when one of them locks the account."""

from django.conf import settings

from mes.accounts import announcements
from mes.accounts.models import Site, User
from mes.accounts.queries import is_locked, system_user
from mes.outbox.services import announce
from mes.phrases import Phrase
from mes.records import current
from mes.records.services import act, note_security

LOCKED = Phrase("This account is locked. Ask an administrator to unlock it.")


def note_failure(kind: str, *, user: User, site: Site | None = None, detail: str) -> bool:
    """Log a failed sign-in or signature of a known person. True for the one that locks (R-029): it leaves an event,
    alerts, and its refusal says LOCKED, so that nobody learns of it by the right password being refused."""
    note_security(kind, user=user, site=site, detail=detail)
    locks = is_locked(user)
    if locks:
        _lock(user)
    return locks


def _lock(user: User) -> None:
    count = settings.FAILURES_BEFORE_LOCK
    # The call that failed may be tried again with its key.
    with (
        current.beside_the_call(),
        act(system_user("security"), "accounts.lock", subject=user, reason=f"{count} failures in a row") as event,
    ):
        for site in user.sites():
            announce(
                announcements.LOCKED,
                event=event,
                site=site,
                subject=site,
                text=f"An account at {site.code} is locked after {count} failed attempts to sign in or to sign.",
                path=f"/accounts/{user.id}/",
                facts={"account": user.id},
            )
