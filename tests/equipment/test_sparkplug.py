"""Sparkplug B, spoken through mosquitto with a gas monitor by sparkplug-client that makes and counts its messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
import yaml

from equipment import services
from equipment.adapters.base import Command, Connection, DeviceState, DeviceUnreachable, Identity, Quality, Reading
from equipment.adapters.sparkplug import SparkplugAdapter, open_sparkplug
from equipment.adapters.sparkplug.metric import Message, Metric
from equipment.adapters.sparkplug.node import Node
from equipment.models import Alarm, CheckReport
from equipment.models import Reading as Stored
from mes import clock
from mes.accounts.models import Site, User
from tests.equipment.brokers import Broker, a_broker
from tests.equipment.peers import Peer, running
from tests.equipment.waiting import until
from tests.given import equipment as given

TAGS = ["co2", "humidity"]
MONITOR: dict[str, Any] = {
    "broker": "127.0.0.1",
    "group": "GRAZ",
    "node": "Monitor",
    "device": "CO2-1",
    "nameplate": {
        "manufacturer": "Info/Maker",
        "model": "Info/Model",
        "serial": "Info/Serial",
        "firmware": "Info/Firmware",
    },
    "tags": {
        "co2": {"metric": "CO2", "unit": "%"},
        "humidity": {"metric": "Humidity", "unit": "%"},
        "temperature": {"metric": "Temperature", "unit": "°C"},
    },
    "setpoints": {
        "temperature": {"metric": "SetTemperature", "unit": "°C"},
        "co2": {"metric": "SetCO2", "unit": "%", "high": 10},
        "humidity": {"metric": "SetHumidity", "unit": "%"},
    },
    "mode": {"metric": "Mode", "values": {"idle": "idle", "incubate": "hold"}},
    "last_command": "LastCommand",
}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with a_broker(tmp_path_factory.mktemp("broker")) as broker:
        yield broker


@pytest.fixture
def monitor(broker: Broker) -> Iterator[Peer]:
    with running("sparkplug.js", "sparkplug-client", str(broker.port)) as peer:
        yield peer


@pytest.fixture
def device(broker: Broker, monitor: Peer, tmp_path: Path) -> Iterator[SparkplugAdapter]:
    adapter = opened(tmp_path, broker)
    until(lambda: adapter.read(TAGS))
    yield adapter
    adapter.close()


def opened(directory: Path, broker: Broker, **changed: Any) -> SparkplugAdapter:
    (directory / "monitor.yaml").write_text(yaml.safe_dump(MONITOR | {"port": broker.port} | changed))
    return open_sparkplug(
        Connection(
            "INC-1",
            "incubator",
            "monitor.yaml",
            partial(datetime.now, UTC),
            lambda: timedelta(seconds=10),
            directory,
            {},
        )
    )


def told(device: SparkplugAdapter, tag: str, value: float | None) -> Reading:
    """The reading with this value, once it is told."""
    return until(lambda: next((each for each in device.read(TAGS) if (each.tag, each.value) == (tag, value)), None))


def lost(device: SparkplugAdapter) -> str:
    """Why nothing is known any more."""

    def reason() -> str:
        try:
            device.read(TAGS)
        except DeviceUnreachable as error:
            return str(error)
        return ""

    return until(reason)


def test_the_birth_tells_who_it_is_its_units_and_its_values(device: SparkplugAdapter) -> None:
    assert device.identify() == Identity("Peer Works", "Monitor 9", "PW-0043", "1.2")
    assert device.units_of_measure() == {"co2": "%", "humidity": "%", "temperature": "°C"}
    shown = {each.tag: (each.value, each.quality) for each in device.read(TAGS)}
    assert shown == {"co2": (5.1, Quality.GOOD), "humidity": (85.0, Quality.GOOD)}, "single precision is 5.1 as well"


def test_every_change_is_told_with_the_devices_own_time_and_sign(device: SparkplugAdapter, monitor: Peer) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    monitor.ask("put", name="CO2", value=4.9, timestamp=int(noon.timestamp() * 1000))
    assert told(device, "co2", 4.9).at == noon
    monitor.ask("put", name="Humidity", value=-3)
    assert told(device, "humidity", -3.0).quality is Quality.BAD, "outside the range of the class"


def test_what_has_not_changed_is_so_now(device: SparkplugAdapter) -> None:
    first, second = ({each.tag: each for each in device.read(TAGS)} for _ in range(2))
    assert first["co2"].value == second["co2"].value
    assert first["co2"].at < second["co2"].at


def test_a_value_from_the_past_keeps_its_time_and_is_not_the_present_one(
    device: SparkplugAdapter, monitor: Peer
) -> None:
    past = datetime(2026, 3, 1, 11, tzinfo=UTC)
    monitor.ask("past", name="CO2", value=6.5, at=int(past.timestamp() * 1000))
    assert told(device, "co2", 6.5).at == past
    assert [each.value for each in device.read(["co2"])] == [5.1]


def test_no_value_and_a_value_in_doubt(device: SparkplugAdapter, monitor: Peer) -> None:
    monitor.ask("nothing", name="CO2")
    assert told(device, "co2", None).quality is Quality.BAD
    monitor.ask("put", name="CO2", value=5.5, properties={"Quality": {"type": "Int32", "value": 500}})
    assert told(device, "co2", 5.5).quality is Quality.UNCERTAIN


@pytest.mark.req("R-067")
def test_a_gap_in_the_sequence_is_told_and_answered_by_a_birth(device: SparkplugAdapter, monitor: Peer) -> None:
    births = monitor.ask("births")
    monitor.ask("skip")
    monitor.ask("put", name="CO2", value=7.0)
    assert "something between them is lost" in lost(device), "also where the birth came before anybody looked"
    told(device, "co2", 7.0)
    assert monitor.ask("births") == births + 1


def test_a_device_that_dies_is_gone_until_it_is_born(device: SparkplugAdapter, monitor: Peer) -> None:
    monitor.ask("die")
    assert "The device has died" in lost(device)
    monitor.ask("live")
    told(device, "co2", 5.1)


def test_a_node_that_is_killed_is_gone_by_its_will(device: SparkplugAdapter, monitor: Peer, broker: Broker) -> None:
    monitor.kill()
    assert "The node has died" in lost(device)
    with running("sparkplug.js", "sparkplug-client", str(broker.port)):
        told(device, "co2", 5.1)


def test_what_cannot_be_read_is_told_and_answered_by_a_birth(device: SparkplugAdapter, monitor: Peer) -> None:
    monitor.ask("noise")
    assert "could not be read" in lost(device)
    told(device, "co2", 5.1)


def test_a_broker_that_comes_back(tmp_path: Path) -> None:
    with a_broker(tmp_path) as broker, running("sparkplug.js", "sparkplug-client", str(broker.port)):
        device = opened(tmp_path, broker, timeout=0.2)
        told(device, "co2", 5.1)
        broker.kill()
        assert "does not answer" in lost(device)
        broker.start()
        told(device, "co2", 5.1)
        device.close()


def test_nobody_at_the_broker_is_a_reason(broker: Broker, tmp_path: Path) -> None:
    device = opened(tmp_path, broker, node="Nobody")
    assert lost(device) == "GRAZ/Nobody: The line to the broker is new."
    device.close()


def test_a_command_is_confirmed_by_what_the_device_tells(device: SparkplugAdapter, monitor: Peer) -> None:
    order = Command(uuid4(), "incubate", {"co2": 7.5})
    assert device.command(order).accepted
    state = until(lambda: _if_done(device.state(), order))
    assert (state.mode, state.setpoints) == ("incubate", {"temperature": 37, "co2": 7.5, "humidity": 85})
    asked = monitor.ask("commands")
    assert asked[:3] == [["SetTemperature", 37], ["SetCO2", 7.5], ["SetHumidity", 85]]
    assert asked[3:] == [["Mode", "hold"], ["LastCommand", str(order.id)]]
    assert device.command(order).accepted
    assert monitor.ask("commands") == [], "it is done already"


def _if_done(state: DeviceState, order: Command) -> DeviceState | None:
    return state if state.last_command == order.id else None


def test_a_device_that_does_not_obey_shows_it(device: SparkplugAdapter, monitor: Peer) -> None:
    monitor.ask("obey", yes=False)
    assert device.command(Command(uuid4(), "incubate", {"co2": 7.5})).accepted
    until(lambda: monitor.ask("commands"))
    assert (device.state().mode, device.state().last_command) == ("idle", None)


def test_what_cannot_be_asked_for_is_refused_before_anything_is_sent(device: SparkplugAdapter, monitor: Peer) -> None:
    refused = device.command(Command(uuid4(), "incubate", {"co2": 12}))
    assert (refused.accepted, refused.message) == (False, "co2 12 is outside -inf to 10 %.")
    assert "no set-point" in device.command(Command(uuid4(), "incubate", {"agitation": 37})).message
    assert "does not fit" in device.command(Command(uuid4(), "incubate", {"humidity": 70_000})).message
    assert monitor.ask("commands") == []


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"user": {"name": "baton", "password": "s3cret"}}, "only told to a broker over TLS"),
        ({"node": "a/b"}, "node"),
        ({"tags": {"gas": {"metric": "CO2", "unit": "%"}}}, "CO₂ incubator has no tag gas"),
    ],
)
def test_a_map_that_cannot_be_meant_is_a_reason(
    broker: Broker, tmp_path: Path, changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(DeviceUnreachable, match=reason) as refused:
        opened(tmp_path, broker, **changed).read(TAGS)
    assert "s3cret" not in str(refused.value)


@pytest.mark.django_db
def test_the_commissioning_check_reads_every_tag_and_moves_it_to_the_safe_state(
    site: Site, sven: User, broker: Broker, monitor: Peer, tmp_path: Path
) -> None:
    maps = tmp_path / site.code / "sparkplug"
    maps.mkdir(parents=True)
    (maps / "monitor.yaml").write_text(yaml.safe_dump(MONITOR | {"port": broker.port}))
    unit = given.new_unit(site, "incubator", "INC-1", adapter="sparkplug", address="monitor.yaml")
    gateway = given.gateway(site, tmp_path)
    until(lambda: gateway.adapters[unit.code].read(TAGS))
    check = services.request_check(actor=sven, unit=unit)

    def reported() -> CheckReport | None:
        gateway.sweep()
        return CheckReport.objects.filter(check_of=check).first()

    report = until(reported)
    gateway.close()
    assert {line["what"]: line["found"] for line in report.lines if line["outcome"] != "passed"} == {}
    assert ["Mode", "hold"] in monitor.ask("commands")


@pytest.mark.django_db
@pytest.mark.req("R-067")
def test_messages_1_2_2_4_store_the_second_once_and_alarm_that_the_third_is_lost(
    site: Site, broker: Broker, monitor: Peer, tmp_path: Path
) -> None:
    maps = tmp_path / site.code / "sparkplug"
    maps.mkdir(parents=True)
    (maps / "monitor.yaml").write_text(yaml.safe_dump(MONITOR | {"port": broker.port}))
    unit = given.new_unit(site, "incubator", "INC-1", adapter="sparkplug", address="monitor.yaml")
    gateway = given.gateway(site, tmp_path)
    until(lambda: gateway.adapters[unit.code].read(TAGS))
    noon = clock.now(site).replace(microsecond=0)
    sweeps = count(1)

    def heard_again() -> bool:
        with time_machine.travel(noon + timedelta(seconds=10 * next(sweeps))):
            gateway.sweep()
        return Stored.objects.filter(unit_id=unit.pk, tag="co2", value=4).exists()

    monitor.ask("put", name="CO2", value=1, timestamp=milliseconds(noon, 1))
    monitor.ask("put", name="CO2", value=2, timestamp=milliseconds(noon, 2))
    monitor.ask("again")
    monitor.ask("skip")
    monitor.ask("put", name="CO2", value=4, timestamp=milliseconds(noon, 4))
    until(heard_again)
    gateway.close()
    told = Stored.objects.filter(unit_id=unit.pk, tag="co2", at__lt=noon + timedelta(milliseconds=4))
    assert list(told.order_by("at").values_list("value", flat=True)) == [1, 2]
    assert Alarm.objects.filter(unit=unit, kind="lost_data").count() == 1


def milliseconds(moment: datetime, number: int) -> int:
    return int(moment.timestamp() * 1000) + number


class TestNode:
    """The life of a node without a broker: what may come in any order."""

    def message(self, seq: int | None, *metrics: Metric) -> Message:
        return Message(seq, metrics)

    def born(self, life: float = 1) -> Node:
        node = Node("D")
        node.take("NBIRTH", "", self.message(0, Metric("bdSeq", None, life, 8, None)))
        node.take("DBIRTH", "D", self.message(1, Metric("CO2", 1, 5.0, 10, None)))
        assert node.doubt == ""
        return node

    def death(self, life: float) -> Message:
        return self.message(None, Metric("bdSeq", None, life, 8, None))

    def test_data_before_a_birth_is_not_believed(self) -> None:
        node = Node("D")
        assert node.take("DDATA", "D", self.message(4, Metric("CO2", None, 5.0, 10, None))) == []
        assert "nobody heard its birth" in node.doubt
        assert node.needs_birth

    def test_the_late_death_of_an_earlier_life_ends_nothing(self) -> None:
        node = self.born(life=2)
        node.take("NDEATH", "", self.death(life=1))
        assert node.doubt == ""
        node.take("NDEATH", "", self.death(life=2))
        assert node.doubt == "The node has died."
        assert not node.needs_birth

    def test_the_sequence_begins_again_after_255(self) -> None:
        node = self.born()
        for seq in [*range(2, 256), 0, 1]:
            [metric] = node.take("DDATA", "D", self.message(seq, Metric("", 1, float(seq), 10, None)))
            assert (metric.name, metric.value) == ("CO2", float(seq))
        assert node.doubt == ""

    def test_messages_of_other_devices_count_and_tell_us_nothing(self) -> None:
        node = self.born()
        assert node.take("DDATA", "other", self.message(2, Metric("", 1, 9.0, 10, None))) == []
        assert node.take("DDATA", "D", self.message(3, Metric("", 1, 6.0, 10, None)))
        assert node.take("DDATA", "D", self.message(3, Metric("", 1, 6.0, 10, None))) == [], "told twice is taken once"
        assert node.take("DDATA", "D", self.message(4, Metric("", 1, 6.0, 10, None)))
        assert node.take("DDATA", "D", self.message(6, Metric("", 1, 6.0, 10, None))) == []
        assert node.doubt == "Message 5 was to come, and 6 came: something between them is lost."

    def test_a_name_that_was_never_born_is_left_out(self) -> None:
        node = self.born()
        assert node.take("DDATA", "D", self.message(2, Metric("Gas", None, 5.0, 10, None))) == []
