"""The batch record as a document: plain data in, PDF/A-3a with its inclusion proof out."""

import json
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from batches.queries.record import BatchRecord
from mes import clock
from mes.accounts.models import Site
from mes.documents import Attachment, render_pdf

PROOF = "inclusion-proof.json"


def batch_record_pdf(record: BatchRecord, *, site: Site, proof: dict[str, Any] | None) -> bytes:
    """PDF/A-3a of the whole record. Its only date is that of the last event: the same record gives the same bytes."""
    last = record.events[-1]
    shown = clock.show(site, last.process_at)
    html = render_to_string(
        "batches/record_document.html",
        {
            "record": record,
            "site": site,
            "changes": record.changes(),
            "proof": proof,
            "software_version": settings.SOFTWARE_VERSION,
            "stamp": f"{shown} ({site.timezone}){clock.scale_mark(site)}",
        },
    )
    return render_pdf(
        html,
        title=f"Batch record {record.number}",
        identity=f"{record.number} · {record.coi_id}",
        made_at=last.at,
        attachments=[_attached(proof)] if proof else [],
    )


def _attached(proof: dict[str, Any]) -> Attachment:
    content = json.dumps(proof, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return Attachment(PROOF, content, "application/json", "Checkpoint and inclusion proof")
