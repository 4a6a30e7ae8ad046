"""The lives of specifications, methods, results, investigations, dispositions, certificates and notices."""

from django.db.models import TextChoices

from mes.errors import InvalidInput
from mes.state_machine import StateMachine, Transition


class VersionState(TextChoices):
    DRAFT = "draft", "Draft"
    EFFECTIVE = "effective", "Effective"
    SUPERSEDED = "superseded", "Superseded"
    WITHDRAWN = "withdrawn", "Withdrawn"


SPECIFICATION_VERSION = StateMachine(
    Transition(
        "approve",
        (VersionState.DRAFT,),
        VersionState.EFFECTIVE,
        "qc.approve_specification",
        signed_as=("approved",),
        not_by=("author_id",),
    ),
    Transition("withdraw", (VersionState.DRAFT,), VersionState.WITHDRAWN, "qc.specify", needs_reason=True),
    Transition("supersede", (VersionState.EFFECTIVE,), VersionState.SUPERSEDED),
    initial=VersionState.DRAFT,
)


class MethodState(TextChoices):
    DRAFT = "draft", "Draft"
    APPROVED = "approved", "Approved"
    RETIRED = "retired", "Retired"


METHOD = StateMachine(
    Transition(
        "approve",
        (MethodState.DRAFT,),
        MethodState.APPROVED,
        "qc.approve_specification",
        signed_as=("approved",),
        not_by=("author_id",),
    ),
    Transition("retire", (MethodState.APPROVED,), MethodState.RETIRED, "qc.approve_specification", needs_reason=True),
    initial=MethodState.DRAFT,
)


class ResultState(TextChoices):
    ENTERED = "entered", "Waits for the second analyst"
    CHECKED = "checked", "Checked"
    RETURNED = "returned", "Returned by the second analyst"
    INVALIDATED = "invalidated", "Invalidated"


RESULT = StateMachine(
    Transition(
        "check",
        (ResultState.ENTERED,),
        ResultState.CHECKED,
        "qc.check_result",
        signed_as=("checked",),
        not_by=("analyst_id",),
    ),
    Transition(
        "return",
        (ResultState.ENTERED,),
        ResultState.RETURNED,
        "qc.check_result",
        signed_as=("checked",),
        not_by=("analyst_id",),
        needs_reason=True,
    ),
    Transition(
        "invalidate",
        (ResultState.ENTERED, ResultState.CHECKED),
        ResultState.INVALIDATED,
        "qc.review",
        signed_as=("approved",),
        not_by=("analyst_id",),
        needs_reason=True,
    ),
    initial=ResultState.ENTERED,
)


class FileMatchState(TextChoices):
    WAITING = "waiting", "To be matched"
    MATCHED = "matched", "Matched"
    SET_ASIDE = "set_aside", "Set aside"
    REPEATED = "repeated", "Told before by another file"


FILE_MATCH = StateMachine(
    Transition("match", (FileMatchState.WAITING,), FileMatchState.MATCHED, "qc.result"),
    Transition("set_aside", (FileMatchState.WAITING,), FileMatchState.SET_ASIDE, "qc.result", needs_reason=True),
    Transition("repeat", (FileMatchState.WAITING,), FileMatchState.REPEATED),
    initial=FileMatchState.WAITING,
)


class InvestigationState(TextChoices):
    OPEN = "open", "Open"
    CONCLUDED = "concluded", "Concluded, waits for quality"
    CLOSED = "closed", "Closed"


INVESTIGATION = StateMachine(
    Transition(
        "conclude",
        (InvestigationState.OPEN,),
        InvestigationState.CONCLUDED,
        "qc.result",
        signed_as=("performed",),
    ),
    Transition("return", (InvestigationState.CONCLUDED,), InvestigationState.OPEN, "qc.review", needs_reason=True),
    Transition(
        "close",
        (InvestigationState.CONCLUDED,),
        InvestigationState.CLOSED,
        "qc.review",
        signed_as=("approved",),
        not_by=("investigator_id", "analyst_id"),
    ),
    initial=InvestigationState.OPEN,
)


class Disposition(TextChoices):
    """Where a batch stands with the quality unit. "Supplied out of specification" is never called released."""

    UNDER_REVIEW = "under_review", "Under review"
    QUARANTINED = "quarantined", "Quarantined"
    RELEASED_PENDING = "released_pending", "Released, results pending"
    RELEASED = "released", "Released"
    SUPPLIED_OOS = "supplied_oos", "Supplied out of specification"
    REJECTED = "rejected", "Rejected"


_UNDECIDED = (Disposition.UNDER_REVIEW, Disposition.QUARANTINED)
_NOBODY_WHO_MADE_IT = ("performer_ids",)

# Only `dispose` moves these, each with a full credential: user name and password, never a PIN.
DISPOSITION = StateMachine(
    Transition(
        "release",
        (*_UNDECIDED, Disposition.RELEASED_PENDING),
        Disposition.RELEASED,
        "qc.release",
        signed_as=("released",),
        not_by=_NOBODY_WHO_MADE_IT,
    ),
    Transition(
        "release_pending",
        _UNDECIDED,
        Disposition.RELEASED_PENDING,
        "qc.release",
        signed_as=("released",),
        not_by=_NOBODY_WHO_MADE_IT,
    ),
    Transition(
        "supply_out_of_specification",
        (*_UNDECIDED, Disposition.RELEASED_PENDING),
        Disposition.SUPPLIED_OOS,
        "qc.disposition",
        signed_as=("decided",),
        not_by=_NOBODY_WHO_MADE_IT,
        needs_reason=True,
    ),
    Transition(
        "quarantine",
        (Disposition.UNDER_REVIEW, Disposition.RELEASED_PENDING, Disposition.RELEASED, Disposition.SUPPLIED_OOS),
        Disposition.QUARANTINED,
        "qc.disposition",
        signed_as=("decided",),
        not_by=_NOBODY_WHO_MADE_IT,
        needs_reason=True,
    ),
    Transition(
        "reject",
        (*_UNDECIDED, Disposition.RELEASED_PENDING),
        Disposition.REJECTED,
        "qc.disposition",
        signed_as=("rejected",),
        not_by=_NOBODY_WHO_MADE_IT,
        needs_reason=True,
    ),
    initial=Disposition.UNDER_REVIEW,
)


MOVES = {cell.target: cell.name for cell in DISPOSITION.transitions}


def meaning_of(decision: str) -> str:
    """What the signature on a decision means: released, rejected, or decided. InvalidInput for no decision at all."""
    cells = [cell for cell in DISPOSITION.transitions if cell.target == decision]
    if not cells:
        raise InvalidInput(f"There is no decision “{decision}”.", known=sorted(MOVES))
    return cells[0].signed_as[0]


class CertificateState(TextChoices):
    REQUESTED = "requested", "Being made"
    ISSUED = "issued", "Issued"
    FAILED = "failed", "Could not be made"


CERTIFICATE = StateMachine(
    Transition("issue", (CertificateState.REQUESTED,), CertificateState.ISSUED),
    Transition("fail", (CertificateState.REQUESTED,), CertificateState.FAILED, needs_reason=True),
    Transition("try_again", (CertificateState.FAILED,), CertificateState.REQUESTED, "qc.review", needs_reason=True),
    initial=CertificateState.REQUESTED,
)


class NoticeState(TextChoices):
    OPEN = "open", "To be given"
    GIVEN = "given", "Given"


NOTICE = StateMachine(
    Transition(
        "give", (NoticeState.OPEN,), NoticeState.GIVEN, "qc.review", signed_as=("performed",), needs_reason=True
    ),
    initial=NoticeState.OPEN,
)
