"""The gateway: reads, stores, commands; goes on after kills, lost devices and a lost database."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from equipment.adapters.base import Reading as Measured
from equipment.adapters.simulator import SimulatorAdapter
from equipment.gateway.process import GatewayProcess
from equipment.gateway.site import SiteGateway
from equipment.models import Command, Reading, Unit
from equipment.readings import Bundle, sampling_interval, write_readings
from equipment.tasks import upkeep
from mes import clock
from mes.accounts import services as accounts
from mes.accounts.models import Site, User
from tests.given import equipment as given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site) -> Unit:
    return given.unit(site, code="BRX-1")


@pytest.fixture
def gateway(site: Site, unit: Unit, tmp_path: Path) -> SiteGateway:
    return given.gateway(site, tmp_path)


def after(seconds: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


def device(gateway: SiteGateway, code: str = "BRX-1") -> SimulatorAdapter:
    adapter = gateway.adapters[code]
    assert isinstance(adapter, SimulatorAdapter)
    return adapter


def values(tag: str = "temperature") -> list[float | None]:
    return list(Reading.objects.filter(tag=tag).order_by("at").values_list("value", flat=True))


def test_reads_every_tag_at_every_interval(gateway: SiteGateway, unit: Unit) -> None:
    with after(60):
        gateway.sweep()
    assert set(Reading.objects.values_list("tag", flat=True)) == {tag.name for tag in unit.page.tags}
    assert len(values()) == 6


def test_a_scaled_clock_is_sampled_in_process_time(site: Site, unit: Unit, anna: User, tmp_path: Path) -> None:
    with time_machine.travel(timezone.now(), tick=False) as stands:
        fast = accounts.set_clock_scale(actor=anna, site=site, scale=8640)
        gateway = given.gateway(fast, tmp_path)
        start = clock.now(fast)
        stands.shift(10)
        gateway.sweep()
    moments = list(Reading.objects.filter(tag="ph").order_by("at").values_list("at", flat=True))
    assert sampling_interval(fast) == timedelta(seconds=288)
    assert len(moments) == pytest.approx(300, abs=2), "a day in ten seconds, drawn by 300 points"
    assert moments[-1] - start == pytest.approx(timedelta(days=1), abs=timedelta(minutes=10))


def test_a_clock_that_changes_its_speed_is_followed_at_once(gateway: SiteGateway, site: Site, anna: User) -> None:
    """A gateway that went on by the fast clock would be days ahead of its site within seconds."""
    for scale in (8640, 60):
        accounts.set_clock_scale(actor=anna, site=site, scale=scale)
        gateway.sweep()
        assert gateway.site.clock_scale == scale


def test_carries_out_a_command_and_the_readings_follow_it(gateway: SiteGateway, unit: Unit) -> None:
    command = given.requested(unit, "culture", temperature=("37", "°C"))
    gateway.sweep()
    assert Command.objects.get(pk=command.pk).status == "confirmed"
    with after(3 * 3600):
        gateway.sweep()
    assert values()[-1] == pytest.approx(37, abs=0.3)


def test_a_restarted_gateway_goes_on_with_the_same_plant_and_doubles_nothing(
    gateway: SiteGateway, unit: Unit, site: Site, tmp_path: Path
) -> None:
    given.requested(unit, "culture", temperature=("37", "°C"))
    gateway.sweep()
    with after(3600):
        gateway.sweep()
    with after(3700):
        again = given.gateway(site, tmp_path)  # the first was killed: it never closed
        again.sweep()
    assert device(again).state().setpoints["temperature"] == 37
    moments = list(Reading.objects.filter(tag="temperature").order_by("at").values_list("at", flat=True))
    assert len(moments) == len(set(moments)) == pytest.approx(370, abs=1)
    jumps = [abs(b - a) for a, b in zip(values(), values()[1:], strict=False) if a is not None and b is not None]
    assert max(jumps) < 0.5, "no jump at the restart"


def test_a_memory_from_the_future_is_not_believed(site: Site, unit: Unit, tmp_path: Path) -> None:
    with after(86_400):
        ahead = given.gateway(site, tmp_path)
        ahead.sweep()
        ahead.close()
    gateway = given.gateway(site, tmp_path)
    assert device(gateway).device.at <= clock.now(site)


def test_a_lost_connection_leaves_one_diagnostic_record_and_a_gap(gateway: SiteGateway) -> None:
    gateway.sweep()
    device(gateway).unplugged = True
    for seconds in (20, 40, 60):
        with after(seconds):
            gateway.sweep()
    [lost] = Reading.objects.filter(tag="connection")
    assert (lost.value, lost.quality) == (None, "bad")
    assert not Reading.objects.exclude(tag="connection").exists()


def test_a_device_that_answers_again_is_read_again(gateway: SiteGateway) -> None:
    device(gateway).unplugged = True
    gateway.sweep()
    device(gateway).unplugged = False
    with after(30):
        gateway.sweep()
    assert len(values()) == 3


def test_one_lost_device_does_not_stop_the_others(site: Site, gateway: SiteGateway) -> None:
    given.unit(site, "incubator", "INC-1")
    device(gateway).unplugged = True
    with after(10):
        gateway.sweep()
    with after(40):
        gateway.sweep()
    assert Reading.objects.filter(tag="humidity").exists()


def test_a_fault_in_one_adapter_is_the_silence_of_one_device(
    site: Site, gateway: SiteGateway, unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.unit(site, "incubator", "INC-1")

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(device(gateway), "read", broken)
    monkeypatch.setattr(device(gateway), "command", broken)
    command = given.requested(unit, "culture")
    for seconds in (6, 20):
        with after(seconds):
            gateway.sweep()
    assert Reading.objects.filter(tag="humidity").exists()
    assert Reading.objects.filter(tag="connection").count() == 1
    assert status(command) == "sent", "and will be tried again"


def test_readings_wait_on_disk_while_the_database_is_away_and_arrive_in_full(
    gateway: SiteGateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(bundle: Bundle) -> int:
        raise OperationalError("server closed the connection")

    # The test's own connection must live on: only the writing is cut.
    monkeypatch.setattr("equipment.gateway.site.write_readings", away)
    monkeypatch.setattr(connection, "close", lambda: None)
    for seconds in (10, 20, 30):
        with after(seconds):
            gateway.sweep()
    assert values() == []
    assert len(list(gateway.spool.waiting())) == 3
    monkeypatch.undo()
    with after(40):
        gateway.sweep()
    assert len(values()) == 4
    assert list(gateway.spool.waiting()) == []


def test_a_bundle_committed_just_before_a_kill_is_not_stored_twice(gateway: SiteGateway, unit: Unit) -> None:
    now = timezone.now()
    bundle = Bundle(uuid4(), [(unit.pk, Measured("ph", 7.2, now, now))])
    gateway.spool.put(bundle)
    write_readings(bundle)
    gateway.empty_spool()
    assert values("ph") == [7.2]


def test_a_unit_brought_in_while_the_gateway_runs_is_read_soon(site: Site, gateway: SiteGateway) -> None:
    given.unit(site, "incubator", "INC-1")
    with after(6):
        gateway.sweep()
    assert "INC-1" in gateway.adapters


def test_a_unit_without_an_adapter_is_left_alone(site: Site, gateway: SiteGateway) -> None:
    given.unit(site, "shipper", "SHP-1", adapter="")
    with after(6):
        gateway.sweep()
    assert "SHP-1" not in gateway.adapters


def test_the_counter_counts_the_culture_of_the_same_batch(site: Site, gateway: SiteGateway, unit: Unit) -> None:
    counter, batch = given.unit(site, "cell_counter", "CNT-1"), uuid4()
    given.occupied(unit, batch_id=batch)
    given.occupied(counter, batch_id=batch)
    given.requested(unit, "inoculate", batch_id=batch, viable_cells=("300000000", "cells"), volume=("100", "mL"))
    given.requested(counter, "count", batch_id=batch)
    for seconds in (6, 20):
        with after(seconds):
            gateway.sweep()
    assert values("viable_density")[-1] == pytest.approx(3.0, rel=0.4)
    assert values("counted")[-1] == pytest.approx(130, rel=0.4)


def test_one_gateway_at_a_time_holds_a_site_and_the_next_takes_over(unit: Unit, tmp_path: Path) -> None:
    first, second = GatewayProcess(tmp_path), GatewayProcess(tmp_path)
    first.take_over_sites()
    second.take_over_sites()
    assert (list(first.sites), list(second.sites)) == (["GRAZ"], [])
    first.let_go()
    second.take_over_sites()
    assert list(second.sites) == ["GRAZ"]
    second.let_go()


def test_the_partitions_of_this_month_and_the_next_are_made_ahead(site: Site) -> None:
    upkeep()
    names = {f"equipment_reading_{clock.now(site) + timedelta(days=days):%Y_%m}" for days in (0, 31)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = ANY(%s)", [list(names)])
        assert cursor.fetchone()[0] == len(names)


def until(condition: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


class Process:
    """A gateway as an operating-system process."""

    def __init__(self, environment: dict[str, str], directory: Path) -> None:
        self.environment, self.directory = environment, directory
        self.start()

    def start(self) -> None:
        command = [sys.executable, "manage.py", "run_gateway", "--site", "GRAZ", "--directory", str(self.directory)]
        self.process = subprocess.Popen(
            command, env=os.environ | self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        output, _ = self.process.communicate(timeout=120)
        return self.process.returncode, output


@pytest.fixture
def process(transactional_db: None, server_environment: dict[str, str], tmp_path: Path) -> Iterator[Process]:
    environment = server_environment | {"DJANGO_SETTINGS_MODULE": os.environ["DJANGO_SETTINGS_MODULE"]}
    made = Process(environment, tmp_path)
    yield made
    if made.process.poll() is None:
        made.process.kill()
        made.process.communicate()


def status(command: Command) -> str:
    return Command.objects.get(pk=command.pk).status


def test_the_process_commands_reads_survives_a_kill_and_stops_cleanly(process: Process) -> None:
    site = people.a_site()
    unit = given.unit(site, code="BRX-1")
    first = given.requested(unit, "culture", temperature=("37", "°C"))
    until(lambda: status(first) == "confirmed")

    process.end(signal.SIGKILL)
    second = given.requested(unit, "culture", temperature=("33", "°C"))
    process.start()
    until(lambda: status(second) == "confirmed")
    until(lambda: Reading.objects.filter(tag="temperature").exists())
    assert Command.objects.get(pk=second.pk).read_back["setpoints"]["temperature"] == 33

    woken = given.requested(unit, "culture", temperature=("34", "°C"))
    until(lambda: status(woken) == "confirmed")

    code, output = process.end(signal.SIGTERM)
    assert code == 0
    events = [json.loads(line)["event"] for line in output.splitlines() if line.startswith("{")]
    assert events[-1] == "gateway_stopped"
    assert "database_away" not in events
