"""Readings waiting on disk while the database is away."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from equipment.adapters.base import Quality, Reading
from equipment.readings import Bundle

MOST_BUNDLES = 20_000  # more than five hours of sweeps


class Spool:
    """One file for each bundle, named by its id, oldest first. When full it lets the oldest go."""

    def __init__(self, directory: Path, *, most: int = MOST_BUNDLES) -> None:
        self.directory = directory
        self.most = most
        directory.mkdir(parents=True, exist_ok=True)

    def put(self, bundle: Bundle) -> list[Path]:
        """Keep a bundle; the files that had to make room for it are returned."""
        unfinished = self.directory / f"{bundle.id}.new"
        with unfinished.open("w") as file:
            json.dump([_as_row(unit_id, reading) for unit_id, reading in bundle.rows], file)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path(bundle))
        oldest = self._files()[: -self.most]
        for path in oldest:
            path.unlink()
        return oldest

    def waiting(self) -> Iterator[Bundle]:
        for path in self._files():
            rows = [_as_reading(row) for row in json.loads(path.read_text())]
            yield Bundle(UUID(path.stem), rows)

    def done(self, bundle: Bundle) -> None:
        self._path(bundle).unlink()

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
