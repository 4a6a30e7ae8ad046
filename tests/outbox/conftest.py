from collections.abc import Callable, Iterator

import pytest
from django.db import models

from batches.announcements import HELD
from mes.accounts.models import Site, User
from mes.outbox.models import Subscription
from mes.outbox.services import announce
from mes.records.services import act
from tests.given import outbox as given
from tests.given.outbox import MailServer, Receiver

Tell = Callable[..., None]


@pytest.fixture(scope="module", autouse=True)
def people_at_work(town: None) -> None:
    """GRAZ and everybody who works there."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with given.a_receiver() as receiver:
        yield receiver


@pytest.fixture
def mail_server(settings: object) -> Iterator[MailServer]:
    """The house's mail server, for as long as the test lasts."""
    with given.a_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # type: ignore[attr-defined]
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port  # type: ignore[attr-defined]
        settings.EMAIL_USE_TLS = False  # type: ignore[attr-defined]
        yield server


@pytest.fixture
def subscription(site: Site, receiver: Receiver) -> Subscription:
    return given.subscribed(site, receiver.address)[0]


@pytest.fixture
def tell(site: Site, olga: User) -> Tell:
    """Something happened to a subject, which is announced."""

    def happened(subject: models.Model = site, *, party: str = "") -> None:
        with act(olga, "test.tell", site=site, subject=subject) as event:
            text, path = f"It is about {subject}.", "/orders/1/"
            announce(HELD, event=event, site=site, subject=subject, text=text, path=path, party=party)

    return happened
