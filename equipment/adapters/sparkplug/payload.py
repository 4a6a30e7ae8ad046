"""What is in a Sparkplug B message, in plain words; only this module knows the protocol buffers."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from google.protobuf.message import DecodeError

from equipment.adapters.base import Quality
from equipment.adapters.mapped import CannotWrite, as_single
from equipment.adapters.sparkplug import sparkplug_b_pb2 as wire
from equipment.adapters.sparkplug.metric import SIGNED_BITS, Message, Metric, Value, signed

UNSIGNED_BITS = {5: 8, 6: 16, 7: 32, 8: 64}
FLOAT, DOUBLE, BOOLEAN = 9, 10, 11
WORDS = {12, 14, 15}  # string, text, UUID
LONG_FROM_BITS = 64
GOOD, BAD = 192, 0  # the property Quality, section 6.4.14; everything else is in doubt


class Undecodable(Exception):
    """The bytes are no payload, or one that Baton cannot read."""


def decoded(content: bytes) -> Message:
    payload = wire.Payload()
    try:
        payload.ParseFromString(content)
    except DecodeError as error:
        raise Undecodable("the bytes are no Sparkplug B payload") from error
    if payload.body:
        raise Undecodable("it is compressed, which the specification does not know")
    at = _moment(payload.timestamp) if payload.HasField("timestamp") else None
    seq = payload.seq if payload.HasField("seq") else None
    return Message(seq, tuple(_metric(each, at) for each in payload.metrics))


def command(name: str, datatype: int, value: float | str, at: datetime) -> bytes:
    """The payload of an NCMD or DCMD that asks for one value; CannotWrite when the type does not hold it."""
    milliseconds = int(at.timestamp() * 1000)
    payload = wire.Payload(timestamp=milliseconds)
    metric = payload.metrics.add(name=name, timestamp=milliseconds, datatype=datatype)
    if datatype in WORDS:
        metric.string_value = str(value)
    elif isinstance(value, str):
        raise CannotWrite(f"{name} takes a number, not “{value}”.")
    elif datatype == FLOAT:
        metric.float_value = value
    elif datatype == DOUBLE:
        metric.double_value = value
    elif datatype == BOOLEAN:
        metric.boolean_value = bool(value)
    else:
        _put_whole(metric, name, datatype, round(value))
    written: bytes = payload.SerializeToString()
    return written


def _put_whole(metric: wire.Payload.Metric, name: str, datatype: int, value: int) -> None:
    bits = SIGNED_BITS.get(datatype) or UNSIGNED_BITS.get(datatype)
    if bits is None:
        raise CannotWrite(f"{name} is of a type that Baton does not write (data type {datatype}).")
    low = -(1 << (bits - 1)) if datatype in SIGNED_BITS else 0
    if not low <= value < low + (1 << bits):
        raise CannotWrite(f"{value} does not fit into {name}.")
    if bits == LONG_FROM_BITS:
        metric.long_value = value % (1 << 64)
    else:
        metric.int_value = value % (1 << 32)


def _metric(each: wire.Payload.Metric, sent_at: datetime | None) -> Metric:
    properties = {
        key: _plain(value, value.type)
        for key, value in zip(each.properties.keys, each.properties.values, strict=False)
        if not value.is_null
    }
    return Metric(
        name=each.name,
        alias=each.alias if each.HasField("alias") else None,
        value=None if each.is_null else _plain(each, each.datatype),
        datatype=each.datatype,
        at=_moment(each.timestamp) if each.HasField("timestamp") else sent_at,
        is_historical=each.is_historical,
        unit=str(properties.get("engUnit", "")),
        quality=_quality(properties.get("Quality", GOOD)),
    )


def _plain(holder: wire.Payload.Metric | wire.Payload.PropertyValue, datatype: int) -> Value:
    """A number or a word; None for what is neither, not-a-number and the infinities among it.

    Data after the birth need not repeat the type: who knows it makes the number signed (`signed`).
    """
    kind = holder.WhichOneof("value")
    value = getattr(holder, kind) if kind else None
    if isinstance(value, int) and not isinstance(value, bool):
        return signed(value, datatype)
    if isinstance(value, float):
        exact = as_single(value) if kind == "float_value" else value
        return exact if math.isfinite(exact) else None
    return float(value) if isinstance(value, bool) else value if isinstance(value, str) else None


def _quality(told: Value) -> Quality:
    if told == GOOD:
        return Quality.GOOD
    return Quality.BAD if told == BAD else Quality.UNCERTAIN


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
