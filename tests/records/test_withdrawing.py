"""A signature is never deleted: its signer takes it back by another signed act, and both show (R-056)."""

from typing import Any

import pytest

from mes.accounts.models import Qualification, Site, User
from mes.accounts.rights import Role
from mes.accounts.services import record_training
from mes.errors import InvalidInput, NotPermitted, SignatureRefused, WrongState
from mes.records.models import Event, Signature
from mes.records.queries import is_signed, meanings_signed, signature_lines
from mes.records.services import act, sign
from mes.records.signing import Credential, authenticate_signer
from mes.records.standing import Judged, Standing, judged, known_versions
from mes.records.withdrawing import withdraw_signature
from tests.given.people import PASSWORD, PIN, a_person, client_of, signature, signer

pytestmark = pytest.mark.django_db
WHY = "Signed the wrong line."


@pytest.fixture
def record(site: Site, olga: User, sven: User, monkeypatch: pytest.MonkeyPatch) -> Qualification:
    monkeypatch.setattr(Qualification, "manifest", lambda row: {"subject": row.subject})
    return record_training(actor=sven, user=olga, subject="recipe:CART-A", version=1)


@pytest.fixture
def given(record: Qualification, site: Site, olga: User) -> Signature:
    with act(olga, "test.sign", site=site) as event:
        sign(event, signer(olga, "performed"), subject=record, meaning="performed")
    return Signature.objects.get(subject_id=record.id)


@pytest.mark.req("R-056")
def test_a_withdrawal_is_a_new_signed_act_and_both_show(
    record: Qualification, given: Signature, site: Site, olga: User
) -> None:
    client, address = client_of(olga), f"/api/v1/signatures/{given.id}"
    assert client.get(address).json()["withdrawn"] == []
    assert client.delete(address).status_code == 405
    body: dict[str, Any] = {"reason": WHY, "signature": signature(olga)}
    answer = client.post(f"{address}/withdraw", body)
    assert answer.status_code == 200
    (line,) = answer.json()["withdrawn"]
    assert (line["reason"], line["printed_name"], line["meaning"]) == (WHY, "Olga Operator", "withdrawn")
    assert client.post(f"{address}/withdraw", body).status_code == 409

    assert not is_signed(record, "performed")
    assert meanings_signed([record]) == {record.pk: set()}
    assert [(each["meaning"], each["withdrawn"]) for each in signature_lines(record)] == [("performed", WHY)]
    assert Signature.objects.filter(meaning="withdrawn", signer_id=olga.id).count() == 1
    assert Event.objects.get(action="records.withdraw_signature").reason == WHY
    given = Signature.objects.get(id=given.id)
    worth = judged(given, {"subject": "recipe:CART-A"}, known_versions(Qualification, [record.id]))
    assert (worth, worth.note) == (Judged(Standing.WITHDRAWN), "Withdrawn by its signer.")

    with act(olga, "test.sign", site=site) as event:
        sign(event, signer(olga, "performed"), subject=record, meaning="performed")
    assert is_signed(record, "performed")


@pytest.mark.req("R-056")
def test_on_its_page_the_signer_takes_it_back_and_everybody_reads_who_and_why(
    given: Signature, olga: User, quinn: User
) -> None:
    address = f"/signatures/{given.id}/withdraw/"
    assert "Only Olga Operator, who gave it, can withdraw it." in client_of(quinn).get(address).content.decode()
    mine = client_of(olga)
    assert mine.post(address, {"reason": WHY, "username": "olga", "pin": PIN}, format="multipart").status_code == 401
    body = {"reason": WHY, "username": "olga", "password": PASSWORD}
    assert client_of(quinn).post(address, body, format="multipart").status_code == 403
    assert mine.post(address, body, format="multipart").status_code == 302
    shown = client_of(quinn).get(address).content.decode()
    assert '<s class="struck">Olga Operator · performed</s>' in shown
    assert WHY in shown
    assert "Withdraw my signature" not in mine.get(address).content.decode()


def test_only_the_signer_takes_it_back_with_a_reason_and_a_full_credential(
    given: Signature, site: Site, olga: User, vera: User
) -> None:
    proven = signer(olga, "withdrawn")
    with pytest.raises(NotPermitted):
        withdraw_signature(actor=vera, signature=given, signer=signer(vera, "withdrawn", site=site), reason=WHY)
    with pytest.raises(NotPermitted):
        withdraw_signature(actor=vera, signature=given, signer=proven, reason=WHY)
    with pytest.raises(InvalidInput):
        withdraw_signature(actor=olga, signature=given, signer=proven, reason=" ")
    first = Credential(username="olga", password=PASSWORD, continuity="session:1")
    authenticate_signer(first, meaning="performed", site=site, acting=olga)
    later = Credential(pin=PIN, continuity="session:1")
    with pytest.raises(SignatureRefused):
        by_pin = authenticate_signer(later, meaning="withdrawn", site=site, acting=olga)
        withdraw_signature(actor=olga, signature=given, signer=by_pin, reason=WHY)


def test_a_withdrawal_is_not_withdrawn(given: Signature, olga: User) -> None:
    withdraw_signature(actor=olga, signature=given, signer=signer(olga, "withdrawn"), reason=WHY)
    again = Signature.objects.get(meaning="withdrawn")
    with pytest.raises(WrongState):
        withdraw_signature(actor=olga, signature=again, signer=signer(olga, "withdrawn"), reason=WHY)
    assert client_of(olga).get(f"/api/v1/signatures/{again.id}").json()["meaning"] == "withdrawn"


def test_a_signature_of_another_site_is_not_there(given: Signature, foreign_site: Site) -> None:
    louis = a_person(foreign_site, "louis", Role.OPERATOR)
    assert client_of(louis).get(f"/api/v1/signatures/{given.id}").status_code == 404
