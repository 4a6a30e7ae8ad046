"""Taking files out of the folders of instruments into the record, by the process that holds the connections."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from equipment import services
from equipment.adapters.base import Adapter, DeviceUnreachable
from equipment.adapters.file_drop import FileDrop, Found
from equipment.gateway.speaking import speaking_to
from equipment.models import Unit
from equipment.services.files import MOST_BYTES
from mes.accounts.models import User


def keep_files(*, actor: User, units: Mapping[str, Unit], adapters: Mapping[str, Adapter]) -> None:
    """Keep what is whole. Whoever dies in between finds the file again, and its bytes tell whether it is kept."""
    for code, adapter in adapters.items():
        if isinstance(adapter, FileDrop) and code in units:
            for found in _whole(adapter, code):
                _keep(actor, units[code], found)
                adapter.kept(found)


def _whole(adapter: FileDrop, code: str) -> list[Found]:
    """Nothing from a folder that is gone: reading it has told so already."""
    with suppress(DeviceUnreachable), speaking_to(code):
        return list(adapter.whole_files(most_bytes=MOST_BYTES))
    return []


def _keep(actor: User, unit: Unit, found: Found) -> None:
    if found.content is None:
        services.report_large_file(actor=actor, unit=unit, name=found.name, size=found.size)
    else:
        services.keep_file(actor=actor, unit=unit, name=found.name, content=found.content)
