"""Papers of many households: set in parts by all cores, bound into a volume, packed by unit.

A part is some households' papers in one PDF with a list of whose they are. It lies encrypted in a
folder of the order, under a name made of its households' keys, until the whole is ready. So work
that was broken off goes on where it was, and memory holds one part, however many there are.
"""

import functools
import gc
import hashlib
import io
import json
import shutil
import tempfile
import zipfile
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from itertools import groupby

import pikepdf
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pairings.actions.papers import ROOM
from pairings.models import PrintOrder
from pairings.papers import contents, printing
from povertyaid.audit.models import record
from povertyaid.jobs.cores import on_all_cores
from povertyaid.lib import sealed_files
from povertyaid.org.models import OrgUnit
from povertyaid.org.models.unit import paths_above

PARTS_ROOM = "papers-parts"
CONTEXT = "papers.result"
JOINED_AT_ONCE = 40  # parts
A4 = (595.28, 841.89)


@dataclass(frozen=True)
class Row:
    """A household in a part: what the list of contents says, and where its paper begins."""

    code: str
    name: str
    unit: int
    first: int  # page of the part
    pages: int


def make(order, *, progress):
    """Set, bind and pack the papers of an order. Raises ValidationError when nobody may have them."""
    staff = order.asked_by
    check_may(staff, in_full=order.in_full)
    chunks = list(in_chunks(order, staff))
    if not chunks:
        raise ValidationError(_("None of the chosen households is there to be printed any more."))
    parts = Parts(order)
    set_parts(order, parts, chunks, progress)
    rows = {name: parts.rows(name) for name in map(name_of, chunks)}
    units = Units(order, {row.unit for part in rows.values() for row in part})
    pages, volume = bind(order, parts, rows, units, progress)
    folders = pack(order, parts, rows, units, progress)
    with transaction.atomic():
        order.made_on = timezone.localdate()
        order.printed, order.pages = sum(map(len, rows.values())), pages
        order.volume_stored_as, order.folders_stored_as = volume, folders
        order.save()
        record(
            order, "papers_made", by=staff, paper=order.kind, households=order.printed,
            programme=order.programme.code if order.programme_id else "",
        )  # fmt: skip
        progress.finish()
    parts.forget()


def check_may(staff, *, in_full):
    """Powers are asked again when the papers are made: they may have been taken away since."""
    needed = ["households.view_household", "households.export_household"]
    needed += ["households.reveal_person"] if in_full else []
    if not (staff.is_active and all(map(staff.has_perm, needed))):
        raise ValidationError(_("You may not have these papers made any more."))


def in_chunks(order, staff):
    """Keys as they are set together, of what the person may see today."""
    kind = printing.KINDS[order.kind]
    keys = kind.keys(order, staff)
    for start in range(0, len(keys), kind.at_once):
        yield keys[start : start + kind.at_once]


# --- parts ----------------------------------------------------------------------------------------


class Parts:
    """The parts of an order that are set and kept until the whole is ready."""

    def __init__(self, order):
        self.room = f"{PARTS_ROOM}/{order.pk}"
        self._last = "", b""  # neighbours ask for the same part one after the other

    def has(self, name):
        return (sealed_files.folder(self.room) / name).exists()

    def keep(self, name, rows, pdf):
        """Whole or not at all, and twice is once: two processes may be at the same part."""
        head = json.dumps(rows).encode()
        body = len(head).to_bytes(4) + head + pdf
        with sealed_files.sealed(self.room, body, context=self._context(name)) as draft:
            folder = sealed_files.folder(self.room)
            (folder / draft).replace(folder / name)

    def rows(self, name):
        return [Row(*row) for row in json.loads(self._opened(name)[0])]

    def pdf(self, name):
        return io.BytesIO(self._opened(name)[1])

    def forget(self):
        shutil.rmtree(sealed_files.folder(self.room), ignore_errors=True)

    def _opened(self, name):
        if self._last[0] != name:
            body = sealed_files.opened(self.room, name, context=self._context(name))
            length = int.from_bytes(body[:4])
            self._last = name, (body[4 : 4 + length], body[4 + length :])
        return self._last[1]

    def _context(self, name):
        return f"papers.part {name}"


def name_of(keys):
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()[:32]


def set_parts(order, parts, chunks, progress):
    """Set what is not there yet; a run that was broken off has left some."""
    names = {name_of(keys): keys for keys in chunks}
    missing = [name for name in names if not parts.has(name)]
    progress.stage("setting", total=sum(map(len, chunks)))
    progress.step(sum(len(keys) for name, keys in names.items() if name not in missing))
    tasks = [(order.pk, names[name]) for name in missing]
    # Closed at once when the work is called off, so that nobody sets parts any more.
    with closing(on_all_cores(set_part, tasks, watch=lambda: progress.step(0))) as done:
        for name in done:
            progress.step(len(names[name]))


def set_part(order_pk, keys):
    """Set some households' papers and keep them; answers the part's name. Any process may do it."""
    order = PrintOrder.objects.select_related("asked_by__unit", "programme").get(pk=order_pk)
    terms = printing.Terms(order.asked_by, order.in_full, order.base)
    press = press_for(order.kind)
    with tidied_once():
        return _set(Parts(order), name_of(keys), press, order.kind, keys, terms)


def _set(parts, name, press, kind, keys, terms):
    papers = list(printing.lay_out(press, kind, keys, terms))
    rows, first = [], 0
    for paper in papers:
        pages = paper.pages if printing.KINDS[kind].alone else 1
        rows += [
            (one.code, one.head_name, one.unit_id, first + at, pages)
            for one, at in paper.households
        ]
        first += paper.pages
    parts.keep(name, rows, press.bind([one.document for one in papers]) if papers else b"")
    return name


@contextmanager
def tidied_once():
    """Let Python look for garbage at the end and not meanwhile.

    Pages that are laid out are millions of objects that refer to each other, none of which goes
    before the part is written: to look through them again and again takes a sixth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.collect()
        if was_on:
            gc.enable()


@functools.cache
def press_for(kind):
    """Style sheets and fonts are read once in a process."""
    return printing.open_press(kind)


# --- units ----------------------------------------------------------------------------------------


class Units:
    """Names of the units that occur, and the folder of each: the units above it within the order's."""

    def __init__(self, order, keys):
        own = OrgUnit.objects.in_bulk(keys)
        above = {path for unit in own.values() for path in paths_above(unit.path)}
        within = OrgUnit.objects.below(order.unit).filter(path__in=above)
        folders = {unit.path: folder_of(unit) for unit in within}
        self.name = {key: unit.name for key, unit in own.items()}
        # A unit beyond the order's, whose asker works elsewhere by now, stands by itself.
        self.folder = {
            key: "/".join(folders[path] for path in paths_above(unit.path) if path in folders)
            or folder_of(unit)
            for key, unit in own.items()
        }


def folder_of(unit):
    """Name and code: two units side by side may have one name."""
    return fit(f"{fit(unit.name)} {unit.code}")


def fit(text):
    """Fit for the name of a file or folder on any system; of dots and blanks alone nothing is left."""
    text = "".join("_" if letter in '\\/:*?"<>|' or ord(letter) < 32 else letter for letter in text)
    return text.strip(". ")


# --- binding --------------------------------------------------------------------------------------


def bind(order, parts, rows, units, progress):
    """The whole as one PDF: contents, then every paper. Answers (pages, name of the kept file)."""
    alone = printing.KINDS[order.kind].alone
    at = front = contents.pages_for(sum(map(len, rows.values())), two_sided=alone)
    listed = []  # (row, page of the volume on which it begins)
    for part in rows.values():
        places, at = placed(part, at, alone)
        listed += zip(part, places, strict=True)
    progress.stage("binding", total=len(rows))
    with ExitStack() as stack:
        volume = pikepdf.new()
        for some in contents.set_pages(order, listed, units.name):
            volume.pages.extend(stack.enter_context(pikepdf.open(io.BytesIO(some))).pages)
        fill(volume, front)
        names = list(rows)
        for start in range(0, len(names), JOINED_AT_ONCE):
            scratch = stack.enter_context(scratch_file())
            some = {name: rows[name] for name in names[start : start + JOINED_AT_ONCE]}
            join(parts, some, alone, scratch, progress)
            volume.pages.extend(stack.enter_context(pikepdf.open(scratch)).pages)
        mark(volume, listed, units.name)
        title(volume, order)
        with scratch_file() as whole:
            volume.save(whole)
            return len(volume.pages), keep(whole)


def placed(part, at, alone):
    """Page of the volume on which each row of a part begins, and the page after the part.

    A booklet begins on a right-hand page, so that it can be taken out.
    """
    places, shift = [], 0
    for row in part:
        places.append(at + shift + row.first)
        shift += row.pages % 2 if alone else 0
    return places, at + shift + max((row.first + row.pages for row in part), default=0)


def join(parts, rows, alone, scratch, progress):
    """Some parts one after the other into a file; so only they are open at a time."""
    with ExitStack() as stack:
        joined = pikepdf.new()
        for name, part in rows.items():
            append(joined, parts, stack, [(row, name) for row in part], alone)
            progress.step()
        joined.save(scratch)


def append(pdf, parts, stack, some, alone):
    """The pages of some rows; a booklet of an odd number of pages gets a white one."""
    for name, group in groupby(some, key=lambda pair: pair[1]):
        pages = stack.enter_context(pikepdf.open(parts.pdf(name))).pages
        if alone:
            for row, _name in group:
                pdf.pages.extend(pages[row.first : row.first + row.pages])
                fill(pdf, len(pdf.pages) + row.pages % 2)
        else:
            pdf.pages.extend(pages[at] for at in sorted({row.first for row, _name in group}))


def fill(pdf, pages):
    """White pages up to a number of pages."""
    while len(pdf.pages) < pages:
        pdf.add_blank_page(page_size=A4)


def mark(pdf, listed, names):
    """Bookmarks: units, and in each its households."""
    with pdf.open_outline() as outline:
        for unit, group in groupby(listed, key=lambda pair: pair[0].unit):
            of_unit = [pikepdf.OutlineItem(f"{row.name} {row.code}", at) for row, at in group]
            item = pikepdf.OutlineItem(names[unit], of_unit[0].destination)
            item.children.extend(of_unit)
            item.is_closed = True
            outline.root.append(item)


def title(pdf, order):
    pdf.docinfo["/Title"] = order.get_kind_display()
    pdf.docinfo["/Author"] = order.unit.name


# --- packing --------------------------------------------------------------------------------------


def pack(order, parts, rows, units, progress):
    """The same as a zip with a folder for each unit. Answers the name of the kept file."""
    progress.stage("packing", total=sum(map(len, rows.values())))
    with sealed_files.sealing(ROOM, context=CONTEXT) as seal:
        with zipfile.ZipFile(seal, "w", zipfile.ZIP_STORED) as archive:
            for name, some in files_of(order, rows, units):
                archive.writestr(f"{name}.pdf", excerpt(order, parts, some))
                progress.step(len(some))
        return seal.name


def files_of(order, rows, units):
    """(name in the zip, rows with their part): one file a unit, or one a household."""
    apart = order.apart and printing.KINDS[order.kind].alone
    every = ((row, name) for name, part in rows.items() for row in part)
    for unit, group in groupby(every, key=lambda pair: pair[0].unit):
        folder, some = units.folder[unit], list(group)
        if not apart:
            yield f"{folder}/{order.get_kind_display()}", some
            continue
        for row, name in some:
            yield f"{folder}/{fit(f'{row.code} {row.name}')}", [(row, name)]


def excerpt(order, parts, some):
    """The pages of some rows as a PDF of their own."""
    with ExitStack() as stack, io.BytesIO() as written:
        joined = pikepdf.new()
        append(joined, parts, stack, some, printing.KINDS[order.kind].alone)
        title(joined, order)
        joined.save(written)
        return written.getvalue()


# --- files ----------------------------------------------------------------------------------------


def scratch_file():
    """A file without a name in our own folder: nobody else can open it, and no crash leaves it."""
    folder = sealed_files.folder(ROOM)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return tempfile.TemporaryFile(dir=folder)


def keep(file):
    """Seal what stands in a file; answers the name of the kept one."""
    file.seek(0)
    with sealed_files.sealing(ROOM, context=CONTEXT) as seal:
        shutil.copyfileobj(file, seal, sealed_files.PIECE_BYTES)
        return seal.name
