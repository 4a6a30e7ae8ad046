"""manage.py run_beat: say "look now" until told to stop."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from mes.beat.process import Beat


class Command(BaseCommand):
    help = "Asks the workers for what is due. Run two: one leads, the other takes over when it dies."

    def handle(self, *args: Any, **options: Any) -> None:
        beat = Beat()
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: beat.stop())
        beat.run()
