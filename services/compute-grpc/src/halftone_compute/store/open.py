"""Which store the settings ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_servicekit.storage import open_storage

from halftone_compute.store.remote.cache import FileCache
from halftone_compute.store.remote.fetched import fetched_store
from halftone_compute.store.versions import LocalStore

if TYPE_CHECKING:
    from halftone_compute.settings import ComputeSettings


def open_store(settings: ComputeSettings) -> LocalStore:
    """A folder is read where it is; of object storage, what is touched is kept on disk. Raises ValueError."""
    address = settings.storage_address()
    if address.is_local:
        return LocalStore(address.folder())
    folder = settings.compute_cache_path()
    folder.mkdir(parents=True, exist_ok=True)
    return fetched_store(FileCache(open_storage(address), folder, settings.compute_cache_bytes))
