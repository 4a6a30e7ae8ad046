from batches.states import State
from mes.accounts.models import Site
from tests.given import batches as given


def test_a_batch_is_complete_when_every_needed_step_is(site: Site) -> None:
    batch = given.completed_batch(site)
    assert batch.status == State.COMPLETE
