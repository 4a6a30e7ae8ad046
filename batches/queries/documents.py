"""Stored documents, checked on every read."""

from hashlib import sha256

from batches.errors import DocumentDamaged
from batches.models import BatchDocument, DocumentContent
from mes.errors import NotFound


def content_of(document: BatchDocument) -> bytes:
    """The bytes as they were rendered; DocumentDamaged when they are no longer what was stored."""
    stored = DocumentContent.objects.filter(document=document).first()
    if stored is None:
        raise NotFound("The document is not ready yet.", status=document.status)
    content = bytes(stored.content)
    if sha256(content).hexdigest() != document.sha256:
        raise DocumentDamaged("The stored document is not what was rendered.", id=str(document.id))
    return content
