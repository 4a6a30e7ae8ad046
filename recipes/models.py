"""Recipes and their versions."""

from typing import Any
from uuid import UUID

import pgtrigger
from django.db import models
from django.db.models import Q

from mes.accounts.models import Site, User
from mes.records.models import RecordedModel
from mes.records.queries import events_of, signatures_of
from mes.records.triggers import recorded
from recipes.document import RecipeDocument
from recipes.states import IN_WORK, VersionStatus

WRITING = ("recipes.import_recipe", "recipes.revise", "recipes.rewrite")


class KeepApproved(pgtrigger.Trigger):
    """What people have signed stays what it is: once submitted, the content is locked (211.68(b))."""

    when = pgtrigger.Before
    operation = pgtrigger.Update
    func = """
        IF OLD.status <> 'draft' AND (NEW.source, NEW.document, NEW.sha256, NEW.change_control)
                IS DISTINCT FROM (OLD.source, OLD.document, OLD.sha256, OLD.change_control)
            OR (NEW.recipe_id, NEW.number) IS DISTINCT FROM (OLD.recipe_id, OLD.number)
            OR OLD.effective_from IS NOT NULL
                AND NEW.effective_from IS DISTINCT FROM OLD.effective_from THEN
            RAISE EXCEPTION 'baton: recipe version % is locked', OLD.id
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    """


class Recipe(RecordedModel):
    """A way to make a product at one site, known by its code through all its versions."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=200)

    class Meta(RecordedModel.Meta):
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="recipe_code_once_per_site")]

    def __str__(self) -> str:
        return self.code


class RecipeVersion(RecordedModel):
    """One version of the document: the text as it was handed in, and what it says as data.

    `document` is `RecipeDocument.to_json()`; `sha256` is over the bytes of `source`.
    """

    recipe = models.ForeignKey(Recipe, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    source = models.TextField()
    document = models.JSONField()
    sha256 = models.CharField(max_length=64)
    change_control = models.CharField(max_length=60, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    effective_from = models.DateTimeField(null=True)
    status = models.CharField(max_length=20, choices=VersionStatus.choices, default=VersionStatus.DRAFT)

    class Meta(RecordedModel.Meta):
        ordering = ["-number"]
        triggers = [*recorded(), KeepApproved(name="keep_approved")]
        constraints = [
            models.UniqueConstraint(fields=["recipe", "number"], name="recipe_version_number_once"),
            models.UniqueConstraint(
                fields=["recipe"],
                condition=Q(status__in=IN_WORK),
                name="one_recipe_version_in_work",
            ),
            models.UniqueConstraint(
                fields=["recipe"],
                condition=Q(status=VersionStatus.EFFECTIVE),
                name="one_recipe_version_effective",
            ),
            models.CheckConstraint(condition=Q(status__in=VersionStatus.values), name="recipe_version_status_known"),
            models.CheckConstraint(
                condition=Q(status__in=IN_WORK) | Q(effective_from__isnull=False),
                name="approved_recipe_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(change_control=""),
                name="recipe_change_under_change_control",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipe.code} v{self.number}"

    @property
    def site(self) -> Site:
        return self.recipe.site

    @property
    def content(self) -> RecipeDocument:
        """The document, typed."""
        return RecipeDocument.from_json(self.document)

    def manifest(self) -> dict[str, Any]:
        """What is signed: this recipe, to the byte."""
        header = self.document["recipe"]
        return {
            "site": self.site.code,
            "recipe": self.recipe.code,
            "version": self.number,
            "name": header["name"],
            "product": header["product"],
            "change": header["change"],
            "change_control": self.change_control,
            "sha256": self.sha256,
        }

    def preparers(self) -> set[UUID]:
        """Everyone who wrote on this version or signed that they prepared it."""
        wrote = events_of(self).filter(action__in=WRITING).values_list("actor_id", flat=True)
        return {*wrote, *self._signers("prepared")}

    def reviewers(self) -> set[UUID]:
        return self._signers("reviewed")

    def _signers(self, meaning: str) -> set[UUID]:
        found = signatures_of(self).filter(meaning=meaning).values_list("signer_id", flat=True)
        return set(found)
