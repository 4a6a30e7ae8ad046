"""One patient, vein to vein, by both library recipes, through the public API: what stands in the record afterwards.

The story itself is `tests/journeys/played.py`; it is played once for each recipe, before the first of these tests.
They are one file because a story lives as long as its module: two files would play it twice.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from equipment.files.models import InstrumentRun
from mes.pages.templatetags.ui import local, roles
from mes.records.verification import verify
from recipes.document import RecipeDocument
from recipes.document import Step as RecipeStep
from recipes.models import RecipeVersion
from tests.journeys.played import SLIPS, WHY_CORRECTED, Played
from tests.journeys.told import (
    commands_of,
    current_values,
    expected,
    grouped,
    html_of,
    judged,
    last_attempt,
    moment,
    told_by,
)
from tests.papers import words_of
from tools.demo.client import Refused

MEANINGS = {"none": [], "performed": ["performed"]}
VERIFIED = ["performed", "verified"]


@pytest.fixture
def recipe(played: Played) -> dict[str, RecipeStep]:
    """The steps as the approved master says them."""
    batch = played.batch
    version = RecipeVersion.objects.get(recipe__code=batch["recipe"], number=batch["recipe_version"])
    return RecipeDocument.from_json(version.document).steps


# --- the steps --------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-086")
def test_the_record_has_every_step_of_the_master_once_and_in_its_order(
    played: Played, recipe: dict[str, RecipeStep]
) -> None:
    assert [step["key"] for step in played.record["steps"]] == list(recipe)
    assert [step["title"] for step in played.record["steps"]] == [says.title for says in recipe.values()]
    issued = played.record["signatures"][0]
    assert (issued["meaning"], issued["username"], issued["valid"]) == ("issued", "sven", True)
    assert played.record["sha256"] in played.batch_record


def test_every_step_is_complete_or_left_out_by_a_recorded_decision(
    played: Played, recipe: dict[str, RecipeStep]
) -> None:
    assert played.record["status"] == "COMPLETE"
    for key, says in recipe.items():
        step = played.steps[key]
        if says.when is None:
            assert (step["needed"], step["status"]) == (True, "COMPLETE"), key
        else:
            decided_at = says.when.split()[0]
            assert step["needed"] is False, key
            assert [fact["kind"] for fact in last_attempt(played, decided_at)["facts"]].count("decision") == 1, key


@pytest.mark.req("R-057")
def test_no_step_started_before_the_one_it_follows_had_ended(played: Played, recipe: dict[str, RecipeStep]) -> None:
    assert played.refusals["start before the batch runs"].code == "step_blocked"
    assert "earlier_step_open" in played.refusals["jump ahead"].reasons()
    done = [step for step in played.record["steps"] if step["needed"] and not recipe[step["key"]].parallel]
    for before, after in pairwise(done):
        assert moment(before["ended_at"]) <= moment(after["started_at"]), after["key"]


def test_cultures_and_freezing_lasted_as_long_as_the_recipe_says(played: Played, recipe: dict[str, RecipeStep]) -> None:
    holds = {key: says.hold for key, says in recipe.items() if says.hold}
    assert holds
    for key, hold in holds.items():
        step = played.steps[key]
        minutes = (moment(step["ended_at"]) - moment(step["started_at"])).total_seconds() / 60
        assert hold.minutes - hold.tolerance_minutes <= Decimal(minutes) <= hold.minutes + hold.tolerance_minutes, key


# --- the values -------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-016")
def test_every_entry_stands_with_value_unit_verdict_person_and_time(
    played: Played, recipe: dict[str, RecipeStep]
) -> None:
    for key, says in recipe.items():
        if not played.steps[key]["needed"]:
            continue
        values = {value["name"]: value for value in current_values(played, key)}
        assert set(values) == {entry.id for entry in says.entries}, key
        for entry in says.entries:
            value, where = values[entry.id], f"{key}.{entry.id}"
            assert value["value"] == expected(played, key, entry), where
            assert value["unit"] == entry.unit, where
            assert value["verdict"] == judged(entry, value["value"]), where
            assert value["by"] == "Olga Berger", where
            step = played.steps[key]
            assert moment(step["started_at"]) <= moment(value["done_at"]) <= moment(step["ended_at"]), where


def test_blind_readings_of_the_second_person_stand_beside_the_first(
    played: Played, recipe: dict[str, RecipeStep]
) -> None:
    blind = [key for key, says in recipe.items() if says.signature == "verified_blind" and says.entries]
    assert blind
    for key in blind:
        values = last_attempt(played, key)["values"]
        first = {value["name"]: value["value"] for value in values if value["by"] == "Olga Berger"}
        second = {value["name"]: value["value"] for value in values if value["by"] == "Vera Lang"}
        assert second == first, key


@pytest.mark.req("R-088")
def test_a_corrected_value_keeps_the_first_one_with_reason_and_exception(played: Played) -> None:
    key, name, typed = SLIPS[played.script.product]
    first, second = [value for value in last_attempt(played, key)["values"] if value["name"] == name]
    assert (first["value"], first["is_changed"]) == (typed, True)
    assert (second["value"], second["corrects"], second["reason"]) == (
        played.script.readings[key][name],
        first["id"],
        WHY_CORRECTED,
    )
    assert any(key in each["step"] and each["kind"] == "Value corrected" for each in played.record["exceptions"])
    assert WHY_CORRECTED in played.batch_record


@pytest.mark.req("R-018")
def test_every_computed_value_names_inputs_formula_and_rounding(played: Played, recipe: dict[str, RecipeStep]) -> None:
    for key, says in recipe.items():
        if says.calculation is None:
            continue
        [result] = [each for each in last_attempt(played, key)["results"] if not each["is_changed"]]
        assert result["formula"], key
        assert result["formula_version"], key
        assert result["rounding"], key
        assert result["unit"] == says.calculation.unit, key
        assert {each["name"] for each in result["inputs"]} == set(says.calculation.inputs), key


# --- the signatures ---------------------------------------------------------------------------------------------------


@pytest.mark.req("R-044")
@pytest.mark.req("R-052")
def test_every_step_carries_the_signatures_its_policy_asks_for_and_they_hold(
    played: Played, recipe: dict[str, RecipeStep]
) -> None:
    for key, says in recipe.items():
        if not played.steps[key]["needed"]:
            continue
        signatures = [each for each in last_attempt(played, key)["signatures"] if each["meaning"] != "commanded"]
        assert [each["meaning"] for each in signatures] == MEANINGS.get(says.signature, VERIFIED), key
        assert all(each["valid"] for each in signatures), key
        assert all(each["printed_name"] and each["role"] and each["timezone"] for each in signatures), key


@pytest.mark.req("R-034")
def test_nobody_verified_their_own_work(played: Played) -> None:
    assert played.refusals["verify own work"].details == {"rule": "not_own_work"}
    for step in played.record["steps"]:
        for attempt in step["attempts"]:
            people = Counter(each["username"] for each in attempt["signatures"])
            assert set(people.values()) <= {1}, step["key"]


@pytest.mark.req("R-045")
def test_the_first_signature_of_a_session_took_the_full_credential(played: Played) -> None:
    olga = played.house["olga"]
    fresh = replace(olga, token="").sign_in()
    other = next(step for step in played.record["steps"] if step["policy"] != "none")
    body = {"signature": {"username": olga.username, "pin": olga.pin}}
    with pytest.raises(Refused) as refusal:
        fresh.post(f"steps/{other['id']}/complete", body)
    assert refusal.value.code == "signature_refused"


def unbroken(text: str) -> str:
    """Without the places where a printed line may break."""
    return "".join(text.split())


@pytest.mark.req("R-046")
def test_signatures_agree_on_the_page_in_the_pdf_and_in_the_export(played: Played) -> None:
    page, site = " ".join(html_of(played).split()), played.house.here
    printed = unbroken(played.batch_record)
    signed = [each for step in played.record["steps"] for a in step["attempts"] for each in a["signatures"]]
    assert len(signed) > 20
    for each in signed:
        at = local(moment(each["at"]), site)
        name, user, meaning = (each[field] for field in ("printed_name", "username", "meaning"))
        role = roles(each["role"])
        command = f" {each['command']}" if each["command"] else ""
        assert f"{name} ({user}, {role}) · {meaning}{command} · {at}" in page
        line = f"{name} ({user}; {role}) signed electronically, meaning “{meaning}{command}”, {at} ({each['timezone']})"
        assert unbroken(line) in printed


# --- what went wrong, and what was done about it ----------------------------------------------------------------------


@pytest.mark.req("R-088")
def test_the_value_out_of_its_limit_became_a_deviation_that_another_person_approved(played: Played) -> None:
    out = [each for each in played.record["exceptions"] if each["kind"] == "Value outside its limits"]
    assert len(out) == 1
    [deviation] = [each for each in played.record["deviations"] if each["number"] == out[0]["deviation"]]
    assert deviation["status"] == "closed"
    assert deviation["investigation"] == played.script.investigation["investigation"]
    assert [(each["meaning"], each["username"]) for each in deviation["signatures"]] == [("approved", "quinn")]
    assert deviation["signatures"][0]["valid"]
    assert deviation["number"] in played.batch_record


def test_every_exception_was_decided_by_quality(played: Played) -> None:
    assert played.record["exceptions"]
    for each in played.record["exceptions"]:
        assert each["status"] != "open", each
        assert each["decision"], each
        assert each["decided_by"] in {"Quinn Silva", "Petra Novak"}, each


@pytest.mark.req("R-126")
def test_the_wrong_bag_stopped_the_batch_until_a_supervisor_restarted_it(played: Played) -> None:
    moves = [
        (move["from"], move["to"], event["actor"])
        for event in played.record["events"]
        for move in event["moves"]
        if move["subject"] == played.batch["id"]
    ]
    assert ("HOLDING", "HELD", "Dispatcher") in moves
    assert ("HELD", "RESTARTING", "Sven Huber") in moves
    assert [move[1] for move in moves].count("HELD") == 1
    assert played.refusals["restart alone"].code == "not_permitted"
    assert [each["severity"] for each in played.record["exceptions"] if each["kind"] == "Wrong bag scanned"] == [
        "critical"
    ]
    wrong = [scan for scan in played.chain["scans"] if scan["code"] == played.manufacture.wrong_bag]
    assert [(scan["verdict"], scan["by"]) for scan in wrong] == [("wrong", "Olga Berger")]
    noted = played.house["anna"].pages("security-events", username="olga")
    assert any(each["kind"] == "wrong_bag" for each in noted)


def test_the_held_step_went_on_after_the_supervisor_had_signed(played: Played) -> None:
    key = played.script.held_at
    texts = [each for each in played.record["exceptions"] if each["step"].startswith(key)]
    assert any(played.script.why_held in each["text"] for each in texts)
    assert played.steps[key]["status"] == "COMPLETE"


# --- release ----------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-162")
def test_release_was_refused_with_everything_that_stood_in_its_way(played: Played) -> None:
    refusal = played.refusals["release by petra"]
    assert refusal.code == "release_blocked"
    assert refusal.reasons() >= {"exception_undecided", "record_not_reviewed", "audit_trail_not_reviewed"}
    assert played.blocks_before["ready"] is False
    assert played.blocks_before["ready_with_pending"] is False
    played.house.go_round()
    assert played.get("petra", f"{played.path}/review")["blocks"] == []


@pytest.mark.req("R-163")
def test_who_worked_on_the_batch_could_not_release_it(played: Played) -> None:
    assert played.refusals["release by sven"].code == "not_permitted"


@pytest.mark.req("R-165")
def test_product_in_quarantine_could_not_be_shipped(played: Played) -> None:
    assert played.refusals["ship"].code == "not_released"


def test_each_release_made_a_certificate_that_names_what_was_pending(played: Played) -> None:
    late = played.script.late
    assert [each["decision"] for each in played.certificates] == (["released_pending"] if late else []) + ["released"]
    papers = [
        words_of(played.house["petra"].download(f"certificates/{each['id']}/pdf")) for each in played.certificates
    ]
    assert [paper.count("Result pending") for paper in papers] == ([len(late)] if late else []) + [0]
    assert ("supersedes version 1" in papers[-1]) == bool(late)


def test_results_that_came_late_found_the_product_with_the_patient(played: Played) -> None:
    infused_at = moment(played.chain["infusions"][0]["ended_at"])
    at_release = [each for each in played.quality.reported if each["stage"] == "release"]
    late = {each["test_id"] for each in at_release if moment(each["tested_at"]) > infused_at}
    assert late == set(played.script.late)


@pytest.mark.req("R-150")
def test_every_result_was_signed_by_its_analyst_and_checked_by_another(played: Played) -> None:
    assert len(played.quality.reported) == sum(len(stage) for stage in played.script.results.values())
    for each in played.quality.reported:
        assert (each["analyst"], each["checked_by"], each["status"]) == ("Carl Weiss", "Cora Stein", "checked")
        assert [line["meaning"] for line in each["signatures"]] == ["performed", "checked"]


@pytest.mark.req("R-159")
@pytest.mark.req("R-160")
def test_the_certificate_says_exactly_what_the_laboratory_reported(played: Played) -> None:
    text = played.certificate
    for stage in played.script.results.values():
        for value, unit in stage.values():
            assert f"{value} {unit}".strip() in text or grouped(value) in text, (value, unit)
    for fact in (played.batch["number"], played.batch["coi_id"], played.script.product, "Petra Novak", "released"):
        assert fact in text
    assert all(each["number"] in text for each in played.record["deviations"])
    assert "fail" not in text.replace("If one of them fails", "")


# --- the chain --------------------------------------------------------------------------------------------------------


@pytest.mark.req("R-127")
def test_the_chain_from_vein_to_vein_has_no_gap_and_no_orphan(played: Played) -> None:
    chain = played.chain
    assert chain["problems"] == []
    assert (chain["is_unbroken"], chain["is_closed"]) == (True, True)
    assert [each["outcome"] for each in chain["infusions"]] == ["complete"]
    moved_into = {label for move in chain["moves"] for label in move["targets"]}
    collected = {each["label"] for each in chain["containers"] if each["holds"] == "starting"}
    for container in chain["containers"]:
        assert container["label"] in moved_into | collected, container["label"]


@pytest.mark.req("R-119")
def test_one_identifier_stands_on_everything_of_this_patient(played: Played) -> None:
    coi_id = played.journey.order["coi_id"]
    assert played.record["coi_id"] == played.chain["coi_id"] == coi_id
    for paper in (played.certificate, played.batch_record, played.chain_report):
        assert coi_id in paper


@pytest.mark.req("R-125")
def test_no_paper_of_the_factory_holds_the_name_of_the_patient(played: Played) -> None:
    for paper in (played.certificate, played.batch_record, played.chain_report, played.journey.order["coi_id"]):
        assert "Muster" not in paper


def test_the_batch_record_as_pdf_says_what_the_export_says(played: Played) -> None:
    text = played.batch_record
    for step in played.record["steps"]:
        assert f"{step['key']} {step['title']}" in text
        for attempt in step["attempts"]:
            for value in attempt["values"]:
                assert value["label"] in text, step["key"]
                assert f"{value['value']} {value['unit']}".strip() in text, step["key"]


def test_every_print_names_the_scale_of_the_demonstration_clock(played: Played) -> None:
    for paper in (played.certificate, played.batch_record, played.chain_report):
        assert "demonstration clock ×2" in paper


def test_the_records_are_what_was_sealed(played: Played) -> None:
    played.house.go_round()
    verdict = verify()
    assert verdict.findings == []
    assert verdict.events > 200


# --- the machines -----------------------------------------------------------------------------------------------------

# Recipe → the units it worked with over their own protocols.
SPOKEN_WITH = {
    "CART-A": {"PROC-4": "opcua", "CNT-3": "file_drop"},
    "CART-B": {"PROC-4": "opcua", "RBX-2": "opcua", "INC-1": "modbus", "CRF-1": "sila", "CNT-3": "file_drop"},
}


@pytest.mark.req("R-102")
def test_every_command_was_confirmed_by_what_the_device_itself_showed(played: Played) -> None:
    commands = commands_of(played)
    assert {each.status for each in commands} == {"confirmed"}
    adapters = {each.unit.code: each.unit.adapter for each in commands}
    assert {code: name for code, name in adapters.items() if name != "simulator"} == SPOKEN_WITH[played.script.product]
    for each in commands:
        assert each.unit.adapter == "file_drop" or each.read_back["mode"] == each.name, each


def test_a_device_that_tells_its_own_time_left_no_hour_out(played: Played) -> None:
    """Twelve days pass at a leap: what was measured meanwhile is told at the next look, each value at its hour."""
    for code, tag in (("PROC-4", "temperature"), ("RBX-2", "temperature"), ("GAS-1", "oxygen")):
        hours = [at for at in told_by(code, tag) if at.timestamp() % 3600 == 0]
        assert (hours[-1] - hours[0]).days >= 11, code
        assert {later - earlier for earlier, later in pairwise(hours)} == {timedelta(hours=1)}, code


def test_devices_that_are_only_asked_were_asked_throughout(played: Played) -> None:
    for code, tag in (("INC-1", "temperature"), ("CRF-1", "chamber_temperature")):
        times = told_by(code, tag)
        assert (times[-1] - times[0]).days >= 11, code


def test_the_viability_is_what_the_file_of_the_counter_says(played: Played) -> None:
    counted = [each for each in played.quality.reported if each["test_id"] == "viability"]
    assert counted
    for each in counted:
        assert f"{each['sample']}.csv of CNT-3" in each["raw_data"], each
        assert InstrumentRun.objects.get(sample_id=each["sample"]).file.unit.code == "CNT-3"
