"""Badges: issued and tested by an administrator, revoked at once when one is lost."""

from knox.models import AuthToken

from mes import server_clock
from mes.accounts.models import BadgeTest, User
from mes.accounts.queries import reasons_not_enrolled
from mes.accounts.services import require_administration, required
from mes.errors import Blocked, InvalidInput, WrongState
from mes.records.services import act


def issue_badge(*, actor: User, user: User, badge: str, read_back: str) -> User:
    """Give a person a badge. It is read a second time, which is its first test.

    Refused while another one is in use, and after a loss until somebody checked the person's identity anew (R-039).
    """
    require_administration(actor)
    if user.badge:
        raise WrongState("This person has a badge. Revoke it first.", badge=user.badge)
    if why := reasons_not_enrolled(user):
        raise Blocked.by(why, "No new badge yet.")
    code = badge_code(badge)
    required(code, "badge")
    if badge_code(read_back) != code:
        raise InvalidInput(
            "The second reading differs from the first: the badge does not read well.", field="read_back"
        )
    if User.objects.filter(badge=code).exists() or BadgeTest.objects.filter(badge=code).exclude(user=user).exists():
        raise InvalidInput(f"The badge “{code}” belongs to somebody else.", field="badge")
    with act(actor, "accounts.issue_badge", subject=user, data={"badge": code}):
        user.badge = code
        user.save(update_fields=["badge"])
        BadgeTest.objects.create(user=user, badge=code, passed=True, tested_by=actor, remark="Read twice at issue")
    return user


def record_badge_test(*, actor: User, user: User, read: str, remark: str = "") -> BadgeTest:
    """Keep what a reader made of the badge (R-040): it passes when it reads as the person's own. Empty: it did not."""
    require_administration(actor)
    if not user.badge:
        raise WrongState("This person has no badge.", user=user.username)
    passed = badge_code(read) == user.badge
    with act(actor, "accounts.test_badge", subject=user, data={"badge": user.badge, "passed": passed}):
        return BadgeTest.objects.create(user=user, badge=user.badge, passed=passed, remark=remark, tested_by=actor)


def revoke_badge(*, actor: User, user: User, reason: str) -> User:
    """The badge is lost: it opens nothing from now on, and every session and token of the person is over (R-039)."""
    require_administration(actor)
    required(reason, "reason")
    if not user.badge:
        raise WrongState("This person has no badge.", user=user.username)
    with act(actor, "accounts.revoke_badge", subject=user, reason=reason, data={"badge": user.badge}):
        user.badge = None
        end_sessions(user)
        user.save(update_fields=["badge", "revoked_at"])
    return user


def end_sessions(user: User) -> None:
    """Inside an act that saves the user: whoever holds a session or a token has to prove anew who they are."""
    user.revoked_at = server_clock.now()
    AuthToken.objects.filter(user=user).delete()


def badge_code(read: str) -> str:
    """What is printed on the badge, from what a reader typed."""
    return read.strip().removeprefix("USR:")
