"""`make demo` finds the Baton that runs, however slow it is to answer, and starts one of its own only where none is."""

import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tools.demo import __main__ as demo


class Busy(BaseHTTPRequestHandler):
    """Not ready at first, as a Baton whose database comes up."""

    asked = 0

    def do_GET(self) -> None:
        Busy.asked += 1
        self.send_response(200 if Busy.asked > 2 else 503)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def busy() -> Iterator[str]:
    Busy.asked = 0
    with HTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_waits_for_the_one_that_is_there(busy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("A second Baton was started.")

    monkeypatch.setattr(subprocess, "Popen", never)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with demo.running(busy):
        assert Busy.asked == 3


def test_a_closed_port_is_free() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert not demo.is_taken(f"http://127.0.0.1:{port}")
