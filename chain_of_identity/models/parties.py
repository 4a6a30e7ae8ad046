"""Who can have custody."""

from django.db.models import TextChoices


class Party(TextChoices):
    CLINIC = "clinic", "Clinic"
    COURIER = "courier", "Courier"
    SITE = "site", "Manufacturing site"
