"""The joint curvature of positions and items, factored along the periods, and its inverse.

Items voted on in one period only are eliminated first; they then couple the states of that
period. Items of several periods stay beside the states, in the front, from their first period to
their last. Period by period the states, and the items that end, are eliminated (a multifrontal
Cholesky factor); on the way back the same pattern gives the inverse between all variables that
meet in a period (Takahashi's equations), so that no border and no inverse of the whole is ever
formed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from scipy.linalg import blas, lapack

from .coarse import NotDefinite
from .newton import Fit, Mode, Work
from .problem import Array, Problem

_CHUNK = 1 << 19
"""Numbers in one dense piece of eliminated items, divided by three."""


def compiled() -> ModuleType:
    """Return the compiled loops, loading the compiler when they are first needed."""
    from . import loops

    return loops


@dataclass(frozen=True, slots=True)
class Stage:
    """What is eliminated at one period, and what goes on.

    Attributes
    ----------
    begin, end : int
        First node of the period, and the one after its last.
    alone : array of int
        Items of this period only.
    active : array of int
        Items of several periods, this one between their first and last: those that end here first.
    ending : int
        How many of them end here.
    new : array of int
        Places in ``active`` of the items that begin here.
    carried : array of int
        Places in ``active`` of the items that came from the stage before, in its order.
    """

    begin: int
    end: int
    alone: Array
    active: Array
    ending: int
    new: Array
    carried: Array

    @property
    def nodes(self) -> int:
        """Return the number of nodes."""
        return self.end - self.begin

    @property
    def size(self) -> int:
        """Return the number of variables: nodes first, then active items."""
        return self.nodes + 3 * len(self.active)

    @property
    def out(self) -> int:
        """Return how many variables are eliminated here; they come first."""
        return self.nodes + 3 * self.ending

    def from_before(self) -> Array:
        """Return the places, among all variables of the stage, of those of the stage before."""
        items = 3 * self.carried[:, None] + np.arange(3)
        return np.concatenate([np.arange(self.nodes), self.nodes + items.ravel()])


def stages_of(given: Problem) -> tuple[Stage, ...]:
    """Return the stages of a problem, one per period."""
    period = given.node_period[given.node]
    first = np.minimum.reduceat(period, given.ptr[:-1])
    last = np.maximum.reduceat(period, given.ptr[:-1])
    alone = np.flatnonzero(first == last)
    alone = alone[np.argsort(first[alone], kind="stable")]
    cuts = np.searchsorted(first[alone], np.arange(len(given.periods) + 1))
    linked = np.flatnonzero(first < last)
    found: list[Stage] = []
    going = np.zeros(0, dtype=np.int64)
    for t in range(len(given.periods)):
        here = linked[(first[linked] <= t) & (last[linked] >= t)]
        here = here[np.argsort(last[here] > t, kind="stable")]
        ending = int((last[here] == t).sum())
        place = {int(v): j for j, v in enumerate(here)}
        found.append(
            Stage(
                int(given.start[t]),
                int(given.start[t + 1]),
                alone[cuts[t] : cuts[t + 1]],
                here,
                ending,
                np.flatnonzero(first[here] == t),
                np.array([place[int(v)] for v in going], dtype=np.int64),
            )
        )
        going = here[ending:]
    return tuple(found)


class Curvature:
    """The negative second derivatives of the log posterior at a point.

    Attributes
    ----------
    items, root : arrays, items x 3 x 3
        Of the items; lower Cholesky factors of the inverse.
    nodes : array, one per node
        Of the positions.

    Raises
    ------
    NotDefinite
        That of an item is not positive definite.
    """

    def __init__(self, fit: Fit, mode: Mode, work: Work, *, curved: bool) -> None:
        fit.evaluate(mode.theta, mode.items, work, curved=curved)
        self.given, self.prior, self.cross = fit.given, fit.prior, work.cross
        self.nodes = work.node_curve + fit.prior.diagonal
        self.items = work.item_curve
        try:
            self.root = np.linalg.cholesky(np.linalg.inv(self.items))
        except np.linalg.LinAlgError:
            raise NotDefinite from None

    def pieces(self, stage: Stage) -> Iterator[tuple[Array, Array]]:
        """Yield the items of one period only, and their cross derivatives times the root.

        Yields
        ------
        items : array of int
        dense : array, 3 items x nodes
            Its transpose times itself is what eliminating the items takes from the nodes'
            curvature.
        """
        chunk = max(1, _CHUNK // stage.nodes)
        for k in range(0, len(stage.alone), chunk):
            items = stage.alone[k : k + chunk]
            yield items, self._spread(items, stage, rooted=True)

    def linked(self, stage: Stage) -> Array:
        """Return the cross derivatives of active items and nodes, 3 items x nodes."""
        return self._spread(stage.active, stage, rooted=False)

    def _spread(self, items: Array, stage: Stage, *, rooted: bool) -> Array:
        dense = np.zeros((3 * len(items), stage.nodes))
        compiled().spread(
            items,
            self.given.ptr,
            self.given.node,
            stage.begin,
            stage.end,
            self.cross,
            self.root,
            rooted,
            dense,
        )
        return dense


@dataclass(frozen=True, slots=True)
class Inverse:
    """The covariance of all variables of one period: nodes, then items of several periods."""

    stage: Stage
    covariance: Array


@dataclass(frozen=True, slots=True)
class Fronts:
    """Cholesky factor: of each stage its triangle, and what leads to the variables that go on."""

    stages: tuple[Stage, ...]
    lower: tuple[Array, ...]
    link: tuple[Array, ...]

    def solve(self, right: Array) -> Array:
        """Return the positions' part of the solution, for right sides that are zero at the items.

        Parameters
        ----------
        right : array, nodes x right sides
        """
        kept = list(self._forward(right))
        out = np.empty(right.shape)
        after = np.zeros((0, right.shape[1]))
        for t in range(len(self.stages) - 1, -1, -1):
            stage = self.stages[t]
            part = np.asfortranarray(kept[t] - self.link[t] @ after)
            here = blas.dtrsm(1.0, self.lower[t], part, lower=1, trans_a=1, overwrite_b=1)
            out[stage.begin : stage.end] = here[: stage.nodes]
            ahead = self.stages[t + 1].nodes if t + 1 < len(self.stages) else 0
            after = np.concatenate([here, after[ahead:]])[stage.from_before()]
        return out

    def norms(self, right: Array) -> Array:
        """Return the squared length of L⁻¹ times each column: the variance of such a sum."""
        total = np.zeros(right.shape[1])
        for part in self._forward(right):
            total += np.einsum("ij,ij->j", part, part)
        return total

    def _forward(self, right: Array) -> Iterator[Array]:
        columns = right.shape[1]
        carried = np.zeros((self.stages[0].nodes, columns))
        for stage, lower, link in zip(self.stages, self.lower, self.link, strict=True):
            here = np.zeros((stage.size, columns), order="F")
            here[stage.from_before()] = carried
            here[: stage.nodes] += right[stage.begin : stage.end]
            part = blas.dtrsm(1.0, lower, here[: stage.out], lower=1)
            yield part
            carried = -(link.T @ part)
            carried[len(carried) - stage.size + stage.out :] += here[stage.out :]

    def inverses(self) -> Iterator[Inverse]:
        """Yield the covariance within each period, from the last to the first."""
        after = np.zeros((0, 0))
        for t in range(len(self.stages) - 1, -1, -1):
            stage, lower, link = self.stages[t], self.lower[t], self.link[t]
            out, ahead = stage.out, link.shape[1] - (stage.size - stage.out)
            own, _ = lapack.dpotri(lower, lower=1)
            own = np.tril(own) + np.tril(own, -1).T
            gain = blas.dtrsm(1.0, lower, link, lower=1, trans_a=1)
            between = gain @ after
            covariance = np.empty((stage.size, stage.size))
            covariance[:out, :out] = own + between @ gain.T
            covariance[:out, out:] = -between[:, ahead:]
            covariance[out:, :out] = -between[:, ahead:].T
            covariance[out:, out:] = after[ahead:, ahead:]
            yield Inverse(stage, covariance)
            kept = stage.from_before()
            after = covariance[np.ix_(kept, kept)]


def fronts(stages: tuple[Stage, ...], curvature: Curvature) -> Fronts:
    """Factor the curvature.

    Raises
    ------
    NotDefinite
        The matrix is not positive definite.
    """
    prior = curvature.prior
    lower: list[Array] = []
    link: list[Array] = []
    carried = np.zeros((stages[0].nodes, stages[0].nodes))
    for t, stage in enumerate(stages):
        n, out, size = stage.nodes, stage.out, stage.size
        block = np.zeros((size, size), order="F")
        kept = stage.from_before()
        block[np.ix_(kept, kept)] = carried
        block[np.arange(n), np.arange(n)] += curvature.nodes[stage.begin : stage.end]
        for _, dense in curvature.pieces(stage):
            block[:n, :n] -= dense.T @ dense
        between = curvature.linked(stage)
        block[n:, :n] += between
        block[:n, n:] += between.T
        for j in stage.new:
            where = slice(n + 3 * j, n + 3 * j + 3)
            block[where, where] += curvature.items[stage.active[j]]
        ahead = stages[t + 1].nodes if t + 1 < len(stages) else 0
        across = np.zeros((out, ahead + size - out), order="F")
        across[:, ahead:] = block[:out, out:]
        if ahead:
            after = slice(stages[t + 1].begin, stages[t + 1].end)
            bound = np.flatnonzero(prior.prev[after] >= 0)
            across[prior.prev[after][bound] - stage.begin, bound] = prior.off[after][bound]
        made, info = lapack.dpotrf(block[:out, :out], lower=1, clean=1)
        if info:
            raise NotDefinite
        step = blas.dtrsm(1.0, made, across, lower=1, overwrite_b=1)
        carried = -(step.T @ step)
        carried[ahead:, ahead:] += block[out:, out:]
        lower.append(made)
        link.append(step)
    return Fronts(stages, tuple(lower), tuple(link))


def whole(matrix: Array) -> Fronts:
    """Factor a dense matrix of all nodes, with the items gone.

    Raises
    ------
    NotDefinite
        The matrix is not positive definite.
    """
    made, info = lapack.dpotrf(matrix, lower=1, clean=1)
    if info:
        raise NotDefinite
    none = np.zeros(0, dtype=np.int64)
    stage = Stage(0, len(matrix), none, none, 0, none, none)
    return Fronts((stage,), (made,), (np.zeros((len(matrix), 0)),))
