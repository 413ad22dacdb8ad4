"""What is said of an activity that was held, when it is taken back or counted, and a sheet to sign."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from households.forms.choices import SuggestingInput
from households.forms.lifecycle import ReasonForm
from pairings.actions.activities import NUMBERS
from pairings.models import TOPIC_LIST, TOPICS, Activity
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme, SchemeItem
from povertyaid.web.forms import DateField, StyledForm, WarningsMixin, office_formfield
from povertyaid.web.unit_field import UnitPick

MANY_SESSIONS = 60  # in one entry; more is asked about
WORDS_SUGGESTED = 60
BLANK_LINES = 20
BLANK_LINES_AT_MOST = 400
CODES = {word: code for code, word in TOPICS.items()}


def topic_words(programmes, activities):
    """What may be suggested as a topic: known everywhere, named by a programme, used before."""
    words = [*TOPICS.values()]
    listed = SchemeItem.objects.filter(programme__in=programmes, list_name=TOPIC_LIST)
    words += listed.order_by("seq", "pk").values_list("label", flat=True)[:WORDS_SUGGESTED]
    used = activities.filter(programme__in=programmes).exclude(topic="").exclude(topic__in=TOPICS)
    words += used.order_by("topic").values_list("topic", flat=True).distinct()[:WORDS_SUGGESTED]
    return list(dict.fromkeys(words))


def not_in_future(day):
    if day > timezone.localdate():
        raise ValidationError(
            _(
                "This day lies in the future. An activity is recorded once it has been held; a "
                "sign-in sheet can be printed beforehand."
            ),
            code="future",
        )
    return day


class ActivityForm(WarningsMixin, StyledForm, forms.ModelForm):
    """Programme and unit are given when the activity is entered, and stay.

    Where there is a list of names the form asks for no number.
    """

    lengths = {
        "programme": 30, "unit": 20, "kind": 12, "topic": 20, "title": 30, "sessions": 4,
        "place": 20, "headcount": 8, "household_count": 8, "lifted_count": 8, "note": 30,
    }  # fmt: skip

    unit = UnitPick(
        label=_("organiser"),
        error_messages={"required": _("Please choose the unit that held the activity.")},
    )
    kept_as = forms.ChoiceField(
        label=_("how attendance is kept"),
        choices=[("number", _("a number only")), ("names", _("by name, on the next page"))],
        initial="number",
        widget=forms.RadioSelect,
        required=False,
    )

    class Meta:
        model = Activity
        formfield_callback = office_formfield
        fields = [
            "programme", "unit", "kind", "topic", "title", "held_on", "sessions", "place",
            "beneficiary_group", *NUMBERS, "note",
        ]  # fmt: skip
        help_texts = {
            "topic": _("For example the skill that was taught, or the sort of meeting."),
            "sessions": _("期, 次 or 场次; 1 unless several are entered together."),
            "beneficiary_group": _(
                "What was held for others is counted apart from the programme's own."
            ),
            "lifted_count": _("Who left poverty through it, where it is known."),
        }
        error_messages = {
            "programme": {
                "required": _("Please choose the programme the activity belongs to."),
                "invalid_choice": _("This programme is none of yours. Please choose another."),
            },
            "kind": {"required": _("Please choose the kind of activity from the list.")},
            "sessions": {
                "required": _("Please say how many sessions there were; usually it is 1."),
            },
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        if self.instance.pk:
            mine = mine.filter(pk=self.instance.programme_id)
            del self.fields["programme"], self.fields["unit"], self.fields["kept_as"]
            self.initial["topic"] = self.instance.topic_word
            if self.instance.attendances.filter(member__isnull=False).exists():
                for name in NUMBERS:
                    del self.fields[name]
        else:
            self.fields["programme"].queryset = mine
            self.fields["programme"].label_from_instance = lambda programme: programme.name
            self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()
            for name in NUMBERS:
                self.fields[name].widget.attrs["data-show-when"] = "kept_as=number"
        topic = self.fields["topic"]
        words = topic_words(mine, Activity.objects.visible_to(self.staff))
        topic.widget = SuggestingInput(words, topic.widget.attrs)
        self.fields["sessions"].min_value = 1
        names = [name for name in self.fields if name != "kept_as"]
        at = next((names.index(name) for name in NUMBERS if name in names), len(names))
        self.order_fields([*names[:at], "kept_as", *names[at:]])

    def clean_topic(self):
        """A word that is the same everywhere is kept as its code."""
        text = " ".join(self.cleaned_data["topic"].split())
        return CODES.get(text, text)

    def clean_title(self):
        return " ".join(self.cleaned_data["title"].split())

    def clean_held_on(self):
        return not_in_future(self.cleaned_data["held_on"])

    def clean(self):
        given = super().clean()
        numbers = {name: given.get(name) for name in NUMBERS}
        if given.get("kept_as") == "names" and any(n is not None for n in numbers.values()):
            self.add_error(
                "kept_as",
                ValidationError(
                    _(
                        "Names replace the number: the people on the list are what is counted. "
                        "Please leave the numbers empty, or keep a number only."
                    ),
                    "names_and_number",
                ),
            )
        self._doubt_day(given)
        self._doubt_numbers(given, **numbers)
        self._doubt_twice(given)
        return given

    def _doubt_day(self, given):
        programme = self.instance.programme if self.instance.pk else given.get("programme")
        day = given.get("held_on")
        if not (programme and day):
            return
        if day < programme.starts_on:
            self.add_warning(
                "held_on",
                _("The programme began on %(day)s; the activity was before that.")
                % {"day": programme.starts_on.isoformat()},
                code="before_programme",
            )
        if programme.ends_on and day > programme.ends_on:
            self.add_warning(
                "held_on",
                _("The programme ended on %(day)s; the activity was after that.")
                % {"day": programme.ends_on.isoformat()},
                code="after_programme",
            )
        unit = given.get("unit")
        if unit and not unit.path.startswith(programme.lead_unit.path):
            self.add_warning(
                "unit", _("The programme does not reach this unit."), code="out_of_programme"
            )

    def _doubt_numbers(self, given, *, headcount, household_count, lifted_count):
        sessions = given.get("sessions")
        if sessions and sessions > MANY_SESSIONS:
            self.add_warning(
                "sessions",
                _("%(n)s sessions in one entry are many. Are they not people?") % {"n": sessions},
                code="many_sessions",
            )
        if headcount is not None and household_count is not None and headcount < household_count:
            self.add_warning(
                "headcount",
                _("Fewer people than households: %(people)s people of %(households)s households.")
                % {"people": headcount, "households": household_count},
                code="fewer_people",
            )
        if lifted_count and lifted_count > (headcount or 0):
            self.add_warning(
                "lifted_count",
                _("More people left poverty through it than attended."),
                code="more_lifted",
            )

    def _doubt_twice(self, given):
        unit = given.get("unit") or (self.instance.unit if self.instance.pk else None)
        if not (unit and given.get("held_on") and given.get("kind")):
            return
        same = {name: given.get(name, "") for name in ("kind", "title", "topic", "held_on")}
        there = Activity.objects.counted().filter(unit=unit, **same).exclude(pk=self.instance.pk)
        if there.exists():
            self.add_warning(
                "title",
                _(
                    "This unit has an activity of this kind and title on that day. Recorded already?"
                ),
                code="recorded_already",
            )

    @property
    def wants_names(self):
        return self.cleaned_data.get("kept_as") == "names"


class CountForm(ReasonForm):
    """A number in the place of a list of names."""

    lengths = {"headcount": 8, "household_count": 8, "lifted_count": 8, "reason": 30}

    headcount = forms.IntegerField(
        label=_("attendance, 人次"),
        min_value=1,
        max_value=10_000_000,
        error_messages={"required": _("Please say how many people attended.")},
    )
    household_count = forms.IntegerField(
        label=_("households reached, 户"), min_value=0, max_value=10_000_000, required=False
    )
    lifted_count = forms.IntegerField(
        label=_("people lifted through it, 人"), min_value=0, max_value=10_000_000, required=False
    )

    def clean(self):
        given = super().clean()
        people, households = given.get("headcount"), given.get("household_count")
        if people is not None and households is not None and people < households:
            self.add_warning(
                "headcount",
                _("Fewer people than households: %(people)s people of %(households)s households.")
                % {"people": people, "households": households},
                code="fewer_people",
            )
        return given


class SheetForm(StyledForm, forms.Form):
    """A sheet to be signed, for an activity that is still to come or that was."""

    lengths = {"programme": 30, "title": 30, "place": 20, "unit": 20, "lines": 4}

    programme = forms.ModelChoiceField(
        Programme.objects.none(),
        label=_("programme"),
        error_messages={
            "invalid_choice": _("This programme is none of yours. Please choose another."),
        },
    )
    unit = UnitPick(label=_("unit"))
    title = forms.CharField(label=_("title"), max_length=120)
    on = DateField(label=_("held on"), required=False)
    place = forms.CharField(label=_("place"), max_length=120, required=False)
    names = forms.ChoiceField(
        label=_("names on it"),
        choices=[
            ("heads", _("heads of the households that are helped")),
            ("helpers", _("helpers on the roster")),
            ("none", _("nobody, lines to be filled in")),
        ],
        initial="heads",
        widget=forms.RadioSelect,
    )
    lines = forms.IntegerField(
        label=_("empty lines at the end"),
        min_value=0,
        max_value=BLANK_LINES_AT_MOST,
        initial=BLANK_LINES,
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Programme.objects.visible_to(self.staff).order_by("-starts_on", "code")
        self.fields["programme"].queryset = mine
        self.fields["programme"].label_from_instance = lambda programme: programme.name
        self.fields["unit"].units = OrgUnit.objects.visible_to(self.staff).open()

    def clean(self):
        given = super().clean()
        if given.get("names") == "none" and given.get("lines") == 0:
            self.add_error(
                "lines", ValidationError(_("Without names the sheet needs lines."), "empty")
            )
        return given
