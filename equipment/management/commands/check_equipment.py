"""manage.py check_equipment: check a unit against its class page, print the report, keep it as a record."""

import sys
import time
from argparse import ArgumentParser
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from equipment import services
from equipment.gateway.process import GatewayProcess
from equipment.models import Check, CheckReport, Unit
from mes.accounts.models import User
from mes.errors import MesError

EXIT_CODES = {"passed": 0, "failed": 1, "incomplete": 2}
BETWEEN_LOOKS = 0.2


class Command(BaseCommand):
    help = (
        "Identifies a unit, reads every tag, checks units of measure and ranges, writes and reads back the safe state. "
        "Exit code 0: passed, 1: failed, 2: incomplete. Refused while the unit is in use."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("unit", help="code of the unit")
        parser.add_argument("--user", required=True, help="who checks; the report is kept under this name")
        parser.add_argument("--site", default="", help="code of the site, where several have such a unit")
        parser.add_argument("--wait", type=float, default=60, help="seconds to wait for the report")
        parser.add_argument(
            "--directory",
            type=Path,
            default=settings.DATA_DIR / "gateway",
            help="that of the gateway; where none is running, this command takes its place until the report is there",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            unit = _unit(options["unit"], options["site"])
            check = services.request_check(actor=_user(options["user"]), unit=unit)
        except MesError as refusal:
            told = [reason["message"] for reason in refusal.details.get("reasons", [])]
            raise CommandError(" ".join([refusal.message, *told])) from refusal
        with redirect_stdout(sys.stderr):  # what the gateway logs is not part of the table
            report = _wait_for(check, options["directory"], options["wait"])
        self.stdout.write(_table(check, report))
        if EXIT_CODES[report.outcome]:
            sys.exit(EXIT_CODES[report.outcome])


def _unit(code: str, site: str) -> Unit:
    found = Unit.objects.filter(code=code, **({"site__code": site} if site else {})).select_related("site")
    if len(found) != 1:
        raise CommandError(f"{len(found)} units have the code {code}{'; name the --site' if found else ''}.")
    return found[0]


def _user(username: str) -> User:
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise CommandError(f"There is no active user {username}.")
    return user


def _wait_for(check: Check, directory: Path, seconds: float) -> CheckReport:
    """From the gateway of the site; where no process holds the site, this one does meanwhile."""
    process = GatewayProcess(directory, site_code=check.site.code)
    deadline = time.monotonic() + seconds
    try:
        while time.monotonic() < deadline:
            process.take_over_sites()
            for gateway in process.sites.values():
                gateway.sweep()
            report = CheckReport.objects.filter(check_of=check).first()
            if report is not None:
                return report
            time.sleep(BETWEEN_LOOKS)
    finally:
        process.let_go()
    raise CommandError(f"No gateway has reported in {seconds:g} seconds; the check stays asked for.")


def _table(check: Check, report: CheckReport) -> str:
    names = ("what", "expected", "found", "outcome")
    rows = [names, *([line[name] for name in names] for line in report.lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(names))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([*lines, "", f"{check}: {report.get_outcome_display().lower()} (check {check.id})"])
