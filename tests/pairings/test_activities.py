"""Activities: recorded once held, changed, counted, taken back; listed, added up, taken away."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from pairings.actions import activities
from pairings.models import Activity, Attendance
from povertyaid.audit.models import Entry
from tests.every_url import said
from tests.factories import (
    ActivityFactory,
    AttendanceFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    SchemeItemFactory,
    id_number,
)
from tests.households.page import confirm, fields_of, warnings_on
from tests.pairings.page import address, errors_of, send, told

LIST = reverse("pairings:activity-list")
CREATE = reverse("pairings:activity-create")
pytestmark = pytest.mark.usefixtures("programme")
FRAGMENT = {"HX-Request": "true"}
TYPED = {"kind": "training", "held_on": "2012年3月6日", "sessions": "2"}


@pytest.fixture
def held(riverside, programme):
    """Makes an activity of Riverside, by its title."""

    def make(title="养殖培训", *, unit=riverside, **facts):
        facts = {"programme": programme} | facts
        return ActivityFactory(unit=unit, title=title, **facts)

    return make


def titles(response):
    return sorted(row.title for row in response.context["object_list"])


# ---- recorded


def test_an_activity_is_recorded_with_a_number(desk, programme, riverside, clerk):
    answer = send(
        desk, CREATE, **TYPED, topic="养殖", title="春季养殖培训班", place="场部会议室",
        headcount="40", household_count="31",
    )  # fmt: skip

    made = Activity.objects.get()
    assert answer["Location"] == made.get_absolute_url()
    assert (made.programme, made.unit, made.recorded_by) == (programme, riverside, clerk)
    assert (made.held_on, made.sessions) == (datetime.date(2012, 3, 6), 2)
    assert (made.headcount, made.household_count) == (40, 31)
    entry = Entry.objects.get(deed="activity_recorded")
    assert (entry.target_code, entry.by) == (f"B-RIV/A{made.pk}", clerk)
    page = desk.get(made.get_absolute_url()).content.decode()
    assert "40\N{NO-BREAK SPACE}人次" in page
    assert "2 期" in page


def test_names_are_asked_for_on_the_next_page(desk):
    answer = send(desk, CREATE, **TYPED, kept_as="names")

    assert answer["Location"] == address("activity-attend", Activity.objects.get())


def test_names_and_a_number_together_are_refused(desk):
    answer = send(desk, CREATE, **TYPED, kept_as="names", headcount="40")

    assert errors_of(answer) == {"kept_as": ["names_and_number"]}
    assert not Activity.objects.exists()


def test_what_is_only_planned_is_not_recorded(desk, held, clerk, programme, riverside):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)

    answer = send(desk, CREATE, **TYPED | {"held_on": tomorrow.isoformat()})

    assert errors_of(answer) == {"held_on": ["future"]}
    with pytest.raises(ValidationError) as refusal:
        activities.enter(
            Activity(programme=programme, unit=riverside, kind="meeting", held_on=tomorrow),
            by=clerk,
        )
    assert refusal.value.code == "future"


@pytest.mark.parametrize(
    ("typed", "codes"),
    [
        ({"held_on": "2010-12-31"}, ["before_programme"]),
        ({"headcount": "5", "household_count": "6"}, ["fewer_people"]),
        ({"sessions": "61"}, ["many_sessions"]),
        ({"headcount": "5", "lifted_count": "6"}, ["more_lifted"]),
    ],
    ids=["before-the-programme", "fewer-people", "many-sessions", "more-lifted"],
)
def test_what_is_doubtful_is_asked_about_and_may_be_true(desk, typed, codes):
    answer = send(desk, CREATE, **TYPED | typed)

    assert warnings_on(answer) == codes
    assert not Activity.objects.exists()

    desk.post(CREATE, confirm(fields_of(answer), answer, "已核实"))
    assert Activity.objects.count() == 1
    assert "已核实" in Entry.objects.get(deed="activity_recorded").reason


def test_after_the_programme_is_asked_about(desk, programme):
    programme.ends_on = datetime.date(2012, 1, 31)
    programme.save()

    assert warnings_on(send(desk, CREATE, **TYPED)) == ["after_programme"]


def test_the_same_twice_on_a_day_is_asked_about(desk, held):
    held("养殖培训", held_on=datetime.date(2012, 3, 6))

    assert warnings_on(send(desk, CREATE, **TYPED, title="养殖培训")) == ["recorded_already"]
    assert send(desk, CREATE, **TYPED, title="种植培训").status_code == 302


def test_one_taken_back_is_no_second(desk, held, clerk):
    gone = held("养殖培训", held_on=datetime.date(2012, 3, 6))
    activities.take_back(gone, by=clerk, reason="录错")

    assert send(desk, CREATE, **TYPED, title="养殖培训").status_code == 302


def test_a_topic_that_is_the_same_everywhere_is_kept_as_its_code(desk, programme):
    SchemeItemFactory(programme=programme, list_name="活动主题", label="电焊")
    page = desk.get(CREATE).content.decode()
    assert 'value="慰问活动"' in page
    assert 'value="电焊"' in page

    send(desk, CREATE, **TYPED, topic="慰问活动")
    send(desk, CREATE, **TYPED, topic=" 电  焊 ", title="二")

    assert sorted(Activity.objects.values_list("topic", flat=True)) == ["consolation", "电 焊"]
    first = Activity.objects.get(topic="consolation")
    assert fields_of(desk.get(address("activity-edit", first)))["topic"] == "慰问活动"


def test_a_unit_of_the_neighbour_is_unknown(desk, hillside):
    answer = send(desk, CREATE, **TYPED, unit="B-HIL")

    assert errors_of(answer) == {"unit": ["unknown"]}


# ---- changed


def test_a_change_says_who_and_what(desk, held, clerk):
    made = held()

    send(desk, address("activity-edit", made), place="大礼堂", headcount="12")

    made.refresh_from_db()
    assert (made.place, made.headcount, made.version) == ("大礼堂", 12, 2)
    entry = Entry.objects.get(deed="activity_changed")
    assert entry.detail == {"fields": ["place", "headcount"]}
    history = desk.get(reverse("history", args=["activity", made.pk])).content.decode()
    assert "大礼堂" in history


def test_two_at_one_activity_the_second_is_told(desk, held, clerk):
    made = held()
    typed = fields_of(desk.get(address("activity-edit", made))) | {"place": "甲"}
    made.place = "乙"
    activities.change(made, by=clerk)

    answer = desk.post(address("activity-edit", made), typed)

    assert any("同事" in text for text in told(answer))
    made.refresh_from_db()
    assert made.place == "乙"


def test_nothing_changed_is_no_deed(desk, held):
    made = held()

    send(desk, address("activity-edit", made))

    made.refresh_from_db()
    assert made.version == 1
    assert not Entry.objects.filter(deed="activity_changed").exists()


def test_where_there_are_names_no_number_is_asked_for(desk, held, enrolled, clerk):
    made = held()
    AttendanceFactory(activity=made, member=enrolled().principal)

    assert "headcount" not in fields_of(desk.get(address("activity-edit", made)))
    made.headcount = 40
    with pytest.raises(ValidationError) as refusal:
        activities.change(made, by=clerk)
    assert refusal.value.code == "named"


def test_names_of_others_do_not_become_the_programmes_own(desk, held, enrolled, programme):
    """A list held for 残疾人 is not turned into one of 在册对象 by a change of one word."""
    stranger = enrolled(programme=ProgrammeFactory(lead_unit=programme.lead_unit)).principal
    made = held(beneficiary_group="disabled")
    AttendanceFactory(activity=made, member=stranger)

    answer = send(desk, address("activity-edit", made), beneficiary_group="enrolled")

    assert any("不在本工程内" in text for text in told(answer))
    made.refresh_from_db()
    assert made.beneficiary_group == "disabled"


# ---- counted instead, taken back


def test_a_number_takes_the_place_of_names(desk, held, enrolled, helping, clerk):
    made = held()
    for name in ("张三", "李四"):
        AttendanceFactory(activity=made, member=enrolled(name).principal)
    AttendanceFactory(activity=made, member=None, helper=helping())
    page = address("activity-count", made)
    assert fields_of(desk.get(page))["headcount"] == "2"

    send(desk, page, headcount="30", household_count="20", reason="名单不全")

    made.refresh_from_db()
    assert (made.headcount, made.household_count) == (30, 20)
    assert [one.helper.name for one in Attendance.objects.all()] == ["于海涛"]
    assert Entry.objects.get(deed="activity_counted").detail == {"people": 30, "names": 2}
    history = desk.get(reverse("history", args=["activity", made.pk])).content.decode()
    assert "张三" in history


def test_fewer_people_than_households_are_asked_about_here_too(desk, held):
    page = address("activity-count", held())

    assert warnings_on(send(desk, page, headcount="3", household_count="4", reason="补记")) == [
        "fewer_people"
    ]


def test_an_activity_is_taken_back_with_a_reason_and_restored(desk, held):
    made = held()
    send(desk, address("activity-take-back", made), reason="重复登记")

    made.refresh_from_db()
    assert (made.voided_on, made.void_reason) == (timezone.localdate(), "重复登记")
    assert titles(desk.get(LIST)) == []
    assert titles(desk.get(LIST, {"state": "taken_back"})) == ["养殖培训"]
    assert "重复登记" in desk.get(made.get_absolute_url()).content.decode()

    send(desk, address("activity-restore", made), reason="并未重复")
    assert titles(desk.get(LIST)) == ["养殖培训"]
    deeds = Entry.objects.order_by("pk").values_list("deed", flat=True)
    assert list(deeds) == ["activity_taken_back", "activity_restored"]


def test_without_a_reason_nothing_is_taken_back(desk, held):
    made = held()

    answer = send(desk, address("activity-take-back", made), reason="")

    assert errors_of(answer) == {"reason": ["required"]}
    made.refresh_from_db()
    assert made.counts


@pytest.mark.parametrize(
    "deed",
    [
        lambda gone, clerk: activities.take_back(gone, by=clerk, reason="再次"),
        lambda gone, clerk: activities.attend(gone, by=clerk),
        lambda gone, clerk: activities.leave_off(gone, attendances=[], by=clerk),
        lambda gone, clerk: activities.count_instead(gone, headcount=1, by=clerk, reason="再次"),
        lambda gone, clerk: activities.change(gone, by=clerk),
    ],
    ids=["take-back", "attend", "leave-off", "count", "change"],
)
def test_with_one_taken_back_nothing_else_is_done(held, clerk, deed):
    gone = held()
    activities.take_back(gone, by=clerk, reason="录错")

    with pytest.raises(ValidationError) as refusal:
        deed(gone, clerk)
    assert refusal.value.code == "taken_back"


def test_one_that_counts_is_not_restored(held, clerk):
    with pytest.raises(ValidationError) as refusal:
        activities.restore(held(), by=clerk, reason="误点")
    assert refusal.value.code == "counts"


# ---- the list


def test_the_list_is_narrowed(desk, held, enrolled, hillside, clerk, programme):
    held("养殖培训", headcount=40, topic="养殖", held_on=datetime.date(2012, 3, 6))
    named = held("医疗日", kind="volunteer", topic="medical", held_on=datetime.date(2012, 6, 1))
    AttendanceFactory(activity=named, member=enrolled().principal)
    held("宣讲", kind="talk_tour", beneficiary_group="public", held_on=datetime.date(2013, 1, 5))
    held("邻场会", unit=hillside)

    def asked(**query):
        return titles(desk.get(LIST, query))

    assert asked() == ["养殖培训", "医疗日", "宣讲"]
    assert asked(kind="volunteer") == ["医疗日"]
    assert asked(topic="medical") == ["医疗日"]
    assert asked(topic="养殖") == ["养殖培训"]
    assert asked(group="public") == ["宣讲"]
    assert asked(kept="named") == ["医疗日"]
    assert asked(kept="counted") == ["养殖培训"]
    assert asked(kept="missing") == ["宣讲"]
    assert asked(first="2012-06-01") == ["医疗日", "宣讲"]
    assert asked(last="2012年6月1日") == ["养殖培训", "医疗日"]
    assert asked(q="医疗服务") == ["医疗日"]
    assert asked(q="宣") == ["宣讲"]
    assert asked(unit="B-RIV", programme="P1") == ["养殖培训", "医疗日", "宣讲"]
    assert asked(unit="B-HIL", programme="P1") == []
    assert asked(first="昨天") == []


def test_classes_events_people_and_households_are_added_up_apart(desk, held, enrolled, helping):
    held(sessions=3, headcount=40, household_count=31)
    twice = enrolled("张三").principal
    for title in ("甲", "乙"):
        named = held(title, kind="lecture", sessions=2)
        AttendanceFactory(activity=named, member=twice)
        AttendanceFactory(activity=named, member=None, helper=helping(title))
    held(kind="meeting")
    held(kind="vocational", beneficiary_group="disabled", headcount=3000)

    told = {str(label): text for label, text in desk.get(LIST).context["totals"]}

    assert told == {
        "培训班": "4期",
        "讲座宣传": "4场次",
        "会议活动": "1次",
        "在册对象": "42\N{NO-BREAK SPACE}人次 · 32\N{NO-BREAK SPACE}户",
        "残疾人": "3,000\N{NO-BREAK SPACE}人次",
    }


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, held, enrolled, n
):
    for nth in range(n):
        made = held(f"第{nth}期", topic=f"主题{nth}")
        AttendanceFactory(activity=made, member=enrolled(f"户{nth}").principal)

    with django_assert_num_queries(13):
        response = desk.get(LIST, {"programme": "all"}, headers=FRAGMENT)

    assert [row.people for row in response.context["object_list"]] == [1] * n


def test_no_activity_yet_says_what_to_do(desk):
    page = desk.get(LIST).content.decode()

    assert "还没有登记活动" in page
    assert CREATE in page


def test_a_number_of_a_person_is_taken_out_of_the_address(desk):
    answer = desk.get(LIST, {"q": id_number(7), "kind": "training"})

    assert answer["Location"] == f"{LIST}?kind=training"


def test_the_list_is_taken_away_as_a_workbook(desk, held):
    held("养殖培训", headcount=40, topic="consolation")

    book = said(desk.post(reverse("pairings:activity-export"), {"query": "programme=all"}))

    assert "养殖培训" in book
    assert "慰问活动" in book
    assert Entry.objects.get(deed="exported").detail["rows"] == 1


# ---- who may


def test_an_approver_reads_and_changes_nothing(client, approver, held):
    client.force_login(approver)
    made = held()

    page = client.get(made.get_absolute_url()).content.decode()
    assert address("activity-edit", made) not in page
    for name in ("activity-edit", "activity-attend", "activity-take-back", "activity-count"):
        assert client.get(address(name, made)).status_code == 403


def test_a_neighbours_activity_does_not_exist(desk, held, hillside):
    theirs = held(unit=hillside)

    for name in ("activity-detail", "activity-edit", "activity-attend", "activity-print"):
        assert desk.get(address(name, theirs)).status_code == 404


def test_what_lies_below_is_seen(client, supervisor, held, riverside):
    held(unit=OrgUnitFactory(parent=riverside))
    client.force_login(supervisor)

    assert titles(client.get(LIST)) == ["养殖培训"]
