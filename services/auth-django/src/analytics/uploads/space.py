"""Room for uploads: the disk with what is reserved on it, and what one person may keep."""

from django.conf import settings
from django.db.models import F, Sum
from halftone_auth.storage import storage
from halftone_servicekit.errors import ErrorCode, HalftoneError
from users.models import User

from analytics.models import Upload, Version

# Kept free for the database and the logs.
RESERVE_BYTES = 64 << 20


def check_space(user: User, size: int) -> None:
    """Refuses a file that does not fit before its first byte. Raises `quota_exceeded`, `no_space`."""
    quota = settings.QUOTA_BYTES
    if quota and used(user) + size > quota:
        raise HalftoneError(ErrorCode.QUOTA_EXCEEDED, f"You may keep {quota} bytes in uploads and versions.")
    free = storage().free()
    if free is not None and free - reserved() < size + RESERVE_BYTES:
        raise HalftoneError(ErrorCode.NO_SPACE)


def used(user: User) -> int:
    """Bytes that a person keeps: uploads, whole as they will be, and all versions of the datasets they own."""
    uploads = Upload.objects.filter(owner=user, removed_at=None, place="", whole=None).aggregate(bytes=Sum("bytes"))
    versions = Version.objects.filter(dataset__owner=user).aggregate(bytes=Sum("bytes"))
    return int(uploads["bytes"] or 0) + int(versions["bytes"] or 0)


def reserved() -> int:
    """Bytes that open uploads have yet to send."""
    # A set itself receives nothing: its files do.
    waiting = Upload.objects.filter(received__isnull=False, removed_at=None, parts=None)
    return int(waiting.aggregate(bytes=Sum(F("bytes") - F("received")))["bytes"] or 0)
