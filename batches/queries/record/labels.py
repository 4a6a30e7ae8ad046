"""The labels printed for the containers of a batch, and where they are."""

from batches.queries.record.lines import LabelLine, LabelsExplained
from chain_of_identity.models import LabelExplanation
from chain_of_identity.queries import LabelAccount


def label_line(found: LabelAccount) -> LabelLine:
    return LabelLine(
        container=found.container,
        printed=found.printed,
        used=found.used,
        returned=found.returned,
        destroyed=found.destroyed,
        difference=found.difference,
    )


def labels_explained(found: LabelExplanation) -> LabelsExplained:
    return LabelsExplained(
        differences=found.differences, reason=found.reason, by=found.by.printed_name, done_at=found.done_at
    )
