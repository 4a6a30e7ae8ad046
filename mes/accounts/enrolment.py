"""Before a person signs: somebody checked who they are, and they accepted what a signature binds them to."""

from collections.abc import Collection
from datetime import date

from django.contrib.auth.hashers import check_password
from django.db import connection

from mes import server_clock
from mes.accounts.models import IdentityCheck, PolicyAcceptance, SignaturePolicy, Site, User
from mes.accounts.queries import policy_in_force
from mes.accounts.services import require_administration, required
from mes.errors import Conflict, InvalidInput, NotPermitted, NotSignedIn, StaleVersion
from mes.phrases import Phrase
from mes.records.services import act
from mes.records.signing import MEANINGS

# A text to begin with; each organisation puts its own in force.
DRAFT_POLICY = (
    "My electronic signature binds me as my handwritten signature does. I sign what I did, saw or decided myself, "
    "after I have read it. I keep password, PIN, badge and passkey to myself, and tell an administrator at once when "
    "one is lost or known to somebody else."
)


def record_identity_check(*, actor: User, user: User, method: str, checked_on: date) -> IdentityCheck:
    """Somebody else's identity was seen on that day by this means (R-026)."""
    require_administration(actor)
    if actor.id == user.id:
        raise NotPermitted("Nobody checks their own identity.", rule="not_own_work")
    if user.kind != User.Kind.PERSON or user.is_shared:
        raise InvalidInput("Only a person has an identity to check.", field="user")
    if method not in IdentityCheck.Method.values:
        raise InvalidInput("Say how the identity was checked.", field="method")
    if checked_on > server_clock.now().date():
        raise InvalidInput("This day has not come yet.", field="checked_on")
    with act(actor, "accounts.record_identity_check", subject=user, data={"method": method}):
        return IdentityCheck.objects.create(user=user, method=method, checked_on=checked_on, checked_by=actor)


def issue_signature_policy(*, actor: User, text: str) -> SignaturePolicy:
    """Put a new version in force at once. From now on nobody signs before they have accepted it (R-055)."""
    require_administration(actor)
    required(text, "text")
    with act(actor, "accounts.issue_signature_policy") as event:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('accounts.signature_policy'))")
        latest = policy_in_force()
        policy = SignaturePolicy(number=latest.number + 1 if latest else 1, text=text.strip(), issued_by=actor)
        policy.save(force_insert=True)
        event.data["number"] = policy.number
    return policy


def accept_signature_policy(*, user: User, number: int, password: str) -> PolicyAcceptance:
    """Accept the version in force, which must be the one that was read, with one's own password."""
    policy = policy_in_force()
    if policy is None or policy.number != number:
        raise StaleVersion(Phrase("Another version of the signature policy is in force. Read it and accept then."))
    if not check_password(password, user.password):
        raise NotSignedIn("The password is not right.")
    if user.acceptances.filter(policy=policy).exists():
        raise Conflict("You accepted this version already.", number=number)
    with act(user, "accounts.accept_signature_policy", subject=user, data={"number": number}):
        return PolicyAcceptance.objects.create(user=user, policy=policy)


def set_only_registered_terminals(*, actor: User, site: Site, only: bool) -> Site:
    """Say whether the steps of this site are worked on at registered terminals only (R-058)."""
    require_administration(actor, site)
    with act(actor, "accounts.set_only_registered_terminals", site=site, subject=site, data={"only": only}):
        site.only_registered_terminals = only
        site.save(update_fields=["only_registered_terminals"])
    return site


def set_full_credential(*, actor: User, site: Site, meanings: Collection[str]) -> Site:
    """Say for which meanings a PIN is not enough at this site: from now on they take the password or a passkey."""
    require_administration(actor, site)
    if unknown := set(meanings) - MEANINGS:
        raise InvalidInput(f"No signature means {', '.join(sorted(unknown))}.", field="full_credential_for")
    with act(actor, "accounts.set_full_credential", site=site, subject=site, data={"meanings": sorted(meanings)}):
        site.full_credential_for = sorted(meanings)
        site.save(update_fields=["full_credential_for"])
    return site
