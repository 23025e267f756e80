"""Exactly so many players whose sums fall into given ranges: found, or shown not to exist.

A formula over thresholds holds on a union of boxes, that is of ranges for every criterion. For one
box and one number of players the question is a system of linear inequalities, searched by taking
or leaving players, heavier ones first, and given up where even the best rest would not do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import accumulate, product
from math import gcd
from typing import Any

import numpy as np

from ...rules.form import At, Formula, Some
from .evaluate import Array

Box = tuple[tuple[int, int], ...]
"""Per criterion, the least and the greatest sum."""
BOXES = 64
"""Boxes into which a formula is taken apart at most."""
_BITS = 200_000_000
_ROOM = 8_000_000
_PAIRS = 400
_DESCENTS = 40


class TooManyBoxes(Exception):
    """A formula that is not taken apart, as it would make too many boxes."""


def boxes_of(formula: Formula, full: Box, *, less: Sequence[int] | None = None) -> list[Box]:
    """Take apart where a formula holds; or, with ``less``, where it fails for so much less.

    Parameters
    ----------
    formula : Formula
        Criteria and thresholds.
    full : Box
        The sums that are possible at all.
    less : sequence of int, optional
        Per criterion, what is taken off the sums before the formula is to fail.

    Raises
    ------
    TooManyBoxes
        There would be more than `BOXES`.
    """
    if isinstance(formula, bool):
        return [full] if formula == (less is None) else []
    if isinstance(formula, At):
        k, (least, most) = formula.criterion, full[formula.criterion]
        if less is None:
            least = max(least, formula.least)
        else:
            most = min(most, formula.least - 1 + less[k])
        return [(*full[:k], (least, most), *full[k + 1 :])] if least <= most else []
    found = (boxes_of(part, full, less=less) for part in formula.parts)
    if isinstance(formula, Some) == (less is None):
        return _apart([box for part in found for box in part])
    return meet(full, *found)


def meet(full: Box, *parts: Sequence[Box]) -> list[Box]:
    """Return the boxes in which one box of every part meet.

    Raises
    ------
    TooManyBoxes
        There would be more than `BOXES`.
    """
    held = [full]
    for part in parts:
        both = (
            tuple((max(a, c), min(b, d)) for (a, b), (c, d) in zip(one, other, strict=True))
            for one, other in product(held, part)
        )
        held = _apart([box for box in both if all(a <= b for a, b in box)])
    return held


def _apart(boxes: Sequence[Box]) -> list[Box]:
    """Drop boxes inside others."""
    boxes = list(dict.fromkeys(boxes))
    if len(boxes) > 4 * BOXES:
        raise TooManyBoxes
    kept = [
        box for box in boxes if not any(other != box and _inside(box, other) for other in boxes)
    ]
    if len(kept) > BOXES:
        raise TooManyBoxes
    return kept


def _inside(box: Box, other: Box) -> bool:
    return all(c <= a and b <= d for (a, b), (c, d) in zip(box, other, strict=True))


class Budget:
    """How much may still be searched, in steps of about ten microseconds."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Use some of it up.

        Raises
        ------
        OutOfBudget
            Nothing is left.
        """
        self.left -= steps
        if self.left < 0:
            raise OutOfBudget

    def part(self, portion: int) -> Budget:
        """Take one of so many parts of it away."""
        taken = Budget(self.left // portion)
        self.left -= taken.left
        return taken


class OutOfBudget(Exception):
    """A search that was given up."""


class Search:
    """One box: its inequalities over players in a given order.

    Parameters
    ----------
    columns : sequence of tuple of int
        What each player adds to every criterion, equal players side by side.
    base : sequence of int
        The sums without any of them.
    box : Box
        Where the sums must fall.

    Attributes
    ----------
    possible : list of bool
        Per number of players, 0 to all: whether every inequality alone can hold.
    """

    def __init__(self, columns: Sequence[Sequence[int]], base: Sequence[int], box: Box) -> None:
        n = self.n = len(columns)
        self.columns = columns
        self.rows: list[list[int]] = []
        self.needs: list[int] = []
        self.possible = [True] * (n + 1)
        windows = []
        for k, (least, most) in enumerate(box):
            own = [column[k] for column in columns]
            before = len(self.rows)
            self._ask(own, least - base[k])
            self._ask([-v for v in own], base[k] - most)
            if len(self.rows) == before + 2:
                windows.append(before)
        self.alone = len(windows) == 1 and len(self.rows) == 2
        for k in windows:
            if sums := _Sums.within(self.rows[k], -self.needs[k + 1]):
                made = sums.made(self.needs[k], -self.needs[k + 1])
                self.possible = [a and b for a, b in zip(self.possible, made, strict=True)]
        self.scaled = _scaled(self.rows, self.needs)

    def _ask(self, row: list[int], need: int) -> None:
        """Keep an inequality unless it always holds, or the number of players decides it."""
        if need <= min(0, sum(row)):
            return
        scale = max(1, gcd(*row))
        row, need = [v // scale for v in row], -(-need // scale)
        self._narrow(row, need)
        if min(row) < max(row):
            self.rows.append(row)
            self.needs.append(need)

    def _narrow(self, row: list[int], need: int) -> None:
        """Mark the numbers of players with which an inequality cannot hold."""
        best = accumulate(sorted(row, reverse=True), initial=0)
        self.possible = [a and b >= need for a, b in zip(self.possible, best, strict=True)]

    def find(self, number: int, budget: Budget) -> list[int] | None:
        """Return so many players that fit; None if there are none.

        Raises
        ------
        OutOfBudget
            The budget was used up before this was known.
        """
        if not self.possible[number]:
            return None
        if not self.needs:
            return list(range(number))
        rows, needs, order = self.rows, self.needs, list(range(self.n))
        if len(needs) > 1 and not self.alone and 0 < number < self.n:
            budget.spend(100 + len(needs) * self.n // 50)
            joint, need = self._joint(number)
            self._narrow(joint, need)
            if not self.possible[number]:
                return None
            order.sort(key=lambda i: (-joint[i], i))
            rows, needs = [*rows, joint], [*needs, need]
        tree = _Tree(
            [self.columns[i] for i in order],
            [[row[i] for i in order] for row in rows],
            needs,
            self._sums if self.alone else None,
        )
        found = tree.find(number, budget)
        return None if found is None else sorted(order[i] for i in found)

    @cached_property
    def _sums(self) -> _Sums | None:
        return _Sums.within(self.rows[0], -self.needs[1], every=True)

    def _joint(self, number: int) -> tuple[list[int], int]:
        """Return a sum of multiples of the inequalities that is hard to satisfy.

        For a fixed number of players the best multiples give the bound of the linear relaxation
        (A. M. Geoffrion, Mathematical Programming Study 2 (1974), 82-114); they are approached
        here, and any others are valid too.
        """
        sizes, values, needs = self.scaled
        share = np.full(len(needs), 1 / len(needs))
        best, kept = np.inf, share
        for step in range(_DESCENTS):
            top = np.argpartition(-(share @ values), number - 1)[:number]
            gap = values[:, top].sum(axis=1) - needs
            if (value := float(share @ gap)) < best:
                best, kept = value, share
            if value < 0:
                break
            share = share * np.exp(-gap / max(1e-12, float(np.abs(gap).max())) / (1 + step / 4))
            share = share / share.sum()
        largest = max(sizes)
        times = [round(float(x) * 1000) * largest // s for x, s in zip(kept, sizes, strict=True)]
        joint = [
            sum(t * v for t, v in zip(times, column, strict=True))
            for column in zip(*self.rows, strict=True)
        ]
        return joint, sum(t * need for t, need in zip(times, self.needs, strict=True))


def _scaled(rows: list[list[int]], needs: list[int]) -> tuple[list[int], Array, Array]:
    """Return every inequality's greatest value, and the inequalities divided by it."""
    sizes = [max(map(abs, row)) for row in rows]
    values = [[v / s for v in row] for row, s in zip(rows, sizes, strict=True)]
    return sizes, np.array(values), np.array([a / s for a, s in zip(needs, sizes, strict=True)])


class _Tree:
    """The choices of taking a player or leaving it and all its equals, in order."""

    def __init__(
        self,
        columns: Sequence[Sequence[int]],
        rows: list[list[int]],
        needs: list[int],
        sums: _Sums | None,
    ) -> None:
        n = self.n = len(columns)
        self.next_kind = [n] * n
        for i in range(n - 2, -1, -1):
            same = columns[i] == columns[i + 1]
            self.next_kind[i] = self.next_kind[i + 1] if same else i + 1
        self.exact, self.exact_needs = rows, needs
        fitted = [_fitted(row, need) for row, need in zip(rows, needs, strict=True)]
        self.rows = np.array([row for row, _ in fitted], dtype=np.int64)
        self.needs = [need for _, need in fitted]
        self.sums = sums if self.rows.tolist() == rows and self.needs == needs else None
        self.tops: dict[int, Array] = {}
        self.room = _ROOM

    def find(self, number: int, budget: Budget) -> list[int] | None:
        """Return the first so many players in the order that fit; None if there are none."""
        n, next_kind = self.n, self.next_kind
        columns: list[list[int]] = self.rows.T.tolist()
        stack: list[tuple[int, int, list[int], Any]] = [(0, number, self.needs, None)]
        while stack:
            at, left, lacking, taken = stack.pop()
            budget.spend(1)
            if n - at < left or not self._hopeful(at, left, lacking, budget):
                continue
            width = n - at
            if left < 2 or (left == 2 and width <= _PAIRS):
                budget.spend(1 + width ** max(1, left) * len(lacking) // 10_000)
                chosen = _players(taken)
                for last in _last(self.rows[:, at:], lacking, left):
                    budget.spend(1 + number * len(lacking) // 100)
                    found = [*chosen, *(at + i for i in last)]
                    if self._fits(found):
                        return found
                continue
            stack.append((next_kind[at], left, lacking, taken))
            rest = [a - b for a, b in zip(lacking, columns[at], strict=True)]
            stack.append((at + 1, left - 1, rest, (at, taken)))
        return None

    def _hopeful(self, at: int, left: int, lacking: list[int], budget: Budget) -> bool:
        """Say whether the best rest would do for every inequality alone."""
        best = self.tops.get(at)
        if best is None:
            rest = -np.sort(-self.rows[:, at:], axis=1)
            best = np.zeros((rest.shape[1] + 1, len(rest)), dtype=np.int64)
            np.cumsum(rest.T, axis=0, out=best[1:])
            if self.room > best.size:
                self.tops[at] = best
                self.room -= best.size
            budget.spend(1 + best.size // 2000)
        for most, need in zip(best[left].tolist(), lacking, strict=True):
            if most < need:
                return False
        return self.sums is None or self.sums.meet(at, left, lacking[0], -lacking[1])

    def _fits(self, players: Sequence[int]) -> bool:
        return all(
            sum(row[i] for i in players) >= need
            for row, need in zip(self.exact, self.exact_needs, strict=True)
        )


def _players(taken: Any) -> list[int]:
    found = []
    while taken is not None:
        at, taken = taken
        found.append(at)
    return found[::-1]


def _last(rows: Array, lacking: list[int], left: int) -> Iterator[list[int]]:
    """Yield none, one or two of the remaining players that fill what is lacking, in order."""
    if left == 0:
        yield []
        return
    if left == 1:
        fits = rows[0] >= lacking[0]
        for row, need in zip(rows[1:], lacking[1:], strict=True):
            fits &= row >= need
        yield from ([int(i)] for i in np.flatnonzero(fits))
        return
    fits = rows[0][:, None] + rows[0] >= lacking[0]
    for row, need in zip(rows[1:], lacking[1:], strict=True):
        fits &= row[:, None] + row >= need
    fits = np.triu(fits, 1)
    yield from ([int(i), int(j)] for i, j in zip(*np.nonzero(fits), strict=True))


def _fitted(row: list[int], need: int) -> tuple[list[int], int]:
    """Shift an inequality into 64 bits, rounding so that whoever fits still fits."""
    shift = max(0, max(sum(map(abs, row)), abs(need)).bit_length() - 60)
    return [-(-v >> shift) for v in row], -(-need >> shift)


class _Sums:
    """The sums that players from a place on can make, as bits of whole numbers.

    Where they fit into memory, sums of different numbers of players are kept apart.
    """

    def __init__(self, n: int, spacing: int, bits: list[int]) -> None:
        self.n, self.spacing, self.bits = n, spacing, bits

    @classmethod
    def within(cls, values: list[int], most: int, *, every: bool = False) -> _Sums | None:
        """Make the sums up to a greatest one; None if they are too many.

        With ``every``, those of the players from every place on; else those of all players.
        """
        n = len(values)
        if most < 0 or most > _BITS or n * most > 10 * _BITS:
            return None
        spacing = 2 * most + 1
        counted = n * (n + 1) * spacing <= _BITS
        every = every and (counted or n * most <= _BITS)
        if not counted:
            spacing = 0
        mask = 0
        for block in range(n + 1 if counted else 1):
            mask |= ((1 << (most + 1)) - 1) << (block * spacing)
        bits = [1]
        for value in reversed(values):
            more = bits[-1]
            if value <= most:
                more |= (more << (spacing + value)) & mask
            bits = [*bits, more] if every else [more]
        return cls(n, spacing, bits[::-1])

    def made(self, least: int, most: int) -> list[bool]:
        """Say, for 0 to all players, whether so many may have a sum between two bounds."""
        if self.spacing:
            return [self.meet(0, number, least, most) for number in range(self.n + 1)]
        return [self.meet(0, 0, least, most)] * (self.n + 1)

    def meet(self, at: int, left: int, least: int, most: int) -> bool:
        """Say whether so many players from a place on may have a sum between two bounds."""
        if at >= len(self.bits):
            return True
        least = max(0, least)
        if most < least:
            return False
        start = self.spacing * left + least
        return bool((self.bits[at] >> start) & ((1 << (most - least + 1)) - 1))
