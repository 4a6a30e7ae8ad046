"""The line to the devices that the campaign of kills cuts."""

import socket
from threading import Thread

from tools.faults.link import Link


def _echo(server: socket.socket) -> None:
    while True:
        near, _ = server.accept()
        with near:
            while heard := near.recv(100):
                near.sendall(heard)


def test_a_line_carries_until_it_is_cut_and_again_when_it_is_mended() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    Thread(target=_echo, args=(server,), daemon=True).start()
    link = Link(server.getsockname()[1])
    link.start()
    with _called(link) as line:
        line.sendall(b"one")
        assert line.recv(100) == b"one"
        link.cut()
        assert line.recv(100) == b""
    with _called(link) as line:
        assert line.recv(100) == b"", "whoever calls now is not put through"
    link.mend()
    with _called(link) as line:
        line.sendall(b"two")
        assert line.recv(100) == b"two"


def test_a_line_to_nobody_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    link = Link(port)
    link.start()
    with _called(link) as line:
        assert line.recv(100) == b""


def _called(link: Link) -> socket.socket:
    return socket.create_connection(("127.0.0.1", link.port), timeout=20)
