"""Pages: a version reads like a recipe, faults come back with their lines, signatures are given in place."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mes.accounts.models import Site, User
from recipes.library import source_of
from recipes.models import RecipeVersion
from recipes.states import VersionStatus
from tests.given import people
from tests.given import recipes as given

pytestmark = pytest.mark.django_db


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="mes.accounts.backend.SessionBackend")
    return client


def test_a_version_shows_every_step_with_limits_units_and_sources(site: Site, olga: User) -> None:
    version = given.effective_recipe(site)
    page = browser_of(olga).get(f"/recipes/versions/{version.id}").content.decode()
    for step in version.content.steps.values():
        assert f">{step.id}<" in page
        assert step.title in page
    assert "80 to 100\u202f%, alert outside 85\u202f% or more, critical" in page
    assert "FI2024, Table 1: 80 % or more" in page
    assert "Illustrative: the site defines its own" in page
    assert "10⁶\u202fcell/kg" in page
    assert "Ravi Recipe (ravi), prepared" in page


def test_a_file_is_imported_byte_for_byte(site: Site, ravi: User) -> None:
    source = source_of("CART-B") + "# line ends \r\n# stay\r\n"
    file = SimpleUploadedFile("recipe.yaml", source.encode())
    answer = browser_of(ravi).post("/recipes/import", {"site": "GRAZ", "file": file})
    version = RecipeVersion.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/recipes/versions/{version.id}")
    assert version.source == source
    download = browser_of(ravi).get(f"/recipes/versions/{version.id}/source")
    assert download.content == source.encode()


def test_a_faulty_text_comes_back_with_its_lines(site: Site, ravi: User) -> None:
    source = given.changed(source_of("CART-A"), "unit: TU/cell", "unit: TU/zell")
    answer = browser_of(ravi).post("/recipes/import", {"site": "GRAZ", "text": source})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "1 fault in the text. Nothing was saved." in page
    assert "formula.parameters[0].unit" in page
    assert "TU/zell" in page
    assert not RecipeVersion.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"file": SimpleUploadedFile("a.yaml", b"\xff\xfe")}])
def test_no_text_and_text_that_is_no_text_are_told(site: Site, ravi: User, sent: dict[str, object]) -> None:
    answer = browser_of(ravi).post("/recipes/import", {"site": "GRAZ", **sent})
    assert answer.status_code == 200
    assert "There is a problem" in answer.content.decode()


def test_a_recipe_is_prepared_checked_and_approved_on_its_page(site: Site, ravi: User, rita: User, quinn: User) -> None:
    version = given.draft(site)
    for person, act in ((ravi, "submit"), (rita, "review"), (quinn, "approve")):
        browser = browser_of(person)
        assert f"/{act}" in browser.get(f"/recipes/versions/{version.id}").content.decode()
        answer = browser.post(f"/recipes/versions/{version.id}/{act}", people.signature(person))
        assert answer.status_code == 302
    version.refresh_from_db()
    assert version.status == VersionStatus.EFFECTIVE


def test_a_wrong_password_signs_nothing_and_says_so(site: Site, ravi: User) -> None:
    version = given.draft(site)
    form = {"username": "ravi", "password": "guess"}
    answer = browser_of(ravi).post(f"/recipes/versions/{version.id}/submit", form)
    assert answer.status_code == 401
    assert "password" in answer.content.decode()
    version.refresh_from_db()
    assert version.status == VersionStatus.DRAFT


def test_a_date_of_force_is_the_sites_own_time(site: Site, quinn: User) -> None:
    version = given.reviewed(given.draft(site))
    form = people.signature(quinn) | {"effective_from": "2099-07-01T08:00"}
    browser_of(quinn).post(f"/recipes/versions/{version.id}/approve", form)
    version.refresh_from_db()
    assert version.effective_from is not None
    assert version.effective_from.isoformat() == "2099-07-01T06:00:00+00:00"


def test_a_version_is_sent_back_with_a_reason(site: Site, rita: User) -> None:
    version = given.submitted(given.draft(site))
    form = {"reason": "Step S050 is unclear."}
    browser_of(rita).post(f"/recipes/versions/{version.id}/send-back", form)
    page = browser_of(rita).get(f"/recipes/versions/{version.id}").content.decode()
    assert "Step S050 is unclear." in page


def test_a_new_version_starts_from_the_text_before_and_is_compared_with_it(site: Site, ravi: User) -> None:
    first = given.effective_recipe(site)
    browser = browser_of(ravi)
    assert "target: 7.5" in browser.get(f"/recipes/{first.recipe_id}/revise").content.decode()
    source = given.changed(first.source, "target: 7.5", "target: 8.25")
    form = {"change_control": "CC-12", "text": source}
    address = browser.post(f"/recipes/{first.recipe_id}/revise", form).headers["Location"]
    assert f"compare?with={first.id}" in browser.get(address).content.decode()
    page = browser.get(f"{address}/compare?with={first.id}").content.decode()
    assert "formula.parameters[moi].target" in page
    assert "8.25" in page


def test_who_may_not_draft_sees_no_way_to(site: Site, olga: User) -> None:
    version = given.effective_recipe(site)
    browser = browser_of(olga)
    assert "/recipes/import" not in browser.get("/recipes/").content.decode()
    assert "/withdraw" not in browser.get(f"/recipes/versions/{version.id}").content.decode()
    assert browser.get("/recipes/import").status_code == 403


def test_the_list_asks_the_database_as_often_for_two_recipes_as_for_one(site: Site, ravi: User) -> None:
    browser = browser_of(ravi)
    given.effective_recipe(site, "CART-A")
    browser.get("/recipes/")
    with CaptureQueriesContext(connection) as one:
        browser.get("/recipes/")
    given.effective_recipe(site, "CART-B")
    with CaptureQueriesContext(connection) as two:
        browser.get("/recipes/")
    assert len(two) == len(one)


def test_home_tells_each_person_what_waits_for_them(site: Site, ravi: User, rita: User, olga: User) -> None:
    given.draft(site)
    assert "Hand to review" in browser_of(ravi).get("/").content.decode()
    given.submitted(RecipeVersion.objects.select_related("recipe__site").get())
    assert "CART-A v1" in browser_of(rita).get("/").content.decode()
    assert "CART-A v1" not in browser_of(olga).get("/").content.decode()


def test_a_training_is_recorded_on_the_page_of_the_version(site: Site, olga: User, sven: User) -> None:
    version = given.effective_recipe(site)
    at = f"/recipes/versions/{version.id}/training"
    assert "Record a training" not in browser_of(olga).get(at).content.decode()
    supervisor = browser_of(sven)
    assert "Not trained" in supervisor.get(at).content.decode()
    refused = supervisor.post(at, {"trained": str(sven.id)})  # nobody certifies themselves
    assert "Select a valid choice" in refused.content.decode()
    supervisor.post(at, {"trained": str(olga.id), "valid_days": "365"})
    [training] = olga.qualifications.all()
    assert (training.subject, training.subject_version, training.trained_by) == ("recipe:CART-A", version.number, sven)
    assert "Trained by" in supervisor.get(at).content.decode()
