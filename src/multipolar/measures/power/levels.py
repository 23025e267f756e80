"""Any game whose sums take few values: one player after the other, equal situations merged.

A situation is the sum of every criterion after some players have voted. Sums that no threshold can
tell apart any more are put together, and a situation in which the outcome is settled is closed.
Counts run forward (in how many ways is it reached) and back (in how many ways is it completed), so
that nothing is ever subtracted. Works with two choices (in favour or not) and with three (yes,
abstain, no).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from ...rules.form import Form, Formula
from .counts import Counts
from .evaluate import Array, holds_each, whole
from .kinds import Choices

MOST = 1_500_000
"""Situations that are held, over all levels."""
_WON, _LOST = -1, -2


class TooMany(Exception):
    """There are more situations than are held."""


@dataclass(frozen=True, slots=True)
class _Level:
    """Situations before a player votes: how many, and where each of its choices leads."""

    size: int
    after: tuple[Array, ...]
    """Per choice, the next situation, or won (-1), or lost (-2)."""


def count_by_levels(form: Form, most: int = MOST) -> Counts:
    """Count winning coalitions and swings by size, exactly.

    Raises
    ------
    TooMany
        The game has more situations than ``most``.
    """
    n = len(form.players)
    order = _order(form)
    levels = _levels(form, order, [form.yes, None], most // (n + 1) + 1)
    return _counted(levels, order, n)


def count_choices_by_levels(form: Form, most: int = MOST) -> Choices:
    """Count profiles of yes, abstain and no, exactly.

    Raises
    ------
    TooMany
        The game has more situations than ``most``.
    """
    n = len(form.players)
    order = _order(form)
    levels = _levels(form, order, [form.yes, form.abstain, None], most)
    back = _back(levels, n, 3)
    swings = [0] * n
    ways = _ones(1, n, 3)
    for step, level in enumerate(levels):
        yes, no = (_after(level.after[c], back[step + 1], n - step - 1, 3) for c in (0, 2))
        swings[order[step]] = int((ways * (yes - no)).sum())
        ways = _pushed(level, ways, len(back[step + 1]))
    return Choices(int(back[0][0]), tuple(swings), "merged situations")


def _order(form: Form) -> list[int]:
    """Put the players who add most, measured by the totals, first: outcomes settle sooner."""
    totals = form.totals
    share = [
        sum(row[i] / total for row, total in zip(form.yes, totals, strict=True))
        for i in range(len(form.players))
    ]
    columns = list(zip(*form.yes, strict=True))
    return sorted(range(len(form.players)), key=lambda i: (-share[i], columns[i], i))


def _levels(
    form: Form,
    order: list[int],
    choices: list[tuple[tuple[int, ...], ...] | None],
    most: int,
) -> list[_Level]:
    rows = whole(form.yes)
    dtype = rows.dtype
    thresholds = [np.array((0, *t), dtype=dtype) for t in form.thresholds()]
    rest = list(form.totals)
    states = np.zeros((1, len(form.yes)), dtype=dtype)
    levels, held = [], 0
    for player in order:
        rest = [r - row[player] for r, row in zip(rest, form.yes, strict=True)]
        found, outcomes = [], []
        for adds in choices:
            own = [row[player] for row in adds] if adds else [0] * len(rest)
            new = states + np.array(own, dtype=dtype)
            outcomes.append(_outcome(form.formula, new, rest))
            found.append(_merged(new, thresholds, rest))
        stacked = np.concatenate(found)
        outcome = np.concatenate(outcomes)
        place = outcome.copy()
        open_ = outcome == 0
        states, inverse = _unique(stacked[open_])
        place[open_] = inverse
        size = len(found[0])
        levels.append(_Level(size, tuple(np.split(place, len(choices)))))
        held += size
        if held + len(states) > most:
            raise TooMany
    return levels


def _outcome(formula: Formula, states: Array, rest: list[int]) -> Array:
    """Return -1 where it is won whatever the rest does, -2 where lost, 0 where open."""
    columns = [states[:, k] for k in range(states.shape[1])]
    won = holds_each(formula, columns)
    lost = ~holds_each(formula, [c + r for c, r in zip(columns, rest, strict=True)])
    return np.where(won, _WON, np.where(lost, _LOST, 0)).astype(np.int64)


def _merged(states: Array, thresholds: list[Array], rest: list[int]) -> Array:
    """Give sums that no threshold can tell apart any more one value."""
    out = states.copy()
    for k, steps in enumerate(thresholds):
        column = out[:, k]
        low = np.searchsorted(steps, column, side="right")
        high = np.searchsorted(steps, column + rest[k], side="right")
        settled = low == high
        out[settled, k] = steps[low[settled] - 1]
    return out


def _unique(states: Array) -> tuple[Array, Array]:
    """Return distinct rows and the place of each row among them."""
    if not len(states):
        return states, np.zeros(0, dtype=np.int64)
    if states.dtype == object:
        known: dict[tuple[int, ...], int] = {}
        places = [known.setdefault(tuple(row), len(known)) for row in states.tolist()]
        return np.array(list(known), dtype=object), np.array(places, dtype=np.int64)
    spans = [int(s) + 1 for s in states.max(axis=0)]
    packed, step = np.zeros(len(states), dtype=np.int64), 1
    for k, span in enumerate(spans):
        if step * span >= 2**62:
            distinct, where = np.unique(states, axis=0, return_inverse=True)
            return distinct, where.reshape(-1)
        packed += states[:, k] * step
        step *= span
    _, first, inverse = np.unique(packed, return_index=True, return_inverse=True)
    return states[first], inverse


def _ones(size: int, n: int, base: int) -> Array:
    """Return counts of one: 64 bits where all profiles fit, else Python's own numbers."""
    dtype = np.int64 if base**n < 2**62 else object
    return np.ones(size, dtype=dtype)


def _after(place: Array, back: Array, left: int, base: int) -> Array:
    """Return, per situation, in how many ways it is won after a choice."""
    one = _ones(1, left + 1, base)
    values = np.zeros(len(place), dtype=back.dtype if len(back) else one.dtype)
    if len(back):
        values = np.where(place >= 0, back[np.maximum(place, 0)], values)
    return np.where(place == _WON, base**left, values)


def _back(levels: list[_Level], n: int, base: int) -> list[Array]:
    """Return, per level and situation, in how many ways it is completed to a win."""
    dtype = _ones(1, n, base).dtype
    back = [np.zeros(0, dtype=dtype)]
    for step in range(len(levels) - 1, -1, -1):
        left = n - step - 1
        sums = np.zeros(levels[step].size, dtype=dtype)
        for place in levels[step].after:
            sums = sums + _after(place, back[0], left, base)
        back.insert(0, sums)
    return back


def _pushed(level: _Level, ways: Array, size: int) -> Array:
    """Carry the ways of reaching a level to the next."""
    new = np.zeros((size, *ways.shape[1:]), dtype=ways.dtype)
    for place in level.after:
        open_ = place >= 0
        np.add.at(new, place[open_], ways[open_])
    return new


def _counted(levels: list[_Level], order: list[int], n: int) -> Counts:
    """Count by size: the second axis of every array is the number of players in favour."""
    dtype = _ones(1, n, 2).dtype
    back = [np.zeros((0, n + 1), dtype=dtype)]
    for step in range(len(levels) - 1, -1, -1):
        yes, no = _sized(levels[step], back[0], n - step - 1, dtype)
        total = no.copy()
        total[:, 1:] += yes[:, :-1]
        back.insert(0, total)
    sizes: list[tuple[int, ...]] = [()] * n
    ways = np.zeros((1, n + 1), dtype=dtype)
    ways[0, 0] = 1
    for step, level in enumerate(levels):
        yes, no = _sized(level, back[step + 1], n - step - 1, dtype)
        gain = yes - no
        table = ways.T @ gain
        sizes[order[step]] = tuple(
            int(sum(table[s - k, k] for k in range(s + 1))) for s in range(n)
        )
        new = np.zeros((len(back[step + 1]), n + 1), dtype=dtype)
        for place, shift in zip(level.after, (1, 0), strict=True):
            open_ = place >= 0
            moved = ways[open_]
            if shift:
                moved = np.concatenate([np.zeros((len(moved), 1), dtype), moved[:, :-1]], axis=1)
            np.add.at(new, place[open_], moved)
        ways = new
    winning = int(back[0][0].sum())
    return Counts(winning, tuple(sum(s) for s in sizes), tuple(sizes), "merged situations")


def _sized(level: _Level, back: Array, left: int, dtype: np.dtype[np.generic]) -> list[Array]:
    """Return, per situation and number of further players in favour, the wins after each choice."""
    width = back.shape[1]
    won = np.array([comb(left, k) for k in range(width)], dtype=dtype)
    out = []
    for place in level.after:
        values = np.zeros((len(place), width), dtype=dtype)
        open_ = place >= 0
        values[open_] = back[place[open_]]
        values[place == _WON] = won
        out.append(values)
    return out
