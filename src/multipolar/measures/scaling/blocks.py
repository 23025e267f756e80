"""The curvature of the states' positions with the items eliminated: blocks along the periods.

Items of one period, or of two neighbouring ones, make the matrix block-tridiagonal. What items that reach
further add is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import blas, lapack

from .coarse import NotDefinite as NotDefinite
from .problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Period:
    """Where the cells of a period stand in its dense matrix: three rows per item, a column per node."""

    cells: Array
    row: Array
    column: Array
    item: Array
    items: Array
    here: Array
    before: Array
    """Rows that this period's matrix shares with that of the period before."""
    linked: Array
    former: Array
    """Nodes of this period whose state has a node in the period before, and these nodes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything about the blocks that does not change from step to step."""

    periods: tuple[Period, ...]


def layout_of(given: Problem) -> Layout:
    """Return the layout of a problem."""
    item_of = given.item_of.astype(np.int32)
    # In 16 bits periods are sorted without comparisons.
    small = np.uint16 if len(given.periods) < 2**16 else np.int32
    period = given.node_period.astype(small)[given.node]
    order = np.argsort(period, kind="stable")
    cuts = np.concatenate([[0], np.cumsum(np.bincount(period, minlength=len(given.periods)))])
    found: list[Period] = []
    last = np.zeros(0, dtype=np.int32)
    for t in range(len(given.periods)):
        cells = order[cuts[t] : cuts[t + 1]].astype(np.int32)
        item = item_of[cells]
        new = np.flatnonzero(np.diff(item, prepend=-1))
        items = item[new]
        place = np.repeat(np.arange(len(new)), np.diff(new, append=len(item)))
        _, here, before = np.intersect1d(items, last, assume_unique=True, return_indices=True)
        prev = given.prev[given.start[t] : given.start[t + 1]]
        linked = np.flatnonzero(prev >= 0)
        found.append(
            Period(
                cells,
                (3 * place).astype(np.int32),
                (given.node[cells] - given.start[t]).astype(np.int32),
                item,
                items,
                _three(here),
                _three(before),
                linked,
                prev[linked] - (given.start[t - 1] if t else 0),
            )
        )
        last = items
    return Layout(tuple(found))


def _three(rows: Array) -> Array:
    return np.asarray((3 * rows[:, None] + np.arange(3)).ravel())


@dataclass(frozen=True, slots=True)
class Factor:
    """Cholesky factor of a block-tridiagonal matrix: diagonal blocks, and what leads to the next."""

    start: Array
    lower: tuple[Array, ...]
    link: tuple[Array, ...]

    def forward(self, b: Array) -> list[Array]:
        """Return L⁻¹ b, period by period; ``b`` has one column per right side."""
        out: list[Array] = []
        for t, lower in enumerate(self.lower):
            part = np.array(b[self.start[t] : self.start[t + 1]], order="F")
            if t:
                part -= self.link[t - 1].T @ out[-1]
            out.append(blas.dtrsm(1.0, lower, part, lower=1, overwrite_b=1))
        return out

    def backward(self, parts: Sequence[Array]) -> Array:
        """Return L⁻ᵀ of what `forward` returns, as one array."""
        out: list[Any] = [None] * len(parts)
        for t in range(len(parts) - 1, -1, -1):
            part = np.array(parts[t], order="F")
            if t < len(parts) - 1:
                part -= self.link[t] @ out[t + 1]
            out[t] = blas.dtrsm(1.0, self.lower[t], part, lower=1, trans_a=1, overwrite_b=1)
        return np.concatenate(out)


def factor(
    given: Problem,
    layout: Layout,
    kernels: Any,
    cross: Array,
    root: Array,
    diagonal: Array,
    off: Array,
) -> Factor:
    """Factor the curvature of the positions, items eliminated.

    Parameters
    ----------
    cross : array, cells x 3
        Negative second derivatives between nodes and items.
    root : array, items x 3 x 3
        Lower Cholesky factors of the items' inverse curvature.
    diagonal, off : arrays, one per node
        Curvature of the nodes with the prior; coupling of each node with the one before.

    Raises
    ------
    NotDefinite
        The matrix is not positive definite.
    """
    lower: list[Array] = []
    link: list[Array] = []
    sizes = np.diff(given.start)
    most = max(3 * len(p.items) * int(n) for p, n in zip(layout.periods, sizes, strict=True))
    rooms = np.empty((2, most))
    last = np.zeros((0, 0))
    for t, period in enumerate(layout.periods):
        a, b = given.start[t], given.start[t + 1]
        n = b - a
        dense = rooms[t % 2, : 3 * len(period.items) * n].reshape(-1, n)
        dense[:] = 0.0
        kernels.scatter(period.cells, period.row, period.column, cross, root, period.item, dense)
        block = blas.dsyrk(-1.0, dense.T, lower=1) if len(dense) else np.zeros((n, n), order="F")
        block[np.arange(n), np.arange(n)] += diagonal[a:b]
        if t:
            across = np.zeros((a - given.start[t - 1], n), order="F")
            across[period.former, period.linked] = off[a:b][period.linked]
            if len(period.here):
                left, right = last[period.before].T, dense[period.here].T
                across = blas.dgemm(-1.0, left, right, beta=1.0, c=across, trans_b=1, overwrite_c=1)
            step = blas.dtrsm(1.0, lower[-1], across, lower=1, overwrite_b=1)
            link.append(step)
            block = blas.dsyrk(-1.0, step, beta=1.0, c=block, trans=1, lower=1, overwrite_c=1)
        made, info = lapack.dpotrf(block, lower=1, clean=1, overwrite_a=1)
        if info:
            raise NotDefinite
        lower.append(made)
        last = dense
    return Factor(given.start, tuple(lower), tuple(link))
