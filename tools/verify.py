#!/usr/bin/env python3
"""Verify an export of Baton's records with nothing but Python's standard library.

    python verify.py EXPORT [--key HEX] [--witness CHECKPOINTS.jsonl]

EXPORT comes from `manage.py export_records`. `--key` is the public key you were given by another way than the export;
`--witness` a copy of the checkpoints that was kept outside the system. Exit 0: the records hold. Exit 1: they do not,
and each row that differs is named. The log is that of RFC 9162; signatures are Ed25519 (RFC 8032).
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from typing import Any

Finding = tuple[str, str, str, str]
HISTORY = {"history_id", "history_date", "history_type", "history_change_reason", "history_user_id", "history_event_id"}

# --- Ed25519 verification, RFC 8032 section 5.1 ---

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def _recover_x(y: int, sign: int) -> int:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        raise ValueError("not a point of the curve")
    return P - x if x & 1 != sign else x


def _decode(data: bytes) -> Point:
    number = int.from_bytes(data, "little")
    y = number & ((1 << 255) - 1)
    x = _recover_x(y, number >> 255)
    return x, y, 1, x * y % P


def _add(a: Point, b: Point) -> Point:
    e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    g, h = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = f - e, h - g, h + g, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point, scalar = _add(point, point), scalar >> 1
    return total


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0)
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def signature_holds(key: bytes, message: bytes, signature: bytes) -> bool:
    """Is this the Ed25519 signature of the message under the public key?"""
    if len(key) != 32 or len(signature) != 64:
        return False
    try:
        a, r = _decode(key), _decode(signature[:32])
    except ValueError:
        return False
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    left, right = _times(s, BASE), _add(r, _times(h, a))
    same_x = (left[0] * right[2] - right[0] * left[2]) % P == 0
    same_y = (left[1] * right[2] - right[1] * left[2]) % P == 0
    return s < ORDER and same_x and same_y


# --- the log ---


def _sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Log:
    """Appends leaves and knows the root of every size asked for."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[bytes] = []

    def append(self, content: str) -> None:
        self.peaks.append(_sha(b"\x00" + content.encode()))
        full = self.size
        while full & 1:
            right = self.peaks.pop()
            self.peaks.append(_sha(b"\x01" + self.peaks.pop() + right))
            full >>= 1
        self.size += 1

    def root(self) -> str:
        head = self.peaks[-1] if self.peaks else _sha(b"")
        for peak in reversed(self.peaks[:-1]):
            head = _sha(b"\x01" + peak + head)
        return head.hex()


class Export:
    """The export, read once."""

    def __init__(self, path: str) -> None:
        self.key = ""
        self.leaves: list[dict[str, Any]] = []
        self.live: list[dict[str, Any]] = []
        self.heads: list[dict[str, Any]] = []
        self.strays: list[dict[str, Any]] = []
        kinds = {"leaf": self.leaves, "live": self.live, "checkpoint": self.heads, "stray": self.strays}
        with open(path, encoding="utf-8") as file:  # noqa: PTH123  (one file, no imports to explain)
            for line in file:
                entry = json.loads(line)
                if entry["type"] == "key":
                    self.key = entry["public"]
                else:
                    kinds[entry["type"]].append(entry)


def verify(export: Export, key: str, witnesses: list[dict[str, Any]]) -> list[Finding]:
    """Every finding as (kind, table, key, words)."""
    roots: dict[int, str] = {}
    return [
        *_leaves(export, roots),
        *_heads(export, roots, bytes.fromhex(key)),
        *_witnesses(export, witnesses),
        *_live(export),
        *(
            ("inserted", "records_event", stray["key"], "the event is older than the seal and has no leaf")
            for stray in export.strays
        ),
    ]


def _leaves(export: Export, roots: dict[int, str]) -> Iterator[Finding]:
    log = Log()
    for leaf in export.leaves:
        first, *lines = leaf["content"].split("\n")
        if leaf["index"] != log.size or first != f"leaf {log.size}":
            yield "reordered", "records_leaf", str(log.size), f"this place holds “{first}”"
        yield from _rows(lines, leaf["rows"])
        log.append(leaf["content"])
        roots[log.size] = log.root()


def _rows(lines: list[str], rows: list[list[str]]) -> Iterator[Finding]:
    sealed = dict(line.rsplit(" ", 1) for line in lines)
    now = {f"{table} {key}": hashlib.sha256(body.encode()).hexdigest() for table, key, body in rows}
    for name in sorted(sealed.keys() | now.keys()):
        table, key = name.split(" ", 1)
        if name not in now:
            yield "deleted", table, key, "the row was sealed and is gone"
        elif name not in sealed:
            yield "inserted", table, key, "the row was put behind a sealed event"
        elif sealed[name] != now[name]:
            yield "altered", table, key, "the row is not what was sealed"


def _heads(export: Export, roots: dict[int, str], key: bytes) -> Iterator[Finding]:
    previous = ""
    for head in export.heads:
        name = str(head["size"])
        parts = (head["size"], head["root"], head["previous"], head["horizon"], head["at"])
        text = "baton checkpoint\n" + "".join(f"{part}\n" for part in parts)
        if head["size"] not in roots:
            yield "truncated", "records_checkpoint", name, "the log has fewer leaves than were signed"
        elif roots[head["size"]] != head["root"]:
            yield "altered", "records_checkpoint", name, "the leaves up to here do not have the signed root"
        if head["previous"] != previous:
            yield "reordered", "records_checkpoint", name, "it does not follow the checkpoint before it"
        if not signature_holds(key, text.encode(), bytes.fromhex(head["signature"])):
            yield "altered", "records_checkpoint", name, "its signature does not hold under this key"
        previous = head["root"]
    if export.leaves and (not export.heads or export.heads[-1]["size"] < len(export.leaves)):
        yield "inserted", "records_leaf", str(len(export.leaves) - 1), "leaves beyond the last signed head"


def _witnesses(export: Export, witnesses: list[dict[str, Any]]) -> Iterator[Finding]:
    heads = {head["size"]: head["root"] for head in export.heads}
    for seen in witnesses:
        if heads.get(seen["size"]) != seen["root"]:
            words = f"a witness saw {seen['size']} leaves at {seen['at']}; the log no longer reaches that head"
            yield "truncated", "records_checkpoint", str(seen["size"]), words


def _live(export: Export) -> Iterator[Finding]:
    last: dict[tuple[str, str], dict[str, Any]] = {}
    order: dict[tuple[str, str], int] = {}
    for leaf in export.leaves:
        for table, _, body in leaf["rows"]:
            row = json.loads(body)
            name = (table, str(row.get("id")))
            if "history_id" in row and row["history_id"] > order.get(name, -1):
                order[name], last[name] = row["history_id"], {k: row[k] for k in row.keys() - HISTORY}
    for live in export.live:
        name = (live["history"], live["key"])
        if last.pop(name, None) != json.loads(live["body"]):
            yield "live", live["table"], live["key"], "the row differs from the last row of its history"
    for history, key in last:
        yield "live", history, key, "the row has a history and is gone"


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify an export of Baton's records.")
    parser.add_argument("export")
    parser.add_argument("--key", help="the public key, 64 hexadecimal digits; default: the one in the export")
    parser.add_argument("--witness", help="checkpoints kept outside the system, one JSON object a line")
    given = parser.parse_args()
    export = Export(given.export)
    witnesses = []
    if given.witness:
        with open(given.witness, encoding="utf-8") as file:  # noqa: PTH123
            witnesses = [json.loads(line) for line in file]
    findings = verify(export, given.key or export.key, witnesses)
    for kind, table, key, words in findings:
        print(f"{kind:<10} {table} {key}: {words}")
    verdict = "DO NOT HOLD" if findings else "hold"
    read = f"{len(export.leaves)} events, {len(export.heads)} checkpoints"
    print(f"The records {verdict}: {read}, {len(findings)} findings.")
    if not given.key:
        print(f"Key taken from the export itself: {export.key}. Compare it with the one you were given.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
