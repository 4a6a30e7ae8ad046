"""Signing what one's own act changes: a decision, a correction."""

from dataclasses import replace

from mes.errors import StaleVersion
from mes.records.models import RecordedModel
from mes.records.queries import manifest_digest
from mes.records.signing import Signer


def having_seen(signer: Signer, subject: RecordedModel) -> Signer:
    """The signer, whose sight of the record is compared now, before their own words go into it.

    What they then sign is what they saw with those words added. StaleVersion when somebody else changed it meanwhile.
    """
    if signer.seen and signer.seen != manifest_digest(subject):
        raise StaleVersion("The record changed after it was shown. Look at it again and sign then.")
    return replace(signer, seen="")
