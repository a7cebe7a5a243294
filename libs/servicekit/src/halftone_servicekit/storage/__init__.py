"""Where uploads and dataset versions lie: a folder, or a bucket of object storage, behind one interface."""

from halftone_servicekit.storage.base import Continued, Storage, StorageAddress, Writer
from halftone_servicekit.storage.files import FileStorage

__all__ = ["Continued", "FileStorage", "Storage", "StorageAddress", "Writer", "open_storage"]

PATIENCE_S = 10.0


def open_storage(address: StorageAddress, patience: float = PATIENCE_S) -> Storage:
    """The storage at this address; a call to object storage that does not answer is repeated for `patience` seconds.

    Nothing is asked of it yet. Raises `ValueError` for an address that is neither `file://` nor `s3://`.
    """
    if address.is_local:
        return FileStorage(address.folder())
    # Its libraries take most of a second and 40 MB, which no folder needs.
    from halftone_servicekit.storage.s3 import S3Storage

    return S3Storage(address, patience)
