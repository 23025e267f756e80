"""From the scale of the model to the one that is shown: where its middle, its unit and its ends are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Line:
    """A linear change of scale: shown = (model − centre) / unit; a negative unit swaps the ends.

    Attributes
    ----------
    centre, unit : float
        The scale.
    slopes : array, nodes x 2
        Derivatives of centre and unit by the positions from which they follow.
    """

    centre: float
    unit: float
    slopes: Array

    def points(self, theta: Array) -> Array:
        """Return positions on the scale that is shown."""
        return np.asarray((theta - self.centre) / self.unit)

    def items(self, items: Array) -> tuple[Array, Array, Array]:
        """Return slope and two cutpoints of items given as beta, m, g.

        With x on the scale that is shown, P(yes) = Phi(lower − slope x) and
        P(no) = Phi(slope x − upper).
        """
        beta, middle, gap = items.T
        moved = middle - beta * self.centre
        return beta * self.unit, moved - 0.5 * gap, moved + 0.5 * gap

    def swapped(self) -> Line:
        """Return the same scale with its ends swapped."""
        return Line(self.centre, -self.unit, self.slopes * np.array([1.0, -1.0]))


def standard(theta: Array, voted: Array) -> Line:
    """Return the scale on which nodes with votes have mean 0 and standard deviation 1."""
    centre, unit = float(theta[voted].mean()), float(theta[voted].std())
    unit = unit if unit > 0 else 1.0
    slopes = np.stack([voted, voted * (theta - centre) / unit], axis=1) / voted.sum()
    return Line(centre, unit, slopes)


def anchored(
    given: Problem, theta: Array, first: tuple[int, float], second: tuple[int, float]
) -> Line:
    """Return the scale on which the means of two states have the values given.

    Parameters
    ----------
    given : Problem
        The votes.
    theta : array, one per node
        Positions on the scale of the model.
    first, second : pair of int and float
        Place of a state and its value; the states stand apart, and so do the values.
    """
    voted = given.votes > 0
    (a, high), (b, low) = first, second
    shares = [voted & (given.node_state == state) for state in (a, b)]
    mean_a, mean_b = (share / share.sum() for share in shares)
    by_unit = (mean_b - mean_a) / (low - high)
    unit = float(by_unit @ theta)
    return Line(
        float(mean_a @ theta) - unit * high,
        unit,
        np.stack([mean_a - high * by_unit, by_unit], axis=1),
    )


def away_from_room(given: Problem, theta: Array, share: Array) -> float:
    """Return the covariance within periods of positions with a share of votes.

    Parameters
    ----------
    theta : array, one per node
        Positions.
    share : array, one per node
        Share of a node's votes that were with the largest group of their roll call.

    Returns
    -------
    float
        Weighted by votes. Negative: those further up are less often with the largest group.
    """
    total = 0.0
    for begin, end in zip(given.start[:-1], given.start[1:], strict=True):
        n = given.votes[begin:end].astype(float)
        if n.sum() > 0:
            x, y = theta[begin:end], share[begin:end]
            total += float(n @ ((x - n @ x / n.sum()) * (y - n @ y / n.sum())))
    return total / max(float(given.votes.sum()), 1.0)


def state_means(given: Problem, theta: Array) -> Array:
    """Return the mean position of every state over its nodes with votes."""
    voted = given.votes > 0
    state = given.node_state[voted]
    count = np.bincount(state, minlength=len(given.states))
    return np.asarray(
        np.bincount(state, theta[voted], minlength=len(given.states)) / np.maximum(count, 1)
    )


def difference(given: Problem, theta: Array, first: int, second: int) -> float:
    """Return how far one state is above another: over the periods of both, else over all of each."""
    voted = given.votes > 0

    def of(state: int) -> dict[int, float]:
        nodes = np.flatnonzero(voted & (given.node_state == state))
        return dict(zip(given.node_period[nodes].tolist(), theta[nodes].tolist(), strict=True))

    one, other = of(first), of(second)
    both: Sequence[int] = sorted(one.keys() & other.keys())
    if both:
        return float(np.mean([one[t] - other[t] for t in both]))
    means = state_means(given, theta)
    return float(means[first] - means[second])
