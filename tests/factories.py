"""One factory per model, no surprises: two rows where two are needed, never ten."""

import datetime
from decimal import Decimal

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from disbursements import models as disbursements
from households import models as households
from households.actions import identity
from pairings import models as pairings
from povertyaid.audit.models import Entry
from povertyaid.jobs.models import Job
from povertyaid.lib import national_id
from povertyaid.org.models import OrgUnit, Staff
from povertyaid.programmes import models as programmes

PASSWORD = "correct-horse-1978"


def id_number(n, *, born="19700101", male=True):
    """A number with a right check digit; county 239901 was never assigned."""
    serial = f"{(n * 2 + int(male)) % 1000:03d}"
    first = f"2399{n // 500 % 100:02d}{born}{serial}"
    return first + national_id.check_character(first)


class OrgUnitFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = OrgUnit

    code = factory.Sequence(lambda n: f"U{n}")
    name = factory.Sequence(lambda n: f"第{n}管理区")
    kind = "zone"
    level = "zone"


class StaffFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Staff

    username = factory.Sequence(lambda n: f"staff{n}")
    full_name = factory.Sequence(lambda n: f"职员{n}")
    unit = factory.SubFactory(OrgUnitFactory)
    role = "clerk"
    password = factory.LazyFunction(lambda: make_password(PASSWORD))
    must_change_password = False


class ProgrammeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programmes.Programme

    code = factory.Sequence(lambda n: f"PR{n}")
    name = factory.Sequence(lambda n: f"帮扶工程{n}")
    lead_unit = factory.SubFactory(OrgUnitFactory)
    starts_on = datetime.date(2011, 1, 1)


class SchemeItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programmes.SchemeItem

    programme = factory.SubFactory(ProgrammeFactory)
    list_name = "五清"
    seq = factory.Sequence(lambda n: n % 100 + 1)
    label = factory.Sequence(lambda n: f"第{n}清")


class ReferenceValueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programmes.ReferenceValue

    unit = factory.SubFactory(OrgUnitFactory)
    series = "per_capita_income"
    year = 2013
    value = Decimal(20000)


class ThresholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programmes.Threshold

    programme = factory.SubFactory(ProgrammeFactory)
    category = "poor"
    exit_label = "脱困"
    basis = "absolute"
    value = Decimal(6000)


class TargetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = programmes.Target

    programme = factory.SubFactory(ProgrammeFactory)
    code = factory.Sequence(lambda n: f"T{n}")
    title = "可帮扶户全部脱困脱低"
    indicator = "Q-02"
    params = factory.LazyFunction(dict)
    value = Decimal(100)
    measure = "%"
    starts_on = datetime.date(2011, 1, 1)
    due_on = datetime.date(2013, 12, 31)


class HouseholdFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.Household

    unit = factory.SubFactory(OrgUnitFactory)
    code = factory.Sequence(lambda n: f"HH{n:06d}")
    head_name = "王建国"
    opened_on = datetime.date(2011, 3, 1)


class MemberFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.Member

    household = factory.SubFactory(HouseholdFactory)
    name = "王建国"
    relation = "户主"
    sex = "男"
    birth_date = datetime.date(1970, 1, 1)
    birth_precision = "day"
    id_kind = "national_id"
    id_number = factory.Sequence(id_number)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        if not kwargs.get("id_number"):
            kwargs["id_kind"], kwargs["id_number"] = "", ""
        member = super()._create(model_class, *args, **kwargs)
        if member.id_digest and member.is_present and member.household.is_open:
            households.IdentityClaim.objects.create(
                digest=identity.person_digest(member.id_number), member_id=member.pk
            )
        return member


class EnrolmentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.Enrolment

    household = factory.SubFactory(HouseholdFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    category = "poor"
    identified_on = datetime.date(2011, 3, 1)
    identified_precision = "day"
    causes = factory.LazyFunction(lambda: ["illness"])
    status = "helping"


class IncomeSnapshotFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.IncomeSnapshot

    enrolment = factory.SubFactory(EnrolmentFactory)
    stage = "before"
    year = 2010
    persons = 3
    wages = Decimal("9000.00")


class StatusReviewFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.StatusReview

    enrolment = factory.SubFactory(EnrolmentFactory)
    kind = "exit"
    reviewed_on = datetime.date(2013, 11, 1)
    proposed_by = factory.SubFactory(StaffFactory)
    proposed_at = factory.LazyFunction(timezone.now)


class DesignationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.Designation

    household = factory.SubFactory(HouseholdFactory)
    kind = "dibao"
    valid_from = datetime.date(2012, 1, 1)


class DossierItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.DossierItem

    household = factory.SubFactory(HouseholdFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    kind = "card"
    title = "对接卡"


class DossierFileFactory(factory.django.DjangoModelFactory):
    """A file of which only the row is there."""

    class Meta:
        model = households.DossierFile

    item = factory.SubFactory(DossierItemFactory)
    stored_as = factory.Sequence(lambda n: f"{n:032}")
    digest = factory.Sequence(lambda n: f"{n:064}")
    type = "pdf"
    size = 1200


class DossierRuleFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.DossierRule

    item = factory.SubFactory(SchemeItemFactory)
    all_of = factory.LazyFunction(lambda: ["members"])


class HelperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = pairings.Helper

    programme = factory.SubFactory(ProgrammeFactory)
    unit = factory.SubFactory(OrgUnitFactory)
    name = "于海涛"
    category = "cadre"
    home = "场工会"


class PairingFactory(factory.django.DjangoModelFactory):
    """A pair of a household with nobody on it yet."""

    class Meta:
        model = pairings.Pairing

    enrolment = factory.SubFactory(EnrolmentFactory)
    programme = factory.LazyAttribute(lambda pair: pair.enrolment.programme)
    unit = factory.LazyAttribute(lambda pair: pair.enrolment.household.unit)
    scheme = "one_to_one"
    starts_on = datetime.date(2011, 4, 1)


class PairingHelperFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = pairings.PairingHelper

    pairing = factory.SubFactory(PairingFactory)
    helper = factory.LazyAttribute(
        lambda line: HelperFactory(programme=line.pairing.programme, unit=line.pairing.unit)
    )
    role = "lead"
    starts_on = factory.LazyAttribute(lambda line: line.pairing.starts_on)


class VisitFactory(factory.django.DjangoModelFactory):
    """A visit to a household; `household=None, unit=…, headcount=…` makes a counted one."""

    class Meta:
        model = pairings.Visit

    programme = factory.SubFactory(ProgrammeFactory)
    household = factory.SubFactory(HouseholdFactory)
    unit = factory.LazyAttribute(lambda visit: visit.household.unit)
    visited_on = datetime.date(2012, 1, 18)


class VisitItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = pairings.VisitItem

    visit = factory.SubFactory(VisitFactory)
    kind = "policy"


class VisitPhotoFactory(factory.django.DjangoModelFactory):
    """A photograph of which only the row is there."""

    class Meta:
        model = pairings.VisitPhoto

    visit = factory.SubFactory(VisitFactory)
    stored_as = factory.Sequence(lambda n: f"{n:032}")
    digest = factory.Sequence(lambda n: f"{n:064}")
    size = 1200
    width = 40
    height = 30


class ActivityFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = pairings.Activity

    programme = factory.SubFactory(ProgrammeFactory)
    unit = factory.SubFactory(OrgUnitFactory)
    kind = "training"
    held_on = datetime.date(2012, 3, 6)


class AttendanceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = pairings.Attendance

    activity = factory.SubFactory(ActivityFactory)
    member = factory.SubFactory(MemberFactory)


class AssignmentDraftFactory(factory.django.DjangoModelFactory):
    """A draft that is to be looked at."""

    class Meta:
        model = pairings.AssignmentDraft

    programme = factory.SubFactory(ProgrammeFactory)
    unit = factory.SubFactory(OrgUnitFactory)
    asked_by = factory.LazyAttribute(lambda draft: StaffFactory(unit=draft.unit))
    scheme = "one_to_one"
    starts_on = datetime.date(2012, 5, 1)
    state = "ready"


class AssignmentLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = pairings.AssignmentLine

    draft = factory.SubFactory(AssignmentDraftFactory)
    enrolment = factory.LazyAttribute(
        lambda line: EnrolmentFactory(
            programme=line.draft.programme, household=HouseholdFactory(unit=line.draft.unit)
        )
    )
    helper = factory.LazyAttribute(
        lambda line: HelperFactory(programme=line.draft.programme, unit=line.draft.unit)
    )
    role = "lead"
    reason = "same_unit"


class PrintOrderFactory(factory.django.DjangoModelFactory):
    """Papers that wait to be made; real ones are asked for by `pairings.actions.papers`."""

    class Meta:
        model = pairings.PrintOrder

    unit = factory.SubFactory(OrgUnitFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    kind = "handbook"
    households = factory.LazyFunction(lambda: [1])
    base = "http://localhost/"
    asked_by = factory.LazyAttribute(lambda order: StaffFactory(unit=order.unit))


class FundFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = disbursements.Fund

    unit = factory.SubFactory(OrgUnitFactory)
    name = factory.Sequence(lambda n: f"帮扶资金{n}")
    kind = "union"


class FundInflowFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = disbursements.FundInflow

    programme = factory.SubFactory(ProgrammeFactory)
    fund = factory.SubFactory(FundFactory)
    kind = "appropriation"
    amount = Decimal(50000)
    received_on = datetime.date(2012, 1, 5)


class DisbursementFactory(factory.django.DjangoModelFactory):
    """Given to a household; `household=None, unit=…, household_count=…` makes a counted row."""

    class Meta:
        model = disbursements.Disbursement

    programme = factory.SubFactory(ProgrammeFactory)
    household = factory.SubFactory(HouseholdFactory)
    unit = factory.LazyAttribute(lambda row: row.household.unit)
    kind = "consolation"
    amount = Decimal(800)
    paid_on = datetime.date(2012, 1, 18)


class EntryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Entry

    by = factory.SubFactory(StaffFactory)
    deed = "opened"
    target_kind = "households.household"
    target_id = 1
    unit_path = factory.LazyAttribute(lambda entry: entry.by.unit.path)


class JobFactory(factory.django.DjangoModelFactory):
    """A job that waits and that nobody has queued; a real one is made by `povertyaid.jobs.work.start`."""

    class Meta:
        model = Job

    unit = factory.SubFactory(OrgUnitFactory)
    kind = "roster.read"
    title = "花名册.xlsx"
    address = "/households/"


class RosterImportFactory(factory.django.DjangoModelFactory):
    """A preview of nothing; a real one is made by `households.roster.importing`."""

    class Meta:
        model = households.RosterImport

    unit = factory.SubFactory(OrgUnitFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    file_name = "花名册.xlsx"
    file_digest = "0" * 64
    fingerprint = "0" * 64
    stored_as = factory.Sequence(lambda n: f"{n:064}")
    uploaded_at = factory.LazyFunction(timezone.now)


class ListImportFactory(factory.django.DjangoModelFactory):
    """A preview of nothing; a real one is made by `households.roster.lists.steps`."""

    class Meta:
        model = households.ListImport

    kind = "helpers"
    unit = factory.SubFactory(OrgUnitFactory)
    programme = factory.SubFactory(ProgrammeFactory)
    file_name = "名单.xlsx"
    stored_as = factory.Sequence(lambda n: f"list{n:028}")
    uploaded_at = factory.LazyFunction(timezone.now)
    uploaded_by = factory.SubFactory(StaffFactory)


class ListLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.ListLine

    of = factory.SubFactory(ListImportFactory)
    position = factory.Sequence(lambda n: n)
    outcome = "created"
    sheet = "Sheet1"
    row = 2


class RosterLineFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.RosterLine

    roster = factory.SubFactory(RosterImportFactory)
    position = factory.Sequence(lambda n: n)
    outcome = "created"
    sheet = "Sheet1"
    row = 2


class RosterChangeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.RosterChange

    roster = factory.SubFactory(RosterImportFactory)
    household_id = factory.Sequence(lambda n: n)
    is_new = True
    version = 1


class RosterCorrectionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.RosterCorrection

    roster = factory.SubFactory(RosterImportFactory)
    sheet = "Sheet1"
    row = 2
    column = 3
    text = "更正"
    corrected_at = factory.LazyFunction(timezone.now)
    corrected_by = factory.SubFactory(StaffFactory)


class RosterHeadingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.RosterHeading

    unit = factory.SubFactory(OrgUnitFactory)
    heading = factory.Sequence(lambda n: f"表头{n}")
    field = "note"
    added_at = factory.LazyFunction(timezone.now)
    added_by = factory.SubFactory(StaffFactory)


class RosterLayoutFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = households.RosterLayout

    unit = factory.SubFactory(OrgUnitFactory)
    fingerprint = factory.Sequence(lambda n: f"{n:064}")
    confirmed_at = factory.LazyFunction(timezone.now)
    confirmed_by = factory.SubFactory(StaffFactory)
