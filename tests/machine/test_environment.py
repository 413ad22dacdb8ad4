"""The file .env and the Chinese catalogue: read once, before all else."""

import importlib.machinery
import importlib.util
import os
import re
from pathlib import Path

import polib
import pytest

import manage
from povertyaid import environment
from povertyaid.cluster import PROJECT


def test_the_file_is_read_as_a_shell_reads_it():
    text = """
# the county's own server
DATABASE_URL=postgres://u:p%23@db/n   # since March
export POVERTYAID_HOSTS="office.example, localhost"
EMPTY=
QUOTED='a # b'
"""
    assert environment.parse(text, Path(".env")) == {
        "DATABASE_URL": "postgres://u:p%23@db/n",
        "POVERTYAID_HOSTS": "office.example, localhost",
        "EMPTY": "",
        "QUOTED": "a # b",
    }


@pytest.mark.parametrize("line", ["PORT 8000", "PORT = 8000", "a b=c", "2PORT=1", 'PORT="8000'])
def test_a_line_that_cannot_be_read_is_named(line):
    with pytest.raises(environment.EnvironmentFileError, match=r"\.env, line 2: write NAME=VALUE"):
        environment.parse(f"A=1\n{line}\n", Path(".env"))


def test_what_is_set_already_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / "office.env").write_text("FIRST_WORD=file\nSECOND_WORD=file\n")
    monkeypatch.setenv("POVERTYAID_ENV_FILE", str(tmp_path / "office.env"))
    monkeypatch.setenv("FIRST_WORD", "shell")
    monkeypatch.setenv("SECOND_WORD", "")
    monkeypatch.delenv("SECOND_WORD")

    environment.load()
    assert (os.environ["FIRST_WORD"], os.environ.pop("SECOND_WORD")) == ("shell", "file")


def test_the_example_can_be_used_as_it_is():
    text = (PROJECT / ".env.example").read_text()

    assert environment.parse(text, Path(".env.example")) == {}, "every line is a comment"
    shown = "\n".join(line.removeprefix("#") for line in text.splitlines() if line.startswith("#P"))
    assert environment.parse(shown, Path(".env.example"))


def test_the_example_names_every_choice():
    for_developers = {
        *(
            "POVERTYAID_CHROMIUM",
            "POVERTYAID_DURABLE",
            "POVERTYAID_ENV_FILE",
            "POVERTYAID_TEST_NAME",
        ),
    }
    asked = set()
    for source in [*(PROJECT / "povertyaid").rglob("*.py"), *(PROJECT / "reports").rglob("*.py")]:
        asked |= set(re.findall(r"POVERTYAID_[A-Z_]*", source.read_text(encoding="utf-8")))

    text = (PROJECT / ".env.example").read_text(encoding="utf-8")
    assert {name for name in asked - for_developers if f"#{name}=" not in text} == set()


@pytest.mark.parametrize(
    ("line", "needs"),
    [
        ("", False),
        ("help", False),
        ("--help", False),
        ("migrate --help", False),
        ("collectstatic --noinput", False),
        ("check", False),
        ("check --database default", True),
        ("migrate", True),
        ("import_roster roster.xlsx", True),
    ],
)
def test_only_a_command_that_needs_the_database_starts_it(line, needs):
    assert manage.needs_database(line.split()) is needs


# --- script/messages ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def messages():
    loader = importlib.machinery.SourceFileLoader("messages", str(PROJECT / "script" / "messages"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("messages", loader))
    loader.exec_module(module)
    return module


def test_of_two_translations_the_first_counts(messages):
    twice = polib.pofile('msgid "Save"\nmsgstr "保存"\n\nmsgid "Save"\nmsgstr "存储"\n')

    assert [entry.msgstr for entry in messages.once(twice)] == ["保存"]


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ('msgid "Save"\nmsgstr ""', "no Chinese"),
        ('msgid "Print"\nmsgstr "打印"', "no Chinese"),
        ('#, fuzzy\nmsgid "Save"\nmsgstr "保存"', "fuzzy"),
        ('#~ msgid "Save"\n#~ msgstr "保存"', "obsolete"),
        ('msgid "Save"\nmsgstr "保存 %(name)s"', "placeholders"),
    ],
)
def test_a_text_without_fit_chinese_is_told(messages, entry, told):
    asked = {(None, "Save"): polib.POEntry(msgid="Save", occurrences=[("templates/x.html", "3")])}

    assert any(told in fault for fault in messages.faults(polib.pofile(entry + "\n"), asked))


def test_a_text_with_fit_chinese_is_no_fault(messages):
    asked = {(None, "Save"): polib.POEntry(msgid="Save")}

    assert messages.faults(polib.pofile('msgid "Save"\nmsgstr "保存"\n'), asked) == []
