"""Units that are helped themselves: on the list, paired, out of difficulty and back."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from pairings.actions import pairs, units
from pairings.models import Pairing
from povertyaid.audit.models import Entry
from povertyaid.org import difficulty
from tests.every_url import said
from tests.factories import OrgUnitFactory
from tests.households.page import fields_of
from tests.pairings.page import DAY, LATER, address, errors_of, paired, send, told

LIST = reverse("pairings:difficulty-list")
ENTER = reverse("pairings:difficulty-enter")
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def mill(riverside):
    """An enterprise in difficulty, at Riverside."""
    return OrgUnitFactory(
        parent=riverside, code="B-RIV-M", name="红旗粮油厂", kind="enterprise", in_difficulty=True
    )


def helped(unit, helper, by, *, on=DAY):
    return pairs.pair_unit(unit, helper=helper, scheme="enterprise", on=on, by=by)


def listed(response):
    return [row.name for row in response.context["object_list"]]


def asked(desk, **query):
    return listed(desk.get(LIST, query))


# ---- the list


def test_who_helps_which_unit_since_when(desk, mill, helping, clerk):
    helped(mill, helping("于海涛"), clerk)

    response = desk.get(LIST)

    (row,) = response.context["object_list"]
    assert [pair.helper_names for pair in row.shown_pairs] == [["于海涛"]]
    page = response.content.decode()
    assert "2012-05-01" in page
    assert address("difficulty-leave", mill) in page


def test_the_list_is_narrowed(desk, mill, riverside, hillside, helping, clerk):
    village = OrgUnitFactory(
        parent=riverside, name="靠河村", kind="village", in_difficulty=True,
        out_of_difficulty_on=LATER,
    )  # fmt: skip
    OrgUnitFactory(parent=hillside, name="邻场砖厂", kind="enterprise", in_difficulty=True)
    OrgUnitFactory(parent=riverside, name="好企业", kind="enterprise")
    helped(mill, helping(), clerk)

    assert asked(desk) == [mill.name]
    assert asked(desk, state="left") == [village.name]
    assert sorted(asked(desk, state="all")) == sorted([mill.name, village.name])
    assert asked(desk, helped="yes") == [mill.name]
    assert asked(desk, helped="no") == []
    assert asked(desk, state="all", kind="village") == [village.name]
    assert asked(desk, q="hqlyc") == [mill.name]
    assert asked(desk, unit="B-RIV-M") == [mill.name]
    assert asked(desk, unit="B-HIL") == []
    told = {str(label): n for label, n in desk.get(LIST, {"state": "all"}).context["totals"]}
    assert told == {"尚未脱困": "1个", "已脱困（摘帽）": "1个"}


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, riverside, helping, clerk, n
):
    for nth in range(n):
        unit = OrgUnitFactory(parent=riverside, kind="enterprise", in_difficulty=True)
        helped(unit, helping(f"帮手{nth}"), clerk)

    with django_assert_num_queries(10):
        response = desk.get(LIST, headers=FRAGMENT)

    assert len(response.context["object_list"]) == n


def test_no_unit_in_difficulty_says_what_the_list_is_for(desk):
    assert "没有困难企业或贫困村" in desk.get(LIST).content.decode()


def test_the_list_is_taken_away_as_a_workbook(desk, mill, helping, clerk):
    helped(mill, helping("于海涛"), clerk)

    book = said(desk.post(reverse("pairings:difficulty-export"), {"query": "state=all"}))

    assert "红旗粮油厂" in book
    assert "于海涛" in book


# ---- on the list, out of it, back


def test_a_unit_is_put_on_the_list_and_paired(desk, riverside, helping, programme, clerk):
    works = OrgUnitFactory(parent=riverside, code="B-RIV-W", name="砖厂", kind="enterprise")

    answer = send(desk, ENTER, unit="砖厂", reason="停产两年")

    assert answer["Location"] == works.get_absolute_url()
    works.refresh_from_db()
    assert works.is_in_difficulty
    entry = Entry.objects.get(deed="difficulty_entered")
    assert (entry.target_code, entry.reason, entry.by) == ("B-RIV-W", "停产两年", clerk)
    section = desk.get(address("of-unit", works), headers=FRAGMENT).content.decode()
    pairing = f"{reverse('pairings:create-for-unit')}?unit=B-RIV-W"
    assert pairing in section
    assert fields_of(desk.get(pairing))["unit"] == "B-RIV-W 砖厂"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"kind": "zone"}, "kind"),
        ({"kind": "enterprise", "in_difficulty": True}, "in_difficulty"),
        ({"kind": "enterprise", "closed_on": DAY}, "closed"),
        (
            {"kind": "enterprise", "in_difficulty": True, "out_of_difficulty_on": DAY},
            "was_in_difficulty",
        ),
    ],
    ids=["no-enterprise", "on-it-already", "closed", "left-it"],
)
def test_what_is_not_put_on_the_list(clerk, riverside, facts, code):
    unit = OrgUnitFactory(parent=riverside, **facts)

    with pytest.raises(ValidationError) as refusal:
        difficulty.enter(unit, by=clerk)
    assert refusal.value.code == code


def test_a_neighbours_unit_is_unknown(desk, hillside):
    OrgUnitFactory(parent=hillside, name="邻场砖厂", kind="enterprise")

    assert errors_of(send(desk, ENTER, unit="邻场砖厂", reason="停产")) == {"unit": ["unknown"]}


def test_a_unit_leaves_difficulty_and_its_pair_ends(desk, mill, helping, clerk):
    pair = helped(mill, helping(), clerk)
    page = address("difficulty-leave", mill)
    assert "于海涛" in desk.get(page).content.decode()

    send(desk, page, on="2013-02-01", reason="扭亏为盈")

    mill.refresh_from_db()
    pair.refresh_from_db()
    assert mill.out_of_difficulty_on == LATER
    assert (pair.ends_on, pair.end_reason) == (LATER, Pairing.EndReason.OUT_OF_POVERTY)
    deeds = Entry.objects.filter(deed__in=["difficulty_left", "pair_ended"])
    assert {entry.reason for entry in deeds} == {"扭亏为盈"}
    assert "脱困（摘帽）" in desk.get(mill.get_absolute_url()).content.decode()


def test_the_pair_may_go_on(desk, mill, helping, clerk):
    pair = helped(mill, helping(), clerk)
    page = address("difficulty-leave", mill)
    typed = fields_of(desk.get(page)) | {"on": "2013-02-01", "reason": "巩固一年"}
    del typed["end_pairs"]

    desk.post(page, typed)

    pair.refresh_from_db()
    assert pair.stands


def test_a_unit_does_not_leave_before_its_pair_began(desk, mill, helping, clerk):
    helped(mill, helping(), clerk, on=LATER)

    answer = send(desk, address("difficulty-leave", mill), on="2012-05-01", reason="补登")

    assert any("2013-02-01" in text for text in told(answer))
    mill.refresh_from_db()
    assert mill.is_in_difficulty


def test_nor_in_the_future(desk, mill):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)

    answer = send(desk, address("difficulty-leave", mill), on=tomorrow.isoformat(), reason="预计")

    assert errors_of(answer) == {"on": ["future"]}


def test_who_has_left_does_not_leave_once_more(clerk, mill):
    units.leave_difficulty(mill, on=DAY, end_pairs=True, by=clerk)

    with pytest.raises(ValidationError) as refusal:
        units.leave_difficulty(mill, on=LATER, end_pairs=True, by=clerk)
    assert refusal.value.code == "not_in_difficulty"


def test_that_it_left_is_taken_back(desk, mill, clerk):
    units.leave_difficulty(mill, on=DAY, end_pairs=True, by=clerk)

    send(desk, address("difficulty-return", mill), reason="再度停产")

    mill.refresh_from_db()
    assert mill.is_in_difficulty
    with pytest.raises(ValidationError) as refusal:
        difficulty.come_back(mill, by=clerk, reason="再次")
    assert refusal.value.code == "in_difficulty"


# ---- on the unit's page


def test_the_unit_says_who_helps_it_and_who_did(desk, mill, helping, clerk):
    pair = helped(mill, helping("于海涛"), clerk)
    pairs.end(pair, on=LATER, end_reason="other", by=clerk)
    now = helped(mill, helping("赵铁柱"), clerk, on=LATER)
    section = address("of-unit", mill)
    assert section in desk.get(mill.get_absolute_url()).content.decode()

    shown = desk.get(section, headers=FRAGMENT).content.decode()

    assert shown.index("赵铁柱") < shown.index("于海涛")
    assert now.get_absolute_url() in shown
    assert "<html" not in shown
    assert "<html" in desk.get(section).content.decode()


def test_a_unit_that_nobody_helps_has_no_section(desk, riverside):
    assert desk.get(address("of-unit", riverside), headers=FRAGMENT).content.strip() == b""


def test_an_approver_reads_the_list_and_changes_nothing(client, approver, mill):
    client.force_login(approver)

    assert listed(client.get(LIST)) == [mill.name]
    assert client.get(address("difficulty-leave", mill)).status_code == 403


# ---- daily lists are one press away


def test_the_states_of_the_lists_are_links(desk, enrolled, helping, clerk):
    paired(enrolled("张三"), helping("于海涛"), clerk)
    helping("赵铁柱")

    page = desk.get(reverse("pairings:helper-list"), {"programme": "P1"})
    states = {str(one["label"]): one for one in page.context["states"]}
    assert states["在册"]["here"]
    idle = desk.get(reverse("pairings:helper-list") + states["没有结对户"]["url"])
    assert [row.name for row in idle.context["object_list"]] == ["赵铁柱"]
    assert "programme=P1" in states["没有结对户"]["url"]
    pairs_page = desk.get(reverse("pairings:list"), {"state": "left", "page": "2"})
    here = [one for one in pairs_page.context["states"] if one["here"]]
    assert [str(one["label"]) for one in here] == ["帮扶人已离开"]
    assert "page" not in here[0]["url"]


def test_the_home_page_counts_helpers_with_none_and_with_too_many(desk, enrolled, helping, clerk):
    card = reverse("home-card", args=["helpers-load"])
    assert "state=" not in desk.get(card).content.decode()
    busy = helping("于海涛")
    for nth in range(6):
        paired(enrolled(f"户{nth}"), busy, clerk)
    helping("赵铁柱")

    page = desk.get(card).content.decode()

    assert "state=idle" in page
    assert "state=overloaded" in page
    assert page.count("1\N{NO-BREAK SPACE}人") == 2
