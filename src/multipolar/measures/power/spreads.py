"""What is known of the weight that unnamed players add, whatever way a known sum is spread.

The others' yes weight Y lies between nothing and all of the rest R. Given that each of them is in
favour with probability p, its mean is p R; given that c of m are in favour, it is R c / m; and Y
given p, or c, is distributed as R - Y given 1 - p, or m - c. Indices are written as sums over
strata of p or c, each a mean over Y; `extremes` bounds such sums. For the absolute Banzhaf index
without the number of the others, bounds from these facts are attained in the limit of one heavy
player and very many light ones.

Where no other player exceeds a known weight, the variance of Y is bounded as well, and for fair
coins its exponential moments.

Source: for the exponential moments of sums of coins, W. Hoeffding, Journal of the American
Statistical Association 58 (1963), 13-30, theorem 2. The limit is an oceanic game, J. W. Milnor and L. S. Shapley, Mathematics of Operations
Research 3 (1978), 290-307.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from .evaluate import Array
from .reach import Grid, Player

_STRATA = 64


@dataclass(frozen=True, slots=True)
class Strata:
    """A quantity as a sum over strata of means of winning shares, at Y and at its mirror R - Y.

    Attributes
    ----------
    means : array of float, shape (strata,)
        Mean of Y given the stratum, as a share of R.
    variances : array of float, shape (strata,)
        What the variance of Y given the stratum cannot exceed, in squares of R.
    chances : array of float, shape (strata,)
        The probability of each stratum.
    near, far : array of float, shape (2, strata, sizes)
        What the share of coalitions of a size adds that win with the player (0), and without it
        (1), when the others add Y (near) or R - Y (far).
    squares : float
        Where positive: Y is a sum of fair coins whose squares do not exceed this, in squares of R,
        so that the mean of cosh(t (Y - R/2)) is at most exp(t**2 squares / 8).
    """

    means: Array
    variances: Array
    chances: Array
    near: Array
    far: Array
    squares: float = 0.0


def sides(table: Array, near: Array, far: Array, grid: Grid, upper: bool) -> Array:
    """Return a weighted sum of winning shares, shape (strata, cells), at a cell's upper or lower end."""
    here, there = table, table[:, ::-1]
    if not grid.points:
        here = here[:, 1:] if upper else here[:, :-1]
        there = there[:, :-1] if upper else there[:, 1:]
    return np.asarray(np.hstack([near, far]) @ np.vstack([here, there]))


def swings(player: Player, strata: Strata, grid: Grid, upper: bool) -> Array:
    """Return a bound per stratum and cell on the share of coalitions that a player turns."""
    (near, near_bare), (far, far_bare) = strata.near, strata.far
    own, bare = (player.own.hi, player.bare.lo) if upper else (player.own.lo, player.bare.hi)
    found = sides(own, near, far, grid, upper) - sides(bare, near_bare, far_bare, grid, not upper)
    return np.asarray(np.maximum(found, 0.0))


@dataclass(frozen=True, slots=True)
class Cells:
    """Bounds per stratum and cell on the winning shares with a player and without it.

    Attributes
    ----------
    own_lo, own_hi, bare_lo, bare_hi : array of float, shape (strata, cells)
        With the player, and without it.
    """

    own_lo: Array
    own_hi: Array
    bare_lo: Array
    bare_hi: Array

    @classmethod
    def of(cls, player: Player, strata: Strata, grid: Grid) -> Cells:
        """Sum a player's counts over sizes."""
        (near, near_bare), (far, far_bare) = strata.near, strata.far
        return cls(
            sides(player.own.lo, near, far, grid, False),
            sides(player.own.hi, near, far, grid, True),
            sides(player.bare.lo, near_bare, far_bare, grid, False),
            sides(player.bare.hi, near_bare, far_bare, grid, True),
        )

    @property
    def swing_lo(self) -> Array:
        """Return the least share of coalitions that the player turns."""
        return np.asarray(np.maximum(self.own_lo - self.bare_hi, 0.0))

    @property
    def swing_hi(self) -> Array:
        """Return the greatest share of coalitions that the player turns."""
        return np.asarray(self.own_hi - self.bare_lo)


def _binomial(n: int, p: float) -> Array:
    """Return the probabilities of 0, 1, … n successes."""
    out = np.ones(1)
    for _ in range(n):
        out = np.append(out * (1 - p), 0.0) + np.append(0.0, out * p)
    return out


def banzhaf_strata(n: int, others: int | None, heads: int | None, share: float) -> Strata:
    """Return the strata of a probability over all coalitions, each equally likely.

    Parameters
    ----------
    n : int
        Known players besides the one in question.
    others : int or None
        Players whose weight is not known.
    heads : int or None
        The least number of players that is enough.
    share : float
        What the sum of squares of the others' weights cannot exceed, in squares of R.
    """
    sizes = _binomial(n, 0.5)
    if heads is None:
        none = 0.0 if others is None else min(2.0 ** (1 - others), 1.0)
        masses = np.array([none, 1 - none]) / 2
        rows = np.outer(masses, sizes)
        left = (share - none) / (4 * (1 - none)) if none < 1 else 0.0
        both = np.stack([rows, rows])
        spread = np.array([0.0, max(left, 0.0)])
        return Strata(np.array([0.0, 0.5]), spread, 2 * masses, both, both, share)
    m = others or 0
    chances = _binomial(m, 0.5)
    return _by_number(n, m, heads, share, chances[:, None] * sizes[None, :])


def shapley_strata(n: int, others: int | None, heads: int | None, share: float) -> Strata:
    """Return the strata of a probability over all orders of the players, each equally likely.

    Without a count of heads, the others before a player are those that come before a time p, spread
    evenly over 0 to 1; over a cell of times the swings, a polynomial in p, are written in the
    Bernstein basis of the cell, whose coefficients are means over sizes.
    """
    if heads is None and (others is None or others > 2 * _STRATA):
        return _by_time(n, share)
    m = others or 0
    ways = [
        [comb(n, s) * comb(m, c) / (comb(n + m, s + c) * (n + m + 1)) for s in range(n + 1)]
        for c in range(m + 1)
    ]
    return _by_number(n, m, heads or 0, share, np.array(ways))


def numbered_strata(n: int, others: int, heads: int | None, share: float) -> Strata:
    """Return the strata of `banzhaf_strata` by the number of the others that are in favour."""
    return banzhaf_strata(n, others, heads or 0, share)


def _by_number(n: int, m: int, heads: int, share: float, chances: Array) -> Strata:
    """Make a stratum of each number c of the others, with its mirror m - c."""
    asked = np.arange(n + 1)[None, :] + np.arange(m + 1)[:, None]
    own, bare = chances * (asked + 1 >= heads), chances * (asked >= heads)
    low = np.arange(m // 2 + 1)
    once = np.where(2 * low == m, 0.5, 1.0)[:, None]
    kept = chances[low].sum(axis=1) > 0
    low, once = low[kept], once[kept]
    near = np.stack([own[low] * once, bare[low] * once])
    far = np.stack([own[m - low] * once, bare[m - low] * once])
    means = low / m if m else np.zeros(1)
    spread = low * (m - low) / (m * (m - 1)) * max(share - 1 / m, 0) if m > 1 else means * 0
    weight = (chances[low] + chances[m - low]).sum(axis=1) * once[:, 0]
    return Strata(means, spread, weight, near, far)


def _by_time(n: int, share: float) -> Strata:
    """Make strata of times 0 to 1/2, each with its mirror."""
    cells = -(-_STRATA // (n + 1))
    means, spread, rows = [], [], []
    step = 0.5 / cells
    for cell in range(cells):
        start = cell * step
        for k in range(n + 1):
            sizes = np.convolve(_binomial(n - k, start), _binomial(k, start + step))
            rows.append(sizes * step / (n + 1))
            mean = start + step * (k + 1) / (n + 2)
            wide = step**2 * (k + 1) * (n + 1 - k) / ((n + 2) ** 2 * (n + 3))
            means.append(mean)
            spread.append(share * (mean * (1 - mean) - wide) + wide)
    near = np.array(rows)
    far = near[:, ::-1]
    both, mirrored = np.stack([near, near]), np.stack([far, far])
    return Strata(np.array(means), np.array(spread), 2 * near.sum(axis=1), both, mirrored)
