"""Two desks at one moment: one deed is done, the other is told; nobody is on a pair twice."""

import pytest
from django.urls import reverse

from pairings.forms.pick import written
from pairings.models import Pairing, PairingHelper
from tests.factories import StaffFactory
from tests.households.page import fields_of
from tests.households.test_concurrency import at_once, desk_of
from tests.pairings.page import address, paired, who

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def desks(clerk, riverside):
    return [desk_of(clerk), desk_of(StaffFactory(unit=riverside, role="clerk"))]


def both(desks, page, *typed):
    """Both have the page open, then both press at once."""
    forms = [fields_of(desk.get(page)) | more for desk, more in zip(desks, typed, strict=True)]
    return at_once(*(lambda d=d, f=f: d.post(page, f) for d, f in zip(desks, forms, strict=True)))


def test_a_household_is_paired_once(desks, enrolled, helping):
    enrolment = enrolled()
    page = f"{reverse('pairings:create')}?enrolment={enrolment.pk}"
    typed = [
        {"helper": written(helping(name)), "scheme": "one_to_one", "on": "2012-05-01"}
        for name in ("于海涛", "赵铁柱")
    ]

    answers = both(desks, page, *typed)

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert Pairing.objects.count() == PairingHelper.objects.count() == 1


def test_a_pair_is_handed_over_once(desks, enrolled, helping, clerk):
    pair = paired(enrolled(), helping("于海涛"), clerk)
    typed = [
        {"to": written(helping(name)), "on": "2013-02-01", "reason": "调离"}
        for name in ("赵铁柱", "钱进")
    ]

    answers = both(desks, address("hand-over", pair), *typed)

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert len(who(pair)) == 1
    assert pair.lines.count() == 2


def test_a_leavers_pairs_are_handed_over_once(desks, enrolled, helping, clerk):
    leaver = helping("于海涛")
    made = [paired(enrolled(name), leaver, clerk) for name in ("张三", "李四")]
    typed = [
        {"to": written(helping(name)), "on": "2013-02-01", "reason": "调离"}
        for name in ("赵铁柱", "钱进")
    ]

    answers = both(desks, address("helper-hand-over", leaver), *typed)

    assert sorted(answer.status_code for answer in answers) == [200, 302]
    assert len({name for pair in made for name in who(pair)}) == 1
    assert PairingHelper.objects.count() == 4
