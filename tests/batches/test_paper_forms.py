"""Work on paper while the system is down: numbered, entered later, reconciled (R-104, R-105)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from batches import queries, services
from batches.models import Batch, Entry, ExceptionKind, PaperForm, PaperFormScan
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotFound, NotPermitted, WrongState
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import people
from tests.papers import words_of

WHY = "Server is being updated"
PICTURE = b"\xff\xd8\xff" + b"a photo of the form"


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The inspection comes next."""
    with floor_at("S020") as batch:
        yield batch


@pytest.fixture
def form(batch: Batch, sven: User) -> PaperForm:
    return issued(batch, sven)


def issued(batch: Batch, sven: User, key: str = "S020") -> PaperForm:
    return services.issue_form(actor=sven, batch=batch, steps=[given.step(batch, key)], reason=WHY)


def entered(batch: Batch, olga: User, form: PaperForm, at: datetime | None, name: str = "volume") -> Entry:
    step = given.step(batch, "S020")
    if step.status == "IDLE":
        step = services.start_step(actor=olga, step=step)
    return services.record_entry(
        actor=olga, step=step, name=name, value="120", unit="mL", performed_at=at, reason=WHY, form=form.number
    )


@pytest.mark.req("R-105")
def test_each_form_has_a_number_and_says_for_which_steps_who_gave_it_out_and_when(batch: Batch, sven: User) -> None:
    first, second = issued(batch, sven), issued(batch, sven, "S030")
    assert [first.number, second.number] == [f"F-{batch.number}-01", f"F-{batch.number}-02"]
    assert [each.step.key for each in first.printed.all()] == ["S020"]
    assert (first.issued_by, first.status) == (sven, "issued")


@pytest.mark.req("R-105")
def test_of_three_forms_with_two_returned_the_report_shows_one(batch: Batch, sven: User) -> None:
    first, second, third = (issued(batch, sven) for _ in range(3))
    for form in (first, second):
        services.return_form(actor=sven, form=form, name="scan.jpg", content=PICTURE)
    assert list(queries.forms_out(sven)) == [third]


@pytest.mark.req("R-104")
def test_a_number_comes_back_once(form: PaperForm, sven: User) -> None:
    services.return_form(actor=sven, form=form, name="scan.jpg", content=PICTURE)
    with pytest.raises(WrongState):
        services.return_form(actor=sven, form=form, name="again.jpg", content=PICTURE)
    assert WrongState.status == 409
    assert bytes(PaperFormScan.objects.get().content) == PICTURE


@pytest.mark.req("R-104")
def test_what_is_on_the_form_is_entered_as_late_and_names_it(
    batch: Batch, form: PaperForm, site: Site, olga: User
) -> None:
    """The step was not started here when it was done: it counts that the form was out."""
    with given.later(60):
        done = clock.now(site) - timedelta(minutes=50)
        entry = entered(batch, olga, form, done)
    assert (entry.form, entry.is_late, entry.performed_at) == (form, True, done)
    found = entry.step.exceptions.get(kind=ExceptionKind.LATE_ENTRY)
    assert f"from paper form {form.number}" in found.text
    [line] = [each for each in given.step(batch, "S020").manifest()["entries"] if each["name"] == "volume"]
    assert line["form"] == form.number


def test_nothing_was_written_on_a_form_before_it_was_given_out(
    batch: Batch, form: PaperForm, site: Site, olga: User
) -> None:
    for at in (clock.now(site) - timedelta(minutes=5), None):
        with pytest.raises(InvalidInput):
            entered(batch, olga, form, at)


def test_a_form_is_for_its_own_steps(batch: Batch, sven: User, site: Site, olga: User) -> None:
    with pytest.raises(NotFound):
        entered(batch, olga, issued(batch, sven, "S030"), clock.now(site))


@pytest.mark.req("R-105")
def test_a_form_that_is_out_holds_the_release_until_it_is_returned_or_lost(
    batch: Batch, form: PaperForm, sven: User
) -> None:
    assert [reason.code for reason in queries.reasons_forms_out(batch)] == ["form_out"]
    with pytest.raises(InvalidInput):
        services.declare_form_lost(actor=sven, form=form, reason=" ")
    services.declare_form_lost(actor=sven, form=form, reason="Fell into the waste bag")
    assert queries.reasons_forms_out(batch) == []


def test_only_a_supervisor_gives_out_and_takes_back(batch: Batch, form: PaperForm, olga: User) -> None:
    with pytest.raises(NotPermitted):
        issued(batch, olga)
    with pytest.raises(NotPermitted):
        services.return_form(actor=olga, form=form, name="scan.jpg", content=PICTURE)


@pytest.mark.parametrize("content", [b"MZ a program", b"", PICTURE + b"0" * 10_000_000])
def test_only_a_picture_or_pdf_of_a_bearable_size_comes_back(form: PaperForm, sven: User, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        services.return_form(actor=sven, form=form, name="scan.jpg", content=content)
    assert PaperForm.objects.get().status == "issued"


@pytest.mark.parametrize(("steps", "reason"), [((), WHY), (("S020",), " ")])
def test_a_form_has_steps_and_a_reason(batch: Batch, sven: User, steps: tuple[str, ...], reason: str) -> None:
    with pytest.raises(InvalidInput):
        services.issue_form(actor=sven, batch=batch, steps=[given.step(batch, key) for key in steps], reason=reason)


def test_a_supervisor_gives_out_prints_and_takes_back_on_the_page(batch: Batch, sven: User) -> None:
    client = Client()
    client.force_login(sven, backend="mes.accounts.backend.SessionBackend")
    page = f"/batches/{batch.id}/paper-forms/"
    asked = {"act": "issue", "steps": [str(given.step(batch, "S020").id)], "reason": WHY}
    assert client.post(page, {**asked, "steps": []}).status_code == 400
    assert client.post(page, asked).status_code == 302
    form = PaperForm.objects.get()
    assert form.number in client.get("/paper-forms/").content.decode()
    words = words_of(client.get(f"/paper-forms/{form.id}/print/").content)
    assert form.number in words
    assert "Viability" in words
    back = {"act": "return", "form": str(form.id)}
    assert client.post(page, back).status_code == 400
    assert client.post(page, back | {"scan": SimpleUploadedFile("form.jpg", PICTURE)}).status_code == 302
    assert client.get(f"/paper-forms/{form.id}/scan/").content == PICTURE
    assert form.number not in client.get("/paper-forms/").content.decode()
    assert form.number in client.get(f"/batches/{batch.id}/record/").content.decode()


def test_the_same_by_the_api(batch: Batch, sven: User) -> None:
    client = people.client_of(sven)
    steps = [str(given.step(batch, key).id) for key in ("S020", "S030")]
    asked = f"/api/v1/batches/{batch.id}/paper-forms"
    made = [client.post(asked, {"steps": steps, "reason": WHY}, format="json").json() for _ in range(2)]
    assert made[0]["steps"] == ["S020", "S030"]
    back = {"name": "form.jpg", "scan": "/9j/aGVsbG8="}
    first, second = (f"/api/v1/paper-forms/{each['id']}" for each in made)
    assert client.post(f"{first}/return", {"name": "x", "scan": "not base64"}, format="json").status_code == 400
    assert client.post(f"{first}/return", back, format="json").json()["status"] == "returned"
    assert client.post(f"{first}/return", back, format="json").status_code == 409
    assert [each["number"] for each in client.get("/api/v1/paper-forms").json()] == [made[1]["number"]]
    assert client.post(f"{second}/lost", {"reason": "Burnt"}, format="json").json()["status"] == "lost"
