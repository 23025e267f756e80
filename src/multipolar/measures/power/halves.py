"""Games of some 40 players with any weights: all coalitions of one half, held against the other.

The players are cut in two halves. The coalitions of one half are sorted by the sum that counts
most; for each coalition of the other half a binary search then says with how many of them it wins.
Criteria beside the main one are few-valued (heads, vetoes), and coalitions are grouped by them.

Where several criteria take many values, every coalition of one half is held against every one of the
other (`count_by_pairs`), up to 29 players.

Source: E. Horowitz and S. Sahni, Journal of the ACM 21 (1974), 277-292, for the cut in halves.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from ...rules.form import Form
from .counts import Counts
from .evaluate import Array, holds_each, whole

MOST_PLAYERS = 42
MOST_WORK = 1.1e9
MOST_PAIRS = 2**29
_BLOCK = 2**21


@dataclass(frozen=True, slots=True)
class _Half:
    """All coalitions of some players: main sum, key of the other sums, size."""

    players: tuple[int, ...]
    main: Array
    keys: Array
    sizes: Array


def suits(form: Form) -> bool:
    """Say whether halves are small enough and the other criteria take few values."""
    n = len(form.players)
    if n > MOST_PLAYERS:
        return False
    side = _rows(form)
    spans = [sum(row) + 1 for row in side]
    if prod(spans) >= 2**62:
        return False
    half = (n + 1) // 2
    groups = min(prod(-(-s // 2) + 1 for s in spans), 2**half)
    return bool(2.0**half * groups * max(half, 1) <= MOST_WORK)


def count_by_halves(form: Form) -> Counts:
    """Count winning coalitions and swings, exactly."""
    n = len(form.players)
    cut = n // 2
    first, second = tuple(range(cut)), tuple(range(cut, n))
    a, b = _half(form, first), _half(form, second)
    with_player = [[0] * (n + 1) for _ in range(n)]
    winning = _completed(form, a, b, with_player)
    _completed(form, b, a, with_player)
    return _counts(n, winning, with_player)


def _counts(n: int, winning: list[int], with_player: list[list[int]]) -> Counts:
    sizes = []
    for own in with_player:
        # Of the coalitions without the player, those that win: all that win, less those with it.
        swings = [own[s + 1] - (winning[s] - own[s]) for s in range(n)]
        sizes.append(tuple(swings))
    total = sum(winning)
    return Counts(total, tuple(sum(s) for s in sizes), tuple(sizes), "two halves of the players")


def count_by_pairs(form: Form) -> Counts:
    """Count winning coalitions and swings, exactly, whatever the criteria.

    Raises
    ------
    ValueError
        The game has more than ``MOST_PAIRS`` coalitions, or sums beyond 64 bits.
    """
    n = len(form.players)
    rows = whole(form.yes)
    if 2**n > MOST_PAIRS or rows.dtype == object:
        raise ValueError("too many coalitions, or sums that are too large")
    cut = n // 2
    mine, other = (_sums(rows[:, part]) for part in (slice(0, cut), slice(cut, n)))
    heads = [_sums(np.ones((1, k), dtype=np.int64))[0] for k in (cut, n - cut)]
    marks = [
        (h[:, None] == np.arange(k + 1)).astype(np.float32)
        for h, k in zip(heads, (cut, n - cut), strict=True)
    ]
    by_other = np.zeros((cut + 1, len(heads[1])))
    by_mine = np.zeros((len(heads[0]), n - cut + 1))
    step = max(1, _BLOCK // len(heads[1]))
    for start in range(0, len(heads[0]), step):
        block = slice(start, start + step)
        sums = [a[block, None] + b[None, :] for a, b in zip(mine, other, strict=True)]
        # Sums of at most 2**21 ones: exact as 32-bit floats.
        wins = holds_each(form.formula, sums).astype(np.float32)
        by_mine[block] = wins @ marks[1]
        by_other += marks[0][block].T @ wins
    with_player = [[0] * (n + 1) for _ in range(n)]
    winning = [0] * (n + 1)
    half = _Half(tuple(range(cut)), mine[0], mine[0], heads[0])
    for size in range(n - cut + 1):
        _add(half, by_mine[:, size], size, with_player, winning)
    half = _Half(tuple(range(cut, n)), other[0], other[0], heads[1])
    for size in range(cut + 1):
        _add(half, by_other[size], size, with_player, [0] * (n + 1))
    return _counts(n, winning, with_player)


def _sums(rows: Array) -> Array:
    """Return the sums of all coalitions, per row of weights; player i is bit i."""
    out = np.zeros((len(rows), 1), dtype=np.int64)
    for k in range(rows.shape[1]):
        out = np.concatenate([out, out + rows[:, k : k + 1]], axis=1)
    return out


def _main(form: Form) -> int:
    return max(range(len(form.yes)), key=lambda k: sum(form.yes[k]))


def _rows(form: Form) -> list[tuple[int, ...]]:
    """Return the few-valued sums: the other criteria, and heads."""
    main = _main(form)
    return [row for k, row in enumerate(form.yes) if k != main] + [(1,) * len(form.players)]


def _half(form: Form, players: tuple[int, ...]) -> _Half:
    rows = [form.yes[_main(form)], *_rows(form)]
    dtype = whole(rows).dtype
    spans = [sum(row) + 1 for row in rows[1:]]
    steps = [prod(spans[:k]) for k in range(len(spans))]
    main = np.zeros(1, dtype=dtype)
    keys = np.zeros(1, dtype=np.int64)
    sizes = np.zeros(1, dtype=np.int64)
    for i in players:
        step = sum(row[i] * s for row, s in zip(rows[1:], steps, strict=True))
        main = np.concatenate([main, main + rows[0][i]])
        keys = np.concatenate([keys, keys + step])
        sizes = np.concatenate([sizes, sizes + 1])
    return _Half(players, main, keys, sizes)


def _completed(form: Form, mine: _Half, other: _Half, with_player: list[list[int]]) -> list[int]:
    """Count, for my coalitions, the other half's coalitions with which they win, by size."""
    n = len(form.players)
    order = np.lexsort((other.main, other.keys)) if other.main.dtype != object else _sorted(other)
    keys, starts = np.unique(other.keys[order], return_index=True)
    ends = np.append(starts[1:], len(order))
    sums, sizes = other.main[order], other.sizes[order]
    own_keys, place = np.unique(mine.keys, return_inverse=True)
    winning = [0] * (n + 1)
    for size in range(len(other.players) + 1):
        wins = np.zeros(len(mine.main), dtype=np.int64)
        for key, start, end in zip(keys, starts, ends, strict=True):
            if sizes[start] == size:
                wins += _wins_with(form, mine, own_keys + key, place, sums[start:end])
        _add(mine, wins, size, with_player, winning)
    return winning


def _sorted(half: _Half) -> Array:
    """Sort Python's own whole numbers by key and sum."""
    pairs = sorted(range(len(half.keys)), key=lambda k: (half.keys[k], half.main[k]))
    return np.array(pairs, dtype=np.int64)


def _wins_with(form: Form, mine: _Half, keys: Array, place: Array, sums: Array) -> Array:
    """Count, for each of my coalitions, the sorted sums with which it wins."""
    least = _least_main(form, keys)
    found = np.zeros(len(mine.main), dtype=np.int64)
    for k in range(len(keys)):
        need = least[k]
        if need is not None:
            chosen = np.flatnonzero(place == k) if len(keys) > 1 else slice(None)
            at = np.searchsorted(sums, need - mine.main[chosen], side="left")
            found[chosen] = len(sums) - at
    return found


def _least_main(form: Form, keys: Array) -> list[int | None]:
    """Return the least main sum that wins, given the key of the other sums; None if none does."""
    main = _main(form)
    spans = [sum(row) + 1 for row in _rows(form)]
    rest, others = keys, []
    for span in spans:
        others.append(rest % span)
        rest = rest // span
    others.pop()
    least: list[int | None] = [None] * len(keys)
    for candidate in (0, *form.thresholds()[main]):
        level = np.full(len(keys), candidate, dtype=object)
        sums = [*others[:main], level, *others[main:]]
        wins = holds_each(form.formula, sums)
        for k in np.flatnonzero(wins):
            if least[k] is None:
                least[k] = candidate
    return least


def _add(
    mine: _Half, wins: Array, size: int, with_player: list[list[int]], winning: list[int]
) -> None:
    """Add counts to the coalitions of every player of my half, by size."""
    longest = len(mine.players) + 1
    exact = wins.astype(np.float64)  # below 2**53
    for s, count in enumerate(np.bincount(mine.sizes, exact, longest)):
        winning[s + size] += int(count)
    for k, player in enumerate(mine.players):
        view, sizes = exact.reshape(-1, 2, 2**k)[:, 1], mine.sizes.reshape(-1, 2, 2**k)[:, 1]
        for s, count in enumerate(np.bincount(sizes.ravel(), view.ravel(), longest)):
            with_player[player][s + size] += int(count)
