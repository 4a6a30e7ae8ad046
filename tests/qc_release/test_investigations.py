"""Out of specification: opened by the result, closed by quality, never forgotten by a passing retest."""

import pytest

from mes.accounts.models import Site
from mes.errors import Conflict, InvalidInput, NotPermitted
from qc_release import services
from qc_release.errors import NoAssignableCause, RetestRefused
from qc_release.models import Investigation, Result
from qc_release.queries import blocks_to_release
from tests.given import people
from tests.given import qc_release as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock", "sealed")]


def blocks(batch: object) -> set[str]:
    return {reason.code for reason in blocks_to_release(batch)}  # type: ignore[arg-type]


@pytest.mark.req("R-152", "R-153", "R-154")
def test_a_passing_retest_changes_nothing_until_the_investigation_is_closed_with_a_cause(site: Site) -> None:
    batch = given.batch_with_results(site, values={"viability": "75"})
    quinn = people.persona(site, "quinn")
    investigation = Investigation.objects.get()
    failed = investigation.result
    assert (investigation.status, investigation.batch) == ("open", batch)
    assert {"investigation_open", "specification_not_met"} <= blocks(batch)

    with pytest.raises(RetestRefused):
        given.result(batch, "viability", "91")
    services.plan_retests(actor=quinn, investigation=investigation, number=1)
    with pytest.raises(Conflict):
        services.plan_retests(actor=quinn, investigation=investigation, number=5)
    retest = given.checked(given.result(batch, "viability", "91"))
    assert (retest.purpose, retest.number) == ("retest", 2)
    with pytest.raises(RetestRefused):
        given.result(batch, "viability", "92")
    assert {"investigation_open", "specification_not_met"} <= blocks(batch)

    with pytest.raises(NoAssignableCause):
        services.invalidate_result(
            actor=quinn, result=failed, reason="It must be wrong.", signer=people.signer(quinn, "approved")
        )
    given.closed(investigation)
    assert "investigation_open" not in blocks(batch)
    assert "specification_not_met" in blocks(batch)
    services.invalidate_result(
        actor=quinn, result=failed, reason="Laboratory error.", signer=people.signer(quinn, "approved")
    )
    assert not {"investigation_open", "specification_not_met"} & blocks(batch)

    kept = Result.objects.filter(test_id="viability").order_by("id").values_list("value", "status", "verdict")
    assert list(kept) == [("75", "invalidated", "fail"), ("91", "checked", "pass")]


@pytest.mark.req("R-152", "R-153")
def test_a_confirmed_failure_is_never_invalidated(site: Site) -> None:
    batch = given.batch_with_results(site, values={"viability": "75"})
    investigation = given.closed(Investigation.objects.get(), cause="confirmed")
    quinn = people.persona(site, "quinn")
    with pytest.raises(NoAssignableCause):
        services.invalidate_result(
            actor=quinn, result=investigation.result, reason="Try.", signer=people.signer(quinn, "approved")
        )
    assert "specification_not_met" in blocks(batch)


@pytest.mark.req("R-164")
@pytest.mark.parametrize("lacking", ["findings", "other_batches", "conclusion", "follow_up", "cause"])
def test_is_not_concluded_without_every_section(site: Site, lacking: str) -> None:
    given.result(given.made_batch(site), "viability", "75")
    carl = people.persona(site, "carl")
    sections = {
        "cause": "laboratory",
        "findings": "Control out of range.",
        "other_batches": "None.",
        "conclusion": "Laboratory error.",
        "follow_up": "Service.",
    }
    with pytest.raises(InvalidInput) as refusal:
        services.conclude_investigation(
            actor=carl,
            investigation=Investigation.objects.get(),
            signer=people.signer(carl, "performed"),
            **(sections | {lacking: " "}),
        )
    assert refusal.value.details["missing"] == [lacking]


def test_quality_can_send_it_back_and_the_laboratory_never_closes_it(site: Site) -> None:
    given.result(given.made_batch(site), "viability", "75")
    investigation = given.concluded(Investigation.objects.get())
    carl, quinn = people.persona(site, "carl"), people.persona(site, "quinn")
    with pytest.raises(NotPermitted):
        services.close_investigation(actor=carl, investigation=investigation, signer=people.signer(carl, "approved"))
    services.return_investigation(actor=quinn, investigation=investigation, reason="Which control?")
    investigation.refresh_from_db()
    assert investigation.status == "open"


def test_quality_plans_retests_and_invalidates_a_laboratory_error_on_the_pages(site: Site) -> None:
    given.batch_with_results(site, values={"viability": "75"})
    investigation, quality = Investigation.objects.get(), people.client_of(people.persona(site, "quinn"))
    at, result_at = f"/investigations/{investigation.id}/", f"/results/{investigation.result_id}/"
    assert "Invalidate the result" not in quality.get(result_at).content.decode()
    quality.post(at, {"act": "plan", "number": "two"}, format="multipart")
    quality.post(at, {"act": "plan", "number": "2"}, format="multipart")
    investigation.refresh_from_db()
    assert investigation.retests_planned == 2
    assert "Plan retests" not in quality.get(at).content.decode()
    given.closed(investigation)
    assert "Invalidate the result" in quality.get(result_at).content.decode()
    words = {"act": "invalidate", "reason": "Wrong dilution.", "username": "quinn", "password": people.PASSWORD}
    quality.post(result_at, words, format="multipart")
    assert Result.objects.get(pk=investigation.result_id).status == "invalidated"
