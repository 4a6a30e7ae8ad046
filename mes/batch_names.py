"""Batches by number, for rooms that know a batch by its id only: `batches` answers, named by the settings."""

from collections.abc import Collection, Mapping
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string


def batch_id_of(number: str) -> UUID | None:
    """The id behind a batch number; None where there is no such batch."""
    found: UUID | None = import_string(settings.FIND_BATCH)(number)
    return found


def batch_numbers_of(ids: Collection[UUID]) -> Mapping[UUID, str]:
    named: Mapping[UUID, str] = import_string(settings.NAME_BATCHES)(ids)
    return named
