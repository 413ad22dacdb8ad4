"""A paper as JSON: the figures and nothing else, for other programs."""

import json
from typing import Any

from reports.figures.indicator import Figure
from reports.figures.numbers import as_number
from reports.papers.paper import Paper

MIME = "application/json"


def as_dict(paper: Paper) -> dict[str, Any]:
    """`value` is a number or null; `rows` is how many rows stand behind it; `code` is stable."""
    return {
        "paper": paper.code,
        "programme": paper.cut.programme.code,
        "unit": paper.cut.unit.code,
        "as_of": paper.cut.as_of.isoformat(),
        "figures": [figure_as_dict(figure) for figure in paper.figures()],
    }


def figure_as_dict(figure: Figure) -> dict[str, Any]:
    return {
        "code": figure.code,
        "label": figure.label,
        "value": as_number(figure.value),
        "unit": figure.measure,
        "rows": figure.row_count,
        "note": figure.note,
    }


def as_bytes(paper: Paper) -> bytes:
    return (json.dumps(as_dict(paper), ensure_ascii=False, indent=2) + "\n").encode()
