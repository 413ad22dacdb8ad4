"""The tree of units through its pages: what one sees, finds, opens, moves, closes."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from povertyaid.audit.models import Entry
from povertyaid.org.models import OrgUnit
from tests.factories import HouseholdFactory, OrgUnitFactory, StaffFactory

ZONE = {"name": "第一管理区", "code": "B-RIV-1", "kind": "zone", "level": "zone"}


def text(response):
    return response.content.decode()


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


# ---- finding


@pytest.mark.parametrize("n", [1, 3])
def test_the_tree_costs_the_same_however_many_units(admin, bureau, n, django_assert_num_queries):
    for _unit in range(n):
        OrgUnitFactory(parent=bureau)

    with django_assert_num_queries(7):
        response = admin.get(reverse("unit-list"))

    assert len(response.context["nodes"]) == n


@pytest.mark.parametrize("n", [1, 3])
def test_finding_costs_the_same_however_many_are_found(
    admin, bureau, riverside, n, django_assert_num_queries
):
    for i in range(n):
        OrgUnitFactory(parent=riverside, name=f"红旗{i}区")

    with django_assert_num_queries(7):
        response = admin.get(reverse("unit-list"), {"q": "红旗"})

    assert len(response.context["found"]) == n


@pytest.mark.parametrize("word", ["临江", "ljnc", "linjiang", "linjiangnongchang", "B-RIV", "b-r"])
def test_a_unit_is_found_by_name_pinyin_initials_or_code(admin, riverside, hillside, word):
    response = admin.get(reverse("unit-list"), {"q": word})

    assert response.context["found"] == [riverside]
    assert "哈东管理局" in text(response)


def test_nothing_found_says_what_to_try(admin, riverside):
    assert "没有这样的单位" in text(admin.get(reverse("unit-list"), {"q": "不存在"}))


def test_a_level_is_fetched_when_it_is_unfolded(admin, riverside, hillside):
    zone = OrgUnitFactory(parent=riverside)

    response = admin.get(reverse("unit-children", args=[riverside.pk]))

    assert list(response.context["nodes"]) == [zone]


def test_a_level_too_long_for_a_page_says_so(admin, bureau, monkeypatch):
    monkeypatch.setattr("povertyaid.web.pages.units.CHILDREN_AT_MOST", 2)
    for _unit in range(3):
        OrgUnitFactory(parent=bureau)

    page = admin.get(reverse("unit-list"))

    assert len(page.context["nodes"]) == 2
    assert "请在上方按名称或编码查找" in text(page)


def test_names_that_several_units_have_are_not_guessed(admin, riverside, hillside):
    zone = OrgUnitFactory(code="Z1", parent=riverside)
    for code, parent in (("S1", riverside), ("S2", hillside)):
        OrgUnitFactory(code=code, name="红旗区", parent=parent)

    response = move(admin, zone, "红旗区")

    assert "同名单位" in str(response.context["form"].errors)


@pytest.mark.parametrize("name", ["unit-edit", "unit-create", "unit-move", "unit-close"])
def test_each_form_names_its_unit_and_the_way_back(admin, riverside, name):
    page = text(admin.get(reverse(name, args=[riverside.pk])))

    assert "临江农场" in page
    assert riverside.get_absolute_url() in page


def test_a_clerk_sees_the_tree_from_the_own_farm_down(client, clerk, hillside, riverside):
    zone = OrgUnitFactory(parent=riverside, name="第一管理区")
    client.force_login(clerk)

    page = client.get(reverse("unit-list"))

    assert page.context["root"] == riverside
    assert list(page.context["nodes"]) == [zone]
    assert "靠山农场" not in text(page)
    assert client.get(reverse("unit-list"), {"q": "靠山"}).context["found"] == []


def test_closed_units_are_shown_when_asked_for(admin, bureau):
    closed = OrgUnitFactory(parent=bureau, closed_on="2013-01-01")

    assert not admin.get(reverse("unit-list")).context["nodes"]
    assert list(admin.get(reverse("unit-list"), {"closed": "1"}).context["nodes"]) == [closed]


@pytest.mark.parametrize("name", ["unit-detail", "unit-children", "unit-edit", "unit-create"])
def test_a_neighbours_unit_does_not_exist(client, riverside, hillside, name):
    client.force_login(StaffFactory(unit=riverside, role="administrator"))

    assert client.get(reverse(name, args=[hillside.pk])).status_code == 404
    assert client.get(reverse(name, args=[999_999])).status_code == 404


@pytest.mark.parametrize("name", ["unit-edit", "unit-create", "unit-move", "unit-close"])
def test_a_clerk_changes_no_unit(client, clerk, riverside, name):
    zone = OrgUnitFactory(parent=riverside)
    client.force_login(clerk)

    assert client.get(reverse(name, args=[zone.pk])).status_code == 403


def test_a_helper_reads_no_units(client, helper):
    client.force_login(helper)

    assert client.get(reverse("unit-list")).status_code == 403


def test_suggestions_stay_within_ones_own_units(client, clerk, riverside, hillside):
    client.force_login(clerk)

    found = client.get(reverse("unit-suggest"), {"q": "nc"}).json()["units"]
    everything = client.get(reverse("unit-suggest"), {"q": "农场"}).json()["units"]

    assert found == []
    assert everything == [{"text": "B-RIV 临江农场", "place": ""}]


def test_a_unit_page_says_what_hangs_on_the_unit(client, auditor, riverside, clerk):
    HouseholdFactory(unit=riverside)
    client.force_login(auditor)

    page = text(client.get(reverse("unit-detail", args=[riverside.pk])))

    assert "1\N{NO-BREAK SPACE}户" in page
    assert "?unit=B-RIV&amp;file=open" in page
    assert "录入员小林" in page


@pytest.mark.parametrize("n", [1, 3])
def test_a_unit_page_costs_the_same_however_much_hangs_on_it(
    admin, riverside, n, django_assert_num_queries
):
    for _each in range(n):
        OrgUnitFactory(parent=riverside)
        StaffFactory(unit=riverside)

    with django_assert_num_queries(12):
        admin.get(reverse("unit-detail", args=[riverside.pk]))


def test_a_unit_page_counts_the_facilities_below_it(admin, bureau, riverside):
    for staff in (3, 5):
        OrgUnitFactory(parent=riverside, kind="aid_centre", full_time_staff=staff)
    OrgUnitFactory(parent=riverside, kind="workshop", model_worker_run=True)
    OrgUnitFactory(parent=riverside, kind="workshop", closed_on="2013-01-01")
    OrgUnitFactory(parent=riverside, kind="zone")

    page = admin.get(reverse("unit-detail", args=[bureau.pk]))

    told = [
        (one["kind"], one["n"], one["staff"], one["by_model_workers"])
        for one in page.context["facilities"]
    ]
    assert told == [("aid_centre", 2, 8, 0), ("workshop", 1, None, 1)]
    assert "?kind=aid_centre&amp;within=B" in text(page)
    assert admin.get(reverse("unit-detail", args=[riverside.pk])).context["facilities"]


def test_units_of_a_kind_are_listed_within_a_unit(admin, riverside, hillside):
    here = OrgUnitFactory(parent=riverside, kind="aid_centre", full_time_staff=4)
    OrgUnitFactory(parent=hillside, kind="aid_centre")
    OrgUnitFactory(parent=riverside, kind="zone")

    page = admin.get(reverse("unit-list"), {"kind": "aid_centre", "within": "B-RIV"})

    assert page.context["found"] == [here]
    assert "专职 4" in text(page)
    everywhere = admin.get(reverse("unit-list"), {"kind": "aid_centre"})
    assert len(everywhere.context["found"]) == 2
    assert admin.get(reverse("unit-list"), {"kind": "castle"}).context["nodes"]


# ---- opening and changing


def test_facts_are_kept_of_the_kinds_that_have_them(admin, riverside):
    facts = {
        "full_time_staff": "4",
        "model_worker_run": "on",
        "in_difficulty": "on",
        "honour": "工人先锋号",
    }
    admin.post(
        reverse("unit-create", args=[riverside.pk]),
        ZONE | facts | {"code": "C", "kind": "aid_centre"},
    )
    admin.post(
        reverse("unit-create", args=[riverside.pk]),
        ZONE | facts | {"code": "E", "kind": "enterprise"},
    )

    centre, works = OrgUnit.objects.get(code="C"), OrgUnit.objects.get(code="E")
    assert (centre.full_time_staff, centre.model_worker_run, centre.in_difficulty) == (
        4,
        False,
        False,
    )
    assert (works.full_time_staff, works.model_worker_run, works.in_difficulty) == (
        None,
        True,
        True,
    )
    assert centre.honour == works.honour == "工人先锋号"
    page = text(admin.get(centre.get_absolute_url()))
    assert "4\N{NO-BREAK SPACE}人" in page
    assert "工人先锋号" in page


def test_what_was_in_difficulty_stays_on_file(admin, riverside):
    works = OrgUnitFactory(parent=riverside, code="E", kind="enterprise", in_difficulty=True)
    typed = ZONE | {"code": "E", "name": works.name}

    answer = admin.post(reverse("unit-edit", args=[works.pk]), typed | {"kind": "zone"})
    assert "困难企业和贫困村" in str(answer.context["form"].errors["kind"])

    works.out_of_difficulty_on = datetime.date(2013, 1, 1)
    works.save()
    answer = admin.post(reverse("unit-edit", args=[works.pk]), typed | {"kind": "enterprise"})
    assert "2013-01-01" in str(answer.context["form"].errors["in_difficulty"])
    works.refresh_from_db()
    assert works.in_difficulty


def test_an_administrator_opens_a_unit_below_the_own_one(admin, administrator, riverside):
    response = admin.post(reverse("unit-create", args=[riverside.pk]), ZONE)

    zone = OrgUnit.objects.get(code="B-RIV-1")
    assert response.url == reverse("unit-detail", args=[zone.pk])
    assert zone.path == "/B/B-RIV/B-RIV-1/"
    assert Entry.objects.get().by == administrator


def test_a_forged_parent_is_not_read(client, riverside, hillside):
    client.force_login(StaffFactory(unit=riverside, role="administrator"))

    client.post(
        reverse("unit-create", args=[riverside.pk]),
        ZONE | {"parent": hillside.pk, "path": "/B/B-HIL/B-RIV-1/"},
    )

    assert OrgUnit.objects.get(code="B-RIV-1").parent == riverside


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"code": "有 空格"}, "单位编码只能用字母、数字、点和横线。"),
        ({"code": "B-RIV"}, "该单位编码已被使用，请另填一个。"),
        ({"kind": "castle"}, "所选内容不在可选范围内，请重新选择。"),
        ({"name": ""}, "请填写此栏。"),
    ],
    ids=["shape", "taken", "forged-kind", "no-name"],
)
def test_a_wrong_entry_says_what_is_wrong(admin, riverside, wrong, why):
    response = admin.post(reverse("unit-create", args=[riverside.pk]), ZONE | wrong)

    assert why in str(response.context["form"].errors)
    assert not OrgUnit.objects.filter(parent=riverside).exists()


def test_the_same_form_sent_twice_opens_one_unit(admin, riverside):
    sent = ZONE | {"_submit": "one-and-the-same"}

    first = admin.post(reverse("unit-create", args=[riverside.pk]), sent)
    second = admin.post(reverse("unit-create", args=[riverside.pk]), sent)

    assert OrgUnit.objects.filter(parent=riverside).count() == 1
    assert first.url == second.url or second.status_code == 200


def test_a_unit_is_renamed_under_its_code(admin, riverside, clerk):
    admin.post(
        reverse("unit-edit", args=[riverside.pk]),
        {"name": "临江农场(撤并)", "code": "FORGED", "kind": "farm", "level": "farm"},
    )

    riverside.refresh_from_db()
    assert (riverside.name, riverside.code) == ("临江农场(撤并)", "B-RIV")


# ---- moving and closing


def move(client, unit, to):
    return client.post(reverse("unit-move", args=[unit.pk]), {"parent": to, "reason": "区划调整"})


@pytest.mark.parametrize("to", ["B-HIL 靠山农场", "B-HIL", "靠山农场"])
def test_a_unit_is_moved_by_code_or_name(admin, riverside, hillside, to):
    zone = OrgUnitFactory(code="Z1", parent=riverside)

    assert move(admin, zone, to).url == zone.get_absolute_url()

    zone.refresh_from_db()
    assert zone.path == "/B/B-HIL/Z1/"


def test_a_unit_is_not_moved_out_of_ones_own_subtree(client, riverside, hillside):
    zone = OrgUnitFactory(parent=riverside)
    client.force_login(StaffFactory(unit=riverside, role="administrator"))

    response = move(client, zone, "B-HIL")

    assert "没有这个单位" in str(response.context["form"].errors)
    zone.refresh_from_db()
    assert zone.parent == riverside


def test_a_refused_move_says_why_on_the_page(admin, riverside):
    zone = OrgUnitFactory(code="Z1", parent=riverside)

    response = move(admin, riverside, "Z1")

    assert zone.code in str(OrgUnit.objects.get(code="Z1").path)
    assert "不能调整到自身" in text(response)


@pytest.mark.parametrize("name", ["unit-move", "unit-close", "unit-reopen"])
def test_nobody_moves_or_closes_the_own_unit(admin, bureau, name):
    assert admin.get(reverse(name, args=[bureau.pk])).status_code == 403


def test_closing_names_every_obstacle(admin, riverside, clerk):
    HouseholdFactory(unit=riverside)

    page = text(
        admin.post(
            reverse("unit-close", args=[riverside.pk]), {"on": "2013-12-10", "reason": "撤并"}
        )
    )

    assert "还有 1 人在本单位" in page
    assert "还有 1 户在册档案" in page


def test_a_unit_is_not_closed_in_the_future(admin, riverside):
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)

    response = admin.post(
        reverse("unit-close", args=[riverside.pk]), {"on": str(tomorrow), "reason": "撤并"}
    )

    assert "这一天还没有到" in str(response.context["form"].errors)


def test_a_unit_closes_and_opens_again(admin, riverside):
    admin.post(reverse("unit-close", args=[riverside.pk]), {"on": "2013.12.10", "reason": "撤并"})
    riverside.refresh_from_db()
    assert str(riverside.closed_on) == "2013-12-10"

    admin.post(reverse("unit-reopen", args=[riverside.pk]), {"reason": "恢复建制"})
    riverside.refresh_from_db()
    assert riverside.is_open


def test_the_trail_leads_to_the_units_history(admin, riverside, hillside):
    zone = OrgUnitFactory(code="Z1", parent=riverside, name="第一管理区")
    move(admin, zone, "B-HIL")

    page = text(admin.get(reverse("history", args=["unit", zone.pk])))

    assert "调整单位隶属" in page
    assert "区划调整" in page
    assert "B-RIV" in page
