"""Additions to a batch over the API and on the pages."""

import pytest
from django.test import Client

from batches.models import Batch, Redline
from mes.accounts.models import User
from tests.given import batches as given
from tests.given import people
from tests.given import redlines as given_redlines


def test_proposed_and_approved_over_the_api(batch: Batch, sven: User, quinn: User) -> None:
    step = given.step(batch, "S020")
    body = given_redlines.COUNT | {"reason": "Clumps were seen."}
    proposed = people.client_of(sven).post(f"/api/v1/steps/{step.id}/redlines", body, format="json")
    assert (proposed.status_code, proposed.data["key"], proposed.data["status"]) == (201, "S020.R1", "proposed")
    signature = people.signature(quinn) | {"seen": proposed.data["digest"]}
    url = f"/api/v1/redlines/{proposed.data['id']}"
    approved = people.client_of(quinn).post(f"{url}/approve", {"signature": signature}, format="json")
    assert (approved.status_code, approved.data["status"]) == (200, "approved")
    shown = people.client_of(quinn).get(f"/api/v1/steps/{approved.data['step']}")
    assert shown.data["added"] == "Added: Sven Supervisor, approved Quinn Quality"
    assert [each["key"] for each in people.client_of(sven).get(f"/api/v1/batches/{batch.id}/redlines").data] == [
        "S020.R1"
    ]


def test_refused_and_withdrawn_over_the_api(batch: Batch, sven: User, quinn: User) -> None:
    first, second = (given_redlines.proposed(given.step(batch, "S020")) for _ in range(2))
    refused = people.client_of(quinn).post(f"/api/v1/redlines/{first.id}/refuse", {"reason": "No need."}, format="json")
    withdrawn = people.client_of(sven).post(
        f"/api/v1/redlines/{second.id}/withdraw", {"reason": "Not needed."}, format="json"
    )
    assert (refused.data["status"], withdrawn.data["status"]) == ("refused", "withdrawn")


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def a_form(batch: Batch, **more: str) -> dict[str, str]:
    """What the page of a proposal posts."""
    form = {"after": str(given.step(batch, "S020").id), "kind": "entry", "title": "Count again", "text": "Count."}
    form |= {"signature": "performed", "reason": "Clumps were seen.", "waits": "on"}
    form |= {"entry-TOTAL_FORMS": "3", "entry-INITIAL_FORMS": "0", "sample-unit": "mL"}
    form |= {"entry-0-name": "Density", "entry-0-type": "number", "entry-0-unit": "cell/mL", "entry-0-low": "1E5"}
    return form | more


def test_a_supervisor_writes_it_on_a_page_and_quality_approves_it_there(batch: Batch, sven: User, quinn: User) -> None:
    made = browser_of(sven).post(f"/batches/{batch.id}/redlines/new/", a_form(batch))
    redline = Redline.objects.get(batch=batch)
    assert made["Location"] == f"/redlines/{redline.id}/"
    assert redline.waits
    assert [(each.id, each.name, str(each.low)) for each in redline.says.entries] == [("value_1", "Density", "1E+5")]
    page = browser_of(quinn)
    assert "Approve the step" in page.get(made["Location"]).content.decode()
    answer = page.post(made["Location"], {"act": "approve", "username": "quinn", "password": people.PASSWORD})
    assert answer.status_code == 302
    overview = browser_of(sven).get(f"/batches/{batch.id}/").content.decode()
    assert "Added: Sven Supervisor, approved Quinn Quality" in overview


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"entry-0-name": ""}, "This step records a value: name it."),
        ({"entry-0-high": "2"}, "This is below the lower limit."),
        ({"kind": "instruction", "text": "", "entry-0-name": ""}, "Say what to do."),
        ({"kind": "signature", "signature": "none", "entry-0-name": ""}, "Somebody signs a step of this kind."),
        ({"kind": "sample", "entry-0-name": ""}, "The step draws a sample: fill this in."),
    ],
)
def test_a_proposal_that_is_not_right_says_at_the_field_what_is_missing(
    batch: Batch, sven: User, wrong: dict[str, str], words: str
) -> None:
    """In the words of the page, not in those of a recipe's source."""
    answer = browser_of(sven).post(f"/batches/{batch.id}/redlines/new/", a_form(batch, **wrong))
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert "S020.R1" not in answer.content.decode()


def test_a_sample_is_proposed_on_the_page(batch: Batch, sven: User) -> None:
    sample = {"sample-code": "IPC-X", "sample-tests": "viability, identity", "sample-quantity": "1.5"}
    form = a_form(batch, **{"kind": "sample", "entry-0-name": ""}, **sample)
    assert browser_of(sven).post(f"/batches/{batch.id}/redlines/new/", form).status_code == 302
    says = Redline.objects.get(batch=batch).says
    assert says.sample is not None
    assert (says.sample.tests, str(says.sample.quantity)) == (("viability", "identity"), "1.5")
