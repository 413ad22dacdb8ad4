"""The papers an office can print, by their code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.papers import exit as exit_paper
from reports.papers.paper import Paper


class UnknownPaperError(LookupError):
    """There is no paper with this code. The message is a sentence for whoever wrote it."""


@dataclass(frozen=True)
class Kind:
    """A paper that can be built: what it is called, what it says, and who builds it."""

    code: str
    title: str | Promise
    about: str | Promise
    build: Callable[..., Paper]


PAPERS = {
    "exit": Kind(
        "exit",
        gettext_lazy("Summary of exits from poverty"),
        gettext_lazy(
            "Programme, completion of the targets, households on file and out of poverty, incomes "
            "before help and at exit, exits against the line; by category and by unit."
        ),
        exit_paper.build,
    ),
}


def find(code: str) -> Kind:
    """Raises UnknownPaperError."""
    try:
        return PAPERS[code]
    except KeyError:
        raise UnknownPaperError(
            _("There is no paper %(code)s. Known: %(codes)s.")
            % {"code": code, "codes": ", ".join(PAPERS)}
        ) from None


def known() -> list[Any]:
    return list(PAPERS.values())
