"""Games with few kinds of players: count by how many of each kind are in favour.

Two players are of one kind when they add the same to every criterion. The Security Council has two
kinds, the General Assembly one, so that all combinations of numbers can be tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import comb, factorial, prod
from typing import Any

import numpy as np

from ...rules.form import Form
from .counts import Counts
from .evaluate import Array, holds_each, whole

MOST = 300_000
"""Combinations that are tried."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Players put together by kind."""

    of: tuple[int, ...]
    """The kind of each player."""
    numbers: tuple[int, ...]
    """How many players are of each kind."""
    first: tuple[int, ...]
    """One player of each kind."""


def kinds_of(form: Form, *, abstain: bool = False) -> Kinds:
    """Group the players of a form by what they add."""
    rows = form.yes + form.abstain if abstain else form.yes
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(form.players)
    found: dict[tuple[int, ...], int] = {}
    of = tuple(found.setdefault(column, len(found)) for column in columns)
    numbers = [0] * len(found)
    for kind in of:
        numbers[kind] += 1
    return Kinds(of, tuple(numbers), tuple(of.index(k) for k in range(len(found))))


def combinations(kinds: Kinds, *, abstain: bool = False) -> int:
    """Return how many combinations of numbers there are."""
    return prod(comb(m + 2, 2) if abstain else m + 1 for m in kinds.numbers)


def count_by_kind(form: Form) -> Counts:
    """Count winning coalitions and swings, exactly."""
    kinds = kinds_of(form)
    n, k = len(form.players), len(kinds.numbers)
    grid, ways = _grid(kinds.numbers)
    heads = grid.sum(axis=1)
    wins = _wins(form, kinds, grid)
    winning = sum(int(w) for w in ways[wins])
    sizes = []
    for kind in range(k):
        others = tuple(m - (i == kind) for i, m in enumerate(kinds.numbers))
        less, ways_less = _grid(others)
        more = less.copy()
        more[:, kind] += 1
        swing = _wins(form, kinds, more) & ~_wins(form, kinds, less)
        own = [0] * n
        for size, way in zip(less[swing].sum(axis=1), ways_less[swing], strict=True):
            own[int(size)] += int(way)
        sizes.append(tuple(own))
    del heads
    each = tuple(sizes[kind] for kind in kinds.of)
    return Counts(winning, tuple(sum(own) for own in each), each, "kinds of players")


def _grid(numbers: tuple[int, ...]) -> tuple[Array, Array]:
    """Return all combinations of numbers, one per row, and in how many ways each comes about."""
    axes = [np.arange(m + 1) for m in numbers]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(numbers))
    factors = [np.array([comb(m, c) for c in range(m + 1)], dtype=object) for m in numbers]
    ways: Any = reduce(lambda a, b: np.multiply.outer(a, b).reshape(-1), factors)
    return grid, ways


def _wins(form: Form, kinds: Kinds, grid: Array) -> Array:
    per = whole([[row[i] for i in kinds.first] for row in form.yes])
    big = whole(form.yes).dtype
    sums = [grid.astype(big) @ row.astype(big) for row in per]
    return holds_each(form.formula, sums)


@dataclass(frozen=True, slots=True)
class Choices:
    """Swings where every player votes yes, abstains or votes no.

    Attributes
    ----------
    winning : int
        Of 3**n profiles, those that adopt.
    swings : tuple of int
        Profiles of the others in which the player's yes adopts and its no does not.
    shapley : tuple of Fraction or None
        The index of Felsenthal and Machover: all orders and all profiles of yes, abstain and no
        are equally likely, and the pivot is the player after whose vote the outcome is fixed.
    method : str
        How they were counted.
    """

    winning: int
    swings: tuple[int, ...]
    method: str


def count_choices_by_kind(form: Form) -> Choices:
    """Count profiles of yes, abstain and no, exactly."""
    kinds = kinds_of(form, abstain=True)

    def profiles(numbers: tuple[int, ...]) -> tuple[Array, Array, Array]:
        each = [[(y, a) for y in range(m + 1) for a in range(m + 1 - y)] for m in numbers]
        index = np.stack(
            np.meshgrid(*[np.arange(len(e)) for e in each], indexing="ij"), axis=-1
        ).reshape(-1, len(numbers))
        yes = np.stack([np.array([p[0] for p in e])[index[:, k]] for k, e in enumerate(each)], 1)
        no = np.stack([np.array([p[1] for p in e])[index[:, k]] for k, e in enumerate(each)], 1)
        factors = [
            np.array(
                [
                    factorial(m) // factorial(y) // factorial(a) // factorial(m - y - a)
                    for y, a in e
                ],
                dtype=object,
            )
            for m, e in zip(numbers, each, strict=True)
        ]
        ways: Any = reduce(lambda a, b: np.multiply.outer(a, b).reshape(-1), factors)
        return yes, no, ways

    kind_yes = whole([[row[i] for i in kinds.first] for row in form.yes])
    kind_abstain = whole([[row[i] for i in kinds.first] for row in form.abstain])
    big = whole(form.yes).dtype

    def adopts(yes: Array, abstain: Array) -> Array:
        sums = [
            yes.astype(big) @ a.astype(big) + abstain.astype(big) @ b.astype(big)
            for a, b in zip(kind_yes, kind_abstain, strict=True)
        ]
        return holds_each(form.formula, sums)

    yes, abstain, ways = profiles(kinds.numbers)
    winning = sum(int(w) for w in ways[adopts(yes, abstain)])
    swings = []
    for kind in range(len(kinds.numbers)):
        others = tuple(m - (i == kind) for i, m in enumerate(kinds.numbers))
        yes, abstain, ways = profiles(others)
        more = yes.copy()
        more[:, kind] += 1
        swing = adopts(more, abstain) & ~adopts(yes, abstain)
        swings.append(sum(int(w) for w in ways[swing]))
    return Choices(winning, tuple(swings[kind] for kind in kinds.of), "kinds of players")
