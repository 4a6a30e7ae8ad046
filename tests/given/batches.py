"""Batches at every point of their life, brought there through the services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import time_machine
from django.utils import timezone

from batches import services
from batches.models import Batch, Step
from batches.queries.blind import first_readings
from batches.queries.inputs import lots_asked
from batches.queries.missing import reasons_incomplete
from batches.services.materials import amount_needed
from batches.states import Command, State
from chain_of_identity.models import Order
from equipment.models import Command as UnitCommand
from equipment.models import Unit
from equipment.services import acknowledge_command, confirm_command, send_command
from materials.models import Lot
from materials.services import receive_lot, release_lot
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.accounts.services import record_training
from mes.quantities import Quantity
from recipes.document.references import LOT_UNITS
from recipes.models import RecipeVersion
from tests.given import chain_of_identity as identity_given
from tests.given import equipment as equipment_given
from tests.given import materials as materials_given
from tests.given import people
from tests.given import recipes as recipes_given
from tests.given.pictures import picture

SHORT = (Path(__file__).parent / "short_recipe.yaml").read_text(encoding="utf-8")
# The same without waiting: for tests that need a batch behind them, not its hours.
QUICK = SHORT.replace("minutes: 60,", "minutes: 0.0001,").replace("at_least_minutes: 10, ", "")
CREW = ("olga", "vera", "sven")
GOOD = {"number": "", "text": "fine", "yes_no": "yes"}


def short_with(steps: str) -> str:
    """The short process with these steps, as they stand in its YAML, at the end of its first unit procedure."""
    return SHORT.replace("  - id: UP02\n", f"{steps.lstrip(chr(10))}  - id: UP02\n", 1)


def short_recipe(site: Site, source: str = SHORT) -> RecipeVersion:
    """The short process in force at the site, with the crew trained on it."""
    known = RecipeVersion.objects.select_related("recipe__site").filter(recipe__site=site, recipe__code="SHORT")
    version = known.first()
    if version is None:
        version = recipes_given.draft(site, source=source)
    elif version.source == source:
        return trained(version)
    else:
        version = recipes_given.revision(version, source)
    return trained(recipes_given.approved(version))


def trained(version: RecipeVersion, *others: User) -> RecipeVersion:
    """Olga, Vera and Sven, and these others, know this version."""
    for person in [*(people.persona(version.site, name) for name in CREW), *others]:
        record_training(
            actor=people.persona(version.site, "quinn"),
            user=person,
            subject=f"recipe:{version.recipe.code}",
            version=version.number,
        )
    return version


def workshop() -> None:
    """GRAZ with everybody who works there, a room and the short process."""
    site = people.a_site()
    for name in people.PERSONAS:
        people.persona(site, name)
    short_recipe(site)
    equipment_given.room(site)


def planned_batch(site: Site, *, order: Order | None = None, recipe: RecipeVersion | None = None) -> Batch:
    """A batch of the short process for an order whose material was received."""
    order = order or identity_given.received_order(site)
    start = clock.now(site)
    return services.plan_batch(
        actor=people.persona(site, "ines"),
        order=order,
        recipe_version=recipe or short_recipe(site),
        planned_start=start,
        planned_end=start + timedelta(days=1),
        suite="S1",
    )


def issued_batch(site: Site, **facts: Any) -> Batch:
    """Issued by Sven's signature; its steps are laid out."""
    batch = planned_batch(site, **facts)
    sven = people.persona(site, "sven")
    return services.issue_batch(actor=sven, batch=batch, signer=people.signer(sven, "issued", site=site))


def running_batch(site: Site, **facts: Any) -> Batch:
    """Started by Olga, with a room and an incubator at hand."""
    batch = issued_batch(site, **facts)
    equipment_given.room(site)
    if not Unit.objects.filter(site=site, class_code="incubator").exists():
        equipment_given.unit(site, "incubator", "INC-1")
    return services.command_batch(actor=people.persona(site, "olga"), batch=batch, name=Command.START)


def step(batch: Batch, key: str) -> Step:
    """A step by its id in the recipe, fresh from the database."""
    rows = Step.objects.select_related(
        "batch__site",
        "batch__order__patient",
        "batch__recipe_version__recipe",
        "operation__unit_procedure",
        "room",
    )
    return rows.get(batch=batch, key=key)


def fresh(batch: Batch) -> Batch:
    rows = Batch.objects.select_related("site", "order__patient", "recipe_version__recipe")
    return rows.get(pk=batch.pk)


def started(batch: Batch, key: str, *, by: str = "olga") -> Step:
    """All needed steps before it done, and this one started."""
    done_before(batch, key)
    actor = people.persona(batch.site, by)
    return services.start_step(actor=actor, step=step(batch, key))


def done_before(batch: Batch, key: str) -> Batch:
    """The batch at the point where this step comes next."""
    target = step(batch, key)
    while True:
        rows = Step.objects.open().filter(batch=batch, position__lt=target.position)
        first = rows.order_by("position").first()
        if first is None:
            return fresh(batch)
        done(step(batch, first.key))


def completed_batch(site: Site, **facts: Any) -> Batch:
    """A batch with every step done as the recipe asks."""
    if "recipe" not in facts:
        facts["recipe"] = short_recipe(site, QUICK)
    batch = running_batch(site, **facts)
    while (first := Step.objects.open().filter(batch=batch).order_by("position").first()) is not None:
        done(step(batch, first.key))
    return fresh(batch)


def done(it: Step) -> Step:
    """The step started (if need be), everything it asks for recorded, signed by Olga and verified by Vera."""
    olga = people.persona(it.site, "olga")
    if it.status == State.IDLE:
        services.start_step(actor=olga, step=it)
    prepared(step(it.batch, it.key))
    return signed(step(it.batch, it.key))


def signed(it: Step) -> Step:
    """Complete the step as its policy asks."""
    if it.status == State.COMPLETE:
        return it
    olga, vera = people.persona(it.site, "olga"), people.persona(it.site, "vera")
    policy = it.says.signature
    services.complete_step(
        actor=olga,
        step=it,
        signer=None if policy == "none" else people.signer(olga, "performed", site=it.site),
        verifier=people.signer(vera, "verified", site=it.site) if "verified" in policy else None,
        readings={name: value for name, (value, _) in first_readings(it).items()},
    )
    return step(it.batch, it.key)


def prepared(it: Step) -> Step:
    """Everything the step still asks for, done by Olga with good values."""
    olga = people.persona(it.site, "olga")
    for _ in range(20):
        it = step(it.batch, it.key)
        missing = reasons_incomplete(it) if it.status == State.RUNNING else []
        if not missing:
            return it
        _provide(olga, it, missing[0].code, missing[0].subject)
    raise AssertionError(f"{it} cannot be finished: {missing}")


def prepared_or_waiting(it: Step) -> Step:
    """A timed step with its unit bound, its time not up."""
    if any(reason.code == "unit_missing" for reason in reasons_incomplete(it)):
        olga = people.persona(it.site, "olga")
        services.bind_unit(actor=olga, step=it, code=_unit_for(it))
    return step(it.batch, it.key)


def _provide(actor: User, it: Step, code: str, subject: str) -> None:
    acts: dict[str, Callable[[], object]] = {
        "scan_missing": lambda: services.scan_for_step(actor=actor, step=it, code=f"&/{it.batch.coi_id}"),
        "unit_missing": lambda: services.bind_unit(actor=actor, step=it, code=_unit_for(it)),
        "room_missing": lambda: services.bind_unit(actor=actor, step=it, code="CR-1"),
        "entry_missing": lambda: good_entry(actor, it, subject),
        "material_missing": lambda: good_material(actor, it, subject),
        "result_missing": lambda: _choose_lots(actor, it),
        "photo_missing": lambda: services.add_photo(actor=actor, step=it, content=picture(), name=subject),
        "decision_missing": lambda: first_choice(actor, it),
        "transfer_missing": lambda: _move(actor, it),
        "command_missing": lambda: services.send_command(actor=actor, step=it),
        "command_open": lambda: confirmed(it),
        "too_early": lambda: ticked(it.batch),
        "deviation_missing": lambda: explained(it),
    }
    if code not in acts:
        raise AssertionError(f"{it}: nobody knows what to do about {code}")
    acts[code]()


def first_choice(actor: User, it: Step) -> None:
    """The first of the answers a recipe offers."""
    assert it.says.decision is not None
    choice = it.says.decision.choices[0]
    services.decide(actor=actor, step=it, choice=choice, reason="As usual")


def good_entry(actor: User, it: Step, name: str) -> None:
    """A value inside its limits."""
    spec = next(each for each in it.says.entries if each.id == name)
    value, unit = GOOD.get(spec.type, ""), ""
    if spec.type == "choice":
        value = (spec.accepted or spec.choices)[0]
    if spec.type == "number":
        bounds = [each for each in (spec.target, spec.alert_low, spec.low, spec.high) if each is not None]
        value, unit = (f"{bounds[0]:f}" if bounds else "1"), spec.unit
    services.record_entry(actor=actor, step=it, name=name, value=value, unit=unit)


def good_material(actor: User, it: Step, code: str) -> None:
    """As much as is asked for, from a released lot."""
    need = next(each for each in it.says.materials if each.code == code)
    wanted = amount_needed(it, need)
    assert wanted is not None
    services.add_material(
        actor=actor, step=it, code=lot(it.site, code).barcode, quantity=f"{wanted.value:.4f}", unit=need.unit
    )


def lot(site: Site, code: str) -> Lot:
    """A released lot of the material that states all a recipe may ask of it; made on first use."""
    known = Lot.objects.filter(site=site, material__code=code, status="released")
    return known.select_related("material", "site").first() or _stated_lot(site, code)


def _stated_lot(site: Site, code: str) -> Lot:
    material = materials_given.material(site, code)
    quinn = people.persona(site, "quinn")
    received = receive_lot(
        actor=people.persona(site, "logan"),
        material=material,
        number=f"S-{code}",
        quantity=Quantity(10 * Decimal(materials_given.PLENTY[material.unit]), material.unit),
        expires_at=clock.now(site) + timedelta(days=365),
        attributes={name: Quantity(Decimal("1E8"), unit) for name, unit in LOT_UNITS.items()},
    )
    signer = people.signer(quinn, "released", site=site)
    return release_lot(actor=quinn, lot=received, signer=signer)


def explained(it: Step) -> None:
    """What is out of limit in the step has a deviation that quality approved."""
    olga, quinn = people.persona(it.site, "olga"), people.persona(it.site, "quinn")
    open_ones = list(it.exceptions.filter(kind="out_of_limit", deviation=None))
    deviation = services.open_deviation(
        actor=olga,
        batch=it.batch,
        title="Outside its limits",
        description="A true reading.",
        severity="high",
        exceptions=open_ones,
    )
    services.investigate(
        actor=olga,
        deviation=deviation,
        investigation="Read twice.",
        impact="None on safety.",
        other_batches="None.",
        conclusion="Accepted.",
    )
    signer = people.signer(quinn, "approved", site=it.site)
    services.approve_deviation(actor=quinn, deviation=deviation, signer=signer)


def confirmed(it: Step) -> None:
    """The gateway has carried out the step's open command, and the worker has noticed."""
    gateway = system_user("gateway")
    for command in UnitCommand.objects.open().filter(step_id=it.id):
        sent = send_command(actor=gateway, command=command)
        told = acknowledge_command(actor=gateway, command=sent)
        confirm_command(actor=gateway, command=told, read_back={"mode": command.name})
    ticked(it.batch)


def ticked(batch: Batch) -> Batch:
    """The dispatcher has looked at the batch."""
    services.advance_batch(actor=system_user("dispatcher"), batch_id=batch.id)
    return fresh(batch)


def later(minutes: float) -> time_machine.travel:
    """The same place some minutes on."""
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True)


def _unit_for(it: Step) -> str:
    found = Unit.objects.filter(site=it.site, class_code=it.unit_class).first()
    if found is None:
        found = equipment_given.unit(it.site, it.unit_class)
    if found.cleaning_due is None:
        equipment_given.clean(found)
    return found.code


def _choose_lots(actor: User, it: Step) -> None:
    for code in lots_asked(it):
        services.add_material(actor=actor, step=it, code=lot(it.site, code).barcode)


def _move(actor: User, it: Step) -> None:
    if it.says.sample:
        services.draw_sample(actor=actor, step=it)
    else:
        services.transfer_material(actor=actor, step=it, volumes_ml=[Decimal(50)])
