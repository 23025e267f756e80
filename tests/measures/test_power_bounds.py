"""Bounds on voting power where only some weights are known, against all coalitions tried."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import factorial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multipolar.errors import BadInput
from multipolar.measures.power import reach
from multipolar.measures.power.bounds import SLACK, bounds_of
from multipolar.rules.constructors import count, quorum, veto, weighted
from multipolar.rules.form import form_of
from multipolar.rules.members import Members
from multipolar.rules.partial import PartialGame, partial_of

INDICES = ("banzhaf_absolute", "banzhaf_normalised", "shapley_shubik", "prevent", "initiate")
FEW = settings(max_examples=40, deadline=None)
SMALL, LARGE = st.integers(0, 15), st.integers(0, 40_000)
UNCOUNTED, COUNTED = st.none(), st.integers(1, 9)
EITHER = UNCOUNTED | COUNTED


@st.composite
def spreads(draw, number):
    """Ways to spread a weight: any, all on one, equal, one heavy and dust, or nothing for some."""
    some = st.integers(0, 9)
    kind = draw(st.sampled_from(("any", "one", "equal", "dust", "gaps")))
    if kind == "any":
        return draw(st.lists(some, min_size=number, max_size=number))
    if kind == "one":
        return [draw(st.integers(1, 30))] + [0] * (number - 1)
    if kind == "equal":
        return [draw(st.integers(1, 6))] * number
    if kind == "dust":
        return [draw(st.integers(1, 30))] + [1] * (number - 1)
    return [w * draw(st.booleans()) for w in draw(st.lists(some, min_size=number, max_size=number))]


@st.composite
def games(draw, heads=EITHER, known=SMALL):
    """A whole game: known weights, the others' weights, a quota, and a count of heads."""
    mine = draw(st.lists(known, min_size=1, max_size=4))
    rest = draw(spreads(draw(st.integers(1, 5))))
    total = sum(mine) + sum(rest)
    part = Fraction(draw(st.integers(30, 100)), 100)
    quota = max(-(-total * part.numerator // part.denominator), 1)
    least = draw(heads)
    return mine, rest, quota, None if least is None else min(least, len(mine) + len(rest))


def partial(mine, rest, quota, heads=None, **more):
    """Hide how the rest is spread."""
    names = tuple(f"K{i}" for i in range(len(mine)))
    more = {"others": len(rest), **more}
    return PartialGame(names, tuple(mine), sum(rest), quota=quota, heads=heads, **more)


def exact(weights, quota, heads):
    """Return all indices of all players, and the share of winning coalitions, by trying all."""
    n = len(weights)
    wins = {}
    for chosen in product((0, 1), repeat=n):
        weight = sum(w for w, c in zip(weights, chosen, strict=True) if c)
        wins[chosen] = weight >= quota and sum(chosen) >= (heads or 0)
    swings = [0] * n
    orders = [0] * n
    for chosen, won in wins.items():
        for i in range(n):
            if won and chosen[i] and not wins[(*chosen[:i], 0, *chosen[i + 1 :])]:
                swings[i] += 1
                size = sum(chosen) - 1
                orders[i] += factorial(size) * factorial(n - 1 - size)
    won = sum(wins.values())
    return (
        {
            "banzhaf_absolute": [s / 2 ** (n - 1) for s in swings],
            "banzhaf_normalised": [s / sum(swings) for s in swings],
            "shapley_shubik": [o / factorial(n) for o in orders],
            "prevent": [s / won for s in swings],
            "initiate": [s / (2**n - won) for s in swings],
        },
        won / 2**n,
    )


def compare(found, weights, quota, heads=None, close=False):
    """Ask that all true values lie within the bounds; or that the bounds are the true values."""
    true, winning = exact(weights, quota, heads)
    pairs = [(found.winning, winning)]
    for i, bounds in enumerate(found.players.values()):
        pairs += [(getattr(bounds, index), true[index][i]) for index in INDICES]
        alone = sum(weights) - weights[i] < quota or len(weights) - 1 < (heads or 0)
        assert bounds.blocks_alone in ((alone,) if close else (alone, None))
    for (lo, hi), value in pairs:
        assert 0 <= lo <= value <= hi <= 1
        assert not close or hi - lo < 1e-9


# --- every spread lies within the bounds ---------------------------------------------------------


@FEW
@given(games())
def test_no_spread_leaves_the_bounds_where_the_number_of_the_others_is_known(game):
    mine, rest, quota, heads = game
    if sum(mine) + sum(rest):
        compare(bounds_of(partial(mine, rest, quota, heads)), [*mine, *rest], quota, heads)


@FEW
@given(games(heads=UNCOUNTED))
def test_no_spread_leaves_the_bounds_where_the_number_of_the_others_is_not_known(game):
    mine, rest, quota, _ = game
    if sum(rest):
        found = bounds_of(partial(mine, rest, quota, others=None))
        compare(found, [*mine, *rest], quota)
        assert {bounds.banzhaf_normalised[0] for bounds in found.players.values()} == {0.0}


@FEW
@given(games(), st.booleans())
def test_no_spread_that_respects_the_largest_weight_leaves_the_narrower_bounds(game, counted):
    mine, rest, quota, heads = game
    if not sum(rest):
        return
    others = len(rest) if counted or heads is not None else None
    wide = bounds_of(partial(mine, rest, quota, heads, others=others))
    found = bounds_of(partial(mine, rest, quota, heads, others=others, largest=max(rest)))
    compare(found, [*mine, *rest], quota, heads)
    for name, bounds in found.players.items():
        for index in ("banzhaf_absolute", "shapley_shubik"):
            (lo, hi), (low, high) = getattr(bounds, index), getattr(wide.players[name], index)
            assert low - 1e-9 <= lo
            assert hi <= high + 1e-9


@FEW
@given(games(known=LARGE), st.integers(1, 60))
def test_bounds_from_rounded_weights_hold_for_the_true_ones(game, half):
    mine, rest, quota, heads = game
    printed = [2 * half * round(Fraction(w, 2 * half)) for w in mine]
    left = max(sum(mine) + sum(rest) - sum(printed), 0)
    if not 0 < quota <= sum(printed) + left:
        return
    made = PartialGame(
        tuple(f"K{i}" for i in range(len(mine))),
        tuple(printed),
        left,
        len(rest),
        quota,
        heads,
        whole=False,
        error=half,
    )
    compare(bounds_of(made), [*mine, *rest], quota, heads)


@FEW
@given(games(known=LARGE), st.sampled_from((1, 7)))
def test_bounds_hold_where_sums_are_kept_on_a_grid(game, times):
    mine, rest, quota, heads = game
    if not sum(mine) + sum(rest):
        return
    rest = [times * w for w in rest]
    quota = min(quota, sum(mine) + sum(rest))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "ENUMERATED", 0)
        patch.setattr(reach, "_CELLS", 3000)
        compare(bounds_of(partial(mine, rest, quota, heads)), [*mine, *rest], quota, heads)


# --- how narrow they are -------------------------------------------------------------------------


@FEW
@given(games())
def test_bounds_are_the_exact_values_where_nothing_is_left(game):
    mine, rest, quota, heads = game
    whole = [*mine, *rest]
    if sum(whole):
        compare(bounds_of(partial(whole, [], quota, heads)), whole, quota, heads, close=True)


@FEW
@given(games(), st.integers(1, 20))
def test_bounds_are_the_exact_values_where_one_player_holds_the_rest(game, rest):
    mine, _, quota, heads = game
    quota = min(quota, sum(mine) + rest)
    heads = None if heads is None else min(heads, len(mine) + 1)
    found = bounds_of(partial(mine, [rest], quota, heads))
    compare(found, [*mine, rest], quota, heads, close=True)


@FEW
@given(games(heads=COUNTED))
def test_bounds_are_the_exact_values_where_the_others_have_no_weight(game):
    mine, rest, quota, heads = game
    if sum(mine):
        quota, none = min(quota, sum(mine)), [0] * len(rest)
        found = bounds_of(partial(mine, none, quota, heads))
        compare(found, [*mine, *none], quota, heads, close=True)


@FEW
@given(games(heads=UNCOUNTED))
def test_naming_one_more_player_never_widens_the_absolute_index(game):
    mine, rest, quota, _ = game
    if sum(rest[1:]):
        less = bounds_of(partial(mine, rest, quota, others=None))
        more = bounds_of(partial([*mine, rest[0]], rest[1:], quota, others=None))
        for name, bounds in less.players.items():
            (low, high), (lo, hi) = bounds.banzhaf_absolute, more.players[name].banzhaf_absolute
            assert low - 1e-9 <= lo
            assert hi <= high + 1e-9


@FEW
@given(games(known=LARGE))
def test_a_grid_that_is_fine_enough_changes_nothing(game):
    mine, rest, quota, heads = game
    if not sum(mine) + sum(rest):
        return
    tried = bounds_of(partial(mine, rest, quota, heads))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reach, "ENUMERATED", 0)
        added = bounds_of(partial(mine, rest, quota, heads))
    for name, bounds in tried.players.items():
        for index in INDICES:
            assert getattr(added.players[name], index) == pytest.approx(getattr(bounds, index))


def test_one_known_player_turns_all_coalitions_or_none():
    # It is decisive where the others add 3 to 7 of 10: always if they are many and equal, and
    # never if one of them holds all.
    found = bounds_of(PartialGame(("A",), (5,), 10, None, 8))
    assert found.players["A"].banzhaf_absolute == (0.0, 1.0)
    assert found.players["A"].blocks_alone is False
    assert found.coverage == Fraction(1, 3)


def test_a_small_rest_leaves_little_open():
    # 20 known players with 1000 votes each, 100 votes not known: only a tie can turn.
    names = tuple(f"K{i}" for i in range(20))
    found = bounds_of(PartialGame(names, (1000,) * 20, 100, None, 10_051))
    lo, hi = found.players["K0"].banzhaf_absolute
    # Ten of nineteen others, or nine, or the mean of both.
    tie = 92_378 / 2**19
    assert lo == pytest.approx(tie, abs=2 * SLACK)
    assert hi == pytest.approx(tie, abs=2 * SLACK)


def test_a_player_that_blocks_alone_prevents_every_time():
    found = bounds_of(PartialGame(("A", "B"), (30, 20), 50, None, 71))
    assert found.players["A"].blocks_alone
    assert found.players["A"].prevent == (1.0, 1.0)
    assert found.players["B"].blocks_alone is False


def test_rounding_leaves_open_who_blocks_alone():
    found = bounds_of(PartialGame(("A", "B"), (300, 200), 500, None, 701, whole=False, error=5))
    assert found.players["A"].blocks_alone is None


# --- reading a rule ------------------------------------------------------------------------------

RULES = (
    weighted("majority", of="votes_cast"),
    weighted("2/3", of="represented") & quorum("majority") & quorum("70/100", of="total_votes"),
    weighted("85/100") & count("3/5"),
    weighted("3/4") & count("majority", of="present_and_voting"),
    weighted("1/3", strict=True) & weighted("1/2", of="votes_cast") & count(2),
    weighted(5) & count("2/3", of="present"),
)


@FEW
@given(
    st.lists(st.integers(1, 9), min_size=3, max_size=6),
    st.sampled_from(RULES),
    st.sampled_from((1, 10, 7)),
    st.integers(1, 2),
)
def test_the_partial_game_asks_what_the_rule_asks(weights, rule, per, hidden):
    if per > 1 and rule is RULES[-1]:
        return
    names = [f"M{i}" for i in range(len(weights))]
    table = {name: Fraction(w, per) for name, w in zip(names, weights, strict=True)}
    whole = form_of(rule, Members(tuple(names), {"votes": table}))
    known = {name: table[name] for name in names[hidden:]}
    total = sum(table.values())
    game = partial_of(Members(tuple(names), {"votes": known}, {"votes": total}), rule)
    unit = Fraction(game.total) / total
    assert game.players == tuple(names[hidden:])
    assert game.others == hidden
    for chosen in product((0, 1), repeat=len(names)):
        places = [i for i, c in enumerate(chosen) if c]
        weight = sum(table[names[i]] for i in places) * unit
        passes = weight >= game.quota and len(places) >= (game.heads or 0)
        assert whole.wins(places) == passes


def listed(unnamed=None, total="1"):
    known = {"A": Fraction("0.1275"), "B": Fraction("0.1009"), "C": Fraction("0.058")}
    totals = {"votes": Fraction(total)} if total else {}
    return Members(tuple(known), {"votes": known}, totals, unnamed)


def test_printed_shares_may_be_off_by_half_of_their_last_decimal():
    game = partial_of(listed(), weighted("85/100"), ranked=True)
    unit = game.total
    assert Fraction(game.error, unit) == Fraction(1, 20_000)
    assert Fraction(game.largest, unit) == Fraction("0.05805")
    assert Fraction(game.quota, unit) == Fraction(85, 100)
    assert not game.whole


def test_known_shares_above_the_total_leave_nothing():
    over = Members(
        ("A", "B"),
        {"votes": {"A": Fraction("0.51"), "B": Fraction("0.5")}},
        {"votes": Fraction(1)},
        None,
    )
    game = partial_of(over, weighted("majority"))
    assert game.rest == 0
    assert bounds_of(game).players["A"].banzhaf_absolute[1] == 1.0


@pytest.mark.parametrize(
    "rule",
    [
        weighted("majority") & veto({"A"}),
        weighted("majority") | count("majority"),
        count("majority"),
        weighted("majority") & count(1, among={"A", "B"}),
        weighted("majority") & weighted("65/100", of="population"),
        weighted("majority") & count("majority", except_="A"),
    ],
)
def test_rules_of_another_shape_are_not_bounded(rule):
    assert partial_of(listed(unnamed=7), rule) is None


def test_nothing_is_bounded_without_a_total_or_the_number_of_members_that_is_asked():
    assert partial_of(listed(total=None), weighted("majority")) is None
    assert partial_of(Members(("A",), {}, {"votes": Fraction(9)}), weighted("majority")) is None
    assert partial_of(listed(), weighted("majority") & count("majority")) is None
    assert partial_of(listed(unnamed=7), weighted("majority") & count("majority")).heads == 6


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"weights": (1,)}, "2 players have 1 weights"),
        ({"players": ("A", "A")}, "a player is named twice"),
        ({"weights": (1, -1)}, "a weight is below zero"),
        ({"others": 0}, "nobody holds the other 5 votes"),
        ({"quota": 0}, "the quota 0 is not between 1 and the total 9"),
        ({"quota": 10}, "the quota 10 is not between 1 and the total 9"),
        ({"others": None, "heads": 2}, "the number of members is not known"),
        ({"heads": 6}, "the quota 6 is above the number of members"),
        ({"largest": 1}, "3 players with at most 1 lack 5"),
    ],
)
def test_what_is_no_game_is_refused(given_, message):
    good = {"players": ("A", "B"), "weights": (3, 1), "rest": 5, "others": 3, "quota": 5}
    with pytest.raises(BadInput, match=message):
        PartialGame(**{**good, **given_})


def test_too_many_known_weights_are_refused():
    names = tuple(f"K{i}" for i in range(reach.MOST + 1))
    with pytest.raises(BadInput, match="at most 300"):
        bounds_of(PartialGame(names, (1,) * len(names), 9, None, 200))
