"""The identity banner (`_identity_banner.html`) of every page about one batch: pseudonymous, always on top."""

from batches.models import Batch
from mes.clock import stamp


def banner_of(batch: Batch) -> dict[str, str]:
    patient = batch.order.patient
    return {
        "coi_id": batch.coi_id,
        "batch_number": batch.number,
        "second_label": patient.get_second_identifier_kind_display().lower(),
        "second_identifier": patient.second_identifier,
        "position": batch.get_status_display(),
        "operation": str(batch.recipe_version),
        "stamp": stamp(batch.site),
    }
