"""What the operator reads of a sample's tests."""

from batches.queries.run import run_screen
from mes.accounts.models import Site, User
from tests.given import qc_release as given


def test_the_tests_of_a_sample_have_the_names_of_the_specification(site: Site, olga: User) -> None:
    batch = given.running_batch(site)
    step = next(each for each in batch.steps.all() if each.says.sample)
    shown = run_screen(step, olga)["sample"]
    assert shown["tests"] == ["viability", "endotoxin", "sterility"]
    assert shown["test_titles"] == ["viability", "endotoxin", "sterility"]

    given.in_force(site)
    assert run_screen(step, olga)["sample"]["test_titles"] == ["Viability", "Endotoxin", "Sterility"]
