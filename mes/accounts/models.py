"""People, sites, roles and training."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from mes import server_clock
from mes.accounts.rights import RIGHTS, SYSTEM_RIGHTS, Role
from mes.ids import uuid7
from mes.records.models import AppendOnlyModel, RecordedModel


class Site(RecordedModel):
    """A place with its own people, equipment and batches. Only a demonstration site may scale its clock."""

    class SecondIdentifier(models.TextChoices):
        YEAR_OF_BIRTH = "year_of_birth", "Year of birth"
        INITIALS = "initials", "Initials"

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    timezone = models.CharField(max_length=64, default="UTC")
    facility_code = models.CharField(
        max_length=5, validators=[RegexValidator(r"^[A-NP-Z1-9][A-NP-Z0-9]{2}[0-9]{2}$")], help_text="ISBT 128 facility"
    )
    second_identifier = models.CharField(
        max_length=20, choices=SecondIdentifier.choices, default=SecondIdentifier.YEAR_OF_BIRTH
    )
    idle_minutes = models.PositiveSmallIntegerField(default=10)
    full_credential_for = ArrayField(
        models.CharField(max_length=60), default=list, blank=True, help_text="meanings for which a PIN is not enough"
    )
    late_entry_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="a value recorded longer than this after it was done is late, and says why"
    )
    only_registered_terminals = models.BooleanField(
        default=False, help_text="steps are worked on at registered terminals only"
    )
    is_demonstration = models.BooleanField(default=False)
    clock_scale = models.DecimalField(max_digits=12, decimal_places=3, default=1)
    clock_epoch = models.DateTimeField(default=server_clock.now, help_text="when the scale was last set")
    clock_shift = models.DurationField(default=timedelta(0), help_text="how far ahead the site's clock was then")

    class Meta(RecordedModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(clock_scale=1, clock_shift=timedelta(0))
                | models.Q(is_demonstration=True, clock_scale__gt=0),
                name="only_demonstration_sites_scale_time",
            ),
            models.CheckConstraint(condition=models.Q(idle_minutes__range=(2, 15)), name="idle_lock_between_2_and_15"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def site(self) -> "Site":
        return self


class People(BaseUserManager["User"]):
    """Accounts are made by mes.accounts.services, inside an act; here they are only looked up."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username__iexact=username)


class User(AbstractBaseUser, RecordedModel):
    """A person or a named system. Never deleted, never renamed to somebody else."""

    class Kind(models.TextChoices):
        PERSON = "person", "Person"
        SERVICE = "service", "Service account"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=150, unique=True)
    printed_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PERSON)
    badge = models.CharField(max_length=40, unique=True, null=True, blank=True)
    pin = models.CharField(max_length=128, blank=True)
    must_change_password = models.BooleanField(default=False)
    language = models.CharField(max_length=5, choices=settings.LANGUAGES, default="en", help_text="of the pages")
    is_shared = models.BooleanField(default=False, help_text="A shared account only reads.")
    is_active = models.BooleanField(default=True)
    revoked_at = models.DateTimeField(
        null=True, blank=True, help_text="when a lost badge or passkey was last revoked: sessions before it are over"
    )

    last_login = None  # sign-ins are security events; a login writes no record

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["printed_name"]

    objects = People()

    class Meta(RecordedModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(Lower("username"), name="a_user_name_is_never_used_again")]

    def __str__(self) -> str:
        return self.printed_name or self.username

    def get_full_name(self) -> str:
        return self.printed_name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Sessions end with the password, and when a badge or passkey is revoked (R-039)."""
        until = f"{self.password}|{self.revoked_at}"
        return salted_hmac("mes.accounts.session", until, secret=secret, algorithm="sha256").hexdigest()

    @property
    def is_system(self) -> bool:
        """A part of Baton itself, e.g. the dispatcher; not a service account that somebody signs in with."""
        return self.kind == self.Kind.SERVICE and self.username.startswith("system:")

    def roles_at(self, site: Site | None) -> set[str]:
        """The roles in force at a site."""
        if site is None:
            return set()
        return self._roles_by_site().get(site.id, set())

    @cached_property
    def has_passkey(self) -> bool:
        """Asked for once a request: pages on which somebody signs offer it."""
        return self.passkeys.in_use().exists()

    def may(self, permission: str, site: Site | None) -> bool:
        """Is the right in force for this person at this site? A shared account may only view."""
        if not self.is_active or (self.is_shared and not permission.endswith(".view")):
            return False
        if self.is_system:
            return permission in SYSTEM_RIGHTS
        return any(permission in RIGHTS[Role(role)] for role in self.roles_at(site))

    def may_anywhere(self, permission: str) -> bool:
        """Is the right in force at any site?"""
        return bool(self.sites_for(permission))

    def sites_for(self, permission: str) -> set[UUID]:
        """The sites where this person has the right."""
        if not self.is_active or (self.is_shared and not permission.endswith(".view")):
            return set()
        return {
            site_id
            for site_id, roles in self._roles_by_site().items()
            if any(permission in RIGHTS[Role(role)] for role in roles)
        }

    def site_ids(self) -> set[UUID]:
        """The sites where this person has any role."""
        return set(self._roles_by_site())

    def sites(self) -> models.QuerySet[Site]:
        """The sites where this person has any role, by code."""
        return Site.objects.filter(id__in=self.site_ids()).order_by("code")

    def _roles_by_site(self) -> dict[UUID, set[str]]:
        """One query per object life: a request reads its roles once."""
        cached: dict[UUID, set[str]] | None = self.__dict__.get("_roles")
        if cached is None:
            cached = {}
            for site_id, role in self.grants.in_force(server_clock.now()).values_list("site_id", "role"):
                cached.setdefault(site_id, set()).add(role)
            self.__dict__["_roles"] = cached
        return cached

    def forget_roles(self) -> None:
        """After a grant changed."""
        self.__dict__.pop("_roles", None)


class GrantQuerySet(models.QuerySet["RoleGrant"]):
    def in_force(self, moment: datetime) -> "GrantQuerySet":
        return self.filter(models.Q(valid_until=None) | models.Q(valid_until__gt=moment), valid_from__lte=moment)


class RoleGrant(RecordedModel):
    """A role of a person at a site, from and until. Withdrawing it sets `valid_until`."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, choices=Role.choices)
    valid_from = models.DateTimeField(default=server_clock.now)
    valid_until = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    objects = GrantQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "site", "role"], condition=models.Q(valid_until=None), name="one_open_grant_per_role"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.site}"


class Qualification(RecordedModel):
    """Training of a person on one version of a subject, e.g. `recipe:CART-A` version 2."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="qualifications")
    subject = models.CharField(max_length=80)
    subject_version = models.PositiveIntegerField()
    valid_from = models.DateTimeField(default=server_clock.now)
    valid_until = models.DateTimeField(null=True, blank=True)
    trained_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(RecordedModel.Meta):
        indexes: ClassVar = [models.Index(fields=["user", "subject", "subject_version"])]

    def __str__(self) -> str:
        return f"{self.user} · {self.subject} v{self.subject_version}"

    def covers(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)


class IdentityCheck(AppendOnlyModel):
    """Somebody saw who this person is, before they might sign (21 CFR 11.100(b))."""

    class Method(models.TextChoices):
        PASSPORT = "passport", "Passport"
        IDENTITY_CARD = "identity_card", "Identity card"
        DRIVING_LICENCE = "driving_licence", "Driving licence"
        EMPLOYMENT_RECORD = "employment_record", "Employment record, person known"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="identity_checks")
    method = models.CharField(max_length=20, choices=Method.choices)
    checked_on = models.DateField()
    checked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        indexes: ClassVar = [models.Index(fields=["user", "-at"])]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_method_display()} · {self.checked_on}"


class SignaturePolicy(AppendOnlyModel):
    """One version of the written policy that holds people accountable for their signatures; the newest is in force."""

    number = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    issued_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        ordering: ClassVar = ["-number"]

    def __str__(self) -> str:
        return f"Signature policy version {self.number}"


class PolicyAcceptance(AppendOnlyModel):
    """A person accepted one version of the policy."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="acceptances")
    policy = models.ForeignKey(SignaturePolicy, on_delete=models.PROTECT, related_name="acceptances")

    class Meta(AppendOnlyModel.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "policy"], name="a_policy_is_accepted_once")]

    def __str__(self) -> str:
        return f"{self.user} · version {self.policy.number}"


class BadgeTest(AppendOnlyModel):
    """Does the badge still read as it should? Tested when it is issued, and again and again (21 CFR 11.300(e))."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="badge_tests")
    badge = models.CharField(max_length=40)
    passed = models.BooleanField()
    remark = models.CharField(max_length=400, blank=True)
    tested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        indexes: ClassVar = [models.Index(fields=["user", "-at"])]

    def __str__(self) -> str:
        return f"{self.badge} · {'passed' if self.passed else 'failed'}"


class PasskeyQuerySet(models.QuerySet["Passkey"]):
    def in_use(self) -> "PasskeyQuerySet":
        return self.filter(removed_at=None)


class Passkey(RecordedModel):
    """A key pair of a person: the private half never leaves their authenticator. Ids and keys are base64url."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="passkeys")
    label = models.CharField(max_length=60)
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.TextField()
    registered_at = models.DateTimeField(default=server_clock.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = PasskeyQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.user} · {self.label}"


class PasskeyUse(models.Model):
    """How far an authenticator has counted: a copy of it counts apart, and is found out.

    Not a record: each use is a security event.
    """

    passkey = models.OneToOneField(Passkey, on_delete=models.PROTECT, related_name="use")
    sign_count = models.PositiveBigIntegerField(default=0)
    last_used = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.passkey}: {self.sign_count}"


class PasskeyChallenge(models.Model):
    """A question to an authenticator, answered once and soon. Not a record: losing a row means to ask again."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    challenge = models.CharField(max_length=64)
    purpose = models.CharField(max_length=10)
    bound = models.CharField(max_length=64, blank=True, help_text="digest of what is to be signed")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField()
    address = models.CharField(max_length=64, blank=True, help_text="network address it was asked from")

    def __str__(self) -> str:
        return f"{self.purpose} until {self.expires_at}"


class SigningSession(models.Model):
    """Who has already signed with the full credential in one continuous session (21 CFR 11.200(a)(1)(i)).

    Not a record: losing a row only means that the next signature asks for the full credential again.
    """

    continuity = models.CharField(max_length=128)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    last_used = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["continuity", "user"], name="one_signing_session")]

    def __str__(self) -> str:
        return f"{self.user} since {self.last_used}"
