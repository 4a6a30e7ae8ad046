from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Sign-in, home, records and error pages: what every user sees, whatever the work."""

    name = "mes.pages"
    label = "pages"
