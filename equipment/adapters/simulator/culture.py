"""Activated T cells in medium: lag, growth, death, glucose and lactate.

Model and sources:
- growth rate limited by glucose: Monod J. Annu Rev Microbiol 1949;3:371-394;
- inhibited by lactate: Levenspiel O. Biotechnol Bioeng 1980;22:1671-1687;
- bounded by the density the vessel carries: Verhulst's logistic term;
- lag after activation: Baranyi J, Roberts TA. Int J Food Microbiol 1994;23:277-294;
- temperature: Rosso 1993 (see `physics.temperature_factor`).

The parameters are illustrative: chosen so that a 12-day culture expands about thirtyfold, as published for the
closed automated process (Cytotherapy 2018;20:394-406, n = 7), with 20 % spread between donors.
"""

import math
import random
from dataclasses import dataclass
from typing import Self

from equipment.adapters.simulator.physics import temperature_factor

LONGEST_STEP_HOURS = 0.25
HALF_GLUCOSE = 0.8  # mmol/L at which growth is half
LACTATE_STOPS = 60.0  # mmol/L at which growth ends
GLUCOSE_PER_CELL = 0.05  # mmol/L per hour and 10⁶/mL, growing cells
LACTATE_PER_GLUCOSE = 1.7  # mol/mol; 2 is pure glycolysis
FRESH_GLUCOSE = 25.0
FRESH_BICARBONATE = 24.0
BASE_DEATH = 0.0015  # per hour
LYSIS = 0.01  # per hour


@dataclass(frozen=True, slots=True)
class Donor:
    """What differs between patients: how fast the cells divide, how long they wait, how dense they grow."""

    growth_per_hour: float
    lag_hours: float
    densest: float

    @classmethod
    def from_seed(cls, seed: int) -> Self:
        rng = random.Random(f"donor/{seed}")
        return cls(
            growth_per_hour=0.033 * rng.uniform(0.9, 1.1),
            lag_hours=30 * rng.uniform(0.8, 1.2),
            densest=20 * rng.uniform(0.9, 1.1),
        )


@dataclass(slots=True)
class Culture:
    """State of the vessel. Densities in 10⁶ cells/mL, glucose, lactate and bicarbonate in mmol/L, volume in mL."""

    viable: float = 0.0
    dead: float = 0.0
    glucose: float = FRESH_GLUCOSE
    lactate: float = 0.0
    bicarbonate: float = FRESH_BICARBONATE
    readiness: float = 0.0
    volume: float = 100.0

    @classmethod
    def seeded(cls, donor: Donor, *, viable_cells: float, volume: float) -> Self:
        density = viable_cells / volume / 1e6
        # Baranyi's q0, chosen so that the lag lasts as long as the donor's.
        ready = 1 / math.expm1(donor.growth_per_hour * donor.lag_hours)
        return cls(viable=density, dead=density * 0.08, readiness=ready, volume=volume)

    @property
    def viability(self) -> float:
        """Percent of cells alive; 0 in an empty vessel."""
        total = self.viable + self.dead
        return 100 * self.viable / total if total else 0.0

    @property
    def oxygen_uptake(self) -> float:
        """mmol/L per hour: 0.2 pmol per cell and hour, a usual figure for activated lymphocytes."""
        return 0.2 * self.viable

    def grow(self, donor: Donor, *, hours: float, temperature: float, oxygen: float, exchange_per_day: float) -> None:
        """Advance by `hours` under constant conditions. `oxygen` is percent of air saturation."""
        steps = max(1, math.ceil(hours / LONGEST_STEP_HOURS))
        warmth = temperature_factor(temperature)
        death = BASE_DEATH + (0.02 * (temperature - 39) if temperature > 39 else 0.0)
        breath = max(0.0, oxygen) / (max(0.0, oxygen) + 3.0)
        for _ in range(steps):
            self._step(donor, hours / steps, warmth * breath, death, exchange_per_day / 24)

    def _step(self, donor: Donor, hours: float, comfort: float, death: float, dilution: float) -> None:
        fed = self.glucose / (self.glucose + HALF_GLUCOSE)
        room = max(0.0, 1 - self.lactate / LACTATE_STOPS) * max(0.0, 1 - (self.viable + self.dead) / donor.densest)
        growth = donor.growth_per_hour * comfort * fed * room * self.readiness / (1 + self.readiness)
        dying = death + 0.02 * (1 - fed)
        # Uptake cannot exceed what is there: an explicit step must not drive glucose below zero.
        uptake = min(GLUCOSE_PER_CELL * self.viable * fed * comfort * hours, self.glucose)
        before = self.viable
        self.viable = before * math.exp((growth - dying) * hours)
        self.dead = (self.dead + before * dying * hours) * math.exp(-LYSIS * hours)
        self.readiness = min(1e6, self.readiness * math.exp(donor.growth_per_hour * comfort * hours))
        self._exchange(uptake, math.exp(-dilution * hours))

    def _exchange(self, uptake: float, kept: float) -> None:
        made = LACTATE_PER_GLUCOSE * uptake
        self.glucose = FRESH_GLUCOSE + (self.glucose - uptake - FRESH_GLUCOSE) * kept
        self.lactate = (self.lactate + made) * kept
        # Every lactate leaves a proton behind, and bicarbonate takes it up.
        spent = max(1.0, self.bicarbonate - made)
        self.bicarbonate = FRESH_BICARBONATE + (spent - FRESH_BICARBONATE) * kept
