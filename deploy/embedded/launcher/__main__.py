"""`python -m launcher up [--detach]` and `python -m launcher down`."""

import argparse
import os
import sys

from pydantic import ValidationError
from pydantic_settings import SettingsError

from launcher import lifecycle
from launcher.auth import CommandError
from launcher.ready import StartFailedError
from launcher.settings import Settings


def main(arguments: list[str]) -> int:
    """Exit status: 0 done, 1 a program failed, 2 a setting or a port is in the way, 130 interrupted while starting."""
    parser = argparse.ArgumentParser(prog="launcher", description="Runs Halftone on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything").add_argument("--detach", action="store_true")
    commands.add_parser("down", help="stop everything")
    given = parser.parse_args(arguments)
    try:
        settings = Settings()
    except (ValidationError, SettingsError) as error:
        return complain(describe(error), 2)
    if given.command == "down":
        lifecycle.stop(settings)
        return 0
    return start(settings, detach=given.detach)


def start(settings: Settings, *, detach: bool) -> int:
    try:
        lifecycle.up(settings, os.environ, detach=detach)
    except lifecycle.InterruptedStartError:
        return complain("Stopped before it was ready.", 130)
    except lifecycle.RefusedError as error:
        return complain(str(error), 2)
    except CommandError as error:
        return complain(str(error), 1)
    except StartFailedError as error:
        log = lifecycle.last_lines(settings, error.name)
        return complain(f"{log}\n{error}; the lines above are the end of its log, all of it is in {settings.logs}", 1)
    return 0


def describe(error: ValidationError | SettingsError) -> str:
    """One line for each setting that cannot be used, by the name a person sets."""
    if isinstance(error, SettingsError):
        return str(error)
    lines = []
    for row in error.errors(include_url=False):
        name = "_".join(("HALFTONE", *map(str, row["loc"]))).upper()
        lines.append(f"{name}={row['input']}: {row['msg']}" if row["loc"] else row["msg"].removeprefix("Value error, "))
    return "\n".join(lines)


def complain(sentence: str, status: int) -> int:
    print(sentence, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
