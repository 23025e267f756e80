"""Voice, what an absence cannot say: times in which the seat had no vote, or was held by others."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from ...record.load import Row
from ...record.votes import WITHOUT_VOTE, Votes
from .. import phrases as p
from ..finding import Finding, RowSet
from ..view import View, tagged

Mask = np.ndarray[Any, np.dtype[np.bool_]]
HELD = "credentials"
"""Kind of a spell in which votes were cast, by representatives of another government."""


def spells(view: View, body: str, *kinds: str) -> list[Row]:
    """Return the limits on the seat in a body that had begun by the day, in order of time."""
    rows = [
        row
        for row in view.of_lineage("seat_limits")
        if row["body_id"] == body and row["kind"] in kinds and row["start"] <= view.as_of
    ]
    return sorted(rows, key=lambda row: (row["start"], row["kind"]))


def without_vote(view: View, found: Votes, first: date, last: date) -> Iterator[Finding]:
    """Yield in how many roll calls of a window the seat had no vote of its own, and why."""
    hit = [row for row in spells(view, found.body, *WITHOUT_VOTE) if _inside(found, row).any()]
    if not hit:
        return
    n = int(np.logical_or.reduce([_inside(found, row) for row in hit]).sum())
    yield view.finding(
        "voice",
        found.body,
        "seat_limits",
        n,
        "count",
        tagged("seat_limits", hit),
        view.say(
            "seat_limits",
            state=p.State(view.state),
            body=p.Body(found.body),
            first=p.Day(first, "year"),
            last=p.Day(last, "year"),
            votes=p.Count(n, "vote"),
            spells=p.Parts([_spell(view, row) for row in hit]),
        ),
        coverage=view.coverage("seat_limits", found.body),
        n=found.roll_calls.height,
        sets=[_calls(found, row, first, last) for row in hit],
    )


def held(view: View, whole: Votes, listed: Mask) -> Iterator[Finding]:
    """Yield of how many votes on record another government's representatives held the seat."""
    past = (whole.roll_calls["date"] <= view.as_of).to_numpy() & listed
    hit = [row for row in spells(view, whole.body, HELD) if (_inside(whole, row) & past).any()]
    if not hit:
        return
    n = int((np.logical_or.reduce([_inside(whole, row) for row in hit]) & past).sum())
    yield view.finding(
        "voice",
        whole.body,
        "seat_holder",
        n,
        "count",
        tagged("seat_limits", hit),
        view.say(
            "seat_holder",
            state=p.State(view.state),
            body=p.Body(whole.body),
            votes=p.Count(n, "vote"),
            spells=p.Parts([_spell(view, row) for row in hit]),
        ),
        coverage=view.coverage("seat_limits", whole.body),
        n=int(past.sum()),
        sets=[_calls(whole, row, date.min, view.as_of) for row in hit],
    )


def _inside(found: Votes, row: Row) -> Mask:
    """Say of each roll call whether its day lies in the spell."""
    days = found.roll_calls["date"].to_numpy()
    inside = days >= np.datetime64(row["start"], "D")
    if row["end"] is not None:
        inside &= days < np.datetime64(row["end"], "D")
    return np.asarray(inside, dtype=np.bool_)


def _calls(found: Votes, row: Row, first: date, last: date) -> RowSet:
    """Return the roll calls of a spell within a window."""
    until = last if row["end"] is None else min(last, row["end"] - timedelta(days=1))
    days = (max(first, row["start"]), until)
    return RowSet("roll_calls", found.dataset, (("body_id", found.body), ("date", days)))


def _spell(view: View, row: Row) -> p.Say:
    """Return a spell as known on the day: its end only once it is past."""
    terms = {
        "start": p.Day(row["start"], row["start_precision"]),
        "text": p.Text(row["text_en"], row["text_zh"]),
    }
    if row["end"] is not None and row["end"] <= view.as_of:
        terms["end"] = p.Day(row["end"], row["end_precision"])
        terms["end_text"] = p.Text(row["end_text_en"] or "", row["end_text_zh"] or "")
        return p.Say("limit_ended" if row["end_text_en"] else "limit_ended_plain", terms)
    if row["end"] is None and len(row["as_of"]) == 10:
        read = date.fromisoformat(row["as_of"])
        if read <= view.as_of:
            return p.Say("limit_seen", terms | {"seen": p.Day(read)})
    return p.Say("limit_open", terms)
