"""Files that are records: kept byte for byte under their SHA-256, never changed, checked when they are read (R-019)."""

from __future__ import annotations

from hashlib import sha256

from django.db import models

from mes.errors import Conflict
from mes.records.models import AppendOnlyModel


class FileAltered(Conflict):
    """The content of a kept file does not match its digest: somebody changed it past the guards of the database."""

    code = "file_altered"


class KeptFile(AppendOnlyModel):
    """Bytes as they came. Lists defer `content`; who needs it asks `content_of`.

    A kind of file that may be known without its bytes has neither content nor digest then.
    """

    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField()
    content = models.BinaryField(null=True)

    class Meta(AppendOnlyModel.Meta):
        abstract = True


def content_of(file: KeptFile) -> bytes:
    """The bytes as they came. FileAltered when they are not those of the digest any more."""
    stored = type(file)._default_manager.values_list("content", flat=True).get(pk=file.pk)
    content = bytes(stored or b"")
    if sha256(content).hexdigest() != file.sha256:
        raise FileAltered(f"{file} is not what was kept: its content does not match its digest.", sha256=file.sha256)
    return content
