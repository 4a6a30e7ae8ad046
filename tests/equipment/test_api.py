"""Equipment over HTTP: what the API adds to the services."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from equipment.models import Command, Unit
from mes import clock
from mes.accounts.models import Site, User
from tests.given import equipment as given
from tests.given import people

pytestmark = pytest.mark.django_db
API = "/api/v1"


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site, code="BRX-1")


def get(user: User, path: str, **query: Any) -> Any:
    return people.client_of(user).get(API + path, query)


def post(user: User, path: str, body: dict[str, Any]) -> Any:
    return people.client_of(user).post(API + path, body)


def test_a_unit_tells_its_place_its_fitness_and_who_is_in_it(unit: Unit, olga: User) -> None:
    use = given.occupied(unit)
    shown = get(olga, f"/units/{unit.id}").json()
    assert (shown["site"], shown["area"], shown["process_cell"]) == ("GRAZ", "Manufacturing", "Cell therapy 1")
    assert [each["batch_id"] for each in shown["occupied_by"]] == [str(use.batch_id)]
    assert [each["code"] for each in shown["reasons_unfit"]] == ["occupied"]


def test_a_foreign_unit_is_not_there(foreign_site: Site, olga: User) -> None:
    made = given.foreign_unit(foreign_site)
    assert get(olga, f"/units/{made.id}").status_code == 404
    assert get(olga, "/units").json()["results"] == []


def test_a_list_costs_the_same_whatever_its_length(site: Site, olga: User) -> None:
    given.occupied(given.unit(site))
    client = people.client_of(olga)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(f"{API}/units").status_code == 200
        return len(counted)

    queries()  # the session's own queries of a first page
    few = queries()
    for _ in range(5):
        given.occupied(given.unit(site))
    assert queries() == few


def test_the_list_is_narrowed_by_class(site: Site, unit: Unit, olga: User) -> None:
    given.unit(site, "incubator", "INC-1")
    shown = get(olga, "/units", class_code="incubator").json()["results"]
    assert [each["code"] for each in shown] == ["INC-1"]


def test_finds_a_unit_by_its_scanned_barcode(unit: Unit, olga: User) -> None:
    assert get(olga, "/units/lookup", site="GRAZ", code="BRX-1").json()["id"] == str(unit.id)
    unknown = get(olga, "/units/lookup", site="GRAZ", code="BRX-9")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_unit")


@pytest.mark.req("R-109")
def test_a_unit_without_a_process_cell_is_a_bad_request(site: Site, sven: User) -> None:
    given.room(site)
    body = {"site": "GRAZ", "room": "CR-1", "code": "BRX-9", "name": "x", "class_code": "bioreactor", "area": "M"}
    refused = post(sven, "/units", body | {"process_cell": ""})
    assert refused.status_code == 400
    assert "process_cell" in refused.json()["details"]["fields"]
    assert post(sven, "/units", body | {"process_cell": "C1"}).status_code == 201


def test_a_unit_is_made_fit_through_the_api(site: Site, sven: User, vera: User) -> None:
    made = given.new_unit(site)
    later = (clock.now(site) + timedelta(days=90)).isoformat()
    check = {"verification": people.signature(vera)}
    passed = {"as_found_passed": True, "as_left_passed": True}
    answers = [
        post(sven, f"/units/{made.id}/qualification", {"until": later, "report": "PQ-7"}),
        post(sven, f"/units/{made.id}/calibrations", {"certificate": "C-1", "due_at": later} | passed | check),
        post(sven, f"/units/{made.id}/cleanings", {"procedure": "SOP-7", "due_at": later} | check),
    ]
    assert [answer.status_code for answer in answers] == [200, 201, 201]
    assert get(sven, f"/units/{made.id}").json()["reasons_unfit"] == []


def test_the_checker_of_a_cleaning_is_somebody_else(unit: Unit, olga: User) -> None:
    later = (clock.now(unit.site) + timedelta(days=9)).isoformat()
    body = {"procedure": "SOP-7", "due_at": later, "verification": people.signature(olga)}
    refused = post(olga, f"/units/{unit.id}/cleanings", body)
    assert (refused.status_code, refused.json()["details"]["rule"]) == (400, "not_own_work")


def test_a_command_is_accepted_now_and_done_later(unit: Unit, olga: User) -> None:
    body = {"name": "culture", "setpoints": {"temperature": {"value": "37.0", "unit": "°C"}}}
    accepted = post(olga, f"/units/{unit.id}/commands", body)
    assert (accepted.status_code, accepted.json()["status"]) == (202, "requested")
    read = get(olga, f"/equipment-commands/{accepted.json()['id']}").json()
    assert read["setpoints"] == {"temperature": {"value": "37.0", "unit": "°C"}}
    listed = get(olga, f"/units/{unit.id}/commands", status="requested").json()["results"]
    assert [each["id"] for each in listed] == [read["id"]]


@pytest.mark.req("R-068")
def test_a_repeated_call_asks_for_one_command(unit: Unit, olga: User) -> None:
    client = people.client_of(olga)
    for _ in range(2):
        client.post(f"{API}/units/{unit.id}/commands", {"name": "culture"}, headers={"Idempotency-Key": "k-1"})
    assert Command.objects.count() == 1


def test_a_value_that_is_no_number_is_refused(unit: Unit, olga: User) -> None:
    body = {"name": "culture", "setpoints": {"temperature": {"value": "37,0", "unit": "°C"}}}
    assert post(olga, f"/units/{unit.id}/commands", body).status_code == 400


def test_readings_come_as_a_trend(unit: Unit, olga: User) -> None:
    end = clock.now(unit.site)
    given.readings(unit, "temperature", [37.0, 41.0, 37.0], every=timedelta(minutes=1), until=end)
    window = {"start": (end - timedelta(hours=1)).isoformat(), "end": end.isoformat(), "points": 1}
    shown = get(olga, f"/units/{unit.id}/readings", tag="temperature", **window).json()
    assert [(each["low"], each["high"]) for each in shown["buckets"]] == [(37.0, 41.0)]


def test_live_values_say_how_far_to_trust_them(unit: Unit, olga: User) -> None:
    given.readings(unit, "ph", [7.2], every=timedelta(minutes=1), until=clock.now(unit.site))
    states = {each["tag"]: each["state"] for each in get(olga, f"/units/{unit.id}/live").json()}
    assert states["ph"] == "live"
    assert states["do"] == "not_known"


def test_the_log_book_is_read(unit: Unit, olga: User) -> None:
    given.occupied(unit)
    assert [line["what"] for line in get(olga, f"/units/{unit.id}/log").json()][-1] == "use"


def test_a_room_is_cleaned_and_taken_out_of_service(site: Site, sven: User, vera: User) -> None:
    room = given.dirty_room(site)
    body = {"status": "clean", "procedure": "SOP-1", "verification": people.signature(vera)}
    assert post(sven, f"/rooms/{room.id}/status", body).json()["status"] == "clean"
    assert post(sven, f"/rooms/{room.id}/status", {"status": "out_of_service"}).status_code == 400
    out = post(sven, f"/rooms/{room.id}/status", {"status": "out_of_service", "reason": "Leak"})
    assert out.json()["status"] == "out_of_service"
    assert post(sven, f"/rooms/{room.id}/status", {"status": "to_clean"}).json()["status"] == "to_clean"


def test_a_unit_is_taken_out_of_service_with_a_reason(unit: Unit, sven: User) -> None:
    assert post(sven, f"/units/{unit.id}/out-of-service", {"reason": ""}).status_code == 400
    assert post(sven, f"/units/{unit.id}/out-of-service", {"reason": "Leak"}).json()["status"] == "out_of_service"


def test_the_classes_tell_what_can_be_measured_and_commanded(olga: User) -> None:
    classes = {each["code"]: each for each in get(olga, "/equipment-classes").json()}
    assert "agitation" in {tag["name"] for tag in classes["bioreactor"]["tags"]}
    assert [each["name"] for each in classes["cell_counter"]["commands"]] == ["count", "idle"]
