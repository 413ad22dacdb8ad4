"""Which field a column heading means."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

SYNONYMS_FILE = Path(__file__).with_name("headings.json")

BRACKETED = re.compile(r"[(\[【〔<{][^()\[\]【】〔〕<>{}]*[)\]】〕>}]")
LONG_ENOUGH = 3  # characters: shorter words stand inside headings of all kinds
SPACES = re.compile(r"[\s\u200b\ufeff]+")


def as_written(cell: object) -> str:
    """The heading without white space: how a receipt names it."""
    if not isinstance(cell, str):
        return ""
    return cell if cell.isalnum() else SPACES.sub("", cell)


def key(text: str) -> str:
    """The heading as the synonym table knows it: plain forms, no `*`."""
    return SPACES.sub("", unicodedata.normalize("NFKC", text)).replace("*", "").rstrip(":")


def without_remarks(text: str) -> str:
    """`人均纯收入(元)` → `人均纯收入`."""
    return BRACKETED.sub("", text)


@dataclass(frozen=True)
class Parent:
    """A heading above others that changes what they mean: 姓名 under 帮扶责任人 is no member."""

    named: tuple[str, ...]
    children: Mapping[str, str | None]
    other_children_belong_to_the_household: bool

    def governs(self, parent: str) -> bool:
        return any(word in parent for word in self.named)


class Synonyms:
    """The table of headings. Several headings may mean one field; no heading means two."""

    def __init__(
        self,
        fields: Mapping[str, Iterable[str]],
        running_number: Iterable[str],
        parents: Iterable[Parent] = (),
        written_by_us: Iterable[str] = (),
    ) -> None:
        self.field_of = {key(word): field for field, words in fields.items() for word in words}
        #: The word that stands first is the one to write above a column.
        self.word_of = {field: next(iter(words)) for field, words in fields.items()}
        self.running_number = frozenset(key(word) for word in running_number)
        self.parents = tuple(parents)
        self.written_by_us = frozenset(key(word) for word in written_by_us)

    @classmethod
    def read(cls, path: Path = SYNONYMS_FILE) -> "Synonyms":
        data = json.loads(path.read_text(encoding="utf-8"))
        parents = [
            Parent(
                tuple(parent["named"]),
                parent["children"],
                parent["other_children_belong_to_the_household"],
            )
            for parent in data["parents"]
        ]
        return cls(data["fields"], data["running_number"], parents, data["written_by_us"])

    def learn(self, fields: Mapping[str, Iterable[str]]) -> None:
        """Know more words, such as a room above brings at start-up."""
        for field, words in fields.items():
            for word in words:
                self.field_of[key(word)] = field

    def forget(self, fields: Mapping[str, Iterable[str]]) -> None:
        for words in fields.values():
            for word in words:
                self.field_of.pop(key(word), None)

    def knowing(self, words: Mapping[str, str]) -> "Synonyms":
        """This table with an office's own words before it: {heading: field, or "" for none}."""
        own = copy(self)
        own.field_of = {**self.field_of, **{key(word): field for word, field in words.items()}}
        return own

    def _look_up(self, text: str) -> str | None:
        return self.field_of.get(text) or self.field_of.get(without_remarks(text))

    def meaning(self, path: str) -> str | None:
        """The field of `heading` or `parent/child`, both as written; None if unknown."""
        whole = key(path)
        if whole in self.field_of:
            return self.field_of[whole] or None  # an office may say that a heading means nothing
        if found := self._look_up(whole):
            return found
        parent, slash, child = whole.partition("/")
        if not slash:
            return None
        bare_child = without_remarks(child)
        for governing in self.parents:
            if governing.governs(without_remarks(parent)):
                if bare_child in governing.children:
                    return governing.children[bare_child]
                if not governing.other_children_belong_to_the_household:
                    return None
        return self._look_up(child)

    def within(self, heading: str) -> str | None:
        """The field of the longest known heading of three characters or more inside this one."""
        text = without_remarks(key(heading))
        found = [word for word in self.field_of if len(word) >= LONG_ENOUGH and word in text]
        return self.field_of[max(found, key=len)] or None if found else None

    def is_written_by_us(self, path: str) -> bool:
        """A column of our own workbooks that tells a clerk something and says nothing new to us."""
        return key(path) in self.written_by_us

    def is_running_number(self, path: str) -> bool:
        return without_remarks(key(path)) in self.running_number


@lru_cache(maxsize=1)
def standard() -> Synonyms:
    return Synonyms.read()
