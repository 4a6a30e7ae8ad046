"""The model of a command's life: requested, sent, acknowledged, confirmed by read-back, or failed.

At most three attempts two seconds apart, given up after thirty; before it is sent again, the device itself is asked.
After a failure the unit is moved to its safe state, once.
"""

from __future__ import annotations

from tests.simulation.device import SECOND, TOLERANCE, Device, Gone, Killed, Setpoints
from tests.simulation.floor import Floor
from tests.simulation.plans import Plan
from tests.simulation.tree import Order

GATEWAY = "system:gateway"
MOST_ATTEMPTS = 3
BETWEEN = 2 * SECOND
GIVE_UP_AFTER = 30 * SECOND
WANTED: Setpoints = {"temperature": 38.0}
SAFE: Setpoints = {"temperature": 37.0, "co2": 5.0, "humidity": 85.0}
MODE = "incubate"


class Plant(Floor):
    """The floor with its incubator behind the gateway."""

    def __init__(self, plans: tuple[Plan, ...]) -> None:
        super().__init__(plans)
        self.device = Device()

    def first_order(self) -> Order | None:
        """Commands to a unit are carried out one after the other, in their order."""
        return next((each for each in self.orders if each.is_open), None)

    def sweep(self, mood: str, kill: str) -> None:
        """One round of the gateway. `kill` names the place where it dies; what it had committed stays."""
        order = self.first_order()
        if order is None or (order.look_again is not None and order.look_again > self.now):
            return
        self.device.mood, self.device.kill, self.device.armed = mood, kill, False
        try:
            self._drive(order)
        except Gone:
            self._out_of_reach(order)
        except Killed:
            return

    def _drive(self, order: Order) -> None:
        if order.status == "requested":
            self._send_out(order)
        elif order.status == "sent":
            self._take_up_again(order)
        else:
            self._read_back(order)

    def _send_out(self, order: Order) -> None:
        self._count_attempt(order)
        accepted = self.device.take(order, MODE, self._asked(order), self.now)
        self._die_if_armed()
        if not accepted:
            self._fail(order)
            return
        self._acknowledge(order)
        self._read_back(order)

    def _take_up_again(self, order: Order) -> None:
        *_, last = self.device.show(self.now)
        self._die_if_armed()
        if last is order:
            self._acknowledge(order)
            self._read_back(order)
        elif order.attempts >= MOST_ATTEMPTS or self._is_too_late(order):
            self._fail(order)
        else:
            self._send_out(order)

    def _read_back(self, order: Order) -> None:
        mode, shown, _ = self.device.show(self.now)
        asked = self._asked(order)
        obeyed = mode == MODE and all(abs(shown.get(tag, 1e9) - value) <= TOLERANCE for tag, value in asked.items())
        self._die_if_armed()
        if obeyed:
            order.status, order.look_again = "confirmed", None
            self._note("equipment.confirm_command", GATEWAY)
        elif self._is_too_late(order):
            self._fail(order)

    def _out_of_reach(self, order: Order) -> None:
        """Nobody could be asked: in time it fails; until then each look counts as an attempt."""
        exhausted = order.status == "sent" and order.attempts >= MOST_ATTEMPTS
        if exhausted or self._is_too_late(order):
            self._fail(order)
        elif order.status == "sent" and (order.look_again or 0) <= self.now:
            self._count_attempt(order)

    def _count_attempt(self, order: Order) -> None:
        order.status = "sent"
        order.attempts += 1
        order.look_again = self.now + BETWEEN
        order.give_up = order.give_up or self.now + GIVE_UP_AFTER
        self._note("equipment.send_command", GATEWAY)

    def _acknowledge(self, order: Order) -> None:
        order.status, order.look_again = "acknowledged", self.now
        self._note("equipment.acknowledge_command", GATEWAY)

    def _fail(self, order: Order) -> None:
        order.status, order.look_again = "failed", None
        self._note("equipment.fail_command", GATEWAY)
        if not order.to_safety and self.bound:
            self.orders.append(Order(order.step, order.attempt, to_safety=True))
            self._note("equipment.request_command", GATEWAY)

    def _asked(self, order: Order) -> Setpoints:
        return SAFE if order.to_safety else WANTED

    def _is_too_late(self, order: Order) -> bool:
        return order.give_up is not None and order.give_up <= self.now

    def _die_if_armed(self) -> None:
        if self.device.armed:
            raise Killed
