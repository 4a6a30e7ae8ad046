"""Pages of recipes: all recipes, one version as people read it, a text handed in, two versions side by side."""

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, make_aware
from django.views.decorators.http import require_POST

from mes.accounts.models import User
from mes.errors import InvalidInput, MesError
from mes.records.queries import events_of, manifest_digest, signature_lines
from mes.records.signing import authenticate_signer, full_credential_needed
from mes.web import form_credential, page, refused
from recipes import queries, services
from recipes.api import as_uuid, recipe_for, version_for
from recipes.errors import RecipeInvalid
from recipes.forms import ImportForm, ReviseForm, SourceForm
from recipes.models import RecipeVersion
from recipes.reading import formula_of, offline_of, read
from recipes.states import VERSION

SIGNED: dict[str, tuple[str, Callable[..., RecipeVersion]]] = {
    "submit": ("prepared", services.submit),
    "review": ("reviewed", services.review),
    "approve": ("approved", services.approve),
    "withdraw": ("withdrawn", services.withdraw),
}


@page("recipes.view")
def all_recipes(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    context = {
        "lines": queries.overview(user),
        "may_draft": bool(user.sites_for("recipes.draft")),
    }
    return render(request, "recipes/list.html", context)


@page("recipes.view")
def version(request: HttpRequest, version_id: UUID) -> HttpResponse:
    return _show(request, version_for(cast(User, request.user), version_id))


@page("recipes.draft")
def import_recipe(request: HttpRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ImportForm(request.POST or None, request.FILES or None, user=user)

    def hand_in(data: dict[str, Any]) -> RecipeVersion:
        return services.import_recipe(actor=user, site=data["site"], source=data["source"])

    return _hand_in(request, form, hand_in, {"title": "Import a recipe", "button": "Check and import"})


@page("recipes.draft")
def revise(request: HttpRequest, recipe_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    recipe = recipe_for(user, recipe_id)
    latest = recipe.versions.order_by("-number").values_list("source", flat=True).first()
    form = ReviseForm(request.POST or None, request.FILES or None, initial={"text": latest})

    def hand_in(data: dict[str, Any]) -> RecipeVersion:
        return services.revise(actor=user, recipe=recipe, source=data["source"], change_control=data["change_control"])

    title = f"New version of {recipe.code}"
    return _hand_in(request, form, hand_in, {"title": title, "button": "Check and save the draft"})


@page("recipes.draft")
def rewrite(request: HttpRequest, version_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    draft = version_for(user, version_id)
    form = SourceForm(request.POST or None, request.FILES or None, initial={"text": draft.source})

    def hand_in(data: dict[str, Any]) -> RecipeVersion:
        return services.rewrite(actor=user, version=draft, source=data["source"])

    return _hand_in(request, form, hand_in, {"title": f"Edit {draft}", "button": "Check and save the draft"})


@page("recipes.view")
def compare(request: HttpRequest, version_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    newer = version_for(user, version_id)
    older = version_for(user, as_uuid(request.GET.get("with", "")))
    context = {"newer": newer, "older": older, "differences": queries.compare(older, newer)}
    return render(request, "recipes/compare.html", context)


@page("recipes.view")
def source(request: HttpRequest, version_id: UUID) -> HttpResponse:
    """The text as it was handed in, to the byte."""
    found = version_for(cast(User, request.user), version_id)
    name = f"{found.recipe.code}-v{found.number}.yaml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(found.source.encode(), content_type="application/yaml", headers=headers)


@require_POST
@page("recipes.draft")
def submit(request: HttpRequest, version_id: UUID) -> HttpResponse:
    return _signed(request, version_id, "submit", {})


@require_POST
@page("recipes.review")
def review(request: HttpRequest, version_id: UUID) -> HttpResponse:
    return _signed(request, version_id, "review", {})


@require_POST
@page("recipes.approve")
def approve(request: HttpRequest, version_id: UUID) -> HttpResponse:
    return _signed(request, version_id, "approve", {"effective_from": request.POST.get("effective_from", "")})


@require_POST
@page("recipes.approve")
def withdraw(request: HttpRequest, version_id: UUID) -> HttpResponse:
    return _signed(request, version_id, "withdraw", {"reason": request.POST.get("reason", "")})


@require_POST
@page("recipes.review")
def send_back(request: HttpRequest, version_id: UUID) -> HttpResponse:
    user = cast(User, request.user)
    found = version_for(user, version_id)
    try:
        services.send_back(actor=user, version=found, reason=request.POST.get("reason", ""))
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("recipes:version", version_id=version_id)


def _signed(request: HttpRequest, version_id: UUID, act: str, given: dict[str, Any]) -> HttpResponse:
    user = cast(User, request.user)
    found = version_for(user, version_id)
    meaning, service = SIGNED[act]
    try:
        if "effective_from" in given:
            given["effective_from"] = _moment(found, given["effective_from"])
        signer = authenticate_signer(
            form_credential(request),
            meaning=meaning,
            site=found.site,
            acting=user,
            subject=found,
        )
        service(actor=user, version=found, signer=signer, **given)
    except MesError as refusal:
        return _show(request, found, status=refused(request, refusal))
    return redirect("recipes:version", version_id=version_id)


def _moment(version: RecipeVersion, text: str) -> Any:
    """A local time of the site as typed; None when the field was left empty."""
    if not text:
        return None
    moment = parse_datetime(text)
    if moment is None:
        raise InvalidInput("Write the date and time from which the version applies.", field="effective_from")
    return make_aware(moment, ZoneInfo(version.site.timezone)) if is_naive(moment) else moment


def _hand_in(
    request: HttpRequest,
    form: SourceForm,
    act: Callable[[dict[str, Any]], RecipeVersion],
    words: dict[str, str],
) -> HttpResponse:
    """Check a text and keep it; faults are listed with their lines above the form."""
    status, faults = 200, []
    if request.method == "POST" and form.is_valid():
        try:
            kept = act(form.cleaned_data)
        except RecipeInvalid as refusal:
            status, faults = refusal.status, refusal.details["faults"]
        except MesError as refusal:
            status = refused(request, refusal)
        else:
            return redirect("recipes:version", version_id=kept.pk)
    context = {"form": form, "faults": faults, **words}
    return render(request, "recipes/hand_in.html", context, status=status)


def _show(request: HttpRequest, version: RecipeVersion, *, status: int = 200) -> HttpResponse:
    user = cast(User, request.user)
    document = version.content
    context = {
        "version": version,
        "site": version.site,
        "document": document,
        "formula": formula_of(document),
        "procedure": read(document),
        "offline": offline_of(document),
        "acts": {move.name for move in VERSION.available(version, user) if move.permission},
        "may_draft": user.may("recipes.draft", version.site),
        "older": queries.predecessor(version),
        "events": events_of(version),
        "signatures": signature_lines(version),
        "seen": manifest_digest(version),
        "full": full_credential_needed(user, form_credential(request).continuity),
    }
    return render(request, "recipes/version.html", context, status=status)
