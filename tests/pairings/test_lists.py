"""Lists of pairs, and of households without a helper: whose, on which day, how many."""

import pytest
from django.urls import reverse

from pairings.actions import helpers, pairs
from pairings.views.pairing import PairingList
from povertyaid.audit.models import Entry
from povertyaid.web.counting import BoundedPaginator
from tests.every_url import said
from tests.factories import ProgrammeFactory, id_number
from tests.pairings.page import DAY, LATER, paired

LIST = reverse("pairings:list")
UNPAIRED = reverse("pairings:unpaired")
FRAGMENT = {"HX-Request": "true"}


def targets(response):
    return sorted(row.target_name for row in response.context["object_list"])


def families(response):
    return sorted(row.household.head_name for row in response.context["object_list"])


def asked(desk, **query):
    return targets(desk.get(LIST, query))


# ---- pairs


def test_who_was_paired_on_a_day(desk, enrolled, helping, clerk):
    old, new = helping("于海涛"), helping("赵铁柱")
    pair = paired(enrolled("张三"), old, clerk, on=DAY)
    pairs.hand_over(pair, helper=old, to=new, on=LATER, by=clerk)
    paired(enrolled("李四"), new, clerk, on=LATER)

    then = desk.get(LIST, {"on": "2012年12月31日"})
    now = desk.get(LIST)

    assert [(row.target_name, row.helper_names) for row in then.context["object_list"]] == [
        ("张三", ["于海涛"])
    ]
    assert sorted((r.target_name, *r.helper_names) for r in now.context["object_list"]) == [
        ("张三", "赵铁柱"),
        ("李四", "赵铁柱"),
    ]
    assert "一帮多" in now.content.decode()
    assert "一帮多" not in then.content.decode().split("</form>")[-1]


def test_a_day_that_cannot_be_read_lists_nothing(desk, enrolled, helping, clerk):
    paired(enrolled(), helping(), clerk)

    assert asked(desk, on="去年") == []


def test_the_list_is_narrowed(desk, enrolled, helping, clerk, hillside, supervisor):
    leaver = helping("于海涛")
    paired(enrolled("张三"), leaver, clerk, scheme="hand_in_hand")
    helpers.leave(leaver, on=LATER, leave_reason="retired", by=clerk)
    two = paired(enrolled("李四"), helping("赵铁柱"), clerk)
    pairs.join(two, helper=helping("钱进"), on=LATER, by=clerk)
    over = paired(enrolled("王五"), helping("孙立"), clerk)
    pairs.end(over, on=LATER, end_reason="other", by=clerk)
    paired(enrolled("孟小山", unit=hillside), helping("周正", unit=hillside), supervisor)

    assert asked(desk) == ["张三", "李四"]
    assert asked(desk, state="left") == ["张三"]
    assert asked(desk, state="ended") == ["王五"]
    assert asked(desk, state="all") == ["张三", "李四", "王五"]
    assert asked(desk, scheme="hand_in_hand") == ["张三"]
    assert asked(desk, mode="two") == ["李四"]
    assert asked(desk, mode="two", on="2012-06-01") == []
    assert asked(desk, q="lisi") == ["李四"]
    assert asked(desk, q="钱进") == ["李四"]
    assert asked(desk, unit="B-RIV") == ["张三", "李四"]
    assert asked(desk, programme="P1", unit="B-HIL") == []


def test_an_ended_pair_names_who_was_on_it_at_its_end(desk, enrolled, helping, clerk):
    old, new = helping("于海涛"), helping("赵铁柱")
    pair = paired(enrolled("张三"), old, clerk)
    pairs.hand_over(pair, helper=old, to=new, on=LATER, by=clerk)
    pairs.end(pair, on=LATER.replace(month=5), end_reason="other", by=clerk)

    (row,) = desk.get(LIST, {"state": "ended"}).context["object_list"]

    assert row.helper_names == ["赵铁柱"]


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, helping, clerk, n
):
    for nth in range(n):
        paired(enrolled(f"户{nth}"), helping(f"帮手{nth}"), clerk)

    with django_assert_num_queries(10):
        response = desk.get(LIST, {"programme": "all"}, headers=FRAGMENT)

    assert len(response.context["object_list"]) == n


@pytest.mark.parametrize("n", [1, 3])
def test_a_pairs_page_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, helping, clerk, n
):
    pair = paired(enrolled(), helping(), clerk)
    for nth in range(n - 1):
        pairs.join(pair, helper=helping(f"帮手{nth}"), on=LATER, by=clerk)

    with django_assert_num_queries(9):
        desk.get(pair.get_absolute_url())


def test_the_last_pages_of_a_very_long_list_are_not_counted(
    desk, enrolled, helping, clerk, monkeypatch
):
    monkeypatch.setattr(BoundedPaginator, "counted_at_most", 2)
    monkeypatch.setattr(PairingList, "paginate_by", 1)
    for nth in range(3):
        paired(enrolled(f"户{nth}"), helping(f"帮手{nth}"), clerk)

    first, beyond = desk.get(LIST), desk.get(LIST, {"page": "9"})

    assert "超过 2" in first.content.decode()
    assert "第 1–1 条，超过 2 条" in first.content.decode()
    assert beyond.context["page_obj"].number == 2


def test_no_pair_yet_says_what_to_do(desk):
    page = desk.get(LIST).content.decode()

    assert "还没有结对" in page
    assert UNPAIRED in page


def test_the_pairs_are_taken_away_as_a_workbook(desk, enrolled, helping, clerk):
    paired(enrolled("张三"), helping(phone="13900000001"), clerk)

    book = said(desk.post(reverse("pairings:export"), {"query": "programme=all"}))

    assert "张三" in book
    assert "于海涛" in book
    assert "139****0001" in book
    assert "13900000001" not in book
    assert Entry.objects.get(deed="exported").detail["rows"] == 1


def test_nothing_to_export_is_told(desk):
    answer = desk.post(reverse("pairings:export"), {"query": "programme=all"}, follow=True)

    assert "没有可以导出的内容" in answer.content.decode()


# ---- households without a helper


def test_who_waits_for_a_helper(desk, enrolled, helping, clerk, hillside, programme):
    enrolled("张三")
    enrolled("孟小山", unit=hillside)
    enrolled("赵六", status="exited", exited_on=LATER, exit_label="脱困")
    paired(enrolled("李四"), helping(), clerk)
    over = paired(enrolled("王五", category="low_income"), helping("钱进"), clerk)
    pairs.end(over, on=LATER, end_reason="other", by=clerk)
    enrolled("周七", programme=ProgrammeFactory(lead_unit=programme.lead_unit))

    assert families(desk.get(UNPAIRED)) == ["周七", "张三", "王五"]
    assert families(desk.get(UNPAIRED, {"programme": "P1"})) == ["张三", "王五"]
    assert families(desk.get(UNPAIRED, {"category": "low_income"})) == ["王五"]
    assert families(desk.get(UNPAIRED, {"q": "zhangsan"})) == ["张三"]
    assert families(desk.get(UNPAIRED, {"state": "relapsed"})) == []


@pytest.mark.parametrize("n", [1, 3])
def test_the_waiting_list_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, n
):
    for nth in range(n):
        enrolled(f"户{nth}")

    with django_assert_num_queries(8):
        response = desk.get(UNPAIRED, {"programme": "all"}, headers=FRAGMENT)

    assert len(response.context["object_list"]) == n


def test_when_everybody_has_a_helper_the_list_says_so(desk):
    assert "需要帮扶的家庭都已结对" in desk.get(UNPAIRED).content.decode()


def test_nothing_ticked_is_told(desk):
    answer = desk.post(reverse("pairings:choose"), {"query": "programme=all"}, follow=True)

    assert "请选择要结对的家庭" in answer.content.decode()


def test_households_of_two_programmes_are_not_paired_in_one_form(desk, enrolled, programme):
    other = ProgrammeFactory(lead_unit=programme.lead_unit)
    keys = [enrolled("张三").pk, enrolled("李四", programme=other).pk]

    answer = desk.get(reverse("pairings:create"), {"enrolment": keys}, follow=True)

    assert "同一个工程" in answer.content.decode()


def test_a_neighbours_household_cannot_be_slipped_in(desk, enrolled, hillside):
    theirs = enrolled("孟小山", unit=hillside)

    answer = desk.get(reverse("pairings:create"), {"enrolment": theirs.pk}, follow=True)

    assert "孟小山" not in answer.content.decode()


# ---- the file of a household


def test_the_file_shows_who_helps_and_who_did(desk, enrolled, helping, clerk):
    enrolment = enrolled()
    old, new = helping("于海涛"), helping("赵铁柱", phone="13900000001")
    section = reverse("pairings:of_household", args=[enrolment.household.pk])
    assert section in desk.get(enrolment.household.get_absolute_url()).content.decode()
    before = desk.get(section, headers=FRAGMENT).content.decode()
    assert f"enrolment={enrolment.pk}" in before

    pair = paired(enrolment, old, clerk)
    pairs.hand_over(pair, helper=old, to=new, on=LATER, by=clerk)
    page = desk.get(section, headers=FRAGMENT).content.decode()

    assert page.index("赵铁柱") < page.index("于海涛")
    assert "139****0001" in page
    assert f"enrolment={enrolment.pk}" not in page
    assert "<html" not in page
    assert "<html" in desk.get(section).content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_the_section_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, helping, clerk, n
):
    enrolment = enrolled()
    pair = paired(enrolment, helping(), clerk)
    for nth in range(n - 1):
        pairs.join(pair, helper=helping(f"帮手{nth}"), on=LATER, by=clerk)
    section = reverse("pairings:of_household", args=[enrolment.household.pk])

    with django_assert_num_queries(8):
        desk.get(section, headers=FRAGMENT)


def test_the_printed_file_names_the_helpers(desk, enrolled, helping, clerk):
    enrolment = enrolled()
    paired(enrolment, helping("于海涛", phone="13900000001"), clerk)

    paper = said(desk.get(reverse("households:print", args=[enrolment.household.pk])))

    assert "于海涛" in paper
    assert "2012-05-01" in paper
    assert "13900000001" not in paper


@pytest.mark.parametrize("name", ["list", "unpaired", "helper-list"])
def test_a_number_of_a_person_is_taken_out_of_the_address(desk, name):
    address = reverse(f"pairings:{name}")

    answer = desk.get(address, {"q": id_number(7), "page": "2"})

    assert answer["Location"] == f"{address}?page=2"
    assert "以免号码留在网址里" in desk.get(answer["Location"]).content.decode()
