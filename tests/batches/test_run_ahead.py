"""What the page of a step carries for the time without network."""

import pytest

from batches.models import Batch
from batches.queries.run import run_screen
from batches.run_ahead import act_shown, acts_ahead
from batches.run_page import panel_of
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import chain_of_identity as identity_given

UNSIGNED = given.SHORT.replace(
    "title: Scan the bag, text: Scan the label of the bag., signature: performed", "title: Scan the bag"
)
ENTRIES = [f"entry:{name}" for name in ("bag_intact", "appearance", "volume", "concentration", "viability")]


def ahead(batch: Batch, key: str, user: User) -> tuple[str, list[str]]:
    """The act on the screen, and all that may be done without the server."""
    shown = run_screen(given.step(batch, key), user)
    panel = panel_of(shown)
    return act_shown(shown, panel), [each["act"] for each in acts_ahead(shown, panel)]


@pytest.fixture
def batch(site: Site) -> Batch:
    return given.running_batch(site, recipe=given.short_recipe(site, UNSIGNED))


def test_a_step_nobody_signs_goes_on_to_its_end_and_the_next_one_after_it(batch: Batch, olga: User) -> None:
    assert ahead(batch, "S010", olga) == ("start", ["start", "scan", "complete", "done", "stopped"])
    assert ahead(batch, "S020", olga) == ("blocked", ["start", *ENTRIES, "sign", "stopped"])
    assert ahead(batch, "S030", olga)[0] == ""


def test_what_is_done_is_not_asked_for_again(batch: Batch, olga: User) -> None:
    given.started(batch, "S020")
    assert ahead(batch, "S020", olga) == (ENTRIES[0], [*ENTRIES, "sign", "again", "stopped"])


@pytest.mark.parametrize(
    ("key", "acts"), [("S050", ["scan", "wait", "again"]), ("S060", ["scan", "wait", "again"]), ("S030", [])]
)
def test_what_the_server_must_judge_waits_for_it(batch: Batch, olga: User, key: str, acts: list[str]) -> None:
    given.started(batch, key)
    assert ahead(batch, key, olga)[1] == ([*acts, "stopped"] if acts else [])


def test_the_page_knows_the_labels_of_this_patient_only(batch: Batch, olga: User, site: Site) -> None:
    other = identity_given.bag_of(identity_given.received_order(site))
    given.started(batch, "S010")
    codes = run_screen(given.step(batch, "S010"), olga)["offline"]["accepts"]
    assert identity_given.bag_of(batch.order).label in codes
    assert {batch.coi_id, f"&/{batch.coi_id}"} <= set(codes)
    assert not any(other.label in code or other.order.coi_id in code for code in codes)


def test_a_step_for_network_only_carries_nothing(site: Site, olga: User) -> None:
    source = UNSIGNED.replace(
        "            title: Inspect the bag\n", "            title: Inspect\n            online_only: true\n"
    )
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    given.started(batch, "S020")
    assert ahead(batch, "S020", olga)[1] == []


def test_a_photo_that_the_recipe_wants_is_taken_after_the_values(site: Site, olga: User) -> None:
    photos = "            photos: [{id: bag, name: Bag}, {id: note, name: Note, required: false}]\n"
    source = UNSIGNED.replace(
        "            title: Inspect the bag\n", f"            title: Inspect the bag\n{photos}", 1
    )
    batch = given.running_batch(site, recipe=given.short_recipe(site, source))
    step = given.started(batch, "S020")
    assert ahead(batch, "S020", olga)[1] == [*ENTRIES, "photo:bag", "sign", "again", "stopped"]
    for name in ENTRIES:
        given.good_entry(olga, step, name.removeprefix("entry:"))
    assert ahead(batch, "S020", olga) == ("photo:bag", ["photo:bag", "sign", "again", "stopped"])
