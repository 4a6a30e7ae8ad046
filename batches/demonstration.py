"""Two batches of the demonstration site under way: one grows in its processor, one waits for the operator's values.

What is done here is done by the services the tablet calls, and the commands are carried out by the equipment gateway.
Room CR-101 and its units are left to whoever wants to make a batch of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from batches import services
from batches.models import Batch, Step
from batches.queries.blind import first_readings
from batches.queries.inputs import lots_asked
from batches.queries.missing import reasons_incomplete
from batches.services.materials import amount_needed
from batches.states import Command, State
from chain_of_identity.models import Container
from chain_of_identity.states import ReleaseStatus
from equipment.gateway.site import SiteGateway
from materials.models import Lot
from materials.states import LotStatus
from mes.accounts.models import User
from mes.accounts.queries import system_user
from mes.accounts.services import record_training
from mes.demonstration import Stage
from recipes.models import RecipeVersion

TRAINED = ("olga", "vera", "sven")
# The step each batch has come to; the first is running there, the others wait at theirs.
COME_TO = ("S190", "S050")
UNITS = {"cell_counter": "CNT-2", "cell_processor": "PROC-3", "safety_cabinet": "BSC-2"}
READ = {
    "S020": {"volume": "184.0"},
    "S050": {"concentration": "25000000", "viability": "95.5", "cd3": "55.2"},
    # Purity is to be 80 % or more: this one is a deviation.
    "S160": {"concentration": "1200000", "volume": "100.0", "viability": "95.0", "purity": "78.6"},
}
DRAINED_ML = Decimal("180.0")
MOST_LOOKS = 50


def play(stage: Stage) -> None:
    """The batches whose cells were accepted are issued, started and worked on."""
    accepted = Container.objects.filter(release_status=ReleaseStatus.ACCEPTED).values("order")
    found = Batch.objects.filter(site=stage.site, order__in=accepted).order_by("number")
    batches = list(found.select_related("site", "order__patient", "recipe_version__recipe"))
    for version in {batch.recipe_version for batch in batches}:
        _train(stage, version)
    with _gateway(stage) as gateway:
        for batch, key in zip(batches, COME_TO, strict=False):
            _Shift(stage, gateway, _started(stage, batch)).come_to(key)


def _train(stage: Stage, version: RecipeVersion) -> None:
    for name in TRAINED:
        record_training(
            actor=stage.people["quinn"],
            user=stage.people[name],
            subject=f"recipe:{version.recipe.code}",
            version=version.number,
        )


def _started(stage: Stage, batch: Batch) -> Batch:
    signer = stage.signer("sven", "issued")
    batch = services.issue_batch(actor=stage.people["sven"], batch=batch, signer=signer)
    return services.command_batch(actor=stage.people["olga"], batch=batch, name=Command.START)


@contextmanager
def _gateway(stage: Stage) -> Iterator[SiteGateway]:
    """The gateway's own directory: what a simulated device was told here, it still knows when the gateway runs."""
    gateway = SiteGateway(stage.site, settings.DATA_DIR / "gateway")
    gateway.look_at_the_plant()
    yield gateway
    gateway.close()


@dataclass
class _Shift:
    """Olga at the tablet with Vera as second person, on one batch."""

    stage: Stage
    gateway: SiteGateway
    batch: Batch

    @property
    def olga(self) -> User:
        return self.stage.people["olga"]

    def come_to(self, key: str) -> None:
        """Every step before this one done; this one started, and its unit at work if it has one."""
        step = self.next_step()
        while step.key != key:
            self.carry_out(step)
            step = self.next_step()
        services.start_step(actor=self.olga, step=step)
        self.machines()

    def next_step(self) -> Step:
        step = Step.objects.open().filter(batch=self.batch).order_by("position")[0]
        return self.fresh(step)

    def fresh(self, step: Step) -> Step:
        parts = ("batch__site", "batch__order__patient", "batch__recipe_version__recipe", "operation__unit_procedure")
        return Step.objects.select_related(*parts, "room").get(pk=step.pk)

    def carry_out(self, step: Step) -> None:
        services.start_step(actor=self.olga, step=step)
        for _ in range(MOST_LOOKS):
            step = self.fresh(step)
            missing = reasons_incomplete(step) if step.status == State.RUNNING else []
            if not missing:
                break
            self.provide(step, missing[0].code, missing[0].subject)
        if step.status == State.RUNNING:
            self.sign(step)

    def provide(self, step: Step, code: str, subject: str) -> None:
        acts: dict[str, Callable[[], object]] = {
            "scan_missing": lambda: services.scan_for_step(actor=self.olga, step=step, code=self.material_here()),
            "unit_missing": lambda: services.bind_unit(actor=self.olga, step=step, code=UNITS[step.unit_class]),
            "entry_missing": lambda: self.enter(step, subject),
            "deviation_missing": lambda: self.explain(step),
            "material_missing": lambda: self.add(step, subject),
            "result_missing": lambda: self.add_lots(step),
            "decision_missing": lambda: self.decide(step),
            "transfer_missing": lambda: self.move(step),
            "command_open": self.machines,
        }
        acts[code]()

    def sign(self, step: Step) -> None:
        policy = step.says.signature
        services.complete_step(
            actor=self.olga,
            step=step,
            signer=None if policy == "none" else self.stage.signer("olga", "performed"),
            verifier=self.stage.signer("vera", "verified") if "verified" in policy else None,
            readings={name: value for name, (value, _) in first_readings(step).items()},
        )

    def machines(self) -> None:
        """The gateway carries out what it was told; the dispatcher sees it and moves on."""
        self.gateway.carry_out_commands()
        services.advance_batch(actor=system_user("dispatcher"), batch_id=self.batch.id)

    def material_here(self) -> str:
        """The label of what is worked on: the latest bag that is not a sample."""
        bags = Container.objects.filter(order=self.batch.order, batch_id=self.batch.id).filled()
        return bags.exclude(holds=Container.Holds.SAMPLE).latest("id").label

    def enter(self, step: Step, name: str) -> None:
        entry = next(each for each in step.says.entries if each.id == name)
        value = READ.get(step.key, {}).get(name) or (entry.accepted or ("yes",))[0]
        services.record_entry(actor=self.olga, step=step, name=name, value=value, unit=entry.unit)

    def explain(self, step: Step) -> None:
        """Olga opens the deviation; Sven will investigate it and quality approve it."""
        services.open_deviation(
            actor=self.olga,
            batch=self.batch,
            title=f"{step.name}: a value is outside its limits",
            description="The value was read twice and is true.",
            severity="medium",
            step=step,
            exceptions=list(step.exceptions.filter(kind="out_of_limit", deviation=None)),
        )

    def add(self, step: Step, code: str) -> None:
        need = next(each for each in step.says.materials if each.code == code)
        wanted = amount_needed(step, need)
        quantity = f"{wanted.value:f}" if wanted else ""
        services.add_material(
            actor=self.olga, step=step, code=self.lot(code).barcode, quantity=quantity, unit=need.unit
        )

    def add_lots(self, step: Step) -> None:
        for code in lots_asked(step):
            services.add_material(actor=self.olga, step=step, code=self.lot(code).barcode)

    def lot(self, code: str) -> Lot:
        released = Lot.objects.filter(site=self.stage.site, material__code=code, status=LotStatus.RELEASED)
        return released.select_related("material", "site").order_by("id")[0]

    def decide(self, step: Step) -> None:
        choices = step.says.decision.choices if step.says.decision else ()
        services.decide(actor=self.olga, step=step, choice=choices[0], reason="Viability is above the alert limit.")

    def move(self, step: Step) -> None:
        if step.says.sample:
            services.draw_sample(actor=self.olga, step=step)
        else:
            services.transfer_material(actor=self.olga, step=step, volumes_ml=[DRAINED_ML])
