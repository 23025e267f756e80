"""From yearly records of who belongs where to spells, and to changes from member to none.

Nothing is filled in: a year without a record, or with a missing code, ends a spell at the last year
seen, and the spell says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

MISSING, NO_RECORD = -9, -1
STATUS = {1: "member", 2: "associate", 3: "observer"}


@dataclass(frozen=True, slots=True)
class Grid:
    """Yearly records: one row per bearer (a state or a code) and year, sorted; one column per body.

    Attributes
    ----------
    bearers, years : array, shape (n_records,)
        Who, as a number, and when.
    values : array of int8, shape (n_records, n_bodies)
        Codes of standing: 0 none, 1 to 3 as in `STATUS`, -9 missing, -1 no record of the body.
    bodies : tuple of str
        Names of the columns, as printed.
    """

    bearers: Numbers
    years: Numbers
    values: Numbers
    bodies: tuple[str, ...]


def candidates(grid: Grid) -> pl.DataFrame:
    """Return the changes from full member to none between consecutive records of a bearer.

    Consecutive are the records as they stand, also across years without one.

    Returns
    -------
    frame
        ``bearer``, ``body`` (place in ``grid.bodies``), ``last_seen``, ``first_absent``.
    """
    import numpy as np

    before, after = grid.values[:-1], grid.values[1:]
    same = (grid.bearers[1:] == grid.bearers[:-1])[:, None]
    record, body = np.nonzero(same & (before == 1) & (after == 0))
    return pl.DataFrame(
        {
            "bearer": grid.bearers[record].astype(np.int64),
            "body": body.astype(np.int64),
            "last_seen": grid.years[record].astype(np.int64),
            "first_absent": grid.years[record + 1].astype(np.int64),
        }
    )


def spells(grid: Grid) -> pl.DataFrame:
    """Return runs of the same standing in consecutive years.

    Returns
    -------
    frame
        ``bearer``, ``body`` (place in ``grid.bodies``), ``status``, ``first`` and ``last`` year seen,
        ``open`` (whether the last year is that of the whole grid), ``note``.
    """
    import numpy as np

    years, values = grid.years, grid.values
    n = len(years)
    unlike = np.ones(n + 1, dtype=bool)
    unlike[1:n] = (grid.bearers[1:] != grid.bearers[:-1]) | (years[1:] != years[:-1] + 1)
    turn = np.ones((n + 1, values.shape[1]), dtype=bool)
    turn[1:n] = unlike[1:n, None] | (values[1:] != values[:-1])
    held = values > 0
    body, first = np.nonzero((held & turn[:-1]).T)
    _, last = np.nonzero((held & turn[1:]).T)
    after, before = np.minimum(last + 1, n - 1), np.maximum(first - 1, 0)
    stays = (last + 1 < n) & (grid.bearers[after] == grid.bearers[last])
    joined = (first > 0) & ~unlike[first]
    frame = pl.DataFrame(
        {
            "bearer": grid.bearers[first].astype(np.int64),
            "body": body.astype(np.int64),
            "code": values[first, body].astype(np.int64),
            "first": years[first].astype(np.int64),
            "last": years[last].astype(np.int64),
            "next": np.where(stays, years[after], 0).astype(np.int64),
            "then": values[after, body].astype(np.int64),
            "unknown": joined & (values[before, body] == MISSING),
        }
    )
    status = pl.col("code").replace_strict(STATUS, return_dtype=pl.String)
    return frame.select(
        "bearer",
        "body",
        status.alias("status"),
        "first",
        "last",
        (pl.col("last") == int(years.max())).alias("open"),
        _note(int(years.max())).alias("note"),
    )


def _note(final: int) -> pl.Expr:
    """Return what is to be said of the ends of a spell, null where its ends are on record."""
    following = pl.col("last") + 1
    gap = pl.col("next") > following
    end = (
        pl.when(pl.col("last") == final)
        .then(None)
        .when(pl.col("next") == 0)
        .then(pl.format("no record of the state after {}", "last"))
        .when(gap)
        .then(pl.format("no record of the state from {} to {}", following, pl.col("next") - 1))
        .when(pl.col("then") == MISSING)
        .then(pl.format("missing in the source from {}: the end is not known", following))
        .when(pl.col("then") == NO_RECORD)
        .then(pl.format("no record of the body from {}", following))
    )
    start = pl.when("unknown").then(
        pl.format("missing in the source until {}: the start is not known", pl.col("first") - 1)
    )
    both = pl.concat_str(start, end, separator="; ", ignore_nulls=True)
    return pl.when(both != "").then(both)
