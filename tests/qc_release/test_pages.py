"""Pages of the bench and of the quality unit."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from batches.models import Batch
from mes.accounts.models import Site
from mes.records.queries import manifest_digest
from qc_release.models import Investigation, Result, Review, Sample
from tests.given import people
from tests.given import qc_release as given

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sealed")]


def browser(site: Site, name: str) -> Client:
    client = Client()
    client.force_login(people.persona(site, name), backend="mes.accounts.backend.SessionBackend")
    return client


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(f"qc_release:{name}", args=args))
    assert answer.status_code == 200, answer.content
    return answer.content.decode()


def signed(name: str, **fields: str) -> dict[str, str]:
    return {"username": name, "password": people.PASSWORD, **fields}


def test_the_review_says_first_what_stops_release(site: Site) -> None:
    batch = given.made_batch(site)
    given.sample(batch)
    text = page(browser(site, "quinn"), "review", batch.id)
    assert "Not ready: 7 things stop release" in text
    assert text.index("Not ready") < text.index("Needs your judgement")
    assert "Viability (release) has no final result." in text
    assert batch.coi_id in text


def test_counts_are_shown_even_when_they_are_zero(site: Site) -> None:
    text = " ".join(page(browser(site, "quinn"), "review", given.made_batch(site).id).split())
    assert "<dt>Deviations</dt><dd>0</dd>" in text


def test_an_exception_is_decided_on_the_page(site: Site) -> None:
    batch = given.made_batch(site)
    exception = undecided(batch)
    quinn = browser(site, "quinn")
    shown = page(quinn, "review", batch.id)
    seen = manifest_digest(exception)
    assert "Sign the decision" in shown
    assert f'name="seen" value="{seen}"' in shown
    url = reverse("qc_release:decide", args=[batch.id, exception.id])
    assert quinn.post(url, signed("quinn", decision="No effect.", seen="0" * 64)).status_code == 409
    answer = quinn.post(url, signed("quinn", decision="No effect.", seen=seen))
    assert answer.status_code == 302
    exception.refresh_from_db()
    assert (exception.status, exception.decision) == ("decided", "No effect.")


def undecided(batch: Batch) -> Any:
    from batches.models import ExceptionKind
    from batches.services.exceptions import raise_exception
    from mes.records.services import act

    with act(people.persona(batch.site, "sven"), "test.exception", site=batch.site, batch=batch) as event:
        return raise_exception(event=event, batch=batch, kind=ExceptionKind.LATE, text="Late.", severity="low")


@pytest.mark.req("R-162", "R-163")
def test_quality_reviews_and_releases_on_the_pages(site: Site) -> None:
    batch = given.batch_with_results(site)
    quinn, petra = browser(site, "quinn"), browser(site, "petra")
    for kind in ("record", "audit_trail", "environment"):
        assert "Sign this review" in page(quinn, "sign", batch.id, kind)
        assert quinn.post(reverse("qc_release:sign", args=[batch.id, kind]), signed("quinn")).status_code == 302
    assert Review.objects.count() == 3
    assert "Ready: nothing stops release" in page(quinn, "review", batch.id)
    sheet = page(petra, "release", batch.id)
    assert f"Releases {batch.number} for patient {batch.order}. Shipping may start." in sheet
    address = reverse("qc_release:release", args=[batch.id])
    wrong = petra.post(address, {"username": "petra", "password": "wrong", "decision": "released"})
    assert wrong.status_code == 401
    assert petra.post(address, signed("petra", decision="released")).status_code == 302
    assert "Certificate of analysis, version 1" in page(quinn, "review", batch.id)


def test_a_refused_release_says_why_on_the_sheet(site: Site) -> None:
    batch = given.made_batch(site)
    given.sample(batch)
    answer = browser(site, "petra").post(
        reverse("qc_release:release", args=[batch.id]), signed("petra", decision="released")
    )
    assert answer.status_code == 409
    assert "has no final result" in answer.content.decode()


@pytest.mark.req("R-150")
def test_two_analysts_work_at_the_bench(site: Site) -> None:
    batch = given.made_batch(site)
    carl, cora = browser(site, "carl"), browser(site, "cora")
    tube = given.sample_tube(batch)
    assert tube.label in page(carl, "bench")
    assert carl.post(reverse("qc_release:receive"), {"container": str(tube.id)}).status_code == 302
    sample = Sample.objects.get()
    assert "≥ 80 %" in page(carl, "sample", sample.id)
    assert "Sign the result" in page(carl, "enter", sample.id, "viability")
    fields = signed("carl", value="75", amount="0.1", amount_unit="mL", raw_data="ELN-1")
    assert carl.post(reverse("qc_release:enter", args=[sample.id, "viability"]), fields).status_code == 302
    result = Result.objects.get()
    assert "Sign the check" not in page(carl, "result", result.id)
    assert "Sign the check" in page(cora, "result", result.id)
    assert cora.post(reverse("qc_release:result", args=[result.id]), signed("cora", act="check")).status_code == 302
    investigation = Investigation.objects.get()
    assert investigation.number in page(carl, "bench")
    assert "Sign the conclusion" in page(carl, "investigation", investigation.id)
    words = {"findings": "F", "other_batches": "None.", "conclusion": "C", "follow_up": "U", "cause": "confirmed"}
    concluded = signed("carl", act="conclude", seen=manifest_digest(investigation), **words)
    url = reverse("qc_release:investigation", args=[investigation.id])
    assert f'name="seen" value="{concluded["seen"]}"' in page(carl, "investigation", investigation.id)
    assert carl.post(url, concluded).status_code == 302


def test_a_specification_page_shows_limits_and_sources(site: Site) -> None:
    version = given.effective_specification(site)
    text = page(browser(site, "ravi"), "specification", version.id)
    assert "≥ 80 %" in text
    assert "illustrative" in text
    assert "CART-A version 1" in page(browser(site, "ravi"), "specifications")


@pytest.mark.parametrize(("name", "empty"), [("quinn", "No batch waits"), ("petra", "No batch waits")])
def test_an_empty_list_says_so(site: Site, name: str, empty: str) -> None:
    assert empty in page(browser(site, name), "worklist")


def test_home_tells_each_what_waits(site: Site) -> None:
    batch = given.made_batch(site)
    given.result(batch, "viability")
    for name, words in (("quinn", batch.number), ("cora", "Check Viability"), ("carl", "Test ")):
        answer = browser(site, name).get(reverse("pages:home"))
        assert words in answer.content.decode()


def test_a_page_of_another_role_is_refused(site: Site) -> None:
    batch = given.made_batch(site)
    assert browser(site, "olga").get(reverse("qc_release:release", args=[batch.id])).status_code == 403
