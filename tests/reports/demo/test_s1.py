"""S1 in a small number: the same hands and rules, 120 workers instead of 7,800."""

import json
from pathlib import Path

import pytest

from pairings.models import Activity, Helper, Pairing, PairingHelper, Visit
from povertyaid.org.models import OrgUnit
from reports.demo import s1, setup
from reports.figures.catalogue import find
from reports.figures.cut import cut_of

FIGURES = Path(__file__).parents[3] / "fixtures" / "figures" / "S1.json"
FEW = s1.Numbers(
    workers=120, cadres=116, units=30, society=34, enterprises=12, festival_visits=700, city_units=3
)


def printed(number):
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    return next(one for one in figures if one["id"] == f"S1-{number}")["accept"]


@pytest.fixture
def cut():
    programme = setup.set_up("S1")
    assert s1.build(programme, FEW) == 120
    return cut_of(programme)


def test_the_numbers_to_be_built_are_those_that_were_printed():
    whole = s1.PRINTED
    assert [whole.workers] * 2 == printed("008") == printed("014")
    assert [whole.cadres] * 2 == printed("025")
    assert [whole.units] * 2 == printed("009")
    assert [whole.society] * 2 == printed("034")
    assert [whole.enterprises] * 2 == printed("010")
    low, high = printed("040")
    assert low < whole.festival_visits < high
    assert len(setup.description("S1")["city_units"]) == whole.city_units == 104


def test_what_is_built_gives_these_numbers(cut):
    def value(code, **given):
        indicator = find(code)
        return indicator.figure(cut, indicator.read_parameters(given)).value

    assert value("Q-01") == value("Q-07") == FEW.workers
    assert value("Q-02") == 100
    assert value("Q-06", categories="cadre") == FEW.cadres
    assert value("Q-06", kind="unit") == FEW.units
    society = "model_worker,entrepreneur,self_employed,democratic_party,society"
    assert value("Q-06", categories=society) == FEW.society
    assert value("Q-08") == FEW.enterprises
    assert value("Q-41") == 1
    assert value("Q-07b", mode="二帮一", field="helpers") == 2
    assert value("Q-11", occasions="festival") == FEW.festival_visits
    # What does not depend on how many workers there are is whole.
    assert value("Q-22", kinds="training") == 834
    assert value("Q-23", kinds="training") == 6_765
    assert value("Q-22", kinds="meeting", topics="standing_committee,leading_group") == 10
    assert value("Q-22", kinds="meeting", topics="large") == 5
    assert value("Q-24", kinds="training_base") == 37
    assert value("Q-24", kinds="aid_centre") == 11
    assert value("Q-24", kinds="aid_centre", field="min_staff") == 3
    assert value("Q-24", kinds="aid_centre", field="max_staff") == 5
    assert value("Q-24", distinct="level", kinds="government") == 2
    growth = find("Q-10").figure(cut, {})
    assert (growth.value, growth.note) == (None, "没有上一轮的结对记录。")


def test_every_mode_that_was_told_is_there(cut):
    pairs = Pairing.objects.filter(programme=cut.programme, enrolment__isnull=False)
    modes = set(pairs.with_mode(cut.as_of).values_list("mode", flat=True))

    assert modes == {"one", "two", "many", "one_for_many", "unit"}
    counties = OrgUnit.objects.filter(kind="county", parent__code="S1")
    assert counties.count() == 10
    assert counties.get(code="S1-LX").name == "兰西县"


def test_running_again_changes_nothing(cut):
    counted = (Helper, Pairing, PairingHelper, Visit, Activity, OrgUnit)
    before = [model.objects.count() for model in counted]

    assert s1.build(cut.programme, FEW) == 0

    assert [model.objects.count() for model in counted] == before
