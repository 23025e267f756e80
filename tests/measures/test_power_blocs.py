"""Power with blocs: every way gives what all orders and coalitions that respect the blocs give."""

from __future__ import annotations

import doctest
import random
from collections.abc import Sequence
from fractions import Fraction
from itertools import chain, combinations, permutations, product
from math import factorial, isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from games import NAMES, form_of, games
from multipolar.errors import BadInput
from multipolar.measures.power import blocs, blocs_counts, blocs_table, kernels, plain
from multipolar.measures.power.blocs import merged, partition_of, swings_of, with_blocs
from multipolar.measures.power.indices import indices
from multipolar.rules.form import Form

Partition = tuple[tuple[int, ...], ...]


@st.composite
def forms(draw: st.DrawFn, most: int = 8, big: bool = False) -> tuple[Form, Partition]:
    """A game and some blocs; players who are in none stand alone."""
    form = form_of(draw(games(most=most, big=big)))
    assume(not isinstance(form.formula, bool))
    n = len(form.players)
    label = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    named = [tuple(i for i in range(n) if label[i] == k) for k in range(4)]
    return form, tuple(bloc for bloc in named if bloc)


def subsets(places: Sequence[Any]) -> list[tuple[Any, ...]]:
    return list(chain.from_iterable(combinations(places, k) for k in range(len(places) + 1)))


def by_coalitions(form: Form, partition: Partition) -> tuple[list[Fraction], list[int]]:
    """Owen values and swings from all pairs of other blocs and other members, by definition."""
    owen, swings = [Fraction(0)] * len(form.players), [0] * len(form.players)
    m = len(partition)
    for bloc in partition:
        others = [each for each in partition if each != bloc]
        p = len(bloc)
        for i in bloc:
            for joined in subsets(others):
                for own in subsets([j for j in bloc if j != i]):
                    before = [*chain.from_iterable(joined), *own]
                    if form.wins([*before, i]) and not form.wins(before):
                        t, s = len(joined), len(own)
                        weight = factorial(t) * factorial(m - t - 1)
                        weight *= factorial(s) * factorial(p - s - 1)
                        owen[i] += Fraction(weight, factorial(m) * factorial(p))
                        swings[i] += 1
    return owen, swings


def by_orders(form: Form, partition: Partition) -> list[Fraction]:
    """Owen values as shares of the orders in which the members of a bloc follow one another."""
    pivots, orders = [0] * len(form.players), 0
    for order in permutations(partition):
        for within in product(*(permutations(bloc) for bloc in order)):
            orders += 1
            before: list[int] = []
            for i in chain.from_iterable(within):
                before.append(i)
                if form.wins(before):
                    pivots[i] += 1
                    break
    return [Fraction(count, orders) for count in pivots]


def game_of_bloc(form: Form, partition: Partition, k: int) -> Form:
    others = [bloc for j, bloc in enumerate(partition) if j != k]
    return merged(form, [*others, *((i,) for i in partition[k])])


def test_the_two_definitions_in_these_tests_agree() -> None:
    rng = random.Random(3)
    for _ in range(25):
        members = {name: rng.randint(0, 5) for name in NAMES[:6]}
        quota = rng.randint(1, max(1, sum(members.values())))
        if sum(members.values()) == 0:
            continue
        form = form_of({"members": members, "rule": {"weighted": {"quota": quota}}})
        partition = partition_of(6, rng.choice([[(0, 3, 5)], [(0, 1), (2, 4)], [(1, 2, 3, 4)]]))
        assert by_orders(form, partition) == by_coalitions(form, partition)[0]


@settings(max_examples=120, deadline=None)
@given(forms(most=8, big=True))
def test_power_with_blocs_is_what_the_definition_gives(given: tuple[Form, Partition]) -> None:
    form, named = given
    found = with_blocs(form, named)
    owen, swings = by_coalitions(form, found.blocs)
    assert found.exact
    assert list(found.owen_exact or ()) == owen
    assert list(found.swings or ()) == swings
    assert found.owen == tuple(float(x) for x in owen)
    n = len(form.players)
    size = {i: len(bloc) for bloc in found.blocs for i in bloc}
    m = len(found.blocs)
    assert found.banzhaf_owen == tuple(swings[i] / 2 ** (m + size[i] - 2) for i in range(n))
    assert found.intervals == found.drawn == {}
    assert found.draws == 0


@settings(max_examples=120, deadline=None)
@given(forms(most=7), st.booleans())
def test_the_table_gives_the_owen_value(given: tuple[Form, Partition], plainly: bool) -> None:
    form, named = given
    partition = partition_of(len(form.players), named)
    asked = [k for k, bloc in enumerate(partition) if len(bloc) > 1]
    assume(asked)
    plans = blocs_table.plans_of(form, partition, asked)
    assume(plans)
    owen, swings = by_coalitions(form, partition)
    for plan in plans:
        values = blocs_table.owen_with(plan, 48, plain if plainly else kernels)
        for k, own in zip(asked, values, strict=True):
            expected = [float(owen[i]) for i in partition[k]]
            assert np.allclose(own, expected, rtol=0, atol=1e-13)
    for k in asked:
        counted = swings_of(game_of_bloc(form, partition, k))
        assert counted is not None
        assert list(counted[0][-len(partition[k]) :]) == [swings[i] for i in partition[k]]


def test_the_table_is_exact_with_the_nodes_that_the_degree_asks() -> None:
    rng = random.Random(9)
    weights = {name: rng.randint(1, 60) for name in NAMES[:24]}
    form = form_of({"members": weights, "rule": {"weighted": {"quota": "3/5"}}})
    named = [range(9), range(9, 13)]
    exact = with_blocs(form, named)
    expected = list(exact.quotient.shapley_shubik or ())[:2]
    for plan in blocs_table.plans_of(form, partition_of(24, named), [0, 1]):
        assert blocs_table.needed(plan.outside + 1) == 7
        for nodes, right in ((7, True), (3, False)):
            values = blocs_table.owen_with(plan, nodes, kernels)
            assert np.allclose(values[0], exact.owen[:9], rtol=0, atol=1e-14) == right
            assert np.allclose(values[1], exact.owen[9:13], rtol=0, atol=1e-14) == right
        assert blocs_table.owen_by_table(plan, expected)[1] < 1e-14
        # A sum that cannot be met is said.
        error = blocs_table.owen_by_table(plan, [expected[0], expected[1] - 1e-3])[1]
        assert isclose(error, 1e-3, rel_tol=1e-9)


def test_the_table_keeps_the_columns_that_every_threshold_asks() -> None:
    rng = random.Random(10)
    members = {name: {"weight": rng.randint(1, 60), "people": 1} for name in NAMES[:24]}
    rule = {
        "any": [
            {"all": [{"weighted": {"quota": "3/5"}}, {"count": {"at_least": 15}}]},
            {"weighted": {"quota": "4/5"}},
        ]
    }
    form = form_of({"members": members, "rule": rule})
    named = [range(4), range(5, 9), range(9, 13)]
    exact = with_blocs(form, named)
    assert exact.owen_exact is not None
    for plan in blocs_table.plans_of(form, partition_of(24, named), [0, 1, 2]):
        for bloc, own in zip(named, blocs_table.owen_with(plan, 48, kernels), strict=True):
            assert np.allclose(own, [exact.owen[i] for i in bloc], rtol=0, atol=1e-14)


@settings(max_examples=60, deadline=None)
@given(forms(most=9))
def test_values_of_a_bloc_sum_to_its_power_as_one(given: tuple[Form, Partition]) -> None:
    form, named = given
    found = with_blocs(form, named)
    assert found.owen_exact is not None
    assert found.quotient.shapley_exact is not None
    assert sum(found.owen_exact) == 1
    assert [sum(found.owen_exact[i] for i in bloc) for bloc in found.blocs] == list(
        found.quotient.shapley_exact
    )
    # Blocs as one: the game of the blocs is won by blocs whose members win together.
    game = merged(form, found.blocs)
    for chosen in subsets(range(len(found.blocs))):
        members = [i for k in chosen for i in found.blocs[k]]
        assert game.wins(chosen) == form.wins(members)


@settings(max_examples=60, deadline=None)
@given(forms(most=9, big=True))
def test_without_blocs_or_with_one_of_all_it_is_the_game_itself(
    given: tuple[Form, Partition],
) -> None:
    form, _ = given
    alone = indices(form)
    everyone = range(len(form.players))
    for named in ([], [everyone], [(i,) for i in everyone]):
        found = with_blocs(form, named)
        assert found.owen_exact == alone.shapley_exact
        assert found.swings == alone.swings
        assert found.banzhaf_owen == alone.banzhaf_absolute
        changes = found.against(alone)
        assert set(changes.owen_exact or ()) == {Fraction(0)}
        assert set(changes.owen) == set(changes.banzhaf_owen) == {0.0}


@settings(max_examples=40, deadline=None)
@given(forms(most=7), st.randoms(use_true_random=False))
def test_order_and_idle_players_change_nothing(
    given: tuple[Form, Partition], rng: random.Random
) -> None:
    form, named = given
    found = with_blocs(form, named)
    order = list(range(len(form.players)))
    rng.shuffle(order)
    at = {old: new for new, old in enumerate(order)}
    mixed = with_blocs(merged(form, [(i,) for i in order]), [[at[i] for i in b] for b in named])
    assert [(mixed.owen_exact or ())[at[i]] for i in range(len(order))] == list(
        found.owen_exact or ()
    )
    n = len(order)
    idle = Form(
        (*form.players, "idle", "idler"),
        tuple((*row, 0, 0) for row in form.yes),
        tuple((*row, 0, 0) for row in form.abstain),
        form.formula,
    )
    # One joins the first bloc, one stands alone.
    first = [(*named[0], n), *named[1:]] if named else []
    more = with_blocs(idle, first)
    assert more.owen_exact == (*(found.owen_exact or ()), 0, 0)
    assert more.banzhaf_owen == (*found.banzhaf_owen, 0.0, 0.0)


def test_halves_that_both_hold_members_of_the_bloc_count_what_one_does() -> None:
    rng = random.Random(4)
    names = NAMES[:26]
    members = {name: {"weight": rng.randint(1, 900), "people": 1} for name in names}
    rule = {"all": [{"weighted": {"quota": "11/20"}}, {"count": {"at_least": 12}}]}
    form = form_of({"members": members, "rule": rule})
    found = with_blocs(form, [range(20)])
    # The game of the bloc's members is the game itself: its swings do not ask who stands where.
    assert found.swings is not None
    assert found.swings[:20] == (indices(form).swings or ())[:20]
    assert sum(found.owen_exact or ()) == 1
    assert sum((found.owen_exact or ())[:20]) == (found.quotient.shapley_exact or ())[0]


def test_many_equal_members_are_counted_beyond_64_bits() -> None:
    form = form_of(
        {"members": {f"m{i}": 1 for i in range(190)}, "rule": {"weighted": {"quota": 96}}}
    )
    found = with_blocs(form, [range(27), range(27, 60)])
    assert found.exact
    assert found.swings is not None
    # One bloc of 27, one of 33, 130 alone: the swings of a member of the first.
    ways = [0] * 190
    for t, count in enumerate(_binomial(130)):
        for s, more in enumerate(_binomial(26)):
            ways[t + s] += count * more
            if t + s + 33 < 190:
                ways[t + s + 33] += count * more
    assert found.swings[3] == ways[95]
    whole = (found.quotient.shapley_shubik or ())[0]
    assert isclose(found.owen[3], whole / 27, rel_tol=1e-14)
    game = game_of_bloc(form, found.blocs, 0)
    sizes = blocs_counts.swings_by_sizes(game, 27)
    assert sizes is not None
    assert blocs_counts.owen_of(sizes[0]) == blocs_counts.owen_of(sizes[26])


def _binomial(n: int) -> list[int]:
    return [factorial(n) // factorial(k) // factorial(n - k) for k in range(n + 1)]


def test_weights_beyond_64_bits_are_counted_exactly() -> None:
    rng = random.Random(8)
    weights = [rng.randint(1, 90) for _ in range(9)]
    rows, factor = (tuple(weights),), 3**60
    plain_form = form_of(
        {
            "members": dict(zip(NAMES, weights, strict=False)),
            "rule": {"weighted": {"quota": sum(weights) // 2 + 1}},
        }
    )
    assert plain_form.yes == rows
    big = Form(
        plain_form.players,
        (tuple(w * factor for w in weights),),
        plain_form.abstain,
        type(plain_form.formula)(0, (sum(weights) // 2 + 1) * factor),
    )
    named = [(0, 4, 5), (2, 3)]
    a, b = with_blocs(plain_form, named), with_blocs(big, named)
    assert (a.owen_exact, a.swings) == (b.owen_exact, b.swings)


def test_a_large_weighted_game_needs_no_draws() -> None:
    rng = random.Random(2)
    members = {f"m{i}": rng.randint(1, 40_000) for i in range(70)}
    form = form_of({"members": members, "rule": {"weighted": {"quota": "7/10"}}})
    named = [range(12), range(20, 30), range(40, 43)]
    found = with_blocs(form, named)
    assert found.exact
    assert found.owen_exact is None
    assert "quadrature" in found.method
    assert 0 < found.quotient.shapley_error <= found.owen_error < 1e-11
    assert isclose(sum(found.owen), 1, abs_tol=1e-11)
    drawn = with_blocs(form, named, method="monte-carlo", draws=20_000)
    assert not drawn.exact
    inside = 0
    for name in ("owen", "banzhaf_owen"):
        lo, hi = drawn.intervals[name]
        inside += sum(a <= x <= b for a, x, b in zip(lo, getattr(found, name), hi, strict=True))
    assert inside >= 126  # of 140, at a level of 95 per cent


def test_what_is_out_of_reach_is_drawn_and_says_for_whom() -> None:
    rng = random.Random(6)
    names = [f"m{i}" for i in range(36)]
    members = {name: {k: rng.randint(10**6, 10**7) for k in "ab"} for name in names}
    rule = {"all": [{"weighted": {"quota": "1/2", "weight": k}} for k in "ab"]}
    form = form_of({"members": members, "rule": rule})
    named = [range(25), range(25, 27)]
    found = with_blocs(form, named, draws=4000)
    assert not found.exact
    assert found.quotient.exact
    assert found.draws == 4000
    assert found.owen_exact is None
    assert found.swings is None
    assert found.drawn["owen"] == tuple(range(25))
    lo, hi = found.intervals["owen"]
    assert all(a < b for a, b in zip(lo[:25], hi[:25], strict=True))
    assert lo[25:] == hi[25:] == found.owen[25:]
    assert isclose(sum(found.owen), 1, abs_tol=0.1)
    assert with_blocs(form, named, draws=4000) == found
    changes = found.against(indices(form, method="monte-carlo", draws=2000))
    assert changes.owen_exact is None
    assert changes.intervals["owen"][0][0] < changes.owen[0] < changes.intervals["owen"][1][0]
    with pytest.raises(BadInput, match="out of reach"):
        with_blocs(form, named, method="exact")


def test_a_known_game_with_blocs() -> None:
    # Majority of five equal members, of whom two form a bloc: weights 2, 1, 1, 1 and quota 3.
    form = form_of({"members": {f"m{i}": 1 for i in range(5)}, "rule": {"weighted": {"quota": 3}}})
    found = with_blocs(form, [[1, 3]])
    half, sixth = Fraction(1, 2), Fraction(1, 6)
    assert found.quotient.shapley_exact == (half, sixth, sixth, sixth)
    assert found.owen_exact == (sixth, half / 2, sixth, half / 2, sixth)
    assert found.blocs == ((1, 3), (0,), (2,), (4,))
    changes = found.against(indices(form))
    assert changes.owen_exact is not None
    assert changes.owen_exact[1] == Fraction(1, 20)


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ([[0, 1], []], "a bloc has no members."),
        ([[0, 3]], "3 is no place of 3 players."),
        ([[-1]], "-1 is no place of 3 players."),
        ([[0, 1], [1, 2]], "the player at place 1 is named twice."),
        ([[2, 2]], "the player at place 2 is named twice."),
    ],
)
def test_blocs_that_cannot_be_are_refused(named: list[list[int]], text: str) -> None:
    form = form_of({"members": {"A": 3, "B": 2, "C": 1}, "rule": {"weighted": {"quota": 4}}})
    with pytest.raises(BadInput, match=text):
        with_blocs(form, named)


def test_a_game_of_nobody_and_another_game_are_refused() -> None:
    always = Form(("A", "B"), (), (), True)
    with pytest.raises(BadInput, match="nothing that a player does"):
        with_blocs(always, [[0, 1]])
    one = form_of({"members": {"A": 3, "B": 2}, "rule": {"weighted": {"quota": 4}}})
    other = form_of({"members": {"A": 3, "C": 2}, "rule": {"weighted": {"quota": 4}}})
    with pytest.raises(BadInput, match="another game"):
        with_blocs(one, [[0, 1]]).against(indices(other))


def test_the_example_in_the_docstring_holds() -> None:
    assert doctest.testmod(blocs).failed == 0
