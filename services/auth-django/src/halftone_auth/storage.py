"""The configured storage."""

from functools import cache

from django.conf import settings
from halftone_servicekit.storage import Storage, StorageAddress, open_storage


def storage() -> Storage:
    """The storage of the settings, one per process: all threads share its connections."""
    return _opened(settings.STORAGE)


@cache
def _opened(address: StorageAddress) -> Storage:
    return open_storage(address)
