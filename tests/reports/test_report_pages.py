"""Papers and drill-down lists as people open them."""

import dataclasses
import datetime
import re
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from povertyaid.audit.models import Entry
from povertyaid.web import home
from reports.figures.cut import cut_of
from reports.papers import catalogue, footing
from reports.papers.exit import build
from reports.papers.paper import Balance
from tests import factories
from tests.reports.conftest import family, out

DAY = datetime.date
LIST, EXIT, ROWS = (
    reverse("reports:list"),
    reverse("reports:paper", args=["exit"]),
    reverse("reports:rows"),
)
PDF = reverse("reports:paper-file", args=["exit", "pdf"])


def rows_of(client, **asked):
    return client.get(ROWS, {"programme": "P1", "as_of": "2013-12-10"} | asked)


def shown_total(response):
    return response.context["figure"].text


def test_the_papers_are_listed_with_the_definition_of_each_figure(client, supervisor):
    client.force_login(supervisor)

    page = client.get(LIST, {"programme": "P1", "unit": "B"}).content.decode()

    assert f'href="{EXIT}?programme=P1&amp;unit=B"' in page
    assert "各户纯收入之和除以各户当时人口之和" in page


def test_the_page_shows_the_paper_of_the_reader_s_programme(client, supervisor, work):
    client.force_login(supervisor)

    response = client.get(EXIT)

    assert response.context["cut"].query() == {
        "programme": "P1", "unit": "B", "as_of": "2013-12-10",
    }  # fmt: skip
    assert "建档" in response.content.decode()
    assert response.context["mismatches"] == []


def test_programme_unit_and_day_can_be_chosen(client, supervisor, work):
    client.force_login(supervisor)

    response = client.get(EXIT, {"programme": "P1", "unit": "B-RIV", "as_of": "2012年6月30日"})

    assert response.context["cut"].unit.code == "B-RIV"
    assert response.context["cut"].as_of == DAY(2012, 6, 30)
    assert 'value="B-RIV 临江农场"' in response.content.decode()


def test_the_place_one_works_in_is_taken_when_nothing_is_named(client, supervisor, work):
    other = factories.ProgrammeFactory(
        code="P9", lead_unit=work.early.programme.lead_unit, starts_on=DAY(2020, 1, 1)
    )
    client.force_login(supervisor)
    assert client.get(EXIT).context["cut"].programme == other

    session = client.session
    session["place"] = {
        "programme": {"code": "P1", "name": ""}, "unit": {"code": "B-HIL", "name": ""},
    }  # fmt: skip
    session.save()

    chosen = client.get(EXIT).context["cut"]
    assert (chosen.programme.code, chosen.unit.code) == ("P1", "B-HIL")
    chosen = client.get(EXIT, {"unit": "B-RIV"}).context["cut"]
    assert (chosen.programme.code, chosen.unit.code) == ("P1", "B-RIV")


def test_every_figure_on_the_page_leads_to_its_rows(client, supervisor, work):
    factories.TargetFactory(programme=work.early.programme, code="T1", params={"helpable": 1})
    factories.SchemeItemFactory(programme=work.early.programme)
    client.force_login(supervisor)
    page = client.get(EXIT).content.decode()
    links = set(re.findall(rf'href="({ROWS}\?[^"]+)">([^<]+)<', page))

    assert len(links) > 60
    for url, text in sorted(links):
        response = client.get(url.replace("&amp;", "&"))
        assert (response.status_code, shown_total(response)) == (200, text)


def test_the_list_behind_a_figure_names_the_households_and_adds_up(client, supervisor, work):
    client.force_login(supervisor)

    response = rows_of(client, indicator="Q-04", stage="exit", category="poor")

    page = response.content.decode()
    assert [line["row"] for line in response.context["lines"]] == [work.early, work.late]
    assert shown_total(response) == "7,000.00"
    assert response.context["working"] == "42,000.00 ÷ 6"
    assert reverse("households:detail", args=[work.early.household_id]) in page
    assert "各户纯收入之和除以各户当时人口之和" in page
    assert sum(line["parts"][0][1] for line in response.context["lines"]) == Decimal(42000)


def test_the_state_shown_is_that_of_the_day(client, supervisor, work):
    client.force_login(supervisor)

    then = rows_of(client, indicator="Q-01", category="poor", as_of="2012-01-01")

    states = {line["row"]: line["cells"][4][1] for line in then.context["lines"]}
    assert states[work.early] == "已脱贫"
    assert states[work.late] == "帮扶中"
    days = {line["row"]: line["cells"][7][1] for line in then.context["lines"]}
    assert days[work.late] is None


def test_no_list_shows_a_number_of_a_person(client, supervisor, work):
    client.force_login(supervisor)

    for asked in ({"indicator": "Q-01"}, {"indicator": "Q-03"}, {"indicator": "Q-56"}):
        page = rows_of(client, **asked).content.decode()
        for member in work.early.household.members.all():
            assert member.id_number not in page


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"indicator": "Q-01"}, id="households"),
        pytest.param({"indicator": "Q-03"}, id="members"),
        pytest.param({"indicator": "Q-56"}, id="incomes against the line"),
        pytest.param({"indicator": "Q-54"}, id="reviews"),
    ],
)
def test_a_list_costs_the_same_with_more_rows(
    client, supervisor, work, riverside, django_assert_num_queries, asked
):
    factories.StatusReviewFactory(enrolment=work.early, proposed_by=supervisor)
    client.force_login(supervisor)
    # Session (read, saved), person, programme, unit; sum, rows; and the lines where asked for.
    expected = {"Q-56": 11}.get(asked["indicator"], 9)
    with django_assert_num_queries(expected):
        rows_of(client, unit="B-RIV", **asked)
    for nth in range(3):
        more = family(
            riverside, work.early.programme, name=f"户{nth}", after=9000, **out(DAY(2012, 1, 1))
        )
        factories.StatusReviewFactory(enrolment=more, proposed_by=supervisor)

    with django_assert_num_queries(expected):
        rows_of(client, unit="B-RIV", **asked)


def test_long_lists_come_in_pages_of_fifty(client, supervisor, programme, riverside):
    for nth in range(51):
        household = factories.HouseholdFactory(unit=riverside, code=f"N{nth:03d}")
        factories.EnrolmentFactory(household=household, programme=programme)
    client.force_login(supervisor)

    second = rows_of(client, indicator="Q-01", page="2")

    assert [line["row"].household.code for line in second.context["lines"]] == ["N050"]
    assert shown_total(second) == "51"


def test_the_page_costs_the_same_with_more_units(
    client, supervisor, work, riverside, django_assert_num_queries
):
    client.force_login(supervisor)
    asked = {"programme": "P1", "unit": "B"}
    # Session, person, programme and unit asked for; 19 for the paper; the list of programmes.
    with django_assert_num_queries(27):
        client.get(EXIT, asked)
    for nth in range(3):
        zone = factories.OrgUnitFactory(parent=riverside)
        family(zone, work.early.programme, name=f"户{nth}", category=f"类{nth}")

    with django_assert_num_queries(27):
        client.get(EXIT, asked)


SIGNS = re.compile("[户人元年个亩件倍、：；]|[一二三]、")


def test_an_english_page_says_its_units_in_english(client, supervisor, work):
    """What the office wrote stays as it is; what the page itself says is English."""
    programme = work.early.programme
    factories.TargetFactory(programme=programme, code="T1", title="T", params={"helpable": 1})
    factories.ReferenceValueFactory(
        unit=programme.lead_unit, series="cultivated_land", value=Decimal(300000)
    )
    client.force_login(supervisor)
    client.cookies["django_language"] = "en"

    page = client.get(EXIT).content.decode()
    rows = rows_of(client, indicator="Q-04", stage="exit").content.decode()
    card = client.get(reverse("home-card", args=["progress"])).content.decode()

    for html in (page, rows, card):
        said = re.findall(
            r'<h2>([^<]*)|<small>([^<]*)|class="unit">([^<]*)|class="soft">([^<]*)|</a>([^<]*)',
            html,
        )
        assert [text for one in said for text in one if SIGNS.search(text)] == []
    assert "1. The programme" in page
    assert "5</a>\N{NO-BREAK SPACE}households were on file" in page
    assert ">300,000</a> mu" in page
    assert "Unit: households, persons, %" in page
    assert "yuan per person and year" in rows
    assert "</a> households" in card


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        pytest.param({"programme": "P1", "unit": "B"}, 404, "没有这个单位", id="the bureau above"),
        pytest.param({"programme": "P1", "unit": "B-HIL"}, 404, "没有这个单位", id="the next farm"),
        pytest.param({"programme": "P1", "unit": "NONE"}, 404, "没有这个单位", id="no unit at all"),
        pytest.param({"programme": "NONE"}, 404, "没有这个工程", id="no programme"),
        pytest.param(
            {"programme": "P1", "as_of": "2023-02-30"}, 400, "没有这一天", id="no such day"
        ),
        pytest.param(
            {"programme": "P1", "as_of": "2093-02-20"},
            400,
            "2093-02-20 还没有到",
            id="a day to come",
        ),
    ],
)
@pytest.mark.parametrize("url", [EXIT, PDF, ROWS])
def test_a_clerk_is_told_the_same_of_a_stranger_s_unit_and_of_none(
    client, clerk, work, asked, status, said, url
):
    client.force_login(clerk)

    response = client.get(url, asked | {"indicator": "Q-01"})

    assert response.status_code == status
    assert said in response.content.decode()
    assert "figure" not in response.context
    assert "paper" not in response.context
    assert "靠山农场" not in response.content.decode()


def test_a_clerk_s_paper_and_lists_stop_at_the_own_farm(client, clerk, work):
    client.force_login(clerk)

    page = client.get(EXIT).content.decode()

    assert shown_total(rows_of(client, indicator="Q-01")) == "4"
    assert "靠山农场" not in page
    assert "category=low_income" not in page
    assert "unit=B&" not in page


def test_a_unit_that_takes_no_part_is_told_so(client, supervisor, work):
    root = factories.OrgUnitFactory(code="ROOT", name="总局")
    elsewhere = factories.OrgUnitFactory(code="ELSE", name="外局", parent=root)
    boss = factories.StaffFactory(unit=root, role="supervisor")
    factories.ProgrammeFactory(code="P5", lead_unit=elsewhere)
    factories.OrgUnitFactory(code="THIRD", name="第三局", parent=root)
    client.force_login(boss)

    response = client.get(EXIT, {"programme": "P5", "unit": "THIRD"})

    assert response.status_code == 404
    assert "第三局不在本工程范围内，本工程由外局牵头。" in response.content.decode()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param({"indicator": "Q-99"}, "没有指标 Q-99。", id="no indicator"),
        pytest.param({}, "没有指标 。", id="none named"),
        pytest.param({"indicator": "Q-01", "colour": "red"}, "没有参数 colour。", id="forged name"),
        pytest.param(
            {"indicator": "Q-04", "stage": "x"}, "参数 stage 不能是“x”", id="forged value"
        ),
        pytest.param({"indicator": "Q-60", "code": "T9"}, "本工程没有目标 T9。", id="no target"),
        pytest.param(
            {"indicator": "Q-01", "category": "zzz"}, "参数 category 不能是“zzz”", id="no category"
        ),
    ],
)
def test_a_forged_address_gets_a_sentence(client, supervisor, work, asked, said):
    client.force_login(supervisor)

    response = rows_of(client, **asked)

    assert response.status_code == 404
    assert said in response.content.decode()


@pytest.mark.parametrize("known_by", ["list", "file", "line"])
def test_a_category_of_the_programme_s_own_is_asked_for(
    client, supervisor, work, riverside, known_by
):
    programme = work.early.programme
    if known_by == "list":
        factories.SchemeItemFactory(programme=programme, list_name="困难类别", label="五七工")
    elif known_by == "line":
        factories.ThresholdFactory(programme=programme, category="五七工", value=Decimal(1))
    else:
        family(riverside, programme, name="五七户", category="五七工")
    client.force_login(supervisor)

    response = rows_of(client, indicator="Q-01", category="五七工")

    assert shown_total(response) == ("1" if known_by == "file" else "0")


def test_a_category_that_only_the_neighbour_s_files_have_is_not_known(
    client, clerk, work, hillside
):
    family(hillside, work.early.programme, name="五七户", category="五七工")
    client.force_login(clerk)

    assert rows_of(client, indicator="Q-01", category="五七工").status_code == 404


def test_the_day_of_a_programme_counts_once_it_has_come(client, supervisor, work, time_machine):
    programme = work.early.programme
    programme.as_of = DAY(2026, 12, 31)
    programme.save()
    client.force_login(supervisor)

    time_machine.move_to(datetime.datetime(2026, 3, 2, 9, 0, tzinfo=datetime.UTC), tick=False)
    assert client.get(EXIT, {"programme": "P1"}).context["cut"].as_of == DAY(2026, 3, 2)
    assert client.get(EXIT, {"programme": "P1", "as_of": "2026-03-02"}).status_code == 200

    time_machine.move_to(datetime.datetime(2027, 3, 2, 9, 0, tzinfo=datetime.UTC), tick=False)
    client.force_login(supervisor)
    assert client.get(EXIT, {"programme": "P1"}).context["cut"].as_of == DAY(2026, 12, 31)


@pytest.mark.parametrize(
    ("url", "asked", "status"),
    [
        (EXIT, {"programme": "P\x001"}, 404),
        (EXIT, {"programme": "P1", "unit": "B\x00"}, 404),
        (EXIT, {"programme": "P1", "as_of": "2013\x00"}, 400),
        (ROWS, {"programme": "P1", "indicator": "Q-34", "list": "\x00"}, 200),
        (ROWS, {"programme": "P1", "indicator": "Q-01", "category": "\x00"}, 404),
    ],
)
def test_a_nul_in_an_address_is_an_unknown_word(client, supervisor, work, url, asked, status):
    client.force_login(supervisor)

    response = client.get(url, asked)

    assert response.status_code == status
    if status == 200:
        assert shown_total(response) == "0"


@pytest.mark.parametrize("url", [EXIT.replace("exit", "nothing"), f"{EXIT}docx/"])
def test_an_unknown_paper_or_format_is_not_there(client, supervisor, work, url):
    client.force_login(supervisor)

    assert client.get(url).status_code == 404


def test_a_staff_member_without_any_programme_sees_an_empty_chooser(client):
    client.force_login(factories.StaffFactory(role="supervisor"))

    response = client.get(EXIT)

    assert response.status_code == 404
    assert "paper" not in response.context


# --- roles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [LIST, EXIT, ROWS, PDF])
def test_a_helper_opens_no_paper(client, helper, work, url):
    client.force_login(helper)

    assert client.get(url).status_code == 403


@pytest.mark.parametrize("url", [LIST, EXIT, ROWS, PDF])
def test_a_paper_is_read_not_posted_to(client, supervisor, url):
    client.force_login(supervisor)

    assert client.post(url).status_code == 405


def test_whoever_is_signed_out_is_asked_to_sign_in(client):
    assert client.get(EXIT).url.startswith(reverse("sign-in"))


def test_an_administrator_reads_the_totals_but_no_family(client, administrator, work):
    client.force_login(administrator)

    page = client.get(EXIT)

    assert page.status_code == 200
    assert ROWS not in page.content.decode()
    assert rows_of(client, indicator="Q-01").status_code == 403
    assert rows_of(client, indicator="Q-24").status_code == 200


@pytest.mark.parametrize("role", ["clerk", "approver", "supervisor", "auditor"])
def test_who_may_read_files_may_follow_a_figure(client, bureau, work, role):
    client.force_login(factories.StaffFactory(unit=bureau, role=role))

    assert shown_total(rows_of(client, indicator="Q-01")) == "5"


# --- totals that do not foot ----------------------------------------------------------------------


@pytest.fixture
def spoilt_paper(monkeypatch):
    """A paper as it would be if our own arithmetic were wrong: the builder, not the gate, is changed."""
    kind = catalogue.PAPERS["exit"]

    def build_wrong(cut, **asked):
        paper = build(cut, **asked)
        exited = next(one for one in paper.figures() if one.code == "C.exited.households")
        wrong = Balance("退出", exited, (exited, exited))
        return dataclasses.replace(paper, balances=(*paper.balances, wrong))

    monkeypatch.setitem(catalogue.PAPERS, "exit", dataclasses.replace(kind, build=build_wrong))


def test_a_page_whose_totals_do_not_foot_says_which_and_offers_no_print(
    client, supervisor, work, spoilt_paper
):
    client.force_login(supervisor)

    page = client.get(EXIT).content.decode()

    assert "合计与分项不符" in page
    assert "退出：分项之和为 6，合计为 3。" in page
    assert PDF not in page


def test_a_file_whose_totals_do_not_foot_is_not_made(client, supervisor, work, spoilt_paper):
    client.force_login(supervisor)

    response = client.get(PDF)

    assert response.status_code == 409
    assert "本表合计与分项不符，不予打印。" in response.content.decode()
    assert not Entry.objects.filter(deed="report_printed").exists()


def test_the_gate_finds_nothing_wrong_with_our_own_paper(cut):
    assert list(footing.mismatches_of(build(cut))) == []


# --- the home page --------------------------------------------------------------------------------


def test_a_supervisor_sees_at_home_how_far_each_programme_is(client, supervisor, work):
    work.early.programme.starts_on = DAY(2026, 1, 1)
    client.force_login(supervisor)

    response = client.get(reverse("home-card", args=["progress"]))

    lines = response.context["card"]["lines"]
    assert [(line["programme"].code, line["figures"]["rate"].text) for line in lines] == [
        ("P1", "60.00")
    ]
    assert parse_qs(urlsplit(lines[0]["url"]).query)["unit"] == ["B"]


def test_the_card_costs_one_statement_a_programme(rf, supervisor, work, django_assert_num_queries):
    request = rf.get("/")
    request.user = supervisor

    with django_assert_num_queries(2):
        home.card_named("progress", "supervisor").build(request)


def test_without_a_running_programme_there_is_nothing_to_show(rf, supervisor, programme):
    programme.ends_on = DAY(2013, 12, 31)
    programme.save()
    request = rf.get("/")
    request.user = supervisor

    assert home.card_named("progress", "supervisor").build(request) is None


def test_a_cut_of_the_office_itself_needs_nobody(programme, work):
    assert cut_of(programme).staff is None
