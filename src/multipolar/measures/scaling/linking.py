"""Roll calls on the same text, found from titles: they share item parameters and tie periods together.

Two roll calls are linked when their titles are the same but for years, numbers and punctuation, when no
other roll call of either period has that title, when the periods are close, and when they divided the room
alike. Held against the hand-made links of Bailey, Strezhnev and Voeten (902 of their pairs have a symbol in the
file of the UN Digital Library): see `tests/measures/test_scaling_linking.py` for precision and recall.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Hashable, Sequence
from itertools import pairwise

import numpy as np

from .problem import Array

FARTHEST = 2
"""Periods between two roll calls that may be linked."""
APART = 0.1
"""Share of the votes by which their divisions may differ."""
LONGEST = 8
"""Periods that a chain of links may span: what a text asks changes with time."""
_SHORTEST = 16
_TAIL = re.compile(r"\s*:\s*(draft )?(resolution|decision)\b.*")
_YEAR = re.compile(r"\b(1[89]|20)\d\d\b")
_OTHER = re.compile(r"[^a-z ]+")


def plain_title(title: str | None) -> str:
    """Return a title without years, numbers, punctuation and case.

    Examples
    --------
    >>> plain_title("Question of Palestine (1998): resolution / adopted")
    'question of palestine'
    """
    text = unicodedata.normalize("NFKD", title or "").casefold()
    text = _YEAR.sub(" ", _TAIL.sub("", text))
    return " ".join(_OTHER.sub(" ", text).split())


def links(
    names: Sequence[Hashable],
    titles: Sequence[str | None],
    periods: Sequence[int],
    counts: Array,
    *,
    farthest: int = FARTHEST,
    apart: float = APART,
) -> list[tuple[int, int]]:
    """Return pairs of roll calls on the same text, by places, the earlier first.

    Parameters
    ----------
    names : sequence
        One per roll call; only its length is used.
    titles : sequence of str or None
    periods : sequence of int
        Numbers of the periods, in their order.
    counts : array, roll calls x 3
        Votes in favour, abstentions, votes against.
    farthest : int
        Periods that may lie between the two.
    apart : float
        Half the sum of the differences of the three shares, at most.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    found: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for k in range(len(names)):
        text = plain_title(titles[k])
        if len(text) >= _SHORTEST and counts[k].sum() > 0:
            found[text][periods[k]].append(k)
    pairs = []
    for by_period in found.values():
        times = sorted(by_period)
        for a, b in pairwise(times):
            first, second = by_period[a], by_period[b]
            if b - a > farthest or len(first) > 1 or len(second) > 1:
                continue
            if 0.5 * np.abs(shares[first[0]] - shares[second[0]]).sum() <= apart:
                pairs.append((first[0], second[0]))
    return sorted(pairs)


def chained(
    pairs: Sequence[tuple[int, int]], periods: Sequence[int], longest: int = LONGEST
) -> Array:
    """Return for each roll call the first of its chain of links; a chain that grows long begins anew.

    Parameters
    ----------
    pairs : sequence of (int, int)
        Linked roll calls, the earlier first.
    periods : sequence of int
        Period of every roll call.
    longest : int
        Periods from the first to the last roll call of a chain, at most.

    Examples
    --------
    >>> chained([(0, 2), (2, 3)], [1, 1, 2, 3]).tolist()
    [0, 1, 0, 0]
    """
    first = np.arange(len(periods))
    for a, b in sorted(pairs, key=lambda pair: periods[pair[0]]):
        start = int(first[a])
        if periods[b] - periods[start] < longest:
            first[b] = start
    return first
