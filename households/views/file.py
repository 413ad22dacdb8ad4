"""Opening a file and changing it: the household, its members and an enrolment on one page."""

from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils.translation import gettext as _

from households.actions.refusals import StaleFileError
from households.forms import conflict
from households.forms.file import FileForm
from households.models import Household
from households.views.saving import closed_file, data_of, save_once
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web.context import chosen_place

PROGRAMME = "_programme"  # whose enrolment the page shows; empty while a programme is to be chosen


def programme_to_start_with(request):
    """The programme a new file is enrolled in unless the clerk says otherwise."""
    visible = Programme.objects.visible_to(request.user)
    if code := request.GET.get("programme"):
        return visible.coded(code).first()
    if place := chosen_place(request).get("programme"):
        return visible.filter(code=place["code"]).first()
    several = list(visible[:2])
    return several[0] if len(several) == 1 else None


def programme_shown(request, household, data):
    """The programme whose enrolment the edit page is about, None for a new enrolment.

    A form that comes back is about what it was shown for, whatever has been enrolled since.
    """
    own = Programme.objects.filter(enrolments__household=household)
    if data is not None and PROGRAMME in data:
        if code := data[PROGRAMME]:
            return own.coded(code).first()
        chosen = data.get("enrolment-programme", "")
        return own.filter(pk=chosen).first() if chosen.isdecimal() and len(chosen) < 19 else None
    if code := request.GET.get("programme"):
        visible = Programme.objects.visible_to(request.user).coded(code).first()
        return own.coded(code).first() or visible
    place = chosen_place(request).get("programme")
    return (own.filter(code=place["code"]).first() if place else None) or own.first()


def unit_to_start_with(request):
    """The unit a new file is kept in unless the clerk says otherwise: the chosen one, else the own."""
    units = OrgUnit.objects.visible_to(request.user).keeping_files()
    place = chosen_place(request).get("unit")
    return units.filter(code=place["code"] if place else request.user.unit.code).first()


@permission_required("households.add_household", raise_exception=True)
def create(request):
    """A new file. Sent twice, it is opened once."""
    rows = request.GET.get("rows", "")
    common = {
        "staff": request.user,
        "programme": programme_to_start_with(request),
        "unit": unit_to_start_with(request),
        "blank_rows": int(rows) if rows.isdecimal() and len(rows) < 3 else 1,
    }
    form = FileForm(data_of(request), **common)
    form.check()
    if request.method == "POST" and (
        answered := _saved(request, form, form.save, _("The file is opened."))
    ):
        return answered
    return _page(request, form, title=_("Open a household file"))


@permission_required("households.change_household", raise_exception=True)
def edit(request, pk):
    """Change a file; whoever comes second is shown what the first one changed."""
    household = get_visible_or_404(Household.objects.select_related("unit"), request.user, pk=pk)
    if not household.is_open and request.method == "GET":
        return closed_file(request, household)
    desk = _Desk(request, household)
    if request.method == "POST":
        answered = desk.save()
        if answered:
            return answered
    return _page(
        request,
        desk.form,
        title=_("Change the file of %(name)s") % {"name": household.head_name},
        cells=desk.cells,
        unanswered=desk.unanswered,
        version=desk.version,
        base=desk.base,
        enrolments=household.enrolments.select_related("programme"),
    )


class _Desk:
    """One person before one file: what was typed, and how it meets what others have saved."""

    def __init__(self, request, household):
        self.request, self.household = request, household
        data = data_of(request)
        self.programme = programme_shown(request, household, data)
        self.cells, self.unanswered = [], []
        self.version = household.version
        self.fresh = self._form()
        if data is None:
            self.form, self.base = self.fresh, conflict.seal(self.fresh)
            return
        self._meet(data)

    def _form(self, data=None):
        # Bound forms write on their rows, so each form gets rows of its own.
        household = Household.objects.select_related("unit").get(pk=self.household.pk)
        return FileForm(
            data, staff=self.request.user, household=household, programme=self.programme
        )

    def _meet(self, data):
        """Answers first, then what has changed since the page was opened."""
        base, asked = conflict.unseal(data.get(conflict.BASE, ""), self.household)
        data, unanswered = conflict.answer(data, asked, self.fresh)
        if data.get(conflict.VERSION) == str(self.household.version):
            self.unanswered = [cell.key for cell in unanswered]
            self.cells = [cell for cell in asked if cell.key in self.unanswered]
        else:
            data, self.cells = conflict.compare(data, base, self.fresh)
        self.base = conflict.seal(self.fresh, self.cells)
        self.form = self._form(data)
        self.form.check()

    def save(self):
        """Where to go, or None if there is something to put right or to answer."""
        try:
            return _saved(self.request, self.form, self._save, _("The file is saved."), self.cells)
        except StaleFileError as stale:
            # Saved by somebody between our reading and our writing: compare with that.
            self.household, self.version = stale.current, stale.current.version
            self.fresh = self._form()
            self._meet(self.request.POST)
            return None

    def _save(self):
        return self.form.save(version=self.household.version)


def _saved(request, form, save, message, cells=()):
    try:
        return save_once(request, lambda: not cells and form.is_valid(), save, message)
    except StaleFileError:
        raise
    except ValidationError as refusal:
        form.add_refusal(refusal)
        return None


def _page(request, form, **context):
    return render(request, "households/file_form.html", {"form": form, **context})
