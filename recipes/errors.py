"""Refusals of this room."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from mes.errors import Conflict, InvalidInput, Reason

if TYPE_CHECKING:
    from recipes.document.faults import DocumentFault


class RecipeInvalid(InvalidInput):
    """A recipe document with faults; each names its line and field."""

    code = "recipe_invalid"

    @classmethod
    def by(cls, faults: "Sequence[DocumentFault]") -> Self:
        number = f"{len(faults)} faults" if len(faults) > 1 else "1 fault"
        first = faults[0]
        return cls(
            f"The recipe has {number}. Line {first.line}, {first.field or 'document'}: {first.message}",
            faults=[asdict(fault) for fault in faults],
        )


class FormulaRefused(InvalidInput):
    code = "formula_refused"


class ParameterRefused(InvalidInput):
    """A change of a formula parameter that the master does not allow."""

    code = "parameter_refused"

    @classmethod
    def by(cls, reasons: Sequence[Reason]) -> Self:
        return cls(reasons[0].message, reasons=[asdict(reason) for reason in reasons])


class RecipeLocked(Conflict):
    """An approved version is never edited; a change is a new version."""

    code = "recipe_locked"


class RecipeExists(Conflict):
    code = "recipe_exists"


class VersionInWork(Conflict):
    """A recipe has one version in work at a time; the next one waits for it."""

    code = "version_in_work"


class CodeChanged(InvalidInput):
    """The code names a recipe through all its versions."""

    code = "recipe_code_changed"
