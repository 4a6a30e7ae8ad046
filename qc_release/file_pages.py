"""Pages of instrument files: what waits for a person, matching a run to the tests of a sample, setting it aside."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from equipment.api.files import download
from equipment.files.models import InstrumentRun
from mes.accounts.models import User
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.quantities import parse_decimal
from mes.records.signing import authenticate_signer, full_credential_needed
from mes.web import form_credential, page, refused
from qc_release import services
from qc_release.models import FileMatch, Result, Sample
from qc_release.queries.bench import WaitingTest, waiting_tests
from qc_release.queries.files import answers_of, file_matches_visible_to, files_to_match, sample_of
from qc_release.states import FileMatchState

AT_MOST = 100


@require_safe
@page("qc.view")
def files(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    settled = file_matches_visible_to(user).exclude(status=FileMatchState.WAITING).order_by("-id")
    context = {"waiting": files_to_match(user)[:AT_MOST], "settled": settled[:AT_MOST]}
    return render(request, "qc_release/files.html", context)


@page("qc.view")
def file(request: HttpRequest, match_id: UUID) -> HttpResponse:
    """One run of a file: its values, and the sample it is matched to, or can be."""
    user, match = cast(User, request.user), _match(request, match_id)
    status = 200
    if request.method == "POST":
        try:
            _settle(request, user, match)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:file", match_id=match_id)
    return render(request, "qc_release/file.html", _context(request, user, match), status=status)


@require_safe
@page("qc.view")
def content(request: HttpRequest, match_id: UUID) -> HttpResponse:
    """The bytes as they were dropped."""
    return download(_match(request, match_id).file)


def _match(request: HttpRequest, match_id: UUID) -> FileMatch:
    found: FileMatch = by_id(file_matches_visible_to(cast(User, request.user)), match_id, "run of a file")
    return found


def _context(request: HttpRequest, user: User, match: FileMatch) -> dict[str, Any]:
    code = _code(request, match.run)
    sample = sample_of(match.site, code)
    may_settle = match.status == FileMatchState.WAITING and user.may("qc.result", match.site)
    tests = _tests(request, match.run, sample) if match.run and sample and may_settle else []
    return {
        "match": match,
        "site": match.site,
        "results": Result.objects.filter(run=match.run, run__isnull=False).select_related("sample"),
        "code": code,
        "sample": sample,
        "tests": tests,
        "may_settle": may_settle,
        "without_unit": any(each["unit"] is None for each in (match.run.values if match.run else [])),
        "given": request.POST,
        "full": full_credential_needed(user, form_credential(request).continuity),
    }


def _code(request: HttpRequest, run: InstrumentRun | None) -> str:
    named = run.sample_id if run else ""
    return (request.POST.get("sample") or request.GET.get("sample") or named).strip()


def _tests(request: HttpRequest, run: InstrumentRun, sample: Sample) -> list[tuple[WaitingTest, str]]:
    """The tests that wait for the sample, each with the value that is chosen for it."""
    proposed = answers_of(run, sample)
    return [(test, request.POST.get(f"answer-{test.id}", proposed.get(test.id, ""))) for test in waiting_tests(sample)]


def _answers(request: HttpRequest) -> dict[str, str]:
    """The value chosen for each test, where one was."""
    given = {name: str(each) for name, each in request.POST.items() if name.startswith("answer-")}
    return {name.removeprefix("answer-"): each for name, each in given.items() if each}


def _settle(request: HttpRequest, user: User, match: FileMatch) -> None:
    given = request.POST
    if given.get("act") == "set_aside":
        services.set_file_aside(actor=user, match=match, reason=given.get("aside_reason", ""))
        return
    sample = sample_of(match.site, given.get("sample", ""))
    if sample is None:
        raise InvalidInput(f"There is no sample “{given.get('sample', '')}”.", field="sample")
    answers = _answers(request)
    amount = given.get("amount", "")
    services.match_file(
        actor=user,
        match=match,
        sample=sample,
        answers=answers,
        units={each: given.get(f"unit-{test_id}", "") for test_id, each in answers.items()},
        amount=parse_decimal(amount) if amount.strip() else None,
        amount_unit=given.get("amount_unit", ""),
        reason=given.get("reason", ""),
        signer=authenticate_signer(form_credential(request), meaning="performed", site=match.site, acting=user),
    )
