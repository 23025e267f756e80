"""Swings of the members of a bloc, counted by how many other blocs and how many members join.

Players who add the same to every criterion are of one kind, and the kinds are cut in two halves.
The combinations of numbers of one half are sorted by the sum that counts most; for each combination
of the other half a binary search then says with how many coalitions it wins.

Source: E. Horowitz and S. Sahni, Journal of the ACM 21 (1974), 277-292, for the cut in halves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial, prod

import numpy as np

from ...rules.form import Form
from .evaluate import Array, holds_each, whole

MOST_ROWS = 2**20
"""Combinations of one half."""
QUICK_WORK = 3e7
"""Binary searches that take some five seconds."""
MOST_WORK = 1.5e8
"""Binary searches where no quicker way suits."""
_SLOW = 20
"""How much longer an operation on Python's own whole numbers takes."""

Sizes = tuple[tuple[int, ...], ...]
"""Swings by the number of other blocs (first) and of the bloc's other members (second)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Players who add the same, all within the bloc or all outside it."""

    own: bool
    adds: tuple[int, ...]
    number: int


@dataclass(frozen=True, slots=True)
class _Half:
    """All combinations of numbers of some kinds, sorted by sizes, other sums and main sum.

    Rows of one group have the same sizes and the same sums but for the main one.
    """

    kinds: tuple[Kind, ...]
    order: Array
    """Which combination stands in each row."""
    main: Array
    ways: Array
    upto: Array
    """Ways of all rows before each row."""
    group: Array
    """The group of each row."""
    starts: Array
    """The first row of each group, and the end."""
    others: tuple[Array, ...]
    """Per criterion, the sum of each group (of the main criterion, nothing of use)."""
    sizes: tuple[tuple[int, int], ...]
    """Other blocs and members of the bloc, for each group."""

    def number(self, kind: int) -> Array:
        """Return how many of a kind are in each row."""
        step = prod(k.number + 1 for k in self.kinds[kind + 1 :])
        found: Array = self.order // step % (self.kinds[kind].number + 1)
        return found


def swings_by_sizes(game: Form, inside: int, most: float = MOST_WORK) -> tuple[Sizes, ...] | None:
    """Count the swings of a bloc's members, exactly.

    Parameters
    ----------
    game : Form
        The other blocs as one player each, then the members of the bloc.
    inside : int
        How many members the bloc has.
    most : float
        Binary searches that are worth it.

    Returns
    -------
    tuple, one entry per member, or None where this is out of reach
        Entry [t][s] is the number of pairs of t other blocs and s other members that win with the
        member and lose without it.

    Complexity
    ----------
    Some 40 players of different weights, or any number of few kinds.
    """
    outside = len(game.players) - inside
    columns = list(zip(*game.yes, strict=True))
    keys = [(i >= outside, column) for i, column in enumerate(columns)]
    kinds = [Kind(*key, keys.count(key)) for key in dict.fromkeys(keys)]
    halves = _halves(game, kinds, outside + inside, most)
    if halves is None:
        return None
    first, second = halves
    winning: Array = np.zeros((outside + 1, inside + 1), dtype=object)
    found: dict[Kind, Array] = {}
    for mine, other in ((second, first), (first, second)):
        if any(kind.own for kind in mine.kinds):
            winning, more = _completed(game, mine, other, winning.shape)
            found.update(more)
    counted = {}
    for kind, own in found.items():
        # Of the coalitions without the member, those that win: all that win, less those with it.
        swings = own[:, 1:] - (winning - own)[:, :-1]
        counted[(True, kind.adds)] = tuple(tuple(int(c) for c in row) for row in swings)
    return tuple(counted[key] for key in keys[outside:])


def owen_of(sizes: Sizes) -> Fraction:
    """Return the Owen value of a member from its swings.

    With m blocs and p members it is the sum over t and s of
    swings(t, s) t! (m - 1 - t)! s! (p - 1 - s)! / (m! p!).

    Source: G. Owen in R. Henn and O. Moeschlin (eds.), Essays in Mathematical Economics and Game
    Theory (1977), 76-88.
    """
    m, p = len(sizes), len(sizes[0])
    top = 0
    for t, row in enumerate(sizes):
        inner = sum(c * factorial(s) * factorial(p - 1 - s) for s, c in enumerate(row) if c)
        top += inner * factorial(t) * factorial(m - 1 - t)
    return Fraction(top, factorial(m) * factorial(p))


def _halves(game: Form, kinds: list[Kind], players: int, most: float) -> tuple[_Half, _Half] | None:
    """Cut the kinds in two; None where there is too much to do."""
    numbers = [kind.number + 1 for kind in kinds]
    cuts = [(prod(numbers[:c]), prod(numbers[c:])) for c in range(len(kinds) + 1)]
    cut = min(range(len(cuts)), key=lambda c: max(cuts[c]))
    first, second = kinds[:cut], kinds[cut:]
    small = 2**players * max(numbers) < 2**62
    slow = (1 if small else _SLOW) * (1 if whole(game.yes).dtype != object else _SLOW)
    both = any(kind.own for kind in first)

    def much(groups: tuple[int, int]) -> bool:
        work = cuts[cut][1] * groups[0] + cuts[cut][0] * groups[1] * both
        return slow * work > most

    if max(cuts[cut]) > MOST_ROWS or much((_size_groups(first), _size_groups(second))):
        return None
    a, b = _half(game, first, small), _half(game, second, small)
    return None if much((len(a.sizes), len(b.sizes))) else (a, b)


def _size_groups(kinds: Sequence[Kind]) -> int:
    """Return how many pairs of sizes some kinds have: the fewest groups there can be."""
    return prod(1 + sum(k.number for k in kinds if k.own == own) for own in (False, True))


def _main(game: Form) -> int:
    return max(range(len(game.yes)), key=lambda k: game.totals[k])


def _half(game: Form, kinds: Sequence[Kind], small: bool) -> _Half:
    """Write down all combinations of numbers of some kinds; ``small``: all counts fit 64 bits."""
    dtype, count = whole(game.yes).dtype, np.dtype(np.int64 if small else object)
    sums = [np.zeros(1, dtype=dtype) for _ in game.yes]
    sizes = [np.zeros(1, dtype=np.int64) for _ in range(2)]
    ways = np.ones(1, dtype=count)
    for kind in kinds:
        numbers = np.arange(kind.number + 1)
        sums = [
            np.add.outer(own, numbers.astype(dtype) * adds).reshape(-1)
            for own, adds in zip(sums, kind.adds, strict=True)
        ]
        for inside in (False, True):
            step = numbers * (kind.own == inside)
            sizes[inside] = np.add.outer(sizes[inside], step).reshape(-1)
        each = np.array([comb(kind.number, int(c)) for c in numbers], dtype=count)
        ways = np.multiply.outer(ways, each).reshape(-1)
    main = _main(game)
    group = _places([*sizes, *(own for k, own in enumerate(sums) if k != main)])
    order = np.lexsort((_places([sums[main]]) if dtype.hasobject else sums[main], group))
    group = group[order]
    starts = np.searchsorted(group, np.arange(group[-1] + 2))
    first = order[starts[:-1]]
    upto = np.concatenate([np.zeros(1, dtype=count), np.cumsum(ways[order], dtype=count)])
    pairs = zip(sizes[0][first].tolist(), sizes[1][first].tolist(), strict=True)
    return _Half(
        tuple(kinds),
        order,
        sums[main][order],
        ways[order],
        upto,
        group,
        starts,
        tuple(own[first] for own in sums),
        tuple(pairs),
    )


def _places(columns: Sequence[Array]) -> Array:
    """Return the place of each row among the distinct rows, in lexicographic order."""
    places = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        _, rank = np.unique(column, return_inverse=True)
        packed = places * (int(rank.max()) + 1) + rank
        places = np.unique(packed, return_inverse=True)[1]
    return places


def _completed(
    game: Form, mine: _Half, other: _Half, shape: tuple[int, ...]
) -> tuple[Array, dict[Kind, Array]]:
    """Count, by sizes, the coalitions that win, and those of them with a member of each own kind."""
    winning: Array = np.zeros(shape, dtype=object)
    own = {kind: np.zeros(shape, dtype=object) for kind in mine.kinds if kind.own}
    # My groups are sorted by sizes: the first row of each pair of sizes.
    pairs = list(dict.fromkeys(mine.sizes))
    firsts = [int(mine.starts[mine.sizes.index(pair)]) for pair in pairs]

    def added(into: Array, values: Array, more: tuple[int, int], divisor: int = 1) -> None:
        for (t, s), value in zip(pairs, np.add.reduceat(values, firsts), strict=True):
            into[t + more[0], s + more[1]] += int(value) // divisor

    for more in dict.fromkeys(other.sizes):
        wins = np.zeros(len(mine.main), dtype=mine.ways.dtype)
        for k, sizes in enumerate(other.sizes):
            if sizes == more:
                wins += _wins_with(game, mine, other, k)
        values = wins * mine.ways
        added(winning, values, more)
        for kind, into in own.items():
            number = mine.number(mine.kinds.index(kind))
            # Of the coalitions with a of the kind's c players, a share a / c has one given player.
            added(into, values * number, more, kind.number)
    return winning, own


def _wins_with(game: Form, mine: _Half, other: _Half, k: int) -> Array:
    """Count, for each of my rows, the coalitions of a group of the other half with which it wins."""
    need = _least(game, [a + b[k] for a, b in zip(mine.others, other.others, strict=True)])
    start, end = other.starts[k], other.starts[k + 1]
    least = need[mine.group] - mine.main
    at = np.searchsorted(other.main[start:end], least, side="left") + start
    found: Array = other.upto[end] - other.upto[at]
    return found


def _least(game: Form, sums: list[Array]) -> Array:
    """Return the least main sum that wins, given the other sums; more than there is if none does."""
    main = _main(game)
    least = np.full(len(sums[main]), game.totals[main] + 1, dtype=sums[main].dtype)
    for candidate in (*reversed(game.thresholds()[main]), 0):
        level = np.full(len(least), candidate, dtype=least.dtype)
        wins = holds_each(game.formula, [*sums[:main], level, *sums[main + 1 :]])
        least[wins] = candidate
    return least
