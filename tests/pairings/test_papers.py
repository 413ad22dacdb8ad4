"""Papers of one household: the handbook as it is printed, and with full numbers after a reason."""

import datetime
import io
import re
from decimal import Decimal

import pypdf
import pytest
from django.urls import reverse

from pairings.actions import pairs
from pairings.papers import facts, measures, qr
from povertyaid.audit.models import Entry
from tests.factories import (
    DesignationFactory,
    DossierItemFactory,
    EnrolmentFactory,
    HouseholdFactory,
    IncomeSnapshotFactory,
    MemberFactory,
    StatusReviewFactory,
    VisitFactory,
    VisitItemFactory,
    id_number,
)
from tests.pairings.page import DAY, LATER, paired

NUMBER = id_number(5, born="19620304")
PHONE, ACCOUNT, HELPERS_PHONE = "13912345678", "6228480000000001234", "13877776666"
MASKED = (f"{NUMBER[:4]}**********{NUMBER[-4:]}", "139****5678", "***************1234")


@pytest.fixture
def family(riverside, programme, clerk, helping):
    """A family with everything that a handbook can tell, handed over once."""
    household = HouseholdFactory(
        unit=riverside, head_name="张䶮", phone=PHONE, bank_account=ACCOUNT, address="一委三组",
        note="内部备注",
    )  # fmt: skip
    head = MemberFactory(household=household, name="张䶮", id_number=NUMBER, labour="普通劳动力")
    MemberFactory(household=household, name="李㛃𬭎", relation="配偶", seq=2)
    MemberFactory(
        household=household, name="张已故", relation="之父", seq=3, left_on=DAY,
        leave_reason="deceased",
    )  # fmt: skip
    enrolment = EnrolmentFactory(
        household=household, programme=programme, principal=head, needs=["skills"],
        attitude="愿意发展养殖", target_income=Decimal(8000),
        target_exit_on=datetime.date(2013, 12, 31), status="exited",
        exited_on=datetime.date(2013, 11, 1), exit_label="脱贫",
    )  # fmt: skip
    IncomeSnapshotFactory(enrolment=enrolment)
    last = IncomeSnapshotFactory(
        enrolment=enrolment, stage="exit", year=2013, persons=2, wages=Decimal(18000)
    )
    StatusReviewFactory(
        enrolment=enrolment, snapshot=last, line_value=Decimal(6000), decision="approved",
        decided_by=clerk, decided_at="2013-11-02T09:00:00+08:00",
    )  # fmt: skip
    DesignationFactory(household=household, kind="dibao")
    first, second = helping("于海涛", phone=HELPERS_PHONE), helping("赵新苗", home="机关党委")
    pairing = paired(enrolment, first, clerk)
    pairs.hand_over(pairing, helper=first, to=second, on=LATER, note="调动", by=clerk)
    told = {"household": household, "programme": programme}
    visit = VisitFactory(**told, helper=second, visited_on="2013-02-05", situation="猪舍漏雨")
    VisitItemFactory(visit=visit, kind="policy", times=2)
    VisitItemFactory(visit=visit, kind="technique", times=3)
    VisitItemFactory(visit=VisitFactory(**told, visited_on="2013-03-05"), kind="policy", times=4)
    VisitFactory(
        **told, visited_on="2013-04-05", situation="误记", voided_on=DAY, void_reason="记错"
    )
    return enrolment


def pages_of(response):
    assert response["Content-Type"] == "application/pdf"
    reader = pypdf.PdfReader(io.BytesIO(response.content))
    return [page.extract_text().replace("\n", "") for page in reader.pages]


def handbook(client, enrolment):
    return client.get(reverse("pairings:handbook", args=[enrolment.pk]))


def test_a_handbook_has_four_pages_and_says_what_the_file_says(desk, family):
    cover, facts_of, help_of, end = pages_of(handbook(desk, family))

    said = {
        cover: [
            "职工共同富裕行动", "结对帮扶手册", family.household.code, "张䶮", "临江农场", "赵新苗",
            "2012-05-01 至", "填发单位（盖章）", "一户一册",
        ],
        facts_of: [
            "张䶮", "李㛃𬭎", "2 人", "一委三组", "困难户", "2011-03-01", "低保", *family.cause_words,
            "愿意发展养殖", "普通劳动力", "第 2 页　共 4 页",
        ],
        help_of: [
            "于海涛", "2012-05-01", "赵新苗", "机关党委", "2013-02-01", "8,000.00", "2013-12-31",
            "3,000.00", "9,000.00", "第 3 页　共 4 页",
        ],
        end: [
            "2013-02-05", "猪舍漏雨", "送政策 2、送技术 3", "2013-03-05", "送政策 4", "2013-11-01 脱贫",
            "6,000.00", "户主（签字或按手印）", "单位（盖章）", "第 4 页　共 4 页",
        ],
    }  # fmt: skip
    for page, words in said.items():
        assert [word for word in words if word not in page] == []
    whole = cover + facts_of + help_of + end
    assert [word for word in ("None", "误记", "内部备注", "张已故") if word in whole] == []


def test_every_printed_figure_is_that_of_its_rows(desk, family, clerk):
    _cover, _facts, help_of, _end = pages_of(handbook(desk, family))

    for income in family.incomes.all():
        assert f"{income.net_income:,.2f}{income.per_capita:,.2f}" in help_of.replace(" ", "")
    done = {one.what: one.times for one in facts.services([family], clerk)[family.pk]}
    assert done == {"送政策": 6, "送技术": 3}
    for what, times in done.items():
        first, last = ("2013-02-05", "2013-03-05") if what == "送政策" else ("2013-02-05", "")
        assert f"{what}{first}{'至' if last else ''}{last}{times}" in help_of.replace(" ", "")


def test_who_is_helped_and_not_the_head_stands_on_the_cover(desk, family):
    family.principal = family.household.members.get(seq=2)
    family.save()

    assert "李㛃𬭎" in pages_of(handbook(desk, family))[0]


def test_numbers_are_hidden_and_nobody_is_written_down_as_having_looked(desk, clerk, family):
    text = "".join(pages_of(handbook(desk, family)))

    assert [number for number in MASKED if number not in text] == []
    assert [n for n in (NUMBER, PHONE, ACCOUNT, HELPERS_PHONE) if n in text] == []
    entry = Entry.objects.get(deed="paper_printed")
    assert (entry.by, entry.target_code, entry.detail) == (
        clerk, family.household.code, {"paper": "handbook"},
    )  # fmt: skip
    assert not Entry.objects.reveals().exists()


def test_full_numbers_are_printed_after_a_reason_that_is_kept(desk, clerk, family):
    page = reverse("pairings:handbook-in-full", args=[family.pk])
    assert "请说明" in desk.post(page, {"reason": " "}).content.decode()
    assert not Entry.objects.reveals().exists()

    response = desk.post(page, {"reason": "发放手册"})

    text = "".join(pages_of(response))
    assert [n for n in (NUMBER, PHONE, ACCOUNT, HELPERS_PHONE) if n not in text] == []
    assert "已隐去" not in text
    assert "no-store" in response["Cache-Control"]
    entry = Entry.objects.reveals().get()
    assert (entry.by, entry.reason, entry.target_code) == (clerk, "发放手册", family.household.code)


def test_who_may_not_look_at_numbers_has_none_printed(client, supervisor, family):
    client.force_login(supervisor)

    assert handbook(client, family).status_code == 200
    page = reverse("pairings:handbook-in-full", args=[family.pk])
    assert client.post(page, {"reason": "检查"}).status_code == 403
    assert page not in client.get(family.household.get_absolute_url()).content.decode()


def test_a_neighbours_handbook_does_not_exist(client, neighbour, family):
    client.force_login(neighbour)

    for name in ("handbook", "handbook-in-full"):
        assert client.get(reverse(f"pairings:{name}", args=[family.pk])).status_code == 404


def test_a_helper_prints_the_own_households_handbook_and_no_other(
    client, helper, clerk, family, enrolled
):
    other = enrolled("外人")
    line = family.pairings.get().lines.get(ends_on=None)
    line.helper.staff = helper
    line.helper.save()
    client.force_login(helper)

    assert "张䶮" in pages_of(handbook(client, family))[0]
    assert handbook(client, other).status_code == 404


def test_an_empty_file_gives_a_handbook_to_be_filled_in_by_pen(desk, riverside, programme):
    bare = EnrolmentFactory(
        household=HouseholdFactory(unit=riverside, head_name=""), programme=programme,
        category="", causes=[], identified_on=None, identified_precision="",
    )  # fmt: skip

    pages = pages_of(handbook(desk, bare))

    assert len(pages) == 4
    assert [word for word in ("None", "—") if word in "".join(pages)] == []


def test_what_does_not_fit_goes_on_with_its_heading_on_a_further_page(desk, family):
    for n in range(60):
        VisitFactory(
            household=family.household, programme=family.programme, situation=f"走访{n:02d}" * 6,
            visited_on=DAY + datetime.timedelta(days=n),
        )  # fmt: skip

    pages = pages_of(handbook(desk, family))

    visits = [page for page in pages if "走访情况" in page]
    assert len(visits) > 2
    assert all(f"第 {n} 页　共 {len(pages)} 页" in page for n, page in enumerate(pages, 1) if n > 1)
    for n in range(60):  # no row cut in two
        assert any(f"走访{n:02d}" * 6 in page.replace(" ", "") for page in pages)


def test_the_square_code_leads_to_a_page_behind_the_sign_in(client, family, settings):
    household = family.household
    assert qr.address_of(household, "http://office:8000/") == (
        f"http://office:8000/households/{household.pk}/"
    )
    settings.BASE_URL = "https://bangfu.example.gov.cn"
    address = qr.address_of(household, "http://office:8000/")
    assert address == f"https://bangfu.example.gov.cn/households/{household.pk}/"

    response = client.get(household.get_absolute_url())

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/sign-in/")


def test_rooms_above_add_what_they_gave(desk, family, monkeypatch):
    monkeypatch.setattr(measures, "_sources", [*measures._sources])
    grain = measures.Measure("发放种子", DAY, amount=Decimal("1234.50"), note="春耕")
    measures.register(lambda enrolments, staff: {one.pk: [grain] for one in enrolments})

    help_of = pages_of(handbook(desk, family))[2]

    assert "发放种子2012-05-011,234.50春耕" in help_of.replace(" ", "")


def test_the_file_and_the_pair_offer_the_handbook(desk, family):
    address = reverse("pairings:handbook", args=[family.pk])

    for page in (family.household, family.pairings.get()):
        assert address in desk.get(page.get_absolute_url()).content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_a_handbook_asks_as_often_for_three_families_as_for_one(
    n, clerk, enrolled, helping, django_assert_num_queries
):
    made = [paired(enrolled(f"户{k}"), helping(f"帮{k}"), clerk).enrolment for k in range(n)]
    rows = type(made[0]).objects.filter(pk__in=[one.pk for one in made])
    for one in made:
        VisitItemFactory(visit=VisitFactory(household=one.household, programme=one.programme))
        IncomeSnapshotFactory(enrolment=one)

    with django_assert_num_queries(9):
        assert len(facts.booklets(rows, clerk)) == n


# ---- the contact card


def card(client, enrolment):
    return pages_of(client.get(reverse("pairings:card", args=[enrolment.pk])))


def test_a_card_says_whom_to_call_with_the_whole_phone(desk, family, programme, riverside):
    programme.helping_day = 5
    programme.save()
    riverside.phone = "0451-86001234"
    riverside.save()
    line = family.pairings.get().lines.get(ends_on=None)
    line.helper.phone = HELPERS_PHONE
    line.helper.save()

    (page,) = card(desk, family)

    said = (
        "对接卡", "职工共同富裕行动", "张䶮", family.household.code, "赵新苗", "机关党委", HELPERS_PHONE, "临江农场",
        "0451-86001234", "每月 5 日",
    )  # fmt: skip
    assert [word for word in said if word not in page] == []
    assert [word for word in (PHONE, NUMBER, "于海涛", "一委三组") if word in page] == []


def test_a_card_names_everybody_who_helps_now_the_lead_first(desk, clerk, family, helping):
    pairing = family.pairings.get()
    pairs.join(
        pairing, helper=helping("马志远", phone="13800001111"), role="member", on=LATER, note="",
        by=clerk,
    )  # fmt: skip

    (page,) = card(desk, family)

    assert page.index("赵新苗") < page.index("马志远") < page.index("13800001111")


def test_a_card_of_a_household_without_a_helper_has_room_for_one(desk, enrolled):
    (page,) = card(desk, enrolled("无帮扶户"))

    assert "无帮扶户" in page
    assert "None" not in page


# ---- the whole file


def whole_file(client, household, name="whole-file", **posted):
    page = reverse(f"pairings:{name}", args=[household.pk])
    return client.post(page, posted) if posted else client.get(page)


def test_a_whole_file_has_a_cover_and_contents_that_lead_to_its_pages(desk, family):
    DossierItemFactory(
        household=family.household, programme=family.programme, title="入户调查表", number="D-7"
    )

    pages = pages_of(whole_file(desk, family.household))

    cover, contents = pages[:2]
    assert "帮扶家庭档案表一户一档" in cover
    assert family.household.code in cover
    for title, said in (
        ("家庭成员", "李㛃𬭎"), ("职工共同富裕行动", "8,000.00"), ("帮扶人", "于海涛"),
        ("走访", "猪舍漏雨"), ("档案要求与材料", "入户调查表"), ("身份与证件", "低保"),
    ):  # fmt: skip
        at = int(
            re.search(rf"{title}[ .]*(\d)", contents)[1]
        )  # the next line begins with its number
        assert said in pages[at - 1], title


def test_a_bare_file_lists_what_it_has(desk, riverside):
    _cover, contents, *_rest = pages_of(whole_file(desk, HouseholdFactory(unit=riverside)))

    assert "家庭成员" in contents
    assert "走访" not in contents


def test_a_whole_file_hides_numbers_unless_a_reason_is_given(desk, clerk, family):
    hidden = "".join(pages_of(whole_file(desk, family.household)))
    shown = "".join(
        pages_of(whole_file(desk, family.household, "whole-file-in-full", reason="归档"))
    )

    for number in (NUMBER, PHONE, ACCOUNT, HELPERS_PHONE):
        assert number not in hidden
        assert number in shown
    assert Entry.objects.reveals().get().reason == "归档"


def test_a_neighbours_card_and_file_do_not_exist(client, neighbour, family):
    client.force_login(neighbour)

    assert client.get(reverse("pairings:card", args=[family.pk])).status_code == 404
    for name in ("whole-file", "whole-file-in-full"):
        assert whole_file(client, family.household, name).status_code == 404
