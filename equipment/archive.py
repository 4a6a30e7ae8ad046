"""Old readings: written to a file month by month, then let go. Summaries, alarms and what batches recorded stay."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from psycopg import sql

from mes import server_clock
from mes.accounts.models import User
from mes.records.services import act

log = structlog.get_logger(__name__)

FEWEST_MONTHS = 12
_PREFIX = "equipment_reading_"
_MONTHS = """
SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
WHERE inhparent = 'equipment_reading'::regclass AND relname ~ '^equipment_reading_[0-9]{4}_[0-9]{2}$' ORDER BY relname
"""
_READINGS = """
COPY (SELECT * FROM equipment_reading WHERE at >= {} AND at < {} ORDER BY at, unit_id, tag)
TO STDOUT (FORMAT csv, HEADER)
"""


def archive_old_readings(*, actor: User) -> list[Path]:
    """Every month older than READINGS_KEPT_MONTHS goes to ARCHIVE_DIR; the files written, oldest first.

    ImproperlyConfigured when fewer months are to be kept than the database allows.
    """
    kept: int = settings.READINGS_KEPT_MONTHS
    if not kept:
        return []
    if kept < FEWEST_MONTHS:
        raise ImproperlyConfigured(
            f"BATON_READINGS_KEPT_MONTHS is {kept}; keep {FEWEST_MONTHS} or more, or 0: for ever."
        )
    written = (_archive(actor, month) for month in _months() if _age(month) > kept)
    return [path for path in written if path is not None]


def _months() -> list[datetime]:
    with connection.cursor() as cursor:
        cursor.execute(_MONTHS)
        names = [str(name).removeprefix(_PREFIX) for (name,) in cursor.fetchall()]
    return [datetime.strptime(name, "%Y_%m").replace(tzinfo=UTC) for name in names]


def _age(month: datetime) -> int:
    """Whole months since this one ended."""
    now = server_clock.now().astimezone(UTC)
    return (now.year - month.year) * 12 + now.month - month.month - 1


def _archive(actor: User, month: datetime) -> Path | None:
    """The file is complete on disk before the partition goes with the event; None when somebody else is at it."""
    with act(actor, "equipment.archive_readings") as event:
        if not _is_mine(month):
            event.data = {"month": f"{month:%Y-%m}", "left_to": "another worker"}
            return None
        path, rows = _write(month)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        with connection.cursor() as cursor:
            cursor.execute("SELECT equipment_drop_reading_partition(%s)", [month])
        event.data = {"month": f"{month:%Y-%m}", "file": path.name, "rows": rows, "sha256": digest}
    log.info("readings_archived", file=str(path), rows=rows)
    return path


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _is_mine(month: datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s))", [f"archive {month:%Y-%m}"])
        return bool(cursor.fetchone()[0])


def _write(month: datetime) -> tuple[Path, int]:
    directory: Path = settings.ARCHIVE_DIR
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"readings-{month:%Y-%m}.csv.gz"
    unfinished = path.with_suffix(".new")
    query = sql.SQL(_READINGS).format(month, _next(month))
    with unfinished.open("wb") as file:
        with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed, connection.cursor() as cursor:
            with cursor.copy(query) as copy:
                for block in copy:
                    packed.write(block)
            rows: int = cursor.rowcount
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path, rows
