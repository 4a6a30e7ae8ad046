"""Reads: which version is in force, what may be seen, what differs."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from mes.accounts.models import Site, User
from mes.errors import NotFound
from recipes.comparison import Difference, differences
from recipes.models import Recipe, RecipeVersion
from recipes.states import IN_FORCE, IN_WORK, VersionStatus


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


@dataclass(frozen=True)
class Line:
    """A recipe in the list: the version in force, and the one in work."""

    recipe: Recipe
    in_force: RecipeVersion | None
    in_work: RecipeVersion | None


def overview(user: User) -> list[Line]:
    """Every recipe the person may see, in two queries however many there are."""
    versions = RecipeVersion.objects.filter(status__in=[VersionStatus.EFFECTIVE, *IN_WORK]).select_related("author")
    recipes = recipes_visible_to(user).prefetch_related(Prefetch("versions", versions, to_attr="current"))
    return [_line(each, {version.status: version for version in each.current}) for each in recipes]


def _line(recipe: Recipe, by_status: dict[str, RecipeVersion]) -> Line:
    in_work = next((by_status[status] for status in IN_WORK if status in by_status), None)
    return Line(recipe, by_status.get(VersionStatus.EFFECTIVE), in_work)


def predecessor(version: RecipeVersion) -> RecipeVersion | None:
    """The version before this one, which a reader compares it with."""
    earlier = RecipeVersion.objects.filter(recipe=version.recipe, number__lt=version.number)
    return earlier.select_related("recipe__site").order_by("-number").first()


def compare(a: RecipeVersion, b: RecipeVersion) -> list[Difference]:
    """What changes from version a to version b, line by line (R-084)."""
    return differences(a.content, b.content)
