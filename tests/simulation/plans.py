"""Small recipes drawn from a seed: as plain values for the model, as YAML for the engine."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

import yaml


@dataclass(frozen=True)
class Value:
    """A number somebody records or the system computes, with its limits; a missing end is open."""

    name: str
    low: Decimal | None = None
    high: Decimal | None = None
    strict: bool = False
    alert_low: Decimal | None = None
    required: bool = True


@dataclass(frozen=True)
class Plan:
    """One step. `when` is (decision, choice, must it be chosen), `window` (after, at least, at most) in minutes,
    `hold` (minutes, tolerance), `computed_from` the step whose volume is doubled."""

    key: str
    place: tuple[int, int]
    kind: str
    group: str = ""
    when: tuple[str, str, bool] | None = None
    window: tuple[str, int | None, int | None] | None = None
    values: tuple[Value, ...] = ()
    hold: tuple[int, int] | None = None
    commands: bool = False
    choices: tuple[str, ...] = ()
    computed_from: str = ""
    result: Value | None = None
    material: str = ""
    signature: str = "none"
    severity: str = "medium"
    blocks: bool = False

    @property
    def uses_unit(self) -> bool:
        return self.commands or self.hold is not None


CHOICES = ("left", "right")
KINDS = ("entry", "entry", "instruction", "timed_hold", "timed_hold", "equipment_command", "decision", "calculation")
SIGNED = ("none", "none", "performed", "verified_observed")
SEVERE = ("low", "medium", "high")
LOW, ALERT, HIGH = Decimal(50), Decimal(80), Decimal(400)


def draw(chance: Random) -> tuple[Plan, ...]:
    """Two unit procedures of one or two operations of one to four steps; a group stands side by side in one of them."""
    plans: list[Plan] = [Plan("S010", (1, 1), "entry", values=(_value(chance, "volume"),), signature="performed")]
    number = 10
    for procedure in (1, 2):
        for operation in range(1, chance.choice((1, 2)) + 1):
            together = chance.random() < 0.5
            whole = _condition(chance, plans) if chance.random() < 0.3 else None
            for _ in range(chance.choice((1, 2, 3))):
                number += 10
                plan = _step(chance, f"S{number:03}", (procedure, operation), plans, grouped=together)
                plan = plan if _is_neighbour(plan, plans) else replace(plan, group="")
                plans.append(replace(plan, when=whole) if whole else plan)
    return _with_addition(chance, plans)


def _is_neighbour(plan: Plan, before: list[Plan]) -> bool:
    """Steps of a group stand next to each other."""
    same = [each for each in before if each.place == plan.place]
    return not any(each.group for each in same) or same[-1].group == plan.group


def _with_addition(chance: Random, plans: list[Plan]) -> tuple[Plan, ...]:
    """Every recipe uses a material somewhere; the step begins with a scan of the patient's label."""
    place = chance.choice(plans).place
    at = max(number for number, each in enumerate(plans) if each.place == place) + 1
    key = f"{plans[at - 1].key[:-1]}5"
    addition = Plan(key, place, "material_addition", material="PBS", signature="performed")
    return (*plans[:at], addition, *plans[at:])


def _step(chance: Random, key: str, place: tuple[int, int], before: list[Plan], *, grouped: bool) -> Plan:
    kind = chance.choice(KINDS)
    plan = Plan(
        key,
        place,
        kind,
        signature=chance.choice(SIGNED),
        severity=chance.choice(SEVERE),
        blocks=chance.random() < 0.25,
        when=_condition(chance, before) if chance.random() < 0.35 else None,
        group="side" if grouped and kind not in {"decision", "calculation"} and place != (1, 1) else "",
    )
    earlier = [each for each in before if not (plan.group and (each.group, each.place) == (plan.group, place))]
    if chance.random() < 0.35:
        plan = replace(plan, window=_window(chance, earlier))
    return _with_parts(chance, plan)


def _with_parts(chance: Random, plan: Plan) -> Plan:
    if plan.kind == "entry":
        second = (_value(chance, "second", required=False),) if chance.random() < 0.4 else ()
        return replace(plan, values=(_value(chance, "volume"), *second))
    if plan.kind == "timed_hold":
        hold = (chance.choice((5, 60, 600)), chance.choice((0, 2, 5)))
        values = (_value(chance, "volume"),) if chance.random() < 0.3 else ()
        return replace(plan, hold=hold, commands=chance.random() < 0.4, values=values)
    if plan.kind == "equipment_command":
        return replace(plan, commands=True)
    if plan.kind == "decision":
        return replace(plan, choices=CHOICES)
    if plan.kind == "calculation":
        result = Value("double", low=2 * LOW, high=2 * HIGH, alert_low=2 * ALERT)
        return replace(
            plan, computed_from="S010", result=result, signature=chance.choice(("none", "none", "performed"))
        )
    return plan


def _value(chance: Random, name: str, *, required: bool = True) -> Value:
    return Value(name, LOW, HIGH, strict=chance.random() < 0.3, alert_low=ALERT, required=required)


def _window(chance: Random, earlier: list[Plan]) -> tuple[str, int | None, int | None]:
    least, most = chance.choice(((10, None), (None, 120), (10, 120), (10, 10)))
    return chance.choice(earlier).key, least, most


def _condition(chance: Random, before: list[Plan]) -> tuple[str, str, bool] | None:
    decisions = [each.key for each in before if each.kind == "decision"]
    return (chance.choice(decisions), chance.choice(CHOICES), chance.random() < 0.7) if decisions else None


def source(code: str, plans: tuple[Plan, ...]) -> str:
    """The recipe as its engineer would import it."""
    procedure = [
        {
            "id": f"UP{up:02}",
            "name": f"Unit procedure {up}",
            "equipment": "incubator",
            "operations": [
                {"id": f"OP{up}{op}0", "name": f"Operation {up}.{op}", "day": 0, "steps": _steps(plans, (up, op))}
                for op in sorted({each.place[1] for each in plans if each.place[0] == up})
            ],
        }
        for up in sorted({each.place[0] for each in plans})
    ]
    return yaml.safe_dump(_frame(code) | {"procedure": procedure}, sort_keys=False, allow_unicode=True)


def _steps(plans: tuple[Plan, ...], place: tuple[int, int]) -> list[dict[str, object]]:
    return [_written(each) for each in plans if each.place == place]


def _written(plan: Plan) -> dict[str, object]:
    step: dict[str, object] = {
        "id": plan.key,
        "kind": plan.kind,
        "title": f"{plan.kind} {plan.key}",
        "text": "As it says.",
        "illustrative": True,
        "signature": plan.signature,
        "severity": plan.severity,
        "blocks": plan.blocks,
    }
    if plan.when:
        decision, choice, chosen = plan.when
        step["when"] = f"{decision} {'==' if chosen else '!='} '{choice}'"
    if plan.window:
        names = ("after", "at_least_minutes", "at_most_minutes")
        step["window"] = {name: each for name, each in zip(names, plan.window, strict=True) if each is not None}
    return step | _parts(plan)


def _parts(plan: Plan) -> dict[str, object]:
    parts: dict[str, object] = {"parallel": plan.group} if plan.group else {}
    if plan.values:
        parts["entries"] = [{"id": each.name, "name": each.name, **_limits(each)} for each in plan.values]
    if plan.uses_unit:
        parts["equipment"] = "incubator"
    if plan.hold:
        parts["hold"] = {"minutes": plan.hold[0], "tolerance_minutes": plan.hold[1]}
    if plan.commands:
        parts["command"] = {"name": "incubate", "setpoints": {"temperature": {"value": 38, "unit": "°C"}}}
    if plan.material:
        parts["materials"] = [{"code": plan.material, "quantity": 1, "unit": "mL", "tolerance_percent": 5}]
    if plan.choices:
        parts["decision"] = {"question": "Which way?", "choices": list(plan.choices)}
    if plan.result:
        calculation = {"formula": "2 * volume", "inputs": {"volume": f"{plan.computed_from}.volume"}}
        limits = {name: each for name, each in _limits(plan.result).items() if name not in {"precision", "required"}}
        parts["calculation"] = calculation | {"result": plan.result.name, **limits}
    return parts


def _limits(value: Value) -> dict[str, object]:
    ends = {"low": value.low, "high": value.high, "alert_low": value.alert_low}
    known = {name: float(each) for name, each in ends.items() if each is not None}
    strict = {"low_strict": value.strict, "high_strict": value.strict}
    return {"unit": "mL", "precision": 1, "required": value.required} | known | strict


def _frame(code: str) -> dict[str, object]:
    product = {"code": code, "name": "Cells", "strength": "1", "dosage_form": "Dispersion", "batch_size": "One dose"}
    theory = {"theoretical": 120, "low_percent": 10, "high_percent": 900, "illustrative": True}
    return {
        "recipe": {
            "code": code,
            "name": f"Drawn recipe {code}",
            "kind": "autologous",
            "product": product,
            "duration_days": 1,
            "change": "First version.",
        },
        "equipment": [{"as": "incubator", "class": "incubator"}],
        "formula": {
            "parameters": [{"id": "moi", "name": "Ratio", "target": 5, "low": 4, "high": 6, "illustrative": True}],
            "inputs": [{"material": "PBS", "name": "Buffer", "quantity": 1, "unit": "mL", "illustrative": True}],
            "outputs": [{"id": "volume", "name": "Volume", "unit": "mL", **theory}],
        },
        "information": {
            "containers": ["Bag"],
            "labels": ["Bag label"],
            "sampling": "None.",
            "specifications": [code],
            "precautions": ["Material of one patient only."],
        },
    }
