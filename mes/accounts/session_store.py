"""Sessions in the database, in which nothing is undone by a request that began earlier and ends later.

A request saves its whole copy of the session. Of two at a time the last one would win: a page that asks by itself could
take back the lock that was set while it was under way.
"""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.models import Session
from django.db import transaction

LOCKED, BACK_AT = "locked", "back_at"


class SessionStore(DatabaseStore):
    """`is_opened` is set where somebody has just proven to be there: only that opens a lock."""

    is_opened = False

    def save(self, must_create: bool = False) -> None:
        if must_create or self.is_opened or self.session_key is None:
            super().save(must_create)
            return
        with transaction.atomic():
            stored = Session.objects.select_for_update().filter(pk=self.session_key).first()
            self._keep(stored.get_decoded() if stored else {})
            super().save()

    def _keep(self, stored: dict[str, float]) -> None:
        """The lock, and the later of two moments at which somebody came back."""
        for name in {LOCKED, BACK_AT} & stored.keys():
            self[name] = max(stored[name], self.get(name, stored[name]))
