"""The joint curvature of positions in the plane and items, factored along the periods.

The stages and the algorithm are those of one dimension (`..fronts`), with two variables per node and four per item. A
rotation of the plane has no curvature; it is held in one period. What does not change when the plane turns is not
touched by that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.linalg import blas, lapack

from ..coarse import NotDefinite
from ..fronts import _CHUNK, Fronts, Stage, stages_of
from ..newton import Mode
from ..problem import Array, Problem
from .coarse import stiff
from .search import Search, Work

_WIDE = 4
"""Variables of an item."""


@dataclass(frozen=True, slots=True)
class PlaneStage(Stage):
    """What is eliminated at one period, and what goes on.

    As `Stage`, where ``begin`` and ``end`` count coordinates: two per node.
    """

    @property
    def size(self) -> int:
        """Return the number of variables: coordinates first, then active items."""
        return self.nodes + _WIDE * len(self.active)

    @property
    def out(self) -> int:
        """Return how many variables are eliminated here; they come first."""
        return self.nodes + _WIDE * self.ending

    def from_before(self) -> Array:
        """Return the places, among all variables of the stage, of those of the stage before."""
        items = _WIDE * self.carried[:, None] + np.arange(_WIDE)
        return np.concatenate([np.arange(self.nodes), self.nodes + items.ravel()])


def plane_stages(given: Problem) -> tuple[PlaneStage, ...]:
    """Return the stages of a problem, one per period."""
    return tuple(
        PlaneStage(2 * s.begin, 2 * s.end, s.alone, s.active, s.ending, s.new, s.carried)
        for s in stages_of(given)
    )


class Curvature:
    """The negative second derivatives of the log posterior at a point.

    Attributes
    ----------
    items, root : arrays, items x 4 x 4
        Of the items; lower Cholesky factors of the inverse.
    nodes : array, nodes x 3
        Of the positions, with the prior.
    work : Work
        All derivatives at the point.

    Raises
    ------
    NotDefinite
        That of an item is not positive definite.
    """

    def __init__(self, fit: Search, mode: Mode, work: Work, *, curved: bool) -> None:
        fit.evaluate(mode.theta, mode.items, work, curved=curved)
        self.fit, self.mode, self.work = fit, mode, work
        self.nodes = fit.curve(work)
        self.items = work.item_curve
        try:
            self.root = np.linalg.cholesky(np.linalg.inv(self.items))
        except np.linalg.LinAlgError:
            raise NotDefinite from None

    def pieces(self, stage: PlaneStage) -> Iterator[Array]:
        """Yield the cross derivatives of the items of one period only, times the root.

        The transpose of such a piece times itself is what eliminating its items takes.
        """
        chunk = max(1, _CHUNK // stage.nodes)
        for k in range(0, len(stage.alone), chunk):
            yield self._spread(stage.alone[k : k + chunk], stage, rooted=True)

    def linked(self, stage: PlaneStage) -> Array:
        """Return the cross derivatives of active items and coordinates, 4 items x coordinates."""
        return self._spread(stage.active, stage, rooted=False)

    def _spread(self, items: Array, stage: PlaneStage, *, rooted: bool) -> Array:
        dense = np.zeros((_WIDE * len(items), stage.nodes))
        given = self.fit.given
        self.fit.kernels.spread(
            items,
            given.ptr,
            given.node,
            stage.begin // 2,
            stage.end // 2,
            self.work.cross,
            self.mode.theta,
            self.mode.items,
            self.root,
            rooted,
            dense,
        )
        return dense


def fronts(stages: tuple[PlaneStage, ...], curvature: Curvature) -> Fronts:
    """Factor the curvature, with the rotation held in the period that has the most nodes.

    Raises
    ------
    NotDefinite
        The matrix is not positive definite.
    """
    prior = curvature.fit.prior
    theta = curvature.mode.theta
    lower: list[Array] = []
    link: list[Array] = []
    carried = np.zeros((stages[0].nodes, stages[0].nodes))
    largest = int(np.argmax([s.nodes for s in stages]))
    for t, stage in enumerate(stages):
        n, out, size = stage.nodes, stage.out, stage.size
        nodes = slice(stage.begin // 2, stage.end // 2)
        block = np.zeros((size, size), order="F")
        kept = stage.from_before()
        block[np.ix_(kept, kept)] = carried
        own, first = curvature.nodes[nodes], np.arange(0, n, 2)
        block[first, first] += own[:, 0]
        block[first, first + 1] += own[:, 1]
        block[first + 1, first] += own[:, 1]
        block[first + 1, first + 1] += own[:, 2]
        for dense in curvature.pieces(stage):
            block[:n, :n] -= dense.T @ dense
        if t == largest:
            held = stiff(theta[nodes], float(own[:, (0, 2)].mean()))
            along = held.along.ravel()
            block[:n, :n] += held.size * np.outer(along, along)
        between = curvature.linked(stage)
        block[n:, :n] += between
        block[:n, n:] += between.T
        for j in stage.new:
            where = slice(n + _WIDE * j, n + _WIDE * (j + 1))
            block[where, where] += curvature.items[stage.active[j]]
        ahead = stages[t + 1].nodes if t + 1 < len(stages) else 0
        across = np.zeros((out, ahead + size - out), order="F")
        across[:, ahead:] = block[:out, out:]
        if ahead:
            after = slice(stages[t + 1].begin // 2, stages[t + 1].end // 2)
            bound = np.flatnonzero(prior.prev[after] >= 0)
            rows = 2 * (prior.prev[after][bound] - nodes.start)
            for d in (0, 1):
                across[rows + d, 2 * bound + d] = prior.off[after][bound]
        made, info = lapack.dpotrf(block[:out, :out], lower=1, clean=1)
        if info:
            raise NotDefinite
        step = blas.dtrsm(1.0, made, across, lower=1, overwrite_b=1)
        carried = -(step.T @ step)
        carried[ahead:, ahead:] += block[out:, out:]
        lower.append(made)
        link.append(step)
    return Fronts(stages, tuple(lower), tuple(link))
