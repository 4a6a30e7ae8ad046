"""At the clinic: thaw, check at the bed, infuse."""

from datetime import datetime, timedelta
from decimal import Decimal

from chain_of_identity.errors import NotReleased, WrongPatient
from chain_of_identity.models import BedsideCheck, Container, Infusion, Order, Party, Scan
from chain_of_identity.queries import reasons_not_supplied
from chain_of_identity.services.locks import locked_containers, locked_order, require_active
from chain_of_identity.services.material import end_container
from chain_of_identity.services.scans import require_scan, use_scan
from chain_of_identity.states import ORDER, SUPPLIED
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput, NotPermitted, WrongState
from mes.records.services import act, note_security, sign
from mes.records.signing import Signer


def thaw(*, actor: User, scan: Scan, use_within_minutes: int) -> Container:
    """Start the clock of a thawed bag: from now on it must be given within so many minutes."""
    site = scan.order.site
    require(actor, "identity.bedside", site)
    if use_within_minutes <= 0:
        raise InvalidInput("Say within how many minutes after thawing the product must be given.")
    with act(actor, "chain_of_identity.thaw", site=site, subject=scan.order) as event:
        order = locked_order(scan.order)
        container = use_scan(scan, actor=actor, order=order, purpose=Scan.Purpose.THAW)
        _require_supplied(container)
        if container.thawed_at:
            raise WrongState(f"{container} is thawed already.", container=container.label)
        container.thawed_at = clock.now(site)
        container.use_by = container.thawed_at + timedelta(minutes=use_within_minutes)
        container.save(update_fields=["thawed_at", "use_by"])
        event.data |= {"container": container.label, "use_by": clock.iso(container.use_by)}
    return container


def bedside_check(
    *, bag: Scan, wristband: Scan, second_identifier: str, signer: Signer, verifier: Signer
) -> BedsideCheck:
    """Two people, two identifiers: bag against wristband by scan, and what the patient says against the order."""
    order, first, second = bag.order, signer.user, verifier.user
    require(first, "identity.bedside", order.site)
    require(second, "identity.bedside", order.site)
    if first.id == second.id:
        raise NotPermitted("The check at the bed takes two people.", rule="not_own_work")
    _check_spoken(order, first, second_identifier)
    with act(first, "chain_of_identity.bedside_check", site=order.site, subject=order) as event:
        order = locked_order(order)
        require_active(order)
        container = use_scan(bag, actor=first, order=order, purpose=Scan.Purpose.BEDSIDE)
        require_scan(wristband, actor=first, order=order, purpose=Scan.Purpose.WRISTBAND)
        _require_supplied(container)
        if container.custody != Party.CLINIC:
            raise Conflict(f"The clinic has not received {container}.", custody=container.custody)
        check = BedsideCheck.objects.create(
            order=order,
            container=container,
            bag_scan=bag,
            wristband_scan=wristband,
            second_identifier=order.patient.second_identifier,
            first=first,
            second=second,
            checked_at=clock.now(order.site),
        )
        sign(event, signer, subject=check, meaning="performed")
        sign(event, verifier, subject=check, meaning="verified")
        event.data["container"] = container.label
    return check


def _check_spoken(order: Order, actor: User, said: str) -> None:
    """What the patient says is written down before a mismatch is refused."""
    patient = order.patient
    if said.strip().upper() == patient.second_identifier.upper():
        return
    with act(
        actor, "chain_of_identity.wrong_patient", site=order.site, subject=order, data={"said": said.strip()[:20]}
    ):
        pass
    note_security("wrong_patient", user=actor, site=order.site, subject=order.short)
    kind = patient.get_second_identifier_kind_display().lower()
    raise WrongPatient(f"Stop. The {kind} is not that of the patient of this bag. Call the physician.")


def record_infusion(
    *,
    actor: User,
    check: BedsideCheck,
    volume_ml: Decimal,
    outcome: str,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    note: str = "",
) -> Infusion:
    """What was given. When nothing of the product is left to give, the chain is closed."""
    order = check.order
    require(actor, "identity.infuse", order.site)
    now = clock.now(order.site)
    infusion = Infusion(
        order=order,
        bedside_check=check,
        volume_ml=volume_ml,
        started_at=started_at or check.checked_at,
        ended_at=ended_at or now,
        outcome=outcome,
        note=note.strip(),
        given_by=actor,
    )
    _check_infusion(infusion, check, now)
    with act(actor, "chain_of_identity.record_infusion", site=order.site, subject=order) as event:
        order = locked_order(order)
        [container] = locked_containers([check.container])
        if volume_ml > container.volume_ml:
            raise InvalidInput(f"{container} holds {container.volume}.", field="volume_ml")
        end_container(event, container, "infuse")
        infusion.container = container
        infusion.save(force_insert=True)
        event.data |= {"container": container.label, "volume_ml": str(volume_ml), "outcome": outcome}
        if not order.containers.product().filled().filter(release_status__in=SUPPLIED).exists():
            ORDER.move(order, "complete", event=event)
    return infusion


def _check_infusion(infusion: Infusion, check: BedsideCheck, now: datetime) -> None:
    if infusion.outcome not in Infusion.Outcome.values:
        raise InvalidInput(f"“{infusion.outcome}” is no outcome of an infusion.", known=Infusion.Outcome.values)
    if infusion.outcome == Infusion.Outcome.PARTIAL and not infusion.note:
        raise InvalidInput("Say why the infusion was stopped.", field="note")
    if not infusion.volume_ml > 0:
        raise InvalidInput("An infusion has a volume of more than 0 mL.", field="volume_ml")
    use_by = check.container.use_by
    if use_by and infusion.started_at > use_by and not infusion.note:
        raise InvalidInput("The infusion started after the time the thawed bag is good for. Say why.", field="note")
    if not check.checked_at <= infusion.started_at <= infusion.ended_at <= now:
        raise InvalidInput("An infusion starts after the check at the bed and is recorded when it is over.")


def _require_supplied(container: Container) -> None:
    reasons = reasons_not_supplied(container)
    if reasons:
        raise NotReleased.by(reasons, f"{container} must not be used for a patient.")
