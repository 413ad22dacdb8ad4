"""Opening, saving and numbering files: what every change of a file must leave behind."""

import datetime

import pytest

from households.actions import codes, files, identity
from households.actions.refusals import (
    ClosedFileError,
    PersonElsewhereError,
    RefusedError,
    StaleFileError,
)
from households.models import Enrolment, Household, IdentityClaim, IncomeSnapshot, Member
from povertyaid.audit.models import Entry
from povertyaid.lib.national_id import NationalIdError
from povertyaid.lib.secrets import digest
from tests.factories import HouseholdFactory, MemberFactory, id_number

DAY = datetime.date(2013, 5, 2)


def family(*names, numbers=()):
    """Unsaved members; the first is the head."""
    members = [Member(name=name, relation="" if i else "户主") for i, name in enumerate(names)]
    for member, number in zip(members, numbers, strict=False):
        identity.set_number(member, number)
    return members


def opened(unit, by, *names, numbers=(), **kwargs):
    household = Household(unit=unit, opened_on=DAY)
    return files.open_file(household, members=family(*names, numbers=numbers), by=by, **kwargs)


def test_opening_a_file_keeps_the_family_its_enrolment_and_its_income_together(
    clerk, riverside, programme
):
    enrolment = Enrolment(programme=programme, category="poor")
    income = IncomeSnapshot(enrolment=enrolment, stage="before", year=2012, persons=2, wages=8000)

    household = opened(
        riverside, clerk, "王建国", "李秀英", enrolments=[enrolment], incomes=[income]
    )

    assert household.code == "B-RIV-000001"
    assert household.head_name == "王建国"
    assert household.head_initials == "wjg"
    assert [member.seq for member in household.members.all()] == [1, 2]
    assert household.enrolments.get().status == Enrolment.Status.IDENTIFIED
    assert household.enrolments.get().principal.name == "王建国"
    assert household.enrolments.get().incomes.get().per_capita == 4000


def test_every_change_says_who_and_why_in_the_history_and_in_the_audit_trail(clerk, riverside):
    household = opened(riverside, clerk, "王建国", reason="入户走访")

    event = household.events.get()
    entry = Entry.objects.get()
    assert (event.acted_by, event.acted_reason) == (clerk.pk, "入户走访")
    assert (entry.deed, entry.by, entry.target_code, entry.reason) == (
        "opened",
        clerk,
        household.code,
        "入户走访",
    )


def test_file_numbers_run_on_within_the_unit_and_ignore_other_numberings(clerk, riverside):
    HouseholdFactory(unit=riverside, code="B-RIV-000041")
    HouseholdFactory(unit=riverside, code="B-RIV-2013-7")
    HouseholdFactory(unit=riverside, code="B-RIV-12345678901234")
    HouseholdFactory(unit=riverside, code="BxRIV-000099")

    assert codes.next_codes(riverside, 2) == ["B-RIV-000042", "B-RIV-000043"]


def test_a_number_of_ones_own_that_is_in_use_is_refused(clerk, riverside, hillside):
    HouseholdFactory(unit=hillside, code="2013-7")
    household = Household(unit=riverside, opened_on=DAY, code="2013-7")

    with pytest.raises(RefusedError) as refusal:
        files.open_file(household, members=family("王建国"), by=clerk)

    assert refusal.value.code == "code_in_use"


def test_a_family_has_one_head(clerk, riverside):
    nobody = [Member(name="李秀英", relation="配偶")]
    two = [Member(name="王建国", relation="户主"), Member(name="李秀英", relation="户主")]

    for members, code in [(nobody, "no_head"), (two, "two_heads")]:
        with pytest.raises(RefusedError) as refusal:
            files.open_file(Household(unit=riverside, opened_on=DAY), members=members, by=clerk)
        assert refusal.value.code == code
    assert Household.objects.count() == 0


def test_a_living_person_is_in_one_open_file(clerk, riverside, hillside, neighbour):
    number = id_number(1)
    first = opened(riverside, clerk, "王建国", numbers=[number])

    with pytest.raises(PersonElsewhereError) as refusal:
        opened(hillside, neighbour, "王建国", numbers=[number])

    assert set(refusal.value.held.values()) == {first.pk}
    assert Household.objects.count() == 1


def test_a_disability_certificate_and_the_card_are_one_person(clerk, riverside):
    number = id_number(1)
    opened(riverside, clerk, "王建国", numbers=[f"{number}42"])

    assert identity.holders([digest(number)]) != {}
    with pytest.raises(PersonElsewhereError):
        opened(riverside, clerk, "王建国", numbers=[number])


def test_saving_what_did_not_change_leaves_no_trace(clerk, riverside):
    household = opened(riverside, clerk, "王建国")

    files.save_file(household, members=list(household.members.all()), by=clerk, version=1)

    household.refresh_from_db()
    assert household.version == 1
    assert Entry.objects.filter(deed="changed").count() == 0


def test_saving_names_what_changed_and_counts_the_version_up(clerk, riverside):
    household = opened(riverside, clerk, "王建国", "李秀英")
    member = household.members.get(name="李秀英")
    member.health = "长期慢性病"
    household.address = "第三居民组"

    files.save_file(household, members=[member], by=clerk, version=1, reason="走访核实")

    household.refresh_from_db()
    entry = Entry.objects.get(deed="changed")
    assert household.version == 2
    assert entry.detail == {"fields": ["address", "member.2.health"], "confirmed": []}


def test_who_saves_an_older_state_is_refused(clerk, riverside):
    household = opened(riverside, clerk, "王建国")
    household.address = "第一居民组"
    files.save_file(household, members=[], by=clerk, version=1)
    household.address = "第二居民组"

    with pytest.raises(StaleFileError) as refusal:
        files.save_file(household, members=[], by=clerk, version=1)

    assert refusal.value.current.version == 2
    household.refresh_from_db()
    assert household.address == "第一居民组"


def test_head_and_spouse_may_exchange_places(clerk, riverside):
    household = opened(riverside, clerk, "王建国", "李秀英", numbers=[id_number(1), id_number(2)])
    head, spouse = household.members.all()
    head.relation, spouse.relation = "配偶", "户主"

    files.save_file(household, members=[head, spouse], by=clerk, version=1)

    household.refresh_from_db()
    assert (household.head_name, household.head_initials) == ("李秀英", "lxy")


def test_a_head_who_is_renamed_is_found_under_the_new_name(clerk, riverside):
    household = opened(riverside, clerk, "王建国")
    head = household.members.get()
    head.name = "王建军"

    files.save_file(household, members=[head], by=clerk, version=1)

    household.refresh_from_db()
    head.refresh_from_db()
    assert (household.head_name, household.head_initials) == ("王建军", "wjj")
    assert head.name_initials == "wjj"


def test_a_number_may_be_taken_away_and_its_place_with_it(clerk, riverside):
    household = opened(riverside, clerk, "王建国", numbers=[id_number(1)])
    head = household.members.get()
    identity.set_number(head, "")

    files.save_file(household, members=[head], by=clerk, version=1)

    assert (household.members.get().id_kind, IdentityClaim.objects.count()) == ("", 0)


def test_a_certificate_ends_in_digits():
    with pytest.raises(NationalIdError):
        identity.set_number(Member(name="王建国"), id_number(1) + "4X")


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        (lambda h, by: files.reopen(h, by=by, reason="误操作"), "open"),
        (lambda h, by: files.move(h, to=h.unit, by=by, reason="误操作"), "same_unit"),
        (lambda h, by: files.merge(h, h, on=DAY, by=by, reason="误操作"), "same_file"),
    ],
    ids=["reopening an open file", "moving to the same unit", "merging with itself"],
)
def test_what_would_change_nothing_is_refused(clerk, riverside, deed, code):
    household = opened(riverside, clerk, "王建国")

    with pytest.raises(RefusedError) as refusal:
        deed(household, clerk)

    assert refusal.value.code == code


def test_members_whose_numbers_were_exchanged_can_be_put_right(clerk, riverside):
    numbers = [id_number(1), id_number(2)]
    household = opened(riverside, clerk, "王建国", "李秀英", numbers=numbers)
    head, spouse = household.members.all()
    identity.set_number(head, numbers[1])
    identity.set_number(spouse, numbers[0])

    files.save_file(household, members=[head, spouse], by=clerk, version=1)

    head, spouse = household.members.all()
    assert [head.id_number, spouse.id_number] == [numbers[1], numbers[0]]
    claims = {claim.digest: claim.member_id for claim in IdentityClaim.objects.all()}
    assert claims == {digest(numbers[1]): head.pk, digest(numbers[0]): spouse.pk}


def test_who_leaves_may_be_filed_elsewhere(clerk, riverside, hillside, neighbour):
    number = id_number(2)
    household = opened(riverside, clerk, "王建国", "王小红", numbers=[id_number(1), number])
    daughter = household.members.get(name="王小红")
    daughter.left_on, daughter.leave_reason = DAY, Member.LeaveReason.MARRIED_OUT
    files.save_file(household, members=[daughter], by=clerk, version=1)

    theirs = opened(hillside, neighbour, "王小红", numbers=[number])

    assert identity.holders([digest(number)]) == {digest(number): theirs.pk}
    assert household.members.count() == 2


def test_a_member_of_another_file_cannot_be_changed_through_this_one(clerk, riverside, hillside):
    ours = opened(riverside, clerk, "王建国")
    theirs = MemberFactory(household=HouseholdFactory(unit=hillside), name="赵大海")
    theirs.name = "改名"

    with pytest.raises(KeyError):
        files.save_file(ours, members=[theirs], by=clerk, version=1)

    theirs.refresh_from_db()
    assert theirs.name == "赵大海"


def test_a_closed_file_is_not_changed(clerk, riverside):
    household = opened(riverside, clerk, "王建国")
    files.close(household, on=DAY, close_reason="moved_away", by=clerk)
    household.address = "别处"

    with pytest.raises(ClosedFileError):
        files.save_file(household, members=[], by=clerk, version=2)


def test_a_fifteen_digit_number_is_upgraded_and_kept_as_the_former_one():
    member = Member(name="王建国")

    identity.set_number(member, "239901700101001")

    assert member.id_number.startswith("23990119700101001")
    assert member.former_id_number == "239901700101001"
    assert (member.sex, member.birth_date, member.birth_precision) == (
        "男",
        datetime.date(1970, 1, 1),
        "day",
    )


def test_what_is_written_about_sex_and_birth_stays_as_written():
    member = Member(name="王建国", sex="女", birth_date=DAY, birth_precision="day")

    identity.set_number(member, id_number(1))

    assert (member.sex, member.birth_date) == ("女", DAY)
