#!/usr/bin/env python
"""The office's commands. One that needs the database finds or starts it by itself."""

import os
import sys

import django
from django.core.management import call_command, execute_from_command_line
from django.db import connection

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
# Commands that are about the tables themselves: they want what is there, and nothing made for them.
ABOUT_TABLES = {
    "dbshell",
    "inspectdb",
    "makemigrations",
    "migrate",
    "optimizemigration",
    "showmigrations",
    "sqlflush",
    "sqlmigrate",
    "squashmigrations",
    "test",
    "testserver",
}
MAKING_TABLES = 20390  # the advisory lock that lets one command at a time make them


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "povertyaid.settings")
    try:
        environment.load()
        if needs_database(sys.argv[1:]):
            cluster.ensure_running()
            if sys.argv[1] not in ABOUT_TABLES and not os.environ.get("DATABASE_URL"):
                make_tables()
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


def make_tables() -> None:
    """Give a new private office its tables: another folder is another, empty office, at once.

    Only where there is no table at all. An office with rows is brought up to date by
    `manage.py migrate` or script/server, after somebody has thought of a back-up.
    """
    django.setup()
    with connection.cursor() as cursor:
        if "django_migrations" in connection.introspection.table_names():
            # The first table is there long before the last: wait for whoever makes them.
            cursor.execute("SELECT pg_advisory_lock_shared(%s)", [MAKING_TABLES])
            cursor.execute("SELECT pg_advisory_unlock_shared(%s)", [MAKING_TABLES])
            return
        cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING_TABLES])
        try:
            if "django_migrations" not in connection.introspection.table_names():
                call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MAKING_TABLES])
    connection.close()


if __name__ == "__main__":
    main()
