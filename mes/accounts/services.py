"""Accounts: every change of who may do what."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from knox.models import AuthToken

from mes import server_clock
from mes.accounts.hashing import Pin
from mes.accounts.lockout import LOCKED, note_failure
from mes.accounts.models import BadgeTest, Qualification, RoleGrant, Site, User
from mes.accounts.passkeys import proof
from mes.accounts.passkeys.proof import Answer
from mes.accounts.patience import require_few_failures
from mes.accounts.queries import badge_is_overdue, is_locked
from mes.accounts.rights import Role, check_roles_together
from mes.errors import Conflict, InvalidInput, MesError, NotPermitted, NotSignedIn, WrongState
from mes.ids import uuid7
from mes.phrases import Phrase
from mes.records import current
from mes.records.services import act, note_security

WEAK_PINS = frozenset({"123456", "654321", "012345", "543210", "121212", "112233"})


def ensure_system_user(name: str) -> User:
    """The service account `system:<name>`. It is its own author: somebody has to be the first."""
    user = User(id=uuid7(), username=f"system:{name}", printed_name=name.capitalize(), kind=User.Kind.SERVICE)
    user.set_unusable_password()
    with transaction.atomic():
        with connection.cursor() as cursor:  # two processes may need the same one at the same moment
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [user.username])
        existing = User.objects.filter(username=user.username).first()
        if existing is not None:
            return existing
        with current.beside_the_call(), act(user, "accounts.create_system_user", subject=user):
            user.save(force_insert=True)
    return user


def create_site(
    *,
    actor: User,
    code: str,
    name: str,
    facility_code: str,
    time_zone: str = "UTC",
    is_demonstration: bool = False,
    idle_minutes: int = 10,
    late_entry_minutes: int = 15,
) -> Site:
    """Open a site. Its ISBT 128 facility code is the operator's own, registered with ICCBBA."""
    require_administration(actor)
    site = Site(
        code=code,
        name=name,
        timezone=time_zone,
        facility_code=facility_code,
        is_demonstration=is_demonstration,
        idle_minutes=idle_minutes,
        late_entry_minutes=late_entry_minutes,
    )
    _validated(site)
    with act(actor, "accounts.create_site", site=site, subject=site):
        site.save(force_insert=True)
    return site


def set_clock_scale(*, actor: User, site: Site, scale: int) -> Site:
    """Run a demonstration site's clock faster from now on; refused elsewhere. Process time does not jump."""
    from mes import clock

    require_administration(actor)
    if not site.is_demonstration:
        raise NotPermitted("Only a site marked as demonstration may scale its clock.", site=site.code)
    with act(actor, "accounts.set_clock_scale", site=site, subject=site, reason=f"clock ×{scale}"):
        locked = Site.objects.select_for_update().get(id=site.id)
        moment = server_clock.now()
        locked.clock_shift = clock.to_process(locked, moment) - moment
        locked.clock_epoch, locked.clock_scale = moment, Decimal(scale)
        locked.save(update_fields=["clock_epoch", "clock_shift", "clock_scale"])
    return locked


def create_user(
    *,
    actor: User,
    username: str,
    printed_name: str,
    password: str,
    pin: str = "",
    badge: str | None = None,
    email: str = "",
    is_shared: bool = False,
    kind: str = User.Kind.PERSON,
    must_change_password: bool = True,
) -> User:
    """A new personal account. A name once used is never used again, whatever its capitals (R-025)."""
    require_administration(actor)
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidInput(
            Phrase("The user name “{username}” was used before and stays with its person.", username=username),
            field="username",
        )
    if badge and User.objects.filter(badge=badge).exists():
        raise InvalidInput(Phrase("The badge “{badge}” belongs to somebody else.", badge=badge), field="badge")
    user = User(
        username=username,
        printed_name=printed_name,
        email=email,
        badge=badge or None,
        is_shared=is_shared,
        kind=kind,
        must_change_password=must_change_password,
        pin=hashed_pin(pin) if pin else "",
    )
    user.password = hashed_password(password, user)
    with act(actor, "accounts.create_user", subject=user):
        user.save(force_insert=True)
        if badge:
            BadgeTest.objects.create(user=user, badge=badge, passed=True, tested_by=actor, remark="Read at issue")
    return user


def grant_role(*, actor: User, user: User, site: Site, role: str, until: datetime | None = None) -> RoleGrant:
    """Give a role at a site. An administrator holds no GMP role, and nobody grants to themselves (R-033)."""
    require_administration(actor, site)
    if user.id == actor.id:
        raise NotPermitted("Nobody grants a role to themselves.", rule="not_own_work")
    with act(actor, "accounts.grant_role", site=site, subject=user, data={"role": role}):
        held = set(RoleGrant.objects.in_force(server_clock.now()).filter(user=user).values_list("role", flat=True))
        check_roles_together(held | {Role(role).value})
        try:
            with transaction.atomic():
                grant = RoleGrant.objects.create(user=user, site=site, role=role, granted_by=actor, valid_until=until)
        except IntegrityError as error:
            raise Conflict(
                Phrase("{user} already holds “{role}” at {site}.", user=user, role=role, site=site), role=role
            ) from error
    user.forget_roles()
    return grant


def withdraw_role(*, actor: User, grant: RoleGrant, reason: str) -> RoleGrant:
    """End a role now; the grant stays in the register with its dates (R-036)."""
    require_administration(actor, grant.site)
    required(reason, "reason")
    if grant.valid_until is not None and grant.valid_until <= server_clock.now():
        raise WrongState("This role has ended already.", grant=str(grant.id))
    with act(actor, "accounts.withdraw_role", site=grant.site, subject=grant.user, reason=reason):
        grant.valid_until = server_clock.now()
        grant.save(update_fields=["valid_until"])
    return grant


def deactivate_user(*, actor: User, user: User, reason: str) -> User:
    """Close an account. Users are never deleted."""
    require_administration(actor)
    required(reason, "reason")
    with act(actor, "accounts.deactivate_user", subject=user, reason=reason):
        user.is_active = False
        user.save(update_fields=["is_active"])
    return user


def record_training(
    *, actor: User, user: User, subject: str, version: int, valid_days: int | None = None
) -> Qualification:
    """Record that somebody else trained this person on a version; nobody certifies their own training."""
    if actor.id == user.id:
        raise NotPermitted("Nobody certifies their own training.", rule="not_own_work")
    if not actor.may_anywhere("batches.issue"):
        raise NotPermitted(Phrase("{actor} records no training.", actor=actor), permission="batches.issue")
    until = server_clock.now() + timedelta(days=valid_days) if valid_days else None
    with act(actor, "accounts.record_training", subject=user, data={"subject": subject, "version": version}):
        return Qualification.objects.create(
            user=user, subject=subject, subject_version=version, valid_until=until, trained_by=actor
        )


def sign_in(
    *, username: str = "", badge: str = "", password: str = "", pin: str = "", passkey: Answer | None = None
) -> User:
    """Who is at the door, and in from now on."""
    user = prove(username=username, badge=badge, password=password, pin=pin, passkey=passkey)
    note_security("signed_in", user=user, detail="passkey" if passkey else "")
    return user


def prove(
    *, username: str = "", badge: str = "", password: str = "", pin: str = "", passkey: Answer | None = None
) -> User:
    """Who it is: name and password, badge and PIN, or a passkey. NotSignedIn says no more than it must."""
    require_few_failures()
    wrong = Phrase("The badge or the PIN is not right.") if badge else Phrase("The name or the password is not right.")
    known = proof.passkey_of(passkey) if passkey else None
    user = known.user if known else find_person(username=username, badge=badge)
    if user is None:
        note_security("sign_in_failed", username=username or badge, detail="unknown")
        raise NotSignedIn(wrong)
    if is_locked(user):
        note_security("sign_in_refused", user=user, detail="locked")
        raise NotSignedIn(LOCKED, locked=True)
    if known and passkey:
        right = proof.is_right(known, passkey, proof.SIGN_IN)
    else:
        right = credential_is_right(user, password=password if username else "", pin=pin if badge else "")
    if not right:
        if note_failure("sign_in_failed", user=user, detail="wrong credential"):
            raise NotSignedIn(LOCKED, locked=True)
        raise NotSignedIn(wrong)
    if badge:
        check_badge(user, NotSignedIn)
    return user


def unlock(*, actor: User, user: User, reason: str) -> None:
    """Open a locked account again; only an administrator, always with a reason."""
    require_administration(actor)
    required(reason, "reason")
    with act(actor, "accounts.unlock", subject=user, reason=reason):
        note_security("unlocked", user=user, detail=reason)


def reset_credentials(*, actor: User, user: User, password: str, reason: str) -> User:
    """For whoever forgot or lost theirs: a temporary password, which must be changed and signs nothing; no PIN.

    Open sessions end with the old password, tokens are taken back. Who administers only some of the sites where the
    person has a role would reach into the others, and is refused.
    """
    require_administration(actor)
    required(reason, "reason")
    if user.id == actor.id:
        raise NotPermitted("Change your own password under your name.", rule="not_own_work")
    for grant in user.grants.in_force(server_clock.now()).select_related("site"):
        require_administration(actor, grant.site)
    with act(actor, "accounts.reset_credentials", subject=user, reason=reason):
        user.password, user.pin, user.must_change_password = hashed_password(password, user), "", True
        user.save(update_fields=["password", "pin", "must_change_password"])
        AuthToken.objects.filter(user=user).delete()
    return user


def choose_language(*, actor: User, user: User, language: str) -> User:
    """The language of a person's pages. Each chooses their own; an administrator may do it for somebody new."""
    if actor.id != user.id:
        require_administration(actor)
    if language not in dict(settings.LANGUAGES):
        raise InvalidInput(Phrase("Baton does not speak “{language}”.", language=language), field="language")
    with act(actor, "accounts.choose_language", subject=user, data={"language": language}):
        user.language = language
        user.save(update_fields=["language"])
    return user


def set_password(*, user: User, old: str, new: str) -> User:
    """Change one's own password. The old one is asked for; the new one is checked against the policy."""
    if not check_password(old, user.password):
        raise NotSignedIn("The present password is not right.")
    with act(user, "accounts.set_password", subject=user):
        user.password = hashed_password(new, user)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
    return user


def set_pin(*, user: User, password: str, pin: str) -> User:
    """Choose one's own signing PIN, with the password."""
    if not check_password(password, user.password):
        raise NotSignedIn("The password is not right.")
    with act(user, "accounts.set_pin", subject=user):
        user.pin = hashed_pin(pin)
        user.save(update_fields=["pin"])
    return user


def find_person(*, username: str = "", badge: str = "") -> User | None:
    """The active person behind a user name or a badge; None when there is none or neither is given."""
    people = User.objects.filter(is_active=True, kind=User.Kind.PERSON)
    if username:
        return people.filter(username__iexact=username).first()
    return people.filter(badge=badge.removeprefix("USR:")).first() if badge else None


def credential_is_right(user: User, *, password: str = "", pin: str = "") -> bool:
    """Does the password, or else the PIN, belong to the user? Neither given is never right."""
    if password:
        return check_password(password, user.password)
    return bool(pin and user.pin) and check_password(pin, user.pin)


def check_badge(user: User, refusal: type[MesError]) -> None:
    """A badge whose test is overdue is refused, or only noted, as the site's owner has set it (R-040)."""
    if not badge_is_overdue(user):
        return
    note_security("badge_test_overdue", user=user, detail=user.badge or "")
    if settings.OVERDUE_BADGES == "refuse":
        message = Phrase("This badge has to be tested. An administrator does that; until then give your user name.")
        raise refusal(message)


def hashed_pin(pin: str) -> str:
    """Six digits, not a row, a run or a repeat; stored as mes.accounts.hashing.Pin (R-038)."""
    if len(pin) != 6 or not pin.isdigit():
        raise InvalidInput("A PIN has exactly six digits.", field="pin")
    if pin in WEAK_PINS or len(set(pin)) < 3:
        raise InvalidInput("This PIN is too easy to guess.", field="pin")
    return make_password(pin, hasher=Pin.algorithm)


def hashed_password(password: str, user: User) -> str:
    """The password under the policy of settings.AUTH_PASSWORD_VALIDATORS, as an argon2 hash."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error
    return make_password(password)


def require_administration(actor: User, site: Site | None = None) -> None:
    is_system = actor.kind == User.Kind.SERVICE and actor.username == "system:installer"
    allowed = actor.may("accounts.manage", site) if site else actor.may_anywhere("accounts.manage")
    if not (is_system or allowed):
        raise NotPermitted("Only an administrator manages accounts and sites.", permission="accounts.manage")


def required(text: str, field: str) -> None:
    if not text.strip():
        raise InvalidInput(Phrase("A {field} is needed.", field=field), field=field)


def _validated(site: Site) -> None:
    try:
        site.clean_fields()
    except ValidationError as error:
        raise InvalidInput("The site is not complete.", fields=error.message_dict) from error
