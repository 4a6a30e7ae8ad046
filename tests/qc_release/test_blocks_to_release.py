"""Release: each precondition alone missing is named, and nothing missing means nothing is named (R-162)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from batches import services as batches
from batches.models import Batch, BatchException, Step
from batches.queries import record_of
from chain_of_identity.models import Party
from equipment.models import Occupancy
from materials import services as materials
from mes.accounts.models import Qualification, Site
from mes.records.services import act
from qc_release import services
from qc_release.errors import ReleaseBlocked
from qc_release.queries import blocks_to_release
from tests.given import alarms, chain_of_identity, equipment, people
from tests.given import qc_release as given
from tests.given.batches import running_batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stock", "sealed")]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back: the same finished batch serves for every precondition."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def codes(batch: Batch) -> set[str]:
    return {reason.code for reason in blocks_to_release(batch)}


def open_deviation(batch: Batch) -> None:
    batches.open_deviation(
        actor=people.persona(batch.site, "sven"), batch=batch, title="Leak", description="A drop.", severity="high"
    )


def undecided_exception(batch: Batch) -> None:
    sven = people.persona(batch.site, "sven")
    with act(sven, "test.exception", site=batch.site, batch=batch) as event:
        from batches.models import ExceptionKind
        from batches.services.exceptions import raise_exception

        raise_exception(event=event, batch=batch, kind=ExceptionKind.LATE, text="Late.", severity="low")


def rejected_lot(batch: Batch) -> None:
    quinn = people.persona(batch.site, "quinn")
    materials.recall_lot(actor=quinn, lot=given.bag_set_lot(batch.site), reason="Supplier's recall.")


def unit_found_out_of_tolerance(batch: Batch) -> None:
    unit = equipment.unit(batch.site)
    equipment.occupied(unit, batch_id=batch.id)
    equipment.calibrated(unit, as_found=False)


def alarm_nobody_acknowledged(batch: Batch) -> None:
    unit = equipment.unit(batch.site)
    equipment.occupied(unit, batch_id=batch.id)
    alarms.raised(unit)


def alarm_after_the_review(batch: Batch) -> None:
    unit = equipment.unit(batch.site)
    equipment.occupied(unit, batch_id=batch.id)
    alarms.acknowledged(alarms.raised(unit))


def began(batch: Batch) -> datetime:
    assert batch.started_at is not None
    return batch.started_at


def unit_without_calibration(batch: Batch) -> None:
    unit = equipment.clean(equipment.new_unit(batch.site))
    with act(people.persona(batch.site, "sven"), "test.occupy", site=batch.site):
        Occupancy.objects.create(
            unit=unit,
            batch_id=batch.id,
            coi_id=batch.coi_id,
            exclusive=True,
            since=began(batch),
            until=batch.ended_at,
            taken_by=people.persona(batch.site, "sven"),
        )


def clearance_without_second_person(batch: Batch) -> None:
    from batches.models import LineClearance

    olga = people.persona(batch.site, "olga")
    with act(olga, "test.clearance", site=batch.site):
        LineClearance.objects.create(
            batch=batch,
            step=given.step_of(batch, "S010"),
            attempt=1,
            by=olga,
            done_at=began(batch),
            room=equipment.room(batch.site),
        )


def training_ended(batch: Batch) -> None:
    with act(people.persona(batch.site, "sven"), "test.training", site=batch.site):
        Qualification.objects.update(valid_until=batch.started_at)


def custody_gap(batch: Batch) -> None:
    kurt = people.persona(batch.site, "kurt")
    with act(kurt, "test.custody", site=batch.site):
        chain_of_identity.bag_of(batch.order)
        batch.order.containers.update(custodian=kurt, custody=Party.COURIER)


def altered_step(batch: Batch) -> None:
    with act(people.persona(batch.site, "sven"), "test.alter", site=batch.site, batch=batch):
        Step.objects.filter(batch=batch, key="S010").update(name="Another title")


def step_not_complete(batch: Batch) -> None:
    with act(people.persona(batch.site, "sven"), "test.reset", site=batch.site, batch=batch):
        Step.objects.filter(batch=batch, key="S040").update(status="RUNNING")


def step_without_performer(batch: Batch) -> None:
    with act(people.persona(batch.site, "sven"), "test.performer", site=batch.site, batch=batch):
        Step.objects.filter(batch=batch, key="S010").update(performer=None)


def no_end(batch: Batch) -> None:
    with act(people.persona(batch.site, "sven"), "test.end", site=batch.site):
        Batch.objects.filter(pk=batch.pk).update(ended_at=None)


PRECONDITIONS: list[tuple[str, Callable[[Batch], None]]] = [
    ("step_open", step_not_complete),
    ("signature_missing", altered_step),
    ("performer_missing", step_without_performer),
    ("exception_undecided", undecided_exception),
    ("deviation_open", open_deviation),
    ("identity_chain_broken", custody_gap),
    ("material_not_clean", rejected_lot),
    ("equipment_not_clean", unit_found_out_of_tolerance),
    ("equipment_not_clean", unit_without_calibration),
    ("alarm_not_acknowledged", alarm_nobody_acknowledged),
    ("environment_changed", alarm_after_the_review),
    ("environment_not_clean", clearance_without_second_person),
    ("training", training_ended),
    ("expiry_not_computed", no_end),
]


@pytest.mark.req("R-162")
def test_each_precondition_of_the_record_alone_missing_is_named_and_refuses(
    site: Site, subtests: pytest.Subtests
) -> None:
    batch = given.reviewed_batch(site)
    assert blocks_to_release(batch) == []
    for code, break_it in PRECONDITIONS:
        with subtests.test(break_it.__name__), undone():
            break_it(batch)
            batch.refresh_from_db()
            assert code in codes(batch)
            with pytest.raises(ReleaseBlocked) as refusal:
                given.disposed(batch)
            assert code in {reason["code"] for reason in refusal.value.details["reasons"]}
    batch.refresh_from_db()
    assert blocks_to_release(batch) == []
    given.disposed(batch)


@pytest.mark.req("R-162")
def test_each_precondition_of_the_laboratory_alone_missing_is_named(site: Site, subtests: pytest.Subtests) -> None:
    batch = given.made_batch(site)
    assert codes(batch) == {"no_release_file"}
    for test_id in ("viability", "appearance", "sterility"):
        given.checked(given.result(batch, test_id))
    with subtests.test("a test without a result"), undone():
        given.reviewed(batch)
        assert codes(batch) == {"result_missing"}
    with subtests.test("a result nobody checked"), undone():
        given.result(batch, "endotoxin")
        given.reviewed(batch)
        assert codes(batch) == {"result_not_checked"}
    with subtests.test("a result that fails"), undone():
        given.checked(given.result(batch, "endotoxin", "5"))
        given.reviewed(batch)
        assert codes(batch) == {"specification_not_met", "investigation_open"}
    given.checked(given.result(batch, "endotoxin"))
    for kind in ("record", "audit_trail", "environment"):
        with subtests.test(f"no review of {kind}"), undone():
            given.reviewed(batch, leave_out=kind)
            assert codes(batch) == {f"{kind}_not_reviewed"}


@pytest.mark.req("R-117")
def test_alarms_of_a_batch_are_in_its_record_and_reviewed_before_release(site: Site, client: Client) -> None:
    batch = given.batch_with_results(site)
    unit = equipment.unit(site, "incubator", "INC-3")
    equipment.occupied(unit, batch_id=batch.id)
    alarm = alarms.raised(unit)
    given.reviewed(batch)
    assert codes(batch) == {"alarm_not_acknowledged"}
    with pytest.raises(ReleaseBlocked) as refusal:
        given.disposed(batch)
    assert refusal.value.status == 409
    alarms.acknowledged(alarm, comment="Bag moved to INC-4")
    assert "environment_changed" in codes(batch), "what was reviewed was not acknowledged then"
    given.reviewed(batch)
    assert codes(batch) == set()
    [line] = record_of(batch).alarms
    assert (line.unit, line.acknowledged_by, line.comment) == ("INC-3", "Olga Operator", "Bag moved to INC-4")
    client.force_login(people.persona(site, "quinn"), backend="mes.accounts.backend.SessionBackend")
    for page in (reverse("batches:record", args=[batch.id]), f"/batches/{batch.id}/review/environment/"):
        assert alarm.what in client.get(page).content.decode()


@pytest.mark.req("R-087")
def test_the_review_tells_what_the_record_lacks(site: Site, client: Client) -> None:
    batch = given.batch_with_results(site)
    client.force_login(people.persona(site, "quinn"), backend="mes.accounts.backend.SessionBackend")
    page = reverse("qc_release:review", args=[batch.id])
    assert "Completeness: 0 missing" in client.get(page).content.decode()
    step_without_performer(batch)
    shown = client.get(page).content.decode()
    assert "Completeness: 1 missing" in shown
    assert "S010 Record the viability: no performer." in shown


@pytest.mark.req("R-162")
def test_a_change_after_a_review_outdates_it(site: Site) -> None:
    batch = given.reviewed(given.batch_with_results(site, pending=True))
    given.checked(given.result(batch, "sterility", "negative"))
    assert codes(batch) == {"record_changed"}
    open_deviation(batch)
    assert {"record_changed", "audit_trail_changed", "deviation_open"} <= codes(batch)


@pytest.mark.req("R-162")
def test_an_unsealed_record_is_named(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = given.reviewed_batch(site)
    monkeypatch.undo()
    assert codes(batch) == {"records_not_sealed"}


def test_a_decided_exception_does_not_block(site: Site) -> None:
    batch = given.batch_with_results(site)
    undecided_exception(batch)
    quinn = people.persona(site, "quinn")
    batches.decide_exception(
        actor=quinn,
        exception=BatchException.objects.get(batch=batch),
        decision="No effect on the product.",
        signer=people.signer(quinn, "reviewed"),
    )
    assert "exception_undecided" not in codes(given.reviewed(batch))


def test_reviews_cannot_be_signed_before_there_is_anything_to_review(site: Site) -> None:
    from mes.errors import Blocked

    batch = given.made_batch(site)
    quinn = people.persona(site, "quinn")
    with pytest.raises(Blocked):
        services.sign_review(actor=quinn, batch=batch, kind="record", signer=people.signer(quinn, "reviewed"))


@pytest.mark.req("R-162")
def test_a_running_batch_names_everything_that_stands_against_its_release(site: Site) -> None:
    batch = running_batch(site)
    open_deviation(batch)
    undecided_exception(batch)
    expected = {"batch_not_complete", "step_open", "exception_undecided", "deviation_open", "no_release_file"}
    assert codes(batch) == expected
    client = Client()
    client.force_login(people.persona(site, "quinn"), backend="mes.accounts.backend.SessionBackend")
    page = client.get(reverse("qc_release:review", args=[batch.id])).content.decode()
    assert "Not ready: 5 things stop release" in page
    assert "18 of 18 steps are not complete" in page
