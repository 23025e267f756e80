"""Ideal points held against others: correlations period by period."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from ...errors import BadInput
from .frames import as_frame
from .scaled import Scaled

LEAST = 3
"""States in common from which a correlation is given."""


@dataclass(frozen=True)
class Comparison:
    """How two sets of ideal points go together.

    Attributes
    ----------
    table : frame
        ``period, pearson, spearman, n``; correlations are null where fewer than three states are in
        both, or one side does not vary.
    pearson_median, pearson_min, spearman_median, spearman_min : float or None
        Over the periods that have them.
    n : int
        State-periods in both.
    only_here, only_there : int
        State-periods in one of them.
    """

    table: pl.DataFrame
    pearson_median: float | None
    pearson_min: float | None
    spearman_median: float | None
    spearman_min: float | None
    n: int
    only_here: int
    only_there: int

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as JSON has it."""
        return {
            "pearson_median": self.pearson_median,
            "pearson_min": self.pearson_min,
            "spearman_median": self.spearman_median,
            "spearman_min": self.spearman_min,
            "n": self.n,
            "only_here": self.only_here,
            "only_there": self.only_there,
            "periods": self.table.with_columns(pl.col("period").cast(pl.String)).to_dicts(),
        }


def compared(result: Scaled, published: Any) -> Comparison:
    """Return correlations by period; see `ScaleResult.compare`."""
    if isinstance(published, Scaled):
        published = published.points
    there = _there(published)
    here = result.points.select("state", "period", "estimate")
    if result.choices.dynamics == "static":
        # One ideal point for all periods: each is held against it.
        here = here.drop("period").join(there.select("period").unique(), how="cross")
    here = here.with_columns(pl.col("state", "period").cast(pl.String))
    both = here.join(there, on=["state", "period"], how="inner", suffix="_there")
    if not both.height:
        raise BadInput(
            "no state and period are in both.",
            hint=f"Here: states as {_some(here, 'state')}, periods as {_some(here, 'period')}; "
            f"there: {_some(there, 'state')}, {_some(there, 'period')}.",
        )
    mine, other = pl.col("estimate"), pl.col("estimate_there")
    ranks = [c.rank("average") for c in (mine, other)]
    table = (
        both.group_by("period")
        .agg(
            pl.corr(mine, other).alias("pearson"),
            pl.corr(*ranks).alias("spearman"),
            pl.len().cast(pl.Int64).alias("n"),
        )
        .with_columns(
            pl.when((pl.col("n") >= LEAST) & pl.col(c).is_finite()).then(pl.col(c)).alias(c)
            for c in ("pearson", "spearman")
        )
    )
    order = {str(period): k for k, period in enumerate(result.fitted.given.periods)}
    kept = table.sort(pl.col("period").replace_strict(order, default=None), "period")
    return Comparison(
        kept,
        kept["pearson"].median(),  # type: ignore[arg-type]
        kept["pearson"].min(),  # type: ignore[arg-type]
        kept["spearman"].median(),  # type: ignore[arg-type]
        kept["spearman"].min(),  # type: ignore[arg-type]
        both.height,
        here.height - both.height,
        there.height - both.height,
    )


def _there(published: Any) -> pl.DataFrame:
    if hasattr(published, "columns") and "state" not in list(published.columns):
        names = {"state_id": "state", "iso3c": "state"}
        for old, new in names.items():
            if old in list(published.columns):
                published = _renamed(published, old, new)
                break
    frame = as_frame(published, ("state", "period", "estimate"))
    if not frame["estimate"].dtype.is_numeric():
        raise BadInput(f"estimate is of type {frame['estimate'].dtype}, not a number.")
    frame = frame.select(
        pl.col("state").cast(pl.String),
        _period(frame["period"]).alias("period"),
        pl.col("estimate").cast(pl.Float64).fill_nan(None),
    ).drop_nulls()
    twice = frame.filter(pl.struct("state", "period").is_duplicated())
    if twice.height:
        state, period = twice.row(0)[:2]
        raise BadInput(
            f"{state} stands twice in period {period} of the estimates to compare with.",
            hint="Keep one series of them.",
        )
    return frame


def _renamed(frame: Any, old: str, new: str) -> Any:
    if isinstance(frame, pl.DataFrame | pl.LazyFrame):
        return frame.rename({old: new})
    if type(frame).__module__.split(".")[0] == "pandas":
        return frame.rename(columns={old: new})
    return pl.DataFrame(frame).rename({old: new})


def _period(column: pl.Series) -> pl.Series:
    if column.dtype.is_float() and bool((column == column.floor()).all()):
        column = column.cast(pl.Int64)
    return column.cast(pl.String)


def _some(frame: pl.DataFrame, name: str) -> str:
    return repr(frame[name][0]) if frame.height else "none"
