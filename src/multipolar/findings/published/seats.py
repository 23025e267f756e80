"""Seat, from pulled datasets: memberships, climate delegations, the General Debate, the review."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import polars as pl

from ...measures.proportion import proportion
from .. import phrases as p
from ..finding import Finding, RowSet
from ..view import View

RECENT = 10
"""Sessions of the General Debate that are looked back on."""


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings of the datasets that are pulled."""
    here = view.record.library.editions
    for name, made in (
        ("igo", _igo),
        ("paris", _paris),
        ("cop", _cop),
        ("ungd", _debate),
        ("upr", _upr),
    ):
        if name in here:
            yield from made(view)


def _igo(view: View) -> Iterator[Finding]:
    """Yield the number of organisations in which the state is a full member, among all states."""
    rows = _read(view, "memberships", "igo", "body_id", "state_id", "status", "start", "end")
    last = _last_year(view, "igo")
    day = min(view.as_of, date(last, 12, 31))
    now = rows.filter(
        pl.col("status") == "member",
        pl.col("start") <= day,
        pl.col("end").is_null() | (pl.col("end") > day),
    )
    counts = now.group_by("state_id").agg(pl.col("body_id").n_unique().alias("n"))
    own = int(counts.filter(pl.col("state_id").is_in(view.lineage))["n"].sum())
    if not own:
        return
    others = counts.filter(~pl.col("state_id").is_in(view.lineage))["n"]
    yield view.finding(
        "seat",
        "all",
        "organisations",
        own,
        "count",
        (),
        view.say(
            "igo_memberships",
            state=p.State(view.state),
            year=_year(day.year),
            bodies=p.Count(own, "organisation"),
            rank=p.Number(1 + int((others > own).sum())),
            states=p.Count(counts.height, "state"),
            median=p.Number(int(counts["n"].median() or 0)),  # type: ignore[arg-type]
        ),
        coverage="complete" if last >= view.as_of.year else "partial",
        n=counts.height,
        sets=[
            RowSet("memberships", "igo", (("state_id", code), ("status", "member")))
            for code in view.lineage
        ],
    )


def _paris(view: View) -> Iterator[Finding]:
    """Yield when the state became a party to the Paris Agreement; later exits are the almanac's."""
    rows = _read(
        view, "memberships", "paris", "body_id", "state_id", "status", "start", "signed", "ratified"
    )
    rows = rows.filter(pl.col("body_id") == "paris-agreement", pl.col("state_id") == view.state)
    if not rows.height:
        return
    row = rows.row(0, named=True)
    gone = view.left.get("paris-agreement")
    party = row["status"] == "member" and row["start"] is not None and row["start"] <= view.as_of
    signed = row["signed"] is not None and row["signed"] <= view.as_of
    if not (party or signed):
        return
    key = "paris_left" if party and gone is not None else "paris_party" if party else "paris_signed"
    more = (
        {"gone": p.Day(gone["date"], gone["date_precision"])} if gone is not None and party else {}
    )
    yield view.finding(
        "seat",
        "paris-agreement",
        "party",
        "party" if key == "paris_party" else "left" if key == "paris_left" else "signatory",
        "word",
        [("exits", gone)] if gone is not None and party else (),
        view.say(
            key,
            state=p.State(view.state),
            day=p.Day(row["start"] if party else row["signed"]),
            **more,
        ),
        coverage="complete" if _until(view, "paris") >= view.as_of else "partial",
        sets=[
            RowSet(
                "memberships", "paris", (("body_id", "paris-agreement"), ("state_id", view.state))
            )
        ],
    )


def _cop(view: View) -> Iterator[Finding]:
    """Yield at how many climate conferences the state had delegates, and its share at the last."""
    sessions = _read(view, "sessions", "cop", "session_id", "number", "start").filter(
        pl.col("session_id").str.starts_with("cop-"), pl.col("start") <= view.as_of
    )
    rows = _read(view, "attendance", "cop", "session_id", "state_id", "delegation_n").join(
        sessions, on="session_id"
    )
    own = rows.filter(pl.col("state_id").is_in(view.lineage), pl.col("delegation_n") > 0).sort(
        "start"
    )
    if not rows.height:
        return
    held = rows["session_id"].n_unique()
    sets = [RowSet("attendance", "cop", (("state_id", code),)) for code in view.lineage]
    coverage = "complete" if _until(view, "cop") >= view.as_of else "partial"
    last = rows.sort("start").row(-1, named=True)
    there = rows.filter(pl.col("session_id") == last["session_id"])
    mine = there.filter(pl.col("state_id").is_in(view.lineage))["delegation_n"].sum()
    everyone = int(there["delegation_n"].sum())
    yield view.finding(
        "seat",
        "unfccc",
        "delegations",
        own["session_id"].n_unique(),
        "count",
        (),
        view.say(
            "cop_delegations",
            state=p.State(view.state),
            came=p.Number(own["session_id"].n_unique()),
            sessions=p.Count(held, "conference"),
            number=p.Text(str(last["number"]), str(last["number"])),
            delegates=p.Number(int(mine)),
            share=p.Share(int(mine) / everyone if everyone else 0.0),
            all=p.Number(everyone),
        ),
        coverage=coverage,
        n=held,
        sets=sets,
    )


def _debate(view: View) -> Iterator[Finding]:
    """Yield how often the state spoke in the General Debate of the last sessions, and at what level."""
    sessions = _read(view, "sessions", "ungd", "session_id", "start").filter(
        pl.col("start") <= view.as_of
    )
    recent = sessions.sort("start").tail(RECENT)
    if not recent.height:
        return
    rows = _read(view, "attendance", "ungd", "session_id", "state_id", "level").join(
        recent, on="session_id", how="semi"
    )
    own = rows.filter(pl.col("state_id").is_in(view.lineage))
    since = view.info["un_admitted"] or view.info["start"]
    could = recent if since is None else recent.filter(pl.col("start").dt.year() >= since.year)
    if not could.height or (not own.height and view.state not in view.un_members):
        return
    spoke = min(own["session_id"].n_unique(), could.height)
    share = proportion(spoke, could.height)
    yield view.finding(
        "seat",
        "unga",
        "general_debate_share",
        share.value,
        "share",
        (),
        view.say(
            "debate",
            state=p.State(view.state),
            spoke=p.Number(spoke),
            sessions=p.Count(could.height, "session"),
            first=_year(int(could["start"].dt.year().min())),  # type: ignore[arg-type]
            last=_year(int(could["start"].dt.year().max())),  # type: ignore[arg-type]
            heads=p.Number(own.filter(pl.col("level") == "head").height),
        ),
        coverage="complete" if _until(view, "ungd").year >= view.as_of.year else "partial",
        n=could.height,
        interval=(share.lo, share.hi, share.level),
        sets=[RowSet("attendance", "ungd", (("state_id", code),)) for code in view.lineage],
    )


def _upr(view: View) -> Iterator[Finding]:
    """Yield recommendations that the state made and received in the Universal Periodic Review."""
    rows = _read(
        view, "recommendations", "upr", "from_state", "to_state", "kind", "session", "response"
    )
    rows = rows.filter(pl.col("kind") == "recommendation")
    made = rows.filter(pl.col("from_state") == view.state)
    got = rows.filter(pl.col("to_state") == view.state)
    if (not made.height and not got.height) or _until(view, "upr") > view.as_of:
        return
    accepted = got.filter(pl.col("response").str.to_lowercase().str.starts_with("accept")).height
    yield view.finding(
        "seat",
        "upr",
        "recommendations",
        made.height,
        "count",
        (),
        view.say(
            "upr_recommendations",
            state=p.State(view.state),
            made=p.Count(made.height, "recommendation"),
            got=p.Count(got.height, "recommendation"),
            accepted=p.Number(accepted),
            first=p.Number(int(rows["session"].min())),  # type: ignore[arg-type]
            last=p.Number(int(rows["session"].max())),  # type: ignore[arg-type]
        ),
        coverage="partial",
        n=made.height + got.height,
        sets=[
            RowSet("recommendations", "upr", (("from_state", view.state),)),
            RowSet("recommendations", "upr", (("to_state", view.state),)),
        ],
    )


def _read(view: View, table: str, dataset: str, *columns: str) -> pl.DataFrame:
    """Return some columns of a dataset, read once for a record."""
    key = f"{dataset} {table}"
    memo = view.record.memo
    if key not in memo:
        memo[key] = view.record.scan(table, dataset).select(columns).collect()
    found: pl.DataFrame = memo[key]
    return found


def _until(view: View, dataset: str) -> date:
    """Return the last day that an edition covers; the first day of all where it does not say."""
    told = view.record.library.editions[dataset].manifest["until"]
    return date.fromisoformat(told) if told else date.min


def _last_year(view: View, dataset: str) -> int:
    return _until(view, dataset).year


def _year(year: int) -> p.Text:
    return p.Text(str(year), f"{year}年")
