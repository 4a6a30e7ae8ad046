"""A bag of cells being frozen or thawed: heat goes out through the bag, and ice takes its time.

Newton's law of cooling with the enthalpy method for the phase change (Alexiades V, Solomon AD. Mathematical Modeling
of Melting and Freezing Processes. 1993, chapter 4). The product undercools, nucleates, jumps up to its melting
point and stays there while the latent heat leaves: the plateau every freezing curve shows (Mazur P. Am J Physiol
1984;247:C125-C142).
"""

from dataclasses import dataclass
from typing import Self

from equipment.adapters.simulator.physics import approach

MELTING = -5.0  # °C, medium with about 10 % DMSO
NUCLEATION = -9.0  # °C, a few degrees of undercooling before the first ice
LATENT = 60.0  # latent heat as kelvins of liquid product: less than water's 80, since part never freezes
ICE_FASTER = 2.0  # ice has half the heat capacity of water, so it follows twice as fast


@dataclass(slots=True)
class Product:
    """`frozen` runs from 0 (liquid) to 1 (solid). `lag` is the time constant of the liquid in seconds."""

    temperature: float
    frozen: float = 0.0
    lag: float = 240.0

    @classmethod
    def liquid(cls, temperature: float) -> Self:
        return cls(temperature)

    def exchange(self, chamber: float, seconds: float) -> None:
        """Advance under a chamber temperature that is constant over `seconds` (keep that below a quarter minute)."""
        if self._on_plateau(chamber):
            # On the plateau all heat goes into the phase change: kelvins of liquid, divided by the latent heat.
            self.frozen += (MELTING - chamber) / self.lag * seconds / LATENT
            self.frozen = min(1.0, max(0.0, self.frozen))
            self.temperature = MELTING
            return
        lag = self.lag / ICE_FASTER if self.frozen >= 1 else self.lag
        self.temperature = approach(self.temperature, chamber, seconds, lag)
        self._change_phase()

    def _on_plateau(self, chamber: float) -> bool:
        if 0 < self.frozen < 1:
            return True
        return self.frozen >= 1 and self.temperature >= MELTING and chamber > MELTING

    def _change_phase(self) -> None:
        if self.frozen == 0 and self.temperature <= NUCLEATION:
            # The undercooled liquid warms itself to the melting point by freezing a part at once.
            self.frozen = (MELTING - self.temperature) / LATENT
            self.temperature = MELTING
        elif self.frozen >= 1 and self.temperature > MELTING:
            self.temperature = MELTING

    def settled(self, chamber: float) -> bool:
        return self.frozen in (0.0, 1.0) and abs(self.temperature - chamber) < 0.05
