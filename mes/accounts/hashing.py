"""How passwords and PINs are kept."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane: the first choice of the OWASP Password Storage Cheat Sheet.

    Django's default (100 MiB, eight lanes) keeps an operator waiting a third of a second for each PIN on a small
    server, and a shift change could take its memory away.
    """

    memory_cost = 19 * 1024
    time_cost = 2
    parallelism = 1
