"""Estimates of this program that ship with the almanac: ideal points by state and year.

`almanac/estimated/ideal_points.csv` holds the numbers, `series.json` beside it says from which votes, by
which model and with which command they were made. `tools/estimates.py` writes both.
"""

from __future__ import annotations

import csv
import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import polars as pl

DATASET = "multipolar"
"""Name under which they stand beside pulled datasets."""
TABLE = "ideal_points"
COLUMNS = ("state_id", "period", "estimate", "se", "lo", "hi", "n")


class Point(NamedTuple):
    """One ideal point; `IdealPoints` says what its numbers are."""

    state_id: str
    period: str
    estimate: float
    se: float
    lo: float
    hi: float
    n: int


class Estimates:
    """The estimates of an almanac.

    Parameters
    ----------
    almanac : Path
        Its directory; without estimates in it there are none.
    """

    def __init__(self, almanac: Path) -> None:
        self.directory = almanac / "estimated"
        self.file = self.directory / f"{TABLE}.csv"

    def __bool__(self) -> bool:
        return self.file.exists()

    @cached_property
    def series(self) -> dict[str, Any]:
        """Return what made them: votes, model, settings, software, command."""
        text = (self.directory / "series.json").read_text(encoding="utf-8")
        found: dict[str, Any] = json.loads(text)
        return found

    @cached_property
    def points(self) -> tuple[Point, ...]:
        """Return the ideal points, by period, then state."""
        if not self:
            return ()
        with open(self.file, encoding="utf-8", newline="") as handle:
            rows = csv.reader(handle)
            next(rows)
            return tuple(
                Point(s, t, float(e), float(se), float(lo), float(hi), int(n))
                for s, t, e, se, lo, hi, n in rows
            )

    @property
    def source_id(self) -> str:
        """Return the source of the votes."""
        return str(self.series["source_id"])

    def common(self) -> dict[str, Any]:
        """Return the columns of the table that are the same in every row."""
        told = self.series
        same = {name: told[name] for name in ("body_id", "series", "period_kind", "level")}
        return {
            **same,
            "source_id": self.source_id,
            "as_of": told["until"],
            "confidence": "computed",
        }

    def scanned(self) -> pl.LazyFrame:
        """Return the ideal points lazily, with the columns that are the same in every row."""
        import polars as pl

        lazy = pl.scan_csv(self.file, schema_overrides={"period": pl.String, "n": pl.Int64})
        return lazy.with_columns(pl.lit(v).alias(name) for name, v in self.common().items())
