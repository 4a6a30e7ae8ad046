"""The record of a batch holds what 211.188(b) asks for, and what it does not hold is named (R-087)."""

import re
from collections.abc import Iterator
from uuid import UUID

import psycopg
import pytest

from batches.models import Batch
from batches.queries import missing_facts
from tests.database import BeginWith
from tests.given import batches as given
from tests.given import people

PHOTO = "photos: [{id: label, name: Label on the bag}]\n            "
ENTRIES = "entries:\n              - {id: bag_intact"
IN_STEP = re.compile(r"{(S\d+)}")
BLANKED = {
    "start of a step": ("date_missing", "S010", "UPDATE batches_step SET started_at = NULL WHERE key = 'S010'"),
    "end of the batch": ("date_missing", "no end", "UPDATE batches_batch SET ended_at = NULL"),
    "unit": ("unit_missing", "incubator", "DELETE FROM batches_unitbinding"),
    "command": ("unit_missing", "S040", "DELETE FROM batches_stepcommand WHERE step_id = {S040}"),
    "room": ("unit_missing", "S170", "UPDATE batches_step SET room_id = NULL WHERE key = 'S170'"),
    "lot": ("lot_missing", "TEXMACS", "DELETE FROM batches_materialuse WHERE step_id = {S050}"),
    "weight": ("measure_missing", "TEXMACS", "UPDATE batches_materialuse SET quantity = '' WHERE step_id = {S050}"),
    "measure": ("measure_missing", "Volume", "UPDATE batches_entry SET value = '' WHERE name = 'volume'"),
    "calculation": (
        "calculation_missing",
        "Vector volume",
        "DELETE FROM batches_calculatedvalue WHERE step_id = {S100}",
    ),
    "decision": ("calculation_missing", "S080", "DELETE FROM batches_decision"),
    "inspection": ("clearance_missing", "S030", "DELETE FROM batches_lineclearance WHERE step_id = {S030}"),
    "yield": ("yield_missing", "Viable cells", "DELETE FROM batches_calculatedvalue WHERE step_id = {S070}"),
    "container": ("container_missing", "S060", "DELETE FROM batches_steptransfer WHERE step_id = {S060}"),
    "description": (
        "container_missing",
        "S160",
        "UPDATE chain_of_identity_container SET kind = '' WHERE holds = 'product'",
    ),
    "sample": ("sample_missing", "S130", "DELETE FROM batches_steptransfer WHERE step_id = {S130}"),
    "performer": ("performer_missing", "S150", "UPDATE batches_step SET performer_id = NULL WHERE key = 'S150'"),
    "checker": (
        "signature_missing",
        "verified",
        "DELETE FROM records_signature WHERE meaning = 'verified' AND subject_id = {S060}",
    ),
    "investigation": ("investigation_missing", "conclusion", "UPDATE batches_deviation SET conclusion = ''"),
    "examination": ("examination_missing", "Bag intact", "DELETE FROM batches_entry WHERE name = 'bag_intact'"),
    "photo": ("examination_missing", "Label on the bag", "DELETE FROM batches_stepphoto"),
}


@pytest.fixture(scope="module", autouse=True)
def whole(begin_with: BeginWith) -> Iterator[UUID]:
    """A batch that ran to its end, with a photo that was asked for and a deviation that was approved."""
    with begin_with("whole", _made) as batch:
        yield batch


def _made() -> UUID:
    site = people.a_site()
    source = given.QUICK.replace(ENTRIES, PHOTO + ENTRIES)
    batch = given.completed_batch(site, recipe=given.short_recipe(site, source))
    given.explained(given.step(batch, "S020"))
    return batch.pk


@pytest.mark.req("R-087")
@pytest.mark.django_db
def test_a_complete_batch_lacks_nothing(whole: UUID) -> None:
    assert missing_facts(given.fresh(Batch(pk=whole))) == []


@pytest.mark.req("R-087")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("blanked", BLANKED)
def test_a_fact_that_is_blanked_is_named_and_no_other(blanked: str, whole: UUID, superuser: psycopg.Connection) -> None:
    code, name, sql = BLANKED[blanked]
    superuser.execute("SET session_replication_role = replica")
    superuser.execute(IN_STEP.sub(r"(SELECT id FROM batches_step WHERE key = '\1')", sql).encode())
    batch = given.fresh(Batch(pk=whole))
    assert [(reason.code, name in reason.message) for reason in missing_facts(batch)] == [(code, True)]
