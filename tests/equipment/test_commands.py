"""Commands: asked for once, carried out once, whoever dies on the way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from equipment import services
from equipment.adapters.base import Ack
from equipment.adapters.base import Command as Told
from equipment.adapters.simulator import SimulatorAdapter, simulated_device
from equipment.errors import NotInThisUnit
from equipment.gateway.driver import drive_commands
from equipment.models import Command, Unit
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import InvalidInput, NotPermitted, WrongState
from mes.quantities import Quantity
from mes.records.queries import events_of
from tests.given import equipment as given

pytestmark = pytest.mark.django_db

WARM = ("37.0", "°C")


class Plant:
    """One simulated bioreactor behind the gateway, and a record of what it was told."""

    def __init__(self, site: Site, memory: Path | None = None) -> None:
        self.site = site
        self.unit = given.unit(site, code="BRX-1")
        self.memory = memory
        self.told: list[Told] = []
        self.adapter = self.new_adapter()

    def new_adapter(self) -> SimulatorAdapter:
        device = simulated_device("bioreactor", name="BRX-1", at=datetime(2026, 1, 1, tzinfo=UTC))
        made = SimulatorAdapter(device, clock=lambda: device.at, interval=lambda: timedelta(minutes=1))
        answer = made.command

        def command(command: Told) -> Ack:
            self.told.append(command)
            return answer(command)

        made.command = command  # type: ignore[method-assign]
        return made

    def sweep(self) -> None:
        drive_commands(actor=system_user("gateway"), site=self.site, adapters={"BRX-1": self.adapter})

    def sweep_later(self, seconds: float) -> None:
        with time_machine.travel(datetime.now(tz=UTC) + timedelta(seconds=seconds)):
            self.sweep()


@pytest.fixture
def plant(site: Site) -> Plant:
    return Plant(site)


def now(command: Command) -> Command:
    return Command.objects.get(pk=command.pk)


def moves(command: Command) -> list[str]:
    return [event.action.removeprefix("equipment.") for event in events_of(command)]


@pytest.mark.req("R-086")
def test_a_command_is_sent_acknowledged_and_confirmed_by_read_back(plant: Plant) -> None:
    command = given.requested(plant.unit, "culture", temperature=WARM)
    plant.sweep()
    done = now(command)
    assert done.status == "confirmed"
    assert done.read_back["mode"] == "culture"
    assert done.read_back["setpoints"]["temperature"] == 37.0
    assert moves(command) == ["send_command", "acknowledge_command", "confirm_command"]
    assert all(event.actor_username == "system:gateway" for event in events_of(command))


def test_the_command_carries_its_batch_to_the_device(plant: Plant) -> None:
    use = given.occupied(plant.unit)
    given.requested(plant.unit, "culture", batch_id=use.batch_id)
    plant.sweep()
    assert plant.adapter.device.material == str(use.batch_id)


def test_two_commands_to_a_unit_are_carried_out_in_their_order(plant: Plant) -> None:
    first = given.requested(plant.unit, "culture", temperature=("37", "°C"))
    second = given.requested(plant.unit, "culture", temperature=("33", "°C"))
    plant.sweep()
    assert (now(first).status, now(second).status) == ("confirmed", "requested")
    plant.sweep()
    assert now(second).status == "confirmed"
    assert plant.adapter.state().setpoints["temperature"] == 33


def killed_after_sending(plant: Plant, command: Command, *, arrived: bool) -> None:
    """The gateway has written "sent" and dies; the command may or may not have reached the device."""
    sent = services.send_command(actor=system_user("gateway"), command=command)
    if arrived:
        plant.adapter.command(Told(sent.id, sent.name, sent.wanted()))


def test_a_command_that_had_arrived_is_not_sent_again_after_a_kill(plant: Plant) -> None:
    command = given.requested(plant.unit, "culture", temperature=WARM)
    killed_after_sending(plant, command, arrived=True)
    plant.sweep_later(3)
    assert now(command).status == "confirmed"
    assert len(plant.told) == 1
    assert now(command).attempts == 1


def test_a_command_that_had_not_arrived_is_sent_again_after_a_kill(plant: Plant) -> None:
    command = given.requested(plant.unit, "culture", temperature=WARM)
    killed_after_sending(plant, command, arrived=False)
    assert plant.told == []
    plant.sweep_later(3)
    assert now(command).status == "confirmed"
    assert [told.id for told in plant.told] == [command.id]
    assert now(command).attempts == 2


def test_a_command_acknowledged_before_a_kill_is_only_read_back(plant: Plant) -> None:
    command = given.requested(plant.unit, "culture", temperature=WARM)
    killed_after_sending(plant, command, arrived=True)
    services.acknowledge_command(actor=system_user("gateway"), command=command)
    plant.sweep_later(1)
    assert now(command).status == "confirmed"
    assert len(plant.told) == 1


def test_the_same_step_is_not_driven_by_two_gateways(plant: Plant) -> None:
    command = given.requested(plant.unit, "culture")
    services.send_command(actor=system_user("gateway"), command=command)
    plant.sweep()
    assert plant.told == []
    assert now(command).attempts == 1


def test_a_device_out_of_reach_gets_three_attempts_and_then_the_command_fails(plant: Plant) -> None:
    plant.adapter.unplugged = True
    command = given.requested(plant.unit, "culture", temperature=WARM)
    for seconds in (0, 3, 6, 9):
        plant.sweep_later(seconds)
    failed = now(command)
    assert (failed.status, failed.attempts) == ("failed", 3)
    assert "does not answer" in failed.failure
    assert events_of(command).last().reason == failed.failure  # type: ignore[union-attr]


def test_a_device_that_comes_back_in_time_is_commanded(plant: Plant) -> None:
    plant.adapter.unplugged = True
    command = given.requested(plant.unit, "culture", temperature=WARM)
    plant.sweep()
    plant.adapter.unplugged = False
    plant.sweep_later(3)
    assert now(command).status == "confirmed"


def test_a_failed_command_asks_for_the_safe_state_of_its_class_once(plant: Plant) -> None:
    plant.adapter.unplugged = True
    given.requested(plant.unit, "culture", agitation=("200", "rpm"))
    for seconds in range(0, 60, 3):
        plant.sweep_later(seconds)
    safe = Command.objects.get(to_safety=True)
    assert (safe.name, safe.setpoints["agitation"]) == ("culture", {"value": "30", "unit": "rpm"})
    assert safe.status == "failed", "and a failed safe move is left to people"
    assert Command.objects.count() == 2


def test_a_device_that_shows_something_else_fails_the_command(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plant.adapter.device, "move_to", lambda told: Ack(told.id, accepted=True))
    command = given.requested(plant.unit, "culture", temperature=WARM)
    plant.sweep()
    assert now(command).status == "acknowledged"
    plant.sweep_later(31)
    assert now(command).status == "failed"
    assert "idle" in now(command).failure


def test_a_refusal_of_the_device_is_told(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    refused = Ack(uuid4(), accepted=False, message="Door open.")
    monkeypatch.setattr(plant.adapter.device, "move_to", lambda _: refused)
    command = given.requested(plant.unit, "culture")
    plant.sweep()
    assert (now(command).status, now(command).failure) == ("failed", "Door open.")


def test_a_command_to_a_unit_without_a_connection_fails_at_once(site: Site) -> None:
    command = given.requested(given.unit(site, adapter=""), "culture")
    drive_commands(actor=system_user("gateway"), site=site, adapters={})
    assert now(command).status == "failed"
    assert "not connected" in now(command).failure


def test_commands_of_another_site_are_left_alone(plant: Plant, foreign_site: Site) -> None:
    command = given.requested(plant.unit, "culture")
    drive_commands(actor=system_user("gateway"), site=foreign_site, adapters={"BRX-1": plant.adapter})
    assert now(command).status == "requested"


@pytest.mark.parametrize(
    ("name", "setpoints", "message"),
    [
        ("freeze", {}, "no command"),
        ("culture", {"colour": Quantity(Decimal(1), "°C")}, "no set-point"),
        ("culture", {"temperature": Quantity(Decimal("42.1"), "°C")}, "outside"),
        ("culture", {"temperature": Quantity(Decimal(37), "mL")}, "cannot be converted"),
    ],
)
def test_refuses_what_the_equipment_cannot_do(
    site: Site, olga: User, name: str, setpoints: dict[str, Quantity], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        services.request_command(actor=olga, unit=given.unit(site), name=name, setpoints=setpoints)
    assert not Command.objects.exists()


def test_set_points_are_kept_in_the_units_of_the_equipment(site: Site, olga: User) -> None:
    unit = given.unit(site)
    command = services.request_command(
        actor=olga, unit=unit, name="inoculate", setpoints={"volume": Quantity(Decimal("0.25"), "L")}
    )
    assert command.setpoints == {"volume": {"value": "250", "unit": "mL"}}


@pytest.mark.req("R-108")
def test_refuses_a_command_for_a_batch_that_is_not_in_the_unit(plant: Plant) -> None:
    given.occupied(plant.unit)
    with pytest.raises(NotInThisUnit):
        given.requested(plant.unit, "culture", batch_id=uuid4())
    with pytest.raises(NotInThisUnit):
        given.requested(plant.unit, "idle")


def test_refuses_to_command_a_unit_out_of_service(site: Site, sven: User) -> None:
    unit: Unit = services.take_unit_out(actor=sven, unit=given.unit(site), reason="Leak")
    with pytest.raises(WrongState):
        given.requested(unit, "culture")


def test_only_who_may_command_equipment_does(site: Site, ravi: User) -> None:
    with pytest.raises(NotPermitted):
        services.request_command(actor=ravi, unit=given.unit(site), name="culture")


def test_asking_for_a_command_wakes_the_gateway_when_it_is_committed(site: Site, olga: User) -> None:
    unit = given.unit(site)
    with CaptureQueriesContext(connection) as queries:
        services.request_command(actor=olga, unit=unit, name="culture")
    assert any("pg_notify" in query["sql"] and "GRAZ" in query["sql"] for query in queries)
