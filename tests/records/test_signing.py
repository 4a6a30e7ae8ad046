"""Electronic signatures: two components, meaning, binding, continuity."""

from datetime import timedelta
from typing import Any

import psycopg
import pytest
import time_machine
from django.utils import timezone

from mes.accounts.models import Qualification, Site, User
from mes.accounts.queries import system_user
from mes.accounts.services import create_user, grant_role, record_training
from mes.errors import NotPermitted, SignatureRefused, StaleVersion
from mes.records.models import SecurityEvent, Signature
from mes.records.queries import is_signed, manifest_digest, meanings_signed, seal_holds, signature_lines
from mes.records.services import act, sign
from mes.records.signing import Credential, Signer, authenticate_signer, full_credential_needed
from mes.records.verification import verify
from tests.given.people import PASSWORD, PIN, signer


@pytest.fixture
def record(site: Site, olga: User, sven: User, monkeypatch: pytest.MonkeyPatch) -> Qualification:
    """A record that can be signed: any recorded row with a manifest."""

    def manifest(row: Qualification) -> dict[str, Any]:
        return {"subject": row.subject, "version": row.subject_version}

    monkeypatch.setattr(Qualification, "manifest", manifest)
    return record_training(actor=sven, user=olga, subject="recipe:CART-A", version=1)


def ask(user: User, site: Site, meaning: str = "performed", **given: Any) -> Signer:
    return authenticate_signer(Credential(**given), meaning=meaning, site=site, acting=user)


@pytest.mark.django_db
@pytest.mark.req("R-044")
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"password": PASSWORD},
        {"pin": PIN},
        {"username": "olga"},
        {"badge": "B-olga"},
        {"badge": "B-olga", "pin": PIN},
    ],
)
def test_the_first_signature_takes_both_components(site: Site, olga: User, given: dict[str, str]) -> None:
    with pytest.raises(SignatureRefused):
        ask(olga, site, continuity="session:1", **given)
    assert not Signature.objects.exists()


@pytest.mark.django_db
@pytest.mark.req("R-044", "R-045")
def test_later_signatures_of_the_session_take_the_pin(site: Site, olga: User) -> None:
    assert full_credential_needed(olga, "session:1")
    ask(olga, site, continuity="session:1", username="olga", password=PASSWORD)

    assert not full_credential_needed(olga, "session:1")
    assert ask(olga, site, continuity="session:1", pin=PIN).user == olga
    with pytest.raises(SignatureRefused):
        ask(olga, site, continuity="session:1", pin="000000")
    with pytest.raises(SignatureRefused):
        ask(olga, site, continuity="session:2", pin=PIN)


@pytest.mark.django_db
@pytest.mark.req("R-045")
def test_after_a_break_everything_is_asked_again(site: Site, olga: User) -> None:
    ask(olga, site, continuity="session:1", username="olga", password=PASSWORD)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)), pytest.raises(SignatureRefused):
        ask(olga, site, continuity="session:1", pin=PIN)


@pytest.mark.django_db
def test_a_release_always_takes_user_name_and_password(site: Site, quinn: User) -> None:
    ask(quinn, site, continuity="session:1", username="quinn", password=PASSWORD)
    with pytest.raises(SignatureRefused, match="user name and your password"):
        authenticate_signer(
            Credential(pin=PIN, continuity="session:1"), meaning="released", site=site, acting=quinn, full=True
        )


@pytest.mark.django_db
@pytest.mark.req("R-047")
@pytest.mark.parametrize("meaning", ["", "looked at"])
def test_refuses_a_signature_without_a_known_meaning(site: Site, olga: User, meaning: str) -> None:
    with pytest.raises(SignatureRefused, match="meaning"):
        ask(olga, site, meaning, username="olga", password=PASSWORD)


@pytest.mark.django_db
@pytest.mark.req("R-046")
def test_a_signature_shows_name_role_meaning_time_and_zone(site: Site, olga: User, record: Qualification) -> None:
    with act(olga, "test.sign", site=site) as event:
        sign(event, signer(olga, "performed"), subject=record, meaning="performed")

    (line,) = signature_lines(record)
    assert line["printed_name"] == "Olga Operator"
    assert (line["username"], line["role"], line["meaning"]) == ("olga", "operator", "performed")
    assert line["timezone"] == "Europe/Vienna"
    assert abs(line["at"] - timezone.now()) < timedelta(seconds=5)


@pytest.mark.django_db
@pytest.mark.req("R-048")
def test_a_record_changed_after_signing_shows_as_unsigned(site: Site, olga: User, record: Qualification) -> None:
    with act(olga, "test.sign", site=site) as event:
        sign(event, signer(olga, "performed"), subject=record, meaning="performed")
    assert is_signed(record, "performed")
    assert meanings_signed([record]) == {record.pk: {"performed"}}

    with act(olga, "test.change", site=site):
        Qualification.objects.filter(pk=record.pk).update(subject_version=2)
    record.refresh_from_db()
    assert not is_signed(record, "performed")
    assert meanings_signed([record]) == {record.pk: set()}
    assert len(signature_lines(record)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-049")
def test_a_signature_moved_to_another_record_does_not_hold(
    site: Site, olga: User, vera: User, record: Qualification, sven: User, superuser: psycopg.Connection
) -> None:
    with act(olga, "test.sign", site=site) as event:
        sign(event, signer(olga, "performed"), subject=record, meaning="performed")
    other = record_training(actor=sven, user=vera, subject="recipe:CART-A", version=1)
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("CREATE TEMP TABLE copied AS SELECT * FROM records_signature")
    superuser.execute("UPDATE copied SET id = gen_random_uuid(), subject_id = %s", [other.id])
    superuser.execute("INSERT INTO records_signature SELECT * FROM copied")

    moved = Signature.objects.get(subject_id=other.id)
    assert not seal_holds(moved)
    assert not is_signed(other, "performed")
    assert ("records_signature", str(moved.id)) in {(each.table, each.key) for each in verify().findings}


@pytest.mark.django_db
@pytest.mark.req("R-051")
def test_refuses_to_sign_what_changed_since_it_was_shown(site: Site, olga: User, record: Qualification) -> None:
    seen = manifest_digest(record)
    credential = Credential(username="olga", password=PASSWORD, seen=seen)
    proven = authenticate_signer(credential, meaning="performed", site=site, acting=olga, subject=record)
    with act(olga, "test.change", site=site):
        Qualification.objects.filter(pk=record.pk).update(subject_version=2)
    record.refresh_from_db()

    with pytest.raises(StaleVersion):
        authenticate_signer(credential, meaning="performed", site=site, acting=olga, subject=record)
    with pytest.raises(StaleVersion), act(olga, "test.sign", site=site) as event:
        sign(event, proven, subject=record, meaning="performed")


@pytest.mark.django_db
@pytest.mark.req("R-050")
def test_an_administrator_cannot_sign_as_somebody_else(site: Site, anna: User, olga: User) -> None:
    with pytest.raises(SignatureRefused):
        authenticate_signer(
            Credential(username="olga", password="a password anna just made up"),
            meaning="performed",
            site=site,
            acting=anna,
        )
    assert SecurityEvent.objects.filter(kind="signature_failed", user_id=olga.id).count() == 1


@pytest.mark.django_db
@pytest.mark.req("R-024")
def test_a_shared_account_never_signs(site: Site) -> None:
    installer = system_user("installer")
    shared = create_user(
        actor=installer, username="bench", printed_name="Bench 1", password=PASSWORD, pin=PIN, is_shared=True
    )
    grant_role(actor=installer, user=shared, site=site, role="operator")
    assert shared.may("batches.view", site)
    assert not shared.may("batches.execute", site)
    with pytest.raises(NotPermitted):
        ask(shared, site, username="bench", password=PASSWORD)


@pytest.mark.django_db
def test_five_wrong_credentials_lock_the_account(site: Site, olga: User) -> None:
    """The fifth says so: nobody learns of it when the right one is refused."""
    for words in (*["not right"] * 4, "locked"):
        with pytest.raises(SignatureRefused, match=words):
            ask(olga, site, username="olga", password="wrong, all of it")
    with pytest.raises(SignatureRefused, match="locked"):
        ask(olga, site, username="olga", password=PASSWORD)
