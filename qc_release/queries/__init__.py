"""Reads of specifications, results and the way to release."""

from qc_release.queries.blocks import blocks_to_release
from qc_release.queries.lines import TestLine, lines_of, patient_of
from qc_release.queries.lookups import (
    batches_visible_to,
    certificates_visible_to,
    effective_specification,
    expiry_of,
    file_of,
    investigations_visible_to,
    methods_visible_to,
    notices_visible_to,
    results_visible_to,
    samples_visible_to,
    specifications_visible_to,
    versions_visible_to,
)
from qc_release.queries.reviews import reviewed_content

__all__ = [
    "TestLine",
    "batches_visible_to",
    "blocks_to_release",
    "certificates_visible_to",
    "effective_specification",
    "expiry_of",
    "file_of",
    "investigations_visible_to",
    "lines_of",
    "methods_visible_to",
    "notices_visible_to",
    "patient_of",
    "results_visible_to",
    "reviewed_content",
    "samples_visible_to",
    "specifications_visible_to",
    "versions_visible_to",
]
