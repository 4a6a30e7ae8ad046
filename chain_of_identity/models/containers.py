"""Containers of one patient's material, what came from what, and their labels."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models

from chain_of_identity.models.orders import Order, millilitres
from chain_of_identity.models.parties import Party
from chain_of_identity.states import ContainerStatus, ReleaseStatus
from mes.accounts.models import Site, User
from mes.records.models import AppendOnlyModel, RecordedModel
from mes.records.triggers import StampRow, append_only, recorded


class SameChain(pgtrigger.Trigger):
    """Material of one order never meets that of another, whoever writes the row."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        IF (SELECT count(DISTINCT chain) FROM (
                SELECT order_id AS chain FROM chain_of_identity_container WHERE id IN (NEW.source_id, NEW.target_id)
                UNION ALL
                SELECT order_id FROM chain_of_identity_transformation WHERE id = NEW.transformation_id
            ) AS chains) <> 1 THEN
            RAISE EXCEPTION 'baton: material of two patients would meet' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    """


class ContainerQuerySet(models.QuerySet["Container"]):
    def filled(self) -> "ContainerQuerySet":
        return self.filter(status=ContainerStatus.FILLED)

    def product(self) -> "ContainerQuerySet":
        return self.filter(holds=Container.Holds.PRODUCT)

    def starting(self) -> "ContainerQuerySet":
        return self.filter(holds=Container.Holds.STARTING)


class Container(RecordedModel):
    """A bag, vial or tube with a label of its own. Who it is for never changes; who has it changes by hand-over."""

    class Kind(models.TextChoices):
        BAG = "bag", "Bag"
        VIAL = "vial", "Vial"
        TUBE = "tube", "Tube"
        CASSETTE = "cassette", "Cassette"
        SYRINGE = "syringe", "Syringe"

    class Holds(models.TextChoices):
        STARTING = "starting", "Starting material"
        INTERMEDIATE = "intermediate", "Intermediate"
        PRODUCT = "product", "Drug product"
        SAMPLE = "sample", "Sample"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="containers")
    label = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    holds = models.CharField(max_length=12, choices=Holds.choices)
    description = models.CharField(max_length=80, blank=True)
    volume_ml = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    place = models.CharField(max_length=80, blank=True)
    custody = models.CharField(max_length=10, choices=Party.choices)
    custodian = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    batch_id = models.UUIDField(null=True, blank=True, db_index=True)
    batch_number = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    thawed_at = models.DateTimeField(null=True, blank=True)
    use_by = models.DateTimeField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=ContainerStatus.choices, default=ContainerStatus.LABELLED)
    release_status = models.CharField(max_length=20, choices=ReleaseStatus.choices, default=ReleaseStatus.QUARANTINED)
    judged_at = models.DateTimeField(null=True, blank=True)

    objects = ContainerQuerySet.as_manager()

    class Meta(RecordedModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(volume_ml__gte=0), name="container_volume_not_negative"),
            models.CheckConstraint(
                condition=models.Q(status__in=ContainerStatus.values), name="container_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(release_status__in=ReleaseStatus.values), name="release_status_is_known"
            ),
        ]
        triggers = [*recorded(), pgtrigger.ReadOnly(name="identity_stays", fields=["order", "label"])]

    def __str__(self) -> str:
        return self.label

    @property
    def site(self) -> Site:
        return self.order.site

    @property
    def volume(self) -> str:
        return millilitres(self.volume_ml)

    @property
    def contents(self) -> str:
        """What is in it, in words for a label."""
        return self.description or self.get_holds_display()

    def manifest(self) -> dict[str, Any]:
        """Whose it is. Volume, place and custody change; this is what a second person attests instead of a scan."""
        return {"label": self.label, "coi_id": self.order.coi_id, "kind": self.kind, "holds": self.holds}


class Transformation(AppendOnlyModel):
    """Material moved from containers into containers. `difference_ml` is out minus in: less is loss, more was added."""

    class Action(models.TextChoices):
        SPLIT = "split", "Split"
        POOL = "pool", "Pool"
        TRANSFER = "transfer", "Transfer"
        FILL = "fill", "Fill"
        SAMPLE = "sample", "Sample"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="transformations")
    action = models.CharField(max_length=10, choices=Action.choices)
    batch_id = models.UUIDField(null=True, blank=True, db_index=True)
    step_id = models.UUIDField(null=True, blank=True)
    difference_ml = models.DecimalField(max_digits=9, decimal_places=3, default=0)
    done_at = models.DateTimeField()
    done_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta(AppendOnlyModel.Meta):
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.get_action_display()} of {self.order}"

    @property
    def difference(self) -> str:
        return millilitres(self.difference_ml)


class Link(AppendOnlyModel):
    """One parent, one child, inside a transformation."""

    transformation = models.ForeignKey(Transformation, on_delete=models.PROTECT, related_name="links")
    source = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="links_out")
    target = models.ForeignKey(Container, on_delete=models.PROTECT, related_name="links_in")

    class Meta(AppendOnlyModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "target"], name="one_link_per_pair"),
            models.CheckConstraint(condition=~models.Q(source=models.F("target")), name="no_container_is_its_parent"),
        ]
        triggers: ClassVar = [StampRow(name="stamp"), SameChain(name="same_chain"), *append_only()]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}"


class LabelPrint(AppendOnlyModel):
    """One printed label: of a container, or (no container) of the patient's wristband and kit."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="label_prints")
    container = models.ForeignKey(
        Container, on_delete=models.PROTECT, related_name="label_prints", null=True, blank=True
    )
    copy = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=200, blank=True)
    printed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    printed_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order", "container", "copy"], nulls_distinct=False, name="each_copy_is_counted"
            ),
            models.CheckConstraint(condition=models.Q(copy=1) | ~models.Q(reason=""), name="a_reprint_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.container or self.order} copy {self.copy}"


class LabelFate(AppendOnlyModel):
    """What became of a printed label that is on no container."""

    class What(models.TextChoices):
        RETURNED = "returned", "Returned unused"
        DESTROYED = "destroyed", "Destroyed"

    label_print = models.OneToOneField(LabelPrint, on_delete=models.PROTECT, related_name="fate")
    what = models.CharField(max_length=10, choices=What.choices)
    reason = models.CharField(max_length=200)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_fate_of_a_label_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.label_print} {self.what}"


class LabelExplanation(AppendOnlyModel):
    """Why labels of a batch are left over: `differences` (label: number) are what it was said about."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="label_explanations")
    batch_id = models.UUIDField()
    differences = models.JSONField()
    reason = models.CharField(max_length=400)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField()

    class Meta(AppendOnlyModel.Meta):
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="an_explanation_of_labels_has_a_reason")
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.reason}"
