"""What a list of households can be narrowed to, and how a person is found by name or number."""

import re

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from households import clears
from households.models import (
    Enrolment,
    Household,
    IdentityClaim,
    IncomeSnapshot,
    Member,
    names,
    words,
)
from households.models.gaps import GAPS, anything_missing
from povertyaid.lib import national_id, pinyin
from povertyaid.lib.secrets import digest
from povertyaid.org.models import OrgUnit
from povertyaid.programmes.models import Programme, SchemeItem
from povertyaid.web.context import chosen_place
from povertyaid.web.forms import StyledForm
from povertyaid.web.unit_field import UnitPick, written

ALL = "all"  # as a programme: whatever programme, or none
UNLISTED = "unlisted"  # as a category or cause: a word that stands in no list
ANY = "any"  # as missing data: whichever
FULL, LACKING = "full", "lacking"  # as the dossier: every 清 is full, or some is not
NOTHING = "none"  # as what a number was looked up to: nobody
FOUND_AT_MOST = 200

NUMBER_LIKE = re.compile(r"[0-9]{11}")
# Identity cards of 15 and 18 characters, disability certificates of 20 and 22.
IDENTITY_LIKE = re.compile(r"[0-9]{15}|[0-9]{17}[0-9X]|[0-9]{17}[0-9X][0-9]{2}(?:[0-9]{2})?")


# ---- a person's number, which no address may carry


def is_number_of_a_person(text, staff):
    """Whether a searched text must stay out of addresses, and so out of logs and histories.

    Eleven digits in a row are a phone, an account or most of an identity number, unless the
    beginning of a file number: those are names of files and may stand anywhere.
    """
    number = national_id.clean(text).replace("-", "")
    if IDENTITY_LIKE.fullmatch(number):
        return True
    if not NUMBER_LIKE.search(number):
        return False
    code = text.replace("\x00", "").strip()
    return not Household.objects.visible_to(staff).filter(code__startswith=code).exists()


def households_of_number(text, staff):
    """Keys of the visible households in which a number occurs; exact, by its keyed digest.

    A disability certificate begins with the identity number of its holder: either finds the
    person, whichever of the two is on file.
    """
    number = national_id.clean(text).replace("-", "")
    if not IDENTITY_LIKE.fullmatch(number):
        return []
    if len(number) == 15:
        number = national_id.upgrade(number)
    person = digest(number[:18])
    claimed = IdentityClaim.objects.filter(digest=person).values("member_id")
    members = Member.objects.visible_to(staff).filter(
        Q(id_digest__in={digest(number), person}) | Q(pk__in=claimed)
    )
    return sorted(set(members.order_by().values_list("household_id", flat=True)[:FOUND_AT_MOST]))


# ---- order

SORTS = ("name", "code", "unit", "income", "exit")


def in_order(rows, sort, programme):
    """Rows in the order of `?sort=`; "-" turns it round. What is not known comes last both ways."""
    word = sort.removeprefix("-")
    match word:
        case "name":
            first = F("head_pinyin")
        case "unit":
            first = F("unit__path")
        case "exit" | "income":
            rows, first = of_enrolment(rows, word, programme)
        case _:
            return rows.order_by("-code" if sort == "-code" else "code")
    if sort.startswith("-"):
        return rows.order_by(first.desc(nulls_last=True), "code")
    return rows.order_by(first.asc(nulls_last=True), "code")


def of_enrolment(rows, word, programme):
    """What of an enrolment a list is sorted by: of the one in the programme, else of the newest."""
    if programme:
        # There is at most one, so it can be joined; to look it up row by row takes thrice the time.
        asked = Q(enrolments__programme=programme)
        rows = rows.annotate(own=FilteredRelation("enrolments", condition=asked))
        if word == "exit":
            return rows, F("own__exited_on")
        of_own = IncomeSnapshot.objects.filter(enrolment=OuterRef("own__pk"))
        return rows, Subquery(of_own.order_by("-year", "-pk").values("per_capita")[:1])
    if word == "exit":
        newest = Enrolment.objects.filter(household=OuterRef("pk"))
        newest = newest.order_by("-programme__starts_on", "programme__code")
        return rows, Subquery(newest.values("exited_on")[:1])
    of_any = IncomeSnapshot.objects.filter(enrolment__household=OuterRef("pk")).order_by(
        "-enrolment__programme__starts_on", "enrolment__programme__code", "-year", "-pk"
    )
    return rows, Subquery(of_any.values("per_capita")[:1])


class ByIncome:
    """The keys of households in the order of their newest income, for a list that shows a page.

    The page is found by walking down an index of incomes until it is full; to sort, every
    household would be asked for its income first. Those without any come last, by file number.
    """

    def __init__(self, rows, programme, *, highest_first):
        self.rows = rows.order_by()
        of_household = IncomeSnapshot.objects.filter(enrolment__household=OuterRef("pk"))
        newer = self._newer(programme)
        incomes = IncomeSnapshot.objects.filter(~Exists(newer))
        if programme:
            of_household = of_household.filter(enrolment__programme=programme)
            incomes = incomes.filter(enrolment__programme=programme)
        first = F("per_capita").desc() if highest_first else F("per_capita").asc()
        self.known = (
            incomes.filter(enrolment__household__in=self.rows.values("pk"))
            .order_by(first, "enrolment__household__code")
            .values_list("enrolment__household", flat=True)
        )
        self.unknown = (
            self.rows.exclude(Exists(of_household)).order_by("code").values_list("pk", flat=True)
        )

    @staticmethod
    def _newer(programme):
        """Incomes before which one of the same household does not count."""
        later = Q(year__gt=OuterRef("year")) | Q(year=OuterRef("year"), pk__gt=OuterRef("pk"))
        same = Q(enrolment=OuterRef("enrolment")) & later
        if programme:
            return IncomeSnapshot.objects.filter(same)
        begun = OuterRef("enrolment__programme__starts_on")
        code = OuterRef("enrolment__programme__code")
        newer_programme = Q(enrolment__programme__starts_on__gt=begun) | Q(
            enrolment__programme__starts_on=begun, enrolment__programme__code__lt=code
        )
        return IncomeSnapshot.objects.filter(
            same | newer_programme, enrolment__household=OuterRef("enrolment__household")
        )

    def count(self):
        return self.rows.count()

    def __len__(self):
        return self.count()

    def __getitem__(self, part):
        keys = list(self.known[part])
        wanted = part.stop - part.start
        if len(keys) == wanted:
            return keys
        past = part.start + len(keys) if keys else self.known.count()
        begin = max(part.start - past, 0)
        return keys + list(self.unknown[begin : begin + wanted - len(keys)])


# ---- names


def named(text):
    """Keys of households in which a head or a present member is called so, or the file is.

    Chinese by any part of the name; letters by the sound from its beginning (`zhangsan`,
    `zhang san`, `zhang`) or by initials (`zs`); anything by the beginning of the file number.
    A union, not an OR: each part then uses its own index, however many households there are.
    """
    text = text.strip()
    by_code = Q(code__startswith=text) | Q(code__startswith=text.upper())
    letters = pinyin.search_key(text)
    if letters.isascii() and letters.isalpha():
        head = Q(spelling__startswith=letters) | Q(head_initials__startswith=letters)
        member = Q(spelling__startswith=letters) | Q(name_initials__startswith=letters)
    elif letters.isascii():
        return Household.objects.filter(by_code).values("pk")
    else:
        name = re.sub(r"\s", "", text)
        has = Q(characters__contains=list(name))
        head, member = has & Q(head_name__contains=name), has & Q(name__contains=name)
    heads = Household.objects.annotate(
        spelling=names.spelling("head_pinyin"), characters=names.characters("head_name")
    ).filter(head)
    members = Member.objects.present().annotate(
        spelling=names.spelling("name_pinyin"), characters=names.characters("name")
    )
    return (
        heads.order_by()
        .values("pk")
        .union(
            members.filter(member).order_by().values("household_id"),
            Household.objects.filter(by_code).order_by().values("pk"),
        )
    )


# ---- fields


def unit_called(text, staff):
    """The visible unit of a code or whole name, or None."""
    field = UnitPick()
    field.units = OrgUnit.objects.visible_to(staff)
    try:
        return field.clean(text)
    except ValidationError:
        return None


def code_of_unit(text, staff):
    """What of a chosen unit goes into the address: its code; what names no unit stays as typed."""
    unit = unit_called(text, staff)
    if unit is None:
        return "?" if NUMBER_LIKE.search(national_id.clean(text)) else text
    return unit.code


def unit_as_written(text, staff):
    """The address says the code, the box also the name."""
    unit = unit_called(text, staff)
    return written(unit) if unit else text


class UnitFilter(django_filters.Filter):
    field_class = UnitPick


class FoundField(forms.CharField):
    """The answer to a search by number: keys of files, so that the number stays out of the address."""

    widget = forms.HiddenInput

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        if text == NOTHING:
            return []
        keys = text.split(",")
        if len(keys) > FOUND_AT_MOST or not all(re.fullmatch("[0-9]{1,18}", key) for key in keys):
            raise ValidationError(_("This address is incomplete. Please search once more."))
        return [int(key) for key in keys]


class FoundFilter(django_filters.Filter):
    field_class = FoundField


# ---- the filter


class HouseholdFilterForm(StyledForm, forms.Form):
    use_required_attribute = False


class HouseholdFilter(django_filters.FilterSet):
    """One form, one queryset: the page, its totals, the selection and the export ask the same.

    Whatever is asked about the enrolment is asked of one and the same enrolment: "poor, left
    poverty in 2013" must not find a household that was poor in one programme and left another.
    Without a programme in the address the one of the top bar is meant. Over all programmes
    each household is shown with its newest.
    """

    # No browser keeps what was typed here: it may be somebody's number, on a shared machine.
    q = django_filters.CharFilter(
        label=_("name, pinyin, file number or identity number"),
        widget=forms.TextInput({"type": "search", "autocomplete": "off"}),
        max_length=100,
    )
    unit = UnitFilter(label=_("unit"))
    programme = django_filters.ChoiceFilter(label=_("programme"), empty_label=None)
    state = django_filters.ChoiceFilter(
        label=_("state"), choices=Enrolment.Status.choices, empty_label=_("all states")
    )
    category = django_filters.ChoiceFilter(label=_("category"), empty_label=_("all categories"))
    cause = django_filters.ChoiceFilter(label=_("cause"), empty_label=_("all causes"))
    exit_year = django_filters.ChoiceFilter(label=_("year of exit"), empty_label=_("all years"))
    file = django_filters.ChoiceFilter(
        label=_("file"), choices=Household.Status.choices, empty_label=_("open and closed")
    )
    helpable = django_filters.ChoiceFilter(
        label=_("helpable"),
        choices=[("yes", _("helpable")), ("no", _("not helpable"))],
        empty_label=_("both kinds"),
    )
    missing = django_filters.ChoiceFilter(
        label=_("missing data"),
        choices=[(ANY, _("anything at all")), *((gap.code, gap.label) for gap in GAPS)],
        empty_label=_("whether complete or not"),
    )
    clears = django_filters.ChoiceFilter(label=_("dossier"), empty_label=_("whether full or not"))
    found = FoundFilter(label=_("identity number"))

    usual = ("q", "unit", "programme", "state")

    class Meta:
        model = Household
        fields = []
        form = HouseholdFilterForm

    def __init__(self, data=None, queryset=None, *, request, prefix=None):
        self.staff = request.user
        self.programmes = list(
            Programme.objects.visible_to(self.staff)
            .select_related("lead_unit")
            .order_by("-starts_on", "code")
        )
        asked = data.copy() if data is not None else None
        if asked is not None and not asked.get("programme"):
            asked["programme"] = ALL if asked.get("found") else self.usual_programme(request)
        if asked is not None and asked.get("unit"):
            asked["unit"] = unit_as_written(asked["unit"], self.staff)
        super().__init__(asked, queryset, request=request, prefix=prefix)
        self.filters["unit"].field.units = OrgUnit.objects.visible_to(self.staff)
        self.filters["programme"].extra["choices"] = [
            (ALL, _("all programmes")),
            *((programme.code, programme.name) for programme in self.programmes),
        ]
        own = self.own_words()
        self.filters["category"].extra["choices"] = _choices(
            words.CATEGORIES, own[SchemeItem.CATEGORIES]
        )
        self.filters["cause"].extra["choices"] = _choices(words.CAUSES, own[SchemeItem.CAUSES])
        self.filters["exit_year"].extra["choices"] = [(y, str(y)) for y in self.exit_years()]
        self.filters["clears"].extra["choices"] = clear_choices(self.rules_asked)

    def usual_programme(self, request):
        """The one chosen in the top bar; where that says all, it is all."""
        chosen = chosen_place(request).get("programme", {}).get("code")
        return chosen if chosen in {programme.code for programme in self.programmes} else ALL

    @cached_property
    def programme_asked(self):
        """The programme the page is about; None when it is about all of them."""
        code = (self.data or {}).get("programme")
        return next((one for one in self.programmes if one.code == code), None)

    @cached_property
    def rules(self):
        """What a complete file holds, of the programmes the page speaks of."""
        return clears.rules_of([self.programme_asked] if self.programme_asked else self.programmes)

    @property
    def rules_asked(self):
        """The rules a list can be narrowed by: those of the one programme it is about."""
        return self.rules.get(self.programme_asked.pk, []) if self.programme_asked else []

    @property
    def more_is_set(self):
        """Whether a condition is set that is folded away."""
        return any(self.data.get(name) for name in self.filters if name not in self.usual)

    def own_words(self):
        """Words that the programme's own lists add to the office-wide ones."""
        found = {SchemeItem.CATEGORIES: [], SchemeItem.CAUSES: []}
        of = [self.programme_asked] if self.programme_asked else self.programmes
        items = SchemeItem.objects.filter(programme__in=of, list_name__in=found)
        for list_name, label in items.order_by("seq", "pk").values_list("list_name", "label"):
            found[list_name].append(label)
        return found

    def exit_years(self):
        of = [self.programme_asked] if self.programme_asked else self.programmes
        this_year = timezone.localdate().year
        return range(this_year, min((one.starts_on.year for one in of), default=this_year) - 1, -1)

    def filter_queryset(self, queryset):
        asked = self.form.cleaned_data
        if asked["found"] is not None:
            queryset = queryset.filter(pk__in=asked["found"])
        if asked["unit"]:
            queryset = queryset.within(asked["unit"])
        if asked["file"]:
            queryset = queryset.filter(status=asked["file"])
        if asked["q"]:
            queryset = queryset.filter(pk__in=named(asked["q"]))
        return queryset.filter(self.enrolled(asked), self.lacking(asked["missing"]))

    @property
    def enrolments(self):
        """Enrolments of one household that the page speaks of."""
        rows = Enrolment.objects.filter(household=OuterRef("pk"))
        return rows.filter(programme=self.programme_asked) if self.programme_asked else rows

    def enrolled(self, asked):
        """The condition that one enrolment meets everything asked about enrolments."""
        about = Q()
        if asked["state"]:
            about &= Q(status=asked["state"])
        if asked["category"]:
            about &= (
                ~Q(category__in=["", *_known(words.CATEGORIES, self, "category")])
                if asked["category"] == UNLISTED
                else Q(category=asked["category"])
            )
        if asked["cause"]:
            about &= (
                ~Q(causes__contained_by=_known(words.CAUSES, self, "cause"))
                if asked["cause"] == UNLISTED
                else Q(causes__contains=[asked["cause"]])
            )
        if asked["exit_year"]:
            about &= Q(exited_on__year=int(asked["exit_year"]))
        if asked["helpable"]:
            about &= Q(helpable=asked["helpable"] == "yes")
        if asked["clears"]:
            about &= by_clears(asked["clears"], self.rules_asked)
        for gap in GAPS:
            if gap.code == asked["missing"] and gap.of_enrolment:
                about &= gap.absent
        if not about and self.programme_asked is None:
            return Q()
        return Q(Exists(self.enrolments.filter(about)))

    def lacking(self, missing):
        if missing == ANY:
            return anything_missing(self.enrolments)
        for gap in GAPS:
            if gap.code == missing and not gap.of_enrolment:
                return Q(gap.asked(self.enrolments))
        return Q()


def clear_choices(rules):
    if not rules:
        return []
    return [
        (FULL, _("all full")),
        (LACKING, _("something is missing")),
        *((str(rule.pk), format_lazy(_("lacks {what}"), what=rule.item.label)) for rule in rules),
    ]


def by_clears(asked, rules):
    """The condition on an enrolment behind a choice of `clear_choices`."""
    if asked == FULL:
        return ~clears.lacking(rules)
    if asked == LACKING:
        return clears.lacking(rules)
    return clears.lacking([rule for rule in rules if str(rule.pk) == asked])


def _choices(office_wide, own):
    """The programme's own words first; a word both lists have is shown once, under its code."""
    codes = {label: code for code, label in office_wide.items()}
    first = [(codes.get(label, label), label) for label in own]
    rest = [(code, label) for code, label in office_wide.items() if label not in own]
    return [*first, *rest, (UNLISTED, _("a word that is in no list"))]


def _known(office_wide, filterset, name):
    return [code for code, _label in filterset.filters[name].extra["choices"] if code != UNLISTED]
