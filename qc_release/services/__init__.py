"""Acts of the laboratory and of the quality unit."""

from qc_release.services.certificates import issue_certificate, try_certificate_again
from qc_release.services.disposition import OutOfSpecificationSupply, dispose
from qc_release.services.files import look_after_files, match_file, set_file_aside
from qc_release.services.investigations import (
    MOST_RETESTS,
    close_investigation,
    conclude_investigation,
    plan_retests,
    return_investigation,
)
from qc_release.services.notices import give_notice
from qc_release.services.results import check_result, invalidate_result, record_result, return_result
from qc_release.services.reviews import sign_review
from qc_release.services.samples import complete_sample, register_sample
from qc_release.services.specifications import (
    add_method,
    approve_method,
    approve_version,
    import_specification,
    retire_method,
    withdraw_version,
)

__all__ = [
    "MOST_RETESTS",
    "OutOfSpecificationSupply",
    "add_method",
    "approve_method",
    "approve_version",
    "check_result",
    "close_investigation",
    "complete_sample",
    "conclude_investigation",
    "dispose",
    "give_notice",
    "import_specification",
    "invalidate_result",
    "issue_certificate",
    "look_after_files",
    "match_file",
    "plan_retests",
    "record_result",
    "register_sample",
    "retire_method",
    "return_investigation",
    "return_result",
    "set_file_aside",
    "sign_review",
    "try_certificate_again",
    "withdraw_version",
]
