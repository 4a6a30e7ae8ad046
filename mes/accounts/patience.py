"""How much one network address may try (R-029). An account locks after a few failures of its own; this is for whoever
tries many accounts, or asks for one question after the other.

The tablets of a site often share one address: the limits lie far above what people at work reach.
"""

from datetime import timedelta

from django.conf import settings

from mes import server_clock
from mes.accounts.models import PasskeyChallenge
from mes.errors import TooManyAttempts
from mes.records import current
from mes.records.models import SecurityEvent

WITHIN = timedelta(minutes=10)


def require_few_failures() -> None:
    """Refuse a sign-in from an address where too many failed of late. Work from no address is not at the door."""
    address = current.request.get().address
    failed = SecurityEvent.objects.filter(kind="sign_in_failed", address=address, at__gt=server_clock.now() - WITHIN)
    if address and failed.count() >= settings.MOST_FAILED_SIGN_INS:
        raise TooManyAttempts("Too many sign-ins failed from here. Wait ten minutes, or ask an administrator.")


def require_few_questions() -> str:
    """Refuse one more question for a passkey where too many wait for their answer; the address that asks."""
    address = current.request.get().address
    waiting = PasskeyChallenge.objects.filter(address=address, expires_at__gt=server_clock.now())
    if address and waiting.count() >= settings.MOST_PASSKEY_QUESTIONS:
        raise TooManyAttempts("Too many passkeys were asked for from here. Wait two minutes.")
    return address
