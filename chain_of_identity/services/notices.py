"""Telling the clinic, and its answer that it has read it."""

from uuid import UUID

from chain_of_identity.models import ClinicNotice, Order
from chain_of_identity.states import CLINIC_NOTICE
from mes import clock
from mes.accounts.models import User
from mes.records.models import Event
from mes.records.services import act


def tell_clinic(event: Event, *, order: Order, title: str, text: str, batch_id: UUID | None = None) -> ClinicNotice:
    """Inside an act: leave a message for the physician and the clinic of an order. It stays in the house."""
    return ClinicNotice.objects.create(
        order=order,
        batch_id=batch_id,
        title=title,
        text=text,
        told_at=clock.now(order.site),
        told_by=event.actor,
    )


def confirm_notice(*, actor: User, notice: ClinicNotice) -> ClinicNotice:
    """The clinic has read it."""
    site = notice.site
    with act(actor, "chain_of_identity.confirm_notice", site=site, subject=notice, batch=notice.batch_id) as event:
        found = ClinicNotice.objects.select_related("order__site")
        notice = found.select_for_update(of=("self",)).get(pk=notice.pk)
        CLINIC_NOTICE.move(notice, "confirm", event=event, read_by=actor, read_at=clock.now(site))
    return notice
