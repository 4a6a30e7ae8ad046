"""Two tablets in one step, and all that happens to tablets: nothing is lost, doubled, out of order or hidden."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from batches import services
from batches.models import Step
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.pages.conftest import Screen
from tests.pages.histories.comparison import differences
from tests.pages.histories.conftest import TOGETHER
from tests.pages.histories.plan import VALUES, history
from tests.pages.histories.planted import Planted
from tests.pages.histories.tablet import Tablet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.pages.urls"),
    pytest.mark.parametrize("size", ["landscape"], indirect=True),
]
Open = Callable[..., Screen]
ENTRIES = "".join(
    f"              - {{id: {name}, name: {name}, unit: mL, precision: 0, required: false}}\n" for name in VALUES
)
STEP = """\
          - id: {key}
            kind: identity_check
            title: Read the displays
            text: Read them.
            parallel: histories
            entries:
{entries}"""


@pytest.fixture
def steps(site: Site, olga: User) -> list[UUID]:
    """Running steps beside each other, one for each history."""
    keys = [f"S9{number:02}" for number in range(TOGETHER)]
    many = "".join(STEP.format(key=key, entries=ENTRIES) for key in keys)
    source = given.short_with(many)
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.done_before(batch, keys[0])
    return [services.start_step(actor=olga, step=given.step(batch, key)).pk for key in keys]


@pytest.fixture
def tablets(new_screen: Open, olga: User) -> list[Tablet]:
    return [Tablet(new_screen(olga, service_workers="block"), olga) for _ in range(2)]


@pytest.mark.req("R-068")
def test_nothing_is_lost_doubled_or_hidden(first: int, seed: int, steps: list[UUID], tablets: list[Tablet]) -> None:
    found = {first + place: lived(step, tablets, seed, first + place) for place, step in enumerate(steps)}
    assert {number: differences for number, differences in found.items() if differences} == {}


def test_a_planted_fault_is_noticed(fault: Planted, seed: int, steps: list[UUID], tablets: list[Tablet]) -> None:
    for tablet in tablets:
        tablet.screen.page.context.route(
            f"**/js/{fault.file}",
            lambda route: route.fulfill(body=fault.source(), content_type="text/javascript"),
        )
    assert any(lived(step, tablets, seed, number) for number, step in enumerate(steps))


def lived(step: UUID, tablets: list[Tablet], seed: int, number: int) -> list[str]:
    code = Step.objects.select_related("batch").get(pk=step).batch.coi_id
    for tablet in tablets:
        tablet.begin(step, code)
    for act in history(seed, number):
        tablets[act.tablet].does(act)
    for tablet in tablets:
        tablet.finish()
    assert Step.objects.get(pk=step).status in ("RUNNING", "COMPLETE")
    faults = [fault for tablet in tablets for fault in tablet.faults()]
    return [*differences(step, tablets), *faults]
