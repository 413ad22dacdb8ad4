"""The exit line of a category in a year: an amount, a share, or not known."""

import datetime
from decimal import Decimal

import pytest
from django.utils import translation

from reports.figures.catalogue import find
from reports.figures.cut import cut_of
from reports.figures.incomes import MET, NOT_MET, UNKNOWN
from reports.figures.lines import Lines, wording
from tests import factories
from tests.reports.conftest import family, out

DAY = datetime.date


def result_of(enrolment):
    """How the indicator judges the only exit of a programme."""
    cut = cut_of(enrolment.programme)
    against = find("Q-56")
    values = {
        result: against.figure(cut, {"result": result}).value for result in (MET, NOT_MET, UNKNOWN)
    }
    return next(result for result, n in values.items() if n)


@pytest.mark.parametrize(
    ("income", "strict", "result"),
    [
        pytest.param("12000.00", False, MET, id="at the line is enough"),
        pytest.param("12000.00", True, NOT_MET, id="unless it must be exceeded"),
        pytest.param("12000.02", True, MET, id="by a cent a head"),
        pytest.param("11999.98", False, NOT_MET, id="a cent a head below"),
    ],
)
def test_an_amount_is_met_at_the_line_or_above_it(programme, riverside, income, strict, result):
    factories.ThresholdFactory(programme=programme, value=Decimal(6000), strict=strict)

    left = family(riverside, programme, name="户", after=income, **out(DAY(2012, 5, 1)))

    assert result_of(left) == result


@pytest.mark.parametrize(
    ("reference", "result"),
    [
        pytest.param("20000", MET, id="thirty per cent of 20000"),
        pytest.param("20000.04", NOT_MET, id="rounded to the cent"),
        pytest.param(None, UNKNOWN, id="nobody entered it"),
    ],
)
def test_a_share_is_taken_of_the_statistic_of_the_income_year(
    programme, riverside, bureau, reference, result
):
    factories.ThresholdFactory(
        programme=programme, basis="share", series="per_capita_income", value=Decimal(30)
    )
    factories.ReferenceValueFactory(unit=bureau, year=2011, value=Decimal(1))
    if reference:
        factories.ReferenceValueFactory(unit=bureau, year=2012, value=Decimal(reference))

    left = family(riverside, programme, name="户", after=12000, **out(DAY(2012, 5, 1)))

    assert result_of(left) == result


def test_a_monthly_statistic_counts_twelve_times(programme, riverside, bureau):
    factories.ThresholdFactory(
        programme=programme, basis="share", series="dibao_line", value=Decimal(150)
    )
    factories.ReferenceValueFactory(unit=bureau, series="dibao_line", year=2012, value=Decimal(300))

    left = family(riverside, programme, name="户", after=10800, **out(DAY(2012, 5, 1)))

    assert Lines.fetched(programme).value(programme.thresholds.get(), 2012) == Decimal(5400)
    assert result_of(left) == MET


def test_the_line_in_force_on_the_day_of_exit_counts(programme, riverside):
    factories.ThresholdFactory(programme=programme, value=Decimal(5000))
    factories.ThresholdFactory(programme=programme, value=Decimal(7000), valid_from=DAY(2012, 6, 1))

    before = family(riverside, programme, name="旧线", after=12000, **out(DAY(2012, 5, 31)))
    after = family(riverside, programme, name="新线", after=12000, **out(DAY(2012, 6, 1)))

    met = find("Q-56").rows(cut_of(programme), {"result": MET})
    not_met = find("Q-56").rows(cut_of(programme), {"result": NOT_MET})
    assert (list(met), list(not_met)) == ([before], [after])
    lines = Lines.fetched(programme)
    assert lines.on("poor", DAY(2012, 5, 31)).value == 5000
    assert lines.on("poor", DAY(2012, 6, 1)).value == 7000


def test_an_older_line_does_not_stand_in_for_a_newer_one_that_is_not_known(programme, riverside):
    factories.ThresholdFactory(programme=programme, value=Decimal(1))
    factories.ThresholdFactory(
        programme=programme, basis="share", series="per_capita_income", value=Decimal(30),
        valid_from=DAY(2012, 1, 1),
    )  # fmt: skip

    left = family(riverside, programme, name="户", after=12000, **out(DAY(2012, 5, 1)))

    assert result_of(left) == UNKNOWN


def test_a_line_holds_for_a_category_by_its_code_or_its_word(programme, riverside):
    factories.ThresholdFactory(programme=programme, category="困难户", value=Decimal(6000))

    left = family(riverside, programme, name="户", after=12000, **out(DAY(2012, 5, 1)))

    assert result_of(left) == MET


def test_a_category_without_a_line_cannot_be_checked(programme, riverside):
    left = family(riverside, programme, name="户", after=12000, **out(DAY(2012, 5, 1)))

    assert result_of(left) == UNKNOWN


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param({"value": 6000, "strict": True}, "超过6,000元", id="strictly above"),
        pytest.param({"value": 6000}, "达到6,000元", id="at least"),
        pytest.param(
            {"value": 30, "basis": "share", "series": "per_capita_income"},
            "达到当年人均收入的30%",
            id="a share",
        ),
    ],
)
def test_a_line_is_worded_as_the_plan_words_it(programme, line, said):
    with translation.override("zh-hans"):
        assert wording(factories.ThresholdFactory(programme=programme, **line)) == said
        assert wording(None) == "未规定标准"
