"""From votes to a result: what counts, the search, its check, standard errors, the scale that is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from ...errors import BadInput
from ...measures.scaling.compiling import is_compiled
from ...measures.scaling.held_out import HeldOut, chosen_by_held_out
from ...measures.scaling.laplace import Errors, shown
from ...measures.scaling.marginal import uncertain
from ...measures.scaling.newton import Fit, Mode, compiled, first_items
from ...measures.scaling.problem import Problem, problem
from ...measures.scaling.settings import Settings
from ...measures.scaling.standard import (
    Line,
    anchored,
    away_from_room,
    difference,
    standard,
    state_means,
)
from ...measures.scaling.start import automatic_start
from .cells import ABSENT, Array, Cells
from .choices import Choices

COMPILING = "compiling the loops, once…"
SMALL = 200_000
"""Votes up to which a second search is made without being asked for."""
APART = 0.01
"""Difference between two searches, in standard deviations, from which they are said to differ."""
_EVEN = 1e-9


@dataclass(frozen=True)
class Dropped:
    """Items that were left out, and their votes."""

    reason: str
    items: int
    votes: int


@dataclass(frozen=True)
class Polarity:
    """Which end is up, and by what rule.

    Attributes
    ----------
    rule : str
        ``named``: of two states the first is above; ``anchors``; ``room``: those further up vote less
        often with the largest group of a roll call; ``first``: that tells nothing, and the first state
        in the alphabet that is not in the middle is above it.
    states : tuple of str
        The states that the rule names.
    value : float or None
        Correlation within periods of ideal points and shares of votes with the largest group.
    """

    rule: str
    states: tuple[str, ...] = ()
    value: float | None = None


@dataclass(frozen=True)
class Check:
    """A second search, from a far start.

    Attributes
    ----------
    largest_difference : float
        Between the ideal points of both, in standard deviations.
    state, period
        Where it is.
    value_difference : float
        Log posterior of the one that was kept less that of the other.
    converged : bool
        Whether the second search did.
    """

    largest_difference: float
    state: str
    period: Any
    value_difference: float
    converged: bool

    @property
    def agrees(self) -> bool:
        """Return whether both ended at the same place."""
        return self.converged and self.largest_difference <= APART


@dataclass(frozen=True, eq=False)
class Fitted:
    """A search that has ended, with everything that results are read from.

    Attributes
    ----------
    counted : Cells
        The votes that count; those of items that were left out are among them.
    given : Problem
        The votes that were fitted.
    item_of : array of int, one per item of the votes
        Its place in the fit; -1 where it was left out.
    settings : Settings
    search : Fit
        The search, for what is asked of it later.
    kernels : module
        The compiled loops.
    mode : Mode
        The mode that was found.
    errors : Errors
        The posterior about the mode, on the scale of the model.
    se : array, one per node
        Standard errors on the scale that is shown; that its middle and unit are estimates is in them.
    line : Line
        The scale that is shown.
    polarity : Polarity
    dropped : tuple of Dropped
    check : Check or None
    held_out : HeldOut or None
        How the strength of priors was chosen.
    absent : int
        Absences among the votes that were given.
    seconds : float
        From votes to errors.
    """

    counted: Cells
    given: Problem
    item_of: Array
    settings: Settings
    search: Fit
    kernels: ModuleType
    mode: Mode
    errors: Errors
    se: Array
    line: Line
    polarity: Polarity
    dropped: tuple[Dropped, ...]
    check: Check | None
    held_out: HeldOut | None
    absent: int
    seconds: float

    @property
    def points(self) -> Array:
        """Return the ideal points of all nodes on the scale that is shown."""
        return self.line.points(self.mode.theta)


def fitted(cells: Cells, choices: Choices, say: Callable[[str], None]) -> Fitted:
    """Fit the model to votes.

    Parameters
    ----------
    cells : Cells
        The votes.
    choices : Choices
        How.
    say : function
        Told when loops have to be compiled first.

    Raises
    ------
    BadInput
        Nothing is left to scale, periods have no common scale, or a choice names a state without
        votes.
    """
    settings = choices.settings()
    named = (*(choices.polarity or ()), *(choices.anchors or ()))
    counted = cells.cast(choices.absence, choices.response)
    check_named(cells.states, counted, named)
    kept, item_of, dropped = divided(counted, choices.lopsided)
    begin = time.perf_counter()
    given = problem_of(counted.chosen(kept), item_of, static=choices.dynamics == "static")
    for state in named:
        if state not in given.states:
            raise BadInput(f"{state} has no vote that counts: on its roll calls all voted alike.")
    kernels = compiled()
    if not is_compiled(given):
        say(COMPILING)
    start = automatic_start(given)
    held_out = None
    if choices.held_out:
        held_out = chosen_by_held_out(given, settings, start, kernels, seed=choices.seed)
        settings = held_out.settings
    search = Fit(given, settings, kernels)
    mode = search.run(start, first_items(given), steps=choices.steps)
    check = None
    if choices.check or (choices.check is None and mode.converged and given.cells <= SMALL):
        other = search.run(_far(start, choices.seed), first_items(given), steps=choices.steps)
        mode, check = _compared(given, mode, other)
    mode, found = uncertain(search, mode)
    line, polarity = line_of(given, mode.theta, counted.chosen(kept), choices)
    return Fitted(
        counted,
        given,
        item_of,
        settings,
        search,
        kernels,
        mode,
        found,
        shown(found, mode.theta, line.centre, line.unit, line.slopes).nodes,
        line,
        polarity,
        dropped,
        check,
        held_out,
        int((cells.category == ABSENT).sum()),
        time.perf_counter() - begin,
    )


def check_named(states: tuple[str, ...], counted: Cells, named: tuple[str, ...]) -> None:
    """Refuse a state that is not among the votes or cast none."""
    import difflib

    for state in named:
        if state not in states:
            near = difflib.get_close_matches(state, states, 5)
            raise BadInput(f"{state!r} is no state of these votes.", candidates=near)
        if not (counted.state == states.index(state)).any():
            raise BadInput(f"{state} cast no vote.")


def divided(counted: Cells, lopsided: float) -> tuple[Array, Array, tuple[Dropped, ...]]:
    """Return which votes are on items that divide, the items' new places, and what is left out."""
    n = len(counted.items)
    item = counted.item[counted.call]
    flat = np.bincount(item * 3 + counted.category, minlength=3 * n).reshape(n, 3)
    total, largest = flat.sum(axis=1), flat.max(axis=1)
    cast = total > 0
    alike = cast & (largest == total)
    few = cast & ~alike & (total - largest < lopsided * total)
    stays = cast & ~alike & ~few
    if not stays.any():
        if not cast.any():
            raise BadInput("no vote is left: all are absences, or abstentions that are left out.")
        why = "on every item all voted alike" if alike.sum() == cast.sum() else "no item divides"
        more = "" if not few.any() else f" as evenly as lopsided={lopsided:g} asks"
        raise BadInput(f"there is nothing to scale: {why}{more}.")
    item_of = np.where(stays, np.cumsum(stays) - 1, -1)
    dropped = tuple(
        Dropped(reason, int(out.sum()), int(total[out].sum()))
        for reason, out in (("all voted alike", alike), ("lopsided", few))
        if out.any()
    )
    return stays[item], item_of, dropped


def problem_of(kept: Cells, item_of: Array, *, static: bool) -> Problem:
    """Return votes on items that divide as a problem; static: all in one period."""
    items = [label for label, place in zip(kept.items, item_of, strict=True) if place >= 0]
    period = kept.period[kept.call]
    periods = kept.periods
    if static:
        used = np.unique(period)
        first, last = kept.periods[used[0]], kept.periods[used[-1]]
        periods = (first if first == last else f"{first}–{last}",)
        period = np.zeros_like(period)
    return problem(
        kept.states,
        periods,
        items,
        kept.state,
        period,
        item_of[kept.item[kept.call]],
        kept.category,
    )


def _far(start: Array, seed: int) -> Array:
    """Return a start with its ends swapped, close to the middle, and noise."""
    noise = np.random.default_rng(seed).standard_normal(len(start))
    return np.asarray(-0.1 * start + 0.05 * noise)


def _compared(given: Problem, mode: Mode, other: Mode) -> tuple[Mode, Check]:
    """Return the better of two modes, and how far apart they are."""
    voted = given.votes > 0
    one = standard(mode.theta, voted).points(mode.theta)
    two = standard(other.theta, voted).points(other.theta)
    apart = np.where(voted, np.abs(one - np.sign(one[voted] @ two[voted] or 1.0) * two), 0.0)
    at = int(np.argmax(apart))
    better = other.converged >= mode.converged and other.value > mode.value + 1e-6 * abs(mode.value)
    best, rest = (other, mode) if better else (mode, other)
    where = given.states[given.node_state[at]], given.periods[given.node_period[at]]
    return best, Check(float(apart[at]), *where, best.value - rest.value, rest.converged)


def line_of(given: Problem, theta: Array, kept: Cells, choices: Choices) -> tuple[Line, Polarity]:
    """Return the scale that is shown."""
    voted = given.votes > 0
    line = standard(theta, voted)
    at = {state: k for k, state in enumerate(given.states)}
    if choices.anchors:
        means = state_means(given, theta)
        (a, high), (b, low) = choices.anchors.items()
        if means[at[a]] == means[at[b]]:
            raise BadInput(f"{a} and {b} are at the same place: they cannot be anchors.")
        return anchored(given, theta, (at[a], high), (at[b], low)), Polarity("anchors", (a, b))
    if choices.polarity is not None:
        a, b = choices.polarity
        gap = difference(given, theta, at[a], at[b])
        if gap == 0:
            raise BadInput(f"{a} and {b} are at the same place: they cannot tell which end is up.")
        return (line if gap > 0 else line.swapped()), Polarity("named", (a, b))
    points = line.points(theta)
    share = _with_largest(given, kept)
    value = away_from_room(given, points, share)
    spread = float(np.sqrt(_within(given, points) * _within(given, share)))
    if spread > 0 and abs(value) > _EVEN * spread:
        rule = Polarity("room", (), -abs(value) / spread)
        return (line if value < 0 else line.swapped()), rule
    means = state_means(given, points)
    ahead = next((k for k in range(len(means)) if abs(means[k]) > _EVEN), 0)
    rule = Polarity("first", (given.states[ahead],))
    return (line if means[ahead] >= 0 else line.swapped()), rule


def _within(given: Problem, values: Array) -> float:
    """Return the variance within periods, weighted by votes."""
    return away_from_room(given, values, values)


def _with_largest(given: Problem, kept: Cells) -> Array:
    """Return the share of each node's votes that were with the largest group of their roll call."""
    counts = kept.counts()
    with_it = counts[kept.call, kept.category] == counts.max(axis=1)[kept.call]
    node = node_of(given, kept)
    n = np.bincount(node, minlength=len(given.node_state))
    return np.asarray(
        np.bincount(node, with_it, minlength=len(given.node_state)) / np.maximum(n, 1)
    )


def node_of(given: Problem, kept: Cells) -> Array:
    """Return the node of every cell that was fitted."""
    states = {state: k for k, state in enumerate(given.states)}
    place = np.full((len(given.periods), len(given.states)), -1, dtype=np.int64)
    place[given.node_period, given.node_state] = np.arange(len(given.node_state))
    state = np.array([states.get(label, -1) for label in kept.states])[kept.state]
    if len(given.periods) == 1:
        return np.asarray(place[0, state])
    periods = {period: k for k, period in enumerate(given.periods)}
    period = np.array([periods.get(label, -1) for label in kept.periods])[kept.period]
    return np.asarray(place[period[kept.call], state])
