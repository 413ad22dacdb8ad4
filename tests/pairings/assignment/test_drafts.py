"""Assignment drafts through their pages: asked for, made, edited, accepted, and what changed meanwhile."""

import datetime
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from pairings.actions import assignment, drafting, helpers, pairs
from pairings.actions.refusals import StaleError
from pairings.models import AssignmentDraft, Pairing
from povertyaid.audit.models import Entry
from povertyaid.jobs.models import Job
from tests.factories import AssignmentDraftFactory, AssignmentLineFactory, id_number
from tests.pairings.page import DAY, errors_of, paired, send, who

NEW = reverse("pairings:assignment-create")
LIST = reverse("pairings:assignment-list")


def at(name, row):
    return reverse(f"pairings:assignment-{name}", args=[row.pk])


@pytest.fixture
def made(desk, run_jobs, riverside, programme):
    """Ask for a draft through the form and have it made."""

    def make(**typed):
        typed = {
            "programme": str(programme.pk), "unit": riverside.code, "scheme": "one_to_one",
            "starts_on": "2013-03-01", "most_per_helper": "2", "aim": "both",
        } | typed  # fmt: skip
        answer = send(desk, NEW, **typed)
        assert answer.status_code == 302, errors_of(answer)
        run_jobs()
        return AssignmentDraft.objects.latest("pk")

    return make


def post(desk, name, row, draft=None, **typed):
    draft = draft or row
    draft.refresh_from_db()
    return desk.post(at(name, row), {"_version": draft.version, **typed}, follow=True)


def lines(draft):
    return sorted(
        (line.enrolment.household.head_name, line.helper.name if line.helper else "")
        for line in draft.lines.select_related("enrolment__household", "helper")
    )


def test_every_household_without_a_helper_gets_one_and_nobody_too_many(
    desk, made, enrolled, helping, clerk
):
    busy, free = helping("于海涛"), helping("赵铁柱")
    paired(enrolled("张三"), busy, clerk)
    for name in ("李四", "王五", "赵六"):
        enrolled(name)

    draft = made()

    assert (draft.state, draft.household_count, draft.helper_count) == ("ready", 3, 2)
    assert sorted(helper for _name, helper in lines(draft)) == ["于海涛", "赵铁柱", "赵铁柱"]
    page = desk.get(draft.get_absolute_url()).content.decode()
    assert "采纳 3 条" in page
    assert "同单位" in page
    assert Pairing.objects.count() == 1
    assert free.lines.count() == 0


def test_what_is_left_over_says_why_and_is_given_by_hand(desk, made, enrolled, helping):
    enrolled("张三")
    draft = made()
    assert lines(draft) == [("张三", "")]
    assert "没有符合条件的帮扶人" in desk.get(draft.get_absolute_url()).content.decode()
    helper = helping("钱进")
    line = draft.lines.get()

    send(desk, at("choose", line), helper=f"钱进 H{helper.pk}")

    line.refresh_from_db()
    assert (line.helper, line.reason, line.is_by_hand) == (helper, "by_hand", True)


def test_accepting_pairs_everybody_at_once(desk, made, enrolled, helping, clerk):
    enrolment, helper = enrolled("张三"), helping("于海涛")
    draft = made(per_household="2")
    other = helping("赵铁柱")
    assert lines(draft) == [("张三", ""), ("张三", "于海涛")]
    send(desk, at("choose", draft.lines.get(helper=None)), helper=f"H{other.pk}")

    page = post(desk, "accept", draft).content.decode()

    draft.refresh_from_db()
    pair = Pairing.objects.get()
    assert (pair.enrolment, pair.scheme, pair.starts_on) == (
        enrolment, "one_to_one", datetime.date(2013, 3, 1),
    )  # fmt: skip
    assert who(pair) == ["于海涛", "赵铁柱"]
    assert pair.lines.get(role="lead").helper == helper
    assert pair.events.get().acted_by == clerk.pk
    assert (draft.state, draft.settled_by) == ("accepted", clerk)
    entry = Entry.objects.get(deed="assignment_accepted")
    assert (entry.by, entry.detail["pairs"], entry.detail["refused"]) == (clerk, 1, 0)
    assert "新结对 1" in page


def test_what_changed_meanwhile_stays_with_a_sentence_and_the_rest_is_paired(
    desk, made, enrolled, helping, clerk, hillside
):
    rows = {name: enrolled(name) for name in ("甲一", "乙二", "丙三", "丁四", "戊五")}
    for nth in range(5):
        helping(f"帮手{nth}")
    draft = made(most_per_helper="1")
    by_name = {line.enrolment.household.head_name: line for line in draft.lines.all()}
    helpers.leave(by_name["甲一"].helper, on=DAY, leave_reason="retired", by=clerk)
    paired(rows["乙二"], helping("外人"), clerk)
    paired(enrolled("己六"), by_name["丙三"].helper, clerk)
    rows["丁四"].status = "exited"
    rows["丁四"].exited_on = DAY
    rows["丁四"].save()

    page = post(desk, "accept", draft).content.decode()

    assert dict(draft.lines.values_list("enrolment__household__head_name", "problem")) == {
        "甲一": "has_left", "乙二": "paired", "丙三": "full", "丁四": "not_helped", "戊五": "",
    }  # fmt: skip
    assert who(Pairing.objects.get(enrolment=rows["戊五"])) == [by_name["戊五"].helper.name]
    draft.refresh_from_db()
    assert draft.state == "ready"
    for sentence in (
        "该帮扶人此间已离岗",
        "该户此间已由他人结对",
        "该帮扶人已满",
        "该户已不需帮扶",
    ):
        assert sentence in page
    for name in ("乙二", "丁四"):
        post(desk, "take-out", by_name[name], draft)
    for name in ("甲一", "丙三"):
        new = helping(f"新人{name}")
        send(desk, at("choose", by_name[name]), helper=f"H{new.pk}")
    post(desk, "accept", draft)
    draft.refresh_from_db()
    assert (draft.state, draft.lines.paired().count()) == ("accepted", 3)


def test_own_family_is_never_proposed_nor_taken_by_hand(desk, made, enrolled, helping):
    number = id_number(7)
    enrolled("张三", number=number)
    kin = helping("张小三")
    helpers.set_number(kin, number)
    kin.save()

    draft = made()

    line = draft.lines.get()
    assert (line.helper, line.reason) == (None, "not_allowed")
    answer = send(desk, at("choose", line), helper=f"H{kin.pk}")
    assert "不能帮扶自己家" in answer.content.decode()


def test_who_is_full_is_not_offered(desk, made, enrolled, helping):
    for name in ("甲一", "乙二"):
        enrolled(name)
    helping("于海涛")
    draft = made(most_per_helper="1")
    free = helping("赵铁柱")

    offered = desk.get(at("suggest", draft)).json()["units"]
    answer = send(desk, at("choose", draft.lines.get(helper=None)), helper="于海涛")

    assert [one["text"] for one in offered] == [f"赵铁柱 场工会 H{free.pk}"]
    assert errors_of(answer) == {"helper": ["unknown"]}


def test_a_line_taken_out_pairs_nobody_until_it_is_put_back(desk, made, enrolled, helping):
    enrolled("张三")
    helping("于海涛")
    draft = made()
    line = draft.lines.get()

    post(desk, "take-out", line, draft)
    nothing = post(desk, "accept", draft).content.decode()
    post(desk, "put-back", line, draft)
    post(desk, "accept", draft)

    assert "方案中没有可结对的条目" in nothing
    assert Pairing.objects.count() == 1


def test_households_with_too_few_helpers_are_filled_up_and_keep_their_pair(
    desk, made, enrolled, helping, clerk
):
    pair = paired(enrolled("张三"), helping("于海涛"), clerk)
    helping("赵铁柱")

    draft = made(per_household="2", fills_up="on")
    post(desk, "accept", draft)

    assert lines(draft) == [("张三", "赵铁柱")]
    assert Pairing.objects.get() == pair
    assert who(pair) == ["于海涛", "赵铁柱"]
    assert pair.lines.get(helper__name="赵铁柱").role == "member"
    pair.refresh_from_db()
    assert pair.version == 2


def test_only_the_categories_that_were_ticked_take_part(made, enrolled, helping):
    enrolled("张三", category="dibao")
    enrolled("李四", category="low_income")
    helping("于海涛", category="volunteer")
    helping("赵铁柱", category="cadre")

    draft = made(of_helpers=["cadre"], of_households=["dibao"])

    assert lines(draft) == [("张三", "赵铁柱")]


def test_a_neighbours_households_and_helpers_take_no_part(made, enrolled, helping, hillside):
    enrolled("孟小山", unit=hillside)
    helping("周正", unit=hillside)

    draft = made()

    assert (draft.household_count, draft.helper_count) == (0, 0)


def test_a_pair_begins_when_the_family_was_identified(desk, made, enrolled, helping):
    enrolled("张三", identified_on=datetime.date(2013, 5, 5))
    helping("于海涛")

    post(desk, "accept", made(starts_on="2013-01-01"))

    assert Pairing.objects.get().starts_on == datetime.date(2013, 5, 5)


def test_two_people_at_once_the_second_is_told(desk, made, enrolled, helping):
    enrolled("张三")
    helping("于海涛")
    draft = made()
    seen = draft.version
    post(desk, "take-out", draft.lines.get(), draft)

    page = desk.post(at("accept", draft), {"_version": seen}, follow=True).content.decode()

    assert "同事" in page
    assert not Pairing.objects.exists()


def test_a_draft_put_away_is_not_changed_any_more(desk, made, enrolled, helping, clerk):
    enrolled("张三")
    helping("于海涛")
    draft = made()

    post(desk, "drop", draft)
    page = post(desk, "accept", draft).content.decode()

    assert "该方案已采纳或作废" in page
    draft.refresh_from_db()
    assert (draft.state, draft.settled_by) == ("dropped", clerk)


def test_the_action_refuses_a_version_that_is_over(clerk, riverside):
    draft = AssignmentDraftFactory(unit=riverside)

    with pytest.raises(StaleError):
        assignment.drop(draft, by=clerk, version=draft.version + 1)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"starts_on": "2099-01-01"}, {"starts_on": ["future"]}),
        ({"per_household": "0"}, {"per_household": ["min_value"]}),
        ({"most_per_helper": ""}, {"most_per_helper": ["required"]}),
        ({"unit": "B-HIL"}, {"unit": ["unknown"]}),
        ({"scheme": "area"}, {"scheme": ["invalid_choice"]}),
        ({"of_helpers": ["nonsense"]}, {"of_helpers": ["invalid_choice"]}),
    ],
)
def test_what_cannot_be_asked_for(desk, programme, riverside, hillside, typed, wrong):
    good = {"programme": str(programme.pk), "unit": riverside.code, "scheme": "one_to_one"}

    answer = send(desk, NEW, **good | typed)

    assert errors_of(answer) == wrong
    assert not Job.objects.exists()


def test_while_it_is_being_made_the_page_shows_how_far(desk, programme, riverside):
    send(
        desk, NEW, programme=str(programme.pk), unit=riverside.code, scheme="one_to_one",
    )  # fmt: skip
    draft = AssignmentDraft.objects.get()

    page = desk.get(draft.get_absolute_url()).content.decode()
    refused = post(desk, "accept", draft).content.decode()

    assert "拟定分配方案" in page
    assert "方案仍在生成" in refused


@pytest.mark.parametrize("n", [1, 3])
def test_the_lists_take_the_same_number_of_queries(
    desk, django_assert_num_queries, riverside, programme, n
):
    for _nth in range(n):
        draft = AssignmentDraftFactory(unit=riverside, programme=programme)
        for _line in range(n):
            AssignmentLineFactory(draft=draft)

    with django_assert_num_queries(7):
        desk.get(LIST, headers={"HX-Request": "true"})
    with django_assert_num_queries(11):
        response = desk.get(draft.get_absolute_url(), {"show": ""}, headers={"HX-Request": "true"})
    assert len(response.context["object_list"]) == n


def test_lines_are_narrowed(desk, riverside, programme, enrolled, helping):
    draft = AssignmentDraftFactory(unit=riverside, programme=programme)

    def line(name, **facts):
        facts = {"helper": helping(f"帮{name}")} | facts
        return AssignmentLineFactory(draft=draft, enrolment=enrolled(name), **facts)

    line("近一", steps=0)
    line("远二", steps=4)
    line("无三", helper=None, reason="all_full")
    line("出四", is_out=True)
    line("问五", problem="full")
    line("手六", is_by_hand=True, reason="by_hand")

    def shown(**query):
        rows = desk.get(draft.get_absolute_url(), query).context["object_list"]
        return sorted(row.enrolment.household.head_name[0] for row in rows)

    assert len(shown()) == 6
    assert shown(show="far") == ["远"]
    assert shown(show="left") == ["无"]
    assert shown(show="out") == ["出"]
    assert shown(show="problem") == ["问"]
    assert shown(show="hand") == ["手"]
    assert shown(show="paired") == []
    assert shown(q="帮近一") == ["近"]
    assert shown(q="远二") == ["远"]
    assert len(shown(unit="B-RIV")) == 6


def test_the_draft_as_workbook_and_on_paper(desk, clerk, riverside, programme, enrolled, helping):
    draft = AssignmentDraftFactory(unit=riverside, programme=programme)
    AssignmentLineFactory(draft=draft, enrolment=enrolled("张三"), helper=helping("于海涛"))
    AssignmentLineFactory(draft=draft, enrolment=enrolled("李四"), helper=None, reason="all_full")

    book = desk.post(at("export", draft))
    paper = desk.get(at("print", draft)).content.decode()

    assert b"".join(book.streaming_content).startswith(b"PK")
    assert set(Entry.objects.filter(deed="exported").values_list("by", flat=True)) == {clerk.pk}
    assert "于海涛" in paper
    assert "帮扶人均已满" in paper


def test_no_draft_yet_says_what_to_do(desk):
    assert "还没有分配方案" in desk.get(LIST).content.decode()


def test_the_lists_of_pairs_lead_here(desk):
    for name in ("pairings:list", "pairings:unpaired"):
        assert LIST in desk.get(reverse(name)).content.decode()


def test_made_again_after_a_crash_it_is_made_once(made, enrolled, helping):
    enrolled("张三")
    helping("于海涛")
    draft = made()

    drafting.make(draft)

    assert draft.lines.count() == 1


def test_a_line_that_is_a_pair_is_changed_there(desk, made, enrolled, helping, clerk):
    rows = [enrolled(name) for name in ("甲一", "乙二")]
    helping("于海涛")
    draft = made(most_per_helper="2")
    pairs_before = paired(rows[1], helping("外人"), clerk)
    post(desk, "accept", draft)
    line = draft.lines.paired().get()

    page = post(desk, "take-out", line, draft).content.decode()

    assert "本条已结对" in page
    assert pairs.lock(pairs_before).stands


def test_who_moved_away_or_belongs_above_is_not_named(
    desk, clerk, riverside, hillside, bureau, programme, enrolled, helping
):
    draft = AssignmentDraftFactory(unit=riverside, programme=programme)
    gone, here = enrolled("孟小山", code="R-77"), enrolled("张三")
    line = AssignmentLineFactory(draft=draft, enrolment=gone, helper=helping("于海涛"))
    AssignmentLineFactory(draft=draft, enrolment=here, helper=helping("局里人", unit=bureau))
    gone.household.unit = hillside
    gone.household.save()

    page = desk.get(draft.get_absolute_url()).content.decode()
    paper = desk.get(at("print", draft)).content.decode()
    book = load_workbook(io.BytesIO(b"".join(desk.post(at("export", draft)).streaming_content)))
    cells = str([list(one) for one in book.active.values])

    for told in (page, paper, cells):
        assert "张三" in told
        assert "于海涛" in told
        assert "现在其他单位" in told
        for word in ("孟小山", "R-77", "靠山农场", "局里人"):
            assert word not in told
    assert desk.get(at("choose", line)).status_code == 404
    for word in ("孟小山", "局里人"):
        assert not desk.get(draft.get_absolute_url(), {"q": word}).context["object_list"]
    assert [entry.detail["list"] for entry in Entry.objects.filter(deed="exported").order_by("pk")] == [
        "pairings:assignment-print", "pairings:assignment-detail",
    ]  # fmt: skip


def test_who_lost_the_power_meanwhile_has_nothing_proposed(
    desk, run_jobs, clerk, riverside, programme, enrolled
):
    enrolled("张三")
    send(desk, NEW, programme=str(programme.pk), unit=riverside.code, scheme="one_to_one")
    clerk.role = "auditor"
    clerk.save()

    run_jobs()

    job = Job.objects.get()
    assert (job.state, job.sentence) == ("failed", "您已没有拟定分配方案的权限。")
    assert not AssignmentDraft.objects.get().lines.exists()


class WhileItIsWorkedOut:
    """Progress that lets somebody do something meanwhile."""

    def __init__(self, act):
        self.act = act

    def stage(self, name, total=None):
        if name == "working":
            self.act()


def test_put_away_while_it_is_worked_out_it_stays_empty(riverside, programme, clerk, enrolled):
    enrolled("张三")
    draft = AssignmentDraftFactory(
        unit=riverside, programme=programme, state="making", asked_by=clerk
    )

    drafting.make(draft, WhileItIsWorkedOut(lambda: assignment.drop(draft, by=clerk)))

    draft.refresh_from_db()
    assert (draft.state, draft.lines.count()) == ("dropped", 0)
