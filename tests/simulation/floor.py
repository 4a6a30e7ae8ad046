"""The model of the floor: what people do in steps, what the worker does when a time has come."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from tests.simulation.model import DISPATCHER, EXECUTE, MINUTE, SERIOUS, Model, refuse, verdict
from tests.simulation.plans import Value
from tests.simulation.tree import Deviation, Element, Order, Recorded, Step

MAY_VERIFY = {"olga", "vera", "sven"}
TOO_MANY_DECIMALS = 2


class Floor(Model):
    """People's acts: each checks every rule it may break, then does its work."""

    def start(self, who: str, key: str) -> None:
        step = self.step(key)
        if who not in EXECUTE:
            refuse({"not_permitted"})
        closed = self.closed_gates(step)
        refuse({f"step_blocked:{','.join(sorted(closed))}"} if closed else set())
        self._note("batches.start_step", who)
        _, closes = self.window(step)
        if closes is not None and self.now > closes:
            self._except(key, step.attempt, "late", step.plan.severity, blocks=step.plan.blocks)
            self.exceptions[-1].deviation = Deviation(blocks=step.plan.blocks)
            self.deviations.append(self.exceptions[-1].deviation)
        self._begin(step)
        step.performer = who
        step.hands.add(who)
        if step.plan.hold:
            minutes, tolerance = step.plan.hold
            step.opens = self.now + (minutes - tolerance) * MINUTE
            step.late = self.now + (minutes + tolerance) * MINUTE
            step.due = self.now + minutes * MINUTE
        self._compute(step)
        if step.plan.commands and self.bound:
            self._order(step, who)

    def _begin(self, step: Step) -> None:
        above: list[Element] = []
        parent = step.parent
        while parent is not None and parent is not self.batch:
            above.insert(0, parent)
            parent = parent.parent
        for element in above:
            if element.state == "IDLE":
                self._move(element, "RUNNING")
        self._move(step, "RUNNING")

    def _compute(self, step: Step) -> None:
        """The system computes once all inputs are there."""
        source = self.step(step.plan.computed_from).values.get("volume") if step.plan.computed_from else None
        if step.plan.result is None or source is None or step.result is not None:
            return
        self._write_result(step, source)

    def _write_result(self, step: Step, source: Recorded) -> None:
        assert step.plan.result is not None
        number = 2 * Decimal(source.text)
        step.result = Recorded(step.plan.result.name, f"{number:f}", verdict(step.plan.result, number))
        step.facts += 1
        self.rows[("result", step.key, step.attempt)] += 1
        self._judge(step, step.result)

    def _at_work(self, who: str, step: Step) -> set[str]:
        """Work is recorded only by those who may, in a running step of a running batch."""
        if who not in EXECUTE:
            refuse({"not_permitted"})
        return set() if self.batch.state == step.state == "RUNNING" else {"wrong_state"}

    def _identified(self, step: Step) -> set[str]:
        """Nothing is done where material is handled before its label was read."""
        return {"identity_not_scanned"} if step.plan.material and not step.scanned else set()

    def scan(self, who: str, key: str) -> None:
        step = self.step(key)
        refuse(self._at_work(who, step))
        step.scanned = True
        step.note(who)
        self.rows[("scan", key, step.attempt)] += 1
        self._note("chain_of_identity.scan", who)
        self._note("batches.scan", who)

    def add(self, who: str, key: str, amount: str) -> None:
        step = self.step(key)
        no = self._at_work(who, step)
        no |= {"lot_unusable"} if not step.plan.material else set()
        no |= self._identified(step)
        no |= {"already_recorded"} if step.added else set()
        no |= {"invalid_input"} if not Decimal("0.95") <= Decimal(amount) <= Decimal("1.05") else set()
        refuse(no)
        step.added = True
        step.note(who)
        self.rows[("material", key, step.attempt)] += 1
        self._note("materials.use_lot", who)
        self._note("batches.add_material", who)

    def bind(self, who: str, key: str) -> None:
        step = self.step(key)
        no = self._at_work(who, step) | self._identified(step)
        if not step.plan.uses_unit:
            no.add("unknown_unit")
        elif not self.bound and not self.clean:
            no.add("unit_unfit:not_clean")
        refuse(no)
        self._note("batches.bind_unit", who)
        if not self.bound:
            self.bound, self.taken_in, self.taken_by = True, key, who
            self._note("equipment.occupy", who)
            if step.plan.commands:
                self._order(step, who)
        self._look_again_if_overdue(step)

    def clean_unit(self) -> None:
        self.clean = True
        self._note("equipment.record_cleaning", "olga")

    def send(self, who: str, key: str) -> None:
        """A command is sent again only after it failed."""
        step = self.step(key)
        no = self._at_work(who, step) | self._identified(step)
        no |= {"invalid_input"} if not step.plan.commands else set()
        no |= {"incomplete:unit_missing"} if not self.bound else set()
        no |= {"wrong_state"} if step.orders and step.orders[-1].status != "failed" else set()
        refuse(no)
        self._note("batches.send_command", who)
        self._order(step, who)

    def _order(self, step: Step, who: str) -> None:
        order = Order(step, step.attempt)
        self.orders.append(order)
        step.orders.append(order)
        step.note(who)
        step.due = self.now
        self.rows[("command", step.key, step.attempt)] += 1
        self._note("equipment.request_command", who)

    def _look_again_if_overdue(self, step: Step) -> None:
        if step.plan.hold and step.started is not None and self.now >= step.started + step.plan.hold[0] * MINUTE:
            step.due = self.now

    def record(self, who: str, key: str, name: str, text: str) -> None:
        step = self.step(key)
        spec = next((each for each in step.plan.values if each.name == name), None)
        no = self._at_work(who, step) | self._identified(step) | self._unreadable(spec, text)
        no |= {"already_recorded"} if name in step.values else set()
        refuse(no)
        assert spec is not None
        self._note("batches.record_entry", who)
        self._write_value(step, spec, text, who)
        self._look_again_if_overdue(step)

    def correct(self, who: str, key: str, name: str, text: str, *, signed: bool) -> None:
        """The first value stays; the right one stands beside it and is carried through what was computed from it."""
        step = self.step(key)
        if who not in EXECUTE:
            refuse({"not_permitted"})
        wrong = step.values[name]
        spec = next(each for each in step.plan.values if each.name == name)
        no = self._unreadable(spec, text)
        no |= {"wrong_state"} if step.state not in {"RUNNING", "COMPLETE"} else set()
        needs_signature = step.state == "COMPLETE" and step.plan.signature != "none"
        no |= {"signature_refused"} if needs_signature and not signed else set()
        refuse(no)
        self._note("batches.correct_entry", who)
        self._write_value(step, spec, text, who)
        for each in self.exceptions:
            each.blocks = each.blocks and each.about is not wrong
        severity = "low" if step.state == "COMPLETE" else "info"
        self._except(key, step.attempt, "corrected", severity, about=step.values[name])
        self._recalculate(step, name)
        if signed:
            self._sign(step, "performed")

    def _recalculate(self, step: Step, name: str) -> None:
        later = self.steps[self.steps.index(step) + 1 :] if name == "volume" else []
        for each in later:
            if each.plan.computed_from == step.key and each.result is not None:
                self._write_result(each, step.values[name])
                self._except(each.key, each.attempt, "recalculated", "low", about=each.result)

    def _unreadable(self, spec: Value | None, text: str) -> set[str]:
        try:
            decimals = -int(Decimal(text).as_tuple().exponent)
        except InvalidOperation:
            return {"invalid_input"}
        return {"invalid_input"} if spec is None or decimals >= TOO_MANY_DECIMALS else set()

    def _write_value(self, step: Step, spec: Value, text: str, who: str) -> None:
        value = Recorded(spec.name, text, verdict(spec, Decimal(text)))
        step.values[spec.name] = value
        step.note(who)
        self.rows[("entry", step.key, step.attempt)] += 1
        self._judge(step, value)

    def decide(self, who: str, key: str, choice: str) -> None:
        step = self.step(key)
        no = self._at_work(who, step) | self._identified(step)
        no |= {"invalid_input"} if choice not in step.plan.choices else set()
        no |= {"already_recorded"} if step.decided else set()
        refuse(no)
        step.decided = choice
        step.note(who)
        self.rows[("decision", key, step.attempt)] += 1
        self._note("batches.decide", who)

    # -- signed work --------------------------------------------------------------------------------------------

    def complete(self, who: str, key: str, *, signed: bool, stale: bool = False, verifier: str = "") -> None:
        step = self.step(key)
        no = self._at_work(who, step)
        missing = self.missing(step)
        no |= {f"incomplete:{','.join(sorted(missing))}"} if missing else set()
        policy = step.plan.signature
        if policy != "none":
            no |= {"signature_refused"} if not signed else set()
            no |= {"wrong_state"} if step.is_signed else set()
            no |= {"stale_version"} if signed and stale else set()
        if policy == "verified_observed" and verifier:
            no |= self._not_second(step, verifier, besides=who)
        refuse(no)
        self._note("batches.complete_step", who)
        if policy != "none":
            self._sign(step, "performed")
        if policy != "verified_observed":
            self._finish(step)
        elif verifier:
            self._sign_second(step, verifier)
            self._finish(step)

    def verify(self, who: str, key: str) -> None:
        step = self.step(key)
        no = {"wrong_state"} if step.state not in {"RUNNING", "COMPLETE"} else set()
        no |= {"wrong_state"} if step.plan.signature != "verified_observed" or not step.is_signed else set()
        no |= {"wrong_state"} if step.is_verified and step.state == "COMPLETE" else set()
        refuse(no | self._not_second(step, who))
        self._note("batches.verify_step", who)
        self._sign_second(step, who)
        if step.state == "RUNNING":
            self._finish(step)

    def _not_second(self, step: Step, verifier: str, besides: str = "") -> set[str]:
        own = verifier in step.hands | {besides} - {""}
        return {"not_permitted"} if own or verifier not in MAY_VERIFY else set()

    def _sign_second(self, step: Step, verifier: str) -> None:
        """With the step, the unit that was taken in it is checked; not by the person who took it."""
        self._sign(step, "verified")
        if self.taken_in == step.key and self.taken_by != verifier:
            self.taken_in = ""
            self._note("equipment.check_use", verifier)

    def _sign(self, step: Step, meaning: str) -> None:
        self.signatures[(step.key, meaning)] += 1
        if meaning == "performed":
            step.signed = step.facts
        else:
            step.verified = step.facts

    def _finish(self, step: Step) -> None:
        self._note_late_end(step)
        self._move(step, "COMPLETE")
        step.due = None
        if step.decided:
            self._choose_path(step)
        assert step.parent is not None
        if not any(isinstance(each, Step) and each.is_open for each in step.parent.children):
            self._settle()
        self._start_next_automatic()

    def _note_late_end(self, step: Step) -> None:
        if step.late is not None and self.now > step.late and not step.late_end_noted:
            step.late_end_noted = True
            self._except(step.key, step.attempt, "late", step.plan.severity, blocks=step.plan.blocks)

    def _choose_path(self, decision: Step) -> None:
        """What is on the other path is not needed, nor is what hangs on a decision that is not needed."""
        touched = {decision.key}
        for step in self.steps:
            if step.plan.when is None or step.plan.when[0] not in touched or step.state != "IDLE":
                continue
            on, choice, chosen = step.plan.when
            asked = self.step(on)
            taken = asked.decided if asked.state == "COMPLETE" else ""
            step.needed = asked.needed and (not taken or (taken == choice) is chosen)
            touched.add(step.key)

    def _start_next_automatic(self) -> None:
        """A calculation that nobody signs is made as soon as its turn has come."""
        step = next((each for each in self.steps if each.is_open), None)
        if step is None or step.plan.kind != "calculation" or step.plan.signature != "none":
            return
        if self.closed_gates(step):
            return
        self._note("batches.compute", DISPATCHER)
        self._begin(step)
        self._compute(step)
        if not self.missing(step):
            self._finish(step)

    # -- quality ------------------------------------------------------------------------------------------------

    def explain(self, key: str) -> None:
        """A deviation for every value out of limit in the step."""
        found = [e for e in self.exceptions if e.key == key and e.kind == "out_of_limit" and e.deviation is None]
        deviation = Deviation(blocks=any(each.blocks for each in found))
        for each in found:
            each.deviation = deviation
        self.deviations.append(deviation)
        self._note("batches.open_deviation", "olga")

    def approve(self, number: int) -> None:
        """Investigated by Olga, approved by Quinn: what it explains is decided."""
        deviation = self.deviations[number]
        deviation.approved = True
        for each in self.exceptions:
            each.is_open = each.is_open and each.deviation is not deviation
        self._note("batches.investigate_deviation", "olga")
        self._note("batches.approve_deviation", "quinn")

    def judge(self, key: str, attempt: int, kind: str) -> None:
        """Quality decides on a blocking exception that no deviation explains."""
        found = next(
            e for e in self.exceptions if e.can_be_judged and (e.key, e.attempt, e.kind) == (key, attempt, kind)
        )
        found.is_open = False
        self._note("batches.decide_exception", "quinn")

    # -- the worker ---------------------------------------------------------------------------------------------

    def work(self) -> None:
        """One look: each step whose time has come, as it then is; nothing early, nothing twice."""
        for step in self.steps:
            if step not in self.due_steps() or (step.orders and step.orders[-1].is_open):
                continue
            self._note("batches.advance_step", DISPATCHER)
            if step.orders and step.orders[-1].status == "failed":
                self._report_failure(step)
            else:
                self._move_on(step)
        self._settle()

    def _move_on(self, step: Step) -> None:
        ends = step.started + step.plan.hold[0] * MINUTE if step.plan.hold and step.started is not None else None
        if ends is not None and self.now < ends:
            step.due = ends
        elif step.plan.signature == "none" and not self.missing(step):
            self._finish(step)
        elif step.late is not None and self.now <= step.late:
            step.due = step.late + 1
        else:
            self._note_late_end(step)
            step.due = None

    def _report_failure(self, step: Step) -> None:
        """A failed command is an exception; where it is serious or blocks, the batch is held."""
        step.due = None
        self._except(step.key, step.attempt, "equipment", step.plan.severity, blocks=step.plan.blocks)
        if (step.plan.blocks or step.plan.severity in SERIOUS) and self.batch.can("HOLD"):
            self._note("batches.hold", DISPATCHER)
            self._send(self.batch, "HOLD")
            self._settle_within()

    def _settle_within(self) -> None:
        """What has ended settles in the act of the hold itself."""
        before = self.events.copy()
        self._settle()
        self.events = before
