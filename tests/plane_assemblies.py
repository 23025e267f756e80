"""Assemblies that never met, whose states stand in a plane: votes drawn from the model, and the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from assemblies import path
from multipolar.measures.scaling.plane.rotate import turn_of
from multipolar.measures.scaling.problem import Problem, problem
from multipolar.measures.scaling.settings import Settings


@dataclass(frozen=True)
class PlaneAssembly:
    """Votes, and what they were drawn from: positions nodes x 2, items x 4."""

    given: Problem
    theta: np.ndarray
    items: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """The true positions by the rule of what is shown; the signs of the axes are free."""
        return turn_of(self.given, self.theta, self.items).points(self.theta)


def plane_assembly(
    rng: np.random.Generator,
    settings: Settings,
    *,
    states: int = 60,
    periods: int = 2,
    alone: int = 60,
    linked: int = 6,
    second: float = 0.6,
    absent: float = 0.1,
) -> PlaneAssembly:
    """Draw an assembly; slopes of the second axis are ``second`` times as large as its prior has them."""
    length = 1 if settings.dynamics == "static" else periods
    draw = replace(settings, dynamics="mean-reverting")
    true = np.stack(
        [[path(rng, draw, length) for _ in range(states)] for _ in (0, 1)], axis=-1
    ).transpose(1, 0, 2)
    count = alone * periods + linked
    items = np.stack(
        [
            rng.normal(size=count) / np.sqrt(settings.slope),
            second * rng.normal(size=count) / np.sqrt(settings.slope),
            rng.normal(size=count) / np.sqrt(settings.middle),
            rng.gamma(settings.gap_shape, 1 / settings.gap_rate, count),
        ],
        axis=1,
    )
    if settings.response == "binary":
        items[:, 3] = 0.0
    when = [[v // alone] for v in range(alone * periods)]
    when += [list(rng.choice(periods, size=min(2, periods), replace=False)) for _ in range(linked)]
    rows = np.array([(v, t, s) for v, ts in enumerate(when) for t in ts for s in range(states)])
    item, period, state = rows[rng.random(len(rows)) > absent].T
    at = true[period if length > 1 else np.zeros_like(period), state]
    latent = (items[item, :2] * at).sum(axis=1) + rng.normal(size=len(item))
    low, high = (items[item, 2] + side * items[item, 3] for side in (-0.5, 0.5))
    category = (latent > low).astype(int) + (latent > high)
    given = problem(
        [f"S{s:03}" for s in range(states)],
        list(range(length)),
        list(range(count)),
        state,
        period if length > 1 else np.zeros_like(period),
        item,
        category,
    )
    who = np.array([int(s[1:]) for s in given.states])[given.node_state]
    when_at = np.array(given.periods)[given.node_period]
    return PlaneAssembly(given, true[when_at, who], items[np.array(given.items)])
