"""Particles are counted for as long as material is open in grade A (R-113)."""

from datetime import datetime, timedelta

import pytest

from batches.models import BatchException, ExceptionKind
from equipment.adapters.base import Reading
from equipment.models import Unit
from equipment.readings import Bundle, write_readings
from mes.accounts import services as accounts
from mes.accounts.models import Site, User
from mes.ids import uuid7
from tests.given import batches as given
from tests.given import equipment as equipment_given

pytestmark = pytest.mark.django_db

CABINET = "{as: cabinet, class: safety_cabinet, grade: A}"
RECIPE = given.SHORT.replace("equipment:\n", f"equipment:\n  - {CABINET}\n", 1).replace(
    "title: Inspect the bag\n", "title: Inspect the bag\n            equipment: cabinet\n"
)
TAGS = ("particles_0_5", "particles_5_0")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def cabinet(site: Site) -> Unit:
    return equipment_given.unit(site, "safety_cabinet", "BSC-7")


def inspected(site: Site, cabinet: Unit, *silences: tuple[int, int], recipe: str = RECIPE) -> list[BatchException]:
    """An hour of open material, counted every ten seconds but for the silences (minutes from, to); what it raised."""
    batch = given.running_batch(site, recipe=given.short_recipe(site, recipe))
    step = given.started(batch, "S020")
    given.prepared(step)
    assert step.started_at is not None
    counted(cabinet, step.started_at, silences)
    with given.later(60):
        given.signed(step)
    return list(step.exceptions.filter(kind=ExceptionKind.NOT_COUNTED).order_by("id"))


def counted(unit: Unit, start: datetime, silences: tuple[tuple[int, int], ...]) -> None:
    moments = [start + timedelta(seconds=10 * number) for number in range(1, 362)]
    heard = [at for at in moments if not any(start + a * MINUTE < at < start + b * MINUTE for a, b in silences)]
    write_readings(Bundle(uuid7(), [(unit.pk, Reading(tag, 3.0, at, at)) for at in heard for tag in TAGS]))


@pytest.mark.req("R-113")
def test_five_minutes_without_a_count_in_an_hour_are_an_exception_that_names_them(site: Site, cabinet: Unit) -> None:
    (found,) = inspected(site, cabinet, (20, 25))
    start, end = (datetime.fromisoformat(found.data[each]) for each in ("start", "end"))
    assert end - start == 5 * MINUTE
    assert (found.severity, found.data["unit"]) == ("high", "BSC-7")
    assert found.text.startswith("BSC-7 counted nothing from")
    assert found.text.endswith("while S020 was open in grade A.")


@pytest.mark.req("R-113")
@pytest.mark.parametrize(
    ("silences", "number"), [((), 0), (((0, 3), (58, 61)), 2), (((0, 61),), 1)], ids=["none", "both ends", "all"]
)
def test_every_silence_is_found_also_at_the_ends(
    site: Site, cabinet: Unit, silences: tuple[tuple[int, int], ...], number: int
) -> None:
    assert len(inspected(site, cabinet, *silences)) == number


def test_other_grades_and_clocks_that_run_fast_ask_for_no_count(site: Site, cabinet: Unit, anna: User) -> None:
    grade_c = RECIPE.replace("safety_cabinet, grade: A", "safety_cabinet, grade: C")
    assert inspected(site, cabinet, (20, 25), recipe=grade_c) == []
    accounts.set_clock_scale(actor=anna, site=site, scale=2)
    assert inspected(Site.objects.get(pk=site.pk), cabinet, (20, 25)) == []
