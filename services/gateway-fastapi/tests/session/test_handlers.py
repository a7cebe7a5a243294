"""Every message has one handler and one section in the protocol document."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from halftone.v1.session_pb2 import ClientMessage, ServerMessage
from halftone_gateway.session import handlers

PROTOCOL = Path(__file__).parents[4] / "docs" / "protocol.md"
SENT = {field.name for field in ClientMessage.DESCRIPTOR.oneofs_by_name["message"].fields}
RECEIVED = {field.name for field in ServerMessage.DESCRIPTOR.oneofs_by_name["message"].fields}


def test_every_message_has_exactly_one_handler() -> None:
    assert handlers.scan().keys() == handlers.HANDLERS.keys() == SENT
    files = {path.stem for path in Path(handlers.__file__).parent.glob("*.py")} - {"__init__"}
    assert files == SENT


def test_every_message_and_no_other_has_its_section() -> None:
    sections = re.findall(r"^### (\w+)$", PROTOCOL.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(sections) == sorted([*SENT, *RECEIVED])


@pytest.mark.parametrize("message", ["frobnicate", "ping"])
def test_a_missing_or_a_second_handler_stops_the_start(monkeypatch: pytest.MonkeyPatch, message: str) -> None:
    from halftone_gateway.session.handlers import close

    monkeypatch.setattr(close, "MESSAGE", message)
    with pytest.raises(RuntimeError, match="handler"):
        handlers.scan()


def test_a_folder_elsewhere_on_the_path_adds_a_handler(tmp_path: Path) -> None:
    folder = tmp_path / "halftone_gateway" / "session" / "handlers"
    folder.mkdir(parents=True)
    (folder / "toy.py").write_text('"""A toy."""\n\nMESSAGE = "toy"\nhandle = print\n')
    program = [sys.executable, "-c", "import halftone_gateway.session.handlers"]
    started = subprocess.run(
        program, env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False, capture_output=True, text=True
    )
    # It is found, and refused because the protocol has no such message.
    assert "handlers and messages differ: ['toy']" in started.stderr
