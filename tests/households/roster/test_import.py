"""From the plan to the files: what an import writes, keeps, moves and never touches."""

import datetime
import json

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from households.models import (
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    RosterImport,
    kept,
)
from households.roster import files, importing, refusals
from povertyaid.audit.models import Entry
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    MemberFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    RosterHeadingFactory,
)
from tests.households.roster.sheets import HEADS, MEMBERS, ROSTERS, number, settled, workbook

ONE, TWO, THREE, FOUR = number(1), number(2), number(3), number(4)
FAMILY = [
    MEMBERS,
    ["X-1", "张三", "户主", ONE, "男", 3],
    ["", "李梅", "配偶", TWO, "女", ""],
    ["", "张小", "之子", "", "男", ""],
]


def take(unit, programme, *rows, by=None, **named):
    """Import rows at once and answer the receipt."""
    return take_file(unit, programme, workbook(*rows, **named), by=by)


def take_file(unit, programme, data, by=None):
    prepared = importing.import_now(
        importing.readable(data), data, "花名册.xlsx", unit=unit, programme=programme, by=by
    )
    return json.loads(json.dumps(prepared.receipt()))


def counts_of(receipt):
    return {
        name: n for name, n in receipt["counts"].items() if n and name not in ("read", "skipped")
    }


def household(**lookup):
    return Household.objects.get(**lookup)


# ---- the samples, for good


SAMPLES = sorted(ROSTERS.glob("*.expected.json"))


@pytest.mark.parametrize("path", SAMPLES, ids=[path.name.split(".")[0] for path in SAMPLES])
def test_a_sample_gives_the_same_receipt_dry_and_real_and_then_nothing_new(
    path, riverside, programme
):
    expected = json.loads(path.read_text())
    for name in expected.get("given", []):
        take_file(riverside, programme, (ROSTERS / name).read_bytes())
    data = (ROSTERS / expected["file"]).read_bytes()
    dry = importing.prepare(
        importing.readable(data), "x", unit=riverside, programme=programme, by=None
    ).receipt()

    real = take_file(riverside, programme, data)
    again = take_file(riverside, programme, data)

    assert json.loads(json.dumps(dry)) | {"file": ""} == real | {"file": ""}
    assert settled(real | {"file": expected["file"]}) == settled(expected)
    assert (again["counts"]["created"], again["counts"]["updated"]) == (0, 0)
    assert settled(again)["households"] == settled(real)["households"]


# ---- what is written


def test_a_new_family_has_its_file_members_enrolment_and_claims(riverside, programme):
    take(
        riverside,
        programme,
        [*MEMBERS, "家庭住址", "户类型", "致贫原因", "识别时间", "手机号码", "健康状况", "备注"],
        [
            "X-1",
            "张三",
            "本人",
            ONE,
            "",
            2,
            "一组",
            "脱贫户",
            "因病、怪病",
            "2017.12",
            "15400000001",
            "残疾",
            "独居",
        ],
        ["", "李梅", "配偶", TWO + "43", "", "", "", "", "", "", "", "健康", ""],
    )

    family = household(code="X-1")
    assert (family.unit, family.head_name, family.head_pinyin, family.head_initials) == (
        riverside, "张三", "zhang san", "zs",
    )  # fmt: skip
    assert (family.address, family.stated_size, family.version) == ("一组", 2, 1)
    head, wife = family.members.order_by("seq")
    assert (head.name, head.relation, head.id_number, head.sex) == ("张三", "户主", ONE, "男")
    assert (head.birth_date, head.birth_precision) == (datetime.date(1970, 1, 1), "day")
    assert (head.phone, head.health, head.note) == ("15400000001", "残疾", "独居")
    assert (wife.id_kind, wife.id_number) == ("disability_certificate", TWO + "43")
    enrolment = family.enrolments.get()
    assert (enrolment.programme, enrolment.principal) == (programme, head)
    assert (enrolment.category, enrolment.causes) == ("lifted", ["by_illness", "怪病"])
    assert (enrolment.identified_on, enrolment.identified_precision) == (
        datetime.date(2017, 12, 1), "month",
    )  # fmt: skip
    assert enrolment.status == Enrolment.Status.IDENTIFIED
    assert set(IdentityClaim.objects.values_list("member_id", flat=True)) == {head.pk, wife.pk}


@pytest.mark.parametrize("on_file", [TWO, TWO + "43"], ids=["number", "certificate"])
def test_who_is_on_file_in_a_family_of_the_file_is_refused_in_another(
    on_file, riverside, programme
):
    first = [
        MEMBERS,
        ["X-1", "张三", "户主", ONE, "男", 2],
        ["", "李梅", "配偶", on_file, "女", ""],
    ]
    take(riverside, programme, *first)

    receipt = take(
        riverside,
        programme,
        *first[:2],
        ["X-2", "王五", "户主", THREE, "男", 2],
        ["", "李梅", "配偶", TWO, "女", ""],
    )

    assert [(told["row"], told["code"]) for told in receipt["refusals"]] == [
        (4, "member_in_two_households")
    ]
    assert household(code="X-2").members.get().name == "王五"


def test_numbers_and_accounts_lie_encrypted(riverside, programme):
    take(
        riverside, programme, ["姓名", "身份证号", "银行卡号"], ["张三", ONE, "6299905288743423302"]
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number FROM households_member")
        assert ONE.encode() not in bytes(cursor.fetchone()[0])
    assert household().bank_account == "6299905288743423302"


def test_a_family_without_a_code_gets_the_next_number_of_its_unit(riverside, programme):
    HouseholdFactory(unit=riverside, code="B-RIV-000007")

    receipt = take(riverside, programme, HEADS, ["", "张三", ONE, "", "", "", ""])

    assert household(head_name="张三").code == "B-RIV-000008"
    assert "code" not in settled(receipt)["households"][0]


def test_a_code_that_the_roster_brings_later_replaces_the_offices_own(riverside, programme):
    take(riverside, programme, HEADS, ["", "张三", ONE, "", "", "", ""])

    receipt = take(riverside, programme, HEADS, ["7001", "张三", ONE, "", "", "", ""])

    assert counts_of(receipt) == {"updated": 1}
    assert household().code == "7001"


def test_the_offices_own_number_in_a_roster_finds_its_file(riverside, programme):
    take(riverside, programme, HEADS, ["", "张三", ONE, "", "", "", ""])
    code = household().code

    receipt = take(riverside, programme, HEADS, [code, "张三", ONE, "", "", "", ""])

    assert counts_of(receipt) == {"unchanged": 1}


def test_words_of_255_characters_are_kept_whole(riverside, programme):
    long = "长" * 255
    header = [
        "户编号",
        "姓名",
        "与户主关系",
        "身份证号",
        "民族",
        "困难类别",
        "致困原因",
        "开户银行",
        "户联系电话",
    ]

    take(riverside, programme, header, [long, long, "户主", ONE, long, long, long, long, "1" * 255])

    family = household()
    enrolment = family.enrolments.get()
    assert {family.code, family.head_name, family.bank_name, enrolment.category} == {long}
    assert (family.members.get().ethnicity, enrolment.causes) == (long, [long])


# ---- changes


def test_a_change_is_written_counted_and_kept_in_history(clerk, riverside, programme):
    take(riverside, programme, *FAMILY, by=clerk)

    receipt = take(
        riverside,
        programme,
        [*MEMBERS, "家庭住址"],
        ["X-1", "张三", "户主", ONE, "男", 3, "二组"],
        ["", "李梅", "配偶", TWO, "女", "", ""],
        ["", "张小", "之子", THREE, "男", "", ""],
        by=clerk,
    )

    assert counts_of(receipt) == {"updated": 2, "unchanged": 1}
    family = household()
    assert (family.address, family.version) == ("二组", 2)
    assert family.members.get(name="张小").id_number == THREE
    assert IdentityClaim.objects.count() == 3
    event = family.events.order_by("pgh_id").last()
    roster = RosterImport.objects.newest_first().first()
    assert (event.pgh_label, event.address, event.acted_by) == ("update", "二组", clerk.pk)
    assert event.acted_reason == f"{roster.code} 花名册.xlsx"
    assert family.members.get(name="李梅").events.count() == 1


def test_nothing_is_written_where_nothing_changes(riverside, programme):
    take(riverside, programme, *FAMILY)
    before = [
        Household.objects.values().get(),
        list(Member.objects.values()),
        Enrolment.objects.values().get(),
    ]

    take(riverside, programme, *FAMILY)

    after = [
        Household.objects.values().get(),
        list(Member.objects.values()),
        Enrolment.objects.values().get(),
    ]
    assert after == before


def test_no_value_never_erases_what_the_desk_entered(riverside, programme):
    take(riverside, programme, *FAMILY)
    Household.objects.update(address="三组", bank_account="62284800")
    Enrolment.objects.update(attitude="愿意自己干", needs=["fund"])

    take(riverside, programme, [*MEMBERS, "家庭住址"], [*FAMILY[1][:-1], 4, "无"])

    family = household()
    assert (family.address, family.bank_account, family.stated_size) == ("三组", "62284800", 4)
    assert (family.enrolments.get().attitude, family.enrolments.get().needs) == (
        "愿意自己干",
        ["fund"],
    )
    assert family.members.count() == 3


def test_another_head_takes_over(riverside, programme):
    take(riverside, programme, *FAMILY)

    take(riverside, programme, MEMBERS, ["X-1", "李梅", "户主", TWO, "女", 1])

    family = household()
    assert (family.head_name, family.head_pinyin) == ("李梅", "li mei")
    assert dict(family.members.values_list("name", "relation")) == {
        "张三": "", "李梅": "户主", "张小": "之子",
    }  # fmt: skip


def test_heads_may_change_places(riverside, programme):
    take(riverside, programme, *FAMILY)

    take(
        riverside, programme, MEMBERS,
        ["X-1", "张三", "配偶", ONE, "男", 3], ["", "李梅", "户主", TWO, "女", ""],
    )  # fmt: skip

    assert dict(Member.objects.values_list("name", "relation"))["张三"] == "配偶"


def test_a_heads_new_name_stands_on_the_file_too(riverside, programme):
    take(riverside, programme, *FAMILY)

    take(
        riverside,
        programme,
        MEMBERS,
        ["X-1", "李梅", "配偶", TWO, "女", 3],
        ["", "张山", "户主", ONE, "", ""],
    )

    assert (household().head_name, household().head_initials) == ("张山", "zs")


def test_a_new_member_joins_an_old_family_today(riverside, programme):
    take(riverside, programme, *FAMILY)

    with time_machine.travel("2026-03-05 12:00+08:00"):
        take(riverside, programme, *FAMILY, ["", "张花", "之女", FOUR, "女", ""])

    girl = Member.objects.get(name="张花")
    assert (girl.joined_on, girl.seq) == (datetime.date(2026, 3, 5), 4)
    assert Member.objects.get(name="张三").joined_on is None


# ---- incomes

INCOMES = [
    "户编号",
    "户主姓名",
    "身份证号",
    "家庭人口",
    "识别时间",
    "工资性收入(元)",
    "转移性收入(元)",
    "生产经营性支出(元)",
]


def test_the_income_of_a_family_newly_enrolled_is_the_one_before_help(riverside, programme):
    take(riverside, programme, INCOMES, ["1", "张三", ONE, 2, "2019.5", 9000, "", 1000])

    income = IncomeSnapshot.objects.get()
    assert (income.stage, income.year, income.persons, income.source) == (
        "before",
        2019,
        2,
        "花名册",
    )
    assert (income.wages, income.transfers, income.per_capita) == (9000, None, 4000)


@time_machine.travel("2026-03-05 12:00+08:00")
def test_a_changed_income_is_that_of_the_year_of_the_import(riverside, programme):
    take(riverside, programme, INCOMES, ["1", "张三", ONE, 2, "", 9000, 0, 1000])

    for wages in (9500, 9600):
        take(riverside, programme, INCOMES, ["1", "张三", ONE, 2, "", wages, "", ""])

    before, yearly = IncomeSnapshot.objects.order_by("stage")
    assert (before.stage, before.year, before.wages) == ("before", 2026, 9000)
    assert (yearly.stage, yearly.year, yearly.wages, yearly.operating_costs) == (
        "yearly", 2026, 9600, 1000,
    )  # fmt: skip


def test_an_income_that_stays_makes_no_second_one(riverside, programme):
    take(
        riverside, programme, [*INCOMES, "家庭住址"], ["1", "张三", ONE, 2, "", 9000, 0, "", "一组"]
    )

    take(
        riverside, programme, [*INCOMES, "家庭住址"], ["1", "张三", ONE, 2, "", 9000, 0, "", "二组"]
    )

    assert household().address == "二组"
    assert IncomeSnapshot.objects.get().stage == "before"


def test_an_income_over_nobody_knows_how_many_is_only_kept(riverside, programme):
    take(riverside, programme, INCOMES, ["1", "张三", ONE, "", "", 9000, 0, ""])

    assert not IncomeSnapshot.objects.exists()
    assert kept.of_household(Enrolment.objects.get().kept)["income_wage"] == "9000.00"


def test_a_roll_of_members_says_how_many_share_the_income(riverside, programme):
    take(
        riverside, programme, [*MEMBERS, "工资性收入(元)"],
        ["1", "张三", "户主", ONE, "", "", 9000], ["", "李梅", "配偶", TWO, "", "", ""],
    )  # fmt: skip

    assert IncomeSnapshot.objects.get().persons == 2


# ---- what no table holds


def test_payments_and_unknown_columns_are_kept_and_echoed_beside_the_helper(riverside, programme):
    header = [
        "姓名",
        "身份证号",
        "帮扶责任人",
        "帮扶金额(元)",
        "发放时间",
        "政治面貌",
        "社保卡号",
        "人均纯收入(元)",
    ]
    row = ["张三", ONE, "刘建军", 500, "2023.5", "群众", "513999199001011234", 3000]

    receipt = take(riverside, programme, header, row)
    again = take(riverside, programme, header, row)

    assert counts_of(again) == {"unchanged": 1}
    enrolment = Enrolment.objects.get()
    assert kept.of_household(enrolment.kept) == {
        "aid_amount": "500.00", "aid_date": "2023-05",
        "per_capita_income": "3000.00", "per_capita_period": "year",
    }  # fmt: skip
    assert list(kept.columns(enrolment.kept).values()) == [
        {"政治面貌": "群众", "社保卡号": "513999199001011234"}
    ]
    assert "513999199001011234" not in json.dumps(enrolment.kept)
    assert again["households"][0]["helper_name"] == "刘建军"
    assert again["households"] == receipt["households"]


def test_a_new_column_is_kept_though_nothing_else_changes(riverside, programme):
    take(riverside, programme, ["姓名", "身份证号", "民族"], ["张三", ONE, "汉族"])

    receipt = take(
        riverside,
        programme,
        ["姓名", "身份证号", "民族", "政治面貌"],
        ["张三", ONE, "汉族", "党员"],
    )

    assert counts_of(receipt) == {"unchanged": 1}
    assert list(kept.columns(Enrolment.objects.get().kept).values()) == [{"政治面貌": "党员"}]


def test_a_sex_that_is_none_of_two_is_kept_as_written(riverside, programme):
    receipt = take(riverside, programme, ["姓名", "身份证号", "性别"], ["张三", "", "不详"])
    again = take(riverside, programme, ["姓名", "身份证号", "性别"], ["张三", "", "不详"])

    assert Member.objects.get().sex == ""
    assert receipt["households"][0]["members"][0]["sex"] == "不详"
    assert counts_of(again) == {"unchanged": 1}


# ---- units


@pytest.fixture
def zones(riverside):
    first = OrgUnitFactory(code="RIV-1", name="第一管理区", parent=riverside)
    return first, OrgUnitFactory(code="RIV-1-2", name="二连", parent=first)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["第一管理区", ""], "RIV-1"),
        (["第一管理区", "二连"], "RIV-1-2"),
        (["", "二连"], "RIV-1-2"),
        (["RIV-1-2", ""], "RIV-1-2"),
        (["第一管理区", "九连"], "RIV-1"),
        (["第九管理区", ""], "B-RIV"),
        (["临江农场", "二连"], "RIV-1-2"),
    ],
    ids=["name", "path", "unique below", "code", "as far as known", "unknown", "own name first"],
)
def test_a_unit_is_found_by_code_or_path_below_the_given_one(
    riverside, programme, zones, words, code
):
    take(riverside, programme, ["姓名", "身份证号", "管理区", "连队"], ["张三", ONE, *words])

    assert household().unit.code == code
    assert kept.of_household(Enrolment.objects.get().kept)["unit"] == "/".join(filter(None, words))


def test_two_units_of_one_name_leave_the_file_where_the_path_is_clear(riverside, programme, zones):
    OrgUnitFactory(
        code="RIV-2-2",
        name="二连",
        parent=OrgUnitFactory(code="RIV-2", name="第二管理区", parent=riverside),
    )

    take(riverside, programme, ["姓名", "身份证号", "连队"], ["张三", ONE, "二连"])

    assert household().unit == riverside


def test_a_unit_that_keeps_no_files_leaves_them_to_the_one_above(riverside, programme, zones):
    OrgUnitFactory(code="RIV-WS", name="缝纫车间", parent=zones[0], keeps_files=False)

    take(riverside, programme, ["姓名", "身份证号", "所属单位"], ["张三", ONE, "缝纫车间"])

    assert household().unit == zones[0]


def test_a_neighbours_unit_is_not_found(riverside, hillside, programme):
    OrgUnitFactory(code="HIL-1", name="第一管理区", parent=hillside)

    take(riverside, programme, ["姓名", "身份证号", "管理区"], ["张三", ONE, "第一管理区"])

    assert household().unit == riverside


def test_a_family_moves_only_when_the_roster_says_so_anew(riverside, programme, zones):
    _first, second = zones
    header = ["姓名", "身份证号", "管理区"]
    take(riverside, programme, header, ["张三", ONE, "第一管理区"])
    Household.objects.update(unit=riverside)  # the desk moved it

    take(riverside, programme, header, ["张三", ONE, "第一管理区"])
    assert household().unit == riverside

    take(riverside, programme, header, ["张三", ONE, "二连"])
    assert household().unit == second


# ---- other files


def test_a_person_on_file_elsewhere_is_refused_without_a_word_about_the_other_file(
    clerk, riverside, hillside, programme
):
    theirs = HouseholdFactory(unit=hillside, code="HIL-9", head_name="欧阳外场")
    MemberFactory(household=theirs, name="欧阳外场", id_number=ONE)

    receipt = take(riverside, programme, *FAMILY, by=clerk)

    assert counts_of(receipt) == {"refused": 3}
    assert "欧阳" not in json.dumps(receipt, ensure_ascii=False)
    assert "HIL-9" not in json.dumps(receipt)


def test_a_code_that_another_unit_uses_is_kept_beside_a_number_of_the_offices_own(
    clerk, riverside, hillside, programme
):
    theirs = HouseholdFactory(unit=hillside, code="X-1", head_name="外场人")
    MemberFactory(household=theirs, name="外场人")

    first = take(riverside, programme, *FAMILY, by=clerk)
    again = take(riverside, programme, *FAMILY, by=clerk)
    changed = take(riverside, programme, MEMBERS, ["X-1", "张三", "户主", ONE, "男", 4], by=clerk)

    assert [counts_of(one) for one in (first, again, changed)] == [
        {"created": 3}, {"unchanged": 3}, {"updated": 1},
    ]  # fmt: skip
    assert [one["households"][0]["code"] for one in (first, again, changed)] == ["X-1"] * 3
    family = household(unit=riverside)
    assert (family.code, family.stated_size) == ("B-RIV-000001", 4)
    assert kept.to_show(family.enrolments.get().kept) == [("户编号", "X-1")]
    assert Household.objects.get(pk=theirs.pk).head_name == "外场人"


def test_a_family_is_found_by_its_own_number_and_by_the_rosters_code(
    riverside, hillside, programme
):
    HouseholdFactory(unit=hillside, code="X-1")
    take(riverside, programme, *FAMILY)

    receipt = take(riverside, programme, MEMBERS, ["B-RIV-000001", "张三", "户主", ONE, "男", 3])

    assert counts_of(receipt) == {"unchanged": 1}
    assert kept.of_household(Enrolment.objects.get().kept)["code"] == "X-1"


def test_a_code_that_comes_later_and_is_taken_is_kept(riverside, hillside, programme):
    HouseholdFactory(unit=hillside, code="7")
    take(riverside, programme, HEADS, ["", "张三", ONE, "", "", "", ""])

    first = take(riverside, programme, HEADS, ["7", "张三", ONE, "", "", "", ""])
    again = take(riverside, programme, HEADS, ["7", "张三", ONE, "", "", "", ""])

    assert (counts_of(first), counts_of(again)) == ({"updated": 1}, {"unchanged": 1})
    assert household(unit=riverside).code == "B-RIV-000001"


def test_a_closed_file_takes_nobody(riverside, programme):
    HouseholdFactory(
        unit=riverside,
        code="X-1",
        status="closed",
        closed_on=datetime.date(2020, 1, 1),
        close_reason="moved_away",
    )

    receipt = take(riverside, programme, *FAMILY)

    assert {finding["code"] for finding in receipt["refusals"]} == {"file_closed"}


def test_who_has_left_is_not_on_file_any_more(riverside, programme):
    take(riverside, programme, *FAMILY)
    gone = Member.objects.get(name="李梅")
    Member.objects.filter(pk=gone.pk).update(
        left_on=datetime.date(2020, 1, 1), leave_reason="moved_out"
    )
    IdentityClaim.objects.filter(member_id=gone.pk).delete()

    receipt = take(riverside, programme, *FAMILY[:2])

    assert receipt["counts"]["unchanged"] == 1
    assert sum(f["code"] == "member_absent" for f in receipt["warnings"]) == 1  # 张小 only


def test_a_family_of_the_desk_enters_the_programme(riverside, programme):
    family = HouseholdFactory(unit=riverside, code="X-1", head_name="张三")
    MemberFactory(household=family, name="张三", id_number=ONE)

    receipt = take(riverside, programme, *FAMILY[:2])

    assert counts_of(receipt) == {"updated": 1}
    assert family.enrolments.get().programme == programme


def test_each_programme_keeps_its_own_words(riverside, programme, bureau):
    other = ProgrammeFactory(code="P2", lead_unit=bureau)
    header = ["户编号", "姓名", "身份证号", "帮扶类别"]
    take(riverside, programme, header, ["1", "张三", ONE, "临时救助"])

    take(riverside, other, header, ["1", "张三", ONE, "助学"])

    told = {e.programme.code: e.kept["household"]["aid_kind"] for e in Enrolment.objects.all()}
    assert told == {"P1": "临时救助", "P2": "助学"}


# ---- as a whole


def test_an_import_costs_the_same_number_of_queries_whatever_its_size(riverside, programme):
    def queries(n, first):
        data = workbook(
            MEMBERS,
            *[[f"{first}-{i}", f"户{i}", "户主", number(first + i), "", 1] for i in range(n)],
        )
        reading = importing.readable(data)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            importing.import_now(
                reading, data, "x.xlsx", unit=riverside, programme=programme, by=None
            )
        return len(seen)

    for first in (50, 60):  # the first rosters of an office have less to be compared with
        queries(1, first)
    assert queries(1, 100) == queries(7, 200) == 60


def test_one_entry_says_who_imported_what(clerk, riverside, programme):
    take(riverside, programme, *FAMILY, by=clerk)

    entry = Entry.objects.get()
    assert (entry.deed, entry.by, entry.unit_path) == ("roster_imported", clerk, riverside.path)
    assert entry.detail == {
        "file": "花名册.xlsx", "programme": "P1", "rows": 4, "created": 3, "updated": 0, "refused": 0,
    }  # fmt: skip


def test_an_import_that_breaks_leaves_nothing(riverside, programme, monkeypatch):
    def breaks(_members):
        raise RuntimeError("the server goes down here")

    monkeypatch.setattr("households.roster.writing.identity.claim", breaks)
    with pytest.raises(RuntimeError), transaction.atomic():
        take(riverside, programme, *FAMILY)

    assert not Household.objects.exists()
    assert not RosterImport.objects.exists()
    assert list(files.folder().iterdir()) == []


def test_a_desk_that_was_faster_wins_and_nothing_is_written(riverside, programme, monkeypatch):
    def claimed_meanwhile(members):
        from households.actions.refusals import PersonElsewhereError  # noqa: PLC0415 -- the moment

        raise PersonElsewhereError({})

    monkeypatch.setattr("households.roster.writing.identity.claim", claimed_meanwhile)
    with pytest.raises(refusals.OvertakenError), transaction.atomic():
        take(riverside, programme, *FAMILY)

    assert not Household.objects.exists()


# ---- the command


def command(capsys, *arguments):
    """Exit status, standard output and standard error of `import_roster`."""
    try:
        call_command("import_roster", *map(str, arguments))
        status = 0
    except SystemExit as end:
        status = end.code
    out, err = capsys.readouterr()
    return status, out, err


@pytest.fixture
def path(tmp_path):
    found = tmp_path / "花名册.xlsx"
    found.write_bytes(workbook(*FAMILY))
    return found


def test_the_command_imports_and_prints_one_receipt(capsys, path, riverside, programme):
    status, out, err = command(capsys, path, "--unit", "B-RIV", "--programme", "P1", "--json")

    receipt = json.loads(out)
    assert (status, err, out.count("\n")) == (0, "", 1)
    assert (receipt["file"], receipt["counts"]["created"]) == ("花名册.xlsx", 3)
    assert household().members.count() == 3
    assert RosterImport.objects.get().uploaded_by is None


def test_a_trial_run_writes_nothing_at_all(capsys, path, riverside, programme):
    status, out, _err = command(capsys, path, "--unit", "B-RIV", "--programme", "P1", "--dry-run")

    assert status == 0
    assert out == "共读 4 行：新增 3，修改 0，未变 0，未收 0，略过 1。 试运行，没有写入。\n"
    assert not Household.objects.exists()
    assert not RosterImport.objects.exists()
    assert not files.folder().exists()


def test_refused_rows_give_status_two_and_a_workbook(capsys, path, tmp_path, riverside, programme):
    path.write_bytes(workbook(*FAMILY, ["X-2", "王五", "户主", "123", "男", 1]))
    book = tmp_path / "未收.xlsx"

    status, _out, _err = command(
        capsys, path, "--unit", "B-RIV", "--programme", "P1", "--errors", book
    )

    assert status == 2
    assert household().head_name == "张三"
    assert book.exists()


@pytest.mark.parametrize(
    ("content", "outcome", "sentence"),
    [
        (b"", "unreadable", "文件没有内容"),
        (b"PK\x03\x04 broken", "unreadable", "文件已损坏"),
        ("兰河县帮扶工作总结".encode(), "not_a_roster", "没有花名册的表头"),
    ],
    ids=["empty", "broken", "prose"],
)
def test_what_is_no_roster_gives_status_one_and_a_sentence(
    capsys, path, riverside, programme, content, outcome, sentence
):
    path.write_bytes(content)

    status, out, err = command(capsys, path, "--unit", "B-RIV", "--programme", "P1", "--json")

    assert (status, json.loads(out)["outcome"]) == (1, outcome)
    assert sentence in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--unit", "B-XXX", "--programme", "P1"], "没有编码为 B-XXX 的单位。"),
        (["--unit", "B-RIV", "--programme", "P9"], "没有编码为 P9 的工程。"),
        (
            ["--unit", "B-RIV", "--programme", "P1", "--by", "nobody"],
            "没有登录名为 nobody 的人员。",
        ),
        (["--unit", "B-HIL", "--programme", "P1", "--by", "clerk"], "没有编码为 B-HIL 的单位。"),
        (
            ["--unit", "B-RIV", "--programme", "P1", "--by", "approver"],
            "审核员老郑 没有导入花名册的权限。",
        ),
    ],
    ids=["unit", "programme", "person", "a neighbour's unit", "a role that may not"],
)
def test_a_wrong_word_gives_status_one_and_a_chinese_sentence(
    capsys, path, riverside, hillside, programme, clerk, approver, arguments, sentence
):
    assert command(capsys, path, *arguments) == (1, "", f"{sentence}\n")
    assert not Household.objects.exists()


def test_a_missing_file_gives_status_one_and_a_chinese_sentence(
    capsys, tmp_path, riverside, programme
):
    status, out, err = command(
        capsys, tmp_path / "没有.xlsx", "--unit", "B-RIV", "--programme", "P1"
    )

    assert (status, out) == (1, "")
    assert err.startswith("没有文件 ")


def test_the_command_may_act_for_a_clerk(capsys, path, riverside, programme, clerk):
    command(capsys, path, "--unit", "B-RIV", "--programme", "P1", "--by", "clerk")

    assert RosterImport.objects.get().settled_by == clerk
    assert household().events.get().acted_by == clerk.pk


def test_an_enrolment_made_elsewhere_keeps_its_state(riverside, programme):
    family = HouseholdFactory(unit=riverside, code="X-1", head_name="张三")
    head = MemberFactory(household=family, name="张三", id_number=ONE)
    EnrolmentFactory(household=family, programme=programme, principal=head, status="helping")

    take(riverside, programme, [*MEMBERS, "户类型"], [*FAMILY[1], "低保户"])

    enrolment = family.enrolments.get()
    assert (enrolment.status, enrolment.category, enrolment.principal) == ("helping", "dibao", head)


def test_the_command_knows_the_offices_own_headings_as_the_page_does(
    capsys, tmp_path, clerk, riverside, programme
):
    found = tmp_path / "自设表头.xlsx"
    found.write_bytes(
        workbook(["当事人", "证件", "户籍地"], ["王建国", ONE, "一组"], ["李梅", TWO[:17], "二组"])
    )
    for heading, field in (("当事人", "name"), ("证件", "id_number"), ("户籍地", "address")):
        RosterHeadingFactory(unit=riverside, heading=heading, field=field, added_by=clerk)
    out = tmp_path / "未收.xlsx"

    status, said, _err = command(
        capsys, found, "--unit", "B-RIV", "--programme", "P1", "--json", "--errors", out
    )

    assert status == 2
    assert json.loads(said)["counts"]["created"] == 1
    assert out.read_bytes().startswith(b"PK")
