"""Formulas of forms over arrays of sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...rules.form import At, Every, Formula

Array = np.ndarray[Any, Any]


def holds_each(formula: Formula, sums: Sequence[Array]) -> Array:
    """Evaluate a formula for arrays of sums, one per criterion, all of one shape."""
    if isinstance(formula, bool):
        return np.full(np.broadcast_shapes(*(s.shape for s in sums)), formula)
    if isinstance(formula, At):
        return np.asarray(sums[formula.criterion] >= formula.least)
    found = holds_each(formula.parts[0], sums)
    for part in formula.parts[1:]:
        more = holds_each(part, sums)
        found = found & more if isinstance(formula, Every) else found | more
    return found


def whole(values: Sequence[Sequence[int]]) -> Array:
    """Return whole numbers as an array: 64 bits where every sum fits, else Python's own."""
    fits = all(sum(row) < 2**62 for row in values)
    return np.array(values, dtype=np.int64 if fits else object)
