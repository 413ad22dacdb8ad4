"""Programmes through their pages: who reads, who changes, what is missing, what stays as it is."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from povertyaid.audit.models import Entry
from povertyaid.programmes import indicators
from povertyaid.programmes.models import Programme, ReferenceValue, Target, Threshold
from tests.factories import (
    EnrolmentFactory,
    ProgrammeFactory,
    ReferenceValueFactory,
    SchemeItemFactory,
    StaffFactory,
    StatusReviewFactory,
    TargetFactory,
    ThresholdFactory,
)

LIST, CREATE = reverse("programme-list"), reverse("programme-create")
NEW = {
    "name": "特困职工帮扶行动",
    "code": "P9",
    "lead_unit": "B",
    "round_no": "1",
    "counting_unit": "household",
    "starts_on": "2012.1.1",
}
LINE = {"category": "poor", "exit_label": "脱困", "basis": "absolute", "value": "6000"}
TARGET = {
    "code": "T1",
    "title": "可帮扶户全部脱困",
    "indicator": "X-1",
    "value": "100",
    "measure": "%",
    "starts_on": "2011-01-01",
    "due_on": "2013-12-31",
}


def text(response):
    return response.content.decode()


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def indicator():
    """An indicator with a question of every kind."""
    asked = [
        indicators.Parameter("category", "困难类别", "choice", [("poor", "困难户")]),
        indicators.Parameter("kinds", "种类", "choices", [("aid", "慰问"), ("loan", "借款")]),
        indicators.Parameter("helpable", "可帮扶", "yes_no"),
        indicators.Parameter("year", "年度", "year"),
        indicators.Parameter("by", "截至", "day"),
        indicators.Parameter("least", "至少", "number"),
        indicators.Parameter("list", "名录", "text", required=True),
    ]
    indicators.register(indicators.Indicator("X-1", "脱困率", "%", tuple(asked)))
    indicators.register(indicators.Indicator("X-2", "户数", "户"))
    yield
    indicators.forget("X-1", "X-2")


def detail(programme):
    return reverse("programme-detail", args=[programme.pk])


# ---- reading


@pytest.mark.parametrize("n", [1, 3])
def test_the_list_costs_the_same_however_many_programmes(
    admin, bureau, n, django_assert_num_queries
):
    for _each in range(n):
        ThresholdFactory(programme=ProgrammeFactory(lead_unit=bureau))

    with django_assert_num_queries(7):
        response = admin.get(LIST)

    assert len(response.context["object_list"]) == n


@pytest.mark.parametrize("n", [1, 3])
def test_a_programme_costs_the_same_however_much_hangs_on_it(
    admin, programme, bureau, riverside, n, django_assert_num_queries
):
    for i in range(n):
        SchemeItemFactory(programme=programme)
        ThresholdFactory(
            programme=programme, category=f"类别{i}", basis="share", series="per_capita_income"
        )
        ReferenceValueFactory(unit=bureau, year=2011 + i)
        ReferenceValueFactory(unit=riverside, year=2011 + i)
        TargetFactory(programme=programme, unit=riverside)

    with django_assert_num_queries(11):
        response = admin.get(detail(programme))

    assert len(response.context["lines"]) == n


def test_a_farm_reads_its_bureaus_programme_and_changes_nothing(client, programme, riverside):
    item = SchemeItemFactory(programme=programme, list_name="五清", label="家庭底数清")
    line = ThresholdFactory(programme=programme)
    target = TargetFactory(programme=programme)
    client.force_login(StaffFactory(role="administrator", unit=riverside))

    page = text(client.get(detail(programme)))

    assert "家庭底数清" in page
    assert reverse("programme-edit", args=[programme.pk]) not in page
    for name in ("programme-edit", "item-create", "line-create", "value-create", "target-create"):
        assert client.get(reverse(name, args=[programme.pk])).status_code == 403
    for name, row in (
        ("item-edit", item),
        ("item-remove", item),
        ("line-edit", line),
        ("line-remove", line),
        ("target-edit", target),
        ("target-remove", target),
    ):
        assert client.post(reverse(name, args=[row.pk]), {}).status_code == 404


def test_a_neighbours_programme_does_not_exist(client, riverside, hillside):
    theirs = ProgrammeFactory(lead_unit=hillside, name="靠山行动")
    client.force_login(StaffFactory(role="administrator", unit=riverside))

    assert "靠山行动" not in text(client.get(LIST))
    assert client.get(detail(theirs)).status_code == 404
    assert client.get(reverse("programme-edit", args=[theirs.pk])).status_code == 404


def test_a_clerk_reads_and_is_offered_no_change(client, clerk, programme):
    client.force_login(clerk)

    assert client.get(detail(programme)).status_code == 200
    assert client.get(reverse("programme-edit", args=[programme.pk])).status_code == 403
    assert client.get(reverse("line-create", args=[programme.pk])).status_code == 403


def test_a_supervisor_sets_targets_and_nothing_else(client, supervisor, programme, indicator):
    client.force_login(supervisor)

    assert client.get(reverse("target-create", args=[programme.pk])).status_code == 200
    assert client.get(reverse("line-create", args=[programme.pk])).status_code == 403


def test_an_empty_office_says_what_a_programme_is(admin):
    assert "还没有帮扶工程" in text(admin.get(LIST))


# ---- the programme itself


def test_a_programme_is_set_up(admin, administrator, bureau):
    response = admin.post(CREATE, NEW)

    programme = Programme.objects.get(code="P9")
    assert response.url == detail(programme)
    assert (programme.lead_unit, programme.starts_on) == (bureau, datetime.date(2012, 1, 1))
    assert Entry.objects.get().deed == "programme_added"


@pytest.mark.parametrize("unit", ["B", "B-HIL", "NOWHERE"])
def test_a_programme_is_led_from_ones_own_subtree(client, riverside, hillside, unit):
    client.force_login(StaffFactory(role="administrator", unit=riverside))

    response = client.post(CREATE, NEW | {"lead_unit": unit})

    assert "lead_unit" in response.context["form"].errors
    assert not Programme.objects.exists()


def test_the_code_of_a_programme_stays(admin, programme):
    admin.post(
        reverse("programme-edit", args=[programme.pk]),
        NEW | {"code": "FORGED", "ends_on": "20131231"},
    )

    programme.refresh_from_db()
    assert (programme.code, programme.name) == ("P1", "特困职工帮扶行动")
    assert programme.ends_on == datetime.date(2013, 12, 31)


def test_a_programme_that_ends_before_it_starts_is_refused(admin, programme):
    response = admin.post(
        reverse("programme-edit", args=[programme.pk]), NEW | {"ends_on": "2011-01-01"}
    )

    assert "结束日期不能早于开始日期" in text(response)


# ---- lists


def test_a_list_begins_with_its_first_item(admin, programme):
    response = admin.post(
        reverse("item-create", args=[programme.pk]), {"list_name": "五清", "label": "家庭底数清"}
    )

    assert response.url == f"{detail(programme)}#lists"
    assert "家庭底数清" in text(admin.get(detail(programme)))


def test_the_same_item_twice_is_refused_with_a_sentence(admin, programme):
    SchemeItemFactory(programme=programme, list_name="五清", label="家庭底数清")

    response = admin.post(
        reverse("item-create", args=[programme.pk]), {"list_name": "五清", "label": "家庭底数清"}
    )

    assert "名录中已有这一项" in text(response)


def test_items_change_places(admin, programme):
    first = SchemeItemFactory(programme=programme, label="甲", seq=1)
    SchemeItemFactory(programme=programme, label="乙", seq=2)

    admin.post(reverse("item-down", args=[first.pk]))

    assert list(programme.scheme_items.values_list("label", flat=True)) == ["乙", "甲"]


def test_an_item_is_not_moved_by_a_link(admin, programme):
    item = SchemeItemFactory(programme=programme)

    assert admin.get(reverse("item-up", args=[item.pk])).status_code == 405


def test_a_word_that_files_carry_is_not_taken_off(admin, programme):
    item = SchemeItemFactory(programme=programme, list_name="困难类别", label="意外致困户")
    EnrolmentFactory(programme=programme, category="意外致困户")

    page = text(admin.post(reverse("item-remove", args=[item.pk])))

    assert "有 1 户档案使用“意外致困户”" in page
    assert programme.scheme_items.exists()


# ---- exit lines


def test_an_amount_is_set_as_a_line(admin, programme):
    response = admin.post(reverse("line-create", args=[programme.pk]), LINE)

    assert response.url == f"{detail(programme)}#lines"
    line = Threshold.objects.get()
    assert (line.category, line.value, line.series) == ("poor", Decimal(6000), None)
    assert "6,000.00" in text(admin.get(detail(programme)))


def test_an_amount_forgets_a_series_that_was_sent_along(admin, programme):
    admin.post(reverse("line-create", args=[programme.pk]), LINE | {"series": "gdp"})

    assert Threshold.objects.get().series is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"basis": "share", "value": "30"}, "series"),
        ({"basis": "share", "value": "130", "series": "per_capita_income"}, "value"),
        ({"value": "0"}, "value"),
        ({"category": "forged"}, "category"),
        ({"valid_from": "2013-02-30"}, "valid_from"),
    ],
    ids=["share-of-nothing", "above-hundred", "zero", "forged-category", "no-such-day"],
)
def test_a_wrong_line_is_refused(admin, programme, wrong, field):
    response = admin.post(reverse("line-create", args=[programme.pk]), LINE | wrong)

    errors = response.context["form"].errors
    assert field in errors or "__all__" in errors
    assert not Threshold.objects.exists()


def test_a_share_shows_its_amount_or_that_it_cannot_be_checked(admin, programme, bureau):
    ThresholdFactory(
        programme=programme, basis="share", value=Decimal(30), series="per_capita_income"
    )

    page = text(admin.get(detail(programme)))
    assert "缺 2011、2012、2013 年人均收入" in page
    assert "无法核对" in page

    for year in (2011, 2012, 2013):
        ReferenceValueFactory(unit=bureau, year=year, value=Decimal(20000))
    page = text(admin.get(detail(programme)))
    assert "无法核对" not in page
    assert "6,000.00" in page


def test_a_line_that_a_decision_rests_on_leads_to_its_successor(admin, programme, approver):
    line = ThresholdFactory(programme=programme)
    StatusReviewFactory(
        enrolment=EnrolmentFactory(programme=programme),
        reviewed_on=datetime.date(2013, 11, 1),
        decision="approved",
        decided_by=approver,
        decided_at=timezone.now(),
    )

    response = admin.get(reverse("line-edit", args=[line.pk]), follow=True)

    assert "2013-11-01 的审核依据了本标准" in text(response)
    assert response.context["form"].initial["value"] == 6000
    refused = admin.post(
        reverse("line-create", args=[programme.pk]), LINE | {"valid_from": "2013-11-01"}
    )
    assert "请让新标准自该日之后起执行" in text(refused)
    admin.post(
        reverse("line-create", args=[programme.pk]),
        LINE | {"value": "7000", "valid_from": "2013-11-02"},
    )
    assert [row.state for row in admin.get(detail(programme)).context["lines"]] == ["past", "now"]


def test_a_line_used_meanwhile_is_not_taken_back(admin, programme, approver):
    line = ThresholdFactory(programme=programme)
    StatusReviewFactory(
        enrolment=EnrolmentFactory(programme=programme),
        decision="approved",
        decided_by=approver,
        decided_at=timezone.now(),
    )

    page = text(admin.post(reverse("line-remove", args=[line.pk])))

    assert "请新增一条自此后某日起执行的标准" in page
    assert Threshold.objects.exists()


# ---- reference values


def test_a_missing_value_is_entered_from_its_place(admin, programme, bureau):
    address = reverse("value-create", args=[programme.pk])
    form = admin.get(address, {"series": "per_capita_income", "year": "2012"}).context["form"]
    assert (form.initial["series"], form.initial["year"]) == ("per_capita_income", "2012")

    admin.post(
        address,
        {"unit": "B", "series": "per_capita_income", "year": "2012", "value": "18000"},
    )

    assert ReferenceValue.objects.get().value == 18000


def test_a_value_of_a_stranger_is_not_entered(client, riverside, hillside):
    programme = ProgrammeFactory(lead_unit=riverside)
    client.force_login(StaffFactory(role="administrator", unit=riverside))

    response = client.post(
        reverse("value-create", args=[programme.pk]),
        {"unit": "B-HIL", "series": "gdp", "year": "2012", "value": "1"},
    )

    assert "unit" in response.context["form"].errors


@pytest.mark.parametrize("year", ["12", "1700", "20130"])
def test_a_year_has_four_digits(admin, programme, year):
    response = admin.post(
        reverse("value-create", args=[programme.pk]),
        {"unit": "B", "series": "gdp", "year": year, "value": "1"},
    )

    assert "year" in response.context["form"].errors


def test_a_value_is_corrected_and_keeps_its_place(admin, programme, bureau):
    value = ReferenceValueFactory(unit=bureau, year=2012)

    admin.post(
        reverse("value-edit", args=[programme.pk, value.pk]),
        {"unit": "B-RIV", "series": "gdp", "year": "1999", "value": "18500", "source": "统计公报"},
    )

    value.refresh_from_db()
    assert (value.unit, value.series, value.year) == (bureau, "per_capita_income", 2012)
    assert (value.value, value.source) == (18500, "统计公报")


# ---- targets


def test_a_target_asks_what_its_indicator_asks(admin, programme, indicator):
    page = admin.get(reverse("target-create", args=[programme.pk]), {"indicator": "X-1"})

    assert [field.label for field in page.context["form"].parameter_fields()] == [
        *("困难类别", "种类", "可帮扶", "年度", "截至", "至少", "名录"),
    ]
    assert page.context["form"]["measure"].value() == "%"


def test_another_indicator_brings_its_own_questions(admin, programme, indicator):
    response = admin.get(
        reverse("target-create", args=[programme.pk]),
        {"indicator": "X-2"},
        headers={"HX-Request": "true"},
    )

    assert "<html" not in text(response)
    assert "此指标没有其他选项" in text(response)


def test_answers_become_parameters_and_come_back(admin, programme, indicator):
    sent = TARGET | {
        "p_category": "poor",
        "p_kinds": ["aid", "loan"],
        "p_helpable": "1",
        "p_year": "2013",
        "p_by": "2013.12.31",
        "p_least": "2.5",
        "p_list": "五清",
    }

    admin.post(reverse("target-create", args=[programme.pk]), sent)

    target = Target.objects.get()
    assert target.params == {
        "category": "poor",
        "kinds": ["aid", "loan"],
        "helpable": "1",
        "year": 2013,
        "by": "2013-12-31",
        "least": "2.5",
        "list": "五清",
    }
    form = admin.get(reverse("target-edit", args=[target.pk])).context["form"]
    assert [field.value() for field in form.parameter_fields()] == [
        *("poor", ["aid", "loan"], "1", 2013, "2013-12-31", "2.5", "五清"),
    ]
    assert "可帮扶 是" in " ".join(text(admin.get(detail(programme))).split())


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"indicator": "NONE"}, "indicator"),
        ({"p_category": "forged"}, "p_category"),
        ({"p_list": ""}, "p_list"),
        ({"p_year": "二〇一三"}, "p_year"),
        ({"due_on": "2010-01-01"}, "__all__"),
    ],
)
def test_a_wrong_answer_is_refused(admin, programme, indicator, wrong, field):
    response = admin.post(
        reverse("target-create", args=[programme.pk]), TARGET | {"p_list": "五清"} | wrong
    )

    assert field in response.context["form"].errors
    assert not Target.objects.exists()


def test_a_target_whose_indicator_is_not_computed_here_keeps_its_parameters(admin, programme):
    target = TargetFactory(programme=programme, indicator="Z-9", params={"old": 1})

    admin.post(
        reverse("target-edit", args=[target.pk]), TARGET | {"indicator": "Z-9", "value": "90"}
    )

    target.refresh_from_db()
    assert (target.value, target.params) == (90, {"old": 1})


def test_a_target_is_taken_back(admin, programme):
    target = TargetFactory(programme=programme)

    admin.post(reverse("target-remove", args=[target.pk]))

    assert not Target.objects.exists()
    assert Entry.objects.get().deed == "target_removed"


def test_the_history_of_a_programme_tells_all_of_it(admin, programme):
    admin.post(
        reverse("item-create", args=[programme.pk]), {"list_name": "五清", "label": "家庭底数清"}
    )
    admin.post(reverse("line-create", args=[programme.pk]), LINE)

    page = text(admin.get(reverse("history", args=["programme", programme.pk])))

    assert "新增名录项" in page
    assert "家庭底数清" in page
    assert "新增退出标准" in page


def test_an_item_is_corrected(admin, programme):
    item = SchemeItemFactory(programme=programme, list_name="五清", label="家庭底子清")
    address = reverse("item-edit", args=[item.pk])
    assert "家庭底子清" in text(admin.get(address))

    admin.post(address, {"list_name": "FORGED", "label": "家庭底数清"})

    item.refresh_from_db()
    assert (item.list_name, item.label) == ("五清", "家庭底数清")


def test_a_line_of_a_category_that_is_no_longer_listed_keeps_it(admin, programme):
    line = ThresholdFactory(programme=programme, category="老类别")

    admin.post(reverse("line-edit", args=[line.pk]), LINE | {"category": "老类别", "value": "6100"})

    line.refresh_from_db()
    assert (line.category, line.value) == ("老类别", 6100)
    assert "老类别" in text(admin.get(detail(programme)))


def test_a_line_that_is_not_in_force_yet_is_marked(admin, programme):
    ThresholdFactory(programme=programme)
    ThresholdFactory(programme=programme, valid_from=datetime.date(2014, 1, 1))

    rows = admin.get(detail(programme)).context["lines"]

    assert [row.state for row in rows] == ["now", "coming"]


def test_a_target_written_by_hand_is_read_like_one_from_the_form(admin, programme, indicator):
    """The demonstration and commands write 1 for yes and commas between several."""
    target = TargetFactory(
        programme=programme, indicator="X-1", params={"helpable": 1, "kinds": "aid,loan"}
    )

    form = admin.get(reverse("target-edit", args=[target.pk])).context["form"]

    assert form["p_helpable"].value() == "1"
    assert form["p_kinds"].value() == ["aid", "loan"]
    assert "种类 慰问、借款" in " ".join(text(admin.get(detail(programme))).split())
