"""Samples, what was found in them, and the investigation of what should not have been found."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.db import models
from django.db.models import F, Q

from batches.models import Batch, Step
from chain_of_identity.models import Container
from equipment.files.models import InstrumentRun
from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.triggers import recorded
from qc_release.document import Test
from qc_release.limits import Verdict
from qc_release.models.specifications import Method, SpecificationVersion
from qc_release.states import InvestigationState, ResultState

VERDICTS = [(verdict.value, verdict.value) for verdict in Verdict]


class Sample(RecordedModel):
    """A sample in the laboratory, of one batch at one stage. Testing starts when its record is whole (R-147)."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="samples")
    step = models.ForeignKey(Step, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    container = models.OneToOneField(
        Container, null=True, blank=True, on_delete=models.PROTECT, related_name="laboratory_sample"
    )
    specification_version = models.ForeignKey(SpecificationVersion, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    stage = models.CharField(max_length=40)
    description = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=200, blank=True)
    lot_number = models.CharField(max_length=60, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    registered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "stage"])]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="sample_code_once_per_site")]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(
                name="sample_identity_stays",
                fields=["site", "batch", "container", "specification_version", "code", "stage"],
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def coi_id(self) -> str:
        return self.batch.coi_id


class Purpose(models.TextChoices):
    """Why a test was done: the first time, the final reading of one that was negative to date, or again."""

    FIRST = "first", "First result"
    FINAL = "final", "Final reading"
    CORRECTION = "correction", "After return by the second analyst"
    RETEST = "retest", "Retest"


class Result(RecordedModel):
    """One result of one test. Its value is never changed; a further result is a further row, and all are kept."""

    sample = models.ForeignKey(Sample, on_delete=models.PROTECT, related_name="results")
    test_id = models.CharField(max_length=40)
    number = models.PositiveSmallIntegerField()
    purpose = models.CharField(max_length=12, choices=Purpose.choices, default=Purpose.FIRST)
    method = models.ForeignKey(Method, on_delete=models.PROTECT, related_name="+")
    value = models.JSONField()
    unit = models.CharField(max_length=30, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=6)
    amount_unit = models.CharField(max_length=30)
    raw_data = models.CharField(max_length=300)
    run = models.ForeignKey(InstrumentRun, null=True, on_delete=models.PROTECT, related_name="results")
    calculation = models.TextField(blank=True)
    tested_at = models.DateTimeField()
    analyst = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    given = models.JSONField(default=dict)
    limit = models.CharField(max_length=400)
    judged = models.CharField(max_length=200, blank=True)
    reasoning = models.TextField(blank=True)
    verdict = models.CharField(max_length=10, choices=VERDICTS)
    checked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=ResultState.choices, default=ResultState.ENTERED)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["sample", "test_id", "number"], name="result_number_once_per_test"),
            models.CheckConstraint(condition=Q(status__in=ResultState.values), name="result_status_known"),
            models.CheckConstraint(condition=~Q(raw_data=""), name="result_names_its_raw_data"),
            models.CheckConstraint(condition=~Q(checked_by=F("analyst")), name="result_checked_by_another"),
            models.CheckConstraint(
                condition=~Q(status=ResultState.CHECKED) | Q(checked_by__isnull=False), name="checked_has_a_checker"
            ),
        ]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(
                name="result_stays",
                exclude=["version", "status", "checked_by", "checked_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sample.code} {self.test_id} {self.number}"

    @property
    def site(self) -> Site:
        return self.sample.site

    @property
    def test(self) -> Test:
        """The line of the specification this result was judged by."""
        return self.sample.specification_version.content.test(self.sample.stage, self.test_id)

    @property
    def key(self) -> str:
        return f"{self.sample.stage}.{self.test_id}"

    @property
    def shown(self) -> str:
        """The value as it was reported, with its unit."""
        if isinstance(self.value, dict):
            return ", ".join(f"{part} {value}" for part, value in self.value.items())
        return f"{self.value} {self.unit}".strip()

    def manifest(self) -> dict[str, Any]:
        """What the analyst and the second analyst see. The status and the checker are left out: checking sets them."""
        return {
            "sample": self.sample.code,
            "batch": self.sample.batch.number,
            "coi": self.sample.batch.coi_id,
            "test": self.test_id,
            "stage": self.sample.stage,
            "number": self.number,
            "purpose": self.purpose,
            "method": str(self.method),
            "value": self.value,
            "unit": self.unit,
            "amount": f"{self.amount.normalize():f} {self.amount_unit}",
            "raw_data": self.raw_data,
            "calculation": self.calculation,
            "tested_at": self.tested_at,
            "analyst": self.analyst.printed_name,
            "limit": self.limit,
            "judged": self.judged,
            "verdict": self.verdict,
        }


class Cause(models.TextChoices):
    LABORATORY = "laboratory", "Assignable laboratory error"
    CONFIRMED = "confirmed", "The product is out of specification"


class Investigation(RecordedModel):
    """The investigation of an out-of-specification result: opened by the result itself, closed by quality."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="investigations")
    result = models.OneToOneField(Result, on_delete=models.PROTECT, related_name="investigation")
    number = models.CharField(max_length=50, unique=True)
    opened_at = models.DateTimeField()
    retests_planned = models.PositiveSmallIntegerField(null=True, blank=True)
    cause = models.CharField(max_length=12, choices=Cause.choices, blank=True)
    findings = models.TextField(blank=True)
    other_batches = models.TextField(blank=True)
    conclusion = models.TextField(blank=True)
    follow_up = models.TextField(blank=True)
    investigator = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=InvestigationState.choices, default=InvestigationState.OPEN)

    class Meta(RecordedModel.Meta):
        ordering = ["id"]
        indexes = [models.Index(fields=["batch", "status"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=InvestigationState.values), name="investigation_status_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=InvestigationState.CLOSED) | Q(approved_by__isnull=False) & ~Q(cause=""),
                name="investigation_closed_with_a_cause",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("investigator")), name="investigation_approved_by_another"
            ),
        ]
        triggers = [
            *recorded(),
            pgtrigger.ReadOnly(name="investigation_stays", fields=["site", "batch", "result", "number"]),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def analyst_id(self) -> Any:
        """Whoever found the result may not close its investigation."""
        return self.result.analyst_id

    def manifest(self) -> dict[str, Any]:
        return {
            "investigation": self.number,
            "batch": self.batch.number,
            "result": self.result.manifest(),
            "retests_planned": self.retests_planned,
            "cause": self.cause,
            "findings": self.findings,
            "other_batches": self.other_batches,
            "conclusion": self.conclusion,
            "follow_up": self.follow_up,
            "investigator": self.investigator.printed_name if self.investigator else "",
        }
