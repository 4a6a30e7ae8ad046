"""What a product must be (specifications) and how that is measured (methods)."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pgtrigger
from django.db import models
from django.db.models import Q

from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.triggers import recorded
from qc_release.document import SpecificationDocument, parse_specification
from qc_release.states import MethodState, VersionState


class Specification(RecordedModel):
    """One product's specification at one site, through all its versions."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    product_code = models.CharField(max_length=40)

    class Meta(RecordedModel.Meta):
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code"], name="specification_code_once_per_site"),
            models.UniqueConstraint(fields=["site", "product_code"], name="one_specification_per_product"),
        ]

    def __str__(self) -> str:
        return self.code


class SpecificationVersion(RecordedModel):
    """One version, immutable from its first row on. A change is a further version under change control."""

    specification = models.ForeignKey(Specification, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    change_control = models.CharField(max_length=60, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    effective_from = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=VersionState.choices, default=VersionState.DRAFT)

    class Meta(RecordedModel.Meta):
        ordering = ["specification", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["specification", "number"], name="specification_version_once"),
            models.UniqueConstraint(
                fields=["specification"],
                condition=Q(status=VersionState.EFFECTIVE),
                name="one_effective_specification_version",
            ),
            models.CheckConstraint(condition=Q(status__in=VersionState.values), name="specification_status_known"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(change_control=""), name="specification_change_is_controlled"
            ),
        ]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(
                name="version_stays",
                fields=["specification", "number", "source", "document", "sha256", "change_control", "author"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.specification.code} version {self.number}"

    @property
    def site(self) -> Site:
        return self.specification.site

    @cached_property
    def content(self) -> SpecificationDocument:
        """The document, typed."""
        return parse_specification(self.document)

    def manifest(self) -> dict[str, Any]:
        return {
            "specification": self.specification.code,
            "number": self.number,
            "sha256": self.sha256,
            "change_control": self.change_control,
            "author": self.author.printed_name,
            "document": self.document,
        }


class Method(RecordedModel):
    """A test method in one version, with the proof that it suits its purpose (R-148)."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    number = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    suitability = models.CharField(max_length=300)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=MethodState.choices, default=MethodState.DRAFT)

    class Meta(RecordedModel.Meta):
        ordering = ["code", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["site", "code", "number"], name="method_version_once_per_site"),
            models.CheckConstraint(condition=Q(status__in=MethodState.values), name="method_status_known"),
            models.CheckConstraint(condition=~Q(suitability=""), name="method_suitability_shown"),
        ]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(name="method_stays", fields=["site", "code", "number", "suitability", "author"]),
        ]

    def __str__(self) -> str:
        return f"{self.code} version {self.number}"

    def manifest(self) -> dict[str, Any]:
        return {
            "method": self.code,
            "number": self.number,
            "name": self.name,
            "suitability": self.suitability,
            "author": self.author.printed_name,
        }
