"""The report of a commissioning check as a controlled document."""

from equipment.models import CheckReport
from mes import clock
from mes.documents import in_english, render_pdf


def check_html(report: CheckReport) -> str:
    check = report.check_of
    site = check.unit.site
    stamp = f"{clock.show(site, report.carried_out_at)} ({site.timezone}){clock.scale_mark(site)}"
    context = {"report": report, "check": check, "unit": check.unit, "site": site, "stamp": stamp}
    return in_english("equipment/check_report.html", context)


def check_pdf(report: CheckReport) -> bytes:
    """The report as PDF/A-3a; the same report gives the same bytes."""
    unit = report.check_of.unit
    return render_pdf(
        check_html(report),
        title=f"Commissioning check {unit.code}",
        identity=f"Commissioning check {unit.code}  ·  {report.check_of_id}",
        made_at=report.carried_out_at,
    )
