"""Reads about files of instruments."""

from __future__ import annotations

from hashlib import sha256

from django.db.models import QuerySet

from equipment.errors import FileAltered, FileNotKept
from equipment.files.models import InstrumentFile
from mes.accounts.models import User


def files_visible_to(user: User) -> QuerySet[InstrumentFile]:
    """Without their content: see `content_of`."""
    found = InstrumentFile.objects.without_content().filter(site_id__in=user.sites_for("equipment.view"))
    return found.select_related("site", "unit", "reading").prefetch_related("runs")


def content_of(file: InstrumentFile) -> bytes:
    """The bytes as they were dropped. FileAltered when they are not those of the digest any more (R-019)."""
    if not file.sha256:
        raise FileNotKept(f"{file} was too large to be kept: it stayed in its folder.", size=file.size)
    content = bytes(InstrumentFile.objects.values_list("content", flat=True).get(pk=file.pk) or b"")
    if sha256(content).hexdigest() != file.sha256:
        raise FileAltered(f"{file} is not what was dropped: its content does not match its digest.", sha256=file.sha256)
    return content
