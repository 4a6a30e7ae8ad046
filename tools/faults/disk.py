"""A small disk for the gateways, which can be filled."""

from __future__ import annotations

import errno
import subprocess
from contextlib import suppress
from pathlib import Path

FILLER = "filler"


class SmallDisk:
    """A file system in memory at `place`. Where we may not mount one, `is_small` is False and nothing can be filled."""

    def __init__(self, place: Path, *, kilobytes: int = 4096) -> None:
        self.place = place
        place.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "baton-faults", str(place)]
        try:
            self.is_small = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            self.is_small = False

    def fill(self) -> None:
        try:
            with (self.place / FILLER).open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise

    def empty(self) -> None:
        (self.place / FILLER).unlink()

    def remove(self) -> None:
        if self.is_small:
            with suppress(FileNotFoundError):
                self.empty()
            subprocess.run(["umount", "--lazy", str(self.place)], check=True)
