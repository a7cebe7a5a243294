"""The Go programs and files that the cluster tests stand on, built on need: `python -m tests.cluster.tools NAME...`.

Releases are pinned in pins.toml. What is built lies outside the repository, a folder for each release, so that a change
of pins builds again and nothing else does.
"""

import argparse
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

Value = TypeVar("Value")

HERE = Path(__file__).parent
KUBERNETES = "HALFTONE_CLUSTER_KUBERNETES"
BUILDING = {"CGO_ENABLED": "0", "GOFLAGS": "-trimpath -buildvcs=false", "GOWORK": "off"}


class ToolMissing(RuntimeError):  # noqa: N818 - what is missing is not an error of the program
    """A program is not there and cannot be built; the message says in one sentence what to do."""


def twice(fetch: Callable[[], Value], failure: type[Exception], pause: float = 15) -> Value:
    """What `fetch` returns, which needs the network: after a failure of this kind it is called once more, later."""
    try:
        return fetch()
    except failure as failed:
        print(f"{failed}\nOnce more ...", file=sys.stderr, flush=True)
    time.sleep(pause)
    return fetch()


@cache
def pins() -> dict[str, Any]:
    """The table of pins.toml."""
    return tomllib.loads((HERE / "pins.toml").read_text())


def cache_folder() -> Path:
    """Where programs and files are kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "halftone" / "cluster"


def names() -> list[str]:
    """Every program there is a pin for."""
    return list(pins()["programs"])


def kubernetes() -> str:
    """The version of Kubernetes that was asked for, such as "1.35"; "" for the one of pins.toml."""
    return os.environ.get(KUBERNETES, "")


def pin(name: str) -> dict[str, Any]:
    """What pins.toml says of a program; raises KeyError for an unknown name."""
    found: dict[str, Any] = pins()["programs"][name]
    if not kubernetes() or name not in ("kube-apiserver", "kubectl"):
        return found
    versions: dict[str, dict[str, Any]] = pins()["kubernetes"]
    if kubernetes() not in versions:
        raise ToolMissing(f"{KUBERNETES} is one of {', '.join(versions)}; {kubernetes()} has no pin.")
    return found | versions[kubernetes()]


def version(name: str) -> str:
    """The version of a program, without the v."""
    return str(pin(name)["release"]).rpartition("-v")[2]


def place(name: str) -> Path:
    """Where a program lies once it is built."""
    # Two releases of one program share its name, never a folder.
    return cache_folder() / str(pin(name)["release"]) / ("helm" if name == "helm3" else name)


def to_build(*wanted: str) -> dict[str, int]:
    """Programs that are not built yet, with the seconds that a first build of each takes on two cores."""
    return {name: pin(name)["seconds"] for name in wanted if not place(name).exists()}


def program(name: str) -> Path:
    """The path of a program, built at the first call; raises ToolMissing, KeyError for an unknown name."""
    path = place(name)
    if not path.exists():
        with _locked(path.parent):
            if not path.exists():
                _build(name, path)
    return path


def files(name: str) -> list[Path]:
    """The files of an entry under [files], in their order; fetched with the module proxy's checksums on need."""
    entry = pins()["files"][name]
    folder = cache_folder() / f"files-{name}-{entry['module'].rpartition('@')[2]}"
    kept = [folder / Path(path).name for path in entry["paths"]]
    if not all(path.exists() for path in kept):
        with _locked(folder):
            source = _downloaded(entry["module"])
            for path, target in zip(entry["paths"], kept, strict=True):
                shutil.copyfile(source / path, _beside(target))
                _beside(target).replace(target)
    return kept


def _build(name: str, path: Path) -> None:
    module, package = pin(name)["module"], pin(name)["package"]
    options = ["-ldflags", " ".join(["-s -w", *_stamp(name)])]
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        if "@" in module:
            _go(["install", *options, f"{package}@{module.rpartition('@')[2]}"], Path(scratch), {"GOBIN": scratch})
            built = next(file for file in Path(scratch).iterdir() if file.is_file())
        else:
            built = Path(scratch) / name
            _go(["build", *options, "-o", str(built), package], HERE / module)
        built.replace(path)


def _stamp(name: str) -> list[str]:
    """Without a version at link time, a chart with a `kubeVersion` sees v0.0.0 and refuses."""
    if not pin(name)["package"].startswith("k8s.io/kubernetes/"):
        return []
    major, minor, _ = version(name).split(".")
    values = {"gitVersion": f"v{version(name)}", "gitMajor": major, "gitMinor": minor}
    return [f"-X k8s.io/component-base/version.{key}={value}" for key, value in values.items()]


def _downloaded(module: str) -> Path:
    with tempfile.TemporaryDirectory() as scratch:
        return Path(json.loads(_go(["mod", "download", "-json", module], Path(scratch)))["Dir"])


def _go(arguments: list[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    go = shutil.which("go")
    if go is None:
        raise ToolMissing("The cluster tests build their tools with Go 1.26 or newer (https://go.dev/doc/install).")
    return twice(lambda: _done([go, *arguments], folder, environment or {}), ToolMissing)


def _done(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **BUILDING, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ToolMissing(f"go {' '.join(command[1:])} failed: {(done.stderr or done.stdout).strip()[-1000:]}")
    return done.stdout


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time builds what lies in a folder; the others wait and find it done."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.new")


def main() -> int:
    """Prints the path of each program asked for, one a line."""
    parser = argparse.ArgumentParser(prog="python -m tests.cluster.tools", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(names()))
    parser.add_argument("--all", action="store_true", help="every program of pins.toml")
    asked = parser.parse_args()
    wanted = names() if asked.all else asked.names
    if unknown := sorted(set(wanted) - set(names())):
        parser.error(f"no pin for {', '.join(unknown)}")
    try:
        for name in wanted:
            print(program(name), flush=True)
    except ToolMissing as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
