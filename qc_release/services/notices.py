"""Notices: who must be told, by when, and that they were."""

from datetime import timedelta

from mes import clock
from mes.accounts.models import User
from mes.records.services import act, sign
from mes.records.signing import Signer
from qc_release.models import Notice, ReleaseFile, Result
from qc_release.services.shared import require_own
from qc_release.states import NOTICE, Disposition

SUPPLIED = (Disposition.RELEASED, Disposition.RELEASED_PENDING, Disposition.SUPPLIED_OOS)
Recipient = Notice.Recipient

# After a late failure the physician decides on the patient: no later than the next day, a figure for the site to set.
AFTER_LATE_FAILURE = timedelta(hours=24)
# EMA, Q&A on out-of-specification batches of ATMPs (2019): within 48 hours of the supply.
AFTER_SUPPLY_OUT_OF_SPECIFICATION = timedelta(hours=48)


def notify_of_late_failure(*, actor: User, file: ReleaseFile, result: Result) -> None:
    """A result failed after the product had left: physician and quality unit are to be told (R-170)."""
    if file.status not in SUPPLIED:
        return
    words = f"Batch {file.batch.number}: {result.test.name} failed after release. {result.reasoning}"
    for recipient in (Recipient.PHYSICIAN, Recipient.QUALITY):
        _raise(actor, file, recipient, words, AFTER_LATE_FAILURE)


def notify_of_supply(*, actor: User, file: ReleaseFile) -> None:
    """Product was supplied out of specification: sponsor and authority are to be told (R-172)."""
    words = f"Batch {file.batch.number} was supplied out of specification."
    for recipient in (Recipient.SPONSOR, Recipient.AUTHORITY):
        _raise(actor, file, recipient, words, AFTER_SUPPLY_OUT_OF_SPECIFICATION)


def give_notice(*, actor: User, notice: Notice, how: str, signer: Signer) -> Notice:
    """Somebody told the recipient; `how` says when, by which way and who answered."""
    require_own(signer, actor)
    site = notice.site
    with act(
        actor, "qc_release.give_notice", site=site, subject=notice, batch=notice.file.batch_id, reason=how
    ) as event:
        notice = Notice.objects.select_related("file__batch__site").select_for_update(of=("self",)).get(pk=notice.pk)
        NOTICE.move(notice, "give", event=event, signers=[signer])
        notice.given_by, notice.given_at, notice.how = actor, clock.now(site), how
        notice.save(update_fields=["given_by", "given_at", "how"])
        sign(event, signer, subject=notice, meaning="performed")
    return notice


def _raise(actor: User, file: ReleaseFile, recipient: str, words: str, within: timedelta) -> None:
    site = file.site
    with act(actor, "qc_release.raise_notice", site=site, subject=file, batch=file.batch_id) as event:
        raised = clock.now(site)
        Notice.objects.create(file=file, recipient=recipient, subject=words, raised_at=raised, due_at=raised + within)
        event.data |= {"recipient": recipient}
