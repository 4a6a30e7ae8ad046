"""What the record of a played story says, and what it should say: found here a second time and in another way."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.urls import reverse

from equipment.models import Command, Reading, Unit
from mes.accounts.models import User
from recipes.document import Entry
from tests.given.people import client_of
from tests.journeys.played import Played


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def last_attempt(played: Played, key: str) -> dict[str, Any]:
    attempt: dict[str, Any] = played.steps[key]["attempts"][-1]
    return attempt


def current_values(played: Played, key: str) -> list[dict[str, Any]]:
    values = last_attempt(played, key)["values"]
    return [each for each in values if not each["is_changed"] and each["by"] == "Olga Berger"]


def expected(played: Played, key: str, entry: Entry) -> str:
    spec: dict[str, Any] = {"name": entry.id, "type": entry.type, "precision": entry.precision}
    spec |= {"choices": entry.choices or ("yes", "no"), "accepted": entry.accepted, "target": entry.target}
    spec |= {"low": entry.low, "high": entry.high}
    return played.script.value_for(key, spec)


def judged(entry: Entry, value: str) -> str:
    """The verdict by the master's limits, found here a second time and in another way."""
    if entry.accepted:
        return "within" if value in entry.accepted else "out_of_limit"
    limits = (entry.low, entry.high, entry.alert_low, entry.alert_high)
    if entry.type != "number" or all(limit is None for limit in limits):
        return "not_judged"
    number = Decimal(value)
    below = entry.low is not None and number < entry.low
    above = entry.high is not None and number > entry.high
    if below or above:
        return "out_of_limit"
    low_alert = entry.alert_low is not None and number < entry.alert_low
    high_alert = entry.alert_high is not None and number > entry.alert_high
    return "alert" if low_alert or high_alert else "within"


def grouped(value: str) -> str:
    return f"{Decimal(value):E}" if value.isdigit() else value


def commands_of(played: Played) -> list[Command]:
    return list(Command.objects.filter(batch_id=played.batch["id"]).select_related("unit"))


def told_by(code: str, tag: str) -> list[datetime]:
    """When the unit gave a good value of the tag, earliest first."""
    unit = Unit.objects.get(code=code)
    good = Reading.objects.filter(unit_id=unit.pk, tag=tag, quality="good")
    return list(good.order_by("at").values_list("at", flat=True))


def html_of(played: Played) -> str:
    quinn = client_of(User.objects.get(username="quinn"))
    page: bytes = quinn.get(reverse("batches:record", args=[played.batch["id"]])).content
    return page.decode()
