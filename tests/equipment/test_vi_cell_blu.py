"""A Vi-CELL BLU, spoken with over OPC UA: our own simulator of its published interface, a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml

from equipment import services
from equipment.adapters.base import Command, Connection, DeviceUnreachable, Identity
from equipment.adapters.vi_cell_blu import ViCellBluAdapter, open_vi_cell_blu
from equipment.models import CheckReport, Reading
from mes.accounts.models import Site
from tests.equipment.peers import Peer
from tests.given import equipment as given
from tests.given import people

TAGS = ["viable_density", "total_density", "viability", "counted"]
NOBODY, AUTOMATION = "", "automation"
Opened = Callable[..., ViCellBluAdapter]


@pytest.fixture(scope="module")
def instrument() -> Iterator[Peer]:
    peer = Peer("tests.peers.vi_cell_blu", "0")
    yield peer
    peer.kill()


@pytest.fixture
def cell(instrument: Peer) -> Peer:
    instrument.ask("begin")
    return instrument


def write_map(directory: Path, port: int, **changed: Any) -> str:
    place = {"endpoint": f"opc.tcp://127.0.0.1:{port}/ViCellBlu/Server", "cell_type": "Mammalian"} | changed
    (directory / "blu.yaml").write_text(yaml.safe_dump(place))
    return "blu.yaml"


@pytest.fixture
def opened(tmp_path: Path, cell: Peer) -> Iterator[Opened]:
    """An adapter as a gateway that has just started has it."""
    made: list[ViCellBluAdapter] = []

    def open_(class_code: str = "cell_counter", **changed: Any) -> ViCellBluAdapter:
        file = write_map(tmp_path, cell.port, **changed)
        connection = Connection(
            "CNT-1", class_code, file, partial(datetime.now, UTC), lambda: timedelta(seconds=10), tmp_path, {}
        )
        made.append(open_vi_cell_blu(connection))
        return made[-1]

    yield open_
    for each in made:
        each.close()


@pytest.fixture
def counter(opened: Opened) -> ViCellBluAdapter:
    return opened()


def count(dilution: float = 10, material: str = "KX7-204") -> Command:
    return Command(uuid4(), "count", {"dilution": dilution}, material)


def values(counter: ViCellBluAdapter) -> dict[str, float | None]:
    return {each.tag: each.value for each in counter.read(TAGS)}


def test_it_says_who_it_is(counter: ViCellBluAdapter) -> None:
    assert counter.identify() == Identity("Beckman Coulter", "Vi-CELL BLU", "VCB-0007", "1.4.4.1")


def test_a_sample_is_counted_and_its_values_are_told_once(counter: ViCellBluAdapter, cell: Peer) -> None:
    order = count()
    assert counter.command(order).accepted
    shown = counter.state()
    assert (shown.mode, shown.setpoints, shown.last_command) == ("count", {"dilution": 10}, order.id)
    assert cell.ask("started") == [
        {"name": "KX7-204", "tag": str(order.id), "dilution": 10, "position": "Y1", "cell_type": "Mammalian"}
    ]
    assert values(counter) == {}, "it is still counting"
    cell.ask("done", viability=92.5, total=2.4e6)
    assert values(counter) == {"viable_density": 2.22, "total_density": 2.4, "viability": 92.5, "counted": 2000}
    assert values(counter) == {}


def test_its_screen_is_free_again_once_the_result_is_here(counter: ViCellBluAdapter, cell: Peer) -> None:
    counter.command(count())
    assert cell.ask("lock") == AUTOMATION
    cell.ask("done", viability=92.5, total=2.4e6)
    counter.read(TAGS)
    assert cell.ask("lock") == NOBODY
    assert counter.state().mode == "count", "that is what it did last"


def test_a_command_told_twice_counts_once(counter: ViCellBluAdapter, cell: Peer) -> None:
    order = count()
    assert [counter.command(order).accepted for _ in range(2)] == [True, True]
    cell.ask("done", viability=92.5, total=2.4e6)
    assert counter.command(order).accepted
    assert len(cell.ask("started")) == 1


@pytest.mark.req("R-102")
def test_a_gateway_that_was_killed_knows_its_count_by_the_tag(opened: Opened, cell: Peer) -> None:
    order = count()
    opened().command(order)
    cell.ask("somebody", name=NOBODY)  # the lock ends with the session that held it
    after = opened()
    with pytest.raises(DeviceUnreachable, match="ProcessingSample"):
        after.command(order)
    cell.ask("done", viability=92.5, total=2.4e6)
    assert after.state().last_command == order.id
    assert after.command(order).accepted
    assert len(cell.ask("started")) == 1
    assert values(after)["viability"] == 92.5


def test_nobody_is_driven_away_from_its_screen(counter: ViCellBluAdapter, cell: Peer) -> None:
    cell.ask("somebody", name="Olga")
    with pytest.raises(DeviceUnreachable, match="Locked by Olga"):
        counter.command(count())
    cell.ask("somebody", name=NOBODY)
    assert counter.command(count()).accepted


def test_a_refusal_is_told_in_the_instruments_words_and_frees_it(counter: ViCellBluAdapter, cell: Peer) -> None:
    cell.ask("reagent", left=0)
    ack = counter.command(count())
    assert (ack.accepted, ack.message) == (False, "The counter refuses: StartSample: The reagent pack is empty.")
    assert cell.ask("lock") == NOBODY


def test_a_sample_that_was_skipped_is_no_count(counter: ViCellBluAdapter, cell: Peer) -> None:
    counter.command(count())
    cell.ask("done")
    assert values(counter) == {}
    assert counter.state().mode == "idle"
    counter.clock = lambda: datetime.now(UTC) + timedelta(minutes=11)
    assert values(counter) == {}
    assert cell.ask("lock") == NOBODY, "nobody waits for it for ever"


def test_a_count_is_stopped(counter: ViCellBluAdapter, cell: Peer) -> None:
    counter.command(count())
    assert counter.command(Command(uuid4(), "idle")).accepted
    assert counter.state().mode == "idle"
    assert cell.ask("lock") == NOBODY


def test_what_was_counted_at_its_screen_is_not_ours(counter: ViCellBluAdapter, opened: Opened, cell: Peer) -> None:
    other = opened()
    other.command(Command(uuid4(), "count", {"dilution": 1}))
    cell.ask("done", viability=50.0, total=1e6)
    other.read(TAGS)
    assert values(counter) == {}, "it has not been asked to count anything"


def test_an_instrument_that_is_away_is_found_again(opened: Opened) -> None:
    first = Peer("tests.peers.vi_cell_blu", "0")
    counter = opened(endpoint=f"opc.tcp://127.0.0.1:{first.port}/ViCellBlu/Server")
    counter.identify()
    first.kill()
    with pytest.raises(DeviceUnreachable, match="does not answer"):
        counter.read(TAGS)
    second = Peer("tests.peers.vi_cell_blu", str(first.port))
    assert counter.identify().serial == "VCB-0007"
    second.kill()


def test_another_server_is_not_taken_for_one(opened: Opened, tmp_path: Path) -> None:
    with pytest.raises(DeviceUnreachable, match="cell counter"):
        opened("incubator").identify()


@pytest.mark.django_db
def test_the_gateway_counts_and_the_check_passes(site: Site, cell: Peer, tmp_path: Path) -> None:
    unit = given.unit(site, "cell_counter", "CNT-1", adapter="vi_cell_blu", address="blu.yaml")
    gateway = given.gateway(site, tmp_path)
    directory = gateway.directory / "vi_cell_blu"
    directory.mkdir(parents=True, exist_ok=True)
    write_map(directory, cell.port)
    command = given.requested(unit, "count", dilution=("10", "1"))
    gateway.sweep()
    command.refresh_from_db()
    assert (command.status, command.read_back) == ("confirmed", {"mode": "count", "setpoints": {"dilution": 10.0}})
    cell.ask("done", viability=92.5, total=2.4e6)
    gateway._read_next.clear()
    gateway.sweep()
    assert Reading.objects.get(tag="viability").value == 92.5
    services.request_check(actor=people.persona(site, "sven"), unit=unit)
    gateway.sweep()
    report = CheckReport.objects.get()
    assert not [line for line in report.lines if line["outcome"] == "failed"], report.lines
    gateway.close()
