"""Alarms: raised and cleared by readings, acknowledged and shelved by people, kept through everything in between."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from equipment import services
from equipment.adapters.base import Quality, Reading
from equipment.alarms.forms import ChangeDefinitionForm
from equipment.alarms.membership import alarms_of_batch
from equipment.alarms.queries import is_flood, strip_of
from equipment.errors import AlarmWithoutResponse
from equipment.gateway.site import take_in
from equipment.models import Alarm, AlarmDefinition, Unit
from equipment.readings import Bundle
from equipment.tasks import watch_alarms
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.models import Event
from mes.records.queries import is_signed
from tests.given import alarms as given
from tests.given import equipment as plant

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def unit(site: Site) -> Unit:
    return plant.unit(site, "incubator", code="INC-3")


def after(seconds: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def story() -> list[tuple[int, int | None]]:
    """When each alarm was raised and cleared, in seconds."""
    rows = Alarm.objects.order_by("raised_at").values_list("raised_at", "cleared_at")
    return [
        (int((raised - START).total_seconds()), None if cleared is None else int((cleared - START).total_seconds()))
        for raised, cleared in rows
    ]


class TestDefining:
    @pytest.mark.ux("AL-01")
    def test_is_refused_without_a_response(self, unit: Unit) -> None:
        with pytest.raises(AlarmWithoutResponse, match="or a prompt") as refusal:
            given.definition(unit, response="  ")
        assert refusal.value.details["instead"] == ["prompt", "event"]
        assert not AlarmDefinition.objects.exists()

    @pytest.mark.ux("AL-01")
    def test_an_event_is_recorded_and_asks_nobody(self, unit: Unit, olga: User) -> None:
        event = given.raised(unit, priority="event", response="")
        assert (event.status, event.escalate_at) == ("logged", None)
        assert strip_of(olga).alarm is None
        assert given.back_to_normal(event).status == "closed"

    @pytest.mark.ux("AL-01")
    def test_a_prompt_asks_and_never_sounds(self, unit: Unit, olga: User) -> None:
        prompt = given.raised(unit, priority="prompt", response="Is the door closed? Look.")
        strip = strip_of(olga)
        assert (strip.alarm, strip.sound, prompt.escalate_at) == (prompt, "", None)
        services.acknowledge_alarm(actor=olga, alarm=prompt)
        assert strip_of(olga).alarm is None
        with pytest.raises(AlarmWithoutResponse):
            given.definition(unit, priority="prompt", response="", tag="co2", low="4", high="6")

    def test_events_and_prompts_are_no_flood(self, unit: Unit, olga: User) -> None:
        for number in range(11):
            given.definition(unit, priority="event", delay_seconds=0, high=str(37 + number / 100), low=None)
        given.measured(unit, *[39] * 3, start=clock.now(unit.site))
        assert Alarm.objects.count() == 11
        assert not is_flood(olga)

    @pytest.mark.parametrize(
        "facts",
        [
            {"consequence": ""},
            {"low": None, "high": None},
            {"low": "38", "high": "36"},
            {"deadband": "1.1"},
            {"tag": "glucose"},
            {"priority": "p9"},
            {"delay_seconds": -1},
            {"kind": "lost_data"},
            {"kind": "lost_data", "tag": "", "low": None, "high": None, "priority": "event"},
        ],
        ids=str,
    )
    def test_is_refused_when_it_makes_no_sense(self, unit: Unit, facts: dict[str, str]) -> None:
        with pytest.raises(InvalidInput):
            given.definition(unit, **facts)

    def test_only_an_engineer_defines(self, unit: Unit, sven: User) -> None:
        with pytest.raises(NotPermitted):
            services.define_alarm(
                actor=sven, unit=unit, tag="co2", priority="p2", consequence="a", response="b", respond_minutes=5
            )

    @pytest.mark.parametrize(("priority", "minutes"), [("p1", 11), ("p1", 0), ("p2", 61), ("p3", 721)])
    def test_a_priority_allows_a_time_to_respond(self, unit: Unit, priority: str, minutes: int) -> None:
        with pytest.raises(InvalidInput, match="must do within"):
            given.definition(unit, priority=priority, respond_minutes=minutes)

    def test_its_owner_can_acknowledge(self, unit: Unit) -> None:
        with pytest.raises(InvalidInput, match="Nobody of this role"):
            given.definition(unit, owner="courier")

    def test_a_limit_changes_with_a_reason_and_raised_alarms_keep_theirs(self, unit: Unit, ravi: User) -> None:
        alarm = given.raised(unit)
        with pytest.raises(InvalidInput, match="why"):
            services.change_definition(actor=ravi, definition=alarm.definition, reason=" ", high=Decimal(40))
        services.change_definition(actor=ravi, definition=alarm.definition, reason="New SOP", high=Decimal(40))
        assert [given.again(alarm).high, AlarmDefinition.objects.get().high] == [Decimal(38), Decimal(40)]
        assert Event.objects.get(action="equipment.change_alarm_definition").reason == "New SOP"
        with pytest.raises(AlarmWithoutResponse):
            services.change_definition(actor=ravi, definition=alarm.definition, reason="Shorter", response="")

    def test_what_is_withdrawn_judges_no_more_and_ends_its_alarm(self, unit: Unit, ravi: User) -> None:
        alarm = given.raised(unit)
        services.withdraw_definition(actor=ravi, definition=alarm.definition, reason="Sensor removed")
        assert given.again(alarm).status == "back"
        given.measured(unit, 50, 50, 50, 50, start=clock.now(unit.site) + timedelta(minutes=1))
        assert Alarm.objects.count() == 1


class TestReadings:
    def test_raise_and_clear_with_delay_and_deadband(self, unit: Unit) -> None:
        given.definition(unit)
        given.measured(unit, 38.1, 38.2, 38.1, 38, 37.9, 37.8, 37.8, 37.8, start=START)
        assert story() == [(20, 70)]
        alarm = Alarm.objects.get()
        assert (alarm.began_at, alarm.value, alarm.status) == (START, 38.1, "back")
        assert alarm.what == "Temperature 38.1\u00a0°C (limit 36–38\u00a0°C)"
        events = Event.objects.filter(subject_id=alarm.id).order_by("at").values_list("action", "actor_username")
        assert list(events) == [
            ("equipment.raise_alarm", "system:gateway"),
            ("equipment.clear_alarm", "system:gateway"),
        ]

    def test_in_pieces_raise_what_they_raise_in_one(self, unit: Unit) -> None:
        """Nothing is kept in memory: between any two bundles the gateway may have been killed."""
        given.definition(unit)
        for number, value in enumerate([38.5, 38.5, 38.5, 37, 37, 37]):
            given.measured(unit, value, start=at(10 * number))
        assert story() == [(20, 50)]

    def test_replayed_are_not_judged_twice(self, unit: Unit) -> None:
        given.definition(unit)
        rows = [(unit.pk, Reading("temperature", 39, at(10 * number), at(10 * number))) for number in range(4)]
        bundle = Bundle(uuid4(), rows)
        take_in(bundle)
        take_in(bundle)
        take_in(Bundle(uuid4(), rows))
        assert story() == [(20, None)]

    def test_out_of_order_within_a_bundle_are_put_in_order(self, unit: Unit) -> None:
        given.definition(unit)
        rows = [(unit.pk, Reading("temperature", 39, at(second), at(60))) for second in (20, 0, 10)]
        take_in(Bundle(uuid4(), rows))
        assert story() == [(20, None)]

    def test_late_ones_raise_the_alarm_of_their_own_time(self, unit: Unit) -> None:
        given.definition(unit)
        given.measured(unit, 37, start=START)
        given.measured(unit, 37, 37, 37, start=at(600))
        given.measured(unit, 39, 39, 39, 37, 37, 37, start=at(100))
        assert story() == [(120, 150)]
        alarm = Alarm.objects.get()
        assert (alarm.is_late, alarm.status) == (True, "back")
        given.measured(unit, 39, 39, 39, start=at(630))
        assert story() == [(120, 150), (650, None)], "and the present is judged on"

    def test_late_ones_inside_a_known_alarm_change_nothing(self, unit: Unit) -> None:
        given.definition(unit)
        given.measured(unit, 39, 39, 39, start=START)
        given.measured(unit, 39, start=at(100))
        given.measured(unit, 39, 39, start=at(50))
        assert story() == [(20, None)]
        given.measured(unit, 37, 37, 37, start=at(110))
        assert story() == [(20, 130)]

    def test_late_ones_that_complete_an_excursion_raise_it_and_it_clears_later(self, unit: Unit) -> None:
        given.definition(unit, delay_seconds=50)
        given.measured(unit, 39, start=at(100))
        given.measured(unit, 39, 39, start=at(50))
        assert story() == [(100, None)]
        given.measured(unit, *[37] * 6, start=at(110))
        assert story() == [(100, 160)]

    def test_bad_ones_say_nothing(self, unit: Unit) -> None:
        given.definition(unit, delay_seconds=0)
        take_in(Bundle(uuid4(), [(unit.pk, Reading("temperature", 99, START, START, Quality.BAD))]))
        assert story() == []


@pytest.mark.req("R-116")
class TestPeople:
    @pytest.mark.ux("AL-04")
    def test_acknowledge_first_and_back_to_normal_after(self, unit: Unit, olga: User) -> None:
        alarm = given.acknowledged(given.raised(unit), comment="Door was open")
        assert (alarm.status, alarm.acknowledged_by, alarm.comment) == ("acknowledged", olga, "Door was open")
        assert alarm.cleared_at is None, "to acknowledge is not to solve"
        cleared = given.back_to_normal(alarm)
        assert cleared.status == "closed"
        assert cleared.cleared_at is not None
        assert cleared.raised_at < cleared.cleared_at
        moves = Event.objects.filter(subject_id=alarm.id).order_by("at").values_list("action", flat=True)
        assert list(moves) == ["equipment.raise_alarm", "equipment.acknowledge_alarm", "equipment.clear_alarm"]

    @pytest.mark.req("R-116")
    def test_sign_for_priority_1(self, unit: Unit, olga: User) -> None:
        alarm = given.raised(unit)
        with pytest.raises(SignatureRefused):
            services.acknowledge_alarm(actor=olga, alarm=alarm)
        given.back_to_normal(given.acknowledged(alarm))
        assert is_signed(given.again(alarm), services.ACKNOWLEDGED)

    def test_back_to_normal_first_and_acknowledge_after(self, unit: Unit) -> None:
        alarm = given.back_to_normal(given.raised(unit))
        assert alarm.status == "back"
        assert given.acknowledged(alarm).status == "closed"

    def test_cannot_acknowledge_twice(self, unit: Unit) -> None:
        with pytest.raises(WrongState):
            given.acknowledged(given.acknowledged(given.raised(unit)))

    def test_comment_where_it_is_required(self, unit: Unit) -> None:
        alarm = given.raised(unit, comment_required=True)
        with pytest.raises(InvalidInput, match="comment"):
            given.acknowledged(alarm)
        assert given.acknowledged(alarm, comment="Called the engineer").status == "acknowledged"

    def test_courier_acknowledges_nothing(self, unit: Unit) -> None:
        with pytest.raises(NotPermitted):
            given.acknowledged(given.raised(unit), by="kurt")


@pytest.mark.req("R-118")
class TestShelves:
    @pytest.mark.ux("AL-05")
    def test_end_by_themselves(self, unit: Unit) -> None:
        alarm = given.shelved(given.raised(unit), minutes=30)
        assert (alarm.status, alarm.shelf_reason) == ("shelved", "Door being repaired")
        with after(29 * 60):
            watch_alarms()
            assert given.again(alarm).status == "shelved"
        with after(31 * 60):
            watch_alarms()
            assert given.again(alarm).status == "new", "live again"
        assert Event.objects.filter(subject_id=alarm.id, action="equipment.end_shelf").count() == 1

    def test_what_went_back_to_normal_meanwhile_says_so(self, unit: Unit) -> None:
        alarm = given.back_to_normal(given.shelved(given.raised(unit), minutes=30))
        assert (alarm.status, alarm.cleared_at is not None) == ("shelved", True)
        with after(31 * 60):
            watch_alarms()
        assert given.again(alarm).status == "back"

    def test_a_chattering_alarm_stays_on_its_shelf(self, unit: Unit, olga: User) -> None:
        first = given.back_to_normal(given.shelved(given.raised(unit)))
        second = given.raised(unit, start=first.raised_at + timedelta(minutes=5))
        assert (second.id != first.id, second.status, second.shelved_until) == (True, "shelved", first.shelved_until)
        assert strip_of(olga).alarm is None

    @pytest.mark.parametrize("minutes", [-1, 0, 13 * 60])
    @pytest.mark.ux("AL-05")
    def test_need_an_end_within_a_shift(self, unit: Unit, minutes: int) -> None:
        with pytest.raises(InvalidInput, match="until"):
            given.shelved(given.raised(unit), minutes=minutes)

    @pytest.mark.ux("AL-05")
    def test_need_a_reason_and_the_right(self, unit: Unit) -> None:
        alarm = given.raised(unit)
        with pytest.raises(InvalidInput, match="reason"):
            given.shelved(alarm, reason=" ")
        with pytest.raises(NotPermitted):
            given.shelved(alarm, by="olga")
        assert given.shelved(alarm, by="ravi").status == "shelved"


class TestEscalation:
    @pytest.mark.ux("AL-08")
    def test_p1_after_two_and_five_minutes(self, unit: Unit) -> None:
        alarm = given.raised(unit)
        levels = []
        for second in (119, 121, 299, 302, 900):
            with time_machine.travel(alarm.known_at + timedelta(seconds=second)):
                watch_alarms()
                levels.append(given.again(alarm).escalation)
        assert levels == [0, 1, 1, 2, 2]

    def test_not_once_somebody_acknowledged(self, unit: Unit) -> None:
        alarm = given.acknowledged(given.raised(unit))
        with after(3600):
            watch_alarms()
        assert given.again(alarm).escalation == 0


class TestBatches:
    @pytest.mark.req("R-117")
    def test_an_alarm_belongs_to_whoever_was_in_the_unit(self, unit: Unit, olga: User) -> None:
        inside, later = uuid4(), uuid4()
        plant.occupied(unit, batch_id=inside, coi_id="KX7-204")
        with after(60):
            alarm = given.raised(unit)
        with after(120):
            services.vacate(actor=olga, unit=unit, batch_id=inside)
            plant.clean(unit)
            plant.occupied(unit, batch_id=later, coi_id="LM2-001")
        assert (alarm.batch_ids, alarm.coi_ids) == ([inside], ["KX7-204"])
        assert list(alarms_of_batch(inside)) == [alarm]
        assert list(alarms_of_batch(later)) == [alarm], "it came into an alarm that still lasts"
        assert Event.objects.get(subject_id=alarm.id).batch_id == inside

    def test_an_alarm_that_was_over_is_nobodys(self, unit: Unit) -> None:
        given.back_to_normal(given.raised(unit, start=clock.now(unit.site) - timedelta(hours=1)))
        plant.occupied(unit, batch_id=(late := uuid4()))
        assert not alarms_of_batch(late).exists()


class TestStrip:
    def test_shows_the_highest_and_counts_the_others(self, unit: Unit, site: Site, olga: User) -> None:
        other = plant.unit(site, "incubator", code="INC-4")
        given.raised(unit, priority="p2")
        high = given.raised(other)
        strip = strip_of(olga)
        assert (strip.alarm, strip.others, strip.sound) == (high, 1, str(high.id))
        given.acknowledged(high)
        assert (strip_of(olga).alarm.priority, strip_of(olga).sound) == ("p2", "")  # type: ignore[union-attr]

    @pytest.mark.parametrize(("owner", "seen"), [("operator", True), ("supervisor", False)])
    def test_shows_another_batchs_alarm_to_whoever_answers_for_it(
        self, unit: Unit, olga: User, owner: str, seen: bool
    ) -> None:
        plant.occupied(unit, batch_id=(theirs := uuid4()))
        with after(60):
            given.raised(unit, owner=owner)
            assert (strip_of(olga, uuid4()).alarm is not None) == seen
            assert strip_of(olga, theirs).alarm is not None
            assert strip_of(olga).alarm is not None, "at home everything is seen"

    @pytest.mark.ux("AL-02")
    def test_many_alarms_of_one_unit_are_one_strip_and_a_flood(self, unit: Unit, olga: User) -> None:
        for number in range(60):
            given.definition(unit, delay_seconds=0, high=str(37 + number / 100), low=None)
        given.measured(unit, *[39] * 3, start=clock.now(unit.site))
        strip = strip_of(olga)
        assert strip.group is not None
        assert (strip.group.more, strip.others) == (59, 0)
        assert strip.sound in {str(alarm.id) for alarm in strip.group.members}, "one sound, for one of them"
        assert is_flood(olga)


def test_a_limit_to_be_changed_is_shown_as_it_was_typed(unit: Unit) -> None:
    stored = AlarmDefinition.objects.get(pk=given.definition(unit, low="36", high="37.50").pk)
    form = ChangeDefinitionForm.of(stored)
    assert (form.initial["low"], form.initial["high"]) == ("36", "37.5")
