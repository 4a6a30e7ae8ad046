"""Pages of the laboratory: bench, sample, result, specifications."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from chain_of_identity.models import Container
from mes.accounts.models import User
from mes.api import by_id
from mes.errors import InvalidInput, MesError
from mes.quantities import parse_decimal
from mes.records.queries import manifest_digest, signature_lines
from mes.records.signing import authenticate_signer, full_credential_needed
from mes.web import form_credential, page, refused
from qc_release import queries, services
from qc_release.api.specifications import site_of
from qc_release.document import Patient
from qc_release.models import Investigation, Result, Sample, SpecificationVersion
from qc_release.queries.bench import (
    WaitingTest,
    may_check,
    may_invalidate,
    open_investigations,
    results_to_check,
    samples_to_test,
    tubes_to_receive,
    waiting_tests,
)
from qc_release.queries.files import files_to_match


@require_safe
@page("qc.view")
def bench(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {
        "tubes": tubes_to_receive(user)[:50],
        "samples": samples_to_test(user),
        "results": [(each, may_check(user, each)) for each in results_to_check(user)[:50]],
        "investigations": open_investigations(user)[:50],
        "may_sample": user.may_anywhere("qc.sample"),
        "files": files_to_match(user).count(),
    }
    return render(request, "qc_release/bench.html", context)


@require_POST
@page("qc.sample")
def receive(request: HttpRequest) -> HttpResponse:
    """Register a tube that was drawn in a batch."""
    user = cast(User, request.user)
    tube: Container = by_id(tubes_to_receive(user), _uuid(request.POST.get("container", "")), "sample tube")
    batch = by_id(queries.batches_visible_to(user), cast(UUID, tube.batch_id), "batch")
    try:
        sample = services.register_sample(actor=user, batch=batch, container=tube)
    except MesError as refusal:
        refused(request, refusal)
        return redirect("qc_release:bench")
    return redirect("qc_release:sample", sample_id=sample.id)


@require_safe
@page("qc.view")
def sample(request: HttpRequest, sample_id: UUID) -> HttpResponse:
    return render(request, "qc_release/sample.html", _sample_context(request, _sample(request, sample_id)))


@page("qc.result")
def enter(request: HttpRequest, sample_id: UUID, test_id: str) -> HttpResponse:
    """Enter and sign one result."""
    user, found = cast(User, request.user), _sample(request, sample_id)
    test = next((each for each in waiting_tests(found) if each.id == test_id), None)
    if test is None:
        raise InvalidInput("This test waits for no result.", test=test_id)
    status = 200
    if request.method == "POST":
        try:
            result = _record(request, user, found, test)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:result", result_id=result.id)
    context = _sample_context(request, found) | {"test": test, "given": request.POST}
    return render(request, "qc_release/enter.html", context, status=status)


@page("qc.view")
def result(request: HttpRequest, result_id: UUID) -> HttpResponse:
    """One result; a second analyst checks or returns it here, quality invalidates what was a laboratory error."""
    user = cast(User, request.user)
    found: Result = by_id(queries.results_visible_to(user), result_id, "result")
    status = 200
    if request.method == "POST":
        try:
            _move_result(request, user, found)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:result", result_id=result_id)
    context = {
        "result": found,
        "site": found.site,
        "digest": manifest_digest(found),
        "signatures": signature_lines(found),
        "investigation": Investigation.objects.filter(result=found).first(),
        "may_check": may_check(user, found),
        "may_invalidate": may_invalidate(user, found),
        "full": _full(request),
    }
    return render(request, "qc_release/result.html", context, status=status)


@page("qc.view")
def specifications(request: HttpRequest) -> HttpResponse:
    """All versions, and the import of a draft."""
    user = cast(User, request.user)
    status = 200
    if request.method == "POST":
        try:
            version = services.import_specification(
                actor=user,
                site=site_of(user, request.POST.get("site", ""), "qc.specify"),
                source=request.POST.get("source", ""),
                change_control=request.POST.get("change_control", ""),
            )
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:specification", version_id=version.id)
    context = {
        "versions": queries.versions_visible_to(user).order_by("specification__code", "-number"),
        "sites": user.sites().filter(id__in=user.sites_for("qc.specify")),
        "given": request.POST,
    }
    return render(request, "qc_release/specifications.html", context, status=status)


@page("qc.view")
def specification(request: HttpRequest, version_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    version: SpecificationVersion = by_id(queries.versions_visible_to(user), version_id, "specification")
    status = 200
    if request.method == "POST":
        try:
            signer = authenticate_signer(
                form_credential(request), meaning="approved", site=version.site, acting=user, subject=version
            )
            services.approve_version(actor=user, version=version, signer=signer)
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("qc_release:specification", version_id=version_id)
    document = version.content
    context = {
        "version": version,
        "site": version.site,
        "document": document,
        "stages": [
            (stage.name, [(test, test.describe(Patient())) for test in document.at_stage(stage.id)])
            for stage in document.stages
        ],
        "digest": manifest_digest(version),
        "signatures": signature_lines(version),
        "may_approve": version.status == "draft"
        and user.may("qc.approve_specification", version.site)
        and user.id != version.author_id,
        "full": _full(request),
    }
    return render(request, "qc_release/specification.html", context, status=status)


def _sample(request: HttpRequest, sample_id: UUID) -> Sample:
    found: Sample = by_id(queries.samples_visible_to(cast(User, request.user)), sample_id, "sample")
    return found


def _sample_context(request: HttpRequest, found: Sample) -> dict[str, Any]:
    user = cast(User, request.user)
    return {
        "sample": found,
        "site": found.site,
        "waiting": waiting_tests(found),
        "results": queries.results_visible_to(user).filter(sample=found).order_by("id"),
        "may_enter": user.may("qc.result", found.site),
        "full": _full(request),
    }


def _full(request: HttpRequest) -> bool:
    return full_credential_needed(cast(User, request.user), form_credential(request).continuity)


def _record(request: HttpRequest, user: User, found: Sample, test: WaitingTest) -> Result:
    given = request.POST
    parts = {name: given.get(f"part-{name}", "") for name, _, _ in test.parts}
    signer = authenticate_signer(form_credential(request), meaning="performed", site=found.site, acting=user)
    return services.record_result(
        actor=user,
        sample=found,
        test_id=test.id,
        value={name: value for name, value in parts.items() if value} if parts else given.get("value", ""),
        unit=test.unit,
        amount=_amount(given.get("amount", "")),
        amount_unit=given.get("amount_unit", ""),
        raw_data=given.get("raw_data", ""),
        calculation=given.get("calculation", ""),
        signer=signer,
    )


def _amount(text: str) -> Decimal | None:
    return parse_decimal(text) if text.strip() else None


def _move_result(request: HttpRequest, user: User, found: Result) -> None:
    act, reason = request.POST.get("act"), request.POST.get("reason", "")
    meaning = "approved" if act == "invalidate" else "checked"
    signer = authenticate_signer(form_credential(request), meaning=meaning, site=found.site, acting=user, subject=found)
    if act == "invalidate":
        services.invalidate_result(actor=user, result=found, reason=reason, signer=signer)
    elif act == "return":
        services.return_result(actor=user, result=found, reason=reason, signer=signer)
    else:
        services.check_result(actor=user, result=found, signer=signer)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("This is no sample tube.", container=text) from None
