"""The list of households: whose rows, in what order, how many, and what it says when there are none."""

import datetime
import re
from decimal import Decimal

import pytest
from django.urls import reverse

from households.views.household import HouseholdList
from povertyaid.audit.models import Entry
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    OrgUnitFactory,
    ProgrammeFactory,
)

LIST = reverse("households:list")
FRAGMENT = {"HX-Request": "true"}


def family(unit, programme, name="王建国", *, size=1, income=None, **facts):
    """A household with a head and further members, enrolled, with an income if one is given."""
    household = HouseholdFactory(unit=unit, head_name=name, code=facts.pop("code", f"A-{name}"))
    for nth in range(size):
        MemberFactory(
            household=household,
            name=name if nth == 0 else f"成员{nth}",
            relation="户主" if nth == 0 else "之子",
            seq=nth + 1,
        )
    enrolment = EnrolmentFactory(household=household, programme=programme, **facts)
    if income:
        IncomeSnapshotFactory(enrolment=enrolment, persons=1, wages=Decimal(income))
    return household


def names(response):
    return [row.head_name for row in response.context["object_list"]]


def test_a_clerk_sees_the_files_of_the_own_farm_only(client, clerk, riverside, hillside, programme):
    family(riverside, programme, "张三")
    family(hillside, programme, "李四")
    client.force_login(clerk)

    response = client.get(LIST)

    assert names(response) == ["张三"]
    assert "李四" not in response.content.decode()


def test_a_supervisor_sees_the_files_of_both_farms(
    client, supervisor, riverside, hillside, programme
):
    family(riverside, programme, "张三")
    family(hillside, programme, "李四")
    client.force_login(supervisor)

    assert sorted(names(client.get(LIST))) == ["张三", "李四"]


def test_a_helper_sees_no_file(client, helper, riverside, programme):
    family(riverside, programme)
    client.force_login(helper)

    assert names(client.get(LIST)) == []


def test_the_columns_say_what_the_file_says(client, clerk, riverside, programme):
    household = family(riverside, programme, "张三", size=2, income=9000, causes=["illness"])
    household.stated_size = 4
    household.save()
    client.force_login(clerk)

    page = client.get(LIST, headers=FRAGMENT).content.decode()

    for text in ("张三", "A-张三", "临江农场", "困难户", "（报 4）", "大病", "帮扶中", "9,000.00"):
        assert text in page
    assert f'href="{household.get_absolute_url()}"' in page


def test_a_closed_file_says_why_it_was_closed(client, clerk, riverside, programme):
    household = family(riverside, programme)
    household.status, household.close_reason = "closed", "moved_away"
    household.closed_on = datetime.date(2013, 1, 1)
    household.save()
    client.force_login(clerk)

    assert "迁出" in client.get(LIST, headers=FRAGMENT).content.decode()


def test_over_all_programmes_each_row_names_its_newest(client, clerk, riverside, bureau, programme):
    household = family(riverside, programme, category="poor")
    older = ProgrammeFactory(
        lead_unit=bureau, name="一帮一工程", starts_on=datetime.date(2003, 1, 1)
    )
    EnrolmentFactory(household=household, programme=older, category="dibao")
    client.force_login(clerk)

    page = client.get(LIST, {"programme": "all"}, headers=FRAGMENT).content.decode()

    assert "职工共同富裕行动" in page
    assert "一帮一工程" not in page
    assert "低保户" not in page


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["张三", "王五", "李四"]),
        ("-code", ["李四", "王五", "张三"]),
        ("name", ["李四", "王五", "张三"]),
        ("-name", ["张三", "王五", "李四"]),
        ("unit", ["李四", "张三", "王五"]),
        ("income", ["王五", "张三", "李四"]),
        ("-income", ["张三", "王五", "李四"]),
        ("exit", ["王五", "张三", "李四"]),
        ("-exit", ["张三", "王五", "李四"]),
        ("nonsense", ["张三", "王五", "李四"]),
    ],
)
def test_sorted_by(client, clerk, riverside, programme, sort, order):
    """李四 has neither income nor exit: what is not known stands last, whichever way round."""
    gone = {"status": "exited", "exit_label": "脱困"}
    zone = OrgUnitFactory(parent=riverside)
    family(
        zone, programme, "张三", code="1", income=9000, exited_on=datetime.date(2013, 5, 1), **gone
    )
    family(
        zone, programme, "王五", code="2", income=4000, exited_on=datetime.date(2012, 5, 1), **gone
    )
    family(riverside, programme, "李四", code="3")
    client.force_login(clerk)

    assert names(client.get(LIST, {"sort": sort}, headers=FRAGMENT)) == order


def test_sorting_looks_at_the_income_of_the_chosen_programme(
    client, clerk, riverside, bureau, programme
):
    other = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2003, 1, 1))
    rich = family(riverside, programme, "张三", income=9000)
    poor = family(riverside, programme, "王五", income=4000)
    for household, wages in ((rich, 100), (poor, 200)):
        enrolment = EnrolmentFactory(household=household, programme=other)
        IncomeSnapshotFactory(enrolment=enrolment, year=2004, persons=1, wages=Decimal(wages))
    client.force_login(clerk)

    def ask(code):
        return names(client.get(LIST, {"programme": code, "sort": "income"}, headers=FRAGMENT))

    assert ask(programme.code) == ["王五", "张三"]
    assert ask(other.code) == ["张三", "王五"]


@pytest.mark.parametrize("of", ["all", "one"])
@pytest.mark.parametrize(
    ("sort", "pages"),
    [
        ("income", [["王五", "赵六"], ["张三", "周一"], ["周二", "周三"], ["周四"]]),
        ("-income", [["张三", "赵六"], ["王五", "周一"], ["周二", "周三"], ["周四"]]),
    ],
)
def test_by_income_page_by_page_those_without_one_come_last(
    client, clerk, riverside, programme, monkeypatch, of, sort, pages
):
    """张三 earned little the year before: only the newest income counts."""
    monkeypatch.setattr(HouseholdList, "paginate_by", 2)
    rich = family(riverside, programme, "张三", income=9000)
    IncomeSnapshotFactory(
        enrolment=rich.enrolments.get(), year=rich.enrolments.get().incomes.get().year - 1,
        persons=1, wages=Decimal(1),
    )  # fmt: skip
    for name, income in (("王五", 4000), ("赵六", 5000)):
        family(riverside, programme, name, income=income)
    for nth, name in enumerate(["周一", "周二", "周三", "周四"]):
        family(riverside, programme, name, code=f"Z-{nth}")
    client.force_login(clerk)
    asked = {"sort": sort, "programme": "all" if of == "all" else programme.code}

    shown = [names(client.get(LIST, asked | {"page": page})) for page in (1, 2, 3, 4)]

    assert shown == pages


@pytest.mark.parametrize(
    ("sort", "order"), [("income", ["王五", "张三"]), ("-exit", ["王五", "张三"])]
)
def test_over_all_programmes_the_newest_is_sorted_by(
    client, clerk, riverside, bureau, programme, sort, order
):
    older = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2003, 1, 1))
    for name, year, wages in (("张三", 2012, 9000), ("王五", 2013, 4000)):
        household = family(
            riverside,
            programme,
            name,
            income=wages,
            status="exited",
            exited_on=datetime.date(year, 5, 1),
            exit_label="脱困",
        )
        before = EnrolmentFactory(
            household=household,
            programme=older,
            status="exited",
            exited_on=datetime.date(2020 - year % 10, 5, 1),
            exit_label="脱困",
        )
        IncomeSnapshotFactory(enrolment=before, year=2004, persons=1, wages=Decimal(10000 - wages))
    client.force_login(clerk)

    assert names(client.get(LIST, {"programme": "all", "sort": sort}, headers=FRAGMENT)) == order


def test_the_totals_speak_of_all_pages_and_of_present_members(
    client, clerk, riverside, hillside, programme
):
    for nth in range(51):
        family(riverside, programme, code=f"A-{nth:03}", size=2)
    someone = family(riverside, programme, code="A-100", size=2)
    someone.members.filter(seq=2).update(left_on="2013-01-01", leave_reason="moved_out")
    family(hillside, programme, code="B-1", size=2)
    client.force_login(clerk)

    response = client.get(LIST, headers=FRAGMENT)
    total = client.get(reverse("households:total"), headers=FRAGMENT)

    assert len(response.context["object_list"]) == 50
    assert response.context["page_obj"].paginator.count == 52
    assert "103\N{NO-BREAK SPACE}人" in total.content.decode()


def test_the_total_comes_after_the_list_and_narrows_with_it(client, clerk, riverside, programme):
    family(riverside, programme, code="A-1", size=2)
    family(riverside, programme, code="B-1", size=3)
    client.force_login(clerk)

    page = client.get(LIST, {"q": "A-"}, headers=FRAGMENT)
    total = client.get(reverse("households:total"), {"q": "A-"}, headers=FRAGMENT)
    by_hand = client.get(reverse("households:total"), {"q": "A-"}, follow=True)

    assert page.context["totals"] == []
    assert f"{reverse('households:total')}?q=A-" in page.content.decode()
    assert "2\N{NO-BREAK SPACE}人" in total.content.decode()
    assert "2\N{NO-BREAK SPACE}人" in by_hand.content.decode()


def test_the_second_page_keeps_filter_and_order(client, clerk, riverside, programme):
    for nth in range(51):
        family(riverside, programme, code=f"A-{nth:03}")
    client.force_login(clerk)

    first = client.get(LIST, {"sort": "-code", "state": "helping"}, headers=FRAGMENT)
    second = client.get(LIST, {"sort": "-code", "state": "helping", "page": 2}, headers=FRAGMENT)

    assert "?sort=-code&amp;state=helping&amp;page=2" in first.content.decode()
    assert [row.code for row in second.context["object_list"]] == ["A-000"]


def test_an_office_without_files_is_told_how_to_begin(client, clerk, approver):
    client.force_login(clerk)
    assert "本单位还没有家庭档案" in client.get(LIST).content.decode()


def test_a_list_without_matches_offers_all_programmes(client, clerk, riverside, programme):
    family(riverside, programme, "张三")
    client.force_login(clerk)

    page = client.get(LIST, {"q": "李四", "programme": programme.code}).content.decode()

    assert "没有符合条件的家庭" in page
    assert "?q=%E6%9D%8E%E5%9B%9B&amp;programme=all" in page


def test_conditions_stand_as_chips_that_can_be_taken_off(client, clerk, riverside, programme):
    zone = OrgUnitFactory(parent=riverside, name="一分场")
    family(zone, programme, "张三")
    client.force_login(clerk)

    response = client.get(
        LIST, {"unit": zone.code, "state": "helping", "programme": programme.code}
    )

    chips = {
        str(chip["label"]): (str(chip["value"]), chip["without"])
        for chip in response.context["chips"]
    }
    assert chips == {
        "单位": ("一分场", "?state=helping&programme=P1"),
        "帮扶状态": ("帮扶中", f"?unit={zone.code}&programme=P1"),
        "帮扶工程": ("职工共同富裕行动", f"?unit={zone.code}&state=helping&programme=all"),
    }


def test_the_programme_chosen_at_the_top_is_the_one_of_the_list(
    client, clerk, riverside, bureau, programme
):
    newer = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2016, 1, 1))
    family(riverside, programme, "张三")
    family(riverside, newer, "李四")
    client.force_login(clerk)
    client.post(reverse("place"), {"programme": programme.code, "next": LIST})

    response = client.get(LIST)

    assert names(response) == ["张三"]
    assert at_the_top(response) == "职工共同富裕行动"
    assert [chip["without"] for chip in response.context["chips"]] == ["?programme=all"]


def at_the_top(response):
    page = response.content.decode()
    return re.search('id="place-programme"[^>]*>([^<]*)<', page)[1]


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_where_the_top_says_all_programmes_the_list_shows_all(
    client, clerk, riverside, bureau, programme, headers
):
    newer = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2016, 1, 1))
    family(riverside, programme, "张三")
    family(riverside, newer, "李四")
    client.force_login(clerk)

    response = client.get(LIST, headers=headers)

    assert names(response) == ["张三", "李四"]
    assert at_the_top(response) == "全部工程"
    assert response.context["chips"] == []


@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "fragment"])
def test_a_programme_in_the_address_stands_at_the_top_too(
    client, clerk, riverside, bureau, programme, headers
):
    """A card of the home page leads here; taken off, the top says all again."""
    family(riverside, programme, "张三")
    client.force_login(clerk)

    narrowed = client.get(LIST, {"programme": programme.code}, headers=headers)
    off = client.get(LIST + narrowed.context["chips"][0]["without"], headers=headers)

    assert at_the_top(narrowed) == "职工共同富裕行动"
    assert at_the_top(off) == "全部工程"


def test_a_programme_chosen_in_the_filter_is_the_one_at_the_top(
    client, clerk, riverside, programme
):
    family(riverside, programme, "张三")
    client.force_login(clerk)

    client.post(reverse("households:search"), {"programme": programme.code})
    assert at_the_top(client.get(reverse("home"))) == "职工共同富裕行动"

    client.post(reverse("households:search"), {"programme": "all"})
    assert at_the_top(client.get(reverse("home"))) == "全部工程"


def test_what_is_exported_is_what_the_page_showed_when_it_was_opened(
    client, clerk, riverside, bureau, programme
):
    """In another window another programme has been chosen meanwhile."""
    newer = ProgrammeFactory(lead_unit=bureau, starts_on=datetime.date(2016, 1, 1))
    family(riverside, programme, "张三")
    family(riverside, newer, "李四")
    client.force_login(clerk)
    page = client.get(LIST)
    client.post(reverse("place"), {"programme": newer.code, "next": LIST})

    answer = client.post(reverse("households:export"), {"query": page.context["query"], "all": "1"})
    b"".join(answer.streaming_content)

    assert Entry.objects.get(deed="exported").detail["households"] == 2


def test_a_row_takes_one_line_and_tells_the_rest(client, clerk, riverside, bureau, programme):
    """The farm stands above its own list, and the bureau leads all its programmes."""
    zone = OrgUnitFactory(parent=riverside, name="临江农场第一管理区")
    programme.name = "哈东管理局“一帮一”行动"
    programme.save()
    family(zone, programme, "张三", causes=["illness", "残疾"])
    client.force_login(clerk)

    page = client.get(LIST).content.decode()

    assert 'title="临江农场第一管理区">第一管理区</span>' in page
    assert 'title="哈东管理局“一帮一”行动">“一帮一”行动</span>' in page
    assert 'title="大病、残疾">大病、残疾</span>' in page


def test_a_unit_that_is_called_as_the_list_is_keeps_its_name(client, clerk, riverside, programme):
    family(riverside, programme, "张三")
    client.force_login(clerk)

    assert 'title="临江农场">临江农场</span>' in client.get(LIST).content.decode()


def test_selection_names_the_number_that_matches(client, clerk, helper, riverside, programme):
    for nth in range(51):
        family(riverside, programme, code=f"A-{nth:03}")
    client.force_login(clerk)

    page = client.get(LIST, headers=FRAGMENT).content.decode()

    assert page.count('name="pk"') == 50
    assert "51\N{NO-BREAK SPACE}户" in page


def test_who_may_not_export_is_offered_no_selection(client, auditor, riverside, programme):
    family(riverside, programme)
    client.force_login(auditor)

    page = client.get(LIST, headers=FRAGMENT).content.decode()

    assert 'name="pk"' not in page
    assert reverse("households:export") not in page


@pytest.mark.parametrize("conditions", [{}, {"programme": "all"}, {"sort": "income", "q": "wjg"}])
def test_the_list_costs_as_many_queries_with_one_household_as_with_three(
    client, clerk, riverside, programme, conditions, django_assert_num_queries
):
    client.force_login(clerk)
    for nth in range(3):
        family(riverside, programme, code=f"A-{nth}", size=2, income=9000)
        if nth in {0, 2}:
            with django_assert_num_queries(13):
                response = client.get(LIST, conditions)
            assert len(response.context["object_list"]) == nth + 1
