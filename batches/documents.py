"""The batch record as a document: plain data in, PDF/A-3a with its inclusion proof out."""

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from batches.models import PaperForm
from batches.policy import limits_text
from batches.queries.record import BatchRecord
from mes import clock
from mes.accounts.models import Site
from mes.documents import Attachment, Picture, in_english, render_pdf
from recipes.document import Entry

PROOF = "inclusion-proof.json"


def batch_record_pdf(
    record: BatchRecord, *, site: Site, proof: dict[str, Any] | None, pictures: Mapping[str, Picture]
) -> bytes:
    """PDF/A-3a of the whole record. Its only date is that of the last event: the same record gives the same bytes.

    `pictures` are its photos by their id.
    """
    last = record.events[-1]
    shown = clock.show(site, last.process_at)
    html = in_english(
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
        pictures=pictures,
    )


def paper_form_pdf(form: PaperForm) -> bytes:
    """The form to be filled in by hand: its number, the patient's identity, and what each step asks for."""
    site = form.site
    html = in_english(
        "batches/paper_form_document.html",
        {
            "form": form,
            "batch": form.batch,
            "patient": form.batch.order.patient,
            "steps": [(each.step, [_asked(entry) for entry in each.step.says.entries]) for each in form.printed.all()],
            "site": site,
            "stamp": f"{clock.show(site, form.issued_at)} ({site.timezone}){clock.scale_mark(site)}",
        },
    )
    identity = f"{form.number} · {form.batch.coi_id}"
    return render_pdf(html, title=f"Paper form {form.number}", identity=identity, made_at=form.issued_at)


def _asked(entry: Entry) -> dict[str, str]:
    return {"name": entry.name, "unit": entry.unit, "limits": limits_text(entry), "answers": " / ".join(entry.answers)}


def _attached(proof: dict[str, Any]) -> Attachment:
    content = json.dumps(proof, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return Attachment(PROOF, content, "application/json", "Checkpoint and inclusion proof")
