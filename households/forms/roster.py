"""Bringing a roster: which unit, which programme, which file."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from households.models import RosterHeading
from households.roster import importing
from households.roster.core.headings import key
from households.roster.core.sheet import UnreadableFileError, glance
from households.roster.refusals import NotARosterError
from households.roster.sentences import FIELD_WORDS, UNREADABLE
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import StyledForm
from povertyaid.web.unit_field import UnitPick

MEGABYTE = 1024 * 1024


class RosterForm(StyledForm, forms.Form):
    """`content` are the file's bytes; `reading` is what a small file says, None of a large one."""

    reading = None

    lengths = {"unit": 20, "programme": 30, "file": 30}

    unit = UnitPick(
        label=_("unit"),
        error_messages={
            "required": _("Please choose the unit that keeps the files."),
            "unknown": _("There is no such unit among yours. Please choose one from the list."),
        },
    )
    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("programme"),
        error_messages={
            "required": _("Please choose the programme the roster belongs to."),
            "invalid_choice": _("This programme is none of yours. Please choose another."),
        },
    )
    file = forms.FileField(
        label=_("roster"),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.et,.ods,.csv"}),
        error_messages={
            "required": _("Please choose the file."),
            "empty": UNREADABLE["empty"],
            "invalid": _("The file did not arrive. Please choose it again."),
            "missing": _("The file did not arrive. Please choose it again."),
        },
    )

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, staff=staff, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(staff).open()
        self.fields["programme"].queryset = Programme.objects.visible_to(staff)
        self.fields["file"].help_text = _(
            "A file .xlsx, .xls, .et, .ods or .csv, at most %(megabytes)s MB and %(rows)s rows. "
            "Nothing is written before you have seen what would change."
        ) % {
            "megabytes": settings.ROSTER_MAX_BYTES // MEGABYTE,
            "rows": f"{settings.ROSTER_MAX_ROWS:,}",
        }

    def clean_file(self):
        """A small file is read here; of a large one only the first look is taken."""
        file = self.cleaned_data["file"]
        if file.size > settings.ROSTER_MAX_BYTES:
            raise ValidationError(UNREADABLE["too_large"], code="too_large")
        self.content = file.read()
        try:
            glance(self.content, importing.limits())
        except UnreadableFileError as error:
            raise ValidationError(UNREADABLE[error.reason], code=error.reason) from None
        if file.size <= settings.ROSTER_AT_ONCE_BYTES:
            self.reading = importing.read(self.content, unit=self.cleaned_data.get("unit"))
            is_roster = self.reading.outcome == "roster"
            if not is_roster and not importing.asks_for_headings(self.reading):
                raise NotARosterError(self.reading)
        return file


#: Fields that a column may mean, in the groups in which a clerk looks for them.
FIELD_GROUPS = [
    (_("the person"), "name id_number relation sex birth_date ethnicity phone health labour_ability education work_status employer"),
    (_("the family"), "code head unit address household_phone category causes identified_on household_size note"),
    (_("incomes"), "per_capita_income income_total income_wage income_business income_property income_transfer business_expense"),
    (_("help"), "helper_name helper_unit helper_title helper_phone aid_kind aid_amount aid_date"),
    (_("bank"), "bank_name bank_branch bank_account"),
]  # fmt: skip


def field_choices():
    """For a select: what a column may mean; "" is a column that is only kept with its row."""
    groups = [
        (label, [(name, FIELD_WORDS[name]) for name in names.split()])
        for label, names in FIELD_GROUPS
    ]
    return [("", _("kept as written, not evaluated")), *groups]


class HeadingForm(StyledForm, forms.ModelForm):
    """A heading that the rosters of a unit use, and what it means."""

    lengths = {"unit": 20, "heading": 20, "field": 20}

    unit = UnitPick(
        label=_("unit"),
        help_text=_("It counts for the rosters of this unit and of all below it."),
        error_messages={
            "required": _("Please choose the unit whose rosters use this heading."),
            "unknown": _("There is no such unit among yours. Please choose one from the list."),
        },
    )
    field = forms.ChoiceField(label=_("meaning"), choices=field_choices, required=False)

    class Meta:
        model = RosterHeading
        fields = ["unit", "heading", "field"]

    def __init__(self, *args, staff, **kwargs):
        super().__init__(*args, staff=staff, **kwargs)
        self.fields["unit"].units = OrgUnit.objects.visible_to(staff).open()

    def clean_heading(self):
        """As the reading compares it: without white space and `*`."""
        return key(self.cleaned_data["heading"])
