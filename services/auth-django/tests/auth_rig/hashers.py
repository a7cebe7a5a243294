"""A hasher whose cost can be told from noise."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class SlowHasher(PBKDF2PasswordHasher):
    """About 20 ms."""

    iterations = 60_000
