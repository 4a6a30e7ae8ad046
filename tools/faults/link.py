"""A line between the gateway and its devices that can be cut."""

from __future__ import annotations

import selectors
import socket
from contextlib import suppress
from threading import Event as Flag
from threading import Lock, Thread

CHUNK = 65536


class Link(Thread):
    """Passes bytes between whoever connects here and the port behind it. While it is cut nobody gets through."""

    def __init__(self, behind: int) -> None:
        super().__init__(daemon=True)
        self.behind = behind
        self.is_cut = Flag()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._ends: set[socket.socket] = set()
        self._lock = Lock()

    def cut(self) -> None:
        self.is_cut.set()
        with self._lock:
            for end in self._ends:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.is_cut.clear()

    def run(self) -> None:
        while True:
            near, _ = self._door.accept()
            if self.is_cut.is_set():
                near.close()
            else:
                Thread(target=self._pass, args=(near,), daemon=True).start()

    def _pass(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.behind), timeout=5)
        except OSError:
            near.close()
            return
        with self._lock:
            self._ends |= {near, far}
        with suppress(OSError), near, far:
            self._carry(near, far)
        with self._lock:
            self._ends -= {near, far}

    @staticmethod
    def _carry(near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as either:
            either.register(near, selectors.EVENT_READ, far)
            either.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _ in either.select():
                    end, other = key.fileobj, key.data
                    heard = end.recv(CHUNK)  # type: ignore[union-attr]
                    if not heard:
                        return
                    other.sendall(heard)
