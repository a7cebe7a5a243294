"""Each test runs on a folder and on a real object store."""

from collections.abc import Iterator
from copy import copy
from pathlib import Path
from uuid import uuid4

import pytest
from halftone_servicekit.storage import Storage, StorageAddress, open_storage
from halftone_servicekit.storage.s3 import S3Storage
from halftone_servicekit.testing_objects import ObjectStore
from halftone_servicekit.testing_servers import ServerMissingError


@pytest.fixture(scope="session")
def object_store() -> Iterator[ObjectStore]:
    try:
        store = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with store:
        yield store


@pytest.fixture(scope="session")
def bucket(object_store: ObjectStore) -> Iterator[Storage]:
    """One client for all tests: making one takes a second."""
    made = open_storage(object_store.address())
    yield made
    made.close()


@pytest.fixture(params=["file", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "file":
        return open_storage(StorageAddress(f"file://{tmp_path}/storage"))
    bucket = request.getfixturevalue("bucket")
    assert isinstance(bucket, S3Storage)
    made = copy(bucket)
    made._prefix = f"{uuid4()}/"
    return made
