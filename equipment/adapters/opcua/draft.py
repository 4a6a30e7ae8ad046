"""A first tag map out of what a device shows: whoever knows the device strikes out and renames."""

from __future__ import annotations

import re

import yaml

from equipment.adapters.opcua.discovery import Device, Variable


def draft(endpoint: str, device: Device) -> str:
    """Numbers in a unit of measure are tags, those that may be written set-points. The rest is named beside."""
    who = device.identity
    measured = [each for each in device.variables if each.is_number and each.unit]
    sections: dict[str, object] = {
        "endpoint": endpoint,
        "device": device.node,
        "tags": _named([each for each in measured if not each.writable]),
        "setpoints": _named([each for each in measured if each.writable]),
    }
    rest = [each for each in device.variables if each not in measured]
    told = yaml.safe_dump(sections, allow_unicode=True, sort_keys=False, width=1000)
    return "\n".join(
        [
            f"# {', '.join(part for part in (who.manufacturer, who.model, who.serial, who.firmware) if part)}",
            told.rstrip(),
            "# Also there, for mode, status and last_command:",
            *(f"#   {_line(each)}" for each in rest),
            "# Methods:",
            *(f"#   {each.path}: {{object: {each.owner!r}, method: {each.node!r}}}" for each in device.methods),
        ]
    )


def _line(variable: Variable) -> str:
    written = "may be written" if variable.writable else "is only read"
    return f"{variable.path}: {variable.node!r}  # {variable.kind}, {written}, now {variable.value}"


def _named(variables: list[Variable]) -> dict[str, dict[str, str]]:
    """By the last name on the way to each; by the whole way, where two have the same."""
    last = [_slug(each.path.rpartition("/")[2]) for each in variables]
    names = [name if last.count(name) == 1 else _slug(each.path) for name, each in zip(last, variables, strict=True)]
    return {name: {"node": each.node, "unit": each.unit} for name, each in zip(names, variables, strict=True)}


def _slug(path: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", path)
    return re.sub(r"\W+", "_", words).strip("_").lower()
