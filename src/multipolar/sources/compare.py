"""Two sources of the same votes, held against each other cell by cell.

Roll calls are joined by their symbol: dates of one of the sources are wrong before 2003. A symbol that
stands for several roll calls in either source is left out and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from ..record.store import Record

PAIRS = (("unga", "unvotes"),)
"""Datasets that hold votes of the same body."""
CAST = ("yes", "no", "abstain")


@dataclass(frozen=True)
class Comparison:
    """How far two sources agree.

    Attributes
    ----------
    first, second : str
        Datasets.
    roll_calls : int
        Roll calls matched by symbol.
    left_out : int
        Symbols that stand for several roll calls in one of the sources.
    cells : int
        Positions that at least one source gives as yes, no or abstain, for states that both know.
    equal : int
        Of these, positions that both give alike.
    rows : frame
        Every cell that differs: symbol, date, state, position in each source, what kind of difference.
    apart : frame
        Roll calls in which at least half of the cells differ, the most first: probably another vote
        under the same symbol, as one on a part of the text.
    """

    first: str
    second: str
    roll_calls: int
    left_out: int
    cells: int
    equal: int
    rows: pl.DataFrame
    apart: pl.DataFrame

    def to_dict(self, shown: int) -> dict[str, Any]:
        """Return the comparison with at most ``shown`` of the cells that differ."""
        kinds = self.rows["difference"].value_counts(sort=True)
        return {
            "first": self.first,
            "second": self.second,
            "roll_calls": self.roll_calls,
            "left_out": self.left_out,
            "cells": self.cells,
            "equal": self.equal,
            "equal_share": self.equal / self.cells if self.cells else None,
            "differences": self.rows.height,
            "kinds": dict(kinds.iter_rows()),
            "states": dict(self.rows["state_id"].value_counts(sort=True).head(10).iter_rows()),
            "apart": self.apart.with_columns(pl.col("date").cast(pl.String)).to_dicts(),
            "rows": self.rows.head(shown).with_columns(pl.col("date").cast(pl.String)).to_dicts(),
        }


def canonical(symbol: pl.Expr) -> pl.Expr:
    """Return symbols without blanks and brackets, in capitals, so that spellings of one are equal."""
    return symbol.str.to_uppercase().str.replace_all(r"[\s\[\]]", "")


def compare(record: Record, first: str, second: str) -> Comparison:
    """Compare two datasets of votes.

    Parameters
    ----------
    record : Record
        With both datasets pulled.
    first, second : str
        Dataset names; the date shown is that of the first.
    """
    calls = {name: _calls(record, name) for name in (first, second)}
    counted = {n: c.group_by("symbol").agg(pl.len()) for n, c in calls.items()}
    both = counted[first].join(counted[second], on="symbol", suffix="_2")
    single = both.filter(pl.col("len") == 1, pl.col("len_2") == 1).select("symbol")
    cells = {
        name: calls[name]
        .join(single, on="symbol", how="semi")
        .join(record.scan("positions", name).collect(), on="roll_call_id")
        .select("symbol", "date", "state_id", "position")
        for name in (first, second)
    }
    known = set(cells[first]["state_id"]) & set(cells[second]["state_id"])
    joined = cells[first].join(
        cells[second].drop("date"),
        on=["symbol", "state_id"],
        how="full",
        suffix="_2",
        coalesce=True,
    )
    days = calls[first].select("symbol", "date").unique("symbol")
    joined = (
        joined.filter(pl.col("state_id").is_in(known))
        .filter(pl.col("position").is_in(CAST) | pl.col("position_2").is_in(CAST))
        .drop("date")
        .join(days, on="symbol", how="left")
    )
    same = pl.col("position").eq_missing(pl.col("position_2"))
    differing = joined.filter(~same).select(
        "symbol",
        "date",
        "state_id",
        pl.col("position").alias(first),
        pl.col("position_2").alias(second),
        _difference(first, second).alias("difference"),
    )
    counted_cells = joined.group_by("symbol", "date").agg(
        pl.len().alias("cells"),
        (~pl.col("position").eq_missing(pl.col("position_2"))).sum().alias("differ"),
    )
    apart = counted_cells.filter(pl.col("differ") * 2 >= pl.col("cells"))
    return Comparison(
        first,
        second,
        single.height,
        both.height - single.height,
        joined.height,
        joined.height - differing.height,
        differing.sort("date", "symbol", "state_id"),
        apart.sort("differ", "symbol", descending=[True, False]),
    )


def _calls(record: Record, name: str) -> pl.DataFrame:
    lazy = record.scan("roll_calls", name).filter(pl.col("symbol").is_not_null())
    return lazy.select(
        "roll_call_id", canonical(pl.col("symbol")).alias("symbol"), "date"
    ).collect()


def _difference(first: str, second: str) -> pl.Expr:
    cast, cast_2 = pl.col("position").is_in(CAST), pl.col("position_2").is_in(CAST)
    return (
        pl.when(cast & cast_2)
        .then(pl.lit("another vote"))
        .when(cast)
        .then(pl.lit(f"no vote in {second}"))
        .otherwise(pl.lit(f"no vote in {first}"))
    )
