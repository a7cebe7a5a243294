"""Headers of tus 1.0, the protocol of resumable uploads (https://tus.io/protocols/resumable-upload)."""

import base64
import binascii
import re
from collections.abc import Mapping

from django.utils.http import http_date
from halftone_servicekit.errors import ErrorCode, HalftoneError

from analytics.models import Upload
from analytics.uploads.resumable import CHECKSUMS, Checksum

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination,checksum"
CONTENT_TYPE = "application/offset+octet-stream"
# "460 Checksum Mismatch" of the protocol.
CHECKSUM_STATUS = 460
_METADATA_BYTES = 4096
_KEY = re.compile(r"[!-+\--~]+")


def capabilities(max_bytes: int) -> dict[str, str]:
    """The headers of an answer to OPTIONS."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(max_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }


def check_version(headers: Mapping[str, str]) -> None:
    """Raises `precondition_failed` for another version of the protocol, or none."""
    if headers.get("Tus-Resumable") != VERSION:
        raise HalftoneError(ErrorCode.PRECONDITION_FAILED, f"Send Tus-Resumable: {VERSION}.", field="Tus-Resumable")


def number(headers: Mapping[str, str], name: str) -> int:
    """A whole number from 0 on. Raises `param_invalid`."""
    text = headers.get(name, "")
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise HalftoneError(ErrorCode.PARAM_INVALID, f"{name} is a whole number.", field=name)
    return int(text)


def metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """`Upload-Metadata`: keys with values in base64. Raises `param_invalid`."""
    text = headers.get("Upload-Metadata", "")
    found: dict[str, str] = {}
    try:
        if len(text) > _METADATA_BYTES:
            raise ValueError
        for pair in filter(None, text.split(",")):
            key, _, value = pair.strip().partition(" ")
            if not _KEY.fullmatch(key) or key in found:
                raise ValueError
            found[key] = base64.b64decode(value, validate=True).decode()
    except (ValueError, binascii.Error) as error:
        detail = "Upload-Metadata is a list of keys, each with a value in base64."
        raise HalftoneError(ErrorCode.PARAM_INVALID, detail, field="Upload-Metadata") from error
    return found


def file_name(headers: Mapping[str, str]) -> str:
    """The file's name, from `filename` of the metadata. Raises `param_invalid`."""
    # A name is data, and never a path of ours: only its last part counts, as in forms.
    name = re.split(r"[/\\]", metadata(headers).get("filename", ""))[-1]
    name = "".join(character for character in name if character.isprintable()).strip()
    if not name:
        raise HalftoneError(ErrorCode.PARAM_INVALID, "Name the file: `filename`.", field="Upload-Metadata")
    return name


def checksum(headers: Mapping[str, str]) -> Checksum | None:
    """`Upload-Checksum`, when there is one. Raises `param_invalid`."""
    text = headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _, value = text.partition(" ")
    try:
        digest = base64.b64decode(value, validate=True)
    except binascii.Error:
        digest = b""
    if algorithm not in CHECKSUMS or not digest:
        detail = f"Upload-Checksum is one of {', '.join(CHECKSUMS)}, a blank, and the digest in base64."
        raise HalftoneError(ErrorCode.PARAM_INVALID, detail, field="Upload-Checksum")
    return Checksum(algorithm, digest)


def state(upload: Upload) -> dict[str, str]:
    """How far an upload is."""
    name = base64.b64encode(upload.name.encode()).decode()
    headers = {
        "Upload-Offset": str(upload.bytes if upload.received is None else upload.received),
        "Upload-Length": str(upload.bytes),
        "Upload-Metadata": f"filename {name}",
        "Cache-Control": "no-store",
    }
    if upload.expires_at is not None:
        headers["Upload-Expires"] = http_date(upload.expires_at.timestamp())
    return headers
