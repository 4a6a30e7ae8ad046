"""What a tablet needs to know to go on in a step without network, and for how long it may."""

from typing import Any
from uuid import UUID

from batches.models import Batch, Step
from batches.queries.container import codes_fitting
from recipes.document import WithoutNetwork


def budget_of(batch_id: UUID) -> WithoutNetwork:
    """Read out of the control recipe by the database: the recipe is long, its budget is two numbers."""
    said: dict[str, Any] | None
    said = Batch.objects.filter(pk=batch_id).values_list("control_recipe__recipe__offline", flat=True).get()
    return WithoutNetwork.model_validate(said or {})


def without_network(step: Step) -> dict[str, Any]:
    """The recipe's budget, and the codes the tablet may take for this patient's."""
    return {
        **budget_of(step.batch_id).model_dump(),
        "online_only": step.says.online_only,
        "accepts": codes_fitting(step),
    }
