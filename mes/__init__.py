"""The shared ground of Baton: records, accounts, states, errors, and the web and API conventions."""

import gc

from mes.celery import app as celery_app

# Half a million objects are made at a start, hardly one of them garbage: looking for it takes a seventh of the time.
gc.set_threshold(50_000, 20, 50)

__all__ = ["celery_app"]
