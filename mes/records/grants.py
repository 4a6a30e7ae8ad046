"""Triggers and rights, set by the owner after every migration.

The web server and the workers own no table. They read everything, insert and update what is not append-only, and delete
only where a row is no record (sessions, tokens, idempotency keys). History rows are written by trigger functions that
run with the owner's rights, so the runtime role cannot even insert one.
"""

from typing import Any

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.db import connections
from psycopg import sql

from mes.records.registry import append_only_tables, history_tables, unrecorded_tables


def after_migrate(sender: Any, using: str = "default", **options: Any) -> None:
    """Signal handler of post_migrate; acts once, after the last of our apps, and only for the owner."""
    last = [app for app in apps.get_app_configs() if app.models_module][-1]
    connection = connections[using]
    if sender.name != last.name or connection.settings_dict["USER"] == settings.RUNTIME_ROLE:
        return
    pgtrigger.install(database=using)
    with connection.cursor() as cursor:
        for statement in statements(settings.RUNTIME_ROLE, set(connection.introspection.table_names(cursor))):
            cursor.execute(statement)


def statements(role: str, existing: set[str]) -> list[sql.Composed]:
    """The GRANT and REVOKE statements, in order, for the tables that exist."""
    name = sql.Identifier(role)
    all_tables = [
        "GRANT USAGE ON SCHEMA public TO {role}",
        "GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO {role}",
        "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    ]
    composed = [sql.SQL(text).format(role=name) for text in all_tables]
    composed += [_on("REVOKE UPDATE ON {table} FROM {role}", table, name) for table in append_only_tables() & existing]
    composed += [
        _on("REVOKE INSERT, UPDATE ON {table} FROM {role}", table, name) for table in history_tables() & existing
    ]
    composed += [_on("GRANT DELETE ON {table} TO {role}", table, name) for table in unrecorded_tables() & existing]
    return [*composed, sql.SQL(_OWNERS_RIGHTS).format()]


def _on(text: str, table: str, role: sql.Identifier) -> sql.Composed:
    return sql.SQL(text).format(table=sql.Identifier(table), role=role)


_OWNERS_RIGHTS = """
DO $$
DECLARE trigger_function regprocedure;
BEGIN
    FOR trigger_function IN
        SELECT oid::regprocedure FROM pg_proc
        WHERE proname LIKE 'pgtrigger_write_history_%' AND NOT prosecdef
    LOOP
        EXECUTE format('ALTER FUNCTION %s SECURITY DEFINER SET search_path = public, pg_temp', trigger_function);
    END LOOP;
END $$
"""
