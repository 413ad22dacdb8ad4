"""A small programme in which everything that a report counts has happened once.

Riverside: two poor households out of poverty, one being helped, one fallen back, one removed.
Hillside: one low-income household out of poverty, one file closed because it was merged.
"""

import datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from reports.figures.cut import cut_of
from tests import factories

DAY = datetime.date


def family(unit, programme, *, name, persons=2, before=None, after=None, year=2012, **enrolment):
    """A household with members and, where given, its net income before help and at exit."""
    household = factories.HouseholdFactory(unit=unit, head_name=name)
    for nth in range(persons):
        factories.MemberFactory(
            household=household,
            seq=nth + 1,
            name=name if nth == 0 else f"{name}家{nth}",
            relation="户主" if nth == 0 else "其他",
        )
    enrolled = factories.EnrolmentFactory(household=household, programme=programme, **enrolment)
    for stage, net, of_year in (("before", before, 2010), ("exit", after, year)):
        if net is not None:
            factories.IncomeSnapshotFactory(
                enrolment=enrolled, stage=stage, year=of_year, persons=persons, wages=Decimal(net)
            )
    return enrolled


def out(day, label="脱困"):
    return {"status": "exited", "exited_on": day, "exit_label": label}


@pytest.fixture
def work(programme, riverside, hillside):
    """Every family by the name of its head."""
    factories.ThresholdFactory(programme=programme, category="poor", value=Decimal(6000))
    factories.ThresholdFactory(
        programme=programme,
        category="low_income",
        exit_label="脱低",
        basis="share",
        series="per_capita_income",
        value=Decimal(50),
    )
    made = {
        "early": family(
            riverside, programme, name="早脱贫", before=4000, after=20000, year=2011,
            target_exit_on=DAY(2011, 12, 31), **out(DAY(2011, 11, 20)),
        ),
        "late": family(
            riverside, programme, name="晚脱贫", persons=4, before=8000, after=22000,
            target_exit_on=DAY(2012, 12, 31), **out(DAY(2013, 2, 10)),
        ),
        "helped": family(riverside, programme, name="在帮户", persons=3, before=6000),
        "back": family(riverside, programme, name="返贫户", status="relapsed"),
        "removed": family(riverside, programme, name="清除户", status="removed"),
        "low": family(
            hillside, programme, name="低收入", persons=1, category="low_income", before=6000,
            after=15000, helpable=False, **out(DAY(2012, 6, 30), "脱低"),
        ),
        "merged": family(hillside, programme, name="并户", persons=1),
    }  # fmt: skip
    household = made["merged"].household
    household.status, household.close_reason = "closed", "merged"
    household.closed_on = DAY(2012, 1, 1)
    household.save()
    return SimpleNamespace(**made)


@pytest.fixture
def cut(programme, work):
    """The whole programme on its as-of day, as the office itself sees it."""
    return cut_of(programme)


@pytest.fixture
def at_desk(programme, work):
    """A cut as somebody sees it: `at_desk(clerk, unit=riverside)`."""
    return lambda staff, **asked: cut_of(programme, staff=staff, **asked)
