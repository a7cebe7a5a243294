from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings
from users.tokens.keys import key_folder


@pytest.fixture(autouse=True)
def fresh_folder(tmp_path: Path, settings: Settings) -> None:
    settings.SIGNING_KEYS = tmp_path / "keys"


def test_a_key_is_made_when_there_is_none() -> None:
    call_command("rotate_keys", "--if-missing")
    call_command("rotate_keys", "--if-missing")
    assert len(key_folder().all()) == 1


def test_a_leak_leaves_only_the_new_key() -> None:
    call_command("rotate_keys")
    call_command("rotate_keys")
    assert len(key_folder().all()) == 2
    call_command("rotate_keys", "--now")
    assert len(key_folder().all()) == 1
