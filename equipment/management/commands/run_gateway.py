"""manage.py run_gateway: talk to the equipment until told to stop."""

import logging
import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from equipment.gateway.process import GatewayProcess


class Command(BaseCommand):
    help = "Reads the equipment of one site, or of all, stores the readings and carries out commands."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--site", default="", help="code of the site; all sites without it")
        parser.add_argument(
            "--directory",
            type=Path,
            default=settings.DATA_DIR / "gateway",
            help="where readings wait while the database is away, and simulated devices keep their state",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        structlog.configure(
            wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
            processors=[
                structlog.processors.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        )
        process = GatewayProcess(options["directory"], site_code=options["site"])
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: process.stop())
        process.run()
