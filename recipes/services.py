"""Acts on recipes."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction

from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import require
from mes.errors import InvalidInput
from mes.records.models import Event
from mes.records.services import act, sign
from mes.records.signing import Signer
from recipes.document import RecipeDocument, load
from recipes.errors import CodeChanged, RecipeExists, RecipeLocked, VersionInWork
from recipes.models import Recipe, RecipeVersion
from recipes.states import IN_WORK, VERSION, VersionStatus


def import_recipe(*, actor: User, site: Site, source: str) -> RecipeVersion:
    """Version 1 of a new recipe, as a draft. RecipeInvalid tells every fault with line and field."""
    require(actor, "recipes.draft", site)
    document = load(source)
    header = document.recipe
    if Recipe.objects.filter(site=site, code=header.code).exists():
        raise RecipeExists(
            f"{site.code} already has a recipe {header.code}. Make a new version of it under change control.",
            recipe=header.code,
        )
    recipe = Recipe(site=site, code=header.code, name=header.name)
    version = _draft(recipe, 1, source, document, actor)
    with act(actor, "recipes.import_recipe", site=site, subject=version) as event:
        event.data |= {"sha256": version.sha256}
        recipe.save(force_insert=True)
        version.save(force_insert=True)
    return version


def revise(*, actor: User, recipe: Recipe, source: str, change_control: str) -> RecipeVersion:
    """The next version of a recipe, as a draft, under a change-control id (R-077)."""
    require(actor, "recipes.draft", recipe.site)
    if not change_control.strip():
        raise InvalidInput("A new version needs a change-control id.", field="change_control")
    document = load(source)
    _keep_code(recipe, document)
    with transaction.atomic():
        locked = Recipe.objects.select_related("site").select_for_update(of=("self",))
        recipe = locked.get(pk=recipe.pk)
        version = _draft(recipe, _next_number(recipe), source, document, actor)
        version.change_control = change_control.strip()
        with act(actor, "recipes.revise", site=recipe.site, subject=version) as event:
            event.data |= {"sha256": version.sha256, "change_control": version.change_control}
            version.save(force_insert=True)
    return version


def rewrite(*, actor: User, version: RecipeVersion, source: str) -> RecipeVersion:
    """Replace the text of a draft. Anything past the draft is locked: RecipeLocked."""
    require(actor, "recipes.draft", version.site)
    with act(actor, "recipes.rewrite", site=version.site, subject=version) as event:
        version = _locked(version)
        if version.status != VersionStatus.DRAFT:
            raise RecipeLocked(
                f"{version} is {version.get_status_display().lower()} and cannot be edited."
                " A change is a new version under change control.",
                status=version.status,
            )
        document = load(source)
        _keep_code(version.recipe, document)
        event.data |= {"sha256": _digest(source), "before": version.sha256}
        version.source, version.sha256 = source, _digest(source)
        version.document = document.to_json()
        version.save(update_fields=["source", "sha256", "document"])
    return version


def submit(*, actor: User, version: RecipeVersion, signer: Signer) -> RecipeVersion:
    """Hand a draft to review, signed as prepared. From here on its text is locked."""
    with act(actor, "recipes.submit", site=version.site, subject=version) as event:
        return _signed_move(version, "submit", "prepared", event, signer)


def send_back(*, actor: User, version: RecipeVersion, reason: str) -> RecipeVersion:
    """Return a version to its author, with the reason."""
    with act(actor, "recipes.send_back", site=version.site, subject=version, reason=reason) as event:
        version = _locked(version)
        VERSION.move(version, "send_back", event=event)
    return version


def review(*, actor: User, version: RecipeVersion, signer: Signer) -> RecipeVersion:
    """The independent check by a second person (R-074)."""
    with act(actor, "recipes.review", site=version.site, subject=version) as event:
        return _signed_move(version, "review", "reviewed", event, signer)


def approve(
    *, actor: User, version: RecipeVersion, signer: Signer, effective_from: datetime | None = None
) -> RecipeVersion:
    """The approval of the quality unit (R-075). Takes effect now, or from a later time (process time)."""
    with act(actor, "recipes.approve", site=version.site, subject=version) as event:
        version = _locked(version)
        now = clock.now(version.site)
        starts = effective_from or now
        if starts < now:
            raise InvalidInput("A recipe cannot take effect in the past.", field="effective_from")
        version.effective_from = starts
        version.save(update_fields=["effective_from"])
        VERSION.move(version, "approve", event=event, signers=[signer])
        sign(event, signer, subject=version, meaning="approved")
        event.data |= {"effective_from": clock.iso(starts)}
        if starts <= now:
            _take_effect(version, event)
    return version


def withdraw(*, actor: User, version: RecipeVersion, signer: Signer, reason: str) -> RecipeVersion:
    """Take a version out of force at once; batches that run on their frozen copy go on."""
    with act(actor, "recipes.withdraw", site=version.site, subject=version, reason=reason) as event:
        return _signed_move(version, "withdraw", "withdrawn", event, signer)


def make_effective(*, actor: User, site: Site) -> list[RecipeVersion]:
    """Move the approved versions whose time has come; each supersedes the one in force before it."""
    with transaction.atomic():
        due = RecipeVersion.objects.select_related("recipe__site").filter(
            recipe__site=site, status=VersionStatus.APPROVED, effective_from__lte=clock.now(site)
        )
        due = due.order_by("effective_from", "number").select_for_update(of=("self",), skip_locked=True)
        versions = list(due)
        for version in versions:
            with act(actor, "recipes.make_effective", site=site, subject=version) as event:
                _take_effect(version, event)
    return versions


def _draft(recipe: Recipe, number: int, source: str, document: RecipeDocument, author: User) -> RecipeVersion:
    return RecipeVersion(
        recipe=recipe,
        number=number,
        source=source,
        document=document.to_json(),
        sha256=_digest(source),
        author=author,
    )


def _digest(source: str) -> str:
    return sha256(source.encode()).hexdigest()


def _keep_code(recipe: Recipe, document: RecipeDocument) -> None:
    if document.recipe.code != recipe.code:
        raise CodeChanged(f"The document is recipe {document.recipe.code}, not {recipe.code}.", recipe=recipe.code)


def _next_number(recipe: Recipe) -> int:
    """Numbers count up and are never used again. One version at a time is in work."""
    in_work = recipe.versions.filter(status__in=IN_WORK).first()
    if in_work is not None:
        raise VersionInWork(f"{in_work} is not approved yet. Finish it first.", version=str(in_work.id))
    latest = recipe.versions.order_by("-number").values_list("number", flat=True).first()
    return (latest or 0) + 1


def _signed_move(version: RecipeVersion, name: str, meaning: str, event: Event, signer: Signer) -> RecipeVersion:
    version = _locked(version)
    VERSION.move(version, name, event=event, signers=[signer])
    sign(event, signer, subject=version, meaning=meaning)
    return version


def _take_effect(version: RecipeVersion, event: Event) -> None:
    """One version is in force: the one before it steps back first."""
    for former in version.recipe.versions.filter(status=VersionStatus.EFFECTIVE).select_for_update():
        VERSION.move(former, "supersede", event=event)
        event.data["superseded"] = str(former)
    VERSION.move(version, "take_effect", event=event)


def _locked(version: RecipeVersion) -> RecipeVersion:
    rows = RecipeVersion.objects.select_related("recipe__site", "author")
    return rows.select_for_update(of=("self",)).get(pk=version.pk)
