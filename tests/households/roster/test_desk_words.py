"""A roster against what the desk has changed since: no news takes nothing back, a conflict is decided."""

import pytest
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from households.models import Household, Member, RosterImport
from households.roster import importing
from povertyaid.audit.history import acting
from povertyaid.audit.models import Entry
from tests.households.roster.sheets import MEMBERS, number, workbook
from tests.households.roster.test_pages import bring, page_of, verb

pytestmark = pytest.mark.django_db(transaction=True)  # the history is dated by transactions

ONE, TWO = number(1), number(2)
HEADER = [*MEMBERS, "手机号码", "家庭住址"]
WANG = ["X-1", "王五", "户主", ONE, "男", 2, "15400000001", "一组"]
LI = ["X-1", "李梅", "配偶", TWO, "女", "", "15400000002", ""]


@pytest.fixture
def take(riverside, programme, clerk):
    """Import rows for good; answers the roster."""

    def take(*rows):
        data = workbook(HEADER, *rows)
        importing.import_now(
            importing.readable(data), data, "x.xlsx", unit=riverside, programme=programme, by=clerk
        )
        return RosterImport.objects.latest("pk")

    return take


@pytest.fixture
def at_desk(clerk):
    """Change a member as the desk does: the file's version counts up."""

    def change(name, **fields):
        with transaction.atomic(), acting(clerk, "改号"):
            member = Member.objects.get(name=name)
            for field, value in fields.items():
                setattr(member, field, value)
            member.save()
            Household.objects.filter(pk=member.household_id).update(version=F("version") + 1)
        return member

    return change


def with_phone(row, phone):
    return [*row[:6], phone, *row[7:]]


def phones():
    return dict(Member.objects.values_list("name", "phone"))


def test_a_number_corrected_at_the_desk_outlives_a_file_that_repeats_the_old_one(take, at_desk):
    take(WANG, LI)
    at_desk("李梅", phone="15499999999")

    again = take(WANG, LI)

    assert (again.rows_updated, again.rows_unchanged) == (0, 2)
    assert phones() == {"王五": "15400000001", "李梅": "15499999999"}
    assert again.lines.get(name="李梅").kept == [["phone", "154****9999", "154****0002", False]]


def test_what_is_new_in_the_file_goes_in_where_the_desk_changed_something_else(take, at_desk):
    take(WANG, LI)
    at_desk("李梅", health="残疾")

    take(WANG, with_phone(LI, "15400000009"))

    assert phones()["李梅"] == "15400000009"
    assert Member.objects.get(name="李梅").health == "残疾"


def test_where_both_are_new_the_desk_stays_until_the_clerk_decides(
    client, take, at_desk, clerk, riverside, programme
):
    take(WANG, LI)
    at_desk("李梅", phone="15499999999")
    client.force_login(clerk)
    roster = bring(client, riverside, programme, HEADER, WANG, with_phone(LI, "15400000009"))

    page = page_of(client, roster)
    assert "档案与花名册对下列内容都有新的写法" in page
    assert "花名册新写：154****0009" in page_of(client, roster, "?show=desk")
    assert roster.rows_unchanged == 2
    verb(client, roster, "decide", file_wins=["phone", "nonsense"])

    roster.refresh_from_db()
    assert (roster.rows_updated, roster.file_wins) == (1, ["phone"])
    entry = Entry.objects.about(roster).get(deed="roster_words_decided")
    assert (entry.by, entry.detail["changed"]) == (clerk, {"file_wins": [[], ["phone"]]})
    history = client.get(reverse("history", args=["roster", roster.pk])).content.decode()
    assert "决定哪些内容以花名册为准" in history
    verb(client, roster, "commit")
    assert phones()["李梅"] == "15400000009"


def test_a_file_that_follows_the_desk_counts_again_from_then_on(take, at_desk):
    take(WANG, LI)
    at_desk("李梅", phone="15499999999")
    take(WANG, with_phone(LI, "15499999999"))

    take(WANG, LI)

    assert phones()["李梅"] == "15400000002"


def test_somebody_taken_out_at_the_desk_is_not_brought_back(take, at_desk):
    take(WANG, LI)
    at_desk("李梅", left_on="2026-01-01", leave_reason="moved_out")

    again = take(WANG, LI)

    assert Member.objects.count() == 2
    assert Member.objects.present().count() == 1
    assert (again.rows_created, again.rows_unchanged) == (0, 2)
    assert again.lines.get(name="李梅").kept[0][0] == "left"


def test_a_head_chosen_at_the_desk_stays_the_head(take, at_desk):
    take(WANG, LI)
    at_desk("王五", relation="配偶")
    at_desk("李梅", relation="户主")

    again = take(WANG, LI)

    assert dict(Member.objects.values_list("name", "relation")) == {"王五": "配偶", "李梅": "户主"}
    assert again.rows_unchanged == 2


def test_a_head_that_is_new_in_the_file_is_the_head(take, at_desk):
    take(WANG, LI)
    at_desk("王五", health="残疾")

    take([*WANG[:2], "配偶", *WANG[3:]], [*LI[:2], "户主", *LI[3:5], 2, *LI[6:]])

    assert Household.objects.get().head_name == "李梅"
    assert Member.objects.get(name="王五").health == "残疾"


def test_the_page_of_a_neighbour_decides_nothing(client, neighbour, take):
    roster = take(WANG, LI)
    client.force_login(neighbour)

    for name in ("decide", "families", "correct", "again", "undo", "headings"):
        assert (
            client.post(reverse(f"households:roster-{name}", args=[roster.pk])).status_code == 404
        )
