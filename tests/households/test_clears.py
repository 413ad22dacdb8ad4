"""五清 and 六清: what a programme asks for, and what it finds in the files."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from households import clears, evidence
from households.actions import rules
from households.models import DossierItem, DossierRule, Enrolment
from povertyaid.audit.models import Entry
from tests.factories import (
    DossierItemFactory,
    DossierRuleFactory,
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    OrgUnitFactory,
    PairingFactory,
    PairingHelperFactory,
    SchemeItemFactory,
    VisitFactory,
    VisitItemFactory,
)
from tests.households.page import fields_of
from tests.households.papers import page_of

LIST = reverse("households:list")
WORK = reverse("households:dossier-list")
UNITS = reverse("households:dossier-units")
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def five(programme):
    """The programme measures its files by 五清."""
    rules.set_up(programme, "五清", by=None)


@pytest.fixture
def six(programme):
    """The programme measures its files by 六清."""
    rules.set_up(programme, "六清", by=None)


@pytest.fixture
def family(riverside, programme):
    """Makes a family in the programme: by itself with members, a category and its day."""

    def make(name="张三", *, unit=riverside, **facts):
        household = HouseholdFactory(unit=unit, head_name=name)
        MemberFactory(household=household, name=name)
        return EnrolmentFactory(household=household, programme=programme, **facts)

    return make


def full_of(enrolment):
    """The 清 that are full, as the database says and as the file's page says."""
    of = clears.rules_of([enrolment.programme])[enrolment.programme_id]
    by_database = [
        rule.item.label
        for rule in of
        if Enrolment.objects.filter(clears.full(rule), pk=enrolment.pk).exists()
    ]
    there = clears.held([enrolment.pk], of)[enrolment.pk]
    assert by_database == [rule.item.label for rule in of if clears.is_full(rule, there)]
    return by_database


# ---- what is there


def test_five_clears_of_a_bare_file_and_of_a_whole_one(family, five):
    bare = family("张三", category="", causes=[])
    whole = family("李四", causes=["illness"], needs=["资金"], attitude="有信心")

    assert full_of(bare) == ["家庭情况清"]
    assert full_of(whole) == [
        "困难职工底数清", "家庭情况清", "致困原因清", "思想状况清", "帮扶需求清",
    ]  # fmt: skip


def test_six_clears_fill_one_by_one(family, six):
    enrolment = family(identified_on=None, identified_precision="")
    assert full_of(enrolment) == []

    IncomeSnapshotFactory(enrolment=enrolment)
    assert full_of(enrolment) == ["家庭现状清"]

    Enrolment.objects.filter(pk=enrolment.pk).update(
        identified_on=datetime.date(2011, 3, 1), identified_precision="day",
        needs=["技术"], target_income=Decimal(8000),
    )  # fmt: skip
    assert full_of(enrolment) == ["帮扶对象清", "家庭现状清", "帮扶目标清"]

    PairingHelperFactory(pairing=PairingFactory(enrolment=enrolment))
    visit = VisitFactory(household=enrolment.household, programme=enrolment.programme)
    VisitItemFactory(visit=visit, kind="project")
    assert full_of(enrolment) == rules.LISTS["六清"]


def test_who_helped_until_the_household_left_poverty_counts(family, six):
    left = family("张三", status="exited", exited_on=datetime.date(2013, 6, 1), exit_label="脱困")
    poor = family("李四")
    for enrolment in (left, poor):
        ended = {"ends_on": datetime.date(2013, 6, 1)}
        pair = PairingFactory(enrolment=enrolment, end_reason="out_of_poverty", **ended)
        PairingHelperFactory(pairing=pair, **ended)

    assert "帮扶主体清" in full_of(left)
    assert "帮扶主体清" not in full_of(poor)


def test_what_was_done_in_another_programme_or_taken_back_does_not_count(family, six):
    enrolment = family()
    VisitItemFactory(visit=VisitFactory(household=enrolment.household))
    back = VisitFactory(
        household=enrolment.household, programme=enrolment.programme,
        voided_on=datetime.date(2013, 1, 1), void_reason="重复",
    )  # fmt: skip
    VisitItemFactory(visit=back)

    assert "帮扶措施清" not in full_of(enrolment)


@pytest.mark.parametrize(
    ("code", "facts", "is_full"),
    [
        ("paper:对接卡", {}, True),
        ("paper:对接卡", {"title": "明白卡"}, False),
        ("paper:对接卡", {"voided_on": datetime.date(2013, 1, 1), "void_reason": "错"}, False),
        ("checked:对接卡", {}, False),
        ("checked:对接卡", {"complete": True}, True),
        ("kind:card", {}, True),
        ("kind:agreement", {}, False),
        ("nonsense", {}, False),
        ("kind:nonsense", {}, False),
    ],
)
def test_a_paper_can_be_what_is_asked_for(family, programme, code, facts, is_full):
    item = SchemeItemFactory(programme=programme, label="材料清")
    DossierRuleFactory(item=item, all_of=[code])
    enrolment = family()
    DossierItemFactory(household=enrolment.household, programme=programme, **facts)

    assert (full_of(enrolment) == ["材料清"]) is is_full


def test_the_whole_standard_is_asked_entry_by_entry(family, programme):
    item = SchemeItemFactory(programme=programme, label="材料清")
    DossierRuleFactory(item=item, all_of=["standard"])
    enrolment = family()
    assert full_of(enrolment) == []  # no entry: nothing can be complete

    entries = [
        SchemeItemFactory(programme=programme, list_name="一册五卡四帐四档案", label=label)
        for label in ("对接卡", "收入台帐")
    ]
    for nth, entry in enumerate(entries):
        DossierItemFactory(
            household=enrolment.household, programme=programme, item=entry, complete=True
        )
        DossierItemFactory(  # a second paper of an entry makes no second entry
            household=enrolment.household, programme=programme, item=entry, complete=True
        )
        assert (full_of(enrolment) == ["材料清"]) is (nth == 1)


def test_every_evidence_that_is_offered_can_be_asked_of_a_file(family, programme, clerk):
    SchemeItemFactory(programme=programme, list_name="一册五卡四帐四档案", label="对接卡")
    enrolment = family()
    IncomeSnapshotFactory(enrolment=enrolment)
    offered = evidence.offered(programme)
    for one in offered:
        found = Enrolment.objects.filter(one.holds, pk=enrolment.pk).exists()
        if found:
            assert [fact.text for fact in one.tell(enrolment, clerk)]
        assert str(one.label)
        assert str(one.missing)
        way = one.mend(enrolment)
        assert way is None or way.url.startswith("/")
    assert {"paper:对接卡", "checked:对接卡", "kind:card", "paired"} <= {o.code for o in offered}


# ---- on the file


def test_the_file_says_what_is_there_what_proves_it_and_what_mends_the_rest(desk, family, six):
    enrolment = family()
    IncomeSnapshotFactory(enrolment=enrolment, year=2010, persons=3, wages=Decimal(9000))

    page = desk.get(page_of("papers", enrolment.household)).content.decode()

    assert "六清 2/6" in " ".join(page.split())
    for text in (
        "2010年帮扶前：人均 3,000.00 元",
        "收入记录",
        "该户目前没有结对帮扶人。",
        "去结对",
    ):
        assert text in page
    assert f"{reverse('pairings:create')}?enrolment={enrolment.pk}" in page


def test_who_may_not_change_the_file_is_shown_no_way_to(client, approver, family, six):
    client.force_login(approver)

    page = client.get(page_of("papers", family().household)).content.decode()

    assert "该户目前没有结对帮扶人。" in page
    assert "去结对" not in page
    assert "去填写" not in page


def test_the_head_of_the_file_marks_each_clear(desk, family, five):
    enrolment = family(needs=["资金"], attitude="")

    response = desk.get(enrolment.household.get_absolute_url())

    marks = {mark.label: mark.is_missing for mark in response.context["marks"]}
    assert marks["帮扶需求清"] is False
    assert marks["思想状况清"] is True
    assert "思想状况" not in marks  # told once


def test_the_printed_file_tells_them_too(desk, family, five, monkeypatch):
    from households.views import dossier  # noqa: PLC0415 -- the page whose paper is caught

    printed = []
    monkeypatch.setattr(dossier, "render_pdf", lambda html, **_more: printed.append(html) or b"")
    enrolment = family()
    DossierItemFactory(household=enrolment.household, programme=enrolment.programme)

    desk.get(page_of("print", enrolment.household))

    assert "五清 3/5" in printed[0]
    assert "思想状况未填。" in printed[0]
    assert "对接卡" in printed[0]


# ---- in the list


def shown(response):
    return sorted(row.head_name for row in response.context["object_list"])


def test_the_list_shows_how_many_are_full_and_can_be_narrowed(desk, family, five, programme):
    family("张三", needs=["资金"], attitude="有信心")
    family("李四", needs=["资金"], attitude="")
    chosen = {"programme": programme.code}

    page = desk.get(LIST, chosen, headers=FRAGMENT).content.decode()
    needs = DossierRule.objects.get(item__label="帮扶需求清")
    mind = DossierRule.objects.get(item__label="思想状况清")

    assert "5/5" in page
    assert "4/5" in page
    assert shown(desk.get(LIST, chosen | {"clears": "full"})) == ["张三"]
    assert shown(desk.get(LIST, chosen | {"clears": "lacking"})) == ["李四"]
    assert shown(desk.get(LIST, chosen | {"clears": mind.pk})) == ["李四"]
    assert shown(desk.get(LIST, chosen | {"clears": needs.pk})) == []
    assert shown(desk.get(LIST, {"programme": "all", "clears": "full"})) == []  # of no programme


@pytest.mark.parametrize("conditions", [{}, {"programme": "all"}, {"clears": "lacking"}])
def test_the_list_with_clears_costs_as_many_queries_with_one_household_as_with_three(
    desk, family, five, programme, conditions, django_assert_num_queries
):
    for nth in range(3):
        family(f"户{nth}", attitude="")
        if nth in {0, 2}:
            with django_assert_num_queries(14):
                response = desk.get(LIST, {"programme": programme.code} | conditions)
            assert len(response.context["object_list"]) == nth + 1


def test_the_workbook_says_it_too(desk, family, five, programme):
    family("张三")

    answer = desk.post(
        reverse("households:export"), {"all": "1", "query": f"programme={programme.code}"}
    )

    assert "3/5" in sheet_of(answer)


def sheet_of(answer):
    import io  # noqa: PLC0415 -- here alone
    import zipfile  # noqa: PLC0415

    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if "sheet1" in name)


# ---- the work list


def test_the_work_list_begins_with_who_lacks_most(desk, family, five, hillside, programme):
    family("缺一", needs=["资金"])
    family("缺三", causes=[])
    family("齐全", needs=["资金"], attitude="有信心")
    family("邻场", unit=hillside)

    response = desk.get(WORK, {"programme": programme.code})

    rows = response.context["object_list"]
    assert [(row.household.head_name, row.full) for row in rows] == [("缺三", 2), ("缺一", 4)]
    assert rows[0].lacks == ["致困原因清", "思想状况清", "帮扶需求清"]
    assert "邻场" not in response.content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_the_work_list_costs_as_many_queries_with_one_row_as_with_three(
    desk, family, five, programme, n, django_assert_num_queries
):
    for nth in range(n):
        family(f"户{nth}")

    with django_assert_num_queries(10):
        response = desk.get(WORK, {"programme": programme.code})

    assert len(response.context["object_list"]) == n


def test_beyond_the_end_of_the_work_list_stands_its_last_page(desk, family, five, programme):
    family("张三")

    for page in ("7", "0", "x", "-1"):
        response = desk.get(WORK, {"programme": programme.code, "page": page})
        assert [row.household.head_name for row in response.context["object_list"]] == ["张三"]


def test_without_rules_the_work_list_says_who_sets_them_up(desk, family):
    family()

    assert "还没有工程设置档案要求" in desk.get(WORK).content.decode()


def test_the_home_page_leads_to_what_is_missing(desk, family, five, programme):
    family("张三", needs=["资金"])

    page = desk.get(reverse("home-card", args=["clears"]), headers=FRAGMENT).content.decode()

    mind = DossierRule.objects.get(item__label="思想状况清")
    assert "缺思想状况清：1" in page
    assert f"{WORK}?programme={programme.code}&amp;clears={mind.pk}" in page


# ---- by unit


def test_units_add_up_down_the_tree(client, supervisor, family, five, riverside, hillside, bureau):
    zone = OrgUnitFactory(parent=riverside, code="B-RIV-1", name="临江农场一区")
    whole = {"needs": ["资金"], "attitude": "有信心"}
    family("一", unit=riverside, **whole)
    family("二", unit=zone, **whole)
    family("三", unit=zone)
    family("四", unit=hillside)
    client.force_login(supervisor)

    response = client.get(UNITS, {"programme": "P1"})

    told = [
        (line.name, line.depth, line.files, line.complete) for line in response.context["lines"]
    ]
    assert told == [
        ("哈东管理局", 0, 4, 2),
        ("靠山农场", 1, 1, 0),
        ("临江农场", 1, 3, 2),
        ("临江农场本级", 2, 1, 1),
        ("一区", 2, 2, 1),
    ]
    assert response.context["lines"][0].each == [4, 4, 4, 2, 2]
    assert "50.00" in response.content.decode()


def test_a_neighbours_unit_is_not_counted(client, neighbour, family, five):
    family("张三")
    client.force_login(neighbour)

    response = client.get(UNITS, {"programme": "P1"})

    assert [line.files for line in response.context["lines"]] == [0]


def test_a_helpers_sign_in_reads_no_sums_over_units(client, helper, family, five):
    family("张三")
    client.force_login(helper)

    assert client.get(UNITS, {"programme": "P1"}).status_code == 403
    assert UNITS not in client.get(WORK, {"programme": "P1"}).content.decode()


def test_the_table_leaves_as_a_workbook_and_that_is_written_down(desk, clerk, family, five):
    family("张三")

    answer = desk.get(reverse("households:dossier-units-file"), {"programme": "P1"})

    assert "临江农场" in sheet_of(answer)
    assert Entry.objects.filter(deed="exported", by=clerk).count() == 1


# ---- the rules themselves


@pytest.fixture
def keeper(client, administrator):
    client.force_login(administrator)
    return client


def test_an_administrator_sets_six_clears_up_by_one_press(keeper, programme):
    page = reverse("households:rules-set-up", args=[programme.pk])

    keeper.post(page, {"list": "六清"})
    keeper.post(page, {"list": "六清"})

    told = DossierRule.objects.of_programmes([programme])
    assert [rule.item.label for rule in told] == rules.LISTS["六清"]
    assert told[0].all_of == ["paired"]
    assert Entry.objects.filter(deed="dossier_rules_set_up").count() == 1


def test_the_programmes_own_words_are_kept_where_it_has_the_list(keeper, programme):
    SchemeItemFactory(programme=programme, list_name="五清", label="本县帮扶需求清", seq=1)
    SchemeItemFactory(programme=programme, list_name="五清", label="政策知晓清", seq=2)

    keeper.post(reverse("households:rules-set-up", args=[programme.pk]), {"list": "五清"})

    assert [rule.item.label for rule in DossierRule.objects.all()] == ["本县帮扶需求清"]
    page = keeper.get(reverse("households:rules", args=[programme.pk])).content.decode()
    assert "政策知晓清" in page
    assert "未选择依据" in page


def test_an_administrator_chooses_what_a_clear_asks_for(keeper, programme, five):
    rule = DossierRule.objects.get(item__label="思想状况清")
    page = reverse("households:rule-edit", args=[rule.item_id])

    data = fields_of(keeper.get(page))
    assert data["all_of"] == "attitude"
    keeper.post(page, data | {"all_of": [], "one_of": ["attitude", "visited"]})

    rule.refresh_from_db()
    assert (rule.all_of, rule.one_of) == ([], ["attitude", "visited"])
    entry = Entry.objects.get(deed="dossier_rule_changed")
    assert entry.detail["one_of"] == ["attitude", "visited"]


def test_a_clear_without_evidence_is_asked_of_no_file(keeper, programme, five):
    rule = DossierRule.objects.get(item__label="思想状况清")
    page = reverse("households:rule-edit", args=[rule.item_id])

    keeper.post(page, fields_of(keeper.get(page)) | {"all_of": []})

    assert not DossierRule.objects.filter(pk=rule.pk).exists()
    assert len(clears.rules_of([programme])[programme.pk]) == 4


def test_evidence_that_nobody_knows_cannot_be_chosen(keeper, programme, five):
    rule = DossierRule.objects.get(item__label="思想状况清")
    page = reverse("households:rule-edit", args=[rule.item_id])

    response = keeper.post(page, fields_of(keeper.get(page)) | {"all_of": ["nonsense"]})

    assert response.status_code == 200
    rule.refresh_from_db()
    assert rule.all_of == ["attitude"]


def test_a_clerk_reads_the_rules_and_cannot_change_them(desk, programme, five):
    rule = DossierRule.objects.first()

    page = desk.get(reverse("households:rules", args=[programme.pk])).content.decode()

    assert rule.item.label in page
    assert "选择依据" not in page
    assert desk.get(reverse("households:rule-edit", args=[rule.item_id])).status_code == 403


def test_a_clear_taken_off_its_list_takes_its_rule_along(keeper, programme, five):
    rule = DossierRule.objects.first()

    keeper.post(reverse("item-remove", args=[rule.item_id]))

    assert not DossierRule.objects.filter(pk=rule.pk).exists()


def test_an_entry_of_the_standard_that_papers_answer_stays_in_its_list(keeper, programme, family):
    item = SchemeItemFactory(programme=programme, list_name="一册五卡四帐四档案", label="对接卡")
    DossierItemFactory(household=family().household, programme=programme, item=item)

    keeper.post(reverse("item-remove", args=[item.pk]))

    assert DossierItem.objects.filter(item=item).exists()
