"""The decision: by whom, on what, and what it does to the product."""

from datetime import timedelta

import pytest

from batches.models import Batch
from chain_of_identity.models import Container
from chain_of_identity.queries import reasons_not_supplied
from mes.accounts import services as accounts
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.accounts.rights import Role
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, StaleVersion, WrongState
from mes.records.queries import is_signed
from mes.records.signing import Credential, Signer, authenticate_signer
from qc_release import services
from qc_release.errors import ReleaseBlocked
from qc_release.models import DispositionRecord, Notice, ReleaseFile
from qc_release.queries import file_of
from qc_release.queries.sheet import release_sheet
from tests.given import people
from tests.given import qc_release as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock", "sealed")]


def bags(batch: Batch) -> set[str]:
    return set(Container.objects.product().filter(batch_id=batch.id).values_list("release_status", flat=True))


@pytest.mark.req("R-162", "R-163")
def test_a_reviewed_batch_is_released_over_a_full_signature_and_reaches_its_bags(site: Site) -> None:
    batch = given.reviewed_batch(site)
    record = given.disposed(batch)
    assert bags(batch) == {"released"}
    assert is_signed(record, "released")
    assert record.content["sentence"] == f"Releases {batch.number} for patient {batch.order}. Shipping may start."
    assert ReleaseFile.objects.get(batch=batch).status == "released"
    assert batch.ended_at is not None
    [bag] = Container.objects.product().filter(batch_id=batch.id)
    assert bag.expires_at == batch.ended_at + timedelta(hours=48)


@pytest.mark.req("R-163")
def test_only_the_quality_unit_decides(site: Site) -> None:
    batch = given.reviewed_batch(site)
    for name in ("olga", "vera", "sven", "carl", "ravi", "ines", "logan", "anna", "sam"):
        with pytest.raises(NotPermitted):
            services.dispose(
                actor=people.persona(site, name),
                batch=batch,
                decision="released",
                signer=people.signer(people.persona(site, "petra"), "released", full=True),
            )
    dispatcher = system_user("dispatcher")
    with pytest.raises(NotPermitted):
        services.dispose(
            actor=dispatcher,
            batch=batch,
            decision="released",
            signer=people.signer(people.persona(site, "petra"), "released", full=True),
        )
    assert not DispositionRecord.objects.exists()


@pytest.mark.req("R-163")
def test_refuses_somebody_of_quality_who_did_a_step(site: Site) -> None:
    olga = people.persona(site, "olga")
    batch = given.reviewed_batch(site)
    accounts.grant_role(actor=system_user("installer"), user=olga, site=site, role=Role.QA_REVIEWER)
    olga = User.objects.get(pk=olga.pk)
    with pytest.raises(NotPermitted) as refusal:
        given.disposed(batch, by=olga)
    assert refusal.value.details["rule"] == "not_own_work"
    with pytest.raises(NotPermitted):
        services.sign_review(actor=olga, batch=batch, kind="record", signer=people.signer(olga, "reviewed"))


@pytest.mark.req("R-163")
def test_refuses_a_pin_and_a_borrowed_signature(site: Site) -> None:
    batch = given.reviewed_batch(site)
    petra, quinn = people.persona(site, "petra"), people.persona(site, "quinn")
    by_pin = Signer(petra, "released", "qualified_person", full=False)
    for signer in (by_pin, people.signer(quinn, "released", full=True)):
        with pytest.raises(SignatureRefused):
            services.dispose(actor=petra, batch=batch, decision="released", signer=signer)


def test_refuses_when_something_changed_after_the_sheet_was_shown(site: Site) -> None:
    batch = given.reviewed(given.batch_with_results(site, pending=True))
    petra = people.persona(site, "petra")
    file = file_of(batch)
    assert file is not None
    seen = release_sheet(file).digest
    given.checked(given.result(batch, "sterility", "negative"))
    credential = Credential(username="petra", password=people.PASSWORD, seen=seen)
    signer = authenticate_signer(credential, meaning="released", site=site, acting=petra, full=True)
    with pytest.raises(StaleVersion):
        services.dispose(actor=petra, batch=batch, decision="released_pending", recall_path="Call.", signer=signer)


@pytest.mark.req("R-165")
def test_rejected_and_quarantined_product_cannot_leave(site: Site) -> None:
    batch = given.made_batch(site)
    given.sample(batch)
    for decision in ("quarantined", "rejected"):
        given.disposed(batch, decision)
        [bag] = Container.objects.product().filter(batch_id=batch.id).select_related("order__site")
        assert [reason.code for reason in reasons_not_supplied(bag)] == [f"product_{decision}"]
    with pytest.raises(WrongState):
        given.disposed(batch, "released")


@pytest.mark.req("R-170")
def test_conditional_release_names_what_is_pending_and_a_late_failure_raises_notices(site: Site) -> None:
    batch = given.reviewed(given.batch_with_results(site, pending=True))
    with pytest.raises(ReleaseBlocked) as refusal:
        given.disposed(batch, "released")
    assert [reason["code"] for reason in refusal.value.details["reasons"]] == ["result_missing"]
    record = given.disposed(batch, "released_pending")
    assert [each["name"] for each in record.pending] == ["Sterility"]
    assert bags(batch) == {"released_pending"}
    given.result(batch, "sterility", "positive")
    raised = Notice.objects.order_by("recipient")
    assert [notice.recipient for notice in raised] == ["physician", "quality"]
    assert all("Sterility failed after release" in notice.subject for notice in raised)
    with pytest.raises(ReleaseBlocked):
        given.disposed(batch, "released")
    given.disposed(batch, "quarantined")
    assert bags(batch) == {"quarantined"}


@pytest.mark.req("R-170")
def test_conditional_release_needs_a_recall_path_and_something_pending(site: Site) -> None:
    batch = given.reviewed_batch(site)
    petra = people.persona(site, "petra")
    with pytest.raises(InvalidInput):
        services.dispose(
            actor=petra,
            batch=batch,
            decision="released_pending",
            signer=people.signer(petra, "released", full=True),
        )
    with pytest.raises(ReleaseBlocked) as refusal:
        given.disposed(batch, "released_pending")
    assert refusal.value.details["reasons"][0]["code"] == "nothing_pending"


@pytest.mark.req("R-170")
def test_late_results_that_pass_lead_to_the_final_release(site: Site) -> None:
    batch = given.reviewed(given.batch_with_results(site, pending=True))
    given.disposed(batch, "released_pending")
    given.checked(given.result(batch, "sterility", "negative"))
    given.reviewed(batch)
    final = given.disposed(batch, "released")
    assert (final.number, final.pending) == (2, [])
    assert bags(batch) == {"released"}


@pytest.mark.req("R-171", "R-172")
def test_supply_out_of_specification_rests_on_four_documents_and_is_never_called_released(site: Site) -> None:
    batch = given.batch_with_results(site, values={"viability": "75"})
    from qc_release.models import Investigation

    given.closed(Investigation.objects.get(), cause="confirmed")
    given.reviewed(batch)
    for name in ("physician_request", "risk_evaluation", "notice", "acceptance"):
        documents = services.OutOfSpecificationSupply(**(vars(given.DOCUMENTS) | {name: ""}))
        with pytest.raises(ReleaseBlocked) as refusal:
            given.disposed(batch, "supplied_oos", supply=documents)
        assert [reason["code"] for reason in refusal.value.details["reasons"]] == [f"{name}_missing"]
    record = given.disposed(batch, "supplied_oos", supply=given.DOCUMENTS)
    assert bags(batch) == {"supplied_oos"}
    assert "not released" in record.content["sentence"]
    assert record.certificate.content["disposition"]["label"] == "Supplied out of specification"
    assert {(each.recipient, each.due_at - each.raised_at) for each in Notice.objects.all()} == {
        ("sponsor", timedelta(hours=48)),
        ("authority", timedelta(hours=48)),
    }


def test_rejecting_needs_a_reason(site: Site) -> None:
    batch = given.made_batch(site)
    given.sample(batch)
    with pytest.raises(InvalidInput):
        given.disposed(batch, "rejected", comment=" ")


def test_there_is_no_other_decision(site: Site) -> None:
    with pytest.raises(InvalidInput):
        given.disposed(given.made_batch(site), "approved")
