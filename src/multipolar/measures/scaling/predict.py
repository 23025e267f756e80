"""Probabilities of votes that were not cast, or were held out.

A plug-in of the mode is too sure of itself. Positions and items are uncertain, and under the latent normal
response that uncertainty adds to the variance of the response: P(yes) = Phi((c1 - beta theta) / sqrt(1 + v)),
with v the variance of c1 - beta theta by the Laplace approximation, positions and items taken as independent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .newton import Fit, Mode, Work
from .problem import Array, Problem
from .settings import Settings

_PSEUDO = 1.0
"""Votes that the prior of an item without estimate counts."""


@dataclass(frozen=True, slots=True)
class Predictor:
    """What predictions need of a fit.

    Attributes
    ----------
    theta, theta_variance : arrays, one per node
        Positions at the mode and their posterior variances.
    items, item_covariance : arrays, items x 3 and items x 3 x 3
        beta, m, g at the mode, and their covariance given the positions.
    prior_variance : float
        Variance of a position of which nothing is known.
    typical : array of 3
        beta (variance of it), m and g of an item of which nothing is known.
    slope_variance : float
        Variance of beta of such an item.
    """

    theta: Array
    theta_variance: Array
    items: Array
    item_covariance: Array
    prior_variance: float
    typical: Array
    slope_variance: float

    def probabilities(self, node: Array, item: Array) -> Array:
        """Return the probabilities of yes, abstain and no.

        Parameters
        ----------
        node, item : arrays of int
            Places; -1 for a position, or an item, of which nothing is known.

        Returns
        -------
        array, cells x 3
        """
        known, named = node >= 0, item >= 0
        theta = np.where(known, self.theta[node], 0.0)
        variance = np.where(known, self.theta_variance[node], self.prior_variance)
        items = np.where(named[:, None], self.items[item], self.typical)
        bound = np.zeros((3, 3))
        bound[0, 0] = self.slope_variance
        spread = np.where(named[:, None, None], self.item_covariance[item], bound)
        upper = np.stack([_below(theta, variance, items, spread, side) for side in (-0.5, 0.5)])
        yes, not_no = upper[0], np.maximum(upper[1], upper[0])
        out = np.stack([yes, not_no - yes, 1.0 - not_no], axis=1)
        out = np.maximum(out, 1e-12)
        return np.asarray(out / out.sum(axis=1, keepdims=True))


def _below(theta: Array, variance: Array, items: Array, spread: Array, side: float) -> Array:
    """Return the probability that the response lies below a cutpoint."""
    from scipy.special import ndtr

    weights = np.stack([-theta, np.ones_like(theta), np.full_like(theta, side)], axis=1)
    v = np.einsum("ki,kij,kj->k", weights, spread, weights)
    v += items[:, 0] ** 2 * variance + spread[:, 0, 0] * variance
    cut = items[:, 1] + side * items[:, 2] - items[:, 0] * theta
    return np.asarray(ndtr(cut / np.sqrt(1.0 + v)))


def predictor(
    given: Problem,
    settings: Settings,
    mode: Mode,
    variance: Array | None = None,
    kernels: Any = None,
) -> Predictor:
    """Return what predictions need.

    Parameters
    ----------
    variance : array, one per node, optional
        Posterior variances of the positions (`laplace`); without them those given the items.
    """
    if kernels is None:
        from . import kernels
    work = Work(given)
    fit = Fit(given, settings, kernels)
    fit.evaluate(mode.theta, mode.items, work, curved=False)
    if variance is None:
        variance = 1.0 / (work.node_curve + fit.prior.diagonal)
    return Predictor(
        mode.theta,
        variance,
        mode.items,
        np.linalg.inv(work.item_curve),
        1.0 / settings.pull,
        _typical(given, mode),
        1.0 / settings.slope,
    )


def _typical(given: Problem, mode: Mode) -> Array:
    """Return an item that divides the votes as all items together do, without a direction."""
    from scipy.special import ndtri

    counts = np.bincount(given.category, minlength=3) + _PSEUDO
    share = np.cumsum(counts) / counts.sum()
    spread = float(np.sqrt(1.0 + mode.theta[given.votes > 0].var()))
    low, high = spread * ndtri(share[0]), spread * ndtri(share[1])
    return np.array([0.0, 0.5 * (low + high), max(high - low, 0.05)])
