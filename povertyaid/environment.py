"""The office's own choices, kept in a file `.env` beside manage.py, read before anything else."""

import os
import shlex
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


class EnvironmentFileError(Exception):
    """A line of the file cannot be read. The message says which, and what it should look like."""


def load() -> None:
    """Put the lines NAME=VALUE of `.env` into the environment; what is set already stays.

    POVERTYAID_ENV_FILE names another file; a file that is not there is no file.
    """
    path = Path(os.environ.get("POVERTYAID_ENV_FILE") or PROJECT / ".env")
    if not path.exists():
        return
    for name, value in parse(path.read_text(encoding="utf-8-sig"), path).items():
        os.environ.setdefault(name, value)


def parse(text: str, path: Path) -> dict[str, str]:
    """The names and values, read as a shell reads them, without substitutions."""
    found = {}
    for number, line in enumerate(text.splitlines(), start=1):
        hint = f"{path}, line {number}: write NAME=VALUE, in quotes if the value holds spaces."
        try:
            words = shlex.split(line.removeprefix("export "), comments=True)
        except ValueError:
            raise EnvironmentFileError(hint) from None
        if not words:
            continue
        name, equals, value = words[0].partition("=")
        if len(words) != 1 or not equals or not name.isidentifier():
            raise EnvironmentFileError(hint)
        found[name] = value
    return found
