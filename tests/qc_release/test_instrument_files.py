"""What instruments drop finds the sample that waits for it, or a person; the second analyst checks it all the same."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from batches.models import Batch
from equipment import services as equipment_services
from equipment.models import Unit
from equipment.tasks import read_files
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import InvalidInput, NotPermitted
from mes.records.models import Event, Signature
from qc_release import services
from qc_release.errors import NotMatched
from qc_release.models import FileMatch, Investigation, Result, Sample
from qc_release.queries import blocks_to_release
from qc_release.tasks import match_files
from tests.given import equipment as plant
from tests.given import instrument_files as files
from tests.given import people
from tests.given import qc_release as given

pytestmark = pytest.mark.django_db

LABEL = "S-77"
BY_FILE = 'file: {reader: nucleoview, measurement: viability, amount: "0.2", amount_unit: mL}'
SPECIFICATION = given.SHORT_SPECIFICATION.replace("low: 80}, ill", f"low: 80}}, {BY_FILE}, ill")


@pytest.fixture(scope="module")
def laboratory(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Site]:
    """A site with a batch and a counter that is fit: made once for the module, left as it was by each test."""
    with django_db_blocker.unblock(), transaction.atomic():
        site = people.a_site()
        given.effective_specification(site, SPECIFICATION)
        given.running_batch(site)
        plant.calibrated(plant.qualified(plant.new_unit(site, "cell_counter", "CNT-1", adapter="file_drop")))
        yield site
        transaction.set_rollback(True)


@pytest.fixture
def site(laboratory: Site, db: None) -> Site:
    return laboratory


@pytest.fixture
def batch(site: Site) -> Batch:
    return Batch.objects.select_related("site", "order__site").get(site=site)


@pytest.fixture
def counter(site: Site) -> Unit:
    return Unit.objects.select_related("site").get(site=site, code="CNT-1")


@pytest.fixture
def drop(counter: Unit) -> Callable[..., FileMatch]:
    """A file that came, was read and was looked at; the match of its first run."""

    def dropped(content: bytes, *, of: Unit = counter, name: str = "a.csv") -> FileMatch:
        file = equipment_services.keep_file(actor=system_user("gateway"), unit=of, name=name, content=content)
        read_files()
        match_files()
        found: FileMatch = FileMatch.objects.filter(file=file).order_by("run__number")[0]
        return found

    return dropped


def matched(match: FileMatch, sample: Sample, **changes: Any) -> FileMatch:
    carl = people.persona(sample.site, "carl")
    given_by_carl: dict[str, Any] = {"answers": {"viability": "viability"}, "amount": Decimal("0.2")}
    return services.match_file(
        actor=carl,
        match=match,
        sample=sample,
        amount_unit="mL",
        signer=people.signer(carl, "performed", site=sample.site),
        **given_by_carl | changes,
    )


def test_a_scanned_sample_gets_its_result_with_the_digest_of_the_file(
    batch: Batch, drop: Callable[..., FileMatch], cora: User
) -> None:
    sample = given.labelled_sample(batch, LABEL)
    match = drop(files.counted(sample.code))
    match_files()
    result = Result.objects.get()
    assert (match.status, match.sample) == ("matched", sample)
    assert (result.value, result.unit, result.verdict, result.status) == ("92.4", "%", "pass", "entered")
    assert result.raw_data.startswith("From instrument file a.csv of CNT-1, run 1, SHA-256 ")
    assert result.raw_data.endswith(match.file.sha256)
    assert (result.run, str(result.amount.normalize()), result.tested_at) == (match.run, "0.2", match.file.taken_at)
    assert not Signature.objects.filter(subject_id=result.id).exists(), "nobody pretends to have signed"
    assert given.checked(result, by=cora).status == "checked"


def test_whoever_ran_the_instrument_does_not_check_its_result(
    batch: Batch, drop: Callable[..., FileMatch], cora: User
) -> None:
    drop(files.counted(given.labelled_sample(batch, LABEL).code, operator="Cora Analyst"))
    with pytest.raises(NotPermitted):
        given.checked(Result.objects.get(), by=cora)


def test_a_failing_run_opens_its_investigation(batch: Batch, drop: Callable[..., FileMatch]) -> None:
    drop(files.counted(given.labelled_sample(batch, LABEL).code, viability="71,5"))
    assert Investigation.objects.get().result.value == "71.5"


def test_a_run_that_comes_before_its_sample_waits_for_it(batch: Batch, drop: Callable[..., FileMatch]) -> None:
    match = drop(files.counted(LABEL))
    assert (match.status, match.why) == ("waiting", f"There is no sample named “{LABEL}”.")
    given.labelled_sample(batch, LABEL)
    match_files()
    match_files()
    match.refresh_from_db()
    assert (match.status, Result.objects.count()) == ("matched", 1)


def test_a_second_run_is_no_second_chance_and_the_same_run_in_a_new_archive_is_none(
    batch: Batch, drop: Callable[..., FileMatch]
) -> None:
    sample = given.labelled_sample(batch, LABEL)
    drop(files.counted(sample.code, viability="71.0"))
    again = drop(files.counted(sample.code, viability="93.0"), name="b.csv")
    assert (again.status, again.sample) == ("waiting", sample)
    assert "0 retests done, 0 planned" in again.why
    blocked = {reason.code: reason.message for reason in blocks_to_release(batch)}
    assert blocked["file_not_matched"] == f"b.csv, run 1 says something of sample {LABEL} that is in no result."
    services.set_file_aside(actor=people.persona(batch.site, "carl"), match=again, reason="Not planned.")
    assert "file_not_matched" not in {reason.code for reason in blocks_to_release(batch)}
    exported_again = drop(files.counted(sample.code, viability="71.0") + b"\n", name="c.csv")
    assert exported_again.status == "repeated"
    assert Result.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (files.VI_CELL_BLU, "No test of"),
        (files.NC_VIEW, "No test of"),
        (files.NOVA, "No test of"),
        (files.NUCLEOVIEW[:-12], "closing check mark"),
    ],
)
def test_what_the_specification_does_not_name_waits_for_a_person(
    batch: Batch, drop: Callable[..., FileMatch], content: str, why: str
) -> None:
    code = given.labelled_sample(batch, LABEL).code
    match = drop(content.replace("{sample}", code).replace("{viability}", "90").encode())
    assert match.status == "waiting"
    assert why in match.why
    assert not Result.objects.exists()


def test_an_instrument_out_of_calibration_enters_no_result(batch: Batch, site: Site, drop: Callable[..., Any]) -> None:
    sample = given.labelled_sample(batch, LABEL)
    match = drop(files.counted(sample.code), of=plant.new_unit(site, "cell_counter", "CNT-2", adapter="file_drop"))
    assert "CNT-2 is not qualified. CNT-2 has no passed calibration." in match.why


def test_a_warning_of_the_instrument_keeps_a_run_from_matching_by_itself(
    site: Site, batch: Batch, drop: Callable[..., FileMatch]
) -> None:
    by_nc_view = SPECIFICATION.replace("nucleoview", "nc_view")
    given.effective_specification(site, by_nc_view, change_control="CC-7")
    sample = given.labelled_sample(batch, LABEL)
    match = drop(files.NC_VIEW.replace("{sample}", sample.code).replace("chb,OK", "chb,Error: clumps").encode())
    assert match.why == "The instrument warns: Error: clumps."


def test_a_person_matches_a_run_under_another_name_with_a_reason_and_signs(
    batch: Batch, drop: Callable[..., FileMatch], carl: User
) -> None:
    sample, match = given.labelled_sample(batch, LABEL), drop(files.counted("tube 3"))
    with pytest.raises(InvalidInput, match="Write why"):
        matched(match, sample)
    done = matched(match, sample, reason="The label was torn; the worksheet says tube 3.")
    result = Result.objects.get()
    assert (done.status, done.settled_by, result.analyst) == ("matched", carl, carl)
    assert Signature.objects.get(subject_id=result.id).meaning == "performed"
    event = Event.objects.get(action="qc_release.match_file")
    assert event.data["sha256"] == match.file.sha256


def test_a_person_says_the_unit_only_where_the_file_does_not(batch: Batch, drop: Callable[..., FileMatch]) -> None:
    sample = given.labelled_sample(batch, LABEL)
    match = drop(files.NOVA.replace("{sample}", sample.code).encode())
    with pytest.raises(NotMatched, match="names no unit"):
        matched(match, sample, answers={"viability": "Gln"})
    with pytest.raises(InvalidInput, match="cannot be converted"):
        matched(match, sample, answers={"viability": "Gluc"}, units={"Gluc": "%"})
    match.refresh_from_db()
    assert (match.status, Result.objects.count()) == ("waiting", 0)


def test_the_page_matches_a_run_and_sets_another_aside(
    batch: Batch, drop: Callable[..., FileMatch], carl: User, client: Any
) -> None:
    sample, match = given.labelled_sample(batch, LABEL), drop(files.counted("tube 3"))
    quarantined = drop(b"no form at all", name="b.txt")
    client.force_login(carl, backend="mes.accounts.backend.SessionBackend")
    listed = client.get(reverse("qc_release:files")).content.decode()
    assert "There is no sample named “tube 3”." in listed
    assert "No reader knows this form of file." in listed
    url = reverse("qc_release:file", args=[match.id])
    assert "Set it aside" in client.get(reverse("qc_release:file", args=[quarantined.id])).content.decode()
    assert "viability: 92.4 %" in client.get(url, {"sample": sample.code}).content.decode()
    signed = {"username": "carl", "password": people.PASSWORD, "act": "match", "sample": sample.code}
    fields = signed | {"answer-viability": "viability", "answer-endotoxin": "", "amount": "0.2", "amount_unit": "mL"}
    assert client.post(url, fields).status_code == 400
    assert client.post(url, fields | {"sample": "S-9"}).status_code == 400
    assert client.post(url, fields | {"reason": "The label was torn."}).status_code == 302
    result = Result.objects.get()
    assert match.file.sha256 in client.get(reverse("qc_release:result", args=[result.id])).content.decode()
    saved = client.get(reverse("qc_release:file_content", args=[match.id]))
    assert (saved.content, saved["Content-Type"]) == (files.counted("tube 3"), "application/octet-stream")
    aside = {"act": "set_aside", "aside_reason": "Priming run of the morning."}
    assert client.post(reverse("qc_release:file", args=[quarantined.id]), aside).status_code == 302
    assert "Priming run" in client.get(reverse("qc_release:file", args=[quarantined.id])).content.decode()


def test_the_calls_do_what_the_page_does(batch: Batch, drop: Callable[..., FileMatch], carl: User) -> None:
    sample, match = given.labelled_sample(batch, LABEL), drop(files.counted(""))
    other = drop(files.counted("S-8"), name="b.csv")
    api = people.client_of(carl)
    [first, _] = api.get("/api/v1/file-matches", {"status": "waiting"}).json()["results"]
    assert (first["id"], first["run"]["sample_id"]) == (str(other.id), "S-8")
    body = {"sample_id": str(sample.id), "answers": {"viability": "viability"}, "amount": "0.2", "amount_unit": "mL"}
    body |= {"reason": "Not scanned.", "signature": people.signature(carl)}
    answer = api.post(f"/api/v1/file-matches/{match.id}/match", body, format="json")
    assert (answer.status_code, answer.json()["status"]) == (200, "matched")
    [result] = api.get(f"/api/v1/samples/{sample.id}/results").json()["results"]
    assert result["run_id"] == answer.json()["run"]["id"]
    refused = api.post(f"/api/v1/file-matches/{other.id}/set-aside", {"reason": ""}, format="json")
    done = api.post(f"/api/v1/file-matches/{other.id}/set-aside", {"reason": "Training."}, format="json")
    assert (refused.status_code, done.json()["status"], done.json()["reason"]) == (400, "set_aside", "Training.")
    file = api.get(f"/api/v1/instrument-files/{match.file_id}").json()
    assert (file["reader"], file["sha256"]) == ("nucleoview", match.file.sha256)
    assert api.get(f"/api/v1/instrument-files/{match.file_id}/content").content == files.counted("")


def test_a_specification_names_a_reader_that_exists(site: Site) -> None:
    with pytest.raises(InvalidInput, match="there is no reader abacus"):
        given.draft_specification(site, SPECIFICATION.replace("nucleoview", "abacus"))
