"""Management commands: `python -m halftone_auth <command>`."""

import os
import sys

from django.core.management import execute_from_command_line
from halftone_servicekit.logging import configure_logging

from halftone_auth.config.environment import AuthSettings


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "halftone_auth.settings")
    settings = AuthSettings()
    try:
        settings.database()
    except ValueError as error:
        sys.exit(str(error))
    configure_logging("auth", settings.log_level, settings.log_format)
    execute_from_command_line(["halftone_auth", *sys.argv[1:]])


if __name__ == "__main__":
    main()
