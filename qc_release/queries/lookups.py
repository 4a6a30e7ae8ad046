"""Who may see what, and the two or three single things others ask for."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from batches.models import Batch
from mes.accounts.models import Site, User
from qc_release.models import (
    Certificate,
    Investigation,
    Method,
    Notice,
    ReleaseFile,
    Result,
    Sample,
    Specification,
    SpecificationVersion,
)
from qc_release.states import VersionState

VIEW = "qc.view"


def specifications_visible_to(user: User) -> QuerySet[Specification]:
    found = Specification.objects.filter(site_id__in=user.sites_for(VIEW))
    return found.select_related("site").prefetch_related("versions__author")


def versions_visible_to(user: User) -> QuerySet[SpecificationVersion]:
    found = SpecificationVersion.objects.filter(specification__site_id__in=user.sites_for(VIEW))
    return found.select_related("specification__site", "author")


def methods_visible_to(user: User) -> QuerySet[Method]:
    return Method.objects.filter(site_id__in=user.sites_for(VIEW)).select_related("site", "author")


def samples_visible_to(user: User) -> QuerySet[Sample]:
    found = Sample.objects.filter(site_id__in=user.sites_for(VIEW))
    return found.select_related("site", "batch__order", "specification_version__specification", "container")


def results_visible_to(user: User) -> QuerySet[Result]:
    found = Result.objects.filter(sample__site_id__in=user.sites_for(VIEW))
    return found.select_related(
        "sample__site",
        "sample__batch__site",
        "sample__specification_version__specification",
        "method",
        "analyst",
        "checked_by",
    )


def investigations_visible_to(user: User) -> QuerySet[Investigation]:
    found = Investigation.objects.filter(site_id__in=user.sites_for(VIEW))
    return found.select_related("site", "batch__site", "investigator").select_related(
        "result__sample__batch__order", "result__method", "result__analyst"
    )


def batches_visible_to(user: User) -> QuerySet[Batch]:
    """Batches a person may review: those of the sites where they see the laboratory."""
    found = Batch.objects.filter(site_id__in=user.sites_for(VIEW))
    return found.select_related("site", "order__patient", "recipe_version__recipe")


def certificates_visible_to(user: User) -> QuerySet[Certificate]:
    found = Certificate.objects.filter(file__batch__site_id__in=user.sites_for(VIEW))
    return found.select_related("file__batch__site", "disposition", "supersedes")


def notices_visible_to(user: User) -> QuerySet[Notice]:
    found = Notice.objects.filter(file__batch__site_id__in=user.sites_for(VIEW))
    return found.select_related("file__batch__site", "given_by")


def file_of(batch: Batch) -> ReleaseFile | None:
    """The quality unit's file on a batch; None before its first sample."""
    return files_of([batch.id]).get(batch.id)


def files_of(batch_ids: Collection[UUID]) -> dict[UUID, ReleaseFile]:
    """The files on many batches, by batch."""
    found = ReleaseFile.objects.filter(batch__in=batch_ids)
    related = found.select_related("batch__site", "batch__order", "specification_version__specification")
    return {file.batch_id: file for file in related}


def effective_specification(site: Site, product_code: str) -> SpecificationVersion | None:
    """The version in force for a product at a site."""
    found = SpecificationVersion.objects.filter(
        specification__site=site, specification__product_code=product_code, status=VersionState.EFFECTIVE
    )
    return found.select_related("specification__site").first()


def expiry_of(file: ReleaseFile) -> datetime | None:
    """When the product may no longer be used: the shelf life of the specification, counted from the batch's end."""
    shelf_life = file.specification_version.content.shelf_life
    if shelf_life is None or file.batch.ended_at is None:
        return None
    return shelf_life.after(file.batch.ended_at)
