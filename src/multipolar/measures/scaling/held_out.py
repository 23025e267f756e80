"""Strengths of priors chosen by how well votes are predicted that the fit did not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from ...errors import BadInput
from .marginal import uncertain
from .newton import Fit, first_items
from .predict import predictor
from .problem import Array, Problem
from .settings import Settings

STEPS = (0.01, 0.03, 0.1, 0.2, 0.4, 1.0)
PULLS = (0.1, 0.3, 0.6, 1.0, 3.0)
SHARE = 0.1
LEAST = 50
"""Held-out votes from which a choice is made."""
_LOOSE = 1e-2
"""Gradient norm to which a candidate is fitted."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Settings that were tried.

    Attributes
    ----------
    step : float or None
        See `Settings`; None where nothing moves.
    pull : float
    log_likelihood : float
        Mean log probability of a held-out vote.
    difference, se : float
        How far that is below the best, and the standard error of the difference over votes.
    chosen : bool
    """

    step: float | None
    pull: float
    log_likelihood: float
    difference: float
    se: float
    chosen: bool


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A choice of priors.

    Attributes
    ----------
    settings : Settings
        Those under which held-out votes are likeliest.
    votes : int
        How many were held out.
    candidates : tuple of Candidate
        In the order in which they were tried.
    """

    settings: Settings
    votes: int
    candidates: tuple[Candidate, ...]


def without(given: Problem, out: Array) -> Problem:
    """Return a problem without some votes; nodes and items stay.

    Parameters
    ----------
    out : array of bool, one per cell
    """
    left = ~out
    counts = np.bincount(given.item_of[left], minlength=len(given.items))
    return replace(
        given,
        ptr=np.concatenate([[0], np.cumsum(counts)]),
        node=given.node[left],
        category=given.category[left],
        votes=np.bincount(given.node[left], minlength=len(given.node_state)),
    )


def chosen_by_held_out(
    given: Problem,
    settings: Settings,
    start: Array,
    kernels: ModuleType,
    *,
    seed: int = 0,
    share: float = SHARE,
) -> HeldOut:
    """Choose the variance of steps, then the pull, by the likelihood of held-out votes.

    A random share of the votes is left out once; each candidate is fitted to the others and
    predicts those. First the step is chosen at the pull given, then the pull, then again the step
    where that changed.

    Parameters
    ----------
    given : Problem
        The votes.
    settings : Settings
        Where the choice begins; response, dynamics and the priors of items are kept.
    start : array, one per node
        Positions to begin with.
    seed : int
        Of the draw of held-out votes.

    Returns
    -------
    HeldOut

    Raises
    ------
    BadInput
        Too few votes would be held out to choose by, or no candidate converged.
    """
    out = np.random.default_rng(seed).random(given.cells) < share
    if int(out.sum()) < LEAST:
        raise BadInput(
            f"{given.cells} votes are too few to choose priors by a tenth of them; name their strengths."
        )
    trial = _Trial(given, out, start, kernels)
    moving = settings.dynamics != "static"
    best = settings
    trial.score(best)
    for name in ("step", "pull", "step") if moving else ("pull",):
        values: Sequence[float] = STEPS if name == "step" else PULLS
        options = [best, *(best.changed(**{name: v}) for v in values)]
        best = max(options, key=trial.score)
    return trial.result(best, moving)


class _Trial:
    """One draw of held-out votes, and what was scored on it."""

    def __init__(self, given: Problem, out: Array, start: Array, kernels: ModuleType) -> None:
        self.kernels = kernels
        self.train = without(given, out)
        self.node, self.item = given.node[out], given.item_of[out]
        self.category = given.category[out]
        self.theta, self.items = start, first_items(given)
        self.scored: dict[Settings, Array | None] = {}

    def score(self, settings: Settings) -> float:
        """Return the mean log probability of the held-out votes; minus infinity without a mode."""
        if settings not in self.scored:
            self.scored[settings] = self._logarithms(settings)
        found = self.scored[settings]
        return -np.inf if found is None else float(found.mean())

    def _logarithms(self, settings: Settings) -> Array | None:
        fit = Fit(self.train, settings, self.kernels)
        mode = fit.run(self.theta, self.items, _LOOSE)
        if not mode.converged:
            return None
        # The next candidate begins where this one ended.
        self.theta, self.items = mode.theta, mode.items
        mode, errors = uncertain(fit, mode, _LOOSE)
        base = predictor(self.train, settings, mode, errors.nodes**2, self.kernels)
        p = base.probabilities(self.node, self.item)
        if settings.response == "binary":
            p[:, 1] = 0.0
            p /= p.sum(axis=1, keepdims=True)
        return np.asarray(np.log(np.maximum(p[np.arange(len(p)), self.category], 1e-300)))

    def result(self, best: Settings, moving: bool) -> HeldOut:
        """Return what was tried."""
        top = self.scored[best]
        if top is None:
            raise BadInput("no strength of priors that was tried converged.")
        found = []
        for settings, here in self.scored.items():
            if here is None:
                continue
            below = top - here
            se = float(below.std() / np.sqrt(len(below)))
            found.append(
                Candidate(
                    settings.step if moving else None,
                    settings.pull,
                    float(here.mean()),
                    float(below.mean()),
                    se,
                    settings == best,
                )
            )
        return HeldOut(best, len(self.category), tuple(found))
