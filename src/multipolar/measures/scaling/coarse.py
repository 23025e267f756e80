"""A preconditioner of the curvature of the positions, items eliminated, in time linear in the votes.

Two parts are added. Each state's chain of periods has the diagonal of the curvature and the coupling of the
prior. What that leaves nearly flat are smooth movements of all states of a period: its shift, its stretch and
its bend. Along these the curvature is exact, also between periods that share items.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np

from .problem import Array, Problem

GROUPS = 128
"""Groups of periods that move together, at most: one per period up to this number."""
_RIDGE = 1e-8


class NotDefinite(ArithmeticError):
    """The matrix is not positive definite."""


@dataclass(frozen=True, slots=True)
class Coarse:
    """The preconditioner.

    Attributes
    ----------
    loops : module
        `coarse_loops`.
    prev, own, ratio : arrays, one per node
        The chains of the states, factored.
    group : array of int, one per node
        Group of periods.
    x : array, one per node
        The position less the mean of its group, in standard deviations.
    lower : array, 3 groups x 3 groups
        Cholesky factor of the curvature along 1, x and x² of each group.
    """

    loops: ModuleType
    prev: Array
    own: Array
    ratio: Array
    group: Array
    x: Array
    lower: Array

    def solve(self, b: Array) -> Array:
        """Return what the preconditioner makes of a vector."""
        out = np.empty_like(b)
        self.loops.solved(self.prev, self.own, self.ratio, self.group, self.x, self.lower, b, out)
        return out


def coarse(
    given: Problem,
    cross: Array,
    inverse: Array,
    diagonal: Array,
    off: Array,
    theta: Array,
) -> Coarse:
    """Make the preconditioner at a point.

    Parameters
    ----------
    cross : array, cells x 3
        Negative second derivatives between nodes and items.
    inverse : array, items x 3 x 3
        Inverse curvature of the items.
    diagonal, off : arrays, one per node
        Curvature of the nodes with the prior; coupling of each node with the one before.
    theta : array, one per node
        Positions.

    Raises
    ------
    NotDefinite
        The curvature is not positive definite.
    """
    from . import coarse_loops

    groups = min(len(given.periods), GROUPS)
    group = (given.node_period * groups) // len(given.periods)
    size = np.bincount(group, minlength=groups)
    x = theta - (np.bincount(group, theta, minlength=groups) / size)[group]
    deviation = np.sqrt(np.bincount(group, x * x, minlength=groups) / size)
    x /= np.maximum(deviation, 1e-9)[group]
    own, ratio = np.empty_like(x), np.zeros_like(x)
    matrix = np.zeros((3 * groups, 3 * groups))
    coarse_loops.along(
        given.ptr,
        given.node,
        group,
        cross,
        inverse,
        x,
        diagonal,
        off,
        given.prev,
        own,
        matrix,
    )
    # Where a group has fewer than three different positions the three vectors depend on each other.
    total = np.bincount(group, diagonal, minlength=groups)
    places = np.arange(3 * groups)
    matrix[places, places] += _RIDGE * np.repeat(total, 3)
    if not coarse_loops.factored(off, given.prev, own, ratio, matrix):
        raise NotDefinite
    return Coarse(coarse_loops, given.prev, own, ratio, group, x, matrix)
