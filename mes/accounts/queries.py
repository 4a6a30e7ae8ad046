"""Reads about people: rights, training, lock-out."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, Window
from django.db.models.functions import RowNumber

from mes.accounts.models import Qualification, RoleGrant, Site, User
from mes.errors import NotPermitted, Reason
from mes.records.models import SecurityEvent

FAILURES = ("sign_in_failed", "signature_failed")
RESETS = ("signed_in", "unlocked", "signature_given")


def require(actor: User, permission: str, site: Site | None) -> None:
    """NotPermitted unless the right is in force at the site. The refusal is logged where the request ends."""
    if not actor.may(permission, site):
        where = f" at {site.code}" if site else ""
        raise NotPermitted(f"{actor} has no right “{permission}”{where}.", permission=permission)


def people_of(sites: Collection[UUID]) -> QuerySet[User]:
    """Whoever has or had a role at one of these sites, and accounts that never had a role anywhere (R-035)."""
    granted = RoleGrant.objects.values("user")
    return User.objects.filter(Q(id__in=granted.filter(site__in=sites)) | ~Q(id__in=granted))


def reasons_not_qualified(user: User, subject: str, version: int, at: datetime) -> list[Reason]:
    """Why a person may not work by this version: no training on it, or training that has ended (R-037)."""
    trainings = Qualification.objects.filter(user=user, subject=subject, subject_version=version)
    if any(training.covers(at) for training in trainings):
        return []
    return [Reason("training", f"{user} is not trained on {subject} version {version}.", subject)]


def failures_in_a_row(user: User) -> int:
    """Failed sign-ins and signatures since the last good one; counted from the log, so nothing can forget them."""
    kinds = (
        SecurityEvent.objects.filter(user_id=user.id, kind__in=FAILURES + RESETS)
        .order_by("-at", "-id")
        .values_list("kind", flat=True)[: settings.FAILURES_BEFORE_LOCK]
    )
    count = 0
    for kind in kinds:
        if kind not in FAILURES:
            break
        count += 1
    return count


def is_locked(user: User) -> bool:
    """Five failures in a row lock an account until an administrator unlocks it (R-029)."""
    return failures_in_a_row(user) >= settings.FAILURES_BEFORE_LOCK


def locked_among(people: Collection[UUID]) -> set[UUID]:
    """Which of these people are locked out, asked once for all of them."""
    latest = (
        SecurityEvent.objects.filter(user_id__in=people, kind__in=FAILURES + RESETS)
        .annotate(place=Window(RowNumber(), partition_by="user_id", order_by=["-at", "-id"]))
        .filter(place__lte=settings.FAILURES_BEFORE_LOCK)
        .values_list("user_id", "kind")
    )
    failed = Counter(person for person, kind in latest if person and kind in FAILURES)
    return {person for person, failures in failed.items() if failures >= settings.FAILURES_BEFORE_LOCK}


def system_user(name: str) -> User:
    """The service account of a named part of the system, e.g. "dispatcher"; made on first use."""
    from mes.accounts.services import ensure_system_user

    return User.objects.filter(username=f"system:{name}").first() or ensure_system_user(name)
