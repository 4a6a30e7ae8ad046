"""A progress bar of one line; plain lines where nobody watches a terminal."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

WIDTH = 28


class Progress:
    """`advance` moves the bar, `say` leaves a line above it."""

    def __init__(self, total: int, out: TextIO = sys.stdout) -> None:
        self.total, self.out = total, out
        self.done = 0
        self.started = time.monotonic()
        self.is_watched = out.isatty()

    def advance(self, words: str) -> None:
        self.done = min(self.done + 1, self.total)
        self.show(words)

    def show(self, words: str) -> None:
        if not self.is_watched:
            return
        full = WIDTH * self.done // self.total
        seconds = int(time.monotonic() - self.started)
        line = f"[{'█' * full}{'·' * (WIDTH - full)}] {100 * self.done // self.total:3} %  {seconds:3} s  {words}"
        self._write("\r" + line[: shutil.get_terminal_size().columns - 1] + "\x1b[K")

    def say(self, words: str) -> None:
        self._write(f"\r\x1b[K{words}\n" if self.is_watched else f"{words}\n")

    def _write(self, text: str) -> None:
        self.out.write(text)
        self.out.flush()
