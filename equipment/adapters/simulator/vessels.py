"""Devices in which cells grow: stirred and rocking bioreactors and the automated cell processor."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from equipment.adapters.simulator.culture import Culture, Donor
from equipment.adapters.simulator.device import SimulatedDevice, Suspension
from equipment.adapters.simulator.physics import approach, co2_for, ph_of
from equipment.classes import EquipmentClass

ROOM = 21.0
WARMING = 25 * 60.0  # seconds, time constant of a litre in a heated jacket
GASSING = 8 * 60.0
STIRRING = 8.0
PH_SETTLING = 12 * 60.0
LONGEST_STEP = 15 * 60.0
SATURATED = 0.2  # mmol/L of oxygen in medium at 37 °C under air
IN_CULTURE = frozenset({"culture", "activate", "transduce", "feed"})


class CultureVessel(SimulatedDevice):
    """Temperature, stirring, gas and pH follow their set-points with lag; the cells answer to what they really get."""

    controls_ph = True
    oxygen_transfer = 6.0  # kLa per hour, gently mixed: Garcia-Ochoa F, Gomez E. Biotechnol Adv 2009;27:153-176

    def __init__(self, page: EquipmentClass, *, seed: int, at: datetime) -> None:
        super().__init__(page, seed=seed, at=at)
        self.donor = Donor.from_seed(seed)
        self.culture = Culture()
        self.temperature, self.agitation = ROOM, 0.0
        self.co2, self.oxygen, self.ph = 0.04, 100.0, ph_of(self.culture.bicarbonate, 5.0)

    def on_command(self, name: str) -> None:
        if name == "inoculate" or (name in IN_CULTURE and not self.culture.viable):
            page = self.page.command("inoculate")
            load = (page.defaults() if page else {}) | (self.setpoints if name == "inoculate" else {})
            self.culture = Culture.seeded(self.donor, viable_cells=load["viable_cells"], volume=load["volume"])
        elif name == "harvest":
            self._concentrate(self.setpoint("volume", 100.0))
        elif name in {"idle", "prime", "select"}:
            self.culture = Culture()

    def _concentrate(self, volume: float) -> None:
        """Washing into a smaller volume loses 10 % of the cells and all of the old medium."""
        factor = 0.9 * self.culture.volume / volume
        viable, dead = self.culture.viable * factor, self.culture.dead * factor * 0.5
        self.culture = Culture(viable=viable, dead=dead, volume=volume)

    def evolve(self, seconds: float) -> None:
        while seconds > 0:
            step = min(seconds, LONGEST_STEP)
            self._evolve(step)
            seconds -= step

    def _evolve(self, seconds: float) -> None:
        running = self.mode != "idle"
        self.temperature = approach(
            self.temperature, self.setpoint("temperature", 37.0) if running else ROOM, seconds, WARMING
        )
        self.agitation = approach(self.agitation, self.setpoint("agitation", 0.0), seconds, STIRRING)
        self.co2 = approach(self.co2, self._wanted_co2() if running else 0.04, seconds, GASSING)
        self.oxygen = approach(self.oxygen, self._reachable_oxygen(), seconds, GASSING)
        self.ph = approach(self.ph, ph_of(self.culture.bicarbonate, self.co2), seconds, PH_SETTLING)
        if self.culture.viable:
            self.culture.grow(
                self.donor,
                hours=seconds / 3600,
                temperature=self.temperature,
                oxygen=self.oxygen,
                exchange_per_day=self.setpoint("medium_exchange", 0.0) / 100,
            )

    def _wanted_co2(self) -> float:
        if not self.controls_ph:
            return self.setpoint("co2", 5.0)
        return min(15.0, max(0.5, co2_for(self.culture.bicarbonate, self.setpoint("ph", 7.2))))

    def _reachable_oxygen(self) -> float:
        """Percent of air saturation once supply and demand meet: dC/dt = kLa·(C* - C) - OUR = 0."""
        most = self._saturation(95.0 if self.controls_ph else 20.0)
        drawn = 100 * self.culture.oxygen_uptake / self.oxygen_transfer / SATURATED
        wanted = self.setpoint("do", 100.0)
        return max(0.0, min(wanted, most - drawn))

    @staticmethod
    def _saturation(oxygen_percent: float) -> float:
        return 100 * oxygen_percent / 20.95

    def _oxygen_in_gas(self) -> float:
        drawn = 100 * self.culture.oxygen_uptake / self.oxygen_transfer / SATURATED
        return min(95.0, (self.oxygen + drawn) * 20.95 / 100)

    def values(self) -> dict[str, float]:
        return {
            "temperature": self.temperature,
            "ph": self.ph,
            "do": self.oxygen,
            "co2": self.co2,
            "o2": self._oxygen_in_gas(),
            "agitation": self.agitation,
            "viable_density": self.culture.viable,
            "viability": self.culture.viability,
            "glucose": self.culture.glucose,
            "lactate": self.culture.lactate,
            "programme": self.progress(),
        }

    def sample(self) -> Suspension | None:
        return Suspension(self.culture.viable, self.culture.dead) if self.culture.viable else None

    def remember(self) -> dict[str, float]:
        own = {name: getattr(self, name) for name in ("temperature", "agitation", "co2", "oxygen", "ph")}
        return own | {f"culture.{name}": value for name, value in asdict(self.culture).items()}

    def recall(self, state: Mapping[str, float]) -> None:
        self.culture = Culture(**{k.removeprefix("culture."): v for k, v in state.items() if k.startswith("culture.")})
        self.temperature, self.agitation = state["temperature"], state["agitation"]
        self.co2, self.oxygen, self.ph = state["co2"], state["oxygen"], state["ph"]


class CellProcessor(CultureVessel):
    """A thin layer gassed with a fixed CO₂ share: its pH is what the cells make of it."""

    controls_ph = False
    oxygen_transfer = 16.0  # a layer of a few millimetres under gas
