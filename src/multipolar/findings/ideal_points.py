"""Voice: where a state stands in the General Assembly by how it voted, next to the median member.

The estimates are this program's own, which ship (`record.estimates`), or published ones where they are
pulled and reach as far.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from ..record import estimates
from . import phrases as p
from .finding import Exhibit, Finding, RowSet
from .view import View

PUBLISHED = "voeten"
FEWEST = 2
"""Years of its own from which a state's ideal points are drawn."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """One ideal point of a series, and the year it belongs to."""

    state: str
    year: int
    estimate: float
    lo: float | None
    hi: float | None
    n: int | None


@dataclass(frozen=True)
class Series:
    """Ideal points of one series up to the day.

    Attributes
    ----------
    dataset, name : str
        Where it stands: a pulled dataset or `estimates.DATASET`; its name there.
    level : float
        Level of the intervals.
    own : tuple of Estimate
        Those of the state and of a seat it continues, one per year.
    years : mapping of int to tuple of Estimate
        Those of all states.
    """

    dataset: str
    name: str
    level: float
    own: tuple[Estimate, ...]
    years: dict[int, tuple[Estimate, ...]]


def findings(view: View) -> Iterator[Finding]:
    """Yield the latest ideal point of the state, with the median of the same year."""
    found = series_of(view)
    if found is None or not found.own:
        return
    last = found.own[-1]
    here = found.years[last.year]
    middle = median(e.estimate for e in here)
    away = abs(last.estimate - middle)
    nearer = sum(abs(e.estimate - middle) < away for e in here)
    yield view.finding(
        "voice",
        "unga",
        "ideal_point",
        round(last.estimate, 6),
        "ideal_point",
        (),
        view.say(
            "votes_ideal_point",
            state=p.State(view.state),
            estimate=_two(last.estimate),
            median=_two(middle),
            year=p.Text(str(last.year), f"{last.year}年"),
            further=p.Number(nearer),
            members=p.Count(len(here) - 1, "member"),
            series=p.Text(found.name, found.name),
        ),
        n=last.n,
        coverage="complete" if last.year >= _ended(view) else "partial",
        interval=(last.lo, last.hi, found.level)
        if last.lo is not None and last.hi is not None
        else None,
        sets=[
            RowSet(
                estimates.TABLE,
                found.dataset,
                (("state_id", last.state), ("series", found.name)),
            )
        ],
    )


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield, year by year, the ideal point with its interval and the median of all."""
    found = series_of(view)
    if found is None or len(found.own) < FEWEST:
        return
    rows: list[dict[str, Any]] = [
        {
            "year": e.year,
            "ideal_point": e.estimate,
            "lo": e.lo,
            "hi": e.hi,
            "median": round(median(o.estimate for o in found.years[e.year]), 4),
            "votes": e.n,
            "series": found.name,
        }
        for e in found.own
    ]
    first, last = rows[0], rows[-1]
    source = (
        view.record.estimates.source_id
        if found.dataset == estimates.DATASET
        else view.record.library.editions[found.dataset].source_id
    )
    yield Exhibit(
        "ideal_points",
        "voice",
        view.say(
            "title_ideal_points",
            state=p.State(view.state),
            first=_two(first["ideal_point"] - first["median"]),
            start=p.Text(str(first["year"]), f"{first['year']}年"),
            last=_two(last["ideal_point"] - last["median"]),
            end=p.Text(str(last["year"]), f"{last['year']}年"),
        ),
        view.say("subtitle_ideal_points", level=p.Share(found.level)),
        rows,
        (source,),
        "complete" if last["year"] >= _ended(view) else "partial",
    )


def _ended(view: View) -> int:
    """Return the last year that had ended on the day: votes of a year are known at its end."""
    over = (view.as_of.month, view.as_of.day) == (12, 31)
    return view.as_of.year if over else view.as_of.year - 1


def _two(value: float) -> p.Text:
    text = f"{value:+.2f}".replace("-", "−")
    return p.Text(text, text)


def series_of(view: View) -> Series | None:
    """Return the series that speaks: the published one where it reaches as far, else our own."""
    if "ideal points" not in view.memo:
        ours, theirs = _ours(view), _published(view)
        reach = ours.own[-1].year if ours is not None and ours.own else 0
        further = theirs is not None and theirs.own and theirs.own[-1].year >= reach
        view.memo["ideal points"] = theirs if further else ours
    found: Series | None = view.memo["ideal points"]
    return found


def _ours(view: View) -> Series | None:
    ours, memo = view.record.estimates, view.record.memo
    if not ours:
        return None
    if "estimates by year" not in memo:
        years: dict[int, list[Estimate]] = {}
        for row in ours.points:
            point = Estimate(row.state_id, int(row.period), row.estimate, row.lo, row.hi, row.n)
            years.setdefault(point.year, []).append(point)
        memo["estimates by year"] = {year: tuple(points) for year, points in years.items()}
    every: dict[int, tuple[Estimate, ...]] = memo["estimates by year"]
    return _series(view, estimates.DATASET, ours.series["series"], ours.series["level"], every)


def _published(view: View) -> Series | None:
    """Return the pulled series with the latest year of the state; of several the newest vintage."""
    if PUBLISHED not in view.record.library.editions:
        return None
    import polars as pl

    rows = view.record.scan(estimates.TABLE, PUBLISHED).collect()
    year = pl.col("period").cast(pl.Int64)
    year = pl.when(pl.col("period_kind") == "session").then(year + 1945).otherwise(year)
    rows = rows.with_columns(year.alias("year")).filter(pl.col("year") <= _ended(view))
    own = rows.filter(pl.col("state_id").is_in(view.lineage))
    if not own.height:
        return None
    latest = own.filter(pl.col("year") == pl.col("year").max()).to_dicts()
    last = max(latest, key=lambda row: _preferred(row["series"]))
    years: dict[int, list[Estimate]] = {}
    for row in rows.filter(pl.col("series") == last["series"]).sort("year").iter_rows(named=True):
        numbers = (row[name] for name in ("estimate", "lo", "hi", "n"))
        years.setdefault(row["year"], []).append(Estimate(row["state_id"], row["year"], *numbers))
    every = {year: tuple(points) for year, points in years.items()}
    return _series(view, PUBLISHED, last["series"], last["level"] or 0.9, every)


def _preferred(series: str) -> tuple[str, int]:
    """Return the order of series: the newest vintage, and votes on final passage before all votes."""
    variant, _, vintage = series.partition("-")
    return vintage, {"fp": 2, "all": 1}.get(variant, 0)


def _series(
    view: View, dataset: str, name: str, level: float, years: dict[int, tuple[Estimate, ...]]
) -> Series:
    """Return a series up to the day, with one estimate a year of the state's own."""
    past = {year: points for year, points in years.items() if year <= _ended(view)}
    order = {code: k for k, code in enumerate((view.state, *view.lineage))}
    own = []
    for points in past.values():
        mine = [point for point in points if point.state in order]
        own += sorted(mine, key=lambda point: order[point.state])[:1]
    return Series(dataset, name, level, tuple(own), past)
