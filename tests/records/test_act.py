"""act(): one transaction, one event, history by the database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from celery import shared_task
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from mes.accounts.models import Site, User
from mes.records.models import Event, SecurityEvent
from mes.records.services import act, note_security


@shared_task
def rename_everything() -> None:
    """A task as somebody might write it: no actor, no act."""
    Site.objects.update(name="x")


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
@pytest.mark.parametrize("path", ["save", "update", "bulk_create", "bulk_update", "raw", "task"])
def test_refuses_a_write_without_an_event(site: Site, path: str) -> None:
    writes: dict[str, Callable[[], Any]] = {
        "save": site.save,
        "update": lambda: Site.objects.filter(pk=site.pk).update(name="x"),
        "bulk_create": lambda: User.objects.bulk_create([User(username="x", printed_name="x")]),
        "bulk_update": lambda: Site.objects.bulk_update([site], ["name"]),
        "task": lambda: rename_everything.apply(throw=True),
        "raw": lambda: connection.cursor().execute("UPDATE accounts_site SET name = 'x'"),
    }
    with pytest.raises(DatabaseError, match="event"), transaction.atomic():
        writes[path]()


@pytest.mark.django_db
def test_inner_acts_join_the_transaction_and_leave_their_own_events(site: Site, anna: User) -> None:
    with act(anna, "test.outer", site=site) as outer, act(anna, "test.inner", site=site, subject=site) as inner:
        site.save(update_fields=["name"])

    assert site.history.first().history_event_id == inner.id
    assert Event.objects.get(id=inner.id).parent_id == outer.id


@pytest.mark.django_db
def test_writes_after_an_inner_act_belong_to_the_outer_one(site: Site, anna: User) -> None:
    with act(anna, "test.outer", site=site) as outer:
        with act(anna, "test.inner", site=site):
            pass
        site.save(update_fields=["name"])

    assert site.history.first().history_event_id == outer.id


@pytest.mark.django_db
def test_an_exception_leaves_no_event_and_no_change(site: Site, anna: User) -> None:
    with pytest.raises(ZeroDivisionError), act(anna, "test.fails", site=site):
        site.name = "never"
        site.save(update_fields=["name"])
        raise ZeroDivisionError

    site.refresh_from_db()
    assert site.name == "Site Graz"
    assert not Event.objects.filter(action="test.fails").exists()


@pytest.mark.django_db
@pytest.mark.req("R-020")
def test_what_was_refused_inside_an_act_stays_noted(site: Site, anna: User) -> None:
    with pytest.raises(ZeroDivisionError), act(anna, "test.fails", site=site):
        note_security("refused", user=anna, site=site, action="test.fails")
        raise ZeroDivisionError

    assert SecurityEvent.objects.filter(kind="refused", user_id=anna.id, action="test.fails").count() == 1


@pytest.mark.django_db
@pytest.mark.req("R-021")
def test_the_time_of_a_record_is_the_database_clock(site: Site, anna: User) -> None:
    with act(anna, "test.note", site=site) as event:
        event.at = datetime(1999, 1, 1, tzinfo=UTC)

    stored = Event.objects.get(id=event.id)
    assert abs(stored.at - timezone.now()) < timedelta(seconds=2)


@pytest.mark.django_db
@pytest.mark.req("R-064")
def test_every_event_names_the_software_and_its_configuration(site: Site, anna: User) -> None:
    with act(anna, "test.note", site=site) as event:
        pass
    stored = Event.objects.get(id=event.id)
    assert stored.software_version == settings.SOFTWARE_VERSION
    assert stored.configuration == settings.CONFIGURATION_REVISION
