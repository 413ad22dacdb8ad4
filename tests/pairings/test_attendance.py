"""Who was there: found, pasted, ticked, taken off again; on paper, and on their own pages."""

import datetime
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from pairings.actions import activities
from pairings.forms import attendance as attending
from pairings.models import Attendance
from povertyaid.audit.models import Entry
from tests.every_url import said
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    MemberFactory,
    ProgrammeFactory,
    id_number,
)
from tests.households.page import fields_of
from tests.pairings.page import address, paired

FRAGMENT = {"HX-Request": "true"}
HELD_ON = datetime.date(2012, 3, 6)


@pytest.fixture
def activity(riverside, programme):
    return ActivityFactory(unit=riverside, programme=programme, title="养殖培训", held_on=HELD_ON)


@pytest.fixture
def page(activity):
    return address("activity-attend", activity)


def ask(desk, page, **typed):
    """Press a button of the attendance page, as a browser would send it."""
    return desk.post(page, fields_of(desk.get(page)) | typed)


def offered(response, key="found"):
    return sorted(one.name for one in response.context[key])


def on_list(activity):
    rows = Attendance.objects.filter(activity=activity).select_related("member", "helper")
    return sorted((one.member or one.helper).name for one in rows)


def m(enrolment):
    return f"m{enrolment.principal.pk}"


# ---- found by a word


@pytest.mark.parametrize("word", ["张三", "zhangsan", "zs", "FILE-7", "file-7", "三"])
def test_people_are_found_by_name_pinyin_initials_or_file_number(desk, page, enrolled, word):
    enrolled("张三", code="FILE-7")
    enrolled("李四")

    assert offered(ask(desk, page, find="1", q=word)) == ["张三"]


def test_an_identity_number_finds_its_person_and_stands_in_no_address(desk, page, enrolled):
    enrolled("张三", number=id_number(7))
    enrolled("李四")

    answer = ask(desk, page, find="1", q=id_number(7))

    assert offered(answer) == ["张三"]
    assert answer.request["QUERY_STRING"] == ""
    assert desk.get(page, {"q": id_number(7)}).context["found"] == []


def test_helpers_of_the_programme_are_found_beside(desk, page, helping, enrolled, programme):
    enrolled("于海波")
    helping("于海涛")
    helping("于海洋", programme=ProgrammeFactory(lead_unit=programme.lead_unit))

    assert offered(ask(desk, page, find="1", q="于海")) == ["于海波", "于海涛"]


def test_neither_the_neighbours_nor_who_is_not_in_the_programme(
    desk, page, enrolled, hillside, programme
):
    enrolled("张三外", unit=hillside)
    enrolled("张三旁", programme=ProgrammeFactory(lead_unit=programme.lead_unit))
    enrolled("张三除", status="removed")

    answer = ask(desk, page, find="1", q="张三")

    assert offered(answer) == []
    assert "没有找到可参加该活动的人员" in answer.content.decode()


def test_for_others_anybody_on_file_can_be_named(desk, activity, page, enrolled, programme):
    activity.beneficiary_group = "disabled"
    activity.save()
    enrolled("张三旁", programme=ProgrammeFactory(lead_unit=programme.lead_unit))

    assert offered(ask(desk, page, find="1", q="张三")) == ["张三旁"]


def test_who_belonged_to_the_family_on_that_day_can_be_named(desk, page, enrolled):
    household = enrolled("王五").household
    facts = {"household": household, "relation": "子女", "leave_reason": "moved_out"}
    MemberFactory(name="张三早", left_on=HELD_ON, **facts)
    MemberFactory(name="张三晚", left_on=HELD_ON + datetime.timedelta(days=1), **facts)

    assert offered(ask(desk, page, find="1", q="张三")) == ["张三晚"]


def test_more_than_fit_are_told(desk, page, enrolled, monkeypatch):
    monkeypatch.setattr(attending, "FOUND_AT_MOST", 2)
    for nth in range(3):
        enrolled(f"张三{nth}")

    answer = ask(desk, page, find="1", q="张三")

    assert len(answer.context["found"]) == 2
    assert "未全部显示" in answer.content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_finding_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, page, enrolled, helping, n
):
    for nth in range(n):
        enrolled(f"张三{nth}")
        helping(f"张三帮{nth}")
    typed = fields_of(desk.get(page)) | {"find": "1", "q": "张三"}

    with django_assert_num_queries(9):
        answer = desk.post(page, typed)

    assert len(answer.context["found"]) == 2 * n


# ---- ticked


def test_ticks_outlive_a_search_and_are_put_on_the_list(
    desk, activity, page, enrolled, helping, clerk
):
    first, second, helper = enrolled("张三"), enrolled("李四"), helping("于海涛")
    answer = ask(desk, page, find="1", q="李四", who=[m(first), f"h{helper.pk}"])
    assert offered(answer, "chosen") == ["于海涛", "张三"]

    ticked = fields_of(answer)["who"]
    done = desk.post(page, fields_of(answer) | {"add": "1", "who": [*ticked, m(second)]})

    assert done["Location"] == activity.get_absolute_url()
    assert on_list(activity) == ["于海涛", "张三", "李四"]
    activity.refresh_from_db()
    assert activity.version == 2
    entry = Entry.objects.get(deed="activity_attended")
    assert (entry.detail, entry.by) == ({"people": 3}, clerk)
    shown = desk.get(activity.get_absolute_url()).content.decode()
    assert "2\N{NO-BREAK SPACE}人次" in shown
    assert first.household.get_absolute_url() in shown


def test_the_list_of_a_browser_is_sent_once(desk, activity, page, enrolled):
    typed = fields_of(desk.get(page)) | {"add": "1", "who": [m(enrolled())]}

    assert [desk.post(page, typed).status_code for _press in range(2)] == [302, 302]
    assert Attendance.objects.count() == 1


def test_who_is_on_the_list_stays_once(desk, activity, page, enrolled):
    there = enrolled("张三")
    AttendanceFactory(activity=activity, member=there.principal)

    answer = ask(desk, page, add="1", who=[m(there)])

    assert on_list(activity) == ["张三"]
    assert "都已在名单上" in desk.get(answer["Location"]).content.decode()


def test_nobody_ticked_is_told(desk, page):
    assert "请勾选参加的人员" in ask(desk, page, add="1").content.decode()


@pytest.mark.parametrize("tick", ["m0", "x1", "m1;h2", "h99999999999999999999", "m"])
def test_a_tick_that_means_nobody_puts_nobody_on_the_list(desk, page, tick):
    assert ask(desk, page, add="1", who=[tick]).status_code == 200
    assert not Attendance.objects.exists()


def test_a_neighbours_member_cannot_be_slipped_in(desk, activity, page, enrolled, hillside, clerk):
    theirs = enrolled("孟小山", unit=hillside)

    answer = ask(desk, page, add="1", who=[m(theirs)])

    assert not Attendance.objects.exists()
    assert "孟小山" not in answer.content.decode()
    with pytest.raises(ValidationError) as refusal:
        activities.attend(activity, members=[theirs.principal], by=clerk)
    assert refusal.value.code == "unknown"


def test_who_is_not_in_the_programme_is_refused(activity, enrolled, programme, clerk):
    others = enrolled(programme=ProgrammeFactory(lead_unit=programme.lead_unit), code="FILE-9")

    with pytest.raises(ValidationError) as refusal:
        activities.attend(activity, members=[others.principal], by=clerk)

    assert refusal.value.code == "not_enrolled"
    assert "FILE-9" in refusal.value.messages[0]


def test_a_helper_of_another_programme_is_refused(activity, helping, programme, clerk):
    other = helping(programme=ProgrammeFactory(lead_unit=programme.lead_unit))

    with pytest.raises(ValidationError) as refusal:
        activities.attend(activity, helpers=[other], by=clerk)
    assert refusal.value.code == "other_programme"


def test_names_replace_a_number_only_where_the_clerk_says_so(desk, activity, page, enrolled):
    activity.headcount, activity.household_count = 40, 30
    activity.save()
    typed = {"add": "1", "who": [m(enrolled("张三"))]}

    answer = ask(desk, page, **typed)
    assert "请勾选确认" in answer.content.decode()
    assert on_list(activity) == []

    ask(desk, page, **typed, replace="1")
    activity.refresh_from_db()
    assert (activity.headcount, activity.household_count) == (None, None)
    assert on_list(activity) == ["张三"]


def test_helpers_are_named_beside_a_number(desk, activity, page, helping):
    """Who gives a lecture is none of those who were taught."""
    activity.headcount = 40
    activity.save()

    ask(desk, page, add="1", who=[f"h{helping().pk}"])

    activity.refresh_from_db()
    assert activity.headcount == 40
    assert on_list(activity) == ["于海涛"]


def test_one_taken_back_takes_nobody(desk, activity, page, clerk):
    activities.take_back(activity, by=clerk, reason="录错")

    answer = desk.get(page, follow=True)

    assert "请先恢复" in answer.content.decode()


# ---- pasted


@pytest.mark.parametrize(
    ("text", "said_of"),
    [
        ("张三\n李四", [["张三"], ["李四"]]),
        ("张三、李四，王五", [["张三"], ["李四"], ["王五"]]),
        ("张　三", [["张三"]]),
        ("\n  \n张三 ", [["张三"]]),
    ],
    ids=["one-a-line", "several-in-a-line", "spread-out", "empty-lines"],
)
def test_a_pasted_text_is_read_person_by_person(text, said_of):
    assert [words for _text, words in attending.pasted_lines(text)] == said_of


def test_a_pasted_list_is_matched(desk, activity, page, enrolled, helping):
    enrolled("张三", code="FILE-1")
    enrolled("李四", code="FILE-2")
    enrolled("李四", code="FILE-3")
    enrolled("王五", code="FILE-4", number=id_number(4))
    there = enrolled("赵六")
    AttendanceFactory(activity=activity, member=there.principal)
    helping("于海涛")
    pasted = "\n".join(
        [
            "张　三", "李四", "1\t李四\tFILE-3\t临江农场", f"某某\t{id_number(4)}", "赵六",
            "于海涛", "查无此人", "file-1",
        ]
    )  # fmt: skip

    answer = ask(desk, page, match="1", pasted=pasted)

    outcomes = [(line.outcome, len(line.people)) for line in answer.context["lines"]]
    assert outcomes == [
        ("matched", 1), ("several", 2), ("matched", 1), ("matched", 1), ("there", 1),
        ("matched", 1), ("nobody", 0), ("matched", 1),
    ]  # fmt: skip
    assert offered(answer, "chosen") == ["于海涛", "张三", "王五"]
    shown = re.sub(r"<textarea.*?</textarea>", "", answer.content.decode(), flags=re.DOTALL)
    assert "查无此人" in shown
    assert id_number(4) not in shown

    desk.post(page, fields_of(answer) | {"add": "1"})
    assert on_list(activity) == ["于海涛", "张三", "李四", "王五", "赵六"]


def test_a_file_number_alone_means_the_head(desk, page, enrolled):
    household = enrolled("张三", code="FILE-1").household
    MemberFactory(household=household, name="张小", relation="子女")

    answer = ask(desk, page, match="1", pasted="FILE-1")

    assert offered(answer, "chosen") == ["张三"]


def test_a_file_number_with_a_name_means_that_member(desk, page, enrolled):
    household = enrolled("张三", code="FILE-1").household
    MemberFactory(household=household, name="张小", relation="子女")

    answer = ask(desk, page, match="1", pasted="FILE-1 张小")

    assert offered(answer, "chosen") == ["张小"]


def test_what_is_too_long_is_told(desk, page, enrolled, monkeypatch):
    monkeypatch.setattr(attending, "PASTED_AT_MOST", 1)
    enrolled("张三")

    answer = ask(desk, page, match="1", pasted="张三\n李四")

    assert "再粘贴其余部分" in answer.content.decode()
    assert len(answer.context["lines"]) == 1


def test_a_text_beyond_measure_is_read_to_the_end_of_a_line(desk, page, enrolled, monkeypatch):
    monkeypatch.setattr(attending, "PASTED_LENGTH_AT_MOST", len("李四\nFILE-1"))
    enrolled("张三", code="FILE-1")

    answer = ask(desk, page, match="1", pasted="李四\nFILE-12")

    assert [line.outcome for line in answer.context["lines"]] == ["nobody"]
    assert "再粘贴其余部分" in answer.content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_matching_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, page, enrolled, helping, n
):
    for nth in range(n):
        enrolled(f"张三{nth}")
        helping(f"于海{nth}")
    pasted = "\n".join([f"张三{nth}\n于海{nth}" for nth in range(n)])
    typed = fields_of(desk.get(page)) | {"match": "1", "pasted": pasted}

    with django_assert_num_queries(13):
        answer = desk.post(page, typed)

    assert answer.context["n_matched"] == 2 * n


# ---- the list itself


def test_the_ticked_go_off_the_list_and_stay_in_the_history(desk, activity, enrolled):
    rows = [
        AttendanceFactory(activity=activity, member=enrolled(name).principal)
        for name in ("张三", "李四", "王五")
    ]

    desk.post(address("activity-leave-off", activity), {"pk": [rows[0].pk, rows[1].pk]})

    assert on_list(activity) == ["王五"]
    assert Entry.objects.get(deed="attendance_removed").detail == {"people": 2}
    history = desk.get(reverse("history", args=["activity", activity.pk])).content.decode()
    assert "张三" in history


def test_of_another_activity_nobody_is_taken_off(desk, activity, enrolled, programme, riverside):
    other = ActivityFactory(unit=riverside, programme=programme)
    row = AttendanceFactory(activity=other, member=enrolled().principal)

    answer = desk.post(address("activity-leave-off", activity), {"pk": [row.pk]}, follow=True)

    assert "请勾选要从名单上去掉的人" in answer.content.decode()
    assert Attendance.objects.count() == 1


def test_who_has_moved_away_keeps_the_name_and_loses_the_link(
    desk, activity, enrolled, hillside, riverside
):
    gone = enrolled("张三", code="FILE-1")
    AttendanceFactory(activity=activity, member=gone.principal)
    gone.household.unit = hillside
    gone.household.save()

    shown = desk.get(activity.get_absolute_url()).content.decode()

    assert "张三" in shown
    assert "FILE-1" not in shown
    assert "靠山农场" not in shown


@pytest.mark.parametrize("n", [1, 3])
def test_an_activitys_page_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, activity, enrolled, helping, n
):
    for nth in range(n):
        AttendanceFactory(activity=activity, member=enrolled(f"户{nth}").principal)
        AttendanceFactory(activity=activity, member=None, helper=helping(f"帮手{nth}"))

    with django_assert_num_queries(9):
        response = desk.get(activity.get_absolute_url())

    assert len(response.context["names"]) == 2 * n


def test_a_long_list_has_pages_and_is_printed_in_parts(desk, activity, enrolled, monkeypatch):
    monkeypatch.setattr("pairings.views.activity.NAMES_ON_A_PAGE", 2)
    monkeypatch.setattr("pairings.views.activity.NAMES_ON_PAPER", 2)
    for name in ("张三", "李四", "王五"):
        AttendanceFactory(activity=activity, member=enrolled(name).principal)

    first = desk.get(activity.get_absolute_url())
    assert len(first.context["names"]) == 2
    assert "分册打印" in first.content.decode()
    assert len(desk.get(activity.get_absolute_url(), {"page": "2"}).context["names"]) == 1
    paper = said(desk.get(address("activity-print", activity, part="2")))
    assert "第 2 册" in paper
    assert "王五" in paper
    assert "张三" not in paper


# ---- on paper


def test_the_attendance_list_says_who_was_there(desk, activity, enrolled, helping):
    AttendanceFactory(activity=activity, member=enrolled("张三", code="FILE-1").principal)
    AttendanceFactory(activity=activity, member=None, helper=helping("于海涛", home="场工会"))

    paper = said(desk.get(address("activity-print", activity)))

    for word in ("参加人员名单", "养殖培训", "张三", "FILE-1", "于海涛", "场工会", "2012-03-06"):
        assert word in paper
    told = Entry.objects.get(deed="exported")
    assert (told.target_id, told.detail) == (
        activity.pk, {"list": "pairings:activity-print", "rows": 2},
    )  # fmt: skip


def test_a_sheet_to_be_signed_has_the_names_and_empty_lines(desk, activity, enrolled, clerk):
    AttendanceFactory(activity=activity, member=enrolled("张三").principal)

    paper = said(desk.get(address("activity-sheet", activity)))

    for word in ("签到表", "张三", "签名", "21"):
        assert word in paper
    told = Entry.objects.get(deed="exported")
    assert (told.by, told.target_id, told.detail["list"]) == (
        clerk, activity.pk, "pairings:activity-sheet",
    )  # fmt: skip


def test_a_sheet_for_an_activity_to_come_keeps_nothing(
    desk, enrolled, helping, hillside, programme
):
    enrolled("张三")
    enrolled("孟小山", unit=hillside)
    enrolled("赵六", status="exited", exited_on=HELD_ON, exit_label="脱困")
    helping("于海涛")
    page = reverse("pairings:activity-sheet-new")
    typed = {"programme": programme.pk, "title": "下月培训", "on": "2030-01-05", "lines": "3"}

    heads = said(desk.post(page, fields_of(desk.get(page)) | typed | {"names": "heads"}))
    assert "张三" in heads
    assert "下月培训" in heads
    assert "2030-01-05" in heads
    assert "孟小山" not in heads
    assert "赵六" not in heads
    helpers = said(desk.post(page, fields_of(desk.get(page)) | typed | {"names": "helpers"}))
    assert "于海涛" in helpers
    assert "张三" not in helpers
    blank = desk.post(page, fields_of(desk.get(page)) | typed | {"names": "none"})
    assert blank.status_code == 200
    # Only that names left the program on it, and whoever took them along.
    told = [(one.deed, one.detail["rows"]) for one in Entry.objects.order_by("pk")]
    assert told == [("exported", 1), ("exported", 1)]


def test_a_sheet_of_too_many_names_is_refused(desk, enrolled, programme, monkeypatch):
    monkeypatch.setattr("pairings.views.activity.NAMES_ON_PAPER", 1)
    for name in ("张三", "李四"):
        enrolled(name)
    page = reverse("pairings:activity-sheet-new")
    typed = {"programme": programme.pk, "title": "培训", "names": "heads"}

    answer = desk.post(page, fields_of(desk.get(page)) | typed)

    assert "请选择下级单位" in answer.content.decode()


def test_a_sheet_without_names_and_lines_is_refused(desk, programme):
    page = reverse("pairings:activity-sheet-new")
    typed = {"programme": programme.pk, "title": "培训", "names": "none", "lines": "0"}

    answer = desk.post(page, fields_of(desk.get(page)) | typed)

    assert "lines" in answer.context["form"].errors


# ---- on the pages of those who were there


def test_the_file_of_a_family_says_what_it_took_part_in(desk, activity, enrolled, bureau, clerk):
    enrolment = enrolled("张三")
    AttendanceFactory(activity=activity, member=enrolment.principal)
    above = ActivityFactory(unit=bureau, programme=activity.programme, title="局里的培训")
    AttendanceFactory(activity=above, member=enrolment.principal)
    gone = ActivityFactory(unit=bureau, programme=activity.programme, title="录错的")
    AttendanceFactory(activity=gone, member=enrolment.principal)
    activities.take_back(gone, by=clerk, reason="录错")
    section = address("activities-of-household", enrolment.household)
    assert section in desk.get(enrolment.household.get_absolute_url()).content.decode()

    shown = desk.get(section, headers=FRAGMENT).content.decode()

    assert activity.get_absolute_url() in shown
    assert "局里的培训" in shown
    assert above.get_absolute_url() not in shown
    assert "录错的" not in shown
    assert "<html" not in shown
    assert "<html" in desk.get(section).content.decode()
    paper = said(desk.get(reverse("households:print", args=[enrolment.household.pk])))
    assert "养殖培训" in paper


@pytest.mark.parametrize("n", [1, 3])
def test_the_section_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, riverside, programme, enrolled, n
):
    enrolment = enrolled()
    for _nth in range(n):
        held = ActivityFactory(unit=riverside, programme=programme)
        AttendanceFactory(activity=held, member=enrolment.principal)

    with django_assert_num_queries(8):
        response = desk.get(
            address("activities-of-household", enrolment.household), headers=FRAGMENT
        )

    assert len(response.context["rows"]) == n


def test_a_helpers_page_says_what_the_helper_took_part_in(desk, activity, helping):
    helper = helping()
    AttendanceFactory(activity=activity, member=None, helper=helper)
    section = address("activities-of-helper", helper)
    assert section in desk.get(helper.get_absolute_url()).content.decode()

    assert "养殖培训" in desk.get(section, headers=FRAGMENT).content.decode()


def test_a_helpers_sign_in_sees_itself_and_its_households_there(
    client, helper, activity, enrolled, helping, clerk, programme, riverside
):
    me = helping("于海涛", staff=helper)
    mine = enrolled("张三")
    paired(mine, me, clerk)
    for enrolment in (mine, enrolled("李四")):
        AttendanceFactory(activity=activity, member=enrolment.principal)
    AttendanceFactory(activity=activity, member=None, helper=helping("赵铁柱"))
    own = ActivityFactory(unit=riverside, programme=programme, title="述职会")
    AttendanceFactory(activity=own, member=None, helper=me)
    others = ActivityFactory(unit=riverside, programme=programme, title="别人的会")
    client.force_login(helper)

    listed = client.get(reverse("pairings:activity-list"), {"programme": "all"}).content.decode()
    assert "养殖培训" in listed
    assert "述职会" in listed
    assert "别人的会" not in listed
    shown = client.get(activity.get_absolute_url()).content.decode()
    assert "张三" in shown
    assert "李四" not in shown
    assert "赵铁柱" not in shown
    assert client.get(others.get_absolute_url()).status_code == 404
    assert client.get(address("activity-print", activity)).status_code == 403
    assert "养殖培训" in client.get(
        address("activities-of-household", mine.household), headers=FRAGMENT
    ).content.decode()  # fmt: skip
    told = client.get(reverse("history", args=["activity", activity.pk])).content.decode()
    assert "李四" not in told
