"""Probabilities of votes in the plane, averaged over the uncertainty of positions and items.

As in one dimension (`..predict`): under the latent normal response that uncertainty adds to the variance of the
response. Positions and items are taken as independent; what a common shift, stretch or turn would add is left out,
since the probabilities do not depend on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..newton import Mode
from ..problem import Array, Problem
from ..reach import reached
from ..settings import Settings
from .errors import PlaneErrors
from .rotate import Turn

_PSEUDO = 1.0
"""Votes that the prior of an item without estimate counts."""


@dataclass(frozen=True, slots=True)
class PlanePredictor:
    """What predictions need of a fit, on the scale of the model.

    Attributes
    ----------
    theta : array, nodes x 2
        Positions at the mode.
    spread : array, nodes x 2 x 2
        Their covariances.
    items : array, items x 4
        b1, b2, m and g at the mode.
    item_spread : array, items x 4 x 4
        Their covariances given the positions.
    anyone : array, 2 x 2
        Covariance of a position of which nothing is known, about 0: that of all positions.
    typical : array of 4
        An item of which nothing is known; its slopes are 0.
    any_slopes : array, 2 x 2
        Covariance of the slopes of such an item: that of all items.
    """

    theta: Array
    spread: Array
    items: Array
    item_spread: Array
    anyone: Array
    typical: Array
    any_slopes: Array

    def probabilities(self, node: Array, item: Array) -> Array:
        """Return the probabilities of yes, abstain and no, cells x 3.

        Parameters
        ----------
        node, item : arrays of int
            Places; -1 for a position, or an item, of which nothing is known.
        """
        known, named = node >= 0, item >= 0
        theta = np.where(known[:, None], self.theta[node], 0.0)
        spread = np.where(known[:, None, None], self.spread[node], self.anyone)
        items = np.where(named[:, None], self.items[item], self.typical)
        wide = np.zeros((4, 4))
        wide[:2, :2] = self.any_slopes
        item_spread = np.where(named[:, None, None], self.item_spread[item], wide)
        yes, not_no = (_below(theta, spread, items, item_spread, side) for side in (-0.5, 0.5))
        not_no = np.maximum(not_no, yes)
        out = np.maximum(np.stack([yes, not_no - yes, 1.0 - not_no], axis=1), 1e-12)
        return np.asarray(out / out.sum(axis=1, keepdims=True))


def _below(theta: Array, spread: Array, items: Array, item_spread: Array, side: float) -> Array:
    """Return the probability that the response lies below a cutpoint."""
    from scipy.special import ndtr

    ones = np.ones((len(theta), 1))
    weights = np.hstack([-theta, ones, side * ones])
    slopes = items[:, :2]
    v = np.einsum("ki,kij,kj->k", weights, item_spread, weights)
    v += np.einsum("ki,kij,kj->k", slopes, spread, slopes)
    v += np.einsum("kij,kij->k", item_spread[:, :2, :2], spread)
    cut = items[:, 2] + side * items[:, 3] - (slopes * theta).sum(axis=1)
    return np.asarray(ndtr(cut / np.sqrt(1.0 + np.maximum(v, 0.0))))


def plane_predictor(
    given: Problem, settings: Settings, mode: Mode, turn: Turn, found: PlaneErrors
) -> PlanePredictor:
    """Return what predictions need."""
    inward, voted = np.linalg.inv(turn.by), given.votes > 0
    spread = inward @ found.held @ inward.T
    theta, slopes = mode.theta[voted], mode.items[:, :2]
    anyone = theta.T @ theta / len(theta) + spread[voted].mean(axis=0)
    any_slopes = slopes.T @ slopes / len(slopes) + found.items[:, :2, :2].mean(axis=0)
    return PlanePredictor(
        mode.theta,
        spread,
        mode.items,
        found.items,
        anyone,
        _typical(given, settings, float((anyone * any_slopes).sum())),
        any_slopes,
    )


def reached_in_plane(
    given: Problem, settings: Settings, base: PlanePredictor, state: Array, when: Array
) -> tuple[Array, Array]:
    """Return where states stand in periods in which they have no node, and how surely.

    Parameters
    ----------
    base : PlanePredictor
        Positions and covariances of the nodes.
    state : array of int
        Places of states; each has a node.
    when : array of float
        Places of periods; one between two places is a period that the fit does not have.

    Returns
    -------
    positions, covariances : arrays, pairs x 2 and pairs x 2 x 2
        From the state's nearest node by the prior's steps; with a pull, towards 0.
    """
    theta, spread = np.empty((len(state), 2)), np.empty((len(state), 2, 2))
    none = np.zeros(len(base.theta))
    for d in (0, 1):
        theta[:, d], spread[:, d, d] = reached(
            given, settings, base.theta[:, d], base.spread[:, d, d], state, when
        )
    # What steps add to a variance they do not add to a covariance.
    _, tied = reached(given, settings, none, base.spread[:, 0, 1], state, when)
    _, added = reached(given, settings, none, none, state, when)
    spread[:, 0, 1] = spread[:, 1, 0] = tied - added
    return theta, spread


def _typical(given: Problem, settings: Settings, wide: float) -> Array:
    """Return an item that divides the votes as all items together do, without a direction.

    Parameters
    ----------
    wide : float
        Variance of the latent responses, noise left out.
    """
    from scipy.special import ndtri

    counts = np.bincount(given.category, minlength=3) + _PSEUDO
    share = np.cumsum(counts) / counts.sum()
    low, high = (float(np.sqrt(1.0 + wide) * ndtri(s)) for s in share[:2])
    gap = 0.0 if settings.response == "binary" else max(high - low, 0.05)
    return np.array([0.0, 0.0, 0.5 * (low + high), gap])
