"""The clock of a tablet: both times are kept, and a wrong one is written down."""

from datetime import timedelta

import pytest

from mes import server_clock
from mes.accounts.models import Site, User
from mes.device import SKEW, device_of
from mes.errors import InvalidInput
from mes.records.models import Event
from tests.given import people
from tests.given.equipment import terminal


def posted(user: User, behind: float, **headers: str) -> None:
    """Any call that may change something; `behind` in seconds."""
    sent = (server_clock.now() - timedelta(seconds=behind)).isoformat()
    people.client_of(user).post(
        "/api/v1/steps/0198b3a4-0000-7000-8000-000000000007/start", headers={"Device-Time": sent, **headers}
    )


def noted() -> list[int]:
    """In minutes."""
    return [round(event.data["seconds"] / 60) for event in Event.objects.filter(action=SKEW).order_by("at")]


def test_a_wrong_clock_is_written_down_once_and_again_when_it_changes(olga: User) -> None:
    for behind in (300, 310, 300, -600, 20):
        posted(olga, behind)
    assert noted() == [-5, 10]


def test_each_tablet_is_written_down(site: Site, olga: User) -> None:
    for code in ("T-01", "T-02"):
        posted(olga, 300, **terminal(site=site, code=code).headers)
    assert [event.tablet for event in Event.objects.filter(action=SKEW).order_by("at")] == ["T-01", "T-02"]


def test_a_right_clock_leaves_no_trace(olga: User) -> None:
    posted(olga, 20)
    assert noted() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Device-Time": "yesterday"},
        {"Device-Time": "2026-11-22T10:00:00"},
        {"Device-Time": "2026-13-45T10:00:00+00:00"},
        {"Device-Time": "2026-11-22T10:00:00+00:00", "Device-Apart": "-5"},
        {"Device-Time": "2026-11-22T10:00:00+00:00", "Device-Steps": "two"},
    ],
)
def test_a_clock_nobody_can_read_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(InvalidInput):
        device_of(headers)


def test_what_does_not_come_from_a_tablet_has_no_device() -> None:
    assert device_of({}) is None
