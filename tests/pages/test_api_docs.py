"""The browsable description of the API works under our content security policy."""

from collections.abc import Callable

import pytest

from mes.accounts.models import User
from tests.pages.conftest import Screen


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("size", ["landscape"], indirect=True)
def test_the_api_can_be_browsed(new_screen: Callable[..., Screen], ines: User) -> None:
    screen = new_screen(ines).open("/api/v1/docs")
    screen.page.get_by_text("What calls for an alarm").first.wait_for()  # it draws only the calls in view
