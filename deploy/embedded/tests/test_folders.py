import stat

from launcher import folders
from launcher.settings import Settings


def test_secrets_are_made_once_and_are_private(settings: Settings) -> None:
    folders.prepare(settings)
    files = sorted(path for path in settings.secrets.rglob("*") if path.is_file())
    assert [path.name for path in files] == ["secret-key", "service-token"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert stat.S_IMODE(settings.folder.stat().st_mode) == 0o700
    before = [path.read_text() for path in files]
    assert len(before[0]) >= 50
    folders.prepare(settings)
    assert [path.read_text() for path in files] == before
