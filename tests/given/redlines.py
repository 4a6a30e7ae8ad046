"""Additions to a batch, proposed by Sven and decided by others, through the services."""

from typing import Any

from batches import services
from batches.models import Batch, Redline, Step
from tests.given import batches, people

MIXING: dict[str, Any] = {"kind": "instruction", "title": "Mix once more", "text": "Turn the bag over five times."}
COUNT: dict[str, Any] = {
    "kind": "entry",
    "title": "Count again",
    "text": "Count a second tube.",
    "entries": [{"id": "density", "name": "Cell density", "unit": "cell/mL", "low": "1E5", "high": "1E8"}],
    "signature": "performed",
}


def proposed(after: Step, addition: dict[str, Any] = MIXING, **more: Any) -> Redline:
    sven = people.persona(after.site, "sven")
    return services.propose_redline(actor=sven, after=after, addition=addition, reason="The bag looks clumped.", **more)


def approved(redline: Redline, *, by: str = "quinn") -> Step:
    """In the batch, fresh from the database."""
    person = people.persona(redline.site, by)
    signer = people.signer(person, "approved", site=redline.site, subject=redline)
    services.approve_redline(actor=person, redline=redline, signer=signer)
    return batches.step(redline.batch, redline.key)


def added(batch: Batch, after: str, addition: dict[str, Any] = MIXING) -> Step:
    """A step that Sven added and Quinn approved."""
    return approved(proposed(batches.step(batch, after), addition))
