"""Who may work by a version: the people of the floor and their training on it (R-037)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from mes import server_clock
from mes.accounts.models import Qualification, RoleGrant, User
from mes.accounts.rights import RIGHTS
from recipes.models import RecipeVersion

_WORKING = [role for role, rights in RIGHTS.items() if "batches.execute" in rights]


@dataclass(frozen=True)
class Trainee:
    """One person of the floor; `training` is the last that covers this moment, None where there is none."""

    person: User
    training: Qualification | None


def subject_of(version: RecipeVersion) -> str:
    """What a training on this recipe is recorded under, e.g. `recipe:CART-A`."""
    return f"recipe:{version.recipe.code}"


def trainees(version: RecipeVersion) -> list[Trainee]:
    """Everybody who executes batches at the site, by name."""
    people = _workers(version).order_by("printed_name", "id")
    trained = _trainings(version)
    return [Trainee(person, trained.get(person.id)) for person in people]


def _workers(version: RecipeVersion) -> QuerySet[User]:
    grants = RoleGrant.objects.in_force(server_clock.now()).filter(site=version.site, role__in=_WORKING)
    return User.objects.filter(id__in=grants.values("user"), is_active=True)


def _trainings(version: RecipeVersion) -> dict[UUID, Qualification]:
    now = server_clock.now()
    found = Qualification.objects.filter(subject=subject_of(version), subject_version=version.number)
    return {each.user_id: each for each in found.select_related("trained_by").order_by("id") if each.covers(now)}
