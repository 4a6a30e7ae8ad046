"""Reads: which version is in force, what may be seen, what differs."""

from datetime import datetime

from django.db.models import QuerySet

from mes.accounts.models import Site, User
from mes.errors import NotFound
from recipes.comparison import Difference, differences
from recipes.models import Recipe, RecipeVersion
from recipes.states import IN_FORCE


def recipes_visible_to(user: User) -> QuerySet[Recipe]:
    sites = user.sites_for("recipes.view")
    return Recipe.objects.filter(site_id__in=sites).select_related("site")


def versions_visible_to(user: User) -> QuerySet[RecipeVersion]:
    sites = user.sites_for("recipes.view")
    versions = RecipeVersion.objects.filter(recipe__site_id__in=sites)
    return versions.select_related("recipe__site", "author")


def recipe(site: Site, code: str) -> Recipe:
    """The site's recipe of this code, or NotFound."""
    found = Recipe.objects.select_related("site").filter(site=site, code=code).first()
    if found is None:
        raise NotFound(f"{site.code} has no recipe {code}.", recipe=code)
    return found


def effective_version(site: Site, code: str, at: datetime) -> RecipeVersion | None:
    """The one version a batch may start on at that time (process time); None when there is none.

    The dates decide, not whether the dispatcher has already moved the states (R-076).
    """
    versions = RecipeVersion.objects.select_related("recipe__site").filter(
        recipe__site=site, recipe__code=code, status__in=IN_FORCE, effective_from__lte=at
    )
    return versions.order_by("-effective_from", "-number").first()


def predecessor(version: RecipeVersion) -> RecipeVersion | None:
    """The version before this one, which a reader compares it with."""
    earlier = RecipeVersion.objects.filter(recipe=version.recipe, number__lt=version.number)
    return earlier.select_related("recipe__site").order_by("-number").first()


def compare(a: RecipeVersion, b: RecipeVersion) -> list[Difference]:
    """What changes from version a to version b, line by line (R-084)."""
    return differences(a.content, b.content)
