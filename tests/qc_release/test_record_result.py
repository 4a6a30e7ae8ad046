"""Entering a result: a whole sample, an approved method, raw data, a verdict that nobody types."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from chain_of_identity.models import Order
from mes.accounts.models import Site
from mes.errors import InvalidInput, SignatureRefused
from mes.records.queries import is_signed
from mes.records.services import act
from qc_release import services
from qc_release.errors import ResultExists
from qc_release.models import Result
from qc_release.states import METHOD
from tests.given import chain_of_identity, people
from tests.given import qc_release as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock")]


@pytest.mark.req("R-147")
def test_refuses_to_test_a_sample_whose_record_is_not_whole_and_names_what_is_missing(site: Site) -> None:
    batch = given.made_batch(site)
    carl = people.persona(site, "carl")
    sample = services.register_sample(actor=carl, batch=batch, stage="release", source="Product bag")
    with pytest.raises(InvalidInput) as refusal:
        given.result(batch, "viability")
    assert refusal.value.details["missing"] == ["description", "quantity", "unit", "taken_at"]
    services.complete_sample(
        actor=carl,
        sample=sample,
        description="Release sample",
        quantity=Decimal(5),
        unit="mL",
        taken_at=sample.received_at,
    )
    assert given.result(batch, "viability").verdict == "pass"


@pytest.mark.req("R-147")
def test_a_tube_of_the_chain_of_identity_brings_its_record_along(site: Site) -> None:
    batch = given.made_batch(site)
    sample = given.sample(batch)
    assert (sample.stage, sample.lot_number, sample.quantity, sample.unit) == (
        "release",
        batch.number,
        Decimal(5),
        "mL",
    )
    assert sample.taken_at == given.sample_tube(batch).made_at
    assert sample.step == given.step_of(batch, "S020")


@pytest.mark.req("R-149")
@pytest.mark.parametrize(
    "lacking", [{"raw_data": " "}, {"amount": None}, {"amount": Decimal(0)}, {"amount_unit": ""}], ids=str
)
def test_refuses_a_result_without_raw_data_or_amount(site: Site, lacking: dict[str, Any]) -> None:
    batch = given.made_batch(site)
    carl = people.persona(site, "carl")
    facts: dict[str, Any] = {"raw_data": "ELN-1", "amount": Decimal("0.1"), "amount_unit": "mL"} | lacking
    with pytest.raises(InvalidInput):
        services.record_result(
            actor=carl,
            sample=given.sample(batch),
            test_id="viability",
            value="91",
            signer=people.signer(carl, "performed"),
            **facts,
        )
    assert not Result.objects.exists()


@pytest.mark.req("R-149", "R-150", "R-151")
def test_keeps_amount_raw_data_limit_and_verdict_and_is_signed_by_the_analyst(site: Site) -> None:
    batch = given.made_batch(site)
    result = given.result(batch, "viability", "79.99")
    assert (result.verdict, result.limit, result.judged) == ("fail", "≥ 80 %", "79.99 %")
    assert (result.amount, result.amount_unit, result.raw_data) == (Decimal("0.1"), "mL", "ELN-viability-1")
    assert is_signed(result, "performed")


def test_refuses_a_signature_of_somebody_else(site: Site) -> None:
    batch = given.made_batch(site)
    cora = people.persona(site, "cora")
    with pytest.raises(SignatureRefused):
        services.record_result(
            actor=people.persona(site, "carl"),
            sample=given.sample(batch),
            test_id="viability",
            value="91",
            amount=Decimal(1),
            amount_unit="mL",
            raw_data="ELN-1",
            signer=people.signer(cora, "performed"),
        )


@pytest.mark.req("R-151")
def test_the_endotoxin_limit_of_a_child_is_computed_from_its_order_and_the_filled_volume(site: Site) -> None:
    """5 EU per kg and hour × 10 kg ÷ 50 mL = 1.0 EU/mL, stricter than the product's 5 EU/mL."""
    child = order_of(site, weight_kg="10")
    batch = given.made_batch(site, of=child)
    result = given.result(batch, "endotoxin", "1.2")
    assert result.verdict == "fail"
    assert "≤ 1 EU/mL" in result.limit
    assert result.given == {"weight_kg": "10.00", "volume_ml": "50.000", "hours": "1"}


def order_of(site: Site, *, weight_kg: str) -> Order:
    from chain_of_identity import services as identity

    adult = chain_of_identity.order(site)
    return identity.place_order(
        actor=people.persona(site, "clara"),
        patient=adult.patient,
        product_code=adult.product_code,
        weight_kg=Decimal(weight_kg),
        physician=adult.physician,
        clinic=adult.clinic,
        consent_at=adult.consent_at,
    )


@pytest.mark.req("R-151")
def test_a_batch_is_judged_by_the_version_in_force_when_its_first_sample_came(site: Site) -> None:
    batch = given.made_batch(site)
    given.result(batch, "appearance")
    stricter = given.SHORT_SPECIFICATION.replace("kind: number, low: 80", "kind: number, low: 95")
    second = given.effective_specification(site, stricter, change_control="CC-7")
    assert given.result(batch, "viability", "91").verdict == "pass"
    later = given.made_batch(site)
    assert given.sample(later).specification_version == second
    assert given.result(later, "viability", "91").verdict == "fail"


def test_refuses_to_test_again_until_it_passes(site: Site) -> None:
    batch = given.made_batch(site)
    given.result(batch, "viability", "91")
    with pytest.raises(ResultExists):
        given.result(batch, "viability", "95")


@pytest.mark.req("R-158")
def test_an_interim_reading_stays_beside_the_final_one(site: Site) -> None:
    batch = given.made_batch(site)
    interim = given.result(batch, "sterility", "negative to date")
    final = given.result(batch, "sterility", "negative")
    assert (interim.verdict, final.verdict, final.purpose, final.number) == ("pending", "pass", "final", 2)


@pytest.mark.parametrize("change", [{"value": "99"}, {"verdict": "pass"}, {"raw_data": "other"}, {"analyst": None}])
def test_the_database_lets_nobody_change_a_result(site: Site, change: dict[str, Any]) -> None:
    batch = given.made_batch(site)
    given.result(batch, "viability", "70")
    if "analyst" in change:
        change = {"analyst": people.persona(site, "cora")}
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        act(people.persona(site, "quinn"), "test.alter", site=site),
    ):
        Result.objects.update(**change)


def test_a_method_has_a_table_of_moves() -> None:
    assert METHOD.names == ("approve", "retire")
