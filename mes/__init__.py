"""The shared ground of Baton: records, accounts, states, errors, and the web and API conventions."""

from mes.celery import app as celery_app

__all__ = ["celery_app"]
