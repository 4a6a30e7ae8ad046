"""Receivers of the outbox: a real HTTP server and a real SMTP server on this machine, each in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from mes.accounts.models import Site
from mes.outbox import services
from mes.outbox.models import Subscription
from mes.outbox.tasks import send
from tests.given import people

KINDS = ("batch.aborted", "batch.held", "batch.restarted", "batch.started")


@dataclass
class Call:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """Answers with `answers` in turn, the last one for good. `before_answering` runs while the sender waits."""

    address: str = ""
    calls: list[Call] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [204])
    before_answering: Callable[[], object] = lambda: None

    @property
    def ids(self) -> list[str]:
        return [call.headers["webhook-id"] for call in self.calls]

    def next_answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Call(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            receiver.before_answering()
            self.send_response(receiver.next_answer())
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.address = f"http://127.0.0.1:{server.server_port}/baton?from=tests"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class MailServer:
    """Keeps every mail it was given, whatever it `says_in_the_end`."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    says_in_the_end: bytes = b"250 well\r\n"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The part of RFC 5321 that a client needs to leave a mail."""
        writer.write(b"220 tests\r\n")
        while line := await reader.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(message_from_bytes(content[:-3].replace(b"\r\n..", b"\r\n.")))
            writer.write(self.says_in_the_end if verb == b"DATA" else b"250 well\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
        writer.close()


@contextmanager
def a_mail_server() -> Iterator[MailServer]:
    mails, running = MailServer(), Event()
    loop = asyncio.new_event_loop()

    async def run(stopping: asyncio.Event) -> None:
        server = await asyncio.start_server(mails.serve, "127.0.0.1", 0)
        mails.port = server.sockets[0].getsockname()[1]
        running.set()
        async with server:
            await stopping.wait()

    stopping = asyncio.Event()
    thread = Thread(target=loop.run_until_complete, args=(run(stopping),))
    thread.start()
    running.wait(10)
    try:
        yield mails
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


def subscribed(
    site: Site, address: str, *, party: str = "", kinds: tuple[str, ...] = KINDS
) -> tuple[Subscription, str]:
    """A webhook and its secret."""
    return services.subscribe(
        actor=people.persona(site, "anna"),
        site=site,
        channel="webhook",
        name="The clinic's system",
        address=address,
        kinds=kinds,
        party=party,
    )


def delivered(subscription: Subscription) -> None:
    """What a worker does with the post of one receiver."""
    send(str(subscription.id))
