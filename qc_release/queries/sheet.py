"""The release sheet: what a decision would do, in words, and the digest that ties the signature to what was shown."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from qc_release.models import ReleaseFile, ReviewKind
from qc_release.queries.lines import lines_of
from qc_release.queries.lookups import expiry_of
from qc_release.queries.reviews import content_digest, reviewed_content
from qc_release.states import Disposition


@dataclass(frozen=True)
class ReleaseSheet:
    sentences: dict[str, str]
    pending: list[dict[str, str]]
    expires_at: datetime | None
    digest: str


def release_sheet(file: ReleaseFile) -> ReleaseSheet:
    """Everything a decision rests on, as it is now."""
    pending = [
        {"key": line.test.key, "name": line.test.name, "stage": line.test.stage}
        for line in lines_of(file)
        if line.is_open and line.test.may_be_pending
    ]
    seen: dict[str, Any] = {
        "batch": file.batch.number,
        "status": file.status,
        "pending": pending,
        "record": reviewed_content(file, ReviewKind.RECORD),
    }
    return ReleaseSheet(_sentences(file, pending), pending, expiry_of(file), content_digest(seen))


def _sentences(file: ReleaseFile, pending: list[dict[str, str]]) -> dict[str, str]:
    """The consequence of each decision, as the person reads it before signing."""
    batch, patient = file.batch.number, str(file.batch.order)
    open_tests = ", ".join(each["name"] for each in pending) or "none"
    return {
        Disposition.RELEASED: f"Releases {batch} for patient {patient}. Shipping may start.",
        Disposition.RELEASED_PENDING: (
            f"Releases {batch} for patient {patient} while results are pending: {open_tests}. Shipping may start."
        ),
        Disposition.SUPPLIED_OOS: (
            f"Supplies {batch} for patient {patient} out of specification, at the physician's request. "
            "It is not released."
        ),
        Disposition.REJECTED: f"Rejects {batch}. It will not be given to patient {patient}.",
        Disposition.QUARANTINED: f"Keeps {batch} in quarantine. It cannot be shipped or given.",
    }
