"""A preconditioner of the curvature of positions in the plane, in time linear in the votes.

As in one dimension: each state's chain of periods, with the blocks of the curvature, plus smooth movements of all
states of a period, along which the curvature is exact. The movements are shifts, linear maps and bends of the
plane. A common rotation of positions and items changes nothing; its direction is made stiff, so that the matrix is
positive definite at a mode and steps do not turn.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from scipy.linalg import lapack

from ..coarse import NotDefinite
from ..problem import Array, Problem

GROUPS = 96
"""Groups of periods that move together, at most: one per period up to this number."""
_RIDGE = 1e-8


@dataclass(frozen=True, slots=True)
class Stiff:
    """What is added to the curvature: ``size`` times the outer product of ``along``.

    Attributes
    ----------
    along : array, nodes x 2
        The direction in which a rotation moves the positions, of length 1.
    size : float
        About the curvature of a node.
    """

    along: Array
    size: float

    def add(self, x: Array, out: Array) -> None:
        """Add its product with ``x`` to ``out``."""
        out += self.size * float(np.einsum("nd,nd->", self.along, x)) * self.along


def stiff(theta: Array, size: float) -> Stiff:
    """Return what holds the rotation of positions about the origin."""
    along = turned(theta)
    length = float(np.sqrt(np.einsum("nd,nd->", along, along)))
    return Stiff(along / max(length, 1e-300), size if length > 0 else 0.0)


def turned(theta: Array) -> Array:
    """Return the positions after a quarter turn: how they move when the plane turns."""
    return np.stack([-theta[:, 1], theta[:, 0]], axis=1)


@dataclass(frozen=True, slots=True)
class Coarse:
    """The preconditioner.

    Attributes
    ----------
    loops : module
        `coarse_loops`.
    prev : array, one per node
    own, ratio : arrays, nodes x 3
        The chains of the states, factored.
    group : array of int, one per node
        Group of periods.
    forms : array, nodes x 6
        1, x1, x2, x1², x1 x2, x2² of the position less the mean of its group, in standard deviations.
    lower : array, 12 groups x 12 groups
        Cholesky factor of the curvature along these, on either axis.
    """

    loops: ModuleType
    prev: Array
    own: Array
    ratio: Array
    group: Array
    forms: Array
    lower: Array

    def solve(self, b: Array) -> Array:
        """Return what the preconditioner makes of a vector, nodes x 2."""
        out, room = np.empty_like(b), np.empty(len(self.lower))
        self.loops.gathered(self.group, self.forms, b, room)
        move, _ = lapack.dpotrs(self.lower, room, lower=1)
        self.loops.solved(self.prev, self.own, self.ratio, self.group, self.forms, move, b, out)
        return out


def coarse(
    given: Problem,
    cross: Array,
    theta: Array,
    items: Array,
    inverse: Array,
    diagonal: Array,
    off: Array,
    held: Stiff,
) -> Coarse:
    """Make the preconditioner at a point.

    Parameters
    ----------
    cross : array, cells x 3
        What is kept of each vote (`kernels`).
    inverse : array, items x 4 x 4
        Inverse curvature of the items.
    diagonal : array, nodes x 3
        Curvature of the nodes with the prior.
    off : array, one per node
        Coupling of each node with the one before.
    held : Stiff
        What is added for the rotation.

    Raises
    ------
    NotDefinite
        The curvature is not positive definite.
    """
    from . import coarse_loops

    groups = min(len(given.periods), GROUPS)
    group = (given.node_period * groups) // len(given.periods)
    forms = _forms(theta, group, groups)
    width = coarse_loops.WIDTH
    own, ratio = np.empty_like(diagonal), np.zeros_like(diagonal)
    matrix = np.zeros((width * groups, width * groups))
    coarse_loops.along(
        given.ptr,
        given.node,
        group,
        cross,
        theta,
        items,
        inverse,
        forms,
        diagonal,
        off,
        given.prev,
        own,
        matrix,
    )
    room = np.empty(len(matrix))
    coarse_loops.gathered(group, forms, held.along, room)
    matrix += held.size * np.outer(room, room)
    first, second = held.along.T
    own += held.size * np.stack([first * first, first * second, second * second], axis=1)
    # Where a group has few different positions the vectors depend on each other.
    for d in (0, 1):
        size = np.bincount(group, diagonal[:, 2 * d], minlength=groups)
        places = np.arange(d, len(matrix), 2)
        matrix[places, places] += _RIDGE * np.repeat(size, coarse_loops.FORMS)
    lower, info = lapack.dpotrf(matrix, lower=1, clean=1)
    if info or not coarse_loops.factored(off, given.prev, own, ratio):
        raise NotDefinite
    return Coarse(coarse_loops, given.prev, own, ratio, group, forms, lower)


def _forms(theta: Array, group: Array, groups: int) -> Array:
    """Return the smooth functions of the positions, each of about unit size in its group."""
    size = np.maximum(np.bincount(group, minlength=groups), 1)
    out = np.ones((len(theta), 6))
    for d in (0, 1):
        x = theta[:, d] - (np.bincount(group, theta[:, d], minlength=groups) / size)[group]
        spread = np.sqrt(np.bincount(group, x * x, minlength=groups) / size)
        out[:, 1 + d] = x / np.maximum(spread, 1e-9)[group]
    x, y = out[:, 1], out[:, 2]
    out[:, 3], out[:, 4], out[:, 5] = x * x, x * y, y * y
    return out
