"""Batches of the campaign: a signed value, a set-point for the incubator, a hold of three seconds, and again."""

from __future__ import annotations

from batches.models import Step
from bench.situation import LAST_STEP, RECIPE
from mes.accounts.models import Site
from recipes.models import RecipeVersion
from tests.given import batches as given
from tests.given import equipment as given_equipment
from tests.given import people
from tests.given import recipes as given_recipes
from tools.faults.device import STEPS_PER_DEGREE
from tools.faults.load import Round
from tools.faults.plant import map_name

FIRST, LOWEST = 1000, 20.0

ROUND = """\
          - id: S{value:03}
            kind: entry
            title: Read a value
            text: Read the volume from the display.
            illustrative: true
            entries:
              - {{id: volume, name: Volume, unit: mL, precision: 1, low: 50, high: 400}}
            signature: performed
          - id: S{command:03}
            kind: equipment_command
            title: Set the temperature
            text: Set the temperature of the incubator. It confirms by itself.
            equipment: incubator
            command:
              name: incubate
              setpoints: {{temperature: {{value: {degrees:.2f}, unit: °C, illustrative: true}}}}
          - id: S{hold:03}
            kind: timed_hold
            title: Let it stand
            text: Let the bag stand.
            equipment: incubator
            hold: {{minutes: 0.05, tolerance_minutes: 60, illustrative: true}}
"""


def recipe(rounds: int) -> str:
    steps = (
        ROUND.format(
            value=FIRST + 3 * number,
            command=FIRST + 3 * number + 1,
            hold=FIRST + 3 * number + 2,
            degrees=setpoint(number),
        )
        for number in range(rounds)
    )
    return "".join((RECIPE.replace("S002.", f"S{FIRST}."), *steps, LAST_STEP))


def setpoint(number: int) -> float:
    """A temperature (°C) for each round, higher than that of the one before."""
    return LOWEST + number / STEPS_PER_DEGREE


def batches(number: int, rounds: int) -> tuple[str, list[list[Round]]]:
    """The site's code, and for each running batch, its first bag scanned, the steps that are left."""
    site = people.a_site()
    version = given.trained(given_recipes.approved(given_recipes.draft(site, source=recipe(rounds))))
    return site.code, [_batch(site, version, each) for each in range(1, number + 1)]


def _batch(site: Site, version: RecipeVersion, number: int) -> list[Round]:
    given_equipment.unit(site, "incubator", f"INC-{number}", adapter="modbus", address=map_name(number))
    batch = given.running_batch(site, recipe=version)
    given.done(given.step(batch, "S001"))
    rows = Step.objects.filter(batch=batch).exclude(key__in=["S001", "S999"]).order_by("position")
    ids = [str(pk) for pk in rows.values_list("id", flat=True)]
    triples = zip(ids[::3], ids[1::3], ids[2::3], strict=True)
    return [Round(*each, setpoint(number)) for number, each in enumerate(triples)]
