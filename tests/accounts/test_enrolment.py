"""Who may sign: identity checked, policy accepted, badge tested; and what ends when one is lost."""

from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from mes.accounts import badges, enrolment, services
from mes.accounts.models import BadgeTest, IdentityCheck, PolicyAcceptance, Site, User
from mes.accounts.queries import system_user
from mes.accounts.rights import Role
from mes.errors import (
    Conflict,
    InvalidInput,
    NotPermitted,
    NotSignedIn,
    SignatureRefused,
    StaleVersion,
    WrongState,
)
from mes.records.models import SecurityEvent
from mes.records.signing import Credential, authenticate_signer
from tests.given.people import PASSWORD, PIN, client_of, signer

pytestmark = pytest.mark.django_db
CHECKED: dict[str, Any] = {"method": "passport", "checked_on": date(2026, 1, 7)}


@pytest.fixture
def nora(site: Site, anna: User) -> User:
    """An operator who is new: nobody checked who she is, and she accepted nothing."""
    nora = services.create_user(
        actor=anna, username="nora", printed_name="Nora New", password=PASSWORD, pin=PIN, must_change_password=False
    )
    services.grant_role(actor=anna, user=nora, site=site, role=Role.OPERATOR)
    return nora


def refusals(user: User) -> list[str]:
    with pytest.raises(NotPermitted) as refused:
        signer(user, "performed")
    return [reason["code"] for reason in refused.value.details["reasons"]]


@pytest.mark.req("R-026")
def test_nobody_signs_before_their_identity_was_checked(nora: User, anna: User) -> None:
    assert refusals(nora) == ["identity_check", "signature_policy"]
    assert SecurityEvent.objects.filter(kind="signature_refused", user_id=nora.id).exists()
    answer = client_of(anna).post(f"/api/v1/users/{nora.id}/identity-checks", CHECKED)
    assert (answer.status_code, answer.json()["method"]) == (201, "passport")
    assert refusals(nora) == ["signature_policy"]
    check = IdentityCheck.objects.get(user=nora)
    assert (check.checked_on, check.checked_by) == (CHECKED["checked_on"], anna)
    accept(nora)
    assert signer(nora, "performed").user == nora


def accept(user: User) -> None:
    number = client_of(user).get("/api/v1/signature-policies").json()["results"][0]["number"]
    answer = client_of(user).post("/api/v1/me/signature-policy", {"number": number, "password": PASSWORD})
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"method": "a hunch"}, InvalidInput),
        ({"checked_on": date(2099, 1, 1)}, InvalidInput),
    ],
)
def test_an_identity_check_says_how_and_when(
    nora: User, anna: User, facts: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        enrolment.record_identity_check(actor=anna, user=nora, **CHECKED | facts)


def test_nobody_checks_their_own_identity(anna: User, nora: User) -> None:
    for actor, user in ((anna, anna), (nora, anna)):
        with pytest.raises(NotPermitted):
            enrolment.record_identity_check(actor=actor, user=user, **CHECKED)
    with pytest.raises(InvalidInput):
        enrolment.record_identity_check(actor=anna, user=system_user("beat"), **CHECKED)


@pytest.mark.req("R-055")
def test_a_new_version_of_the_policy_stops_signing_until_it_is_accepted(anna: User, olga: User) -> None:
    signer(olga, "performed")
    answer = client_of(anna).post("/api/v1/signature-policies", {"text": "I sign only what I read."})
    assert (answer.status_code, answer.json()["number"]) == (201, 2)
    assert refusals(olga) == ["signature_policy"]
    accept(olga)
    kept = PolicyAcceptance.objects.filter(user=olga).order_by("policy__number")
    assert [each.policy.number for each in kept] == [1, 2]
    assert abs(kept[1].at - timezone.now()) < timedelta(seconds=30)
    signer(olga, "performed")


def test_the_policy_is_accepted_once_with_the_own_password_and_as_it_was_read(olga: User) -> None:
    for number, password, refusal in (
        (2, PASSWORD, StaleVersion),
        (1, "not hers", NotSignedIn),
        (1, PASSWORD, Conflict),
    ):
        with pytest.raises(refusal):
            enrolment.accept_signature_policy(user=olga, number=number, password=password)


def test_only_an_administrator_issues_the_policy(quinn: User) -> None:
    with pytest.raises(NotPermitted):
        enrolment.issue_signature_policy(actor=quinn, text="Anything goes.")


@pytest.mark.req("R-039")
def test_a_revoked_badge_ends_every_session_and_a_new_one_needs_a_new_identity_check(anna: User, olga: User) -> None:
    browser = Client()
    browser.post("/sign-in/", {"badge": "B-olga", "pin": PIN})
    given = {"username": "olga", "password": PASSWORD}
    token = {"Authorization": f"Token {Client().post('/api/v1/tokens', given).json()['token']}"}
    assert browser.get("/api/v1/me").status_code == Client(headers=token).get("/api/v1/me").status_code == 200

    office = client_of(anna)
    answer = office.post(f"/api/v1/users/{olga.id}/badge/revoke", {"reason": "lost in the gowning room"})
    assert (answer.status_code, answer.json()["badge"]) == (200, None)
    assert browser.get("/api/v1/me").status_code == Client(headers=token).get("/api/v1/me").status_code == 401
    assert Client().post("/sign-in/", {"badge": "B-olga", "pin": PIN}).status_code == 401

    new = {"badge": "USR:B-0042", "read_back": "B-0042"}
    refused = office.post(f"/api/v1/users/{olga.id}/badge", new)
    assert (refused.status_code, refused.json()["details"]["reasons"][0]["code"]) == (409, "identity_check")
    office.post(f"/api/v1/users/{olga.id}/identity-checks", CHECKED)
    assert office.post(f"/api/v1/users/{olga.id}/badge", new).json()["badge"] == "B-0042"
    assert Client().post("/sign-in/", {"badge": "B-0042", "pin": PIN}).status_code == 302


def test_a_badge_is_read_twice_and_belongs_to_one_person_for_good(anna: User, nora: User, olga: User) -> None:
    for badge, read_back in (("B-77", "B-71"), ("", ""), ("B-olga", "B-olga")):
        with pytest.raises(InvalidInput):
            badges.issue_badge(actor=anna, user=nora, badge=badge, read_back=read_back)
    with pytest.raises(WrongState):
        badges.issue_badge(actor=anna, user=olga, badge="B-77", read_back="B-77")
    with pytest.raises(WrongState):
        badges.revoke_badge(actor=anna, user=nora, reason="lost")
    with pytest.raises(WrongState):
        badges.record_badge_test(actor=anna, user=nora, read="B-77")
    badges.revoke_badge(actor=anna, user=olga, reason="lost")
    with pytest.raises(InvalidInput, match="somebody else"):
        badges.issue_badge(actor=anna, user=nora, badge="B-olga", read_back="B-olga")


@pytest.mark.req("R-040")
def test_a_badge_whose_test_is_overdue_is_refused_and_on_the_list(
    site: Site, anna: User, olga: User, settings: LazySettings
) -> None:
    def overdue() -> list[str]:
        return [each["username"] for each in client_of(anna).get("/api/v1/badges/overdue").json()["results"]]

    assert BadgeTest.objects.get(user=olga).passed
    assert overdue() == []
    with time_machine.travel(timezone.now() + timedelta(days=settings.BADGE_TEST_DAYS + 1)):
        assert "olga" in overdue()
        with pytest.raises(NotSignedIn, match="tested"):
            services.sign_in(badge="B-olga", pin=PIN)
        with pytest.raises(SignatureRefused, match="tested"):
            given = Credential(badge="B-olga", password=PASSWORD)
            authenticate_signer(given, meaning="performed", site=site, acting=olga)
        assert services.sign_in(username="olga", password=PASSWORD) == olga
        settings.OVERDUE_BADGES = "flag"
        assert services.sign_in(badge="B-olga", pin=PIN) == olga
    assert SecurityEvent.objects.filter(kind="badge_test_overdue", user_id=olga.id).count() == 3


@pytest.mark.req("R-040")
def test_the_result_of_a_test_is_kept_and_a_failed_one_stops_the_badge(anna: User, olga: User) -> None:
    address = f"/api/v1/users/{olga.id}/badge/test"
    failed = client_of(anna).post(address, {"read": "", "remark": "cracked"})
    assert (failed.status_code, failed.json()["passed"], failed.json()["remark"]) == (201, False, "cracked")
    with pytest.raises(NotSignedIn):
        services.sign_in(badge="B-olga", pin=PIN)
    assert client_of(anna).post(address, {"read": "USR:B-olga"}).json()["passed"]
    assert services.sign_in(badge="B-olga", pin=PIN) == olga
