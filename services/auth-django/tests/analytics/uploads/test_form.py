from pathlib import Path

import pytest
from analytics.uploads.form import StorageUploadHandler
from auth_rig.work import FORMATS
from halftone_servicekit.errors import HalftoneError


def test_magic_may_come_in_two_parts(home: Path) -> None:
    handler = StorageUploadHandler(100, FORMATS)
    handler.new_file("file", "a.parquet", "", None)
    handler.receive_data_chunk(b"PA", 0)
    with pytest.raises(HalftoneError, match="type_mismatch"):
        handler.receive_data_chunk(b"XX", 2)
    handler.discard()
    assert not (home / "storage" / handler.folder).exists()
