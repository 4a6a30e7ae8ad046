from decimal import Decimal
from hashlib import sha256

import pytest

from batches import queries, services
from batches.errors import DocumentDamaged
from batches.models import Batch, BatchDocument, CalculatedValue, DocumentContent, UnitBinding
from batches.queries.documents import content_of
from batches.services.calculations import recompute
from batches.states import State
from equipment.models import Unit
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.accounts.rights import Role
from mes.records.models import Signature
from mes.records.withdrawing import withdraw_signature
from tests.given import batches as given
from tests.given import people
from tests.papers import words_of


@pytest.mark.req("R-100")
def test_a_batch_is_complete_when_every_needed_step_is(complete: Batch) -> None:
    assert complete.status == State.COMPLETE
    record = queries.record_of(complete)
    assert {step.status for step in record.steps if step.needed} == {State.COMPLETE}
    assert [step.key for step in record.steps if not step.needed] == ["S090"]


@pytest.mark.req("R-046")
def test_a_complete_batch_lacks_nothing_that_release_asks_for(complete: Batch) -> None:
    gates = (
        queries.reasons_steps_open,
        queries.reasons_signatures,
        queries.reasons_exceptions,
        queries.reasons_deviations,
        queries.reasons_training,
    )
    assert [reason for gate in gates for reason in gate(complete)] == []
    assert all(line.valid for step in queries.record_of(complete).steps for line in step.attempts[0].signatures)


@pytest.mark.req("R-056")
def test_a_withdrawn_signature_is_struck_through_with_who_and_why(complete: Batch, site: Site, sven: User) -> None:
    browser = people.client_of(sven)
    address = f"/batches/{complete.id}/record/"
    issued = Signature.objects.get(subject_id=complete.id, meaning="issued")
    assert f"/signatures/{issued.id}/withdraw/" in browser.get(address).content.decode()
    signer = people.signer(sven, "withdrawn", site=site, full=True)
    withdraw_signature(actor=sven, signature=issued, signer=signer, reason="The wrong copy.")
    shown = browser.get(address).content.decode()
    assert '<s class="struck">Sven Supervisor' in shown
    assert "Withdrawn by Sven Supervisor: The wrong copy." in shown
    assert f"/signatures/{issued.id}/withdraw/" not in shown


def test_everybody_who_had_a_hand_in_it_is_known(complete: Batch, olga: User, vera: User) -> None:
    assert {olga.id, vera.id} <= queries.performers_of(complete)


def test_an_open_batch_says_how_many_steps_are_left_and_which_is_first(site: Site) -> None:
    batch = given.running_batch(site)
    reasons = queries.reasons_steps_open(batch)
    assert [reason.code for reason in reasons] == ["batch_not_complete", "step_open"]
    assert reasons[1].message.startswith("18 of 18 steps are not complete; the first is S010")


def test_critical_values_are_shown_with_their_limits(complete: Batch) -> None:
    [clear, density] = queries.critical_values(complete)
    assert clear.value == "yes"
    assert (density.name, density.limit, density.verdict) == (
        "Cell density",
        "Limits ≥ 100000 and ≤ 100000000 cell/mL",
        "within",
    )


@pytest.mark.req("R-046")
def test_the_printed_record_holds_values_signatures_and_software(complete: Batch, quinn: User) -> None:
    document = services.request_record(actor=quinn, batch=complete)
    document = services.render_document(actor=system_user("dispatcher"), document=document)
    content = content_of(document)
    assert sha256(content).hexdigest() == document.sha256
    words = words_of(content)
    for expected in (
        complete.number,
        complete.coi_id,
        "Olga Operator",
        "Vera Verifier",
        "(olga; Operator)",
        "meaning “performed”",
        "Europe/Vienna",
        "Baton",
        "Vector volume",
    ):
        assert expected in words


@pytest.mark.req("R-068")
def test_a_document_is_rendered_once(complete: Batch, quinn: User) -> None:
    document = services.request_record(actor=quinn, batch=complete)
    for _ in range(3):
        services.render_document(actor=system_user("dispatcher"), document=document)
    assert DocumentContent.objects.filter(document=document).count() == 1


def test_a_damaged_document_is_not_handed_out(complete: Batch, quinn: User) -> None:
    document = services.request_record(actor=quinn, batch=complete)
    document = services.render_document(actor=system_user("dispatcher"), document=document)
    document.sha256 = "0" * 64
    with pytest.raises(DocumentDamaged):
        content_of(document)


def test_the_record_costs_the_same_number_of_queries_for_any_batch(
    site: Site, django_assert_max_num_queries: object
) -> None:
    batch = given.running_batch(site)
    given.done_before(batch, "S030")
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        queries.record_of(batch)


def test_the_timeline_shows_plan_and_reality(complete: Batch) -> None:
    bars = queries.timeline(complete).bars
    assert [bar.key for bar in bars] == ["OP010", "OP020", "OP030", "OP040", "OP050"]
    assert all(bar.ended_at and bar.real_width > 0 for bar in bars)


@pytest.mark.req("R-035")
def test_people_of_another_site_see_nothing(complete: Batch, foreign_site: Site) -> None:
    stranger = people.a_person(foreign_site, "louis", Role.OPERATOR)
    assert not queries.visible_to(stranger).exists()
    assert queries.next_actions(stranger) == []


def test_every_page_of_a_batch_opens(complete: Batch, quinn: User) -> None:
    client = people.client_of(quinn)
    for url in ("/batches/", f"/batches/{complete.id}/", f"/batches/{complete.id}/record/"):
        answer = client.get(url)
        assert answer.status_code == 200, url
        assert complete.number in answer.content.decode()


def test_a_document_can_be_asked_for_on_the_page(complete: Batch, quinn: User) -> None:
    answer = people.client_of(quinn).post(f"/batches/{complete.id}/documents/", format="multipart")
    assert answer.status_code == 302
    assert BatchDocument.objects.filter(batch=complete).count() == 1


def test_the_page_of_a_batch_that_is_only_planned_opens(site: Site, quinn: User) -> None:
    batch = given.planned_batch(site)
    answer = people.client_of(quinn).get(f"/batches/{batch.id}/")
    assert answer.status_code == 200
    assert "Issue batch record" in answer.content.decode()


@pytest.mark.req("R-046", "R-049")
def test_the_record_page_shows_every_signature_and_which_is_not_valid(
    complete: Batch, quinn: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = people.client_of(quinn)
    page = client.get(f"/batches/{complete.id}/record/").content.decode()
    for words in ("issued", "performed", "verified"):
        assert f"· {words} ·" in page, words
    assert "Not valid" not in page

    monkeypatch.setattr("mes.records.standing.seal_holds", lambda signature: signature.meaning != "verified")
    page = client.get(f"/batches/{complete.id}/record/").content.decode()
    count = Signature.objects.filter(meaning="verified").count()
    assert page.count("Not valid: what was signed is not what stands here.") == count > 0


def test_a_verdict_is_told_in_words(site: Site, olga: User, quinn: User) -> None:
    batch = given.running_batch(site)
    services.record_entry(actor=olga, step=given.started(batch, "S020"), name="volume", value="12", unit="mL")
    page = people.client_of(quinn).get(f"/batches/{batch.id}/record/").content.decode()
    assert "Out of limit" in page
    assert "out_of_limit" not in page


@pytest.mark.req("R-018")
def test_every_result_of_a_batch_computes_to_the_same_again(complete: Batch) -> None:
    results = CalculatedValue.objects.filter(step__batch=complete)
    assert results.count() == 2
    for result in results:
        assert recompute(result) == Decimal(result.value)


def test_units_are_free_again_when_the_batch_has_ended(complete: Batch) -> None:
    assert not UnitBinding.objects.filter(batch=complete, until=None).exists()
    unit = Unit.objects.get(code="INC-1")
    assert not unit.occupancies.open().exists()
