"""The beat process: one leads, the others wait for its death."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Event as Flag
from time import monotonic

import structlog
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string
from kombu.exceptions import InconsistencyError
from kombu.exceptions import OperationalError as BrokerAway

from mes import server_clock
from mes.beat.ears import DATABASE_AWAY, Ears
from mes.beat.messages import worth_for
from mes.celery import app
from mes.records.triggers import BEAT_CHANNEL
from mes.server_clock import CLOCK

log = structlog.get_logger(__name__)

BROKER_AWAY = (BrokerAway, InconsistencyError)
LONGEST_WAIT = 1.0  # seconds until the next look when nothing wakes the beat and nothing comes due
GATHERING = 0.02  # seconds in which several calls become one


class Beat:
    """Asks for every task of `periods` (seconds by name) in its turn, and for those of `woken` when there is work."""

    def __init__(
        self,
        periods: Mapping[str, float] = settings.BEAT,
        woken: tuple[str, ...] = settings.BEAT_WOKEN,
        next_due: Callable[[], datetime | None] | None = None,
        send: Callable[..., object] = app.send_task,
    ) -> None:
        self.periods = periods
        self.woken = woken
        self.next_due = next_due or import_string(settings.BEAT_NEXT_DUE)
        self.send = send
        self.stopping = Flag()
        self.leads = False
        self._ears = Ears(BEAT_CHANNEL)
        self._asked_at: dict[str, float] = {}

    def stop(self) -> None:
        self.stopping.set()

    def run(self) -> None:
        while not self.stopping.is_set():
            try:
                self.turn()
            except DATABASE_AWAY as error:
                log.warning("database_away", error=str(error).strip())
                self._lose_the_database()
                self.stopping.wait(LONGEST_WAIT)
            except BROKER_AWAY as error:
                log.warning("broker_away", error=str(error).strip())
                app.amqp.producer_pool.force_close_all()  # type: ignore[attr-defined]  # what it believes to be at the broker may be gone
                self.stopping.wait(LONGEST_WAIT)
        self._ears.close()

    def turn(self) -> None:
        """One look. The leader asks for what has its turn and sleeps until something comes due or somebody calls."""
        CLOCK.set_in_time()
        leads = self._ears.hold(BEAT_CHANNEL)
        if leads != self.leads:
            log.info("leads" if leads else "follows")
            self.leads = leads
        if not leads:
            self.stopping.wait(LONGEST_WAIT)
            return
        self._ask_for(name for name, seconds in self.periods.items() if self._age(name) >= seconds)
        due = self.next_due()
        if self._ears.wait(_seconds_until(due)) or (due is not None and due <= server_clock.now()):
            self._ask_for(self.woken)
            self.stopping.wait(GATHERING)

    def _ask_for(self, names: Iterable[str]) -> None:
        for name in list(names):
            self.send(name, headers=worth_for(max(self.periods.get(name, LONGEST_WAIT), 5.0)))
            self._asked_at[name] = monotonic()

    def _age(self, name: str) -> float:
        return monotonic() - self._asked_at.get(name, float("-inf"))

    def _lose_the_database(self) -> None:
        self.leads = False
        self._ears.close()
        connection.close()


def _seconds_until(due: datetime | None) -> float:
    if due is None:
        return LONGEST_WAIT
    return min(max((due - server_clock.now()).total_seconds(), 0.0), LONGEST_WAIT)
