"""The mode of the posterior, by Newton steps in which the items are eliminated.

The likelihood is nearly flat along shifts and stretches of all states of a period, so that alternating
between states and items, or variational updates, stop far from the mode. Here each step solves for all
positions at once: the items (three parameters each) are eliminated, the rest is solved by conjugate
gradients, preconditioned along exactly those directions (`coarse`). The curvature is the full one, so that the
last steps converge quadratically; far from the mode its diagonal is enlarged until a step leads upwards, and
each step is followed by one of the items alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from .coarse import Coarse, NotDefinite, coarse
from .problem import Array, Problem
from .settings import NO_GAP, Settings
from .threads import on_one_thread

TOLERANCE = 1e-5
STEPS = 100
_LEAST_GAP = 0.2
WARM = 2
"""Steps of the items alone, to begin with."""
_FAR = 1.0
"""Gradient norm down to which each step is followed by one of the items alone."""
_PRODUCTS = 300
"""Products with the matrix for one step, at most."""
_FIXED = 1e12
"""Curvature along a parameter that is held."""
_LARGE = 20_000_000
"""Votes above which cross derivatives are kept in single precision; the gradient never is."""


@dataclass(frozen=True, slots=True)
class Mode:
    """The mode of the posterior and how it was reached.

    Attributes
    ----------
    theta : array, one per node
        Positions, on the scale of the model.
    items : array, items x 3
        beta, m and g of every item.
    value : float
        Log posterior up to a constant.
    log_likelihood : float
        Log likelihood of the votes.
    gradient_norm : float
        Largest absolute derivative of the log posterior by any parameter.
    iterations, products : int
        Newton steps, and products with the matrix in all solutions.
    converged : bool
        Whether the gradient norm is within the tolerance.
    seconds : float
        Time taken.
    """

    theta: Array
    items: Array
    value: float
    log_likelihood: float
    gradient_norm: float
    iterations: int
    products: int
    converged: bool
    seconds: float


class Work:
    """Arrays of derivatives at one point (see `kernels.derivatives`).

    Parameters
    ----------
    given : Problem
    precision : type
        Of the cross derivatives, the largest array: ``float64`` or ``float32``.
    cross : array, cells x 3, optional
        An array to be shared with other work.
    """

    def __init__(
        self,
        given: Problem,
        precision: type[np.floating[Any]] = np.float64,
        cross: Array | None = None,
    ) -> None:
        nodes, items = len(given.node_state), len(given.items)
        self.node_slope = np.zeros(nodes)
        self.node_curve = np.zeros(nodes)
        self.item_slope = np.zeros((items, 3))
        self.item_curve = np.zeros((items, 3, 3))
        # Each of the three stands together, so that the loops can take several votes at once.
        if cross is None:
            cross = np.zeros((given.cells, 3), dtype=precision, order="F")
        self.cross: Array = cross
        self.value = -np.inf


@dataclass(frozen=True, slots=True)
class Prior:
    """The prior of the positions: precision of each node, and coupling to the node before."""

    diagonal: Array
    off: Array
    prev: Array

    def times(self, x: Array) -> Array:
        """Return the precision matrix times a vector."""
        out = self.diagonal * x
        linked = self.prev >= 0
        before = self.prev[linked]
        out[linked] += self.off[linked] * x[before]
        out += np.bincount(before, self.off[linked] * x[linked], minlength=len(x))
        return np.asarray(out)


def prior_of(given: Problem, settings: Settings) -> Prior:
    """Return the prior of the positions."""
    nodes = len(given.node_state)
    linked = given.prev >= 0
    pull = np.full(nodes, settings.pull)
    if settings.dynamics == "random-walk":
        pull[linked] = 0.0
    precision = np.where(linked, 1.0 / settings.step, 0.0)
    if settings.by_votes:
        n = np.maximum(given.votes, 1)
        precision *= (n + n[given.prev]) / (2 * n)
    pull += precision
    pull += np.bincount(given.prev[linked], precision[linked], minlength=nodes)
    return Prior(pull, -precision, given.prev)


def compiled() -> ModuleType:
    """Return the compiled loops, loading the compiler when they are first needed."""
    from . import kernels

    return kernels


class Fit:
    """One search for the mode."""

    def __init__(self, given: Problem, settings: Settings, kernels: ModuleType) -> None:
        self.given, self.settings, self.kernels = given, settings, kernels
        self.prior = prior_of(given, settings)
        self.item_prior = np.array(
            [settings.slope, settings.middle, settings.gap_shape, settings.gap_rate]
        )
        self.products = 0

    def evaluate(self, theta: Array, items: Array, work: Work, *, curved: bool) -> float:
        """Fill the derivatives at a point and return the log posterior."""
        value = self.kernels.derivatives(
            self.given.ptr,
            self.given.node,
            self.given.category,
            theta,
            items,
            self.item_prior,
            curved,
            work.node_slope,
            work.node_curve,
            work.item_slope,
            work.item_curve,
            work.cross,
        )
        if self.settings.response == "binary":
            value -= self._hold_gap(items, work)
        pulled = self.prior.times(theta)
        work.node_slope -= pulled
        work.value = value - 0.5 * _dot(theta, pulled)
        return work.value

    def _hold_gap(self, items: Array, work: Work) -> float:
        """Hold the gap of every item where it is, and return what its prior added to the value."""
        work.item_slope[:, 2] = 0.0
        work.item_curve[:, 2, :] = work.item_curve[:, :, 2] = 0.0
        work.item_curve[:, 2, 2] = _FIXED
        work.cross[:, 2] = 0.0
        return float(self._gap_value(items).sum())

    def step(
        self, theta: Array, work: Work, damping: float, accuracy: float
    ) -> tuple[Array, Array]:
        """Return the step of positions and items.

        Raises
        ------
        NotDefinite
            The curvature is not positive definite.
        """
        given, kernels = self.given, self.kernels
        curve = work.item_curve.copy()
        curve[:, (0, 1, 2), (0, 1, 2)] *= 1 + damping
        try:
            inverse = np.linalg.inv(curve)
        except np.linalg.LinAlgError:
            raise NotDefinite from None
        diagonal = work.node_curve * (1 + damping) + self.prior.diagonal
        made = coarse(given, work.cross, inverse, diagonal, self.prior.off, theta)
        aside = np.einsum("vij,vj->vi", inverse, work.item_slope)
        right = work.node_slope.copy()
        kernels.node_products(given.ptr, given.node, work.cross, aside, right)

        def times(x: Array) -> Array:
            self.products += 1
            out = work.node_curve * (damping + 1) * x + self.prior.times(x)
            kernels.without_items(given.ptr, given.node, work.cross, inverse, x, out)
            return out

        moved = _conjugate(times, right, made, accuracy)
        back = np.zeros_like(work.item_slope)
        kernels.item_products(given.ptr, given.node, work.cross, moved, back)
        return moved, np.einsum("vij,vj->vi", inverse, work.item_slope - back)

    @on_one_thread
    def run(
        self, theta: Array, items: Array, tolerance: float = TOLERANCE, steps: int = STEPS
    ) -> Mode:
        """Search from a start."""
        begin = time.perf_counter()
        if self.settings.response == "binary":
            items = items.copy()
            items[:, 2] = NO_GAP
        large = self.given.cells > _LARGE
        here = Work(self.given, np.float32 if large else np.float64)
        there = Work(self.given, cross=here.cross)
        for _ in range(WARM):
            self.evaluate(theta, items, here, curved=False)
            items = self._items_only(items, here)
        self.evaluate(theta, items, here, curved=True)
        norm, damping, taken = _norm(here), 1.0, 0
        while norm > tolerance and taken < steps and damping < 1e8:
            try:
                accuracy = min(0.1, max(1e-9, 0.1 * norm))
                moved, changed = self.step(theta, here, damping, accuracy)
            except NotDefinite:
                damping = max(4 * damping, 1e-3)
                continue
            new_theta, new_items = theta + moved, _moved(items, changed)
            value = self.evaluate(new_theta, new_items, there, curved=True)
            if not value >= here.value - 1e-10 * abs(here.value):
                damping = max(4 * damping, 1e-3)
                self.evaluate(theta, items, here, curved=True)
                continue
            theta, items = new_theta, new_items
            here, there = there, here
            if _norm(here) > _FAR:
                new_items = self._items_only(items, here)
                if self.evaluate(theta, new_items, there, curved=True) > here.value:
                    items = new_items
                    here, there = there, here
                else:
                    self.evaluate(theta, items, here, curved=True)
            damping = damping / 5 if damping > 1e-6 else 0.0
            norm = _norm(here)
            taken += 1
        pulled = _dot(theta, self.prior.times(theta))
        likelihood = here.value + 0.5 * pulled - self._item_value(items)
        return Mode(
            theta,
            items,
            here.value,
            likelihood,
            norm,
            taken,
            self.products,
            bool(norm <= tolerance),
            time.perf_counter() - begin,
        )

    def _items_only(self, items: Array, work: Work) -> Array:
        """Return the items after a Newton step that leaves the positions where they are."""
        changed = np.linalg.solve(work.item_curve, work.item_slope[:, :, None])[:, :, 0]
        longest = np.abs(changed).max(axis=1)
        return _moved(items, changed * np.minimum(1.0, 3.0 / np.maximum(longest, 1e-9))[:, None])

    def _item_value(self, items: Array) -> float:
        """Return the log prior of the items."""
        slope, middle, _, _ = self.item_prior
        value = -0.5 * (slope * items[:, 0] ** 2 + middle * items[:, 1] ** 2)
        if self.settings.response != "binary":
            value += self._gap_value(items)
        return float(value.sum())

    def _gap_value(self, items: Array) -> Array:
        """Return the log prior of each gap."""
        shape, rate = self.item_prior[2:]
        return np.asarray((shape - 1) * np.log(items[:, 2]) - rate * items[:, 2])


def _norm(work: Work) -> float:
    return float(max(np.abs(work.node_slope).max(), np.abs(work.item_slope).max()))


def _moved(items: Array, changed: Array) -> Array:
    """Move the items; a gap that would close is made smaller by a factor instead."""
    out = items + changed
    gap = items[:, 2]
    shrunk = gap * np.exp(np.clip(changed[:, 2] / gap, -3.0, 0.0))
    out[:, 2] = np.where(out[:, 2] > _LEAST_GAP * gap, out[:, 2], shrunk)
    return np.asarray(out)


def _dot(a: Array, b: Array) -> float:
    """Return the inner product, on one thread: starting others takes longer than the sum."""
    return float(np.einsum("i,i->", a, b))


def _conjugate(
    times: Callable[[Array], Array], right: Array, made: Coarse, accuracy: float
) -> Array:
    """Solve by preconditioned conjugate gradients, up to a relative residual.

    Raises
    ------
    NotDefinite
        The matrix is not positive definite.
    """
    x = np.zeros_like(right)
    rest, goal = right.copy(), accuracy**2 * _dot(right, right)
    direction, size = np.zeros_like(right), 1.0
    for _ in range(_PRODUCTS):
        if _dot(rest, rest) <= goal:
            break
        z = made.solve(rest)
        new = _dot(rest, z)
        direction = z + (new / size) * direction
        size = new
        product = times(direction)
        curvature = _dot(direction, product)
        if not curvature > 0:
            raise NotDefinite
        length = size / curvature
        x += length * direction
        rest -= length * product
    return x


def first_items(given: Problem) -> Array:
    """Return items to begin with: cutpoints from the shares of the categories, no slope."""
    items = np.zeros((len(given.items), 3))
    items[:, 2] = 0.7
    return items


def start_of(given: Problem, polar: Array, spread: float = 1.0) -> Array:
    """Return positions to begin with, from a score per state."""
    score = np.asarray(polar, dtype=float)
    scale = score.std() or 1.0
    return np.asarray(spread * ((score - score.mean()) / scale)[given.node_state])
