"""The administrator's pages: everybody in one list, every change with its reason."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mes.accounts import services, views
from mes.accounts.models import RoleGrant, Site, User
from mes.accounts.rights import Role
from mes.errors import NotPermitted, NotSignedIn, SignatureRefused
from mes.matrix import calls
from mes.records.models import Event
from tests.given.people import PASSWORD, a_person, client_of, persona, signer

pytestmark = pytest.mark.django_db
TEMPORARY = "a staple for one morning"
REASON = {"reason": "Seen in person at the gate."}


@pytest.fixture
def office(anna: User) -> Client:
    browser = Client()
    browser.force_login(anna, backend="mes.accounts.backend.SessionBackend")
    return browser


def lock_out(user: User) -> None:
    for _ in range(settings.FAILURES_BEFORE_LOCK):
        with pytest.raises(NotSignedIn):
            services.sign_in(username=user.username, password="wrong")


@pytest.mark.req("R-036")
def test_the_list_says_who_may_do_what_and_who_is_locked_out(office: Client, site: Site, olga: User) -> None:
    lock_out(olga)
    text = office.get("/accounts/").content.decode()
    assert "Olga Operator" in text
    assert "Operator <span" in text
    assert "Locked" in text


def test_nobody_but_the_administrator_opens_it(site: Site, quinn: User) -> None:
    browser = Client()
    browser.force_login(quinn, backend="mes.accounts.backend.SessionBackend")
    assert browser.get("/accounts/").status_code == 403


def test_the_list_is_searched_and_says_when_nobody_fits(office: Client, olga: User, vera: User) -> None:
    found = office.get("/accounts/", {"q": "OLGA"}).content.decode()
    assert "Olga Operator" in found
    assert "Vera Verifier" not in found
    assert "Nobody fits" in office.get("/accounts/", {"q": "nobody"}).content.decode()


def test_older_accounts_are_on_the_next_page_and_cost_the_same(
    office: Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def listed(query: str = "") -> tuple[list[User], str, int]:
        with CaptureQueriesContext(connection) as queries:
            answer = office.get(f"/accounts/{query}")
        return answer.context["people"], answer.context["older"], len(queries)

    monkeypatch.setattr(views, "PAGE", 2)
    office.get("/accounts/")
    few = listed()[2]
    for number in range(4):
        a_person(site, f"person{number}", Role.OPERATOR)
    first, older, many = listed()
    assert [person.username for person in first] == ["person3", "person2"]
    second, _, _ = listed(older)
    assert [person.username for person in second] == ["person1", "person0"]
    assert many == few
    assert office.get("/accounts/", {"before": "x"}).status_code == 400


@pytest.mark.req("R-024", "R-025")
def test_a_person_is_added_and_gets_a_role(office: Client, site: Site) -> None:
    facts = {"username": "nora", "printed_name": "Nora New", "badge": "B-17", "password": TEMPORARY}
    answer = office.post("/accounts/new/", facts, follow=True)
    nora = User.objects.get(username="nora")
    assert answer.redirect_chain[-1][0] == f"/accounts/{nora.id}/"
    office.post(f"/accounts/{nora.id}/roles/", {"site": site.id, "role": "operator"})
    assert nora.roles_at(site) == {"operator"}

    again = office.post("/accounts/new/", facts | {"username": "nina"})
    assert again.status_code == 400
    assert "belongs to somebody else" in again.content.decode()


@pytest.mark.req("R-033")
def test_a_refused_role_is_told_on_the_page(office: Client, site: Site, olga: User) -> None:
    answer = office.post(f"/accounts/{olga.id}/roles/", {"site": site.id, "role": "administrator"})
    assert answer.status_code == 400
    assert "holds no GMP role" in answer.content.decode()


@pytest.mark.req("R-036")
def test_a_role_is_withdrawn_with_a_reason_and_once(office: Client, site: Site, olga: User) -> None:
    held = RoleGrant.objects.get(user=olga)
    address = f"/accounts/{olga.id}/roles/{held.id}/withdraw/"
    assert office.post(address, {"reason": " "}).status_code == 400
    assert office.post(address, REASON).status_code == 302
    held.refresh_from_db()
    assert held.valid_until is not None
    assert office.post(address, REASON).status_code == 409
    assert Event.objects.get(action="accounts.withdraw_role").reason == REASON["reason"]


def test_a_role_of_somebody_else_is_not_withdrawn_by_this_address(office: Client, olga: User, vera: User) -> None:
    other = RoleGrant.objects.filter(user=vera).first()
    assert other is not None
    assert office.post(f"/accounts/{olga.id}/roles/{other.id}/withdraw/", REASON).status_code == 404


@pytest.mark.req("R-029")
def test_a_locked_account_is_opened_with_a_reason(office: Client, olga: User) -> None:
    lock_out(olga)
    assert "Unlock account" in office.get(f"/accounts/{olga.id}/").content.decode()
    assert office.post(f"/accounts/{olga.id}/unlock/", REASON).status_code == 302
    assert services.sign_in(username="olga", password=PASSWORD) == olga


def test_a_closed_account_offers_nothing_more(office: Client, olga: User) -> None:
    assert office.post(f"/accounts/{olga.id}/close/", {}).status_code == 400
    assert office.post(f"/accounts/{olga.id}/close/", REASON).status_code == 302
    text = office.get(f"/accounts/{olga.id}/").content.decode()
    assert "Close account" not in text
    assert "Give role" not in text


@pytest.mark.req("R-038")
def test_a_reset_password_opens_nothing_but_its_own_change(office: Client, site: Site, olga: User) -> None:
    assert office.post(f"/accounts/{olga.id}/reset/", {"password": TEMPORARY} | REASON).status_code == 302
    olga.refresh_from_db()
    assert (olga.must_change_password, olga.pin) == (True, "")
    assert services.sign_in(username="olga", password=TEMPORARY) == olga
    browser = Client()
    browser.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    assert browser.get("/batches/")["Location"] == "/me/"
    assert browser.get("/me/").status_code == 200


def test_a_password_somebody_else_gave_signs_nothing(site: Site, anna: User, olga: User) -> None:
    services.reset_credentials(actor=anna, user=olga, password=PASSWORD, **REASON)
    olga.refresh_from_db()
    with pytest.raises(SignatureRefused, match="Choose your own"):
        signer(olga, "verified", site=site)


def test_an_administrator_of_one_site_does_not_reset_into_another(
    site: Site, foreign_site: Site, anna: User, olga: User
) -> None:
    adam = a_person(foreign_site, "adam", Role.ADMINISTRATOR)
    services.grant_role(actor=adam, user=olga, site=foreign_site, role=Role.OPERATOR)
    for administrator in (anna, adam):
        with pytest.raises(NotPermitted):
            services.reset_credentials(actor=administrator, user=olga, password=TEMPORARY, **REASON)


def test_nobody_resets_their_own(anna: User) -> None:
    with pytest.raises(NotPermitted):
        services.reset_credentials(actor=anna, user=anna, password=TEMPORARY, **REASON)


def test_a_reset_over_the_api_takes_the_tokens_back(site: Site, anna: User) -> None:
    olga = persona(site, "olga")
    token = Client().post("/api/v1/tokens", {"username": "olga", "password": PASSWORD}).json()["token"]

    def ask() -> int:
        return Client(headers={"Authorization": f"Token {token}"}).get("/api/v1/me").status_code

    assert ask() == 200
    answer = client_of(anna).post(f"/api/v1/users/{olga.id}/credentials", {"password": TEMPORARY} | REASON)
    assert (answer.status_code, answer.json()["must_change_password"]) == (200, True)
    assert ask() == 401


@pytest.mark.req("R-038")
def test_whoever_must_choose_a_password_is_refused_everything_else(site: Site, anna: User, olga: User) -> None:
    services.reset_credentials(actor=anna, user=olga, password=TEMPORARY, **REASON)
    olga.refresh_from_db()
    assert olga.password.startswith("argon2")
    assert TEMPORARY not in olga.password
    client = client_of(olga)
    for call in calls():
        if call.path != "/api/v1/me/password":
            answer = getattr(client, call.method)(call.url(), {})
            assert (answer.status_code, answer.json()["details"]) == (403, {"rule": "must_change_password"}), call
    changed = client.post("/api/v1/me/password", {"old": TEMPORARY, "new": "my own sentence to say"})
    assert changed.status_code == 204
    olga.refresh_from_db()
    assert client_of(olga).get("/api/v1/me").status_code == 200


@pytest.mark.req("R-026", "R-039", "R-040")
def test_identity_and_badge_are_kept_on_the_page_of_the_account(office: Client, olga: User) -> None:
    def post(what: str, **facts: str) -> str:
        return office.post(f"/accounts/{olga.id}/{what}/", facts, follow=True).content.decode()

    assert "This person may sign." in office.get(f"/accounts/{olga.id}/").content.decode()
    assert "The result is kept." in post("badge/test", read="", remark="cracked")
    assert "Test overdue" in office.get(f"/accounts/{olga.id}/").content.decode()
    assert "B-olga" in office.get("/accounts/badges/").content.decode()
    assert "The badge is revoked" in post("badge/revoke", **REASON)
    assert "Record a new identity check first" in post("badge", badge="B-42", read_back="B-42")
    assert "The check is recorded." in post("identity", method="passport", checked_on="2026-01-08")
    assert "issued and tested" in post("badge", badge="B-42", read_back="B-42")


@pytest.mark.req("R-055")
def test_the_policy_is_put_in_force_on_one_page_and_accepted_on_another(office: Client, olga: User) -> None:
    tablet = Client()
    tablet.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    answer = office.post("/accounts/signature-policy/", {"text": "I sign only what I read."}, follow=True)
    assert "Version 2 is in force" in answer.content.decode()
    assert "Olga Operator" in answer.content.decode()
    assert office.post("/accounts/signature-policy/", {"text": ""}).status_code == 400
    assert "Read and accept" in tablet.get("/").content.decode()
    assert "I sign only what I read." in tablet.get("/me/signature-policy/").content.decode()
    assert tablet.post("/me/signature-policy/", {"number": 2, "password": "not hers"}).status_code == 401
    assert tablet.post("/me/signature-policy/", {"number": 1, "password": PASSWORD}).status_code == 409
    done = tablet.post("/me/signature-policy/", {"number": 2, "password": PASSWORD}, follow=True).content.decode()
    assert "You may sign" in done
    assert "Read and accept" not in tablet.get("/").content.decode()
