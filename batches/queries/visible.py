"""Who may see which batches: those of the sites where they have the right."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from batches.models import Batch, BatchDocument, BatchException, Deviation, Step, StepPhoto
from batches.models.batch import BatchQuerySet
from mes.accounts.models import User

VIEW = "batches.view"
# Texts of many pages, which few calls read: those fetch them when they do.
WHOLE_RECIPES = ("control_recipe", "recipe_version__source", "recipe_version__document")
RECIPES_OF_BATCH = tuple(f"batch__{field}" for field in WHOLE_RECIPES)


def visible_to(user: User) -> BatchQuerySet:
    """The batches a person may see, with what a line about them shows."""
    found = Batch.objects.filter(site_id__in=user.sites_for(VIEW))
    return found.select_related("site", "order__patient", "recipe_version__recipe").defer(*WHOLE_RECIPES)


def steps_visible_to(user: User) -> QuerySet[Step]:
    found = Step.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return found.select_related(
        "batch__site",
        "batch__order__patient",
        "batch__recipe_version__recipe",
        "operation__unit_procedure",
        "room",
        "performer",
    ).defer(*RECIPES_OF_BATCH)


def steps_to_act_on(user: User) -> QuerySet[Step]:
    """The same steps with no more than an act looks at before it locks them."""
    found = Step.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return found.select_related("batch__site", "batch__recipe_version__recipe").defer(*RECIPES_OF_BATCH)


def exceptions_visible_to(user: User) -> QuerySet[BatchException]:
    found = BatchException.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return found.select_related("batch__site", "batch__order__patient", "step", "deviation", "raised_by", "decided_by")


def deviations_visible_to(user: User) -> QuerySet[Deviation]:
    found = Deviation.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return found.select_related(
        "batch__site",
        "batch__order__patient",
        "step",
        "owner",
        "opened_by",
        "investigated_by",
        "approved_by",
    )


def documents_visible_to(user: User) -> QuerySet[BatchDocument]:
    found = BatchDocument.objects.filter(batch__site_id__in=user.sites_for(VIEW))
    return found.select_related("batch__site", "requested_by")


def photos_visible_to(user: User) -> QuerySet[StepPhoto]:
    """Without their bytes: see mes.records.files.content_of."""
    found = StepPhoto.objects.filter(step__batch__site_id__in=user.sites_for(VIEW))
    return found.select_related("by").defer("content")


def numbers_of(ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of batches that another room knows by id."""
    return dict(Batch.objects.filter(id__in=ids).values_list("id", "number"))


def id_of_number(number: str) -> UUID | None:
    """The id behind a batch number, as the records page asks for it."""
    return Batch.objects.filter(number__iexact=number.strip()).values_list("id", flat=True).first()
