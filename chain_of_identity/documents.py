"""The chain-of-identity report as a controlled document."""

from chain_of_identity.queries.chain import ChainReport
from mes import clock
from mes.documents import in_english, render_pdf


def chain_report_html(report: ChainReport) -> str:
    """Pseudonym and second identifier only: the report travels, the vault does not."""
    site = report.order.site
    stamp = f"{clock.show(site, report.made_at)} ({site.timezone}){clock.scale_mark(site)}"
    return in_english(
        "chain_of_identity/chain_report.html", {"report": report, "order": report.order, "site": site, "stamp": stamp}
    )


def chain_report_pdf(report: ChainReport) -> bytes:
    """The report as PDF/A-3a."""
    order = report.order
    return render_pdf(
        chain_report_html(report),
        title=f"Chain of identity {order.short}",
        identity=f"Chain of identity {order.coi_id}  ·  {order.patient.pseudonym}",
        made_at=report.made_at,
    )
