"""Standard errors of positions and items from the joint posterior (Laplace's approximation).

The posterior is taken as normal about its mode, with the inverse of the negative second
derivatives of all positions and items together as covariance. Errors that hold the items fixed
are too small.

The scale of the model is fixed by its priors alone: positions can be stretched and slopes shrunk
at no cost to the likelihood, and where along that ridge the joint mode lies depends on how many
positions and items there are. So errors are meant for a scale on which a common stretch changes
nothing (`standardised`, `shown`); on the scale of the model itself intervals about the joint mode
can miss by far. Where few vote on an item the joint mode takes noise for signal, and the
intervals are too short (`marginal`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Literal, Protocol

import numpy as np

from ...errors import BadInput
from .coarse import Coarse, NotDefinite, coarse
from .fronts import Curvature, Inverse, fronts, stages_of
from .newton import Fit, Mode, Work
from .problem import Array, Problem
from .threads import on_one_thread

Curved = Literal["newton", "gauss-newton", "coarse", "integrated"]
EXACT = 1.5e10
"""Cubes of the states of a period, summed over the periods, up to which errors are exact: a few seconds."""
_COLUMNS = 256
"""Right sides solved at once."""


class Joint(Protocol):
    """A covariance of the positions that is not written out."""

    def solve(self, right: Array) -> Array:
        """Return the covariance times columns."""

    def norms(self, right: Array) -> Array:
        """Return the variance of the sum of positions that each column stands for."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Uncertainty of a fit.

    Attributes
    ----------
    nodes : array, one per node
        Standard errors of the positions, on the scale of the model.
    items : array, items x 3 x 3
        Covariance of beta, m and g of every item; the uncertainty of the positions is in it.
    curvature : str
        ``newton``: all second derivatives; ``gauss-newton``: without those of the product beta
        theta, where the full matrix is not positive definite (the point is then no mode, or a
        flat one); ``coarse``: for large bodies (`exact`), where what items share
        between states is kept along shift, stretch and bend of the periods only, and ``items`` is
        given the positions; ``integrated``: of the posterior with the items integrated out
        (`marginal`).
    seconds : float
        Time taken.
    joint : Joint
        The covariance of the positions, for sums and differences.
    """

    nodes: Array
    items: Array
    curvature: Curved
    seconds: float
    joint: Joint = field(repr=False, compare=False)


def exact(given: Problem) -> bool:
    """Say whether errors are exact, which takes time cubic in the states of a period."""
    states = np.diff(given.start).astype(float)
    return float((states**3).sum()) <= EXACT


@on_one_thread
def errors(fit: Fit, mode: Mode, work: Work | None = None) -> Errors:
    """Return the standard errors of all positions and items at the mode.

    Parameters
    ----------
    fit : Fit
        What was fitted.
    mode : Mode
        Where it ended.
    work : Work, optional
        Arrays to be used again; overwritten.

    Complexity
    ----------
    Cubic in the states of a period (with the items that reach over it), linear in periods and votes:
    0.3 s for 80 years of the General Assembly.
    """
    begin = time.perf_counter()
    work = work or Work(fit.given)
    if not exact(fit.given):
        return _coarse(fit, mode, work, begin)
    stages = stages_of(fit.given)
    kind: Curved = "newton"
    try:
        curvature = Curvature(fit, mode, work, curved=True)
        made = fronts(stages, curvature)
    except NotDefinite:
        kind = "gauss-newton"
        curvature = Curvature(fit, mode, work, curved=False)
        made = fronts(stages, curvature)
    nodes = np.zeros(len(mode.theta))
    items = np.zeros((len(mode.items), 3, 3))
    for inverse in made.inverses():
        stage = inverse.stage
        nodes[stage.begin : stage.end] = np.diag(inverse.covariance)[: stage.nodes]
        _items(items, curvature, inverse)
    return Errors(np.sqrt(nodes), items, kind, time.perf_counter() - begin, made)


@dataclass(frozen=True, slots=True)
class _Smooth:
    """The covariance that the preconditioner stands for: chains of states, and smooth movements."""

    made: Coarse

    def solve(self, right: Array) -> Array:
        return np.stack([self.made.solve(column) for column in right.T.copy()], axis=1)

    def norms(self, right: Array) -> Array:
        return np.asarray((right * self.solve(right)).sum(axis=0))

    def variances(self) -> Array:
        made, out = self.made, 1.0 / self.made.own
        for n in range(len(out) - 1, -1, -1):
            if made.prev[n] >= 0:
                out[made.prev[n]] += made.ratio[n] ** 2 * out[n]
        moves = np.stack([np.ones_like(made.x), made.x, made.x**2], axis=1)
        inverse = np.linalg.inv(np.tril(made.lower))
        blocks = (inverse.T @ inverse).reshape(-1, 3, len(inverse) // 3, 3)
        own = np.einsum("gigj->gij", blocks)[made.group]
        return np.asarray(out + np.einsum("ni,nij,nj->n", moves, own, moves))


def _coarse(fit: Fit, mode: Mode, work: Work, begin: float) -> Errors:
    """Return approximate errors of a large body."""
    fit.evaluate(mode.theta, mode.items, work, curved=False)
    inverse = np.linalg.inv(work.item_curve)
    diagonal = work.node_curve + fit.prior.diagonal
    made = coarse(fit.given, work.cross, inverse, diagonal, fit.prior.off, mode.theta)
    joint = _Smooth(made)
    nodes = np.sqrt(joint.variances())
    return Errors(nodes, inverse, "coarse", time.perf_counter() - begin, joint)


def _items(into: Array, curvature: Curvature, inverse: Inverse) -> None:
    """Fill the covariance of the items of one period."""
    stage, n = inverse.stage, inverse.stage.nodes
    here = np.ascontiguousarray(inverse.covariance[:n, :n])
    for items, dense in curvature.pieces(stage):
        root = curvature.root[items]
        spread = (dense @ here).reshape(len(items), 3, n)
        inside = spread @ dense.reshape(len(items), 3, n).transpose(0, 2, 1)
        inside[:, (0, 1, 2), (0, 1, 2)] += 1.0
        into[items] = root @ inside @ root.transpose(0, 2, 1)
    active = len(stage.active)
    rest = inverse.covariance[n:, n:].reshape(active, 3, active, 3)
    into[stage.active] = np.einsum("iaib->iab", rest)


@dataclass(frozen=True, slots=True)
class Shown:
    """Positions on a scale whose middle and unit are estimates: (theta − centre) / unit.

    Attributes
    ----------
    theta : array, one per node
        Positions.
    nodes : array, one per node
        Standard errors. A shift or a stretch of all positions changes nothing here, and the
        uncertainty of both is taken out.
    centre, unit : float
        The scale.
    common : array, nodes x 2
        Covariance of each position with centre and unit, on the scale of the model.
    spread : array, 2 x 2
        Covariance of the two.
    """

    theta: Array
    nodes: Array
    centre: float
    unit: float
    common: Array
    spread: Array


def standardised(found: Errors, theta: Array, voted: Array) -> Shown:
    """Return positions and errors with mean 0 and standard deviation 1 over the nodes with votes.

    Parameters
    ----------
    found : Errors
    theta : array, one per node
        Positions on the scale of the model.
    voted : array of bool, one per node
        Whether the state cast a vote in the period.

    Raises
    ------
    BadInput
        All positions are equal.
    """
    centre, unit = float(theta[voted].mean()), float(theta[voted].std())
    if not unit > 0:
        raise BadInput("all positions are equal: they have no standard deviation to divide by.")
    by = np.stack([voted, voted * (theta - centre) / unit], axis=1) / voted.sum()
    return shown(found, theta, centre, unit, by)


@on_one_thread
def shown(found: Errors, theta: Array, centre: float, unit: float, by: Array) -> Shown:
    """Return positions and errors on the scale (theta − centre) / unit, by the delta method.

    Parameters
    ----------
    found : Errors
    theta : array, one per node
        Positions on the scale of the model.
    centre, unit : float
        The scale; a negative unit swaps the ends.
    by : array, nodes x 2
        Derivatives of centre and unit by the positions.
    """
    scaled = (theta - centre) / unit
    common = found.joint.solve(by)
    spread = by.T @ common
    moved = np.stack([np.ones(len(scaled)), scaled], axis=1)
    variance = found.nodes**2 - 2 * (common * moved).sum(axis=1)
    variance += np.einsum("ni,ij,nj->n", moved, spread, moved)
    error = np.sqrt(np.maximum(variance, 0.0)) / abs(unit)
    return Shown(scaled, error, centre, unit, common, spread)


@on_one_thread
def differences(found: Errors, first: Array, second: Array, scale: Shown | None = None) -> Array:
    """Return the standard errors of the differences second − first between positions.

    Parameters
    ----------
    found : Errors
    first, second : arrays of int
        Nodes, pair by pair.
    scale : Shown, optional
        The scale of the differences; that of the model where not given.
    """
    first, second = np.asarray(first), np.asarray(second)
    variance = np.zeros(len(first))
    for k in range(0, len(first), _COLUMNS):
        part = slice(k, k + _COLUMNS)
        right = np.zeros((len(found.nodes), len(first[part])))
        pair = np.arange(right.shape[1])
        right[second[part], pair] += 1.0
        right[first[part], pair] -= 1.0
        variance[part] = found.joint.norms(right)
    if scale is None:
        return np.sqrt(variance)
    stretch = scale.theta[second] - scale.theta[first]
    variance -= 2 * stretch * (scale.common[second, 1] - scale.common[first, 1])
    variance += stretch**2 * scale.spread[1, 1]
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)) / abs(scale.unit))


def interval(estimate: Array, error: Array, level: float) -> tuple[Array, Array]:
    """Return the ends of normal intervals.

    Raises
    ------
    BadInput
        The level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise BadInput(f"level is {level}, not between 0 and 1.")
    width = NormalDist().inv_cdf(0.5 + level / 2) * error
    return estimate - width, estimate + width
