"""Refusals of the outbox, and why a message could not be delivered."""

from mes.errors import Conflict


class NoMailServer(Conflict):
    """E-mail cannot leave: this installation names no mail server."""

    code = "no_mail_server"


class NotDelivered(Exception):
    """One attempt failed. The text says why, to the administrator; it never repeats what the receiver answered."""
