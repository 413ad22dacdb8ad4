"""What is done to a programme, its lists, exit lines, reference values and targets.

Everything below a programme is written down under the programme, so that its history shows
all of it on one page. Each verb is one transaction and one entry. The row that is
given only says which: a form has already written its answers on it, so it is read again.
"""

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from povertyaid.audit.models import record
from povertyaid.org.journal import differences
from povertyaid.programmes import uses
from povertyaid.programmes.models import (
    Programme,
    ReferenceValue,
    SchemeItem,
    Target,
    Threshold,
)


def _lock(programme):
    """Changes below one programme stand in a queue: orders and dated lines depend on each other."""
    return (
        Programme.objects.select_for_update(of=("self",))
        .select_related("lead_unit")
        .get(pk=programme.pk)
    )


def _take(row, facts):
    """Put the facts on the row; answer {name: [old, new]} of what differs, in plain words."""
    before = {name: getattr(row, name) for name in facts}
    for name, value in facts.items():
        setattr(row, name, value)
    return differences(_coded(before), _coded(facts))


def _coded(facts):
    """Rows by their code, days and decimals as text: what an entry can hold."""
    return {name: getattr(value, "code", None) or _written(value) for name, value in facts.items()}


def _written(value):
    if isinstance(value, datetime.date):
        return value.isoformat()
    if hasattr(value, "normalize"):
        return f"{value.normalize():f}"
    return value


# ---- the programme


@transaction.atomic
def add_programme(*, by, **facts):
    programme = Programme(**facts)
    programme.full_clean()
    programme.save()
    record(programme, "programme_added", by=by, unit=programme.lead_unit.code)
    return programme


@transaction.atomic
def save_programme(programme, *, by, **facts):
    """Change what is known of a programme; its code stays, papers and commands go by it."""
    programme = _lock(programme)
    changed = _take(programme, facts)
    programme.full_clean()
    programme.save()
    if changed:
        record(programme, "programme_changed", by=by, changed=changed)
    return programme


# ---- lists


@transaction.atomic
def add_item(programme, *, list_name, label, part="", by):
    """Put an item at the end of a list; the first item of a name begins the list."""
    programme = _lock(programme)
    last = programme.scheme_items.filter(list_name=list_name).order_by("-seq").first()
    item = SchemeItem(
        programme=programme,
        list_name=list_name,
        label=label,
        part=part,
        seq=last.seq + 1 if last else 1,
    )
    item.full_clean()
    item.save()
    record(programme, "item_added", by=by, list=list_name, item=label)
    return item


@transaction.atomic
def save_item(item, *, by, **facts):
    """Change an item. Raises ValidationError when files carry the word that would change."""
    programme = _lock(item.programme)
    item = SchemeItem.objects.get(pk=item.pk)
    if facts.get("label", item.label) != item.label:
        _refuse_if_carried(item)
    changed = _take(item, facts)
    item.full_clean()
    item.save()
    if changed:
        record(
            programme, "item_changed", by=by, list=item.list_name, item=item.label, changed=changed
        )
    return item


def _refuse_if_carried(item):
    if n := uses.uses_of_item(item):
        raise ValidationError(
            ngettext(
                "%(n)s file carries “%(item)s”. Please give it another word first; until then the item stays.",
                "%(n)s files carry “%(item)s”. Please give them another word first; until then the item stays.",
                n,
            )
            % {"n": f"{n:,}", "item": item.label},
            code="carried",
        )


@transaction.atomic
def remove_item(item, *, by):
    """Take an item off its list. Raises ValidationError while files carry it."""
    programme = _lock(item.programme)
    _refuse_if_carried(item)
    item.delete()
    record(programme, "item_removed", by=by, list=item.list_name, item=item.label)


@transaction.atomic
def shift_item(item, *, up, by):
    """Change places with the neighbour above or below; at the end of the list nothing happens."""
    programme = _lock(item.programme)
    items = list(programme.scheme_items.filter(list_name=item.list_name).order_by("seq", "pk"))
    at = next(n for n, one in enumerate(items) if one.pk == item.pk)
    to = at - 1 if up else at + 1
    if not 0 <= to < len(items):
        return
    items[at], items[to] = items[to], items[at]
    for seq, one in enumerate(items, start=1):
        one.seq = seq
    SchemeItem.objects.bulk_update(items, ["seq"])
    record(programme, "item_shifted", by=by, list=item.list_name, item=item.label)


# ---- exit lines


def line_ends(line):
    """The day from which the next line of the same category takes over, or None."""
    later = line.programme.thresholds.filter(category=line.category, valid_from__isnull=False)
    later = later.exclude(pk=line.pk)
    if line.valid_from:
        later = later.filter(valid_from__gt=line.valid_from)
    return later.order_by("valid_from").values_list("valid_from", flat=True).first()


def line_used_on(line):
    """The last day on which an approved decision rested on this line, or None."""
    return uses.last_use_of_line(line.programme, line.category, line.valid_from, line_ends(line))


def _refuse_if_used(line):
    if day := line_used_on(line):
        raise ValidationError(
            _(
                "A decision of %(day)s rests on this line, so it stays as it is. "
                "Please add a line that is valid from a later day."
            )
            % {"day": day.isoformat()},
            code="used",
        )


def _refuse_to_rewrite(line):
    """A line may not begin on or before a day on which a decision rested on another."""
    if day := line_used_on(line):
        raise ValidationError(
            {
                "valid_from": _(
                    "Decisions up to %(day)s rest on the line that is valid now. "
                    "Please let the new line begin after that day."
                )
                % {"day": day.isoformat()}
            },
            code="used",
        )


@transaction.atomic
def add_line(programme, *, by, **facts):
    """A line of a category, valid from a day on (or always). Raises ValidationError."""
    programme = _lock(programme)
    line = Threshold(programme=programme, **facts)
    line.full_clean()
    if programme.thresholds.filter(category=line.category).exists():
        _refuse_to_rewrite(line)
    line.save()
    record(programme, "line_added", by=by, category=line.category, **_line(line))
    return line


@transaction.atomic
def save_line(line, *, by, **facts):
    """Change a line nobody has been judged by yet. Raises ValidationError (`used`)."""
    programme = _lock(line.programme)
    line = Threshold.objects.select_related("programme").get(pk=line.pk)
    _refuse_if_used(line)
    changed = _take(line, facts)
    line.full_clean()
    if "valid_from" in changed or "category" in changed:
        _refuse_to_rewrite(line)
    line.save()
    if changed:
        record(programme, "line_changed", by=by, category=line.category, changed=changed)
    return line


@transaction.atomic
def remove_line(line, *, by):
    """Take back a line nobody has been judged by yet. Raises ValidationError (`used`)."""
    programme = _lock(line.programme)
    _refuse_if_used(line)
    line.delete()
    record(programme, "line_removed", by=by, category=line.category, **_line(line))


def _line(line):
    facts = {"value": line.value, "basis": line.basis, "valid_from": line.valid_from}
    return {name: value for name, value in _coded(facts).items() if value is not None}


def missing_years(programme, *, until, values=None):
    """{series: [years]} that share lines of the programme rest on and nobody has entered.

    Years from the first day of the programme to the day `until`, of the lead unit. `values`
    are (series, year) pairs already read, for a page that has them at hand.
    """
    series = {line.series for line in programme.thresholds.all() if line.series}
    if not series:
        return {}
    if values is None:
        values = ReferenceValue.objects.filter(
            unit=programme.lead_unit_id, series__in=series
        ).values_list("series", "year")
    known = set(values)
    last = min(until, programme.ends_on or until).year
    missing = {
        name: [
            year for year in range(programme.starts_on.year, last + 1) if (name, year) not in known
        ]
        for name in sorted(series)
    }
    return {name: years for name, years in missing.items() if years}


# ---- reference values


@transaction.atomic
def add_value(*, by, **facts):
    """A published statistic of a unit and year, from its source."""
    value = ReferenceValue(**facts)
    value.full_clean()
    value.save()
    record(
        value.unit,
        "reference_value_added",
        by=by,
        series=value.series,
        year=value.year,
        value=_written(value.value),
    )
    return value


@transaction.atomic
def save_value(value, /, *, by, **facts):
    """Correct a statistic. Decisions taken before keep the line they were held against."""
    value = ReferenceValue.objects.select_for_update(of=("self",)).get(pk=value.pk)
    changed = _take(value, facts)
    value.full_clean()
    value.save()
    if changed:
        record(
            value.unit,
            "reference_value_changed",
            by=by,
            series=value.series,
            year=value.year,
            changed=changed,
        )
    return value


# ---- targets


@transaction.atomic
def add_target(programme, *, by, **facts):
    target = Target(programme=programme, **facts)
    target.full_clean()
    target.save()
    record(programme, "target_added", by=by, target=target.code)
    return target


@transaction.atomic
def save_target(target, *, by, **facts):
    programme = _lock(target.programme)
    target = Target.objects.get(pk=target.pk)
    changed = _take(target, facts)
    target.full_clean()
    target.save()
    if changed:
        # What an indicator asks for is a small table; that it changed is enough here.
        changed = {name: pair for name, pair in changed.items() if name != "params"} | (
            {"params": [None, None]} if "params" in changed else {}
        )
        record(programme, "target_changed", by=by, target=target.code, changed=changed)
    return target


@transaction.atomic
def remove_target(target, *, by):
    """Take back a target that was written down by mistake."""
    programme = _lock(target.programme)
    target.delete()
    record(programme, "target_removed", by=by, target=target.code)
