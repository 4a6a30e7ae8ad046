"""`manage.py verify_records`: compare every record with what was sealed; exit 1 and name the rows when they differ."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mes.records.sealing import seal_now
from mes.records.verification import Verdict, verify


class Command(BaseCommand):
    help = "Compare every record with its seal; name each row that was altered, deleted, inserted, reordered or cut."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
        parser.add_argument("--no-seal", action="store_true", help="do not seal what is committed before reading")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["no_seal"]:
            seal_now()
        verdict = verify()
        self.stdout.write(json.dumps(verdict.as_dict(), indent=2) if options["json"] else _in_words(verdict))
        if not verdict.holds:
            sys.exit(1)


def _in_words(verdict: Verdict) -> str:
    read = f"{verdict.events} events with {verdict.rows} rows under {verdict.checkpoints} checkpoints"
    if verdict.holds:
        return f"The records hold: {read}, nothing altered, deleted, inserted, reordered or cut."
    lines = [f"  {each.kind:<10} {each.table} {each.key}: {each.message}" for each in verdict.findings]
    return "\n".join([f"THE RECORDS DO NOT HOLD: {read}, {len(lines)} findings.", *lines])
