"""The quality unit's reviews: of the record, of the audit trail, of alarms and environment."""

from batches.models import Batch
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Blocked, InvalidInput, NotPermitted, Reason
from mes.records.services import act, sign
from mes.records.signing import Signer
from qc_release.models import Review, ReviewKind
from qc_release.queries import file_of, reviewed_content
from qc_release.queries.reviews import content_digest
from qc_release.services.shared import as_seen, locked_file, require_own


def sign_review(*, actor: User, batch: Batch, kind: str, comment: str = "", signer: Signer) -> Review:
    """Sign that one has looked at all of it. Never somebody whose hands were in the batch."""
    require(actor, "qc.review", batch.site)
    require_own(signer, actor)
    if kind not in ReviewKind.values:
        raise InvalidInput(f"There is no review “{kind}”.", known=ReviewKind.values)
    file = file_of(batch)
    if file is None:
        reason = Reason("no_release_file", "No sample of this batch has reached the laboratory.", batch.number)
        raise Blocked.by([reason], "There is nothing to review yet.")
    with act(actor, f"qc_release.review_{kind}", site=batch.site, subject=batch, batch=batch) as event:
        file = locked_file(file)
        if actor.id in file.performer_ids():
            raise NotPermitted("Nobody reviews a batch they worked on.", rule="not_own_work")
        content = reviewed_content(file, kind)
        signer = as_seen(signer, content_digest(content))
        review = Review.objects.create(
            file=file, kind=kind, content=content, comment=comment, reviewer=actor, reviewed_at=clock.now(batch.site)
        )
        sign(event, signer, subject=review, meaning="reviewed")
    return review
