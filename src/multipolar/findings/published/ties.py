"""Ties, from pulled datasets: who buys from the state, who is allied with it, what it signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from .. import phrases as p
from ..finding import Finding, RowSet
from ..view import View

LARGE = 0.2
"""A partner with at least this share of a state's imports counts as one that it leans on."""


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings of the datasets that are pulled."""
    here = view.record.library.editions
    for name, made in (("trade", _trade), ("atop", _alliances), ("desta", _agreements)):
        if name in here:
            yield from made(view)


def _trade(view: View) -> Iterator[Finding]:
    """Yield for how many states the focal state is a large source of imports, and the largest."""
    year = _latest(view, "trade", "trade")
    if year is None:
        return
    rows = _in_year(view, "trade", "trade", year, "importer", "exporter", "value_usd")
    rows = rows.filter(pl.col("value_usd").is_not_null())
    totals = rows.group_by("importer").agg(pl.col("value_usd").sum().alias("all"))
    own = rows.filter(pl.col("exporter").is_in(view.lineage)).join(totals, on="importer")
    own = own.filter(pl.col("all") > 0, ~pl.col("importer").is_in(view.lineage))
    if not own.height:
        return
    own = own.with_columns((pl.col("value_usd") / pl.col("all")).alias("share"))
    own = own.sort("share", "importer", descending=[True, False])
    most = rows.group_by("importer").agg(pl.col("value_usd").max().alias("most"))
    first = own.join(most, on="importer").filter(
        pl.col("value_usd") >= pl.col("most"), pl.col("value_usd") > 0
    )
    leaning = own.filter(pl.col("share") >= LARGE).height
    yield view.finding(
        "ties",
        "all",
        "leaning_importers",
        leaning,
        "count",
        (),
        view.say(
            "trade_leaning",
            state=p.State(view.state),
            year=_year(year),
            leaning=p.Number(leaning),
            partners=p.Count(own.height, "state"),
            largest=p.Number(first.height),
            named=p.Parts(
                [
                    p.Say("trade_partner", {"state": p.State(code), "share": p.Share(share)})
                    for code, share in own.head(3).select("importer", "share").iter_rows()
                ]
            ),
        ),
        coverage="complete" if year >= view.as_of.year - 1 else "partial",
        n=own.height,
        sets=[
            RowSet("trade", "trade", (("exporter", code), ("year", year))) for code in view.lineage
        ],
    )


def _alliances(view: View) -> Iterator[Finding]:
    """Yield the states that are obliged to defend the focal state, and it them."""
    year = _latest(view, "alliances", "atop")
    if year is None:
        return
    rows = _in_year(view, "alliances", "atop", year, "state_a", "state_b", "defense")
    rows = rows.filter(pl.col("defense") == "yes")
    towards = set(rows.filter(pl.col("state_b").is_in(view.lineage))["state_a"])
    own = set(rows.filter(pl.col("state_a").is_in(view.lineage))["state_b"])
    yield view.finding(
        "ties",
        "all",
        "defence_allies",
        len(own | towards),
        "count",
        (),
        view.say(
            "allies" if own | towards else "allies_none",
            state=p.State(view.state),
            year=_year(year),
            own=p.Count(len(own), "state"),
            towards=p.Count(len(towards), "state"),
        ),
        coverage="complete" if year >= view.as_of.year - 1 else "partial",
        n=len(own | towards),
        sets=[
            RowSet("alliances", "atop", ((side, code), ("year", year)))
            for code in view.lineage
            for side in ("state_a", "state_b")
        ],
    )


def _agreements(view: View) -> Iterator[Finding]:
    """Yield trade agreements that name the state as a member, accessions and withdrawals."""
    memo = view.record.memo
    if "desta" not in memo:
        listed = view.record.scan("agreements", "desta").select("agreement_id", "entry", "year")
        named = view.record.scan("agreement_members", "desta").select(
            "agreement_id", "state_id", "role"
        )
        memo["desta"] = listed.join(named, on="agreement_id").collect()
    whole: pl.DataFrame = memo["desta"]
    rows = whole.filter(pl.col("state_id").is_in(view.lineage), pl.col("year") <= view.as_of.year)
    rows = rows.unique(["agreement_id", "role"])
    count = {
        (entry, role): n for entry, role, n in rows.group_by("entry", "role").len().iter_rows()
    }
    treaties = count.get(("base_treaty", "party"), 0)
    joined, left = (
        sum(n for (_, r), n in count.items() if r == role) for role in ("joins", "leaves")
    )
    if not treaties and not joined:
        return
    yield view.finding(
        "ties",
        "all",
        "trade_agreements",
        treaties + joined,
        "count",
        (),
        view.say(
            "desta",
            state=p.State(view.state),
            treaties=p.Count(treaties, "agreement"),
            joined=p.Number(joined),
            left=p.Number(left),
            first=_year(int(rows["year"].min())),  # type: ignore[arg-type]
            last=_year(int(rows["year"].max())),  # type: ignore[arg-type]
        ),
        coverage="partial",
        n=rows.height,
        sets=[RowSet("agreement_members", "desta", (("state_id", code),)) for code in view.lineage],
    )


def _latest(view: View, table: str, dataset: str) -> int | None:
    """Return the last year that had ended on the day, as far as the dataset goes."""
    key = f"{dataset} years"
    memo = view.record.memo
    if key not in memo:
        years = view.record.scan(table, dataset).select(pl.col("year").unique()).collect()["year"]
        memo[key] = sorted(years)
    over = view.as_of.year if view.as_of == date(view.as_of.year, 12, 31) else view.as_of.year - 1
    past = [year for year in memo[key] if year <= over]
    return past[-1] if past else None


def _in_year(view: View, table: str, dataset: str, year: int, *columns: str) -> pl.DataFrame:
    """Return a year of a dataset, read once for a record."""
    key = f"{dataset} {year}"
    memo = view.record.memo
    if key not in memo:
        lazy = view.record.scan(table, dataset).filter(pl.col("year") == year)
        memo[key] = lazy.select(columns).collect()
    found: pl.DataFrame = memo[key]
    return found


def _year(year: int) -> p.Text:
    return p.Text(str(year), f"{year}年")
