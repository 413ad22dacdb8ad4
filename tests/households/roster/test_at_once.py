"""Two clerks at one moment: one waits for the other, and a family is entered once."""

import threading

import pytest
from django.db import connection

from households.models import Household, IdentityClaim, Member, RosterImport
from households.roster import importing, refusals
from tests.households.roster.sheets import MEMBERS, number, workbook

FAMILIES = [
    line
    for n in range(30)
    for line in (
        [f"X-{n}", f"张{n}", "户主", number(2 * n + 1), "", 2],
        ["", f"李{n}", "配偶", number(2 * n + 2), "", ""],
    )
]


def together(*deeds):
    """Run the deeds at once, each on a connection of its own, and answer what each gave."""
    answers = [None] * len(deeds)
    ready = threading.Barrier(len(deeds))

    def run(nth, deed):
        ready.wait()
        try:
            answers[nth] = deed()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_the_same_roster_imported_twice_at_once_enters_everybody_once(riverside, programme):
    data = workbook(MEMBERS, *FAMILIES)

    def take():
        prepared = importing.import_now(
            importing.readable(data), data, "x.xlsx", unit=riverside, programme=programme, by=None
        )
        counts = prepared.receipt()["counts"]
        return counts["created"], counts["unchanged"], counts["refused"]

    answers = together(take, take)

    assert sorted(answers) == [(0, 60, 0), (60, 0, 0)]
    assert (Household.objects.count(), Member.objects.count()) == (30, 60)
    assert IdentityClaim.objects.count() == 60


@pytest.mark.django_db(transaction=True)
def test_one_preview_pressed_twice_at_once_goes_in_once(clerk, riverside, programme):
    data = workbook(MEMBERS, *FAMILIES)
    reading = importing.readable(data)
    roster = importing.preview(
        reading, data, "x.xlsx", unit=riverside, programme=programme, by=clerk
    )

    def press():
        try:
            return importing.commit(RosterImport.objects.get(pk=roster.pk), by=clerk)
        except refusals.SettledError:
            return "settled"

    assert sorted(map(str, together(press, press))) == ["True", "settled"]
    assert Household.objects.count() == 30
