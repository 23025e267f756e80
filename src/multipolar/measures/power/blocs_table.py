"""Owen values of large games, by quadrature over a table of sums.

The Owen value of a member is the integral over p and r of the probability to be pivotal when every
other bloc joins with probability p and every other member of the own bloc with probability r. Given
the sum of the members who join, only the sums of the other blocs depend on p: their distribution is
integrated once, and the members are mixed into it for every r. What is to be left out (a bloc, then
a member) is never taken out of a table: the others are mixed in by halves.

Source: G. Owen in R. Henn and O. Moeschlin (eds.), Essays in Mathematical Economics and Game Theory
(1977), 76-88, for the value; Owen, Management Science 18 (1972), P64-P79, for the integral.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import ceil, prod
from types import ModuleType

import numpy as np

from ...rules.form import Form
from .evaluate import Array
from .table import ALL, Side, compiled, links, shifted, side_of, strides_of

NODES = 32
"""Quadrature nodes in each direction, to begin with."""
MOST_NODES = 400
ENOUGH = 1e-11
MOST_WORK = 4e10
"""Cells that are updated."""
MOST_CELLS = 25_000_000
"""Cells that are held at once, of eight bytes each."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What one player, or a bloc as one, adds to the main criterion and to the few-valued ones."""

    weight: int
    step: tuple[int, ...]

    @property
    def idle(self) -> bool:
        """Say whether it adds nothing."""
        return not self.weight and not any(self.step)


Parts = Sequence[tuple[Unit, int]]
"""Kinds of players, and how many there are of each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be computed, from one side.

    Attributes
    ----------
    side : Side
        The coalitions that are counted.
    common : tuple of Unit
        What is outside of all blocs that are asked for, in ascending weight.
    blocs : tuple of tuple of Unit
        The members of the blocs that are asked for.
    """

    side: Side
    common: tuple[Unit, ...]
    blocs: tuple[tuple[Unit, ...], ...]

    @property
    def wholes(self) -> Parts:
        """Return the blocs as one player each."""
        return [(joined(members), 1) for members in self.blocs]

    @property
    def outside(self) -> int:
        """Return how many other blocs each bloc has."""
        return len(self.common) + len(self.blocs) - 1

    def window(self, parts: Parts) -> int:
        """Return the cells that matter to what some players make of a table."""
        rows = prod(self.side.spans)
        return rows * (self.side.width - _base(self.side, parts))

    @property
    def cells(self) -> int:
        """Return the most cells that are held at once."""
        parts = [_counted(members) for members in self.blocs]
        windows = [self.window(own) for own in parts]
        outer = max(2 * self.side.cells, self._held(self.wholes) + max(windows))
        return sum(windows) + max(outer, *(self._held(own) for own in parts))

    def _held(self, parts: Parts) -> int:
        """Return the cells that are held to leave out each of some players."""
        whole = self.window(parts)
        if len(parts) == 1:
            return whole
        halves = _halves(parts)
        return whole + max(whole + self.window(halves[0]), *(self._held(half) for half in halves))

    def work(self, nodes: int = NODES) -> float:
        """Return the cells that are updated."""
        common = replace(
            self.side,
            main=tuple(unit.weight for unit in self.common),
            side=tuple(zip(*(unit.step for unit in self.common), strict=True)),
        )
        each = (common.work if self.common else 0.0) + self._mixing(self.wholes)
        total = min(nodes, needed(self.outside + 1)) * each
        for members in self.blocs:
            total += min(nodes, needed(len(members))) * self._mixing(_counted(members))
        return total

    def _mixing(self, parts: Parts) -> float:
        """Return the cells that are updated to leave out each of some players."""
        number = sum(count for _, count in parts)
        if len(parts) == 1:
            return float((number - 1) * self.window(parts))
        halves = _halves(parts)
        return float(number * self.window(parts)) + sum(self._mixing(half) for half in halves)


def joined(members: Sequence[Unit]) -> Unit:
    """Return players as one."""
    steps = zip(*(unit.step for unit in members), strict=True)
    return Unit(sum(unit.weight for unit in members), tuple(sum(own) for own in steps))


def needed(players: int) -> int:
    """Return the nodes that are exact for a polynomial of one degree less than the players."""
    return max(1, ceil(players / 2))


def _counted(members: Sequence[Unit]) -> Parts:
    """Return the kinds of players and how many there are of each."""
    return list(Counter(members).items())


def _halves(parts: Parts) -> tuple[Parts, Parts]:
    return parts[: len(parts) // 2], parts[len(parts) // 2 :]


def _base(side: Side, parts: Parts) -> int:
    """Return the first column that matters when no others than these players are still to join."""
    least = min((x for x in side.limits.values() if x != ALL), default=0)
    return max(0, least - sum(unit.weight * number for unit, number in parts))


def plan_of(form: Form, partition: Sequence[Sequence[int]], blocs: Sequence[int]) -> Plan | None:
    """Return the plan with the least work; None where the values are out of reach.

    Parameters
    ----------
    form : Form
        The game without blocs.
    partition : sequence of sequence of int
        All blocs.
    blocs : sequence of int
        The blocs whose members' values are asked for, by their places in the partition.
    """
    plans = plans_of(form, partition, blocs)
    fitting = [p for p in plans if p.cells <= MOST_CELLS and p.work() <= MOST_WORK]
    return min(fitting, key=lambda p: p.work()) if fitting else None


def plans_of(form: Form, partition: Sequence[Sequence[int]], blocs: Sequence[int]) -> list[Plan]:
    """Return the plans from either side, whatever they cost."""
    plans = []
    for favour in (True, False):
        side = side_of(form, favour=favour)
        if side is None:
            continue
        units = [
            [Unit(side.main[i], tuple(row[i] for row in side.side)) for i in members]
            for members in partition
        ]
        common = [joined(own) for k, own in enumerate(units) if k not in set(blocs)]
        common.sort(key=lambda unit: unit.weight)
        plans.append(Plan(side, tuple(common), tuple(tuple(units[k]) for k in blocs)))
    return plans


def owen_by_table(
    plan: Plan, expected: Sequence[float | None], kernels: ModuleType | None = None
) -> tuple[list[Array], float]:
    """Return the Owen values of the members of each bloc.

    Parameters
    ----------
    plan : Plan
        What is to be computed.
    expected : sequence of float or None
        The Shapley–Shubik index of each bloc as one player, to which its members' values sum: nodes
        are doubled until they do within ``ENOUGH``, or the quadrature is exact.

    Returns
    -------
    values : list of array of float, one per bloc
    error : float
        How far the values of a bloc are from their sum, at most.
    """
    kernels = kernels or compiled()
    enough = needed(max(plan.outside + 1, *(len(members) for members in plan.blocs)))
    nodes = NODES if None not in expected else min(enough, MOST_NODES)
    while True:
        values = owen_with(plan, nodes, kernels)
        error = max(
            abs(float(own.sum()) - want) if want is not None else 0.0
            for own, want in zip(values, expected, strict=True)
        )
        if error <= ENOUGH or nodes >= min(enough, MOST_NODES):
            return values, error
        nodes *= 2


def owen_with(plan: Plan, nodes: int, kernels: ModuleType) -> list[Array]:
    """Return the Owen values with at most so many nodes in each direction."""
    found = []
    for table, members in zip(_other_blocs(plan, nodes, kernels), plan.blocs, strict=True):
        parts = _counted(members)
        values = dict.fromkeys(members, 0.0)
        for chance, weight in _gauss(min(nodes, needed(len(members)))):
            for k, left in _each_left_out(table.from_base(table.base), parts, chance, kernels):
                values[parts[k][0]] += weight * left.pivotal(parts[k][0])
        found.append(np.array([values[unit] for unit in members]))
    return found


def _other_blocs(plan: Plan, nodes: int, kernels: ModuleType) -> list[_Table]:
    """Return, per bloc, the table of all others, averaged over their probability to join."""
    rows = _Rows.of(plan.side)
    wholes = plan.wholes
    found: list[_Table] = []
    for chance, weight in _gauss(min(nodes, needed(plan.outside + 1))):
        start = _Table.empty(rows)
        reach = 0
        for unit in plan.common:
            reach = min(reach + unit.weight, start.width - 1)
            start.join(unit, chance, kernels, reach)
        kernels.accumulate_float(start.values, start.width)
        start = start.from_base(_base(plan.side, wholes))
        for k, table in _each_left_out(start, wholes, chance, kernels):
            if len(found) == k:
                found.append(_Table.empty(rows, table.base, filled=False))
            found[k].gain(table, weight)
    return found


def _gauss(nodes: int) -> list[tuple[float, float]]:
    """Return points of [0, 1] and their weights."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    return list(zip(((points + 1) / 2).tolist(), (weights / 2).tolist(), strict=True))


def _each_left_out(
    table: _Table, parts: Parts, move: float, kernels: ModuleType, first: int = 0
) -> Iterator[tuple[int, _Table]]:
    """Yield, per kind of player, the table that all but one of that kind have joined.

    The given table is used up, and a table that was yielded must be read before the next. Columns
    that those who are still to join cannot make matter are dropped on the way, so that the work is
    about twice that of letting all join.
    """
    if len(parts) == 1:
        unit, number = parts[0]
        for _ in range(number - 1):
            table.join(unit, move, kernels)
        yield first, table
        return
    halves = _halves(parts)
    for mine, others, start in ((*halves, first), (*halves[::-1], first + len(halves[0]))):
        left = table.from_base(table.base) if start == first else table
        for unit, number in others:
            for _ in range(number):
                left.join(unit, move, kernels)
        left = left.from_base(_base(table.rows.side, mine))
        yield from _each_left_out(left, mine, move, kernels, start)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The few-valued sums of a side: those with a limit, and those that are counted whole."""

    side: Side
    finite: Array
    limits: Array
    every: Array
    strides: Array

    @classmethod
    def of(cls, side: Side) -> _Rows:
        """Read a side."""
        finite = [(*sums, limit) for sums, limit in side.limits.items() if limit != ALL]
        every = [sums for sums, limit in side.limits.items() if limit == ALL]
        many = len(side.spans)
        read = np.array(finite, dtype=np.int64).reshape(-1, many + 1)
        whole = np.array(every, dtype=np.int64).reshape(-1, many)
        return cls(side, read[:, :-1], read[:, -1], whole, np.array(strides_of(side.spans)))


@dataclass(slots=True)
class _Table:
    """Probabilities of few-valued sums, and of main sums up to each column from a base on."""

    rows: _Rows
    values: Array
    chances: Array
    """Probability of each few-valued sum, whatever the main sum."""
    base: int

    @classmethod
    def empty(cls, rows: _Rows, base: int = 0, *, filled: bool = True) -> _Table:
        """Return the table that nobody has joined, its main sums not yet added up."""
        values = np.zeros(prod(rows.side.spans) * (rows.side.width - base))
        chances = np.zeros(tuple(sum(own) + 1 for own in rows.side.side))
        if filled:
            values[0] = chances.reshape(-1)[0] = 1.0
        return cls(rows, values, chances, base)

    @property
    def width(self) -> int:
        """Return the number of columns."""
        return self.rows.side.width - self.base

    def from_base(self, base: int) -> _Table:
        """Return a copy without the columns before a base."""
        kept = self.values.reshape(-1, self.width)[:, base - self.base :]
        return _Table(self.rows, kept.flatten(), self.chances.copy(), base)

    def gain(self, other: _Table, weight: float) -> None:
        """Add a share of another table."""
        self.values += weight * other.values
        self.chances += weight * other.chances

    def join(self, unit: Unit, move: float, kernels: ModuleType, reach: int | None = None) -> None:
        """Let a player join with a probability; ``reach`` is the greatest column that is filled."""
        if unit.idle:
            return
        width = self.width
        into, source = _links(self.rows.side.spans, unit.step)
        last = width - 1 if reach is None else reach
        kernels.mix_player(self.values, width, into, source, unit.weight, last, move)
        if len(self.rows.every):
            moved = shifted(self.chances, unit.step)
            self.chances = (1 - move) * self.chances + move * moved

    def pivotal(self, unit: Unit) -> float:
        """Return the probability that a player, who has not joined, is pivotal."""
        rows = self.rows
        found = 0.0
        for less, sign in ((Unit(0, tuple(0 for _ in unit.step)), 1.0), (unit, -1.0)):
            at, x = rows.finite - less.step, rows.limits - less.weight - self.base
            there = (at >= 0).all(axis=1) & (x >= 0)
            found += sign * float(
                self.values[at[there] @ rows.strides * self.width + x[there]].sum()
            )
            before = rows.every - less.step
            before = before[(before >= 0).all(axis=1)]
            found += sign * float(self.chances[tuple(before.T)].sum())
        return found


@lru_cache(maxsize=64)
def _links(spans: tuple[int, ...], step: tuple[int, ...]) -> tuple[Array, Array]:
    into, source, _ = links(spans, step)
    return into, source
