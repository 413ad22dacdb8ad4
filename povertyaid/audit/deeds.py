"""What the entries of the trail are called on a page.

An entry holds codes, so that it can be counted and outlives every rewording; the words stand
here, for all rooms on one page. A test walks the source: a deed or a detail without a word
here fails.
"""

from django.utils.translation import gettext_lazy as _

DEEDS = {
    # looking
    "revealed": _("looked at personal data"),
    "exported": _("exported"),
    # signing in
    "signed_in": _("signed in"),
    "signed_out": _("signed out"),
    "sign_in_failed": _("sign-in failed"),
    "locked_out": _("locked out after failed sign-ins"),
    "password_changed": _("changed the own password"),
    "password_reset": _("reset a password"),
    "profile_changed": _("changed the own particulars"),
    # staff
    "staff_added": _("added a staff member"),
    "staff_changed": _("changed a staff member"),
    "staff_switched_off": _("switched an account off"),
    "staff_switched_on": _("switched an account on"),
    "staff_unlocked": _("unlocked an account"),
    # units
    "unit_opened": _("opened a unit"),
    "unit_changed": _("changed a unit"),
    "unit_moved": _("moved a unit"),
    "unit_closed": _("closed a unit"),
    "unit_reopened": _("reopened a unit"),
    # programmes
    "programme_added": _("set up a programme"),
    "programme_changed": _("changed a programme"),
    "item_added": _("added to a list"),
    "item_changed": _("changed an item of a list"),
    "item_removed": _("took an item off a list"),
    "item_shifted": _("changed the order of a list"),
    "line_added": _("added an exit line"),
    "line_changed": _("changed an exit line"),
    "line_removed": _("took back an exit line"),
    "reference_value_added": _("entered a reference value"),
    "reference_value_changed": _("corrected a reference value"),
    "target_added": _("added a target"),
    "target_changed": _("changed a target"),
    "target_removed": _("took back a target"),
    "dossier_rules_set_up": _("set up what the dossier asks for"),
    "dossier_rule_changed": _("changed what an item of the dossier asks for"),
    "dossier_rule_removed": _("took back what an item of the dossier asks for"),
    # files
    "created": _("created"),
    "changed": _("changed"),
    "opened": _("opened a file"),
    "closed": _("closed a file"),
    "reopened": _("reopened a file"),
    "moved_out": _("handed a file to another unit"),
    "moved_in": _("took a file over from another unit"),
    "merged": _("merged another file in"),
    "merged_away": _("closed a file by merging"),
    "split": _("split a household off"),
    "split_off": _("opened a file by splitting"),
    "status_added": _("added a status"),
    "status_changed": _("changed a status"),
    "status_ended": _("ended a status"),
    "income_added": _("added an income"),
    "income_changed": _("changed an income"),
    "income_removed": _("took back an income"),
    "review_proposed": _("proposed a review"),
    "review_approved": _("approved a review"),
    "review_rejected": _("rejected a review"),
    # helpers and pairs
    "helper_added": _("put a helper on the roster"),
    "helper_changed": _("changed a helper"),
    "helper_left": _("had a helper leave"),
    "helper_returned": _("put a helper back on the roster"),
    "paired": _("paired"),
    "pair_joined": _("added a helper to a pair"),
    "helper_released": _("released a helper from a pair"),
    "pair_handed_over": _("handed a pair over"),
    "pairs_handed_over": _("handed all pairs of a helper over"),
    "pair_ended": _("ended a pair"),
    "pair_reopened": _("took a pair up again"),
    "assignment_asked": _("asked for an assignment draft"),
    "assignment_changed": _("changed a line of an assignment draft"),
    "assignment_accepted": _("accepted an assignment draft"),
    "assignment_dropped": _("put an assignment draft away"),
    # activities
    "activity_recorded": _("recorded an activity"),
    "activity_changed": _("changed an activity"),
    "activity_taken_back": _("took an activity back"),
    "activity_restored": _("restored an activity"),
    "activity_attended": _("put people on the list of an activity"),
    "attendance_removed": _("took people off the list of an activity"),
    "activity_counted": _("counted an activity instead of naming"),
    # units in difficulty
    "difficulty_entered": _("put a unit on the list of those in difficulty"),
    "difficulty_left": _("recorded that a unit left difficulty"),
    "difficulty_returned": _("took back that a unit left difficulty"),
    # papers of the file
    "paper_added": _("added a paper to the file"),
    "paper_changed": _("changed a paper of the file"),
    "paper_checked": _("checked a paper complete"),
    "paper_unchecked": _("took back that a paper is complete"),
    "paper_taken_out": _("took a paper out of the file"),
    "papers_issued": _("handed papers out"),
    "papers_brought": _("brought many scans at once"),
    "page_taken_off": _("took a scan off a paper"),
    "paper_read": _("opened a scan of a paper"),
    "papers_exported": _("took the scans of a file along"),
    # visits
    "visit_recorded": _("recorded a visit"),
    "visits_recorded": _("recorded visits from a list"),
    "visit_changed": _("changed a visit"),
    "visit_taken_back": _("took a visit back"),
    "visit_signed": _("had a visit signed"),
    "problem_solved": _("solved a problem"),
    "photos_added": _("added photographs to a visit"),
    "photo_removed": _("removed a photograph of a visit"),
    # funds and the ledger
    "fund_opened": _("opened a fund"),
    "fund_changed": _("changed a fund"),
    "fund_closed": _("closed a fund"),
    "fund_reopened": _("reopened a fund"),
    "inflow_recorded": _("recorded an inflow"),
    "inflow_taken_back": _("took an inflow back"),
    "aid_recorded": _("recorded aid"),
    "aid_changed": _("changed a row of the ledger"),
    "aid_voided": _("voided a row of the ledger"),
    # rosters and papers
    "roster_uploaded": _("uploaded a roster"),
    "roster_imported": _("imported a roster"),
    "roster_discarded": _("discarded a roster"),
    "roster_headings_confirmed": _("confirmed the headings of a roster"),
    "roster_corrected": _("corrected a cell of a roster"),
    "roster_same_families": _("said that families of a roster are those on file"),
    "roster_other_families": _("said that families of a roster are others than those on file"),
    "roster_words_decided": _("decided where a roster wins over the file"),
    "roster_warnings_seen": _("looked at warnings of a roster"),
    "heading_added": _("added a heading of rosters"),
    "heading_changed": _("changed a heading of rosters"),
    "heading_removed": _("took out a heading of rosters"),
    "roster_undone": _("undid the import of a roster"),
    "list_uploaded": _("uploaded a list"),
    "list_columns_said": _("said what the columns of a list mean"),
    "list_imported": _("imported a list"),
    "list_discarded": _("put a list away"),
    "report_printed": _("made a report"),
    "paper_printed": _("printed a paper of a household"),
    "papers_asked": _("asked for papers of many households"),
    "papers_made": _("had papers of many households made"),
    "papers_fetched": _("fetched papers of many households"),
    "papers_removed": _("took papers of many households away"),
    # work in the background
    "job_cancelled": _("called work in the background off"),
}

# Names of facts in `detail`. A fact whose value is [old, new] inside `changed` is a field.
FACTS = {
    "bytes": _("bytes"),
    "sheet_row": _("row"),
    "held_back": _("files left as they are"),
    "families": _("families"),
    "file_wins": _("the roster wins in"),
    "seen": _("warnings looked at"),
    "address": _("from the address"),
    "units": _("units moved along"),
    "parent": _("parent unit"),
    "unit": _("unit"),
    "role": _("role"),
    "code": _("code"),
    "name": _("name"),
    "full_name": _("name"),
    "phone": _("phone"),
    "kind": _("kind"),
    "level": _("level"),
    "keeps_files": _("keeps household files"),
    "head": _("person in charge"),
    "closed_on": _("closed on"),
    "list": _("list"),
    "item": _("item"),
    "label": _("item"),
    "part": _("part"),
    "category": _("category"),
    "basis": _("basis"),
    "value": _("value"),
    "series": _("series"),
    "strict": _("must lie above the line"),
    "exit_label": _("leaving is called"),
    "valid_from": _("valid from"),
    "year": _("year"),
    "source": _("source"),
    "target": _("target"),
    "title": _("wording in the plan"),
    "indicator": _("indicator"),
    "params": _("parameters"),
    "measure": _("unit of measure"),
    "starts_on": _("first day"),
    "ends_on": _("last day"),
    "due_on": _("due on"),
    "planned_years": _("years first planned"),
    "achieved_on": _("achieved on"),
    "as_of": _("as-of day"),
    "mode_label": _("slogan"),
    "round_no": _("round"),
    "previous": _("round before"),
    "lead_unit": _("lead unit"),
    "counting_unit": _("counts"),
    "consolidation_until": _("consolidation until"),
    "helping_day": _("helping day of the month"),
    "programme": _("programme"),
    "stage": _("stage"),
    "members": _("members"),
    "same_members": _("members in both files"),
    "filled": _("filled from the other file"),
    "took": _("file merged in"),
    "into": _("merged into"),
    "kept": _("kept"),
    "new": _("new file"),
    "was": _("from"),
    "to": _("to"),
    "why": _("reason for closing"),
    "on": _("day"),
    "field": _("field"),
    "fields": _("fields"),
    "confirmed": _("warnings confirmed"),
    "helper": _("who helps"),
    "scheme": _("scheme"),
    "part_in_pair": _("part in the pair"),
    "pairs": _("pairs"),
    "activity_kind": _("kind of activity"),
    "people": _("people"),
    "names": _("names replaced"),
    "full_time_staff": _("full-time staff, 人"),
    "model_worker_run": _("founded by a model worker"),
    "honour": _("collective honour"),
    "in_difficulty": _("in difficulty"),
    "out_of_difficulty_on": _("left difficulty on"),
    "occasion": _("occasion"),
    "service": _("what was done"),
    "photos": _("photographs"),
    "signed": _("signed by the household"),
    "headcount": _("people visited, 人次"),
    "visits": _("visits"),
    "leave_reason": _("reason for leaving"),
    "end_reason": _("reason for ending"),
    "aid_kind": _("kind of aid"),
    "inflow_kind": _("kind of inflow"),
    "form": _("form"),
    "amount": _("amount"),
    "rows": _("rows"),
    "household": _("file number"),
    "out": _("taken out of the draft"),
    "lines": _("lines accepted"),
    "households": _("households exported"),
    "columns": _("columns"),
    "filters": _("conditions set"),
    "created": _("new rows"),
    "updated": _("changed rows"),
    "refused": _("refused rows"),
    "file": _("file name"),
    "paper": _("paper"),
    "format": _("format"),
    "all_of": _("all of these"),
    "one_of": _("at least one of these"),
    "papers": _("papers"),
    "scans": _("scans"),
    "issued_on": _("issued on"),
}


# Words for the codes that stand as values: {"role": {"clerk": "clerk", …}}. The rooms fill it.
_values = {}


def name_values(fact, words):
    """Tell what the codes of a fact are called; `words` is {code: word} or a TextChoices."""
    pairs = words.items() if isinstance(words, dict) else words.choices
    _values.setdefault(fact, {}).update(pairs)


def deed_word(deed):
    return DEEDS.get(deed, deed)


def fact_word(name):
    return FACTS.get(name, name)


def value_words(fact, value):
    """A value as a page says it: codes by their word, several joined, nothing as a dash."""
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, list):
        return "、".join(value_words(fact, one) for one in value)
    known = _values.get(fact, {})
    if value in known:
        return str(known[value])
    # "income.before.2010": each part has its own word.
    return (
        " ".join(str(known.get(part, part)) for part in str(value).split("."))
        if (fact == "fields")
        else str(value)
    )


def describe(entry):
    """The facts of an entry as (name, old or None, new), for a page to lay out."""
    told = []
    for name, value in entry.detail.items():
        if name == "changed" and isinstance(value, dict):
            for field, (old, new) in value.items():
                told.append((fact_word(field), value_words(field, old), value_words(field, new)))
        else:
            told.append((fact_word(name), None, value_words(name, value)))
    return told
