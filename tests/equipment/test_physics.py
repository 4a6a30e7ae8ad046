"""The simulated devices follow their physics: lag, growth, freezing, counting error; and repeat themselves by seed."""

import statistics
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import pytest

from equipment.adapters.base import Command, DeviceUnreachable, Quality, Reading
from equipment.adapters.simulator import SIMULATED, SimulatorAdapter, simulated_device
from equipment.adapters.simulator.culture import Culture, Donor
from equipment.adapters.simulator.device import SimulatedDevice, Suspension
from equipment.adapters.simulator.freezing import MELTING
from equipment.adapters.simulator.physics import co2_for, ph_of, temperature_factor
from equipment.classes import EQUIPMENT_CLASSES

START = datetime(2026, 11, 22, 8, tzinfo=UTC)
DAY = timedelta(days=1)


def device(class_code: str, name: str = "plant/A") -> SimulatedDevice:
    return simulated_device(class_code, name=name, at=START)


def told(made: SimulatedDevice, name: str, **setpoints: float) -> SimulatedDevice:
    assert made.move_to(Command(uuid4(), name, setpoints)).accepted
    return made


def course(made: SimulatedDevice, tag: str, times: list[timedelta]) -> list[float]:
    values = []
    for after in times:
        made.advance(START + after)
        values.append(made.values()[tag])
    return values


def minutes(until: float, every: float = 1.0) -> list[timedelta]:
    return [timedelta(minutes=every * number) for number in range(1, round(until / every) + 1)]


@pytest.mark.parametrize("class_code", EQUIPMENT_CLASSES)
def test_every_class_has_a_simulated_device_that_shows_its_tags(class_code: str) -> None:
    page = EQUIPMENT_CLASSES[class_code]
    made = device(class_code)
    if class_code == "cell_counter":
        told(made, "count")
    made.advance(START + timedelta(hours=1))
    assert {tag.name for tag in page.tags} <= made.values().keys()
    assert class_code in SIMULATED


@pytest.mark.parametrize("class_code", EQUIPMENT_CLASSES)
def test_every_command_of_every_class_is_taken_and_read_back(class_code: str) -> None:
    for command in EQUIPMENT_CLASSES[class_code].commands:
        made = device(class_code)
        sent = Command(uuid4(), command.name, command.safe_values())
        assert made.move_to(sent).accepted
        state = made.state()
        assert (state.mode, state.last_command) == (command.name, sent.id)
        assert dict(state.setpoints) == command.safe_values()


def test_the_same_command_twice_is_the_same_as_once() -> None:
    made = device("bioreactor")
    seed = Command(uuid4(), "inoculate", {"viable_cells": 1e8, "volume": 100})
    made.move_to(seed)
    told(made, "culture")
    made.advance(START + 3 * DAY)
    last = Command(uuid4(), "culture", {"temperature": 36.0})
    made.move_to(last)
    before = made.save()
    assert made.move_to(last).accepted
    assert made.save() == before


def test_refuses_a_command_its_class_does_not_have() -> None:
    ack = device("incubator").move_to(Command(uuid4(), "freeze"))
    assert not ack.accepted
    assert "freeze" in ack.message


def test_a_bioreactor_reaches_its_set_points_with_lag_and_without_overshoot() -> None:
    made = told(device("bioreactor"), "culture", temperature=37, ph=7.2, do=50, agitation=80)
    warming = course(made, "temperature", minutes(180))
    assert 21 < warming[0] < 23
    assert all(later >= earlier for earlier, later in pairwise(warming))
    assert warming[-1] == pytest.approx(37, abs=0.05)
    shown = made.values()
    assert shown["ph"] == pytest.approx(7.2, abs=0.03)
    assert shown["do"] == pytest.approx(50, abs=1)
    assert shown["agitation"] == pytest.approx(80, abs=0.1)


def test_a_new_set_point_leaves_the_others_in_force() -> None:
    made = told(told(device("bioreactor"), "culture", temperature=37, agitation=80), "culture", temperature=33)
    assert made.state().setpoints["agitation"] == 80
    assert made.state().setpoints["temperature"] == 33


@pytest.mark.parametrize("class_code", ["cell_processor", "bioreactor", "rocking_bioreactor"])
def test_cells_wait_then_grow_then_slow_down(class_code: str) -> None:
    made = told(device(class_code), "culture", agitation=20)
    days = course(made, "viable_density", [DAY * number for number in range(1, 13)])
    rates = [later / earlier for earlier, later in pairwise(days)]
    assert rates[0] < rates[1], "lag after activation"
    assert 1.3 < max(rates) < 2.3, "a doubling takes about a day"
    assert rates[-1] < 1.15, "the vessel is full"
    assert 10 < days[-1] / 0.5 < 40, "about thirtyfold in twelve days"
    assert 70 < made.values()["viability"] < 98


def test_growing_cells_use_glucose_and_make_lactate_which_lowers_the_ph() -> None:
    made = told(device("cell_processor"), "culture")
    early = course(made, "ph", [DAY])[0]
    late = course(made, "ph", [8 * DAY])[0]
    assert late < early - 0.2
    assert made.values()["glucose"] < 20
    assert made.values()["lactate"] > 5


def test_a_bioreactor_takes_carbon_dioxide_out_of_the_gas_to_hold_the_ph_against_lactate() -> None:
    made = told(device("bioreactor"), "culture")
    early, late = course(made, "co2", [DAY, 6 * DAY])
    assert late < early
    assert made.values()["ph"] == pytest.approx(7.2, abs=0.05)


def test_cells_do_not_grow_in_the_cold_and_die_in_the_heat() -> None:
    cold, warm, hot = (told(device("bioreactor"), "culture", temperature=t) for t in (20, 37, 42))
    densities = [course(each, "viable_density", [5 * DAY])[0] for each in (cold, warm, hot)]
    assert densities[0] < 0.5 < densities[1]
    assert densities[2] < densities[0]


def test_growth_needs_glucose_and_never_makes_it_negative() -> None:
    donor = Donor(growth_per_hour=0.035, lag_hours=1, densest=500)
    culture = Culture.seeded(donor, viable_cells=5e9, volume=100)
    for _ in range(100):
        culture.grow(donor, hours=5, temperature=37, oxygen=50, exchange_per_day=0)
        assert culture.glucose >= 0
    assert culture.viability < 50


def test_donors_differ_and_stay_themselves() -> None:
    assert Donor.from_seed(1) == Donor.from_seed(1)
    assert len({Donor.from_seed(seed).growth_per_hour for seed in range(10)}) == 10


def test_temperature_factor_is_one_at_37_and_zero_outside_25_to_42() -> None:
    assert temperature_factor(37) == pytest.approx(1)
    assert temperature_factor(25) == temperature_factor(42) == temperature_factor(50) == 0


def test_bicarbonate_and_carbon_dioxide_make_the_ph_of_the_textbook() -> None:
    assert ph_of(24, 5.6) == pytest.approx(7.4, abs=0.03), "arterial blood: 24 mmol/L and 40 mmHg"
    assert ph_of(20, co2_for(20, 7.1)) == pytest.approx(7.1)


def test_the_freezer_follows_its_programme_in_degrees_per_minute() -> None:
    made = told(device("controlled_rate_freezer"), "freeze", rate=1, fast_rate=10, fast_below=-40, end_temperature=-100)
    chamber = course(made, "chamber_temperature", minutes(120))
    falls = [earlier - later for earlier, later in pairwise(chamber)]
    slow = [fall for fall, at in zip(falls, chamber[1:], strict=True) if -38 < at < 3]
    fast = [fall for fall, at in zip(falls, chamber[1:], strict=True) if -90 < at < -50]
    assert slow == pytest.approx([1] * len(slow), abs=0.02)
    assert fast == pytest.approx([10] * len(fast), abs=0.2)
    assert chamber[-1] == -100
    assert made.values()["programme"] == 100


def test_the_product_undercools_jumps_to_its_melting_point_and_stays_there_while_latent_heat_leaves() -> None:
    made = told(device("controlled_rate_freezer"), "freeze")
    product = course(made, "product_temperature", minutes(120, every=0.5))
    lowest_liquid = min(product[: product.index(MELTING)])
    assert lowest_liquid < MELTING - 3
    assert product.count(MELTING) * 0.5 > 5, "a plateau of some minutes"
    assert product[-1] == pytest.approx(-100, abs=0.2)


def test_a_thawed_bag_passes_its_melting_point_and_reaches_the_plates() -> None:
    made = told(device("thawing_device"), "thaw", temperature=37)
    product = course(made, "product_temperature", minutes(20, every=0.25))
    assert product[0] < -50
    assert product.count(MELTING) > 2
    assert product[-1] == pytest.approx(37, abs=0.2)


def test_counts_scatter_as_counting_does() -> None:
    counter = told(device("cell_counter"), "count", dilution=10)
    densities = []
    for number in range(300):
        counter.last_command = UUID(int=number)
        densities.append(counter.count(Suspension(2.0, 0.2))["viable_density"])  # type: ignore[attr-defined]
    expected = (1 / 80 + 0.03**2) ** 0.5  # 80 cells counted, 3 % pipetting
    assert statistics.mean(densities) == pytest.approx(2.0, rel=0.03)
    assert statistics.stdev(densities) / 2.0 == pytest.approx(expected, rel=0.15)


def test_an_incubator_holds_temperature_gas_and_humidity() -> None:
    made = told(device("incubator"), "incubate", temperature=37, co2=5, humidity=85)
    made.advance(START + DAY)
    assert made.values() == pytest.approx({"temperature": 37, "co2": 5, "humidity": 85}, abs=0.01)


def test_a_nitrogen_store_refills_itself_and_stays_cold() -> None:
    made = device("ln2_freezer")
    levels = course(made, "level", [timedelta(hours=number) for number in range(1, 24 * 20)])
    assert min(levels) > 38
    assert max(levels) == pytest.approx(80, abs=1)
    assert made.values()["temperature"] < -150


def test_a_shipper_stays_cold_for_ten_days_and_warms_after_them() -> None:
    cold, warm = course(device("shipper"), "temperature", [9 * DAY, 12 * DAY])
    assert cold < -185
    assert warm > -130


def test_a_running_safety_cabinet_is_grade_a_and_a_still_one_is_not() -> None:
    made = told(device("safety_cabinet"), "run")
    made.advance(START + timedelta(hours=1))
    assert made.values()["particles_0_5"] < 3520, "EU GMP Annex 1, grade A"
    told(made, "idle")
    made.advance(START + timedelta(hours=2))
    assert made.values()["particles_0_5"] > 100_000


@pytest.mark.parametrize("class_code", EQUIPMENT_CLASSES)
def test_a_restarted_device_goes_on_as_if_nothing_had_happened(class_code: str) -> None:
    command = EQUIPMENT_CLASSES[class_code].commands[:1]
    one, other = device(class_code), device(class_code)
    for each in command:
        told(one, each.name)
    one.advance(START + DAY)
    other.load(one.save())
    one.advance(START + 2 * DAY)
    other.advance(START + 2 * DAY)
    assert one.save() == other.save()


@pytest.mark.parametrize("class_code", ["cell_processor", "bioreactor", "rocking_bioreactor"])
def test_a_day_of_culture_is_computed_in_milliseconds(class_code: str) -> None:
    made = told(device(class_code), "culture", agitation=20)
    made.advance(START + 4 * DAY)

    def a_day() -> float:
        start = time.process_time()
        made.advance(made.at + DAY)
        return time.process_time() - start

    assert min(a_day() for _ in range(5)) < 0.010


class Clock:
    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, time: timedelta) -> None:
        self.at += time


TAGS = [tag.name for tag in EQUIPMENT_CLASSES["bioreactor"].tags]


def adapter(
    clock: Clock, name: str = "plant/A", *, class_code: str = "bioreactor", most: int = 1000
) -> SimulatorAdapter:
    made = simulated_device(class_code, name=name, at=clock())
    return SimulatorAdapter(made, clock=clock, interval=lambda: timedelta(minutes=5), most=most)


def a_day_of_readings(name: str, class_code: str = "bioreactor") -> list[Reading]:
    """Of a device that cultures cells, or does what its class page names first."""
    page, clock = EQUIPMENT_CLASSES[class_code], Clock()
    made = adapter(clock, name, class_code=class_code)
    culture = page.command("culture")
    for order in (culture,) if culture else page.commands[:1]:
        made.command(Command(UUID(int=7), order.name, order.defaults()))
    clock.pass_(DAY)
    return made.read([tag.name for tag in page.tags])


@pytest.mark.parametrize("class_code", EQUIPMENT_CLASSES)
def test_the_same_seed_gives_the_same_readings_and_another_gives_others(class_code: str) -> None:
    readings = a_day_of_readings("plant/A", class_code)
    assert readings == a_day_of_readings("plant/A", class_code)
    is_exact = all(tag.accuracy == 0 for tag in EQUIPMENT_CLASSES[class_code].tags)
    assert is_exact or readings != a_day_of_readings("plant/B", class_code)


@pytest.mark.parametrize("class_code", EQUIPMENT_CLASSES)
def test_every_class_can_run_ten_thousand_times_as_fast_as_time(class_code: str) -> None:
    start = time.process_time()
    assert a_day_of_readings("plant/A", class_code) or not EQUIPMENT_CLASSES[class_code].tags
    assert time.process_time() - start < DAY.total_seconds() / 10_000


def test_readings_come_once_at_every_interval_however_rarely_one_asks() -> None:
    clock = Clock()
    made = adapter(clock)
    clock.pass_(timedelta(hours=1))
    first = made.read(["ph"])
    clock.pass_(timedelta(minutes=3))
    assert made.read(["ph"]) == []
    clock.pass_(timedelta(minutes=2))
    times = [reading.at for reading in first + made.read(["ph"])]
    assert times == [START + timedelta(minutes=5 * number) for number in range(1, 14)]


def test_readings_scatter_by_the_instruments_accuracy() -> None:
    readings = [each.value for each in a_day_of_readings("plant/A") if each.tag == "agitation"][5:]
    values = [value for value in readings if value is not None]
    assert statistics.stdev(values) == pytest.approx(0.4, rel=0.25)


def test_a_value_beyond_the_instruments_range_is_in_doubt() -> None:
    clock = Clock()
    made = adapter(clock)
    made.device.values = lambda: {"temperature": 75.0}  # type: ignore[method-assign]
    clock.pass_(timedelta(minutes=5))
    [reading] = made.read(["temperature"])
    assert (reading.value, reading.quality) == (60, Quality.UNCERTAIN)


def test_a_device_out_of_reach_says_nothing_and_remembers_meanwhile() -> None:
    clock = Clock()
    made = adapter(clock)
    made.unplugged = True
    clock.pass_(timedelta(minutes=30))
    with pytest.raises(DeviceUnreachable):
        made.read(TAGS)
    made.unplugged = False
    assert len(made.read(["ph"])) == 6


def test_a_full_memory_keeps_the_newest_and_leaves_a_gap() -> None:
    clock = Clock()
    made = adapter(clock, most=10)
    clock.pass_(DAY)
    times = [reading.at for reading in made.read(["ph"])]
    assert times == [START + DAY - timedelta(minutes=5 * number) for number in range(9, -1, -1)]


def test_a_subscriber_hears_every_reading_of_its_tags() -> None:
    clock = Clock()
    made = adapter(clock)
    heard: list[Reading] = []
    made.subscribe(["ph"], heard.append)
    clock.pass_(timedelta(minutes=15))
    made.read(TAGS)
    assert [reading.tag for reading in heard] == ["ph"] * 3
