"""A deviation recorded while a step runs: its photos, and the second person where the recipe asks for one."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from batches import queries, services
from batches.errors import SecondPersonNeeded
from batches.models import Batch, Deviation, Step
from mes.accounts.models import User
from mes.errors import InvalidInput, NotPermitted
from mes.records.models import Signature
from tests.database import BeginWith
from tests.given import batches as given
from tests.given import people
from tests.given.pictures import taken

REASONS = ("True reading, counted twice", "Bag arrived warm")
TWO = f"deviation_second_person: true, deviation_reasons: {list(REASONS)}".replace("'", '"')


@pytest.fixture(scope="module")
def floor(begin_with: BeginWith) -> Iterator[UUID]:
    """A step at which a second person signs deviations comes first."""

    def fill() -> UUID:
        site = people.a_site()
        source = given.SHORT.replace("signature: performed, severity: critical}", f"signature: performed, {TWO}}}", 1)
        return given.running_batch(site, recipe=given.short_recipe(site, source)).pk

    with begin_with("floor of two", fill) as batch:
        yield batch


@pytest.fixture
def step(batch: Batch) -> Step:
    return given.started(batch, "S010")


def opened(step: Step, *, by: str = "olga", **facts: Any) -> Deviation:
    return services.open_deviation(
        actor=people.persona(step.site, by),
        batch=step.batch,
        step=step,
        title="Warm bag",
        description="Bag arrived warm",
        severity="high",
        **facts,
    )


def test_a_second_person_signs_it_with_the_digest_of_its_photo(step: Step, vera: User) -> None:
    photo = taken(step, label="The logger")
    witness = people.signer(vera, "verified", site=step.site)
    deviation = opened(step, photos=[photo], witness=witness)
    signature = Signature.objects.get(subject_id=deviation.pk)
    assert (signature.printed_name, signature.meaning) == (vera.printed_name, "verified")
    assert signature.manifest["photos"] == [photo.sha256]
    [line] = queries.record_of(step.batch).deviations
    assert line.photos == [f"The logger, SHA-256 {photo.sha256}"]
    assert [each.standing for each in line.signatures] == ["valid"]


def test_refuses_it_without_a_second_person_while_the_step_runs(step: Step) -> None:
    with pytest.raises(SecondPersonNeeded):
        opened(step)
    given.signed(given.prepared(step))
    assert opened(given.step(step.batch, "S010")).number.endswith("-01")


def test_refuses_whoever_had_a_hand_in_the_step_as_second_person(step: Step, olga: User, vera: User) -> None:
    with pytest.raises(NotPermitted):
        opened(step, by="vera", witness=people.signer(olga, "verified", site=step.site))
    with pytest.raises(NotPermitted):
        opened(step, by="vera", witness=people.signer(vera, "verified", site=step.site))
    assert not Deviation.objects.exists()


def test_refuses_a_photo_of_another_batch(step: Step, vera: User) -> None:
    other = given.started(given.running_batch(step.site, recipe=step.batch.recipe_version), "S010")
    with pytest.raises(InvalidInput):
        opened(step, photos=[taken(other)], witness=people.signer(vera, "verified", site=step.site))


def test_the_screen_offers_the_reasons_of_the_recipe(step: Step, olga: User) -> None:
    shown = queries.run_screen(step, olga)
    assert shown["deviation_reasons"] == list(REASONS)
    assert shown["deviation_second_person"]


def test_by_api_the_second_person_signs_in_the_same_call(step: Step, olga: User, vera: User) -> None:
    photo = taken(step)
    words = {"title": "Warm bag", "description": "Bag arrived warm", "severity": "high"}
    body: dict[str, object] = {**words, "step": str(step.pk), "photos": [str(photo.pk)]}
    client, url = people.client_of(olga), f"/api/v1/batches/{step.batch_id}/deviations"
    refused = client.post(url, body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (409, "second_person_needed")
    answer = client.post(url, body | {"second_person": people.signature(vera)}, format="json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["photos"] == [str(photo.pk)]
