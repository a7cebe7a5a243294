"""The format of the recipe: a file becomes a version, with its numbers and labels."""

import json
from pathlib import Path

import numpy as np
from halftone_compute.ingest.sandbox.convert import convert
from halftone_compute.ingest.sandbox.messages import ConvertRequest


def test_json_lines_become_columns(tmp_path: Path) -> None:
    rows = [{"n": n, "x": n / 7, "name": f"label {n % 3}"} for n in range(1_000)]
    source, folder = tmp_path / "a.jsonl", tmp_path / "version"
    source.write_text("\n".join(map(json.dumps, rows)))
    folder.mkdir()
    request = ConvertRequest(source, "jsonl", folder, "dataset", "version", 1 << 30)
    manifest = convert(request, lambda progress: None)
    assert manifest.rows == 1_000
    columns = {column.info.name: column for column in manifest.columns}
    assert list(columns) == ["n", "x", "name"]
    x = np.fromfile(folder / columns["x"].files["values"].file, columns["x"].layout)
    np.testing.assert_array_equal(x, [row["x"] for row in rows])
