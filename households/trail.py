"""The history of a file: the household with everything that hangs on it, on one page."""

from django.utils.translation import gettext_lazy as _

from households import exports
from households.doubts import DOUBTS
from households.filters import HouseholdFilter
from households.models import (
    Designation,
    DossierFile,
    DossierItem,
    DossierKind,
    Enrolment,
    Household,
    IncomeSnapshot,
    Member,
    RosterImport,
    StatusReview,
    words,
)
from households.roster.sentences import DOUBTS as ROSTER_DOUBTS
from households.roster.sentences import FIELD_WORDS, SENTENCES
from povertyaid.audit import deeds, trails

NOT_TOLD = frozenset({"seq", "kept", "updated_at", "birth_precision", "identified_precision"})
PERSONAL = frozenset({"phone", "number"})  # besides what is encrypted


NOUNS = {"member": _("member"), "enrolment": _("programme"), "income": _("income")}


def ever_in(events, household):
    """Events of rows that have ever stood under the household, also from before and after."""
    here = events.filter(household=household.pk).order_by().values("pgh_obj_id")
    return events.filter(pgh_obj_id__in=here)


def of_enrolments(events, household):
    enrolments = trails.Table(Enrolment, ever_in).events.filter(household=household.pk)
    return events.filter(enrolment__in=enrolments.order_by().values("pgh_obj_id"))


def of_papers(events, household):
    papers = trails.Table(DossierItem, ever_in).events.filter(household=household.pk)
    return events.filter(item__in=papers.order_by().values("pgh_obj_id"))


def stood_under(event, household):
    return event.household_id == household.pk


def owner_of(model):
    """From the key of a row of a file to the key of the file."""

    def household(key):
        path = model.scope_path.removesuffix("__unit__path")
        return model.objects.filter(pk=key).values_list(path, flat=True).first()

    return household


def table(model, belongs, **more):
    return trails.Table(model, belongs, silent=NOT_TOLD, personal=PERSONAL, **more)


def register():
    parts = (
        table(Household, lambda events, household: events.filter(pgh_obj_id=household.pk)),
        table(Member, ever_in, name=lambda event: event.name, is_here=stood_under),
        table(Enrolment, ever_in, is_here=stood_under),
        table(IncomeSnapshot, of_enrolments, name=lambda event: str(event.year)),
        table(StatusReview, of_enrolments, name=lambda event: f"{event.reviewed_on}"),
        table(Designation, ever_in, is_here=stood_under),
        table(DossierItem, ever_in, name=lambda event: event.title, is_here=stood_under),
        table(DossierFile, of_papers),
    )
    trails.register(
        trails.Trail(
            kind="household",
            model=Household,
            permission="households.view_household",
            title=lambda household: f"{household.head_name} {household.code}",
            rows=lambda: Household.objects.select_related("unit"),
            tables=parts,
            owners={part.model._meta.label_lower: owner_of(part.model) for part in parts[1:]},
        )
    )
    trails.register(
        trails.Trail(
            kind="roster",
            model=RosterImport,
            permission="households.import_roster",
            title=lambda roster: roster.file_name,
            rows=RosterImport.objects.all,
        )
    )
    deeds.name_values("category", words.CATEGORIES)
    deeds.name_values("causes", words.CAUSES)
    deeds.name_values("needs", words.NEEDS)
    deeds.name_values("stage", IncomeSnapshot.Stage)
    deeds.name_values("why", Household.CloseReason)
    deeds.name_values("kind", StatusReview.Kind)
    deeds.name_values("kind", Designation.Kind)
    deeds.name_values("kind", DossierKind)
    named = {field.name: field.verbose_name for part in parts for field in part.told_fields()}
    deeds.name_values("field", named)
    deeds.name_values("filled", named)
    deeds.name_values("confirmed", DOUBTS)
    deeds.name_values("file_wins", FIELD_WORDS)
    deeds.name_values("seen", {code: SENTENCES[code] for code in ROSTER_DOUBTS})
    deeds.name_values("columns", {code: column.label for code, column in exports.COLUMNS.items()})
    filters = HouseholdFilter.base_filters.items()
    deeds.name_values("filters", {name: one.label for name, one in filters})
    deeds.name_values("fields", named | dict(IncomeSnapshot.Stage.choices) | NOUNS)
