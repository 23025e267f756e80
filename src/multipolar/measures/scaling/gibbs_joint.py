"""One step of all positions and items together, along paths of Hamiltonian dynamics.

Where votes tie positions and items tightly, drawing one given the other moves both slowly. Here everything moves
at once: momentum is drawn, the path is followed for a while, and its end is accepted by the rule of
Metropolis and Hastings. Positions and items are measured in units in which the posterior about its mode is
nearly a standard normal one: by the factor of the curvature that `blocks` makes, in which an item is tied to
positions of two neighbouring periods only. The factor is held fixed, so that it changes how far paths lead and not
where they may end.

Source: Neal, R. M. (2011), MCMC using Hamiltonian dynamics, in Handbook of Markov Chain Monte Carlo, 113–162.
"""

from __future__ import annotations

import itertools
from types import ModuleType

import numpy as np

from .blocks import factor, layout_of
from .newton import Fit, Mode, Work, _dot
from .problem import Array, Problem

MOST = 30_000_000
"""Numbers of the factor, or votes, above which there is no such step."""
_LENGTH = 1.5
"""Length of a path, on average, in standard deviations: a quarter of a period is 1.57."""
_FIRST = 0.2
_LEAST, _LONGEST = 0.02, 0.9
_STEPS = 24
"""Steps of a path, at most."""
_WANTED = 0.75
"""Share of paths that are accepted where the length of a step is tuned to."""


def suited(given: Problem) -> bool:
    """Say whether the factor is of moderate size, and the votes are."""
    sizes = np.diff(given.start).astype(float)
    numbers = (sizes**2).sum() + (sizes[1:] * sizes[:-1]).sum()
    return bool(max(numbers, given.cells) <= MOST)


class Joint:
    """Paths of all positions and items.

    Parameters
    ----------
    fit : Fit
        What was fitted.
    mode : Mode
        Where the curvature is taken.
    loops : module
        `gibbs_kernels`.
    middle_at : array, items
        The combination of cutpoints that is moved with log g held: m + a g.
    binary : bool
        Whether gaps are held.
    root : array, items x 6
        Of the items' curvature at the mode, as `gibbs_kernels.by_item` fills it.

    Attributes
    ----------
    size : float
        Length of a step.
    """

    def __init__(
        self,
        fit: Fit,
        mode: Mode,
        loops: ModuleType,
        middle_at: Array,
        binary: bool,
        root: Array,
    ) -> None:
        self.fit, self.given, self.loops = fit, fit.given, loops
        self.middle_at, self.binary = middle_at, binary
        self.size = _FIRST
        work = Work(fit.given)
        fit.evaluate(mode.theta, mode.items, work, curved=False)
        lower = np.zeros((len(root), 3, 3))
        lower[:, [0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2]] = root
        self.inverse = np.linalg.inv(lower @ lower.transpose(0, 2, 1))
        self.root = np.linalg.cholesky(self.inverse)
        gap = np.zeros(len(root)) if binary else mode.items[:, 2]
        item = fit.given.item_of
        self.cross = work.cross
        self.cross[:, 2] -= middle_at[item] * self.cross[:, 1]
        self.cross[:, 2] *= gap[item]
        self.cross[~_near(fit.given)] = 0.0
        prior = fit.prior
        self.made = factor(
            fit.given,
            layout_of(fit.given),
            fit.kernels,
            self.cross,
            self.root,
            work.node_curve + prior.diagonal,
            prior.off,
        )

    def draw(
        self,
        rng: np.random.Generator,
        votes: Problem,
        theta: Array,
        items: Array,
        rate: float,
    ) -> tuple[Array, Array, float]:
        """Follow a path.

        Parameters
        ----------
        rng : Generator
        votes : Problem
            The votes.
        theta, items : arrays
            Where it begins; left as they are.
        rate : float
            How much the length of a step is tuned.

        Returns
        -------
        theta, items : arrays
            Where the chain goes on.
        accepted : float
            1 where that is the end of the path, else 0.
        """
        nodes = np.asarray(rng.standard_normal(len(theta)))
        others = np.asarray(rng.standard_normal(items.shape))
        length = _LENGTH * float(rng.uniform(0.5, 1.5))
        chance = -float(rng.standard_exponential())
        if self.binary:
            others[:, 2] = 0.0
        old_theta, old_items = theta, items
        value, by_node, by_item = self._slope(votes, theta, items)
        energy = _half_square(nodes, others) - value
        steps = min(max(round(length / self.size), 1), _STEPS)
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(steps):
                nodes = nodes + 0.5 * self.size * by_node
                others = others + 0.5 * self.size * by_item
                theta, items = self._moved(theta, items, nodes, others)
                value, by_node, by_item = self._slope(votes, theta, items)
                nodes = nodes + 0.5 * self.size * by_node
                others = others + 0.5 * self.size * by_item
                if not np.isfinite(value):
                    break
        energy -= _half_square(nodes, others) - value
        energy = energy if np.isfinite(energy) else -np.inf
        if rate:
            self.size *= float(np.exp(rate * (np.exp(min(energy, 0.0)) - _WANTED)))
            self.size = min(max(self.size, _LEAST), _LONGEST)
        return (theta, items, 1.0) if chance < energy else (old_theta, old_items, 0.0)

    def _slope(self, votes: Problem, theta: Array, items: Array) -> tuple[float, Array, Array]:
        """Return the log density and its slope, in the units of the factor."""
        given, fit = self.given, self.fit
        by_node, by_item = np.empty(len(theta)), np.empty((len(items), 3))
        value = self.loops.slopes(
            votes.ptr,
            votes.node,
            votes.category,
            theta,
            items,
            self.middle_at,
            fit.item_prior,
            self.binary,
            by_node,
            by_item,
        )
        pulled = fit.prior.times(theta)
        by_node -= pulled
        aside = np.einsum("vij,vj->vi", self.inverse, by_item)
        fit.kernels.node_products(given.ptr, given.node, self.cross, aside, by_node)
        forward = np.concatenate(self.made.forward(by_node[:, None]))[:, 0]
        return (
            float(value) - 0.5 * _dot(theta, pulled),
            forward,
            np.einsum("vji,vj->vi", self.root, by_item),
        )

    def _moved(
        self, theta: Array, items: Array, nodes: Array, others: Array
    ) -> tuple[Array, Array]:
        """Return positions and items after a step with a momentum."""
        given, start = self.given, self.given.start
        parts = [nodes[a:b, None] for a, b in itertools.pairwise(start)]
        moved = self.size * self.made.backward(parts)[:, 0]
        back = np.empty_like(items)
        self.fit.kernels.item_products(given.ptr, given.node, self.cross, moved, back)
        changed = self.size * np.einsum("vij,vj->vi", self.root, others)
        changed -= np.einsum("vij,vj->vi", self.inverse, back)
        out = items.copy()
        if not self.binary:
            out[:, 2] *= np.exp(np.clip(changed[:, 2], -30.0, 30.0))
        out[:, 0] += changed[:, 0]
        out[:, 1] += changed[:, 1] - self.middle_at * (out[:, 2] - items[:, 2])
        return theta + moved, out


def _half_square(nodes: Array, others: Array) -> float:
    """Return half the squared length of a momentum."""
    flat = others.ravel()
    return 0.5 * (_dot(nodes, nodes) + _dot(flat, flat))


def _near(given: Problem) -> Array:
    """Return which cells are in the two neighbouring periods in which most votes on their item are."""
    periods, items = len(given.periods), len(given.items)
    item = given.item_of
    period = given.node_period[given.node]
    first = np.minimum.reduceat(period, given.ptr[:-1])
    if np.all(np.maximum.reduceat(period, given.ptr[:-1]) <= first + 1):
        return np.ones(given.cells, dtype=bool)
    key, place = np.unique(item.astype(np.int64) * (periods + 1) + period, return_inverse=True)
    count = np.bincount(place)
    both = count.copy()
    follows = np.flatnonzero(np.diff(key) == 1)
    both[follows] += count[follows + 1]
    of = key // (periods + 1)
    order = np.lexsort((-both, of))
    best = order[np.searchsorted(of[order], np.arange(items))]
    begin = (key % (periods + 1))[best]
    return np.asarray((period >= begin[item]) & (period <= begin[item] + 1))
