"""Rules across the document: each breach is one fault, at its place."""

import pytest

from recipes.document import faults_in, load
from recipes.library import source_of
from recipes.reading import facts_of
from tests.given.batches import SHORT
from tests.given.recipes import changed

A = source_of("CART-A")
B = source_of("CART-B")


def faults(source: str, before: str, after: str) -> list[tuple[str, str]]:
    """Fields and messages of the faults one change makes."""
    return [(each.field, each.message) for each in faults_in(changed(source, before, after))]


def only(found: list[tuple[str, str]]) -> tuple[str, str]:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.req("R-078")
def test_a_material_measured_in_two_units_is_refused() -> None:
    before = "{code: HS-AB, quantity: 120, unit: mL"
    field, message = only(faults(A, before, "{code: HS-AB, quantity: 0.12, unit: L"))
    assert field.endswith("materials[1].unit")
    assert message == "material HS-AB is measured in mL and here in L"


@pytest.mark.req("R-078")
def test_a_material_weighed_in_grams_and_ounces_is_refused() -> None:
    grams = A.replace("quantity: 120, unit: mL", "quantity: 120, unit: g")
    assert faults_in(grams) == []
    before = "{code: HS-AB, quantity: 120, unit: g"
    found = faults(grams, before, "{code: HS-AB, quantity: 4, unit: oz")
    assert only(found)[1] == "material HS-AB is measured in g and here in oz"


@pytest.mark.req("R-078")
@pytest.mark.parametrize("gone", [", unit: mL, citation", ", unit: mL, tolerance_percent"])
def test_an_amount_without_a_unit_is_refused(gone: str) -> None:
    after = gone.replace(", unit: mL", "")
    assert any(message == "is missing" and field.endswith("unit") for field, message in faults(A, gone, after))


def test_only_a_step_with_equipment_is_held_by_its_silence() -> None:
    field, message = only(
        faults(SHORT, "illustrative: true\n", "illustrative: true\n            hold_when_silent: true\n")
    )
    assert (field.endswith("hold_when_silent"), message) == (True, "step S020 has no equipment that could fall silent")


@pytest.mark.parametrize(
    ("before", "after", "field", "message"),
    [
        ("      - id: OP020", "      - id: OP010", "operations[1]", "“OP010” is used twice"),
        ("          - id: S040", "          - id: S030", "steps[0]", "“S030” is used twice"),
        ("{as: counter,", "{as: cabinet,", "equipment[1]", "“cabinet” is used twice"),
        ("equipment: counter\n", "equipment: scale\n", ".equipment", "not in the equipment list"),
        (
            "    equipment: cabinet\n    operations",
            "    equipment: x\n    operations",
            "procedure[0].equipment",
            "equipment list",
        ),
        ("            equipment: counter\n", "", ".equipment", "S040 is a equipment_command and needs"),
        ("{as: sealer,", "{as: other,", "equipment[3]", "never used"),
        (
            "text: Fill the wash bag from the buffer. Spin. Take the supernatant off.",
            "text: ''",
            ".text",
            "tells nobody",
        ),
        ("{action: fill, into: [{kind: bag, count: 1}]}", "{action: fill, into: []}", ".into", "must not be empty"),
        ("choices: [homogeneous, clumps, clot]", "choices: [homogeneous]", ".choices", "two choices"),
        ("accepted: [homogeneous]", "accepted: [clear]", ".accepted", "“clear” is not an answer"),
        ("window: {after: S190,", "window: {after: S250,", ".window.after", "S250 is not an earlier step"),
        ("at_most_minutes: 24480", "at_most_minutes: 14399", ".window", "closes before it opens"),
        ("when: S070 == 'wash'", "when: S070 = wash", ".when", "a condition reads like"),
        ("when: S070 == 'wash'", "when: S050 == 'wash'", ".when", "S050 is not an earlier decision"),
        ("when: S070 == 'wash'", "when: S070 == 'rinse'", ".when", "“rinse” is not a choice of S070"),
        ("viability: S050.viability}", "viability: S050.vitality}", ".inputs.viability", "S050 records no “vitality”"),
        ("viability: S050.viability}", "viability: S160.viability}", ".inputs.viability", "not an earlier step"),
        ("moi: parameter.moi", "moi: parameter.dose", ".inputs.moi", "there is no parameter “dose”"),
        (
            "lot.VEC-CD20.titre_tu_per_ml",
            "lot.VEC-CD19.titre_tu_per_ml",
            ".inputs.titre",
            "not an input of the formula",
        ),
        ("lot.VEC-CD20.titre_tu_per_ml", "lot.VEC-CD20.colour", ".inputs.titre", "a lot has no “colour”"),
        ("weight: order.weight_kg", "weight: order.height", ".inputs.weight", "an order has no “height”"),
        ("weight: order.weight_kg", "weight: 70", ".inputs.weight", "is not a reference"),
        ("actual: S330.viable_cells", "actual: S330.dead_cells", "outputs[0].actual", "not a value of this recipe"),
        ("low: 70, high: 100, alert_low: 85", "low: 101, high: 100, alert_low: 85", ".entries[1]", "must read low"),
        ("low: 70, high: 100, alert_low: 85", "low: 70, high: 100, alert_low: 65", ".entries[1]", "must read low"),
        (
            "low: 10, high: 100, alert_low: 20}",
            "low: 100, high: 100, low_strict: true}",
            ".entries[2]",
            "no value lies",
        ),
        ("low_percent: 20", "low_percent: 300", "outputs[0]", "low_percent must be below"),
        ("{code: CD4-BEADS, quantity: 7.5,", "{code: CD9-BEADS, quantity: 7.5,", ".code", "CD9-BEADS is not an input"),
        ("quantity_from: S220.vector_volume, unit", "unit", "materials[0]", "needs either quantity or quantity_from"),
        ("name: prime}", "name: fly}", ".command.name", "a cell_processor has no command “fly”"),
        (
            "{temperature: {parameter: selection_temperature}}",
            "{heat: {parameter: selection_temperature}}",
            ".heat",
            "takes no set-point “heat”",
        ),
        (
            "dilution: {value: 10, illustrative",
            "dilution: {value: 10000, illustrative",
            ".dilution",
            "outside what the unit can do",
        ),
        (
            "dilution: {value: 10, illustrative",
            "dilution: {value: 10, unit: mL, illustrative",
            ".dilution",
            "not in mL",
        ),
        ("dilution: {value: 10, illustrative: true}", "dilution: {}", ".dilution", "needs either value or parameter"),
        ("low: 5, high: 10, changeable: true", "high: 10, changeable: true", "parameters[0]", "needs low and high"),
        ("target: 7.5, low: 5", "target: 4.5, low: 5", "parameters[0]", "outside its limits"),
        ('citation: "FI2024, dose', 'citation: "FI2034, dose', "parameters[1].citation", "id of a citation"),
        ("formula: dose\n", "formula: dosis\n", ".calculation.formula", "“dosis”, which is not an input"),
        ("formula: recovery\n", "formula: recovery\n", "", ""),
        (
            "result: target_dose\n              name: Target dose\n              unit: cell",
            "result: target_dose\n              name: Target dose\n              unit: mL",
            ".calculation.formula",
            "the result is cell",
        ),
        ("            parallel: day5\n            entries", "            entries", "", ""),
    ],
)
def test_breaches_are_told_at_their_place(before: str, after: str, field: str, message: str) -> None:
    source = A if before in A else B
    found = faults(source, before, after)
    if not message:
        assert found == []
        return
    assert any(place.endswith(field) and message in words for place, words in found), found


@pytest.mark.req("R-079")
@pytest.mark.parametrize("gone", ["theoretical: 3E9, ", "low_percent: 20, ", "high_percent: 300, "])
def test_a_yield_without_theory_or_limits_is_refused(gone: str) -> None:
    field = f"formula.outputs[0].{gone.split(':', maxsplit=1)[0]}"
    assert (field, "is missing") in faults(A, gone, "")


@pytest.mark.req("R-081")
def test_a_command_without_an_equipment_class_is_refused() -> None:
    found = faults(A, "            equipment: counter\n", "")
    assert any("needs “equipment”" in message for _, message in found)


def test_a_part_of_another_kind_does_not_belong_to_a_step() -> None:
    before = "            kind: instruction\n"
    found = faults(A, before, before + "            hold: {minutes: 5, illustrative: true}\n")
    assert "“hold” does not belong to it" in only(found)[1]


def test_a_full_credential_without_a_signature_is_refused() -> None:
    before = "signature: performed, severity: critical}"
    after = "signature: none, credential: full, severity: critical}"
    assert only(faults(SHORT, before, after))[0].endswith("credential")


@pytest.mark.parametrize("kind", ["line_clearance", "signature"])
def test_a_clearance_by_one_person_and_an_unsigned_signature_step_are_refused(kind: str) -> None:
    policy = "verified_observed" if kind == "line_clearance" else "performed"
    start = A.index(f"kind: {kind}\n")
    tail = A[start:].replace(f"signature: {policy}", "signature: none", 1)
    assert [f.field for f in faults_in(A[:start] + tail) if f.field.endswith("signature")] != []


@pytest.mark.req("R-060")
def test_what_is_typed_and_critical_is_checked_by_a_second_person() -> None:
    written = 'type: yes_no, accepted: ["yes"], critical: true}'
    start = A.index(written)
    alone = A[:start] + A[start:].replace("signature: verified_observed", "signature: performed", 1)
    assert only([(f.field, f.message) for f in faults_in(alone)]) == (
        "procedure[0].operations[0].steps[1].entries[0]",
        "step S020: “bag_intact” is critical, so the step is signed by a second person too",
    )


def test_a_figure_with_neither_citation_nor_mark_is_refused() -> None:
    found = faults(A, "target: 20, low: 18, high: 24, illustrative: true", "target: 20, low: 18, high: 24")
    assert only(found) == (
        "formula.parameters[2]",
        "has figures and neither a citation nor the mark illustrative: true",
    )


def test_a_set_point_with_neither_citation_nor_mark_is_refused() -> None:
    field, message = only(faults(A, "{value: 10, illustrative: true}", "{value: 10}"))
    assert field.endswith("command.setpoints.dilution")
    assert "neither a citation" in message


def test_a_figure_is_either_published_or_illustrative() -> None:
    found = faults(A, "unit: TU/cell, target", "unit: TU/cell, illustrative: true, target")
    assert "both cited and illustrative" in only(found)[1]


def test_a_step_may_hang_on_a_decision_that_hangs_on_another() -> None:
    steps = (
        "          - id: S131\n            kind: decision\n            title: Again\n"
        "            when: S050 == 'direct'\n"
        "            decision: {question: Again, choices: [more, less]}\n"
        "          - id: S132\n            kind: instruction\n            title: More\n"
        "            text: Once more.\n            when: S131 != 'less'\n"
    )
    place = "          - id: S140\n"
    assert faults(B, place, steps + place) == []


def test_a_condition_on_itself_is_refused() -> None:
    found = faults(A, "            kind: decision\n", "            kind: decision\n            when: S070 == 'wash'\n")
    assert any("S070 is not an earlier decision" in message for _, message in found)


def test_a_value_that_may_not_exist_is_not_computed_with() -> None:
    before = "          - id: S150\n            kind: entry\n"
    after = "          - id: S150\n            kind: entry\n            when: S050 == 'direct'\n"
    found = faults(B, before, after)
    assert found
    assert all("may be skipped" in message for _, message in found)


def test_parallel_steps_do_not_wait_for_each_other() -> None:
    before = "            parallel: day5\n            entries"
    window = "            window: {after: S270, at_most_minutes: 60, illustrative: true}\n"
    field, message = only(faults(A, before, window + before))
    assert field.endswith("window.after")
    assert "not an earlier step" in message


def test_a_parallel_step_apart_from_its_group_is_refused() -> None:
    group = "            parallel: day5\n"
    first = A.index(group) + len(group)
    alone = A[:first] + A[first:].replace(group, "", 1)
    title = "            title: Culture to day 10\n"
    assert faults_in(alone) == []
    field, message = only(faults(alone, title, title + group))
    assert field.endswith("steps[2].parallel")
    assert "stands apart" in message


PHOTOS = "photos: [{id: bag, name: The bag}, {id: %s, name: The seal, required: false, at_most: 2}]\n            "


def test_a_step_of_any_kind_may_ask_for_photos_and_reads_so() -> None:
    document = load(changed(SHORT, "entries:\n              - {id: bag_intact", with_photos("seal")))
    step = document.steps["S020"]
    read = [(each.label, each.value) for each in facts_of(document, step) if each.label.startswith("Photo")]
    assert read == [("Photo: The bag", "one"), ("Photo: The seal", "up to 2, where it helps")]


def test_two_photos_of_one_name_are_refused() -> None:
    found = faults(SHORT, "entries:\n              - {id: bag_intact", with_photos("bag"))
    field, message = only(found)
    assert field.endswith("photos[1]")
    assert message == "“bag” is used twice"


def with_photos(second: str) -> str:
    return PHOTOS % second + "entries:\n              - {id: bag_intact"


@pytest.mark.parametrize(("budget", "found"), [("{minutes: 0, steps: 0}", 0), ("{minutes: 15, steps: 0}", 1)])
def test_a_budget_without_network_is_whole_or_nothing(budget: str, found: int) -> None:
    change = "\n  change: "
    assert len(faults(A, change, f"\n  offline: {budget}{change}")) == found
