"""Samples reach the laboratory."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from batches.models import Batch, Step
from chain_of_identity.models import Container
from mes import clock
from mes.accounts.models import User
from mes.accounts.queries import require
from mes.errors import Conflict, InvalidInput
from mes.records.services import act
from qc_release.models import Sample
from qc_release.services.shared import open_file


def register_sample(
    *,
    actor: User,
    batch: Batch,
    stage: str = "",
    container: Container | None = None,
    code: str = "",
    description: str = "",
    source: str = "",
    lot_number: str = "",
    quantity: Decimal | None = None,
    unit: str = "",
    taken_at: datetime | None = None,
    received_at: datetime | None = None,
) -> Sample:
    """Take a sample into the laboratory. What its container and its step know need not be typed again.

    The record may be completed later; testing does not start before it is whole (R-147).
    """
    require(actor, "qc.sample", batch.site)
    known = _known(batch, container) if container else {}
    given = {
        "code": code,
        "stage": stage,
        "description": description,
        "source": source,
        "quantity": quantity,
        "unit": unit,
        "taken_at": taken_at,
    }
    facts = known | {name: value for name, value in given.items() if value not in ("", None)}
    with act(actor, "qc_release.register_sample", site=batch.site, subject=batch, batch=batch) as event:
        file = open_file(actor=actor, batch=batch)
        _check_stage(file.specification_version.content.stages, facts.get("stage", ""))
        sample = Sample.objects.create(
            site=batch.site,
            batch=batch,
            container=container,
            specification_version=file.specification_version,
            lot_number=lot_number or batch.number,
            received_at=received_at or clock.now(batch.site),
            registered_by=actor,
            **{"code": _next_code(batch), **facts},
        )
        event.data |= {"sample": sample.code, "stage": sample.stage}
    return sample


def complete_sample(*, actor: User, sample: Sample, **facts: Any) -> Sample:
    """Fill in what a sample's record still lacks. What stands there already is not overwritten."""
    require(actor, "qc.sample", sample.site)
    unknown = set(facts) - set(NEEDED)
    if unknown:
        raise InvalidInput(f"A sample has no {', '.join(sorted(unknown))} to fill in.", known=list(NEEDED))
    with act(actor, "qc_release.complete_sample", site=sample.site, subject=sample, batch=sample.batch_id) as event:
        sample = Sample.objects.select_related("site", "batch").select_for_update(of=("self",)).get(pk=sample.pk)
        filled = [name for name in facts if getattr(sample, name) not in ("", None)]
        if filled:
            raise Conflict(f"{', '.join(filled)} of {sample} is recorded already.", fields=filled)
        for name, value in facts.items():
            setattr(sample, name, value)
        sample.save(update_fields=list(facts))
        event.data |= {"fields": sorted(facts)}
    return sample


NEEDED = ("description", "source", "lot_number", "quantity", "unit", "taken_at", "received_at")


def require_whole(sample: Sample) -> None:
    """21 CFR 211.194(a)(1): a sample is described before it is tested."""
    missing = [name for name in NEEDED if getattr(sample, name) in ("", None)]
    if missing:
        words = ", ".join(name.replace("_", " ") for name in missing)
        raise InvalidInput(f"The record of sample {sample} lacks: {words}.", missing=missing)


def _known(batch: Batch, container: Container) -> dict[str, Any]:
    """What the chain of identity and the recipe know of a sample tube."""
    if container.batch_id != batch.id or container.order_id != batch.order_id:
        raise Conflict(f"{container} is not a sample of batch {batch}.", container=container.label)
    link = container.links_in.select_related("source", "transformation").first()
    step_id = link.transformation.step_id if link else None
    step = Step.objects.filter(pk=step_id).first() if step_id else None
    facts = {
        "code": container.label,
        "description": container.contents,
        "source": link.source.label if link else "",
        "quantity": container.volume_ml,
        "unit": "mL",
        "taken_at": container.made_at,
        "step": step,
    }
    asked = (step.spec.get("sample") or {}) if step else {}
    return facts | ({"stage": asked["stage"]} if asked else {})


def _check_stage(stages: list[Any], stage: str) -> None:
    known = [each.id for each in stages]
    if stage not in known:
        raise InvalidInput(f"The specification has no stage “{stage}”.", field="stage", known=known)


def _next_code(batch: Batch) -> str:
    return f"{batch.number}-S{Sample.objects.filter(batch=batch).count() + 1:02d}"
