"""What a signature is worth on the record as it stands now (21 CFR 11.70).

A signature is bound to what was signed and to the version of the record that was signed: the manifest kept with it has
the digest, the seal fits the row, and the history has that version. Later versions take nothing from it. Where
something that was signed was put right afterwards, the signature holds for what stood there before, and says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from mes.records.models import RecordedModel, Signature
from mes.records.queries import seal_holds

# These sign an act at its moment. All others sign a whole: what is added later was not signed by them.
OF_A_MOMENT = frozenset({"commanded"})


class Standing(StrEnum):
    VALID = "valid"
    CHANGED = "changed"
    INVALID = "invalid"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Judged:
    """The standing of one signature; `corrected` are the names of signed values that were put right afterwards."""

    standing: Standing
    corrected: tuple[str, ...] = ()

    @property
    def note(self) -> str:
        """The words beside a signature, empty when it is simply valid."""
        if self.standing == Standing.INVALID:
            return "Not valid: what was signed is not what stands here."
        if self.standing == Standing.WITHDRAWN:
            return "Withdrawn by its signer."
        if self.corrected:
            return f"Signed before the correction of {', '.join(self.corrected)}."
        return "" if self.standing == Standing.VALID else "Signed before more was recorded."


def judged(signature: Signature, now: dict[str, Any] | None, versions: set[tuple[UUID, int]]) -> Judged:
    """`now` is what a signer would see today; None where the record has moved on and nothing is added to it.

    `versions` are those the record ever had (known_versions).
    """
    signed = signature.manifest
    is_bound = seal_holds(signature) and (signature.subject_id, signature.subject_version) in versions
    if not is_bound or (now is not None and not _still_says(now, signed)):
        return Judged(Standing.INVALID)
    if signature.is_withdrawn:
        return Judged(Standing.WITHDRAWN)
    if now is None or now == signed:
        return Judged(Standing.VALID)
    corrected = tuple(_named_again(now, signed))
    is_changed = bool(corrected) or signature.meaning not in OF_A_MOMENT
    return Judged(Standing.CHANGED if is_changed else Standing.VALID, corrected)


def known_versions(model: type[RecordedModel], ids: Iterable[UUID]) -> set[tuple[UUID, int]]:
    """The versions these records ever had: a signature names one of them."""
    rows = model.history.filter(id__in=list(ids))
    return set(rows.values_list("id", "version"))


def _still_says(now: dict[str, Any], signed: dict[str, Any]) -> bool:
    """Is everything that was signed still there? What was empty may have been filled in since."""
    return all(_holds(now.get(name), value) for name, value in signed.items())


def _holds(now: Any, signed: Any) -> bool:
    if isinstance(signed, list):
        return isinstance(now, list) and all(each in now for each in signed)
    return signed in (None, "") or now == signed


def _named_again(now: dict[str, Any], signed: dict[str, Any]) -> Iterable[str]:
    """Names of signed values beside which another value of that name stands: corrections, and what followed of them."""
    for part, values in signed.items():
        if isinstance(values, list):
            known = {each["name"] for each in values if isinstance(each, dict) and "name" in each}
            later = [each for each in now[part] if each not in values and isinstance(each, dict)]
            yield from dict.fromkeys(each["name"] for each in later if each.get("name") in known)
