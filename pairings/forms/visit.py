"""A visit as it is written down: at the desk, on the phone, counted together, from a paper list."""

import copy

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _

from households.forms.lifecycle import ReasonForm
from pairings.actions import visits
from pairings.actions.refusals import RefusedError
from pairings.forms.helper import offer_helpers
from pairings.forms.pick import HelperPick
from pairings.models import Helper, Occasion, Visit, VisitItem
from povertyaid.lib import pictures
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme
from povertyaid.web.forms import DateField, StyledForm, WarningsMixin, office_formfield
from povertyaid.web.unit_field import UnitPick

MEGABYTE = 1024 * 1024
MOST_TIMES = 9999  # 件次 of one row
ROWS_AT_FIRST = 3
SIGNATURE_MAX_BYTES = 2 * MEGABYTE
# Where a refusal is told.
AT = {
    "future": "visited_on",
    "before_programme": "visited_on",
    "after_closing": "visited_on",
    "not_on_pair_then": "visited_on",
    "other_programme": "helper",
}


# ---- files


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data, files, name):
        return files.getlist(name) if hasattr(files, "getlist") else files.get(name) or []


class PhotosField(forms.FileField):
    """Photographs; gives a list of `Picture`. One that cannot be read is named by its place."""

    def __init__(self, **kwargs):
        attrs = {"accept": "image/*", "multiple": True}
        kwargs.setdefault("widget", SeveralFilesInput(attrs))
        kwargs.setdefault("label", _("photographs"))
        super().__init__(**kwargs)

    def clean(self, value, initial=None):
        files = [file for file in value or [] if file]
        if self.required and not files:
            raise ValidationError(_("Please choose a photograph."), code="required")
        if len(files) > settings.PHOTOS_ON_A_VISIT:
            raise too_many()
        for nth, file in enumerate(files, 1):
            if file.size > settings.PHOTO_MAX_BYTES:
                raise of_photo(nth, pictures.PictureError("too_large"))
        if sum(file.size for file in files) > settings.PHOTOS_AT_ONCE_BYTES:
            raise ValidationError(
                _("These photographs are too large to be sent at once. Please send fewer."),
                "too_much_at_once",
            )
        return [self._read(nth, file) for nth, file in enumerate(files, 1)]

    @staticmethod
    def _read(nth, file):
        try:
            return pictures.photograph(file.read(), most_bytes=settings.PHOTO_MAX_BYTES)
        except pictures.PictureError as error:
            raise of_photo(nth, error) from None


def of_photo(nth, error):
    return ValidationError(
        _("Photograph %(nth)s: %(what)s"), error.code, {"nth": nth, "what": str(error)}
    )


class DrawingField(forms.FileField):
    """A signature drawn with the finger, or a picture of one on paper; gives a `Picture`."""

    def clean(self, value, initial=None):
        file = super().clean(value, initial)
        if not file:
            return None
        try:
            if file.size > settings.PHOTO_MAX_BYTES:
                raise pictures.PictureError("too_large")
            return pictures.drawing(file.read(), most_bytes=settings.PHOTO_MAX_BYTES)
        except pictures.PictureError as error:
            raise ValidationError(str(error), error.code) from None


def too_many():
    return ValidationError(
        _("A visit has at most %(most)s photographs. Please choose the best."),
        "too_many_photos",
        {"most": settings.PHOTOS_ON_A_VISIT},
    )


def photos_hint():
    return now("At most %(n)s, each up to %(megabytes)s MB.") % {
        "n": settings.PHOTOS_ON_A_VISIT,
        "megabytes": settings.PHOTO_MAX_BYTES // MEGABYTE,
    }


# ---- what was done


class ItemForm(StyledForm, forms.ModelForm):
    """One thing done; a row without a kind is not there."""

    lengths = {"kind": 12, "times": 4, "note": 20, "solved_on": 8, "solution": 20}

    class Meta:
        model = VisitItem
        fields = ["kind", "times", "note", "solved_on", "solution"]
        formfield_callback = office_formfield
        error_messages = {
            "kind": {"required": _("Please choose what was done, or empty the row.")},
            "times": {
                "required": _("Please write how many, or empty the row."),
                "invalid": _("Please write a whole number."),
            },
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["solved_on"].help_text = ""
        self.fields["times"].widget.attrs |= {"min": 1, "max": MOST_TIMES}

    def clean_times(self):
        times = self.cleaned_data["times"]
        if times is not None and not 0 < times <= MOST_TIMES:
            raise ValidationError(
                _("The number of times lies between 1 and %(most)s."), "times", {"most": MOST_TIMES}
            )
        return times

    def clean(self):
        given = super().clean()
        if given.get("solved_on") is None and given.get("solution"):
            self.add_error(
                "solved_on", ValidationError(_("On which day was it solved?"), "no_day_of_solution")
            )
        return given


class BaseItemFormSet(forms.BaseModelFormSet):
    def rows(self):
        """Every thing that the form says was done, also what it left as it was."""
        return [
            form.instance
            for form in self.forms
            if not self._should_delete_form(form) and (form.instance.pk or form.has_changed())
        ]

    def add_fields(self, form, index):
        super().add_fields(form, index)
        form.fields["DELETE"].label = now("Take this row off")


def item_formset(extra):
    return forms.modelformset_factory(
        VisitItem, form=ItemForm, formset=BaseItemFormSet, can_delete=True, extra=extra,
        max_num=60, absolute_max=60,
    )  # fmt: skip


# ---- a visit


class BaseVisitForm(WarningsMixin, StyledForm, forms.ModelForm):
    """What a named visit and a counted one have in common; `items` are the rows of what was done.

    `self.instance` carries what the page is about. Refusals and doubts are those of the actions.
    """

    lengths = {"occasion": 12, "companions": 20, "helper": 30, "situation": "full"}

    visited_on = DateField(label=_("visited on"))
    photos = PhotosField(required=False)
    existing = None  # the visit that is on file already

    def __init__(self, data=None, files=None, *, staff, **kwargs):
        super().__init__(data, files, staff=staff, **kwargs)
        if self.instance.pk is None:
            self.initial["visited_on"] = timezone.localdate()
        extra = 1 if self.instance.pk else ROWS_AT_FIRST
        self.items = item_formset(extra)(
            data,
            prefix="items",
            queryset=VisitItem.objects.filter(visit=self.instance.pk)
            if self.instance.pk
            else VisitItem.objects.none(),
        )
        if "occasion" in self.fields:
            self.fields["occasion"].choices = Occasion.choices
        if "photos" in self.fields:
            self.fields["photos"].help_text = photos_hint()

    def is_valid(self):
        return super().is_valid() and self.items.is_valid()

    def clean(self):
        given = super().clean()
        self._validate_constraints = False  # of the whole visit, by the action
        if not self.items.is_valid() or self.errors:
            return given
        probe = copy.copy(self.instance)
        for name in visits.CHANGEABLE:
            if name in given:
                setattr(probe, name, given[name])
        try:
            visits.check(probe, self.staff)
        except RefusedError as refusal:
            where = AT.get(refusal.code)
            self.add_error(where if where in self.fields else None, refusal)
            return given
        self._check_solved(given)
        if same := same_visit(probe):
            self.existing = same
            self.add_error(None, ValidationError(ALREADY_RECORDED, "twice"))
            return given
        for field, code, sentence in visits.doubts(probe, self.items.rows()):
            self.add_warning(field, sentence, code=code)
        return given

    def _check_solved(self, given):
        for form in self.items.forms:
            on = form.cleaned_data.get("solved_on") if hasattr(form, "cleaned_data") else None
            if on is None:
                continue
            try:
                visits.check_solved(on, given["visited_on"])
            except RefusedError as refusal:
                form.add_error("solved_on", refusal)

    def rows(self):
        return self.items.rows()

    def confirmed(self):
        return [warning.code for warning in self.answered_warnings()]


ALREADY_RECORDED = _(
    "This visit is recorded already: same household, day, visitor and occasion. Please add to that "
    "one."
)


def same_visit(probe):
    """The visit that the database would take this one for, or None."""
    if not probe.household_id:
        return None
    return (
        Visit.objects.counted()
        .filter(
            programme=probe.programme_id, household=probe.household_id,
            visited_on=probe.visited_on, helper=probe.helper_id, occasion=probe.occasion,
        )
        .exclude(pk=probe.pk)
        .exclude(key=probe.key)
        .first()
    )  # fmt: skip


class VisitForm(BaseVisitForm):
    """A visit to one household. A helper's own sign-in says nothing of who came: it was the helper."""

    helper = HelperPick(
        label=_("who visited"),
        required=False,
        help_text=_("Name, pinyin or initials. Empty when it was nobody of the roster."),
    )
    signature = DrawingField(label=_("signature of the household"), required=False)

    class Meta:
        model = Visit
        fields = ["visited_on", "occasion", "helper", "companions", "situation", "signed_by"]
        labels = {"signed_by": _("signed by")}

    def __init__(self, *args, own=None, **kwargs):
        super().__init__(*args, **kwargs)
        offer_helpers(self.fields["helper"], self.staff, self.instance.programme)
        if own is not None:
            self.instance.helper = own
            del self.fields["helper"]
        if self.instance.pk:
            for name in ("photos", "signature", "signed_by"):
                del self.fields[name]
            if "helper" in self.fields and self.instance.helper_id:
                # Who has left the roster since stays on the visit.
                mine = self.fields["helper"].helpers
                self.fields["helper"].helpers = mine | Helper.objects.filter(
                    pk=self.instance.helper_id
                )
        self.fields["companions"].help_text = now("Names, separated by 、")
        self.fields["situation"].help_text = now("Please write no identity number here.")

    @property
    def main_fields(self):
        names = ["visited_on", "occasion", "helper", "companions", "situation"]
        return [self[name] for name in names if name in self.fields]

    def clean(self):
        given = super().clean()
        if given.get("signature") and not given.get("signed_by"):
            self.add_error("signed_by", ValidationError(_("Please say who signed."), "no_signer"))
        if "signed_by" in self.fields and not given.get("signature"):
            given["signed_by"] = ""
        return given

    def keep(self, *, by):
        """Record it. Answers the visit."""
        given = self.cleaned_data
        return visits.record_visit(
            self.instance, items=self.rows(), photos=given.get("photos") or [],
            signature=given.get("signature"), by=by, reason=self.reasons_given(),
            confirmed=self.confirmed(),
        )  # fmt: skip


class CountedVisitForm(BaseVisitForm):
    """Visits of a unit counted together: how many people, and no names."""

    lengths = {**BaseVisitForm.lengths, "unit": 20, "programme": 30, "headcount": 8}

    unit = UnitPick(
        label=_("unit"), error_messages={"required": _("Please choose the unit that counted.")}
    )

    class Meta:
        model = Visit
        fields = ["programme", "unit", "visited_on", "occasion", "headcount", "situation"]
        error_messages = {
            "programme": {
                "required": _("Please choose the programme the visits belong to."),
                "invalid_choice": _("This programme is none of yours. Please choose another."),
            },
            "headcount": {
                "required": _("Please write how many people were visited."),
                "invalid": _("Please write a whole number."),
            },
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["photos"]
        self.fields["headcount"].required = True
        self.fields["headcount"].min_value = 1
        if self.instance.pk:
            del self.fields["programme"], self.fields["unit"]
            return
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        self.fields["programme"].queryset = mine
        self.fields["programme"].label_from_instance = lambda programme: programme.name
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()

    def clean_headcount(self):
        headcount = self.cleaned_data["headcount"]
        if headcount is not None and headcount < 1:
            raise ValidationError(_("Please write how many people were visited."), "headcount")
        return headcount

    def clean(self):
        given = self.cleaned_data
        for name in ("programme", "unit"):
            if name in given:
                setattr(self.instance, name, given[name])
        return super().clean()

    @property
    def main_fields(self):
        return [self[name] for name in self.fields]

    def keep(self, *, by):
        return visits.record_visit(
            self.instance, items=self.rows(), by=by, reason=self.reasons_given(),
            confirmed=self.confirmed(),
        )  # fmt: skip


# ---- verbs


class TakeBackForm(ReasonForm):
    """Why it was entered by mistake; stands with the visit for ever."""


class SolveForm(StyledForm, forms.Form):
    """When and how a problem was solved. The days that cannot be are refused by the action."""

    lengths = {"solution": 30}

    on = DateField(label=_("solved on"), initial=timezone.localdate)
    solution = forms.CharField(
        label=_("how it was solved"),
        max_length=255,
        required=False,
        help_text=_("Please write no identity number here."),
    )


class AddPhotosForm(StyledForm, forms.Form):
    lengths = {"caption": 30}

    photos = PhotosField()
    caption = forms.CharField(label=_("caption"), max_length=120, required=False)

    def __init__(self, *args, visit, **kwargs):
        super().__init__(*args, **kwargs)
        self.visit = visit
        self.fields["photos"].help_text = photos_hint()

    def clean_photos(self):
        photos = self.cleaned_data["photos"]
        if self.visit.photos.count() + len(photos) > settings.PHOTOS_ON_A_VISIT:
            raise too_many()
        return photos


class SignForm(StyledForm, forms.Form):
    """The household's signature: drawn on the page, or a picture of one on paper."""

    lengths = {"signed_by": 12}

    signed_by = forms.CharField(
        label=_("signed by"),
        max_length=60,
        error_messages={"required": _("Please say who signed.")},
    )
    signature = DrawingField(
        label=_("signature of the household"),
        widget=forms.FileInput({"accept": "image/*"}),
        error_messages={"required": _("Nothing has been drawn. Please sign once more.")},
    )


class ProgrammeByCode(forms.ModelChoiceField):
    """A programme of one's own, in an address by its code."""

    def __init__(self, **kwargs):
        super().__init__(
            Programme.objects.none(), label=_("programme"), to_field_name="code", **kwargs
        )

    def offer(self, staff):
        self.queryset = Programme.objects.visible_to(staff).order_by("-starts_on", "code")
        self.label_from_instance = lambda programme: programme.name

    def to_python(self, value):
        if (
            isinstance(value, str) and "\x00" in value
        ):  # no code holds one, and PostgreSQL refuses it
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class DayForm(StyledForm, forms.Form):
    """Which paper list: whose households, on which day, on which occasion."""

    lengths = {"programme": 30, "unit": 20, "helper": 30, "occasion": 12}

    programme = ProgrammeByCode(
        error_messages={
            "required": _("Please choose the programme the visits belong to."),
            "invalid_choice": _("This programme is none of yours. Please choose another."),
        }
    )
    unit = UnitPick(label=_("unit"), required=False)
    helper = HelperPick(label=_("who visited"), required=False)
    on = DateField(label=_("visited on"), initial=timezone.localdate)
    occasion = forms.ChoiceField(
        label=_("occasion"), choices=Occasion.choices, initial=Occasion.HELPING_DAY
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].offer(self.staff)
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
        self.fields["helper"].offer(Helper.objects.visible_to(self.staff))
        self.fields["helper"].help_text = now(
            "Empty for all helpers of the unit. Name, pinyin or initials; then choose from the list."
        )

    def clean_on(self):
        day = self.cleaned_data["on"]
        if day > timezone.localdate():
            raise ValidationError(
                _("This day lies in the future. Please check the year."), code="future"
            )
        return day

    def clean(self):
        given = super().clean()
        helper, programme = given.get("helper"), given.get("programme")
        if helper and programme and helper.programme_id != programme.pk:
            self.add_error(
                "helper",
                ValidationError(
                    _(
                        "This helper is on the roster of another programme. Please choose one of this."
                    ),
                    "other_programme",
                ),
            )
        if not helper and not given.get("unit") and not self.errors:
            self.add_error("unit", ValidationError(_("Please choose a unit or a helper."), "whose"))
        return given
