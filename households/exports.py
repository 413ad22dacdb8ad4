"""The columns of a list of households: the same on the screen and in the workbook."""

from itertools import islice
from operator import itemgetter

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from import_export.fields import Field
from import_export.resources import ModelResource

from households import clears
from households.models import Enrolment, Household, IncomeSnapshot, Member, words
from households.models.gaps import present_members
from households.roster.core.headings import standard
from povertyaid.lib import national_id
from povertyaid.web import workbook

JOIN = "、"
CHUNK = 2000  # rows fetched at a time


class Column(Field):
    """One column: its heading, how to read it off a household, and of what kind the value is.

    `kind` is one of the workbook's: text, whole, money (元) or day.
    `sort` is the word after `?sort=`; `usual` columns are shown until somebody chooses others;
    a `fact` stays on the card that a row becomes on a small screen.
    """

    def __init__(self, label, read, *, kind="text", sort="", usual=False, fact=False):
        super().__init__(column_name=label, dehydrate_method=read, readonly=True)
        self.label, self.read, self.kind, self.sort = label, read, kind, sort
        self.usual, self.fact = usual, fact

    @property
    def css(self):
        return "num" if self.kind in {"whole", "money"} else ""

    @property
    def unit(self):
        return _("yuan") if self.kind == "money" else ""


# ---- what is known of a listed household; `listed()` has fetched it


def enrolment_of(household):
    """The enrolment the list speaks of: the one in the chosen programme, else the newest."""
    return household.listed[0] if household.listed else None


def of_enrolment(name):
    def read(household):
        enrolment = enrolment_of(household)
        return getattr(enrolment, name) if enrolment else None

    return read


def income_of(household, stage=None):
    """The latest income snapshot, or the latest of one stage."""
    enrolment = enrolment_of(household)
    found = enrolment.listed_incomes if enrolment else []
    return next((income for income in found if stage in {None, income.stage}), None)


def per_capita(stage=None):
    def read(household):
        income = income_of(household, stage)
        return income.per_capita if income else None

    return read


def clears_of(household):
    """`4/6`: how many 清 of the programme are full; nothing where it has no rules."""
    enrolment = enrolment_of(household)
    if enrolment is None or getattr(enrolment, "clear_total", None) is None:
        return ""
    return f"{enrolment.clear_count}/{enrolment.clear_total}"


def state_of(household):
    """In words: what became of the file, and the state in the programme, whichever there is."""
    enrolment = enrolment_of(household)
    parts = [str(enrolment.status_word)] if enrolment else []
    if not household.is_open:
        parts.append(household.get_close_reason_display())
    return JOIN.join(str(part) for part in parts)


def causes_of(household):
    enrolment = enrolment_of(household)
    return JOIN.join(enrolment.cause_words) if enrolment else ""


def needs_of(household):
    enrolment = enrolment_of(household)
    return JOIN.join(enrolment.need_words) if enrolment else ""


def as_known(day, precision):
    """A date as exactly as it is known: `2011-03-01`, `2011-03`, `2011`; nothing for no date."""
    return day.isoformat()[: {"year": 4, "month": 7}.get(precision, 10)] if day else ""


def identified_of(household):
    enrolment = enrolment_of(household)
    return as_known(enrolment.identified_on, enrolment.identified_precision) if enrolment else ""


def identified_of_enrolled(household):
    enrolment = household.enrolled[0]
    return as_known(enrolment.identified_on, enrolment.identified_precision)


def head_number_of(household):
    return next((national_id.mask(one.id_number) for one in household.heads if one.id_number), "")


class HouseholdResource(ModelResource):
    """A list of households as a workbook: personal numbers with their middle hidden."""

    head = Column(_("head of household"), lambda row: row.head_name, sort="name", usual=True)
    code = Column(_("file number"), lambda row: row.code, sort="code", usual=True)
    unit = Column(_("unit"), lambda row: row.unit.name, sort="unit", usual=True, fact=True)
    programme = Column(
        _("programme"), lambda row: getattr(of_enrolment("programme")(row), "name", "")
    )
    category = Column(_("category"), of_enrolment("category_word"), usual=True)
    members = Column(_("family size"), lambda row: row.member_count, kind="whole", usual=True)
    stated_size = Column(_("persons as stated"), lambda row: row.stated_size, kind="whole")
    causes = Column(_("causes"), causes_of, usual=True)
    needs = Column(_("needs"), needs_of)
    state = Column(_("state"), state_of, usual=True, fact=True)
    clears = Column(_("completeness of the dossier"), clears_of, fact=True)
    identified_on = Column(_("identified on"), identified_of)
    income_before = Column(_("per-capita income before help"), per_capita("before"), kind="money")
    income = Column(
        _("latest per-capita income"),
        per_capita(),
        kind="money",
        sort="income",
        usual=True,
        fact=True,
    )
    target_income = Column(_("income goal per person"), of_enrolment("target_income"), kind="money")
    target_exit_on = Column(
        _("planned to leave poverty on"), of_enrolment("target_exit_on"), kind="day"
    )
    exited_on = Column(
        _("left poverty on"), of_enrolment("exited_on"), kind="day", sort="exit", usual=True
    )
    address = Column(_("address"), lambda row: row.address)
    phone = Column(_("phone"), lambda row: national_id.mask_phone(row.phone) if row.phone else "")
    head_number = Column(_("identity number of the head"), head_number_of)

    class Meta:
        model = Household
        # Which columns there are, in what order.
        fields = export_order = [
            *("head", "code", "unit", "programme", "category", "members", "stated_size"),
            *("causes", "needs", "state", "clears", "identified_on", "income_before", "income"),
            *("target_income", "target_exit_on", "exited_on", "address", "phone", "head_number"),
        ]

    rules = None  # by which the dossiers are complete, where their column is asked for

    def iter_queryset(self, queryset):
        """In one pass: the library's own way asks page by page, each page later than the last."""
        rows = queryset.iterator(chunk_size=CHUNK)
        while chunk := list(islice(rows, CHUNK)):
            if self.rules:
                count_clears(chunk, self.rules)
            yield from chunk


COLUMNS = {code: HouseholdResource.fields[code] for code in HouseholdResource._meta.fields}
USUAL = [code for code, column in COLUMNS.items() if column.usual]
CLEARS = "clears"  # usual where the programme says what a complete file holds


def columns_of(codes):
    """The chosen columns in the order of the list; the head's name, which is the link, always."""
    chosen = {"head", *codes} & COLUMNS.keys()
    return [code for code in COLUMNS if code in chosen]


def listed(rows, programme, codes):
    """Fetch what the columns read, in a number of queries that rows do not change.

    Without the bank account: decrypting what nobody is shown takes longer than the query. How
    complete the dossiers are is asked of the rows at hand (`count_clears`).
    """
    enrolments = Enrolment.objects.select_related("programme").order_by(
        "-programme__starts_on", "programme__code"
    )
    if programme:
        enrolments = enrolments.filter(programme=programme)
    incomes = IncomeSnapshot.objects.order_by("-year", "-pk")
    parts = [
        Prefetch("enrolments", enrolments.defer("kept"), to_attr="listed"),
        Prefetch("listed__incomes", incomes, to_attr="listed_incomes"),
    ]
    if "head_number" in codes:
        heads = Member.objects.present().filter(relation=words.HEAD)
        parts.append(Prefetch("members", heads, to_attr="heads"))
    return (
        rows.select_related("unit")
        .defer("bank_account", "note")
        .annotate(member_count=present_members())
        .prefetch_related(*parts)
    )


def count_clears(rows, rules):
    """How complete the dossiers of listed households are, in one statement."""
    clears.count((enrolment for row in rows for enrolment in row.listed[:1]), rules)


def sheet(rows, codes, rules, *, title, notes=()):
    """What `listed()` gives, as one sheet of a workbook with the columns that are asked for."""
    resource = HouseholdResource()
    resource.rules = rules if CLEARS in codes else None
    table = resource.export(rows, export_fields=codes)
    columns = [
        workbook.Column(head, itemgetter(nth), COLUMNS[code].kind, COLUMNS[code].unit)
        for nth, (code, head) in enumerate(zip(codes, table.headers, strict=True))
    ]
    return workbook.Sheet(title, columns, table, notes=notes)


# ---- a list to be edited and brought back


#: Roster field → how to read it off a member. Numbers of persons and accounts are not among
#: them: they are masked on everything that leaves the office, and changed in the file itself.
EDITABLE_OF_MEMBER = {
    "member_number": lambda member: member.seq,
    "name": lambda member: member.name,
    "relation": lambda member: member.relation,
    "sex": lambda member: member.sex,
    "birth_date": lambda member: as_known(member.birth_date, member.birth_precision),
    "ethnicity": lambda member: member.ethnicity,
    "health": lambda member: member.health,
    "labour_ability": lambda member: member.labour,
    "education": lambda member: member.education,
    "work_status": lambda member: member.work_status,
    "employer": lambda member: member.employer,
    "note": lambda member: member.note,
}
EDITABLE_OF_HOUSEHOLD = {
    "code": lambda household: household.code,
    "version": lambda household: household.version,
    "address": lambda household: household.address,
    "category": lambda household: household.enrolled[0].category_word,
    "causes": lambda household: JOIN.join(household.enrolled[0].cause_words),
    "identified_on": identified_of_enrolled,
}


def editable_sheet(rows, programme, *, title, notes):
    """One row a member of families enrolled in a programme, as the roster import reads them.

    The file's number, its version and the member's place say what a row is when it comes back.
    """
    families = (
        rows.filter(enrolments__programme=programme, status=Household.Status.OPEN)
        .defer("bank_account", "note")
        .prefetch_related(
            Prefetch("members", Member.objects.present().order_by("seq", "pk"), to_attr="here"),
            Prefetch(
                "enrolments",
                Enrolment.objects.filter(programme=programme).defer("kept"),
                to_attr="enrolled",
            ),
        )
    )
    columns = [
        workbook.Column(standard().word_of[name], _of_pair(0, read))
        for name, read in EDITABLE_OF_HOUSEHOLD.items()
    ] + [
        workbook.Column(standard().word_of[name], _of_pair(1, read))
        for name, read in EDITABLE_OF_MEMBER.items()
    ]
    pairs = (
        (household, member)
        for household in families.iterator(chunk_size=2000)
        for member in household.here
    )
    return workbook.Sheet(title, columns, pairs, notes=notes)


def _of_pair(nth, read):
    return lambda pair: read(pair[nth])
