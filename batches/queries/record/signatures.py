"""Every signature in a batch record, on whatever it was put, with what it is worth today (21 CFR 11.50, 11.70)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from batches.models import Step
from batches.queries.record.step_lines import SignatureLine
from mes.records.models import RecordedModel, Signature, subject_type
from mes.records.queries import manifest_now
from mes.records.standing import Judged, Standing, judged, known_versions


class Signatures:
    """The signatures on some records, read with as many queries as there are kinds of records."""

    def __init__(self, *kinds: Sequence[RecordedModel]) -> None:
        subjects = [each for kind in kinds for each in kind]
        labels = {subject_type(each) for each in subjects}
        rows = Signature.objects.filter(subject_id__in=[each.id for each in subjects], subject_type__in=labels)
        self._by_subject: dict[UUID, list[Signature]] = defaultdict(list)
        for row in rows.select_related("event", "withdrawal").order_by("at", "id"):
            self._by_subject[row.subject_id].append(row)
        signed = ([each for each in kind if each.id in self._by_subject] for kind in kinds)
        self._versions = {
            version for kind in signed if kind for version in known_versions(type(kind[0]), [each.id for each in kind])
        }

    def lines(self, subject: RecordedModel) -> list[SignatureLine]:
        """All signatures on a record, oldest first."""
        return self._lines(self._by_subject[subject.id], subject)

    def of_attempt(self, step: Step, number: int) -> list[SignatureLine]:
        """Those on one attempt of a step. Nothing is added to a finished attempt: it stands as it was signed."""
        signed = [each for each in self._by_subject[step.id] if each.manifest.get("attempt", 1) == number]
        return self._lines(signed, step if number == step.attempt else None)

    def _lines(self, signatures: Iterable[Signature], subject: RecordedModel | None) -> list[SignatureLine]:
        signatures = list(signatures)
        now = manifest_now(subject) if subject is not None and signatures else None
        return [_line(each, judged(each, now, self._versions)) for each in signatures]


def _line(signature: Signature, worth: Judged) -> SignatureLine:
    return SignatureLine(
        id=str(signature.id),
        printed_name=signature.printed_name,
        username=signature.username,
        role=signature.role,
        meaning=signature.meaning,
        at=signature.at,
        timezone=signature.timezone,
        digest=signature.manifest_digest,
        command=signature.event.data.get("command", ""),
        standing=worth.standing,
        note=_note(signature, worth),
        valid=worth.standing not in {Standing.INVALID, Standing.WITHDRAWN},
    )


def _note(signature: Signature, worth: Judged) -> str:
    if worth.standing != Standing.WITHDRAWN:
        return worth.note
    return f"Withdrawn by {signature.printed_name}: {signature.withdrawal.reason}"
