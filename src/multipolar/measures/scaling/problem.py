"""Votes as arrays: cells sorted by item, nodes (state in period) sorted by period.

A node is a state in a period. Between the first and the last period of a state every period has a node, also
one in which it cast no vote, so that the prior links neighbours only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import BadInput

Array = np.ndarray[Any, Any]
YES, ABSTAIN, NO = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Problem:
    """Votes to be scaled.

    Attributes
    ----------
    states, periods, items : tuple
        Labels; periods in their order.
    node_state, node_period : array of int, one per node
        Whose node it is, and when.
    start : array of int, length periods + 1
        First node of each period.
    prev : array of int, one per node
        The state's node in the period before, or -1.
    ptr : array of int, length items + 1
        First cell of each item.
    node, category : array, one per cell
        Who voted, and how (0 yes, 1 abstain, 2 no); cells sorted by item, then by category.
    votes : array of int, one per node
        Votes cast.
    dropped : tuple of (str, int)
        What was left out, with its number of cells.
    """

    states: tuple[str, ...]
    periods: tuple[Any, ...]
    items: tuple[Any, ...]
    node_state: Array
    node_period: Array
    start: Array
    prev: Array
    ptr: Array
    node: Array
    category: Array
    votes: Array
    dropped: tuple[tuple[str, int], ...]

    @property
    def cells(self) -> int:
        """Return the number of votes."""
        return len(self.node)

    @property
    def item_of(self) -> Array:
        """Return the item of every cell."""
        return np.repeat(np.arange(len(self.items)), np.diff(self.ptr))


def problem(
    states: Sequence[str],
    periods: Sequence[Any],
    items: Sequence[Any],
    state: Array,
    period: Array,
    item: Array,
    category: Array,
) -> Problem:
    """Put votes together.

    Parameters
    ----------
    states, periods, items : sequences
        Labels; periods in their order.
    state, period, item : array of int, one per vote
        Places in the labels.
    category : array of int, one per vote
        0 yes, 1 abstain, 2 no.

    Returns
    -------
    Problem
        Without items on which all voted alike, and without states and periods that have no vote left.

    Raises
    ------
    BadInput
        Nothing is left, there is one state only, or some periods share neither a state nor an item
        with the others.
    """
    cells = len(category)
    if not cells:
        raise BadInput("there are no votes.")
    counts = np.bincount(3 * item.astype(np.int64) + category, minlength=3 * len(items)).reshape(
        -1, 3
    )
    split = ((counts > 0).sum(axis=1) > 1)[item]
    dropped = [("items on which all voted alike", int(cells - split.sum()))]
    if not split.all():
        state, period, item, category = (a[split] for a in (state, period, item, category))
    if not len(category):
        raise BadInput("every item is unanimous: no vote tells two states apart.")
    states, state = _used(states, state)
    periods, period = _used(periods, period)
    items, item = _used(items, item)
    if len(states) < 2:
        raise BadInput("the votes are of one state only.")
    place, node_state, node_period, start, prev = _nodes(len(states), len(periods), state, period)
    # Sorted as one number per vote: item, then category, then node.
    key = 3 * item.astype(np.int64) + category
    ptr = np.zeros(len(items) + 1, dtype=np.int64)
    np.cumsum(np.bincount(key, minlength=3 * len(items)).reshape(-1, 3).sum(axis=1), out=ptr[1:])
    key *= len(node_state)
    key += place[period, state]
    key.sort()
    key, node = np.divmod(key, len(node_state))
    category = (key % 3).astype(np.int8)
    node = node.astype(np.int32)
    _connected(states, periods, state, period, item)
    votes = np.bincount(node, minlength=len(node_state))
    return Problem(
        tuple(states),
        tuple(periods),
        tuple(items),
        node_state,
        node_period,
        start,
        prev,
        ptr,
        node,
        category,
        votes,
        tuple((why, n) for why, n in dropped if n),
    )


def _used(labels: Sequence[Any], places: Array) -> tuple[list[Any], Array]:
    """Keep the labels that some vote has."""
    there = np.bincount(places, minlength=len(labels)) > 0
    if there.all():
        return list(labels), places
    kept = np.flatnonzero(there)
    return [labels[k] for k in kept.tolist()], (np.cumsum(there) - 1)[places]


def _nodes(
    states: int, periods: int, state: Array, period: Array
) -> tuple[Array, Array, Array, Array, Array]:
    voted = np.zeros((periods, states), dtype=bool)
    voted[period, state] = True
    first, last = voted.argmax(axis=0), periods - 1 - voted[::-1].argmax(axis=0)
    times = np.arange(periods)[:, None]
    there = (times >= first) & (times <= last)
    place = np.full((periods, states), -1)
    place[there] = np.arange(there.sum())
    node_period, node_state = np.nonzero(there)
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    prev = np.full(len(node_state), -1)
    both = there[1:] & there[:-1]
    prev[place[1:][both]] = place[:-1][both]
    return place, node_state, node_period, start, prev


def _connected(
    states: Sequence[str], periods: Sequence[Any], state: Array, period: Array, item: Array
) -> None:
    """Refuse periods that share neither a state nor an item with the others."""
    group = list(range(len(periods)))

    def root(k: int) -> int:
        while group[k] != k:
            group[k] = group[group[k]]
            k = group[k]
        return k

    for things in (state, item):
        # Each thing ties its periods to the first of them.
        first = np.full(int(things.max()) + 1, len(periods))
        np.minimum.at(first, things, period)
        tied = first[things]
        apart = tied != period
        for pair in _distinct(tied[apart] * len(periods) + period[apart], len(periods) ** 2):
            a, b = divmod(int(pair), len(periods))
            group[root(a)] = root(b)
    parts: dict[int, list[Any]] = {}
    for k in range(len(periods)):
        parts.setdefault(root(k), []).append(periods[k])
    if len(parts) > 1:
        small = min(parts.values(), key=len)
        one = len(small) == 1
        raise BadInput(
            f"{'the period' if one else 'the periods'} {_listed(small)} {'shares' if one else 'share'} neither a "
            "state nor an item with the others: there is no common scale.",
            hint="Scale them apart, or name the items that are the same text.",
        )


def _distinct(numbers: Array, bound: int) -> Array:
    """Return the distinct numbers, which are below a bound."""
    if bound > 4 * len(numbers) + 1_000_000:
        return np.unique(numbers)
    return np.flatnonzero(np.bincount(numbers, minlength=1))


def _listed(periods: Sequence[Any]) -> str:
    some = ", ".join(str(p) for p in periods[:4])
    return some + (f" and {len(periods) - 4} more" if len(periods) > 4 else "")
