"""Gates: each answers with its reasons, and the service refuses by the same list the page shows."""

from chain_of_identity.models import Container, HandoverItem, Order, Party
from chain_of_identity.queries.lookups import parties_of
from chain_of_identity.states import SUPPLIED, ContainerStatus, OrderStatus, ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.errors import Reason
from mes.phrases import Phrase


def reasons_not_ready(order: Order) -> list[Reason]:
    """Why manufacturing cannot start: order and consent active, starting material received and accepted."""
    reasons = []
    if order.status != OrderStatus.ACTIVE:
        words = Phrase(order.get_status_display().lower())
        reasons.append(
            Reason("order_not_active", Phrase("Order {order} is {words}.", order=order, words=words), order.short)
        )
    if order.consent_at is None or order.consent_at > clock.now(order.site):
        reasons.append(
            Reason("no_consent", Phrase("The patient of order {order} has not consented.", order=order), order.short)
        )
    starting = order.containers.starting()
    if not starting.filter(release_status=ReleaseStatus.ACCEPTED).exists():
        received = starting.filter(status=ContainerStatus.FILLED, custody=Party.SITE).exists()
        waiting = Phrase("The material of order {order} waits for its incoming inspection.", order=order)
        missing = Phrase("The material of order {order} has not been received.", order=order)
        reasons.append(Reason("material_not_accepted", waiting if received else missing, order.short))
    return reasons


def reasons_not_supplied(container: Container) -> list[Reason]:
    """Why a container must not be shipped, thawed or given: not product, not released, empty, too late."""
    label = container.label
    reasons = []
    if container.holds != Container.Holds.PRODUCT:
        reasons.append(
            Reason(
                "not_product",
                Phrase("{label} is {holds}.", label=label, holds=Phrase(container.get_holds_display().lower())),
                label,
            )
        )
    elif container.release_status not in SUPPLIED:
        words = Phrase(container.get_release_status_display().lower())
        reasons.append(
            Reason(
                f"product_{container.release_status}", Phrase("{label} is {words}.", label=label, words=words), label
            )
        )
    reasons += _not_filled(container)
    now = clock.now(container.site)
    if container.expires_at and container.expires_at <= now:
        reasons.append(
            Reason(
                "expired",
                Phrase("{label} expired {when}.", label=label, when=clock.show(container.site, container.expires_at)),
                label,
            )
        )
    if container.use_by and container.use_by <= now:
        when = clock.show(container.site, container.use_by)
        reasons.append(
            Reason("thawed_too_long", Phrase("{label} had to be given before {when}.", label=label, when=when), label)
        )
    return reasons


def reasons_not_manufacturable(container: Container, batch_id: object) -> list[Reason]:
    """Why material cannot be moved on inside a batch."""
    label = container.label
    reasons = _not_filled(container)
    if container.release_status not in {ReleaseStatus.ACCEPTED, ReleaseStatus.IN_PROCESS}:
        words = Phrase(container.get_release_status_display().lower())
        reasons.append(
            Reason(
                f"material_{container.release_status}", Phrase("{label} is {words}.", label=label, words=words), label
            )
        )
    if container.batch_id != batch_id:
        reasons.append(Reason("other_batch", Phrase("{label} does not belong to this batch.", label=label), label))
    if container.custody != Party.SITE:
        reasons.append(
            Reason(
                "not_here",
                Phrase(
                    "{label} is with the {custody}.",
                    label=label,
                    custody=Phrase(container.get_custody_display().lower()),
                ),
                label,
            )
        )
    return reasons


def reasons_not_receivable(container: Container) -> list[Reason]:
    """Why a container cannot go through the incoming inspection."""
    label = container.label
    reasons = _not_filled(container)
    if container.holds != Container.Holds.STARTING:
        reasons.append(Reason("not_starting_material", Phrase("{label} is not starting material.", label=label), label))
    elif container.release_status != ReleaseStatus.QUARANTINED or container.batch_id:
        reasons.append(Reason("inspected_already", Phrase("{label} was inspected already.", label=label), label))
    if container.custody != Party.SITE:
        words = Phrase(container.get_custody_display().lower())
        reasons.append(
            Reason(
                "custody_open",
                Phrase("{label} is still in the custody of the {words}.", label=label, words=words),
                label,
            )
        )
    return reasons


def reasons_not_givable(container: Container, giver: User) -> list[Reason]:
    """Why this person cannot hand a container over."""
    label = container.label
    reasons = _not_filled(container)
    if container.custody not in parties_of(giver, container.site):
        words = Phrase(container.get_custody_display().lower())
        reasons.append(
            Reason(
                "not_in_custody", Phrase("{label} is in the custody of the {words}.", label=label, words=words), label
            )
        )
    elif container.custody == Party.COURIER and container.custodian_id != giver.id:
        reasons.append(
            Reason(
                "other_courier",
                Phrase("{label} is carried by {custodian}.", label=label, custodian=container.custodian),
                label,
            )
        )
    if HandoverItem.objects.filter(container=container, handover__answer=None).exists():
        reasons.append(Reason("already_offered", Phrase("{label} is offered to somebody already.", label=label), label))
    return reasons


def _not_filled(container: Container) -> list[Reason]:
    if container.status == ContainerStatus.FILLED:
        return []
    words = Phrase(container.get_status_display().lower())
    return [Reason("not_filled", Phrase("{label} is {words}.", label=container.label, words=words), container.label)]
