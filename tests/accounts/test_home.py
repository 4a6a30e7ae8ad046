"""The administrator's home page says who is locked out."""

import pytest
from django.conf import settings

from mes.accounts import home, services
from mes.accounts.models import Site, User
from mes.errors import NotSignedIn
from mes.pages.panels import home_of
from tests.given.people import persona

pytestmark = pytest.mark.django_db


def test_nobody_is_locked_out_of_a_quiet_site(anna: User) -> None:
    panel, *_ = home_of(anna).panels
    assert (panel.title, panel.tasks) == ("Locked accounts", [])


def test_who_failed_too_often_waits_for_the_administrator(site: Site, anna: User) -> None:
    olga = persona(site, "olga")
    for _ in range(settings.FAILURES_BEFORE_LOCK):
        with pytest.raises(NotSignedIn):
            services.sign_in(username="olga", password="wrong")
    assert [task.title for task in home.panels(anna)[0].tasks] == [olga.printed_name]


def test_who_manages_no_account_is_not_asked(site: Site) -> None:
    assert home.panels(persona(site, "olga")) == []
