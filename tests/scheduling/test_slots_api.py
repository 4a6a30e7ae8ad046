"""What HTTP adds to slots: refusals with alternatives, dry runs, versions, sites."""

from typing import Any

import pytest

from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from tests.given import people, recipes
from tests.given import scheduling as given
from tests.given.people import client_of

pytestmark = pytest.mark.django_db


def hold(client: Any, order: Any, start: Any, suite: Any = "SUITE-1", **more: Any) -> Any:
    body = {"order_id": str(order.id), "suite": suite, "start": start.isoformat()} | more
    return client.post("/api/v1/slots", body)


def test_a_slot_is_found_held_and_confirmed(site: Site, ines: User) -> None:
    recipes.effective_recipe(site, "CART-A")
    order, planner = given.order(site), client_of(ines)
    given.suite(site)

    opening = planner.get(f"/api/v1/slots/open?order_id={order.id}").json()[0]
    held = hold(planner, order, given.in_days(site, 5), opening["suite"]).json()
    confirmed = planner.post(f"/api/v1/slots/{held['id']}/confirm").json()

    assert (held["status"], held["batch_number"], confirmed["status"]) == ("held", None, "confirmed")
    assert confirmed["batch_number"].startswith("GRAZ-")


@pytest.mark.req("R-192")
def test_a_taken_place_is_a_409_with_alternatives(site: Site, ines: User) -> None:
    planner = client_of(ines)
    given.held_slot(given.order(site))

    answer = hold(planner, given.order(site), given.in_days(site, 6))

    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert set(answer.json()["details"]["alternatives"][0]) == {"suite", "start", "free_until"}


@pytest.mark.req("R-194")
def test_cells_too_old_are_a_409_with_the_reason(site: Site, ines: User) -> None:
    given.suite(site)
    start = given.in_days(site, 5)
    collected = {
        "collection_start": given.in_days(site, 5 - 50 / 24).isoformat(),
        "collection_end": given.in_days(site, 5 - 49 / 24).isoformat(),
    }

    answer = hold(client_of(ines), given.order(site), start, **collected).json()

    assert answer["code"] == "not_plannable"
    assert [each["code"] for each in answer["details"]["reasons"]] == ["collection_too_old"]


@pytest.mark.req("R-195")
def test_a_dry_run_writes_nothing_and_the_move_is_told_to_the_clinic(site: Site, ines: User, clara: User) -> None:
    slot, planner = given.confirmed_slot(given.order(site)), client_of(ines)
    body = {"start": given.in_days(site, 9).isoformat(), "reason": "Apheresis late"}

    preview = planner.post(f"/api/v1/slots/{slot.id}/moves?dry_run=true", body).json()
    before = planner.get(f"/api/v1/slots/{slot.id}").json()
    moved = planner.post(f"/api/v1/slots/{slot.id}/moves", body)
    after = planner.get(f"/api/v1/slots/{slot.id}").json()

    assert preview["possible"]
    assert before["start"] == slot.window.lower.isoformat().replace("+00:00", "Z")
    assert (moved.status_code, after["start"]) == (200, preview["start"])
    news = client_of(clara).get("/api/v1/slots/notices").json()["results"]
    assert "Apheresis late" in news[0]["text"]


def test_a_preview_names_what_stands_in_the_way(site: Site, ines: User) -> None:
    given.held_slot(given.order(site), days=5)
    slot = given.held_slot(given.order(site), days=20)

    preview = (
        client_of(ines)
        .post(f"/api/v1/slots/{slot.id}/moves?dry_run=true", {"start": given.in_days(site, 6).isoformat()})
        .json()
    )

    assert not preview["possible"]
    assert [each["code"] for each in preview["blockers"]] == ["suite_full"]
    assert preview["alternatives"]


def test_refuses_a_move_of_what_somebody_moved_meanwhile(site: Site, ines: User) -> None:
    slot = given.held_slot(given.order(site))
    body = {"start": given.in_days(site, 9).isoformat(), "reason": "Late"}

    answer = client_of(ines).post(f"/api/v1/slots/{slot.id}/moves", body, headers={"If-Match": '"7"'})

    assert (answer.status_code, answer.json()["code"]) == (409, "stale_version")


def test_a_slot_tells_what_it_binds_and_what_stands_in_its_way(site: Site, ines: User, olga: User, unit: Any) -> None:
    slot, planner = given.confirmed_slot(given.order(site)), client_of(ines)

    planner.post(f"/api/v1/slots/{slot.id}/units", {"unit": unit.code})
    answer = planner.post(f"/api/v1/slots/{slot.id}/operators", {"username": "olga"}).json()

    assert (answer["units"], answer["operators"]) == ([unit.code], [olga.printed_name])
    assert [each["code"] for each in answer["warnings"]] == ["training"]


def test_the_list_is_narrowed_by_time_and_status(site: Site, ines: User) -> Any:
    early, late = given.held_slot(given.order(site), days=5), given.held_slot(given.order(site), days=40)
    planner = client_of(ines)

    def found(**wanted: Any) -> Any:
        return [each["id"] for each in planner.get("/api/v1/slots", wanted).json()["results"]]

    assert found() == [str(late.id), str(early.id)]
    assert found(end=given.in_days(site, 30).isoformat()) == [str(early.id)]
    assert found(start=given.in_days(site, 30).isoformat()) == [str(late.id)]
    assert found(status="confirmed") == []


def test_nothing_is_offered_in_the_past(site: Site, ines: User) -> None:
    given.suite(site)

    openings = client_of(ines).get("/api/v1/slots/open?hours=24&start=2020-01-01T00:00:00Z").json()

    assert clock.iso(clock.now(site))[:10] <= openings[0]["start"]


@pytest.mark.req("R-035")
def test_a_slot_of_another_site_is_not_there(site: Site, foreign_site: Site) -> None:
    slot = given.held_slot(given.order(site))
    stranger = client_of(people.a_person(foreign_site, "lyon", Role.PLANNER))

    assert stranger.get(f"/api/v1/slots/{slot.id}").status_code == 404
    assert stranger.post(f"/api/v1/slots/{slot.id}/release").status_code == 404
    assert stranger.get("/api/v1/slots").json()["results"] == []
    assert hold(stranger, slot.order, given.in_days(site, 30)).status_code == 404


def test_suites_and_therapies_are_set_up_by_the_planner(site: Site, ines: User) -> None:
    planner = client_of(ines)
    limits = {
        "product_code": "CART-A",
        "recipe_code": "CART-A",
        "suite_hours": 288,
        "collection_to_start_hours": 48,
        "vein_to_vein_hours": 720,
    }

    suite = planner.post("/api/v1/suites", {"site": "GRAZ", "code": "S1", "name": "Suite 1", "capacity": 2})
    therapy = planner.post("/api/v1/therapies", {"site": "GRAZ"} | limits)

    assert (suite.status_code, therapy.status_code) == (201, 200)
    assert planner.get("/api/v1/suites").json()[0]["capacity"] == 2
    assert planner.get("/api/v1/therapies").json()[0]["suite_hours"] == 288
