"""Minimal winning coalitions, and the two indices that rest on them alone.

A winning coalition is minimal if it loses as soon as any of its members leaves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations as chosen
from itertools import product
from math import comb, prod

import numpy as np

from ...rules.form import Form
from .evaluate import Array, holds_each, whole
from .kinds import MOST, Kinds, combinations, kinds_of

PLAYERS = 22
"""Up to so many players, all coalitions are tried."""
LISTED = 10_000
"""Up to so many minimal winning coalitions are listed."""
_LOW = 16


@dataclass(frozen=True, slots=True)
class Minimal:
    """The minimal winning coalitions of a game of n players, counted exactly.

    Attributes
    ----------
    count : int
        How many there are.
    by_player : tuple of int
        Per player, to how many of them it belongs.
    by_player_and_size : tuple of tuple of int, shape (n, n + 1)
        The same by the number of members, 0 to n.
    listed : tuple of tuple of int, or None
        The coalitions themselves, members by their places, smaller ones first; None if there are
        more than `LISTED`.
    """

    count: int
    by_player: tuple[int, ...]
    by_player_and_size: tuple[tuple[int, ...], ...]
    listed: tuple[tuple[int, ...], ...] | None


def minimal_winning(form: Form) -> Minimal | None:
    """Count the minimal winning coalitions, exactly.

    Parameters
    ----------
    form : Form
        The game; every player is in favour or not.

    Returns
    -------
    Minimal or None
        None if there are too many to try: more than `PLAYERS` players, of kinds whose numbers can
        be combined in more than `kinds.MOST` ways.

    Complexity
    ----------
    Half a second for 22 players that all differ; for few kinds of players the number does not
    matter.

    Examples
    --------
    >>> from multipolar.rules.game import Game
    >>> form = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}}).form()
    >>> minimal_winning(form).listed
    ((0, 1), (0, 2))
    """
    kinds = kinds_of(form)
    if combinations(kinds) <= MOST:
        return _by_kind(form, kinds)
    return _by_mask(form) if len(form.players) <= PLAYERS else None


def deegan_packel(minimal: Minimal) -> tuple[Fraction, ...]:
    """Return the index of Deegan and Packel of every player, exactly.

    All minimal winning coalitions are equally likely, and the members of one share equally.

    Parameters
    ----------
    minimal : Minimal
        The minimal winning coalitions.

    Returns
    -------
    tuple of Fraction
        They sum to one, unless nothing or everything wins; then all are zero.

    Source
    ------
    J. Deegan and E. W. Packel, International Journal of Game Theory 7 (1978), 113-123.

    Examples
    --------
    >>> from multipolar.rules.game import Game
    >>> form = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}}).form()
    >>> [str(share) for share in deegan_packel(minimal_winning(form))]
    ['1/2', '1/4', '1/4']
    """
    if minimal.count == 0:
        return tuple(Fraction(0) for _ in minimal.by_player)
    known: dict[tuple[int, ...], Fraction] = {}
    for own in minimal.by_player_and_size:
        if own not in known:
            shares = (Fraction(number, size) for size, number in enumerate(own) if number)
            known[own] = sum(shares, Fraction(0)) / minimal.count
    return tuple(known[own] for own in minimal.by_player_and_size)


def holler(minimal: Minimal) -> tuple[Fraction, ...]:
    """Return the public good index of every player, exactly.

    It counts to how many minimal winning coalitions a player belongs, as a share of all such
    memberships.

    Parameters
    ----------
    minimal : Minimal
        The minimal winning coalitions.

    Returns
    -------
    tuple of Fraction
        They sum to one, unless nothing or everything wins; then all are zero.

    Source
    ------
    M. J. Holler, Political Studies 30 (1982), 262-271.

    Examples
    --------
    >>> from multipolar.rules.game import Game
    >>> form = Game.of({"A": 3, "B": 2, "C": 1}, {"weighted": {"quota": 4}}).form()
    >>> [str(share) for share in holler(minimal_winning(form))]
    ['1/2', '1/4', '1/4']
    """
    every = sum(minimal.by_player)
    return tuple(Fraction(own, max(1, every)) for own in minimal.by_player)


def _by_kind(form: Form, kinds: Kinds) -> Minimal:
    """Try how many of each kind are in favour."""
    n, number = len(form.players), len(kinds.numbers)
    big = whole(form.yes).dtype
    per = [np.array([row[i] for i in kinds.first], dtype=big) for row in form.yes]
    grid = np.indices([m + 1 for m in kinds.numbers]).reshape(number, combinations(kinds)).T
    wide = grid.astype(big)
    sums = [wide @ row for row in per]
    good = np.broadcast_to(holds_each(form.formula, sums), len(grid)).copy()
    for kind in range(number):
        less = holds_each(form.formula, [s - row[kind] for s, row in zip(sums, per, strict=True)])
        good &= (grid[:, kind] == 0) | ~less
    found: list[list[int]] = grid[good].tolist()
    count = 0
    sizes = [[0] * (n + 1) for _ in kinds.numbers]
    for own in found:
        ways = prod(comb(m, c) for m, c in zip(kinds.numbers, own, strict=True))
        count += ways
        size = sum(own)
        for kind, (m, c) in enumerate(zip(kinds.numbers, own, strict=True)):
            # Of the choices of c of a kind's m players, a share c / m has one given player.
            sizes[kind][size] += ways * c // m
    each = tuple(tuple(own) for own in sizes)
    by_size = tuple(each[kind] for kind in kinds.of)
    listed = None
    if count <= LISTED:
        listed = _sorted(coalition for own in found for coalition in _spelt(kinds, own))
    return Minimal(count, tuple(sum(own) for own in by_size), by_size, listed)


def _spelt(kinds: Kinds, numbers: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield the coalitions with so many players of each kind."""
    places: list[list[int]] = [[] for _ in kinds.numbers]
    for i, kind in enumerate(kinds.of):
        places[kind].append(i)
    for parts in product(*(chosen(own, c) for own, c in zip(places, numbers, strict=True))):
        yield tuple(sorted(i for part in parts for i in part))


def _sorted(coalitions: Iterator[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    return tuple(sorted(coalitions, key=lambda own: (len(own), own)))


def _by_mask(form: Form) -> Minimal:
    """Try all coalitions, one bit per player."""
    n = len(form.players)
    good = _wins(form)
    wins = good.copy()
    for i in range(n):
        # Axis 1 is the player's bit: what wins without it is not minimal with it.
        good.reshape(-1, 2, 1 << i)[:, 1] &= ~wins.reshape(-1, 2, 1 << i)[:, 0]
    masks = np.flatnonzero(good)
    heads = np.bitwise_count(masks)
    by_size = tuple(
        tuple(np.bincount(heads[masks >> i & 1 == 1], minlength=n + 1).tolist()) for i in range(n)
    )
    listed = None
    if len(masks) <= LISTED:
        listed = _sorted(tuple(i for i in range(n) if mask >> i & 1) for mask in masks.tolist())
    return Minimal(len(masks), tuple(sum(own) for own in by_size), by_size, listed)


def _wins(form: Form) -> Array:
    """Say of every coalition whether it wins; player i is bit i."""
    n, rows = len(form.players), whole(form.yes)
    low = min(n, _LOW)
    wins = np.empty(1 << n, dtype=bool)
    first = [_subset_sums(row[:low]) for row in rows]
    rest = [_subset_sums(row[low:]) for row in rows]
    for block in range(1 << (n - low)):
        sums = [own + more[block] for own, more in zip(first, rest, strict=True)]
        wins[block << low : (block + 1) << low] = holds_each(form.formula, sums)
    return wins


def _subset_sums(values: Array) -> Array:
    sums = np.zeros(1, dtype=values.dtype)
    for value in values:
        sums = np.concatenate([sums, sums + value])
    return sums
