"""The paper forms of a batch, as lines of its record."""

from __future__ import annotations

from batches.models import Batch, PaperForm
from batches.queries.paper_forms import PRINTED
from batches.queries.record.lines import PaperFormLine


def paper_forms_of(batch: Batch) -> list[PaperFormLine]:
    found = PaperForm.objects.filter(batch=batch).select_related("issued_by", "settled_by", "scan")
    return [_line(form) for form in found.defer("scan__content").prefetch_related(PRINTED)]


def _line(form: PaperForm) -> PaperFormLine:
    scan = getattr(form, "scan", None)
    return PaperFormLine(
        number=form.number,
        steps=[each.step.key for each in form.printed.all()],
        reason=form.reason,
        issued_by=form.issued_by.printed_name,
        issued_at=form.issued_at,
        status=form.get_status_display(),
        settled_by=form.settled_by.printed_name if form.settled_by else "",
        settled_at=form.settled_at,
        settlement=form.settlement,
        scan_sha256=scan.sha256 if scan else "",
    )
