"""Every URL of the application, and how to make the row that one of them names.

A new URL below a known noun is covered by itself. A new noun fails `test_conventions.py` until
`ROWS` says how to make one.
"""

import datetime
import io
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal

import pypdf
from django.db import transaction
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from disbursements.payment_lists import PAYMENTS
from households.roster import importing
from households.roster.lists import steps
from pairings.actions import visits
from pairings.helper_lists import HELPERS
from pairings.models import Visit
from povertyaid.lib import pictures
from tests import factories


@dataclass(frozen=True)
class Url:
    """`name` as `reverse()` takes it, `route` as it is written, `params` the names in it."""

    name: str
    route: str
    params: tuple[str, ...]
    view: object

    @property
    def noun(self):
        """The route up to its last key: every verb of one noun has the same."""
        found = re.match(r".*<int:\w+>", self.route)
        return found.group() if found else ""

    def __str__(self):
        return self.name


def urls_of(resolver, spaces=(), route=""):
    for pattern in resolver.url_patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Url(
                ":".join([*spaces, pattern.name or ""]),
                here,
                tuple(pattern.pattern.converters),
                pattern.callback,
            )
        else:
            deeper = [*spaces, pattern.namespace] if pattern.namespace else spaces
            yield from urls_of(pattern, deeper, here)


URLS = list(urls_of(get_resolver()))
OBJECT_URLS = [url for url in URLS if url.noun]
OTHER_URLS = [url for url in URLS if not url.noun]

# Open to whoever comes, signed in or not.
PUBLIC = {"sign-in", "sign-out", "set_language"}

# What stands in an address besides keys.
WORDS = {
    "households:reveal-household": [{"field": "phone"}],
    "households:reveal-member": [{"field": "id_number"}],
    "reports:paper": [{"code": "exit"}],
    "reports:paper-file": [
        {"code": "exit", "file_format": "json"},
        {"code": "exit", "file_format": "xlsx"},
    ],
    "home-card": [{"name": "exits"}],
}

# Conditions under which a list, a total, a suggestion or a report is asked for.
QUERIES = [
    {},
    {"q": "欧"},
    {"q": "HIL"},
    {"programme": "P1", "unit": "B-RIV"},
    {"programme": "all", "unit": "B-HIL"},
]

# What an address cannot do without.
ASKED = {
    "reports:rows": {"indicator": "Q-01", "programme": "P1", "unit": "B-RIV"},
    "reports:paper-file": {"programme": "P1", "unit": "B-RIV"},
}

# POST-only URLs that answer with rows.
SENT = {
    "pairings:export": [{"query": "programme=all"}],
    "pairings:helper-export": [{"query": "programme=all"}],
    "pairings:activity-export": [{"query": "programme=all"}],
    "pairings:difficulty-export": [{"query": "state=all"}],
    "pairings:visit-export": [{"query": "programme=all"}],
    "pairings:helping-day-export": [{"query": "programme=P1"}],
    "pairings:papers-of-households": [{"all": "1", "query": "programme=all"}],
    "pairings:papers-of-pairs": [{"all": "1", "query": "programme=all"}],
    "disbursements:export": [{"query": "programme=all"}],
    "households:export": [{"all": "1", "query": "programme=all"}],
    "households:search": [{"q": "欧阳外场"}, {"q": factories.id_number(99, born="19590909")}],
}


# ---- rows, by the noun of the address


def household(unit):
    made = factories.HouseholdFactory(unit=unit, phone="13900000001", head_name="本场人")
    factories.MemberFactory(household=made, name="本场人")
    return {"pk": made.pk}


def member(unit):
    made = factories.HouseholdFactory(unit=unit)
    return {"pk": factories.MemberFactory(household=made).pk}


def enrolment_in(unit, **facts):
    programme = factories.ProgrammeFactory(lead_unit=unit)
    made = factories.HouseholdFactory(unit=unit)
    factories.MemberFactory(household=made)
    return factories.EnrolmentFactory(household=made, programme=programme, **facts)


def enrolment(unit):
    return {"pk": enrolment_in(unit).pk}


def income(unit):
    return {"pk": factories.IncomeSnapshotFactory(enrolment=enrolment_in(unit)).pk}


def designation(unit):
    made = factories.HouseholdFactory(unit=unit)
    return {"pk": factories.DesignationFactory(household=made).pk}


def paper(unit):
    made = enrolment_in(unit)
    return {
        "pk": factories.DossierItemFactory(household=made.household, programme=made.programme).pk
    }


def scan(unit):
    made = factories.DossierItemFactory(household=factories.HouseholdFactory(unit=unit))
    return {"pk": factories.DossierFileFactory(item=made).pk}


def review(unit):
    author = factories.StaffFactory(unit=unit)
    made = factories.StatusReviewFactory(enrolment=enrolment_in(unit), proposed_by=author)
    return {"pk": made.pk}


def org_unit(unit):
    return {"pk": factories.OrgUnitFactory(parent=unit).pk}


def staff(unit):
    return {"pk": factories.StaffFactory(unit=unit).pk}


def programme(unit):
    return {"pk": factories.ProgrammeFactory(lead_unit=unit).pk}


def item(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    return {"pk": factories.SchemeItemFactory(programme=led).pk}


def line(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    return {"pk": factories.ThresholdFactory(programme=led).pk}


def target(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    return {"pk": factories.TargetFactory(programme=led).pk}


def value(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    made = factories.ReferenceValueFactory(unit=unit, year=1990 + led.pk % 100)
    return {"pk": led.pk, "value_pk": made.pk}


def entry(unit):
    return {"pk": factories.EntryFactory(by=factories.StaffFactory(unit=unit)).pk}


def job(unit):
    # Long forgotten: whether it says so must not depend on how long the tests take.
    long_ago = timezone.now() - datetime.timedelta(hours=1)
    return {"pk": factories.JobFactory(unit=unit, moved_at=long_ago).pk}


ROSTER = "户主姓名,与户主关系,家庭人口\n本场人,户主,3\n".encode()


def roster(unit):
    by, led = factories.StaffFactory(unit=unit), factories.ProgrammeFactory(lead_unit=unit)
    reading = importing.readable(ROSTER)
    made = importing.preview(reading, ROSTER, "花名册.csv", unit=unit, programme=led, by=by)
    return {"pk": made.pk}


def heading(unit):
    author = factories.StaffFactory(unit=unit)
    return {"pk": factories.RosterHeadingFactory(unit=unit, added_by=author).pk}


def helper(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    return {"pk": factories.HelperFactory(unit=unit, programme=led).pk}


LIST = "姓名,类别,工作单位\n本场帮扶人,干部,场工会\n,干部,场工会\n".encode()


def helper_list(unit):
    by, led = factories.StaffFactory(unit=unit), factories.ProgrammeFactory(lead_unit=unit)
    made = steps.bring(HELPERS, LIST, "名单.csv", unit=unit, programme=led, by=by)
    return {"pk": made.pk}


def pairing(unit):
    made = factories.PairingFactory(enrolment=enrolment_in(unit))
    factories.PairingHelperFactory(pairing=made)
    return {"pk": made.pk}


def assignment(unit):
    made = factories.AssignmentDraftFactory(
        unit=unit, programme=factories.ProgrammeFactory(lead_unit=unit)
    )
    return {"pk": factories.AssignmentLineFactory(draft=made).draft_id}


def assignment_line(unit):
    made = factories.AssignmentDraftFactory(
        unit=unit, programme=factories.ProgrammeFactory(lead_unit=unit)
    )
    return {"pk": factories.AssignmentLineFactory(draft=made).pk}


def activity(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    made = factories.ActivityFactory(unit=unit, programme=led, title="本场培训")
    member = factories.MemberFactory(household=factories.HouseholdFactory(unit=unit))
    factories.AttendanceFactory(activity=made, member=member)
    return {"pk": made.pk}


def visit(unit):
    made = enrolment_in(unit)
    made = factories.VisitFactory(household=made.household, programme=made.programme)
    return {"pk": made.pk}


def signed_visit(unit):
    """With a signature whose file is there."""
    key = visit(unit)["pk"]
    drawing = pictures.Picture(b"a drawing", 3, 2)
    by = factories.StaffFactory(unit=unit)
    visits.sign(Visit.objects.get(pk=key), drawing, signed_by="本场人", by=by)
    return {"pk": key}


def visit_item(unit):
    of = Visit.objects.get(pk=visit(unit)["pk"])
    made = factories.VisitItemFactory(visit=of, kind="problem")
    return {"pk": made.pk}


def visit_photo(unit):
    """One whose file is there."""
    by = factories.StaffFactory(unit=unit)
    made = Visit.objects.get(pk=visit(unit)["pk"])
    visits.add_photos(made, [pictures.Picture(b"a photograph", 3, 2)], by=by)
    return {"pk": made.photos.get().pk}


def print_order(unit):
    led = factories.ProgrammeFactory(lead_unit=unit)
    return {"pk": factories.PrintOrderFactory(unit=unit, programme=led).pk}


def history_of(kind, row):
    return lambda unit: {"kind": kind, **row(unit)}


def payment(unit):
    made = factories.HouseholdFactory(unit=unit)
    return {"pk": factories.DisbursementFactory(household=made).pk}


def fund(unit):
    return {"pk": factories.FundFactory(unit=unit).pk}


def inflow(unit):
    return {"pk": factories.FundInflowFactory(fund=factories.FundFactory(unit=unit)).pk}


PAID = "户主姓名,帮扶类别,金额,日期\n本场人,慰问款物,800,2013-01-20\n".encode()


def payment_list(unit):
    by, led = factories.StaffFactory(unit=unit), factories.ProgrammeFactory(lead_unit=unit)
    made = steps.bring(PAYMENTS, PAID, "发放表.csv", unit=unit, programme=led, by=by)
    return {"pk": made.pk}


ROWS = {
    "ledger/<int:pk>": [payment],
    "ledger/enrolments/<int:pk>": [enrolment],
    "ledger/households/<int:pk>": [household],
    "ledger/funds/<int:pk>": [fund],
    "ledger/inflows/<int:pk>": [inflow],
    "ledger/imports/<int:pk>": [payment_list],
    "households/<int:pk>": [household],
    "households/members/<int:pk>": [member],
    "households/enrolments/<int:pk>": [enrolment],
    "households/incomes/<int:pk>": [income],
    "households/statuses/<int:pk>": [designation],
    "households/reviews/<int:pk>": [review],
    "households/papers/<int:pk>": [paper],
    "households/scans/<int:pk>": [scan],
    "households/rules/<int:pk>": [programme],
    "households/rules/items/<int:pk>": [item],
    "households/rosters/<int:pk>": [roster],
    "households/rosters/headings/<int:pk>": [heading],
    "pairings/<int:pk>": [pairing],
    "pairings/helpers/<int:pk>": [helper],
    "pairings/helpers/imports/<int:pk>": [helper_list],
    "pairings/households/<int:pk>": [household],
    "pairings/assignments/<int:pk>": [assignment],
    "pairings/assignments/lines/<int:pk>": [assignment_line],
    "pairings/activities/<int:pk>": [activity],
    "pairings/units/<int:pk>": [org_unit],
    "pairings/visits/<int:pk>": [signed_visit],
    "pairings/visits/items/<int:pk>": [visit_item],
    "pairings/visits/photos/<int:pk>": [visit_photo],
    "pairings/enrolments/<int:pk>": [enrolment],
    "pairings/papers/<int:pk>": [print_order],
    "units/<int:pk>": [org_unit],
    "staff/<int:pk>": [staff],
    "programmes/<int:pk>": [programme],
    "programmes/items/<int:pk>": [item],
    "programmes/lines/<int:pk>": [line],
    "programmes/targets/<int:pk>": [target],
    "programmes/<int:pk>/values/<int:value_pk>": [value],
    "audit/<int:pk>": [entry],
    "jobs/<int:pk>": [job],
    "audit/history/<slug:kind>/<int:pk>": [
        history_of("household", household),
        history_of("unit", org_unit),
        history_of("staff", staff),
        history_of("programme", programme),
        history_of("helper", helper),
        history_of("pairing", pairing),
        history_of("activity", activity),
        history_of("visit", visit),
        history_of("fund", fund),
        history_of("payment", payment),
    ],
}


def words_of(url):
    """What an address needs besides keys; `[{}]` where it needs nothing."""
    keys = set(re.findall(r"<int:(\w+)>", url.route)) | {"kind"}
    return WORDS.get(url.name, []) if set(url.params) - keys else [{}]


def queries_of(url):
    """The conditions under which a URL is asked; one of a single row is asked once."""
    if url.name in ASKED:
        return [ASKED[url.name]]
    return [{}] if url.noun else QUERIES


def address(url, **words):
    return reverse(url.name, kwargs=words)


# ---- asking


def answer(client, method, where, data=None):
    """(status, what is said), without what differs from one moment to the next.

    Undone afterwards: whoever looks leaves a trail, which the next look would see.
    """
    with transaction.atomic():
        response = getattr(client, method)(where, data or {})
        answered = response.status_code, said(response)
        transaction.set_rollback(True)
    return answered


def said(response):
    kind = response.headers.get("Content-Type", "")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if "spreadsheetml" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = [name for name in sorted(book.namelist()) if "docProps" not in name]
            return "\n".join(book.read(name).decode() for name in parts)
    if kind.startswith("image/"):
        return content.hex()
    if kind == "application/pdf":
        return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)
    return steady(content.decode()) + response.headers.get("Location", "")


VOLATILE = [
    r'name="(csrfmiddlewaretoken|_draft|_submit|_base)" value="[^"]*"',
    r'"X-CSRFToken": "[^"]*"',
    r'"token": "[^"]*"',
    r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?[^\"<]*",
]


def steady(text):
    for pattern in VOLATILE:
        text = re.sub(pattern, "", text)
    return text


# ---- a neighbour with everything that can leak

MARKS = ("欧阳外场", "外场秘密", "HIL-SECRET", "7,654,321", "7654321", "13800000077")


def plant(unit, programme, author):
    """A household, a zone, a programme and people at `unit`, each with a mark of its own."""
    zone = factories.OrgUnitFactory(parent=unit, code="HIL-SECRET-Z", name="外场秘密分场")
    factories.StaffFactory(unit=zone, username="hil-secret", full_name="外场秘密人")
    led = factories.ProgrammeFactory(
        code="HIL-SECRET-P",
        name="外场秘密工程",
        lead_unit=unit,
        starts_on=datetime.date(2019, 1, 1),
    )
    factories.SchemeItemFactory(programme=led, list_name="困难类别", label="外场秘密类别")
    factories.TargetFactory(programme=led, title="外场秘密目标")
    factories.ReferenceValueFactory(unit=unit, year=2031, source="外场秘密年鉴")
    planted = factories.HouseholdFactory(
        unit=zone,
        code="HIL-SECRET-0077",
        head_name="欧阳外场",
        address="外场秘密屯九号",
        phone="13800000077",
        note="外场秘密备注",
    )
    head = factories.MemberFactory(
        household=planted, name="欧阳外场", id_number=factories.id_number(99, born="19590909")
    )
    factories.DesignationFactory(household=planted, member=head, number="HIL-SECRET-CERT")
    for where in (programme, led):
        enrolled = factories.EnrolmentFactory(
            household=planted,
            programme=where,
            principal=head,
            category="poor",
            kept={"备注": "外场秘密栏目"},
        )
        for stage, year in (("before", 2010), ("exit", 2013)):
            earned = factories.IncomeSnapshotFactory(
                enrolment=enrolled, stage=stage, year=year, wages=Decimal(7654321), persons=1
            )
        factories.StatusReviewFactory(
            enrolment=enrolled, snapshot=earned, proposed_by=author, note="外场秘密意见"
        )
    helper = factories.HelperFactory(
        unit=zone, programme=programme, name="欧阳外场帮扶人", home="HIL-SECRET",
        phone="13800000077",
    )  # fmt: skip
    pair = factories.PairingFactory(enrolment=planted.enrolments.get(programme=programme))
    factories.PairingHelperFactory(pairing=pair, helper=helper, note="外场秘密移交")
    held = factories.ActivityFactory(
        unit=zone,
        programme=programme,
        title="外场秘密讲座",
        topic="外场秘密主题",
        headcount=7654321,
    )
    factories.AttendanceFactory(activity=held, member=None, helper=helper)
    shown = factories.ActivityFactory(unit=zone, programme=programme, place="外场秘密礼堂")
    factories.AttendanceFactory(activity=shown, member=head)
    firm = factories.OrgUnitFactory(
        parent=unit, code="HIL-SECRET-E", name="外场秘密企业", kind="enterprise", in_difficulty=True
    )
    helped = factories.PairingFactory(
        enrolment=None, target_unit=firm, unit=firm, programme=programme, scheme="enterprise"
    )
    factories.PairingHelperFactory(pairing=helped, helper=helper)
    seen = factories.VisitFactory(
        household=planted, programme=programme, helper=helper, situation="外场秘密走访"
    )
    factories.VisitItemFactory(visit=seen, kind="problem", note="外场秘密难题")
    factories.VisitFactory(
        household=None, unit=zone, programme=programme, headcount=7654321, situation="外场秘密走访"
    )
    importing.preview(
        importing.readable(ROSTER), ROSTER, "外场秘密名册.csv", unit=unit, programme=led, by=author
    )
    kept = factories.FundFactory(unit=zone, name="外场秘密资金")
    factories.FundInflowFactory(
        fund=kept, programme=programme, amount=Decimal(7654321), note="外场秘密来款"
    )
    factories.DisbursementFactory(
        household=planted, programme=programme, fund=kept, amount=Decimal(7654321),
        note="外场秘密发放",
    )  # fmt: skip
    steps.bring(PAYMENTS, PAID, "外场秘密发放表.csv", unit=unit, programme=led, by=author)
    steps.bring(HELPERS, LIST, "外场秘密名单.csv", unit=unit, programme=led, by=author)
    factories.JobFactory(unit=zone, title="外场秘密名册.csv", asked_by=author)
    factories.EntryFactory(
        by=author, unit_path=zone.path, target_code="HIL-SECRET-0077", reason="外场秘密理由"
    )
    return planted
