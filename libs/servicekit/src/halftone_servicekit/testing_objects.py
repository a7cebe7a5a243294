"""A real object store for tests: versitygw, which serves a folder in S3's protocol."""

import importlib
import os
import shutil
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

from typing_extensions import override

from halftone_servicekit.storage import StorageAddress
from halftone_servicekit.testing_servers import ANSWER_S, Server, ServerMissingError

ACCESS_KEY = "halftone-tests"
SECRET_KEY = "halftone-tests-secret"  # noqa: S105 - of a server that lives as long as a test
BUCKET = "halftone"


class ObjectStore(Server):
    """Serves one bucket from `objects`, where tests may look at what lies there. Raises `ServerMissingError`."""

    def __init__(self) -> None:
        self._program = versitygw()
        super().__init__()
        self.objects = self.folder / "buckets" / BUCKET
        self.objects.mkdir(parents=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, prefix: str = "") -> StorageAddress:
        """A part of the bucket for one test."""
        url = f"s3://{BUCKET}/{prefix}".rstrip("/")
        return StorageAddress(url, self.endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY)

    def environment(self, prefix: str = "") -> dict[str, str]:
        """The settings of a service that uses that part."""
        return {
            "HALFTONE_STORAGE": self.address(prefix).url,
            "HALFTONE_S3_ENDPOINT": self.endpoint,
            "HALFTONE_S3_ACCESS_KEY": ACCESS_KEY,
            "HALFTONE_S3_SECRET_KEY": SECRET_KEY,
        }

    @override
    def command(self) -> Sequence[str]:
        keys = ["--access", ACCESS_KEY, "--secret", SECRET_KEY, "--region", "us-east-1"]
        listen = ["--port", f"127.0.0.1:{self.port}", "--quiet"]
        return [*self.bound_to_us(), str(self._program), *keys, *listen, "posix", *self._metadata(), str(self._root)]

    @override
    def answers(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), ANSWER_S):
            return True
        return False

    @property
    def _root(self) -> Path:
        return self.folder / "buckets"

    def _metadata(self) -> list[str]:
        """Where a file system has no attributes of files, they lie in a folder of their own."""
        try:
            os.setxattr(self._root, "user.halftone", b"1")
        except OSError:
            (self.folder / "metadata").mkdir(exist_ok=True)
            return ["--sidecar", str(self.folder / "metadata")]
        return []

    @staticmethod
    def bound_to_us() -> list[str]:
        """The kernel ends it when we end, whatever ends us."""
        return ["setpriv", f"--pdeathsig={signal.SIGKILL.name.removeprefix('SIG')}"]


@cache
def versitygw() -> Path:
    """The program: installed, or built with Go once. Raises `ServerMissingError`."""
    installed = shutil.which("versitygw")
    if installed:
        return Path(installed)
    # What builds Go programs belongs to the tests of the repository, which are no package.
    tools = importlib.import_module("tests.cluster.tools")
    try:
        return Path(tools.program("versitygw"))
    except tools.ToolMissing as error:
        raise ServerMissingError(f"OBJECT STORAGE IS NOT CHECKED HERE: {error}") from error
