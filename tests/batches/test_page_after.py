"""The page that comes with the answer to an act, for the tablet that shows it next."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest

from batches.models import Step
from mes.accounts import services as accounts
from mes.accounts.models import Site, User
from mes.records.models import IdempotencyKey
from tests.given import batches as given
from tests.given import people

pytestmark = pytest.mark.django_db
API = "/api/v1"
PAGE = {"Prefer": "return=minimal, page"}
UNSIGNED = given.SHORT.replace("the bag., signature: performed", "the bag., signature: none", 1)


@pytest.fixture
def step(site: Site) -> Step:
    """In work, with everything done that it asks for; nobody has to sign it."""
    batch = given.running_batch(site, recipe=given.short_recipe(site, UNSIGNED))
    return given.prepared(given.started(batch, "S010"))


def shown(page: str) -> dict[str, str]:
    return dict(reversed(re.findall(r'data-(step|panel|user)="(.*?)"', page)))  # the first of each is the screen's own


def test_the_next_step_comes_with_the_completion(step: Step, olga: User) -> None:
    answer = people.client_of(olga).post(f"{API}/steps/{step.id}/complete", headers=PAGE).json()
    following = given.step(step.batch, "S020")
    assert shown(answer["page"]) == {"step": str(following.id), "panel": "start", "user": "olga"}


def test_the_step_itself_comes_with_every_other_act(step: Step, olga: User) -> None:
    client = people.client_of(olga)
    client.post(f"{API}/steps/{step.id}/complete")
    following = given.step(step.batch, "S020")
    page = client.post(f"{API}/steps/{following.id}/start", headers=PAGE).json()["page"]
    assert shown(page)["step"] == str(following.id)
    assert shown(page)["panel"] != "start"


def test_a_call_that_is_sent_again_is_told_no_page_of_then(step: Step, olga: User) -> None:
    client, key = people.client_of(olga), str(uuid4())
    answers = [
        client.post(f"{API}/steps/{step.id}/complete", headers=PAGE | {"Idempotency-Key": key}).json() for _ in range(2)
    ]
    assert [sorted(each) for each in answers] == [["id", "page"], ["id"]]
    assert IdempotencyKey.objects.get(key=key).answer == {"id": str(step.id)}


def test_a_person_is_answered_in_their_language(step: Step, olga: User) -> None:
    accounts.choose_language(actor=olga, user=olga, language="de")
    answer = people.client_of(olga).post(f"{API}/steps/{step.id}/complete", headers=PAGE).json()
    assert 'lang="de"' in answer["page"]


def test_a_refusal_brings_no_page(step: Step, olga: User) -> None:
    answer = people.client_of(olga).post(f"{API}/steps/{step.id}/start", headers=PAGE)
    assert answer.status_code == 409
    assert "page" not in answer.json()
