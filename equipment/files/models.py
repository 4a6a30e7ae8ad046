"""Files of instruments, what was read in them, and why one could not be read. Rows that only grow."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mes.accounts.models import Site
from mes.records.files import KeptFile
from mes.records.models import AppendOnlyModel


class InstrumentFileQuerySet(models.QuerySet["InstrumentFile"]):
    def unread(self) -> InstrumentFileQuerySet:
        return self.filter(reading=None)

    def without_content(self) -> InstrumentFileQuerySet:
        """For lists: megabytes stay where they are."""
        return self.defer("content")


class InstrumentFile(KeptFile):
    """A file as it lay in the folder of its instrument, byte for byte. The same bytes are one file at a site (R-019).

    A file larger than Baton keeps has neither content nor digest: it stays in the folder, quarantined by its name.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    unit = models.ForeignKey("equipment.Unit", on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=255)
    taken_at = models.DateTimeField()

    objects = InstrumentFileQuerySet.as_manager()

    class Meta(KeptFile.Meta):
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "sha256"], condition=~Q(sha256=""), name="the_same_bytes_are_one_file"
            ),
            models.UniqueConstraint(
                fields=["unit", "name", "size"], condition=Q(sha256=""), name="a_large_file_is_told_once"
            ),
            models.CheckConstraint(
                condition=Q(sha256="", content=None) | ~Q(sha256="") & Q(content__isnull=False),
                name="content_has_a_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FileReading(AppendOnlyModel):
    """Who read the file; or why nobody could, and then it is in quarantine."""

    file = models.OneToOneField(InstrumentFile, on_delete=models.PROTECT, related_name="reading")
    reader = models.CharField(max_length=40, blank=True)
    quarantine = models.TextField(blank=True)

    class Meta(AppendOnlyModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(reader="") & ~Q(quarantine="") | ~Q(reader="") & Q(quarantine=""),
                name="a_file_is_read_or_in_quarantine",
            ),
        ]

    def __str__(self) -> str:
        return self.reader or self.quarantine


class InstrumentRun(AppendOnlyModel):
    """What a file says of one sample: [{"name", "value", "unit", "note"}], `unit` null where the file names none."""

    file = models.ForeignKey(InstrumentFile, on_delete=models.PROTECT, related_name="runs")
    number = models.PositiveSmallIntegerField()
    sample_id = models.CharField(max_length=200, blank=True)
    measured_at = models.CharField(max_length=200, blank=True)
    operator = models.CharField(max_length=200, blank=True)
    warning = models.CharField(max_length=200, blank=True)
    values = models.JSONField()

    class Meta(AppendOnlyModel.Meta):
        ordering = ["file", "number"]
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="run_number_once_per_file")]

    def __str__(self) -> str:
        return f"{self.file} run {self.number}"
