"""The passkeys of a person: added by themselves after their password, taken off, revoked when one is lost."""

import json
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from webauthn import generate_registration_options, options_to_json, verify_registration_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mes import server_clock
from mes.accounts.badges import end_sessions
from mes.accounts.lockout import LOCKED, note_failure
from mes.accounts.models import Passkey, PasskeyUse, User
from mes.accounts.passkeys.proof import REGISTER, Answer, keep_question, take
from mes.accounts.queries import is_locked, reasons_not_enrolled
from mes.accounts.services import require_administration, required
from mes.errors import Blocked, InvalidInput, NotPermitted, NotSignedIn, WrongState
from mes.records.services import act


def begin_registration(*, user: User, password: str) -> dict[str, Any]:
    """The question a new passkey answers, after the password. A lost one before calls for a new identity check."""
    if user.is_shared:
        raise NotPermitted("A shared account has no passkey.", rule="personal_account")
    if is_locked(user):
        raise NotSignedIn(LOCKED, locked=True)
    if not check_password(password, user.password):
        note_failure("sign_in_failed", user=user, detail="password before a new passkey")
        raise NotSignedIn("The password is not right.")
    if why := reasons_not_enrolled(user):
        raise Blocked.by(why, "No new passkey yet.")
    asked = keep_question(REGISTER, "", user=user)
    known = [PublicKeyCredentialDescriptor(id=base64url_to_bytes(key.credential_id)) for key in user.passkeys.in_use()]
    options = generate_registration_options(
        rp_id=settings.PASSKEY_DOMAIN,
        rp_name="Baton",
        user_id=user.id.bytes,
        user_name=user.username,
        user_display_name=user.printed_name,
        challenge=base64url_to_bytes(asked.challenge),
        exclude_credentials=known,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,  # a second person is known by the key alone
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
    )
    return {"challenge": asked.id, "options": json.loads(options_to_json(options))}


def register_passkey(*, user: User, answer: Answer, label: str) -> Passkey:
    """Keep the new passkey under a name its person knows it by."""
    required(label, "label")
    question = take(answer.challenge, REGISTER, user=user)
    if question is None:
        raise InvalidInput("This took too long. Begin again.", field="challenge")
    try:
        made = verify_registration_response(
            credential=dict(answer.response),
            expected_challenge=question,
            expected_rp_id=settings.PASSKEY_DOMAIN,
            expected_origin=settings.PASSKEY_ORIGINS,
            require_user_verification=True,
        )
    except WebAuthnException as error:
        raise InvalidInput("This passkey cannot be used here.", field="response") from error
    credential_id = bytes_to_base64url(made.credential_id)
    if Passkey.objects.filter(credential_id=credential_id).exists():
        raise InvalidInput("This passkey is known already.", field="response")
    with act(user, "accounts.register_passkey", subject=user, data={"label": label}):
        passkey = Passkey.objects.create(
            user=user,
            label=label.strip(),
            credential_id=credential_id,
            public_key=bytes_to_base64url(made.credential_public_key),
        )
        PasskeyUse.objects.create(passkey=passkey, sign_count=made.sign_count)
    return passkey


def remove_passkey(*, user: User, passkey: Passkey) -> Passkey:
    """Take off one's own passkey, which is at hand or was given away in order."""
    return _end(user, passkey, "accounts.remove_passkey", reason="")


def revoke_passkey(*, actor: User, passkey: Passkey, reason: str) -> Passkey:
    """The passkey is lost: it opens nothing from now on, and every session and token of the person is over (R-039)."""
    require_administration(actor)
    required(reason, "reason")
    return _end(actor, passkey, "accounts.revoke_passkey", reason=reason)


def _end(actor: User, passkey: Passkey, action: str, *, reason: str) -> Passkey:
    if passkey.removed_at is not None:
        raise WrongState("This passkey is not in use any more.", passkey=str(passkey.id))
    with act(actor, action, subject=passkey.user, reason=reason, data={"label": passkey.label}):
        passkey.removed_at = server_clock.now()
        passkey.save(update_fields=["removed_at"])
        if reason:
            end_sessions(passkey.user)
            passkey.user.save(update_fields=["revoked_at"])
    return passkey
