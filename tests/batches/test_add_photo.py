"""Photos: byte for byte as taken, beside what they replace, in what is signed."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
import pytest

from batches import queries, services
from batches.errors import AlreadyRecorded, Incomplete
from batches.models import Batch, BatchException, Step, StepPhoto
from batches.queries.documents import content_of as document_content
from batches.queries.missing import reasons_incomplete
from batches.states import Command
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import Conflict, InvalidInput, NotPermitted, StaleVersion, WrongState
from mes.records.files import FileAltered, content_of
from mes.records.queries import is_signed
from tests.database import BeginWith
from tests.given import batches as given
from tests.given import people
from tests.given.pictures import from_a_camera, picture, taken
from tests.papers import words_of

PHOTOS = """photos:
              - {id: appearance, name: Appearance of the bag}
              - {id: seal, name: Seal, required: false, at_most: 2}
            entries:"""


@pytest.fixture(scope="module")
def floor(begin_with: BeginWith) -> Iterator[UUID]:
    """The inspection, which asks for a photo, comes next."""

    def fill() -> UUID:
        site = people.a_site()
        source = given.SHORT.replace("entries:", PHOTOS, 1)
        return given.done_before(given.running_batch(site, recipe=given.short_recipe(site, source)), "S020").pk

    with begin_with("floor with photos", fill) as batch:
        yield batch


@pytest.fixture
def step(batch: Batch) -> Step:
    return given.started(batch, "S020")


def codes(step: Step) -> list[str]:
    return [reason.code for reason in reasons_incomplete(step)]


@pytest.mark.req("R-019")
def test_a_photo_is_kept_byte_for_byte_under_the_digest_of_the_tablet(step: Step, olga: User) -> None:
    content = picture()
    photo = taken(step, content=content, name="appearance", digest=sha256(content).hexdigest())
    kept = StepPhoto.objects.defer("content").get()
    assert content_of(kept) == content
    assert (kept.sha256, kept.size, kept.media_type) == (sha256(content).hexdigest(), len(content), "image/jpeg")
    assert (kept.label, kept.hashed_by_tablet, kept.by) == ("Appearance of the bag", True, olga)
    assert photo.event.data == {"photo": "Appearance of the bag", "sha256": kept.sha256}


def test_a_step_lacks_the_photo_the_recipe_asks_for_and_no_other(step: Step) -> None:
    assert "photo_missing" in codes(step)
    taken(step)
    assert "photo_missing" in codes(step)
    taken(step, name="appearance")
    assert "photo_missing" not in codes(step)


def test_what_arrives_otherwise_than_it_was_taken_is_refused(step: Step) -> None:
    with pytest.raises(InvalidInput, match="Take it again"):
        taken(step, content=picture("green"), digest=sha256(picture("red")).hexdigest())
    assert not StepPhoto.objects.exists()


@pytest.mark.parametrize("content", [from_a_camera(), b"no picture", picture() + b"\0" * 999_999])
def test_refuses_what_is_not_a_bare_picture_of_a_sensible_size(step: Step, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        taken(step, content=content)


def test_the_same_photo_sent_again_is_kept_once(step: Step) -> None:
    photo_id = uuid4()
    first, second = (taken(step, photo_id=photo_id, name="appearance") for _ in range(2))
    assert first.pk == second.pk
    assert StepPhoto.objects.count() == 1
    with pytest.raises(Conflict):
        taken(step, photo_id=photo_id, content=picture("green"))


def test_a_photo_taken_again_stands_beside_the_first(step: Step) -> None:
    first = taken(step, name="appearance", content=picture("grey"))
    second = taken(step, name="appearance", retakes=first.pk)
    assert [row["id"] for row in queries.run_screen(step, second.by)["photos"]["taken"]] == [str(second.pk)]
    assert content_of(first) == picture("grey")
    [attempt] = next(each for each in queries.record_of(step.batch).steps if each.key == step.key).attempts
    assert [(each.id, each.is_retaken) for each in attempt.photos] == [(str(first.pk), True), (str(second.pk), False)]
    with pytest.raises(StaleVersion):
        taken(step, name="appearance", retakes=first.pk)
    with pytest.raises(InvalidInput):
        taken(step, name="seal", retakes=second.pk)


def test_no_more_photos_than_the_recipe_says_count(step: Step) -> None:
    taken(step, name="appearance")
    with pytest.raises(AlreadyRecorded):
        taken(step, name="appearance")
    for _ in range(2):
        taken(step, name="seal")
    with pytest.raises(AlreadyRecorded):
        taken(step, name="seal")
    with pytest.raises(InvalidInput):
        taken(step, name="moon")


def test_what_is_signed_names_the_photo_by_its_digest(step: Step, olga: User) -> None:
    photo = taken(given.prepared(given.step(step.batch, step.key)), label="Fibres at the port")
    signed = given.signed(given.step(step.batch, step.key))
    assert signed.manifest()["photos"][-1] == {"label": "Fibres at the port", "sha256": photo.sha256, "retakes": None}
    assert is_signed(signed, "performed")
    with pytest.raises(WrongState):
        taken(given.step(step.batch, step.key))


def test_a_step_without_its_photo_is_not_completed(step: Step, olga: User) -> None:
    with pytest.raises(Incomplete) as refusal:
        services.complete_step(actor=olga, step=step)
    assert "Take a photo: Appearance of the bag." in [each["message"] for each in refusal.value.details["reasons"]]


def test_what_holds_a_batch_may_be_photographed(step: Step, olga: User) -> None:
    services.command_batch(actor=olga, batch=step.batch, name=Command.HOLD, reason="A leak")
    assert taken(given.step(step.batch, step.key), label="The leak").label == "The leak"


def test_who_takes_a_photo_had_a_hand_in_the_step(step: Step, vera: User) -> None:
    taken(step, by="vera")
    assert vera.id in step.performer_ids()
    assert vera.id in queries.performers_of(step.batch)


def test_a_photo_that_waited_without_network_is_shown_to_quality(step: Step) -> None:
    with people.tablet(kept_for=timedelta(minutes=7)):
        taken(step, name="appearance")
    found = BatchException.objects.get(kind="offline")
    assert found.text.startswith("The photo “Appearance of the bag” was captured ")
    assert found.text.endswith("kept on the tablet for 7 min without network.")


def test_nobody_else_takes_photos(step: Step) -> None:
    with pytest.raises(NotPermitted):
        taken(step, by="ines")


def test_the_printed_record_shows_the_photo_and_its_digest(step: Step, quinn: User) -> None:
    photo = taken(step, name="appearance", content=picture("teal"))
    document = services.request_record(actor=quinn, batch=step.batch)
    content = document_content(services.render_document(actor=system_user("dispatcher"), document=document))
    words = "".join(words_of(content).split())
    assert "Appearanceofthebag,OlgaOperator" in words
    assert photo.sha256 in words
    assert b"/DCTDecode" in content


@pytest.mark.req("R-019")
@pytest.mark.django_db(transaction=True)
def test_a_byte_flipped_in_storage_is_found_out(site: Site, olga: User, superuser: psycopg.Connection) -> None:
    photo = taken(given.started(given.running_batch(site), "S010"))
    client = people.client_of(olga)
    answer = client.get(f"/photos/{photo.pk}/")
    assert answer.content == picture()
    assert answer["Content-Type"] == "image/jpeg"
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    superuser.execute("SET session_replication_role = replica")
    superuser.execute("UPDATE batches_stepphoto SET content = set_byte(content, 40, 33)")
    with pytest.raises(FileAltered):
        content_of(photo)
    refused = client.get(f"/api/v1/photos/{photo.pk}/content")
    assert (refused.status_code, refused.json()["code"]) == (409, "file_altered")
    assert client.get(f"/photos/{photo.pk}/").status_code == 409
