"""The guards in the database: they hold for Django, Celery, the shell and psql alike.

`baton.event`, `baton.actor` and `baton.reason` are set by `act()` for the length of its transaction.
"""

from typing import Any

import pgtrigger
from django.db import models

BEAT_CHANNEL = "baton_beat"
CURRENT_EVENT = "nullif(current_setting('baton.event', true), '')::uuid"

REFUSE_UNATTRIBUTED = """
    IF current_event IS NULL THEN
        RAISE EXCEPTION 'baton: a write to % names no event', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF EXISTS (SELECT 1 FROM records_event WHERE id = current_event) THEN
        RAISE EXCEPTION 'baton: a write to % names an event that is closed', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
    END IF;
"""


class WriteHistory(pgtrigger.Trigger):
    """Copies the new row into the history table, in the same statement. Refuses a write that names no event."""

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update
    declare = [("current_event", f"uuid := {CURRENT_EVENT}")]

    def get_func(self, model: models.Model) -> str:
        columns = [field.column for field in model._meta.concrete_fields]
        table = f"{model._meta.app_label}_historical{model._meta.model_name}"
        names = ", ".join(f'"{column}"' for column in columns)
        values = ", ".join(f'NEW."{column}"' for column in columns)
        return f"""
            {REFUSE_UNATTRIBUTED}
            INSERT INTO "{table}" ({names}, history_date, history_type, history_change_reason,
                                   history_user_id, history_event_id)
            VALUES ({values}, clock_timestamp(), CASE TG_OP WHEN 'INSERT' THEN '+' ELSE '~' END,
                    nullif(current_setting('baton.reason', true), ''),
                    nullif(current_setting('baton.actor', true), '')::uuid, current_event);
            RETURN NULL;
        """


class WakeBeat(pgtrigger.Trigger):
    """Says at commit that a row has become work; `condition` says when it has."""

    when = pgtrigger.After
    operation = pgtrigger.Insert | pgtrigger.Update
    func = f"PERFORM pg_notify('{BEAT_CHANNEL}', ''); RETURN NULL;"


class BumpVersion(pgtrigger.Trigger):
    """Counts the versions of a row: the ETag of the API."""

    when = pgtrigger.Before
    operation = pgtrigger.Update
    func = "NEW.version := OLD.version + 1; RETURN NEW;"


class StampRow(pgtrigger.Trigger):
    """An append-only row takes its time from the database and its event from the act around it."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("current_event", f"uuid := {CURRENT_EVENT}")]
    func = f"{REFUSE_UNATTRIBUTED} NEW.event_id := current_event; NEW.at := clock_timestamp(); RETURN NEW;"


class StampEvent(pgtrigger.Trigger):
    """Time, transaction and database user of an event are facts, not parameters."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert
    func = """
        NEW.at := clock_timestamp();
        NEW.txid := pg_current_xact_id()::text::bigint;
        NEW.database_user := session_user;
        RETURN NEW;
    """


class SealSignature(pgtrigger.Trigger):
    """Binds a signature to its record, version, content, signer, meaning and time (21 CFR 11.70)."""

    when = pgtrigger.Before
    operation = pgtrigger.Insert
    declare = [("current_event", f"uuid := {CURRENT_EVENT}")]
    func = f"""
        {REFUSE_UNATTRIBUTED}
        NEW.event_id := current_event;
        NEW.at := clock_timestamp();
        NEW.seal := encode(sha256(convert_to(concat_ws('|', NEW.id, NEW.event_id, NEW.subject_type, NEW.subject_id,
            NEW.subject_version, NEW.manifest_digest, NEW.signer_id, NEW.printed_name, NEW.role, NEW.meaning,
            to_char(NEW.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')), 'UTF8')), 'hex');
        RETURN NEW;
    """


def _refuse(name: str, operation: Any) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=operation,
        func="""
            RAISE EXCEPTION 'baton: rows of % are never changed this way (%)', TG_TABLE_NAME, TG_OP
                USING ERRCODE = 'insufficient_privilege';
        """,
    )


def append_only() -> list[pgtrigger.Trigger]:
    """The guard of tables that only grow."""
    return [_refuse("only_grows", pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate)]


def recorded() -> list[pgtrigger.Trigger]:
    """The guards of a recorded table: history for each write, versions counted, nothing deleted."""
    return [
        WriteHistory(name="write_history"),
        BumpVersion(name="bump_version"),
        _refuse("never_deleted", pgtrigger.Delete | pgtrigger.Truncate),
    ]
