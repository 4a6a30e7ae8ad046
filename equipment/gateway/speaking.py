"""The border between the gateway and an adapter."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from equipment.adapters.base import DeviceUnreachable

log = structlog.get_logger(__name__)


@contextmanager
def speaking_to(unit: str) -> Iterator[None]:
    """A fault of one adapter is the silence of one device, told in the log; it never stops the others."""
    try:
        yield
    except DeviceUnreachable:
        raise
    except Exception as error:
        log.exception("adapter_failed", unit=unit)
        raise DeviceUnreachable(f"The adapter of {unit} failed: {str(error) or type(error).__name__}") from error
