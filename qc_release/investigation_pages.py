"""The page of an investigation: retests planned, concluded by the laboratory, approved or sent back by quality."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from mes.accounts.models import User
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.records.queries import manifest_digest, signature_lines
from mes.records.signing import authenticate_signer, full_credential_needed
from mes.web import form_credential, page, refused
from qc_release import queries, services
from qc_release.models import Cause, Investigation
from qc_release.queries.bench import may_plan_retests
from qc_release.states import INVESTIGATION

SECTIONS = (
    ("findings", "What was found"),
    ("other_batches", "Other batches"),
    ("conclusion", "Conclusion"),
    ("follow_up", "Follow-up"),
)


@page("qc.view")
def investigation(request: HttpRequest, investigation_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found: Investigation = by_id(queries.investigations_visible_to(user), investigation_id, "investigation")
    status = 200
    if request.method == "POST":
        try:
            _move_investigation(request, user, found)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:investigation", investigation_id=investigation_id)
    context = {
        "investigation": found,
        "digest": manifest_digest(found),
        "site": found.site,
        "causes": Cause.choices,
        "sections": [(name, label, request.POST.get(name, "")) for name, label in SECTIONS],
        "written": [(label, getattr(found, name)) for name, label in SECTIONS],
        "acts": {cell.name for cell in INVESTIGATION.available(found, user)},
        "may_plan": may_plan_retests(user, found),
        "most_retests": services.MOST_RETESTS,
        "signatures": signature_lines(found),
        "full": full_credential_needed(user, form_credential(request).continuity),
    }
    return render(request, "qc_release/investigation.html", context, status=status)


def _move_investigation(request: HttpRequest, user: User, found: Investigation) -> None:
    given = request.POST
    if given.get("act") == "return":
        services.return_investigation(actor=user, investigation=found, reason=given.get("reason", ""))
        return
    if given.get("act") == "plan":
        services.plan_retests(actor=user, investigation=found, number=_whole_number(given.get("number", "")))
        return
    meaning = "approved" if given.get("act") == "close" else "performed"
    signer = authenticate_signer(form_credential(request), meaning=meaning, site=found.site, acting=user)
    if meaning == "approved":
        services.close_investigation(actor=user, investigation=found, signer=signer)
        return
    texts = {name: given.get(name, "") for name, _ in SECTIONS}
    services.conclude_investigation(
        actor=user, investigation=found, cause=given.get("cause", ""), signer=signer, **texts
    )


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise InvalidInput("Write the number of retests in digits.", field="number") from None
