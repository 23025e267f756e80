"""Where the search in the plane begins: the two leading directions of the votes, without any word on who stands where.

Period by period, as in one dimension (`..start`): what the states in common had in the period before goes in as
if it were further votes, and the two directions are then turned to where they were.
"""

from __future__ import annotations

import numpy as np

from ..problem import Array, Problem
from ..start import _MOST_CELLS, CARRIED, _some
from ..threads import on_one_thread
from .rotate import nearest

_ROUNDS = 80
_NOISE = 1e-4


@on_one_thread
def automatic_start(given: Problem, spread: float = 1.0) -> Array:
    """Return positions to begin with.

    Parameters
    ----------
    given : Problem
        The votes.
    spread : float
        Standard deviation of the positions on each axis, over nodes with votes.

    Returns
    -------
    array, nodes x 2
        Mean 0 over nodes with votes; turned in no special way. A node without votes has the position
        of the state's node before it.
    """
    theta = np.zeros((len(given.node_state), 2))
    chosen, item = _some(given)
    period = given.node_period[given.node[chosen]]
    order = np.argsort(period, kind="stable")
    cuts = np.searchsorted(period[order], np.arange(len(given.periods) + 1))
    for t in range(len(given.periods)):
        begin, end = given.start[t], given.start[t + 1]
        before = given.prev[begin:end]
        carried = np.where((before >= 0)[:, None], theta[before], 0.0)
        part = order[cuts[t] : cuts[t + 1]]
        cells = chosen[part]
        here = _leading(
            given.node[cells] - begin, item[part], given.category[cells], end - begin, carried
        )
        silent = given.votes[begin:end] == 0
        theta[begin:end] = np.where(silent[:, None], carried, here)
    voted = given.votes > 0
    theta -= theta[voted].mean(axis=0)
    scale = theta[voted].std(axis=0)
    return np.asarray(theta * (spread / np.where(scale > 0, scale, 1.0)))


def _leading(node: Array, item: Array, category: Array, nodes: int, carried: Array) -> Array:
    """Return the two leading directions of one period, each of mean 0 and standard deviation 1."""
    labels, place = np.unique(item, return_inverse=True)
    step = -(-(len(labels) * nodes) // _MOST_CELLS)
    if step > 1:
        kept = place % step == 0
        node, category, place = node[kept], category[kept], place[kept] // step
    votes = np.zeros((nodes, int(place.max(initial=-1)) + 1))
    seen = np.zeros_like(votes)
    votes[node, place] = 1.0 - category
    seen[node, place] = 1.0
    votes -= seen * (votes.sum(axis=0) / np.maximum(seen.sum(axis=0), 1.0))
    weight = np.sqrt(np.maximum(seen.sum(axis=1), 1.0))
    votes /= weight[:, None]
    size = float((votes**2).sum())
    if size == 0.0 or nodes < 3:
        return carried
    moved = np.abs(carried).sum() > 0
    if moved:
        # The directions of before, each as strong as it was among the votes.
        old, _ = np.linalg.qr(carried * weight[:, None])
        strength = CARRIED * size * np.array([1.0, 0.5])
        votes = np.hstack([votes, old * np.sqrt(strength)])
    x = _subspace(votes)
    score = x / weight[:, None]
    score -= score.mean(axis=0)
    scale = score.std(axis=0)
    score = score / np.where(scale > 1e-9, scale, 1.0)
    return np.asarray(score @ nearest(score, carried).T if moved else score)


def _subspace(votes: Array) -> Array:
    """Return the two leading left singular vectors, by power iteration; the stronger first."""
    rng = np.random.default_rng(0)
    x, _ = np.linalg.qr(votes @ rng.standard_normal((votes.shape[1], 4)))
    for _ in range(_ROUNDS):
        y, _ = np.linalg.qr(votes @ (votes.T @ x))
        done = np.abs(y - x @ (x.T @ y)).max() < _NOISE
        x = y
        if done:
            break
    inside, _, _ = np.linalg.svd(x.T @ votes, full_matrices=False)
    return np.asarray((x @ inside)[:, :2])
