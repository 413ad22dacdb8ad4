#!/usr/bin/env python
"""The office's commands. One that needs the database finds or starts it by itself."""

import os
import sys

from django.core.management import execute_from_command_line

from povertyaid import cluster, environment

# Commands that never ask the database.
WITHOUT_DATABASE = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
    "startapp",
    "startproject",
    "version",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyaid.settings")
    try:
        environment.load()
        if needs_database(sys.argv[1:]):
            cluster.ensure_running()
        execute_from_command_line(sys.argv)
    except (cluster.ClusterError, environment.EnvironmentFileError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def needs_database(arguments: list[str]) -> bool:
    """Whether this command line asks the database: a page of help does not."""
    if not arguments or {"-h", "--help", "--version"} & set(arguments):
        return False
    if arguments[0] == "check":  # only when told to
        return "--database" in arguments
    return arguments[0] not in WITHOUT_DATABASE


if __name__ == "__main__":
    main()
