"""Small laws the simulated devices share. Plain numbers in, plain numbers out; no clock, no randomness of their own."""

import math
import random
from datetime import datetime


def approach(value: float, target: float, seconds: float, time_constant: float) -> float:
    """First-order lag, exact for any step: value(t) = target + (value0 - target)·exp(-t/τ).

    Åström KJ, Murray RM. Feedback Systems. Princeton 2008, section 5.3 (step response of a first-order system).
    """
    return target + (value - target) * math.exp(-seconds / time_constant)


def noise(seed: int, tag: str, at: datetime) -> float:
    """A standard normal number that depends on nothing but its arguments, so a replay reads the same values."""
    return random.Random(f"{seed}/{tag}/{at.timestamp():.3f}").gauss(0.0, 1.0)


def poisson(rng: random.Random, mean: float) -> int:
    """A Poisson count. Knuth's product method for few, the normal limit for many (error < 1 % above 50)."""
    if mean > 50:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, product, count = math.exp(-mean), rng.random(), 0
    while product > limit:
        product *= rng.random()
        count += 1
    return count


def temperature_factor(celsius: float) -> float:
    """Share of the optimal growth rate at a temperature: 0 at 25 and 42 °C, 1 at 37 °C.

    Cardinal temperature model with inflexion: Rosso L, Lobry JR, Flandrois JP. J Theor Biol 1993;162:447-463.
    """
    low, best, high = 25.0, 37.0, 42.0
    if not low < celsius < high:
        return 0.0
    above = (celsius - high) * (celsius - low) ** 2
    below = (best - low) * ((best - low) * (celsius - best) - (best - high) * (best + low - 2 * celsius))
    return max(0.0, min(1.0, above / below))


def ph_of(bicarbonate: float, co2_percent: float) -> float:
    """Henderson-Hasselbalch for a bicarbonate buffer at 37 °C: pH = 6.1 + log10([HCO3-] / (0.0307·pCO2)).

    [HCO3-] in mmol/L, pCO2 in mmHg of humidified gas at 760 mmHg. Hasselbalch KA. Biochem Z 1917;78:112-144.
    """
    pressure = max(co2_percent, 0.05) / 100 * (760 - 47)
    return 6.1 + math.log10(max(bicarbonate, 0.1) / (0.0307 * pressure))


def co2_for(bicarbonate: float, ph: float) -> float:
    """The gas CO2 in percent that gives a pH: `ph_of` solved for CO2."""
    return max(bicarbonate, 0.1) / (0.0307 * 10 ** (ph - 6.1)) / (760 - 47) * 100
