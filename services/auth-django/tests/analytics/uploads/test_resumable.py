"""Resumable uploads within one process, on a folder and on a real object store."""

import hashlib
import os
from collections.abc import Callable
from datetime import timedelta

import pytest
from analytics.models import Upload
from analytics.uploads import resumable
from analytics.uploads.resumable import CHECKPOINT_BYTES, Checksum, create, discard, finish, receive
from django.core.exceptions import RequestAborted
from django.utils import timezone
from halftone_auth.storage import storage
from halftone_servicekit.errors import HalftoneError
from users.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("formats", "place")]

# Two and a half checkpoints, and no round number.
BIG = os.urandom(1 << 20) * 40 + b"end"


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest) -> None:
    if request.param == "s3":
        request.getfixturevalue("bucket")


def body(data: bytes, *, is_cut: bool = False) -> Callable[[int], bytes]:
    """A request's `read`. One that is cut off raises once all has arrived, then gives what was left of its buffer."""
    parts = [data[start : start + 60_000] for start in range(0, len(data), 60_000)]
    rest = parts.pop() if is_cut else b""
    cut = [is_cut]

    def read(_size: int) -> bytes:
        if parts:
            return parts.pop(0)
        if cut[0]:
            cut[0] = False
            raise RequestAborted
        nonlocal rest
        rest, last = b"", rest
        return last

    return read


def bytes_of(upload: Upload) -> bytes:
    upload.refresh_from_db()
    assert upload.received is None
    return storage().read(upload.uri)


def test_a_file_comes_in_as_many_requests_as_it_takes(owner: User) -> None:
    upload = create(owner, "a.csv", len(BIG))
    at = 0
    for size in (1, 70, 9_000_000, 0, 20_000_000, len(BIG)):
        at = receive(upload, at, body(BIG[at : at + size]))
        assert at == Upload.objects.get().received or at == len(BIG)
    assert bytes_of(upload) == BIG
    assert storage().children(f"uploads/{upload.pk}") == ["source"]


def test_what_arrived_before_the_client_left_is_kept(owner: User) -> None:
    upload = create(owner, "a.csv", len(BIG))
    with pytest.raises(RequestAborted):
        receive(upload, 0, body(BIG[:1_000_000], is_cut=True))
    assert Upload.objects.get().received == 1_000_000
    receive(upload, 1_000_000, body(BIG[1_000_000:]))
    assert bytes_of(upload) == BIG


class Killed(BaseException):
    pass


def test_a_process_that_dies_loses_what_came_after_a_checkpoint(owner: User) -> None:
    upload = create(owner, "a.csv", len(BIG))
    left = [BIG[: CHECKPOINT_BYTES + 5_000_000]]

    def read(_size: int) -> bytes:
        if not left[0]:
            raise Killed
        data, left[0] = left[0][:65_536], left[0][65_536:]
        return data

    with pytest.raises(Killed):
        receive(upload, 0, read)
    assert Upload.objects.get().received == CHECKPOINT_BYTES
    receive(upload, CHECKPOINT_BYTES, body(BIG[CHECKPOINT_BYTES:]))
    assert bytes_of(upload) == BIG


def test_a_process_that_dies_at_the_end_is_made_good(owner: User) -> None:
    upload = create(owner, "a.csv", 8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resumable, "_finish", lambda *_: None)
        receive(upload, 0, body(b"1,2\n3,4\n"))
    assert Upload.objects.get().received == 8
    storage().complete(upload.uri, 8, upload.multipart)
    finish(upload)
    assert bytes_of(upload) == b"1,2\n3,4\n"


def test_the_offset_must_be_right(owner: User) -> None:
    upload = create(owner, "a.csv", 10)
    receive(upload, 0, body(b"1,2\n"))
    for offset in (0, 3, 5, 10):
        with pytest.raises(HalftoneError, match=r"upload_conflict: The upload continues at 4"):
            receive(upload, offset, body(b"x"))
    with pytest.raises(HalftoneError, match="upload_conflict"):
        finish(upload)
    with pytest.raises(HalftoneError, match="body_too_large"):
        receive(upload, 4, body(b"1234567"))
    receive(upload, 4, body(b"123456"))
    with pytest.raises(HalftoneError, match=r"upload_conflict: The upload is whole"):
        receive(upload, 10, body(b""))
    assert bytes_of(upload) == b"1,2\n123456"


def test_a_checksum_that_is_wrong_leaves_the_upload_as_it_was(owner: User) -> None:
    upload = create(owner, "a.csv", len(BIG))
    receive(upload, 0, body(BIG[:5]))
    good = Checksum("sha256", hashlib.sha256(BIG[5:]).digest())
    with pytest.raises(HalftoneError, match="checksum_mismatch"):
        receive(upload, 5, body(BIG[5:-1] + b"X"), good)
    assert Upload.objects.get().received == 5
    with pytest.raises(RequestAborted):
        receive(upload, 5, body(BIG[5:], is_cut=True), good)
    assert Upload.objects.get().received == 5
    receive(upload, 5, body(BIG[5:]), good)
    assert bytes_of(upload) == BIG


def test_one_request_writes_at_a_time(owner: User) -> None:
    upload = create(owner, "a.csv", 8)
    same = Upload.objects.get()
    parts = [b"1,2\n", b"3,4\n", b""]

    def read(_size: int) -> bytes:
        with pytest.raises(HalftoneError, match="upload_locked"):
            receive(same, 0, body(b"1,2\n"))
        return parts.pop(0)

    receive(upload, 0, read)
    assert bytes_of(upload) == b"1,2\n3,4\n"


def test_a_request_that_was_silent_for_too_long_loses_its_place(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = create(owner, "a.csv", 8)
    same = Upload.objects.get()
    monkeypatch.setattr(resumable, "LEASE", timedelta(0))

    def read(_size: int) -> bytes:
        receive(same, 0, body(b"1,2\n"))
        return b"9,9\n"

    with pytest.raises(HalftoneError, match="upload_locked"):
        receive(upload, 0, read)
    receive(upload, 4, body(b"3,4\n"))
    assert bytes_of(upload) == b"1,2\n3,4\n"


def test_an_upload_that_is_removed_meanwhile_is_gone(owner: User) -> None:
    upload = create(owner, "a.csv", 8)

    def read(_size: int) -> bytes:
        if not Upload.objects.exists():
            return b""
        discard(upload)
        return b"1,2\n"

    with pytest.raises(HalftoneError, match=r"upload_locked|not_found"):
        receive(upload, 0, read)
    with pytest.raises(HalftoneError, match="not_found"):
        receive(upload, 0, body(b"1,2\n"))
    assert storage().children("uploads") in ([], [str(upload.pk)])


@pytest.mark.parametrize(("first", "size"), [(b"\x7fELF" + bytes(200), 1000), (b"PAR1", 4)])
def test_what_is_no_table_is_removed(owner: User, first: bytes, size: int) -> None:
    upload = create(owner, "a.csv", size)
    with pytest.raises(HalftoneError, match="type_mismatch"):
        receive(upload, 0, body(first))
    assert not Upload.objects.exists()
    assert storage().children(f"uploads/{upload.pk}") == []
    assert storage().forget_unfinished(timezone.now().timestamp() + 60) == 0


def test_an_upload_that_can_not_begin_leaves_nothing(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> str:
        raise OSError

    monkeypatch.setattr(type(storage()), "begin", refuse)
    with pytest.raises(OSError):  # noqa: PT011 - the very one
        create(owner, "a.csv", 8)
    assert not Upload.objects.exists()
