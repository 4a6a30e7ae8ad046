"""What HTTP adds: status codes, places of faults, rights and sites."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mes.accounts.models import Site, User
from mes.accounts.rights import Role
from recipes.document.schema import published_schema
from recipes.library import source_of
from recipes.models import RecipeVersion
from tests.given import people
from tests.given import recipes as given

pytestmark = pytest.mark.django_db
API = "/api/v1/recipes"
VERSIONS = "/api/v1/recipe-versions"


def test_a_recipe_goes_from_text_to_force_over_the_api(site: Site, ravi: User, rita: User, quinn: User) -> None:
    source = source_of("CART-A") + "\n\n"
    answer = people.client_of(ravi).post(API, {"site": "GRAZ", "source": source}, format="json")
    assert answer.status_code == 201
    version = answer.json()
    assert (version["source"], version["status"], version["acts"]) == (source, "draft", ["submit"])
    for person, act in ((ravi, "submit"), (rita, "review"), (quinn, "approve")):
        body = {"signature": people.signature(person)}
        url = f"{VERSIONS}/{version['id']}/{act}"
        answer = people.client_of(person).post(url, body, format="json")
        assert answer.status_code == 200, answer.content
    assert answer.json()["status"] == "effective"
    assert [each["meaning"] for each in answer.json()["signatures"]] == [
        "prepared",
        "reviewed",
        "approved",
    ]
    effective = people.client_of(quinn).get(f"{API}/effective?site=GRAZ&code=CART-A")
    assert effective.json()["id"] == version["id"]


@pytest.mark.req("R-078")
@pytest.mark.parametrize("path", [API, f"{API}/validate"])
def test_faults_come_with_line_and_field(ravi: User, path: str) -> None:
    before = "{code: HS-AB, quantity: 120, unit: mL"
    source = given.changed(source_of("CART-A"), before, "{code: HS-AB, quantity: 4, unit: fluid_ounce")
    line = source[: source.index("fluid_ounce")].count("\n") + 1
    body = {"site": "GRAZ", "source": source}
    answer = people.client_of(ravi).post(path, body, format="json")
    if path == API:
        assert answer.status_code == 400
        assert answer.json()["code"] == "recipe_invalid"
        faults = answer.json()["details"]["faults"]
    else:
        assert answer.json()["valid"] is False
        faults = answer.json()["faults"]
    assert [(each["line"], each["message"]) for each in faults] == [
        (line, "material HS-AB is measured in mL and here in fluid_ounce")
    ]
    assert not RecipeVersion.objects.exists()


def test_a_valid_document_is_told_so_and_not_saved(ravi: User) -> None:
    body = {"source": source_of("CART-B")}
    answer = people.client_of(ravi).post(f"{API}/validate", body, format="json")
    assert answer.json() == {"valid": True, "faults": []}
    assert not RecipeVersion.objects.exists()


def test_the_schema_is_served(ravi: User) -> None:
    assert people.client_of(ravi).get(f"{API}/schema").json() == published_schema()


@pytest.mark.req("R-077")
@pytest.mark.parametrize("role", Role.values)
def test_an_approved_version_is_locked_for_every_role(site: Site, role: str) -> None:
    version = given.approved(given.draft(site))
    person = people.a_person(site, f"some-{role}", Role(role))
    answer = people.client_of(person).patch(f"{VERSIONS}/{version.id}", {"source": version.source + "#"}, format="json")
    may_draft = person.may("recipes.draft", site)
    assert (answer.status_code, answer.json()["code"]) == (
        (409, "recipe_locked") if may_draft else (403, "not_permitted")
    )
    version.refresh_from_db()
    assert version.source == source_of("CART-A")


@pytest.mark.req("R-077")
def test_a_new_version_without_a_change_control_id_is_a_400(site: Site, ravi: User) -> None:
    version = given.approved(given.draft(site))
    url = f"{API}/{version.recipe_id}/versions"
    body = {"source": version.source, "change_control": ""}
    assert people.client_of(ravi).post(url, body, format="json").status_code == 400
    body["change_control"] = "CC-7"
    answer = people.client_of(ravi).post(url, body, format="json")
    assert (answer.status_code, answer.json()["number"]) == (201, 2)


@pytest.mark.req("R-074")
def test_the_author_who_signs_as_checker_gets_a_403(site: Site, ravi: User) -> None:
    version = given.submitted(given.draft(site))
    body = {"signature": people.signature(ravi)}
    answer = people.client_of(ravi).post(f"{VERSIONS}/{version.id}/review", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_permitted")


@pytest.mark.req("R-084")
def test_two_versions_are_compared_line_by_line(site: Site, ravi: User) -> None:
    first = given.approved(given.draft(site))
    source = first.source
    for before, after in (
        ("target: 7.5", "target: 8"),
        ("minutes: 4320", "minutes: 4200"),
        ("title: Clear the line", "title: Clear the line together"),
    ):
        source = given.changed(source, before, after)
    second = given.revision(first, source)
    url = f"{VERSIONS}/{second.id}/compare?with={first.id}"
    answer = people.client_of(ravi).get(url)
    assert [(each["before"], each["after"]) for each in answer.json()] == [
        ("7.5", "8"),
        ("Clear the line", "Clear the line together"),
        ("4320", "4200"),
    ]


def test_a_draft_somebody_else_changed_is_not_overwritten(site: Site, ravi: User) -> None:
    version = given.draft(site)
    url = f"{VERSIONS}/{version.id}"
    client = people.client_of(ravi)
    etag = client.get(url).headers["ETag"]
    body = {"source": version.source + "# one\n"}
    assert client.patch(url, body, format="json", headers={"If-Match": etag}).status_code == 200
    again = client.patch(url, body, format="json", headers={"If-Match": etag})
    assert (again.status_code, again.json()["code"]) == (409, "stale_version")


@pytest.mark.req("R-035")
def test_recipes_of_a_foreign_site_do_not_exist_for_you(site: Site, foreign_site: Site) -> None:
    version = given.draft(site)
    rene = people.a_person(foreign_site, "rene", Role.RECIPE_ENGINEER)
    client = people.client_of(rene)
    assert client.get(API).json()["results"] == []
    for url in (
        f"{API}/{version.recipe_id}",
        f"{API}/{version.recipe_id}/versions",
        f"{VERSIONS}/{version.id}",
        f"{API}/effective?site=GRAZ&code=CART-A",
    ):
        assert client.get(url).status_code == 404, url
    body = {"signature": people.signature(rene)}
    answer = client.post(f"{VERSIONS}/{version.id}/submit", body, format="json")
    assert answer.status_code == 404


def test_lists_do_not_ask_more_of_the_database_when_they_grow(site: Site, ravi: User) -> None:
    client = people.client_of(ravi)
    given.draft(site, "CART-A")
    client.get(API)
    with CaptureQueriesContext(connection) as few:
        client.get(API)
    given.draft(site, "CART-B")
    with CaptureQueriesContext(connection) as more:
        client.get(API)
    assert len(more) == len(few)
