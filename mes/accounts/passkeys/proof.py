"""A person proves to be there with a passkey: the server asks a question once, and checks the signed answer.

W3C Web Authentication, Level 3. The authenticator must have verified its user (finger, face or its own PIN), so that an
answer is possession and identity at once: a full credential.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from webauthn import generate_authentication_options, options_to_json, verify_authentication_response
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement

from mes import server_clock
from mes.accounts.models import Passkey, PasskeyChallenge, PasskeyUse, User
from mes.accounts.patience import require_few_questions

ANSWER_WITHIN = timedelta(minutes=2)
SIGN_IN, SIGN, REGISTER = "sign_in", "sign", "register"


@dataclass(frozen=True)
class Answer:
    """What the browser sent: which question it answers, and the authenticator's signed response to it."""

    challenge: UUID
    response: Mapping[str, Any]

    @classmethod
    def read(cls, given: Any) -> "Answer | None":
        """The answer in a body or a form; None when there is none that can be read."""
        try:
            given = json.loads(given) if isinstance(given, str) else given
            return cls(UUID(str(given["challenge"])), dict(given["response"]))
        except (KeyError, TypeError, ValueError):
            return None


def ask_for_sign_in() -> dict[str, Any]:
    """A question to whoever is at the door."""
    return _ask(SIGN_IN, "", [])


def ask_for_signature(*, user: User | None, meaning: str, seen: str) -> dict[str, Any]:
    """A question for one signature: its meaning and the digest of what is shown are part of what is answered.

    `user` None: the second person, whoever that is.
    """
    keys = user.passkeys.in_use() if user else []
    return _ask(SIGN, bound_to(meaning, seen), [key.credential_id for key in keys])


def bound_to(meaning: str, seen: str) -> str:
    return sha256(f"{meaning}|{seen}".encode()).hexdigest()


def passkey_of(answer: Answer) -> Passkey | None:
    """The passkey that answers, of a person whose account is open."""
    used = Passkey.objects.in_use().filter(credential_id=str(answer.response.get("id", "")))
    return used.select_related("user").filter(user__is_active=True, user__kind=User.Kind.PERSON).first()


def is_right(passkey: Passkey, answer: Answer, purpose: str, bound: str = "") -> bool:
    """Is it the answer of this passkey to a question of ours, asked for this purpose and not answered before?"""
    challenge = take(answer.challenge, purpose, bound)
    if challenge is None:
        return False
    with transaction.atomic():
        use = PasskeyUse.objects.select_for_update().get(passkey=passkey)
        try:
            verified = verify_authentication_response(
                credential=dict(answer.response),
                expected_challenge=challenge,
                expected_rp_id=settings.PASSKEY_DOMAIN,
                expected_origin=settings.PASSKEY_ORIGINS,
                credential_public_key=base64url_to_bytes(passkey.public_key),
                credential_current_sign_count=use.sign_count,
                require_user_verification=True,
            )
        except WebAuthnException:
            return False
        use.sign_count, use.last_used = verified.new_sign_count, server_clock.now()
        use.save(update_fields=["sign_count", "last_used"])
    return True


def keep_question(purpose: str, bound: str, *, user: User | None = None) -> PasskeyChallenge:
    """A question that waits for its answer. What was asked for a signature is in the question itself."""
    now, address = server_clock.now(), require_few_questions()
    PasskeyChallenge.objects.filter(expires_at__lt=now).delete()
    question = sha256(token_bytes(32) + bound.encode()).digest()
    return PasskeyChallenge.objects.create(
        challenge=bytes_to_base64url(question),
        purpose=purpose,
        bound=bound,
        user=user,
        expires_at=now + ANSWER_WITHIN,
        address=address,
    )


def take(challenge_id: UUID, purpose: str, bound: str = "", *, user: User | None = None) -> bytes | None:
    """The question, once: right or wrong, it is answered now. None when it is not of this purpose or too old."""
    asked = PasskeyChallenge.objects.filter(id=challenge_id).first()
    if asked is None or not PasskeyChallenge.objects.filter(id=challenge_id).delete()[0]:
        return None
    fits = (asked.purpose, asked.bound, asked.user_id) == (purpose, bound, user.id if user else None)
    return base64url_to_bytes(asked.challenge) if fits and asked.expires_at > server_clock.now() else None


def _ask(purpose: str, bound: str, credential_ids: list[str]) -> dict[str, Any]:
    asked = keep_question(purpose, bound)
    options = generate_authentication_options(
        rp_id=settings.PASSKEY_DOMAIN,
        challenge=base64url_to_bytes(asked.challenge),
        timeout=int(ANSWER_WITHIN.total_seconds() * 1000),
        allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in credential_ids],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return {"challenge": asked.id, "options": json.loads(options_to_json(options))}
