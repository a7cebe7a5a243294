"""The check of the schema against the released one finds what it is there for."""

import re
import shutil
import subprocess
from pathlib import Path

from halftone.v1 import compute_pb2

from .files import ROOT

BUF = ROOT / "frontend" / "node_modules" / ".bin" / "buf"


def breaking(folder: Path) -> str:
    against = str(ROOT / "proto" / "released.json")
    done = subprocess.run([BUF, "breaking", folder, "--against", against], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def test_the_schema_breaks_nothing() -> None:
    assert breaking(ROOT / "proto") == ""


def test_a_moved_field_is_found(tmp_path: Path) -> None:
    changed = shutil.copytree(ROOT / "proto", tmp_path / "proto") / "halftone" / "v1" / "session.proto"
    changed.write_text(changed.read_text().replace("string access_token = 1;", "string access_token = 7;"))
    assert 'Previously present field "1"' in breaking(tmp_path / "proto")


def test_a_new_field_is_welcome(tmp_path: Path) -> None:
    changed = shutil.copytree(ROOT / "proto", tmp_path / "proto") / "halftone" / "v1" / "session.proto"
    changed.write_text(changed.read_text().replace("message Ping {}", "message Ping {\n  string note = 1;\n}"))
    assert breaking(tmp_path / "proto") == ""


def test_the_rest_reference_names_every_field_of_a_column() -> None:
    table = (ROOT / "docs" / "api.md").read_text().partition("| column field |")[2].partition("\n\n")[0]
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)))
    assert sorted(named) == sorted(field.json_name for field in compute_pb2.Column.DESCRIPTOR.fields)
