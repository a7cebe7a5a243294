"""Files of the sources that the operator has opened: an upload that refers to one, and is read in place."""

from functools import cache

from django.conf import settings
from halftone_servicekit.errors import ErrorCode, HalftoneError
from halftone_servicekit.sources import Source, SourceFile
from halftone_servicekit.storage import StorageAddress
from users.models import User

from analytics.formats import KnownFormat, check_head, ending_of, known_formats
from analytics.models import Upload

MAY_USE = "analytics.use_sources"


def may_use(user: User) -> bool:
    """Whether a person may see and import what lies in sources: staff, and who has the permission `use_sources`."""
    return user.is_staff or user.has_perm(MAY_USE)


def names(user: User) -> list[str]:
    """The sources that a person may use."""
    return sorted(settings.IMPORT_ROOTS) if may_use(user) else []


def source_for(user: User, name: str) -> Source:
    """One source. Raises `not_found`, for who may not use sources too."""
    if name not in names(user):
        raise HalftoneError(ErrorCode.NOT_FOUND, field="source")
    return source_of(name)


def source_of(name: str) -> Source:
    """One source, without a look at rights. Raises `not_found`."""
    if name not in settings.IMPORT_ROOTS:
        raise HalftoneError(ErrorCode.NOT_FOUND, f"There is no source {name}.", field="source")
    return _opened(name, settings.IMPORT_ROOTS[name])


def refer(user: User, source: Source, path: str) -> Upload:
    """An upload that refers to a file, or to the files of one format below a folder. Nothing is copied.

    Raises `not_found`, `empty_file`, `type_mismatch` with the name of a file that does not belong.
    """
    files = source.files(path)
    known = known_formats()
    endings = {_ending(file, known): file for file in files}
    if len(endings) > 1:
        odd = list(endings.values())[1]
        detail = f"{odd.path}: all files of a folder have one format, and another one is {files[0].path}."
        raise HalftoneError(ErrorCode.TYPE_MISMATCH, detail, field="path")
    (ending,) = endings
    check_head(ending, source.head(files[0]), known, whole=True)
    size = sum(file.bytes for file in files)
    if not size:
        raise HalftoneError(ErrorCode.EMPTY_FILE, field="path")
    name = path.rpartition("/")[2] or source.name
    return Upload.objects.create(
        owner=user, name=name[-255:], format=ending, bytes=size, place=f"{source.name}/{path}".rstrip("/")
    )


def _ending(file: SourceFile, known: tuple[KnownFormat, ...]) -> str:
    try:
        return ending_of(file.path.rpartition("/")[2], known)
    except HalftoneError as error:
        raise HalftoneError(error.code, f"{file.path}: {error.detail}", field="path") from error


@cache
def _opened(name: str, address: StorageAddress) -> Source:
    return Source(name, address)
