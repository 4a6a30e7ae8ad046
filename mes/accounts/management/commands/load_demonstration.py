"""`manage.py load_demonstration`: set up the demonstration site on first run; print who can sign in, every time."""

from typing import Any

from django.core.management.base import BaseCommand

from mes import demonstration


class Command(BaseCommand):
    help = "Set up the demonstration site if it is not there, and print its people with their passwords and PINs."

    def handle(self, *args: Any, **options: Any) -> None:
        made = demonstration.load()
        state = "was set up" if made else "is there"
        self.stdout.write(f"The demonstration site {demonstration.CODE} {state}.")
        self.stdout.write(f"Everybody's password: {demonstration.PASSWORD}   signing PIN: {demonstration.PIN}")
        for persona in demonstration.PEOPLE:
            line = f"  {persona.username:<8} {persona.role.label:<18} {persona.does} (badge USR:B-{persona.username})"
            self.stdout.write(line)
