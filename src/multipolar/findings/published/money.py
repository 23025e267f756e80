"""Purse, from pulled datasets: the scale of assessments, and revenue of the UN system by contributor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl

from ...record.load import Row
from .. import phrases as p
from ..finding import Finding, RowSet
from ..view import View

SCALE, SYSTEM = "scale-of-assessments", "ceb"
DEPENDS_FROM = 0.05
"""As for assessed shares: a payer of at least five per cent counts as evidence of dependence."""
LEAST_USD = 1_000_000
"""Agencies to which the state gave less are not named."""


def scale(view: View) -> list[Row] | None:
    """Return the pulled scale in the form of the almanac's rows; None where it is not pulled."""
    if SCALE not in view.record.library.editions:
        return None
    memo = view.record.memo
    if SCALE not in memo:
        rows = view.record.scan("money", SCALE).collect()
        memo[SCALE] = [
            {
                **row,
                "share_percent": None
                if row["share_percent"] is None
                else Decimal(repr(row["share_percent"])),
                "source_id": (row["source_id"],),
            }
            for row in rows.to_dicts()
        ]
    found: list[Row] = memo[SCALE]
    return found


def findings(view: View) -> Iterator[Finding]:
    """Yield what the state gave to the organisations of the UN system in the latest year."""
    if SYSTEM not in view.record.library.editions:
        return
    whole = _system(view)
    past = whole.filter(pl.col("year") < view.as_of.year + (view.as_of.month == 12))
    if not past.height:
        return
    year = int(past["year"].max())  # type: ignore[arg-type]
    rows = past.filter(pl.col("year") == year)
    own = rows.filter(pl.col("state_id").is_in(view.lineage))
    total = float(rows["amount_usd"].sum())
    sets = [
        RowSet("money", SYSTEM, (("state_id", code), ("start", (date(year, 1, 1),) * 2)))
        for code in own["state_id"].unique().sort()
    ]
    said = {"state": p.State(view.state), "year": p.Text(str(year), f"{year}年")}
    if not own.height or total <= 0:
        first = RowSet("money_totals", SYSTEM, (("date", (date(year, 12, 31),) * 2),))
        yield view.finding(
            "purse",
            "un",
            "system_share",
            None,
            "share",
            (),
            view.say("system_money_none", **said),
            coverage="none",
            sets=[first],
        )
        return
    amount = float(own["amount_usd"].sum())
    others = rows.filter(pl.col("state_id").is_not_null(), ~pl.col("state_id").is_in(view.lineage))
    by_state = others.group_by("state_id").agg(pl.col("amount_usd").sum())
    assessed = float(own.filter(pl.col("stage") == "assessed")["amount_usd"].sum())
    share = amount / total
    yield view.finding(
        "purse",
        "un",
        "system_share",
        share,
        "share",
        (),
        view.say(
            "system_money",
            amount=p.Usd(amount),
            share=p.Share(share),
            rank=p.Number(1 + int((by_state["amount_usd"] > amount).sum())),
            states=p.Count(by_state.height + 1, "contributor"),
            assessed=p.Usd(assessed),
            rest=p.Usd(amount - assessed),
            **said,
        ),
        coverage="complete" if year >= view.as_of.year - 2 else "partial",
        n=by_state.height + 1,
        direction="depends" if share >= DEPENDS_FROM else "works_without",
        sets=sets,
    )
    yield from _agencies(view, rows, own, year, sets)


def _agencies(
    view: View, rows: pl.DataFrame, own: pl.DataFrame, year: int, sets: list[RowSet]
) -> Iterator[Finding]:
    """Yield the organisations of whose revenue the state gave the largest shares."""
    gave = own.group_by("body_id").agg(pl.col("amount_usd").sum().alias("own"))
    joined = (
        gave.join(
            rows.group_by("body_id").agg(pl.col("amount_usd").sum().alias("all")), on="body_id"
        )
        .filter(pl.col("own") >= LEAST_USD, pl.col("all") > 0)
        .with_columns((pl.col("own") / pl.col("all")).alias("share"))
        .sort("share", "body_id", descending=[True, False])
    )
    large = joined.filter(pl.col("share") >= 0.25)
    if not joined.height:
        return
    yield view.finding(
        "purse",
        "un",
        "agency_share",
        float(joined["share"][0]),
        "share",
        (),
        view.say(
            "system_agencies" if large.height else "system_agencies_below",
            state=p.State(view.state),
            year=p.Text(str(year), f"{year}年"),
            named=p.Parts(
                [
                    p.Say("system_agency", {"body": _body(view, body), "share": p.Share(share)})
                    for body, share in joined.head(3).select("body_id", "share").iter_rows()
                ]
            ),
            quarter=p.Count(large.height, "organisation"),
        ),
        coverage="complete" if year >= view.as_of.year - 2 else "partial",
        n=joined.height,
        sets=sets,
    )


def _body(view: View, body: str) -> p.Body | p.Text:
    """Return a body of ours, or the abbreviation that the source uses."""
    if body in view.record.keyed("bodies"):
        return p.Body(body)
    short = body.partition("-")[2].upper()
    return p.Text(short, short)


def _system(view: View) -> pl.DataFrame:
    memo = view.record.memo
    if SYSTEM not in memo:
        memo[SYSTEM] = (
            view.record.scan("money", SYSTEM)
            .select(
                "body_id",
                "stage",
                "state_id",
                "amount_usd",
                pl.col("start").dt.year().alias("year"),
            )
            .collect()
        )
    found: pl.DataFrame = memo[SYSTEM]
    return found
