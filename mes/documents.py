"""Controlled documents: HTML in, PDF/A-3a out.

The same input gives the same bytes, so a document can be made again and compared by its hash. Nothing is fetched from
the network: fonts come from `static/`, pictures of the record from the caller, everything else is refused and stops
the document.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.db import connection
from django.template.loader import render_to_string
from django.utils import translation

from mes.errors import MesError
from mes.languages import RECORDS


class DocumentRefused(MesError):
    """The document asks for something that is not part of this installation."""

    code = "document_refused"
    status = 500


@dataclass(frozen=True)
class Attachment:
    """A file carried inside the PDF, e.g. an inclusion proof. `name` is what a reader saves it as."""

    name: str
    content: bytes
    media_type: str
    description: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture of the record, as the bytes that are kept."""

    content: bytes
    media_type: str


def in_english(template: str, context: Mapping[str, Any]) -> str:
    """The HTML of a document. A document is a record: it reads the same whoever asks for it."""
    with translation.override(RECORDS):
        return render_to_string(template, context)


def render_pdf(
    html: str,
    *,
    title: str,
    identity: str,
    made_at: datetime,
    attachments: Sequence[Attachment] = (),
    pictures: Mapping[str, Picture] = MappingProxyType({}),
) -> bytes:
    """A tagged PDF/A-3a with "Page x of y". `identity` runs along the top of every page; `made_at` is its only date.

    The HTML names a picture by its key: `<img src="picture:KEY">`.
    """
    # WeasyPrint takes half a second to import: only a process that makes documents pays for it.
    from mes.pdf import write

    _take_time()
    return write(html, title=title, identity=identity, made_at=made_at, attachments=attachments, pictures=pictures)


def _take_time() -> None:
    """The server ends a transaction in which nothing happens for long; a large document is made for longer."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
