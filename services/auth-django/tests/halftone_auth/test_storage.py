from pathlib import Path

from halftone_auth.storage import storage
from halftone_servicekit.storage import FileStorage, StorageAddress
from pytest_django.fixtures import Settings


def test_it_follows_the_settings(home: Path, settings: Settings) -> None:
    first = storage()
    assert isinstance(first, FileStorage)
    assert first.root == home / "storage"
    assert storage() is first
    settings.STORAGE = StorageAddress(f"file://{home}/other")
    assert storage() is not first
