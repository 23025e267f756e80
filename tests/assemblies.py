"""Assemblies that never met: votes drawn from the model of ideal points, and the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from multipolar.measures.scaling.problem import Problem, problem
from multipolar.measures.scaling.settings import Settings


@dataclass(frozen=True)
class Assembly:
    """Votes, and what they were drawn from."""

    given: Problem
    theta: np.ndarray
    items: np.ndarray

    @property
    def shown(self) -> np.ndarray:
        """The true positions with mean 0 and standard deviation 1 over the nodes with votes."""
        voted = self.given.votes > 0
        return (self.theta - self.theta[voted].mean()) / self.theta[voted].std()

    def spans(self) -> tuple[np.ndarray, np.ndarray]:
        """First and last node with votes of every state that has two."""
        first: dict[int, int] = {}
        last: dict[int, int] = {}
        for node in np.flatnonzero(self.given.votes > 0):
            state = int(self.given.node_state[node])
            first.setdefault(state, int(node))
            last[state] = int(node)
        pairs = [(first[s], last[s]) for s in first if last[s] > first[s]]
        return np.array([a for a, _ in pairs], int), np.array([b for _, b in pairs], int)

    def start(self) -> np.ndarray:
        """Positions to begin with: of each state, its true mean with little left of it."""
        states = len(self.given.states)
        total = np.bincount(self.given.node_state, self.theta, minlength=states)
        mean = total / np.bincount(self.given.node_state, minlength=states)
        return mean[self.given.node_state]


def path(rng, settings: Settings, length: int) -> np.ndarray:
    """One state's positions from the prior."""
    precision = np.zeros((length, length))
    place = np.arange(length)
    precision[place, place] = settings.pull
    if settings.dynamics == "random-walk":
        precision[place[1:], place[1:]] = 0.0
    for t in range(1, length):
        precision[t - 1 : t + 1, t - 1 : t + 1] += np.array([[1, -1], [-1, 1]]) / settings.step
    return np.linalg.solve(np.linalg.cholesky(precision).T, rng.normal(size=length))


def assembly(
    rng: np.random.Generator,
    settings: Settings,
    *,
    states: int = 30,
    periods: int = 5,
    alone: int = 20,
    linked: int = 10,
    short: float = 0.3,
    absent: tuple[float, float] = (0.1, 0.4),
    still: bool = False,
    rare: int = 0,
) -> Assembly:
    """Draw an assembly.

    ``alone`` items in each period, ``linked`` items in two to four periods; a share ``short`` of
    the states is a member for one or two periods; states are absent with a chance between the two
    of ``absent``; ``still``: no position changes; the first ``rare`` states vote one time in
    eight.
    """
    begin, end = np.zeros(states, int), np.full(states, periods)
    for s in np.flatnonzero(rng.random(states) < short):
        length = int(rng.integers(1, min(2, periods) + 1))
        begin[s] = rng.integers(0, periods - length + 1)
        end[s] = begin[s] + length
    true = np.full((periods, states), np.nan)
    for s in range(states):
        length = end[s] - begin[s]
        drawn = path(rng, settings, length)
        true[begin[s] : end[s], s] = drawn[0] if still else drawn
    items = alone * periods + linked
    values = np.stack(
        [
            rng.normal(size=items) / np.sqrt(settings.slope),
            rng.normal(size=items) / np.sqrt(settings.middle),
            rng.gamma(settings.gap_shape, 1 / settings.gap_rate, items),
        ],
        axis=1,
    )
    when = [np.array([v // alone]) for v in range(alone * periods)]
    for _ in range(linked):
        number = int(rng.integers(2, 5))
        when.append(rng.choice(periods, size=min(number, periods), replace=False))
    away = rng.uniform(*absent, size=states)
    away[:rare] = 7 / 8
    rows = [(v, t, s) for v, ts in enumerate(when) for t in ts for s in range(states)]
    item, period, state = np.array(rows).T
    there = ~np.isnan(true[period, state]) & (rng.random(len(rows)) > away[state])
    item, period, state = item[there], period[there], state[there]
    latent = values[item, 0] * true[period, state] + rng.normal(size=len(item))
    low, high = (values[:, 1] - values[:, 2] / 2)[item], (values[:, 1] + values[:, 2] / 2)[item]
    category = (latent > low).astype(int) + (latent > high)
    given = problem(
        [f"S{s}" for s in range(states)],
        list(range(periods)),
        list(range(items)),
        state,
        period,
        item,
        category,
    )
    who = np.array([int(s[1:]) for s in given.states])[given.node_state]
    at = np.array(given.periods)[given.node_period]
    return Assembly(given, true[at, who], values[np.array(given.items)])
