"""Visits at the desk: written down, found, changed, taken back; problems solved; who may what."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from households.actions import files
from pairings.actions import visits
from pairings.actions.refusals import RefusedError, StaleError
from pairings.forms.pick import written
from pairings.models import Visit, VisitItem
from povertyaid.audit.models import Entry
from tests.every_url import said
from tests.factories import ProgrammeFactory
from tests.households.page import confirm, fields_of, warnings_on
from tests.pairings.page import LATER, address, errors_of, paired, send, told
from tests.pairings.visiting import (
    CHOOSE,
    COUNT,
    FRAGMENT,
    LIST,
    ON,
    PROBLEMS,
    counted,
    named_on,
    new_for,
    visited,
    with_item,
)


@pytest.fixture
def own(helping, helper):
    """帮扶干部小于 on the roster, with a sign-in."""
    return helping("于海涛", staff=helper)


@pytest.fixture
def zhang(enrolled, own, clerk):
    """张三, paired with 于海涛."""
    enrolment = enrolled("张三")
    paired(enrolment, own, clerk)
    return enrolment


# ---- writing down


def test_a_visit_is_written_down(desk, zhang, own, clerk):
    page = new_for(zhang)
    data = fields_of(desk.get(page))
    assert data["helper"] == written(own)  # who leads the pair is the first guess

    data |= {"visited_on": "2012年6月5日", "occasion": "consolation", "situation": "屋顶漏雨"}
    data = with_item(data, 0, kind="problem", times="1", note="屋顶")
    data = with_item(data, 1, kind="policy", times="2")
    response = desk.post(page, data)

    visit = Visit.objects.get()
    assert response["Location"] == visit.get_absolute_url()
    assert (visit.household, visit.helper, visit.unit) == (
        zhang.household, own, zhang.household.unit,
    )  # fmt: skip
    assert (visit.visited_on, visit.occasion, visit.situation) == (ON, "consolation", "屋顶漏雨")
    assert list(visit.items.values_list("kind", "times", "note")) == [
        ("problem", 1, "屋顶"), ("policy", 2, ""),
    ]  # fmt: skip
    entry = Entry.objects.get(deed="visit_recorded")
    assert (entry.by, entry.target_code) == (clerk, zhang.household.code)
    assert entry.detail["service"] == ["policy", "problem"]
    assert "屋顶" not in str(entry.detail)
    page = desk.get(visit.get_absolute_url()).content.decode()
    assert "走访慰问" in page
    assert "屋顶漏雨" in page


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"visited_on": "2099-01-01"}, {"visited_on": ["future"]}),
        ({"visited_on": "2010-12-31"}, {"visited_on": ["before_programme"]}),
        ({"visited_on": "去年"}, {"visited_on": ["unreadable"]}),
        ({"occasion": "party"}, {"occasion": ["invalid_choice"]}),
        ({"helper": "无此人"}, {"helper": ["unknown"]}),
    ],
    ids=["in the future", "before the programme", "no day", "no occasion", "nobody"],
)
def test_what_cannot_have_happened_is_refused(desk, zhang, typed, errors):
    response = send(desk, new_for(zhang), **typed)

    assert errors_of(response) == errors
    assert not Visit.objects.exists()


def test_a_row_without_its_kind_is_asked_for(desk, zhang):
    page = new_for(zhang)
    data = with_item(fields_of(desk.get(page)), 0, times="3")

    response = desk.post(page, data)

    assert response.context["form"].items.errors[0].as_data()["kind"][0].code == "required"


def test_a_visit_after_the_file_was_closed_is_refused_and_one_before_is_not(
    desk, zhang, clerk, own
):
    files.close(zhang.household, on=LATER, close_reason="other", reason="迁走", by=clerk)

    late = send(desk, new_for(zhang), visited_on="2013-02-02")
    before = send(desk, new_for(zhang), visited_on="2013-02-01")

    assert errors_of(late) == {"visited_on": ["after_closing"]}
    assert before.status_code == 302


def test_a_household_outside_the_programme_is_refused(zhang, clerk):
    zhang.programme = ProgrammeFactory(lead_unit=zhang.household.unit)

    with pytest.raises(RefusedError) as refusal:
        visited(zhang, by=clerk)

    assert refusal.value.code == "not_enrolled"


def test_what_is_odd_is_asked_once(desk, zhang, helping, own, clerk):
    visited(zhang, own, by=clerk, on=datetime.date(2011, 2, 1))
    page, other = new_for(zhang), helping("赵铁柱")
    data = fields_of(desk.get(page)) | {"helper": written(other), "visited_on": "2011-02-01"}
    data = with_item(data, 0, kind="policy", times="60")

    response = desk.post(page, data)

    assert warnings_on(response) == ["before_enrolment", "many_times", "not_on_pair", "same_day"]
    assert Visit.objects.count() == 1
    assert desk.post(page, confirm(data, response, "补录")).status_code == 302
    entry = Entry.objects.filter(deed="visit_recorded").first()
    assert "补录" in entry.reason
    assert "赵铁柱" not in entry.reason
    assert entry.detail["confirmed"] == [
        "before_enrolment", "many_times", "not_on_pair", "same_day",
    ]  # fmt: skip


def test_a_visit_is_not_counted_twice(desk, zhang, own, clerk):
    first = visited(zhang, own, by=clerk)

    response = send(desk, new_for(zhang), visited_on="2012-06-05")

    assert errors_of(response) == {"__all__": ["twice"]}
    assert first.get_absolute_url() in response.content.decode()
    with pytest.raises(ValidationError, match="已经录入"):
        visited(zhang, own, by=clerk)


def test_sent_twice_the_first_is_answered(zhang, own, clerk):
    first = visited(zhang, own, by=clerk)

    second = visited(zhang, own, by=clerk, key=first.key, situation="再来一次")

    assert second == first
    assert Visit.objects.get().situation == ""


def test_a_key_of_somebody_elses_visit_says_nothing_of_it(
    zhang, own, clerk, neighbour, enrolled, hillside
):
    first = visited(zhang, own, by=clerk)

    with pytest.raises(RefusedError) as refusal:
        visited(enrolled("孟小山", unit=hillside), by=neighbour, key=first.key)

    assert refusal.value.code == "key"


def test_a_press_too_many_keeps_one(desk, zhang):
    page = new_for(zhang)
    data = fields_of(desk.get(page)) | {"visited_on": "2012-06-05"}

    first, second = desk.post(page, data), desk.post(page, data)

    assert first["Location"] == second["Location"]
    assert Visit.objects.count() == 1


def test_without_a_household_one_is_chosen_first(desk, zhang, enrolled, clerk, own):
    enrolled("李四")
    visited(zhang, own, by=clerk)

    assert desk.get(reverse("pairings:visit-create"))["Location"] == CHOOSE
    page = desk.get(CHOOSE, {"q": "zhangsan"})

    assert [row.last_visited for row in page.context["object_list"]] == [ON]
    assert new_for(zhang) in page.content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_choosing_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, clerk, n
):
    for nth in range(n):
        visited(enrolled(f"户{nth}"), by=clerk)

    with django_assert_num_queries(8):
        desk.get(CHOOSE, {"programme": "all"}, headers=FRAGMENT)


# ---- counted together


def count_page(desk, **typed):
    return send(desk, COUNT, **{"visited_on": "2012-06-05", "occasion": "festival"} | typed)


def test_visits_counted_together_are_entered(desk, programme, riverside):
    response = count_page(desk, headcount="320")

    visit = Visit.objects.get()
    assert response["Location"] == visit.get_absolute_url()
    assert (visit.unit, visit.programme, visit.headcount, visit.household) == (
        riverside, programme, 320, None,
    )  # fmt: skip
    assert "320" in desk.get(visit.get_absolute_url()).content.decode()


@pytest.mark.parametrize("headcount", ["", "0", "-3", "许多"])
def test_a_headcount_is_a_number(desk, programme, headcount):
    assert list(errors_of(count_page(desk, headcount=headcount))) == ["headcount"]


def test_an_odd_headcount_and_a_second_row_are_asked(desk, programme, riverside, clerk):
    counted(programme, riverside, 90, by=clerk, occasion="festival")

    response = count_page(desk, headcount="57000")

    assert warnings_on(response) == ["counted_twice", "headcount"]
    assert "90" in response.content.decode()
    assert count_page(desk, headcount="900", occasion="routine").status_code == 302


def test_a_helper_counts_nothing_together(client, helper, own, programme, riverside):
    client.force_login(helper)

    assert client.get(COUNT).status_code == 403
    with pytest.raises(RefusedError) as refusal:
        counted(programme, riverside, 5, by=helper)
    assert refusal.value.code == "counted_by_the_office"


# ---- changing, taking back, solving


def test_a_visit_is_changed_with_what_was_done(desk, zhang, own, clerk):
    visit = visited(
        zhang, own, by=clerk, items=[{"kind": "policy"}, {"kind": "problem", "note": "屋顶"}]
    )
    page = address("visit-edit", visit)
    data = fields_of(desk.get(page)) | {"situation": "已修缮", "items-0-DELETE": "on"}
    data = with_item(data, 1, solved_on="2012-07-01", solution="工会出料")
    data = with_item(data, 2, kind="fund", times="1")

    assert desk.post(page, data).status_code == 302

    visit.refresh_from_db()
    assert (visit.situation, visit.version) == ("已修缮", 2)
    assert list(visit.items.values_list("kind", "solution")) == [
        ("problem", "工会出料"), ("fund", ""),
    ]  # fmt: skip
    assert Entry.objects.get(deed="visit_changed").detail["fields"] == ["situation", "items"]


def test_a_visit_saved_as_it_was_is_left_alone(desk, zhang, own, clerk):
    visit = visited(zhang, own, by=clerk, items=[{"kind": "policy"}])
    page = address("visit-edit", visit)

    assert desk.post(page, fields_of(desk.get(page))).status_code == 302

    visit.refresh_from_db()
    assert visit.version == 1
    assert not Entry.objects.filter(deed="visit_changed").exists()


def test_who_is_second_is_told(desk, zhang, own, clerk):
    visit = visited(zhang, own, by=clerk)
    page = address("visit-edit", visit)
    data = fields_of(desk.get(page))
    visits.add_photos(visit, [], by=clerk)
    visit.situation = "同事写的"
    visits.change_visit(visit, items=[], by=clerk)

    response = desk.post(page, data | {"situation": "我写的"})

    assert "同事" in told(response)[0]
    visit.refresh_from_db()
    assert visit.situation == "同事写的"
    with pytest.raises(StaleError):
        visits.take_back(visit, by=clerk, reason="重复", version=1)


def test_a_visit_changed_into_another_is_refused(desk, zhang, own, clerk):
    visited(zhang, own, by=clerk)
    other = visited(zhang, own, by=clerk, on=LATER)

    response = send(desk, address("visit-edit", other), visited_on="2012-06-05")

    assert errors_of(response) == {"__all__": ["twice"]}


def test_a_visit_is_taken_back_with_the_reason(desk, zhang, own, clerk):
    visit = visited(zhang, own, by=clerk, items=[{"kind": "problem"}])

    send(desk, address("visit-take-back", visit), reason="录错户")

    visit.refresh_from_db()
    assert (visit.voided_on, visit.void_reason) == (timezone.localdate(), "录错户")
    assert "录错户" in desk.get(visit.get_absolute_url()).content.decode()
    assert named_on(desk.get(LIST)) == []
    assert named_on(desk.get(LIST, {"state": "void"})) == ["张三"]
    assert list(desk.get(PROBLEMS).context["object_list"]) == []
    assert desk.get(address("visit-edit", visit)).status_code == 302
    with pytest.raises(RefusedError) as refusal:
        visits.change_visit(visit, items=[], by=clerk)
    assert refusal.value.code == "taken_back"
    visited(zhang, own, by=clerk)  # entered anew


def test_a_problem_is_solved(desk, zhang, own, clerk):
    visit = visited(zhang, own, by=clerk, items=[{"kind": "problem", "note": "屋顶漏雨"}])
    item = visit.items.get()
    assert "屋顶漏雨" in desk.get(PROBLEMS).content.decode()
    assert named_on(desk.get(LIST, {"state": "unsolved"})) == ["张三"]

    early = send(desk, address("visit-solve", item), on="2012-06-04")
    send(desk, address("visit-solve", item), on="2012-07-01", solution="已翻修")

    assert "2012-06-05" in told(early)[0]
    item.refresh_from_db()
    assert (item.solved_on, item.solution) == (datetime.date(2012, 7, 1), "已翻修")
    assert list(desk.get(PROBLEMS).context["object_list"]) == []
    assert "已经解决" in told(send(desk, address("visit-solve", item), on="2012-07-02"))[0]


def test_only_a_problem_is_solved(desk, zhang, own, clerk):
    item = visited(zhang, own, by=clerk, items=[{"kind": "policy"}]).items.get()

    assert len(told(send(desk, address("visit-solve", item), on="2012-07-01"))) == 1


def test_a_problem_is_not_solved_tomorrow(zhang, own, clerk):
    item = visited(zhang, own, by=clerk, items=[{"kind": "problem"}]).items.get()

    with pytest.raises(RefusedError) as refusal:
        visits.solve_problem(item, on=datetime.date(2099, 1, 1), by=clerk)

    assert refusal.value.code == "solved_in_future"


# ---- a helper's own sign-in


def test_a_helper_writes_down_the_own_visit(client, helper, own, zhang):
    client.force_login(helper)
    page = new_for(zhang)
    data = fields_of(client.get(page))
    assert "helper" not in data

    client.post(page, data | {"visited_on": "2012-06-05"})

    visit = Visit.objects.get()
    assert (visit.helper, visit.recorded_by) == (own, helper)
    assert client.get(visit.get_absolute_url()).status_code == 200
    assert named_on(client.get(LIST, {"programme": "all"})) == ["张三"]


def test_a_helper_was_on_the_pair_that_day(client, helper, own, zhang):
    client.force_login(helper)

    response = send(client, new_for(zhang), visited_on="2012-04-30")

    assert errors_of(response) == {"visited_on": ["not_on_pair_then"]}


def test_a_helper_sees_no_other_household_to_visit(client, helper, own, zhang, enrolled):
    other = enrolled("李四")
    client.force_login(helper)

    assert client.get(new_for(other)).status_code == 404
    assert client.get(CHOOSE, {"programme": "all"}).context["object_list"].count() == 1


def test_a_helper_says_nothing_of_anothers_visit(client, helper, own, zhang, helping, clerk):
    visit = visited(zhang, helping("赵铁柱"), by=clerk, items=[{"kind": "problem"}])
    client.force_login(helper)

    assert client.get(visit.get_absolute_url()).status_code == 200
    for name in ("visit-edit", "visit-take-back", "visit-photos", "visit-sign"):
        assert client.get(address(name, visit))["Location"] == visit.get_absolute_url()
    with pytest.raises(RefusedError) as refusal:
        visits.take_back(visit, by=helper, reason="不是我的")
    assert refusal.value.code == "not_yours"
    with pytest.raises(RefusedError) as refusal:
        visited(zhang, visit.helper, by=helper)
    assert refusal.value.code == "not_you"


def test_a_helper_without_an_entry_is_told(client, helper, own, zhang, clerk, programme):
    """Paired in one programme, the household is seen; in another one is on no roster."""
    other = ProgrammeFactory(lead_unit=programme.lead_unit)
    zhang.pk, zhang.programme = None, other
    zhang.save()
    client.force_login(helper)

    assert client.get(new_for(zhang))["Location"] == zhang.household.get_absolute_url()


@pytest.mark.parametrize("role", ["approver", "supervisor", "auditor"])
def test_who_only_reads_reads(client, request, zhang, own, clerk, role):
    visit = visited(zhang, own, by=clerk)
    client.force_login(request.getfixturevalue(role))

    page = client.get(visit.get_absolute_url())

    assert page.status_code == 200
    assert address("visit-edit", visit) not in page.content.decode()
    assert client.get(address("visit-edit", visit)).status_code == 403
    assert client.get(new_for(zhang)).status_code == 403


def test_the_neighbour_sees_nothing(client, neighbour, zhang, own, clerk):
    visit = visited(zhang, own, by=clerk, items=[{"kind": "problem"}])
    client.force_login(neighbour)

    assert client.get(visit.get_absolute_url()).status_code == 404
    assert client.get(new_for(zhang)).status_code == 404
    assert named_on(client.get(LIST, {"programme": "all", "state": "all"})) == []
    assert list(client.get(PROBLEMS).context["object_list"]) == []


# ---- the list


@pytest.fixture
def several(zhang, own, helping, enrolled, clerk, programme, riverside):
    visited(
        zhang, own, by=clerk, occasion="helping_day",
        items=[{"kind": "policy", "times": 3}, {"kind": "problem"}],
    )  # fmt: skip
    other = enrolled("李四")
    visited(other, helping("赵铁柱"), by=clerk, on=LATER)
    visited(zhang, own, by=clerk, on=LATER, items=[{"kind": "fund"}])
    counted(programme, riverside, 320, by=clerk, occasion="festival", items=[{"kind": "fund"}])


def asked(desk, **query):
    return sorted(named_on(desk.get(LIST, query)))


def test_the_list_is_narrowed(desk, several, zhang):
    assert asked(desk) == ["临江农场", "张三", "张三", "李四"]
    assert asked(desk, q="lisi") == ["李四"]
    assert asked(desk, q="于海涛") == ["张三", "张三"]
    assert asked(desk, q=zhang.household.code) == ["张三", "张三"]
    assert asked(desk, occasion="helping_day") == ["张三"]
    assert asked(desk, service="fund") == ["临江农场", "张三"]
    assert asked(desk, names="counted") == ["临江农场"]
    assert asked(desk, names="named", last="2012-12-31") == ["张三"]
    assert asked(desk, first="2013.2.1") == ["张三", "李四"]
    assert asked(desk, state="unsolved") == ["张三"]
    assert asked(desk, state="signed") == []
    assert asked(desk, state="unsigned") == ["张三", "张三", "李四"]
    assert asked(desk, unit="B-HIL") == []
    assert asked(desk, first="去年") == []


def test_the_sums_are_kept_apart_by_kind(desk, several):
    page = desk.get(reverse("pairings:visit-total"), {"programme": "all"}, headers=FRAGMENT)

    assert [text for _label, text in page.context["totals"]] == [
        "323\xa0人次",
        "2\xa0户",
        "6\xa0件次",
    ]
    whole = desk.get(reverse("pairings:visit-total"), {"programme": "all"}, follow=True)
    assert "323" in whole.content.decode()


def test_the_list_goes_into_a_workbook(desk, several, clerk):
    answer = desk.post(reverse("pairings:visit-export"), {"query": "programme=all"})

    assert "送政策 3" in said(answer)
    assert Entry.objects.get(deed="exported").detail["rows"] == 4


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, clerk, n
):
    for nth in range(n):
        visited(enrolled(f"户{nth}"), by=clerk, items=[{"kind": "policy"}] * n)

    with django_assert_num_queries(10):
        response = desk.get(LIST, {"programme": "all"}, headers=FRAGMENT)

    assert len(response.context["object_list"]) == n


@pytest.mark.parametrize("n", [1, 3])
def test_a_visits_page_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, zhang, clerk, n
):
    visit = visited(zhang, by=clerk, items=[{"kind": "problem"}] * n)

    with django_assert_num_queries(8):
        desk.get(visit.get_absolute_url())


@pytest.mark.parametrize("n", [1, 3])
def test_the_problems_take_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, clerk, n
):
    for nth in range(n):
        visited(enrolled(f"户{nth}"), by=clerk, items=[{"kind": "problem"}])

    with django_assert_num_queries(7):
        desk.get(PROBLEMS, headers=FRAGMENT)


def test_no_visit_yet_says_what_to_do(desk):
    assert "还没有走访记录" in desk.get(LIST).content.decode()


def test_a_persons_number_stays_out_of_the_address(desk):
    assert desk.get(LIST, {"q": "239901197001010037"})["Location"] == LIST


# ---- on other pages


def test_the_file_the_helper_and_the_pair_say_who_visited(desk, zhang, own, helping, clerk):
    visited(zhang, own, by=clerk, items=[{"kind": "policy", "times": 2}])
    visited(zhang, helping("赵铁柱"), by=clerk, on=LATER)
    pairing = zhang.pairings.get()

    on_file = desk.get(address("visits_of_household", zhang.household)).content.decode()
    of_helper = desk.get(address("visits_of_helper", own)).content.decode()
    of_pair = desk.get(address("visits_of_pair", pairing), headers=FRAGMENT).content.decode()

    assert "赵铁柱" in on_file
    assert "送政策 2" in on_file
    assert "张三" in of_helper
    assert "2013-02-01" not in of_helper
    assert "于海涛" in of_pair
    assert "赵铁柱" not in of_pair
    for row, name in (
        (zhang.household, "visits_of_household"), (own, "visits_of_helper"),
        (pairing, "visits_of_pair"),
    ):  # fmt: skip
        assert address(name, row) in desk.get(row.get_absolute_url()).content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_a_section_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, zhang, own, clerk, n
):
    for nth in range(n):
        day = ON + datetime.timedelta(days=nth)
        visited(zhang, own, by=clerk, on=day, items=[{"kind": "policy"}] * n)

    with django_assert_num_queries(11):
        desk.get(address("visits_of_household", zhang.household), headers=FRAGMENT)


def test_the_printed_file_names_the_visits(zhang, own, clerk):
    from pairings.sections import printed_visits  # noqa: PLC0415 -- only here

    visited(zhang, own, by=clerk, items=[{"kind": "technique"}])

    told = printed_visits(zhang.household, clerk)

    assert [row.done_words for row in told["rows"]] == ["送技术"]


# ---- files that move and merge


def test_visits_move_with_the_file(zhang, own, clerk, bureau, supervisor):
    from tests.factories import OrgUnitFactory  # noqa: PLC0415 -- only here

    visit = visited(zhang, own, by=clerk)
    to = OrgUnitFactory(parent=zhang.household.unit)

    files.move(zhang.household, to=to, by=clerk, reason="调整")

    visit.refresh_from_db()
    assert visit.unit == to


def test_visits_of_a_merged_file_follow_and_none_is_counted_twice(
    desk, zhang, own, enrolled, clerk
):
    again = enrolled("张三")
    twice = [visited(one, own, by=clerk) for one in (zhang, again)]
    nobody = [visited(one, by=clerk, on=LATER) for one in (zhang, again)]
    only = visited(again, own, by=clerk, on=LATER)

    files.merge(zhang.household, again.household, on=LATER, by=clerk, reason="重复建档")

    for visit in (*twice, *nobody, only):
        visit.refresh_from_db()
    assert (only.household, only.counts) == (zhang.household, True)
    for kept, double in (twice, nobody):
        assert kept.counts
        assert (double.household, double.counts) == (again.household, False)
    page = desk.get(address("visits_of_household", zhang.household))
    assert page.context["told"]["person_times"] == 3
    assert len(page.context["rows"]) == 5
    assert desk.get(twice[1].get_absolute_url()).status_code == 200
    assert Visit.objects.counted().count() == 3


# ---- history


def test_the_history_tells_of_the_visit_and_what_was_done(desk, zhang, own, clerk):
    visit = visited(zhang, own, by=clerk, items=[{"kind": "problem", "note": "屋顶"}])
    visits.solve_problem(visit.items.get(), on=ON, solution="已修", by=clerk)

    page = desk.get(reverse("history", args=["visit", visit.pk])).content.decode()

    assert "记录走访" in page
    assert "解决难题" in page
    assert "已修" in page
    assert VisitItem.objects.get().solved_on == ON
