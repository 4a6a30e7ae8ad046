"""Rules a document keeps beyond the types of its fields. A rule yields (place, message) for each fault it finds."""

from collections.abc import Iterator

from recipes.document.faults import Place
from recipes.document.lint.calculations import calculations_fit
from recipes.document.lint.commands import commands_fit_the_class, set_points_have_one_value
from recipes.document.lint.entries import (
    critical_entries_have_a_second_person,
    values_that_are_used_are_always_there,
)
from recipes.document.lint.figures import (
    figures_have_a_source,
    limits_are_in_order,
    materials_keep_one_unit,
    parameters_have_limits,
    yields_have_limits,
)
from recipes.document.lint.order import (
    conditions_can_hold,
    references_are_earlier,
    windows_look_back,
)
from recipes.document.lint.structure import (
    budget_is_whole,
    equipment_is_named,
    ids_are_unique,
    kinds_have_their_parts,
    parallel_steps_are_neighbours,
)
from recipes.document.recipe import RecipeDocument

RULES = (
    ids_are_unique,
    budget_is_whole,
    kinds_have_their_parts,
    equipment_is_named,
    parallel_steps_are_neighbours,
    windows_look_back,
    conditions_can_hold,
    references_are_earlier,
    limits_are_in_order,
    parameters_have_limits,
    set_points_have_one_value,
    commands_fit_the_class,
    yields_have_limits,
    materials_keep_one_unit,
    figures_have_a_source,
    calculations_fit,
    critical_entries_have_a_second_person,
    values_that_are_used_are_always_there,
)


def lint(document: RecipeDocument) -> Iterator[tuple[Place, str]]:
    for rule in RULES:
        yield from rule(document)
