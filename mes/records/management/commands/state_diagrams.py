"""`manage.py state_diagrams > docs/states.md`."""

from typing import Any

from django.core.management.base import BaseCommand

from mes.diagrams import page


class Command(BaseCommand):
    help = "Print every state table as a Mermaid diagram and a table, in Markdown."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(page(), ending="")
