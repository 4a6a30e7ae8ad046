"""Identifiers that sort by the time they were made."""

import os
from uuid import UUID

from mes.server_clock import CLOCK


def uuid7() -> UUID:
    """A UUID version 7 (RFC 9562 section 5.7): 48 bits of milliseconds, 74 random bits."""
    milliseconds = CLOCK.now_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10))
    value = (milliseconds & ((1 << 48) - 1)) << 80 | random
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=value)
