"""Laboratory and release as a site has them, made the way people make them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from batches import services as batches
from batches.models import Batch, Step, StepScan
from batches.states import State
from chain_of_identity.models import Container, Order
from materials.models import Lot
from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.services import record_training
from qc_release import services
from qc_release.document import read_specification
from qc_release.limits import Value
from qc_release.models import DispositionRecord, Investigation, Method, Result, ReviewKind, Sample, SpecificationVersion
from qc_release.states import Disposition, VersionState, meaning_of
from recipes.models import RecipeVersion
from tests.given import chain_of_identity, materials, people, recipes

DATA = Path(__file__).parent.parent / "qc_release" / "data"
SHORT_RECIPE = (DATA / "short_recipe.yaml").read_text(encoding="utf-8")
SHORT_SPECIFICATION = (DATA / "short_specification.yaml").read_text(encoding="utf-8")
USUAL_VIABILITY = "92.0"
PASSING: dict[str, Value] = {"viability": "91.5", "endotoxin": "<0.5", "appearance": "cloudy", "sterility": "negative"}


def draft_specification(
    site: Site, source: str = SHORT_SPECIFICATION, *, change_control: str = ""
) -> SpecificationVersion:
    """What ravi wrote and nobody has approved."""
    ravi = people.persona(site, "ravi")
    return services.import_specification(actor=ravi, site=site, source=source, change_control=change_control)


def effective_specification(
    site: Site, source: str = SHORT_SPECIFICATION, *, change_control: str = ""
) -> SpecificationVersion:
    """Approved by quinn and in force, with its methods."""
    version = draft_specification(site, source, change_control=change_control)
    for test in read_specification(source).tests:
        approved_method(site, test.method.code, test.method.version)
    quinn = people.persona(site, "quinn")
    return services.approve_version(actor=quinn, version=version, signer=people.signer(quinn, "approved", site=site))


def draft_method(site: Site, code: str, number: str = "1") -> Method:
    return services.add_method(
        actor=people.persona(site, "ravi"),
        site=site,
        code=code,
        number=number,
        name=f"Method {code}",
        suitability="Validation report VR-001",
    )


def approved_method(site: Site, code: str, number: str = "1") -> Method:
    """A method quality has approved; made when first asked for."""
    known = Method.objects.filter(site=site, code=code, number=number).first()
    if known:
        return known
    quinn = people.persona(site, "quinn")
    draft = draft_method(site, code, number)
    return services.approve_method(actor=quinn, method=draft, signer=people.signer(quinn, "approved", site=site))


def in_force(site: Site) -> SpecificationVersion:
    """The site's specification; made when first asked for."""
    found = SpecificationVersion.objects.filter(specification__site=site, status=VersionState.EFFECTIVE).first()
    return found or effective_specification(site)


# --- a batch that was made --------------------------------------------------------------------------------------------


def running_batch(site: Site, *, of: Order | None = None) -> Batch:
    """A batch of the short recipe, started, with nothing done yet."""
    known = RecipeVersion.objects.filter(recipe__site=site).select_related("recipe__site").first()
    version = known or recipes.approved(recipes.draft(site, source=SHORT_RECIPE))
    order = chain_of_identity.received_order(site, of=of)
    ines, sven = people.persona(site, "ines"), people.persona(site, "sven")
    now = clock.now(site)
    for name in ("olga", "vera"):
        record_training(
            actor=sven, user=people.persona(site, name), subject=f"recipe:{version.recipe.code}", version=version.number
        )
    batch = batches.plan_batch(
        actor=ines,
        order=order,
        recipe_version=version,
        planned_start=now,
        planned_end=now + timedelta(days=1),
        suite="S1",
    )
    batch = batches.issue_batch(actor=sven, batch=batch, signer=people.signer(sven, "issued", site=site))
    return batches.command_batch(actor=sven, batch=batch, name="START")


def made_batch(site: Site, *, of: Order | None = None, viability: str = USUAL_VIABILITY) -> Batch:
    """A batch of the short recipe, complete and not tested yet: olga did it, vera looked on at the end. 50 mL are in
    the bag. Made when there is none, or when it has to be a certain one.
    """
    known = Batch.objects.filter(site=site, status=State.COMPLETE, samples=None).select_related("site", "order__site")
    if not of and viability == USUAL_VIABILITY and (untouched := known.first()):
        return untouched
    in_force(site)
    batch = running_batch(site, of=of)
    olga, vera = people.persona(site, "olga"), people.persona(site, "vera")
    entry, bag_set, sample, fill, end = (step_of(batch, key) for key in ("S010", "S015", "S020", "S030", "S040"))
    batches.start_step(actor=olga, step=entry)
    batches.record_entry(actor=olga, step=entry, name="viability", value=viability, unit="%")
    completed(entry)
    batches.start_step(actor=olga, step=bag_set)
    scanned(bag_set)
    batches.add_material(actor=olga, step=bag_set, code=bag_set_lot(site).barcode, quantity="1")
    completed(bag_set)
    batches.start_step(actor=olga, step=sample)
    scanned(sample)
    batches.draw_sample(actor=olga, step=sample)
    completed(sample)
    batches.start_step(actor=olga, step=fill)
    scanned(fill)
    batches.transfer_material(actor=olga, step=fill, volumes_ml=[Decimal(50)])
    completed(fill)
    batches.start_step(actor=olga, step=end)
    batches.complete_step(
        actor=olga,
        step=end,
        signer=people.signer(olga, "performed", site=site),
        verifier=people.signer(vera, "verified", site=site),
    )
    return Batch.objects.select_related("site", "order__site").get(pk=batch.pk)


def bag_set_lot(site: Site) -> Lot:
    """The released lot of bag sets the batches are filled with."""
    found = Lot.objects.filter(site=site, material__code="BAG-SET").first()
    return found or materials.released_lot(site, "BAG-SET")


def scanned(step: Step) -> StepScan:
    """Olga read the label of the patient's bag."""
    olga = people.persona(step.site, "olga")
    return batches.scan_for_step(actor=olga, step=step, code=chain_of_identity.bag_of(step.batch.order).label)


def step_of(batch: Batch, key: str) -> Step:
    return Step.objects.select_related("batch__site", "batch__order").get(batch=batch, key=key)


def completed(step: Step) -> Step:
    olga = people.persona(step.site, "olga")
    return batches.complete_step(actor=olga, step=step, signer=people.signer(olga, "performed", site=step.site))


# --- in the laboratory ------------------------------------------------------------------------------------------------


def sample_tube(batch: Batch) -> Container:
    """The tube that was drawn in the batch."""
    found = Container.objects.select_related("order__site")
    return found.get(batch_id=batch.id, holds=Container.Holds.SAMPLE)


def sample(batch: Batch) -> Sample:
    """The release sample, received by carl. Made when first asked for."""
    known = Sample.objects.filter(batch=batch).first()
    carl = people.persona(batch.site, "carl")
    return known or services.register_sample(actor=carl, batch=batch, container=sample_tube(batch))


def labelled_sample(batch: Batch, code: str) -> Sample:
    """A whole sample with a label of its own, an hour old, as carl registers one that no step has drawn."""
    return services.register_sample(
        actor=people.persona(batch.site, "carl"),
        batch=batch,
        stage="release",
        code=code,
        description="Product",
        source="Final bag",
        quantity=Decimal(1),
        unit="mL",
        taken_at=clock.now(batch.site) - timedelta(hours=1),
    )


def result(batch: Batch, test_id: str, value: Value | None = None, *, by: User | None = None, unit: str = "") -> Result:
    """A result carl entered and signed; passing unless a value is given."""
    analyst = by or people.persona(batch.site, "carl")
    return services.record_result(
        actor=analyst,
        sample=sample(batch),
        test_id=test_id,
        value=PASSING[test_id] if value is None else value,
        unit=unit,
        amount=Decimal("0.1"),
        amount_unit="mL",
        raw_data=f"ELN-{test_id}-1",
        signer=people.signer(analyst, "performed", site=batch.site),
    )


def checked(entered: Result, *, by: User | None = None) -> Result:
    """Reviewed by cora, the second analyst."""
    cora = by or people.persona(entered.site, "cora")
    return services.check_result(actor=cora, result=entered, signer=people.signer(cora, "checked", site=entered.site))


def batch_with_results(site: Site, *, pending: bool = False, values: dict[str, Value] | None = None) -> Batch:
    """A complete batch with every result checked; with `pending`, sterility is only negative to date."""
    batch = made_batch(site)
    late: dict[str, Value] = {"sterility": "negative to date"} if pending else {}
    for test_id, value in (PASSING | late | (values or {})).items():
        checked(result(batch, test_id, value))
    return batch


def concluded(investigation: Investigation, *, cause: str = "laboratory") -> Investigation:
    """Carl found the cause and signed it."""
    carl = people.persona(investigation.site, "carl")
    return services.conclude_investigation(
        actor=carl,
        investigation=investigation,
        cause=cause,
        findings="The control of the run was outside its range.",
        other_batches="No other batch was tested in this run.",
        conclusion="The result does not describe the sample.",
        follow_up="The run is repeated; the instrument is serviced.",
        signer=people.signer(carl, "performed", site=investigation.site),
    )


def closed(investigation: Investigation, *, cause: str = "laboratory") -> Investigation:
    """Approved by quinn."""
    quinn = people.persona(investigation.site, "quinn")
    return services.close_investigation(
        actor=quinn,
        investigation=concluded(investigation, cause=cause),
        signer=people.signer(quinn, "approved", site=investigation.site),
    )


# --- in the quality unit ----------------------------------------------------------------------------------------------


def reviewed(batch: Batch, *, by: User | None = None, leave_out: str = "") -> Batch:
    """Every review signed by quinn."""
    quinn = by or people.persona(batch.site, "quinn")
    for kind in ReviewKind:
        if kind != leave_out:
            services.sign_review(
                actor=quinn, batch=batch, kind=kind, signer=people.signer(quinn, "reviewed", site=batch.site)
            )
    return batch


def reviewed_batch(site: Site, *, pending: bool = False) -> Batch:
    """Made, tested and reviewed: nothing is missing but the decision."""
    return reviewed(batch_with_results(site, pending=pending))


def disposed(
    batch: Batch,
    decision: str = Disposition.RELEASED,
    *,
    by: User | None = None,
    comment: str = "As discussed.",
    supply: services.OutOfSpecificationSupply | None = None,
) -> DispositionRecord:
    """Decided by petra, with her password."""
    petra = by or people.persona(batch.site, "petra")
    return services.dispose(
        actor=petra,
        batch=batch,
        decision=decision,
        comment=comment,
        recall_path="Call Dr. Moser at once; the patient gets antibiotics." if decision == "released_pending" else "",
        supply=supply,
        signer=people.signer(petra, meaning_of(decision), site=batch.site, full=True),
    )


DOCUMENTS = services.OutOfSpecificationSupply("REQ-1", "RISK-1", "NOTE-1", "ACC-1")
