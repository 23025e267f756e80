"""Every way of counting swings gives what trying all coalitions gives, exactly."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product
from math import comb, isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from games import NAMES, enumerated, form_of, games, shapley
from multipolar.errors import BadInput
from multipolar.measures.power import (
    halves,
    kernels,
    kinds,
    levels,
    plain,
    quadrature,
    sampling,
    table,
)
from multipolar.measures.power import indices as indices_module
from multipolar.measures.power.indices import indices
from multipolar.rules.form import Form
from multipolar.rules.game import Game


def open_form(given: dict[str, Any], *, abstention: bool = False) -> Form:
    form = form_of(given, abstention=abstention)
    assume(not isinstance(form.formula, bool))
    return form


@settings(max_examples=1200, deadline=None)
@given(games(most=12, big=True))
def test_kinds_halves_and_levels_count_what_enumeration_counts(game: dict[str, Any]) -> None:
    form = open_form(game)
    winning, swings = enumerated(form)
    small = max(form.totals, default=0) < 2**62
    counts = [kinds.count_by_kind, halves.count_by_halves, levels.count_by_levels]
    for count in counts + [halves.count_by_pairs] * small:
        found = count(form)
        assert found.winning == winning
        assert [list(own) for own in found.sizes or ()] == swings
        assert list(found.swings) == [sum(own) for own in swings]


@settings(max_examples=800, deadline=None)
@given(games(most=10), st.booleans(), st.booleans())
def test_the_table_counts_what_enumeration_counts(
    game: dict[str, Any], favour: bool, heads: bool
) -> None:
    form = open_form(game)
    assume(all(any(row[i] for row in form.yes) for i in range(len(form.players))))
    side = table.side_of(form, favour=favour, heads=heads)
    assume(side is not None)
    assert side is not None
    winning, swings = enumerated(form)
    for loops in (kernels, plain):
        found = table.count_by_table(side, loops)
        assert found.winning == winning
        assert list(found.swings) == [sum(own) for own in swings]
        assert found.sizes is None or [list(own) for own in found.sizes] == swings
        assert not heads or found.sizes is not None


@settings(max_examples=100, deadline=None)
@given(games(most=8))
def test_quadrature_gives_the_index_of_shapley_and_shubik(game: dict[str, Any]) -> None:
    form = open_form(game)
    assume(all(any(row[i] for row in form.yes) for i in range(len(form.players))))
    expected = shapley(enumerated(form)[1])
    for loops in (kernels, plain):
        values, error = quadrature.shapley_by_table(form, loops)
        assert error < 1e-11
        assert np.allclose(values, [float(x) for x in expected], rtol=0, atol=1e-12)


def test_quadrature_is_right_to_ten_digits_for_many_members() -> None:
    rng = random.Random(9)
    for n, quota in ((70, "1/2"), (70, "85/100"), (150, "2/3")):
        members = {f"m{i}": int(1 + 40 * rng.paretovariate(1.2)) for i in range(n)}
        form = form_of({"members": members, "rule": {"weighted": {"quota": quota}}})
        side = table.side_of(form, favour=quota == "1/2", heads=True)
        assert side is not None
        exact = table.count_by_table(side).shapley
        assert exact is not None
        assert sum(exact) == 1
        values, error = quadrature.shapley_by_table(form)
        assert error < 1e-11
        assert np.allclose(values, [float(x) for x in exact], rtol=0, atol=1e-11)


@settings(max_examples=150, deadline=None)
@given(games(least=10, most=12, big=True))
def test_the_way_that_is_chosen_is_exact_up_to_twelve_members(game: dict[str, Any]) -> None:
    form = open_form(game)
    winning, swings = enumerated(form)
    found = indices(form)
    assert found.exact
    assert (found.winning, found.swings) == (winning, tuple(sum(own) for own in swings))
    assert list(found.shapley_exact or ()) == shapley(swings)


@pytest.mark.parametrize("n", range(13, 23))
def test_two_independent_ways_agree_up_to_twenty_two_members(n: int) -> None:
    rng = random.Random(n)
    top = rng.choice([5, 40, 10**12])
    members = {
        name: {"weight": rng.randint(1, top), "people": rng.randint(1, 9)} for name in NAMES[:n]
    }
    rule = {
        "any": [
            {
                "all": [
                    {"weighted": {"quota": "3/5"}},
                    {"count": {"at_least": n // 2}},
                    {"veto": NAMES[:1]},
                ]
            },
            {"weighted": {"quota": "4/5", "weight": "people"}},
        ]
    }
    form = form_of({"members": members, "rule": rule})
    first, second = halves.count_by_halves(form), levels.count_by_levels(form, 10**8)
    assert (first.winning, first.swings, first.sizes) == (
        second.winning,
        second.swings,
        second.sizes,
    )
    if n <= 16:
        assert (first.winning, [list(s) for s in first.sizes or ()]) == enumerated(form)


def test_many_members_are_counted_beyond_64_bits() -> None:
    # One vote each: the swings of a majority are binomial coefficients.
    form = form_of(
        {"members": {f"m{i}": 1 for i in range(301)}, "rule": {"weighted": {"quota": 151}}}
    )
    assert kinds.count_by_kind(form).swings[0] == comb(300, 150)
    side = table.side_of(form, favour=True)
    assert side is not None
    assert table.count_by_table(side).swings[7] == comb(300, 150)
    # Weights 11 down to 2: where 64-bit counts overflow in silence.
    weights = [11 - k // 8 for k in range(80)]
    form = form_of(
        {
            "members": {f"m{i}": w for i, w in enumerate(weights)},
            "rule": {"weighted": {"quota": sum(weights) // 2 + 1}},
        }
    )
    ways = [1] + [0] * sum(weights)
    for w in weights:
        for s in range(sum(weights), w - 1, -1):
            ways[s] += ways[s - w]
    rest = [0] * len(ways)
    for s in range(len(ways)):
        rest[s] = ways[s] - (rest[s - 11] if s >= 11 else 0)
    quota = sum(weights) // 2 + 1
    assert indices(form).swings is not None
    assert (indices(form).swings or ())[0] == sum(rest[quota - 11 : quota])


@settings(max_examples=100, deadline=None)
@given(games(most=6))
def test_three_choices_count_what_all_profiles_give(game: dict[str, Any]) -> None:
    made = Game.of(game["members"], game["rule"])
    form = made.form(abstention=True)
    assume(not isinstance(form.formula, bool))
    n = len(form.players)
    winning, swings = 0, [0] * n
    for profile in product((0, 1, 2), repeat=n):
        yes = [i for i in range(n) if profile[i] == 1]
        half = [i for i in range(n) if profile[i] == 2]
        winning += form.wins(yes, half)
        for i in range(n):
            if profile[i] == 0 and form.wins([*yes, i], half) and not form.wins(yes, half):
                swings[i] += 1
    for count in (kinds.count_choices_by_kind, levels.count_choices_by_levels):
        found = count(form)
        assert (found.winning, list(found.swings)) == (winning, swings)


def test_drawn_indices_hold_the_counted_ones_in_their_intervals() -> None:
    rng = random.Random(5)
    members = {name: {k: rng.randint(1, 90) for k in ("a", "b")} for name in NAMES[:16]}
    rule = {"all": [{"weighted": {"quota": "1/2", "weight": k}} for k in ("a", "b")]}
    form = form_of({"members": members, "rule": rule})
    counted, drawn = indices(form), indices(form, method="monte-carlo", draws=40_000)
    assert not drawn.exact
    assert drawn.draws == 40_000
    assert drawn.method == "Monte Carlo"
    inside = 0
    for name in ("banzhaf_absolute", "banzhaf_normalised", "shapley_shubik"):
        lo, hi = drawn.intervals[name]
        truth = getattr(counted, name)
        inside += sum(a <= t <= b for a, t, b in zip(lo, truth, hi, strict=True))
    assert inside >= 43  # of 48, at a level of 95 per cent
    assert indices(form, method="monte-carlo", draws=40_000) == drawn


@settings(max_examples=60, deadline=None)
@given(games(least=2, most=7))
def test_draws_with_rounded_weights_are_those_with_exact_ones(game: dict[str, Any]) -> None:
    form = open_form(game)
    factor = 3**50
    scaled = Form(
        form.players,
        tuple(tuple(w * factor for w in row) for row in form.yes),
        form.abstain,
        _times(form.formula, factor),
    )
    assert max(scaled.totals) >= 2**62
    a = sampling.draw(form, np.random.default_rng(1), 2000)
    b = sampling.draw(scaled, np.random.default_rng(1), 2000)
    assert np.array_equal(a.banzhaf.value, b.banzhaf.value)
    assert a.winning == b.winning


def _times(formula: Any, factor: int) -> Any:
    from multipolar.rules.form import At

    if isinstance(formula, At):
        return At(formula.criterion, formula.least * factor)
    return type(formula)(tuple(_times(part, factor) for part in formula.parts))


def test_out_of_reach_is_drawn_and_says_so_or_refuses() -> None:
    rng = random.Random(6)
    members = {f"m{i}": {k: rng.randint(1, 10**6) for k in "abc"} for i in range(500)}
    parts = [{"weighted": {"quota": "1/2", "weight": k}} for k in "abc"]
    form = form_of({"members": members, "rule": {"all": parts}})
    found = indices(form, draws=2000)
    assert not found.exact
    assert found.swings is None
    with pytest.raises(BadInput, match="out of reach"):
        indices(form, method="exact")
    with pytest.raises(BadInput, match="draws"):
        indices(form, draws=10)


def test_swings_are_counted_where_only_the_orders_are_out_of_reach(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = random.Random(8)
    members = {f"m{i}": rng.randint(1, 400) for i in range(60)}
    rule = {"all": [{"weighted": {"quota": "3/5"}}, {"veto": ["m1", "m2"]}]}
    form = form_of({"members": members, "rule": rule})
    counted = indices(form)
    assert counted.exact
    monkeypatch.setattr(indices_module, "_EXTRA_WORK", 0)
    monkeypatch.setattr(indices_module, "_QUICK_WORK", 0)
    monkeypatch.setattr(levels, "count_by_levels", _too_many)
    found = indices(form, draws=20_000)
    assert found.swings == counted.swings
    assert found.banzhaf_absolute == counted.banzhaf_absolute
    assert not found.exact
    assert found.method.endswith("Monte Carlo for Shapley–Shubik")
    lo, hi = found.intervals["shapley_shubik"]
    inside = [a <= v <= b for a, v, b in zip(lo, counted.shapley_shubik or (), hi, strict=True)]
    assert sum(inside) >= 54
    with pytest.raises(BadInput, match="out of reach"):
        indices(form, method="exact")


def _too_many(form: Form) -> None:
    raise levels.TooMany


@settings(max_examples=150, deadline=None)
@given(games(most=9))
def test_indices_keep_their_properties(game: dict[str, Any]) -> None:
    form = open_form(game)
    found = indices(form)
    n = len(form.players)
    assert found.swings is not None
    assert found.winning is not None
    assert found.shapley_exact is not None
    assert sum(found.shapley_exact) == 1
    assert isclose(sum(found.banzhaf_normalised), 1)
    columns = list(zip(*form.yes, strict=True))
    everyone = list(range(n))
    for i in everyone:
        if not any(columns[i]):
            assert found.swings[i] == 0
            assert found.shapley_exact[i] == 0
        others = [k for k in everyone if k != i]
        if not form.wins(others):
            assert found.swings[i] == found.winning  # a veto: its power to prevent is one
            assert (found.prevent or ())[i] == 1
        for j in range(i):
            if all(a >= b for a, b in zip(columns[i], columns[j], strict=True)):
                assert found.swings[i] >= found.swings[j]
                assert found.shapley_exact[i] >= found.shapley_exact[j]
            if columns[i] == columns[j]:
                assert found.swings[i] == found.swings[j]


@settings(max_examples=100, deadline=None)
@given(games(most=8), st.randoms(use_true_random=False))
def test_order_and_dummies_change_nothing(game: dict[str, Any], rng: random.Random) -> None:
    form = open_form(game)
    found = indices(form)
    order = list(game["members"])
    rng.shuffle(order)
    mixed = indices(form_of({**game, "members": {k: game["members"][k] for k in order}}))
    assert mixed.swings is not None
    assert found.swings is not None
    assert dict(zip(mixed.players, mixed.swings, strict=True)) == dict(
        zip(found.players, found.swings, strict=True)
    )
    idle = Form(
        (*form.players, "idle"),
        tuple((*row, 0) for row in form.yes),
        tuple((*row, 0) for row in form.abstain),
        form.formula,
    )
    more = indices(idle)
    assert more.swings == (*(2 * s for s in found.swings), 0)
    assert more.banzhaf_absolute[:-1] == found.banzhaf_absolute
    assert more.shapley_exact == (*(found.shapley_exact or ()), Fraction(0))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 30), min_size=1, max_size=10), st.data())
def test_a_quota_and_its_dual_have_the_same_swings(weights: list[int], data: st.DataObject) -> None:
    whole = sum(weights)
    quota = data.draw(st.integers(1, whole))
    members = {f"m{i}": w for i, w in enumerate(weights)}
    first, second = (
        indices(form_of({"members": members, "rule": {"weighted": {"quota": q}}}))
        for q in (quota, whole - quota + 1)
    )
    assert first.swings == second.swings
    assert first.shapley_exact == second.shapley_exact
    assert (first.winning or 0) + (second.winning or 0) == 2 ** len(weights)
