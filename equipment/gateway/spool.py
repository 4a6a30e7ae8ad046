"""Readings waiting on disk while the database is away."""

import json
import os
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog

from equipment.adapters.base import Quality, Reading
from equipment.readings import Bundle

log = structlog.get_logger(__name__)

MOST_BUNDLES = 20_000  # more than five hours of sweeps
MOST_HELD = 600  # ten minutes of sweeps


class Spool:
    """One file for each bundle, named by its id, oldest first. When full it lets the oldest go.

    While the disk takes nothing, bundles are held in memory: what is written later is late, and what no longer fits
    there is a gap.
    """

    def __init__(self, directory: Path, *, most: int = MOST_BUNDLES, most_held: int = MOST_HELD) -> None:
        self.directory, self.most, self.most_held = directory, most, most_held
        self._held: deque[Bundle] = deque()
        directory.mkdir(parents=True, exist_ok=True)

    def put(self, bundle: Bundle) -> list[UUID]:
        """Keep a bundle; the ids of those that had to make room for it are returned."""
        self._held.append(bundle)
        try:
            while self._held:
                self._write(self._held[0])
                self._held.popleft()
        except OSError as error:
            log.warning("spool_cannot_write", directory=str(self.directory), error=str(error), held=len(self._held))
            return [self._held.popleft().id for _ in range(len(self._held) - self.most_held)]
        oldest = self._files()[: -self.most]
        for path in oldest:
            path.unlink()
        return [UUID(path.stem) for path in oldest]

    def waiting(self) -> Iterator[Bundle]:
        for path in self._files():
            rows = [_as_reading(row) for row in json.loads(path.read_text())]
            yield Bundle(UUID(path.stem), rows)
        yield from list(self._held)

    def latest(self) -> dict[UUID, datetime]:
        """The time of the newest waiting reading of each unit."""
        found: dict[UUID, datetime] = {}
        for bundle in self.waiting():
            for unit_id, reading in bundle.rows:
                found[unit_id] = max(reading.at, found.get(unit_id, reading.at))
        return found

    def done(self, bundle: Bundle) -> None:
        self._path(bundle).unlink(missing_ok=True)
        if self._held and self._held[0].id == bundle.id:
            self._held.popleft()

    def _write(self, bundle: Bundle) -> None:
        unfinished = self.directory / f"{bundle.id}.new"
        try:
            with unfinished.open("w") as file:
                json.dump([_as_row(unit_id, reading) for unit_id, reading in bundle.rows], file)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(self._path(bundle))
        finally:
            unfinished.unlink(missing_ok=True)

    def _path(self, bundle: Bundle) -> Path:
        return self.directory / f"{bundle.id}.json"

    def _files(self) -> list[Path]:
        return sorted(self.directory.glob("*.json"))


def _as_row(unit_id: UUID, reading: Reading) -> list[str | float | None]:
    at, received_at = reading.at.isoformat(), reading.received_at.isoformat()
    return [str(unit_id), reading.tag, reading.value, at, received_at, reading.quality.value]


def _as_reading(row: list[Any]) -> tuple[UUID, Reading]:
    unit_id, tag, value, at, received_at, quality = row
    number = None if value is None else float(value)
    times = datetime.fromisoformat(at), datetime.fromisoformat(received_at)
    return UUID(unit_id), Reading(tag, number, *times, Quality(quality))
