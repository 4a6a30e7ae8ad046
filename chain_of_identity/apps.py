from django.apps import AppConfig


class ChainOfIdentityConfig(AppConfig):
    """Whose cells these are, and who holds them."""

    default_auto_field = "django.db.models.BigAutoField"
    name = "chain_of_identity"
    verbose_name = "Chain of identity"
