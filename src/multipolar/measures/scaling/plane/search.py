"""The mode of the posterior in the plane, by Newton steps in which the items are eliminated.

As `newton` in one dimension, with four parameters per item. The log posterior is the same after any rotation of
positions and items together. Each step is that of the log posterior less a penalty on the rotation from where
it begins, which has the same modes and no flat direction.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np

from ..coarse import NotDefinite
from ..compiling import _kept
from ..newton import STEPS, TOLERANCE, Mode, prior_of
from ..problem import Array, Problem
from ..settings import Settings
from ..threads import on_one_thread
from .coarse import Coarse, Stiff, coarse, stiff

_LEAST_GAP = 0.2
_WARM = 2
"""Steps of the items alone, to begin with."""
_FAR = 1.0
"""Gradient norm down to which each step is followed by one of the items alone."""
_PRODUCTS = 400
"""Products with the matrix for one step, at most."""
_FIRST_GAP = 0.7


class Work:
    """Arrays of derivatives at one point (see `kernels.derivatives`).

    Parameters
    ----------
    given : Problem
    cross : array, cells x 3, optional
        An array to be shared with other work.
    """

    def __init__(self, given: Problem, cross: Array | None = None) -> None:
        nodes, items = len(given.node_state), len(given.items)
        self.node_slope = np.zeros((nodes, 2))
        self.node_curve = np.zeros((nodes, 3))
        self.item_slope = np.zeros((items, 4))
        self.item_curve = np.zeros((items, 4, 4))
        self.cross: Array = np.zeros((given.cells, 3), order="F") if cross is None else cross
        self.value = -np.inf

    @property
    def norm(self) -> float:
        """Return the largest absolute derivative."""
        return float(max(np.abs(self.node_slope).max(), np.abs(self.item_slope).max()))


def compiled() -> ModuleType:
    """Return the compiled loops, loading the compiler when they are first needed."""
    from . import kernels

    return kernels


def is_compiled() -> bool:
    """Say whether the loops of the plane are in this process, or kept on disk by an earlier one."""
    from . import coarse_loops, kernels

    needed: list[Any] = [
        kernels.derivatives,
        kernels.without_items,
        kernels.item_products,
        kernels.node_products,
        kernels.spread,
        coarse_loops.along,
        coarse_loops.factored,
        coarse_loops.gathered,
        coarse_loops.solved,
    ]
    return all(not hasattr(loop, "py_func") or loop.signatures or _kept(loop) for loop in needed)


class Search:
    """One search for the mode.

    Parameters
    ----------
    given : Problem
    settings : Settings
    kernels : module
        `kernels`, or `plain`.
    """

    def __init__(self, given: Problem, settings: Settings, kernels: ModuleType) -> None:
        self.given, self.settings, self.kernels = given, settings, kernels
        self.prior = prior_of(given, settings)
        self.item_prior = item_prior(settings)
        self.still = settings.response == "binary"
        self.products = 0

    def first_items(self) -> Array:
        """Return items to begin with: no slope, and no gap where the response is binary."""
        items = np.zeros((len(self.given.items), 4))
        items[:, 3] = 0.0 if self.still else _FIRST_GAP
        return items

    def pulled(self, x: Array) -> Array:
        """Return the precision of the prior times a vector, nodes x 2."""
        return np.stack([self.prior.times(x[:, 0]), self.prior.times(x[:, 1])], axis=1)

    def evaluate(self, theta: Array, items: Array, work: Work, *, curved: bool) -> float:
        """Fill the derivatives at a point and return the log posterior."""
        value = self.kernels.derivatives(
            self.given.ptr,
            self.given.node,
            self.given.category,
            theta,
            items,
            self.item_prior,
            self.still,
            curved,
            work.node_slope,
            work.node_curve,
            work.item_slope,
            work.item_curve,
            work.cross,
        )
        pulled = self.pulled(theta)
        work.node_slope -= pulled
        work.value = value - 0.5 * _dot(theta, pulled)
        return work.value

    def curve(self, work: Work, damping: float = 0.0) -> Array:
        """Return the curvature of the nodes with the prior, nodes x 3."""
        out = work.node_curve * (1 + damping)
        out[:, 0] += self.prior.diagonal
        out[:, 2] += self.prior.diagonal
        return np.asarray(out)

    def times(
        self, theta: Array, items: Array, work: Work, inverse: Array, curve: Array, held: Stiff
    ) -> Callable[[Array], Array]:
        """Return the function that multiplies by the curvature of the positions, items eliminated.

        Parameters
        ----------
        inverse : array, items x 4 x 4
            Inverse curvature of the items.
        curve : array, nodes x 3
            Curvature of the nodes with the prior (`curve`).
        held : Stiff
            What is added for the rotation.
        """
        given, prior, kernels = self.given, self.prior, self.kernels
        # What couples neighbours; the diagonal of the prior is in the curve.
        linked = np.flatnonzero(prior.prev >= 0)
        before, off = prior.prev[linked], prior.off[linked, None]

        def product(x: Array) -> Array:
            self.products += 1
            out = np.empty_like(x)
            out[:, 0] = curve[:, 0] * x[:, 0] + curve[:, 1] * x[:, 1]
            out[:, 1] = curve[:, 1] * x[:, 0] + curve[:, 2] * x[:, 1]
            out[linked] += off * x[before]
            # No node is before two others.
            out[before] += off * x[linked]
            held.add(x, out)
            kernels.without_items(given.ptr, given.node, work.cross, theta, items, inverse, x, out)
            return out

        return product

    def step(
        self, theta: Array, items: Array, work: Work, damping: float, accuracy: float
    ) -> tuple[Array, Array]:
        """Return the step of positions and items.

        Raises
        ------
        NotDefinite
            The curvature is not positive definite.
        """
        given, kernels, place = self.given, self.kernels, np.arange(4)
        bent = work.item_curve.copy()
        bent[:, place, place] *= 1 + damping
        try:
            inverse = np.linalg.inv(bent)
        except np.linalg.LinAlgError:
            raise NotDefinite from None
        curve = self.curve(work, damping)
        held = stiff(theta, float(curve[:, (0, 2)].mean()))
        made = coarse(given, work.cross, theta, items, inverse, curve, self.prior.off, held)
        aside = np.einsum("vij,vj->vi", inverse, work.item_slope)
        right = work.node_slope.copy()
        kernels.node_products(given.ptr, given.node, work.cross, theta, items, aside, right)
        product = self.times(theta, items, work, inverse, curve, held)
        moved = _conjugate(product, right, made, accuracy)
        back = np.zeros_like(work.item_slope)
        kernels.item_products(given.ptr, given.node, work.cross, theta, items, moved, back)
        return moved, np.einsum("vij,vj->vi", inverse, work.item_slope - back)

    @on_one_thread
    def run(
        self, theta: Array, items: Array, tolerance: float = TOLERANCE, steps: int = STEPS
    ) -> Mode:
        """Search from a start.

        Parameters
        ----------
        theta : array, nodes x 2
        items : array, items x 4

        Returns
        -------
        Mode
            With positions nodes x 2 and items x 4 (b1, b2, m, g).
        """
        begin, self.products = time.perf_counter(), 0
        here = Work(self.given)
        there = Work(self.given, cross=here.cross)
        for _ in range(_WARM):
            self.evaluate(theta, items, here, curved=False)
            items = self._items_only(items, here)
        self.evaluate(theta, items, here, curved=True)
        damping, taken = 1.0, 0
        while here.norm > tolerance and taken < steps and damping < 1e8:
            try:
                accuracy = min(0.1, max(1e-9, 0.1 * here.norm))
                moved, changed = self.step(theta, items, here, damping, accuracy)
            except NotDefinite:
                damping = max(4 * damping, 1e-3)
                continue
            new_theta, new_items = theta + moved, self._moved(items, changed)
            value = self.evaluate(new_theta, new_items, there, curved=True)
            if not value >= here.value - 1e-10 * abs(here.value):
                damping = max(4 * damping, 1e-3)
                self.evaluate(theta, items, here, curved=True)
                continue
            theta, items = new_theta, new_items
            here, there = there, here
            if here.norm > _FAR:
                new_items = self._items_only(items, here)
                if self.evaluate(theta, new_items, there, curved=True) > here.value:
                    items = new_items
                    here, there = there, here
                else:
                    self.evaluate(theta, items, here, curved=True)
            damping = damping / 5 if damping > 1e-6 else 0.0
            taken += 1
        likelihood = here.value + 0.5 * _dot(theta, self.pulled(theta)) - self._item_value(items)
        return Mode(
            theta,
            items,
            here.value,
            likelihood,
            here.norm,
            taken,
            self.products,
            bool(here.norm <= tolerance),
            time.perf_counter() - begin,
        )

    def _items_only(self, items: Array, work: Work) -> Array:
        """Return the items after a Newton step that leaves the positions where they are."""
        changed = np.linalg.solve(work.item_curve, work.item_slope[:, :, None])[:, :, 0]
        longest = np.abs(changed).max(axis=1)
        return self._moved(
            items, changed * np.minimum(1.0, 3.0 / np.maximum(longest, 1e-9))[:, None]
        )

    def _moved(self, items: Array, changed: Array) -> Array:
        """Move the items; a gap that would close is made smaller by a factor instead."""
        out = items + changed
        if self.still:
            out[:, 3] = items[:, 3]
            return np.asarray(out)
        gap = items[:, 3]
        shrunk = gap * np.exp(np.clip(changed[:, 3] / gap, -3.0, 0.0))
        out[:, 3] = np.where(out[:, 3] > _LEAST_GAP * gap, out[:, 3], shrunk)
        return np.asarray(out)

    def _item_value(self, items: Array) -> float:
        """Return the log prior of the items."""
        slope, middle, shape, rate = self.item_prior
        value = -0.5 * (slope * (items[:, :2] ** 2).sum() + middle * (items[:, 2] ** 2).sum())
        if not self.still:
            value += ((shape - 1) * np.log(items[:, 3]) - rate * items[:, 3]).sum()
        return float(value)


def item_prior(settings: Settings) -> Array:
    """Return the precision of each slope and of m, and shape and rate of g."""
    return np.array([settings.slope, settings.middle, settings.gap_shape, settings.gap_rate])


def items_given(
    ptr: Array,
    node: Array,
    category: Array,
    theta: Array,
    settings: Settings,
    kernels: Any,
    rounds: int = 60,
) -> tuple[Array, Array]:
    """Return items at their posterior mode while the positions are held, and their covariances.

    Parameters
    ----------
    ptr, node, category : arrays
        Votes as in `Problem`: sorted by item, then by category.
    theta : array, nodes x 2

    Returns
    -------
    items : array, items x 4
    covariance : array, items x 4 x 4
        The inverse of their curvature.
    """
    still, count = settings.response == "binary", len(ptr) - 1
    items = np.zeros((count, 4))
    items[:, 3] = 0.0 if still else (settings.gap_shape - 1) / settings.gap_rate
    slope, curve = np.zeros((count, 4)), np.zeros((count, 4, 4))
    spare = np.zeros((len(theta), 2)), np.zeros((len(theta), 3))
    cross = np.zeros((len(node), 3), order="F")
    for turn in range(rounds + 1):
        kernels.derivatives(
            ptr,
            node,
            category,
            theta,
            items,
            item_prior(settings),
            still,
            False,
            *spare,
            slope,
            curve,
            cross,
        )
        change = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        longest = np.abs(change).max(axis=1, keepdims=True)
        if turn == rounds or longest.max(initial=0.0) < 1e-9:
            break
        change *= np.minimum(1.0, 2.0 / np.maximum(longest, 1e-9))
        gap = np.maximum(items[:, 3] + change[:, 3], _LEAST_GAP * items[:, 3])
        items = items + change
        items[:, 3] = gap
    return items, np.linalg.inv(curve)


def _dot(a: Array, b: Array) -> float:
    """Return the inner product, on one thread: starting others takes longer than the sum."""
    return float(np.einsum("nd,nd->", a, b))


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
