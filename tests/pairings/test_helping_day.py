"""The helping day: expected against done by unit, who has not been visited yet; paper lists of a day."""

import datetime

import pytest
from django.urls import reverse

from households.actions import files
from pairings.actions import pairs, visits
from pairings.actions.refusals import RefusedError
from pairings.forms.pick import written
from pairings.models import Visit
from povertyaid.audit.models import Entry
from tests.every_url import said
from tests.factories import OrgUnitFactory
from tests.households.page import fields_of
from tests.pairings.page import LATER, paired
from tests.pairings.visiting import ON, counted, visited

PAGE = reverse("pairings:helping-day")
EXPORT = reverse("pairings:helping-day-export")
DAY = reverse("pairings:visit-day")


@pytest.fixture
def programme(programme):
    programme.helping_day = 5
    programme.save()
    return programme


@pytest.fixture
def zone(riverside):
    return OrgUnitFactory(parent=riverside, code="B-RIV-1", name="第一管理区")


@pytest.fixture
def three(enrolled, helping, clerk, riverside, zone):
    """张三 at the farm, 李四 and 王五 in its zone, each paired on 2012-05-01 with the same helper."""
    own = helping("于海涛", phone="13900000001")
    made = [enrolled("张三"), enrolled("李四", unit=zone), enrolled("王五", unit=zone)]
    for enrolment in made:
        paired(enrolment, own, clerk)
    return made


def asked(desk, month="2012-06", **query):
    return desk.get(PAGE, {"programme": "P1", "month": month} | query)


def lines(response):
    told = response.context["standing"]
    return [(line.name, line.expected, line.done) for line in [*told.lines, told.sum]]


def waiting(response):
    return [row.target_name for row in response.context["rows"]]


def test_expected_against_done_with_subtotals(desk, three, clerk):
    visited(three[1], three[1].pairings.get().lines.get().helper, by=clerk, occasion="helping_day")

    response = asked(desk)

    assert lines(response) == [("临江农场（本级）", 1, 0), ("第一管理区", 2, 1), ("合计", 3, 1)]
    assert waiting(response) == ["张三", "王五"]
    page = response.content.decode()
    assert "于海涛" in page
    assert "139****0001" in page
    assert "13900000001" not in page
    assert "2012-06-05" in page  # the definition names the day
    assert waiting(asked(desk, unit="B-RIV-1")) == ["王五"]


def test_which_visits_count_is_chosen(desk, three, clerk, programme, riverside):
    visited(three[0], by=clerk, on=datetime.date(2012, 6, 20))
    visited(three[1], by=clerk, on=datetime.date(2012, 7, 1))
    taken = visited(three[2], by=clerk, on=datetime.date(2012, 6, 1))
    visits.take_back(taken, by=clerk, reason="录错")
    counted(programme, riverside, 3, by=clerk, occasion="helping_day")

    assert waiting(asked(desk)) == ["张三", "李四", "王五"]
    assert waiting(asked(desk, counting="any")) == ["李四", "王五"]


def test_only_pairs_of_that_day_are_expected(desk, three, clerk, enrolled, helping):
    pairs.end(three[0].pairings.get(), on=ON, end_reason="other", by=clerk)
    files.close(three[1].household, on=ON, close_reason="other", reason="迁走", by=clerk)
    paired(enrolled("赵六"), helping("钱进"), clerk, on=LATER)

    assert waiting(asked(desk)) == ["王五"]
    assert lines(asked(desk, month="2012-05")) == [
        ("临江农场（本级）", 1, 0), ("第一管理区", 2, 0), ("合计", 3, 0),
    ]  # fmt: skip


def test_a_short_month_keeps_its_last_day(desk, three, programme):
    programme.helping_day = 31
    programme.save()

    assert asked(desk, month="2013.2").context["asked"].month.day == datetime.date(2013, 2, 28)


@pytest.mark.parametrize("month", ["2012", "去年", "2012-13"])
def test_a_month_that_cannot_be_read_is_asked_again(desk, three, month):
    response = asked(desk, month=month)

    assert "standing" not in response.context
    assert list(response.context["form"].errors) == ["month"]


def test_a_programme_without_a_helping_day_says_what_is_taken(desk, three, programme):
    programme.helping_day = None
    programme.save()

    assert "每月 5 号" in asked(desk).content.decode()


@pytest.mark.parametrize("n", [1, 3])
def test_the_page_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, programme, enrolled, helping, clerk, n
):
    for nth in range(n):
        paired(enrolled(f"户{nth}"), helping(f"帮手{nth}"), clerk)

    with django_assert_num_queries(16):
        assert len(waiting(asked(desk))) == n


def test_it_goes_onto_paper_and_into_a_workbook(desk, three, clerk):
    printed = asked(desk, print="1")
    book = said(desk.post(EXPORT, {"query": "programme=P1&month=2012-06"}))

    assert printed.context["page_obj"] is None
    assert waiting(printed) == ["张三", "李四", "王五"]
    for text in ("第一管理区", "王五", "139****0001"):
        assert text in book
    assert Entry.objects.get(deed="exported").detail["rows"] == 3


def test_a_helper_sees_the_own_and_the_neighbour_none(client, three, helper, neighbour):
    own = three[0].pairings.get().lines.get().helper
    own.staff = helper
    own.save()
    client.force_login(helper)
    assert waiting(asked(client)) == ["张三", "李四", "王五"]

    client.force_login(neighbour)
    assert waiting(asked(client)) == []


def test_the_clerk_is_told_on_the_home_page(desk, enrolled, helping, clerk, programme):
    paired(enrolled("张三"), helping("于海涛"), clerk)
    card = reverse("home-card", args=["helping-day"])

    page = desk.get(card, headers={"HX-Request": "true"}).content.decode()

    assert "已走访 0" in page


# ---- a paper list


def day_page(**query):
    asked = {"programme": "P1", "on": "2012-06-05", "occasion": "helping_day", **query}
    return DAY + "?" + "&".join(f"{name}={value}" for name, value in asked.items())


def test_a_paper_list_is_entered_at_once(desk, three, clerk, django_assert_max_num_queries):
    own = three[0].pairings.get().lines.get().helper
    visited(three[0], own, by=clerk, occasion="helping_day")
    page = day_page(unit="B-RIV")
    response = desk.get(page)
    assert [(line.household.head_name, line.is_there) for line in response.context["lines"]] == [
        ("张三", True), ("李四", False), ("王五", False),
    ]  # fmt: skip
    ticks = [line.pk for line in response.context["lines"] if not line.is_there]
    data = fields_of(response) | {"line": ticks}

    assert desk.get(page + "&ticked=all").content.decode().count(" checked") == 2

    with django_assert_max_num_queries(40):
        answer = desk.post(page, data)
    desk.post(page, data)

    assert Visit.objects.count() == 3
    assert {(one.helper, one.recorded_by) for one in Visit.objects.all()} == {(own, clerk)}
    listed = desk.get(answer["Location"])
    assert len(listed.context["object_list"]) == 3
    entry = Entry.objects.get(deed="visits_recorded")
    assert (entry.detail["visits"], entry.detail["on"]) == (2, "2012-06-05")
    assert waiting(asked(desk)) == []


def test_the_list_of_one_helper(desk, three, helping, enrolled, clerk):
    other = helping("赵铁柱")
    paired(enrolled("钱七"), other, clerk)

    response = desk.get(day_page(helper=written(other)))

    assert [line.household.head_name for line in response.context["lines"]] == ["钱七"]


def test_a_pair_of_several_stands_once_with_its_lead(desk, three, helping, clerk):
    pairs.join(three[0].pairings.get(), helper=helping("赵铁柱"), on=ON, by=clerk)

    response = desk.get(day_page(unit="B-RIV"))

    assert [(line.household.head_name, line.helper.name) for line in response.context["lines"]] == [
        ("张三", "于海涛"), ("李四", "于海涛"), ("王五", "于海涛"),
    ]  # fmt: skip


def test_nobody_ticked_and_foreign_ticks_enter_nothing(
    desk, three, enrolled, hillside, supervisor, helping
):
    paired(enrolled("孟小山", unit=hillside), helping("周正", unit=hillside), supervisor)
    foreign = enrolled("无关")
    page = day_page(unit="B-RIV")
    data = fields_of(desk.get(page)) | {"line": [foreign.pk + 10**6, "nonsense"]}

    response = desk.post(page, data)

    assert "请选择走访的户" in response.content.decode()
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "query",
    [{"unit": ""}, {"unit": "B-RIV", "on": "2099-01-01"}, {"unit": "B-HIL"}, {"unit": "B-RIV", "programme": "X"}],
    ids=["no unit", "tomorrow", "the neighbour's", "no programme"],
)  # fmt: skip
def test_which_list_it_is_must_be_known(desk, three, hillside, query):
    response = desk.get(day_page(**query))

    assert response.context["form"].errors
    assert "given" not in response.context


def test_a_day_before_the_programme_is_refused(clerk, three, programme, riverside):
    with pytest.raises(RefusedError) as refusal:
        visits.record_day(
            [(three[0], None)], programme=programme, unit=riverside,
            on=datetime.date(2010, 1, 1), occasion="helping_day", by=clerk,
        )  # fmt: skip

    assert refusal.value.code == "before_programme"


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_of_a_day_takes_the_same_number_of_queries(
    desk, django_assert_num_queries, programme, enrolled, helping, clerk, n
):
    for nth in range(n):
        paired(enrolled(f"户{nth}"), helping(f"帮手{nth}"), clerk)

    with django_assert_num_queries(10):
        assert len(desk.get(day_page(unit="B-RIV")).context["lines"]) == n


# ---- what nobody types


@pytest.mark.parametrize("name", ["programme", "unit", "month", "counting"])
def test_a_nul_in_the_address_of_a_month_fails_no_page(desk, three, name):
    assert desk.get(PAGE, {name: "\x00"}).status_code == 200


@pytest.mark.parametrize("name", ["programme", "unit", "helper", "on", "occasion"])
def test_a_nul_in_the_address_of_a_list_fails_no_page(desk, three, name):
    asked = {"programme": "P1", "on": "2012-06-05", "occasion": "routine", "unit": "B-RIV"}

    assert desk.get(DAY, asked | {name: "\x00"}).context["form"].errors


@pytest.mark.parametrize("name", ["q", "first", "occasion", "service", "names", "state"])
def test_a_nul_in_the_address_of_the_list_fails_no_page(desk, three, name):
    assert desk.get(reverse("pairings:visit-list"), {name: "\x00"}).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"situation": "\x00"},
        {"items-TOTAL_FORMS": ""},
        {"items-TOTAL_FORMS": "9999"},
        {"items-TOTAL_FORMS": "1", "items-0-kind": "forged", "items-0-times": "1"},
        {"items-TOTAL_FORMS": "1", "items-0-kind": "policy", "items-0-times": "99999999999"},
        {"items-TOTAL_FORMS": "1", "items-0-kind": "policy", "items-0-times": "-1"},
        {"situation": "长" * 2001},
        {"enrolment": "²"},
        {"signed_by": "\x00"},
    ],
)
def test_what_a_telephone_cannot_have_sent_is_refused_in_words(desk, three, sent):
    data = {
        "key": "6f9619ff-8b86-4011-b42d-00cf4fc964ff", "enrolment": three[0].pk,
        "visited_on": "2012-06-05", "occasion": "routine", "items-TOTAL_FORMS": "0",
        "items-INITIAL_FORMS": "0",
    }  # fmt: skip

    told = desk.post(reverse("pairings:visit-phone-send"), data | sent).json()

    assert told["state"] == "refused"
    assert told["sentences"]
    assert not Visit.objects.exists()


def test_a_nul_looked_for_on_the_telephone_finds_nothing(desk, three):
    told = desk.get(reverse("pairings:visit-phone-households"), {"q": "张\x00三"}).json()

    assert [one["name"] for one in told["households"]] == ["张三"]
