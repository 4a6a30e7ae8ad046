"""Specifications and methods; samples, results and investigations; reviews, dispositions, certificates and notices."""

from qc_release.models.certificates import Certificate, CertificateFile
from qc_release.models.files import FileMatch
from qc_release.models.laboratory import Cause, Investigation, Purpose, Result, Sample
from qc_release.models.release import DispositionRecord, Notice, ReleaseFile, Review, ReviewKind
from qc_release.models.specifications import Method, Specification, SpecificationVersion

__all__ = [
    "Cause",
    "Certificate",
    "CertificateFile",
    "DispositionRecord",
    "FileMatch",
    "Investigation",
    "Method",
    "Notice",
    "Purpose",
    "ReleaseFile",
    "Result",
    "Review",
    "ReviewKind",
    "Sample",
    "Specification",
    "SpecificationVersion",
]
