"""Minimal winning coalitions and the indices of Deegan and Packel and of Holler."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multipolar.measures.power import minimal
from multipolar.measures.power.kinds import kinds_of
from multipolar.measures.power.minimal import deegan_packel, holler, minimal_winning
from multipolar.rules.form import At, Every, Form, Some
from multipolar.rules.game import Game

HUGE = 10**25


def weighted(quota, *weights):
    """A game of one quota; players of equal weight are one kind."""
    return Form(tuple(map(str, range(len(weights)))), (weights,), (weights,), At(0, quota))


@st.composite
def forms(draw):
    """Forms of up to 7 players and 3 criteria, nested at random; weights small, equal or huge."""
    n, criteria = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    weight = st.integers(0, draw(st.sampled_from((1, 3, 10, HUGE))))
    rows = tuple(tuple(draw(weight) for _ in range(n)) for _ in range(criteria))
    leaf = st.integers(0, criteria - 1).flatmap(
        lambda k: st.builds(At, st.just(k), st.integers(0, sum(rows[k]) + 1))
    )
    several = st.lists(leaf, min_size=2, max_size=3).map(tuple)
    formula = st.recursive(
        leaf | st.booleans(),
        lambda part: st.builds(Every, st.tuples(part, part)) | st.builds(Some, several),
        max_leaves=5,
    )
    return Form(tuple(map(str, range(n))), rows, rows, draw(formula))


def all_minimal(form):
    """The twin: every coalition that wins and loses without any one of its members."""
    n = len(form.players)
    return [
        own
        for size in range(n + 1)
        for own in combinations(range(n), size)
        if form.wins(own) and not any(form.wins(set(own) - {i}) for i in own)
    ]


@settings(max_examples=150, deadline=None)
@given(forms())
def test_both_ways_of_counting_find_the_coalitions_that_enumeration_finds(form):
    expected = all_minimal(form)
    by_kind = minimal._by_kind(form, kinds_of(form))
    assert by_kind == minimal._by_mask(form)
    assert list(by_kind.listed) == expected
    assert by_kind.count == len(expected)
    n = len(form.players)
    for i in range(n):
        sizes = [sum(i in own and len(own) == size for own in expected) for size in range(n + 1)]
        assert list(by_kind.by_player_and_size[i]) == sizes
        assert by_kind.by_player[i] == sum(sizes)


@settings(max_examples=100, deadline=None)
@given(forms())
def test_indices_are_what_their_definitions_say(form):
    expected, found = all_minimal(form), minimal_winning(form)
    shares = [Fraction(0)] * len(form.players)
    for own in expected:
        for i in own:
            shares[i] += Fraction(1, len(own) * len(expected))
    assert list(deegan_packel(found)) == shares
    members = sum(map(len, expected))
    often = [sum(i in own for own in expected) for i in range(len(form.players))]
    assert list(holler(found)) == [Fraction(own, members) if members else 0 for own in often]
    assert sum(holler(found)) == sum(shares) == (1 if members else 0)


@pytest.mark.parametrize(
    ("form", "sixtieths", "public"),
    [
        # Holler and Illing, Einführung in die Spieltheorie (2006), 6.3.3 and 6.3.4, as quoted and
        # recomputed by the R package CoopGame.
        (weighted(51, 35, 20, 15, 15, 15), (18, 9, 11, 11, 11), (16, 8, 12, 12, 12)),
        # The vignette of CoopGame.
        (weighted(9, 6, 4, 1, 1, 1), (22.5, 15, 7.5, 7.5, 7.5), (20, 10, 10, 10, 10)),
        # By hand: {0, 1} and {0, 2}.
        (weighted(4, 3, 2, 1), (30, 15, 15), (30, 15, 15)),
        # The six of 1958, by hand: {4, 4, 4} and three times {4, 4, 2, 2}; the last is a dummy.
        (weighted(12, 4, 4, 4, 2, 2, 1), (12.5, 12.5, 12.5, 11.25, 11.25, 0), (12,) * 5 + (0,)),
    ],
)
def test_textbook_games(form, sixtieths, public):
    found = minimal_winning(form)
    assert deegan_packel(found) == tuple(Fraction(v) / 60 for v in sixtieths)
    assert holler(found) == tuple(Fraction(v, 60) for v in public)


def test_security_council_shares_a_ninth_for_each_permanent_member():
    found = minimal_winning(weighted(39, *[7] * 5, *[1] * 10))
    assert found.count == len(found.listed) == 210
    assert found.listed[0] == (0, 1, 2, 3, 4, 5, 6, 7, 8)
    assert deegan_packel(found) == (Fraction(1, 9),) * 5 + (Fraction(4, 90),) * 10
    assert holler(found) == deegan_packel(found)


def test_equal_members_have_equal_shares_however_many_they_are():
    found = minimal_winning(weighted(97, *[1] * 193))
    assert set(deegan_packel(found)) == set(holler(found)) == {Fraction(1, 193)}
    assert found.listed is None


def test_most_players_that_all_differ_are_counted_and_one_more_is_not():
    weights = [2**31 + 7 * i * i for i in range(minimal.PLAYERS)]
    half = len(weights) // 2
    found = minimal_winning(weighted(sum(sorted(weights)[-half:]), *weights))
    # The heaviest half is just enough; everything else needs one player more.
    assert [found.by_player_and_size[i][half] for i in (0, half - 1, half, -1)] == [0, 0, 1, 1]
    assert sum(deegan_packel(found)) == 1
    assert minimal_winning(weighted(2**40, *weights, 1)) is None


def test_weights_beyond_64_bits_are_not_rounded():
    # The pair (0, 1) fails by one in 10**25; only with the last player is it enough.
    found = minimal_winning(weighted(2 * HUGE + 1, HUGE, HUGE, 1))
    assert found.listed == ((0, 1, 2),)


def test_rules_that_nothing_changes_give_no_shares():
    for formula, count in ((True, 1), (False, 0)):
        found = minimal_winning(Form(("a", "b"), (), (), formula))
        assert found.count == count
        assert deegan_packel(found) == holler(found) == (0, 0)
    assert minimal_winning(Form((), (), (), True)).listed == ((),)


def test_a_member_with_a_veto_belongs_to_every_minimal_coalition():
    found = minimal_winning(Game.of(["A", "B", "C", "D"], 'veto({"A"}) & count(2)').form())
    assert found.listed == ((0, 1), (0, 2), (0, 3))
    assert holler(found)[0] == Fraction(1, 2)
