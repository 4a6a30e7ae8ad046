"""Refuses a decision that is above a person's rank."""

from dataclasses import asdict

from batches.models import BatchException, Deviation, Redline
from batches.queries.rank import reasons_above_rank
from mes.accounts.models import User
from mes.errors import NotPermitted


def require_rank(person: User, *found: BatchException | Deviation | Redline) -> None:
    """Refuse, with every reason, what only quality may settle."""
    reasons = reasons_above_rank(person, *found)
    if reasons:
        raise NotPermitted("Above low, quality settles it.", reasons=[asdict(each) for each in reasons])
