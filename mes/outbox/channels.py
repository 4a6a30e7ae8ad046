"""The two ways out. Each takes one message and returns when the receiver has taken it; else NotDelivered says why."""

from __future__ import annotations

import base64
import hmac
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from smtplib import SMTPException
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from mes import server_clock
from mes.outbox.errors import NotDelivered
from mes.outbox.models import Channel, Message
from mes.outbox.secrets import key_in

SILENCE_SECONDS = 10.0  # without a byte
DEADLINE_SECONDS = 20.0  # for the whole call, also when the answer comes byte by byte


def send(message: Message) -> None:
    """Hand the message to its receiver."""
    if message.subscription.channel == Channel.WEBHOOK:
        _post(message)
    else:
        _mail(message)


def signature(key: bytes, message_id: str, timestamp: str, body: bytes) -> str:
    """The header webhook-signature of Standard Webhooks: v1, and HMAC-SHA256 over id.timestamp.body."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()


def _post(message: Message) -> None:
    """One POST. A redirect is not followed: the receiver is the one the administrator entered."""
    body = message.body.encode()
    target = urlsplit(message.subscription.address)
    headers = _headers(message, body)
    connection = _connection(target)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    try:
        with _deadline(connection):
            connection.request("POST", path, body, headers)
            status = connection.getresponse().status  # what it answers besides is not read
    except (OSError, HTTPException, UnicodeError) as error:  # the last one: a name that no resolver takes
        raise NotDelivered(f"{target.hostname} did not answer: {type(error).__name__} {error}".strip()) from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotDelivered(f"{target.hostname} answered {status}.")


def _headers(message: Message, body: bytes) -> dict[str, str]:
    """The timestamp is that of the attempt, as Standard Webhooks asks: receivers refuse old ones."""
    timestamp = str(int(server_clock.now().timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Baton/{settings.SOFTWARE_VERSION}",
        "webhook-id": str(message.id),
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(key_in(message.subscription.secret), str(message.id), timestamp, body),
    }


def _connection(target: SplitResult) -> HTTPConnection:
    host = target.hostname or ""
    if target.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, target.port, timeout=SILENCE_SECONDS, context=context)
    return HTTPConnection(host, target.port, timeout=SILENCE_SECONDS)


@contextmanager
def _deadline(connection: HTTPConnection) -> Iterator[None]:
    """Hang up when it takes too long altogether: the time-out of a socket begins anew with every byte."""
    connection.connect()
    line: socket.socket = connection.sock

    def hang_up() -> None:
        with suppress(OSError):  # it has ended meanwhile
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(DEADLINE_SECONDS, hang_up)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _mail(message: Message) -> None:
    if not settings.EMAIL_HOST:
        raise NotDelivered("This installation names no mail server (BATON_EMAIL_HOST).")
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    mail = EmailMessage(
        subject=message.title,
        body=message.body,
        to=[message.subscription.address],
        headers={
            "Message-ID": f"<{message.id}@{sender.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's absence answers it
        },
    )
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        raise NotDelivered(f"The mail server did not take it: {type(error).__name__} {error}"[:500]) from error
