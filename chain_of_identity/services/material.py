"""Material moves from container to container; it never meets another patient's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from chain_of_identity.errors import PatientMismatch
from chain_of_identity.models import Container, Link, Order, Party, Transformation
from chain_of_identity.queries import reasons_not_manufacturable
from chain_of_identity.services.labels import new_container
from chain_of_identity.services.locks import locked_containers, locked_order, require_active
from chain_of_identity.states import CONTAINER, RELEASE_MOVES, SUPPLIED, ContainerStatus, ReleaseStatus
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Blocked, Conflict, InvalidInput, NotFound, WrongState
from mes.phrases import Phrase
from mes.records.models import Event
from mes.records.services import act

Action = Transformation.Action

# A split shares out what there is; the others may take up medium or wash out volume.
_KEEPS_VOLUME = frozenset({Action.SPLIT, Action.SAMPLE})


@dataclass(frozen=True)
class Into:
    """A container that material goes into. It is made, labelled and filled by the transformation."""

    kind: str
    volume_ml: Decimal
    holds: str = Container.Holds.INTERMEDIATE
    description: str = ""
    place: str = ""


def enter_batch(*, actor: User, order: Order, batch_id: UUID, batch_number: str) -> list[Container]:
    """The accepted starting material goes into a batch."""
    require(actor, "batches.execute", order.site)
    with act(actor, "chain_of_identity.enter_batch", site=order.site, subject=order, batch=batch_id) as event:
        order = locked_order(order)
        require_active(order)
        material = locked_containers(
            order.containers.starting().filled().filter(release_status=ReleaseStatus.ACCEPTED, batch_id=None)
        )
        if not material:
            raise Conflict(
                Phrase("Order {order} has no accepted material that is free.", order=order), order=str(order.id)
            )
        for container in material:
            container.batch_id, container.batch_number = batch_id, batch_number
            container.save(update_fields=["batch_id", "batch_number"])
        event.data |= {"containers": [each.label for each in material], "batch_number": batch_number}
    return material


def transfer(
    *,
    actor: User,
    action: str,
    sources: Sequence[Container],
    into: Sequence[Into],
    batch_id: UUID | None = None,
    step_id: UUID | None = None,
) -> list[Container]:
    """Empty the sources into new containers: split (1 → n), pool (n → 1), transfer (1 → 1) or fill (1 → n)."""
    order = _one_order(sources)
    require(actor, "identity.scan", order.site)
    _check_shape(action, sources, into)
    with act(actor, f"chain_of_identity.{action}", site=order.site, subject=order, batch=batch_id) as event:
        order = locked_order(order)
        require_active(order)
        held = locked_containers(sources)
        _require_in_batch(held, batch_id)
        difference = _difference(action, sum(each.volume_ml for each in held), into)
        targets = _make(event, order, actor, held[0], into, batch_id)
        _link(order, actor, action, held, targets, difference, batch_id, step_id)
        for source in held:
            end_container(event, source, "empty")
        event.data |= {
            "from": [each.label for each in held],
            "into": [each.label for each in targets],
            "difference_ml": str(difference),
        }
    return targets


def take_sample(
    *,
    actor: User,
    container: Container,
    volume_ml: Decimal,
    description: str,
    kind: str = Container.Kind.TUBE,
    batch_id: UUID | None = None,
    step_id: UUID | None = None,
) -> Container:
    """Draw a sample; the container keeps the rest."""
    order = container.order
    require(actor, "identity.scan", order.site)
    wanted = Into(kind, volume_ml, Container.Holds.SAMPLE, description)
    _check_shape(Action.SAMPLE, [container], [wanted])
    with act(actor, "chain_of_identity.take_sample", site=order.site, subject=container, batch=batch_id) as event:
        order = locked_order(order)
        [source] = locked_containers([container])
        if source.status != ContainerStatus.FILLED:
            raise WrongState(
                Phrase("{source} is {status}.", source=source, status=Phrase(source.get_status_display().lower())),
                state=source.status,
            )
        if volume_ml > source.volume_ml:
            raise InvalidInput(
                Phrase("{source} holds {volume} only.", source=source, volume=source.volume), field="volume_ml"
            )
        [sample] = _make(event, order, actor, source, [wanted], batch_id)
        _link(order, actor, Action.SAMPLE, [source], [sample], Decimal(0), batch_id, step_id)
        source.volume_ml -= volume_ml
        source.save(update_fields=["volume_ml"])
        event.data |= {"sample": sample.label, "volume_ml": str(volume_ml)}
    return sample


def discard(*, actor: User, container: Container, reason: str) -> Container:
    """Destroy a container, or put away an empty one that will not be used."""
    with act(actor, "chain_of_identity.discard", site=container.site, subject=container, reason=reason) as event:
        [container] = locked_containers([container])
        end_container(event, container, "discard")
    return container


def end_container(event: Event, container: Container, move: str) -> None:
    """Inside an act: the contents are gone, by being moved on, infused or discarded."""
    CONTAINER.move(container, move, event=event)
    container.volume_ml = Decimal(0)
    container.ended_at = clock.now(container.site)
    container.save(update_fields=["volume_ml", "ended_at"])


def set_release_status(
    *, actor: User, order: Order, batch_id: UUID, status: str, expires_at: datetime | None = None
) -> list[Container]:
    """Carry a disposition (and the expiry it computed) to every product container of the batch.

    The decision and its signature are those of QC and QA.
    """
    require(actor, "qc.disposition", order.site)
    with act(actor, "chain_of_identity.set_release_status", site=order.site, subject=order, batch=batch_id) as event:
        order = locked_order(order)
        product = locked_containers(order.containers.product().filter(batch_id=batch_id))
        if not product:
            raise NotFound(
                Phrase("The batch has filled no product for order {order}.", order=order), batch=str(batch_id)
            )
        for container in product:
            move_release(container, status)
            if expires_at:
                container.expires_at = expires_at
                container.save(update_fields=["expires_at"])
        event.data |= {"status": status, "containers": [each.label for each in product]}
    return product


def set_aside_material(*, actor: User, order: Order, batch_id: UUID, status: str) -> list[Container]:
    """Take what is left of a batch that came to an early end out of use: into quarantine, or rejected.

    Samples stay: the laboratory may have to find out why. The decision is that of the batch and signed there.
    """
    with act(actor, "chain_of_identity.set_aside_material", site=order.site, subject=order, batch=batch_id) as event:
        order = locked_order(order)
        left = order.containers.filled().filter(batch_id=batch_id, custody=Party.SITE)
        left = left.exclude(holds=Container.Holds.SAMPLE).exclude(release_status__in=SUPPLIED)
        material = locked_containers(left)
        for container in material:
            move_release(container, status)
        event.data |= {"status": status, "containers": [each.label for each in material]}
    return material


def move_release(container: Container, status: str) -> None:
    """Inside an act: the only place that assigns a release status."""
    if status == container.release_status:
        return
    if status not in RELEASE_MOVES.get(container.release_status, frozenset()):
        now = Phrase(container.get_release_status_display().lower())
        raise WrongState(
            Phrase("{container} is {now} and cannot become {status}.", container=container, now=now, status=status),
            state=container.release_status,
        )
    container.release_status = status
    container.judged_at = clock.now(container.site)
    container.save(update_fields=["release_status", "judged_at"])


def _one_order(sources: Sequence[Container]) -> Order:
    """Refuses material of two patients, and says whose bags they are."""
    if not sources:
        raise InvalidInput("There is nothing to move.")
    if len({each.order_id for each in sources}) > 1:
        raise PatientMismatch(
            "Stop. These bags belong to different patients and must never meet.",
            containers=[each.label for each in sources],
        )
    return sources[0].order


def _check_shape(action: str, sources: Sequence[Container], into: Sequence[Into]) -> None:
    if action not in Action.values:
        raise InvalidInput(Phrase("There is no way “{action}” to move material.", action=action), known=Action.values)
    if not into or any(not each.volume_ml > 0 for each in into):
        raise InvalidInput("Say into which containers the material goes, each with a volume.")
    if len(sources) > 1 and action != Action.POOL:
        raise InvalidInput("Only a pool has more than one source.", action=action)
    if len(into) > 1 and action not in {Action.SPLIT, Action.FILL}:
        raise InvalidInput("Only a split or a fill has more than one target.", action=action)


def _require_in_batch(sources: Sequence[Container], batch_id: UUID | None) -> None:
    reasons = [reason for each in sources for reason in reasons_not_manufacturable(each, batch_id)]
    if reasons:
        raise Blocked.by(reasons, "This material cannot be moved on.")


def _difference(action: str, held: Decimal | int, into: Sequence[Into]) -> Decimal:
    difference = sum((each.volume_ml for each in into), Decimal(0)) - held
    if action in _KEEPS_VOLUME and difference > 0:
        raise InvalidInput(
            Phrase("A split gives {difference:f} mL more than there is.", difference=difference.normalize()),
            field="volume_ml",
        )
    return difference


def _make(
    event: Event, order: Order, actor: User, like: Container, into: Sequence[Into], batch_id: UUID | None
) -> list[Container]:
    made = []
    for each in into:
        container = new_container(
            order,
            actor,
            kind=each.kind,
            holds=each.holds,
            description=each.description,
            batch_id=batch_id,
            batch_number=like.batch_number,
            place=each.place or like.place,
            volume_ml=each.volume_ml,
        )
        CONTAINER.move(container, "fill", event=event)
        made.append(container)
    return made


def _link(
    order: Order,
    actor: User,
    action: str,
    sources: Sequence[Container],
    targets: Sequence[Container],
    difference: Decimal,
    batch_id: UUID | None,
    step_id: UUID | None,
) -> None:
    done = Transformation.objects.create(
        order=order,
        action=action,
        batch_id=batch_id,
        step_id=step_id,
        difference_ml=difference,
        done_at=clock.now(order.site),
        done_by=actor,
    )
    Link.objects.bulk_create(
        Link(transformation=done, source=source, target=target) for source in sources for target in targets
    )
