"""What a signature is worth later: bound to what was signed and to its version (21 CFR 11.70)."""

from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from mes.accounts.models import Qualification, Site, User
from mes.accounts.services import record_training
from mes.records.models import Signature
from mes.records.queries import is_signed, manifest_now, seal_holds
from mes.records.services import act, sign
from mes.records.standing import Judged, Standing, judged, known_versions
from mes.records.verification import verify
from tests.given.people import signer


@dataclass
class Page:
    """What the record says now; a test writes on it."""

    says: dict[str, Any]


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    page = Page({"step": "S020", "room": "", "values": [{"name": "volume", "value": "12"}], "scans": ["BAG-1"]})
    monkeypatch.setattr(Qualification, "manifest", lambda _: page.says)
    return page


@pytest.fixture
def record(page: Page, olga: User, sven: User) -> Qualification:
    return record_training(actor=sven, user=olga, subject="recipe:CART-A", version=1)


def signed(record: Qualification, olga: User, site: Site, meaning: str = "performed") -> Signature:
    with act(olga, "test.sign", site=site) as event:
        return sign(event, signer(olga, meaning), subject=record, meaning=meaning)


def worth(signature: Signature, record: Qualification) -> Judged:
    return judged(signature, manifest_now(record), known_versions(Qualification, [record.id]))


@pytest.mark.django_db
@pytest.mark.req("R-048")
def test_a_later_version_of_the_record_takes_nothing_from_a_signature(
    site: Site, olga: User, record: Qualification
) -> None:
    signature = signed(record, olga, site)
    with act(olga, "test.change", site=site):
        Qualification.objects.filter(pk=record.pk).update(subject_version=2)
    assert signature.subject_version == 1
    assert worth(signature, record) == Judged(Standing.VALID)


@pytest.mark.django_db
@pytest.mark.req("R-048")
def test_the_version_that_is_signed_is_the_one_the_act_has_made(site: Site, olga: User, record: Qualification) -> None:
    with act(olga, "test.change", site=site) as event:
        record.subject_version = 2
        record.save(update_fields=["subject_version"])
        signature = sign(event, signer(olga, "performed"), subject=record, meaning="performed")
    assert signature.subject_version == 2


@pytest.mark.django_db
@pytest.mark.req("R-048")
def test_a_command_is_signed_for_its_moment_and_a_whole_for_all_of_it(
    site: Site, olga: User, record: Qualification, page: Page
) -> None:
    command, whole = signed(record, olga, site, "commanded"), signed(record, olga, site)
    page.says = page.says | {"room": "R-1", "scans": ["BAG-1", "BAG-2"]}
    assert worth(command, record) == Judged(Standing.VALID)
    assert worth(whole, record).note == "Signed before more was recorded."


@pytest.mark.django_db
@pytest.mark.req("R-048")
@pytest.mark.parametrize("meaning", ["performed", "commanded"])
def test_a_correction_is_named_beside_the_signatures_before_it(
    site: Site, olga: User, record: Qualification, page: Page, meaning: str
) -> None:
    signature = signed(record, olga, site, meaning)
    page.says = page.says | {"values": [*page.says["values"], {"name": "volume", "value": "125"}]}
    found = worth(signature, record)
    assert found == Judged(Standing.CHANGED, ("volume",))
    assert found.note == "Signed before the correction of volume."
    assert not is_signed(record, meaning)


@pytest.mark.django_db
@pytest.mark.req("R-048")
@pytest.mark.parametrize(
    "altered", [{"step": "S030"}, {"values": [{"name": "volume", "value": "13"}]}, {"scans": []}, {"values": None}]
)
def test_what_was_signed_and_stands_there_no_more_is_not_valid(
    site: Site, olga: User, record: Qualification, page: Page, altered: dict[str, Any]
) -> None:
    signature = signed(record, olga, site)
    page.says = page.says | altered
    found = worth(signature, record)
    assert found == Judged(Standing.INVALID)
    assert found.note.startswith("Not valid")


@pytest.mark.django_db
@pytest.mark.req("R-049")
def test_a_signature_on_a_version_that_never_was_is_not_valid(site: Site, olga: User, record: Qualification) -> None:
    signature = signed(record, olga, site)
    assert judged(signature, manifest_now(record), set()) == Judged(Standing.INVALID)


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-049")
def test_a_tampered_manifest_is_not_valid(
    site: Site, olga: User, record: Qualification, page: Page, superuser: psycopg.Connection
) -> None:
    """Whoever changes the record and the manifest alike is found out by the digest and the seal."""
    signature = signed(record, olga, site)
    superuser.execute("SET session_replication_role = replica")
    forged = '{"step": "S020", "room": "", "values": [{"name": "volume", "value": "99"}], "scans": ["BAG-1"]}'
    superuser.execute("UPDATE records_signature SET manifest = %s", [forged])
    page.says = page.says | {"values": [{"name": "volume", "value": "99"}]}

    signature.refresh_from_db()
    assert signature.manifest == page.says
    assert not seal_holds(signature)
    assert worth(signature, record) == Judged(Standing.INVALID)
    assert ("records_signature", str(signature.id)) in {(each.table, each.key) for each in verify().findings}
