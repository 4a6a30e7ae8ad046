"""Controlled documents: HTML in, PDF/A-3a out.

The same input gives the same bytes, so a document can be made again and compared by its hash. Nothing is fetched from
the network: fonts come from `static/`, pictures as `data:` URIs, everything else is refused and stops the document.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from mes.errors import MesError


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


def render_pdf(
    html: str, *, title: str, identity: str, made_at: datetime, attachments: Sequence[Attachment] = ()
) -> bytes:
    """A tagged PDF/A-3a with "Page x of y". `identity` runs along the top of every page; `made_at` is its only date."""
    # WeasyPrint takes half a second to import: only a process that makes documents pays for it.
    from mes.pdf import write

    _take_time()
    return write(html, title=title, identity=identity, made_at=made_at, attachments=attachments)


def _take_time() -> None:
    """The server ends a transaction in which nothing happens for long; a large document is made for longer."""
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '5min'")
