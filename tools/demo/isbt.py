"""A donation number as a scanner sends it from a label (ISBT 128 data structure 001)."""

from __future__ import annotations

import secrets

FACILITY, YEAR = "A9999", "26"


def scanned_din() -> str:
    """`=` facility, year, six digits and the flags "00": an unused flag; the sequence is drawn, so runs differ."""
    return f"={FACILITY}{YEAR}{secrets.randbelow(10**6):06}00"
