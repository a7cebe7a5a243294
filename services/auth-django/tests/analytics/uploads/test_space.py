import pytest
from analytics.models import Upload
from analytics.uploads import space
from auth_rig.work import make_dataset, make_upload, make_version
from halftone_auth.storage import storage
from halftone_servicekit.errors import HalftoneError
from pytest_django.fixtures import Settings
from users.models import User

pytestmark = pytest.mark.django_db


def opened(user: User, size: int, received: int) -> Upload:
    return Upload.objects.create(owner=user, name="a.csv", bytes=size, received=received)


def test_what_open_uploads_have_yet_to_send_is_reserved(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(owner, 100, 30)
    opened(stranger, 50, 0)
    make_upload(owner)
    assert space.reserved() == 120
    monkeypatch.setattr(type(storage()), "free", lambda _: space.RESERVE_BYTES + 130)
    space.check_space(owner, 10)
    with pytest.raises(HalftoneError, match="no_space"):
        space.check_space(owner, 11)


def test_a_quota_counts_uploads_and_versions(owner: User, stranger: User, settings: Settings) -> None:
    opened(owner, 100, 30)
    make_version(make_dataset(owner))
    opened(stranger, 1000, 0)
    assert space.used(owner) == 110
    settings.QUOTA_BYTES = 120
    space.check_space(owner, 10)
    with pytest.raises(HalftoneError, match="quota_exceeded"):
        space.check_space(owner, 11)
    settings.QUOTA_BYTES = 0
    space.check_space(owner, 11)
