"""Batches of the campaign: a value with a signature, then a hold of three seconds, again and again."""

from __future__ import annotations

from batches.models import Step
from bench.situation import LAST_STEP, RECIPE
from tests.given import batches as given
from tests.given import equipment as given_equipment
from tests.given import people
from tests.given import recipes as given_recipes

PAIR = """\
          - id: S{value:03}
            kind: entry
            title: Read a value
            text: Read the volume from the display.
            illustrative: true
            entries:
              - {{id: volume, name: Volume, unit: mL, precision: 1, low: 50, high: 400}}
            signature: performed
          - id: S{hold:03}
            kind: timed_hold
            title: Let it stand
            text: Let the bag stand.
            equipment: incubator
            hold: {{minutes: 0.05, tolerance_minutes: 60, illustrative: true}}
"""


def recipe(pairs: int) -> str:
    steps = (PAIR.format(value=2 * number, hold=2 * number + 1) for number in range(1, pairs + 1))
    return "".join((RECIPE, *steps, LAST_STEP))


def batches(number: int, pairs: int) -> list[list[str]]:
    """Running batches, their first bag scanned; the ids of the steps that are left, in order."""
    site = people.a_site()
    version = given.trained(given_recipes.approved(given_recipes.draft(site, source=recipe(pairs))))
    found = []
    for each in range(number):
        given_equipment.unit(site, "incubator", f"INC-{each}")
        batch = given.running_batch(site, recipe=version)
        given.done(given.step(batch, "S001"))
        rows = Step.objects.filter(batch=batch).exclude(key__in=["S001", "S999"]).order_by("position")
        found.append([str(pk) for pk in rows.values_list("id", flat=True)])
    return found
