"""Old readings: in a file with its digest on record before they leave the database, and never too young."""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection, transaction

from equipment.adapters.base import Reading as Measured
from equipment.archive import archive_old_readings
from equipment.models import Reading, Unit
from equipment.readings import Bundle, write_readings
from equipment.tasks import archive_readings
from mes.accounts.models import Site
from mes.accounts.queries import system_user
from mes.records.models import Event
from tests.given import equipment as given

OLD = datetime(2020, 3, 31, 23, 59, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit(site: Site, settings: Any, tmp_path: Path) -> Unit:
    settings.ARCHIVE_DIR = tmp_path / "archive"
    settings.READINGS_KEPT_MONTHS = 24
    return given.unit(site)


def written(unit: Unit, *times: datetime) -> None:
    write_readings(Bundle(uuid4(), [(unit.pk, Measured("temperature", 36.6, at, at)) for at in times]))


def archived() -> list[Path]:
    return archive_old_readings(actor=system_user("dispatcher"))


def test_an_old_month_goes_to_a_file_and_its_digest_on_record(unit: Unit) -> None:
    written(unit, OLD, OLD - MINUTE, OLD + MINUTE)
    [march, april] = archived()
    assert (march.name, april.name) == ("readings-2020-03.csv.gz", "readings-2020-04.csv.gz")
    with gzip.open(march, "rt") as file:
        rows = list(csv.DictReader(file))
    assert [(row["tag"], row["value"]) for row in rows] == [("temperature", "36.6")] * 2
    assert rows[0]["unit_id"] == str(unit.pk)
    assert not Reading.objects.exists()
    event = Event.objects.filter(action="equipment.archive_readings").earliest("process_at")
    digest = sha256(march.read_bytes()).hexdigest()
    assert event.data == {"month": "2020-03", "file": march.name, "rows": 2, "sha256": digest}


def test_younger_months_stay(unit: Unit) -> None:
    written(unit, OLD)
    with time_machine.travel(datetime(2022, 4, 15, tzinfo=UTC)):
        assert archived() == []
    with time_machine.travel(datetime(2022, 5, 15, tzinfo=UTC)):
        assert len(archived()) == 1


def test_without_a_number_of_months_readings_are_kept_for_ever(unit: Unit, settings: Any) -> None:
    settings.READINGS_KEPT_MONTHS = 0
    written(unit, OLD)
    archive_readings()
    assert Reading.objects.count() == 1


def test_fewer_than_twelve_months_are_refused(unit: Unit, settings: Any) -> None:
    settings.READINGS_KEPT_MONTHS = 6
    with pytest.raises(ImproperlyConfigured, match="12"):
        archived()


@pytest.mark.req("R-007")
def test_the_database_drops_no_readings_of_the_last_year(unit: Unit) -> None:
    last_month = datetime.now(UTC) - timedelta(days=31)
    written(unit, last_month)
    with pytest.raises(DatabaseError, match="too young"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT equipment_drop_reading_partition(%s)", [last_month])
    assert Reading.objects.count() == 1


def test_what_cannot_be_written_is_not_dropped(unit: Unit, settings: Any, tmp_path: Path) -> None:
    written(unit, OLD)
    (tmp_path / "file").write_text("")
    settings.ARCHIVE_DIR = tmp_path / "file"
    with pytest.raises(FileExistsError):
        archived()
    assert Reading.objects.count() == 1
