from __future__ import annotations

from typing import TYPE_CHECKING

from halftone_compute.ingest.source import bytes_of, files_of

if TYPE_CHECKING:
    from pathlib import Path


def test_the_files_below_a_folder_by_name(tmp_path: Path) -> None:
    for name in ("b.csv", "a/2.csv", "a/1.csv", "_SUCCESS", ".hidden", "a/_tmp/3.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1234")
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.csv")
    assert [str(path.relative_to(tmp_path)) for path in files_of(tmp_path)] == ["a/1.csv", "a/2.csv", "b.csv"]
    assert bytes_of(tmp_path) == 12
    assert files_of(tmp_path / "b.csv") == [tmp_path / "b.csv"]
    assert bytes_of(tmp_path / "b.csv") == 4
