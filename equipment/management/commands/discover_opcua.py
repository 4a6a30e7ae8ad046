"""manage.py discover_opcua: print a draft of the tag map of every device on an OPC UA server."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from equipment.adapters.opcua.discovery import discover
from equipment.adapters.opcua.draft import draft
from equipment.adapters.opcua.line import Line, LineLost, Told
from equipment.adapters.opcua.tag_map import TagMap


class Command(BaseCommand):
    help = "Lists the devices of an OPC UA server, with the variables and methods of each, as drafts of tag maps."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("endpoint", help="for example opc.tcp://10.20.0.32:4840")
        parser.add_argument("--map", type=Path, help="a tag map that tells security, user and timeout")

    def handle(self, *args: Any, **options: Any) -> None:
        endpoint, map_file = options["endpoint"], options["map"]
        try:
            place = _place(endpoint, map_file)
            line = Line(place, map_file.parent if map_file else Path(), _hear_nothing)
            try:
                devices = discover(line)
            finally:
                line.close()
        except (OSError, yaml.YAMLError, ValidationError) as error:
            raise CommandError(str(error)) from error
        except LineLost as error:
            raise CommandError(f"{endpoint} does not answer: {error}.") from error
        if not devices:
            raise CommandError("There is no device with a nameplate on this server.")
        self.stdout.write("\n---\n".join(draft(endpoint, device) for device in devices))


def _hear_nothing(node: str, told: Told) -> None:
    """Nothing is subscribed while looking around."""


def _place(endpoint: str, map_file: Path | None) -> TagMap:
    told = yaml.safe_load(map_file.read_text(encoding="utf-8")) if map_file else {}
    kept = {name: told[name] for name in ("timeout", "security", "user") if name in told}
    return TagMap.model_validate({**kept, "endpoint": endpoint})
