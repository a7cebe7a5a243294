"""The format of the recipe: a file becomes a version, with its numbers and labels."""

from pathlib import Path

import numpy as np
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest


def test_fields_of_an_array_become_columns(tmp_path: Path) -> None:
    kinds = [("n", "<i4"), ("x", "<f8"), ("name", "U9")]
    rows = np.array([(n, n / 7, f"label {n % 3}") for n in range(1_000)], kinds)
    source, folder = tmp_path / "a.npy", tmp_path / "version"
    np.save(source, rows)
    folder.mkdir()
    request = ConvertRequest(source, "npy", folder, "dataset", "version", 1 << 30)
    manifest = convert(request, lambda progress: None)
    assert manifest.rows == 1_000
    columns = {column.info.name: column for column in manifest.columns}
    assert list(columns) == ["n", "x", "name"]
    x = np.fromfile(folder / columns["x"].files["values"].file, columns["x"].layout)
    np.testing.assert_array_equal(x, rows["x"])
