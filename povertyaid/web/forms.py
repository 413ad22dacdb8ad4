"""How a form asks: labels above, hints, widths that tell the expected length, warnings one may confirm.

Values are read as offices write them (`2017年12月19日`, `1.5万`) and shown back in one way.
"""

import hashlib
from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.renderers import TemplatesSetting
from django.utils.translation import gettext_lazy as _

from povertyaid.lib import money, national_id, periods, pinyin

CHOOSE = _("please choose")
SEARCH_FROM = 11  # options: a shorter list is read faster than searched
LENGTHS = (4, 8, 12, 20, 30)  # characters; CSS classes len-4 … len-30, len-full


class OfficeRenderer(TemplatesSetting):
    """Every form of the program, also one nobody styled, is laid out by our own partials."""

    form_template_name = "web/_form.html"
    field_template_name = "web/_field.html"


def refused(error):
    """A value that cannot be read, as a form says it."""
    return ValidationError(str(error), code=error.code)


# ---- widgets


class SearchableSelect(forms.Select):
    """A select whose long list is searched by Chinese, pinyin and initials.

    Plain HTML: each option carries its search words, and fields.js lays a box over the select.
    Without JavaScript it is an ordinary select.
    """

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        options = [option for _, group, _ in context["widget"]["optgroups"] for option in group]
        if len(options) >= SEARCH_FROM:
            context["widget"]["attrs"]["data-searchable"] = True
            for option in options:
                label = str(option["label"])
                spelled = pinyin.search_key(pinyin.full(label))
                option["attrs"]["data-keys"] = f"{spelled} {pinyin.initials(label)}"
        return context


class OfficeInput(forms.TextInput):
    """A text box that fields.js knows by its kind: date, money, national-id."""

    def __init__(self, kind, **attrs):
        super().__init__({"data-kind": kind, "autocomplete": "off", **attrs})


# ---- fields


class DateField(forms.DateField):
    """A day, written as offices write it: 2017.12.19, 2017年12月19日, 20171219."""

    length = 8

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", OfficeInput("date", inputmode="numeric"))
        kwargs.setdefault("help_text", _("For example 2017-12-19"))
        super().__init__(**kwargs)

    def to_python(self, value):
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            when = periods.parse_partial(value)
        except periods.DateError as error:
            raise refused(error) from None
        if when.precision != "day":
            raise ValidationError(
                _("Please write the whole date with its day, for example 2017-12-19."),
                code="no_day",
            )
        return when.date

    def prepare_value(self, value):
        return value.isoformat() if hasattr(value, "isoformat") else value


class PartialDateField(forms.Field):
    """A day, a month or a year: 2017-12-19, 2017.12, 2017年. Gives a PartialDate or None."""

    length = 8

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", OfficeInput("partial-date"))
        kwargs.setdefault("help_text", _("As exactly as it is known: 2017-12-19, 2017.12 or 2017."))
        super().__init__(**kwargs)

    def to_python(self, value):
        if value is None or isinstance(value, periods.PartialDate):
            return value
        if not value.strip():
            return None
        try:
            return periods.parse_partial(value)
        except periods.DateError as error:
            raise refused(error) from None

    def prepare_value(self, value):
        return value.iso() if isinstance(value, periods.PartialDate) else value


class MoneyField(forms.DecimalField):
    """An amount in 元 with two places; reads `1.5万`, shows `15,000.00`. Not below zero unless told."""

    length = 12

    def __init__(self, *, unit="元", **kwargs):
        self.unit = unit
        kwargs.setdefault("widget", OfficeInput("money", inputmode="decimal", **{"class": "num"}))
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 2)
        kwargs.setdefault("error_messages", {}).setdefault(
            "min_value", _("An amount below zero is not possible here. Please check the sign.")
        )
        super().__init__(**kwargs)

    def to_python(self, value):
        if not isinstance(value, str):
            return super().to_python(value)
        if not value.strip():
            return None
        try:
            return money.parse_money(value, self.unit)
        except money.MoneyError as error:
            raise refused(error) from None

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return money.format_yuan(value)

    def widget_attrs(self, widget):
        return {}


class MaskedBoundField(forms.BoundField):
    """Shows what is on file with its middle hidden; what comes back hidden is left as it is."""

    @property
    def data(self):
        sent = super().data
        return self.initial if self.initial and sent == self.field.mask(self.initial) else sent

    def value(self):
        if not self.form.is_bound or self.field.disabled:
            return self.field.mask(self.initial) if self.initial else ""
        return self.field.mask(self.data) if self.data and self.data == self.initial else self.data


class MaskedField(forms.CharField):
    """Personal data on file never goes out to the page again: the mask does."""

    kind = "masked"
    mask = staticmethod(national_id.mask_account)

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", OfficeInput(self.kind))
        super().__init__(**kwargs)

    def get_bound_field(self, form, field_name):
        return MaskedBoundField(form, self, field_name)


class IdNumberField(MaskedField):
    """An identity number, checked for its shape and birth date; 15 digits become 18.

    A wrong check character is a matter for a warning (`add_warning`), not for a refusal:
    registers hold such numbers and they are the person's own.
    """

    kind = "national-id"
    length = 20
    mask = staticmethod(national_id.mask)

    def to_python(self, value):
        typed = super().to_python(value)
        if typed in self.empty_values:
            return typed
        try:
            return national_id.parse(typed).number
        except national_id.NationalIdError as error:
            raise refused(error) from None


class PhoneField(MaskedField):
    kind = "phone"
    length = 12
    mask = staticmethod(national_id.mask_phone)


class AccountField(MaskedField):
    kind = "account"
    length = 20


def office_formfield(db_field, **kwargs):
    """`Meta.formfield_callback` of a model form: our date and money fields for the model's."""
    kind = db_field.get_internal_type()
    if kind == "DateField" and not db_field.choices:
        return db_field.formfield(**{"form_class": DateField, **kwargs})
    if kind == "DecimalField" and (db_field.max_digits, db_field.decimal_places) == (14, 2):
        return db_field.formfield(**{"form_class": MoneyField, **kwargs})
    return db_field.formfield(**kwargs)


# ---- forms


class StyledForm:
    """Mixin, first in line: every field gets its class, its width and, if long, its search.

    `lengths` names what the field itself cannot tell: {"remark": "full", "grade": 4}.
    """

    use_required_attribute = False
    lengths = {}

    def __init__(self, *args, staff=None, **kwargs):
        self.staff = staff
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            dress(field, self.lengths.get(name))
            if staff and hasattr(field, "shown_to"):
                field.shown_to(staff)

    def reasons_given(self):
        return ""


def say_choose(field):
    """Words instead of Django's row of dashes where nothing is chosen yet."""
    dashes = BLANK_CHOICE_DASH[0][1]
    if isinstance(field, forms.ModelChoiceField):
        field.empty_label = CHOOSE if field.empty_label == dashes else field.empty_label
    elif field.choices and field.choices[0] == BLANK_CHOICE_DASH[0]:
        field.choices = [("", CHOOSE), *field.choices[1:]]


def dress(field, length=None):
    """Give one field the classes of the house."""
    widget = field.widget
    if isinstance(widget, forms.CheckboxInput):
        return
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        field.span = "full"  # a list to choose from takes its row
        return
    if isinstance(widget, forms.Select):
        say_choose(field)
    if type(widget) is forms.Select:
        field.widget = widget = SearchableSelect(widget.attrs, widget.choices)
        widget.choices, widget.is_required = field.choices, field.required
    if isinstance(widget, forms.Textarea):
        widget.attrs["rows"] = 3
    kind = "form-select" if isinstance(widget, forms.Select) else "form-control"
    length = length or getattr(field, "length", None) or fitting_length(field)
    widget.attrs["class"] = f"{widget.attrs.get('class', '')} {kind} len-{length}".strip()
    field.span = length  # how much of a row the field takes


def fitting_length(field):
    if isinstance(field.widget, forms.Textarea):
        return "full"
    if isinstance(field, (forms.IntegerField, forms.DecimalField)):
        return 8
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        longest = max((len(str(label)) for _, label in field.widget.choices), default=0) + 4
    else:
        longest = getattr(field, "max_length", None) or 20
    return next((length for length in LENGTHS if longest <= length), 30)


@dataclass(frozen=True)
class Doubt:
    """Something doubtful that may nevertheless be true, and what the clerk says to it."""

    field: str
    anchor: str
    label: str
    message: str
    code: str
    tick_name: str
    tick_value: str
    reason_name: str
    reason: str
    is_ticked: bool

    @property
    def is_answered(self):
        return self.is_ticked and len(self.reason) >= 2


class WarningsMixin:
    """A form that may be doubtful and still true: the clerk ticks, gives a reason, and it is saved.

    Call `add_warning()` in `clean()`. The form is valid once every warning is answered. A tick
    belongs to the sentence it was set under: another value, another sentence, another tick.
    """

    def full_clean(self):
        self.warnings = []
        super().full_clean()

    def add_warning(self, field, message, *, code):
        text = str(message)
        tick_name = self.add_prefix(f"warning-{code}")
        reason_name = self.add_prefix(f"reason-{code}")
        tick_value = hashlib.sha256(text.encode()).hexdigest()[:16]
        bound = self[field] if field in self.fields else None
        self.warnings.append(
            Doubt(
                field=field or "",
                anchor=bound.id_for_label if bound else "",
                label=str(bound.label) if bound else "",
                message=text,
                code=code,
                tick_name=tick_name,
                tick_value=tick_value,
                reason_name=reason_name,
                reason=self.data.get(reason_name, "").strip()[:500],
                is_ticked=self.data.get(tick_name) == tick_value,
            )
        )

    def is_valid(self):
        return super().is_valid() and all(warning.is_answered for warning in self.warnings)

    def answered_warnings(self):
        return [warning for warning in self.warnings if warning.is_answered]

    def reasons_given(self):
        """One line for the audit trail. Messages must therefore never name personal data."""
        return "; ".join(f"{w.message} {w.reason}" for w in self.answered_warnings())
