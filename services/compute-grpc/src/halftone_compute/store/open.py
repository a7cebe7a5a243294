"""Opens the store that the settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_servicekit.storage import open_storage

from halftone_compute.store.remote.cache import FileCache
from halftone_compute.store.remote.files import RemoteFiles
from halftone_compute.store.versions import LocalStore

if TYPE_CHECKING:
    from halftone_compute.settings import ComputeSettings


def open_store(settings: ComputeSettings) -> LocalStore:
    """Reads a folder in place, and object storage through copies on disk. Raises ValueError."""
    address = settings.storage_address()
    if address.is_local:
        return LocalStore(address.folder())
    folder = settings.compute_cache_path()
    folder.mkdir(parents=True, exist_ok=True)
    return cached_store(FileCache(open_storage(address), folder, settings.compute_copy_bytes()))


def cached_store(cache: FileCache) -> LocalStore:
    """A store of the versions in the storage of `cache`."""
    store = LocalStore(cache.folder, files=RemoteFiles(cache))
    cache.on_evicted = lambda name: store.forget(cache.folder / name)
    return store
