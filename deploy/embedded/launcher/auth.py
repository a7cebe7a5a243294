"""Prepares the auth service before it starts, through its management commands."""

import hashlib
import secrets
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version

from launcher.settings import ROOT, Settings

SOURCES = ROOT / "services" / "auth-django" / "src"


class CommandError(Exception):
    """A management command failed; carries what it said."""


def manage(environment: Mapping[str, str], *arguments: str) -> str:
    """Runs `python -m halftone_auth …` and returns its standard output; raises CommandError."""
    done = subprocess.run(
        [sys.executable, "-m", "halftone_auth", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CommandError(f"`python -m halftone_auth {arguments[0]}` failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def schema_fingerprint() -> str:
    """Changes whenever a migration of ours or the release of Django does."""
    digest = hashlib.sha256(version("django").encode())
    for path in sorted(SOURCES.glob("*/migrations/*.py")):
        digest.update(f"\0{path.relative_to(SOURCES)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def prepare(settings: Settings, environment: Mapping[str, str]) -> str | None:
    """Brings the database up to date, and makes sure that there are a signing key and an administrator.

    Returns the password when one was made up here: the only moment at which it can be shown.
    Quick when there is nothing to do: the commands cost seconds, a fingerprint costs nothing.
    """
    stamp = settings.folder / "schema"
    fresh = not stamp.exists()
    password = None
    if fresh:
        given = settings.admin_password
        password = given.get_secret_value() if given else secrets.token_urlsafe(12)
        # One start of Django for all three.
        manage({**environment, "HALFTONE_ADMIN_PASSWORD": password}, "prepare")
    elif stamp.read_text() != schema_fingerprint():
        manage(environment, "migrate", "--no-input")
    if not any((settings.secrets / "signing").glob("*.pem")):
        manage(environment, "rotate_keys", "--if-missing")
    stamp.write_text(schema_fingerprint())
    return None if settings.admin_password else password
