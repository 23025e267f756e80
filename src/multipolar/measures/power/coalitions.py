"""Which players can block, and the fewest that together block or win.

Every player is in favour or not. A coalition *wins* if a text passes with its members in favour and
nobody else; it *blocks* if no text passes while its members are not in favour, though all others
are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import prod

import numpy as np

from ...errors import BadInput
from ...rules.form import At, Every, Form, Formula, Some, holds
from .evaluate import holds_each, whole
from .kinds import MOST, kinds_of
from .search import Box, Budget, OutOfBudget, Search, TooManyBoxes, boxes_of, meet

BUDGET = 200_000
"""Steps of a search: about two seconds."""


@dataclass(frozen=True, slots=True)
class Coalition:
    """The fewest players that do something together.

    Attributes
    ----------
    players : tuple of int or None
        Their places, ascending; None if no coalition does it, or (where `smallest` is False) if
        none was found.
    smallest : bool
        It is proven that no fewer players do it, or that no coalition does.
    lower : int
        The proven least number of players; 0 where no coalition does it.
    """

    players: tuple[int, ...] | None
    smallest: bool
    lower: int


def blockers(form: Form) -> tuple[int, ...]:
    """Return the players that can block alone.

    Parameters
    ----------
    form : Form
        The game.

    Returns
    -------
    tuple of int
        Their places, ascending; empty if nothing passes even with all in favour.

    Examples
    --------
    >>> from multipolar.rules.game import Game
    >>> blockers(Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}}).form())
    (0,)
    """
    totals = form.totals
    if not holds(form.formula, totals):
        return ()
    kinds = kinds_of(form)
    blocks = [
        not holds(form.formula, [t - row[i] for t, row in zip(totals, form.yes, strict=True)])
        for i in kinds.first
    ]
    return tuple(i for i, kind in enumerate(kinds.of) if blocks[kind])


def smallest_blocking(
    form: Form,
    *,
    containing: Sequence[int] = (),
    excluding: Sequence[int] = (),
    against: Sequence[int] = (),
    budget: int = BUDGET,
) -> Coalition:
    """Return the fewest players that together block.

    Parameters
    ----------
    form : Form
        The game.
    containing : sequence of int
        Players that must be among them, and each of which must be needed: without it the others
        would not block.
    excluding : sequence of int
        Players that are in favour.
    against : sequence of int
        Players that are not in favour anyway; they are not counted among the fewest.
    budget : int
        Steps of the search.

    Returns
    -------
    Coalition
        No player of it can be spared. Of several that are equally small, one with heavier players.

    Raises
    ------
    BadInput
        A place is none of a player, or a player stands in two of the lists.

    Complexity
    ----------
    Immediate where of any two players one adds at least as much to every criterion; otherwise a
    search of up to about two seconds, after which `smallest` may be False.

    Examples
    --------
    >>> from multipolar.rules.game import Game
    >>> form = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}}).form()
    >>> smallest_blocking(form, containing=[2]).players
    (1, 2)
    """
    formula = _blocked(form.formula, form.totals)
    return _smallest(form, formula, containing, excluding, against, Budget(budget))


def smallest_winning(
    form: Form,
    *,
    containing: Sequence[int] = (),
    excluding: Sequence[int] = (),
    favour: Sequence[int] = (),
    budget: int = BUDGET,
) -> Coalition:
    """Return the fewest players that together win: who must be won over.

    Parameters
    ----------
    form : Form
        The game.
    containing : sequence of int
        Players that must be among them, and each of which must be needed: without it the others
        would lose.
    excluding : sequence of int
        Players that are not in favour.
    favour : sequence of int
        Players that are in favour anyway; they are not counted among the fewest.
    budget : int
        Steps of the search.

    Returns
    -------
    Coalition
        No player of it can be spared. Of several that are equally small, one with heavier players.

    Raises
    ------
    BadInput
        A place is none of a player, or a player stands in two of the lists.

    Complexity
    ----------
    As `smallest_blocking`.

    Examples
    --------
    >>> from multipolar.rules.game import Game
    >>> form = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}}).form()
    >>> smallest_winning(form)
    Coalition(players=(0, 1), smallest=True, lower=2)
    """
    return _smallest(form, form.formula, containing, excluding, favour, Budget(budget))


def _blocked(formula: Formula, totals: Sequence[int]) -> Formula:
    """Say of the sums of those not in favour that the formula fails for the sums of the others."""
    if isinstance(formula, bool):
        return not formula
    if isinstance(formula, At):
        return At(formula.criterion, totals[formula.criterion] - formula.least + 1)
    parts = tuple(_blocked(part, totals) for part in formula.parts)
    return Some(parts) if isinstance(formula, Every) else Every(parts)


@dataclass(frozen=True, slots=True)
class _Task:
    """Find the fewest free players that, with those who are there, satisfy a formula.

    With so much less as any of ``needed`` adds, the formula must fail.
    """

    formula: Formula
    columns: list[tuple[int, ...]]
    base: list[int]
    needed: list[tuple[int, ...]]

    def done(self, sums: Sequence[int]) -> bool:
        """Say whether the formula holds."""
        return holds(self.formula, sums)

    def all_needed(self, sums: Sequence[int]) -> bool:
        """Say whether the formula fails without each that is needed."""
        return not any(
            holds(self.formula, [s - v for s, v in zip(sums, own, strict=True)])
            for own in self.needed
        )


def _smallest(
    form: Form,
    formula: Formula,
    containing: Sequence[int],
    excluding: Sequence[int],
    there: Sequence[int],
    budget: Budget,
) -> Coalition:
    inside, outside, given = _places(form, containing, excluding, there)
    columns = list(zip(*form.yes, strict=True)) or [()] * len(form.players)
    order = _ordered(form, columns, inside | outside | given)
    base = [sum(row[i] for i in inside | given) for row in form.yes]
    task = _Task(
        formula,
        [columns[i] for i in order],
        base,
        list(dict.fromkeys(columns[i] for i in sorted(inside))),
    )
    found, proven, lower = _fewest(task, budget)
    more = len(inside)
    if found is None:
        return Coalition(None, proven, 0 if proven else lower + more)
    players = sorted([*inside, *(order[i] for i in found)])
    return Coalition(tuple(players), proven, lower + more)


def _places(
    form: Form, containing: Sequence[int], excluding: Sequence[int], there: Sequence[int]
) -> tuple[set[int], set[int], set[int]]:
    sets = (set(containing), set(excluding), set(there))
    n = len(form.players)
    for place in sorted(set().union(*sets)):
        if not 0 <= place < n:
            raise BadInput(f"{place} is not the place of one of {n} players.")
        if sum(place in each for each in sets) > 1:
            raise BadInput(f"{form.players[place]} cannot stand in two lists.")
    return sets


def _ordered(form: Form, columns: list[tuple[int, ...]], fixed: set[int]) -> list[int]:
    """Put the free players in order: heavier first, equal ones side by side, then as they come."""
    totals = [max(1, total) for total in form.totals]
    scales = [prod(totals) // total for total in totals]
    kinds = kinds_of(form)
    heavy = [sum(v * s for v, s in zip(columns[i], scales, strict=True)) for i in kinds.first]
    rank = sorted(range(len(heavy)), key=lambda kind: (-heavy[kind], kinds.first[kind]))
    place = {kind: at for at, kind in enumerate(rank)}
    free = (i for i in range(len(columns)) if i not in fixed)
    return sorted(free, key=lambda i: (place[kinds.of[i]], i))


def _fewest(task: _Task, budget: Budget) -> tuple[list[int] | None, bool, int]:
    """Return the players found, whether none fewer would do, and how many there must be."""
    every = [b + sum(c[k] for c in task.columns) for k, b in enumerate(task.base)]
    if not task.done(every) or not task.all_needed(task.base):
        return None, True, 0
    if task.done(task.base):
        return [], True, 0
    lower = _hopeless(task)
    try:
        searches = _searches(task, every)
    except TooManyBoxes:
        if _combinations(task) <= MOST:
            tried = _all_tried(task)
            return tried, True, 0 if tried is None else len(tried)
        found = _at_hand(task)
        return found, found is not None and len(found) == lower, lower
    return _searched(task, searches, lower, budget)


def _searched(
    task: _Task, searches: Sequence[Search], lower: int, budget: Budget
) -> tuple[list[int] | None, bool, int]:
    """Search box by box for fewer and fewer players, first shortly, then with all that is left."""
    n, found = len(task.columns), _at_hand(task)
    stop = n + 1 if found is None else len(found) + 1
    closed: set[tuple[int, int]] = set()
    for portion in (16, 2):
        for number in range(lower, stop):
            for k, search in enumerate(searches):
                if (number, k) in closed:
                    continue
                share = budget.part(portion)
                try:
                    better = search.find(number, share)
                except OutOfBudget:
                    continue
                budget.left += share.left
                if better is not None:
                    found, stop = _spared(task, better), number
                    break
                closed.add((number, k))
            if stop == number:
                stop = min(stop, len(found or ()))
                break
            if number == lower and all((number, k) in closed for k in range(len(searches))):
                lower += 1
        if lower == (n + 1 if found is None else len(found)):
            return found, True, lower
    return found, False, lower


def _searches(task: _Task, every: Sequence[int]) -> list[Search]:
    full: Box = tuple(zip(task.base, every, strict=True))
    winning = boxes_of(task.formula, full)
    needed = [boxes_of(task.formula, full, less=own) for own in task.needed]
    return [Search(task.columns, task.base, box) for box in meet(full, winning, *needed)]


def _combinations(task: _Task) -> int:
    """Return how many combinations of numbers of players of each kind there are."""
    return prod(number + 1 for number in Counter(task.columns).values())


def _all_tried(task: _Task) -> list[int] | None:
    """Try all combinations of numbers of players of each kind; for formulas of many boxes."""
    kinds = Counter(task.columns)
    big = whole([[*row] for row in zip(task.base, *task.columns, strict=True)]).dtype
    axes = [np.arange(number, -1, -1) for number in kinds.values()]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(kinds))
    sums = [
        grid.astype(big) @ np.array(row, dtype=big) + b
        for row, b in zip(zip(*kinds, strict=True), task.base, strict=True)
    ]
    good = holds_each(task.formula, sums)
    for own in task.needed:
        good &= ~holds_each(task.formula, [s - v for s, v in zip(sums, own, strict=True)])
    if not good.any():
        return None
    best = grid[good][grid[good].sum(axis=1).argmin()]
    left = dict(zip(kinds, best.tolist(), strict=True))
    chosen = []
    for i, column in enumerate(task.columns):
        if left[column]:
            left[column] -= 1
            chosen.append(i)
    return chosen


def _hopeless(task: _Task) -> int:
    """Return the least number of players whose best sums, criterion by criterion, would do."""
    n = len(task.columns)
    best = [
        [b + s for s in accumulate(sorted((c[k] for c in task.columns), reverse=True), initial=0)]
        for k, b in enumerate(task.base)
    ]
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        if task.done([row[middle] for row in best]):
            high = middle
        else:
            low = middle + 1
    return low


def _at_hand(task: _Task) -> list[int] | None:
    """Find a coalition that no player can leave, not always a smallest one."""
    n, columns = len(task.columns), task.columns
    keys: list[Callable[[int], tuple[int, ...]]] = [
        lambda i: (i,),
        *((lambda i, k=k: (-columns[i][k], i)) for k in range(len(task.base))),
        lambda i: (-i,),
    ]
    best: list[int] | None = None
    for key in keys:
        found = _packed(task, sorted(range(n), key=key))
        if found is not None and (best is None or len(found) < len(best)):
            best = found
    return best


def _packed(task: _Task, order: Sequence[int]) -> list[int] | None:
    """Add players in an order while all that are needed stay so, then drop what can be spared."""
    sums, taken = list(task.base), []
    for i in order:
        if task.done(sums):
            break
        more = [s + v for s, v in zip(sums, task.columns[i], strict=True)]
        if task.all_needed(more):
            sums = more
            taken.append(i)
    return _spared(task, taken) if task.done(sums) else None


def _spared(task: _Task, taken: Sequence[int]) -> list[int]:
    """Drop players that can be spared, those taken last first."""
    sums = [b + sum(task.columns[i][k] for i in taken) for k, b in enumerate(task.base)]
    kept = []
    for i in reversed(taken):
        less = [s - v for s, v in zip(sums, task.columns[i], strict=True)]
        if task.done(less):
            sums = less
        else:
            kept.append(i)
    return sorted(kept)
