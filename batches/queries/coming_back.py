"""Whoever comes back to a batch reads its label again before they go on."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists

from batches.models import Step, StepScan
from chain_of_identity.models import Container
from mes import server_clock
from mes.accounts.models import User
from mes.errors import Reason
from mes.phrases import Phrase
from mes.records import current

AGAIN = Phrase("You were away. Scan the label of this patient's material again.")
# What only time, a decision of others or the clock is missing for, nobody needs the bag for.
BY_HAND = frozenset(
    {"entry_missing", "unit_missing", "material_missing", "result_missing", "decision_missing", "transfer_missing"}
    | {"command_missing", "command_failed"}
)


def must_identify(step: Step, person: User) -> bool:
    """Has this person not scanned a label of the batch since they came back, though one is there to be scanned?

    One query. A program has a token and no session: nobody leaves it and comes back to another bag. What a tablet
    captured before its person came back was judged by the tablet then.
    """
    facts = current.request.get()
    kept_for = facts.device.kept_for if facts.device else timedelta(0)
    if facts.back_at is None or server_clock.now() - kept_for < facts.back_at:
        return False
    scanned = StepScan.objects.filter(step__batch=step.batch_id, by=person, at__gte=facts.back_at)
    in_play = Container.objects.filled().filter(batch_id=step.batch_id).exclude(holds=Container.Holds.SAMPLE)
    return in_play.exclude(Exists(scanned)).exists()


def with_identity(step: Step, person: User, missing: list[Reason]) -> list[Reason]:
    """What is missing for this person: what is missing for all, and first the label where they came back to it."""
    codes = {reason.code for reason in missing}
    if "scan_missing" in codes or not codes & BY_HAND or not must_identify(step, person):
        return missing
    return [Reason("scan_missing", AGAIN, step.key), *missing]
