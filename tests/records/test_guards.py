"""What the database itself refuses, and that no table is forgotten."""

from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, ProgrammingError, connection, transaction
from psycopg import sql

from mes.accounts.models import Site, User
from mes.records.checks import every_record_is_guarded
from mes.records.models import AppendOnlyModel, RecordedModel
from mes.records.registry import (
    ALWAYS_GROWING,
    UNRECORDED,
    WITHOUT_MODEL,
    append_only_tables,
    history_tables,
    recorded_models,
    unrecorded_tables,
)
from mes.records.services import act

REFUSED = r"permission denied|never changed"


def _names(tables: set[str]) -> list[str]:
    return sorted(tables)


@pytest.mark.req("R-007")
def test_every_model_is_recorded_or_on_the_reviewed_list() -> None:
    history_models = {model.history.model for model in recorded_models()}
    unknown = {
        model._meta.label
        for model in apps.get_models()
        if not issubclass(model, (RecordedModel, AppendOnlyModel))
        and model not in history_models
        and model not in ALWAYS_GROWING
    }
    assert unknown == set(UNRECORDED)


@pytest.mark.django_db
@pytest.mark.req("R-007")
def test_every_table_of_the_database_belongs_to_a_model() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        )
        tables = {name for (name,) in cursor.fetchall()}
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert tables - known == set(WITHOUT_MODEL)


@pytest.mark.django_db
@pytest.mark.req("R-007")
def test_the_guards_are_in_the_database_for_every_record() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgenabled = 'O'"
        )
        triggers: dict[str, set[str]] = {}
        for table, name in cursor.fetchall():
            triggers.setdefault(table, set()).add(name)
    for model in recorded_models():
        names = " ".join(triggers[model._meta.db_table])
        assert all(part in names for part in ("write_history", "bump_version", "never_deleted")), model
    for table in append_only_tables() | history_tables():
        assert "only_grows" in " ".join(triggers[table]), table


def test_a_record_without_its_guards_does_not_start() -> None:
    assert every_record_is_guarded(None) == []
    options: Any = User._meta
    kept, options.triggers = options.triggers, []
    try:
        assert [found.id for found in every_record_is_guarded(None)] == ["records.E001"]
    finally:
        options.triggers = kept


@pytest.mark.django_db
@pytest.mark.req("R-005")
@pytest.mark.parametrize("command", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_runtime_role_cannot_change_what_only_grows(command: str) -> None:
    for table in _names(append_only_tables() | history_tables()):
        with connection.cursor() as cursor:
            cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s LIMIT 1", [table])
            column = sql.Identifier(cursor.fetchone()[0])
        statement = sql.SQL(command).format(sql.Identifier(table), column, column)
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            connection.cursor().execute(statement)


@pytest.mark.django_db
@pytest.mark.req("R-005")
def test_the_runtime_role_cannot_write_history_itself() -> None:
    for table in _names(history_tables()):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            connection.cursor().execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(sql.Identifier(table)))


@pytest.mark.django_db
@pytest.mark.req("R-005")
def test_the_runtime_role_owns_nothing_and_is_no_superuser() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = current_user"
        )
        assert cursor.fetchone()[0] == 0
        cursor.execute(
            "SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False, False, False, False)


@pytest.mark.django_db
@pytest.mark.req("R-015")
def test_a_record_cannot_be_deleted_by_any_path(site: Site) -> None:
    for delete in (site.delete, Site.objects.all().delete, Site.objects.filter(pk=site.pk)._raw_delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            delete(*(["default"] if delete.__name__ == "_raw_delete" else []))
    for table in {model._meta.db_table for model in recorded_models()} - unrecorded_tables():
        with pytest.raises(ProgrammingError, match=REFUSED), transaction.atomic():
            connection.cursor().execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


@pytest.mark.django_db
@pytest.mark.req("R-006")
def test_bulk_writes_inside_an_act_leave_history_for_each_row(site: Site, anna: User) -> None:
    crowd = [User(username=f"u{number}", printed_name="x") for number in range(3)]
    with act(anna, "test.bulk", site=site) as event:
        User.objects.bulk_create(crowd)
        User.objects.filter(id__in=[user.id for user in crowd]).update(printed_name="y")
        connection.cursor().execute("UPDATE accounts_user SET printed_name = 'z' WHERE username LIKE 'u_'")

    for user in crowd:
        history = user.history.order_by("history_id")
        assert [row.printed_name for row in history] == ["x", "y", "z"]
        assert {row.history_event_id for row in history} == {event.id}
        assert {row.history_user_id for row in history} == {anna.id}


@pytest.mark.django_db
def test_a_write_cannot_hide_behind_an_earlier_event(site: Site, anna: User) -> None:
    with act(anna, "test.note", site=site) as event:
        pass
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('baton.event', %s, true)", [str(event.id)])
        with pytest.raises(ProgrammingError, match="closed"), transaction.atomic():
            cursor.execute("UPDATE accounts_site SET name = 'x'")


@pytest.mark.django_db(transaction=True)
@pytest.mark.req("R-006")
def test_a_write_that_names_an_event_nobody_made_is_refused_at_commit(site: Site) -> None:
    with pytest.raises(DatabaseError, match="foreign key"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('baton.event', gen_random_uuid()::text, true)")
        cursor.execute("UPDATE accounts_site SET name = 'x'")
