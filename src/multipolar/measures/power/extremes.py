"""The least and greatest value of a sum of means over what unnamed players add.

A mean of h(Y) is at most the least affine function above h, at the mean of Y; where the mean of a
convex curve has a limit, a multiple of the curve may be added. Any line and any multiple bound, so
that a search that stops early costs width, never truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .evaluate import Array
from .reach import Grid
from .spreads import Strata

_TURNS, _BENDS, _STEPS = 40, 9, 30
_RATES = (1.5, 3.0, 5.0)
_NOISE, _NEAR = 1e-13, 1e-7


def ceiling(values: Array, strata: Strata, grid: Grid) -> float:
    """Return what the sum over strata of means of cell values cannot exceed.

    Parameters
    ----------
    values : array of float, shape (strata, cells)
        Upper bounds on the values per cell.
    strata : Strata
        Mean and variance of Y per stratum.
    grid : Grid
        The cells.
    """
    places = grid.places
    if not grid.points:
        # At an edge both neighbours are possible.
        ends = np.full((len(values), 1), -np.inf)
        values = np.maximum(np.hstack([ends, values]), np.hstack([values, ends]))
    if len(places) == 1:
        return float(values.sum())
    means, limit = strata.means, strata.variances
    best, law = _affine(values, places, means)
    found = (means - places[law[0]]) * (places[law[1]] - means)
    wide = np.flatnonzero(found > limit * (1 + 1e-9) + 1e-15)
    if len(wide):
        away = places[None, :] - means[wide, None]
        curves = [(away**2, limit[wide])]
        for rate in _RATES if strata.squares else ():
            grown = np.exp(rate**2 / 8) / strata.chances[wide]
            curves.append((np.cosh(rate / np.sqrt(strata.squares) * away), grown))
        for curve, mean in curves:
            lower = _curved(values[wide], places, means[wide], curve, mean)
            best[wide] = np.minimum(best[wide], lower)
    return float(best.sum())


def floor(values: Array, strata: Strata, grid: Grid) -> float:
    """Return what the sum over strata of means of cell values cannot fall below."""
    return -ceiling(-values, strata, grid)


def _curved(values: Array, places: Array, means: Array, curve: Array, limit: Array) -> Array:
    """Return a bound on the mean of h where the mean of a convex curve has a limit, per row.

    Any b >= 0 bounds: the least affine function above h - b times the curve, and b times the limit.
    The best b is where the two points that carry the line give the curve its limit.
    """
    rows = np.arange(len(values))
    wide = np.ptp(curve, axis=1)
    unit = np.ptp(values, axis=1) / wide
    low, high = np.full(len(values), -8.0), np.log2(wide / (limit + 1e-9)) + 4
    best, law = np.full(len(values), np.inf), None
    for _ in range(_BENDS):
        middle = (low + high) / 2
        bend = unit * 2.0**middle
        found, law = _affine(values - bend[:, None] * curve, places, means, law)
        left, right = law
        best = np.minimum(best, found + bend * limit)
        a, b = places[left], places[right]
        part = np.divide(means - a, b - a, out=np.zeros(len(rows)), where=b > a)
        beyond = (1 - part) * curve[rows, left] + part * curve[rows, right] > limit
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return best


def _affine(
    values: Array, places: Array, means: Array, start: tuple[Array, Array] | None = None
) -> tuple[Array, tuple[Array, Array]]:
    """Return the least affine function above some points, at a mean, and the points that carry it.

    Any slope bounds from above; the best is found from the two points, one per row on each side of
    the mean.
    """
    rows = np.arange(len(values))
    left, right = start or (np.zeros_like(rows), np.full_like(rows, len(places) - 1))
    best = np.full(len(rows), np.inf)
    for _ in range(_TURNS):
        a, b = places[left[rows]], places[right[rows]]
        fa, fb = values[rows, left[rows]], values[rows, right[rows]]
        slope = np.divide(fb - fa, b - a, out=np.zeros(len(rows)), where=b > a)
        turned = slope[:, None] * places
        np.subtract(values if len(rows) == len(values) else values[rows], turned, out=turned)
        peak = turned.argmax(axis=1)
        top = turned[np.arange(len(rows)), peak]
        best[rows] = np.minimum(best[rows], top + slope * means[rows])
        open_ = top > fa - slope * a + 1e-15
        before = places[peak] <= means[rows]
        left[rows] = np.where(open_ & before, peak, left[rows])
        right[rows] = np.where(open_ & ~before, peak, right[rows])
        rows = rows[open_]
        if not len(rows):
            break
    return best, (left, right)


@dataclass(frozen=True, slots=True)
class Ratio:
    """A ratio of two sums over strata of means, both over the same Y.

    Attributes
    ----------
    up, base : array of float, shape (strata, cells)
        Bounds on the two, towards the end that is asked.
    add : float
        What the denominator has besides.
    scale : float
        The size of the numbers of which `up` and `base` are differences.
    """

    up: Array
    base: Array
    add: float
    scale: float

    def extreme(self, strata: Strata, grid: Grid, *, top: bool) -> float:
        """Return what the ratio cannot exceed, or fall below; it lies between 0 and 1.

        It is at most x where the mean of up - x (base + add) is nowhere above 0.
        """
        bound, sign = (ceiling, 1.0) if top else (floor, -1.0)

        def beyond(x: float) -> float:
            """Return how far x is from being a bound: at most zero where it is one."""
            return sign * (bound(self.up - x * self.base, strata, grid) - x * self.add)

        most = np.maximum(np.abs(self.up), np.abs(self.base)).max(axis=1).sum()
        noise = _NOISE * float(most + self.scale)
        if not np.isfinite(self.add):
            return 0.0
        sure = _searched(beyond, noise, (1.0, 0.0) if top else (0.0, 1.0))
        slope = floor(self.base, strata, grid) + self.add
        doubt = noise / slope if slope > noise else 1.0
        return min(max(sure + sign * doubt, 0.0), 1.0)


def _searched(beyond: Callable[[float], float], noise: float, ends: tuple[float, float]) -> float:
    """Return the last point from a sure end, towards an open one, where a convex function is <= 0."""
    sure, open_ = ends
    at_sure, at_open = min(beyond(sure), 0.0), beyond(open_)
    if at_open <= noise:
        return open_
    before = (sure, at_sure)
    for step in range(_STEPS):
        if abs(open_ - sure) < _NEAR or at_sure >= -noise:
            break
        # A chord ends on the sure side; a line beyond two points on it ends on the other.
        other = before if step % 2 else (open_, at_open)
        x = _root((sure, at_sure), other)
        if not min(open_, sure) < x < max(open_, sure):
            x = (open_ + sure) / 2
        value = beyond(x)
        if value <= noise:
            before, sure, at_sure = (sure, at_sure), x, value
        else:
            open_, at_open = x, value
    return sure


def _root(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return where the line through two points is zero; outside all numbers where it is level."""
    (x, at_x), (y, at_y) = one, other
    return np.inf if at_x == at_y else x - at_x * (y - x) / (at_y - at_x)
