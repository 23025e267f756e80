"""The Shapley–Shubik index of large games, by quadrature over a table of sums.

It is the integral over p of the probability to be pivotal when everybody agrees with probability p,
taken by Gauss–Legendre quadrature: over the p below one half from the side of those in favour, over
the p above it from the side of those not in favour, where taking a player out of the table is
stable. The integrand is a polynomial, so that the error falls faster than any power of the nodes.

Source: G. Owen, Management Science 18 (1972), P64-P79.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np

from ...rules.form import Form
from .evaluate import Array
from .table import ALL, Asked, Players, Side, asked, compiled, distinct, links, shifted, side_of

NODES = 24
"""Quadrature nodes on each side of one half, to begin with."""
MOST_NODES = 400
ENOUGH = 1e-11


def shapley_by_table(form: Form, kernels: ModuleType | None = None) -> tuple[Array, float]:
    """Return the Shapley–Shubik index of every player by quadrature.

    The nodes are doubled until the indices sum to one within ``ENOUGH``.

    Returns
    -------
    values : array of float, one per player
    error : float
        How far the values are from summing to one.
    """
    nodes = NODES
    while True:
        values = shapley_with(form, nodes, kernels)
        error = float(abs(1 - values.sum()))
        if error <= ENOUGH or nodes >= MOST_NODES:
            return values, error
        nodes *= 2


def shapley_with(form: Form, nodes: int, kernels: ModuleType | None = None) -> Array:
    """Return the index of every player with a given number of nodes on each side."""
    kernels = kernels or compiled()
    points, weights = np.polynomial.legendre.leggauss(nodes)
    values = np.zeros(len(form.players))
    for favour in (True, False):
        side = side_of(form, favour=favour)
        assert side is not None
        players = distinct(side)
        at = asked(side, players)
        each = np.zeros(len(players.kinds))
        for point, weight in zip(points, weights, strict=True):
            # From [-1, 1] to [0, 1/2].
            move = (point + 1) / 4
            each += weight / 4 * _pivotal(side, players, at, float(move), kernels)
        values += each[list(players.of)]
    return values


def _pivotal(side: Side, players: Players, at: Asked, move: float, kernels: ModuleType) -> Array:
    """Return the probability to be pivotal, per kind, when all join with one probability."""
    table = mixed(side, move, kernels)
    got = kernels.without_player_float(
        table, side.width, at.rows, at.columns, at.most, at.steps, at.weights, move
    ).reshape(len(players.kinds), 2, -1)
    out = np.asarray(got[:, 0].sum(axis=1) - got[:, 1].sum(axis=1))
    every = [sums for sums, limit in side.limits.items() if limit == ALL]
    chances = _row_chances(side, move) if every else None
    for k, (_, step) in enumerate(players.kinds):
        if chances is not None and any(step):
            left = _chances_without(chances, step, move)
            for place in every:
                before = tuple(s - e for s, e in zip(place, step, strict=True))
                out[k] += left[place] - (left[before] if min(before) >= 0 else 0.0)
    return out


def mixed(side: Side, move: float, kernels: ModuleType) -> Array:
    """Return the probabilities of sums up to each column, all players joining with one chance."""
    table = np.zeros(side.cells)
    table[0] = 1.0
    reach = 0
    memo: dict[tuple[int, ...], tuple[Array, Array, int]] = {}
    for i in sorted(range(len(side.main)), key=lambda i: side.main[i]):
        weight = side.main[i]
        reach = min(reach + weight, side.width - 1)
        step = tuple(row[i] for row in side.side)
        if step not in memo:
            memo[step] = links(side.spans, step)
        rows, source, _ = memo[step]
        if weight >= side.width:
            source = np.full_like(source, -1)
        kernels.mix_player(table, side.width, rows, source, weight, reach, move)
    kernels.accumulate_float(table, side.width)
    return table


def _row_chances(side: Side, move: float) -> Array:
    """Return the probability of each sum of the few-valued criteria."""
    table = np.zeros(tuple(sum(row) + 1 for row in side.side))
    table[(0,) * table.ndim] = 1.0
    for i in range(len(side.main)):
        step = tuple(row[i] for row in side.side)
        table = (1 - move) * table + move * shifted(table, step)
    return table


def _chances_without(table: Array, step: tuple[int, ...], move: float) -> Array:
    left = table.copy()
    for place in np.ndindex(*table.shape):
        before = tuple(p - s for p, s in zip(place, step, strict=True))
        if min(before) >= 0:
            left[place] -= move * left[before]
        left[place] /= 1 - move
    return left
