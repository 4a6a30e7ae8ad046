"""The batch record as a document: asked for as a row, rendered by a worker, kept byte for byte."""

from hashlib import sha256

from batches.documents import batch_record_pdf
from batches.models import Batch, BatchDocument, DocumentContent, StepPhoto
from batches.queries.record import BatchRecord, record_of
from batches.states import DOCUMENT, DocumentState
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.documents import Picture
from mes.records.files import content_of
from mes.records.sealing import proof_for_newest, seal_now
from mes.records.services import act


def request_record(*, actor: User, batch: Batch) -> BatchDocument:
    """Ask for the batch record as PDF. The row is the work; a worker renders it."""
    require(actor, "batches.view", batch.site)
    with act(actor, "batches.request_record", site=batch.site, subject=batch, batch=batch):
        return BatchDocument.objects.create(batch=batch, requested_by=actor, requested_at=clock.now(batch.site))


def render_document(*, actor: User, document: BatchDocument) -> BatchDocument:
    """Render a requested document with the proof that its events are sealed; the worker's act.

    Delivered again, it finds nothing left to do (R-068), or somebody else at it: that one needs no help, and to wait
    for them would keep a second worker from the batches.
    """
    batch = document.batch
    seal_now()
    with act(actor, "batches.render_document", site=batch.site, subject=document, batch=batch) as event:
        rows = BatchDocument.objects.select_related("batch__site", "batch__recipe_version__recipe").select_for_update(
            of=("self",), skip_locked=True
        )
        free = rows.filter(pk=document.pk, status=DocumentState.REQUESTED).first()
        if free is None:
            return document
        document = free
        content = _rendered(document.batch)
        digest = sha256(content).hexdigest()
        DocumentContent.objects.create(document=document, content=content, sha256=digest)
        document.sha256 = digest
        document.rendered_at = clock.now(batch.site)
        document.save(update_fields=["sha256", "rendered_at"])
        DOCUMENT.move(document, "render", event=event)
        event.data["sha256"] = digest
    return document


def _rendered(batch: Batch) -> bytes:
    # The proof is taken first, so that the event it proves is one of those the record shows.
    proof = proof_for_newest(batch.id)
    record = record_of(batch)
    return batch_record_pdf(record, site=batch.site, proof=proof, pictures=_pictures(record))


def _pictures(record: BatchRecord) -> dict[str, Picture]:
    """The photos of the record, each checked against its digest."""
    photos = StepPhoto.objects.defer("content").filter(id__in=record.photo_ids())
    return {str(photo.id): Picture(content_of(photo), photo.media_type) for photo in photos}
