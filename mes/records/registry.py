"""Which tables are records, which only grow, and which are neither, by name and with the reason."""

from collections.abc import Collection

from django.apps import apps
from django.db import models

from mes.records.models import AppendOnlyModel, Checkpoint, Event, Leaf, RecordedModel, SecurityEvent, Signature

# Reviewed: tables that hold no GMP record, each with its reason.
UNRECORDED = {
    "auth.Group": "Django's own; rights are Baton's roles, this table stays empty",
    "auth.Permission": "Django's own list of model permissions; not consulted",
    "contenttypes.ContentType": "Django's catalogue of models",
    "sessions.Session": "sign-in sessions; sign-ins are security events",
    "knox.AuthToken": "digests of API tokens; use and refusal are security events",
    "accounts.SigningSession": "convenience of the next signature; losing it only asks for more proof",
    "accounts.PasskeyUse": "how far authenticators have counted; each use is a security event",
    "accounts.PasskeyChallenge": "questions that wait for an authenticator's answer; losing one means to ask again",
    "records.IdempotencyKey": "answers kept for retried calls; the acts themselves are events",
    "outbox.Claim": "who is sending a message just now; losing a row only means that it is sent once more",
    "equipment.Reading": "instrument readings: append-only, partitioned, written in bulk without an act of a person",
    "equipment.AlarmProgress": "how far readings are judged: can be worked out from them again; alarms are records",
    "equipment.ReadingBatch": "ids of bundles of readings already stored: append-only, written with them",
}
# Of these, the ones that only grow all the same.
_GROWING_UNRECORDED = frozenset({"equipment.Reading", "equipment.ReadingBatch"})

# Tables that no model stands for: SQL alone writes and reads them.
WITHOUT_MODEL = {
    "django_migrations": "Django's own list of what was migrated",
    "equipment_readingsummary": "readings summed up by ten minutes: can be worked out from them again",
    "equipment_summedup": "up to when readings are summed up: can be worked out again",
}

ALWAYS_GROWING = (Event, Signature, SecurityEvent, Leaf, Checkpoint)


def recorded_models() -> list[type[RecordedModel]]:
    return [model for model in apps.get_models() if issubclass(model, RecordedModel)]


def append_only_models() -> list[type[models.Model]]:
    facts = [model for model in apps.get_models() if issubclass(model, AppendOnlyModel)]
    return [*ALWAYS_GROWING, *facts]


def history_tables() -> set[str]:
    return {model.history.model._meta.db_table for model in recorded_models()}


def append_only_tables() -> set[str]:
    return {model._meta.db_table for model in append_only_models()} | _tables(_GROWING_UNRECORDED)


def unrecorded_tables() -> set[str]:
    """Tables whose rows may be deleted; readings are not among them."""
    return _tables(UNRECORDED.keys() - _GROWING_UNRECORDED)


def _tables(labels: Collection[str]) -> set[str]:
    return {model._meta.db_table for model in apps.get_models() if model._meta.label in labels}
