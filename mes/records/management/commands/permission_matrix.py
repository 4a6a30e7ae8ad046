"""`manage.py permission_matrix > docs/validation/permissions.csv`: what to review when a call or a right changes."""

import csv
from typing import Any

from django.core.management.base import BaseCommand

from mes.matrix import HEADER, rows


class Command(BaseCommand):
    help = "Print every call of the API, the right it asks for and the roles that hold it, as CSV."

    def handle(self, *args: Any, **options: Any) -> None:
        csv.writer(self.stdout, lineterminator="\n").writerows([HEADER, *rows()])
