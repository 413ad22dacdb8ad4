import datetime
from decimal import Decimal

import django_filters
import pytest
from django import forms
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from povertyaid.lib.periods import parse_partial
from povertyaid.lib.quantities import Kind, Quantity
from povertyaid.org.models import OrgUnit
from povertyaid.web.templatetags import words

NBSP = "\N{NO-BREAK SPACE}"


def render(text, **context):
    return Template("{% load words %}" + text).render(Context(context))


@pytest.mark.parametrize(
    ("text", "value", "written"),
    [
        ("{{ v|money }}", Decimal(15000), "15,000.00"),
        ("{{ v|money }}", 0, "0.00"),
        ("{{ v|money }}", None, "—"),
        ("{{ v|wan }}", Decimal("2185320"), "218.532"),
        ("{{ v|wan }}", None, "—"),
        ("{{ v|day }}", datetime.date(2017, 12, 31), "2017-12-31"),
        ("{{ v|day }}", parse_partial("2017年12月"), "2017-12"),
        ("{{ v|day }}", None, "—"),
        ("{{ v|grouped }}", 12155, "12,155"),
        ("{{ v|grouped }}", None, "—"),
        ("{{ v|blank }}", "", "—"),
        ("{{ v|blank }}", None, "—"),
        ("{{ v|blank }}", "临江", "临江"),
        ("{{ v|masked }}", "11010519491231002X", "1101**********002X"),
        ("{{ v|masked:'phone' }}", "13812345678", "138****5678"),
        ("{{ v|masked:'account' }}", "6222021234567890", "************7890"),
        ("{{ v|masked }}", "", "—"),
    ],
)
def test_a_value_is_written_one_way(text, value, written):
    assert render(text, v=value) == written


@pytest.mark.parametrize(
    ("number", "kind", "written"),
    [
        (263, Kind.HOUSEHOLDS, "263 户"),
        (12155, "人", "12,155 人"),
        (3, Kind.PERSON_TIMES, "3 人次"),
        (1, Kind.PAIRS, "1 对"),
        (2, Kind.ENTRIES, "2 件次"),
        (5, Kind.ITEMS, "5 项"),
        (3, Kind.YEARS, "3 年"),
        (Decimal("1.5"), Kind.TIMES, "1.5 倍"),
        (Decimal("76.4"), Kind.PERCENT, "76.4%"),
        (Quantity(6333, Kind.YUAN_PER_PERSON_YEAR), "", "6,333 元/人·年"),
        (Quantity(Decimal("120.50"), Kind.YUAN), "", "120.5 元"),
        (Quantity(263, Kind.HOUSEHOLDS), "", "263 户"),
        (None, Kind.HOUSEHOLDS, "—"),
    ],
)
def test_a_number_never_parts_from_what_it_counts(number, kind, written):
    assert words.counted(number, kind) == written.replace(" ", NBSP)


def test_in_english_one_household_is_not_one_households():
    with translation.override("en"):
        assert words.counted(1, Kind.HOUSEHOLDS) == f"1{NBSP}household"
        assert words.counted(2, Kind.HOUSEHOLDS) == f"2{NBSP}households"


def test_a_state_is_a_word_and_its_colour_only_repeats_it():
    assert (
        render("{% state_tag 'exited' '已脱贫' %}") == '<span class="tag tag-green">已脱贫</span>'
    )
    assert render("{% state_tag 'odd' %}") == '<span class="tag tag-grey">odd</span>'
    assert "<script>" not in render("{% state_tag v %}", v="<script>")


def test_an_icon_is_passed_over_by_screen_readers():
    assert 'aria-hidden="true"' in render("{% icon 'print' %}")


@pytest.mark.parametrize(
    ("query", "link", "state"),
    [
        ("q=a&page=3", "?q=a&amp;sort=name", "none"),
        ("q=a&sort=name", "?q=a&amp;sort=-name", "ascending"),
        ("sort=-name", "?sort=name", "descending"),
    ],
)
def test_a_head_sorts_turns_round_and_says_how_it_stands(query, link, state):
    request = RequestFactory().get(f"/?{query}")

    head = render("{% sort_heading 'name' '户主' 'name' '人' %}", request=request)

    assert head == (
        f'<th scope="col" class="name" aria-sort="{state}"><a href="{link}">户主</a>'
        '<span class="unit">人</span></th>'
    )


class Conditions(django_filters.FilterSet):
    q = django_filters.CharFilter(label="名称", method="any_of")
    unit = django_filters.ModelChoiceFilter(
        label="单位", queryset=OrgUnit.objects.all(), to_field_name="code", method="any_of"
    )
    units = django_filters.ModelMultipleChoiceFilter(
        label="多单位", queryset=OrgUnit.objects.all(), to_field_name="code", method="any_of"
    )
    kind = django_filters.ChoiceFilter(
        label="类别", choices=[("farm", "农场"), ("zone", "管理区")], method="any_of"
    )
    keeps = django_filters.BooleanFilter(label="建档", method="any_of")
    closed = django_filters.DateFromToRangeFilter(label="撤销日期", method="any_of")

    class Meta:
        model = OrgUnit
        fields = []

    def any_of(self, queryset, name, value):
        return queryset


def chips(query):
    query = QueryDict(query)
    return [
        (str(chip["label"]), str(chip["value"]), chip["without"])
        for chip in words.chips_of(Conditions(query, queryset=OrgUnit.objects.all()), query)
    ]


def test_each_condition_is_a_chip_with_the_link_that_takes_it_off(riverside, hillside):
    assert chips("") == []
    assert chips("q=a&page=2&sort=name") == [("名称", "a", "?sort=name")]
    assert chips("unit=B-RIV&kind=farm") == [
        ("单位", "临江农场", "?kind=farm"),
        ("类别", "农场", "?unit=B-RIV"),
    ]
    assert chips("units=B-RIV&units=B-HIL") == [
        ("多单位", "靠山农场", "?units=B-RIV"),
        ("多单位", "临江农场", "?units=B-HIL"),
    ]
    assert chips("keeps=true&q=a") == [("名称", "a", "?keeps=true"), ("建档", "是", "?q=a")]
    assert chips("keeps=false") == [("建档", "否", "?")]


def test_a_range_is_one_condition():
    [(label, value, without)] = chips("closed_after=2011-01-01&closed_before=&q=")

    assert (label, without) == ("撤销日期", "?q=")
    assert value.startswith("2011-01-01")


def test_an_unreadable_filter_has_no_chips():
    assert chips("kind=nonsense&q=a") == []


def test_without_a_filter_there_are_no_chips():
    assert render("{% chips none %}", request=RequestFactory().get("/"), none=None).strip() == ""


class NameForm(forms.Form):
    name = forms.CharField(label="姓名")
    sex = forms.ChoiceField(label="性别", choices=[("男", "男")], widget=forms.RadioSelect)

    def clean(self):
        if self.data.get("whole"):
            raise forms.ValidationError("两处不一致。")


def test_the_summary_names_every_fault_and_leads_to_its_field():
    rows = forms.formset_factory(NameForm, can_delete=True, validate_max=True, max_num=1)
    data = {
        "form-TOTAL_FORMS": 3,
        "form-INITIAL_FORMS": 0,
        "form-0-sex": "男",
        "form-0-name": "张三",
    }
    data |= {"form-1-sex": "男", "form-2-sex": "男", "form-2-DELETE": "on"}
    formset = rows(data, prefix="form")
    form = NameForm({"whole": "1"})

    summary = render("{% error_summary form unbound none rows %}", form=form, rows=formset,
                     unbound=NameForm(), none=None)  # fmt: skip

    assert "有 5 处需要改正" in summary
    assert '<a href="#id_name">姓名：请填写此栏。</a>' in summary
    assert '<a href="#id_sex">性别：请填写此栏。</a>' in summary
    assert "<li>两处不一致。</li>" in summary
    assert '<a href="#id_form-1-name">姓名（第 2 行）：请填写此栏。</a>' in summary
    assert "form-2-name" not in summary


def test_a_form_without_faults_has_no_summary():
    form = NameForm({"name": "张三", "sex": "男"})

    assert render("{% error_summary form %}", form=form).strip() == ""
