"""The pages of a list that is brought as a workbook; a room gives its kind, and the addresses.

`pages(kind)` answers the views by the last word of their address's name: "" is the import itself.
"""

from collections import Counter
from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as now
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from households.forms.lists import ListForm
from households.models import ListImport, ListLine
from households.roster.core.sheet import Limits
from households.roster.lists import steps
from households.roster.lists.core import read_list
from povertyaid.audit.models import record
from povertyaid.org.models import OrgUnit
from povertyaid.org.scoping import get_visible_or_404
from povertyaid.programmes.models import Programme
from povertyaid.web import drafts, workbook
from povertyaid.web.context import chosen_place
from povertyaid.web.views import wants_fragment

LINES_A_PAGE = 50
WARNED = "warned"
# What takes numbers of persons along asks for more.
TAKING = {"refused": ("households.export_household",)}
Outcome = ListLine.Outcome


def pages(kind):
    """{last word of the address's name: view}, each asking for the kind's permissions."""
    views = {
        "list": require_GET(imports),
        "new": require_http_methods(["GET", "HEAD", "POST"])(upload),
        "template": require_GET(template),
        "detail": require_GET(detail),
        "columns": require_POST(columns),
        "commit": require_POST(commit),
        "discard": require_POST(discard),
        "again": require_POST(again),
        "refused": require_GET(refused),
    }
    return {
        word: permission_required(kind.permissions + TAKING.get(word, ()), raise_exception=True)(
            partial(view, kind=kind)
        )
        for word, view in views.items()
    }


def at(kind, word, *keys):
    """The address of a page of the kind."""
    return reverse(f"{kind.space}-{word}", args=keys)


def _own(request, kind, pk):
    rows = ListImport.objects.filter(kind=kind.code)
    rows = rows.select_related("unit", "programme", "uploaded_by", "settled_by")
    return get_visible_or_404(rows, request.user, pk=pk)


def _crumbs(kind, brought=None):
    said = [{"url": reverse(kind.back), "title": kind.noun}]
    if brought:
        said.append({"url": at(kind, "list"), "title": kind.title})
    return said


def imports(request, *, kind):
    """What was brought before, newest first."""
    rows = ListImport.objects.visible_to(request.user).filter(kind=kind.code)
    rows = rows.select_related("unit", "programme", "uploaded_by")
    page = Paginator(rows, LINES_A_PAGE).get_page(request.GET.get("page"))
    for one in page.object_list:
        one.address = at(kind, "detail", one.pk)
    context = {
        "title": kind.title,
        "breadcrumbs": _crumbs(kind),
        "page_obj": page,
        "new": at(kind, "new"),
        "template": at(kind, "template"),
    }
    return render(request, "households/list_imports.html", context)


def upload(request, *, kind):
    """Bring a list and see what it would change. Sent twice, it is kept once."""
    if request.method == "POST":
        form = ListForm(request.POST, request.FILES, staff=request.user, kind=kind)
        if form.is_valid():
            address, _first = drafts.once(request, lambda: _bring(form, kind))
            return HttpResponseRedirect(address)
    else:
        form = ListForm(staff=request.user, kind=kind, initial=_where_one_works(request))
    context = {
        "form": form,
        "title": kind.title,
        "breadcrumbs": _crumbs(kind, brought=True),
        "back": at(kind, "list"),
        "template": at(kind, "template"),
    }
    return render(request, "households/list_upload.html", context)


def _where_one_works(request):
    place = chosen_place(request)
    programmes = Programme.objects.visible_to(request.user)
    unit, programme = None, None
    if "unit" in place:
        units = OrgUnit.objects.visible_to(request.user).open()
        unit = units.filter(code=place["unit"]["code"]).first()
    if "programme" in place:
        programme = programmes.filter(code=place["programme"]["code"]).first()
    return {"unit": unit or request.user.unit, "programme": programme or programmes.first()}


def _bring(form, kind):
    given = form.cleaned_data
    brought = steps.bring(
        kind,
        form.content,
        given["file"].name,
        unit=given["unit"],
        programme=given["programme"],
        by=form.staff,
    )
    return at(kind, "detail", brought.pk)


def detail(request, *, kind, pk):
    """Before: what the list would change. After: the receipt. Only one page of rows is drawn."""
    brought = _own(request, kind, pk)
    lines = ListLine.objects.filter(of=brought).order_by("position")
    shown, code = request.GET.get("show", ""), request.GET.get("code", "")
    said, doubted = steps.sentences(kind), steps.doubts(kind)
    counted = _findings(brought)
    if code in said:
        lines = lines.saying(code)
    elif shown in Outcome.values:
        lines = lines.filter(outcome=shown)
    elif shown == WARNED:
        lines = lines.with_findings()
    page = Paginator(lines, LINES_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = [_told(line, kind, said) for line in page.object_list]
    whole = sum(getattr(brought, f"rows_{outcome}") for outcome in Outcome.values)
    context = {
        "title": brought.file_name,
        "breadcrumbs": _crumbs(kind, brought),
        "brought": brought,
        "page_obj": page,
        "shown": shown,
        "code": code,
        "kinds": [
            ("", now("All data rows"), whole),
            *(
                (value, label, getattr(brought, f"rows_{value}"))
                for value, label in Outcome.choices
            ),
        ],
        "problems": [
            {
                "code": one,
                "rows": n,
                "refuses": refuses,
                "sentence": said.get(one, one),
                "is_doubt": not refuses and one in doubted,
            }
            for (one, refuses), n in sorted(
                counted.items(), key=lambda pair: (not pair[0][1], -pair[1], pair[0][0])
            )
        ],
        "sheets": [_sheet(sheet, kind, nth) for nth, sheet in enumerate(brought.sheets)],
        "choices": [("", now("not read")), *((w.name, kind.words[w.name]) for w in kind.wanted)],
        "goes_in": brought.rows_created + brought.rows_updated,
        "back": reverse(kind.back),
        "noun": kind.noun,
        "to": {
            word: at(kind, word, brought.pk)
            for word in ("columns", "commit", "discard", "again", "refused")
        },
    }
    if wants_fragment(request):
        return render(request, "households/_list_lines.html", context)
    return render(request, "households/list_import.html", context)


def _findings(brought):
    """{(code, whether it refuses): rows}."""
    found = Counter()
    for findings in brought.lines.exclude(findings=[]).values_list("findings", flat=True):
        found.update({(one["code"], one["refuses"]) for one in findings})
    return found


def _told(line, kind, said):
    line.told_changes = [(kind.words[name], old, new) for name, old, new in line.changes]
    line.told_findings = [
        (
            f"{one['column']}{line.row}" if one["column"] else "",
            said.get(one["code"], one["code"]),
            one["refuses"],
        )
        for one in line.findings
    ]
    return line


def _sheet(sheet, kind, nth):
    """How a sheet was read, its columns by their words, each with the name of its box."""
    columns = [
        {
            "letter": letter,
            "heading": heading,
            "field": field,
            "word": kind.words.get(field, ""),
            "samples": samples,
            "box": f"{nth}-{letter}",
        }
        for letter, heading, field, samples in sheet.get("columns", ())
    ]
    return sheet | {"columns": columns}


def columns(request, *, kind, pk):
    """Say what the columns mean, and see what the list does then."""
    brought = _own(request, kind, pk)
    fields = {one.name for one in kind.wanted} | {""}
    chosen = {}
    for nth, sheet in enumerate(brought.sheets):
        for letter, _heading, field, _samples in sheet.get("columns", ()):
            said = request.POST.get(f"{nth}-{letter}", field)
            chosen.setdefault(sheet["fingerprint"], {})[letter] = said if said in fields else field
    return _do(request, kind, brought, lambda: steps.say_columns(brought, chosen, by=request.user))


def again(request, *, kind, pk):
    """Compare once more, after something on file was mended."""
    brought = _own(request, kind, pk)
    return _do(request, kind, brought, lambda: steps.look_again(brought, by=request.user))


def commit(request, *, kind, pk):
    """Import what the preview showed."""
    brought = _own(request, kind, pk)
    confirmed = request.POST.getlist("confirmed")

    def carry_out():
        steps.carry_out(
            brought, seen=request.POST.get("seen", ""), confirmed=confirmed, by=request.user
        )
        messages.success(request, now("The list has been imported."))

    return _do(request, kind, brought, carry_out)


def discard(request, *, kind, pk):
    """Put the list away; nothing of it was written."""
    brought = _own(request, kind, pk)

    def put_away():
        steps.discard(brought, by=request.user)
        messages.success(request, now("The list has been put away; nothing was changed."))

    return _do(request, kind, brought, put_away)


def _do(request, kind, brought, deed):
    try:
        deed()
    except ValidationError as refusal:
        for sentence in refusal.messages:
            messages.error(request, sentence)
    return redirect(at(kind, "detail", brought.pk))


# ---- workbooks


def refused(request, *, kind, pk):
    """The refused rows as they stood, with what is wrong: correct them there, bring them again."""
    brought = _own(request, kind, pk)
    said = steps.sentences(kind)
    lines = brought.lines.filter(outcome=Outcome.REFUSED).order_by("position")
    wrong = {
        (line.sheet, line.row): "\n".join(
            f"{one['column']}{line.row} {said.get(one['code'], one['code'])}".strip()
            for one in line.findings
            if one["refuses"]
        )
        for line in lines
    }
    try:
        data = steps.original(brought)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(at(kind, "detail", brought.pk))
    record(brought, "exported", by=request.user, file=brought.file_name, rows=brought.rows_refused)
    reading = read_list(data, kind.wanted, brought.chosen, Limits(rows=steps.ROWS_AT_MOST))
    books = [_refused_sheet(table, wrong) for table in reading.tables]
    sheet = next((one for one in books if one.rows), books[0])
    name = f"{now('Refused rows')} {brought.pk}"
    return workbook.response(sheet, name=name)


def _refused_sheet(table, wrong):
    heads = [one.heading for one in table.columns]
    places = [_place(one.letter) for one in table.columns]
    rows = [
        (
            *(row.cells[i] if i < len(row.cells) else "" for i in places),
            wrong[row.sheet, row.number],
        )
        for row in table.rows
        if (row.sheet, row.number) in wrong
    ]
    columns = [
        workbook.Column(head, partial(_cell, i))
        for i, head in enumerate([*heads, now("What is wrong")])
    ]
    return workbook.Sheet(title=table.sheet, columns=columns, rows=rows)


def _place(letter):
    place = 0
    for one in letter:
        place = place * 26 + ord(one) - ord("A") + 1
    return place - 1


def _cell(i, row):
    return row[i]


def template(request, *, kind):
    """An empty list to be filled in: the headings, and drop-downs of the words that may stand."""
    return workbook.empty(
        name=f"{kind.noun} {now('empty list')}",
        tab=str(kind.noun),
        heads=[
            (one.headings[0], one.needed, kind.choices.get(one.name, ())) for one in kind.wanted
        ],
    )
