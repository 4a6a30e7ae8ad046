"""Rooms look down only: in what they import, and in what their rows point to."""

import subprocess
import sys
import tomllib
from pathlib import Path

from django.apps import apps
from django.db.models import ForeignKey, Model

ROOT = Path(__file__).resolve().parents[2]


def floors() -> dict[str, int]:
    """Room → floor, 0 at the bottom; from the same table that import-linter reads."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text())
    (contract,) = [each for each in configuration["tool"]["importlinter"]["contracts"] if each["type"] == "layers"]
    return {
        room.strip(): floor for floor, rooms in enumerate(reversed(contract["layers"])) for room in rooms.split("|")
    }


def room_of(model: type[Model]) -> str:
    return model.__module__.partition(".")[0]


def test_every_foreign_key_points_down_or_stays_in_its_room() -> None:
    floor = floors()
    upwards = [
        f"{model.__name__}.{field.name} → {field.related_model.__name__}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, ForeignKey) and {room_of(model), room_of(field.related_model)} <= floor.keys()
        if room_of(model) != room_of(field.related_model)
        if floor[room_of(model)] <= floor[room_of(field.related_model)]
    ]
    assert upwards == []


def test_every_room_has_its_floor() -> None:
    rooms = {config.name.partition(".")[0] for config in apps.get_app_configs() if _is_ours(config.path)}
    assert rooms == set(floors())


def test_imports_point_down() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def _is_ours(path: str) -> bool:
    return Path(path).is_relative_to(ROOT) and "site-packages" not in path
