"""The rows an act takes hold of first: the order, then its containers in one order of ids."""

from collections.abc import Iterable

from chain_of_identity.models import Container, Order
from chain_of_identity.states import OrderStatus
from mes.errors import WrongState


def locked_order(order: Order) -> Order:
    """The order as it is now, locked until the act ends."""
    return Order.objects.select_for_update(of=("self",)).select_related("site", "patient").get(id=order.id)


def locked_containers(containers: Iterable[Container]) -> list[Container]:
    """The containers as they are now, in the order given, locked until the act ends."""
    ids = [each.id for each in containers]
    found = (
        Container.objects.select_for_update(of=("self",))
        .select_related("order__site", "order__patient", "custodian")
        .filter(id__in=ids)
        .order_by("id")
    )
    by_id = {each.id: each for each in found}
    return [by_id[each] for each in ids]


def require_active(order: Order) -> None:
    if order.status != OrderStatus.ACTIVE:
        raise WrongState(f"Order {order} is {order.get_status_display().lower()}.", state=order.status)
