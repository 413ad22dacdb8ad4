"""The roster of helpers: entered, found, changed, left, relieved of all households at once."""

import pytest
from django.urls import reverse

from households.actions.refusals import RefusedError
from pairings.actions import helpers, pairs
from pairings.forms.pick import written
from pairings.models import Helper, Pairing
from povertyaid.audit.models import Entry
from tests.factories import OrgUnitFactory, ProgrammeFactory, StaffFactory, id_number
from tests.households.page import confirm, fields_of, warnings_on
from tests.pairings.page import DAY, LATER, address, errors_of, paired, send, told, who

LIST = reverse("pairings:helper-list")
CREATE = reverse("pairings:helper-create")
FRAGMENT = {"HX-Request": "true"}


def names(response):
    return [row.name for row in response.context["object_list"]]


# ---- entering and changing


def test_a_helper_is_entered(desk, programme, riverside, clerk):
    answer = send(
        desk, CREATE, name="于海涛", category="cadre", home="场工会", rank="副处级",
        phone="13900000001", id_number=id_number(3),
    )  # fmt: skip

    helper = Helper.objects.get()
    assert answer["Location"] == helper.get_absolute_url()
    assert (helper.programme, helper.unit, helper.kind) == (programme, riverside, "person")
    assert (helper.name_pinyin, helper.name_initials) == ("yu hai tao", "yht")
    assert helper.id_number == id_number(3)
    assert helper.events.get().acted_by == clerk.pk
    assert Entry.objects.get(deed="helper_added").target_code == helper.trail_code
    page = desk.get(helper.get_absolute_url()).content.decode()
    assert "党员领导干部" in page
    assert "13900000001" not in page
    assert id_number(3) not in page


def test_the_same_person_is_entered_twice_only_on_purpose(desk, helping):
    helping("于海涛", home="场工会")

    answer = send(desk, CREATE, name="于海涛", category="cadre", home="场工会")
    assert warnings_on(answer) == ["same_name"]

    desk.post(CREATE, confirm(fields_of(answer), answer, "同名不同人"))
    assert Helper.objects.count() == 2


def test_a_number_stands_once_on_a_roster(desk, helping):
    send(desk, address("helper-edit", helping()), id_number=id_number(3))

    answer = send(desk, CREATE, name="赵铁柱", category="cadre", id_number=id_number(3))

    assert any("已有这个身份证号" in text for text in told(answer))
    assert Helper.objects.count() == 1


def test_a_change_says_who_and_what_but_no_number(desk, helping, clerk):
    helper = helping(phone="13900000001")

    send(desk, address("helper-edit", helper), rank="正处级", phone="13900000002")

    helper.refresh_from_db()
    assert (helper.rank, helper.phone, helper.version) == ("正处级", "13900000002", 2)
    entry = Entry.objects.get(deed="helper_changed")
    assert entry.detail == {"fields": ["rank", "phone"]}
    history = desk.get(reverse("history", args=["helper", helper.pk])).content.decode()
    assert "正处级" in history
    assert "13900000002" not in history


def test_two_at_one_entry_the_second_is_told(desk, helping, clerk):
    helper = helping()
    page = address("helper-edit", helper)
    opened = fields_of(desk.get(page))
    send(desk, page, rank="正处级")

    answer = desk.post(page, opened | {"rank": "副处级"})

    assert any("同事" in text for text in told(answer))
    helper.refresh_from_db()
    assert helper.rank == "正处级"


def test_a_sign_in_belongs_to_one_helper_of_a_programme(desk, helping, helper, riverside):
    first, second = helping(), helping("赵铁柱")
    send(desk, address("helper-edit", first), staff=helper.pk)

    answer = send(desk, address("helper-edit", second), staff=helper.pk)

    first.refresh_from_db()
    assert first.staff == helper
    assert any("另一位帮扶人" in text for text in told(answer))
    elsewhere = helping(programme=ProgrammeFactory(lead_unit=riverside))
    send(desk, address("helper-edit", elsewhere), staff=helper.pk)
    elsewhere.refresh_from_db()
    assert elsewhere.staff == helper


def test_only_helpers_accounts_can_be_chosen_and_no_unit_signs_in(desk, helping, helper, clerk):
    page = address("helper-edit", helping())

    assert errors_of(send(desk, page, staff=clerk.pk)) == {"staff": ["invalid_choice"]}
    assert errors_of(send(desk, page, staff=helper.pk, kind="unit")) == {"staff": ["unit_signs_in"]}


# ---- leaving and coming back


def test_a_helper_leaves_and_comes_back(desk, helping):
    helper = helping()
    send(
        desk,
        address("helper-leave", helper),
        on="2013-02-01",
        leave_reason="retired",
        reason="退休",
    )
    helper.refresh_from_db()
    assert (helper.left_on, helper.leave_reason) == (LATER, "retired")
    assert names(desk.get(LIST)) == []
    assert names(desk.get(LIST, {"state": "left"})) == ["于海涛"]

    send(desk, address("helper-return", helper), reason="返聘")

    helper.refresh_from_db()
    assert helper.left_on is None
    assert names(desk.get(LIST)) == ["于海涛"]


def test_nobody_leaves_before_joining_a_pair(enrolled, helping, clerk):
    helper = helping()
    paired(enrolled(), helper, clerk, on=LATER)

    with pytest.raises(RefusedError) as refused:
        helpers.leave(helper, on=DAY, leave_reason="retired", by=clerk)

    assert refused.value.code == "before_pairing"


def test_a_leavers_pairs_are_told_and_handed_over_at_once(desk, enrolled, helping, clerk):
    leaver, other = helping(), helping("赵铁柱")
    made = [paired(enrolled(name), leaver, clerk) for name in ("张三", "李四", "王五")]
    helpers.leave(leaver, on=LATER, leave_reason="transferred", by=clerk)
    assert Pairing.objects.whose_helper_left().count() == 3
    assert "等待移交" in desk.get(leaver.get_absolute_url()).content.decode()

    send(
        desk, address("helper-hand-over", leaver), to=written(other), on="2013-02-01", reason="调离"
    )

    assert [who(pair) for pair in made] == [["赵铁柱"]] * 3
    assert [who(pair, on=DAY) for pair in made] == [["于海涛"]] * 3
    assert not Pairing.objects.whose_helper_left().exists()
    entry = Entry.objects.get(deed="pairs_handed_over")
    assert (entry.detail["pairs"], entry.detail["to"]) == (3, other.trail_code)


@pytest.mark.parametrize("n", [1, 4])
def test_handing_over_takes_the_same_number_of_statements(
    django_assert_num_queries, enrolled, helping, clerk, n
):
    leaver, other = helping(), helping("赵铁柱")
    for nth in range(n):
        paired(enrolled(f"户{nth}"), leaver, clerk)

    with django_assert_num_queries(16):
        pairs.hand_over_all(leaver, to=other, on=LATER, by=clerk)


def test_two_who_hand_over_one_helper_the_second_is_told(desk, enrolled, helping, clerk):
    leaver, mine, theirs = helping(), helping("赵铁柱"), helping("钱进")
    pair = paired(enrolled(), leaver, clerk)
    page = address("helper-hand-over", leaver)
    opened = fields_of(desk.get(page))
    send(desk, page, to=written(theirs), on="2013-02-01", reason="调离")

    answer = desk.post(page, opened | {"to": written(mine), "on": "2013-02-01", "reason": "调离"})

    assert any("同事" in text for text in told(answer))
    assert who(pair) == ["钱进"]


def test_nothing_is_handed_to_who_is_there_already_or_to_kin(enrolled, helping, clerk):
    leaver, other = helping(), helping("赵铁柱")
    pair = paired(enrolled(number=id_number(5)), leaver, clerk)
    helpers.set_number(other, id_number(5))
    other.save()
    with pytest.raises(RefusedError) as kin:
        pairs.hand_over_all(leaver, to=other, on=LATER, by=clerk)
    third = helping("钱进")
    pairs.join(pair, helper=third, on=DAY, by=clerk)
    with pytest.raises(RefusedError) as there:
        pairs.hand_over_all(leaver, to=third, on=LATER, by=clerk)

    assert (kin.value.code, there.value.code) == ("own_family", "already_on_pair")


def test_pairs_of_a_neighbour_are_not_handed_over_with_ones_own(
    enrolled, helping, clerk, neighbour, hillside, supervisor
):
    leaver = helping()
    mine = paired(enrolled(), leaver, supervisor)
    theirs = paired(enrolled("孟小山", unit=hillside), leaver, supervisor)

    pairs.hand_over_all(leaver, to=helping("赵铁柱"), on=LATER, by=clerk)

    assert (who(mine), who(theirs)) == (["赵铁柱"], ["于海涛"])


# ---- the list


def test_the_list_shows_the_own_units_roster(desk, client, helping, hillside, neighbour):
    helping("于海涛")
    helping("孟小山", unit=hillside)

    assert names(desk.get(LIST)) == ["于海涛"]
    client.force_login(neighbour)
    assert names(client.get(LIST)) == ["孟小山"]


@pytest.mark.parametrize("word", ["海涛", "yuhai", "yht", "于海涛"])
def test_a_helper_is_found_by_name_pinyin_and_initials(desk, helping, word):
    helping("于海涛")
    helping("赵铁柱")

    assert names(desk.get(LIST, {"q": word})) == ["于海涛"]


def test_the_list_is_narrowed(desk, enrolled, helping, clerk, riverside):
    idle = helping("甲一", category="expert", in_post_local=True)
    busy = helping("乙二", category="model_worker", honour_level="national")
    unit = helping("丙厂", category="unit", kind="unit", unit=OrgUnitFactory(parent=riverside))
    paired(enrolled(), busy, clerk)
    for nth in range(6):
        paired(enrolled(f"户{nth}"), unit, clerk)

    def asked(**query):
        return names(desk.get(LIST, query))

    assert asked(state="idle") == [idle.name]
    assert asked(state="overloaded") == [unit.name]
    assert asked(category="expert") == [idle.name]
    assert asked(kind="unit") == [unit.name]
    assert asked(honour_level="national") == [busy.name]
    assert asked(in_post="yes") == [idle.name]
    assert asked(unit=unit.unit.code) == [unit.name]
    assert asked(programme="all", state="all") == [unit.name, idle.name, busy.name]


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, helping, clerk, n
):
    for nth in range(n):
        paired(enrolled(f"户{nth}"), helping(f"帮手{nth}"), clerk)

    with django_assert_num_queries(9):
        response = desk.get(LIST, {"programme": "all"}, headers=FRAGMENT)

    assert len(response.context["object_list"]) == n


@pytest.mark.parametrize("n", [1, 3])
def test_a_helpers_page_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, enrolled, helping, clerk, n
):
    helper = helping()
    for nth in range(n):
        paired(enrolled(f"户{nth}"), helper, clerk)

    with django_assert_num_queries(7):
        desk.get(helper.get_absolute_url())


def test_an_empty_roster_says_what_to_do(desk):
    page = desk.get(LIST).content.decode()

    assert "还没有登记帮扶人" in page
    assert CREATE in page


def test_the_list_is_taken_away_as_a_workbook_without_phones(desk, helping):
    from tests.every_url import said  # noqa: PLC0415 -- only here

    helping(phone="13900000001")

    told_in_book = said(desk.post(reverse("pairings:helper-export"), {"query": "programme=all"}))

    assert "于海涛" in told_in_book
    assert "13900000001" not in told_in_book
    assert Entry.objects.get(deed="exported").detail["rows"] == 1


def test_the_box_suggests_who_can_be_chosen(desk, helping, hillside, programme, clerk):
    helping("于海涛")
    helping("于海洋", unit=hillside)
    gone = helping("于海波")
    helpers.leave(gone, on=DAY, leave_reason="retired", by=clerk)

    found = desk.get(
        reverse("pairings:helper-suggest"), {"q": "yuhai", "programme": programme.code}
    ).json()["units"]

    assert [one["text"].split()[0] for one in found] == ["于海涛"]


# ---- who may


def test_reading_is_for_many_and_keeping_for_the_clerk(
    client, helping, approver, supervisor, auditor, administrator, helper, riverside
):
    row = helping()
    seen = {}
    for staff in (approver, supervisor, auditor, administrator, helper):
        client.force_login(staff)
        seen[staff.role] = (
            client.get(row.get_absolute_url()).status_code,
            client.get(address("helper-edit", row)).status_code,
        )

    assert seen == {
        "approver": (200, 403),
        "supervisor": (200, 403),
        "auditor": (200, 403),
        "administrator": (200, 403),
        "helper": (403, 403),
    }


def test_an_administrator_reads_no_family_on_a_helpers_page(
    client, administrator, enrolled, helping, clerk
):
    helper = helping()
    paired(enrolled("王建国"), helper, clerk)
    client.force_login(administrator)

    assert "王建国" not in client.get(helper.get_absolute_url()).content.decode()


def test_a_sign_in_for_helpers_exists():
    assert StaffFactory(role="helper").has_perm("pairings.view_pairing")
