"""The state folder: its sub-folders and the secrets made at the first start."""

import os
import secrets
from pathlib import Path

from launcher.settings import GENERATED, Settings


def prepare(settings: Settings) -> None:
    """Makes what is missing and leaves what is there; everything is readable by its owner alone."""
    for name in ("", "run", "logs", "secrets", "secrets/signing", "broker", "storage", "cache/numba"):
        (settings.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in GENERATED.values():
        write_secret(settings.secrets / file, secrets.token_urlsafe(48))


def write_secret(path: Path, value: str) -> None:
    """Writes a new file with mode 0600, whole or not at all; an existing one stays."""
    if path.exists():
        return
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(value)
    draft.rename(path)
