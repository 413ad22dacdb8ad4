from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError

from povertyaid.lib.periods import PartialDate, parse_partial
from povertyaid.web.forms import (
    AccountField,
    DateField,
    IdNumberField,
    MoneyField,
    PartialDateField,
    PhoneField,
    SearchableSelect,
    StyledForm,
    WarningsMixin,
)
from tests import factories

ID_NUMBER = "11010519491231002X"


# ---- units


@pytest.mark.parametrize(
    ("name", "below", "said"),
    [
        ("红旗农场", None, "例如 hqnc 可找到红旗农场。"),
        ("黑龙江农垦哈尔滨管理局", "四方山农场", "例如 sfsnc 可找到四方山农场。"),
        ("黑龙江农垦哈尔滨管理局", None, "输入名称、拼音首字母或编码。"),
    ],
)
def test_a_unit_is_explained_by_one_of_the_own(client, name, below, said):
    unit = factories.OrgUnitFactory(name=name)
    if below:
        factories.OrgUnitFactory(name=below, parent=unit)
    factories.ProgrammeFactory(lead_unit=unit)
    client.force_login(factories.StaffFactory(role="supervisor", unit=unit))

    hint = client.get("/reports/exit/").content.decode().split('id="id_unit_helptext">')[1]

    assert hint.split("<")[0].endswith(said)


# ---- dates


@pytest.mark.parametrize(
    "text",
    ["2017-12-19", "2017.12.19", "2017年12月19日", "20171219", "２０１７/12/19", " 2017-12-19 "],
)
def test_a_day_is_read_as_offices_write_it(text):
    assert DateField().clean(text).isoformat() == "2017-12-19"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2023-02-30", "没有这一天"),
        ("2017.12", "请填写到日"),
        ("昨天", "这不是日期"),
        ("12/19", "这不是日期"),
    ],
)
def test_a_day_that_cannot_be_read_is_answered_with_what_to_do(text, said):
    with pytest.raises(ValidationError, match=said):
        DateField().clean(text)


def test_an_empty_day_is_no_day():
    assert DateField(required=False).clean("  ") is None
    with pytest.raises(ValidationError, match="请填写此栏"):
        DateField().clean("")


def test_a_partial_date_keeps_how_exactly_it_is_known():
    assert PartialDateField().clean("2017年12月").iso() == "2017-12"
    assert PartialDateField().clean("2017").precision == "year"
    assert PartialDateField(required=False).clean("") is None
    assert isinstance(PartialDateField().clean(parse_partial("2017")), PartialDate)
    with pytest.raises(ValidationError, match="没有这一天"):
        PartialDateField().clean("2017-13")


def test_dates_are_shown_one_way():
    class Form(forms.Form):
        day = DateField()
        since = PartialDateField()

    form = Form(
        initial={"day": DateField().clean("2017年1月5日"), "since": parse_partial("2017.1")}
    )

    assert 'value="2017-01-05"' in str(form["day"])
    assert 'value="2017-01"' in str(form["since"])


# ---- money


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1.5万", "15000.00"), ("1,200元", "1200.00"), ("￥300", "300.00"), ("０", "0.00")],
)
def test_an_amount_is_read_as_offices_write_it(text, amount):
    assert MoneyField().clean(text) == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "said"), [("-1", "不能小于零"), ("一千", "这不是金额"), ("9" * 14, "金额过大")]
)
def test_an_amount_that_cannot_be_is_answered_with_what_to_do(text, said):
    with pytest.raises(ValidationError, match=said):
        MoneyField().clean(text)


def test_an_amount_is_shown_back_with_its_thousands():
    class Form(forms.Form):
        amount = MoneyField()

    assert 'value="15,000.00"' in str(Form(initial={"amount": Decimal(15000)})["amount"])
    assert not Form({"amount": "15,000.00"}, initial={"amount": Decimal(15000)}).has_changed()


# ---- personal data


class PersonForm(StyledForm, forms.Form):
    id_number = IdNumberField(required=False)
    phone = PhoneField(required=False)
    account = AccountField(required=False)


ON_FILE = {"id_number": ID_NUMBER, "phone": "13812345678", "account": "6222021234567890123"}
MASKED = {
    "id_number": "1101**********002X",
    "phone": "138****5678",
    "account": "***************0123",
}


def test_what_is_on_file_goes_out_masked_only():
    page = str(PersonForm(initial=ON_FILE))

    assert not [value for value in ON_FILE.values() if value in page]
    assert not [value for value in MASKED.values() if value not in page]


def test_what_comes_back_masked_is_left_as_it_is():
    form = PersonForm(MASKED, initial=ON_FILE)

    assert form.is_valid()
    assert form.cleaned_data == ON_FILE
    assert not form.has_changed()
    assert not [value for value in ON_FILE.values() if value in str(form)]


def test_a_number_typed_anew_is_taken_and_what_is_wrong_is_shown_back():
    assert PersonForm({"id_number": "11010519491231002x"}).is_valid()
    wrong = PersonForm({"id_number": "1101051949123100"}, initial=ON_FILE)

    assert not wrong.is_valid()
    assert "1101051949123100" in str(wrong["id_number"])


def test_emptied_is_emptied():
    form = PersonForm(dict.fromkeys(ON_FILE, ""), initial=ON_FILE)

    assert form.is_valid()
    assert form.cleaned_data["id_number"] == ""


def test_an_old_number_becomes_a_new_one():
    form = PersonForm({"id_number": "110105491231002"})

    assert form.is_valid()
    assert form.cleaned_data["id_number"] == ID_NUMBER


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1101051949123100", "18 位"),
        ("11010519491331002X", "出生日期不存在"),
        ("1101051949123100ab", "只能是数字"),
    ],
)
def test_no_identity_number_is_refused_with_what_to_do(number, said):
    with pytest.raises(ValidationError, match=said):
        IdNumberField().clean(number)


# ---- a long select


def page_of_select(n):
    words = ["临江农场", "靠山农场", "重庆路社区", *(f"第{i}区" for i in range(20))][:n]
    return SearchableSelect(choices=[(word, word) for word in words]).render("unit", "")


def test_more_than_ten_entries_are_searched_by_pinyin_and_initials():
    page = page_of_select(11)

    assert "data-searchable" in page
    assert 'data-keys="linjiangnongchang ljnc"' in page


def test_ten_entries_are_read():
    assert "data-" not in page_of_select(10)


# ---- dress


class FamilyForm(WarningsMixin, StyledForm, forms.Form):
    lengths = {"age": 4}

    name = forms.CharField(label="姓名", max_length=12, help_text="与证件一致")
    age = forms.IntegerField(label="年龄")
    remark = forms.CharField(label="备注", widget=forms.Textarea, required=False)
    sex = forms.ChoiceField(label="性别", choices=[("男", "男"), ("女", "女")])

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("age", 0) > 100:
            self.add_warning("age", f"年龄为 {cleaned['age']} 岁。", code="old")
        return cleaned


def test_a_field_says_its_label_hint_and_need_in_words():
    page = str(FamilyForm())

    assert '<label for="id_name">姓名<span class="needed">必填</span></label>' in page
    assert '<div class="hint" id="id_name_helptext">与证件一致</div>' in page
    assert 'aria-describedby="id_name_helptext"' in page
    assert " required" not in page.replace('"needed"', "")


def test_a_field_is_as_wide_as_what_is_expected():
    page = str(FamilyForm())

    assert 'class="form-control len-12"' in page
    assert 'class="form-control len-4"' in page
    assert 'class="form-control len-full"' in page
    assert 'class="form-select len-8"' in page


def test_what_is_wrong_stands_at_the_field_and_is_read_with_it():
    page = str(FamilyForm({"name": "", "age": "1", "sex": "男"}))

    assert '<ul class="errorlist" id="id_name_error">' in page
    assert 'aria-describedby="id_name_helptext id_name_error"' in page
    assert 'aria-invalid="true"' in page


# ---- warnings


def family(age, **more):
    form = FamilyForm({"name": "王建国", "age": age, "sex": "男"} | more)
    form.is_valid()
    return form


def test_nothing_doubtful_needs_no_answer():
    form = family("40")

    assert form.is_valid()
    assert form.warnings == []
    assert form.reasons_given() == ""


def test_a_doubt_is_no_error_and_yet_stops_the_save():
    form = family("103")

    assert not form.is_valid()
    assert not form.errors
    assert form.warnings[0].message == "年龄为 103 岁。"


def test_ticked_with_a_reason_it_is_saved_and_the_reason_is_handed_on():
    asked = family("103").warnings[0]

    form = family("103", **{asked.tick_name: asked.tick_value, asked.reason_name: " 户口簿如此 "})

    assert form.is_valid()
    assert form.reasons_given() == "年龄为 103 岁。 户口簿如此"


def test_a_tick_without_a_reason_does_not_do():
    asked = family("103").warnings[0]

    assert not family(
        "103", **{asked.tick_name: asked.tick_value, asked.reason_name: " "}
    ).is_valid()


def test_the_tick_for_one_sentence_is_not_a_tick_for_another():
    asked = family("103").warnings[0]

    form = family("130", **{asked.tick_name: asked.tick_value, asked.reason_name: "户口簿如此"})

    assert not form.is_valid()


def test_a_formset_waits_for_the_answers_of_its_rows():
    rows = forms.formset_factory(FamilyForm)
    data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 0}
    data |= {"form-0-name": "王建国", "form-0-age": "103", "form-0-sex": "男"}
    asked = rows(data)
    assert not asked.is_valid()
    warning = asked.forms[0].warnings[0]

    answered = rows(data | {warning.tick_name: warning.tick_value, warning.reason_name: "属实"})

    assert answered.is_valid()
