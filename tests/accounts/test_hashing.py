"""How PINs are kept: the database alone does not tell them."""

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import check_password, make_password

from mes.accounts.services import hashed_pin
from tests.given.people import PIN

LATER = "another-secret-key-" + "y" * 40


@pytest.mark.req("R-038")
def test_whoever_has_the_database_and_not_the_key_cannot_try_the_million(settings: LazySettings) -> None:
    kept = hashed_pin(PIN)
    assert check_password(PIN, kept)
    assert not check_password("918273", kept)
    settings.SECRET_KEY = LATER
    assert not check_password(PIN, kept)


def test_an_exchanged_key_still_opens_the_pins_chosen_under_it(settings: LazySettings) -> None:
    kept = hashed_pin(PIN)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = LATER
    assert check_password(PIN, kept)
    assert not check_password("918273", kept)


def test_a_pin_chosen_before_pins_were_keyed_is_still_right() -> None:
    assert check_password(PIN, make_password(PIN))
