"""The batch's share of the beat: batches that a clock or a machine moves on, and documents to render."""

from uuid import UUID

from celery import shared_task

from batches.models import BatchDocument
from batches.services import advance_batch, due_batches, render_document
from batches.states import DocumentState
from mes.accounts.queries import system_user


@shared_task(name="batches.tasks.tick")
def tick() -> None:
    """Hand out what is due. A row handed out twice is worked on once."""
    for batch_id in due_batches():
        advance.delay(str(batch_id))
    requested = BatchDocument.objects.filter(status=DocumentState.REQUESTED)
    for document_id in requested.values_list("id", flat=True)[:10]:
        render.delay(str(document_id))


@shared_task(name="batches.tasks.advance")
def advance(batch_id: str) -> None:
    advance_batch(actor=system_user("dispatcher"), batch_id=UUID(batch_id))


@shared_task(name="batches.tasks.render", time_limit=300)
def render(document_id: str) -> None:
    document = BatchDocument.objects.select_related("batch__site").get(pk=document_id)
    render_document(actor=system_user("dispatcher"), document=document)
