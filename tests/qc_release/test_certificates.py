"""The certificate: made by a worker from checked results, sealed, the same bytes for ever."""

import json
from hashlib import sha256
from io import BytesIO

import pikepdf
import pytest
from django.db import DatabaseError, transaction

from batches.models import Batch
from mes.accounts.models import Site
from mes.records.merkle import root_from_proof
from mes.records.services import act
from qc_release import services
from qc_release.certificate import certificate_content
from qc_release.documents import certificate_pdf
from qc_release.errors import CertificateNotReady, ResultsNotApproved
from qc_release.models import Certificate, CertificateFile, Result
from qc_release.states import CertificateState
from qc_release.tasks import tick
from tests.given import people
from tests.given import qc_release as given
from tests.papers import words_of


def released(site: Site, *, pending: bool = False) -> tuple[Batch, Certificate]:
    batch = given.reviewed_batch(site, pending=pending)
    given.disposed(batch, "released_pending" if pending else "released")
    tick()
    return batch, Certificate.objects.select_related("pdf", "file__batch__site").get(file__batch=batch)


@pytest.mark.req("R-160", "R-161", "R-170")
@pytest.mark.django_db(transaction=True)
def test_a_released_batch_gets_its_certificate_from_the_worker(site: Site) -> None:
    batch, certificate = released(site, pending=True)
    assert certificate.status == CertificateState.ISSUED
    pdf = bytes(certificate.pdf.content)
    text = words_of(pdf)
    for said in (
        "Autologous CAR T cells",
        batch.number,
        batch.coi_id,
        "Site Graz",
        "CART-A version 1",
        "FLOW-VIA version 1",
        "≥ 80 %",
        "91.5 %",
        "pass",
        "Results pending at release",
        "Sterility",
        "Petra Qualified",
        "meaning “released”",
        "Version 1",
        "Page 1 of",
        certificate.proof["checkpoint"]["root"][:20] if certificate.proof else "",
    ):
        assert said in text, said
    assert certificate_pdf(certificate) == pdf
    assert sha256(pdf).hexdigest() == certificate.pdf.sha256

    with pikepdf.open(BytesIO(pdf)) as opened:
        assert opened.open_metadata().pdfa_status == "3A"
        proof = json.loads(opened.attachments["inclusion-proof.json"].get_file().read_bytes())
        content = json.loads(opened.attachments["certificate.json"].get_file().read_bytes())
    assert proof["event"] == content["disposition"]["event"]
    leaf, head = proof["leaf"], proof["checkpoint"]
    path = [bytes.fromhex(each) for each in proof["proof"]]
    root = root_from_proof(bytes.fromhex(leaf["hash"]), leaf["index"], head["size"], path)
    assert root.hex() == head["root"]

    tick()
    assert CertificateFile.objects.count() == 1
    with pytest.raises(DatabaseError), act(people.persona(site, "quinn"), "test.alter", site=site):
        CertificateFile.objects.update(sha256="0" * 64)
    with pytest.raises(DatabaseError), act(people.persona(site, "quinn"), "test.alter", site=site):
        Certificate.objects.update(content={})


@pytest.mark.req("R-159")
@pytest.mark.django_db
def test_says_exactly_what_the_checked_results_say(site: Site, sealed: None) -> None:
    batch = given.reviewed_batch(site)
    certificate = Certificate.objects.get(disposition=given.disposed(batch))
    rows = {row["result_id"]: row for row in certificate.content["results"]}
    results = Result.objects.filter(sample__batch=batch)
    assert len(rows) == results.count() == 4
    for result in results:
        row = rows[str(result.id)]
        assert (row["result"], row["limit"], row["verdict"]) == (result.shown, result.limit, result.verdict)
        assert row["analyst"] == "Carl Analyst"
        assert row["checked_by"] == "Cora Analyst"


@pytest.mark.req("R-159")
@pytest.mark.django_db
def test_is_refused_with_one_result_that_nobody_checked(site: Site, sealed: None) -> None:
    batch = given.batch_with_results(site, pending=True)
    record = given.disposed(given.reviewed(batch), "released_pending")
    given.result(batch, "sterility", "negative")
    with pytest.raises(ResultsNotApproved):
        certificate_content(record, number=2, supersedes=1)


@pytest.mark.req("R-161", "R-170")
@pytest.mark.django_db
def test_the_final_certificate_names_the_one_it_supersedes(site: Site, sealed: None) -> None:
    batch = given.batch_with_results(site, pending=True)
    first = given.disposed(given.reviewed(batch), "released_pending").certificate
    given.checked(given.result(batch, "sterility", "negative"))
    given.reviewed(batch)
    final = given.disposed(batch, "released").certificate
    assert (final.number, final.supersedes, final.content["supersedes"]) == (2, first, 1)
    assert final.content["disposition"]["pending"] == []
    assert Certificate.objects.filter(pk=first.pk).exists()


@pytest.mark.django_db
def test_waits_while_the_decision_is_not_sealed(site: Site, sealed: None) -> None:
    given.disposed(given.reviewed_batch(site))
    tick()
    certificate = Certificate.objects.get()
    assert certificate.status == CertificateState.REQUESTED
    answer = people.client_of(people.persona(site, "quinn")).get(f"/api/v1/certificates/{certificate.id}/pdf")
    assert (answer.status_code, answer.json()["code"]) == (409, CertificateNotReady.code)


@pytest.mark.django_db
def test_a_fault_is_written_down_and_put_right_by_a_person(
    site: Site, sealed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given.disposed(given.reviewed_batch(site))
    monkeypatch.setattr("qc_release.services.certificates.proof_for", lambda _: {})
    with monkeypatch.context() as broken:
        broken.setattr("qc_release.services.certificates.certificate_pdf", lambda _: 1 / 0)
        with transaction.atomic():
            tick()
    certificate = Certificate.objects.get()
    assert certificate.status == CertificateState.FAILED
    assert "ZeroDivisionError" in certificate.failure
    quinn = people.persona(site, "quinn")
    services.try_certificate_again(actor=quinn, certificate=certificate, reason="The template was put right.")
    tick()
    assert Certificate.objects.get().status == CertificateState.ISSUED
