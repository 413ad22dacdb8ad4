"""Parameters of indicators: read from a command line, an address or a target; shown in words."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from households.models import Enrolment, words
from povertyaid.lib import periods
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import SchemeItem, Threshold
from reports.figures.cut import Cut
from reports.figures.reader import reader

Params = dict[str, Any]
NOT_FILLED_IN = "-"  # as written in an address: the file does not say


class ParameterError(ValueError):
    """A parameter that cannot be read. The message is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Parameter:
    """One named choice of an indicator; `read` and `write` are each other's reverse."""

    name: str
    label: str | Promise

    def read(self, text: str) -> Any:
        return text

    def check(self, value: Any, cut: Cut) -> None:
        """Raises ParameterError where a value means nothing in this programme."""

    def write(self, value: Any) -> str:
        return str(value)

    def show(self, value: Any) -> str:
        return self.write(value)

    def refuse(self, text: str, wanted: str) -> ParameterError:
        return ParameterError(
            _("Parameter %(name)s cannot be “%(text)s”. Give %(wanted)s.")
            % {"name": self.name, "text": text, "wanted": wanted}
        )


class Word(Parameter):
    """Free text: the name of a list, the code of a target."""


class Category(Parameter):
    """A category by its code or its word; `-` for files that name none."""

    def read(self, text: str) -> str:
        return "" if text == NOT_FILLED_IN else words.code_of(words.CATEGORIES, text)

    def check(self, value: str, cut: Cut) -> None:
        """A word of no list is known where a file or a line has it: rosters bring their own."""
        if not value or value in words.CATEGORIES:
            return
        own = SchemeItem.objects.using(reader()).filter(
            programme=cut.programme, list_name=SchemeItem.CATEGORIES
        )
        labels = list(own.order_by("seq", "pk").values_list("label", flat=True))
        files = Enrolment.objects.visible_to(cut.staff) if cut.staff else Enrolment.objects.all()
        used = [rows.using(reader()) for rows in (files, Threshold.objects.all())]
        if value not in labels and not any(
            rows.filter(programme=cut.programme, category=value).exists() for rows in used
        ):
            raise self.refuse(value, " / ".join([*words.CATEGORIES, *labels]))

    def write(self, value: str) -> str:
        return value or NOT_FILLED_IN

    def show(self, value: str) -> str:
        return category_word(value)


class Flag(Parameter):
    """Yes or no."""

    def read(self, text: str) -> bool:
        known = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        try:
            return known[text.lower()]
        except KeyError:
            raise self.refuse(text, _("1 for yes or 0 for no")) from None

    def write(self, value: bool) -> str:
        return "1" if value else "0"

    def show(self, value: bool) -> str:
        return _("yes") if value else _("no")


class Day(Parameter):
    """A calendar day."""

    def read(self, text: str) -> datetime.date:
        try:
            when = periods.parse_partial(text)
        except periods.DateError as error:
            raise ParameterError(f"{self.name}: {error}") from None
        return when.last_day

    def write(self, value: datetime.date) -> str:
        return value.isoformat()


class Year(Parameter):
    """A calendar year; None, written `-`, where there is none on file."""

    def read(self, text: str) -> int | None:
        if text == NOT_FILLED_IN:
            return None
        if not (text.isascii() and text.isdigit() and len(text) == 4):
            raise self.refuse(text, _("a year of four digits"))
        return int(text)

    def write(self, value: int | None) -> str:
        return NOT_FILLED_IN if value is None else str(value)

    def show(self, value: int | None) -> str:
        return _("none on file") if value is None else str(value)


@dataclass(frozen=True)
class Choice(Parameter):
    """One of a few codes; an office may give the word instead: `牵手` for `hand_in_hand`."""

    choices: Mapping[str, str | Promise] = field(default_factory=dict)

    def read(self, text: str) -> str:
        if text in self.choices:
            return text
        codes = [code for code, word in self.choices.items() if str(word) == text]
        if len(codes) != 1:
            raise self.refuse(text, " / ".join(self.choices))
        return codes[0]

    def show(self, value: str) -> str:
        return str(self.choices[value])


@dataclass(frozen=True)
class Several(Choice):
    """Some of a few codes, written with commas between."""

    def read(self, text: str) -> tuple[str, ...]:
        return tuple(super(Several, self).read(part.strip()) for part in text.split(","))

    def write(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def show(self, value: tuple[str, ...]) -> str:
        return "、".join(str(self.choices[one]) for one in value)


@dataclass(frozen=True)
class Words(Parameter):
    """Several words with commas between; those that everybody uses have a code."""

    known: Mapping[str, str] = field(default_factory=dict)

    def read(self, text: str) -> tuple[str, ...]:
        codes = {word: code for code, word in self.known.items()}
        parts = (part.strip() for part in text.split(","))
        return tuple(codes.get(part, part) for part in parts if part)

    def write(self, value: tuple[str, ...]) -> str:
        return ",".join(value)

    def show(self, value: tuple[str, ...]) -> str:
        return "、".join(self.known.get(one, one) for one in value)


class UnitName(Parameter):
    """A unit of the programme by its code or its name; the units below it belong to it."""

    def check(self, value: str, cut: Cut) -> None:
        if not self.paths(value, cut):
            raise self.refuse(value, _("a unit of the programme, by its code or its name"))

    def paths(self, value: str, cut: Cut) -> list[str]:
        """Where the units of that name lie, as far as the reader sees them."""

        def find() -> list[str]:
            units = OrgUnit.objects.filter(path__startswith=cut.programme.lead_unit.path)
            if cut.staff is not None:
                units = units.visible_to(cut.staff)
            named = units.filter(Q(code=value) | Q(name=value)).order_by("path")
            return list(named.using(reader()).values_list("path", flat=True))

        return list(cut.once(f"units called {value}", find))

    def within(self, value: str, cut: Cut, at: str) -> Q:
        """The condition that a row's unit, found at a lookup, is that unit or lies below it."""
        wanted = Q(**{f"{at}__isnull": True})  # of no unit: a name that nobody has finds nothing
        for path in self.paths(value, cut):
            wanted |= Q(**{f"{at}__path__startswith": path})
        return wanted


def category_word(code: str) -> str:
    """A category as an office says it."""
    return words.word_of(words.CATEGORIES, code) if code else _("category not filled in")


def read_parameters(
    declared: tuple[Parameter, ...], given: Mapping[str, object], *, required: tuple[str, ...] = ()
) -> Params:
    """Read what a command line, an address or a target gives; what is empty counts as not given.

    Raises ParameterError for an unknown name, an unreadable value or a required one that is missing.
    """
    known = {parameter.name: parameter for parameter in declared}
    found: Params = {}
    for name, value in given.items():
        if name not in known:
            names = ", ".join(known) or _("none")
            raise ParameterError(
                _("There is no parameter %(name)s here. Known: %(names)s.")
                % {"name": name, "names": names}
            )
        text = as_text(value)
        if text:
            found[name] = known[name].read(text)
    for name in required:
        if name not in found:
            raise ParameterError(_("Parameter %(name)s must be given.") % {"name": name})
    return found


def as_text(value: object) -> str:
    """A value of a JSON document as it would stand on a command line."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, list | tuple):
        return ",".join(as_text(one) for one in value)
    return "" if value is None else str(value).strip()


CATEGORY = Category("category", gettext_lazy("category"))
HELPABLE = Flag("helpable", gettext_lazy("helpable"))
TARGET_BY = Day("target_by", gettext_lazy("planned to leave poverty by"))
BY = Day("by", pgettext_lazy("parameter of an indicator", "left poverty by"))
