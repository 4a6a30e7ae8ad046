"""Reads about people: rights, training, lock-out."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from mes import server_clock
from mes.accounts.models import (
    BadgeTest,
    IdentityCheck,
    PolicyAcceptance,
    Qualification,
    RoleGrant,
    SignaturePolicy,
    SigningSession,
    Site,
    User,
)
from mes.errors import NotPermitted, Reason
from mes.phrases import Phrase
from mes.records.models import SecurityEvent

FAILURES = ("sign_in_failed", "signature_failed")
RESETS = ("signed_in", "unlocked", "signature_given")


def require(actor: User, permission: str, site: Site | None) -> None:
    """NotPermitted unless the right is in force at the site. The refusal is logged where the request ends."""
    if not actor.may(permission, site):
        here = Phrase("{actor} has no right “{permission}” at {site}.", actor=actor, permission=permission, site=site)
        words = here if site else Phrase("{actor} has no right “{permission}”.", actor=actor, permission=permission)
        raise NotPermitted(words, permission=permission)


def people_of(sites: Collection[UUID]) -> QuerySet[User]:
    """Whoever has or had a role at one of these sites, and accounts that never had a role anywhere (R-035)."""
    granted = RoleGrant.objects.values("user")
    return User.objects.filter(Q(id__in=granted.filter(site__in=sites)) | ~Q(id__in=granted))


def reasons_not_qualified(user: User, subject: str, version: int, at: datetime) -> list[Reason]:
    """Why a person may not work by this version: no training on it, or training that has ended (R-037)."""
    trainings = Qualification.objects.filter(user=user, subject=subject, subject_version=version)
    if any(training.covers(at) for training in trainings):
        return []
    return [
        Reason(
            "training",
            Phrase(
                "{user} is not trained on {subject} version {version}.", user=user, subject=subject, version=version
            ),
            subject,
        )
    ]


def failures_in_a_row(user: User) -> int:
    """Failed sign-ins and signatures since the last good one; counted from the log, so nothing can forget them."""
    return _in_a_row(_last_kinds(user.id).values_list("kind", flat=True))


def _last_kinds(user_id: UUID | OuterRef) -> QuerySet[SecurityEvent]:
    """As many of the newest attempts, good and failed, as it takes to see that an account is locked."""
    attempts = SecurityEvent.objects.filter(user_id=user_id, kind__in=FAILURES + RESETS)
    return attempts.order_by("-at", "-id")[: settings.FAILURES_BEFORE_LOCK]


def _in_a_row(kinds: Iterable[str]) -> int:
    return sum(1 for _ in takewhile(FAILURES.__contains__, kinds))


def is_locked(user: User) -> bool:
    """Five failures in a row lock an account until an administrator unlocks it (R-029)."""
    return failures_in_a_row(user) >= settings.FAILURES_BEFORE_LOCK


@dataclass(frozen=True)
class Standing:
    """What is known of a person who is about to sign. `has_signed`: in this session, and not idle too long since."""

    is_locked: bool
    is_enrolled: bool
    has_signed: bool


def standing_of(user: User, session: str) -> Standing:
    """Asked at once, because every signature asks. `session` is the digest of a session or token; empty: none."""
    latest, enrolled, signed = (
        User.objects.filter(pk=user.pk)
        .values_list(
            ArraySubquery(_last_kinds(OuterRef("pk")).values("kind")),
            Exists(_enrolments(user)),
            Exists(_signing_sessions(user, session)),
        )
        .get()
    )
    return Standing(_in_a_row(latest) >= settings.FAILURES_BEFORE_LOCK, enrolled, signed)


def has_signed(user: User, session: str) -> bool:
    """Signed before in this session, and not idle for longer than the limit since."""
    return _signing_sessions(user, session).exists()


def _signing_sessions(user: User, session: str) -> QuerySet[SigningSession]:
    limit = server_clock.now() - timedelta(minutes=settings.SIGNING_SESSION_MINUTES)
    return SigningSession.objects.filter(continuity=session, user=user, last_used__gt=limit)


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


def policy_in_force() -> SignaturePolicy | None:
    """The newest version of the signature policy; None before the first was issued, and then nobody signs."""
    return SignaturePolicy.objects.order_by("-number").first()


def reasons_may_not_sign(user: User) -> list[Reason]:
    """What stands between a person and their first signature: identity check (R-026), accepted policy (R-055)."""
    if _enrolments(user).exists():
        return []
    found = []
    if not user.identity_checks.exists():
        words = Phrase("The identity of {user} was not checked yet. An administrator records the check.", user=user)
        found.append(Reason("identity_check", words, user.username))
    policy = policy_in_force()
    if policy is None:
        words = Phrase("No signature policy is in force. An administrator issues one.")
        found.append(Reason("signature_policy", words))
    elif not user.acceptances.filter(policy=policy).exists():
        words = Phrase(
            "{user} has not accepted version {number} of the signature policy. It is on the own page.",
            user=user,
            number=policy.number,
        )
        found.append(Reason("signature_policy", words, str(policy.number)))
    return found


def _enrolments(user: User) -> QuerySet[PolicyAcceptance]:
    """The acceptance of the policy in force, of somebody whose identity was checked: there, or nobody signs."""
    in_force = SignaturePolicy.objects.order_by("-number").values("pk")[:1]
    accepted = PolicyAcceptance.objects.filter(user=user, policy=Subquery(in_force))
    return accepted.filter(Exists(IdentityCheck.objects.filter(user=user)))


def reasons_not_enrolled(user: User) -> list[Reason]:
    """Why a person gets no new badge or passkey: one was revoked, and nobody checked their identity since (R-039)."""
    if user.revoked_at is None or user.identity_checks.filter(at__gt=user.revoked_at).exists():
        return []
    words = Phrase("A badge or passkey of {user} was revoked. Record a new identity check first.", user=user)
    return [Reason("identity_check", words, user.username)]


def badge_is_overdue(user: User) -> bool:
    """Is the last test of the badge too long ago, or did it fail? (R-040)"""
    last = user.badge_tests.filter(badge=user.badge).order_by("-at").first()
    return last is None or not last.passed or last.at < _oldest_test()


def overdue_badges(sites: Collection[UUID]) -> QuerySet[User]:
    """People of these sites whose badge has to be tested, with the time and the result of its last test."""
    last = BadgeTest.objects.filter(user=OuterRef("pk"), badge=OuterRef("badge")).order_by("-at")
    people = people_of(sites).filter(is_active=True, badge__isnull=False)
    people = people.annotate(tested_at=Subquery(last.values("at")[:1]), test_passed=Subquery(last.values("passed")[:1]))
    overdue = Q(tested_at=None) | Q(tested_at__lt=_oldest_test()) | Q(test_passed=False)
    return people.filter(overdue).order_by("username")


def _oldest_test() -> datetime:
    return server_clock.now() - timedelta(days=settings.BADGE_TEST_DAYS)


def system_user(name: str) -> User:
    """The service account of a named part of the system, e.g. "dispatcher"; made on first use."""
    from mes.accounts.services import ensure_system_user

    return User.objects.filter(username=f"system:{name}").first() or ensure_system_user(name)
