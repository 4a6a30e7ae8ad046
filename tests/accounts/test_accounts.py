"""Accounts, roles and the register of who may do what."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone

from mes import clock
from mes.accounts import services
from mes.accounts.models import RoleGrant, Site, User
from mes.accounts.queries import reasons_not_qualified, system_user
from mes.accounts.rights import Role
from mes.errors import InvalidInput, NotPermitted, NotSignedIn
from mes.records.models import Event, SecurityEvent
from mes.records.services import act
from tests.given.people import PASSWORD, PIN, a_person, client_of


@pytest.mark.django_db
@pytest.mark.req("R-024", "R-025")
def test_a_user_name_is_never_used_again_whatever_its_capitals(site: Site, olga: User) -> None:
    services.deactivate_user(actor=a_person(site, "admin", Role.ADMINISTRATOR), user=olga, reason="left")
    for name in ("olga", "OLGA"):
        with pytest.raises(InvalidInput):
            services.create_user(
                actor=system_user("installer"), username=name, printed_name="Another Olga", password=PASSWORD
            )


@pytest.mark.django_db
@pytest.mark.req("R-033")
@pytest.mark.parametrize("first", [Role.ADMINISTRATOR, Role.QA_REVIEWER])
def test_an_administrator_gets_no_gmp_role(site: Site, first: Role) -> None:
    second = Role.QA_REVIEWER if first == Role.ADMINISTRATOR else Role.ADMINISTRATOR
    person = a_person(site, "somebody", first)
    with pytest.raises(InvalidInput):
        services.grant_role(actor=system_user("installer"), user=person, site=site, role=second)
    assert person.roles_at(site) == {first}


@pytest.mark.django_db
@pytest.mark.req("R-035")
def test_a_role_holds_at_its_own_site_only(site: Site, foreign_site: Site, olga: User) -> None:
    assert olga.may("batches.execute", site)
    assert not olga.may("batches.execute", foreign_site)
    assert not olga.may("batches.execute", None)


@pytest.mark.django_db
def test_a_withdrawn_role_stays_in_the_register(site: Site, olga: User, anna: User) -> None:
    grant = RoleGrant.objects.get(user=olga)
    services.withdraw_role(actor=anna, grant=grant, reason="moved to another team")
    olga.forget_roles()
    assert not olga.may("batches.execute", site)
    assert grant.valid_until is not None
    assert Event.objects.get(action="accounts.withdraw_role").reason == "moved to another team"


@pytest.mark.django_db
@pytest.mark.parametrize("pin", ["12345", "1234567", "12a456", "123456", "111111", "112112"[:5]])
def test_refuses_a_weak_pin(pin: str) -> None:
    with pytest.raises(InvalidInput, match="PIN"):
        services.hashed_pin(pin)


@pytest.mark.django_db
def test_five_failures_lock_and_only_an_administrator_unlocks(site: Site, olga: User, anna: User) -> None:
    for words in (*["not right"] * 4, "locked"):
        with pytest.raises(NotSignedIn, match=words):
            services.sign_in(username="olga", password="not this one")
    with pytest.raises(NotSignedIn, match="locked"):
        services.sign_in(username="olga", password=PASSWORD)
    with pytest.raises(NotPermitted):
        services.unlock(actor=olga, user=olga, reason="it is me")

    services.unlock(actor=anna, user=olga, reason="identity checked at the gate")
    assert services.sign_in(username="OLGA", password=PASSWORD) == olga
    assert services.sign_in(badge="USR:B-olga", pin=PIN) == olga


@pytest.mark.django_db
def test_a_badge_alone_opens_nothing(olga: User) -> None:
    with pytest.raises(NotSignedIn):
        services.sign_in(badge="B-olga")
    assert SecurityEvent.objects.filter(kind="sign_in_failed", user_id=olga.id).exists()


@pytest.mark.django_db
def test_training_counts_for_its_version_and_its_time(olga: User, sven: User) -> None:
    services.record_training(actor=sven, user=olga, subject="recipe:CART-A", version=2, valid_days=30)
    now, later = timezone.now(), timezone.now() + timedelta(days=31)
    assert reasons_not_qualified(olga, "recipe:CART-A", 2, now) == []
    assert [why.code for why in reasons_not_qualified(olga, "recipe:CART-A", 3, now)] == ["training"]
    assert [why.code for why in reasons_not_qualified(olga, "recipe:CART-A", 2, later)] == ["training"]
    with pytest.raises(NotPermitted):
        services.record_training(actor=olga, user=olga, subject="recipe:CART-A", version=3)


@pytest.mark.django_db
def test_only_a_demonstration_site_scales_its_clock(site: Site, anna: User) -> None:
    before = clock.now(site)
    scaled = services.set_clock_scale(actor=anna, site=site, scale=8640)
    assert timedelta(0) <= clock.now(scaled) - before < timedelta(days=1)
    assert "×8640" in clock.stamp(scaled)
    assert timedelta(0) <= clock.now(services.set_clock_scale(actor=anna, site=site, scale=1)) - before
    with time_machine.travel(timezone.now() + timedelta(seconds=10)):
        scaled = services.set_clock_scale(actor=anna, site=site, scale=8640)
    with time_machine.travel(timezone.now() + timedelta(seconds=20)):
        ahead = clock.now(scaled)
        assert ahead - before > timedelta(hours=20)
        slow = services.set_clock_scale(actor=anna, site=site, scale=1)
        assert timedelta(0) <= clock.now(slow) - ahead < timedelta(hours=10)
        assert clock.to_server(slow, clock.to_process(slow, before)) == before
    with act(anna, "test.note", site=scaled) as event:
        pass
    assert Event.objects.get(id=event.id).clock_scale == 8640

    with act(anna, "test.real_site", site=site):
        Site.objects.filter(pk=site.pk).update(clock_scale=1, clock_shift=timedelta(0), is_demonstration=False)
    site.refresh_from_db()
    with pytest.raises(NotPermitted):
        services.set_clock_scale(actor=anna, site=site, scale=2)
    with pytest.raises(IntegrityError), act(anna, "test.cheat", site=site), transaction.atomic():
        Site.objects.filter(pk=site.pk).update(clock_scale=2)


@pytest.mark.django_db
@pytest.mark.req("R-022")
def test_times_show_the_zone_of_the_site_also_when_clocks_go_back(site: Site) -> None:
    summer = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert clock.show(site, summer) == "25 Oct 2026 02:30:00 CEST"
    assert clock.show(site, summer + timedelta(hours=1)) == "25 Oct 2026 02:30:00 CET"
    assert clock.iso(summer) == "2026-10-25T00:30:00.000+00:00"


@pytest.mark.django_db
def test_the_administrator_manages_people_by_api(site: Site, anna: User) -> None:
    client = client_of(anna)
    body = {"username": "nora", "printed_name": "Nora New", "password": PASSWORD, "pin": PIN}
    made = client.post("/api/v1/users", body)
    assert made.status_code == 201
    url = f"/api/v1/users/{made.json()['id']}/grants"
    assert client.post(url, {"site": "GRAZ", "role": "operator"}).status_code == 201
    assert client.post(url, {"site": "GRAZ", "role": "operator"}).status_code == 409
    assert client.post(url, {"site": "GRAZ", "role": "administrator"}).status_code == 400
    assert User.objects.get(username="nora").may("batches.execute", site)


@pytest.mark.django_db
def test_a_password_set_by_an_administrator_must_be_changed_first(site: Site, anna: User) -> None:
    services.create_user(actor=anna, username="nora", printed_name="Nora New", password=PASSWORD)
    nora = User.objects.get(username="nora")
    client = client_of(nora)
    assert client.get("/api/v1/me").json()["details"] == {"rule": "must_change_password"}
    answer = client.post("/api/v1/me/password", {"old": PASSWORD, "new": "another good sentence"})
    assert answer.status_code == 204
    assert client_of(User.objects.get(username="nora")).get("/api/v1/me").status_code == 200


@pytest.mark.django_db
def test_a_closed_account_signs_in_no_more(site: Site, anna: User, olga: User) -> None:
    answer = client_of(anna).post(f"/api/v1/users/{olga.id}/deactivate", {"reason": "left the company"})
    assert (answer.status_code, answer.json()["is_active"]) == (200, False)
    with pytest.raises(NotSignedIn):
        services.sign_in(username="olga", password=PASSWORD)
    assert client_of(olga).get("/api/v1/me").status_code == 401


@pytest.mark.django_db
def test_a_supervisor_finds_the_people_to_train(site: Site, sven: User, olga: User) -> None:
    names = {person["username"] for person in client_of(sven).get("/api/v1/people").json()["results"]}
    assert names >= {"sven", "olga"}
