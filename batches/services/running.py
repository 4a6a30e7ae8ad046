"""What has to be true while somebody works in a step."""

from batches.errors import IdentityNotScanned
from batches.models import Step
from batches.queries.missing import is_scanned, needs_scan
from batches.states import State
from mes.errors import WrongState


def require_running(step: Step) -> None:
    """Work is recorded only in a running step of a running batch."""
    for element in (step.batch, step):
        if element.status != State.RUNNING:
            raise WrongState(f"{element} is {element.get_status_display().lower()}.", state=element.status)


def require_scanned(step: Step) -> None:
    """Nothing is done to material before its label was read."""
    if needs_scan(step) and not is_scanned(step):
        raise IdentityNotScanned("Scan the label of this patient's material first.", step=step.key)
