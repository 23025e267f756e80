"""Voting power by drawing coalitions, where counting them is out of reach.

The absolute Banzhaf index is the probability to be pivotal when everybody else tosses a fair coin;
the Shapley–Shubik index the same when all agree with one probability, itself drawn evenly between 0
and 1. In each draw every player is asked whether it is pivotal, so that all indices come from the
same coalitions.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...rules.form import At, Form, Formula
from ..proportion import proportion
from .evaluate import Array, holds_each

DRAWS = 100_000
_BATCH = 1_000_000
"""Cells of a batch: draws times players."""
_Z = 1.959963984540054
_FEW = 30
_LARGEST = 2**62


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share estimated from draws, with its interval, one entry per player."""

    value: Array
    lo: Array
    hi: Array


@dataclass(frozen=True, slots=True)
class Drawn:
    """Indices estimated from draws.

    Attributes
    ----------
    banzhaf, shapley : Estimate
        Probability to be pivotal: with fair coins, and with one common even probability.
    normalised : Estimate
        Each player's share of all Banzhaf power; interval by the delta method.
    winning : float
        Share of coalitions that win, with fair coins.
    draws : int
        Coalitions drawn, for each of the two.
    level : float
        Level of the intervals.
    """

    banzhaf: Estimate
    shapley: Estimate | None
    normalised: Estimate
    winning: float
    draws: int
    level: float = 0.95


def draw(
    form: Form,
    rng: np.random.Generator,
    draws: int = DRAWS,
    *,
    abstention: bool = False,
) -> Drawn:
    """Estimate the indices of every player.

    Parameters
    ----------
    form : Form
        The game.
    rng : Generator
        Source of randomness.
    draws : int
        Coalitions to draw for each index.
    abstention : bool
        Whether yes, abstain and no are equally likely; then there is no Shapley–Shubik index.

    Uncertainty
    -----------
    95 per cent Wilson intervals for shares of draws; the Shapley–Shubik draws are spread evenly over
    the common probability, which makes their intervals wider than need be, never narrower.
    """
    n = len(form.players)
    hits, won = np.zeros(n), 0.0
    products, squares = np.zeros(n), 0.0
    chances = 3 if abstention else 2
    for start, stop in batches(n, draws):
        choice = rng.integers(0, chances, size=(stop - start, n), dtype=np.int8)
        pivotal, wins = pivots(form, choice == 1, choice == 2)
        total = pivotal.sum(axis=1)
        hits += pivotal.sum(axis=0)
        won += wins.sum()
        products += total @ pivotal
        squares += float(total @ total)
    shapley = None if abstention else draw_shapley(form, rng, draws)
    return Drawn(
        shares(hits, draws),
        shapley,
        _ratio(hits, products, squares, draws),
        won / draws,
        draws,
    )


def batches(n: int, draws: int) -> list[tuple[int, int]]:
    """Cut draws for n players into batches: the first of each, and the one after its last."""
    size = max(1, _BATCH // max(n, 1))
    marks = [*range(0, draws, size), draws]
    return list(pairwise(marks))


def draw_shapley(form: Form, rng: np.random.Generator, draws: int = DRAWS) -> Estimate:
    """Estimate the Shapley–Shubik index of every player."""
    n = len(form.players)
    hits = np.zeros(n)
    for start, stop in batches(n, draws):
        # One draw from each of as many equal parts of [0, 1] as there are draws.
        common = (np.arange(start, stop) + rng.random(stop - start)) / draws
        yes = rng.random((stop - start, n), dtype=np.float32) < common[:, None]
        hits += pivots(form, yes, None)[0].sum(axis=0)
    return shares(hits, draws)


def pivots(form: Form, yes: Array, abstain: Array | None) -> tuple[Array, Array]:
    """Return, per draw and player, whether its yes wins and its no loses; per draw, whether it wins."""
    if max(form.totals, default=0) >= _LARGEST:
        return _pivotal_rounded(form, yes, abstain)
    with_, without, sums = _sums(form, yes, abstain)
    pivotal = holds_each(form.formula, with_) & ~holds_each(form.formula, without)
    return pivotal, holds_each(form.formula, sums)


def _sums(
    form: Form, yes: Array, abstain: Array | None
) -> tuple[list[Array], list[Array], list[Array]]:
    """Return the sums of every criterion with each player, without it, and as drawn."""
    with_, without, sums = [], [], []
    for row, half in zip(form.yes, form.abstain, strict=True):
        own = np.array(row, dtype=np.int64)
        adds = yes * own
        if abstain is not None and any(half):
            adds = adds + abstain * np.array(half, dtype=np.int64)
        total = adds.sum(axis=1)
        others = total[:, None] - adds
        without.append(others)
        with_.append(others + own)
        sums.append(total)
    return with_, without, sums


def _pivotal_rounded(form: Form, yes: Array, abstain: Array | None) -> tuple[Array, Array]:
    """Do the same for sums beyond 64 bits: rounded down, and exactly where that may matter."""
    surely, maybe = _rounded(form)
    with_, without, sums = _sums(surely, yes, abstain)
    wins, might = (holds_each(f.formula, with_) for f in (surely, maybe))
    stays, may = (holds_each(f.formula, without) for f in (surely, maybe))
    drawn, perhaps = (holds_each(f.formula, sums) for f in (surely, maybe))
    pivotal = wins & ~stays
    for d, i in np.argwhere((wins != might) | (stays != may)):
        others = [int(k) for k in np.flatnonzero(yes[d]) if k != i]
        half = [] if abstain is None else [int(k) for k in np.flatnonzero(abstain[d]) if k != i]
        pivotal[d, i] = form.wins([*others, int(i)], half) and not form.wins(others, half)
    for d in np.flatnonzero(drawn != perhaps):
        half = [] if abstain is None else np.flatnonzero(abstain[d]).tolist()
        drawn[d] = form.wins(np.flatnonzero(yes[d]).tolist(), half)
    return pivotal, drawn


def _rounded(form: Form) -> tuple[Form, Form]:
    """Return forms with weights rounded down to 60 bits: one wins too seldom, one too often.

    Rounding takes less than one unit from each player, so that a sum is short by less than n.
    """
    n = len(form.players)
    factors = [(2**60, total) for total in form.totals]
    yes, half = (
        tuple(
            tuple(w * top // bottom for w in row)
            for row, (top, bottom) in zip(rows, factors, strict=True)
        )
        for rows in (form.yes, form.abstain)
    )

    def moved(formula: Formula, slack: int) -> Formula:
        if isinstance(formula, bool):
            return formula
        if isinstance(formula, At):
            top, bottom = factors[formula.criterion]
            return At(formula.criterion, -(-formula.least * top // bottom) - slack)
        return type(formula)(tuple(moved(part, slack) for part in formula.parts))

    return (
        Form(form.players, yes, half, moved(form.formula, 0)),
        Form(form.players, yes, half, moved(form.formula, n)),
    )


def shares(hits: Array, draws: int) -> Estimate:
    """Return hits as shares of draws, with 95 per cent Wilson intervals."""
    found = [proportion(int(h), draws) for h in hits]
    return Estimate(hits / draws, np.array([p.lo for p in found]), np.array([p.hi for p in found]))


def _ratio(hits: Array, products: Array, totals: float, draws: int) -> Estimate:
    """Return each player's share of all hits; the interval from the variance of a ratio of means.

    A player that was never pivotal has the bound of its own Wilson interval.
    """
    whole = float(hits.sum())
    if whole == 0.0:
        return Estimate(np.full(len(hits), np.nan), np.zeros(len(hits)), np.ones(len(hits)))
    share = hits / whole
    spread = hits - 2 * share * products + share**2 * totals
    half = _Z * np.sqrt(np.maximum(spread, 0.0)) / whole
    seldom = np.array([proportion(int(h), draws).hi for h in hits]) * draws / whole
    hi = np.where(hits < _FEW, np.maximum(share + half, seldom), share + half)
    return Estimate(share, np.maximum(share - half, 0.0), np.minimum(hi, 1.0))
