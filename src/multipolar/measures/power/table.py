"""Large games: one table of sums for all players, each player taken out again by a series.

The coalitions that stay below a limit are counted in a table whose columns are the main sum and
whose rows are the sums of the few-valued criteria (heads, vetoes). Players enter by ascending
weight, so that early columns are few. Counts are kept modulo 2**32 and modulo primes and put
together by the Chinese remainder theorem, so that they are exact. Without a player, the count up to a
column is an alternating sum down the table with the step of its weight. Either the players in
favour or those not in favour are counted, whichever needs the smaller table.

Source: S. Kurz, Mathematical Methods of Operations Research 84 (2016), for exact dynamic programming;
here with limits from either side, primes and the series, so that one table serves all players.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from types import ModuleType

import numpy as np

from ...rules.form import Form, holds
from .counts import Counts
from .evaluate import Array

MOST_WORK = 6e10
"""Cells that are updated, over all passes."""
MOST_CELLS = 100_000_000
MOST_ROWS = 20_000
ALL = -1


@dataclass(frozen=True, slots=True)
class Side:
    """The coalitions that are counted, seen from those in favour or those not in favour.

    Attributes
    ----------
    favour : bool
        Whether the sums are of the players in favour (then losing coalitions are counted) or of
        those not in favour (then winning ones).
    main : tuple of int
        Weight of each player in the main criterion.
    side : tuple of tuple of int
        Per few-valued criterion, the weight of each player.
    spans : tuple of int
        Per few-valued criterion, the number of rows that the table needs.
    limits : mapping of tuple to int
        Per sum of the few-valued criteria, the greatest main sum that is counted; -1 all, else
        not named.
    width : int
        Columns of the table.
    heads : int or None
        The few-valued criterion that counts players.
    """

    favour: bool
    main: tuple[int, ...]
    side: tuple[tuple[int, ...], ...]
    spans: tuple[int, ...]
    limits: dict[tuple[int, ...], int]
    width: int
    heads: int | None

    @property
    def cells(self) -> int:
        """Return the size of the table."""
        return prod(self.spans) * self.width

    @property
    def work(self) -> float:
        """Return the cells that are updated to fill the table once."""
        total = 0.0
        reach, heads = 0, [0] * len(self.spans)
        for i in sorted(range(len(self.main)), key=lambda i: self.main[i]):
            reach += self.main[i]
            heads = [h + row[i] for h, row in zip(heads, self.side, strict=True)]
            rows = prod(min(h + 1, span) for h, span in zip(heads, self.spans, strict=True))
            total += rows * float(min(reach + 1, self.width))
        return total


def side_of(form: Form, *, favour: bool, heads: bool = False) -> Side | None:
    """Return what a table of one side would hold; None where it has too many rows.

    With ``heads`` a row of heads is added where the rule does not count them.
    """
    main = max(range(len(form.yes)), key=lambda k: form.totals[k])
    rows = [row for k, row in enumerate(form.yes) if k != main] or [(0,) * len(form.players)]
    criteria = len(form.yes) - 1
    if heads and not any(set(row) == {1} for row in rows):
        rows.append((1,) * len(form.players))
    totals = [sum(row) for row in rows]
    whole = sum(form.yes[main])
    if prod(t + 1 for t in totals) > MOST_ROWS:
        return None
    limits: dict[tuple[int, ...], int] = {}
    for sums in product(*(range(t + 1) for t in totals)):
        least = _least(form, main, sums[:criteria])
        if favour:
            if least is None:
                limits[sums] = ALL
            elif least > 0:
                limits[sums] = least - 1 if least <= whole else ALL
        elif least is not None:
            others = tuple(t - s for t, s in zip(totals, sums, strict=True))
            limits[others] = whole - least if least > 0 else ALL
    finite = {sums: limit for sums, limit in limits.items() if limit != ALL}
    spans = tuple(max((s[k] for s in finite), default=0) + 1 for k in range(len(rows)))
    width = max(finite.values(), default=0) + 1
    counts_heads = [k for k, row in enumerate(rows) if set(row) == {1}]
    size = counts_heads[0] if counts_heads else None
    return Side(favour, form.yes[main], tuple(rows), spans, limits, width, size)


def _least(form: Form, main: int, others: tuple[int, ...]) -> int | None:
    """Return the least main sum that wins with these other sums; None if none does."""
    for candidate in (0, *form.thresholds()[main]):
        sums = [*others[:main], candidate, *others[main:]]
        if holds(form.formula, sums):
            return candidate
    return None


def fits(side: Side, most: float = MOST_WORK) -> bool:
    """Say whether a table is within the limits of memory and time, over all its passes."""
    passes = (len(side.main) + 1) / 31 + 1
    return side.cells <= MOST_CELLS and side.work * passes <= most


def count_by_table(side: Side, kernels: ModuleType | None = None) -> Counts:
    """Count winning coalitions and swings, exactly; by size where heads are a row.

    Every player must add something to some criterion.
    """
    moduli = moduli_for(len(side.main))
    players = distinct(side)
    at = asked(side, players)
    kernels = kernels or compiled()
    found = [
        read(side, side, at, fill(side, kernels, modulus % 2**32), kernels, modulus % 2**32)
        for modulus in moduli
    ]
    values = remainders(found, moduli)
    return assembled(side, players, Marginal(side), values)


def moduli_for(n: int) -> list[int]:
    """Return moduli whose product exceeds twice the coalitions of n players."""
    moduli = [2**32]
    while prod(moduli) <= 2 ** (n + 1):
        moduli.append(_prime_below(moduli[-1] if len(moduli) > 1 else 2**31))
    return moduli


def compiled() -> ModuleType:
    """Return the compiled loops, loading the compiler when they are first needed."""
    from . import kernels

    return kernels


def _prime_below(limit: int) -> int:
    """Return the greatest prime below a limit (Miller–Rabin with bases that decide 32 bits)."""
    candidate = limit - 1 if limit % 2 == 0 else limit - 2
    while not _is_prime(candidate):
        candidate -= 2
    return candidate


def _is_prime(number: int) -> bool:
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for base in (2, 7, 61):
        x = pow(base, odd, number)
        if x in (1, number - 1):
            continue
        if all((x := x * x % number) != number - 1 for _ in range(twos - 1)):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Players:
    """Distinct kinds of players, in ascending main weight, and the kind of each player."""

    kinds: tuple[tuple[int, tuple[int, ...]], ...]
    of: tuple[int, ...]


def distinct(side: Side) -> Players:
    """Group the players by what they add."""
    own = [(w, tuple(row[i] for row in side.side)) for i, w in enumerate(side.main)]
    kinds = sorted(set(own))
    place = {kind: k for k, kind in enumerate(kinds)}
    return Players(tuple(kinds), tuple(place[each] for each in own))


class Marginal:
    """How many coalitions have each sum of the few-valued criteria, with and without a player."""

    def __init__(self, side: Side) -> None:
        self.totals = [sum(row) for row in side.side]
        self.shape = tuple(t + 1 for t in self.totals)
        table = np.zeros(self.shape, dtype=object)
        table[(0,) * len(self.shape)] = 1
        for i in range(len(side.main)):
            step = tuple(row[i] for row in side.side)
            table = table + shifted(table, step)
        self.table = table
        self.memo: dict[tuple[int, ...], Array] = {}

    def without(self, step: tuple[int, ...]) -> Array:
        """Return the numbers of coalitions of the others, for a player with these sums."""
        if step not in self.memo:
            if not any(step):
                self.memo[step] = self.table // 2
            else:
                left = self.table.copy()
                for place in np.ndindex(*self.shape):
                    before = tuple(p - s for p, s in zip(place, step, strict=True))
                    if min(before) >= 0:
                        left[place] -= left[before]
                self.memo[step] = left
        return self.memo[step]


def shifted(table: Array, step: tuple[int, ...]) -> Array:
    """Return a table moved up by a step along every axis, zeros moving in."""
    out = np.zeros_like(table)
    into = tuple(slice(s, None) for s in step)
    out[into] = table[tuple(slice(0, n - s) for s, n in zip(step, table.shape, strict=True))]
    return out


def strides_of(spans: Sequence[int]) -> list[int]:
    """Return how many rows lie between neighbours along every axis."""
    return [prod(spans[k + 1 :]) for k in range(len(spans))]


def links(spans: Sequence[int], step: tuple[int, ...]) -> tuple[Array, Array, int]:
    """Return rows from last to first, the row that leads to each (-1: none), and the offset."""
    rows = np.arange(prod(spans) - 1, -1, -1, dtype=np.int64)
    source = rows.copy()
    offset = 0
    for s, span, stride in zip(step, spans, strides_of(spans), strict=True):
        source[(rows // stride) % span < s] = -(2**62)
        offset += s * stride
    source -= offset
    source[source < 0] = -1
    return rows, source, offset


def fill(side: Side, kernels: ModuleType, modulus: int) -> Array:
    """Count coalitions by row and main sum, up to each column."""
    table = np.zeros(side.cells, dtype=np.uint32)
    table[0] = 1
    reach = 0
    memo: dict[tuple[int, ...], tuple[Array, Array, int]] = {}
    for i in sorted(range(len(side.main)), key=lambda i: side.main[i]):
        weight = side.main[i]
        reach = min(reach + weight, side.width - 1)
        if weight >= side.width:
            continue
        step = tuple(row[i] for row in side.side)
        if step not in memo:
            memo[step] = links(side.spans, step)
        rows, source, _ = memo[step]
        linked = source >= 0
        kernels.add_player(
            table, side.width, rows[linked], source[linked], weight, reach, np.uint32(modulus)
        )
    kernels.accumulate(table, side.width, np.uint32(modulus))
    return table


@dataclass(frozen=True, slots=True)
class Asked:
    """Where the table is read: per reading the row, column, length, row step and column step."""

    rows: Array
    columns: Array
    most: Array
    steps: Array
    weights: Array


def asked(side: Side, players: Players) -> Asked:
    """Say where to read, per kind of player, the coalitions of the others, then those with it."""
    strides = strides_of(side.spans)
    finite = [(sums, limit) for sums, limit in side.limits.items() if limit != ALL]
    readings: list[tuple[int, int, int, int, int]] = []
    for weight, step in players.kinds:
        offset = sum(e * s for e, s in zip(step, strides, strict=True))
        for inside in (False, True):
            for sums, limit in finite:
                at = tuple(s - e for s, e in zip(sums, step, strict=True)) if inside else sums
                x = limit - weight if inside else limit
                if x < 0 or min(at) < 0:
                    readings.append((0, -1, -1, 0, 0))
                    continue
                lengths = [a // e for a, e in zip(at, step, strict=True) if e]
                lengths += [x // weight] if weight else []
                row = sum(a * s for a, s in zip(at, strides, strict=True))
                readings.append((row, x, min(lengths), offset, weight))
    columns = np.array(readings, dtype=np.int64).reshape(-1, 5).T
    return Asked(*(np.ascontiguousarray(column) for column in columns))


def read(
    held: Side, side: Side, at: Asked, table: Array, kernels: ModuleType, modulus: int
) -> list[int]:
    """Return all readings of a filled table, then the counts of all finite rows of a side.

    The table is that of ``held``, which may be wider than the side.
    """
    out: list[int] = kernels.without_player(
        table, held.width, at.rows, at.columns, at.most, at.steps, at.weights, np.uint32(modulus)
    ).tolist()
    strides = strides_of(held.spans)
    for sums, limit in side.limits.items():
        if limit != ALL:
            row = sum(a * s for a, s in zip(sums, strides, strict=True))
            out.append(int(table[row * held.width + limit]))
    return out


def remainders(found: list[list[int]], moduli: Sequence[int]) -> list[int]:
    """Put remainders together by the Chinese remainder theorem."""
    values, whole = [int(v) for v in found[0]], moduli[0]
    for other, modulus in zip(found[1:], moduli[1:], strict=True):
        inverse = pow(whole, -1, modulus)
        values = [
            v + whole * ((int(o) - v) * inverse % modulus)
            for v, o in zip(values, other, strict=True)
        ]
        whole *= modulus
    return values


def assembled(side: Side, players: Players, marginal: Marginal, values: list[int]) -> Counts:
    """Return the counts that the values of all readings make up."""
    n = len(side.main)
    finite = [sums for sums, limit in side.limits.items() if limit != ALL]
    every = [sums for sums, limit in side.limits.items() if limit == ALL]
    heads = side.heads
    per_kind: list[tuple[int, tuple[int, ...] | None]] = []
    at = 0
    for weight, step in players.kinds:
        del weight
        outside = dict(zip(finite, values[at : at + len(finite)], strict=True))
        at += len(finite)
        inside = dict(zip(finite, values[at : at + len(finite)], strict=True))
        at += len(finite)
        left = marginal.without(step) if every else marginal.table
        for sums in every:
            outside[sums] = int(left[sums])
            before = tuple(s - e for s, e in zip(sums, step, strict=True))
            inside[sums] = int(left[before]) if min(before, default=0) >= 0 else 0
        total = sum(outside.values()) - sum(inside.values())
        sizes = None
        if heads is not None:
            own = [0] * (n + 1)
            for sums, count in outside.items():
                own[sums[heads]] += count
            for sums, count in inside.items():
                own[sums[heads] - 1] -= count
            sizes = tuple(own[:n] if side.favour else own[n - 1 :: -1])
        per_kind.append((total, sizes))
    counted = sum(values[at:]) + sum(int(marginal.table[sums]) for sums in every)
    winning = 2**n - counted if side.favour else counted
    swings = tuple(per_kind[k][0] for k in players.of)
    if heads is None:
        return Counts(winning, swings, None, "table of sums")
    by_size = tuple(per_kind[k][1] or () for k in players.of)
    return Counts(winning, swings, by_size, "table of sums")
