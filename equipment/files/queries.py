"""Reads about files of instruments."""

from __future__ import annotations

from django.db.models import QuerySet

from equipment.errors import FileNotKept
from equipment.files.models import InstrumentFile
from mes.accounts.models import User
from mes.records import files


def files_visible_to(user: User) -> QuerySet[InstrumentFile]:
    """Without their content: see `content_of`."""
    found = InstrumentFile.objects.without_content().filter(site_id__in=user.sites_for("equipment.view"))
    return found.select_related("site", "unit", "reading").prefetch_related("runs")


def content_of(file: InstrumentFile) -> bytes:
    """The bytes as they were dropped, checked against their digest."""
    if not file.sha256:
        raise FileNotKept(f"{file} was too large to be kept: it stayed in its folder.", size=file.size)
    return files.content_of(file)
