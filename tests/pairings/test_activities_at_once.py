"""Two desks at one activity at one moment: nobody is on the list twice, nothing is lost."""

import pytest

from pairings.models import Activity, Attendance
from tests.factories import ActivityFactory, StaffFactory
from tests.households.page import fields_of
from tests.households.test_concurrency import at_once, desk_of
from tests.pairings.page import address

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desks(clerk, riverside):
    return [desk_of(clerk), desk_of(StaffFactory(unit=riverside, role="clerk"))]


@pytest.fixture
def held(riverside, programme):
    return ActivityFactory(unit=riverside, programme=programme)


def both(desks, page, *typed):
    forms = [fields_of(desk.get(page)) | more for desk, more in zip(desks, typed, strict=True)]
    return at_once(*(lambda d=d, f=f: d.post(page, f) for d, f in zip(desks, forms, strict=True)))


def test_lists_of_two_desks_are_laid_together(desks, held, enrolled):
    shared, *own = [f"m{enrolled(name).principal.pk}" for name in ("张三", "李四", "王五")]

    answers = both(
        desks,
        address("activity-attend", held),
        *({"add": "1", "who": [shared, one]} for one in own),
    )

    assert [answer.status_code for answer in answers] == [302, 302]
    assert Attendance.objects.count() == 3
    assert Activity.objects.get().version == 3


def test_of_two_changes_one_is_told_of_the_other(desks, held):
    answers = both(desks, address("activity-edit", held), {"place": "甲"}, {"place": "乙"})

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Activity.objects.get().version == 2


def test_it_is_taken_back_once(desks, held):
    answers = both(
        desks, address("activity-take-back", held), {"reason": "重复"}, {"reason": "录错"}
    )

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Activity.objects.get().version == 2
