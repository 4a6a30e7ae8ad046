"""Every call × every role, as approved in docs/validation/permissions.csv (21 CFR 11.10(d), (g))."""

import csv
from pathlib import Path

import pytest
from django.conf import settings
from rest_framework.test import APIClient

from mes.accounts.models import Site
from mes.accounts.rights import PERMISSIONS, RIGHTS, Role
from mes.matrix import HEADER, calls, rows
from tests.given.people import a_person, client_of

APPROVED = Path(settings.BASE_DIR) / "docs" / "validation" / "permissions.csv"


@pytest.mark.req("R-032")
def test_the_matrix_is_the_approved_one() -> None:
    """A new call or a changed right is approved by changing the file; see CONTRIBUTING.md."""
    with APPROVED.open(encoding="utf-8", newline="") as file:
        approved = list(csv.reader(file))
    assert [HEADER, *rows()] == approved


def test_every_right_asked_for_is_somebodys() -> None:
    asked = {call.permission for call in calls()} - {""}
    assert asked <= PERMISSIONS


@pytest.mark.django_db
@pytest.mark.req("R-032")
def test_nobody_gets_in_without_signing_in() -> None:
    stranger = APIClient()
    for call in calls():
        answer = getattr(stranger, call.method)(call.url(), {})
        assert answer.status_code == 401, call
        assert answer.json()["code"] == "not_authenticated", call


@pytest.mark.django_db
@pytest.mark.req("R-032", "R-033")
@pytest.mark.parametrize("role", [pytest.param(role, id=role.value) for role in Role])
def test_every_cell_of_the_matrix(site: Site, role: Role) -> None:
    client = client_of(a_person(site, "somebody", role))
    for call in calls():
        answer = getattr(client, call.method)(call.url(), {})
        if call.allowed(role):
            assert answer.status_code not in {401, 403, 500}, (call, answer.content)
        else:
            assert answer.status_code == 403, (call, answer.content)
            assert answer.json()["code"] == "not_permitted", call


@pytest.mark.django_db
@pytest.mark.req("R-033")
def test_an_administrator_holds_no_right_of_gmp_work() -> None:
    assert RIGHTS[Role.ADMINISTRATOR] == {
        "accounts.manage",
        "equipment.register_terminal",
        "outbox.manage",
        "records.view",
    }
