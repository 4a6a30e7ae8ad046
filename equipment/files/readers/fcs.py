"""Flow cytometers: the Flow Cytometry Standard, versions 2.0 to 3.1, read by flowio.

Of the events only their number and the mean and median of each channel are told; gating is the work of other software.
"""

from __future__ import annotations

from array import array
from io import BytesIO
from math import isfinite
from statistics import fmean, median
from typing import Any

import flowio

from equipment.files.base import Dropped, Reader, Run, Value

_SAMPLE_KEYS = ("smno", "tube name", "sample id", "src")


def _recognises(dropped: Dropped) -> bool:
    return dropped.content.startswith((b"FCS2.0", b"FCS3.0", b"FCS3.1"))


def _read(dropped: Dropped) -> list[Run]:
    data: Any = flowio.FlowData(BytesIO(dropped.content))
    text: dict[str, str] = data.text
    sample = next((text[key].strip() for key in _SAMPLE_KEYS if text.get(key, "").strip()), "")
    measured_at = f"{text.get('date', '')} {text.get('btim', '')}".strip()
    return [Run(sample, _statistics(data), measured_at, text.get("op", ""))]


def _statistics(data: Any) -> list[Value]:
    events, width = array("d", data.events), data.channel_count
    values = [Value("events", str(data.event_count), "")]
    for place, channel in sorted((int(number), names) for number, names in data.channels.items()):
        values += _of_channel(channel["PnN"], events[place - 1 :: width])
    return values


def _of_channel(name: str, events: array[float]) -> list[Value]:
    """In the channel's own arbitrary units, which no file names. A channel with no finite number has no statistics."""
    if not events or not all(map(isfinite, events)):
        return []
    return [
        Value(f"mean {name}", f"{fmean(events):.6g}", None),
        Value(f"median {name}", f"{median(events):.6g}", None),
    ]


FCS = Reader("fcs", "Flow Cytometry Standard", _recognises, _read)
