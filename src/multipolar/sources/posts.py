"""From a speaker's post as printed to a level: the first rule of ``posts.csv`` that fits."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

PATH = Path(__file__).parent / "posts.csv"
RANK = ("unknown", "official", "minister", "head")
"""Levels from the lowest; a post that no rule knows is below all."""


@cache
def rules() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return the rules in their order: level and pattern, which is looked for in the folded post."""
    with open(PATH, encoding="utf-8", newline="") as handle:
        return tuple((row["level"], re.compile(row["pattern"])) for row in csv.DictReader(handle))


def fold(post: str) -> str:
    """Return a post in small letters with white space folded."""
    return " ".join(post.split()).casefold()


@cache
def level_of(post: str) -> str:
    """Return the level of a post; ``unknown`` where it is empty or no rule fits.

    >>> level_of("President of the Republic"), level_of("Chair of the delegation")
    ('head', 'unknown')
    """
    said = fold(post)
    return next((level for level, pattern in rules() if pattern.search(said)), "unknown")
