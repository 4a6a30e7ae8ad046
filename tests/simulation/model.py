"""What must happen: the rules of a batch's life, executable. It knows nothing of Django or of the engine's code.

Every act raises `Refused` with all codes a refusal may carry, or changes the model. `events` and `moves` are what the
act must leave in the record: exactly these, each once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from tests.simulation.plans import Plan, Value
from tests.simulation.tree import BY_ITSELF, FINAL, TABLE, Deviation, Element, Finding, Order, Recorded, Step

MINUTE = 60_000_000
EXECUTE = {"olga", "vera", "sven"}
COMMAND = {"sven"}
BY_COMMANDERS = {"RESTART", "STOP", "ABORT", "RESET"}
WITH_REASON = {"HOLD", "STOP", "ABORT", "RESET"}
ONLY_PEOPLE = {"START", "RESUME", "RESTART"}
SERIOUS = {"high", "critical"}
DISPATCHER = "system:dispatcher"


class Refused(Exception):
    def __init__(self, codes: set[str]) -> None:
        super().__init__(", ".join(sorted(codes)))
        self.codes = codes


def refuse(codes: set[str]) -> None:
    if codes - {""}:
        raise Refused(codes - {""})


def verdict(value: Value, number: Decimal) -> str:
    """Limits belong to the range unless they are strict; judged without rounding."""
    too_low = value.low is not None and number < value.low
    too_high = value.high is not None and number > value.high
    if too_low or too_high or (value.strict and number in {value.low, value.high}):
        return "out_of_limit"
    return "alert" if value.alert_low is not None and number < value.alert_low else "within"


class Model:
    """One batch. `now` is the site's clock in microseconds; whoever drives the model moves it."""

    def __init__(self, plans: tuple[Plan, ...]) -> None:
        self.now = 0
        self.batch = Element("batch")
        self.steps: list[Step] = []
        for plan in plans:
            procedure = self._child(self.batch, f"UP{plan.place[0]:02}")
            operation = self._child(procedure, f"OP{plan.place[0]}{plan.place[1]}0")
            step = Step(plan, operation)
            operation.children.append(step)
            self.steps.append(step)
        self.taken_in, self.taken_by = "", ""  # the step in which the unit was taken, while nobody has checked it
        self.entered = self.bound = self.set_aside = False
        self.clean = True
        self.exceptions: list[Finding] = []
        self.deviations: list[Deviation] = []
        self.orders: list[Order] = []
        self.events: Counter[tuple[str, str]] = Counter()
        self.moves: Counter[tuple[str, str, str]] = Counter()
        self.rows: Counter[tuple[str, str, int]] = Counter()
        self.signatures: Counter[tuple[str, str]] = Counter()

    def _child(self, parent: Element, key: str) -> Element:
        known = next((each for each in parent.children if each.key == key), None)
        if known is None:
            known = Element(key, parent)
            parent.children.append(known)
        return known

    def step(self, key: str) -> Step:
        return next(each for each in self.steps if each.key == key)

    def elements(self) -> list[Element]:
        return [self.batch, *self.batch.below()]

    # -- ISA-88 -------------------------------------------------------------------------------------------------

    def command(self, who: str, key: str, name: str, *, reason: bool, signed: bool, disposition: str = "") -> None:
        target = self.batch if key == "batch" else self.step(key)
        if isinstance(target, Step) and name == "START":
            refuse({"invalid_input"})
        no = {"" if target.can(name) else "wrong_state"}
        no |= {"" if self._may_command(who, name) else "not_permitted"}
        no |= {"signature_refused"} if name in BY_COMMANDERS and not signed else set()
        no |= {"invalid_input"} if name in WITH_REASON and not reason else set()
        if isinstance(target, Step):
            no.add(self._above_forbids(target, name))
        else:
            no |= self._forbids(name, disposition)
        refuse(no)
        scope = "batch" if target is self.batch else "step"
        self._note(f"batches.command_{scope}", who)
        if signed:
            self.signatures[(key, "commanded")] += 1
        self._send(target, name)
        if (target, name) == (self.batch, "START") and not self.entered:
            self.entered = True
            self._note("chain_of_identity.enter_batch", who)
        self._except_for(target, name)
        if name == "ABORT":
            self._end_early(who, target)
        self._settle()

    def _forbids(self, name: str, disposition: str) -> set[str]:
        """A batch goes on with its cells when all that blocks is settled; only its abort says what becomes of them."""
        no = (
            {f"not_startable:{','.join(sorted(self.unsettled()))}"} if name == "RESTART" and self.unsettled() else set()
        )
        no |= {"not_startable:material_not_accepted"} if name == "START" and self.set_aside else set()
        no |= {"incomplete:disposition_missing"} if name == "ABORT" and not disposition else set()
        return no | ({"invalid_input"} if name != "ABORT" and disposition else set())

    def _end_early(self, who: str, target: Element) -> None:
        """What the unit does for the aborted step or batch is ended; the material of the batch is set aside."""
        step = target if isinstance(target, Step) else None
        if step is None:
            self.set_aside = True
            self.signatures[("material", "commanded")] += 1
            self._note("chain_of_identity.set_aside_material", who)
        if self.bound and (step is None or step.plan.commands):
            self.orders.append(Order(step, target.attempt, to_safety=True))
            self._note("equipment.request_command", who)

    def _may_command(self, who: str, name: str) -> bool:
        """The system may bring a batch to a stop; only people let it go on, and only they sign."""
        if who == DISPATCHER:
            return name not in ONLY_PEOPLE
        return who in (COMMAND if name in BY_COMMANDERS else EXECUTE)

    def _above_forbids(self, step: Step, name: str) -> str:
        """A step does not go on by itself inside something that stands, and is not repeated in what is complete."""
        assert step.parent is not None
        if name in {"RESUME", "RESTART"} and step.parent.state != "RUNNING":
            return "wrong_state"
        return "wrong_state" if name == "RESET" and step.parent.state == "COMPLETE" else ""

    def _except_for(self, target: Element, name: str) -> None:
        key = "" if target is self.batch else target.key
        if name in {"HOLD", "STOP", "ABORT"}:
            self._except(key, target.attempt, "interrupted", "low" if name == "HOLD" else "high")
        if name == "RESET":
            self._except(key, target.attempt, "repeated", "medium")

    def _send(self, element: Element, name: str) -> None:
        self._move(element, TABLE[name][1])
        if name == "RESET":
            element.begin_again()
        if name != "START":
            for child in element.children:
                if child.can(name):
                    self._send(child, name)

    def _move(self, element: Element, target: str) -> None:
        self.moves[(element.key, element.state, target)] += 1
        element.state = target
        if target == "RUNNING" and element.started is None:
            element.started = self.now
        if target in FINAL:
            element.ended = self.now

    def _settle(self) -> None:
        """From the steps up: whose state has ended moves on. At the end of the batch the unit is given back."""
        moved = False
        for element in reversed(self._level_by_level()):
            if self._has_ended(element):
                self._move(element, BY_ITSELF.get(element.state, "COMPLETE"))
                moved = True
        if moved:
            self._note("batches.settle", DISPATCHER)
            if self.batch.state in FINAL and self.bound:
                self.bound = self.clean = False
                self._note("equipment.vacate", DISPATCHER)
            if self.batch.state == "ABORTED":
                self._report_unsafe_unit()

    def _report_unsafe_unit(self) -> None:
        to_safety = [each for each in self.orders if each.to_safety]
        if to_safety and to_safety[-1].status == "failed":
            self._except("", self.batch.attempt, "equipment", "critical")

    def _waits_for_safety(self, element: Element) -> bool:
        """An aborted batch keeps its unit until it is safe, or has failed to be."""
        aborting = element is self.batch and element.state == "ABORTING"
        return aborting and any(each.is_open and each.to_safety for each in self.orders)

    def _level_by_level(self) -> list[Element]:
        procedures = self.batch.children
        operations = [each for procedure in procedures for each in procedure.children]
        return [self.batch, *procedures, *operations, *self.steps]

    def _has_ended(self, element: Element) -> bool:
        if isinstance(element, Step):
            return element.state in BY_ITSELF and not any(o.is_open for o in self.orders if o.step is element)
        if element.state == "RUNNING":
            return all(child.state == "COMPLETE" or not child.is_required() for child in element.children)
        moving = any(child.state in BY_ITSELF for child in element.children)
        return element.state in BY_ITSELF and not moving and not self._waits_for_safety(element)

    # -- gates --------------------------------------------------------------------------------------------------

    def unsettled(self) -> set[str]:
        exceptions = any(each.blocks and each.is_open for each in self.exceptions)
        deviations = any(each.blocks and not each.approved for each in self.deviations)
        return ({"exception_open"} if exceptions else set()) | ({"deviation_open"} if deviations else set())

    def closed_gates(self, step: Step) -> set[str]:
        """Why the step may not start now."""
        found = self.unsettled()
        found |= {"batch_not_running"} if self.batch.state != "RUNNING" else set()
        found |= {"step_not_idle"} if step.state != "IDLE" else set()
        found |= {"not_needed"} if not step.needed else set()
        found |= {"earlier_step_open"} if self._waits_for_another(step) else set()
        opens, _ = self.window(step)
        found |= {"too_early"} if opens is not None and self.now < opens else set()
        return found

    def _waits_for_another(self, step: Step) -> bool:
        earlier = self.steps[: self.steps.index(step)]
        side = [each for each in earlier if step.plan.group and self._is_beside(each, step)]
        after = [self.step(step.plan.window[0])] if step.plan.window else []
        return any(each.is_open for each in [*earlier, *after] if each not in side or each in after)

    def _is_beside(self, other: Step, step: Step) -> bool:
        return (other.plan.group, other.plan.place) == (step.plan.group, step.plan.place)

    def window(self, step: Step) -> tuple[int | None, int | None]:
        if step.plan.window is None or (ended := self.step(step.plan.window[0]).ended) is None:
            return None, None
        opens, closes = (None if each is None else ended + each * MINUTE for each in step.plan.window[1:])
        return opens, closes

    def missing(self, step: Step) -> set[str]:
        """What a running step still needs before it is complete."""
        plan = step.plan
        out = {id(e.about) for e in self.exceptions if e.kind == "out_of_limit" and e.deviation}
        values = [*step.values.values(), *([step.result] if step.result else [])]
        last = step.orders[-1].status if step.orders else "missing"
        wants = {
            "scan_missing": bool(plan.material) and not step.scanned,
            "unit_missing": plan.uses_unit and not self.bound,
            "entry_missing": any(each.required and each.name not in step.values for each in plan.values),
            "material_missing": bool(plan.material) and not step.added,
            "result_missing": plan.result is not None and step.result is None,
            "decision_missing": bool(plan.choices) and not step.decided,
            f"command_{last if last in {'missing', 'failed'} else 'open'}": plan.commands and last != "confirmed",
            "too_early": step.opens is not None and self.now < step.opens,
            "deviation_missing": any(v.verdict == "out_of_limit" and id(v) not in out for v in values),
        }
        return {code for code, is_missing in wants.items() if is_missing}

    # -- the record ---------------------------------------------------------------------------------------------

    def _note(self, action: str, who: str) -> None:
        self.events[(action, who)] += 1

    def _except(self, key: str, attempt: int, kind: str, severity: str, **facts: Any) -> None:
        self.exceptions.append(Finding(key, attempt, kind, severity, **facts))

    def _judge(self, step: Step, value: Recorded) -> None:
        """A value outside its limits is an exception; outside its action limits it blocks where the step says so."""
        plan = step.plan
        if value.verdict == "out_of_limit":
            self._except(step.key, step.attempt, "out_of_limit", plan.severity, blocks=plan.blocks, about=value)
        if value.verdict == "alert":
            self._except(step.key, step.attempt, "alert", "low", about=value)

    def snapshot(self) -> dict[str, object]:
        """Everything that is compared with the engine."""
        return {
            "elements": {each.key: self._told(each) for each in self.elements()},
            "values": {(s.key, v.name, v.text, v.verdict) for s in self.steps for v in self._recorded(s)},
            "decisions": {(s.key, s.decided) for s in self.steps if s.decided},
            "rows": Counter(self.rows),
            "signatures": Counter(self.signatures),
            "exceptions": Counter(
                (e.key, e.attempt, e.kind, e.severity, e.blocks, e.is_open, e.deviation is not None)
                for e in self.exceptions
            ),
            "orders": [
                (o.step.key if o.step else "", o.to_safety, o.status, o.attempts, o.look_again, o.give_up)
                for o in self.orders
            ],
            "due": self.is_due(),
            "next due": self.next_due(),
            "unit": self.bound,
        }

    def _told(self, element: Element) -> tuple[object, ...]:
        told = (element.state, element.attempt, element.started, element.ended)
        if not isinstance(element, Step):
            return told
        return (*told, element.needed, element.opens, element.late, element.due)

    def _recorded(self, step: Step) -> Iterator[Recorded]:
        yield from step.values.values()
        if step.result:
            yield step.result

    def due_steps(self) -> list[Step]:
        return [
            each for each in self.steps if each.state == "RUNNING" and each.due is not None and each.due <= self.now
        ]

    def is_due(self) -> bool:
        """Is there something for the worker: a time that has come, or an element on its way to another state?"""
        return bool(self.due_steps()) or any(each.state in BY_ITSELF for each in [self.batch, *self.steps])

    def next_due(self) -> int | None:
        ahead = [s.due for s in self.steps if s.state == "RUNNING" and s.due is not None and s.due > self.now]
        return min(ahead, default=None)
