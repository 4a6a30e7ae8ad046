"""What HTTP adds to a photo: Base64, replays, and who may see it."""

from base64 import b64encode
from hashlib import sha256
from uuid import uuid4

import pytest

from batches.models import Batch, Step, StepPhoto
from mes.accounts.models import User
from tests.given import batches as given
from tests.given import people
from tests.given.pictures import picture, taken


@pytest.fixture
def step(batch: Batch) -> Step:
    return given.started(batch, "S010")


def body(content: bytes) -> dict[str, str]:
    digest = sha256(content).hexdigest()
    return {"id": str(uuid4()), "content": b64encode(content).decode(), "sha256": digest, "about": "Tear"}


def test_a_photo_sent_twice_under_one_key_is_one(step: Step, olga: User) -> None:
    client, sent = people.client_of(olga), body(picture())
    for _ in range(2):
        answer = client.post(
            f"/api/v1/steps/{step.id}/photos", sent, format="json", headers={"Idempotency-Key": sent["id"]}
        )
        assert answer.status_code == 201, answer.content
        assert (answer.json()["id"], answer.json()["sha256"]) == (sent["id"], sent["sha256"])
    assert StepPhoto.objects.count() == 1
    shown = client.get(f"/api/v1/steps/{step.id}").json()["photos"]
    assert [each["label"] for each in shown["taken"]] == ["Tear"]
    kept = client.get(f"/api/v1/photos/{sent['id']}/content")
    assert (kept.content, kept["Content-Type"]) == (picture(), "image/jpeg")


def test_what_is_no_base64_is_refused_by_name(step: Step, olga: User) -> None:
    sent = body(picture()) | {"content": "!!"}
    answer = people.client_of(olga).post(f"/api/v1/steps/{step.id}/photos", sent, format="json")
    assert (answer.status_code, list(answer.json()["details"]["fields"])) == (400, ["content"])


def test_a_stranger_does_not_see_it(step: Step, sam: User) -> None:
    photo = taken(step)
    assert people.client_of(sam).get(f"/photos/{photo.pk}/").status_code == 403
    assert people.client_of(sam).get(f"/api/v1/photos/{photo.pk}/content").status_code == 403
