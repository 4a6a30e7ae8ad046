"""The pages of equipment."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from equipment.models import Cleaning, Unit
from mes import clock
from mes.accounts.models import Site, User
from tests.given import equipment as given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site, code="BRX-1")


def client(user: User) -> APIClient:
    return people.client_of(user)


def text(user: User, path: str) -> str:
    answer = client(user).get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_list_shows_who_is_in_a_unit_and_why_it_is_not_fit(unit: Unit, olga: User) -> None:
    given.occupied(unit, coi_id="KX7-204")
    html = text(olga, "/equipment/")
    assert "KX7-204" in html
    assert "BRX-1 holds material of KX7-204." in html
    assert "CR-1" in html


def test_the_list_costs_the_same_whatever_its_length(site: Site, unit: Unit, olga: User) -> None:
    browser = client(olga)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            browser.get("/equipment/")
        return len(counted)

    queries()  # the session's own queries of a first page
    few = queries()
    for _ in range(5):
        given.occupied(given.unit(site))
    assert queries() == few


def test_a_unit_shows_its_values_its_trends_and_its_log(unit: Unit, olga: User) -> None:
    given.occupied(unit)
    now = clock.now(unit.site)
    given.readings(unit, "temperature", [37.0] * 60, every=timedelta(minutes=1), until=now)
    html = text(olga, f"/equipment/units/{unit.id}/?hours=1")
    assert "<polyline" in html
    assert "Not known" in html, "a tag that was never read"
    assert "SOP-CLEAN-7" in html
    assert text(olga, f"/equipment/units/{unit.id}/?hours=nonsense")


def test_the_query_count_of_a_unit_does_not_grow_with_its_readings(unit: Unit, olga: User) -> None:
    browser = client(olga)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            browser.get(f"/equipment/units/{unit.id}/")
        return len(counted)

    queries()  # the session's own queries of a first page
    few = queries()
    for tag in ("temperature", "ph", "do"):
        given.readings(unit, tag, [37.0] * 500, every=timedelta(minutes=1), until=clock.now(unit.site))
    assert queries() == few


def test_a_cleaning_is_recorded_on_the_page_with_its_checker(site: Site, olga: User, vera: User) -> None:
    unit = given.calibrated(given.qualified(given.new_unit(site)))
    form = {
        "procedure": "SOP-9",
        "days": "7",
        "verification_username": "vera",
        "verification_password": people.PASSWORD,
    }
    answer = client(olga).post(f"/equipment/units/{unit.id}/clean/", form, format="multipart")
    assert answer.status_code == 302
    cleaning = Cleaning.objects.get(unit=unit)
    assert (cleaning.performed_by, cleaning.checked_by) == (olga, vera)
    wrong = client(olga).post(
        f"/equipment/units/{unit.id}/clean/", form | {"verification_password": "no"}, format="multipart"
    )
    assert wrong.status_code == 401
    assert client(olga).post(f"/equipment/units/{unit.id}/clean/", {}, format="multipart").status_code == 400


def test_a_room_is_cleaned_on_its_page(site: Site, olga: User, vera: User) -> None:
    room = given.dirty_room(site)
    form = {"procedure": "SOP-1", "verification_username": "vera", "verification_password": people.PASSWORD}
    assert client(olga).post(f"/equipment/rooms/{room.id}/", form, format="multipart").status_code == 302
    html = text(olga, f"/equipment/rooms/{room.id}/")
    assert "SOP-1" in html
    assert "Vera Verifier" in html


def test_who_may_not_clean_sees_no_form(unit: Unit, ines: User) -> None:
    assert "Record a cleaning" not in text(ines, f"/equipment/units/{unit.id}/")


def test_a_foreign_unit_is_not_there(foreign_site: Site, olga: User) -> None:
    made = given.foreign_unit(foreign_site)
    assert client(olga).get(f"/equipment/units/{made.id}/").status_code == 404


def test_a_courier_has_no_business_here(unit: Unit, kurt: User) -> None:
    assert client(kurt).get("/equipment/").status_code == 403
