"""Standard errors of positions in the plane from the joint posterior (Laplace's approximation).

On the scale of the model the plane may turn, shift and stretch. Errors are of the coordinates that are shown
(`rotate`): their middle, units and turn are estimates too, and follow from positions and slopes. By the delta method
their uncertainty is in the errors; what the turn of the model's own plane would add is not, since nothing that
is shown depends on it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..coarse import NotDefinite
from ..fronts import Fronts
from ..newton import Mode
from ..problem import Array, Problem
from ..threads import on_one_thread
from .fronts import Curvature, fronts, plane_stages
from .rotate import Turn, weights
from .search import Search, Work

Curved = Literal["newton", "gauss-newton", "conditional"]
LARGE = 2000
"""States of a period from which errors are given the items."""
_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class PlaneErrors:
    """Uncertainty of a fit in the plane.

    Attributes
    ----------
    shown : array, nodes x 2 x 2
        Covariance of the two coordinates that are shown.
    held : array, nodes x 2 x 2
        The same with the plane turned so that the positions as a whole turn least: for predictions, to which
        the turn does not matter.
    items : array, items x 4 x 4
        Covariance of b1, b2, m and g given the positions, on the scale of the model.
    turn : float
        Standard error of the turn, in radians; NaN where errors are conditional.
    curvature : str
        ``newton``: all second derivatives; ``gauss-newton``: without those of the product of slopes and
        positions, where the full matrix is not positive definite; ``conditional``: given the items, for more
        than `LARGE` states in a period: these are too small.
    seconds : float
        Time taken.
    """

    shown: Array
    held: Array
    items: Array
    turn: float
    curvature: Curved
    seconds: float

    @property
    def nodes(self) -> Array:
        """Return the standard errors of the coordinates that are shown, nodes x 2."""
        return np.asarray(np.sqrt(np.maximum(np.einsum("ndd->nd", self.shown), 0.0)))


@on_one_thread
def plane_errors(fit: Search, mode: Mode, turn: Turn, work: Work | None = None) -> PlaneErrors:
    """Return the uncertainty of the coordinates that are shown.

    Parameters
    ----------
    fit : Search
        What was fitted.
    mode : Mode
        Where it ended.
    turn : Turn
        What is shown, by `rotate.turn_of`.
    work : Work, optional
        Arrays to be used again; overwritten.

    Complexity
    ----------
    Cubic in twice the states of a period (with the items that reach over it), linear in periods and votes.
    """
    begin = time.perf_counter()
    work = work or Work(fit.given)
    if int(np.diff(fit.given.start).max()) > LARGE:
        return _conditional(fit, mode, turn, work, begin)
    stages, kind = plane_stages(fit.given), "newton"
    try:
        curvature = Curvature(fit, mode, work, curved=True)
        made = fronts(stages, curvature)
    except NotDefinite:
        kind = "gauss-newton"
        curvature = Curvature(fit, mode, work, curved=False)
        made = fronts(stages, curvature)
    own = np.zeros((len(mode.theta), 2, 2))
    for inverse in made.inverses():
        nodes = slice(inverse.stage.begin // 2, inverse.stage.end // 2)
        first = np.arange(0, inverse.stage.nodes, 2)
        for i in (0, 1):
            for j in (0, 1):
                own[nodes, i, j] = inverse.covariance[first + i, first + j]
    own = turn.by @ own @ turn.by.T
    scale = _Scale(curvature, turn, made)
    shown, held = scale.covariance(own, held=False), scale.covariance(own, held=True)
    covariance = curvature.root @ curvature.root.transpose(0, 2, 1)
    return PlaneErrors(
        shown,
        held,
        covariance,
        float(np.sqrt(max(scale.spread[5, 5], 0.0))),
        kind,  # type: ignore[arg-type]
        time.perf_counter() - begin,
    )


class _Scale:
    """What the scale that is shown depends on: two means, three moments, and two ways to fix the turn.

    All is written at the mode and on the scale that is shown, where the change of scale is the identity.

    Attributes
    ----------
    common : array, nodes x 2 x 7
        Covariance of each coordinate with these seven.
    spread : array, 7 x 7
        Covariance of the seven.
    """

    def __init__(self, curvature: Curvature, turn: Turn, made: Fronts) -> None:
        fit, mode, work = curvature.fit, curvature.mode, curvature.work
        given = fit.given
        self.points = turn.points(mode.theta)
        by_node, by_item = _derivatives(given, self.points, turn.slopes(mode.items))
        # Derivatives by what the model has: shown = by (model − centre), slopes shown = by⁻ᵀ slopes.
        nodes = np.einsum("nds,de->nes", by_node, turn.by)
        right = np.ascontiguousarray(nodes)
        inward = np.linalg.inv(turn.by)
        slopes = np.zeros((len(mode.items), 4))
        slopes[:, :2] = by_item @ inward.T
        aside = np.einsum("vij,vj->vi", np.linalg.inv(curvature.items), slopes)
        turned = np.ascontiguousarray(right[:, :, 5])
        fit.kernels.node_products(
            given.ptr, given.node, work.cross, mode.theta, mode.items, aside, turned
        )
        right[:, :, 5] = turned
        flat = right.reshape(-1, right.shape[2])
        solved = made.solve(flat)
        self.spread = flat.T @ solved
        self.spread[5, 5] += float(np.einsum("vi,vi->", slopes, aside))
        model = solved.reshape(right.shape)
        self.common = np.einsum("de,nes->nds", turn.by, model)

    def covariance(self, own: Array, *, held: bool) -> Array:
        """Return the covariance of the coordinates once the scale is taken out, nodes x 2 x 2.

        Parameters
        ----------
        own : array, nodes x 2 x 2
            Covariance of the coordinates on a scale that is fixed.
        held : bool
            Whether the turn is that of the positions as a whole.
        """
        x, y = self.points.T
        moved = np.zeros((len(x), 2, 7))
        moved[:, 0, 0] = moved[:, 1, 1] = -1.0
        moved[:, 0, 2], moved[:, 0, 3] = -0.5 * x, -0.5 * y
        moved[:, 1, 3], moved[:, 1, 4] = -0.5 * x, -0.5 * y
        which = 6 if held else 5
        moved[:, 0, which], moved[:, 1, which] = -y, x
        cross = moved @ self.common.transpose(0, 2, 1)
        out = (
            own + cross + cross.transpose(0, 2, 1) + moved @ self.spread @ moved.transpose(0, 2, 1)
        )
        return np.asarray(out)


def _derivatives(given: Problem, points: Array, slopes: Array) -> tuple[Array, Array]:
    """Return the derivatives of the seven by positions, and of the turn by slopes, as shown.

    A change of scale near the identity is 1 + E + w J, with E = −½ (change of the moments) and J the quarter
    turn. The turn w that keeps the weighted products of the slopes diagonal is
    (E12 (B1 + B2) − Q12) / (B1 − B2), where B are the entries of the diagonal and Q12 is what the change of the
    slopes adds beside it. The other w keeps the sum of x1 dx2 − x2 dx1 at zero.
    """
    voted = (given.votes > 0) / float((given.votes > 0).sum())
    x, y = points.T
    by_node = np.zeros((len(points), 2, 7))
    by_node[:, 0, 0] = by_node[:, 1, 1] = voted
    by_node[:, 0, 2] = 2.0 * voted * x
    by_node[:, 0, 3], by_node[:, 1, 3] = voted * y, voted * x
    by_node[:, 1, 4] = 2.0 * voted * y
    weight = weights(given)
    first, second = weight @ slopes**2
    between = max(first - second, _LEAST * max(first, 1.0))
    by_node[:, :, 5] = -0.5 * by_node[:, :, 3] * (first + second) / between
    by_item = -(weight / between)[:, None] * slopes[:, ::-1]
    by_node[:, 0, 6], by_node[:, 1, 6] = 0.5 * voted * y, -0.5 * voted * x
    return by_node, by_item


def _conditional(fit: Search, mode: Mode, turn: Turn, work: Work, begin: float) -> PlaneErrors:
    """Return errors given the items, of a large body."""
    fit.evaluate(mode.theta, mode.items, work, curved=False)
    curve = fit.curve(work)
    size = curve[:, 0] * curve[:, 2] - curve[:, 1] ** 2
    own = np.stack([curve[:, 2], -curve[:, 1], -curve[:, 1], curve[:, 0]], axis=1)
    own = turn.by @ (own / size[:, None]).reshape(-1, 2, 2) @ turn.by.T
    inverse = np.linalg.inv(work.item_curve)
    return PlaneErrors(own, own, inverse, float("nan"), "conditional", time.perf_counter() - begin)
