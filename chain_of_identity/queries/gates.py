"""Gates: each answers with its reasons, and the service refuses by the same list the page shows."""

from chain_of_identity.models import Container, HandoverItem, Order, Party
from chain_of_identity.queries.lookups import parties_of
from chain_of_identity.states import SUPPLIED, ContainerStatus, OrderStatus, ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.errors import Reason


def reasons_not_ready(order: Order) -> list[Reason]:
    """Why manufacturing cannot start: order and consent active, starting material received and accepted."""
    reasons = []
    if order.status != OrderStatus.ACTIVE:
        words = order.get_status_display().lower()
        reasons.append(Reason("order_not_active", f"Order {order} is {words}.", order.short))
    if order.consent_at is None or order.consent_at > clock.now(order.site):
        reasons.append(Reason("no_consent", f"The patient of order {order} has not consented.", order.short))
    starting = order.containers.starting()
    if not starting.filter(release_status=ReleaseStatus.ACCEPTED).exists():
        received = starting.filter(status=ContainerStatus.FILLED, custody=Party.SITE).exists()
        message = "waits for its incoming inspection" if received else "has not been received"
        reasons.append(Reason("material_not_accepted", f"The material of order {order} {message}.", order.short))
    return reasons


def reasons_not_supplied(container: Container) -> list[Reason]:
    """Why a container must not be shipped, thawed or given: not product, not released, empty, too late."""
    label = container.label
    reasons = []
    if container.holds != Container.Holds.PRODUCT:
        reasons.append(Reason("not_product", f"{label} is {container.get_holds_display().lower()}.", label))
    elif container.release_status not in SUPPLIED:
        words = container.get_release_status_display().lower()
        reasons.append(Reason(f"product_{container.release_status}", f"{label} is {words}.", label))
    reasons += _not_filled(container)
    now = clock.now(container.site)
    if container.expires_at and container.expires_at <= now:
        reasons.append(Reason("expired", f"{label} expired {clock.show(container.site, container.expires_at)}.", label))
    if container.use_by and container.use_by <= now:
        when = clock.show(container.site, container.use_by)
        reasons.append(Reason("thawed_too_long", f"{label} had to be given before {when}.", label))
    return reasons


def reasons_not_manufacturable(container: Container, batch_id: object) -> list[Reason]:
    """Why material cannot be moved on inside a batch."""
    label = container.label
    reasons = _not_filled(container)
    if container.release_status not in {ReleaseStatus.ACCEPTED, ReleaseStatus.IN_PROCESS}:
        words = container.get_release_status_display().lower()
        reasons.append(Reason(f"material_{container.release_status}", f"{label} is {words}.", label))
    if container.batch_id != batch_id:
        reasons.append(Reason("other_batch", f"{label} does not belong to this batch.", label))
    if container.custody != Party.SITE:
        reasons.append(Reason("not_here", f"{label} is with the {container.get_custody_display().lower()}.", label))
    return reasons


def reasons_not_receivable(container: Container) -> list[Reason]:
    """Why a container cannot go through the incoming inspection."""
    label = container.label
    reasons = _not_filled(container)
    if container.holds != Container.Holds.STARTING:
        reasons.append(Reason("not_starting_material", f"{label} is not starting material.", label))
    elif container.release_status != ReleaseStatus.QUARANTINED or container.batch_id:
        reasons.append(Reason("inspected_already", f"{label} was inspected already.", label))
    if container.custody != Party.SITE:
        words = container.get_custody_display().lower()
        reasons.append(Reason("custody_open", f"{label} is still in the custody of the {words}.", label))
    return reasons


def reasons_not_givable(container: Container, giver: User) -> list[Reason]:
    """Why this person cannot hand a container over."""
    label = container.label
    reasons = _not_filled(container)
    if container.custody not in parties_of(giver, container.site):
        words = container.get_custody_display().lower()
        reasons.append(Reason("not_in_custody", f"{label} is in the custody of the {words}.", label))
    elif container.custody == Party.COURIER and container.custodian_id != giver.id:
        reasons.append(Reason("other_courier", f"{label} is carried by {container.custodian}.", label))
    if HandoverItem.objects.filter(container=container, handover__answer=None).exists():
        reasons.append(Reason("already_offered", f"{label} is offered to somebody already.", label))
    return reasons


def _not_filled(container: Container) -> list[Reason]:
    if container.status == ContainerStatus.FILLED:
        return []
    words = container.get_status_display().lower()
    return [Reason("not_filled", f"{container.label} is {words}.", container.label)]
