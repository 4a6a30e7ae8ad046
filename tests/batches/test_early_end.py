"""An aborted or stopped batch: what becomes of the cells, of the units, and who is told (R-102)."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client

from batches import services
from batches.errors import Incomplete
from batches.models import Batch, ExceptionKind, MaterialDisposition
from batches.queries import record_of
from batches.queries.early_end import undecided_material
from batches.states import Command, State
from chain_of_identity.models import ClinicNotice, Container
from chain_of_identity.queries import reasons_not_receivable
from chain_of_identity.services import confirm_notice
from equipment.models import Command as UnitCommand
from equipment.models import Occupancy
from equipment.services import acknowledge_command, confirm_command, fail_command, send_command
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import InvalidInput, NotPermitted, WrongState
from mes.outbox.models import Message
from tests.batches.conftest import FloorAt
from tests.given import batches as given
from tests.given import outbox, people
from tests.given.people import client_of, signature

WHY = "Contaminated"


@pytest.fixture(scope="module")
def floor(floor_at: FloorAt) -> Iterator[UUID]:
    """The culture comes next: its incubator is bound."""
    with floor_at("S120") as batch:
        yield batch


@pytest.fixture
def cultured(batch: Batch) -> Batch:
    given.prepared_or_waiting(given.started(batch, "S120"))
    return given.fresh(batch)


def aborted(batch: Batch, actor: User, disposition: str = "discard") -> Batch:
    signer = people.signer(actor, "commanded", site=batch.site)
    services.command_batch(
        actor=actor, batch=batch, name=Command.ABORT, reason=WHY, disposition=disposition, signer=signer
    )
    return given.fresh(batch)


def safe_commands(batch: Batch) -> list[UnitCommand]:
    return list(UnitCommand.objects.filter(batch_id=batch.id, to_safety=True).select_related("unit__site"))


def made_safe(batch: Batch) -> None:
    """The gateway's part."""
    gateway = system_user("gateway")
    for command in safe_commands(batch):
        taken = acknowledge_command(actor=gateway, command=send_command(actor=gateway, command=command))
        confirm_command(actor=gateway, command=taken, read_back=taken.setpoints)
    given.ticked(batch)


def left(batch: Batch) -> list[Container]:
    return list(Container.objects.filter(batch_id=batch.id, status="filled").exclude(holds="sample"))


@pytest.mark.req("R-102")
def test_without_a_word_on_the_material_a_batch_is_not_aborted(cultured: Batch, sven: User) -> None:
    with pytest.raises(Incomplete) as refusal:
        aborted(cultured, sven, "")
    assert [each["code"] for each in refusal.value.details["reasons"]] == ["disposition_missing"]
    assert given.fresh(cultured).status == State.RUNNING
    answer = client_of(sven).post(
        f"/api/v1/batches/{cultured.id}/commands",
        {"command": "ABORT", "reason": WHY, "signature": signature(sven)},
        format="json",
    )
    assert answer.status_code == 409


@pytest.mark.parametrize(("name", "said"), [(Command.HOLD, "discard"), (Command.ABORT, "sell")])
def test_refuses_a_word_that_does_not_fit(cultured: Batch, sven: User, name: str, said: str) -> None:
    signer = people.signer(sven, "commanded")
    with pytest.raises(InvalidInput):
        services.command_batch(actor=sven, batch=cultured, name=name, reason=WHY, disposition=said, signer=signer)
    assert given.fresh(cultured).status == State.RUNNING


@pytest.mark.req("R-102")
@pytest.mark.parametrize(
    ("said", "becomes"), [("quarantine", "quarantined"), ("return", "quarantined"), ("discard", "rejected")]
)
def test_the_material_is_out_of_use_at_once(cultured: Batch, sven: User, said: str, becomes: str) -> None:
    before = left(cultured)
    assert before
    aborted(cultured, sven, said)
    assert {each.release_status for each in left(cultured)} == {becomes}
    made = MaterialDisposition.objects.get()
    assert (made.decision, made.reason, sorted(made.containers)) == (said, WHY, sorted(each.label for each in before))
    assert {reason.code for each in left(cultured) for reason in reasons_not_receivable(each)} == {
        "inspected_already" if each.holds == "starting" else "not_starting_material" for each in before
    }


def test_the_batch_keeps_its_unit_until_it_is_safe(cultured: Batch, sven: User) -> None:
    batch = aborted(cultured, sven)
    (command,) = safe_commands(batch)
    assert (command.name, command.status, batch.status) == ("incubate", "requested", State.ABORTING)
    assert Occupancy.objects.filter(batch_id=batch.id, until=None).exists()
    made_safe(batch)
    assert given.fresh(batch).status == State.ABORTED
    assert not Occupancy.objects.filter(batch_id=batch.id, until=None).exists()


def test_a_unit_that_does_not_become_safe_is_a_critical_exception(cultured: Batch, sven: User) -> None:
    batch = aborted(cultured, sven)
    gateway = system_user("gateway")
    command = send_command(actor=gateway, command=safe_commands(batch)[0])
    fail_command(actor=gateway, command=command, reason="It is silent.")
    given.ticked(batch)
    assert given.fresh(batch).status == State.ABORTED
    found = batch.exceptions.get(kind=ExceptionKind.EQUIPMENT, severity="critical")
    assert "did not reach its safe state" in found.text


@pytest.mark.req("R-102")
def test_the_clinic_is_told_and_says_that_it_has_read_it(cultured: Batch, sven: User, client: Client) -> None:
    site = cultured.site
    outbox.subscribed(site, "https://clinic.example/", party=cultured.order.clinic)
    aborted(cultured, sven)
    notice = ClinicNotice.objects.get()
    assert notice.order_id == cultured.order_id
    assert all(word in notice.text for word in (cultured.number, "aborted", "discard", WHY))
    told = Message.objects.get()
    assert (told.kind, WHY in told.body) == ("batch.aborted", False)

    with pytest.raises(NotPermitted):
        confirm_notice(actor=sven, notice=notice)
    clara = people.persona(site, "clara")
    client.force_login(clara, backend="mes.accounts.backend.SessionBackend")
    assert "batch aborted" in client.get("/").content.decode()
    page = f"/orders/{cultured.order_id}/"
    assert "I have read it" in client.get(page).content.decode()
    client.post(f"/clinic-notices/{notice.id}/confirm/")
    assert "Read by Clara Clinic" in client.get(page).content.decode()
    again = client_of(clara).post(f"/api/v1/clinic-notices/{notice.id}/confirm")
    assert again.status_code == 409
    listed = client_of(clara).get("/api/v1/clinic-notices").json()["results"]
    assert [(each["status"], each["read_by"]) for each in listed] == [("read", "Clara Clinic")]


@pytest.mark.req("R-102")
def test_the_material_of_a_stopped_batch_waits_for_a_decision(cultured: Batch, sven: User, quinn: User) -> None:
    signer = people.signer(sven, "commanded")
    services.command_batch(actor=sven, batch=cultured, name=Command.STOP, reason="Power failure", signer=signer)
    assert ClinicNotice.objects.get().title == "Batch stopped"
    assert list(undecided_material(quinn)) == [cultured]
    answer = client_of(quinn).post(
        f"/api/v1/batches/{cultured.id}/material",
        {"decision": "return", "reason": "The clinic asks for it.", "signature": signature(quinn)},
        format="json",
    )
    assert (answer.status_code, answer.json()["decision"]) == (201, "return")
    assert list(undecided_material(quinn)) == []
    assert ClinicNotice.objects.latest("id").title == "Material decided on"


def test_nobody_decides_on_material_in_work(cultured: Batch, quinn: User, olga: User) -> None:
    for actor, refusal in ((quinn, WrongState), (olga, NotPermitted)):
        signer = people.signer(actor, "decided")
        with pytest.raises(refusal):
            services.decide_on_material(actor=actor, batch=cultured, decision="discard", reason=WHY, signer=signer)


def test_what_was_to_be_discarded_is_not_taken_back(cultured: Batch, sven: User) -> None:
    batch = aborted(cultured, sven)
    made_safe(batch)
    signer = people.signer(sven, "decided")
    with pytest.raises(WrongState):
        services.decide_on_material(actor=sven, batch=batch, decision="quarantine", reason="Wait", signer=signer)


@pytest.mark.req("R-102")
def test_page_and_record_tell_of_the_end(cultured: Batch, sven: User, quinn: User, client: Client) -> None:
    batch = aborted(cultured, sven, "quarantine")
    made_safe(batch)
    client.force_login(quinn, backend="mes.accounts.backend.SessionBackend")
    page = client.get(f"/batches/{batch.id}/").content.decode()
    assert all(words in page for words in ("Keep in quarantine", "to its safe state: confirmed", "Not read yet"))
    form = {"decision": "discard", "reason": "No growth", "username": "quinn", "password": people.PASSWORD}
    assert client.post(f"/batches/{batch.id}/material/", form | {"decision": ""}).status_code == 400
    assert client.post(f"/batches/{batch.id}/material/", form | {"password": "wrong"}).status_code == 401
    assert client.post(f"/batches/{batch.id}/material/", form).status_code == 302

    record = record_of(given.fresh(batch))
    assert [(each.decision, each.decided_by) for each in record.dispositions] == [
        ("Keep in quarantine", "Sven Supervisor"),
        ("Discard", "Quinn Quality"),
    ]
    assert [line.valid for each in record.dispositions for line in each.signatures] == [True, True]
    assert [each.title for each in record.notices] == ["Batch aborted", "Material decided on"]
    read = client.get(f"/batches/{batch.id}/record/").content.decode()
    assert "Material: discard" in read


def test_a_supervisor_aborts_on_the_page(cultured: Batch, sven: User, site: Site, client: Client) -> None:
    client.force_login(sven, backend="mes.accounts.backend.SessionBackend")
    form = {"command": "ABORT", "reason": WHY, "username": "sven", "password": people.PASSWORD}
    assert client.post(f"/batches/{cultured.id}/commands/", form).status_code == 409
    assert client.post(f"/batches/{cultured.id}/commands/", form | {"disposition": "discard"}).status_code == 302
    assert given.fresh(cultured).status == State.ABORTING
