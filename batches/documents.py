"""The batch record as a document: plain data in, PDF out."""

from django.conf import settings
from django.template.loader import render_to_string

from batches.queries.record import BatchRecord
from mes.documents import render_pdf


def batch_record_pdf(record: BatchRecord) -> bytes:
    """PDF/A-3a of the whole record. It prints the time of the last event, so the same record gives the same bytes."""
    made_at = record.events[-1].at
    html = render_to_string(
        "batches/record_document.html",
        {"record": record, "software_version": settings.SOFTWARE_VERSION, "made_at": made_at},
    )
    return render_pdf(
        html, title=f"Batch record {record.number}", identity=f"{record.number} · {record.coi_id}", made_at=made_at
    )
