"""E-mail as it arrives at a mail server."""

import pytest
import time_machine
from django.conf import settings

from batches import services as batches
from batches.states import Command
from mes.accounts.models import Site
from mes.outbox import services
from mes.outbox.errors import NoMailServer
from mes.outbox.models import Message, Subscription
from tests.given import batches as batches_given
from tests.given import outbox as given
from tests.given import people
from tests.given.outbox import MailServer
from tests.outbox.conftest import Tell

pytestmark = pytest.mark.django_db


def by_mail(site: Site, address: str = "ward@clinic.example") -> Subscription:
    anna = people.persona(site, "anna")
    made, _ = services.subscribe(
        actor=anna, site=site, channel="email", name="Ward", address=address, kinds=given.KINDS
    )
    return made


def test_a_mail_has_a_link_and_nothing_of_the_patient(site: Site, mail_server: MailServer) -> None:
    batch = batches_given.running_batch(site)
    ward = by_mail(site)
    olga = people.persona(site, "olga")
    batches.command_batch(actor=olga, batch=batch, name=Command.HOLD, reason="Ana Muster has a fever")
    given.delivered(ward)
    (mail,) = mail_server.mails
    message = Message.objects.get()
    assert mail["To"] == "ward@clinic.example"
    assert mail["Subject"] == f"Batch held: {batch.number}"
    assert mail["Message-ID"] == f"<{message.id}@localhost>"
    text = mail.get_payload(decode=True).decode()  # type: ignore[union-attr]
    assert f"{settings.PUBLIC_ADDRESS}/orders/{batch.order_id}/" in text
    for personal in ("Muster", "fever", batch.order.patient.pseudonym, batch.order.coi_id):
        assert personal not in mail.as_string()
    assert message.status == "sent"


def test_the_same_mail_again_has_the_same_id(site: Site, mail_server: MailServer, tell: Tell) -> None:
    ward = by_mail(site)
    mail_server.says_in_the_end = b"451 later\r\n"
    tell()
    given.delivered(ward)
    message = Message.objects.get()
    assert message.status == "waiting"
    assert "451" in message.last_error
    mail_server.says_in_the_end = b"250 well\r\n"
    with time_machine.travel(message.due_at):
        given.delivered(ward)
    first, again = mail_server.mails
    assert first["Message-ID"] == again["Message-ID"]


def test_without_a_mail_server_nobody_subscribes_by_mail(site: Site) -> None:
    with pytest.raises(NoMailServer):
        by_mail(site)


def test_a_mail_server_that_is_taken_away_leaves_mail_waiting(
    site: Site, mail_server: MailServer, settings: object, tell: Tell
) -> None:
    ward = by_mail(site)
    settings.EMAIL_HOST = ""  # type: ignore[attr-defined]
    tell()
    given.delivered(ward)
    assert "BATON_EMAIL_HOST" in Message.objects.get().last_error
