import datetime

import pytest

from reports.figures.catalogue import INDICATORS, UnknownIndicatorError, find
from reports.figures.parameters import ParameterError


@pytest.mark.parametrize(
    ("code", "given", "read"),
    [
        pytest.param("Q-01", {"category": "poor"}, {"category": "poor"}, id="a code"),
        pytest.param("Q-01", {"category": "困难户"}, {"category": "poor"}, id="or its word"),
        pytest.param(
            "Q-01", {"category": "五七工"}, {"category": "五七工"}, id="a word of its own"
        ),
        pytest.param("Q-01", {"category": "-"}, {"category": ""}, id="files that name none"),
        pytest.param("Q-01", {"helpable": 1}, {"helpable": True}, id="JSON's one is yes"),
        pytest.param("Q-01", {"helpable": False}, {"helpable": False}, id="JSON's false is no"),
        pytest.param("Q-01", {"helpable": ""}, {}, id="nothing was asked"),
        pytest.param("Q-02", {"by": "2011-12-31"}, {"by": datetime.date(2011, 12, 31)}, id="a day"),
        pytest.param(
            "Q-02", {"by": "2011"}, {"by": datetime.date(2011, 12, 31)}, id="a year's last day"
        ),
        pytest.param("Q-24", {"kinds": "bureau,farm"}, {"kinds": ("bureau", "farm")}, id="several"),
        pytest.param("Q-24", {"kinds": ["bureau"]}, {"kinds": ("bureau",)}, id="as a JSON list"),
        pytest.param("Q-56", {"year": "-"}, {"year": None}, id="a year that is not on file"),
    ],
)
def test_parameters_are_read_as_offices_write_them(code, given, read):
    assert find(code).read_parameters(given) == read


@pytest.mark.parametrize(
    ("code", "given", "said"),
    [
        pytest.param("Q-01", {"colour": "red"}, "没有参数 colour。", id="unknown"),
        pytest.param("Q-01", {"helpable": "maybe"}, "helpable", id="neither yes nor no"),
        pytest.param("Q-02", {"by": "2023-02-30"}, "没有这一天", id="no such day"),
        pytest.param("Q-04", {}, "缺少参数 stage", id="required"),
        pytest.param("Q-04", {"stage": "never"}, "before / yearly", id="not one of the few"),
        pytest.param("Q-04", {"stage": "exit", "year": "二〇一三"}, "四位数", id="no year"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(code, given, said):
    with pytest.raises(ParameterError, match=said):
        find(code).read_parameters(given)


def test_an_unknown_indicator_is_said_with_those_that_are_known():
    with pytest.raises(UnknownIndicatorError, match="没有指标 Q-99。可用的有：Q-01"):
        find("Q-99")


@pytest.mark.parametrize("indicator", INDICATORS.values(), ids=INDICATORS)
def test_parameters_survive_an_address(indicator):
    given = {
        "category": "poor", "helpable": "0", "target_by": "2011-12-31", "by": "2011-12-31",
        "identified": "1", "stage": "exit", "year": "2012", "result": "met", "kind": None,
        "decision": "pending", "kinds": "farm,zone", "levels": "farm,none", "distinct": "level",
        "code": "T1", "field": None, "list": "五清", "part": "册", "series": "gdp",
        "categories": "cadre,none", "honour_level": "national", "in_post_local": "1",
        "scheme": "area", "mode": "two", "standing": "0", "hh": "X-1",
        "occasions": "festival,centre", "solved": "0", "topics": "large,推进会", "org": "临江农场",
        "groups": "public", "unit": "household", "model_worker_run": "1", "parent": "B-RIV",
        "on": "2013-12-10", "title": "家庭医生签约",
    }  # fmt: skip
    for name in ("field", "kind", "kinds"):  # offered by several, each its own
        offered = next((one.choices for one in indicator.parameters if one.name == name), {})
        given[name] = next(iter(offered), "")
    asked = {one.name: given[one.name] for one in indicator.parameters}

    params = indicator.read_parameters(asked)

    assert indicator.written_parameters(params) == asked
    assert all(label and value for label, value in indicator.shown_parameters(params))
