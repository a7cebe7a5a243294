import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from halftone_servicekit.errors import HalftoneError
from jwt import PyJWKSet
from pytest_django.fixtures import Settings
from structlog.testing import capture_logs
from users.management.commands.rotate_keys import rotate
from users.tokens.keys import RETIRE_AFTER_S, KeyFolder, ensure_key, jwks, key_folder

NOW = 1_800_000_000


@pytest.fixture
def folder(tmp_path: Path) -> KeyFolder:
    return KeyFolder(tmp_path / "new" / "keys")


def test_without_a_key_nothing_is_signed(folder: KeyFolder) -> None:
    with pytest.raises(HalftoneError, match="auth_unavailable"):
        folder.current(NOW)
    assert folder.published(NOW) == ()


def test_a_key_is_readable_by_its_owner_alone(folder: KeyFolder) -> None:
    key = folder.add(NOW)
    assert stat.S_IMODE((folder.folder / f"{key.kid}.pem").stat().st_mode) == 0o600
    assert [path.name for path in folder.folder.iterdir()] == [f"{key.kid}.pem"]


def test_the_first_key_signs_at_once_and_the_next_after_ten_minutes(folder: KeyFolder) -> None:
    first = rotate(folder, NOW)
    second = rotate(folder, NOW + 100)
    assert folder.current(NOW + 100).kid == first
    assert folder.current(NOW + 699).kid == first
    assert folder.current(NOW + 700).kid == second
    assert [key.kid for key in folder.published(NOW + 100)] == [first, second]


def test_an_old_key_is_published_until_its_last_token_has_died(folder: KeyFolder) -> None:
    first = rotate(folder, NOW)
    second = rotate(folder, NOW)
    switch = NOW + 600
    assert folder.find(first, switch + RETIRE_AFTER_S - 1)
    assert folder.find(first, switch + RETIRE_AFTER_S) is None
    assert folder.find(second, switch + RETIRE_AFTER_S)


def test_rotation_deletes_what_is_retired(folder: KeyFolder) -> None:
    first = rotate(folder, NOW)
    second = rotate(folder, NOW)
    third = rotate(folder, NOW + 600 + RETIRE_AFTER_S)
    assert {path.stem for path in folder.folder.iterdir()} == {second, third}
    assert first not in {second, third}


def test_a_leaked_key_goes_at_once(folder: KeyFolder) -> None:
    rotate(folder, NOW)
    rotate(folder, NOW)
    fresh = rotate(folder, NOW + 5, leaked=True)
    assert [key.kid for key in folder.published(NOW + 5)] == [fresh]
    assert folder.current(NOW + 5).kid == fresh


def test_another_process_sees_a_new_key_at_once(folder: KeyFolder) -> None:
    other = KeyFolder(folder.folder)
    folder.add(NOW)
    assert len(other.all()) == 1
    folder.add(NOW + 1)
    assert len(other.all()) == 2


def test_a_key_of_another_kind_is_named(folder: KeyFolder) -> None:
    folder.folder.mkdir(parents=True)
    pem = rsa.generate_private_key(65537, 2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder.folder / "1-a.pem").write_bytes(pem)
    with pytest.raises(ValueError, match=r"1-a\.pem holds no P-256 key"):
        folder.all()


def test_verifiers_can_read_the_document_and_it_holds_no_secret() -> None:
    document = jwks()
    assert [key.key_id for key in PyJWKSet.from_dict(document).keys] == [key.kid for key in key_folder().all()]
    assert all("d" not in key and key["alg"] == "ES256" for key in document["keys"])


def test_the_first_start_makes_a_key_and_the_second_none(tmp_path: Path, settings: Settings) -> None:
    settings.SIGNING_KEYS = tmp_path / "fresh"
    ensure_key()
    ensure_key()
    assert len(key_folder().all()) == 1


def test_a_folder_that_cannot_be_written_is_left_alone(settings: Settings) -> None:
    settings.SIGNING_KEYS = Path("/proc/halftone-keys")
    with capture_logs() as logs:
        ensure_key()
    assert [line["event"] for line in logs] == ["no_first_signing_key"]
