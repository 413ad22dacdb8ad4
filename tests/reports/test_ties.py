"""What reports lend to the rooms below."""

from povertyaid.programmes import indicators
from reports.figures.catalogue import find
from tests import factories


def test_a_target_may_name_what_is_summed_over_rows():
    known = {one.code for one in indicators.indicators()}

    assert {"Q-01", "Q-02", "Q-03", "Q-04", "Q-51"} <= known
    assert not {"Q-05", "Q-32", "Q-34", "Q-36", "Q-37", "Q-60"} & known


def test_a_form_asks_for_parameters_in_their_own_way(programme):
    factories.SchemeItemFactory(programme=programme, list_name="困难类别", label="五七工")
    rate = {one.name: one for one in indicators.indicator("Q-02").parameters}
    income = {one.name: one for one in indicators.indicator("Q-04").parameters}
    units = {one.name: one for one in indicators.indicator("Q-24").parameters}

    assert indicators.indicator("Q-02").measure == "%"
    assert [rate[name].kind for name in ("category", "helpable", "target_by")] == [
        "choice", "yes_no", "day",
    ]  # fmt: skip
    assert ("poor", "困难户") in rate["category"].choices_for(programme)
    assert ("五七工", "五七工") in rate["category"].choices_for(programme)
    assert (income["stage"].kind, income["stage"].required) == ("choice", True)
    assert (income["year"].kind, units["kinds"].kind) == ("year", "choices")


def test_what_a_form_writes_an_indicator_reads():
    written = {"category": "poor", "helpable": "1", "target_by": "2012-12-31"}

    assert find("Q-02").written_parameters(find("Q-02").read_parameters(written)) == written
