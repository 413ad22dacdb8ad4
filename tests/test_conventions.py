"""Rules a machine can keep. A new URL, role, model or template is asked without being named here."""

import difflib
import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as office
from django.core.management import call_command
from django.db import models

from povertyaid import roles
from povertyaid.org.scoping import ScopedQuerySet
from tests import every_url, factories
from tests.every_url import OBJECT_URLS, PUBLIC, ROWS, URLS, address, answer, words_of

ROLES = tuple(roles.GRANTS)
ELSEWHERE = 10**12  # a key that no row has

# ---- every URL


def test_every_url_has_a_name_of_its_own():
    names = [url.name for url in URLS]

    assert sorted(names) == sorted(set(names))
    assert all(name and not name.endswith(":") for name in names)


def test_every_noun_of_an_address_can_be_made():
    nouns = {url.noun for url in OBJECT_URLS}

    assert nouns == ROWS.keys(), "Say in ROWS of tests/every_url.py how to make such a row."


def test_every_word_of_an_address_is_known():
    without = [url.name for url in URLS if not words_of(url)]

    assert without == [], "Say in WORDS of tests/every_url.py what stands in these addresses."


@pytest.fixture(autouse=True)
def _own_uploads(tmp_path, settings):
    """Rosters that these tests bring go away with them."""
    settings.UPLOADS_DIR = tmp_path / "uploads"


@pytest.fixture
def staff_of(request):
    """The member of the cast with a role, all of them working at Riverside."""

    def find(role):
        person = request.getfixturevalue(role)
        person.unit = request.getfixturevalue("riverside")
        person.save()
        return person

    return find


# ---- the neighbour's row does not exist


@pytest.mark.parametrize("url", OBJECT_URLS, ids=str)
def test_a_neighbours_row_is_answered_like_one_that_does_not_exist(
    client, staff_of, hillside, riverside, programme, url
):
    """Whatever the role, the method and the verb: the same status, and the same page."""
    statuses = set()
    rows = [
        (
            {**row, **words},
            {k: v + ELSEWHERE if isinstance(v, int) else v for k, v in row.items()} | words,
        )
        for row in (make(hillside) for make in ROWS[url.noun])
        for words in words_of(url)
    ]
    for role in filter(lambda role: may(role, url), ROLES):
        client.force_login(staff_of(role))
        for theirs, nobodys in rows:
            for method in ("get", "post"):
                met, missed = (
                    nameless(address(url, **row), *answer(client, method, address(url, **row)))
                    for row in (theirs, nobodys)
                )
                assert met == missed, f"{role} {method}"
                statuses.add(met[0])
    assert 404 in statuses
    assert statuses <= {403, 404, 405}


def nameless(where, status, text):
    """The page without its own address, which stands in its links."""
    return status, text.replace(where, "…")


# ---- nothing of the neighbour shows through


SLOW = {
    "households:print",
    "pairings:activity-print",
    "pairings:activity-sheet",
    "pairings:handbook",
    "pairings:card",
    "pairings:whole-file",
    "reports:paper-file",
}


def look_around(client, own, role, *, quick=True):
    """What every page, total, suggestion, export and report says that the role may open."""
    seen = {}
    for url, where in addresses(own, role, quick):
        for query in every_url.queries_of(url)[: 2 if quick else None]:
            seen[where, str(query)] = answer(client, "get", where, query)
        for sent in every_url.SENT.get(url.name, ()):
            seen[where, str(sent)] = answer(client, "post", where, sent)
    return seen


def addresses(own, role, quick):
    for url in URLS:
        if may(role, url) and not (quick and url.name in SLOW):
            for kwargs in own[url.noun] if url.noun else [{}]:
                for words in words_of(url):
                    yield url, address(url, **kwargs, **words)


@pytest.mark.parametrize("role", ROLES)
def test_a_neighbour_changes_nothing_of_what_one_sees(
    client, staff_of, riverside, hillside, neighbour, programme, role
):
    """Pages are the same, word for word and number for number, before and after."""
    own = {noun: [make(riverside) for make in makers] for noun, makers in ROWS.items()}
    client.force_login(staff_of(role))
    quick = role != "clerk"
    before = look_around(client, own, role, quick=quick)
    every_url.plant(hillside, programme, neighbour)
    after = look_around(client, own, role, quick=quick)

    assert differing(before, after) == {}
    assert leaking(after) == []


def test_what_must_not_show_through_could(
    client, riverside, hillside, neighbour, approver, programme
):
    """The neighbour, asking the same, does see the marks; so the test above has something to miss."""
    approver.unit = hillside
    approver.save()
    own = {noun: [make(hillside) for make in makers] for noun, makers in ROWS.items()}
    every_url.plant(hillside, programme, neighbour)
    seen = set()
    for person in (neighbour, approver):
        client.force_login(person)
        seen |= {where for where, _query in leaking(look_around(client, own, person.role))}

    for name in (
        "households:list", "households:export", "households:review-list", "unit-suggest",
        "pairings:list", "pairings:export", "pairings:helper-list", "pairings:helper-export",
        "pairings:helper-suggest", "pairings:activity-list", "pairings:activity-export",
        "pairings:difficulty-list", "pairings:difficulty-export",
        "pairings:helper-suggest", "pairings:visit-list", "pairings:visit-export",
        "pairings:problem-list", "pairings:visit-choose", "pairings:helping-day",
        "pairings:helping-day-export", "pairings:visit-phone-households",
        "unit-list", "programme-list", "audit-list", "job-list", "place",
    ):  # fmt: skip
        assert address(next(url for url in URLS if url.name == name)) in seen


def test_a_helper_sees_nothing_of_the_households_around(
    client, helper, clerk, riverside, programme
):
    own = {noun: [] for noun in ROWS}
    client.force_login(helper)
    before = look_around(client, own, "helper")
    planted = every_url.plant(riverside, programme, clerk)
    after = look_around(client, own, "helper")

    personal = {planted.head_name, planted.code, planted.address, "7,654,321", "7654321"}
    assert [
        where for where, told in after.items() if any(mark in told[1] for mark in personal)
    ] == []
    lists = address(next(url for url in URLS if url.name == "households:list"))
    assert before[lists, "{}"][0] == after[lists, "{}"][0] == 200


def test_a_helper_sees_the_paired_household_and_nothing_of_those_around(
    client, helper, clerk, riverside, programme
):
    pair = factories.PairingFactory(enrolment=every_url.enrolment_in(riverside, kept={}))
    household = pair.enrolment.household
    entry = factories.HelperFactory(programme=pair.programme, unit=riverside, staff=helper)
    factories.PairingHelperFactory(pairing=pair, helper=entry)
    own = {noun: [] for noun in ROWS} | {
        "households/<int:pk>": [{"pk": household.pk}],
        "pairings/households/<int:pk>": [{"pk": household.pk}],
        "pairings/<int:pk>": [{"pk": pair.pk}],
        "audit/history/<slug:kind>/<int:pk>": [{"kind": "household", "pk": household.pk}],
    }
    client.force_login(helper)
    every_url.plant(riverside, programme, clerk)
    seen = look_around(client, own, "helper")

    card = address(next(url for url in URLS if url.name == "home-card"), name="exits")
    assert {where for (where, _query), (status, _text) in seen.items() if status == 404} == {card}
    told = {
        where
        for (where, _query), (_status, text) in seen.items()
        if household.code in text or entry.name in text
    }
    for name in (
        "households:list",
        "households:detail",
        "pairings:detail",
        "pairings:of_household",
    ):
        url = next(url for url in URLS if url.name == name)
        assert address(url, **own[url.noun][0] if url.noun else {}) in told
    around = {
        "欧阳外场",
        "HIL-SECRET-0077",
        "外场秘密屯九号",
        "外场秘密移交",
        "7,654,321",
        "7654321",
    }
    assert [
        where for where, (_s, text) in seen.items() if any(mark in text for mark in around)
    ] == []


def differing(before, after):
    return {
        where: list(
            difflib.unified_diff(*(seen[where][1].splitlines() for seen in (before, after)), n=0)
        )
        for where in before
        if before[where] != after[where]
    }


def leaking(seen):
    return [
        where
        for where, (_status, text) in seen.items()
        if any(mark in text for mark in every_url.MARKS)
    ]


# ---- who is not signed in


@pytest.mark.parametrize("url", URLS, ids=str)
def test_a_stranger_is_asked_to_sign_in_and_shown_nothing(client, url):
    if url.name in PUBLIC:
        return
    for words in words_of(url):
        keys = {name: 1 for name in url.params if name not in words and name != "kind"}
        kind = {"kind": "household"} if "kind" in url.params else {}
        where = address(url, **keys, **kind, **words)
        for method in ("get", "post"):
            response = getattr(client, method)(where)
            assert (response.status_code, response.content) == (302, b"")
            assert response["Location"].startswith("/sign-in/?next=")
            part = getattr(client, method)(where, headers={"HX-Request": "true"})
            assert (part.status_code, part.content) == (204, b"")
            assert part["HX-Redirect"].startswith("/sign-in/?next=")


def test_only_these_pages_are_open_to_strangers():
    open_pages = {url.name for url in URLS if not getattr(url.view, "login_required", True)}

    assert open_pages == PUBLIC


# ---- who may open what: the verbs of roles.py, page by page

EVERYBODY, OF_THE_ROW = "", "of the row"
NEEDS = {
    EVERYBODY: [
        "home", "home-card", "change-password", "profile", "place", "still-here", "discard-draft",
        *PUBLIC,
    ],
    "households.view_household": [
        "households:list", "households:total", "households:search", "households:columns",
        "households:detail", "households:print", "pairings:handbook", "pairings:card",
        "pairings:whole-file",
    ],
    "households.view_household & households.reveal_person": [
        "pairings:handbook-in-full", "pairings:whole-file-in-full",
    ],
    "households.view_household & households.export_household": [
        "pairings:papers-of-households", "pairings:papers-of-pairs",
    ],
    "households.export_household": ["households:export"],
    "households.export_household & households.import_roster": ["households:export-editable"],
    "households.add_household": ["households:create"],
    "households.change_household": [
        "households:edit", "households:close", "households:reopen", "households:move",
        "households:merge", "households:split", "households:designation-add",
        "households:designation-end", "households:income-add", "households:income-change",
    ],
    "households.view_dossieritem": [
        "households:papers", "households:paper", "households:scan", "households:dossier-list",
    ],
    "households.view_dossieritem & reports.view_report": ["households:dossier-units"],
    "households.view_dossieritem & households.export_household": [
        "households:papers-archive", "households:dossier-units-file",
    ],
    "households.change_dossieritem": [
        "households:paper-add", "households:paper-edit", "households:paper-scans",
        "households:paper-take-out", "households:paper-issued", "households:papers-issue",
        "households:papers-bring", "households:scan-take-off",
    ],
    "households.check_dossieritem": ["households:paper-check", "households:paper-uncheck"],
    "households.reveal_person": ["households:reveal-household", "households:reveal-member"],
    "households.propose_review": ["households:propose-identification", "households:propose-exit"],
    "households.propose_review | households.decide_review": [
        "households:review-list", "households:review-decide",
    ],
    "households.import_roster": [
        "households:roster-list", "households:roster-upload", "households:roster-detail",
        "households:roster-commit", "households:roster-discard", "households:roster-errors",
        "households:roster-headings", "households:roster-correct", "households:roster-again",
        "households:roster-families", "households:roster-decide", "households:roster-undo",
        "households:roster-marked", "households:roster-original", "households:roster-missing",
        "households:roster-returned", "households:roster-held-back", "households:roster-template",
    ],
    "households.change_rosterheading": [
        "households:heading-list", "households:heading-create", "households:heading-edit",
        "households:heading-remove",
    ],
    "pairings.view_helper": ["pairings:helper-list", "pairings:helper-detail"],
    "pairings.add_helper": ["pairings:helper-create"],
    "pairings.change_helper": [
        "pairings:helper-edit", "pairings:helper-leave", "pairings:helper-return",
    ],
    "pairings.add_helper & pairings.change_helper": [
        "pairings:helper-import-list", "pairings:helper-import-new",
        "pairings:helper-import-template", "pairings:helper-import-detail",
        "pairings:helper-import-columns", "pairings:helper-import-commit",
        "pairings:helper-import-discard", "pairings:helper-import-again",
    ],
    "pairings.add_helper & pairings.change_helper & households.export_household": [
        "pairings:helper-import-refused",
    ],
    "pairings.view_helper & households.export_household": ["pairings:helper-export"],
    "pairings.view_pairing": ["pairings:list", "pairings:detail", "pairings:of_household"],
    "pairings.view_pairing & households.export_household": ["pairings:export"],
    "pairings.change_pairing & households.export_household": ["pairings:assignment-export"],
    "pairings.change_pairing": [
        "pairings:unpaired", "pairings:choose", "pairings:create", "pairings:create-for-unit",
        "pairings:join", "pairings:release", "pairings:hand-over", "pairings:end",
        "pairings:reopen", "pairings:helper-suggest", "pairings:helper-hand-over",
        "pairings:assignment-list", "pairings:assignment-create", "pairings:assignment-detail",
        "pairings:assignment-suggest", "pairings:assignment-accept", "pairings:assignment-drop",
        "pairings:assignment-print", "pairings:assignment-choose", "pairings:assignment-take-out",
        "pairings:assignment-put-back",
        "pairings:difficulty-enter", "pairings:difficulty-leave", "pairings:difficulty-return",
    ],
    "pairings.view_activity": [
        "pairings:activity-list", "pairings:activity-detail", "pairings:activities-of-household",
    ],
    "pairings.view_activity & pairings.view_helper": ["pairings:activities-of-helper"],
    "pairings.view_activity & households.export_household": [
        "pairings:activity-export", "pairings:activity-print", "pairings:activity-sheet",
    ],
    "pairings.add_activity": ["pairings:activity-create", "pairings:activity-sheet-new"],
    "pairings.change_activity": [
        "pairings:activity-edit", "pairings:activity-take-back", "pairings:activity-restore",
        "pairings:activity-count", "pairings:activity-attend", "pairings:activity-leave-off",
    ],
    "pairings.view_visit": [
        "pairings:visit-list", "pairings:visit-total", "pairings:visit-detail",
        "pairings:problem-list", "pairings:visit-photo", "pairings:visit-signature",
        "pairings:helping-day",
        "pairings:visits_of_household", "pairings:visits_of_helper", "pairings:visits_of_pair",
    ],
    "pairings.view_visit & households.export_household": [
        "pairings:visit-export", "pairings:helping-day-export",
    ],
    "pairings.add_visit": [
        "pairings:visit-choose", "pairings:visit-create", "pairings:visit-phone",
        "pairings:visit-phone-worker", "pairings:visit-phone-ready",
        "pairings:visit-phone-households", "pairings:visit-phone-send",
    ],
    "pairings.count_visit": ["pairings:visit-count", "pairings:visit-day"],
    "pairings.change_visit": [
        "pairings:visit-edit", "pairings:visit-take-back", "pairings:visit-solve",
        "pairings:visit-photos", "pairings:visit-photo-remove", "pairings:visit-sign",
    ],
    "disbursements.view_disbursement": [
        "disbursements:ledger", "disbursements:detail", "disbursements:of_household",
    ],
    "disbursements.view_disbursement & households.export_household": ["disbursements:export"],
    "disbursements.change_disbursement": [
        "disbursements:to-whom", "disbursements:create", "disbursements:create-counted",
        "disbursements:edit", "disbursements:void",
    ],
    "disbursements.view_disbursement & disbursements.change_disbursement": [
        "disbursements:import-list", "disbursements:import-new", "disbursements:import-template",
        "disbursements:import-detail", "disbursements:import-columns",
        "disbursements:import-commit", "disbursements:import-discard",
        "disbursements:import-again",
    ],
    "disbursements.view_disbursement & disbursements.change_disbursement & households.export_household": [
        "disbursements:import-refused",
    ],
    "disbursements.view_fund": ["disbursements:fund-list", "disbursements:fund-detail"],
    "disbursements.change_fund": [
        "disbursements:fund-create", "disbursements:fund-edit", "disbursements:fund-close",
        "disbursements:fund-reopen", "disbursements:receive", "disbursements:take-back",
    ],
    "reports.view_report": ["reports:list", "reports:paper", "reports:paper-file"],
    "reports.view_report & households.view_household": ["reports:rows"],
    "org.view_orgunit": [
        "unit-list", "unit-detail", "unit-children", "unit-suggest", "pairings:difficulty-list",
    ],
    "org.view_orgunit & households.export_household": ["pairings:difficulty-export"],
    "org.view_orgunit & pairings.view_pairing": ["pairings:of-unit"],
    "org.add_orgunit": ["unit-create"],
    "org.change_orgunit": ["unit-edit", "unit-move", "unit-close", "unit-reopen"],
    "org.view_staff": ["staff-list", "staff-detail"],
    "org.add_staff": ["staff-create"],
    "org.change_staff": [
        "staff-edit", "staff-switch-off", "staff-switch-on", "staff-unlock",
        "staff-reset-password",
    ],
    "programmes.view_programme": ["programme-list", "programme-detail", "households:rules"],
    "programmes.add_programme": ["programme-create"],
    "programmes.change_programme": [
        "programme-edit", "item-create", "item-edit", "item-up", "item-down", "item-remove",
        "line-create", "line-edit", "line-remove", "value-create", "value-edit",
        "households:rules-set-up", "households:rule-edit",
    ],
    "programmes.change_target": ["target-create", "target-edit", "target-remove"],
    "audit.view_entry": ["audit-list", "audit-export", "audit-row"],
    "jobs.view_job": ["job-list", "job-detail", "job-bar", "pairings:papers"],
    "jobs.cancel_job": ["job-cancel"],
    OF_THE_ROW: [
        "history",  # asked of the kind in its address, see tests/web/test_audit.py
        # of one's own alone, see tests/pairings/test_papers_in_one_go.py
        "pairings:papers-volume", "pairings:papers-folders", "pairings:papers-remove",
    ],
}  # fmt: skip


def test_every_url_says_who_may_open_it():
    assert sorted(name for names in NEEDS.values() for name in names) == sorted(
        url.name for url in URLS
    ), "Put each new URL under its permission in NEEDS."


def may(role, url):
    """`a | b`: either verb opens the page; `a & b`: it takes both."""
    verbs = next(verbs for verbs, names in NEEDS.items() if url.name in names)
    if verbs in {EVERYBODY, OF_THE_ROW}:
        return True
    return any(
        all(verb in roles.permissions_of(role) for verb in both.split(" & "))
        for both in verbs.split(" | ")
    )


@pytest.mark.parametrize("url", URLS, ids=str)
def test_a_role_opens_what_its_verbs_allow_and_nothing_else(
    client, staff_of, riverside, programme, url
):
    if url.name in NEEDS[OF_THE_ROW]:
        return
    rows = [make(riverside) for make in ROWS[url.noun]] if url.noun else [{}]
    where = [address(url, **row, **words) for row in rows for words in words_of(url)]
    for role in ROLES:
        client.force_login(staff_of(role))
        for one in where:
            assert opened(client, url, one) in allowed(role, url), role


def allowed(role, url):
    if not may(role, url):
        return {403}
    # No household is paired with this helper; a card of another role does not exist.
    return {200, 204, 302} | ({404} if role == "helper" or url.name == "home-card" else set())


def opened(client, url, where):
    """The status of a page, or of the deed that has no page."""
    status, _text = answer(client, "get", where, every_url.queries_of(url)[0])
    if status == 405:
        status, _text = answer(client, "post", where)
    return status


# ---- roles


SOURCES = [
    path
    for folder in ("povertyaid", "households", "pairings", "disbursements", "reports", "templates")
    for path in sorted((office.BASE_DIR / folder).rglob("*"))
    if path.suffix in {".py", ".html"} and "migrations" not in path.parts
]
ROOMS = (
    *("org", "audit", "programmes", "jobs"),
    *("households", "pairings", "disbursements", "reports"),
)
VERB = re.compile(rf"\b(?:{'|'.join(ROOMS)})\.[a-z]+_[a-z]+\b")


def test_roles_grant_what_somebody_asks_and_nobody_asks_what_no_role_grants():
    granted = set().union(*roles.GRANTS.values())
    asked = set()
    for path in SOURCES:
        if path.name == "roles.py":
            continue
        text = path.read_text()
        asked |= {
            verb.removeprefix("perms.")
            for pattern in (
                r"perms\.(\w+\.\w+)",
                r"has_perm\(\s*\"(\w+\.\w+)\"",
                r"permission(?:_required)?\s*=\s*\"(\w+\.\w+)\"",
                r"permission_required\(\s*\"(\w+\.\w+)\"",
                r"Link\([^)]*?\"(\w+\.[a-z]+_[a-z]+)\"",
            )
            for verb in re.findall(pattern, text)
        }

    assert asked == granted


# ---- models

OURS = {
    *("org", "audit", "programmes", "jobs", "web"),
    *("households", "pairings", "disbursements", "reports"),
}
MODELS = [
    model
    for model in apps.get_models()
    if model._meta.app_label in OURS and not hasattr(model, "pgh_tracked_model")
]
# A registry without a unit, asked through one function that answers no rows of other units.
WITHOUT_SCOPE = {"households.IdentityClaim"}


def of_models(found):
    return pytest.mark.parametrize("model", found, ids=lambda model: model._meta.label)


@of_models([model for model in MODELS if model._meta.label not in WITHOUT_SCOPE])
def test_every_row_knows_the_unit_it_belongs_to(model):
    at = model
    *way, last = model.scope_path.split("__")
    for name in way:
        at = at._meta.get_field(name).related_model

    assert isinstance(model._default_manager.all(), ScopedQuerySet)
    assert last.endswith("path")
    assert at._meta.get_field(last).db_collation == "C"  # or a prefix would find no index


# When nobody did it: the person is the row itself, or the database, or the worker.
NOBODYS_DEED = {
    "Staff.joined_at",
    "Staff.password_changed_at",
    "Household.updated_at",
    "Job.stage_at",
    "Job.started_at",
    "Job.moved_at",
    "Job.finished_at",
}


def test_what_has_a_moment_has_a_hand():
    lonely = [
        f"{model.__name__}.{field.name}"
        for model in MODELS
        for field in model._meta.fields
        if re.search(r"(^|_)at$", field.name)
        and re.sub(r"at$", "by", field.name) not in {f.name for f in model._meta.fields}
    ]

    assert set(lonely) == NOBODYS_DEED


@of_models(MODELS)
def test_every_choice_is_held_by_the_database(model):
    """The list of the constraint is the list of the form, or a value could be kept that no page offers."""
    for field in model._meta.fields:
        if field.choices:
            offered = {value for value, _label in field.flatchoices}
            assert offered in held(model, field.name), f"{field.name}: no constraint with {offered}"


def held(model, name):
    """For each check constraint of a model, the values that it names for a field."""
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            values = set()
            for lookup, value in parts_of(constraint.condition):
                if lookup in {name, f"{name}__in"}:
                    values |= {value} if lookup == name else set(value)
            yield values - {None}


def parts_of(condition):
    for child in condition.children:
        if isinstance(child, tuple):
            yield child
        elif hasattr(child, "children"):
            yield from parts_of(child)


@of_models(MODELS)
def test_every_model_says_what_it_is_in_the_world(model):
    said = inspect.getdoc(model) or ""

    assert said
    assert not said.startswith(f"{model.__name__}(")  # Django's own words


def test_migrations_have_names_that_tell_and_none_is_missing():
    unnamed = [
        path.name
        for path in office.BASE_DIR.rglob("migrations/0*.py")
        if ".venv" not in path.parts and "auto" in path.stem
    ]

    assert unnamed == []
    call_command("makemigrations", check=True, dry_run=True, verbosity=0, interactive=False)


# ---- templates

TEMPLATES = {
    path.relative_to(office.BASE_DIR / "templates").as_posix(): path
    for path in sorted((office.BASE_DIR / "templates").rglob("*.html"))
}
BY_NAME = {
    "households/rosterfamily_list.html",
    "households/_rosterfamily_rows.html",
    "403.html",
    "404.html",
    "500.html",
}  # Django looks for these itself


def named_by_pages():
    """Templates that the generic pages find by the name of the model."""
    for url in URLS:
        page = getattr(url.view, "view_class", None)
        model = getattr(page, "model", None) or getattr(
            getattr(page, "queryset", None), "model", None
        )
        if model:
            app, noun = model._meta.app_label, model._meta.model_name
            shapes = ("{}_list", "_{}_rows", "{}_detail", "{}_form")
            yield from (f"{app}/{shape.format(noun)}.html" for shape in shapes)


def test_no_template_lies_unused():
    named = set(named_by_pages()) | BY_NAME
    for path in SOURCES:
        named |= set(re.findall(r"[\w/.-]+\.html", path.read_text()))

    assert sorted(TEMPLATES.keys() - named) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_libraries_are_loaded_once_and_in_order(name):
    text = TEMPLATES[name].read_text()
    loaded = [word for tag in re.findall(r"{% load ([^%]+) %}", text) for word in tag.split()]

    assert loaded == sorted(set(loaded))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_remark_ends_on_its_line(name):
    """Django shows a remark that goes on over the line to everybody."""
    open_ones = [
        line
        for line in TEMPLATES[name].read_text().splitlines()
        if "{#" in line and "#}" not in line
    ]

    assert open_ones == []


def test_the_folder_of_templates_is_the_one_that_is_asked():
    assert Path(office.TEMPLATES[0]["DIRS"][0]) == office.BASE_DIR / "templates"
