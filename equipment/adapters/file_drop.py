"""An instrument that leaves files in a folder. It is watched, not asked: it has no tags and takes no commands.

The folder lies below BATON_INSTRUMENT_DIR, and nothing in it is ever changed or removed: a read-only mount will do.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic

from django.conf import settings

from equipment.adapters.base import Ack, Adapter, Command, Connection, DeviceState, DeviceUnreachable, Identity, Reading

QUIET = 2.0  # seconds without a change after which a file counts as whole
AT_ONCE = 10  # files in one look: commands of other units do not wait for a full folder
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload")
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Found:
    """A file that lies still. `content` is None for one larger than asked for."""

    name: str
    stamp: Stamp
    content: bytes | None

    @property
    def size(self) -> int:
        return self.stamp[0]


@dataclass(slots=True)
class FileDrop:
    folder: Path
    clock: Callable[[], datetime]
    quiet: float = field(default_factory=lambda: QUIET)
    _seen: dict[str, tuple[Stamp, float]] = field(default_factory=dict)
    _kept: dict[str, Stamp] = field(default_factory=dict)

    def identify(self) -> Identity:
        """A folder does not say whose files lie in it."""
        self._listing()
        return Identity("", "", "", "")

    def read(self, tags: Iterable[str]) -> list[Reading]:
        """A file has results, not readings; but a folder that is gone is a connection that is lost."""
        self._listing()
        return []

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[Reading], None]) -> None:
        """A folder tells nobody: it is looked at."""

    def command(self, command: Command) -> Ack:
        return Ack(command.id, accepted=False, message="A folder takes no commands.")

    def state(self) -> DeviceState:
        return DeviceState("", {}, None, self.clock())

    def close(self) -> None:
        """Nothing stays open."""

    def whole_files(self, *, most_bytes: int) -> Iterator[Found]:
        """Files that have not changed for a while and were not kept yet, by name, a few at a time."""
        stamps = {name: stamp for name, stamp in self._listing() if self._kept.get(name) != stamp}
        self._seen = {name: self._first_seen(name, stamp) for name, stamp in stamps.items()}
        still = [name for name, (_, since) in sorted(self._seen.items()) if monotonic() - since >= self.quiet]
        for name in still[:AT_ONCE]:
            found = self._opened(name, self._seen[name][0], most_bytes)
            if found is not None:
                yield found

    def newest(self, *, most_bytes: int) -> Found | None:
        """The file that was written last, kept or not; None where there is none, or it is being written."""
        found = max(self._listing(), key=lambda each: each[1][1], default=None)
        return self._opened(*found, most_bytes) if found else None

    def kept(self, found: Found) -> None:
        """This one is in the record. After a restart it is offered once more, and known by its bytes."""
        self._kept[found.name] = found.stamp

    def _first_seen(self, name: str, stamp: Stamp) -> tuple[Stamp, float]:
        before = self._seen.get(name)
        return before if before is not None and before[0] == stamp else (stamp, monotonic())

    def _listing(self) -> list[tuple[str, Stamp]]:
        try:
            with os.scandir(self.folder) as entries:
                plain = [each for each in entries if each.is_file(follow_symlinks=False) and not _is_unfinished(each)]
                return [(each.name, _stamp(each.stat(follow_symlinks=False))) for each in plain]
        except OSError as error:
            raise DeviceUnreachable(f"{self.folder} cannot be read: {error.strerror}") from error

    def _opened(self, name: str, stamp: Stamp, most_bytes: int) -> Found | None:
        """The content, unless the file changed while it was read: then it is not whole yet."""
        if stamp[0] > most_bytes:
            return Found(name, stamp, None)
        try:
            descriptor = os.open(self.folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                content = file.read(most_bytes + 1)
                after = os.fstat(file.fileno())
        except OSError:
            return None
        is_whole = stat.S_ISREG(after.st_mode) and _stamp(after) == stamp and len(content) == stamp[0]
        return Found(name, stamp, content) if is_whole else None


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns, found.st_ino


def _is_unfinished(entry: os.DirEntry[str]) -> bool:
    """Empty, hidden, or with the ending of a file that is under way: it gets its name when it is whole."""
    if entry.name.startswith((".", "~")) or entry.name.lower().endswith(_UNFINISHED):
        return True
    return entry.stat(follow_symlinks=False).st_size == 0


def open_file_drop(connection: Connection) -> Adapter:
    return FileDrop(folder_of(connection.address), connection.clock)


def folder_of(address: str) -> Path:
    """The folder below the place for instruments; DeviceUnreachable for one elsewhere on the machine."""
    root: Path = settings.INSTRUMENT_DIR.resolve()
    folder = (root / address).resolve()
    if folder == root or not folder.is_relative_to(root):
        raise DeviceUnreachable(f"“{address}” is no folder below the place for instruments.")
    return folder
