"""How many coalitions of known players reach a quota, for every weight that others may add.

Coalitions are counted by size. Up to `ENUMERATED` players all coalitions are tried; beyond, sums
are kept on a grid, and what rounding may do is added to the thresholds on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np

from ...errors import BadInput
from .evaluate import Array

ENUMERATED = 22
"""Up to so many players, all coalitions are tried."""
MOST = 300
"""Beyond, bounds would say nothing."""
_BLOCK = 18
_WIDE = 1 << 61
_CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Grid:
    """The weights that the others may add together, from nothing to all they have.

    Attributes
    ----------
    edges : tuple of int
        Ascending and symmetric about half of the rest; the first is 0, the last the rest.
    points : bool
        Whether the edges are all the weights that are possible; else each weight between two
        neighbouring edges is possible as well.
    places : array of float
        The edges as shares of the rest.
    """

    edges: tuple[int, ...]
    points: bool
    places: Array

    @classmethod
    def of(cls, rest: int, most: int, whole: bool) -> Grid:
        """Divide 0 to rest into at most so many cells; an odd number, so that they mirror."""
        if rest == 0 or (whole and rest < most):
            return cls._of(tuple(range(rest + 1)), True)
        cells = min(rest, most)
        cells -= 1 - cells % 2
        lower = [k * rest // cells for k in range(cells // 2 + 1)]
        return cls._of((*lower, *(rest - y for y in reversed(lower))), False)

    @classmethod
    def _of(cls, edges: tuple[int, ...], points: bool) -> Grid:
        return cls(edges, points, np.array([y / (edges[-1] or 1) for y in edges]))


@dataclass(frozen=True, slots=True)
class Reach:
    """Bounds on the share of coalitions of a size that reach the quota.

    Attributes
    ----------
    lo, hi : array of float, shape (sizes, edges)
        Of the coalitions of 0, 1, … players, the share that wins when the others add an edge's
        weight; it does not fall from one edge to the next.
    """

    lo: Array
    hi: Array


@dataclass(frozen=True, slots=True)
class Player:
    """What the coalitions of the other known players reach with a player, and without it."""

    own: Reach
    bare: Reach


def players_of(
    weights: Sequence[int], quota: int, grid: Grid, error: int = 0
) -> Iterator[tuple[tuple[int, ...], Player]]:
    """Yield each different weight once, with what coalitions of the other known players reach.

    Parameters
    ----------
    weights : sequence of int
        The known weights.
    quota : int
        The least weight that wins.
    grid : Grid
        What the others may add.
    error : int
        By how much the weight of a coalition may differ from its sum.

    Yields
    ------
    tuple of int, Player
        The places of the players with a weight, and the counts of each of them.

    Complexity
    ----------
    2**n sums for n players up to `ENUMERATED`, about 0.3 s for 21; beyond, n log n additions of
    arrays of at most a million cells: some seconds for 60, and bounds that are wider by what
    rounding may do.

    Raises
    ------
    BadInput
        There are more than `MOST` players.
    """
    if len(weights) > MOST:
        raise BadInput(f"bounds for {len(weights)} known weights; at most {MOST} can be counted.")
    counted = len(weights) <= ENUMERATED
    room = _WIDE if counted else max(_CELLS // len(weights), 2_000)
    unit = max(-(-sum(weights) // room), 1)
    small = [(w + unit // 2) // unit for w in weights]
    off = [w - unit * r for w, r in zip(weights, small, strict=True)]
    below = error + sum(-e for e in off if e < 0)
    above = error + sum(e for e in off if e > 0)
    top = sum(small) + 1
    sure = [min(max(-(-(quota - y + below) // unit), 0), top) for y in grid.edges]
    may = [min(max(-(-(quota - y - above) // unit), 0), top) for y in grid.edges]
    places: dict[int, list[int]] = {}
    for i, w in enumerate(small):
        places.setdefault(w, []).append(i)
    firsts = [same[0] for same in places.values()]
    for i, player in (_tried if counted else _added)(small, firsts, sure, may):
        yield tuple(places[small[i]]), player


def _tried(
    weights: Sequence[int], firsts: Sequence[int], sure: Sequence[int], may: Sequence[int]
) -> Iterator[tuple[int, Player]]:
    """Try all coalitions: at which edge does each begin to win?"""
    n = len(weights)
    counts = [_starts(weights, firsts, row) for row in ([sure] if sure == may else [sure, may])]
    for i in firsts:
        found = []
        for tables in counts:
            inside = tables[i]
            bare = tables[-1] - inside
            ways = np.array([[comb(n - 1, s)] for s in range(n)], dtype=float)
            found.append((inside[1:] / ways, bare[:-1] / ways))
        lo, hi = found[0], found[-1]
        yield i, Player(Reach(lo[0], hi[0]), Reach(lo[1], hi[1]))


def _starts(
    weights: Sequence[int], firsts: Sequence[int], least: Sequence[int]
) -> dict[int, Array]:
    """Count winning coalitions by size and edge: all of them (-1), and those with a player."""
    n, edges = len(weights), len(least)
    low = min(n, _BLOCK)
    sums, sizes = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for w in weights[:low]:
        sums, sizes = np.concatenate([sums, sums + w]), np.concatenate([sizes, sizes + 1])
    # Thresholds fall from edge to edge; a coalition wins from the first one that it reaches.
    rising = np.array(least[::-1], dtype=np.int64)
    width = edges + 1
    out = {k: np.zeros((n + 1) * width, dtype=np.int64) for k in (-1, *firsts)}
    for mask in range(1 << (n - low)):
        high = [low + b for b in range(n - low) if mask >> b & 1]
        start = edges - np.searchsorted(rising, sums + sum(weights[j] for j in high), side="right")
        flat = (sizes + len(high)) * width + start
        every = np.bincount(flat, minlength=(n + 1) * width)
        out[-1] += every
        for i in firsts:
            if i < low:
                inside = flat.reshape(-1, 2, 1 << i)[:, 1, :].ravel()
                out[i] += np.bincount(inside, minlength=(n + 1) * width)
            elif i in high:
                out[i] += every
    return {k: row.reshape(n + 1, width)[:, :edges].cumsum(axis=1) for k, row in out.items()}


def _added(
    weights: Sequence[int], firsts: Sequence[int], sure: Sequence[int], may: Sequence[int]
) -> Iterator[tuple[int, Player]]:
    """Add the players one by one to a table by size and sum, leaving each out in turn."""
    n, top = len(weights), sum(weights)
    table = np.zeros((n, top + 1))
    table[0, 0] = 1.0
    extra = [i for i in range(n) if i not in set(firsts)]
    for count, i in enumerate(extra):
        table = _with(table, weights[i], count)
    ways = np.array([[float(comb(n - 1, s))] for s in range(n)])

    def leaf(table: Array, own: int) -> Player:
        tails = np.zeros((n, top + 2))
        tails[:, :-1] = table[:, ::-1].cumsum(axis=1)[:, ::-1]
        tails /= ways

        def at(least: Sequence[int], less: int) -> Array:
            return tails[:, np.maximum(np.array(least) - less, 0)]

        return Player(Reach(at(sure, own), at(may, own)), Reach(at(sure, 0), at(may, 0)))

    def walk(table: Array, out: Sequence[int], done: int) -> Iterator[tuple[int, Player]]:
        if len(out) == 1:
            yield out[0], leaf(table, weights[out[0]])
            return
        half = len(out) // 2
        for stay, join in ((out[:half], out[half:]), (out[half:], out[:half])):
            more = table
            for count, i in enumerate(join):
                more = _with(more, weights[i], done + count)
            yield from walk(more, stay, done + len(join))

    yield from walk(table, firsts, len(extra))


def _with(table: Array, weight: int, done: int) -> Array:
    """Let one more player be in or out; the table holds coalitions of at most so many players."""
    out = table.copy()
    size = min(done + 2, len(table))
    out[1:size, weight:] += table[: size - 1, : table.shape[1] - weight]
    return out
