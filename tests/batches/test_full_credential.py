"""Where a PIN is not enough: the recipe says so of a step, the site of a meaning; the server refuses the PIN there."""

import re
from typing import Any

import pytest
from django.test import Client

from batches.models import Batch, Step
from mes.accounts import enrolment
from mes.accounts.models import Site, User
from mes.accounts.passkeys import proof
from mes.errors import NotPermitted
from mes.records.models import Event
from mes.records.queries import is_signed
from tests.given import batches as given
from tests.given.passkeys import a_passkey, body
from tests.given.people import PASSWORD, PIN, client_of

pytestmark = pytest.mark.django_db
IN_FULL = given.SHORT.replace("signature: performed, severity: critical}", "signature: performed, credential: full}", 1)

FULL = "This signature needs your user name and your password, or your passkey."


def ready(batch: Batch) -> Step:
    return given.prepared(given.started(batch, "S010"))


def sign(step: Step, user: User, **given_: Any) -> Any:
    address = f"/api/v1/steps/{step.id}/complete"
    return client_of(user).post(address, {"signature": given_}, headers={"Prefer": "return=minimal"})


def screen(step: Step, user: User) -> Any:
    return client_of(user).get(f"/api/v1/steps/{step.id}").json()["signature"]["always_full"]


@pytest.mark.req("R-045")
def test_a_step_that_asks_for_a_full_credential_takes_no_pin(site: Site, olga: User) -> None:
    step = ready(given.running_batch(site, recipe=given.short_recipe(site, IN_FULL)))
    assert screen(step, olga) == ["performed", "verified"]
    refused = sign(step, olga, pin=PIN)
    assert (refused.status_code, refused.json()["details"]["full_credential"]) == (401, True)
    assert refused.json()["message"] == FULL
    assert not is_signed(step, "performed")
    key, _ = a_passkey(olga)
    seen = client_of(olga).get(f"/api/v1/steps/{step.id}").json()["digest"]
    asked = proof.ask_for_signature(user=olga, meaning="performed", seen=seen)
    assert sign(step, olga, passkey=body(key.prove(asked)), seen=seen).status_code == 200
    assert is_signed(given.step(step.batch, "S010"), "performed")


def test_the_site_says_for_which_meanings_a_pin_is_not_enough(site: Site, olga: User, anna: User) -> None:
    step = ready(given.running_batch(site))
    address = f"/api/v1/sites/{site.id}/full-credential"
    assert client_of(olga).post(address, {"meanings": []}).status_code == 403
    assert client_of(anna).post(address, {"meanings": ["looked at"]}).status_code == 400
    answer = client_of(anna).post(address, {"meanings": ["performed"]})
    assert (answer.status_code, answer.json()["full_credential_for"]) == (200, ["performed"])
    assert screen(step, olga) == ["performed"]
    assert sign(step, olga, pin=PIN).json()["message"] == FULL
    with pytest.raises(NotPermitted):
        enrolment.set_full_credential(actor=olga, site=site, meanings=())

    office = Client()
    office.force_login(anna, backend="mes.accounts.backend.SessionBackend")
    form = f"/accounts/sites/{site.id}/full-credential/"
    assert office.post(form, {"meanings": ["looked at"]}).status_code == 400
    assert office.post(form, {}).status_code == 302
    assert Event.objects.filter(action="accounts.set_full_credential").count() == 2
    assert screen(step, olga) == []


@pytest.mark.req("R-046")
def test_the_answer_to_a_signature_says_who_as_what_and_when_by_the_server(site: Site, olga: User) -> None:
    step = ready(given.running_batch(site))
    told = sign(step, olga, username="olga", password=PASSWORD).json()["signed"]
    assert (told["printed_name"], told["meaning"]) == ("Olga Operator", "Performed")
    assert re.fullmatch(r"\d+ \w{3} \d{4} \d\d:\d\d:\d\d CES?T", told["at"])
