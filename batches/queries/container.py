"""Is this container the one the step works on? It is of the right patient already; else the batch has stopped."""

from __future__ import annotations

from batches.models import Step
from chain_of_identity.models import Container
from chain_of_identity.queries import how_ended
from chain_of_identity.states import ContainerStatus
from mes.errors import Reason
from mes.phrases import Phrase

# What these do to the material is not done to a sample of it.
NOT_ON_SAMPLES = frozenset({"material_addition", "sample", "transfer"})
MOST_NAMED = 4


def reasons_unfit_here(step: Step, container: Container) -> list[Reason]:
    """Why the step cannot use this container, and which one it needs; empty when it can."""
    words = _why_not(step, container)
    if not words:
        return []
    return [Reason("not_this_container", words, container.label), *_needed(step)]


def _why_not(step: Step, container: Container) -> str:
    if ended := how_ended(container):
        return ended
    if container.status != ContainerStatus.FILLED:
        return Phrase("{container} is labelled and empty.", container=container)
    if container.batch_id != step.batch_id:
        return _elsewhere(container)
    if container.holds == Container.Holds.SAMPLE and step.kind in NOT_ON_SAMPLES:
        return Phrase("{container} is a sample.", container=container)
    return ""


def _elsewhere(container: Container) -> str:
    if container.batch_number:
        return Phrase("{container} is in batch {batch}.", container=container, batch=container.batch_number)
    return Phrase("{container} was not taken into this batch.", container=container)


def codes_fitting(step: Step) -> list[str]:
    """Everything on a label that the step would take now: its containers, and the patient's chain."""
    here = Container.objects.filled().filter(batch_id=step.batch_id)
    if step.kind in NOT_ON_SAMPLES:
        here = here.exclude(holds=Container.Holds.SAMPLE)
    coi_id = step.batch.coi_id
    return [*here.order_by("label").values_list("label", flat=True), coi_id, f"&/{coi_id}"]


def _needed(step: Step) -> list[Reason]:
    here = Container.objects.filled().filter(batch_id=step.batch_id).exclude(holds=Container.Holds.SAMPLE)
    labels = list(here.values_list("label", flat=True)[:MOST_NAMED])
    words = Phrase("Needed here: {labels}.", labels=", ".join(labels))
    return [Reason("container_needed", words, labels[0])] if labels else []
