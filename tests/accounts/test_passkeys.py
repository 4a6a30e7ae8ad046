"""Passkeys: added after the password, answered once, for what was asked; a full credential that counts to the lock."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from mes.accounts import services
from mes.accounts.models import Passkey, PasskeyChallenge, Site, User
from mes.accounts.passkeys import keys, proof
from mes.accounts.passkeys.proof import Answer
from mes.errors import Blocked, InvalidInput, NotPermitted, NotSignedIn, SignatureRefused, WrongState
from mes.records.models import SecurityEvent
from mes.records.signing import Credential, Signer, authenticate_signer
from tests.given.passkeys import PRESENT, Authenticator, a_passkey, body
from tests.given.people import PASSWORD, client_of, identity_checked, persona

pytestmark = pytest.mark.django_db
SEEN = "d1" * 32


@pytest.fixture
def key(olga: User) -> Authenticator:
    return a_passkey(olga)[0]


def ask(user: User | None, meaning: str = "performed", seen: str = SEEN) -> dict[str, object]:
    return proof.ask_for_signature(user=user, meaning=meaning, seen=seen)


def sign(user: User, site: Site, answer: Answer, meaning: str = "performed", seen: str = SEEN) -> Signer:
    given = Credential(passkey=answer, seen=seen, continuity="session:1")
    return authenticate_signer(given, meaning=meaning, site=site, acting=user, full=True)


def test_a_passkey_signs_in(key: Authenticator, olga: User) -> None:
    assert services.sign_in(passkey=key.prove(proof.ask_for_sign_in())) == olga
    assert SecurityEvent.objects.get(kind="signed_in", user_id=olga.id).detail == "passkey"
    asked = Client().post("/api/v1/passkeys/ask/sign-in").json()
    browser = Client()
    assert browser.post("/sign-in/", {"passkey": "nonsense"}).status_code == 400
    assert browser.post("/sign-in/", {"passkey": json.dumps(body(key.prove(asked)))}).status_code == 302
    assert browser.get("/api/v1/me").json()["username"] == "olga"


@pytest.mark.req("R-044")
def test_a_passkey_is_a_full_credential_at_any_time(key: Authenticator, site: Site, olga: User) -> None:
    signer = sign(olga, site, key.prove(ask(olga)))
    assert (signer.user, signer.full, signer.seen) == (olga, True, SEEN)
    assert SecurityEvent.objects.get(kind="signature_given").detail == "passkey"


def test_the_second_person_is_known_by_the_key_alone(site: Site, olga: User, vera: User) -> None:
    key, _ = a_passkey(vera)
    asked = client_of(olga).post(
        "/api/v1/passkeys/ask/signature", {"meaning": "verified", "seen": SEEN, "second": True}
    )
    assert "allowCredentials" not in asked.json()["options"] or asked.json()["options"]["allowCredentials"] == []
    assert sign(olga, site, key.prove(asked.json()), "verified").user == vera


@pytest.mark.req("R-051")
@pytest.mark.parametrize(
    "wrong",
    [
        lambda key, asked: key.prove(asked(meaning="verified")),
        lambda key, asked: key.prove(asked(seen="e2" * 32)),
        lambda key, _: key.prove(proof.ask_for_sign_in()),
        lambda key, asked: replace(key, origin="https://elsewhere.example").prove(asked()),
        lambda key, asked: replace(key, flags=PRESENT).prove(asked()),
        lambda key, asked: replace(key, private=Authenticator().private).prove(asked()),
        lambda key, asked: replace(key, count=-1).prove(asked()),
        lambda key, asked: replace(key.prove(asked()), challenge=uuid4()),
        lambda key, asked: Answer(asked()["challenge"], {"id": key.prove(asked()).response["id"]}),
    ],
    ids=["meaning", "record", "purpose", "origin", "unverified", "other key", "copy", "question", "cut short"],
)
def test_an_answer_to_anything_else_is_refused_and_counts(
    key: Authenticator, site: Site, olga: User, wrong: Callable[..., Answer]
) -> None:
    sign(olga, site, key.prove(ask(olga)))  # it has counted: a copy that begins anew is behind
    with pytest.raises(SignatureRefused):
        sign(olga, site, wrong(key, lambda **facts: ask(olga, **facts)))
    assert SecurityEvent.objects.get(kind="signature_failed", user_id=olga.id).detail == "wrong passkey"


def test_a_question_is_answered_once_and_soon(key: Authenticator, site: Site, olga: User) -> None:
    answer = key.prove(ask(olga))
    sign(olga, site, answer)
    with pytest.raises(SignatureRefused):
        sign(olga, site, answer)
    late = key.prove(ask(olga))
    with time_machine.travel(timezone.now() + proof.ANSWER_WITHIN + timedelta(seconds=1)):
        with pytest.raises(SignatureRefused):
            sign(olga, site, late)
        ask(olga)
    assert PasskeyChallenge.objects.count() == 1


@pytest.mark.req("R-053")
def test_wrong_answers_lock_the_account(key: Authenticator, site: Site, olga: User) -> None:
    for _ in range(settings.FAILURES_BEFORE_LOCK):
        with pytest.raises(SignatureRefused):
            sign(olga, site, replace(key, origin="https://elsewhere.example").prove(ask(olga)))
    with pytest.raises(SignatureRefused, match="locked"):
        sign(olga, site, key.prove(ask(olga)))
    with pytest.raises(NotSignedIn, match="locked"):
        services.sign_in(passkey=key.prove(proof.ask_for_sign_in()))
    with pytest.raises(NotSignedIn, match="locked"):
        keys.begin_registration(user=olga, password=PASSWORD)


def test_an_unknown_passkey_is_nobody(site: Site, olga: User) -> None:
    with pytest.raises(SignatureRefused, match="not known"):
        sign(olga, site, Authenticator().prove(ask(None)))
    with pytest.raises(NotSignedIn):
        services.sign_in(passkey=Authenticator().prove(proof.ask_for_sign_in()))


def test_one_is_added_and_taken_off_by_its_person_over_the_api(olga: User, vera: User) -> None:
    client, authenticator = client_of(olga), Authenticator()
    assert client.post("/api/v1/me/passkeys/begin", {"password": "not hers"}).status_code == 401
    asked = client.post("/api/v1/me/passkeys/begin", {"password": PASSWORD}).json()
    made = body(authenticator.make(asked))
    assert client.post("/api/v1/me/passkeys", made | {"name": " "}).status_code == 400
    added = client.post("/api/v1/me/passkeys", made | {"name": "blue key"})
    assert (added.status_code, added.json()["label"]) == (201, "blue key")
    assert client.post("/api/v1/me/passkeys", made | {"name": "again"}).status_code == 400
    (row,) = client.get("/api/v1/me/passkeys").json()["results"]
    address = f"/api/v1/me/passkeys/{row['id']}/remove"
    assert client_of(vera).post(address).status_code == 404
    assert client.post(address).json()["removed_at"]
    assert client.post(address).status_code == 409
    with pytest.raises(NotSignedIn):
        services.sign_in(passkey=authenticator.prove(proof.ask_for_sign_in()))


def test_a_key_is_kept_once_and_as_it_was_asked_for(key: Authenticator, olga: User, vera: User) -> None:
    def register(user: User, authenticator: Authenticator) -> Passkey:
        asked = keys.begin_registration(user=user, password=PASSWORD)
        return keys.register_passkey(user=user, answer=authenticator.make(asked), label="another")

    with pytest.raises(InvalidInput, match="known already"):
        register(vera, key)
    with pytest.raises(InvalidInput, match="cannot be used"):
        register(vera, Authenticator(flags=PRESENT))
    asked = keys.begin_registration(user=olga, password=PASSWORD)
    with pytest.raises(InvalidInput, match="Begin again"):
        keys.register_passkey(user=vera, answer=Authenticator().make(asked), label="of olga's question")


def test_a_shared_account_has_none(site: Site, anna: User) -> None:
    bench = services.create_user(actor=anna, username="bench", printed_name="Bench", password=PASSWORD, is_shared=True)
    with pytest.raises(NotPermitted):
        keys.begin_registration(user=bench, password=PASSWORD)


@pytest.mark.req("R-039")
def test_a_revoked_passkey_ends_every_session_and_a_new_one_needs_a_new_identity_check(site: Site, anna: User) -> None:
    olga = persona(site, "olga")
    _, passkey = a_passkey(olga)
    session = client_of(olga)
    address = f"/api/v1/users/{olga.id}/passkeys/{passkey.id}/revoke"
    assert client_of(anna).post(address, {"reason": "left on the train"}).status_code == 200
    assert session.get("/api/v1/me").status_code == 401
    olga.refresh_from_db()
    with pytest.raises(Blocked) as refused:
        a_passkey(olga)
    assert refused.value.details["reasons"][0]["code"] == "identity_check"
    with pytest.raises(WrongState):
        keys.revoke_passkey(actor=anna, passkey=Passkey.objects.get(), reason="again")
    identity_checked(olga)
    assert a_passkey(olga)[1].removed_at is None
