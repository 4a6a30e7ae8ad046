"""Where every printed label is: on its container, returned, or destroyed (R-095). What is left over is a difference."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from chain_of_identity.models import Container, LabelExplanation, LabelFate, Order
from chain_of_identity.states import ContainerStatus
from mes.errors import Reason


@dataclass(frozen=True)
class LabelAccount:
    """The labels of one container. One is used when the container was filled, and shares its fate from then on."""

    container: str
    contents: str
    printed: int
    used: int
    returned: int
    destroyed: int

    @property
    def difference(self) -> int:
        return self.printed - self.used - self.returned - self.destroyed


@dataclass(frozen=True)
class Reconciliation:
    """The labels printed for an order and one batch of it, and what people said about the differences."""

    batch_id: UUID | None
    batch_number: str
    lines: tuple[LabelAccount, ...]
    explanations: tuple[LabelExplanation, ...]

    @property
    def differences(self) -> dict[str, int]:
        return {line.container: line.difference for line in self.lines if line.difference}

    @property
    def is_settled(self) -> bool:
        """Nothing is left over, or the latest explanation was given for exactly what is left over now."""
        return not self.differences or any(each.differences == self.differences for each in self.explanations[-1:])


def reconcile(order: Order, batch_id: UUID | None) -> Reconciliation:
    """The labels of this batch's containers and of those in no batch. Where Baton printed none, nothing is counted."""
    containers = list(_printed(order, batch_id))
    explanations = order.label_explanations.filter(batch_id=batch_id).select_related("by") if batch_id else ()
    number = next((each.batch_number for each in containers if each.batch_id), "")
    return Reconciliation(batch_id, number, tuple(map(_account, containers)), tuple(explanations))


def reconciliations(order: Order) -> list[Reconciliation]:
    """One for each batch of the order; before the first batch, one for what was printed so far."""
    batches = order.containers.exclude(batch_id=None).order_by("batch_id").values_list("batch_id", flat=True).distinct()
    return [reconcile(order, batch_id) for batch_id in [*batches] or [None]]


def reasons_labels_open(order: Order, batch_id: UUID) -> list[Reason]:
    """Labels that are nowhere, while nobody has explained it. Where nothing is left over, it takes one query."""
    if not any(_account(each).difference for each in _printed(order, batch_id)):
        return []
    found = reconcile(order, batch_id)
    return [] if found.is_settled else [_left_over(line) for line in found.lines if line.difference]


def _left_over(line: LabelAccount) -> Reason:
    words = (
        f"Labels {line.container}: {line.printed} printed, {line.used} used, {line.returned} returned, "
        f"{line.destroyed} destroyed; the difference of {line.difference} is not explained."
    )
    return Reason("labels_not_reconciled", words, line.container)


def _printed(order: Order, batch_id: UUID | None) -> QuerySet[Container]:
    ours = order.containers.filter(Q(batch_id=batch_id) | Q(batch_id=None))
    counted = ours.annotate(printed=Count("label_prints"), returned=_fate("returned"), destroyed=_fate("destroyed"))
    return counted.filter(printed__gt=0)


def _fate(what: str) -> Count:
    return Count("label_prints", filter=Q(label_prints__fate__what=LabelFate.What(what)))


def _account(container: Container) -> LabelAccount:
    counted = {name: int(getattr(container, name)) for name in ("printed", "returned", "destroyed")}
    used = int(container.status != ContainerStatus.LABELLED)
    return LabelAccount(container.label, container.contents, used=used, **counted)
