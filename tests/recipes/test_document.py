"""Documents: read without a float, faults told with line and field."""

import json
from copy import deepcopy
from decimal import Decimal

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from equipment.classes import EQUIPMENT_CLASSES
from mes.quantities import Quantity
from recipes.document import DocumentFault, RecipeDocument, faults_in, load
from recipes.document.schema import current_schema, published_schema
from recipes.errors import RecipeInvalid
from recipes.library import CODES, source_of
from tests.given.recipes import changed

SOURCE = source_of("CART-A")


def line_of(source: str, text: str) -> int:
    return source[: source.index(text)].count("\n") + 1


def fault_after(before: str, after: str, at: str = "") -> tuple[DocumentFault, int]:
    """The one fault the change makes, and the line of the text it must point to."""
    source = changed(SOURCE, before, after)
    faults = faults_in(source)
    assert len(faults) == 1, faults
    return faults[0], line_of(source, at or after)


@pytest.mark.parametrize("code", CODES)
def test_library_recipes_are_recipes(code: str) -> None:
    assert faults_in(source_of(code)) == []
    assert load(source_of(code)).recipe.code == code


@pytest.mark.parametrize("code", CODES)
def test_the_stored_form_reads_back_the_same(code: str) -> None:
    document = load(source_of(code))
    assert RecipeDocument.from_json(json.loads(json.dumps(document.to_json()))) == document


@pytest.mark.parametrize("code", CODES)
def test_library_recipes_use_every_kind_of_step(code: str) -> None:
    kinds = {step.kind for step in load(source_of(code)).steps.values()}
    assert len(kinds) == 12


@pytest.mark.parametrize("code", CODES)
def test_every_figure_on_the_library_recipes_is_cited_or_marked_illustrative(code: str) -> None:
    document = load(source_of(code))
    parts = (*document.formula.parameters, *document.formula.inputs, *document.formula.outputs)
    assert all(part.has_source for part in parts)


def test_numbers_are_the_digits_written() -> None:
    source = changed(SOURCE, "target: 7.5", "target: 7.50000000000000000001")
    assert load(source).parameters["moi"].target == Decimal("7.50000000000000000001")


@pytest.mark.parametrize("number", ["7,5", "about 7", ".nan", "NaN", "1_0", "0x7", "true", ""])
def test_what_is_not_a_number_is_told(number: str) -> None:
    fault, line = fault_after("target: 7.5", f'target: "{number}"')
    assert (fault.line, fault.field) == (line, "formula.parameters[0].target")
    assert "not a number" in fault.message


@pytest.mark.parametrize(
    ("before", "after", "at", "field", "message"),
    [
        ("  kind: autologous", "  kind: other", "", "recipe.kind", "autologous"),
        ("  duration_days: 12\n", "", "recipe:", "recipe.duration_days", "is missing"),
        ("  name: CAR-T,", "  colour: CAR-T,", "recipe:", "recipe.name", "is missing"),
        ("unit: TU/cell", "unit: TU/zell", "", "formula.parameters[0].unit", "not known"),
        ("class: cell_counter", "class: oven", "", "equipment[1].class", "not an equipment class"),
        ("  code: CART-A\n", "  code: CART-A\n  code: CART-B\n", "  code: CART-B", "recipe.code", "twice"),
        ("  change: First version.", "  change: &a First.", "", "", ""),
    ],
)
def test_type_faults_name_line_and_field(before: str, after: str, at: str, field: str, message: str) -> None:
    source = changed(SOURCE, before, after)
    told = [(fault.line, fault.field) for fault in faults_in(source)]
    if not field:
        assert told == []
        return
    assert (line_of(source, at or after), field) in told
    assert any(message in fault.message for fault in faults_in(source))


def test_an_alias_is_refused_instead_of_expanded() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
    assert all("aliases" in fault.message for fault in faults_in(bomb))
    assert faults_in("a: &a [*a]\n")[0].line == 1


def test_text_that_is_not_yaml_is_told_with_its_line() -> None:
    fault = faults_in("recipe:\n  code: [A\nequipment: 1\n")[0]
    assert (fault.line, fault.field) == (3, "")
    assert "not YAML" in fault.message


@pytest.mark.parametrize("text", ["", "just words", "- a\n- b\n", "{}", "? [a]\n: b\n", "\x00"])
def test_text_that_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(RecipeInvalid) as refusal:
        load(text)
    assert refusal.value.status == 400
    assert refusal.value.details["faults"]


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_gives_faults_and_never_an_error(text: str) -> None:
    assert faults_in(text)


@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_recipe_with_a_line_missing_is_a_recipe_or_has_faults_with_places(data: st.DataObject) -> None:
    lines = SOURCE.splitlines(keepends=True)
    gone = data.draw(st.integers(0, len(lines) - 1))
    for fault in faults_in("".join(lines[:gone] + lines[gone + 1 :])):
        assert 1 <= fault.line <= len(lines)
        assert fault.message


@pytest.mark.req("R-082")
@pytest.mark.parametrize("part", ["recipe", "equipment", "formula", "procedure", "information"])
def test_a_recipe_without_one_of_its_parts_is_refused(part: str) -> None:
    content = yaml.safe_load(SOURCE)
    del content[part]
    with pytest.raises(RecipeInvalid) as refusal:
        load(yaml.safe_dump(content))
    assert part in [fault["field"] for fault in refusal.value.details["faults"]]
    assert refusal.value.status == 400


@pytest.mark.req("R-082")
@pytest.mark.parametrize("part", ["parameters", "inputs", "outputs"])
def test_a_formula_without_one_of_its_parts_is_refused(part: str) -> None:
    content = yaml.safe_load(SOURCE)
    content["formula"][part] = []
    faults = faults_in(yaml.safe_dump(content))
    assert f"formula.{part}" in [fault.field for fault in faults]


@pytest.mark.req("R-073")
@pytest.mark.parametrize(
    "path",
    [
        "recipe.product.name",
        "recipe.product.strength",
        "recipe.product.dosage_form",
        "recipe.product.batch_size",
        "formula.inputs",
        "formula.outputs",
        "information.containers",
        "information.labels",
        "information.sampling",
        "information.specifications",
        "information.precautions",
    ],
)
def test_a_master_record_with_an_empty_part_is_refused_and_the_gap_is_named(path: str) -> None:
    content = yaml.safe_load(SOURCE)
    *parents, last = path.split(".")
    part = content
    for name in parents:
        part = part[name]
    part[last] = [] if isinstance(part[last], list) else ""
    with pytest.raises(RecipeInvalid) as refusal:
        load(yaml.safe_dump(content, allow_unicode=True))
    assert path in [fault["field"] for fault in refusal.value.details["faults"]]


@pytest.mark.req("R-081")
def test_an_operation_directly_under_the_procedure_is_refused() -> None:
    content = yaml.safe_load(SOURCE)
    content["procedure"].append(deepcopy(content["procedure"][0]["operations"][0]))
    told = {fault.field: fault.message for fault in faults_in(yaml.safe_dump(content))}
    assert told["procedure[3].operations"] == "is missing"
    assert "procedure[3].steps" in told


@pytest.mark.req("R-081")
def test_a_phase_directly_under_a_unit_procedure_is_refused() -> None:
    content = yaml.safe_load(SOURCE)
    up = content["procedure"][0]
    up["operations"].append(deepcopy(up["operations"][0]["steps"][0]))
    told = [fault.field for fault in faults_in(yaml.safe_dump(content))]
    assert "procedure[0].operations[2].steps" in told


def test_set_points_carry_the_value_of_their_parameter() -> None:
    document = load(SOURCE)
    hold = next(step for step in document.steps.values() if step.title == "Culture to day 5")
    assert document.class_of(hold) == "cell_processor"
    assert document.setpoints_of(hold)["temperature"] == Quantity(Decimal(37), "°C")


def test_the_published_schema_is_current() -> None:
    message = "run: python -m recipes.document.schema"
    assert published_schema() == json.loads(current_schema()), message


@pytest.mark.parametrize("code", CODES)
def test_library_recipes_satisfy_the_published_schema(code: str) -> None:
    Draft202012Validator.check_schema(published_schema())
    validator = Draft202012Validator(published_schema())
    assert list(validator.iter_errors(yaml.safe_load(source_of(code)))) == []


def test_the_schema_lists_the_equipment_classes() -> None:
    need = published_schema()["$defs"]["EquipmentNeed"]
    assert need["properties"]["class"]["enum"] == sorted(EQUIPMENT_CLASSES)
