"""The loops of `kernels` in plain NumPy: slower, and what the compiled ones are held against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def add_player(
    table: Array, width: int, into: Array, source: Array, weight: int, reach: int, modulus: Any
) -> None:
    """Add a player to counts, row by row from the last: ``into[r][x] += source[r][x - weight]``."""
    rows = table.reshape(-1, width)
    for a, b in zip(into, source, strict=True):
        if reach < weight:
            continue
        old = rows[a, weight : reach + 1]
        total = old.astype(np.uint64) + rows[b, : reach + 1 - weight]
        rows[a, weight : reach + 1] = total % (int(modulus) or 2**32)


def mix_player(
    table: Array, width: int, into: Array, source: Array, weight: int, reach: int, move: float
) -> None:
    """Add a player who joins with probability ``move``; a source of -1 says that none leads here."""
    rows = table.reshape(-1, width)
    for a, b in zip(into, source, strict=True):
        new = rows[a, : reach + 1] * (1.0 - move)
        if b >= 0 and reach >= weight:
            new[weight:] += move * rows[b, : reach + 1 - weight]
        rows[a, : reach + 1] = new


def accumulate(table: Array, width: int, modulus: Any) -> None:
    """Turn the counts of every row into counts up to each column."""
    rows = table.reshape(-1, width)
    for row in rows:
        total = 0
        for x, value in enumerate(row.tolist()):
            total = (total + value) % (int(modulus) or 2**32)
            row[x] = total


def accumulate_float(table: Array, width: int) -> None:
    """Turn the probabilities of every row into probabilities up to each column."""
    rows = table.reshape(-1, width)
    np.cumsum(rows, axis=1, out=rows)


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
    series = _series(table, width, rows, columns, most, steps, weights)
    whole = int(modulus) or 2**32
    found = [sum((-1) ** k * int(v) for k, v in enumerate(own)) % whole for own in series]
    return np.array(found, dtype=np.uint32)


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
    series = _series(table, width, rows, columns, most, steps, weights)
    found = [float(np.sum(own * (-ratio) ** np.arange(len(own)))) for own in series]
    return np.array(found) / (1.0 - move)


def _series(
    table: Array,
    width: int,
    rows: Array,
    columns: Array,
    most: Array,
    steps: Array,
    weights: Array,
) -> Iterator[Array]:
    for at, last, back in zip(rows * width + columns, most, steps * width + weights, strict=True):
        yield table[at - back * np.arange(last + 1)]
