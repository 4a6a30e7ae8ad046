"""act(): one transaction, one event, history by the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from mes.accounts.models import Site, User
from mes.records.models import Event
from mes.records.services import act


@pytest.mark.django_db
@pytest.mark.req("R-001", "R-003")
def test_a_change_leaves_one_event_and_one_history_row(site: Site, anna: User) -> None:
    with act(anna, "test.rename", site=site, subject=site, reason="new sign on the door"):
        site.name = "Graz North"
        site.save(update_fields=["name"])

    event = Event.objects.get(action="test.rename")
    newest, before = site.history.all()[:2]
    assert (event.actor_id, event.actor_name, event.actor_role) == (anna.id, anna.printed_name, "administrator")
    assert (event.reason, event.timezone, event.subject_label) == ("new sign on the door", "Europe/Vienna", "GRAZ")
    assert newest.history_event_id == event.id
    assert newest.history_user_id == anna.id
    assert (before.name, newest.name) == ("Site Graz", "Graz North")
    site.refresh_from_db()
    assert site.version == before.version + 1


@pytest.mark.django_db
@pytest.mark.req("R-006")
@pytest.mark.parametrize("path", ["save", "update", "bulk_update", "raw"])
def test_refuses_a_write_without_an_event(site: Site, path: str) -> None:
    writes = {
        "save": lambda: site.save(),
        "update": lambda: Site.objects.filter(pk=site.pk).update(name="x"),
        "bulk_update": lambda: Site.objects.bulk_update([site], ["name"]),
        "raw": lambda: connection.cursor().execute("UPDATE accounts_site SET name = 'x'"),
    }
    with pytest.raises(DatabaseError, match="event"), transaction.atomic():
        writes[path]()
