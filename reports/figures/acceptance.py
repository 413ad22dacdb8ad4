"""Figures that were printed about a programme, beside what the records give.

`fixtures/figures/<programme>.json` lists them with the band in which the answer must lie; an end
that is null is open. What a table does not hold yet is said, not guessed.
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from reports.figures.catalogue import INDICATORS, find
from reports.figures.cut import Cut
from reports.figures.numbers import as_number
from reports.figures.parameters import ParameterError

SETTING = "config"  # what the administrator enters with the programme
REPORTED = "reported"  # the source prints the number but not what it is made of


class NoFiguresError(LookupError):
    """Nothing was printed about this programme, or nobody has listed it. The message says so."""


def printed_figures(programme_code: str) -> list[dict[str, Any]]:
    """Raises NoFiguresError."""
    path = Path(settings.BASE_DIR) / "fixtures" / "figures" / f"{programme_code}.json"
    # The code comes from the database or was matched with it, so it names no other folder.
    if not path.is_file():
        raise NoFiguresError(
            _("No printed figures are listed for programme %(code)s.") % {"code": programme_code}
        )
    return list(json.loads(path.read_text(encoding="utf-8")))


def compared(cut: Cut) -> Iterator[dict[str, Any]]:
    """Each printed figure with the computed value and whether it lies in the band.

    `ok` is null where nothing can be said: no table yet, or a number that is only reported.
    """
    for printed in printed_figures(cut.programme.code):
        value, note = _computed(printed, cut)
        is_reported = printed["reproduce"] == REPORTED
        if is_reported and not note:
            note = _("Only reported: the source does not print what it is made of.")
        yield {
            "id": printed["id"],
            "value": as_number(value),
            "accept": printed["accept"],
            "ok": None if value is None or is_reported else within(value, printed["accept"]),
            "reproduce": printed["reproduce"],
            "note": note,
        }


def _computed(printed: dict[str, Any], cut: Cut) -> tuple[Decimal | None, str]:
    code = printed["indicator"]
    if code is None and printed["reproduce"] == SETTING:
        return None, _("A setting or a wording of the programme: nothing is counted.")
    if code is None:
        return None, _("Not a figure of the programme.")
    if code not in INDICATORS:
        return None, _("The records that %(code)s counts are not kept yet.") % {"code": code}
    try:
        indicator = find(code)
        params = indicator.read_parameters(printed["params"])
        indicator.check_parameters(params, cut)
        figure = indicator.figure(cut, params)
    except ParameterError as error:
        return None, str(error)
    return figure.value, figure.note


def within(value: Decimal, band: list[float | None]) -> bool:
    low, high = (None if end is None else Decimal(str(end)) for end in band)
    return (low is None or value >= low) and (high is None or value <= high)
