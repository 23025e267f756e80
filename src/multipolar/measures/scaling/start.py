"""Where the search begins: positions from who votes with whom, without any word on who stands where.

Period by period, the leading direction of the votes (yes 1, abstain 0, no −1, less the mean of their item)
is found by power iteration. What the states in common had in the period before goes into it as if it were
further votes, so that the direction is kept from period to period and the ends are not swapped.
"""

from __future__ import annotations

import numpy as np

from .problem import Array, Problem
from .threads import on_one_thread

CARRIED = 0.5
"""Weight of the period before, as a share of the votes of the period."""
_ROUNDS = 60
_MOST_CELLS = 4_000_000
"""Cells of the dense matrix of a period; of a larger one items are left out evenly."""
_MOST_VOTES = 10_000_000
"""Votes that are looked at; of more, every second, third … item is."""
_NOISE = 1e-3


@on_one_thread
def automatic_start(given: Problem, spread: float = 1.0) -> Array:
    """Return positions to begin with.

    Parameters
    ----------
    given : Problem
        The votes.
    spread : float
        Standard deviation of the positions that are returned, over nodes with votes.

    Returns
    -------
    array, one per node
        Mean 0 over nodes with votes; which end is positive is not fixed by anything. A node without
        votes has the position of the state's node before it.

    Complexity
    ----------
    Linear in the votes; a large period is judged by a part of its items.
    """
    theta = np.zeros(len(given.node_state))
    chosen, item = _some(given)
    period = given.node_period[given.node[chosen]]
    order = np.argsort(period, kind="stable")
    cuts = np.searchsorted(period[order], np.arange(len(given.periods) + 1))
    for t in range(len(given.periods)):
        begin, end = given.start[t], given.start[t + 1]
        before = given.prev[begin:end]
        carried = np.where(before >= 0, theta[before], 0.0)
        part = order[cuts[t] : cuts[t + 1]]
        cells = chosen[part]
        here = _leading(
            given.node[cells] - begin, item[part], given.category[cells], end - begin, carried
        )
        silent = given.votes[begin:end] == 0
        theta[begin:end] = np.where(silent, carried, here)
    voted = given.votes > 0
    theta -= theta[voted].mean()
    scale = theta[voted].std()
    return np.asarray(theta * (spread / scale) if scale > 0 else theta)


def _some(given: Problem) -> tuple[Array, Array]:
    """Return the cells that are looked at, and the item of each; of very many, those of some items."""
    step = max(1, -(-given.cells // _MOST_VOTES))
    items = np.arange(0, len(given.items), step)
    n = given.ptr[items + 1] - given.ptr[items]
    before = np.cumsum(n) - n
    cells = np.arange(int(n.sum())) + np.repeat(given.ptr[items] - before, n)
    return cells, np.repeat(items, n)


def _leading(node: Array, item: Array, category: Array, nodes: int, carried: Array) -> Array:
    """Return the leading direction of one period: mean 0 and standard deviation 1 over its voters."""
    labels, place = np.unique(item, return_inverse=True)
    step = -(-(len(labels) * nodes) // _MOST_CELLS)
    if step > 1:
        kept = place % step == 0
        node, category, place = node[kept], category[kept], place[kept] // step
    votes = np.zeros((nodes, int(place.max(initial=-1)) + 1))
    seen = np.zeros_like(votes)
    votes[node, place] = 1.0 - category
    seen[node, place] = 1.0
    count = seen.sum(axis=0)
    votes -= seen * (votes.sum(axis=0) / np.maximum(count, 1.0))
    weight = np.sqrt(np.maximum(seen.sum(axis=1), 1.0))
    votes /= weight[:, None]
    size = float((votes**2).sum())
    if size == 0.0:
        return carried
    length = float(np.linalg.norm(carried))
    old = carried * weight / max(np.linalg.norm(carried * weight), 1e-300)
    pull = CARRIED * size if length > 0 else 0.0
    x = old if length > 0 else _first(votes)
    for _ in range(_ROUNDS):
        y = votes @ (votes.T @ x) + pull * (old @ x) * old
        y /= np.linalg.norm(y)
        done = np.abs(y - x).max() < _NOISE
        x = y
        if done:
            break
    score = x / weight
    score -= score.mean()
    scale = score.std()
    return np.asarray(score / scale if scale > 0 else score)


def _first(votes: Array) -> Array:
    """Return the votes of whom the others are most like or unlike, as a direction to begin with."""
    item = int(np.argmax((votes.T @ votes).__abs__().sum(axis=0)))
    return np.asarray(votes[:, item] / np.linalg.norm(votes[:, item]))
