"""How numbers, states and personal data are written on a page. One library, loaded by name."""

import math
from decimal import Decimal

from django import template
from django.forms import BaseFormSet
from django.template.defaultfilters import stringfilter
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from povertyaid.lib import money as money_lib
from povertyaid.lib import national_id
from povertyaid.lib.quantities import Kind, Quantity
from povertyaid.web import charts, drafts

register = template.Library()

BLANK = "—"
NBSP = "\N{NO-BREAK SPACE}"


@register.filter
def money(amount):
    """`15,000.00`; the unit stands in the column head."""
    return BLANK if amount in {None, ""} else money_lib.format_yuan(Decimal(amount))


@register.filter
def wan(amount):
    """Ten-thousands of yuan, `218.532`."""
    return BLANK if amount in {None, ""} else money_lib.format_wan(Decimal(amount))


@register.filter
def day(when):
    """`2017-12-31`, or as much of it as is known of a partial date."""
    if when in {None, ""}:
        return BLANK
    return when.iso() if hasattr(when, "iso") else f"{when:%Y-%m-%d}"


@register.filter
def grouped(number):
    """`12,155`."""
    return BLANK if number in {None, ""} else f"{number:,}"


def _words_of_kind(kind, n):
    """`n` may have decimals; which plural it takes is asked of the whole number next above."""
    n_text, n = f"{n:,}", math.ceil(n)
    return {
        Kind.HOUSEHOLDS: ngettext("%(n)s household", "%(n)s households", n),
        Kind.PERSONS: ngettext("%(n)s person", "%(n)s persons", n),
        Kind.PERSON_TIMES: ngettext("%(n)s person-time", "%(n)s person-times", n),
        Kind.PAIRS: ngettext("%(n)s pair", "%(n)s pairs", n),
        Kind.ENTRIES: ngettext("%(n)s entry", "%(n)s entries", n),
        Kind.SESSIONS: ngettext("%(n)s session", "%(n)s sessions", n),
        Kind.ITEMS: ngettext("%(n)s item", "%(n)s items", n),
        Kind.YEARS: ngettext("%(n)s year", "%(n)s years", n),
        Kind.TIMES: ngettext("%(n)s time", "%(n)s times", n),
        Kind.YUAN: ngettext("%(n)s yuan", "%(n)s yuan", n),
        Kind.YUAN_PER_PERSON_YEAR: ngettext(
            "%(n)s yuan a person and year", "%(n)s yuan a person and year", n
        ),
        Kind.PERCENT: ngettext("%(n)s percent", "%(n)s percent", n),
    }[kind] % {"n": n_text}


@register.filter
def counted(number, kind=Kind.ITEMS):
    """`263 户`: a number with what it counts. Takes a Quantity, or a number and its Kind or sign."""
    if number is None:
        return BLANK
    if isinstance(number, Quantity):
        number, kind = number.value, number.kind
        number = int(number) if number == int(number) else number.normalize()
    # A number never parts from its unit.
    return _words_of_kind(Kind(kind), number).replace(" ", NBSP)


@register.filter
def lasting(seconds):
    """`20 seconds`, `3 minutes`, `2 hours`: as exactly as anybody can know beforehand, rounded up."""
    if seconds < 60:
        n = math.ceil(seconds / 5) * 5 if seconds > 10 else math.ceil(seconds)
        text = ngettext("%(n)s second", "%(n)s seconds", n)
    elif seconds < 3600:
        n = math.ceil(seconds / 60)
        text = ngettext("%(n)s minute", "%(n)s minutes", n)
    else:
        n = math.ceil(seconds / 3600)
        text = ngettext("%(n)s hour", "%(n)s hours", n)
    return (text % {"n": n}).replace(" ", NBSP)


# The signs that stand behind a number, for a reader who works in English.
MEASURES = {
    "户": pgettext_lazy("measure", "households"),
    "人": pgettext_lazy("measure", "persons"),
    "人次": pgettext_lazy("measure", "person-times"),
    "对": pgettext_lazy("measure", "pairs"),
    "件次": pgettext_lazy("measure", "entries"),
    "件": pgettext_lazy("measure", "reviews"),
    "家": pgettext_lazy("measure", "units"),
    "岁": pgettext_lazy("measure", "years old"),
    "户/人": pgettext_lazy("measure", "households per person"),
    "份/户": pgettext_lazy("measure", "papers per household"),
    "期": pgettext_lazy("measure", "classes"),
    "场次": pgettext_lazy("measure", "sessions"),
    "次": pgettext_lazy("measure", "events"),
    "项": pgettext_lazy("measure", "items"),
    "个": pgettext_lazy("measure", "units"),
    "级": pgettext_lazy("measure", "levels"),
    "年": pgettext_lazy("measure", "years"),
    "倍": pgettext_lazy("measure", "times"),
    "亩": pgettext_lazy("measure", "mu"),
    "元": pgettext_lazy("measure", "yuan"),
    "元/人·年": pgettext_lazy("measure", "yuan per person and year"),
}


@register.filter
def measure(sign):
    """`户` in the reader's language; several with 、 between; one that an office made up as it is."""
    return pgettext("between signs", ", ").join(
        str(MEASURES.get(one, one)) for one in str(sign).split("、")
    )


def behind(sign):
    """The same right behind a number, from which it never parts: `263户`, `263 households`."""
    word = measure(sign)
    return word if word == str(sign) else f"{NBSP}{word}"


MASKS = {
    "id": national_id.mask,
    "phone": national_id.mask_phone,
    "account": national_id.mask_account,
}


@register.filter
def masked(text, kind="id"):
    """`5117**********0558`; kinds: id, phone, account."""
    return MASKS[kind](text) if text else BLANK


@register.simple_tag(takes_context=True)
def number(context, text, kind="id"):
    """A number of a person on paper: its middle hidden, unless the paper was asked for in `full`."""
    return text if not text or context.get("full") else MASKS[kind](text)


TAG_COLOURS = {
    # standing of a household in a programme
    "identified": "redbrown",
    "helping": "blue",
    "exited": "green",
    "consolidating": "teal",
    "relapsed": "amber",
    "removed": "grey",
    # decisions and work
    "pending": "amber",
    "approved": "green",
    "rejected": "red",
    "open": "blue",
    "closed": "grey",
    "merged": "grey",
    "new": "green",
    "changed": "amber",
    "same": "grey",
    "unchanged": "grey",
    "refused": "red",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "cancelled": "grey",
}


@register.simple_tag
def state_tag(code, label=None):
    """A state in words; the colour of its code only repeats it. An unknown code is grey."""
    colour = TAG_COLOURS.get(str(code), "grey")
    return format_html('<span class="tag tag-{}">{}</span>', colour, label or code)


@register.filter
@stringfilter
def blank(text):
    """A dash where nothing is written."""
    return text if text and text != "None" else BLANK


# Drawn for 24 × 24, one line weight, no fill.
ICONS = {
    "menu": "M4 6h16M4 12h16M4 18h16",
    "search": "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.5 15.5 20 20",
    "print": "M7 9V3h10v6M7 17H4V9h16v8h-3M7 14h10v7H7z",
    "download": "M12 3v12M7 10.5 12 15.5l5-5M4 20h16",
    "upload": "M12 16V4M7 8.5 12 3.5l5 5M4 20h16",
    "plus": "M12 5v14M5 12h14",
    "edit": "M4 20l1-4L16.5 4.5l3 3L8 19zM14 7l3 3",
    "check": "M5 12.5 10 17.5 19.5 7",
    "cross": "M6 6l12 12M18 6 6 18",
    "warning": "M12 3 2 21h20zM12 10v5M12 18v.1",
    "person": "M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM4 21c0-5 3.5-7 8-7s8 2 8 7",
    "folder": "M3 6h7l2 2.5h9V19H3z",
    "clock": "M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zM12 7v5.5l3.5 2",
    "eye": "M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z",
}


@register.simple_tag
def icon(name):
    """A small drawing beside a word; screen readers pass it over."""
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        mark_safe(ICONS[name]),  # noqa: S308 -- our own table above
    )


@register.simple_tag(takes_context=True)
def sort_heading(context, name, label, css="", unit=""):
    """A column head that sorts: `?sort=name`, again for `?sort=-name`; filters stay set."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = f"-{name}" if now == name else name
    query.pop("page", None)
    state = {name: "ascending", f"-{name}": "descending"}.get(now, "none")
    return format_html(
        '<th scope="col" class="{}" aria-sort="{}"><a href="?{}">{}</a>{}</th>',
        css,
        state,
        query.urlencode(),
        label,
        format_html('<span class="unit">{}</span>', unit) if unit else "",
    )


@register.simple_tag(takes_context=True)
def form_guard(context, sent_to=""):
    """The hidden marks by which nothing typed is lost and nothing is saved twice.

    `sent_to` is the address to which the form goes, where that is not the page it stands on.
    """
    request = context["request"]
    if not request.user.is_authenticated:
        return ""
    marks = [
        (drafts.DRAFT, drafts.draft_mark(request, sent_to)),
        (drafts.SUBMIT, drafts.submit_mark()),
    ]
    return format_html_join("", '<input type="hidden" name="{}" value="{}">', marks)


def _said_of(label, row, text):
    """`Name (row 2): too long`; a text about the whole form stands alone."""
    if not label:
        return text
    if row:
        label = _("%(field)s (row %(row)s)") % {"field": label, "row": row}
    return _("%(label)s: %(value)s") % {"label": label, "value": text}


def _each_form(forms):
    """Plain forms and the forms of formsets, with the row they stand in (None outside a set)."""
    for form in forms:
        if isinstance(form, BaseFormSet):
            if not form.is_bound:
                continue
            yield form, None
            for nth, row in enumerate(form.forms, start=1):
                if not (form.can_delete and form._should_delete_form(row)):
                    yield row, nth
        elif form:
            yield form, None


@register.inclusion_tag("web/_form_errors.html")
def error_summary(*forms):
    """Everything that must be put right, on top of the page, each line a link to its field."""
    lines = []
    for form, row in _each_form(forms):
        if isinstance(form, BaseFormSet):
            lines += [{"text": text, "anchor": ""} for text in form.non_form_errors()]
            continue
        if not form.is_bound:
            continue
        for name, errors in form.errors.items():
            bound = form[name] if name in form.fields else None
            anchor = (bound.id_for_label or bound.auto_id) if bound else ""
            lines += [
                {"text": _said_of(bound and bound.label, row, text), "anchor": anchor}
                for text in errors
            ]
    return {"lines": lines}


@register.inclusion_tag("web/_warnings.html")
def warnings(*forms):
    """What a clerk may confirm with a tick and a reason; the save then goes on."""
    found = []
    for form, row in _each_form(forms):
        if getattr(form, "is_bound", False) and hasattr(form, "warnings"):
            found += [
                {"warning": doubt, "text": _said_of(doubt.label, row, doubt.message)}
                for doubt in form.warnings
            ]
    return {"warnings": found, "unanswered": [w for w in found if not w["warning"].is_answered]}


@register.inclusion_tag("web/_chips.html", takes_context=True)
def chips(context, filterset):
    """What the filter is set to, each with the link that takes it off."""
    return {"chips": chips_of(filterset, context["request"].GET) if filterset else []}


def chips_of(filterset, query):
    if not filterset.form.is_bound:
        return []
    found = []
    read = filterset.form.cleaned_data if filterset.is_valid() else {}
    for name in filterset.form.fields:
        value = read.get(name)
        if value in (None, "") or (hasattr(value, "__len__") and not len(value)):
            continue
        field = filterset.form[name]
        several = hasattr(value, "__iter__") and not isinstance(value, (str, slice))
        found += [
            {
                "label": field.label,
                "value": _shown(field.field, one),
                "without": _without(query, name, one if several else None),
            }
            for one in (value if several else [value])
        ]
    return found


def _shown(field, value):
    if value is True:
        return _("yes")
    if value is False:
        return _("no")
    if isinstance(value, slice):
        return f"{value.start or ''} – {value.stop or ''}"
    for code, label in getattr(field, "choices", ()) if not hasattr(value, "pk") else ():
        if str(code) == str(value):
            return label
    return value


def _without(query, name, one):
    left = query.copy()
    left.pop("page", None)
    kept = []
    if one is not None:
        keys = {str(one), str(getattr(one, "pk", "")), str(getattr(one, "code", ""))}
        kept = [text for text in left.getlist(name) if text not in keys]
    if kept:
        left.setlist(name, kept)
    else:
        for key in [key for key in left if key == name or key.startswith(f"{name}_")]:
            if key == name or key.rsplit("_", 1)[1] in {"after", "before", "min", "max"}:
                left.pop(key)
    return f"?{left.urlencode()}"


@register.inclusion_tag("web/_filters.html", takes_context=True)
def filter_bar(context, filterset):
    """One row: search, the usual filters, 更多. A FilterSet names its usual ones in `usual`."""
    form = filterset.form
    usual = getattr(filterset, "usual", list(form.fields)[:4])
    more = [form[name] for name in form.fields if name not in usual]
    query = context["request"].GET
    return {
        "request": context["request"],
        "form": form,
        "usual": [form[name] for name in usual],
        "more": more,
        "more_open": any(query.get(field.html_name) for field in more),
        "sort": query.get("sort", ""),
    }


@register.inclusion_tag("web/_pagination.html", takes_context=True)
def pagination(context, page):
    return {
        "request": context["request"],
        "page": page,
        "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1),
        "gap": page.paginator.ELLIPSIS,
    }


@register.inclusion_tag("web/charts/_bars.html")
def bar_chart(chart):
    """A `povertyaid.web.charts.BarChart`, with its table one click away."""
    return {"chart": chart}


__all__ = ["charts", "chips_of", "counted", "masked", "money", "state_tag", "wan"]
