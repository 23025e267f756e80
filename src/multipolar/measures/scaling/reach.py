"""What a fit says beyond its own positions and items: other periods of a state, items left out of it."""

from __future__ import annotations

import numpy as np

from .problem import ABSTAIN, YES, Array, Problem
from .settings import NO_GAP, Settings

_ROUNDS = 60
_LONGEST = 2.0
_LEAST_GAP = 0.2
_CLOSE = 1e-9
_TINY = 1e-300


def reached(
    given: Problem, settings: Settings, theta: Array, variance: Array, state: Array, when: Array
) -> tuple[Array, Array]:
    """Return where states stand in periods in which they have no node, and how surely.

    Parameters
    ----------
    given, settings
        What was fitted.
    theta, variance : arrays, one per node
        Positions and their variances.
    state : array of int
        Places of states; each has a node.
    when : array of float
        Places of periods; one between two places is a period that the fit does not have.

    Returns
    -------
    positions, variances : arrays
        From the state's nearest node by the prior's steps; with a pull, towards 0.
    """
    begin = np.searchsorted(given.node_state[_by_state(given)], np.arange(len(given.states)))
    order = _by_state(given)
    ends = np.append(begin[1:], len(order))
    first, last = order[begin[state]], order[ends[state] - 1]
    before = when < given.node_period[first]
    inside = (when >= given.node_period[first]) & (when <= given.node_period[last])
    node = np.where(before, first, last)
    # Between a first and a last period every period has a node: this is one the fit has not at all.
    lower = order[
        np.minimum(
            begin[state] + np.maximum(np.floor(when).astype(int) - given.node_period[first], 0),
            ends[state] - 1,
        )
    ]
    node = np.where(inside, lower, node)
    steps = np.ceil(np.abs(when - given.node_period[node]))
    if settings.dynamics == "static":
        return theta[node], variance[node]
    pull = settings.pull if settings.dynamics == "mean-reverting" else 0.0
    each = 1.0 / (1.0 / settings.step + pull)
    kept = each / settings.step
    shrunk = kept**steps
    added = each * (steps if kept >= 1.0 else (1.0 - kept ** (2 * steps)) / (1.0 - kept**2))
    return theta[node] * shrunk, variance[node] * shrunk**2 + added


def _by_state(given: Problem) -> Array:
    return np.lexsort((given.node_period, given.node_state))


def items_given(
    theta: Array, item: Array, category: Array, items: int, settings: Settings
) -> tuple[Array, Array]:
    """Return items at their posterior mode while the positions are held, and their covariances.

    Parameters
    ----------
    theta, item, category : arrays, one per vote
        Position of the voter, place of the item, and 0 yes, 1 abstain, 2 no.
    items : int
        Number of items; one without votes has its prior.
    settings : Settings
        The priors.

    Returns
    -------
    items : array, items x 3
        beta, m and g.
    covariance : array, items x 3 x 3
        The inverse of their curvature.

    Complexity
    ----------
    Newton steps in NumPy; for items left out of a fit, of which there are few.
    """
    at = np.zeros((items, 3))
    binary = settings.response == "binary"
    at[:, 2] = NO_GAP if binary else (settings.gap_shape - 1) / settings.gap_rate
    for _ in range(_ROUNDS):
        slope, curve = _item_derivatives(theta, item, category, at, settings)
        change = np.linalg.solve(curve, slope[:, :, None])[:, :, 0]
        longest = np.abs(change).max(axis=1, keepdims=True)
        change *= np.minimum(1.0, _LONGEST / np.maximum(longest, _CLOSE))
        gap = np.maximum(at[:, 2] + change[:, 2], _LEAST_GAP * at[:, 2])
        at = at + change
        at[:, 2] = NO_GAP if binary else gap
        if longest.size == 0 or longest.max() < _CLOSE:
            break
    _, curve = _item_derivatives(theta, item, category, at, settings)
    return at, np.linalg.inv(curve)


def _item_derivatives(
    theta: Array, item: Array, category: Array, at: Array, settings: Settings
) -> tuple[Array, Array]:
    """Return gradient and negative second derivatives of every item's log posterior."""
    from scipy.special import log_ndtr, ndtr

    beta, middle, gap = at[item].T
    x = beta * theta
    low, high = middle - 0.5 * gap - x, middle + 0.5 * gap - x
    yes, between = category == YES, category == ABSTAIN
    density_low, density_high = _density(low), _density(high)
    width = np.where(low > 0, ndtr(-low) - ndtr(-high), ndtr(high) - ndtr(low))
    width = np.maximum(width, _TINY)
    ratio_yes = np.exp(-0.5 * low**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(low))
    ratio_no = np.exp(-0.5 * high**2 - 0.5 * np.log(2 * np.pi) - log_ndtr(-high))
    a, b = density_low / width, density_high / width
    first = np.where(yes, ratio_yes, np.where(between, -a, 0.0))
    second = np.where(yes, 0.0, np.where(between, b, -ratio_no))
    k11 = np.where(yes, ratio_yes * (ratio_yes + low), np.where(between, a * (a - low), 0.0))
    k22 = np.where(yes, 0.0, np.where(between, b * (b + high), ratio_no * (ratio_no - high)))
    k12 = np.where(between, -a * b, 0.0)
    # The two cutpoints, less x, by beta, m and g.
    lower = np.stack([-theta, np.ones_like(theta), np.full_like(theta, -0.5)])
    upper = lower + np.array([[0.0], [0.0], [1.0]])
    n = len(at)
    slope = np.empty((n, 3))
    curve = np.empty((n, 3, 3))
    for i in range(3):
        slope[:, i] = np.bincount(item, first * lower[i] + second * upper[i], minlength=n)
        for j in range(3):
            here = k11 * lower[i] * lower[j] + k22 * upper[i] * upper[j]
            here += k12 * (lower[i] * upper[j] + upper[i] * lower[j])
            curve[:, i, j] = np.bincount(item, here, minlength=n)
    shape, rate = settings.gap_shape - 1, settings.gap_rate
    slope -= at * np.array([settings.slope, settings.middle, 0.0])
    slope[:, 2] += shape / at[:, 2] - rate
    curve[:, 0, 0] += settings.slope
    curve[:, 1, 1] += settings.middle
    curve[:, 2, 2] += shape / at[:, 2] ** 2
    if settings.response == "binary":
        slope[:, 2] = 0.0
        curve[:, 2, :2] = curve[:, :2, 2] = 0.0
    return slope, curve


def _density(z: Array) -> Array:
    return np.asarray(np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi))
