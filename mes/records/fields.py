"""Columns whose value the database decides; Django reads it back with the INSERT."""

from typing import Any

from django.db import models


class DatabaseTime(models.DateTimeField[Any, Any]):
    """A time stamped by a trigger (clock_timestamp()), whatever the client sent."""

    db_returning = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"editable": False, "null": False, "blank": True} | options)


class DatabaseText(models.CharField[Any, Any]):
    """A text computed by a trigger."""

    db_returning = True


class DatabaseNumber(models.BigIntegerField[Any, Any]):
    """A number computed by a trigger."""

    db_returning = True


class DatabaseCount(models.PositiveIntegerField[Any, Any]):
    """A count that an expression reads where it stands."""

    db_returning = True
