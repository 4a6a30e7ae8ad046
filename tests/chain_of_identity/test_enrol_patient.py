"""Enrolling: the person goes into the vault, a pseudonym comes out."""

from datetime import date
from typing import Any

import pytest
from django.db import connection

from chain_of_identity import services
from chain_of_identity.models import Patient
from mes import clock
from mes.accounts.models import Site, User
from mes.errors import InvalidInput, NotPermitted
from tests.given import chain_of_identity as given

pytestmark = pytest.mark.django_db

FACTS: dict[str, Any] = {"name": "Ana  Muster-Moser", "birth_date": date(1961, 3, 7), "hospital_number": "H-743967"}


def test_gives_a_pseudonym_and_the_second_identifier_of_the_site(site: Site, clara: User) -> None:
    patient = services.enrol_patient(actor=clara, site=site, **FACTS)
    assert patient.pseudonym.startswith("P-")
    assert (patient.second_identifier_kind, patient.second_identifier) == ("year_of_birth", "1961")


def test_uses_initials_where_the_site_chose_them(site: Site, clara: User) -> None:
    site.second_identifier = Site.SecondIdentifier.INITIALS
    assert services.enrol_patient(actor=clara, site=site, **FACTS).second_identifier == "AMM"


@pytest.mark.req("R-043")
def test_no_table_but_the_vault_holds_the_person_and_the_vault_only_sealed(site: Site, clara: User) -> None:
    services.enrol_patient(actor=clara, site=site, **FACTS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(f"SELECT count(*) FROM \"{table}\" t WHERE t::text ~* 'muster|743967|1961-03-07'")
            assert cursor.fetchone() == (0,), table


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"hospital_number": ""}, {"birth_date": date(2999, 1, 1)}],
    ids=lambda each: next(iter(each)),
)
def test_refuses_a_person_nobody_could_identify(site: Site, clara: User, wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        services.enrol_patient(actor=clara, site=site, **{**FACTS, **wrong})
    assert not Patient.objects.exists()


def test_a_birth_today_is_possible(site: Site, clara: User) -> None:
    today = clock.now(site).date()
    patient = services.enrol_patient(actor=clara, site=site, **{**FACTS, "birth_date": today})
    assert patient.second_identifier == str(today.year)


def test_refuses_the_operator(site: Site, olga: User) -> None:
    with pytest.raises(NotPermitted):
        services.enrol_patient(actor=olga, site=site, **FACTS)


def test_two_patients_have_two_pseudonyms(site: Site) -> None:
    assert given.patient(site).pseudonym != given.patient(site).pseudonym
