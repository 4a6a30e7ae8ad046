"""The engine under simulation: the same acts by the real services, worker, gateway and API, on real PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
from django.db import connection
from django.db.models import QuerySet

from batches import services, tasks
from batches.models import Batch, BatchException, Deviation, Entry, Step
from batches.services.due import due_batches, next_due
from equipment.adapters import base
from equipment.gateway.driver import drive_commands
from equipment.models import Command, Unit
from materials.models import Lot
from mes.accounts.models import User
from mes.accounts.queries import system_user
from mes.errors import MesError
from mes.records.models import Event
from mes.records.signing import Credential, Signer, authenticate_signer
from tests.given import batches as given
from tests.given import equipment as equipment_given
from tests.given import people
from tests.simulation.device import Device, Gone, Killed
from tests.simulation.readback import snapshot_of
from tests.simulation.world import BEGIN, UNIT

WORDS = {"investigation": "Read.", "impact": "None.", "other_batches": "None.", "conclusion": "Accepted."}
WITH_REASONS = {"step_blocked", "incomplete", "not_startable", "unit_unfit"}
NEVER_SEEN = "0" * 64


def code_of(code: str, details: Mapping[str, Any]) -> str:
    """A refusal as it is compared: its code, with the codes of its reasons where it gives several."""
    if code not in WITH_REASONS:
        return code
    return f"{code}:{','.join(sorted({reason['code'] for reason in details['reasons']}))}"


class Incubator:
    """The device of the simulation as the gateway speaks to it."""

    def __init__(self, device: Device, now: Callable[[], int]) -> None:
        self.device, self.now = device, now

    def identify(self) -> base.Identity:
        return base.Identity("Simulation", "Incubator", UNIT, "1")

    def read(self, tags: Iterable[str]) -> list[base.Reading]:
        return []

    def subscribe(self, tags: Iterable[str], on_reading: Callable[[base.Reading], None]) -> None:
        """It is only commanded."""

    def command(self, command: base.Command) -> base.Ack:
        try:
            accepted = self.device.take(command.id, command.name, dict(command.setpoints), self.now())
        except Gone as error:
            raise base.DeviceUnreachable("no answer") from error
        return base.Ack(command.id, accepted, "" if accepted else "refused")

    def state(self) -> base.DeviceState:
        try:
            mode, setpoints, last = self.device.show(self.now())
        except Gone as error:
            raise base.DeviceUnreachable("no answer") from error
        return base.DeviceState(mode, setpoints, last if isinstance(last, UUID) else None, BEGIN)

    def close(self) -> None:
        """Nothing stays open."""


class Engine:
    """One batch in the real engine. People act on what they read when the life began: everything is stale by then."""

    def __init__(self, batch_id: UUID, now: Callable[[], int]) -> None:
        self.now = now
        self.device = Device()
        self.batch = given.fresh(Batch(pk=batch_id))
        self.site = self.batch.site
        self.unit = Unit.objects.select_related("site").get(site=self.site, code=UNIT)
        self.steps = {each.key: given.step(self.batch, each.key) for each in Step.objects.filter(batch=self.batch)}
        self.seen = set(Event.objects.values_list("id", flat=True))
        self.statements_left: int | None = None
        self._people: dict[str, User] = {}

    # -- faults -------------------------------------------------------------------------------------------------

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Every statement passes here: a process may be killed before any of them."""
        with connection.execute_wrapper(self._maybe_die):
            yield

    def _maybe_die(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        if self.device.armed:
            self.device.armed = False
            raise Killed(self.device.kill)
        if self.statements_left is not None:
            self.statements_left -= 1
            if self.statements_left < 0:
                raise Killed("statement")
        return execute(sql, params, many, context)

    @contextmanager
    def somebody_else_has(self, table: str, row: UUID) -> Iterator[None]:
        """Another process has this row in hand; whoever would wait for it fails."""
        settings = connection.settings_dict
        parts = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        with psycopg.connect(**{name: settings[key] for name, key in parts.items()}) as other:
            other.execute(f"SELECT FROM {table} WHERE id = %s FOR UPDATE", [row])
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '100ms'")
            yield
            other.rollback()
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0")

    # -- acts: the names and facts are the model's ---------------------------------------------------------------

    def do(self, name: str, facts: dict[str, Any]) -> str:
        """The refusal's code, or nothing."""
        try:
            getattr(self, name)(**facts)
        except MesError as refusal:
            return code_of(refusal.code, refusal.details)
        return ""

    def command(self, who: str, key: str, name: str, *, reason: bool, signed: bool, disposition: str = "") -> None:
        actor = self.person(who)
        signer = self.signer(who, "commanded") if signed else None
        facts: dict[str, Any] = {"actor": actor, "name": name, "reason": "As drawn" if reason else "", "signer": signer}
        if key == "batch":
            services.command_batch(batch=self.batch, disposition=disposition, **facts)
        else:
            services.command_step(step=self.steps[key], **facts)

    def start(self, who: str, key: str) -> None:
        services.start_step(actor=self.person(who), step=self.steps[key])

    def scan(self, who: str, key: str) -> None:
        services.scan_for_step(actor=self.person(who), step=self.steps[key], code=f"&/{self.batch.coi_id}")

    def add(self, who: str, key: str, amount: str) -> None:
        code = self.lot().barcode
        services.add_material(actor=self.person(who), step=self.steps[key], code=code, quantity=amount, unit="mL")

    def bind(self, who: str, key: str) -> None:
        services.bind_unit(actor=self.person(who), step=self.steps[key], code=UNIT)

    def clean_unit(self) -> None:
        equipment_given.clean(self.unit)

    def send(self, who: str, key: str) -> None:
        services.send_command(actor=self.person(who), step=self.steps[key])

    def record(self, who: str, key: str, name: str, text: str, entry_id: UUID | None = None) -> None:
        facts: dict[str, Any] = {"name": name, "value": text, "unit": "mL", "entry_id": entry_id}
        services.record_entry(actor=self.person(who), step=self.steps[key], **facts)

    def record_twice(self, who: str, key: str, name: str, text: str) -> None:
        """The tablet delivers the same entry again."""
        entry_id = uuid4()
        self.record(who, key, name, text, entry_id)
        self.record(who, key, name, text, entry_id)

    def correct(self, who: str, key: str, name: str, text: str, *, signed: bool) -> None:
        step = self.steps[key]
        rows = Entry.objects.select_related("step__batch__site")
        entry = rows.get(step=step, name=name, superseded_by=None, attempt=Step.objects.get(pk=step.pk).attempt)
        signer = self.signer(who, "performed") if signed else None
        facts: dict[str, Any] = {"value": text, "unit": "mL", "reason": "Misread", "signer": signer}
        services.correct_entry(actor=self.person(who), entry=entry, **facts)

    def decide(self, who: str, key: str, choice: str) -> None:
        services.decide(actor=self.person(who), step=self.steps[key], choice=choice)

    def complete(self, who: str, key: str, *, signed: bool, stale: bool = False, verifier: str = "") -> None:
        services.complete_step(
            actor=self.person(who),
            step=self.steps[key],
            signer=self.signer(who, "performed", NEVER_SEEN if stale else "") if signed else None,
            verifier=self.signer(verifier, "verified") if verifier else None,
        )

    def verify(self, who: str, key: str) -> None:
        services.verify_step(actor=self.person(who), step=self.steps[key], verifier=self.signer(who, "verified"))

    def explain(self, key: str) -> None:
        found = list(BatchException.objects.filter(step=self.steps[key], kind="out_of_limit", deviation=None))
        words: dict[str, Any] = {"title": "Outside", "description": "A true reading.", "severity": "high"}
        services.open_deviation(actor=self.person("olga"), batch=self.batch, exceptions=found, **words)

    def approve(self, number: int) -> None:
        rows = Deviation.objects.select_related("batch__site").filter(batch=self.batch).order_by("number")
        deviation = rows[number]
        services.investigate(actor=self.person("olga"), deviation=deviation, **WORDS)
        services.approve_deviation(
            actor=self.person("quinn"), deviation=deviation, signer=self.signer("quinn", "approved")
        )

    def judge(self, key: str, attempt: int, kind: str) -> None:
        rows = BatchException.objects.select_related("batch__site", "step")
        mine = rows.filter(step=self.steps[key], attempt=attempt, kind=kind, blocks=True, deviation=None, status="open")
        exception = mine.order_by("raised_at", "id")[0]
        signer = self.signer("quinn", "reviewed")
        services.decide_exception(actor=self.person("quinn"), exception=exception, decision="Seen", signer=signer)

    def work(self) -> None:
        """The beat says "look now", and a worker does what is due."""
        tasks.tick()

    def work_beside_another(self) -> None:
        with self.somebody_else_has("batches_batch", self.batch.pk):
            self.work()

    def sweep(self, mood: str, kill: str) -> None:
        self.device.mood, self.device.kill, self.device.armed = mood, kill, False
        adapter = Incubator(self.device, self.now)
        try:
            drive_commands(actor=system_user("gateway"), site=self.site, adapters={UNIT: adapter})
        except Killed:
            return
        finally:
            self.device.armed = False

    def sweep_beside_another(self) -> None:
        first = Command.objects.open().filter(unit=self.unit).order_by("id")[0]
        with self.somebody_else_has("equipment_command", first.pk):
            self.sweep("good", "")

    # -- who and what ---------------------------------------------------------------------------------------------

    def person(self, name: str) -> User:
        if name not in self._people:
            system = name.startswith("system:")
            self._people[name] = (
                system_user(name.removeprefix("system:")) if system else people.persona(self.site, name)
            )
        return self._people[name]

    def signer(self, name: str, meaning: str, seen: str = "") -> Signer:
        credential = Credential(username=name, password=people.PASSWORD, seen=seen)
        return authenticate_signer(credential, meaning=meaning, site=self.site, acting=self.person(name))

    def lot(self) -> Lot:
        return given.lot(self.site, "PBS")

    def snapshot(self) -> dict[str, object]:
        due, following = self.batch.pk in due_batches(), next_due()
        watch = {"due": due, "next due": None if following is None else micro(following)}
        return snapshot_of(self.batch.pk, micro) | watch

    def has_acted(self) -> bool:
        return self._unseen().exists()

    def new_events(self) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str, str]]]:
        """What the record has gained since the last look: events by action and actor, moves of the batch's elements."""
        rows = self._unseen().values_list("id", "action", "actor_username", "moves")
        keys = {str(step.pk): key for key, step in self.steps.items()} | self._parents()
        events: Counter[tuple[str, str]] = Counter()
        moves: Counter[tuple[str, str, str]] = Counter()
        for event_id, action, actor, moved in rows:
            self.seen.add(event_id)
            events[(action, actor)] += 1
            moves.update((keys[m["subject"]], m["from"], m["to"]) for m in moved if m["subject"] in keys)
        return events, moves

    def _unseen(self) -> QuerySet[Event]:
        return Event.objects.exclude(id__in=self.seen)

    def _parents(self) -> dict[str, str]:
        found = {str(self.batch.pk): "batch"}
        for step in self.steps.values():
            for element in (step.operation, step.operation.unit_procedure):
                found[str(element.pk)] = element.key
        return found


def micro(moment: datetime) -> int:
    """Microseconds since the life began."""
    return (moment - BEGIN) // timedelta(microseconds=1)
