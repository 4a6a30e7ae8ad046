"""Labels printed, used, returned, destroyed: what is left over is explained before the batch is released."""

from typing import Any

import pytest
from django.test import Client

from batches.models import Batch
from chain_of_identity import services
from chain_of_identity.models import Container, LabelPrint
from chain_of_identity.queries import reasons_labels_open, reconcile
from mes.accounts.models import Site, User
from mes.errors import Conflict, InvalidInput, NotPermitted
from qc_release.queries import blocks_to_release
from tests.given import batches as batches_given
from tests.given import chain_of_identity as given
from tests.given import people

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-095")]
SEEN = "Stuck in the printer, seen there."


@pytest.fixture
def batch(site: Site) -> Batch:
    return batches_given.running_batch(site)


def printed_again(container: Container, times: int) -> list[LabelPrint]:
    logan = people.persona(container.site, "logan")
    return [
        services.print_label(actor=logan, order=container.order, container=container, reason="The printer jammed.")
        for _ in range(times)
    ]


def destroyed(printed: LabelPrint, **changes: Any) -> None:
    facts: dict[str, Any] = {
        "actor": people.persona(printed.order.site, "logan"),
        "what": "destroyed",
        "reason": "Torn.",
    }
    services.account_for_label(label_print=printed, **(facts | changes))


def test_a_label_on_its_container_leaves_nothing_over(batch: Batch) -> None:
    [line] = reconcile(batch.order, batch.id).lines
    assert (line.printed, line.used, line.difference) == (1, 1, 0)
    assert reasons_labels_open(batch.order, batch.id) == []


def test_a_difference_blocks_until_it_is_explained(batch: Batch, sven: User) -> None:
    """Five printed, three used (of three bags), one destroyed: one is left over."""
    for _ in range(2):
        bag = given.labelled_bag(batch.order)
        services.discard(actor=sven, container=bag, reason="Not needed after all.")
    first, _ = printed_again(given.bag_of(batch.order), 2)
    destroyed(first)
    found = reconcile(batch.order, batch.id)
    assert sum(each.printed for each in found.lines) == 5
    assert sum(each.used for each in found.lines) == 3
    assert sum(each.destroyed for each in found.lines) == 1
    [reason] = reasons_labels_open(batch.order, batch.id)
    assert "the difference of 1 is not explained" in reason.message
    assert reason in blocks_to_release(batch)
    services.explain_labels(actor=sven, order=batch.order, batch_id=batch.id, reason=SEEN)
    assert reason not in blocks_to_release(batch)


def test_an_explanation_holds_for_its_difference_only(batch: Batch, sven: User) -> None:
    bag = given.bag_of(batch.order)
    printed_again(bag, 1)
    services.explain_labels(actor=sven, order=batch.order, batch_id=batch.id, reason=SEEN)
    printed_again(bag, 1)
    assert reasons_labels_open(batch.order, batch.id)


def test_a_label_is_accounted_for_once_and_with_a_reason(batch: Batch) -> None:
    [again] = printed_again(given.bag_of(batch.order), 1)
    with pytest.raises(InvalidInput, match="why"):
        destroyed(again, reason=" ")
    destroyed(again, what="returned")
    with pytest.raises(Conflict, match="already"):
        destroyed(again)
    assert reconcile(batch.order, batch.id).is_settled


def test_who_prints_does_not_explain(batch: Batch, sven: User) -> None:
    printed_again(given.bag_of(batch.order), 1)
    facts: dict[str, Any] = {"order": batch.order, "batch_id": batch.id}
    with pytest.raises(NotPermitted):
        services.explain_labels(actor=people.persona(batch.site, "logan"), reason="Somewhere it will be.", **facts)
    with pytest.raises(InvalidInput, match="letters"):
        services.explain_labels(actor=sven, reason="gone", **facts)


def test_there_is_nothing_to_explain_where_nothing_is_left_over(batch: Batch, sven: User) -> None:
    with pytest.raises(Conflict, match="nothing to explain"):
        services.explain_labels(actor=sven, order=batch.order, batch_id=batch.id, reason="All are where they belong.")


def test_the_page_accounts_and_explains(batch: Batch, client: Client, sven: User) -> None:
    bag = given.bag_of(batch.order)
    first, _ = printed_again(bag, 2)
    page = f"/orders/{batch.order_id}/label-accounts/"
    client.force_login(people.persona(batch.site, "logan"), backend="mes.accounts.backend.SessionBackend")
    fate = {"label_print": str(first.id), "what": "destroyed", "reason": "Torn."}
    assert client.post(f"{page}fate/", fate | {"reason": ""}).status_code == 400
    assert client.post(f"{page}fate/", fate).status_code == 302
    client.force_login(sven, backend="mes.accounts.backend.SessionBackend")
    assert "The difference is not explained" in client.get(page).content.decode()
    explained = {"batch_id": str(batch.id), "reason": SEEN}
    assert client.post(f"{page}explain/", explained | {"reason": "gone"}).status_code == 400
    assert client.post(f"{page}explain/", explained).status_code == 302
    assert "Explained by Sven Supervisor" in client.get(page).content.decode()
    record = client.get(f"/batches/{batch.id}/record/").content.decode()
    assert "The difference was explained by Sven Supervisor" in record


def test_the_calls_account_and_explain(batch: Batch) -> None:
    bag = given.bag_of(batch.order)
    printed_again(bag, 2)
    logan, sven = (people.client_of(people.persona(batch.site, name)) for name in ("logan", "sven"))
    root = f"/api/v1/orders/{batch.order_id}"
    fate = {"container": bag.label, "copy": 2, "what": "destroyed", "reason": "Torn."}
    assert logan.post(f"{root}/label-fates", fate).status_code == 201
    assert logan.post(f"{root}/label-fates", fate).status_code == 409
    explained = {"batch_id": str(batch.id), "reason": SEEN}
    assert logan.post(f"{root}/label-explanations", explained).status_code == 403
    assert sven.post(f"{root}/label-explanations", explained).status_code == 201
    [found] = sven.get(f"{root}/label-accounts").json()
    assert (found["lines"][0]["difference"], found["is_settled"]) == (1, True)
