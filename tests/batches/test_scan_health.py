"""How scanning does: counted by place and by cause, in as many queries for many scans as for one."""

from typing import Any

import pytest
from django.test import Client

from batches import services
from batches.models import Step
from batches.queries.scan_health import scan_health
from chain_of_identity.errors import UnknownCode
from chain_of_identity.models import Cause
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given
from tests.given import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(site: Site, olga: User, vera: User) -> Step:
    """A label nobody knows, the right one read by two people, and scanned after all."""
    step = given.started(given.running_batch(site), "S010")
    label = identity_given.bag_of(step.batch.order).label
    with pytest.raises(UnknownCode):
        services.scan_for_step(actor=olga, step=step, code="KX0-000-A", tablet="T-04")
    services.cannot_scan_for_step(
        actor=olga,
        verifier=people.signer(vera, "verified", site=site),
        step=step,
        label=label,
        cause=Cause.SCANNER,
        reason="The scanner has no power.",
    )
    services.scan_for_step(actor=olga, step=step, code=label, tablet="T-04")
    return step


def test_it_counts_by_suite_and_tablet_and_says_why(step: Step, sven: User) -> None:
    found = scan_health(sven)
    here = {line.tablet: line for line in found.places if line.suite == step.batch.suite}
    assert (here["T-04"].scans, here["T-04"].refused, here["T-04"].by_eye) == (2, 1, 0)
    assert (here[""].by_eye, here[""].percent_by_eye) == (1, 100)
    assert found.causes == [("Scanner does not work", 1)]


def test_it_takes_the_same_queries_for_many_scans(step: Step, sven: User, django_assert_num_queries: Any) -> None:
    sven.sites_for("batches.command")
    with django_assert_num_queries(2):
        scan_health(sven)


def test_supervisors_see_the_page_and_operators_do_not(step: Step, client: Client, sven: User, olga: User) -> None:
    client.force_login(sven, backend="mes.accounts.backend.SessionBackend")
    assert "Scanner does not work" in client.get("/scan-health/").content.decode()
    client.force_login(olga, backend="mes.accounts.backend.SessionBackend")
    assert client.get("/scan-health/").status_code == 403
