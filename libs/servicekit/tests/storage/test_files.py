import subprocess
import sys
from pathlib import Path

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.storage import FileStorage


def test_a_copy_is_a_link_where_that_works(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"x")
    FileStorage(tmp_path / "storage").put(tmp_path / "in", "a/file")
    assert (tmp_path / "storage" / "a" / "file").stat().st_ino == (tmp_path / "in").stat().st_ino


def test_a_link_leads_nowhere_else(tmp_path: Path) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "link").symlink_to("/etc")
    with pytest.raises(ValueError, match="leads out"):
        FileStorage(tmp_path / "storage").read("link/passwd")


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    storage = FileStorage(tmp_path)
    # The kernel's own full device stands for the disk.
    (tmp_path / "file.partial").symlink_to("/dev/full")
    writer = storage.open("file")
    with pytest.raises(HalftoneError, match="no_space"):
        writer.write(b"x" * (1 << 20))
    writer.abort()
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory"):
        FileStorage(tmp_path / "file" / "storage").ready()


def test_a_folder_needs_no_library_for_object_storage(tmp_path: Path) -> None:
    code = f"""if True:
        import sys
        from halftone_servicekit.storage import StorageAddress, open_storage
        open_storage(StorageAddress("file://{tmp_path}")).ready()
        assert not {{"s3fs", "fsspec", "botocore"}} & set(sys.modules)"""
    subprocess.run([sys.executable, "-c", code], check=True)
