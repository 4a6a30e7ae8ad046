"""Work is recorded at registered terminals of its room; what comes from elsewhere is refused and told (R-058)."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from batches import services
from batches.models import Batch, Entry, Step, UnitBinding
from batches.run_page import panel_of
from chain_of_identity.models import Scan
from equipment.models import Room
from equipment.services import move_terminal, retire_terminal
from mes.accounts import enrolment
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import NotPermitted
from mes.records.models import Event, SecurityEvent
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given import materials as materials_given
from tests.given.equipment import Registered
from tests.given.people import client_of, signature
from tests.given.pictures import picture

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-058")]


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The line of room CR-1 is cleared; everything after it is worked on there."""
    with floor_at("S050") as batch:
        yield batch


@pytest.fixture
def here(batch: Batch) -> Registered:
    return equipment_given.terminal(Room.objects.get(code="CR-1"), code="T-01")


@pytest.fixture
def elsewhere(batch: Batch) -> Registered:
    return equipment_given.terminal(equipment_given.room(batch.site, "CR-2"), code="T-02")


def post(user: User, step: Step, act: str, terminal: Registered | None = None, **body: Any) -> Any:
    headers = terminal.headers if terminal else {}
    return client_of(user).post(f"/api/v1/steps/{step.id}/{act}", body, format="json", headers=headers)


def only_terminals(site: Site, anna: User) -> None:
    enrolment.set_only_registered_terminals(actor=anna, site=site, only=True)


def refusals() -> list[tuple[str, str]]:
    return list(SecurityEvent.objects.filter(kind="terminal_refused").values_list("tablet", "username").order_by("at"))


def test_a_terminal_of_another_room_is_refused_and_told(batch: Batch, elsewhere: Registered, olga: User) -> None:
    step = given.step(batch, "S050")
    assert post(olga, step, "start", elsewhere).status_code == 403
    step = given.started(batch, "S050")
    answer = post(olga, step, "scans", elsewhere, code=f"&/{batch.coi_id}")
    refusal = answer.json()
    assert (answer.status_code, refusal["code"]) == (403, "terminal_refused")
    assert refusal["message"] == "T-02 belongs to room CR-2; the work is in room CR-1."
    assert refusal["details"]["reasons"][0]["code"] == "terminal_of_another_room"
    assert not Scan.objects.filter(step_id=step.id).exists(), "not even the scan is kept"
    shown = client_of(olga).get(f"/api/v1/steps/{step.id}", headers=elsewhere.headers).json()
    assert shown["not_here"][0]["message"] == refusal["message"], "the screen says so before anybody tries"
    assert panel_of(shown) == "not_here"
    assert refusals() == [("T-02", "olga")] * 2


def test_the_terminal_of_the_room_is_named_in_the_event(batch: Batch, here: Registered, olga: User) -> None:
    assert post(olga, given.step(batch, "S050"), "start", here).status_code == 200
    assert Event.objects.filter(action="batches.start_step").latest("at").tablet == "T-01"


def test_a_name_that_anybody_can_write_names_no_terminal(batch: Batch, olga: User) -> None:
    address = f"/api/v1/steps/{given.step(batch, 'S050').id}/start"
    headers = {"X-Tablet": "T-01", "X-Terminal-Key": "T-01"}
    assert client_of(olga).post(address, {}, headers=headers).status_code == 200
    assert Event.objects.filter(action="batches.start_step").latest("at").tablet == ""


ACTS: dict[str, dict[str, Any]] = {
    "scans": {"code": "any"},
    "units": {"code": "INC-1"},
    "materials": {"code": "medium", "quantity": "100", "unit": "mL"},
    "entries": {"name": "viability", "value": "91.2", "unit": "%"},
    "not-applicable": {"name": "viability", "reason": "No sample"},
    "decide": {"choice": "wash"},
    "transfer": {"volumes_ml": ["10"]},
    "send": {},
    "complete": {},
    "verify": {},
    "photos": {"content": b64encode(picture()).decode(), "about": "Tear"},
    "commands": {"command": "RESTART", "reason": "Leak mended"},
}


@pytest.mark.parametrize("act", ACTS)
def test_every_act_on_a_step_comes_from_a_registered_terminal_where_the_site_says_so(
    batch: Batch, vera: User, anna: User, act: str
) -> None:
    step = given.started(batch, "S050")
    lot = materials_given.released_lot(batch.site, "TEXMACS")
    only_terminals(batch.site, anna)
    body = ACTS[act] | {"verification" if act == "verify" else "signature": signature(vera)}
    body |= {"code": lot.barcode} if act == "materials" else {}
    answer = post(vera, step, act, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "terminal_refused"), answer.content
    assert refusals() == [("", "vera")]


def test_a_retired_terminal_is_none(batch: Batch, here: Registered, olga: User, anna: User) -> None:
    step = given.step(batch, "S050")
    only_terminals(batch.site, anna)
    assert post(olga, step, "start").json()["details"]["reasons"][0]["code"] == "not_registered"
    retire_terminal(actor=anna, terminal=here.terminal, reason="Lost")
    answer = post(olga, step, "start", here)
    assert answer.json()["message"] == "T-01 is retired."
    assert refusals() == [("", "olga"), ("T-01", "olga")]


def test_a_terminal_of_the_whole_site_works_in_every_room(
    batch: Batch, elsewhere: Registered, olga: User, anna: User
) -> None:
    only_terminals(batch.site, anna)
    move_terminal(actor=anna, terminal=elsewhere.terminal, room=None)
    assert post(olga, given.step(batch, "S050"), "start", elsewhere).status_code == 200


def test_a_terminal_of_another_site_is_refused(batch: Batch, foreign_site: Site, olga: User) -> None:
    foreign = equipment_given.foreign_terminal(foreign_site)
    answer = post(olga, given.step(batch, "S050"), "start", foreign)
    assert answer.json()["details"]["reasons"][0]["code"] == "terminal_of_another_site"


def test_nobody_is_kept_from_stopping_or_calling_for_help(
    batch: Batch, elsewhere: Registered, olga: User, sven: User, anna: User
) -> None:
    step = given.started(batch, "S050")
    only_terminals(batch.site, anna)
    assert post(olga, step, "calls", elsewhere, reason="Leak").status_code < 300
    assert post(sven, step, "commands", elsewhere, command="HOLD", reason="Leak").status_code == 200


def test_a_unit_in_another_room_is_not_posted_for(batch: Batch, elsewhere: Registered, olga: User) -> None:
    """Readings come from the unit that is bound and no other; binding and commanding it is done where it stands."""
    unit = UnitBinding.objects.get(batch=batch).unit
    order = {"name": "incubate", "batch_id": str(batch.id)}
    answer = client_of(olga).post(f"/api/v1/units/{unit.id}/commands", order, format="json", headers=elsewhere.headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "terminal_refused")
    assert post(olga, given.step(batch, "S030"), "units", elsewhere, code=unit.code).status_code == 403
    assert refusals() == [("T-02", "olga")] * 2


def test_what_the_system_does_by_rule_comes_from_no_terminal(batch: Batch, anna: User) -> None:
    step = given.started(batch, "S050")
    only_terminals(batch.site, anna)
    with pytest.raises(NotPermitted):
        services.record_entry(actor=anna, step=step, name="viability", value="91.2", unit="%", entry_id=uuid4())
    services.advance_batch(actor=system_user("dispatcher"), batch_id=batch.id)
    assert not Entry.objects.filter(step=step).exists()


def test_without_terminal_and_rule_an_act_asks_the_database_no_more(batch: Batch, here: Registered, olga: User) -> None:
    """One look-up where a key comes along; to know the room of the work takes more only where the terminal has one."""
    address = f"/api/v1/steps/{given.step(batch, 'S050').id}/start"

    def asked(**headers: str) -> list[str]:
        with CaptureQueriesContext(connection) as found:
            assert client_of(olga).post(address, {}, headers=headers).status_code in {200, 409}
        return [each["sql"] for each in found if "equipment_terminal" in each["sql"]]

    assert asked() == []
    assert len(asked(**here.headers)) == 1


def test_the_site_says_where_its_steps_are_worked_on(site: Site, anna: User, olga: User) -> None:
    office = Client()
    office.force_login(anna, backend="mes.accounts.backend.SessionBackend")
    form = f"/accounts/sites/{site.id}/terminals/"
    assert office.post(form, {"only": "registered"}).status_code == 302
    assert Site.objects.get(pk=site.pk).only_registered_terminals
    assert office.post(form, {"only": "perhaps"}).status_code == 400
    address = f"/api/v1/sites/{site.id}/only-registered-terminals"
    assert client_of(anna).post(address, {"only": False}).json()["only_registered_terminals"] is False
    with pytest.raises(NotPermitted):
        only_terminals(site, olga)
    assert Event.objects.filter(action="accounts.set_only_registered_terminals").count() == 2
