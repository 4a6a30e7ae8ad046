"""The batch's share of the beat: batches that move on, calls that nobody answers, documents to render."""

from celery import shared_task

from batches.models import BatchDocument
from batches.services import advance_due, escalate_calls, hold_where_silent, render_document
from batches.states import DocumentState
from mes.accounts.queries import system_user


@shared_task(name="batches.tasks.tick")
def tick() -> None:
    """Move on what is due, and ask for the documents somebody waits for.

    No message names a batch: one for each that is due, with every look, would bury those that come due next.
    """
    requested = BatchDocument.objects.filter(status=DocumentState.REQUESTED)
    for document_id in requested.values_list("id", flat=True)[:10]:
        render.delay(str(document_id))
    advance_due(actor=system_user("dispatcher"))
    hold_where_silent(actor=system_user("dispatcher"))
    escalate_calls(actor=system_user("dispatcher"))


@shared_task(name="batches.tasks.render", time_limit=300)
def render(document_id: str) -> None:
    document = BatchDocument.objects.select_related("batch__site").get(pk=document_id)
    render_document(actor=system_user("dispatcher"), document=document)
