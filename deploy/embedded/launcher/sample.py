"""The sample dataset: three million real flights, imported once by the ordinary import job."""

import fcntl
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from launcher.auth import CommandError
from launcher.settings import ROOT, Settings

PACKAGE = ROOT / "deploy" / "embedded" / "sample"
FLIGHTS = PACKAGE / "node_modules" / "vega-datasets" / "data" / "flights-3m.parquet"
WITHOUT = "HALFTONE_SAMPLE=none starts without the sample data."
LOCK = ROOT / ".tools" / "sample.lock"
SLUG, TITLE = "flights", "US flights, three million"


def import_once(settings: Settings, environment: Mapping[str, str]) -> None:
    """Imports the flights at the first start only: when the person deletes them, they stay deleted."""
    stamp = settings.folder / "sample"
    if settings.sample == "none" or stamp.exists():
        return
    with fetching():
        if not FLIGHTS.exists():
            print("Fetching the sample data ...", flush=True)
            fetch(PACKAGE, environment)
    print("Importing the sample data ...", flush=True)
    try:
        import_file(FLIGHTS, SLUG, TITLE, environment, settings.start_seconds)
    except CommandError as error:
        raise CommandError(f"{error} {WITHOUT}") from error
    stamp.write_text(f"{settings.sample}\n")


@contextmanager
def fetching() -> Iterator[None]:
    """Holds the right to fetch: two installations that start at once share the folder of the package."""
    LOCK.parent.mkdir(exist_ok=True)
    with LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fetch(folder: Path, environment: Mapping[str, str]) -> None:
    """Installs the npm package that the folder names, checked against the hash in its lock."""
    # Beside Python: the `npm` beside Node itself does not find its own library.
    npm = str(Path(sys.executable).parent / "npm")
    done = subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=folder,
        env={"npm_config_cache": str(ROOT / ".tools" / "cache" / "npm"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"The sample data cannot be fetched:\n{done.stderr.strip()}\n{WITHOUT}")


def import_file(source: Path, slug: str, title: str, environment: Mapping[str, str], seconds: int | None) -> None:
    """Queues the import and shows its progress until the worker has published it, for ever without `seconds`.

    Raises CommandError.
    """
    command = [sys.executable, "-m", "halftone_auth", "import_file"]
    try:
        done = subprocess.run(
            [*command, "--path", str(source), "--slug", slug, "--title", title],
            cwd=ROOT,
            env={**environment, "HALFTONE_LOG_LEVEL": "WARNING"},
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired as error:
        raise CommandError(f"{source.name} was not imported within {seconds} s.") from error
    if done.returncode:
        raise CommandError(f"{source.name} cannot be imported.")
