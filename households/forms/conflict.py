"""Two people at one file: what it was, what the colleague made of it, what oneself typed.

The page carries, sealed, what it showed when it was opened. If the file has changed since,
each field is compared three ways: what only the colleague changed is taken over and told;
what both changed is asked, field by field; what only oneself changed is simply kept. Nothing
is saved until every question is answered.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from households.forms.member import MOST_ROWS
from povertyaid.lib import national_id
from povertyaid.lib.secrets import DecryptionError, decrypt, encrypt
from povertyaid.org.models import Staff
from povertyaid.web.forms import MaskedField

VERSION, BASE, ASKED = "_version", "_base", "_asked"
MINE, THEIRS = "mine", "theirs"
ROWS = "members"
NOT_COMPARED = {"why", "id", "DELETE", "left_on", "leave_reason"}
UNKNOWN = None  # what the page showed cannot be read: then every difference is asked


@dataclass
class Cell:
    """One field that a colleague changed. `is_asked`: oneself changed it too, to something else."""

    key: str
    where: str
    label: str
    was: str
    theirs: str
    mine: str
    by: str
    at: str
    is_asked: bool

    @property
    def name(self):
        return f"take-{self.key}"


# ---- what a page showed


def state(form):
    """{part: {field: value}} of an unbound FileForm, with values as the browser sends them."""
    parts = {"household": form.household, "enrolment": form.enrolment}
    return {
        **{part: _values(one) for part, one in parts.items()},
        ROWS: {str(row.instance.pk): _values(row) for row in form.members if row.instance.pk},
    }


def _values(form):
    return {
        name: _plain(field, form[name].initial)
        for name, field in form.fields.items()
        if name not in NOT_COMPARED
    }


def _plain(field, value):
    """A value as text or list of texts, so that equal values are equal."""
    value = field.prepare_value(value)
    if value is None or value is False:
        return ""
    if value is True:
        return "on"
    if isinstance(value, (list, tuple)):
        return [str(one) for one in value]
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def seal(form, cells=()):
    """The hidden mark of an edit page: what it shows, and what it asks."""
    shown = json.dumps({"state": state(form), "cells": [asdict(cell) for cell in cells]})
    return base64.b64encode(encrypt(shown, context=_context(form.stored))).decode()


def unseal(text, household):
    """(state, cells), or (None, []) if the mark is not ours."""
    try:
        shown = json.loads(decrypt(base64.b64decode(text), context=_context(household)))
    except (binascii.Error, DecryptionError, ValueError):
        return UNKNOWN, []
    return shown["state"], [Cell(**cell) for cell in shown["cells"]]


def _context(household):
    return f"households.file:{household.pk}"


# ---- answers to what was asked


def answer(data, cells, fresh):
    """The data with the chosen values in, and the cells that got no answer."""
    data, asked = data.copy(), set(data.getlist(ASKED))
    open_cells = [cell for cell in cells if cell.is_asked and cell.key in asked]
    forms_now = {"household": fresh.household, "enrolment": fresh.enrolment}
    forms_now |= {f"member{row.instance.pk}": row for row in fresh.members if row.instance.pk}
    prefixes = {f"member{pk}": prefix for prefix, pk in _rows(data) if pk}
    unanswered = []
    for cell in open_cells:
        part, name = cell.key.split("-", 1)
        choice, form = data.get(cell.name), forms_now.get(part)
        if choice == THEIRS and form is not None and name in form.fields:
            _put(
                data, prefixes.get(part, form.prefix), name, form.fields[name], _values(form)[name]
            )
        elif choice != MINE:
            unanswered.append(cell)
    return data, unanswered


def _put(data, prefix, name, field, value):
    key = f"{prefix}-{name}"
    if isinstance(value, list):
        data.setlist(key, value)
    else:
        data[key] = field.mask(value) if isinstance(field, MaskedField) and value else value


def _rows(data):
    """(prefix, key of the member or "") of each posted row."""
    total = data.get(f"{ROWS}-TOTAL_FORMS", "0")
    count = min(int(total), MOST_ROWS) if total.isdecimal() and len(total) < 6 else 0
    return [(f"{ROWS}-{n}", data.get(f"{ROWS}-{n}-id", "")) for n in range(count)]


# ---- comparing


def compare(data, base, fresh):
    """(data to show, cells): what was typed, brought together with the file as it is now."""
    seen = _Comparison(data, base, fresh)
    seen.part("household", fresh.household, fresh.household.instance)
    seen.part("enrolment", fresh.enrolment, fresh.enrolment.instance)
    seen.members()
    seen.name_hands()
    return seen.data, seen.cells


class _Comparison:
    def __init__(self, data, base, fresh):
        self.data, self.base, self.fresh = data.copy(), base, fresh
        self.cells, self.hands = [], {}

    def _was(self, part, name, row=None):
        if self.base is UNKNOWN:
            return UNKNOWN
        values = self.base[part].get(row, {}) if row else self.base[part]
        return values.get(name, "")

    def part(self, part, form, instance, *, prefix=None, where="", row=None):
        """Compare one form's fields; write over what only the colleague changed."""
        prefix = prefix or form.prefix
        now = _values(form)
        for name, theirs in now.items():
            field = form.fields[name]
            was = self._was(ROWS if row else part, name, row)
            mine = self._typed(field, f"{prefix}-{name}", theirs if was is UNKNOWN else was)
            if theirs in (was, mine):
                continue
            is_asked = mine != was
            if not is_asked:
                _put(self.data, prefix, name, field, theirs)
            key = f"{part}-{name}"
            self.hands[key] = (instance, "id_digest" if name == "id_number" else name)
            self.cells.append(
                Cell(
                    key=key, where=where, label=str(form[name].label),
                    was="?" if was is UNKNOWN else shown(field, was),
                    theirs=shown(field, theirs), mine=shown(field, mine),
                    by="", at="", is_asked=is_asked,
                )
            )  # fmt: skip

    def _typed(self, field, key, stored):
        """What was sent, written as the program would write it; a mask is what was stored."""
        sent = field.widget.value_from_datadict(self.data, {}, key)
        if isinstance(field, MaskedField):
            if stored and sent == field.mask(stored):
                return stored
            return national_id.clean(sent or "") if field.kind == "national-id" else sent or ""
        try:
            return _plain(field, field.clean(sent))
        except forms.ValidationError:
            return _plain(field, sent)

    def members(self):
        now = {str(row.instance.pk): row for row in self.fresh.members if row.instance.pk}
        posted = {pk: prefix for prefix, pk in _rows(self.data) if pk}
        for pk, row in now.items():
            name = row.instance.name
            if pk in posted:
                self.part(
                    f"member{pk}", row, row.instance,
                    prefix=posted[pk], where=name, row=pk,
                )  # fmt: skip
            else:
                self._tell(f"member{pk}-row", name, row.instance, "", _("added to the family"))
        gone = [pk for pk in posted if pk not in now]
        for member in self.fresh.stored.members.filter(
            pk__in=[pk for pk in gone if pk.isdecimal()]
        ):
            left = f"{_('left on')} {member.left_on:%Y-%m-%d} {member.get_leave_reason_display()}"
            self._tell(f"member{member.pk}-row", member.name, member, _("in the family"), left)
            gone.remove(str(member.pk))
        self._lay_rows(now, posted, keep=gone)

    def _tell(self, key, where, member, was, theirs):
        self.hands[key] = (member, "left_on")
        self.cells.append(
            Cell(
                key=key, where=where, label=_("member"), was=was or shown(None, ""), theirs=theirs,
                mine="—", by="", at="", is_asked=False,
            )
        )  # fmt: skip

    def _lay_rows(self, now, posted, keep):
        """Number the rows anew: those on file now, those that are nobody's, those just typed."""
        rows = [self._take(prefix) for prefix, _pk in _rows(self.data)]
        by_pk = {row["id"][0]: row for row in rows if row.get("id", [""])[0]}
        ordered = [by_pk.get(pk) or self._fill(form) for pk, form in now.items()]
        ordered += [by_pk[pk] for pk in keep]
        initial = len(ordered)
        ordered += [row for row in rows if not row.get("id", [""])[0]]
        for n, row in enumerate(ordered):
            for name, values in row.items():
                self.data.setlist(f"{ROWS}-{n}-{name}", values)
        self.data[f"{ROWS}-TOTAL_FORMS"] = str(len(ordered))
        self.data[f"{ROWS}-INITIAL_FORMS"] = str(initial)

    def _take(self, prefix):
        start = f"{prefix}-"
        keys = [key for key in self.data if key.startswith(start)]
        return {key.removeprefix(start): self.data.pop(key) for key in keys}

    def _fill(self, form):
        """The row of a member whom the colleague added."""
        row = {"id": [str(form.instance.pk)]}
        for name, value in _values(form).items():
            masked = isinstance(form.fields[name], MaskedField) and value
            text = form.fields[name].mask(value) if masked else value
            row[name] = text if isinstance(text, list) else [text]
        return row

    def name_hands(self):
        """Say of each cell who wrote what stands there now, and when."""
        found = {cell.key: last_hand(*self.hands[cell.key]) for cell in self.cells}
        staff = Staff.objects.in_bulk({by for by, _at in found.values() if by})
        for cell in self.cells:
            by, at = found[cell.key]
            cell.by = staff[by].full_name if by in staff else ""
            cell.at = f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def last_hand(row, name):
    """(staff key, moment) of the change that made a field what it is; (None, None) if unknown."""
    by = at = None
    if row.pk is None:
        return by, at
    current = None
    for value, who, when in row.events.order_by("-pgh_id").values_list(
        name, "acted_by", "pgh_created_at"
    ):
        if at is not None and value != current:
            break
        current, by, at = value, who, when
    return by, at


def shown(field, value):
    """A value in words, personal data masked."""
    if not value:
        return "—"
    if isinstance(field, MaskedField):
        return field.mask(value)
    if value == "on":
        return _("yes")
    labels = {str(code): str(label) for code, label in getattr(field, "choices", ())}
    if isinstance(value, list):
        return "、".join(labels.get(one, one) for one in value)
    return labels.get(value, value)
