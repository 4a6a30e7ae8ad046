"""The decision on a batch: released (results pending or not), supplied out of specification, rejected, quarantined."""

from dataclasses import asdict, dataclass

from batches.models import Batch
from batches.services.telling import tell
from chain_of_identity.services import set_release_status
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import InvalidInput, NotPermitted, Reason, SignatureRefused
from mes.records.models import Event
from mes.records.sealing import seal_now
from mes.records.services import act, sign
from mes.records.signing import Signer
from qc_release.announcements import DECISIONS
from qc_release.errors import ReleaseBlocked
from qc_release.models import DispositionRecord, ReleaseFile
from qc_release.queries import file_of
from qc_release.queries.blocks import blocks_of
from qc_release.queries.sheet import ReleaseSheet, release_sheet
from qc_release.services.certificates import request_certificate
from qc_release.services.notices import notify_of_supply
from qc_release.services.shared import as_seen, locked_file, require_own
from qc_release.states import DISPOSITION, MOVES, Disposition, meaning_of

CERTIFIED = (Disposition.RELEASED, Disposition.RELEASED_PENDING, Disposition.SUPPLIED_OOS)


@dataclass(frozen=True)
class OutOfSpecificationSupply:
    """What a supply out of specification rests on (EU GMP for ATMP 11.53-11.54): a reference to each document."""

    physician_request: str = ""
    risk_evaluation: str = ""
    notice: str = ""
    acceptance: str = ""

    def missing(self) -> list[Reason]:
        return [
            Reason(f"{name}_missing", f"The {name.replace('_', ' ')} is not on record.", name)
            for name, reference in asdict(self).items()
            if not reference.strip()
        ]


def dispose(
    *,
    actor: User,
    batch: Batch,
    decision: str,
    comment: str = "",
    recall_path: str = "",
    supply: OutOfSpecificationSupply | None = None,
    signer: Signer,
) -> DispositionRecord:
    """Decide on a batch, over a full credential, by somebody of the quality unit who did no step of it (R-163).

    ReleaseBlocked names every precondition that is not met. What it decides reaches the product's containers in the
    same act, and a certificate is asked for where product may leave.
    """
    meaning, move = meaning_of(decision), MOVES[decision]
    file = _file(batch)
    _require_may_decide(actor, file, decision, signer)
    _require_said(decision, comment, recall_path)
    seal_now()
    with act(actor, f"qc_release.{move}", site=batch.site, subject=batch, batch=batch, reason=comment) as event:
        file = locked_file(file)
        sheet = release_sheet(file)
        signer = as_seen(signer, sheet.digest)
        _require_nothing_blocks(file, sheet, decision, supply)
        record = _record(event, file, sheet, decision, comment, recall_path, supply)
        DISPOSITION.move(file, move, event=event, signers=[signer])
        sign(event, signer, subject=record, meaning=meaning)
        _carry_out(actor, file, record, sheet)
        event.data |= {"decision": decision, "pending": [each["key"] for each in record.pending]}
        tell(event, batch, DECISIONS[Disposition(decision)])
    return record


def _file(batch: Batch) -> ReleaseFile:
    file = file_of(batch)
    if file is None:
        reason = Reason("no_release_file", "No sample of this batch has reached the laboratory.", batch.number)
        raise ReleaseBlocked.by([reason], f"{batch} cannot be decided on.")
    return file


def _require_may_decide(actor: User, file: ReleaseFile, decision: str, signer: Signer) -> None:
    """Before anything is told about the batch: the right, the separation of roles, the credential."""
    cell = DISPOSITION.find(MOVES[decision], file.status)
    require(actor, cell.permission, file.site)
    if actor.id in file.performer_ids():
        raise NotPermitted("Nobody decides on a batch they worked on.", rule="not_own_work")
    require_own(signer, actor)
    if not signer.full:
        raise SignatureRefused("This signature needs your user name and your password.", full_credential=True)


def _require_said(decision: str, comment: str, recall_path: str) -> None:
    if decision not in (Disposition.RELEASED, Disposition.RELEASED_PENDING) and not comment.strip():
        raise InvalidInput("Write why.", field="comment")
    if decision == Disposition.RELEASED_PENDING and not recall_path.strip():
        words = "Write what happens when a pending result fails: who is called, and what happens to the patient."
        raise InvalidInput(words, field="recall_path")


def _require_nothing_blocks(
    file: ReleaseFile, sheet: ReleaseSheet, decision: str, supply: OutOfSpecificationSupply | None
) -> None:
    reasons = blocks_of(file, decision)
    if decision == Disposition.RELEASED_PENDING and not sheet.pending:
        reasons.append(Reason("nothing_pending", "No result is pending: the batch can be released.", str(file)))
    if decision == Disposition.SUPPLIED_OOS:
        reasons = [*(supply or OutOfSpecificationSupply()).missing(), *reasons]
    if reasons:
        raise ReleaseBlocked.by(reasons, f"{file.batch} cannot be {Disposition(decision).label.lower()}.")


def _record(
    event: Event,
    file: ReleaseFile,
    sheet: ReleaseSheet,
    decision: str,
    comment: str,
    recall_path: str,
    supply: OutOfSpecificationSupply | None,
) -> DispositionRecord:
    batch = file.batch
    content = {
        "batch": batch.number,
        "coi": batch.coi_id,
        "specification": str(file.specification_version),
        "specification_sha256": file.specification_version.sha256,
        "sentence": sheet.sentences[decision],
        "comment": comment,
        "pending": sheet.pending if decision in CERTIFIED else [],
        "recall_path": recall_path,
        "supply": asdict(supply) if supply else None,
        "expires_at": sheet.expires_at.isoformat() if sheet.expires_at else None,
        "seen": sheet.digest,
    }
    return DispositionRecord.objects.create(
        file=file,
        number=file.dispositions.count() + 1,
        decision=decision,
        content=content,
        decided_by=event.actor,
        decided_at=clock.now(file.site),
        event_id=event.id,
    )


def _carry_out(actor: User, file: ReleaseFile, record: DispositionRecord, sheet: ReleaseSheet) -> None:
    """The decision reaches the bags, the certificate and whoever must be told."""
    batch = file.batch
    if batch.order.containers.product().filter(batch_id=batch.id).exists():
        set_release_status(
            actor=actor,
            order=batch.order,
            batch_id=batch.id,
            status=record.decision,
            expires_at=sheet.expires_at,
        )
    if record.decision in CERTIFIED:
        request_certificate(actor=actor, record=record)
    if record.decision == Disposition.SUPPLIED_OOS:
        notify_of_supply(actor=actor, file=file)
