"""The state tables of every room, found where they are declared, and drawn as Mermaid diagrams."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from mes.state_machine import StateMachine


def machines() -> Iterator[tuple[str, StateMachine]]:
    """(`batches.ISA88`, machine) for every table in a room's states.py, also in those of `mes`."""
    for room in (*settings.ROOMS, *(app for app in settings.INSTALLED_APPS if app.startswith("mes."))):
        if find_spec(f"{room}.states"):
            for name, value in vars(import_module(f"{room}.states")).items():
                if isinstance(value, StateMachine):
                    yield f"{room}.{name}", value


def mermaid(machine: StateMachine) -> str:
    """A Mermaid state diagram; a move that needs a signature or a reason says so."""
    lines = ["stateDiagram-v2", f"    [*] --> {_word(machine.initial)}"]
    for cell in machine.transitions:
        notes = [*cell.signed_as, *(["reason"] if cell.needs_reason else [])]
        label = cell.name.strip("()") + (f" / {', '.join(notes)}" if notes else "")
        lines += [f"    {_word(source)} --> {_word(cell.target)}: {label}" for source in cell.sources]
    return "\n".join(lines)


def _word(state: str) -> str:
    return str(state).replace(" ", "_")


def page() -> str:
    """docs/states.md: a table and a diagram for each machine."""
    parts = ["# States\n\nDrawn from the tables in each room's `states.py` by `manage.py state_diagrams`.\n"]
    for name, machine in machines():
        rows = [
            f"| {cell.name} | {', '.join(cell.sources)} | {cell.target} | {cell.permission or 'the system'} |"
            f" {', '.join(cell.signed_as) or '–'} | {'yes' if cell.needs_reason else '–'} |"
            f" {', '.join(cell.not_by) or '–'} |"
            for cell in machine.transitions
        ]
        head = "| move | from | to | right | signed | reason | not by |\n|---|---|---|---|---|---|---|"
        parts.append("\n".join([f"## {name}\n", "```mermaid", mermaid(machine), "```\n", head, *rows, ""]))
    return "\n".join(parts)
