"""Material moves on, keeps its parents, and never meets another patient's."""

from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, transaction

from chain_of_identity import queries, services
from chain_of_identity.errors import PatientMismatch
from chain_of_identity.models import Container, Link, Order, Transformation
from chain_of_identity.services import Into
from chain_of_identity.states import ContainerStatus, ReleaseStatus
from mes.accounts.models import Site, User
from mes.errors import Blocked, Conflict, InvalidInput, NotFound, NotPermitted, WrongState
from mes.records.services import act
from tests.given import chain_of_identity as given

pytestmark = pytest.mark.django_db


def into(*volumes: str, kind: str = "bag") -> list[Into]:
    return [Into(kind=kind, volume_ml=Decimal(volume)) for volume in volumes]


def started(site: Site, batch_id: UUID | None = None) -> Container:
    return given.in_batch(given.received_order(site), batch_id or uuid4())


def split(bag: Container, by: User, *volumes: str) -> list[Container]:
    return services.transfer(actor=by, action="split", sources=[bag], into=into(*volumes), batch_id=bag.batch_id)


@pytest.mark.req("R-127")
def test_a_split_leaves_labelled_children_with_their_parent(site: Site, olga: User) -> None:
    bag = started(site)
    children = split(bag, olga, "120", "60", "10")
    assert [child.label for child in children] == [f"{bag.order.short}-{letter}" for letter in "BCD"]
    assert {link.source_id for link in Link.objects.filter(target__in=children)} == {bag.id}
    bag.refresh_from_db()
    assert bag.status == ContainerStatus.EMPTIED
    assert bag.volume_ml == 0
    assert Transformation.objects.get().difference_ml == -10


def test_a_split_does_not_give_more_than_there_is(site: Site, olga: User) -> None:
    with pytest.raises(InvalidInput, match="more than there is"):
        split(started(site), olga, "150", "51")


def test_a_pool_has_many_parents_of_one_patient(site: Site, olga: User) -> None:
    bag = started(site)
    parts = split(bag, olga, "100", "100")
    [pool] = services.transfer(actor=olga, action="pool", sources=parts, into=into("190"), batch_id=bag.batch_id)
    assert {link.source_id for link in pool.links_in.all()} == {part.id for part in parts}


@pytest.mark.req("R-127")
def test_material_of_two_patients_is_never_pooled(site: Site, olga: User) -> None:
    batch_id = uuid4()
    mine, other = started(site, batch_id), started(site, batch_id)
    with pytest.raises(PatientMismatch) as refusal:
        services.transfer(actor=olga, action="pool", sources=[mine, other], into=into("400"), batch_id=batch_id)
    assert refusal.value.details["containers"] == [mine.label, other.label]
    assert not Transformation.objects.exists()


@pytest.mark.req("R-127")
def test_the_database_refuses_a_link_between_two_patients(site: Site, olga: User) -> None:
    mine, other = started(site), started(site)
    split(mine, olga, "100")
    done = Transformation.objects.get()
    with (
        pytest.raises(DatabaseError, match="two patients"),
        transaction.atomic(),
        act(olga, "tests.link", site=site),
    ):
        Link.objects.create(transformation=done, source=other, target=mine)


@pytest.mark.req("R-127")
def test_the_database_keeps_a_container_with_its_order(site: Site, olga: User) -> None:
    mine, other = started(site), started(site)
    with (
        pytest.raises(DatabaseError, match="Cannot update"),
        transaction.atomic(),
        act(olga, "tests.change", site=site),
    ):
        Container.objects.filter(id=mine.id).update(order=other.order)


def test_medium_may_be_added_in_a_transfer(site: Site, olga: User) -> None:
    bag = started(site)
    services.transfer(
        actor=olga, action="transfer", sources=[bag], into=into("500", kind="cassette"), batch_id=bag.batch_id
    )
    assert Transformation.objects.get().difference_ml == 300


@pytest.mark.parametrize(
    ("action", "volumes"),
    [("transfer", ["10", "10"]), ("pool", ["10", "10"]), ("split", []), ("split", ["0"]), ("pour", ["10"])],
)
def test_refuses_moves_of_another_shape(site: Site, olga: User, action: str, volumes: list[str]) -> None:
    bag = started(site)
    with pytest.raises(InvalidInput):
        services.transfer(actor=olga, action=action, sources=[bag], into=into(*volumes), batch_id=bag.batch_id)


def test_refuses_nothing_and_a_split_of_two(site: Site, olga: User) -> None:
    with pytest.raises(InvalidInput):
        services.transfer(actor=olga, action="split", sources=[], into=into("1"))
    bag = started(site)
    parts = split(bag, olga, "100", "100")
    with pytest.raises(InvalidInput, match="pool"):
        services.transfer(actor=olga, action="split", sources=parts, into=into("1"), batch_id=bag.batch_id)


def test_refuses_material_that_is_elsewhere_not_accepted_or_of_another_batch(site: Site, olga: User) -> None:
    order = given.collected(site)
    with pytest.raises(Blocked) as refusal:
        split(given.bag_of(order), olga, "1")
    assert {each["code"] for each in refusal.value.details["reasons"]} == {"material_quarantined", "not_here"}
    bag = started(site)
    with pytest.raises(Blocked) as refusal:
        services.transfer(actor=olga, action="split", sources=[bag], into=into("1"), batch_id=uuid4())
    assert [each["code"] for each in refusal.value.details["reasons"]] == ["other_batch"]


def test_refuses_a_bag_that_was_emptied(site: Site, olga: User) -> None:
    bag = started(site)
    split(bag, olga, "100")
    with pytest.raises(Blocked) as refusal:
        split(bag, olga, "100")
    assert [each["code"] for each in refusal.value.details["reasons"]] == ["not_filled"]


def test_a_sample_is_drawn_and_the_rest_stays(site: Site, olga: User) -> None:
    bag = started(site)
    sample = services.take_sample(
        actor=olga, container=bag, volume_ml=Decimal("0.5"), description="Sterility", batch_id=bag.batch_id
    )
    bag.refresh_from_db()
    assert (bag.volume_ml, bag.status) == (Decimal("199.5"), ContainerStatus.FILLED)
    assert (sample.holds, sample.volume_ml, sample.contents) == ("sample", Decimal("0.5"), "Sterility")
    assert sample.links_in.get().source == bag
    with pytest.raises(InvalidInput, match="holds 199"):
        services.take_sample(actor=olga, container=bag, volume_ml=Decimal(200), description="Too much")


def test_no_sample_from_an_empty_bag(site: Site, olga: User) -> None:
    bag = started(site)
    split(bag, olga, "100")
    with pytest.raises(WrongState):
        services.take_sample(actor=olga, container=bag, volume_ml=Decimal(1), description="Late")


def test_only_accepted_material_enters_a_batch_once(site: Site, ines: User) -> None:
    with pytest.raises(Conflict, match="no accepted material"):
        given.in_batch(given.delivered_order(site))
    order = given.received_order(site)
    bag = given.in_batch(order)
    assert (bag.batch_number, list(queries.containers_of_batch(UUID(str(bag.batch_id))))) == ("B-0042", [bag])
    with pytest.raises(Conflict, match="no accepted material"):
        given.in_batch(order)
    with pytest.raises(NotPermitted):
        services.enter_batch(actor=ines, order=order, batch_id=uuid4(), batch_number="B-0043")


def disposition(order: Order, by: User, status: str) -> list[Container]:
    batch_id = UUID(str(order.containers.product().latest("id").batch_id))
    return services.set_release_status(actor=by, order=order, batch_id=batch_id, status=status)


def test_product_waits_in_quarantine_for_its_disposition(site: Site, quinn: User) -> None:
    order = given.received_order(site)
    bags = given.filled(order, bags=3)
    assert {bag.release_status for bag in bags} == {ReleaseStatus.QUARANTINED}
    assert {bag.release_status for bag in disposition(order, quinn, "released_pending")} == {"released_pending"}
    assert {bag.release_status for bag in disposition(order, quinn, "released")} == {"released"}


@pytest.mark.req("R-165")
def test_nothing_brings_rejected_product_back(site: Site, quinn: User) -> None:
    order = given.received_order(site)
    given.released(order, status="rejected")
    for status in ("released", "released_pending", "supplied_oos", "quarantined", "accepted"):
        with pytest.raises(WrongState):
            disposition(order, quinn, status)


def test_a_disposition_is_not_for_operators_and_needs_product(site: Site, quinn: User, olga: User) -> None:
    order = given.received_order(site)
    given.filled(order)
    with pytest.raises(NotPermitted):
        disposition(order, olga, "released")
    with pytest.raises(NotFound):
        services.set_release_status(actor=quinn, order=order, batch_id=uuid4(), status="released")


def test_a_container_is_discarded_with_a_reason(site: Site, sven: User) -> None:
    order = given.received_order(site)
    bag = given.bag_of(order)
    with pytest.raises(InvalidInput, match="reason"):
        services.discard(actor=sven, container=bag, reason="")
    services.discard(actor=sven, container=bag, reason="The therapy was stopped.")
    bag.refresh_from_db()
    assert bag.status == ContainerStatus.DISCARDED
    assert bag.volume_ml == 0
