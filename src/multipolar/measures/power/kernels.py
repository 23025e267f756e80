"""Hot loops over tables of sums, compiled by numba; `plain` holds the same loops in NumPy.

A table has one row per sum of the few-valued criteria and one column per sum of the main one; it
is stored row after row. Importing this module loads the compiler, so `table` does it when needed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np

Array = np.ndarray[Any, Any]
Loop = TypeVar("Loop", bound=Callable[..., Any])
_UINT = np.uint32


def _compiled(loop: Loop, **options: Any) -> Loop:
    """Compile a loop, and keep the result for the next process where a directory can be written."""
    try:
        made: Loop = numba.njit(cache=True, nogil=True, boundscheck=False, **options)(loop)
    except RuntimeError:
        made = numba.njit(nogil=True, boundscheck=False, **options)(loop)
    return made


def _inlined(loop: Loop) -> Loop:
    return _compiled(loop, inline="always")


def _inlined_fused(loop: Loop) -> Loop:
    return _compiled(loop, inline="always", fastmath={"contract"})


@_inlined
def _add_modular(into: Array, source: Array, modulus: Any) -> None:
    # Below a prime under 2**31 the sum does not overflow, and less the prime it wraps to a number
    # that is greater unless the sum has reached the prime: the lesser of both is the remainder.
    for x in range(into.shape[0]):
        total = _UINT(into[x] + source[x])
        into[x] = min(total, _UINT(total - modulus))


@_inlined
def _add_wrapping(into: Array, source: Array) -> None:
    for x in range(into.shape[0]):
        into[x] = _UINT(into[x] + source[x])


@_compiled
def add_player(
    table: Array, width: int, into: Array, source: Array, weight: int, reach: int, modulus: Any
) -> None:
    """Add a player to counts, row by row from the last: ``into[r][x] += source[r][x - weight]``.

    ``reach`` is the greatest column that can be filled; a modulus of 0 means 2**32, else it is a prime
    below 2**31.
    """
    for r in range(into.shape[0]):
        start, other = into[r] * width, source[r] * width
        stop = reach + 1
        # Within a row the source must be read before it changes: blocks no longer than the step.
        block = weight if into[r] == source[r] else stop
        while stop > weight:
            begin = max(stop - block, weight)
            a = table[start + begin : start + stop]
            b = table[other + begin - weight : other + stop - weight]
            if modulus == _UINT(0):
                _add_wrapping(a, b)
            else:
                _add_modular(a, b, modulus)
            stop = begin


@_inlined_fused
def _mix(into: Array, source: Array, stay: float, move: float) -> None:
    for x in range(into.shape[0]):
        into[x] = stay * into[x] + move * source[x]


@_inlined_fused
def _shrink(into: Array, stay: float) -> None:
    for x in range(into.shape[0]):
        into[x] *= stay


@_compiled
def mix_player(
    table: Array, width: int, into: Array, source: Array, weight: int, reach: int, move: float
) -> None:
    """Add a player who joins with probability ``move``; a source of -1 says that none leads here."""
    stay = 1.0 - move
    for r in range(into.shape[0]):
        start = into[r] * width
        if source[r] < 0:
            _shrink(table[start : start + reach + 1], stay)
            continue
        other = source[r] * width
        stop = reach + 1
        block = weight if into[r] == source[r] else stop
        while stop > weight:
            begin = max(stop - block, weight)
            a = table[start + begin : start + stop]
            b = table[other + begin - weight : other + stop - weight]
            _mix(a, b, stay, move)
            stop = begin
        _shrink(table[start : start + min(weight, reach + 1)], stay)


@_compiled
def accumulate(table: Array, width: int, modulus: Any) -> None:
    """Turn the counts of every row into counts up to each column."""
    for r in range(table.shape[0] // width):
        total = table[r * width]
        for x in range(r * width + 1, (r + 1) * width):
            total = _UINT(table[x] + total)
            if modulus != _UINT(0):
                total = min(total, _UINT(total - modulus))
            table[x] = total


@_compiled
def accumulate_float(table: Array, width: int) -> None:
    """Turn the probabilities of every row into probabilities up to each column."""
    for r in range(table.shape[0] // width):
        total = table[r * width]
        for x in range(r * width + 1, (r + 1) * width):
            total += table[x]
            table[x] = total


@_compiled
def without_player(
    table: Array,
    width: int,
    rows: Array,
    columns: Array,
    most: Array,
    steps: Array,
    weights: Array,
    modulus: Any,
) -> Array:
    """Return counts up to a column without a player: an alternating series down the table."""
    out = np.zeros(rows.shape[0], dtype=np.uint32)
    whole = np.int64(modulus) if modulus != _UINT(0) else np.int64(2) ** 32
    for r in range(rows.shape[0]):
        at = rows[r] * width + columns[r]
        back = steps[r] * width + weights[r]
        total = np.int64(0)
        for k in range(most[r] + 1):
            value = np.int64(table[at])
            total += value if k % 2 == 0 else -value
            at -= back
        out[r] = _UINT(total % whole)
    return out


@_compiled
def without_player_float(
    table: Array,
    width: int,
    rows: Array,
    columns: Array,
    most: Array,
    steps: Array,
    weights: Array,
    move: float,
) -> Array:
    """Return probabilities up to a column without a player who joins with ``move <= 1/2``."""
    ratio = move / (1.0 - move)
    out = np.zeros(rows.shape[0])
    for r in range(rows.shape[0]):
        at = rows[r] * width + columns[r]
        back = steps[r] * width + weights[r]
        total, factor = 0.0, 1.0
        for _ in range(most[r] + 1):
            if factor == 0.0:
                break
            total += factor * table[at]
            factor *= -ratio
            at -= back
        out[r] = total / (1.0 - move)
    return out
