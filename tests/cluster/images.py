"""The images of the cluster tests, each an archive: `python -m tests.cluster.images [NAME...]` prints their paths.

Ours are built by deploy/images/build.sh from our Dockerfiles, on a base made by base.sh; small ones of Debian's
packages stand for those of others. An archive is named after all that went into it, so that what has not changed is
never built again. Needs root, buildah, and debootstrap for the base.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from .tools import ToolMissing, _locked, cache_folder, program, twice

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
TAG: Final = "test"
SHARED: Final = (".dockerignore", "deploy/images", "deploy/embedded/uv.txt", "pyproject.toml", "uv.lock", "libs")
# What each image is made from: it is built again when one of these has changed.
OURS: Final = {
    "auth": (*SHARED, "services/auth-django"),
    "gateway": (*SHARED, "services/gateway-fastapi"),
    "compute-cpu": (*SHARED, "services/compute-grpc"),
    "compute-cuda12": (*SHARED, "services/compute-grpc"),
    "web": (*SHARED, "frontend", "deploy/nginx", "services/*/pyproject.toml"),
}
STAND_INS: Final = ("postgres", "valkey", "objects", "pause")
NAMES: Final = (*OURS, *STAND_INS)
# The one for cards is tried by itself: a node without a card needs none of it.
ON_NODE: Final = tuple(name for name in NAMES if name != "compute-cuda12")
# How this machine's clients of package registries are told about certificates and mirrors; containers have none of it.
PIP: Final = Path("/etc/pip.conf")
NPM: Final = (Path("/etc/npmrc"), Path.home() / ".npmrc")


class StepFailed(RuntimeError):  # noqa: N818 - says what happened
    """A command of a build ended with an error; the message holds its last words."""


def reference(name: str) -> str:
    """The name under which a node knows an image."""
    return f"localhost/halftone-{name}:{TAG}"


def values() -> dict[str, object]:
    """Values of the chart that make it use these images, and pull nothing."""
    image = {name: {"registry": "localhost", "repository": f"halftone-{name}", "tag": TAG} for name in STAND_INS}
    return {
        "global": {"imageRegistry": "localhost"},
        "image": {"tag": TAG, "pullPolicy": "Never"},
        "database": {"embedded": {"image": image["postgres"]}},
        "redis": {"embedded": {"image": image["valkey"]}},
        "objectStorage": {"embedded": {"image": image["objects"]}},
    }


def archive(name: str) -> Path:
    """An image as an archive of the OCI layout, built at the first call. Raises ToolMissing without a tool."""
    folder = cache_folder() / "images"
    path = folder / f"{name}-{_fingerprint(name)}.tar"
    if not path.exists():
        with _locked(folder / "locks" / name):
            if not path.exists():
                twice(lambda: _build(name), StepFailed)
                _save(name, path)
    return path


@cache
def base() -> str:
    """The name that buildah has for the base image, which the first call builds."""
    key = hashlib.sha256((HERE / "base.sh").read_bytes()).hexdigest()[:12]
    image = f"localhost/halftone-base:{key}"
    with _locked(cache_folder() / "base"):
        if not _run("buildah", "images", "--quiet", "--filter", f"reference={image}"):
            _import(_base_archive(key), image)
    return image


def _base_archive(key: str) -> Path:
    path, made = cache_folder() / "base-bookworm.tar", cache_folder() / "base-bookworm.key"
    if not (path.exists() and made.exists() and made.read_text() == key):
        _run(str(HERE / "base.sh"), str(path))
        made.write_text(key)
    return path


def _import(path: Path, image: str) -> None:
    container = _run("buildah", "from", "scratch")
    try:
        _run("buildah", "add", "--quiet", container, str(path), "/")
        _run("buildah", "commit", "--quiet", "--timestamp", "0", container, image)
    finally:
        _run("buildah", "rm", container)


def _fingerprint(name: str) -> str:
    whole = hashlib.sha256((HERE / "base.sh").read_bytes())
    for path in _inputs(name):
        whole.update(f"{path.relative_to(ROOT)}\0{path.stat().st_mode & 0o777:o}\0".encode())
        whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()[:16]


def _inputs(name: str) -> Iterator[Path]:
    if name in STAND_INS:
        yield from sorted((HERE / "dockerfiles").glob(f"{name}.*"))
        if name == "objects":
            yield HERE / "pins.toml"
        return
    patterns = [f":(glob){pattern}{end}" for pattern in OURS[name] for end in ("", "/**")]
    listed = _run("git", "-C", str(ROOT), "ls-files", "-co", "--exclude-standard", "--", *patterns).splitlines()
    paths = [ROOT / line for line in sorted(set(listed)) if "tests" not in Path(line).parts]
    yield from (path for path in paths if path.is_file() and ".test." not in path.name)


def _build(name: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--network", "host", *_client_options(Path(scratch))]
        if name in STAND_INS:
            context = _context(name, Path(scratch))
            build = ["--layers", "--timestamp", "0", "--tag", reference(name), *options]
            file = ["--file", str(HERE / "dockerfiles" / f"{name}.Dockerfile")]
            _run("buildah", "build", *build, *file, "--build-arg", f"BASE_IMAGE={base()}", str(context))
            return
        ours = {"BUILDER": "buildah", "REGISTRY": "localhost", "TAG": TAG, "REVISION": "test", "PUSH": ""}
        made = {"SOURCE_DATE_EPOCH": "0", "BASE_IMAGE": base(), "BUILD_OPTIONS": " ".join(options)}
        _run(str(ROOT / "deploy" / "images" / "build.sh"), name, environment={**ours, **made})


def _context(name: str, scratch: Path) -> Path:
    """The folder that a stand-in is built from."""
    context = scratch / "context"
    context.mkdir()
    if name == "objects":
        shutil.copy(program("versitygw"), context / "versitygw")
    if name == "pause":
        source = HERE / "dockerfiles" / "pause.c"
        _run("gcc", "-static", "-Os", "-s", "-Wall", "-Werror", "-o", str(context / "pause"), str(source))
    return context


def _client_options(scratch: Path) -> list[str]:
    """This machine's trust and registries, for the time of the build alone. An overlay: a package may write there."""
    (scratch / "uv.toml").write_text("system-certs = true\n")
    (scratch / "npmrc").write_text("\n".join(path.read_text() for path in NPM if path.exists()))
    mounts = [
        "/etc/ssl/certs:/etc/ssl/certs:O",
        f"{scratch}/uv.toml:/etc/uv/uv.toml:ro",
        f"{scratch}/npmrc:/root/.npmrc:ro",
        *([f"{PIP}:{PIP}:ro"] if PIP.exists() else []),
    ]
    return [word for mount in mounts for word in ("--volume", mount)]


def _save(name: str, path: Path) -> None:
    for older in path.parent.glob(f"{name}-*.tar"):
        # compute and compute-cpu would share a beginning; a fingerprint holds no dash.
        if older.stem.rpartition("-")[0] == name:
            older.unlink()
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    _run(
        "buildah", "push", "--quiet", "--disable-compression", reference(name), f"oci-archive:{fresh}:{reference(name)}"
    )
    fresh.rename(path)


def _run(*command: str, environment: dict[str, str] | None = None) -> str:
    if shutil.which(command[0]) is None:
        raise ToolMissing(f"The cluster tests need {command[0]}: sudo apt-get install {command[0]}")
    # Without namespaces of its own for each step: those are not to be had everywhere.
    variables = {**os.environ, "BUILDAH_ISOLATION": "chroot", **(environment or {})}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        raise StepFailed(f"{' '.join(command[:3])} failed:\n{(done.stdout + done.stderr).strip()[-4000:]}")
    return done.stdout.strip()


def main() -> None:
    """Prints the archive of each image asked for, one a line."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.images", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    for name in parser.parse_args().names or NAMES:
        print(archive(name))


if __name__ == "__main__":
    main()
