"""Entering a family: what is filled, what is doubted, what is refused, and that nothing typed is lost."""

import datetime
import re
from pathlib import Path

import pytest
from django.urls import reverse

from households import forms as household_forms
from households.doubts import DOUBTS
from households.models import Enrolment, Household, IdentityClaim, Member
from povertyaid.audit.models import Entry
from tests.factories import (
    EnrolmentFactory,
    HouseholdFactory,
    MemberFactory,
    OrgUnitFactory,
    ProgrammeFactory,
    SchemeItemFactory,
    StaffFactory,
    ThresholdFactory,
    id_number,
)
from tests.households.page import add_member, confirm, errors_on, fields_of, warnings_on

CREATE = reverse("households:create")
DOUBT = re.compile(r'(?:add_warning|doubt)\(.*?code="(\w+)"', re.DOTALL)


@pytest.fixture
def desk(client, clerk, programme):
    """The clerk of Riverside before an empty form."""
    client.force_login(clerk)
    return client


def filled(desk, unit, programme, **values):
    """What a clerk types for a family of one, ready to be sent."""
    data = fields_of(desk.get(CREATE))
    data |= {
        "household-unit": unit.code,
        "enrolment-programme": programme.pk,
        "enrolment-category": "poor",
        "members-0-name": "王建国",
        "members-0-relation": "户主",
        "members-0-id_number": id_number(1),
    }
    return data | values


def edit_page(household):
    return reverse("households:edit", args=[household.pk])


@pytest.fixture
def household(riverside, programme):
    """A family of two on file: 王建国 and 李秀英."""
    household = HouseholdFactory(unit=riverside, address="第一居民组")
    MemberFactory(household=household, name="王建国", seq=1)
    MemberFactory(
        household=household, name="李秀英", relation="配偶", sex="女", seq=2,
        id_number=id_number(7, male=False), phone="13900000001",
    )  # fmt: skip
    EnrolmentFactory(household=household, programme=programme)
    return household


def test_a_family_is_entered_once_with_its_enrolment_and_income(desk, riverside, programme):
    data = filled(desk, riverside, programme, **{
        "members-0-id_number": id_number(1, born="19650403"),
        "enrolment-causes": ["illness", "no_capital"],
        "income-year": "2012", "income-persons": "2", "income-wages": "1.5万",
    })  # fmt: skip
    add_member(data, name="李秀英", relation="配偶", id_number=id_number(3, male=False))

    response = desk.post(CREATE, data)

    household = Household.objects.get()
    assert response.url == household.get_absolute_url()
    assert (household.code, household.head_name) == ("B-RIV-000001", "王建国")
    head = household.members.get(relation="户主")
    assert (head.sex, head.birth_date) == ("男", datetime.date(1965, 4, 3))
    enrolment = household.enrolments.get()
    assert enrolment.status == Enrolment.Status.IDENTIFIED
    assert enrolment.causes == ["illness", "no_capital"]
    assert enrolment.incomes.get().per_capita == 7500


def test_the_message_after_saving_is_told_in_chinese(desk, riverside, programme):
    page = desk.get(CREATE)

    assert "保存档案" in page.content.decode()


def test_pressing_save_twice_makes_one_household(desk, riverside, programme):
    data = filled(desk, riverside, programme)

    first, second = desk.post(CREATE, data), desk.post(CREATE, data)

    assert Household.objects.count() == 1
    assert second.url == first.url


def test_a_fifteen_digit_number_is_upgraded_and_the_old_one_kept(desk, riverside, programme):
    data = filled(desk, riverside, programme, **{"members-0-id_number": "239901650403001"})

    desk.post(CREATE, data)

    member = Member.objects.get()
    assert member.id_number.startswith("23990119650403001")
    assert member.former_id_number == "239901650403001"


def test_a_disability_certificate_is_a_number_too(desk, riverside, programme):
    data = filled(desk, riverside, programme, **{"members-0-id_number": id_number(1) + "42"})

    desk.post(CREATE, data)

    assert Member.objects.get().id_kind == Member.IdKind.DISABILITY_CERTIFICATE


def test_a_landline_is_a_phone_too(desk, riverside, programme):
    desk.post(CREATE, filled(desk, riverside, programme, **{"household-phone": "0451-5512345"}))

    assert Household.objects.get().phone == "0451-5512345"


def test_a_birth_date_may_be_a_year_only(desk, riverside, programme):
    data = filled(
        desk, riverside, programme,
        **{"members-0-id_number": "", "members-0-birth_date": "1970年"},
    )  # fmt: skip

    asked = desk.post(CREATE, data)
    desk.post(CREATE, confirm(data, asked))

    member = Member.objects.get()
    assert (member.birth_date, member.birth_precision) == (datetime.date(1970, 1, 1), "year")


def test_words_of_the_programme_may_be_chosen(desk, riverside, programme):
    SchemeItemFactory(programme=programme, list_name="困难类别", label="特困户")
    data = filled(desk, riverside, programme, **{"enrolment-category": "特困户"})

    desk.post(CREATE, data)

    assert Enrolment.objects.get().category == "特困户"


# ---- refusals


@pytest.mark.parametrize(
    ("typed", "where", "code"),
    [
        ({"members-0-name": ""}, (0, "name"), "required"),
        ({"members-0-relation": "之子"}, (0, "relation"), "no_head"),
        ({"members-0-id_number": id_number(1)[:17]}, (0, "id_number"), "wrong_length"),
        ({"members-0-id_number": "23990119701301001X"}, (0, "id_number"), "impossible_birth_date"),
        ({"members-0-id_number": "999999197001010019"}, (0, "id_number"), "placeholder"),
        ({"members-0-name": f"王建国{id_number(1)}"}, (0, "name"), "number_in_name"),
        ({"members-0-name": "王建国 154 0000 1234"}, (0, "name"), "number_in_name"),
        ({"members-0-birth_date": "2023-02-30"}, (0, "birth_date"), "impossible_date"),
        ({"members-0-birth_date": "2100-01-01"}, (0, "birth_date"), "future"),
        ({"household-opened_on": "2023-02-30"}, ("household", "opened_on"), "impossible_date"),
        ({"household-opened_on": "2100-01-01"}, ("household", "opened_on"), "future"),
        ({"members-0-joined_on": "2100-01-01"}, (0, "joined_on"), "future"),
        ({"enrolment-target_income": "0"}, ("enrolment", "target_income"), "not_positive"),
        (
            {"enrolment-identified_on": "2013-05", "enrolment-target_exit_on": "2013-04-30"},
            ("enrolment", "target_exit_on"),
            "order",
        ),
        ({"enrolment-programme": ""}, ("enrolment", "programme"), "required"),
        (
            {
                "enrolment-programme": "", "enrolment-category": "", "income-year": "2012",
                "income-persons": "1", "income-wages": "9000",
            },
            ("enrolment", "programme"),
            "required",
        ),
        ({"income-wages": "9000", "income-persons": "1"}, ("income", "year"), "required"),
        ({"income-wages": "9000", "income-year": "2012"}, ("income", "persons"), "required"),
        ({"household-stated_size": "0"}, ("household", "stated_size"), "no_persons"),
        ({"household-unit": ""}, ("household", "unit"), "required"),
        (
            {"income-year": "2012", "income-persons": "0", "income-wages": "1"},
            ("income", "persons"),
            "no_persons",
        ),
        (
            {"income-year": "2012", "income-persons": "2", "income-wages": "-1"},
            ("income", "wages"),
            "min_value",
        ),
        (
            {"income-year": "2012", "income-persons": "2"},
            ("income", "wages"),
            "nothing",
        ),
        (
            {"income-year": "2012", "income-persons": "2", "income-wages": "1", "income-stated_net": "1"},
            ("income", "stated_net"),
            "both",
        ),
    ],
    ids=[
        "no name", "no head", "number of 17 digits", "month 13 in the number", "placeholder number",
        "identity number in the name", "phone in the name",
        "30 February", "born in the future", "30 February as opening day", "opened in the future",
        "joined in the future", "goal of zero", "planned exit before identification",
        "category without programme", "income without programme", "income of no year",
        "income of no persons", "nobody in the family",
        "no unit", "income of nobody", "income of minus one", "income without amounts",
        "parts and a stated sum",
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_everything_typed_stays(
    desk, riverside, programme, typed, where, code
):
    data = filled(desk, riverside, programme, **{"household-address": "第三居民组", **typed})

    response = desk.post(CREATE, data)

    assert errors_on(response) == {where: [code]}
    assert Household.objects.count() == 0
    again = fields_of(response)
    assert again["household-address"] == "第三居民组"
    assert again["enrolment-category"] == data["enrolment-category"]


def test_seventeen_digits_are_counted_in_words(desk, riverside, programme):
    data = filled(desk, riverside, programme, **{"members-0-id_number": id_number(1)[:17]})

    response = desk.post(CREATE, data)

    assert "这个号码有 17 位" in response.content.decode()


def test_a_number_in_a_name_that_is_on_file_does_not_hold_the_rest_up(desk, household):
    head = household.members.get(seq=1)
    Member.objects.filter(pk=head.pk).update(name="王建国15400001234")
    data = fields_of(desk.get(edit_page(household)))

    desk.post(edit_page(household), data | {"household-address": "第九居民组"})

    household.refresh_from_db()
    assert household.address == "第九居民组"


def test_an_impossible_date_names_the_row(desk, riverside, programme):
    data = filled(desk, riverside, programme)
    add_member(data, name="李秀英", relation="配偶", birth_date="2023-02-30")

    response = desk.post(CREATE, data)

    assert errors_on(response) == {(1, "birth_date"): ["impossible_date"]}
    assert "第 2 行" in response.content.decode()


def test_two_heads_are_refused(desk, riverside, programme):
    data = filled(desk, riverside, programme)
    add_member(data, name="李秀英", relation="户主", id_number=id_number(2, male=False))

    assert errors_on(desk.post(CREATE, data)) == {(1, "relation"): ["two_heads"]}


def test_one_number_for_two_members_is_refused(desk, riverside, programme):
    data = filled(desk, riverside, programme)
    add_member(data, name="王小明", relation="之子", id_number=id_number(1))

    assert errors_on(desk.post(CREATE, data)) == {(1, "id_number"): ["twice"]}


def test_rows_left_empty_or_taken_away_are_no_members(desk, riverside, programme):
    data = filled(desk, riverside, programme)
    add_member(data)
    add_member(data, name="写错了", relation="之子", DELETE="on")

    desk.post(CREATE, data)

    assert [member.name for member in Member.objects.all()] == ["王建国"]


def test_a_row_taken_away_does_not_come_back_with_an_error_page(desk, riverside, programme):
    data = filled(desk, riverside, programme, **{"members-0-birth_date": "2023-02-30"})
    add_member(data, name="写错了", relation="之子", DELETE="on")
    add_member(data, name="李秀英", relation="配偶", id_number=id_number(3, male=False))

    again = fields_of(desk.post(CREATE, data))
    desk.post(CREATE, again | {"members-0-birth_date": "1970-01-01"})

    assert [member.name for member in Member.objects.order_by("seq")] == ["王建国", "李秀英"]


def test_a_person_in_a_file_of_ones_own_is_refused_with_the_way_there(
    desk, riverside, programme, household
):
    number = household.members.get(name="李秀英").id_number
    data = filled(desk, riverside, programme, **{"members-0-id_number": number})

    response = desk.post(CREATE, data)

    assert errors_on(response) == {(0, "id_number"): ["elsewhere"]}
    page = response.content.decode()
    assert household.code in page
    assert f'href="{household.get_absolute_url()}"' in page


def test_a_person_in_a_strangers_file_is_refused_and_nothing_more_is_told(
    desk, riverside, programme, hillside
):
    stranger = HouseholdFactory(unit=hillside, code="B-HIL-000777", head_name="赵大海")
    MemberFactory(household=stranger, name="赵大海", id_number=id_number(5))
    data = filled(desk, riverside, programme, **{"members-0-id_number": id_number(5)})

    response = desk.post(CREATE, data)

    assert errors_on(response) == {(0, "id_number"): ["elsewhere"]}
    page = response.content.decode()
    assert "哈东管理局" in page
    assert [word for word in ["B-HIL", "赵大海", "靠山"] if word in page] == []


def test_at_the_top_the_administrator_is_named_as_the_one_to_ask(client, programme):
    top = OrgUnitFactory(code="TOP")
    MemberFactory(household=HouseholdFactory(unit=OrgUnitFactory()), id_number=id_number(5))
    client.force_login(StaffFactory(unit=top))
    data = fields_of(client.get(CREATE)) | {
        "household-unit": "TOP", "members-0-name": "王建国", "members-0-relation": "户主",
        "members-0-id_number": id_number(5),
    }  # fmt: skip

    assert "请联系系统管理员" in client.post(CREATE, data).content.decode()


def test_who_has_left_a_family_or_was_in_a_closed_file_may_be_entered(
    desk, riverside, programme, hillside
):
    closed = HouseholdFactory(
        unit=hillside, status="closed", closed_on=datetime.date(2012, 1, 1),
        close_reason="moved_away",
    )  # fmt: skip
    MemberFactory(household=closed, id_number=id_number(5))

    desk.post(CREATE, filled(desk, riverside, programme, **{"members-0-id_number": id_number(5)}))

    assert Household.objects.filter(unit=riverside).count() == 1


# ---- doubts


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ({"members-0-id_number": id_number(1)[:-1] + ("1" if id_number(1)[-1] != "1" else "2")}, "check_digit"),
        ({"members-0-sex": "女"}, "sex_number"),
        ({"members-0-birth_date": "1971-01-01"}, "birth_number"),
        ({"members-0-study_stage": "小学"}, "study_age"),
        (
            {"members-0-id_number": id_number(1, born="20200101"), "members-0-labour": "普通劳动力"},
            "minor_labour",
        ),
        ({"members-0-id_number": ""}, "no_number"),
        ({"household-stated_size": "3"}, "size"),
        ({"household-phone": "12345"}, "phone"),
        ({"members-0-phone": "13900"}, "phone"),
        ({"income-year": "2012", "income-persons": "1", "income-wages": "0"}, "no_income"),
        ({"income-year": "2012", "income-persons": "1", "income-wages": "6.1万"}, "far_out"),
    ],
    ids=[
        "check digit", "sex against number", "birth date against number", "age against schooling",
        "age against ability to work",
        "no number", "stated size", "household phone", "member's phone", "income of zero",
        "income of ten times the line",
    ],
)  # fmt: skip
def test_what_is_unusual_is_asked_and_saved_with_a_tick_and_a_reason(
    desk, riverside, programme, typed, code
):
    ThresholdFactory(programme=programme, category="poor", value=6000)
    data = filled(desk, riverside, programme, **typed)

    asked = desk.post(CREATE, data)

    assert (warnings_on(asked), errors_on(asked)) == ([code], {})
    assert Household.objects.count() == 0
    desk.post(CREATE, confirm(data, asked, reason="户口簿如此"))
    assert Household.objects.count() == 1
    entry = Entry.objects.get(deed="opened")
    assert entry.detail["confirmed"] == [code]
    assert "户口簿如此" in entry.reason


def test_relation_and_sex_of_a_daughter_are_compared(desk, riverside, programme):
    data = filled(desk, riverside, programme)
    add_member(data, name="王小红", relation="之女", id_number=id_number(2, born="20000101"))

    assert warnings_on(desk.post(CREATE, data)) == ["relation_sex"]


def test_head_and_spouse_of_one_sex_are_asked_about(desk, riverside, programme):
    data = filled(desk, riverside, programme)
    add_member(data, name="李秀英", relation="配偶", id_number=id_number(2))

    assert warnings_on(desk.post(CREATE, data)) == ["couple"]


def test_a_phone_shared_with_a_file_one_may_see_is_asked_about(
    desk, riverside, programme, household, hillside
):
    other = HouseholdFactory(unit=hillside, phone="13900000002")
    MemberFactory(household=other)
    shared = filled(desk, riverside, programme, **{"household-phone": "13900000001"})
    strangers = filled(desk, riverside, programme, **{"household-phone": "13900000002"})

    asked = desk.post(CREATE, shared)

    assert warnings_on(asked) == ["shared_phone"]
    assert household.code in asked.content.decode()
    assert desk.post(CREATE, strangers).status_code == 302


def test_what_was_confirmed_is_not_asked_again_until_it_changes(desk, household):
    member = household.members.get(name="李秀英")
    member.relation = "之子"
    member.save()
    data = fields_of(desk.get(edit_page(household))) | {"household-address": "第二居民组"}

    assert desk.post(edit_page(household), data).status_code == 302


def test_every_doubt_has_a_word_in_the_audit_trail():
    forms = Path(household_forms.__file__).parent.glob("*.py")
    asked = {code for form in forms for code in DOUBT.findall(form.read_text())}

    assert asked == set(DOUBTS)


# ---- what a form must not be made to do


def test_forged_units_programmes_states_and_rows_change_nothing(
    desk, riverside, programme, hillside
):
    stranger = MemberFactory(household=HouseholdFactory(unit=hillside), name="赵大海")
    foreign = ProgrammeFactory(lead_unit=OrgUnitFactory())

    unit = desk.post(
        CREATE, filled(desk, riverside, programme, **{"household-unit": hillside.code})
    )
    other = desk.post(
        CREATE, filled(desk, riverside, programme, **{"enrolment-programme": foreign.pk})
    )
    row = desk.post(
        CREATE,
        filled(desk, riverside, programme, **{
            "members-0-id": stranger.pk, "members-INITIAL_FORMS": "1",
        }),
    )  # fmt: skip

    assert errors_on(unit) == {("household", "unit"): ["unknown"]}
    assert errors_on(other) == {("enrolment", "programme"): ["invalid_choice"]}
    assert errors_on(row) == {(0, "__all__"): ["foreign_row"]}
    assert "赵大海" not in row.content.decode()
    stranger.refresh_from_db()
    assert stranger.name == "赵大海"


def test_state_and_exit_cannot_be_posted(desk, riverside, programme, household):
    data = fields_of(desk.get(edit_page(household))) | {
        "household-address": "第二居民组",
        "household-status": "closed",
        "household-closed_on": "2013-01-01",
        "enrolment-status": "exited",
        "enrolment-exited_on": "2013-01-01",
    }

    desk.post(edit_page(household), data)

    household.refresh_from_db()
    assert (household.address, household.status) == ("第二居民组", "open")
    assert household.enrolments.get().exited_on is None


def test_only_who_keeps_files_may_enter_them(client, approver, supervisor, helper, household):
    answers = {}
    for staff in (approver, supervisor, helper):
        client.force_login(staff)
        answers[staff.role] = (
            client.get(CREATE).status_code,
            client.get(edit_page(household)).status_code,
        )

    assert answers == {
        "approver": (403, 403),
        "supervisor": (403, 403),
        "helper": (403, 403),
    }


def test_a_neighbours_file_does_not_exist(client, neighbour, household):
    client.force_login(neighbour)

    assert client.get(edit_page(household)).status_code == 404
    assert client.post(edit_page(household), {}).status_code == 404


# ---- changing a file


def test_a_stored_number_is_never_sent_out_again(desk, household):
    household.bank_account = "6222020200011112222"
    household.save()
    numbers = [member.id_number for member in household.members.all()]

    page = desk.get(edit_page(household)).content.decode()

    assert [one for one in [*numbers, "6222020200011112222", "13900000001"] if one in page] == []
    assert page.count("**********") >= 2


def test_a_number_left_as_it_is_stays_and_typed_over_is_replaced(desk, household):
    before = household.members.get(name="王建国").id_number
    data = fields_of(desk.get(edit_page(household)))

    desk.post(edit_page(household), data | {"household-address": "第二居民组"})
    assert household.members.get(name="王建国").id_number == before

    data = fields_of(desk.get(edit_page(household)))
    desk.post(edit_page(household), data | {"members-0-id_number": id_number(9)})
    head = household.members.get(name="王建国")
    assert head.id_number == id_number(9)
    assert IdentityClaim.objects.get(member_id=head.pk).digest == head.id_digest


def test_a_member_who_left_is_dated_and_not_removed(desk, household):
    data = fields_of(desk.get(edit_page(household)))
    nothing_said = desk.post(edit_page(household), data | {"members-1-DELETE": "on"})
    assert errors_on(nothing_said) == {
        (1, "left_on"): ["required"],
        (1, "leave_reason"): ["required"],
    }

    desk.post(
        edit_page(household),
        data | {
            "members-1-DELETE": "on", "members-1-left_on": "2013.05.01",
            "members-1-leave_reason": "married_out",
        },
    )  # fmt: skip

    spouse = household.members.get(name="李秀英")
    assert (spouse.left_on, spouse.leave_reason) == (datetime.date(2013, 5, 1), "married_out")
    assert not IdentityClaim.objects.filter(member_id=spouse.pk).exists()
    assert "李秀英" not in str(fields_of(desk.get(edit_page(household))))


def test_a_word_from_a_roster_that_no_list_knows_survives_the_form(desk, household):
    member = household.members.get(name="李秀英")
    member.health = "腰椎间盘突出"
    member.save()
    enrolment = household.enrolments.get()
    enrolment.causes = ["因婚", "illness"]
    enrolment.save()
    data = fields_of(desk.get(edit_page(household)))

    desk.post(edit_page(household), data | {"household-address": "第二居民组"})

    member.refresh_from_db()
    enrolment.refresh_from_db()
    assert (member.health, enrolment.causes) == ("腰椎间盘突出", ["因婚", "illness"])


def test_sending_the_page_back_unchanged_changes_nothing(desk, household):
    desk.post(edit_page(household), fields_of(desk.get(edit_page(household))))

    household.refresh_from_db()
    assert household.version == 1
    assert Entry.objects.filter(deed="changed").count() == 0


def test_the_reason_for_a_change_stands_in_the_history(desk, household, clerk):
    data = fields_of(desk.get(edit_page(household)))

    desk.post(
        edit_page(household),
        data | {"household-address": "第二居民组", "household-why": "五月入户走访"},
    )

    event = household.events.order_by("-pgh_id").first()
    assert (event.acted_by, event.acted_reason) == (clerk.pk, "五月入户走访")


def test_who_left_cannot_have_left_before_joining(desk, household):
    data = fields_of(desk.get(edit_page(household))) | {
        "members-1-joined_on": "2013-06-01", "members-1-DELETE": "on",
        "members-1-left_on": "2013-05-01", "members-1-leave_reason": "other",
    }  # fmt: skip

    assert errors_on(desk.post(edit_page(household), data)) == {(1, "left_on"): ["order"]}
    data["members-1-left_on"] = "2100-01-01"
    assert errors_on(desk.post(edit_page(household), data)) == {(1, "left_on"): ["future"]}


def test_a_family_without_members_is_none(desk, household):
    data = fields_of(desk.get(edit_page(household)))
    for row in (0, 1):
        data |= {
            f"members-{row}-DELETE": "on", f"members-{row}-left_on": "2013-05-01",
            f"members-{row}-leave_reason": "other",
        }  # fmt: skip

    assert errors_on(desk.post(edit_page(household), data)) == {
        ("household", "__all__"): ["nobody"]
    }


def test_lines_of_a_note_are_no_change_however_a_browser_ends_them(desk, household):
    household.note = "第一行\n第二行"
    household.save()
    data = fields_of(desk.get(edit_page(household))) | {"household-note": "第一行\r\n第二行"}

    desk.post(edit_page(household), data)

    household.refresh_from_db()
    assert household.version == 1


def test_a_family_may_be_enrolled_in_another_programme(desk, household, bureau):
    second = ProgrammeFactory(code="P2", name="金秋助学", lead_unit=bureau)
    page = edit_page(household) + "?programme=P2"
    data = fields_of(desk.get(page))
    assert data["enrolment-programme"] == str(second.pk)

    desk.post(page, data | {"enrolment-category": "low_income"})

    assert [e.programme.code for e in household.enrolments.order_by("pk")] == ["P1", "P2"]
    assert household.enrolments.get(programme=second).status == "identified"


def test_a_session_lost_while_typing_brings_the_rows_back(desk, clerk, riverside, programme):
    data = filled(desk, riverside, programme, **{"household-address": "第三居民组"})
    add_member(data, name="李秀英", relation="配偶")
    desk.logout()

    sent = desk.post(CREATE, data)
    assert "sign-in" in sent.url
    desk.force_login(clerk)
    again = fields_of(desk.get(CREATE))

    assert Household.objects.count() == 0
    assert again["household-address"] == "第三居民组"
    assert again["members-1-name"] == "李秀英"


def test_a_form_sent_without_anything_in_it_is_answered_with_what_is_missing(desk, programme):
    response = desk.post(CREATE, {})

    assert response.status_code == 200
    assert errors_on(response)["household", "unit"] == ["required"]
    assert Household.objects.count() == 0


@pytest.mark.parametrize("n", [1, 3])
def test_the_page_asks_as_many_questions_for_three_members_as_for_one(
    desk, riverside, programme, n, django_assert_num_queries
):
    household = HouseholdFactory(unit=riverside)
    for seq in range(1, n + 1):
        relation = "之子" if seq > 1 else "户主"
        MemberFactory(household=household, seq=seq, relation=relation, id_number=id_number(seq))
    EnrolmentFactory(household=household, programme=programme)

    with django_assert_num_queries(15):
        desk.get(edit_page(household))


def test_a_principal_who_has_left_is_still_named_after_another_change(desk, household):
    spouse = household.members.get(name="李秀英")
    enrolment = household.enrolments.get()
    enrolment.principal = spouse
    enrolment.save()
    Member.objects.filter(pk=spouse.pk).update(
        left_on=datetime.date(2013, 5, 1), leave_reason="deceased"
    )
    data = fields_of(desk.get(edit_page(household)))

    desk.post(edit_page(household), data | {"household-address": "第二居民组"})

    enrolment.refresh_from_db()
    assert enrolment.principal == spouse


def test_an_upper_unit_chooses_among_all_units_below(
    client, bureau, riverside, hillside, programme
):
    client.force_login(StaffFactory(unit=bureau, role="clerk"))

    form = client.get(CREATE).context["form"].household

    assert set(form.fields["unit"].units) == {riverside, hillside}
