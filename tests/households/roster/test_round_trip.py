"""A list exported to be edited: it comes back with what was edited, and overwrites nothing newer."""

import io

import openpyxl
import pytest
from django.db import transaction
from django.db.models import F
from django.urls import reverse

from households.models import Household, Member, RosterImport
from povertyaid.audit.history import acting
from tests.factories import EnrolmentFactory, HouseholdFactory, MemberFactory, id_number
from tests.households.roster.test_pages import page_of, send, verb

pytestmark = pytest.mark.django_db(transaction=True)  # the history is dated by transactions
EXPORT = reverse("households:export-editable")


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def family(riverside, programme):
    made = HouseholdFactory(unit=riverside, code="B-RIV-000001", head_name="王五", address="一组")
    MemberFactory(household=made, name="王五", seq=1, id_number=id_number(1))
    MemberFactory(
        household=made,
        name="李梅",
        seq=2,
        relation="配偶",
        sex="女",
        id_number=id_number(2, male=False),
    )
    EnrolmentFactory(household=made, programme=programme, principal=made.members.first())
    return made


def exported(client, programme):
    answer = client.post(EXPORT, {"query": f"programme={programme.code}"})
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    head = next(row[0].row for row in book.active.iter_rows() if row[0].value == "户编号")
    columns = {cell.value: cell.column_letter for cell in book.active[head]}
    return book, book.active, head, columns


def brought_back(client, unit, programme, book):
    stream = io.BytesIO()
    book.save(stream)
    send(client, unit, programme, stream.getvalue())
    return RosterImport.objects.latest("pk")


def at_desk(clerk, name, **fields):
    with transaction.atomic(), acting(clerk, "改"):
        member = Member.objects.get(name=name)
        for field, value in fields.items():
            setattr(member, field, value)
        member.save()
        Household.objects.filter(pk=member.household_id).update(version=F("version") + 1)


def test_brought_back_untouched_it_changes_nothing(desk, riverside, programme, family):
    book, sheet, head, columns = exported(desk, programme)

    roster = brought_back(desk, riverside, programme, book)

    assert (roster.state, roster.rows_unchanged, roster.rows_updated) == ("previewed", 2, 0)
    assert not roster.lines.with_warnings().exists()
    told = "".join(str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert id_number(1) not in told
    assert sheet[f"{columns['档案版本']}{head + 1}"].value == "1"


def test_what_was_edited_goes_in_also_a_new_name(desk, riverside, programme, family):
    book, sheet, head, columns = exported(desk, programme)
    sheet[f"{columns['家庭住址']}{head + 1}"] = "九组"
    sheet[f"{columns['姓名']}{head + 2}"] = "李秀梅"

    roster = brought_back(desk, riverside, programme, book)
    verb(desk, roster, "commit")

    family.refresh_from_db()
    assert family.address == "九组"
    assert sorted(family.members.values_list("seq", "name")) == [(1, "王五"), (2, "李秀梅")]
    assert Member.objects.get(name="李秀梅").id_number == id_number(2, male=False)


def test_what_the_desk_changed_since_is_told_and_not_overwritten(
    desk, clerk, riverside, programme, family
):
    book, sheet, head, columns = exported(desk, programme)
    at_desk(clerk, "李梅", health="残疾", employer="农场")
    sheet[f"{columns['健康状况']}{head + 2}"] = "长期慢性病"
    sheet[f"{columns['文化程度']}{head + 2}"] = "初中"

    roster = brought_back(desk, riverside, programme, book)

    assert roster.lines.get(name="李梅").kept == [["health", "残疾", "长期慢性病", True]]
    assert "档案与花名册对下列内容都有新的写法" in page_of(desk, roster)
    verb(desk, roster, "commit")
    mei = Member.objects.get(name="李梅")
    assert (mei.health, mei.education, mei.employer) == ("残疾", "初中", "农场")


def test_a_list_of_every_programme_cannot_be_edited(desk, riverside, family):
    answer = desk.post(EXPORT, {"query": "programme=all"}, follow=True)

    assert "请先选定一项工程" in answer.content.decode()


def test_only_who_imports_takes_it_along(client, supervisor, programme, family):
    client.force_login(supervisor)

    assert client.post(EXPORT, {"query": f"programme={programme.code}"}).status_code == 403


def test_a_text_like_a_formula_leaves_as_text(desk, programme, family):
    family.address = "=HYPERLINK(1)"
    family.save()

    _book, sheet, head, columns = exported(desk, programme)

    cell = sheet[f"{columns['家庭住址']}{head + 1}"]
    assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
