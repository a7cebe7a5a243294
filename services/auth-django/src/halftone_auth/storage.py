"""The storage that the settings name."""

from functools import cache

from django.conf import settings
from halftone_servicekit.storage import Storage, StorageAddress, open_storage


def storage() -> Storage:
    """One for the process: its connections are shared by all threads."""
    return _opened(settings.STORAGE)


@cache
def _opened(address: StorageAddress) -> Storage:
    return open_storage(address)
