"""Parameters at batch creation: marked changeable, inside limits, exactly as written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mes.quantities import Quantity
from recipes.document import load
from recipes.errors import ParameterRefused
from recipes.library import source_of
from recipes.parameters import check_parameters, with_parameters

DOCUMENT = load(source_of("CART-A"))
numbers = st.decimals(min_value=-20, max_value=20, places=4)


@pytest.mark.req("R-083")
def test_a_parameter_not_marked_changeable_stays() -> None:
    with pytest.raises(ParameterRefused) as refusal:
        with_parameters(DOCUMENT, {"temperature": "36.5"})
    assert refusal.value.status == 400
    assert [each["code"] for each in refusal.value.details["reasons"]] == ["not_changeable"]


@pytest.mark.req("R-083")
@pytest.mark.parametrize("value", ["4.999", "10.001", "-7.5", "75"])
def test_a_value_outside_the_limits_is_refused(value: str) -> None:
    reasons = check_parameters(DOCUMENT, {"moi": value})
    assert [each.code for each in reasons] == ["outside_limits"]


@pytest.mark.req("R-083")
@pytest.mark.parametrize("value", ["5", "6.25", "10.000"])
def test_a_value_inside_the_limits_replaces_the_target(value: str) -> None:
    control = with_parameters(DOCUMENT, {"moi": value})
    assert control.parameters["moi"].target == Decimal(value)
    assert DOCUMENT.parameters["moi"].target == Decimal("7.5")


def test_a_changed_parameter_reaches_the_set_points() -> None:
    control = with_parameters(DOCUMENT, {"agitation_late": Decimal(150)})
    late = [
        control.setpoints_of(step)["agitation"]
        for step in control.steps.values()
        if step.command and step.command.name == "culture"
    ]
    assert Quantity(Decimal(150), "rpm") in late


def test_the_master_value_of_a_fixed_parameter_may_be_repeated() -> None:
    assert check_parameters(DOCUMENT, {"temperature": "37.0"}) == []


def test_every_reason_is_told() -> None:
    reasons = check_parameters(DOCUMENT, {"colour": "1", "moi": "lots", "co2": "5.2"})
    assert {each.code for each in reasons} == {
        "unknown_parameter",
        "not_a_number",
        "not_changeable",
    }


@given(value=numbers)
def test_the_limits_are_inclusive_and_exact(value: Decimal) -> None:
    allowed = Decimal(5) <= value <= Decimal(10)
    assert (check_parameters(DOCUMENT, {"moi": value}) == []) is allowed
