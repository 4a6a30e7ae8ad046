from typing import Any

import pytest

from batches import services
from batches.models import Batch, Entry, ExceptionKind, Step
from batches.queries import reasons_signatures, record_of
from mes.accounts.models import User
from mes.errors import InvalidInput, SignatureRefused, StaleVersion
from mes.records.queries import is_signed
from tests.given import batches as given
from tests.given import people


@pytest.fixture
def entry(batch: Batch, olga: User) -> Entry:
    """A volume typed wrong, outside its limits."""
    step = given.started(batch, "S020")
    return services.record_entry(actor=olga, step=step, name="volume", value="12.5", unit="mL")


def correct(entry: Entry, actor: User, value: str = "125", **facts: Any) -> Entry:
    facts = {"reason": "Point typed wrong"} | facts
    return services.correct_entry(actor=actor, entry=entry, value=value, unit="mL", **facts)


@pytest.mark.req("R-004")
def test_the_first_value_stays_beside_the_right_one(entry: Entry, olga: User) -> None:
    corrected = correct(entry, olga)
    values = list(Entry.objects.filter(step=entry.step).order_by("at").values_list("value", "reason"))
    assert values == [("12.5", ""), ("125", "Point typed wrong")]
    assert corrected.supersedes == entry
    kinds = set(entry.step.exceptions.values_list("kind", flat=True))
    assert kinds == {ExceptionKind.OUT_OF_LIMIT, ExceptionKind.CORRECTED}
    text = entry.step.exceptions.get(kind=ExceptionKind.CORRECTED).text
    assert text == "Volume 12.5 mL corrected to 125 mL: Point typed wrong"
    assert corrected.event.data["old"] == "12.5"
    assert corrected.event.data["new"] == "125"


@pytest.mark.req("R-003")
def test_every_value_is_in_the_record_in_order(entry: Entry, olga: User, batch: Batch) -> None:
    for value in ("126", "127", "128"):
        entry = correct(entry, olga, value)
    step = next(each for each in record_of(given.fresh(batch)).steps if each.key == "S020")
    assert [line.value for line in step.attempts[0].values] == ["12.5", "126", "127", "128"]
    assert [line.is_changed for line in step.attempts[0].values] == [True, True, True, False]


@pytest.mark.req("R-002")
@pytest.mark.parametrize("reason", ["", "  "])
@pytest.mark.ux("OP-17")
def test_refuses_a_correction_without_a_reason(entry: Entry, olga: User, reason: str) -> None:
    with pytest.raises(InvalidInput):
        correct(entry, olga, reason=reason)
    assert Entry.objects.count() == 1


@pytest.mark.req("R-069")
def test_two_people_do_not_correct_the_same_value(entry: Entry, olga: User, vera: User) -> None:
    correct(entry, olga)
    with pytest.raises(StaleVersion):
        correct(entry, vera, "130")
    assert Entry.objects.count() == 2


@pytest.mark.req("R-048")
@pytest.mark.ux("OP-17")
def test_a_correction_after_signing_is_signed_again(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S030")
    step: Step = given.step(batch, "S020")
    entry = step.entries.get(name="volume")
    entry.step = step
    with pytest.raises(SignatureRefused):
        correct(entry, olga)
    correct(entry, olga, signer=people.signer(olga, "performed"))
    assert is_signed(given.step(batch, "S020"), "performed")


@pytest.mark.req("R-048")
def test_a_correction_voids_the_second_persons_signature(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S040")
    step = given.step(batch, "S030")
    entry = step.entries.get(name="clear")
    entry.step = step
    services.correct_entry(
        actor=olga,
        entry=entry,
        value="no",
        reason="A label of another batch was found",
        signer=people.signer(olga, "performed"),
    )
    reasons = reasons_signatures(given.fresh(batch))
    assert [reason.subject for reason in reasons] == [str(step.id)]
    assert "verified" in reasons[0].message


@pytest.mark.req("R-048")
def test_the_record_says_which_signature_stands_before_the_correction(batch: Batch, olga: User) -> None:
    given.done_before(batch, "S030")
    step: Step = given.step(batch, "S020")
    entry = step.entries.get(name="volume")
    entry.step = step
    correct(entry, olga, signer=people.signer(olga, "performed"))
    record = next(each for each in record_of(given.fresh(batch)).steps if each.key == "S020")
    before, after = record.attempts[0].signatures
    assert (before.valid, before.standing, before.note) == (True, "changed", "Signed before the correction of volume.")
    assert (after.valid, after.standing, after.note) == (True, "valid", "")
