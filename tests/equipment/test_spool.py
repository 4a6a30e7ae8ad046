"""Readings on the gateway's disk while the database is away, and what a full disk does to them."""

import subprocess
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

from equipment.adapters.base import Reading as Measured
from equipment.gateway.site import SiteGateway
from equipment.gateway.spool import Spool
from equipment.models import Reading
from equipment.readings import Bundle, connection_lost
from mes.accounts.models import Site
from tests.given import equipment as given

UNIT = uuid4()
FILLER = "filler"


def bundles_of(number: int) -> list[Bundle]:
    now = timezone.now()
    return [Bundle(uuid, [(UNIT, Measured("ph", 7.2, now, now))]) for uuid in sorted(uuid4() for _ in range(number))]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB. Mounting one takes rights that not every machine gives."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "baton-tests", str(place)]
    try:
        done = subprocess.run(mount, capture_output=True, check=False)
    except FileNotFoundError:
        pytest.skip("There is no program to mount a small disk with.")
    if done.returncode:
        pytest.skip(f"A small disk cannot be mounted here: {done.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def fill(disk: Path) -> None:
    with pytest.raises(OSError, match="No space left"), (disk / FILLER).open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))


def the_database_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own connection must live on: only the writing is cut."""

    def away(bundle: Bundle) -> int:
        raise OperationalError("server closed the connection")

    monkeypatch.setattr("equipment.gateway.site.write_readings", away)
    monkeypatch.setattr(connection, "close", lambda: None)


def test_a_full_spool_lets_the_oldest_go(tmp_path: Path) -> None:
    spool, bundles = Spool(tmp_path, most=2), bundles_of(3)
    lost = [each for bundle in bundles for each in spool.put(bundle)]
    assert lost == [bundles[0].id]
    assert [bundle.id for bundle in spool.waiting()] == [bundle.id for bundle in bundles[1:]]


def test_a_spooled_reading_comes_back_as_it_was(tmp_path: Path) -> None:
    now = timezone.now()
    rows = [(UNIT, Measured("ph", 7.123456789012345, now, now)), (UNIT, connection_lost(now, now))]
    spool = Spool(tmp_path)
    spool.put(Bundle(uuid4(), rows))
    [back] = spool.waiting()
    assert list(back.rows) == rows


def test_a_full_disk_loses_nothing_that_memory_can_hold(small_disk: Path) -> None:
    spool, (first, second, third) = Spool(small_disk, most_held=2), bundles_of(3)
    spool.put(first)
    fill(small_disk)
    assert spool.put(second) == []
    assert [bundle.id for bundle in spool.waiting()] == [first.id, second.id]
    (small_disk / FILLER).unlink()
    assert spool.put(third) == []
    assert [bundle.id for bundle in Spool(small_disk).waiting()] == [first.id, second.id, third.id]


def test_what_memory_cannot_hold_either_is_named_oldest_first(small_disk: Path) -> None:
    spool, bundles = Spool(small_disk, most_held=2), bundles_of(3)
    fill(small_disk)
    assert [spool.put(bundle) for bundle in bundles] == [[], [], [bundles[0].id]]
    assert [bundle.id for bundle in spool.waiting()] == [bundle.id for bundle in bundles[1:]]
    for bundle in bundles[1:]:
        spool.done(bundle)
    assert list(spool.waiting()) == []


@pytest.mark.django_db
def test_an_hour_without_the_database_and_a_kill_lose_and_double_no_reading(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.unit(site, "incubator", "INC-1")
    gateway, begin = given.gateway(site, tmp_path), timezone.now()
    the_database_is_away(monkeypatch)
    _sweeps(gateway, begin, range(0, 1800, 60))
    with time_machine.travel(begin + timedelta(minutes=29, seconds=5), tick=False):
        again = given.gateway(site, tmp_path)  # as after a kill: the device gives once more what lies on disk
    _sweeps(again, begin, range(1800, 3601, 60))
    assert not Reading.objects.filter(at__gte=begin).exists()
    monkeypatch.undo()
    _sweeps(again, begin, [3610])
    moments = list(Reading.objects.filter(tag="temperature", at__gte=begin).order_by("at").values_list("at", flat=True))
    spaces = {after - before for before, after in pairwise(moments)}
    assert (len(moments), spaces) == (361, {timedelta(seconds=10)})
    assert list(again.spool.waiting()) == []


def _sweeps(gateway: SiteGateway, begin: datetime, seconds: Iterable[int]) -> None:
    for each in seconds:
        with time_machine.travel(begin + timedelta(seconds=each), tick=False):
            gateway.sweep()


@pytest.mark.django_db
def test_a_simulated_device_that_cannot_keep_its_memory_does_not_answer(site: Site, small_disk: Path) -> None:
    given.unit(site, "incubator", "INC-1")
    gateway = given.gateway(site, small_disk)
    fill(small_disk)
    begin = timezone.now()
    _sweeps(gateway, begin, [10, 20])
    assert gateway.unreachable == {"INC-1"}
    (small_disk / FILLER).unlink()
    _sweeps(gateway, begin, [30])
    assert gateway.unreachable == set()
