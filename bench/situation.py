"""Batches with steps that only wait for their signature, brought there through the services."""

from collections.abc import Iterator

from batches import services
from batches.models import Batch, Step
from mes.accounts.models import Site, User
from tests.given import batches as given
from tests.given import people
from tests.given import recipes as given_recipes

STEPS_PER_BATCH = 30

RECIPE = """
recipe:
  code: BENCH
  name: Process of many equal steps
  kind: autologous
  product: {code: BENCH, name: Cells, strength: 1E6 cells per kg, dosage_form: Dispersion, batch_size: One dose}
  duration_days: 1
  change: First version.
equipment:
  - {as: incubator, class: incubator, grade: C}
information:
  containers: [Bag]
  labels: [Bag label]
  sampling: None.
  specifications: [BENCH]
  precautions: [Material of one patient only.]
formula:
  parameters:
    - {id: temperature, name: Temperature, unit: °C, target: 37, low: 36, high: 38, illustrative: true}
  inputs:
    - {material: TEXMACS, name: Culture medium, quantity: 100, unit: mL, illustrative: true}
  outputs:
    - id: volume
      name: Volume
      unit: mL
      theoretical: 120
      low_percent: 10
      high_percent: 300
      actual: S002.volume
      illustrative: true
procedure:
  - id: UP01
    name: Work
    equipment: incubator
    operations:
      - id: OP010
        name: Many steps
        day: 0
        steps:
          - id: S001
            kind: identity_check
            title: Scan the bag
            text: Scan the label of the bag.
            signature: performed
            severity: critical
"""

STEP = """\
          - id: {id}
            kind: entry
            title: Read three values
            text: Read the three values from the display.
            parallel: readings
            illustrative: true
            entries:
              - {{id: volume, name: Volume, unit: mL, precision: 1, low: 50, high: 400}}
              - {{id: density, name: Cell density, unit: cell/mL, low: 1E5, high: 1E8}}
              - {{id: viability, name: Viability, unit: "%", precision: 1, low: 70, high: 100}}
            signature: performed
"""

LAST_STEP = """\
          - id: S999
            kind: material_addition
            title: Add the medium
            text: Scan the medium. Add it.
            illustrative: true
            materials:
              - {code: TEXMACS, quantity: 100, unit: mL, tolerance_percent: 5}
            signature: performed
"""

VALUES = {"volume": ("120.0", "mL"), "density": ("2E6", "cell/mL"), "viability": ("91.5", "%")}


def source() -> str:
    steps = (STEP.format(id=f"S{number:03}") for number in range(2, STEPS_PER_BATCH + 2))
    return "".join((RECIPE, *steps, LAST_STEP))


class Situation:
    """One site, one operator, and as many ready steps as are asked for."""

    def __init__(self) -> None:
        self.site: Site = people.a_site()
        self.recipe = given.trained(given_recipes.approved(given_recipes.draft(self.site, source=source())))
        self.operator: User = people.persona(self.site, "olga")
        self._steps = self._ready_steps()

    def ready_step(self) -> Step:
        """Started, its three values recorded; only the signature is missing."""
        return next(self._steps)

    def scanned_batch(self) -> Batch:
        """Running, its first bag scanned; every other step may begin."""
        batch = given.running_batch(self.site, recipe=self.recipe)
        given.done(given.step(batch, "S001"))
        return batch

    def _ready_steps(self) -> Iterator[Step]:
        while True:
            yield from self._steps_of(self.scanned_batch())

    def _steps_of(self, batch: Batch) -> Iterator[Step]:
        for number in range(2, STEPS_PER_BATCH + 2):
            step = services.start_step(actor=self.operator, step=given.step(batch, f"S{number:03}"))
            for name, (value, unit) in VALUES.items():
                services.record_entry(actor=self.operator, step=step, name=name, value=value, unit=unit)
            yield given.step(batch, step.key)
