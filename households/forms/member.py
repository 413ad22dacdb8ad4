"""One row of the family: what must be right, and what is merely unusual."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from households.actions import identity
from households.actions.refusals import RefusedError
from households.forms import phone as phones
from households.forms.choices import NOTHING, NoteField, SuggestingInput, offer
from households.models import Member, words
from povertyaid.lib import national_id
from povertyaid.lib.periods import PartialDate
from povertyaid.web.forms import (
    DateField,
    IdNumberField,
    PartialDateField,
    PhoneField,
    StyledForm,
    WarningsMixin,
    dress,
    office_formfield,
)

WORD_FIELDS = {
    "relation": list(words.RELATIONS),
    "health": words.HEALTH,
    "labour": words.LABOUR,
    "education": words.EDUCATION,
    "study_stage": words.STUDY_STAGES,
    "work_status": words.WORK_STATUSES,
}
ABLE = {"普通劳动力", "技能劳动力"}
MOST_ROWS = 120  # of one family on one page, those who have left included
WORKING_AGE = 16  # labour law; monitoring rule 2_01_011


class PersonNumberField(IdNumberField):
    """An identity number or disability certificate, as typed; the form reads it with the row."""

    def to_python(self, value):
        return forms.CharField.to_python(self, value)


class MemberForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Sex and birth date are filled from the number where they are empty.

    A stored number goes out masked; left as it is it stays, typed over it is replaced. What was
    doubtful and confirmed once is not asked again until it changes.
    """

    lengths = {"name": 8, "employer": 20, "ethnicity": 8, "note": "full", "study_year": 4, "sex": 4}

    id_number = PersonNumberField(label=_("identity number"), required=False, max_length=40)
    birth_date = PartialDateField(label=_("birth date"), required=False, help_text="")
    phone = PhoneField(label=_("phone"), required=False, max_length=40)
    note = NoteField(label=_("note"), required=False)
    left_on = DateField(label=_("left on"), required=False)
    leave_reason = forms.ChoiceField(
        label=_("reason for leaving"),
        required=False,
        choices=[NOTHING, *Member.LeaveReason.choices[1:]],
    )

    MAIN = ["name", "relation", "id_number", "sex", "birth_date", "phone", "health"]
    MORE = [
        "labour", "work_status", "education", "study_stage", "study_year", "employer",
        "ethnicity", "joined_on", "note",
    ]  # fmt: skip
    LEAVING = ["left_on", "leave_reason"]

    class Meta:
        model = Member
        fields = [
            "name", "relation", "sex", "phone", "health", "labour", "work_status", "education",
            "study_stage", "study_year", "employer", "ethnicity", "joined_on", "note",
        ]  # fmt: skip
        formfield_callback = office_formfield
        widgets = {"ethnicity": SuggestingInput(words.ETHNICITIES)}
        error_messages = {"name": {"required": _("Please write the name.")}}
        labels = {"study_year": _("grade")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        member = self.instance
        for name, known in WORD_FIELDS.items():
            self.fields[name] = field = forms.ChoiceField(
                label=self.fields[name].label,
                required=False,
                choices=offer(known, getattr(member, name)),
            )
            dress(field, 8)
        self.fields["sex"].choices = [NOTHING, *Member.Sex.choices[1:]]
        self.fields["joined_on"].help_text = ""
        self.initial["id_number"] = member.id_number
        if member.birth_date:
            self.initial["birth_date"] = PartialDate(member.birth_date, member.birth_precision)
        self.initial |= {"left_on": member.left_on, "leave_reason": member.leave_reason}

    @property
    def is_leaving(self):
        """Whether the row says that a member on file has left."""
        return bool(self.instance.pk and self["DELETE"].value())

    @property
    def main_fields(self):
        return [self[name] for name in self.MAIN]

    @property
    def more_fields(self):
        return [self[name] for name in self.MORE]

    @property
    def leaving_fields(self):
        return [self[name] for name in self.LEAVING]

    @property
    def more_is_open(self):
        return any(self[name].errors for name in self.MORE)

    def is_news(self, *names):
        return self.instance.pk is None or any(name in self.changed_data for name in names)

    def clean(self):
        if self.cleaned_data.get("id") not in (None, self.instance.pk):
            self.add_error(
                None,
                ValidationError(
                    _("This row is not of this file. Please open the file again."), "foreign_row"
                ),
            )
        # Not the model's clean: its constraints hold between rows, and are asked of the whole
        # family at once (`households/forms/file.py`), not of one row against the stored others.
        self._read_number()
        self._check_days()
        if not self.errors:
            self._doubt()
        return self.cleaned_data

    def clean_name(self):
        name = self.cleaned_data["name"]
        if self.is_news("name") and national_id.holds_number(name):
            raise ValidationError(
                _(
                    "A number stands in the name. Please write the identity number into "
                    "“identity number” and the phone into “phone”, and only the name here."
                ),
                "number_in_name",
            )
        return name

    def _read_number(self):
        text = self.cleaned_data.get("id_number", "")
        birth = self.cleaned_data.get("birth_date")
        self.person = Member(
            sex=self.cleaned_data.get("sex", ""),
            birth_date=birth and birth.date,
            birth_precision=birth.precision if birth else "",
        )
        try:
            identity.set_number(self.person, text)
        except national_id.NationalIdError as error:
            if self.is_news("id_number"):
                self.add_error("id_number", _unreadable(error, text))
        except RefusedError as refusal:
            self.add_error("id_number", refusal)
        else:
            self.cleaned_data["sex"] = self.person.sex
            if self.person.birth_date:
                self.cleaned_data["birth_date"] = PartialDate(
                    self.person.birth_date, self.person.birth_precision
                )

    def _check_days(self):
        today = timezone.localdate()
        birth, joined = self.cleaned_data.get("birth_date"), self.cleaned_data.get("joined_on")
        if birth and birth.date > today:
            self.add_error(
                "birth_date",
                ValidationError(
                    _("The birth date lies in the future. Please check the year."), "future"
                ),
            )
        if joined and joined > today:
            self.add_error(
                "joined_on",
                ValidationError(_("This day lies in the future. Please check the year."), "future"),
            )
        if not self.is_leaving:
            return
        left = self.cleaned_data.get("left_on")
        if left is None and "left_on" not in self.errors:
            self.add_error(
                "left_on", ValidationError(_("Please give the day of leaving."), "required")
            )
        if left and left > today:
            self.add_error(
                "left_on",
                ValidationError(_("This day lies in the future. Please check the year."), "future"),
            )
        if left and joined and left < joined:
            self.add_error(
                "left_on",
                ValidationError(
                    _("The day of leaving must not lie before the day of joining."), "order"
                ),
            )
        if not self.cleaned_data.get("leave_reason"):
            self.add_error(
                "leave_reason",
                ValidationError(_("Please choose the reason for leaving."), "required"),
            )

    def _doubt(self):
        """What a register may hold and is nevertheless often a slip (monitoring rules, §2.4)."""
        if self.is_leaving:
            return
        given = self.cleaned_data
        self._doubt_number()
        expected = words.RELATIONS.get(given["relation"], "")
        if (
            expected
            and given["sex"]
            and expected != given["sex"]
            and self.is_news("relation", "sex")
        ):
            self.add_warning(
                "relation",
                _("The relation and the sex do not fit each other."),
                code="relation_sex",
            )
        if given["birth_date"] and self.is_news("birth_date", "study_stage", "labour"):
            self._doubt_age(
                national_id.age_on(given["birth_date"].date, timezone.localdate()), given
            )
        if given["phone"] and self.is_news("phone") and not phones.looks_right(given["phone"]):
            self.add_warning(
                "phone",
                _("This does not look like a phone number: a mobile number has 11 digits."),
                code="phone",
            )

    def _doubt_number(self):
        if not self.person.id_number or not self.is_news("id_number", "sex", "birth_date"):
            return
        read = national_id.parse(self.person.id_number[:18])
        if not national_id.check_digit_fits(read.number) and self.is_news("id_number"):
            self.add_warning(
                "id_number",
                _("The last character of the number does not fit the others."),
                code="check_digit",
            )
        if self.person.sex != read.sex:
            self.add_warning(
                "sex", _("The sex is not the one in the identity number."), code="sex_number"
            )
        given = self.cleaned_data["birth_date"]
        if given and not read.birth_date.isoformat().startswith(given.iso()):
            self.add_warning(
                "birth_date",
                _("The birth date is not the one in the identity number."),
                code="birth_number",
            )

    def _doubt_age(self, age, given):
        usual = words.STUDY_AGES.get(given["study_stage"])
        if usual and not usual[0] <= age <= usual[1]:
            self.add_warning(
                "study_stage",
                _("At %(age)s years of age this schooling is unusual.") % {"age": age},
                code="study_age",
            )
        if age < WORKING_AGE and given["labour"] in ABLE:
            self.add_warning(
                "labour",
                _("At %(age)s years of age nobody counts as able to work.") % {"age": age},
                code="minor_labour",
            )

    def _post_clean(self):
        # Not the model form's: it would ask the database about each constraint of each row,
        # which the checks above and those of the whole file have answered.
        if self.errors or not self.cleaned_data.get("name"):
            return
        construct_instance(self, self.instance, self._meta.fields)
        member, birth = self.instance, self.cleaned_data["birth_date"]
        member.birth_date = birth.date if birth else None
        member.birth_precision = birth.precision if birth else ""
        if self.is_news("id_number") and member.id_number != self.person.id_number:
            for name in ("id_kind", "id_number", "id_digest"):
                setattr(member, name, getattr(self.person, name))
            member.former_id_number = self.person.former_id_number or member.former_id_number
        if self.is_leaving:
            member.left_on = self.cleaned_data["left_on"]
            member.leave_reason = self.cleaned_data["leave_reason"]


def _unreadable(error, text):
    """Say how many characters there are: counting them is what the clerk would do next."""
    if error.code == "wrong_length":
        return ValidationError(
            _(
                "This number has %(n)s characters. An identity number has 18 (older ones 15), a "
                "disability certificate 20 or 22. Please compare it with the card."
            ),
            error.code,
            {"n": len(national_id.clean(text))},
        )
    return ValidationError(str(error), error.code)


class BaseMemberFormSet(forms.BaseModelFormSet):
    """The rows of a family. A stored row is never deleted: its tick says that the person left."""

    default_error_messages = {
        "missing_management_form": _(
            "The page did not arrive whole, so nothing has been saved. Please load it again."
        ),
        "too_many_forms": ngettext_lazy(
            "One page takes at most %(num)d member. Please save these, then add the others.",
            "One page takes at most %(num)d members. Please save these, then add the others.",
            "num",
        ),
    }

    def add_fields(self, form, index):
        """The row's key is compared with the row, not looked up among all people of the province."""
        super().add_fields(form, index)
        form.fields["id"] = forms.IntegerField(
            required=False, initial=form.instance.pk, widget=forms.HiddenInput
        )

    def _should_delete_form(self, form):
        # Asked of what was sent, so that it can be asked before the row is checked.
        return form.instance.pk is None and bool(form["DELETE"].value())

    def clean(self):
        """Nothing here: what holds between the rows is asked by the whole file."""

    def rows(self):
        """Forms that describe a person: not those taken away again, nor left empty."""
        return [
            form
            for form in self.forms
            if not self._should_delete_form(form) and (form.instance.pk or form.has_changed())
        ]

    def staying(self):
        return [form for form in self.rows() if not form.is_leaving]


# Each row costs the server some milliseconds, so a forged count must not ask for thousands.
MemberFormSet = forms.modelformset_factory(
    Member, form=MemberForm, formset=BaseMemberFormSet, can_delete=True, extra=0,
    max_num=MOST_ROWS, absolute_max=MOST_ROWS,
)  # fmt: skip
