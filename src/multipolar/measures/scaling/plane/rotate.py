"""From the plane of the model to the one that is shown: middle, units, and which way it is turned.

The model knows positions and slopes up to a common rotation. What is shown is fixed by a rule:

- over the nodes with votes either coordinate has mean 0 and standard deviation 1, and the two are uncorrelated;
- the first axis is that along which the votes divide most: the sum over items of their weight times the outer
  product of the two slopes is diagonal, with the larger entry first. An item weighs as many votes as it has outside
  its largest group. The entries are the variance of the latent responses along each axis, noise left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ....errors import BadInput
from ..problem import Array, Problem


@dataclass(frozen=True, slots=True)
class Turn:
    """A linear change of scale: shown = by (model − centre).

    Attributes
    ----------
    centre : array of 2
    by : array, 2 x 2
        Its rows give the axes that are shown.
    shares : tuple of two floats
        What part of the variance of the latent responses, noise left out, is along each axis.
    """

    centre: Array
    by: Array
    shares: tuple[float, float]

    def points(self, theta: Array) -> Array:
        """Return positions on the scale that is shown, nodes x 2."""
        return np.asarray((theta - self.centre) @ self.by.T)

    def slopes(self, items: Array) -> Array:
        """Return the slopes on the scale that is shown, items x 2."""
        return np.asarray(np.linalg.solve(self.by.T, items[:, :2].T).T)

    def items(self, items: Array) -> tuple[Array, Array, Array]:
        """Return slopes and two cutpoints: P(yes) = Phi(lower − slopes · x), P(no) = Phi(slopes · x − upper)."""
        moved = items[:, 2] - items[:, :2] @ self.centre
        return self.slopes(items), moved - 0.5 * items[:, 3], moved + 0.5 * items[:, 3]

    def flipped(self, first: bool, second: bool) -> Turn:
        """Return the same plane with the ends of some axes swapped."""
        signs = np.array([-1.0 if first else 1.0, -1.0 if second else 1.0])
        return Turn(self.centre, self.by * signs[:, None], self.shares)


def turn_of(given: Problem, theta: Array, items: Array) -> Turn:
    """Return the scale that is shown, by the rule of this module.

    Parameters
    ----------
    theta : array, nodes x 2
    items : array, items x 4

    Raises
    ------
    BadInput
        All positions lie on a line, or in one place: there is no plane.
    """
    voted = given.votes > 0
    centre = theta[voted].mean(axis=0)
    moved = theta[voted] - centre
    size, axes = np.linalg.eigh(moved.T @ moved / len(moved))
    if not size[0] > 1e-12 * max(size[1], 1.0):
        raise BadInput(
            "all positions lie on one line: these votes have no second dimension.",
            hint="Scale them in one dimension.",
        )
    root = axes * np.sqrt(size)  # model = root (white) + centre
    slopes = items[:, :2] @ root
    spread, turned = np.linalg.eigh((slopes * weights(given)[:, None]).T @ slopes)
    by = turned[:, ::-1].T @ (axes / np.sqrt(size)).T
    total = max(float(spread.sum()), 1e-300)
    return Turn(centre, by, (float(spread[1] / total), float(spread[0] / total)))


def weights(given: Problem) -> Array:
    """Return of every item the votes outside its largest group."""
    count = np.bincount(given.item_of * 3 + given.category, minlength=3 * len(given.items))
    rows = count.reshape(-1, 3)
    return np.asarray((rows.sum(axis=1) - rows.max(axis=1)).astype(float))


def nearest(points: Array, goal: Array) -> Array:
    """Return the rotation or reflection that brings points nearest to others (Procrustes)."""
    left, _, right = np.linalg.svd(goal.T @ points)
    return np.asarray(left @ right)


def apart(given: Problem, one: Array, other: Array) -> Array:
    """Return how far two sets of positions are apart once both are standardised and turned alike.

    Parameters
    ----------
    one, other : arrays, nodes x 2

    Returns
    -------
    array, one per node
        Distances in standard deviations; 0 for nodes without votes.
    """
    voted = given.votes > 0
    first, second = _white(one, voted), _white(other, voted)
    second = second @ nearest(second[voted], first[voted]).T
    return np.asarray(np.where(voted, np.sqrt(((first - second) ** 2).sum(axis=1)), 0.0))


def _white(theta: Array, voted: Array) -> Array:
    moved = theta - theta[voted].mean(axis=0)
    size, axes = np.linalg.eigh(moved[voted].T @ moved[voted] / voted.sum())
    return np.asarray(moved @ axes / np.sqrt(np.maximum(size, 1e-300)))
