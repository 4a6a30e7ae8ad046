"""From operator to operator: named, counted by the server, in the record."""

import pytest
from django.utils import translation
from rest_framework.test import APIClient

from batches import queries, services
from batches.errors import NotTakenOver
from batches.models import HandOver, Step
from batches.queries.hand_over import standing
from mes.accounts import services as accounts
from mes.accounts.models import Site, User
from mes.accounts.queries import is_locked, system_user
from mes.accounts.rights import Role
from mes.phrases import shown
from mes.records.models import Event, SecurityEvent
from tests.given import batches as given
from tests.given import people
from tests.given.people import PASSWORD, PIN


@pytest.fixture
def inspection(site: Site, olga: User) -> Step:
    """Two values, one of them out of its limits."""
    step = given.started(given.running_batch(site), "S020")
    services.record_entry(actor=olga, step=step, name="bag_intact", value="yes")
    services.record_entry(actor=olga, step=step, name="viability", value="65", unit="%")
    return given.step(step.batch, "S020")


def refused(step: Step, giving: User, taking: User, **unsent: int) -> list[str]:
    with pytest.raises(NotTakenOver) as refusal:
        services.hand_over(actor=giving, step=step, to=taking, unsent=unsent)
    return [reason["code"] for reason in refusal.value.details["reasons"]]


def test_both_are_named_in_one_event_and_in_the_record(inspection: Step, olga: User, vera: User) -> None:
    services.hand_over(actor=olga, step=inspection, to=vera, note="Watch the timer")
    event = Event.objects.get(action="batches.hand_over")
    assert (event.actor_name, event.data, event.reason) == (
        "Olga Operator",
        {"from": "Olga Operator", "to": "Vera Verifier", "taker": str(vera.id)},
        "Watch the timer",
    )
    (line,) = queries.record_of(inspection.batch).hand_overs
    assert (line.given_by, line.taken_by, line.note) == ("Olga Operator", "Vera Verifier", "Watch the timer")
    assert (line.timers, line.exceptions, line.unsent) == (0, 1, 0)
    assert [each.taken_by for each in queries.timeline(inspection.batch).hand_overs] == [vera]


def test_what_is_open_is_said_in_words(inspection: Step) -> None:
    now = standing(inspection.batch)
    assert now.timers == []
    assert [each.partition(":")[0] for each in now.exceptions] == ["S020"]
    assert "65\u00a0% · Olga Operator" in now.entries[0]
    assert len(now.entries) == 2


def test_the_gravest_exceptions_come_first_and_of_these_the_newest(inspection: Step, olga: User) -> None:
    entry = inspection.entries.get(name="viability")
    for value in ("66", "67"):
        entry = services.correct_entry(
            actor=olga, entry=entry, value=value, unit="%", reason=f"Not {entry.value}", signer=None
        )
    told = [each.partition(" · ")[0] for each in standing(inspection.batch).exceptions]
    assert told == [
        "S020: Viability 67\u00a0%",
        "S020: Viability 66\u00a0%",
        "S020: Viability 65\u00a0%",
        "S020: Viability 66\u00a0% corrected to 67\u00a0%: Not 66",
        "S020: Viability 65\u00a0% corrected to 66\u00a0%: Not 65",
    ]


def test_a_timer_that_runs_is_told_with_its_remaining_time(site: Site) -> None:
    batch = given.running_batch(site)
    step = given.prepared_or_waiting(given.started(batch, "S120"))
    (line,) = standing(batch).timers
    assert line.startswith(f"{step}: 49:")
    assert " left, until " in line
    with given.later(51):
        assert "time is up since" in standing(batch).timers[0]


def test_nobody_takes_over_from_themselves(inspection: Step, olga: User) -> None:
    assert refused(inspection, olga, olga) == ["same_person"]


def test_whoever_takes_over_has_right_training_and_enrolment(inspection: Step, olga: User, carl: User) -> None:
    assert "no_right" in refused(inspection, olga, carl)
    fresh = accounts.create_user(
        actor=system_user("installer"), username="nils", printed_name="Nils New", password=PASSWORD, pin=PIN
    )
    accounts.grant_role(actor=system_user("installer"), user=fresh, site=inspection.site, role=Role.OPERATOR)
    assert refused(inspection, olga, fresh) == ["training", "identity_check", "signature_policy"]
    assert not HandOver.objects.exists()


def test_what_only_this_tablet_has_is_sent_first(inspection: Step, olga: User, vera: User) -> None:
    assert refused(inspection, olga, vera, olga=2) == ["unsent_entries"]
    done = services.hand_over(actor=olga, step=inspection, to=vera, unsent={"olga": 0, "vera": 1})
    assert done.unsent == 1


def test_over_the_api_the_session_is_the_next_persons(inspection: Step, olga: User, vera: User) -> None:
    client = people.client_of(olga)
    told = client.get(f"/api/v1/batches/{inspection.batch_id}/hand-over").json()
    assert {name: len(lines) for name, lines in told.items()} == {"timers": 0, "exceptions": 1, "entries": 2}
    body = {"badge": f"USR:{vera.badge}", "pin": PIN, "note": "Watch the timer", "unsent": {}}
    answer = client.post(f"/api/v1/steps/{inspection.id}/hand-over", body, format="json")
    assert (answer.status_code, answer.json()["taken_by"]) == (201, "Vera Verifier")
    assert client.get("/api/v1/me").json()["username"] == "vera"
    kinds = SecurityEvent.objects.filter(detail="hand-over").order_by("at", "id").values_list("kind", "username")
    assert [*kinds] == [("signed_out", "olga"), ("signed_in", "vera")]


@pytest.mark.req("R-029", "R-028")
def test_a_wrong_pin_counts_and_a_badge_alone_is_not_enough(inspection: Step, olga: User, vera: User) -> None:
    client, path = people.client_of(olga), f"/api/v1/steps/{inspection.id}/hand-over"
    assert client.post(path, {"badge": vera.badge}, format="json").status_code == 400
    for _ in range(5):
        assert client.post(path, {"badge": vera.badge, "pin": "999998"}, format="json").status_code == 401
    assert is_locked(vera)
    assert client.post(path, {"badge": vera.badge, "pin": PIN}, format="json").status_code == 401
    assert client.get("/api/v1/me").json()["username"] == "olga"
    assert not HandOver.objects.exists()


def test_a_program_hands_nothing_over(inspection: Step, olga: User, vera: User) -> None:
    token = APIClient().post("/api/v1/tokens", {"username": "olga", "password": PASSWORD}, format="json").json()
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Token {token['token']}")
    body = {"badge": vera.badge, "pin": PIN}
    assert program.post(f"/api/v1/steps/{inspection.id}/hand-over", body, format="json").status_code == 403


def test_what_somebody_may_have_to_read_blind_is_not_told(site: Site, olga: User) -> None:
    batch = given.running_batch(site)
    given.prepared_or_waiting(given.started(batch, "S120"))
    with given.later(61):
        given.ticked(batch)
        step = given.started(batch, "S140")
        services.record_entry(actor=olga, step=step, name="concentration", value="1234567", unit="cell/mL")
        latest = standing(batch).entries[0]
    assert latest.startswith("S140 Cell density: … · Olga Operator")


def test_an_answer_of_yes_or_no_is_said_in_the_language_of_the_page(inspection: Step) -> None:
    line = standing(inspection.batch).entries[-1]
    assert "Bag intact: yes · Olga Operator" in line
    with translation.override("de"):
        assert "Bag intact: ja · Olga Operator" in shown(line)
