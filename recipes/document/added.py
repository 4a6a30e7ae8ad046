"""A step that no recipe has: added to one batch, typed and linted as a step of a recipe is."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError

from recipes.document.faults import path_of
from recipes.document.lint.figures import limits_of_step_in_order
from recipes.document.lint.structure import entries_are_unique, parts_fit_the_kind
from recipes.document.source import in_plain_words
from recipes.document.steps import Entry, Step
from recipes.errors import RecipeInvalid

AddedKind = Literal["instruction", "entry", "sample", "signature"]
RULES = (entries_are_unique, parts_fit_the_kind, limits_of_step_in_order)


class AddedStep(Step):
    """Short enough for a tablet; its id is that of the step it follows, with a number: S070.R1."""

    id: Annotated[str, Field(pattern=r"^S[0-9]{3,4}\.R[0-9]+$")]
    kind: AddedKind
    title: Annotated[str, Field(min_length=1, max_length=80)]
    text: Annotated[str, Field(max_length=300)] = ""
    entries: Annotated[tuple[Entry, ...], Field(max_length=3)] = ()


def added_step(data: Mapping[str, Any]) -> AddedStep:
    """The step that somebody wrote. RecipeInvalid lists everything that is wrong with it."""
    try:
        step = AddedStep.model_validate(data)
    except ValidationError as error:
        found = [(each["loc"], in_plain_words(each)) for each in error.errors(include_url=False)]
    else:
        found = [fault for rule in RULES for fault in rule((), step)]
        if not found:
            return step
    faults = [{"field": path_of(place), "message": message} for place, message in found]
    words = "; ".join(f"{fault['field'] or 'step'}: {fault['message']}" for fault in faults)
    raise RecipeInvalid(f"The added step is not right: {words}.", faults=faults)


def step_from(data: Mapping[str, Any]) -> Step:
    """A step of a batch as it is stored: of its recipe, or added."""
    return (AddedStep if "." in data["id"] else Step).model_validate(data)
