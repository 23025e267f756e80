"""The mode of the positions with the items integrated out: for few voters on many items.

Where only some twenty states vote on an item, its three parameters follow those votes closely;
the joint mode then takes noise for signal and its intervals miss too often. So it is with a
hundred voters, where each votes so often that its error is small beside that noise (`crowding`). Here each item is
integrated out instead, by quadrature about its mode given the positions (adaptive Gauss–Hermite
on beta, m and log g), and the posterior of the positions alone is followed to its mode. Slope and
curvature are exact for the rule: the slope averaged over the item's posterior; the curvature
averaged, less the variance of the slope (Louis 1982).

The matrix of all positions is dense, so that this is meant for bodies of moderate size (`suited`).

Source: Louis, T. A. (1982), Finding the observed information matrix when using the EM algorithm,
Journal of the Royal Statistical Society B 44, 226–233; Naylor, J. C. and Smith, A. F. M. (1982),
Applications of a method for the efficient computation of posterior distributions, Applied
Statistics 31, 214–225.
"""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np

from .coarse import NotDefinite
from .fronts import Fronts, compiled, whole
from .laplace import Errors, errors
from .newton import TOLERANCE, Fit, Mode, Prior
from .problem import Array, Problem
from .settings import NO_GAP
from .threads import on_one_thread

CROWDED = 0.1
"""Crowding from which the joint mode's intervals are too short."""
TOO_FEW = 12
"""Voters on an item below which even then they are."""
NODES = 5000
"""Nodes up to which a dense matrix is formed."""
WORK = 1e9
"""Multiplications of one step, at most."""
STEPS = 100
_ORDER = 3
"""Points of the rule in each direction."""
_HELD = 1e6
"""Shape of the prior of the gap where it is held."""
_LONGEST = 0.5
"""Longest step of a position, in standard deviations of all positions."""
_SHORT = 0.1
"""The same below which steps may be lengthened."""
_REST = 0.1
"""Share of a step that the next one repeats from which both are lengthened."""
_DAMPINGS = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0)
_ROUNDS = 8
"""Newton steps of the items in each step of the positions; three times as many in the first."""


def suited(given: Problem) -> bool:
    """Say whether items should be integrated out, and can be."""
    if crowding(given) < CROWDED or len(given.node_state) > NODES:
        return False
    n = np.diff(given.ptr).astype(float)
    return float((n**2).sum()) * _ORDER**3 <= WORK


def crowding(given: Problem) -> float:
    """Return the root of the votes of a state in a period over the voters on an item.

    The joint mode follows the noise of the voters on each item, which moves positions by some part
    of 1 / voters; their standard errors fall with the root of their votes. The ratio says how
    much of an error the former is.
    """
    votes = float(given.votes[given.votes > 0].mean())
    return float(votes**0.5 / voters(given))


def voters(given: Problem) -> float:
    """Return how many vote on an item, on average."""
    return given.cells / len(given.items)


@on_one_thread
def integrated(
    fit: Fit, mode: Mode, tolerance: float = TOLERANCE, steps: int = STEPS
) -> tuple[Mode, Errors]:
    """Return the mode of the positions with the items integrated out, and its standard errors.

    Parameters
    ----------
    fit : Fit
        What was fitted.
    mode : Mode
        The joint mode, to begin with.
    tolerance : float
        Largest absolute derivative by a position at the mode.
    steps : int
        Most steps.

    Returns
    -------
    mode : Mode
        ``theta``: the mode; ``items``: posterior means of beta, m and log g (as g) given it;
        ``value``: log marginal posterior up to a constant; ``gradient_norm``: its largest
        absolute derivative by a position.
    errors : Errors

    Raises
    ------
    NotDefinite
        The curvature is not positive definite, even damped.

    Complexity
    ----------
    27 times a pass over the votes, and a dense factor of all nodes, in each of about six steps.
    """
    begin = time.perf_counter()
    theta, items = mode.theta.copy(), mode.items.copy()
    items[:, 2] = np.log(np.maximum(items[:, 2], NO_GAP))
    voted = fit.given.votes > 0
    before: Array | None = None
    for taken in range(1, steps + 1):
        here = _Point(fit, theta, items, _ROUNDS if taken > 1 else 3 * _ROUNDS)
        damping, made = here.factored()
        norm = float(np.abs(here.slope).max())
        converged = norm <= tolerance and damping == 0.0
        if converged:
            break
        moved = made.solve(here.slope[:, None])[:, 0]
        longest = float(np.abs(moved).max() / theta[voted].std())
        further = _further(moved, before) if longest < _SHORT else 1.0
        before = None if further > 1.0 else moved
        theta = theta + moved * min(further, _LONGEST / longest)
    reached = time.perf_counter()
    variance, means, covariance = here.uncertainty(made)
    found = replace(
        mode,
        theta=here.theta,
        items=means,
        value=here.value,
        log_likelihood=_likelihood(fit, here.theta, means),
        gradient_norm=norm,
        iterations=taken,
        converged=converged,
        seconds=reached - begin,
    )
    return found, Errors(
        np.sqrt(variance), covariance, "integrated", time.perf_counter() - reached, made
    )


def _further(moved: Array, before: Array | None) -> float:
    """Return how many times further a step should go, judged by the one before (Aitken).

    The points of the rule move with the positions. Where that takes from the curvature, along a
    stretch of all, steps fall short by the same share each time.
    """
    if before is None:
        return 1.0
    left = float(moved @ before) / float(before @ before)
    return 1.0 / (1.0 - left) if _REST < left < 1.0 - _REST else 1.0


def uncertain(fit: Fit, mode: Mode, tolerance: float = TOLERANCE) -> tuple[Mode, Errors]:
    """Return a mode and its errors: with the items integrated out where few vote on each.

    Parameters
    ----------
    fit : Fit
        What was fitted.
    mode : Mode
        The joint mode; it is returned where items are many, or their integral has no mode.
    """
    if mode.converged and suited(fit.given):
        try:
            found = integrated(fit, mode, tolerance)
        except NotDefinite:
            return mode, errors(fit, mode)
        if found[0].converged:
            return found
    return mode, errors(fit, mode)


class _Point:
    """The log posterior of the positions at one point, with its slope and curvature."""

    def __init__(self, fit: Fit, theta: Array, items: Array, rounds: int) -> None:
        given, loops = fit.given, compiled()
        votes = (given.ptr, given.node, given.category)
        prior, constant = fit.item_prior.copy(), 0.0
        if fit.settings.response == "binary":
            # A prior that leaves the gap no room.
            prior[2:] = _HELD, _HELD / NO_GAP
            constant = len(items) * _HELD * (np.log(NO_GAP) - 1.0)
        curve = np.zeros((len(items), 3, 3))
        loops.settle(*votes, theta, items, prior, rounds, curve)
        self.given, self.theta, self.items = given, theta, items
        self.root = np.linalg.cholesky(np.linalg.inv(curve))
        self.points, rule = _rule(_ORDER, 2 if fit.settings.response == "binary" else 3)
        self.weights = np.zeros((len(items), len(rule)))
        self.response = np.zeros((given.cells, 3))
        self.slope = -fit.prior.times(theta)
        self.value = 0.5 * float(theta @ self.slope) - constant
        self.matrix = _dense(fit.prior)
        self.value += loops.framed(
            *votes,
            theta,
            items,
            self.root,
            prior,
            self.points,
            rule,
            self.weights,
            self.response,
            self.slope,
            self.matrix,
        )

    def factored(self) -> tuple[float, Fronts]:
        """Return the damping that makes the curvature positive definite, and its factor."""
        place = np.arange(len(self.matrix))
        diagonal = np.maximum(self.matrix[place, place], 1e-6)
        for damping in _DAMPINGS:
            damped = self.matrix.copy(order="F")
            damped[place, place] += damping * diagonal
            try:
                return damping, whole(damped)
            except NotDefinite:
                continue
        raise NotDefinite

    def uncertainty(self, made: Fronts) -> tuple[Array, Array, Array]:
        """Return variances of the positions, and means and covariances of the items (with g)."""
        places = self.items[:, None, :] + self.points @ self.root.transpose(0, 2, 1)
        means = np.einsum("vq,vqi->vi", self.weights, places)
        about = places - means[:, None, :]
        covariance = np.einsum("vq,vqi,vqj->vij", self.weights, about, about)
        joint = next(made.inverses()).covariance
        for v, (a, b) in enumerate(zip(self.given.ptr[:-1], self.given.ptr[1:], strict=True)):
            nodes, by = self.given.node[a:b], self.response[a:b]
            covariance[v] += by.T @ joint[np.ix_(nodes, nodes)] @ by
        means[:, 2] = np.exp(means[:, 2])
        stretch = np.ones_like(means)
        stretch[:, 2] = means[:, 2]
        covariance *= stretch[:, :, None] * stretch[:, None, :]
        return np.diag(joint).copy(), means, covariance


def _dense(prior: Prior) -> Array:
    out = np.diag(prior.diagonal)
    bound = np.flatnonzero(prior.prev >= 0)
    out[bound, prior.prev[bound]] = out[prior.prev[bound], bound] = prior.off[bound]
    return out


def _rule(order: int, free: int) -> tuple[Array, Array]:
    """Return points and log weights of the product rule for standard normal variables.

    Parameters
    ----------
    order : int
        Points in each direction.
    free : int
        3, or 2 where the last variable is held at 0.
    """
    x, w = np.polynomial.hermite_e.hermegauss(order)
    w = np.log(w / w.sum())
    last, of_last = (x, w) if free == 3 else (np.zeros(1), np.zeros(1))
    points = np.stack(np.meshgrid(x, x, last, indexing="ij"), axis=-1).reshape(-1, 3)
    return points, (w[:, None, None] + w[None, :, None] + of_last[None, None, :]).ravel()


def _likelihood(fit: Fit, theta: Array, items: Array) -> float:
    given = fit.given
    out = np.zeros((given.cells, 3))
    fit.kernels.probabilities(given.item_of, given.node, theta, items, out)
    chosen = out[np.arange(given.cells), given.category]
    return float(np.log(np.maximum(chosen, 1e-300)).sum())
