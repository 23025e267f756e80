"""Voice, from all recorded votes: the adopted side, the plurality, agreement with each other member."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from ...measures.alignment import agreement, with_room
from ...measures.proportion import proportion
from ...record.votes import POSITIONS, Votes, speaker, votes
from .. import phrases as p
from ..finding import Exhibit, Finding, RowSet
from ..view import View
from . import limits

BODIES = ("unga", "unsc")
YEARS = 5
"""Years of the window that ends with the last roll call before the day."""
FEWEST = 20
"""Joint votes below which a pair is not named as near or far."""
NAMED = 3
YES, ABSTAIN, NO = (POSITIONS.index(word) for word in ("yes", "abstain", "no"))


@dataclass(frozen=True)
class Window:
    """The roll calls of the last years, and the rows of the state (and of a seat it continues)."""

    votes: Votes
    own: np.ndarray[Any, np.dtype[np.int8]]
    first: date
    last: date

    def sets(self, view: View) -> list[RowSet]:
        """Return the rows of the state in the window."""
        days = (self.first, self.last)
        return [
            RowSet("positions", self.votes.dataset, (("state_id", code), ("roll_call_date", days)))
            for code in view.lineage
            if code in self.votes.states
        ]


def covers(view: View, body: str) -> bool:
    """Say whether a pulled dataset speaks of the state's votes in a body up to the day."""
    return window(view, body) is not None


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings on recorded votes."""
    for body in BODIES:
        seen = window(view, body)
        if seen is None:
            continue
        yield from _sides(view, body, seen)
        yield from limits.without_vote(view, seen.votes, seen.first, seen.last)
        yield from _held(view, body)
        if body == "unga":
            yield from _near(view, body, seen)


def window(view: View, body: str) -> Window | None:
    """Return the last years of a body's votes as the day sees them; None where none are pulled."""
    key = f"window {body}"
    if key not in view.memo:
        view.memo[key] = _window(view, body)
    found: Window | None = view.memo[key]
    return found


def _window(view: View, body: str) -> Window | None:
    whole = _whole(view, body)
    if whole is None:
        return None
    days = whole.roll_calls["date"]
    past = days.filter(days <= view.as_of)
    latest = past.max()
    if not isinstance(latest, date):
        return None
    first, last = date(latest.year - YEARS + 1, 1, 1), min(view.as_of, date(latest.year, 12, 31))
    here = days.is_between(first, last)
    part = Votes(
        whole.body,
        whole.dataset,
        whole.source_id,
        whole.roll_calls.filter(here),
        whole.states,
        whole.matrix[:, here.to_numpy()],
    )
    own = _own(view, part)
    return Window(part, own, first, last) if own is not None else None


def _whole(view: View, body: str) -> Votes | None:
    """Return all roll calls of a body, read once for a record."""
    memo = view.record.memo
    key = f"votes {body}"
    if key not in memo:
        memo[key] = votes(view.record, body) if speaker(view.record, body) != "almanac" else None
    found: Votes | None = memo[key]
    return found


def _own(view: View, found: Votes) -> np.ndarray[Any, np.dtype[np.int8]] | None:
    """Return the state's codes; where it has no row, those of the seat it continues."""
    own = np.full(found.roll_calls.height, -1, dtype=np.int8)
    for code in view.lineage:
        if code in found.states:
            row = found.matrix[found.states.index(code)]
            own = np.where(own < 0, row, own)
    return own if (own >= 0).any() else None


def _sides(view: View, body: str, seen: Window) -> Iterator[Finding]:
    count = {word: int((seen.own == n).sum()) for n, word in enumerate(POSITIONS)}
    cast = count["yes"] + count["abstain"] + count["no"]
    listed = int((seen.own >= 0).sum())
    terms: dict[str, Any] = {
        "state": p.State(view.state),
        "body": p.Body(body),
        "first": p.Day(seen.first, "year"),
        "last": p.Day(seen.last, "year"),
        "votes": p.Count(listed, "vote"),
    }
    coverage = "complete" if seen.last.year >= view.as_of.year else "partial"
    common: dict[str, Any] = {"coverage": coverage, "sets": seen.sets(view)}
    if not cast:
        yield view.finding(
            "voice",
            body,
            "adopted_side_share",
            None,
            "share",
            (),
            view.say("votes_none_cast", **terms),
            n=0,
            method="pulled_side_share",
            **common,
        )
        return
    share = proportion(count["yes"], cast)
    yield view.finding(
        "voice",
        body,
        "adopted_side_share",
        share.value,
        "share",
        (),
        view.say(
            "votes_sides",
            yes=p.Number(count["yes"]),
            no=p.Number(count["no"]),
            abstain=p.Number(count["abstain"]),
            silent=p.Number(listed - cast),
            share=p.Share(share.value),
            **terms,
        ),
        n=cast,
        interval=(share.lo, share.hi, share.level),
        method="pulled_side_share",
        **common,
    )
    if count["no"]:
        yield view.finding(
            "voice",
            body,
            "adopted_against_no",
            count["no"],
            "count",
            (),
            view.say("votes_against_no", texts=p.Count(count["no"], "text"), **terms),
            n=cast,
            direction="works_without",
            method="pulled_against_no",
            **common,
        )


def _held(view: View, body: str) -> Iterator[Finding]:
    """Yield who held the seat, where that changed within the votes on record."""
    whole = _whole(view, body)
    own = _own(view, whole) if whole is not None else None
    if whole is not None and own is not None:
        yield from limits.held(view, whole, own >= 0)


def _near(view: View, body: str, seen: Window) -> Iterator[Finding]:
    """Yield the mean agreement with the other members, and with the plurality of the room."""
    others = [n for n, code in enumerate(seen.votes.states) if code not in view.lineage]
    codes = np.vstack([seen.own[None, :], seen.votes.matrix[others]])
    pairs = agreement(codes)
    share, n = pairs.share[0, 1:], pairs.n[0, 1:]
    enough = n >= FEWEST
    if not enough.any():
        return
    names = [seen.votes.states[i] for i in others]
    order = sorted(np.flatnonzero(enough).tolist(), key=lambda i: (-share[i], names[i]))
    cast = int(pairs.n[0, 0])
    coverage = "complete" if seen.last.year >= view.as_of.year else "partial"
    common: dict[str, Any] = {"coverage": coverage, "sets": seen.sets(view)}
    terms = {
        "state": p.State(view.state),
        "body": p.Body(body),
        "first": p.Day(seen.first, "year"),
        "last": p.Day(seen.last, "year"),
    }
    mean = float(share[enough].mean())
    yield view.finding(
        "voice",
        body,
        "mean_agreement",
        mean,
        "share",
        (),
        view.say(
            "votes_near",
            share=p.Share(mean),
            members=p.Count(int(enough.sum()), "member"),
            near=p.Parts([_pair(names[i], share[i]) for i in order[:NAMED]]),
            far=p.Parts([_pair(names[i], share[i]) for i in order[::-1][:NAMED]]),
            **terms,
        ),
        n=int(enough.sum()),
        **common,
    )
    room = with_room(codes, np.ones(codes.shape[1], dtype=bool))
    place = 1 + int((room.with_plurality[1:][room.n[1:] >= FEWEST] < room.with_plurality[0]).sum())
    ranked = int((room.n[1:] >= FEWEST).sum()) + 1
    found = proportion(round(float(room.with_plurality[0]) * cast), cast)
    yield view.finding(
        "voice",
        body,
        "plurality_share",
        found.value,
        "share",
        (),
        view.say(
            "votes_plurality",
            share=p.Share(found.value),
            place=p.Number(place),
            members=p.Count(ranked, "member"),
            **terms,
        ),
        n=cast,
        interval=(found.lo, found.hi, found.level),
        **common,
    )


def _pair(code: str, share: float) -> p.Say:
    return p.Say("votes_pair", {"state": p.State(code), "share": p.Share(float(share))})


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield, year by year, the share of the state's votes on the adopted side and with the room."""
    whole = _whole(view, "unga")
    own = _own(view, whole) if whole is not None else None
    if whole is None or own is None:
        return
    past = (whole.roll_calls["date"] <= view.as_of).to_numpy()
    others = [n for n, code in enumerate(whole.states) if code not in view.lineage]
    rows: list[dict[str, Any]] = []
    years = whole.years
    for year in sorted(set(years[past & (own >= 0)].tolist())):
        here = past & (years == year)
        codes = np.vstack([own[None, here], whole.matrix[others][:, here]])
        room = with_room(codes, np.ones(codes.shape[1], dtype=bool))
        n = int(room.n[0])
        rows.append(
            {
                "year": year,
                "n": n,
                "listed": int((own[here] >= 0).sum()),
                "adopted_side_share": float(room.with_adopted[0]) if n else None,
                "plurality_share": float(room.with_plurality[0]) if n else None,
                "others_plurality": float(np.nanmedian(room.with_plurality[1:])),
            }
        )
    known = [row for row in rows if row["n"]]
    if not known:
        return
    yield Exhibit(
        "room",
        "voice",
        view.say(
            "title_room",
            state=p.State(view.state),
            first=p.Share(known[0]["plurality_share"]),
            start=p.Text(str(known[0]["year"]), f"{known[0]['year']}年"),
            last=p.Share(known[-1]["plurality_share"]),
            end=p.Text(str(known[-1]["year"]), f"{known[-1]['year']}年"),
        ),
        view.say("subtitle_room"),
        rows,
        (whole.source_id,) if whole.source_id else (),
        "complete" if known[-1]["year"] >= view.as_of.year else "partial",
    )
