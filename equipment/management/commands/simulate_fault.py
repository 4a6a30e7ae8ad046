"""manage.py simulate_fault UNIT [FAULT]: hurt a simulated device and see that Baton notices; without FAULT, heal it."""

from argparse import ArgumentParser
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from equipment.adapters.simulator.faults import OF_ONE_TAG, WITH_AMOUNT, Fault, FaultKind, Faults, has_other_unit
from equipment.adapters.simulator.plant import SIMULATED
from equipment.models import Unit
from mes import clock


class Command(BaseCommand):
    help = "Lets a simulated device suffer a fault; without a fault, heals it. Run it where its gateway runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("unit", help="code of the unit")
        parser.add_argument("fault", nargs="?", default="", choices=["", *(str(each) for each in FaultKind)])
        parser.add_argument("--site", default="", help="code of the site, where several have a unit of this code")
        parser.add_argument("--tag", default="", help="which value: for drift, stuck and wrong_unit")
        parser.add_argument("--amount", type=float, default=0.0, help=_amounts())
        parser.add_argument(
            "--minutes", type=float, default=0.0, help="how long, in process time; until healed without"
        )
        parser.add_argument("--directory", type=Path, default=settings.DATA_DIR / "gateway", help="the gateway's")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = _simulated(options["unit"], options["site"])
        folder = options["directory"] / unit.site.code / "simulator"
        folder.mkdir(parents=True, exist_ok=True)
        book = Faults(folder / f"{unit.code}.faults.json")
        now = clock.now(unit.site)
        if not options["fault"]:
            book.put([])
            self.stdout.write(f"{unit.code} is well again.")
            return
        minutes = options["minutes"]
        until = now + timedelta(minutes=minutes) if minutes else None
        fault = Fault(FaultKind(options["fault"]), now, until, options["tag"], options["amount"])
        _check(unit, fault)
        book.put([*book.at(now), fault])
        self.stdout.write(f"{unit.code} suffers {fault.kind} from {clock.show(unit.site, now)} on.")


def _simulated(code: str, site: str) -> Unit:
    found = Unit.objects.select_related("site").filter(code=code, adapter="simulator")
    units = list(found.filter(site__code=site) if site else found)
    if len(units) != 1:
        raise CommandError(f"There are {len(units)} simulated units called {code}; name one, with --site where needed.")
    if not units[0].site.is_demonstration:
        raise CommandError(f"{units[0].site} is no demonstration: its devices are not made to fail on purpose.")
    return units[0]


def _check(unit: Unit, fault: Fault) -> None:
    if fault.kind in OF_ONE_TAG:
        tag = unit.page.tag(fault.tag)
        if tag is None:
            known = ", ".join(each.name for each in unit.page.tags)
            raise CommandError(f"Say with --tag which value: {known}.")
        if fault.kind is FaultKind.WRONG_UNIT and not has_other_unit(tag.unit):
            raise CommandError(f"No other unit is known for {tag.unit}.")
    if fault.kind in WITH_AMOUNT and not fault.amount:
        raise CommandError(f"Say with --amount: {WITH_AMOUNT[fault.kind]}.")
    if fault.kind is FaultKind.DOOR_OPEN and not SIMULATED[unit.class_code].has_door:
        raise CommandError(f"{unit.page.name} has no door.")


def _amounts() -> str:
    return "; ".join(f"{kind}: {meaning}" for kind, meaning in WITH_AMOUNT.items())
