"""Sets: several files of one shape that come in as one upload, to become one dataset.

Each file is a resumable upload of its own. All lie in one folder of the storage, under their names, so that a worker
reads the set as it reads a folder of a source: in the order of the names, and by these it says which file differs.
"""

from collections.abc import Sequence
from itertools import takewhile

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from halftone_auth.database.locks import Lock, advisory_lock
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.formats import ending_of, known_formats
from analytics.models import Upload
from analytics.uploads.resumable import OPEN_KEPT
from analytics.uploads.space import check_space

MOST_FILES = 1_000
# Of a name, as UTF-8: file systems take 255, and a storage adds to it what a file is called while it comes in.
_NAME_BYTES = 200
_OURS = (".partial", ".tail-")


def create(user: User, files: Sequence[tuple[str, int]]) -> Upload:
    """Opens an upload of several files, each a name and its bytes; these are reserved from here on.

    Raises `param_out_of_range` for more than `MOST_FILES` or fewer than two, `param_invalid` for a name that is there
    twice or can not be one of a file, `type_mismatch`, `empty_file`, `body_too_large`, `quota_exceeded`, `no_space`.
    """
    if not 2 <= len(files) <= MOST_FILES:
        raise HalftoneError(ErrorCode.PARAM_OUT_OF_RANGE, f"A set has 2 to {MOST_FILES:,} files.", field="files")
    ordered = sorted(files)
    _check_names([name for name, _ in ordered])
    ending = _ending(ordered)
    total = sum(size for _, size in ordered)
    if total > settings.UPLOAD_MAX_BYTES:
        detail = f"The files may have {settings.UPLOAD_MAX_BYTES} bytes together."
        raise HalftoneError(ErrorCode.BODY_TOO_LARGE, detail, field="files")
    with advisory_lock(Lock.UPLOADS):
        check_space(user, total)
        expires = timezone.now() + OPEN_KEPT
        with transaction.atomic():
            whole = Upload.objects.create(
                owner=user, name=_title(ordered), format=ending, bytes=total, received=0, expires_at=expires
            )
            Upload.objects.bulk_create(
                Upload(owner=user, whole=whole, name=name, format=ending, bytes=size, received=0, expires_at=expires)
                for name, size in ordered
            )
    return whole


def _check_names(ordered: Sequence[str]) -> None:
    for before, name in zip(("", *ordered), ordered, strict=False):
        if name == before:
            raise HalftoneError(ErrorCode.PARAM_INVALID, f"{name[:200]}: two files have this name.", field="files")
        is_plain = name.isprintable() and not name.startswith((".", "_")) and not {"/", "\\"} & set(name)
        if not is_plain or len(name.encode()) > _NAME_BYTES or any(mark in name for mark in _OURS):
            detail = f"{name[:200]}: give it a plain name of at most {_NAME_BYTES} bytes, without . or _ in front."
            raise HalftoneError(ErrorCode.PARAM_INVALID, detail, field="files")


def _ending(ordered: Sequence[tuple[str, int]]) -> str:
    """The one ending of all names."""
    known = known_formats()
    first, ending = ordered[0][0], ""
    for name, size in ordered:
        try:
            found = ending_of(name, known)
        except HalftoneError as error:
            raise HalftoneError(error.code, f"{name}: {error.detail}", field="files") from error
        if not size:
            raise HalftoneError(ErrorCode.EMPTY_FILE, f"{name}: The file is empty.", field="files")
        if name != first and found != ending:
            detail = f"{name}: all files of a set have one format, and another one is {first}."
            raise HalftoneError(ErrorCode.TYPE_MISMATCH, detail, field="files")
        ending = found
    return ending


def _title(ordered: Sequence[tuple[str, int]]) -> str:
    """What the names have in common, else the first one: "part-0.csv" and "part-1.csv" are "part"."""
    first, last = ordered[0][0], ordered[-1][0]
    common = "".join(letter for letter, _ in takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    return common.rstrip("0123456789-_. ") or first
