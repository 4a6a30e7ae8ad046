"""Actual yield and percent of theoretical; outside the limits an investigation holds the step (R-092)."""

from decimal import Decimal

import pytest

from batches import services
from batches.errors import Incomplete
from batches.models import Batch, ExceptionKind, Step
from batches.queries import record_of
from batches.states import State
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import people

COMPUTED = "name: Viable cells, unit: cell, theoretical: 6.4E6, low_percent: 10, high_percent: 100000"
MEASURED = "name: Volume kept, unit: mL, theoretical: 100, low_percent: 80, high_percent: 110"
RECIPE = given.SHORT.replace(COMPUTED, MEASURED).replace("actual: S070.viable_cells", "actual: S020.volume")


@pytest.fixture
def step(site: Site) -> Step:
    return given.started(given.running_batch(site, recipe=given.short_recipe(site, RECIPE)), "S020")


def measured(step: Step, olga: User, volume: str) -> Step:
    services.record_entry(actor=olga, step=step, name="volume", value=volume, unit="mL")
    for name in ("bag_intact", "appearance", "concentration", "viability"):
        given.good_entry(olga, step, name)
    return given.step(step.batch, step.key)


def approved(batch: Batch, site: Site) -> None:
    olga, quinn = people.persona(site, "olga"), people.persona(site, "quinn")
    deviation = batch.deviations.get()
    words = {"investigation": "Spilled.", "impact": "None.", "other_batches": "None.", "conclusion": "Accepted."}
    services.investigate(actor=olga, deviation=deviation, **words)
    services.approve_deviation(actor=quinn, deviation=deviation, signer=people.signer(quinn, "approved", site=site))


@pytest.mark.req("R-092")
def test_a_yield_outside_its_limits_holds_the_step_until_the_investigation_is_approved(
    step: Step, site: Site, olga: User
) -> None:
    step = measured(step, olga, "75")
    exception = step.exceptions.get(kind=ExceptionKind.YIELD)
    assert exception.data["percent"] == "75.0"
    assert exception.text == "Volume kept: 75.0 % of the theoretical 100 mL, limits 80 to 110 %"
    with pytest.raises(Incomplete) as refusal:
        services.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed"))
    [reason] = refusal.value.details["reasons"]
    assert reason["code"] == "deviation_open"
    number = step.batch.deviations.get().number
    said = f"{exception.text}. Deviation {number} must be approved first. Quality decides."
    assert reason["message"] == said
    approved(step.batch, site)
    services.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed"))
    assert given.step(step.batch, step.key).status == State.COMPLETE


@pytest.mark.req("R-092")
@pytest.mark.parametrize("volume", ["80.0", "110"])
def test_a_yield_at_its_limit_passes_and_is_in_the_record(step: Step, olga: User, volume: str) -> None:
    step = measured(step, olga, volume)
    assert not step.exceptions.filter(kind=ExceptionKind.YIELD).exists()
    [made] = record_of(step.batch).yields
    assert (Decimal(made.percent), made.is_within) == (Decimal(volume), True)


@pytest.mark.req("R-092")
def test_a_correction_is_judged_again_and_an_opened_investigation_stays(step: Step, olga: User) -> None:
    step = measured(step, olga, "75")
    entry = step.entries.get(name="volume")
    services.correct_entry(actor=olga, entry=entry, value="90", unit="mL", reason="Typed wrong")
    assert step.exceptions.filter(kind=ExceptionKind.YIELD).count() == 1
    assert step.batch.deviations.get().blocks


def test_a_computed_yield_is_judged_too(site: Site) -> None:
    few = given.SHORT.replace("theoretical: 6.4E6", "theoretical: 6.4E9")
    batch = given.running_batch(site, recipe=given.short_recipe(site, few))
    given.done(given.done_before(batch, "S060").steps.get(key="S060"))
    assert batch.exceptions.get().kind == ExceptionKind.YIELD
