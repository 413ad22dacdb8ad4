"""A room above that reads more of a roster: here official statuses, by the word in a column 身份."""

import datetime

import pytest

from households.models import Designation, Household
from households.roster import importing, parts, undoing
from households.roster.core.fields import Field, Kind
from households.roster.core.reconcile import Change
from tests.households.roster.sheets import number, workbook
from tests.households.roster.test_pages import bring, page_of, verb

KINDS = {"低保": "dibao", "特困": "tekun"}
HEADER = ["户编号", "姓名", "身份证号", "家庭住址", "身份", "救助类别"]
ROW = ["1", "王五", number(1), "一组", "低保", "临时救助"]


def known(plans):
    keys = [plan.stored.key for plan in plans if plan.stored]
    return set(Designation.objects.filter(household__in=keys).values_list("household", "kind"))


def compare(plans, *, unit, programme):
    there = known(plans)
    for plan in plans:
        word = plan.draft.for_parts.get("status")
        if word and (plan.stored is None or (plan.stored.key, KINDS[word]) not in there):
            yield plan, [Change("status", None, word)]


def write(families, *, unit, programme, by):
    Designation.objects.bulk_create(
        Designation(
            household_id=family.household_id,
            kind=KINDS[family.said["status"]],
            valid_from=datetime.date(2026, 1, 1),
        )
        for family in families
        if "status" in family.said
    )


STATUSES = parts.Part(
    "statuses",
    compare,
    write,
    takes=frozenset(["aid_kind"]),
    fields=[Field("status", Kind.TEXT, of_household=True)],
    headings={"status": ["身份", "身份类别"]},
    words={"status": "身份"},
    undone={Designation: "household_id = ANY(%(files)s)"},
)


@pytest.fixture(autouse=True)
def _registered():
    parts.register(STATUSES)
    yield
    parts.unregister(STATUSES)


@pytest.fixture
def desk(client, clerk):
    client.force_login(clerk)
    return client


def test_what_a_part_reads_is_previewed_written_and_then_unchanged(desk, riverside, programme):
    roster = bring(desk, riverside, programme, HEADER, ROW)
    assert "<ins>低保</ins>" in page_of(desk, roster)
    verb(desk, roster, "commit")
    assert Designation.objects.get().kind == "dibao"

    again = bring(desk, riverside, programme, HEADER, ROW)

    assert (again.rows_unchanged, again.rows_updated) == (1, 0)


def test_news_of_a_part_alone_changes_the_family(desk, riverside, programme):
    verb(desk, bring(desk, riverside, programme, HEADER, [*ROW[:4], "", ""]), "commit")

    roster = bring(desk, riverside, programme, HEADER, ROW)
    verb(desk, roster, "commit")

    assert (roster.rows_updated, Designation.objects.count()) == (1, 1)


def test_what_a_part_takes_is_not_kept_beside_it(desk, riverside, programme):
    verb(desk, bring(desk, riverside, programme, HEADER, ROW), "commit")

    assert Household.objects.get().enrolments.get().kept == {}


@pytest.mark.django_db(transaction=True)
def test_what_a_part_wrote_is_undone_with_the_import(desk, clerk, riverside, programme):
    roster = bring(desk, riverside, programme, HEADER, ROW)
    verb(desk, roster, "commit")
    roster.refresh_from_db()

    assert undoing.take_back(roster, by=clerk) == (1, 0)

    assert not Designation.objects.exists()
    assert not Household.objects.exists()


def test_the_command_tells_it_in_its_receipt(riverside, programme):
    data = workbook(HEADER, ROW)
    prepared = importing.prepare(
        importing.readable(data), "x.xlsx", unit=riverside, programme=programme, by=None
    )

    (family,) = prepared.receipt()["households"]
    assert (family["status"], family["aid_kind"]) == ("低保", "临时救助")


def test_two_parts_do_not_read_one_field():
    with pytest.raises(ValueError, match="aid_kind"):
        parts.register(parts.Part("others", compare, write, takes=frozenset(["aid_kind"])))
