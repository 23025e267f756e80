"""Votes of a body from the datasets that were pulled, as cells: period, subset, links, absences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from ...errors import BadInput, OutOfCoverage
from ...measures.scaling.linking import chained, links
from ...record.store import Record
from ...record.votes import POSITIONS, Votes, limited, speaker, votes
from .cells import ABSENT, NO_VOTE, Array, Cells

PERIODS = ("year", "session")
_OPENED = 1945
"""Session n of the Assembly opens in the year n + 1945."""


@dataclass(frozen=True, slots=True)
class Subset:
    """Which roll calls of a body are taken, and how they are put into periods.

    Attributes
    ----------
    first, last : date or None
        First and last day, both included.
    period : str
        ``year`` or ``session``: calendar years; or sessions of the Assembly, where a special session
        counts to the one that opens in the same year.
    issue : str
        Issue code of the source; empty: all.
    important : bool
        Whether only votes are taken that the source names important.
    link : bool
        Whether roll calls on the same text, found from titles, share an item.
    dataset : str
        Dataset to read; empty: the one that speaks for the body.
    """

    first: date | None = None
    last: date | None = None
    period: str = "year"
    issue: str = ""
    important: bool = False
    link: bool = True
    dataset: str = ""


@dataclass(frozen=True, slots=True)
class Pulled:
    """Votes of a body and where they were read."""

    body: str
    dataset: str
    source_id: str | None
    cells: Cells
    linked: int
    """Roll calls that share an item with an earlier one."""
    absences: bool
    """Whether the source records who was absent."""


def cells_of_body(record: Record, body: str, subset: Subset) -> Pulled:
    """Return the votes of a body.

    Parameters
    ----------
    record : Record
        With the body's votes pulled.
    body : str
        Body id, or a chamber of the dataset voteview as that names it (``Senate``).
    subset : Subset
        What is taken.

    Raises
    ------
    OutOfCoverage
        No votes of the body are pulled, or none are in the period or on the issue.
    BadInput
        The dataset, the issue or the kind of period is not there.
    """
    if subset.period not in PERIODS:
        raise BadInput(f"{subset.period!r} is no kind of period.", candidates=PERIODS)
    if subset.first and subset.last and subset.last < subset.first:
        raise BadInput(f"{subset.first} is after {subset.last}.")
    if body in chambers(record):
        return _of_chamber(record, body, subset)
    dataset = subset.dataset or _dataset(record, body, subset)
    found = votes(record, body, subset.first, subset.last, dataset=dataset)
    if found.dataset == "almanac":
        ours = record.estimates
        ships = bool(ours) and ours.series["body_id"] == body
        raise OutOfCoverage(
            f"no roll calls of {body} are pulled; the almanac holds headline votes only.",
            hint="`multipolar data pull unga` (or unsc, unvotes, voteview) first"
            + ("; estimates that ship: `multipolar data export ideal_points`." if ships else "."),
        )
    if not found.roll_calls.height:
        raise OutOfCoverage(f"{found.dataset} holds no roll call of {body} in this period.")
    kept = _taken(record, found, subset)
    calls = found.roll_calls.filter(pl.Series(kept))
    codes = np.array(found.matrix[:, kept])
    barred = found.limited(limited(record, body))[:, kept]
    codes[(codes == ABSENT) & barred] = NO_VOTE
    codes[codes < 0] = NO_VOTE
    place, call = np.nonzero(codes < NO_VOTE)
    category = codes[place, call]
    labels, period = _periods(calls, subset.period, body)
    items, item, linked = _items(calls, labels, period, codes, link=subset.link)
    cells = Cells(
        found.states,
        tuple(calls["roll_call_id"].to_list()),
        items,
        labels,
        tuple(calls["title_en"].to_list()),
        item,
        period,
        place,
        call,
        category,
    )
    absences = bool((codes == ABSENT).any())
    return Pulled(body, found.dataset, found.source_id, cells, linked, absences)


def chambers(record: Record) -> tuple[str, ...]:
    """Return the chambers outside the United Nations whose votes are pulled."""
    if not record.library.holders("chamber_roll_calls"):
        return ()
    found = record.scan("chamber_roll_calls").select(pl.col("chamber").unique().sort()).collect()
    return tuple(found["chamber"].to_list())


def _dataset(record: Record, body: str, subset: Subset) -> str | None:
    """Return the dataset to read: one that names issues or important votes, where these are asked."""
    if not subset.issue and not subset.important:
        return None
    chosen = speaker(record, body)
    table = "roll_call_issues" if subset.issue else "roll_calls"
    for edition in record.library.holders(table):
        rows = record.scan("roll_calls", edition.dataset).filter(pl.col("body_id") == body)
        if subset.important:
            rows = rows.filter(pl.col("important").is_not_null())
        if rows.head(1).collect().height:
            return edition.dataset
    what = "issues" if subset.issue else "important votes"
    raise OutOfCoverage(
        f"no pulled dataset names {what} of {body} ({chosen} does not).",
        hint="`multipolar data pull unvotes` first.",
    )


def _taken(record: Record, found: Votes, subset: Subset) -> Array:
    """Return which roll calls are taken."""
    kept = np.ones(found.roll_calls.height, dtype=bool)
    if subset.issue:
        rows = record.scan("roll_call_issues", found.dataset).select("roll_call_id", "issue")
        issues = rows.collect()
        known = issues["issue"].unique().sort().to_list()
        if not known:
            raise BadInput(
                f"{found.dataset} has no issues of roll calls.",
                hint="`multipolar data pull unvotes`, and --dataset unvotes.",
            )
        if subset.issue not in known:
            raise BadInput(f"{subset.issue!r} is no issue of {found.dataset}.", candidates=known)
        named = issues.filter(pl.col("issue") == subset.issue)["roll_call_id"]
        kept &= found.roll_calls["roll_call_id"].is_in(named.implode()).to_numpy()
    if subset.important:
        kept &= (found.roll_calls["important"] == "yes").fill_null(False).to_numpy()
    if not kept.any():
        raise OutOfCoverage(f"{found.dataset} holds no such roll call of {found.body}.")
    return kept


def _periods(calls: pl.DataFrame, kind: str, body: str) -> tuple[tuple[int, ...], Array]:
    """Return the periods in their order, and that of every roll call."""
    year = calls["date"].dt.year().cast(pl.Int64)
    if kind == "session":
        session = calls["session"]
        if session.null_count() == len(session):
            raise BadInput(f"the roll calls of {body} have no session: use years.")
        regular = session.cast(pl.Int64, strict=False)
        year = pl.select(pl.coalesce(regular, year - _OPENED)).to_series()
    labels = year.unique().sort()
    place = labels.search_sorted(year).to_numpy().astype(np.int64)
    return tuple(labels.to_list()), place


def _items(
    calls: pl.DataFrame, labels: Sequence[int], period: Array, codes: Array, *, link: bool
) -> tuple[tuple[str, ...], Array, int]:
    """Return items, the item of every roll call, and how many roll calls are linked to another."""
    names = calls["roll_call_id"].to_list()
    if not link:
        return tuple(names), np.arange(len(names)), 0
    counts = np.stack([(codes == k).sum(axis=0) for k in range(3)], axis=1)
    times = [labels[p] for p in period]
    first = chained(links(names, calls["title_en"].to_list(), times, counts), times)
    kept, item = np.unique(first, return_inverse=True)
    return tuple(names[k] for k in kept), item, len(names) - len(kept)


def _of_chamber(record: Record, chamber: str, subset: Subset) -> Pulled:
    """Return the votes of a chamber of voteview; periods are its terms."""
    if subset.issue or subset.important:
        raise BadInput("the votes of a chamber have no issues, and none is named important.")
    edition = record.library.holders("chamber_positions")[0]
    calls = record.scan("chamber_roll_calls").filter(pl.col("chamber") == chamber)
    for day, keep in ((subset.first, pl.Expr.ge), (subset.last, pl.Expr.le)):
        if day is not None:
            calls = calls.filter(keep(pl.col("date"), pl.lit(day)))
    listed = calls.sort("term", "number").collect().with_row_index("_call")
    if not listed.height:
        raise OutOfCoverage(f"{edition.dataset} holds no roll call of {chamber} in this period.")
    outside = record.scan("chamber_members").filter(~pl.col("chamber").is_in(chambers(record)))
    rows = (
        record.scan("chamber_positions")
        .select("roll_call_id", "member_id", "position")
        .join(listed.lazy().select("roll_call_id", "term", "_call"), on="roll_call_id")
        .join(outside.select("term", "member_id"), on=["term", "member_id"], how="anti")
        .select(
            "_call",
            "member_id",
            pl.col("position").replace_strict(_CODES, return_dtype=pl.Int8),
        )
        .filter(pl.col("position") < NO_VOTE)
        .sort("member_id", "_call")
        .collect()
    )
    members = rows["member_id"].unique().sort()
    terms = listed["term"].unique().sort()
    names = tuple(listed["roll_call_id"].to_list())
    category = rows["position"].to_numpy()
    cells = Cells(
        tuple(members.to_list()),
        names,
        names,
        tuple(terms.to_list()),
        tuple(listed["title_en"].to_list()),
        np.arange(len(names)),
        terms.search_sorted(listed["term"]).to_numpy().astype(np.int64),
        rows["member_id"].cast(pl.Enum(members)).to_physical().to_numpy().astype(np.int64),
        rows["_call"].to_numpy().astype(np.int64),
        category,
    )
    absences = bool((category == ABSENT).any())
    return Pulled(chamber, edition.dataset, edition.source_id, cells, 0, absences)


_CODES: Mapping[str, Any] = {word: min(k, NO_VOTE) for k, word in enumerate(POSITIONS)}
