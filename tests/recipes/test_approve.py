"""Approval: prepared, checked by another, approved by quality, in force by date."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from mes import clock
from mes.accounts.models import Site, User
from mes.accounts.queries import system_user
from mes.errors import InvalidInput, MesError, NotPermitted, SignatureRefused, WrongState
from mes.records.queries import events_of, is_signed, signatures_of
from mes.records.services import act
from recipes import services
from recipes.errors import CodeChanged, RecipeExists, RecipeInvalid, RecipeLocked, VersionInWork
from recipes.library import source_of
from recipes.models import Recipe, RecipeVersion
from recipes.queries import effective_version
from recipes.states import VersionStatus
from tests.given import people
from tests.given import recipes as given

pytestmark = pytest.mark.django_db

MOI = "target: 7.5, low: 5, high: 10"


def second_draft(version: RecipeVersion) -> RecipeVersion:
    return given.revision(version, given.changed(version.source, MOI, "target: 8, low: 5, high: 10"))


def test_an_import_keeps_the_text_byte_for_byte(site: Site, ravi: User) -> None:
    source = source_of("CART-A") + "# a last line without an end \t "
    version = services.import_recipe(actor=ravi, site=site, source=source)
    kept = RecipeVersion.objects.get(pk=version.pk)
    assert kept.source == source
    assert kept.content.recipe.code == "CART-A"
    assert (kept.number, kept.status) == (1, VersionStatus.DRAFT)


@pytest.mark.req("R-074")
def test_the_author_cannot_check_their_own_draft(site: Site, ravi: User, rita: User) -> None:
    version = given.submitted(given.draft(site))
    with pytest.raises(NotPermitted):
        services.review(actor=ravi, version=version, signer=people.signer(ravi, "reviewed"))
    with pytest.raises(NotPermitted):
        services.review(actor=rita, version=version, signer=people.signer(ravi, "reviewed"))
    version = services.review(actor=rita, version=version, signer=people.signer(rita, "reviewed"))
    assert version.status == VersionStatus.REVIEWED


@pytest.mark.req("R-074")
def test_an_approved_version_carries_all_three_signatures_with_date(site: Site) -> None:
    version = given.approved(given.draft(site))
    signed = [(each.username, each.meaning) for each in signatures_of(version)]
    assert signed == [("ravi", "prepared"), ("rita", "reviewed"), ("quinn", "approved")]
    assert all(is_signed(version, meaning) for _, meaning in signed)
    assert all(each.at for each in signatures_of(version))


@pytest.mark.req("R-074")
def test_whoever_rewrote_the_draft_is_an_author_too(site: Site, rita: User) -> None:
    version = given.draft(site)
    services.rewrite(actor=rita, version=version, source=version.source + "\n# clearer\n")
    version = given.submitted(version)
    with pytest.raises(NotPermitted):
        services.review(actor=rita, version=version, signer=people.signer(rita, "reviewed"))


@pytest.mark.req("R-034")
def test_the_reviewer_cannot_approve_what_they_checked(site: Site, quinn: User) -> None:
    version = given.submitted(given.draft(site))
    signer = people.signer(quinn, "reviewed")
    version = services.review(actor=quinn, version=version, signer=signer)
    with pytest.raises(NotPermitted):
        services.approve(actor=quinn, version=version, signer=people.signer(quinn, "approved"))


@pytest.mark.req("R-075")
def test_only_the_quality_unit_approves(site: Site, rita: User, sven: User) -> None:
    version = given.reviewed(given.draft(site))
    for person in (rita, sven):
        with pytest.raises(NotPermitted):
            signer = people.signer(person, "approved")
            services.approve(actor=person, version=version, signer=signer)


@pytest.mark.req("R-075")
def test_a_version_without_quality_approval_is_in_force_nowhere(site: Site) -> None:
    version = given.reviewed(given.draft(site))
    assert effective_version(site, "CART-A", clock.now(site)) is None
    with connection.cursor() as cursor, pytest.raises(DatabaseError):
        cursor.execute("UPDATE recipes_recipeversion SET status = 'effective' WHERE id = %s", [version.id])


def test_a_signature_for_another_meaning_does_not_submit(site: Site, ravi: User) -> None:
    with pytest.raises(SignatureRefused):
        signer = people.signer(ravi, "performed")
        services.submit(actor=ravi, version=given.draft(site), signer=signer)


@pytest.mark.req("R-076")
def test_the_version_of_the_date_is_in_force(site: Site) -> None:
    first = given.approved(given.draft(site))
    tomorrow = clock.now(site) + timedelta(days=1)
    second = given.approved(second_draft(first), effective_from=tomorrow)
    assert second.status == VersionStatus.APPROVED
    assert effective_version(site, "CART-A", clock.now(site)) == first
    assert effective_version(site, "CART-A", tomorrow - timedelta(seconds=1)) == first
    assert effective_version(site, "CART-A", tomorrow) == second


@pytest.mark.req("R-076")
def test_a_version_that_takes_effect_supersedes_the_one_before(site: Site) -> None:
    first = given.approved(given.draft(site))
    second = given.approved(second_draft(first))
    first.refresh_from_db()
    assert (first.status, second.status) == (VersionStatus.SUPERSEDED, VersionStatus.EFFECTIVE)
    assert RecipeVersion.objects.filter(recipe=first.recipe).count() == 2
    with pytest.raises(RecipeLocked):
        ravi = people.persona(site, "ravi")
        services.rewrite(actor=ravi, version=first, source=first.source)


def test_the_dispatcher_brings_due_versions_into_force(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first = given.approved(given.draft(site))
    tomorrow = clock.now(site) + timedelta(days=1)
    second = given.approved(second_draft(first), effective_from=tomorrow)
    dispatcher = system_user("dispatcher")
    assert services.make_effective(actor=dispatcher, site=site) == []
    monkeypatch.setattr(clock, "now", lambda _site: tomorrow)
    assert services.make_effective(actor=dispatcher, site=site) == [second]
    first.refresh_from_db()
    assert first.status == VersionStatus.SUPERSEDED
    assert events_of(second).last().action == "recipes.make_effective"  # type: ignore[union-attr]


def test_a_version_cannot_take_effect_in_the_past(site: Site, quinn: User) -> None:
    version = given.reviewed(given.draft(site))
    yesterday = clock.now(site) - timedelta(days=1)
    with pytest.raises(InvalidInput):
        signer = people.signer(quinn, "approved")
        services.approve(actor=quinn, version=version, signer=signer, effective_from=yesterday)


@pytest.mark.req("R-077")
def test_an_approved_version_cannot_be_edited(site: Site) -> None:
    version = given.approved(given.draft(site))
    ravi = people.persona(site, "ravi")
    with pytest.raises(RecipeLocked):
        services.rewrite(actor=ravi, version=version, source=version.source + "#")
    version.refresh_from_db()
    assert version.source == source_of("CART-A")


@pytest.mark.req("R-077")
@pytest.mark.parametrize(
    "change",
    [
        "source = source || '#'",
        "document = '{}'",
        "sha256 = ''",
        "number = 7",
        "effective_from = effective_from - interval '1 year'",
    ],
)
def test_the_database_keeps_an_approved_version(site: Site, quinn: User, change: str) -> None:
    version = given.approved(given.draft(site))
    statement = f"UPDATE recipes_recipeversion SET {change} WHERE id = %s"
    with (
        pytest.raises(DatabaseError, match="locked"),
        act(quinn, "test.tamper", site=site),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [version.id])


@pytest.mark.req("R-077")
def test_a_new_version_needs_a_change_control_id(site: Site, ravi: User) -> None:
    version = given.approved(given.draft(site))
    with pytest.raises(InvalidInput, match="change-control"):
        services.revise(actor=ravi, recipe=version.recipe, source=version.source, change_control=" ")
    second = given.revision(version, version.source, "CC-0042")
    assert (second.number, second.change_control) == (2, "CC-0042")


@pytest.mark.req("R-077")
def test_only_those_who_may_draft_make_a_new_version(site: Site, olga: User, anna: User) -> None:
    version = given.approved(given.draft(site))
    for person in (olga, anna):
        with pytest.raises(NotPermitted):
            services.revise(actor=person, recipe=version.recipe, source=version.source, change_control="CC-1")


def test_a_second_import_of_the_same_code_is_pointed_to_a_new_version(site: Site) -> None:
    given.draft(site)
    with pytest.raises(RecipeExists):
        given.draft(site)


def test_one_version_at_a_time_is_in_work(site: Site) -> None:
    version = given.draft(site)
    with pytest.raises(VersionInWork):
        given.revision(version, version.source)


def test_a_recipe_keeps_its_code(site: Site, ravi: User) -> None:
    version = given.draft(site)
    renamed = given.changed(version.source, "code: CART-A", "code: CART-X")
    with pytest.raises(CodeChanged):
        services.rewrite(actor=ravi, version=version, source=renamed)


def test_a_faulty_text_is_not_stored(site: Site, ravi: User) -> None:
    faulty = given.changed(source_of("CART-A"), "kind: autologous", "kind: other")
    with pytest.raises(RecipeInvalid):
        services.import_recipe(actor=ravi, site=site, source=faulty)
    assert not Recipe.objects.exists()


def test_a_version_sent_back_is_a_draft_again_and_its_signature_no_longer_holds_after_a_change(
    site: Site, ravi: User, rita: User
) -> None:
    version = given.submitted(given.draft(site))
    with pytest.raises(MesError):
        services.send_back(actor=rita, version=version, reason="")
    version = services.send_back(actor=rita, version=version, reason="Step S050 is unclear.")
    assert is_signed(version, "prepared")
    version = services.rewrite(actor=ravi, version=version, source=version.source + "\n#\n")
    assert not is_signed(version, "prepared")


def test_a_withdrawn_version_is_no_longer_in_force(site: Site, petra: User) -> None:
    version = given.approved(given.draft(site))
    signer = people.signer(petra, "withdrawn")
    version = services.withdraw(actor=petra, version=version, signer=signer, reason="Vector recalled.")
    assert version.status == VersionStatus.WITHDRAWN
    assert effective_version(site, "CART-A", clock.now(site)) is None


def test_states_are_left_only_by_their_transitions(site: Site, quinn: User) -> None:
    version = given.draft(site)
    with pytest.raises(WrongState):
        services.approve(actor=quinn, version=version, signer=people.signer(quinn, "approved"))


@pytest.mark.req("R-035")
def test_a_recipe_engineer_of_another_site_changes_nothing_here(site: Site, foreign_site: Site, ravi: User) -> None:
    with pytest.raises(NotPermitted):
        services.import_recipe(actor=ravi, site=foreign_site, source=source_of("CART-A"))
