"""The proposal itself, on plain values: limits, numbers, balance, reasons."""

from collections import Counter, defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pairings.assignment import proposing
from pairings.assignment.proposing import propose
from pairings.assignment.tree import common, steps
from pairings.assignment.wanted import Aim, Carer, Family, Lack, Reason

PATHS = ["/B/", "/B/R/", "/B/R/1/", "/B/R/2/", "/B/H/", "/B/H/1/", "/B/H/1/x/"]
paths = st.sampled_from(PATHS)


@st.composite
def offices(draw):
    carers = [
        Carer(
            100 + n, draw(paths), draw(st.sampled_from(["", "cadre"])),
            draw(st.integers(0, 3)), draw(st.integers(1, 4)),
        )
        for n in range(draw(st.integers(0, 8)))
    ]  # fmt: skip
    keys = [carer.key for carer in carers]
    families = [
        Family(
            n, draw(paths), draw(st.integers(1, 3)), draw(st.sampled_from([1, 3])),
            frozenset(draw(st.lists(st.sampled_from(keys), max_size=2))) if keys else frozenset(),
        )
        for n in range(draw(st.integers(0, 15)))
    ]  # fmt: skip
    return families, carers


@settings(max_examples=150, deadline=None)
@given(offices(), st.sampled_from(Aim), st.booleans())
def test_no_limit_is_ever_broken(office, aim, looks_near_only):
    families, carers = office
    before = proposing.EVERY_WAY
    proposing.EVERY_WAY = 0 if looks_near_only else before
    try:
        proposal = propose(families, carers, aim=aim)
    finally:
        proposing.EVERY_WAY = before

    asked, room = {one.key: one for one in families}, {one.key: one.room for one in carers}
    taken = Counter(match.helper for match in proposal.matches)
    of_family = defaultdict(list)
    for match in proposal.matches:
        of_family[match.family].append(match.helper)
        assert match.helper not in asked[match.family].not_by
    assert all(n <= room[key] for key, n in taken.items())
    assert all(len(set(who)) == len(who) for who in of_family.values())
    missing = {left.family: left.missing for left in proposal.left}
    for family in families:
        assert len(of_family[family.key]) + missing.get(family.key, 0) == family.need
    firsts = Counter(match.family for match in proposal.matches if match.is_first)
    assert set(firsts.values()) <= {1}
    assert set(firsts) == {key for key, who in of_family.items() if who}


@settings(max_examples=60, deadline=None)
@given(offices(), st.randoms())
def test_the_same_office_gets_the_same_proposal(office, chance):
    families, carers = office

    first = propose(families, carers)
    chance.shuffle(families)
    chance.shuffle(carers)

    assert propose(families, carers) == first


@settings(max_examples=60, deadline=None)
@given(offices())
def test_nobody_is_left_over_while_somebody_may_help(office):
    families, carers = office
    alone = [Family(one.key, one.path) for one in families]

    proposal = propose(alone, carers)

    assert len(proposal.matches) == min(len(alone), sum(one.room for one in carers))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 9), st.lists(paths, min_size=1, max_size=1))
def test_helpers_of_one_unit_have_the_same_to_do_but_for_one(n, helpers, where):
    families = [Family(key, where[0]) for key in range(n)]
    carers = [Carer(100 + key, where[0], "ab"[key % 2], 0, 50) for key in range(helpers)]

    loads = Counter(match.helper for match in propose(families, carers).matches)

    whole, rest = divmod(n, helpers)
    assert (
        sorted(loads[one.key] for one in carers) == [whole] * (helpers - rest) + [whole + 1] * rest
    )


def test_who_has_much_already_gets_less():
    carers = [Carer(1, "/B/", load=3), Carer(2, "/B/", load=0)]

    matches = propose([Family(n, "/B/") for n in range(3)], carers).matches

    assert Counter(match.helper for match in matches) == {2: 3}


def test_the_aim_weighs_near_against_even():
    families = [Family(n, "/B/R/1/") for n in range(4)]
    carers = [Carer(1, "/B/R/1/", limit=5), Carer(2, "/B/R/2/", limit=5)]

    def loads(aim):
        return Counter(match.helper for match in propose(families, carers, aim=aim).matches)

    assert loads(Aim.NEAR) == {1: 4}
    assert loads(Aim.BOTH) == {1: 3, 2: 1}
    assert loads(Aim.EVEN) == {1: 2, 2: 2}


def test_each_choice_says_why():
    families = [Family(n, "/B/R/1/") for n in range(3)] + [Family(9, "/B/H/")]
    carers = [Carer(1, "/B/R/1/", limit=1), Carer(2, "/B/R/2/", limit=1), Carer(3, "/B/", limit=9)]

    matches = {m.helper: m for m in propose(families, carers, aim=Aim.NEAR).matches if m.family < 9}
    (far,) = (m for m in propose(families, carers).matches if m.family == 9)

    assert matches[1].reason is Reason.SAME_UNIT
    assert matches[2].reason is Reason.NEARER_FULL
    assert (matches[2].common, matches[2].steps) == ("/B/R/", 2)
    assert (matches[1].load_after, matches[1].limit) == (1, 1)
    assert far.reason is Reason.NEAREST


def test_who_helps_further_away_to_even_out_says_so():
    families = [Family(n, "/B/R/") for n in range(2)]
    carers = [Carer(1, "/B/R/", load=3), Carer(2, "/B/H/", load=0)]

    reasons = {m.helper: m.reason for m in propose(families, carers, aim=Aim.EVEN).matches}

    assert reasons == {2: Reason.EVENS_OUT}


@pytest.mark.parametrize(
    ("carers", "not_by", "lack"),
    [
        ([], (), Lack.NO_HELPERS),
        ([Carer(1, "/B/", load=5)], (), Lack.ALL_FULL),
        ([Carer(1, "/B/")], (1,), Lack.NOT_ALLOWED),
    ],
)
def test_who_is_left_over_hears_why(carers, not_by, lack):
    (left,) = propose([Family(7, "/B/", not_by=frozenset(not_by))], carers).left

    assert (left.family, left.missing, left.lack) == (7, 1, lack)


def test_where_there_are_too_few_the_weighty_come_first_and_nobody_gets_two_before():
    families = [Family(1, "/B/", need=2), Family(2, "/B/", need=2, weight=3), Family(3, "/B/")]
    carers = [Carer(9, "/B/", limit=2), Carer(8, "/B/H/", limit=1)]

    matches = propose(families, carers).matches

    assert sorted(match.family for match in matches) == [1, 2, 3]
    few = propose(families, carers[1:]).matches
    assert [match.family for match in few] == [2]


@pytest.mark.parametrize(
    ("one", "other", "above", "far"),
    [
        ("/B/", "/B/", "/B/", 0),
        ("/B/R/1/", "/B/", "/B/", 2),
        ("/B/R/1/", "/B/R/2/", "/B/R/", 2),
        ("/A/", "/B/", "/", 2),
    ],
)
def test_the_way_along_the_tree(one, other, above, far):
    assert (common(one, other), steps(one, other)) == (above, far)
