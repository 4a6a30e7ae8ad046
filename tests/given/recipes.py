"""Recipes as a site has them, written and signed the way people do."""

from __future__ import annotations

from datetime import datetime

from mes.accounts.models import Site
from recipes import services
from recipes.library import source_of
from recipes.models import RecipeVersion
from recipes.states import VersionStatus
from tests.given import people


def draft(site: Site, code: str = "CART-A", source: str = "") -> RecipeVersion:
    """A library recipe (or any text) that ravi has imported."""
    ravi = people.persona(site, "ravi")
    return services.import_recipe(actor=ravi, site=site, source=source or source_of(code))


def revision(version: RecipeVersion, source: str, change_control: str = "CC-0001") -> RecipeVersion:
    """The next draft, written by ravi under change control."""
    ravi = people.persona(version.site, "ravi")
    return services.revise(actor=ravi, recipe=version.recipe, source=source, change_control=change_control)


def submitted(version: RecipeVersion) -> RecipeVersion:
    """Signed as prepared by ravi."""
    ravi = people.persona(version.site, "ravi")
    signer = people.signer(ravi, "prepared", site=version.site)
    return services.submit(actor=ravi, version=version, signer=signer)


def reviewed(version: RecipeVersion) -> RecipeVersion:
    """Checked by rita."""
    rita = people.persona(version.site, "rita")
    signer = people.signer(rita, "reviewed", site=version.site)
    return services.review(actor=rita, version=submitted(version), signer=signer)


def approved(version: RecipeVersion, effective_from: datetime | None = None) -> RecipeVersion:
    """Approved by quinn; in force at once, or from a later time."""
    quinn = people.persona(version.site, "quinn")
    signer = people.signer(quinn, "approved", site=version.site)
    checked = reviewed(version)
    return services.approve(actor=quinn, version=checked, signer=signer, effective_from=effective_from)


def effective_recipe(site: Site, code: str = "CART-A") -> RecipeVersion:
    """The library recipe in force at the site; made when first asked for."""
    known = RecipeVersion.objects.select_related("recipe__site").filter(
        recipe__site=site, recipe__code=code, status=VersionStatus.EFFECTIVE
    )
    return known.first() or approved(draft(site, code))


def changed(source: str, before: str, after: str) -> str:
    """The text with one place changed; fails when the place is not there."""
    assert before in source, before
    return source.replace(before, after, 1)
