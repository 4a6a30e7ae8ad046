"""Who may be the second person of a step."""

from batches.errors import NotTrained
from batches.models import Step
from batches.queries.blind import took_over
from batches.queries.gates import reasons_not_trained
from mes import clock
from mes.accounts.queries import require
from mes.errors import NotPermitted, SignatureRefused
from mes.phrases import Phrase
from mes.records.signing import Signer


def require_second_person(step: Step, verifier: Signer) -> None:
    """Somebody who may verify, knows the recipe and had no hand in the step."""
    require(verifier.user, "batches.verify", step.site)
    if verifier.meaning != "verified":
        raise SignatureRefused("The second person signs as “verified”.", meaning="verified")
    if verifier.user_id in step.performer_ids():
        raise NotPermitted("Nobody verifies their own work. Another person signs.", rule="not_own_work")
    if step.says.signature == "verified_blind" and took_over(step, verifier.user):
        raise NotPermitted(
            Phrase("Whoever took over this step has seen its values. Somebody else reads them again."), rule="blind"
        )
    untrained = reasons_not_trained(step.batch, verifier.user, clock.now(step.site))
    if untrained:
        raise NotTrained(untrained[0].message)
