"""What happened in a step: each a fact that is added and never changed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from batches.judgement import Verdict
from batches.models.batch import Batch
from batches.models.elements import Step
from batches.models.paper_forms import PaperForm
from chain_of_identity.models import Scan, Transformation
from equipment.models import Command, Room
from materials.models import Lot, LotUse
from mes.accounts.models import User
from mes.quantities import Quantity, parse_decimal
from mes.records.models import AppendOnlyModel


class StepFact(AppendOnlyModel):
    """Done in one attempt of a step by one person at a process time; `at` is the database's time."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="+")
    attempt = models.PositiveSmallIntegerField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        abstract = True
        ordering = ["at", "id"]


class Reading(models.TextChoices):
    FIRST = "performed", "Performed"
    SECOND = "verification", "Second person, blind"


class Entry(StepFact):
    """A value as it was entered. A correction is a further entry that supersedes it, with a reason."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="entries")
    name = models.CharField(max_length=60)
    value = models.TextField()
    unit = models.CharField(max_length=40, blank=True)
    verdict = models.CharField(max_length=20, choices=[(v, v) for v in Verdict])
    reading = models.CharField(max_length=20, choices=Reading.choices, default=Reading.FIRST)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    reason = models.TextField(blank=True)
    device_at = models.DateTimeField(null=True)
    performed_at = models.DateTimeField(null=True, help_text="when it was done, where somebody says it was earlier")
    form = models.ForeignKey(PaperForm, null=True, on_delete=models.PROTECT, related_name="entries")
    is_late = models.BooleanField(default=False, help_text="recorded later than the site allows after it was done")

    class Meta(StepFact.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["step", "attempt", "name", "reading"],
                condition=Q(supersedes__isnull=True),
                name="one_first_value_per_entry",
            ),
            models.CheckConstraint(
                condition=Q(supersedes__isnull=True) | ~Q(reason=""),
                name="a_correction_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.NOT_APPLICABLE) | ~Q(reason=""),
                name="not_applicable_has_a_reason",
            ),
            models.CheckConstraint(condition=Q(form__isnull=True) | Q(is_late=True), name="from_paper_is_late"),
            models.CheckConstraint(
                condition=Q(is_late=False) | (Q(performed_at__isnull=False) & ~Q(reason="")),
                name="a_late_entry_says_when_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.value} {self.unit}".strip()

    @property
    def quantity(self) -> Quantity:
        return Quantity(parse_decimal(self.value), self.unit)

    @property
    def is_a_value(self) -> bool:
        """Not, where it was recorded that the question does not apply."""
        return self.verdict != Verdict.NOT_APPLICABLE


class CalculatedValue(StepFact):
    """A result with everything needed to compute it again."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="calculated")
    name = models.CharField(max_length=60)
    value = models.TextField()
    unit = models.CharField(max_length=40, blank=True)
    shown = models.TextField()
    formula = models.TextField()
    formula_version = models.CharField(max_length=120)
    inputs = models.JSONField()
    rounding = models.CharField(max_length=60)
    verdict = models.CharField(max_length=20, choices=[(v, v) for v in Verdict])
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")

    class Meta(StepFact.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["step", "attempt", "name"],
                condition=Q(supersedes__isnull=True),
                name="one_first_result_per_calculation",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} = {self.shown} {self.unit}".strip()

    @property
    def quantity(self) -> Quantity:
        return Quantity(parse_decimal(self.value), self.unit)


class StepScan(StepFact):
    """The right container, read at this step."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="scans")
    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.label


class MaterialUse(StepFact):
    """A lot that went into the batch here."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="materials")
    lot_use = models.ForeignKey(LotUse, on_delete=models.PROTECT, related_name="+")
    material_code = models.CharField(max_length=40)
    quantity = models.TextField()
    unit = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"{self.material_code} {self.quantity} {self.unit}"


class LotChoice(StepFact):
    """The lot a calculation was made for; only this lot may be added afterwards."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="lots")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    material_code = models.CharField(max_length=40)

    def __str__(self) -> str:
        return str(self.lot)


class StepCommand(StepFact):
    """A command this step gave to its unit; equipment tells when it was read back."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="commands")
    command = models.ForeignKey(Command, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        by_hand = self.command.read_back.get("by_hand")
        return f"{self.command}, at the unit: {by_hand}" if by_hand else str(self.command)


class LineClearance(StepFact):
    """Two people looked: nothing of another patient is in the room."""

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="clearances")
    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="clearances")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+")
    verified_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(StepFact.Meta):
        constraints = [models.CheckConstraint(condition=~Q(by=models.F("verified_by")), name="clearance_by_two_people")]

    def __str__(self) -> str:
        return f"{self.room} cleared"


class Decision(StepFact):
    """The path chosen where the recipe asks a question."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="decisions")
    choice = models.CharField(max_length=60)
    reason = models.TextField(blank=True)

    class Meta(StepFact.Meta):
        constraints = [models.UniqueConstraint(fields=["step", "attempt"], name="decided_once_per_attempt")]

    def __str__(self) -> str:
        return self.choice


class StepTransfer(StepFact):
    """Material moved from containers into containers here; the chain of identity keeps which into which."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="transfers")
    transformation = models.ForeignKey(Transformation, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.transformation)
