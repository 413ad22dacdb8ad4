"""What the 清 of a programme ask for: a section of the programme's page, and the form behind it."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from households import evidence
from households.actions import rules
from households.forms.rule import RuleForm
from households.models import DossierRule
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme, SchemeItem
from povertyaid.web.pages.programmes import ask, managed_or_refused, manages, part_or_404
from povertyaid.web.pages.verbs import typed
from povertyaid.web.views import wants_fragment

JOIN = "、"


@dataclass(frozen=True)
class Asked:
    """A 清 as the programme's page shows it; without a rule it is asked of no file."""

    item: SchemeItem
    rule: DossierRule | None

    @property
    def all_of(self):
        return self._words(self.rule.all_of) if self.rule else ""

    @property
    def one_of(self):
        return self._words(self.rule.one_of) if self.rule else ""

    def _words(self, codes):
        known = (evidence.evidence(code) for code in codes)
        return JOIN.join(
            str(one.label) if one else code for one, code in zip(known, codes, strict=True)
        )


def asked_of(programme):
    """The 清 of the programme by their list: the lists called 五清 or 六清, and whatever has a rule."""
    items = programme.scheme_items.select_related("dossier_rule").order_by("list_name", "seq", "pk")
    found = {}
    for item in items:
        rule = getattr(item, "dossier_rule", None)
        if rule or item.list_name in rules.LISTS:
            found.setdefault(item.list_name, []).append(Asked(item, rule))
    return list(found.items())


@require_GET
@permission_required("programmes.view_programme", raise_exception=True)
def of_programme(request, pk):
    programme = get_visible_or_404(
        Programme.objects.select_related("lead_unit"), request.user, pk=pk
    )
    lists = asked_of(programme)
    may_change = manages(request.user, programme) and request.user.has_perm(
        "programmes.change_programme"
    )
    ruled = {name for name, of in lists if any(one.rule for one in of)}
    context = {
        "title": _("What a complete file holds"),
        "programme": programme,
        "lists": lists,
        "may_change": may_change,
        "to_set_up": [name for name in rules.LISTS if name not in ruled] if may_change else [],
    }
    part, page = "households/_rules.html", "households/rules.html"
    return render(request, part if wants_fragment(request) else page, context)


@require_POST
@permission_required("programmes.change_programme", raise_exception=True)
def set_up(request, pk):
    """The usual rules of 五清 or 六清, by one press."""
    programme = managed_or_refused(request, pk)
    list_name = request.POST.get("list", "")
    if list_name not in rules.LISTS:
        messages.error(request, _("Please choose 五清 or 六清."))
        return redirect(f"{programme.get_absolute_url()}#clears")
    made = rules.set_up(programme, list_name, by=request.user)
    if made:
        said = ngettext(
            "%(n)s item of “%(list)s” now says what it asks for. Change it as your office does it.",
            "%(n)s items of “%(list)s” now say what they ask for. Change them as your office does it.",
            made,
        )
        messages.success(request, said % {"n": made, "list": list_name})
    else:
        messages.info(
            request,
            _(
                "The items of “%(list)s” are not called as usual. Please say for each what it asks for."
            )
            % {"list": list_name},
        )
    return redirect(f"{programme.get_absolute_url()}#clears")


@require_http_methods(["GET", "POST"])
@permission_required("programmes.change_programme", raise_exception=True)
def edit(request, pk):
    """What one 清 asks for. Its words and its place are changed in the list."""
    item, programme = part_or_404(SchemeItem, request, pk)
    form = RuleForm(typed(request), staff=request.user, item=item)
    return ask(
        request,
        programme,
        form,
        lambda **facts: rules.save_rule(item, by=request.user, **facts),
        title=_("What “%(item)s” asks for") % {"item": item.label},
        done=_("Saved. Every file of the programme is measured by it from now on."),
        section="clears",
    )
