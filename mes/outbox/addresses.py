"""Where a message may go: only where an administrator said, and never in the clear over a network.

Receivers inside the plant's own network are usual, so private addresses are allowed. What guards them: only an
administrator enters an address, redirects are not followed, and what a receiver answers is shown to nobody.
"""

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from mes.errors import InvalidInput

LONGEST = 500


def check_url(address: str) -> str:
    """The URL of a receiver: https, or http to this machine itself. InvalidInput with the reason otherwise."""
    try:
        target = urlsplit(address)
        port_is_right = target.port is None or target.port > 0
    except ValueError as error:
        raise _refusal(f"This is no address: {error}.") from error
    _check_parts(address, target, port_is_right)
    if target.scheme == "http" and not _is_this_machine(target.hostname or ""):
        raise _refusal("Messages leave this machine over TLS only: the address begins with https.")
    return address


def check_mailbox(address: str) -> str:
    try:
        validate_email(address)
    except ValidationError as error:
        raise _refusal("This is no e-mail address.") from error
    return address


def _check_parts(address: str, target: SplitResult, port_is_right: bool) -> None:
    if target.scheme not in {"https", "http"} or not target.hostname or not port_is_right:
        raise _refusal("The address of a receiver is a URL with https.")
    if target.username or target.password or target.fragment:
        raise _refusal("The address holds neither a name, a password nor a fragment: messages are signed instead.")
    if len(address) > LONGEST or not address.isascii() or any(sign <= " " for sign in address):
        raise _refusal(f"The address has at most {LONGEST} signs, all of them printable ASCII.")


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refusal(words: str) -> InvalidInput:
    return InvalidInput(words, field="address")
