"""Electronic signatures: who is signing, proven at the moment of signing (21 CFR 11.200)."""

from dataclasses import asdict, dataclass, field
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from mes import server_clock
from mes.accounts.lockout import LOCKED, note_failure
from mes.accounts.models import SigningSession, Site, User
from mes.accounts.passkeys import proof
from mes.accounts.passkeys.proof import Answer
from mes.accounts.queries import Standing, has_signed, reasons_may_not_sign, standing_of
from mes.accounts.services import check_badge, credential_is_right, find_person
from mes.errors import NotPermitted, SignatureRefused, StaleVersion
from mes.phrases import Phrase
from mes.records.models import RecordedModel, Signature
from mes.records.queries import manifest_digest
from mes.records.services import note_security

MEANINGS = frozenset(
    {"prepared", "performed", "verified", "reviewed", "approved", "released", "rejected", "issued", "checked"}
    | {"given", "received", "commanded", "decided", "closed", "withdrawn", "acknowledged"}
)


@dataclass(frozen=True)
class Credential:
    """What a person gave to sign. `continuity` names the session or token; `seen` the digest of what was shown."""

    username: str = ""
    badge: str = ""
    password: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    passkey: Answer | None = field(default=None, repr=False)
    continuity: str = ""
    seen: str = ""

    @property
    def kind(self) -> str:
        """What proves the person: for the security log."""
        if self.passkey:
            return "passkey"
        return "password" if self.password else "PIN"


@dataclass
class Signer:
    """A person proven to be there, for one meaning. Only authenticate_signer makes one; sign() adds what was signed."""

    user: User
    meaning: str
    role: str
    full: bool
    seen: str = ""
    signature: Signature | None = None

    @property
    def user_id(self) -> UUID:
        return self.user.id


def authenticate_signer(
    credential: Credential,
    *,
    meaning: str,
    site: Site,
    acting: User,
    full: bool = False,
    subject: RecordedModel | None = None,
) -> Signer:
    """Prove the signer. Call before act(): a failure is logged and must survive what it refuses.

    The first signature of a person in a continuous session takes two components: user name or badge, and password
    (badge and PIN suffice for somebody already proven). Later ones take the PIN. `full` always asks for user name and
    password, and so does the site for the meanings it has chosen. A passkey is a full credential at any time. Raises
    SignatureRefused; StaleVersion when `subject` is no longer what was seen.
    """
    if meaning not in MEANINGS:
        raise SignatureRefused(
            Phrase("“{meaning}” is not a meaning of a signature here.", meaning=meaning), meaning=meaning
        )
    user = _who(credential, acting)
    standing = standing_of(user, _key(credential.continuity))
    _check_person(user, standing, meaning, site)
    _check_enrolment(user, standing, meaning, site)
    _check_components(credential, user, standing, full or meaning in site.full_credential_for)
    if not _is_right(credential, user, meaning):
        _fail(user, f"wrong {credential.kind}", Phrase("The password, PIN or passkey is not right."))
    if credential.badge and not credential.username:
        check_badge(user, SignatureRefused)
    _check_seen(credential, subject)
    with transaction.atomic():
        note_security("signature_given", user=user, site=site, action=meaning, detail=credential.kind)
        _continue_session(credential.continuity, user)
    return Signer(user, meaning, ", ".join(sorted(user.roles_at(site))), credential.kind != "PIN", credential.seen)


def full_credential_needed(user: User, continuity: str) -> bool:
    """Will the next signature of this person in this session ask for the full credential?"""
    return not has_signed(user, _key(continuity))


def _who(credential: Credential, acting: User) -> User:
    if credential.passkey:
        return _owner(credential.passkey)
    if not credential.username and not credential.badge:
        return acting
    user = find_person(username=credential.username, badge=credential.badge)
    if user is None:
        note_security("signature_failed", username=credential.username or credential.badge, detail="unknown")
        raise SignatureRefused("The name or the password is not right.")
    return user


def _owner(answer: Answer) -> User:
    passkey = proof.passkey_of(answer)
    if passkey is None:
        note_security("signature_failed", detail="unknown passkey")
        raise SignatureRefused("This passkey is not known here.")
    return passkey.user


def _is_right(credential: Credential, user: User, meaning: str) -> bool:
    """A passkey answers for this meaning and for what was shown; password and PIN are right or wrong."""
    if credential.passkey is None:
        return credential_is_right(user, password=credential.password, pin=credential.pin)
    passkey, bound = proof.passkey_of(credential.passkey), proof.bound_to(meaning, credential.seen)
    return passkey is not None and proof.is_right(passkey, credential.passkey, proof.SIGN, bound)


def _check_person(user: User, standing: Standing, meaning: str, site: Site) -> None:
    if user.kind != User.Kind.PERSON or user.is_shared:
        note_security("signature_refused", user=user, site=site, action=meaning, detail="not a personal account")
        raise NotPermitted("Only a person signs, with their own account.", rule="personal_account")
    if user.must_change_password:
        note_security("signature_refused", user=user, site=site, action=meaning, detail="temporary password")
        raise SignatureRefused("A password that somebody else gave does not sign. Choose your own first.")
    if standing.is_locked:
        note_security("signature_refused", user=user, site=site, action=meaning, detail="locked")
        raise SignatureRefused(LOCKED, locked=True)
    if not user.roles_at(site):
        note_security("signature_refused", user=user, site=site, action=meaning, detail="no role at this site")
        raise NotPermitted(Phrase("{user} has no role at {site}.", user=user, site=site), site=site.code)


def _check_enrolment(user: User, standing: Standing, meaning: str, site: Site) -> None:
    if not standing.is_enrolled:
        why = reasons_may_not_sign(user)
        detail = ", ".join(reason.code for reason in why)
        note_security("signature_refused", user=user, site=site, action=meaning, detail=detail)
        raise NotPermitted("You may not sign yet.", reasons=[asdict(reason) for reason in why])


def _check_components(credential: Credential, user: User, standing: Standing, full: bool) -> None:
    named = bool(credential.username or credential.badge)
    if credential.passkey or (credential.password and named):
        return
    if full:
        message = Phrase("This signature needs your user name and your password, or your passkey.")
        _fail(user, "full credential missing", message, count=False)
    if not standing.has_signed:
        message = Phrase(
            "This is your first signature in this session: give your user name or badge, and your password."
        )
        _fail(user, "first signature needs the full credential", message, count=False)


def _check_seen(credential: Credential, subject: RecordedModel | None) -> None:
    if subject is not None and credential.seen and credential.seen != manifest_digest(subject):
        raise StaleVersion("The record changed after it was shown. Look at it again and sign then.")


def _fail(user: User, detail: str, message: str, *, count: bool = True) -> None:
    if count:
        if note_failure("signature_failed", user=user, detail=detail):
            raise SignatureRefused(LOCKED, locked=True)
    else:
        note_security("signature_refused", user=user, detail=detail)
    raise SignatureRefused(message, full_credential=not count)


def _continue_session(continuity: str, user: User) -> None:
    if not continuity:
        return
    key, now = _key(continuity), server_clock.now()
    if not SigningSession.objects.filter(continuity=key, user=user).update(last_used=now):
        first = SigningSession(continuity=key, user=user, last_used=now)
        SigningSession.objects.bulk_create(  # somebody may sign at two tablets for the first time at the same moment
            [first], update_conflicts=True, unique_fields=["continuity", "user"], update_fields=["last_used"]
        )


def _key(continuity: str) -> str:
    """A session key or token is a secret: only its digest is stored. Empty where there is none."""
    return continuity and sha256(continuity.encode()).hexdigest()
