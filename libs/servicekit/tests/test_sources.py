"""Sources on a folder; on a real object store: what they share with folders."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from halftone_servicekit.errors import HalftoneError
from halftone_servicekit.sources import Source, SourceFile, parsed_roots
from halftone_servicekit.storage import StorageAddress, open_storage
from halftone_servicekit.testing_objects import ObjectStore
from halftone_servicekit.testing_servers import ServerMissingError

STORAGE = StorageAddress("s3://own/x", "http://objects", access_key="a", secret_key="b")
FILES = {"a.csv": b"1", "parts/x=1/b.parquet": b"22", "parts/a.parquet": b"333", "_notes/c.csv": b"4", ".hidden": b"5"}


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectStore]:
    try:
        store = ObjectStore()
    except ServerMissingError as error:
        pytest.skip(str(error))
    with store:
        yield store


@pytest.fixture(params=["file", "s3"])
def source(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    if request.param == "file":
        address = StorageAddress(f"file://{tmp_path}/opened")
    else:
        address = request.getfixturevalue("objects").address(f"opened-{os.getpid()}")
    storage = open_storage(address)
    for name, content in FILES.items():
        writer = storage.open(name)
        writer.write(content)
        writer.commit()
    return Source("trips", address)


def test_names_and_places() -> None:
    roots = parsed_roots("trips=/data/my trips, old=s3://bucket/a/b", STORAGE)
    assert roots["trips"].folder() == Path("/data/my trips")
    assert roots["old"] == StorageAddress("s3://bucket/a/b", "http://objects", access_key="a", secret_key="b")
    assert parsed_roots("", STORAGE) == {}


@pytest.mark.parametrize(
    "text", ["trips", "trips=data", "Trips=/a", "a=/a,a=/b", "=/a", "a=http://x", "a b=/a", "../a=/a"]
)
def test_what_names_no_source(text: str) -> None:
    with pytest.raises(ValueError, match="HALFTONE_IMPORT_ROOTS"):
        parsed_roots(text, STORAGE)


def test_what_lies_in_a_source(source: Source) -> None:
    assert source.entries() == [("a.csv", 1), ("parts", None)]
    assert source.entries("parts") == [("a.parquet", 3), ("x=1", None)]
    assert source.files("a.csv") == [SourceFile("a.csv", 1)]
    assert source.files("parts") == [SourceFile("parts/a.parquet", 3), SourceFile("parts/x=1/b.parquet", 2)]
    assert source.head(SourceFile("parts/a.parquet", 3)) == b"333"


def test_a_folder_is_copied_whole_or_not_at_all(source: Source, tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    folder = source.fetch("parts", tmp_path / "copy", 5, lambda done, total: heard.append((done, total)))
    assert (folder / "a.parquet").read_bytes() == b"333"
    assert (folder / "x=1/b.parquet").read_bytes() == b"22"
    assert heard[-1] == (5, 5)
    assert source.fetch("a.csv", tmp_path / "one", 5, lambda *_: None).read_bytes() == b"1"
    with pytest.raises(HalftoneError, match="too_large_uncompressed"):
        source.fetch("parts", tmp_path / "more", 4, lambda *_: None)
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize("path", ["none", "..", "a/../..", "/etc", "a.csv/b", "parts//a.parquet", "./a.csv", "a\0b"])
def test_a_path_leads_nowhere_else(source: Source, path: str) -> None:
    for look in (source.files, source.local_path):
        with pytest.raises(HalftoneError, match=r"not_found|empty_file"):
            look(path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "opened"
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/file.csv").write_text("x")
    root.mkdir()
    (root / "file.csv").symlink_to(tmp_path / "secret/file.csv")
    (root / "folder").symlink_to(tmp_path / "secret")
    (root / "gone").symlink_to(tmp_path / "nothing")
    os.mkfifo(root / "pipe.csv")
    source = Source("trips", StorageAddress(f"file://{root}"))
    assert source.entries() == []
    for path in ("file.csv", "folder", "folder/file.csv", "gone"):
        for look in (source.files, source.local_path):
            with pytest.raises(HalftoneError, match=r"not_found|empty_file"):
                look(path)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no other file system below a folder here")
def test_other_file_systems_are_not_entered() -> None:
    source = Source("root", StorageAddress("file:///."))
    assert "proc" not in [name for name, _ in source.entries()]
    with pytest.raises(HalftoneError, match="not_found"):
        source.local_path("proc/self")


def test_a_folder_of_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halftone_servicekit.sources.MOST_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text("x")
    with pytest.raises(HalftoneError, match="more than 2 files"):
        Source("many", StorageAddress(f"file://{tmp_path}")).files("")
