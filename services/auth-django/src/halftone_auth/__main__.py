"""Management commands: `python -m halftone_auth <command>`."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "halftone_auth.settings")
    execute_from_command_line(["halftone_auth", *sys.argv[1:]])


if __name__ == "__main__":
    main()
