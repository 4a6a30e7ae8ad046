"""A simulated device made to fail, and what the gateway, the commissioning check and the alarms make of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from equipment.adapters.base import Command, Connection, DeviceUnreachable
from equipment.adapters.simulator.adapter import SimulatorAdapter, open_simulator
from equipment.adapters.simulator.faults import Fault, FaultKind, Faults
from equipment.adapters.simulator.plant import simulated_device
from equipment.models import Unit
from mes import clock
from mes.accounts.models import Site
from mes.ids import uuid7
from tests.given import equipment as given

START = datetime(2026, 3, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Device:
    """A simulated device on a bench: its clock, its faults, and how long it let people wait."""

    def __init__(self, class_code: str, command: str, *, warm_up: int = 12 * 60) -> None:
        self.now = START
        self.faults = Faults(None)
        self.waited: list[float] = []
        device = simulated_device(class_code, name="bench", at=START)
        self.adapter = SimulatorAdapter(
            device,
            clock=lambda: self.now,
            interval=lambda: MINUTE,
            faults=self.faults,
            wait=self.waited.append,
            most=100_000,
        )
        self.adapter.command(Command(uuid7(), command))
        self.after(warm_up)

    def after(self, minutes: float) -> dict[str, float]:
        """The newest values that many minutes later."""
        self.now += minutes * MINUTE
        readings = self.adapter.read(tag.name for tag in self.adapter.device.page.tags)
        return {each.tag: each.value for each in readings if each.value is not None}

    def suffer(self, kind: FaultKind, **facts: float | str) -> None:
        minutes = float(facts.pop("minutes", 0))
        until = self.now + minutes * MINUTE if minutes else None
        self.faults.put([Fault(kind, self.now, until, str(facts.get("tag", "")), float(facts.get("amount", 0)))])


@pytest.fixture
def incubator() -> Device:
    return Device("incubator", "incubate")


def test_a_device_that_drops_out_is_unreachable_until_its_time_is_over(incubator: Device) -> None:
    incubator.suffer(FaultKind.DROP_OUT, minutes=10)
    with pytest.raises(DeviceUnreachable):
        incubator.after(5)
    assert incubator.after(6)["temperature"] == pytest.approx(37, abs=0.3)


def test_a_drifting_value_leaves_the_truth_by_the_hour(incubator: Device) -> None:
    incubator.suffer(FaultKind.DRIFT, tag="temperature", amount=1.5)
    values = incubator.after(120)
    assert values["temperature"] == pytest.approx(40, abs=0.3)
    assert values["co2"] == pytest.approx(5, abs=0.3)


def test_a_stuck_value_repeats_itself_whatever_happens(incubator: Device) -> None:
    last = incubator.after(1)["temperature"]
    incubator.suffer(FaultKind.STUCK, tag="temperature")
    incubator.adapter.command(Command(uuid7(), "idle"))
    assert incubator.after(600)["temperature"] == last
    incubator.faults.put([])
    assert incubator.after(1)["temperature"] == pytest.approx(21, abs=0.3)


def test_a_device_set_to_another_unit_shows_and_says_it(incubator: Device) -> None:
    incubator.suffer(FaultKind.WRONG_UNIT, tag="temperature")
    assert incubator.after(1)["temperature"] == pytest.approx(98.6, abs=0.5)
    assert incubator.adapter.units_of_measure()["temperature"] == "°F"


def test_a_slow_device_is_waited_for_and_a_very_slow_one_given_up(incubator: Device) -> None:
    incubator.suffer(FaultKind.SLOW_ANSWER, amount=2)
    assert incubator.after(1)
    incubator.suffer(FaultKind.SLOW_ANSWER, amount=30)
    with pytest.raises(DeviceUnreachable, match="No answer"):
        incubator.after(1)
    assert incubator.waited == [2, 5]


def test_an_open_door_cools_the_chamber_and_a_closed_one_lets_it_recover(incubator: Device) -> None:
    incubator.suffer(FaultKind.DOOR_OPEN, minutes=5)
    cooled = incubator.after(4)
    assert cooled["temperature"] < 33
    assert cooled["co2"] < 3
    assert incubator.after(12 * 60)["temperature"] == pytest.approx(37, abs=0.3)


def test_an_open_lid_warms_the_nitrogen_store() -> None:
    store = Device("ln2_freezer", "store")
    before = store.after(1)["temperature"]
    store.suffer(FaultKind.DOOR_OPEN)
    assert store.after(10)["temperature"] > before + 40


def test_an_open_door_warms_the_freezer() -> None:
    freezer = Device("controlled_rate_freezer", "hold")
    freezer.suffer(FaultKind.DOOR_OPEN)
    assert freezer.after(30)["chamber_temperature"] == pytest.approx(21, abs=0.5)


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site, "incubator", "INC-1")


def opened(unit: Unit, directory: Path) -> SimulatorAdapter:
    own = directory / unit.site.code / "simulator"
    own.mkdir(parents=True, exist_ok=True)
    now = clock.now(unit.site)
    return open_simulator(
        Connection(unit.code, unit.class_code, unit.address, lambda: now + MINUTE, lambda: MINUTE, own, {})
    )


@pytest.mark.django_db
def test_the_command_hurts_and_heals_the_device_of_a_running_gateway(
    unit: Unit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    adapter = opened(unit, tmp_path)
    call_command("simulate_fault", unit.code, "drop_out", directory=tmp_path)
    assert "suffers drop_out" in capsys.readouterr().out
    with pytest.raises(DeviceUnreachable):
        adapter.state()
    with pytest.raises(DeviceUnreachable):
        opened(unit, tmp_path).state()

    call_command("simulate_fault", unit.code, directory=tmp_path)
    assert "well again" in capsys.readouterr().out
    assert adapter.state().mode == "idle"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["INC-9", "drop_out"], "0 simulated units"),
        (["INC-1", "drift"], "--tag"),
        (["INC-1", "drift", "--tag", "temperature"], "--amount"),
        (["INC-1", "slow_answer"], "--amount"),
    ],
)
def test_the_command_says_what_it_needs(unit: Unit, tmp_path: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("simulate_fault", *arguments, directory=tmp_path)


@pytest.mark.django_db
def test_a_device_without_a_door_cannot_have_it_open(site: Site, tmp_path: Path) -> None:
    vessel = given.unit(site)
    with pytest.raises(CommandError, match="no door"):
        call_command("simulate_fault", vessel.code, "door_open", directory=tmp_path)
