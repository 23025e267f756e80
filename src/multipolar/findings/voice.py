"""Facet voice: does the room agree with the state, and what did its negative vote stop?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from ..measures.proportion import proportion
from ..record.load import Row
from . import ideal_points
from . import phrases as p
from .finding import Exhibit, Finding
from .view import View, sources_of, tagged


def votes(view: View) -> list[tuple[Row, Row | None]]:
    """Return the recorded votes up to the day with the state's position, None if unrecorded."""
    own = {row["roll_call_id"]: row for row in view.of_lineage("positions")}
    calls = [row for row in view.record.rows("roll_calls") if view.past(row)]
    calls.sort(key=lambda r: (r["date"], r["roll_call_id"]))
    return [(call, own.get(call["roll_call_id"])) for call in calls]


def vetoes(view: View) -> list[Row]:
    """Return the vetoes of the state, and of a seat it continues, up to the day."""
    rows = [row for row in view.of_lineage("vetoes") if view.past(row)]
    return sorted(rows, key=lambda r: (r["date"], r["veto_id"]))


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings of the facet; all recorded votes where they are pulled, else headlines."""
    if view.record.library.editions:
        from .published import votes as published

        yield from published.findings(view)
    yield from ideal_points.findings(view)
    yield from _sides(view)
    yield from _vetoes(view)


def _sides(view: View) -> Iterator[Finding]:
    state = p.State(view.state)
    recorded = [(c, q) for c, q in votes(view) if q and q["position"] in ("yes", "no", "abstain")]
    for body in sorted({c["body_id"] for c, _ in recorded}):
        here = [(c, q) for c, q in recorded if c["body_id"] == body]
        adopted = [(c, q) for c, q in here if c["adopted"] == "yes"]
        if not adopted or _pulled(view, body):
            continue
        count = Counter(q["position"] for _, q in adopted)
        rows = [("roll_calls", c) for c, _ in adopted] + [("positions", q) for _, q in adopted]
        listed = sum(c["adopted"] == "yes" and c["body_id"] == body for c, _ in votes(view))
        selective = count["yes"] == 0 and len(adopted) < listed
        if not selective:
            share = proportion(count["yes"], len(adopted))
            yield view.finding(
                "voice",
                body,
                "adopted_side_share",
                share.value,
                "share",
                rows,
                view.say(
                    "adopted_side",
                    state=state,
                    body=p.Body(body),
                    votes=p.Count(len(adopted), "vote"),
                    yes=p.Number(count["yes"]),
                    no=p.Number(count["no"]),
                    abstain=p.Number(count["abstain"]),
                ),
                coverage="partial",
                n=share.n,
                interval=(share.lo, share.hi, share.level),
            )
        if count["no"]:
            against = [(c, q) for c, q in adopted if q["position"] == "no"]
            yield view.finding(
                "voice",
                body,
                "adopted_against_no",
                count["no"],
                "count",
                [("roll_calls", c) for c, _ in against] + [("positions", q) for _, q in against],
                view.say(
                    "adopted_against_no",
                    state=state,
                    body=p.Body(body),
                    texts=p.Count(count["no"], "text"),
                    recorded=p.Count(len(adopted), "vote"),
                ),
                coverage="partial",
                n=len(adopted),
                direction="works_without",
            )


def _pulled(view: View, body: str) -> bool:
    """Say whether all recorded votes of a body are here, so that headline votes need no count."""
    if not view.record.library.editions:
        return False
    from .published.votes import covers

    return covers(view, body)


def _vetoes(view: View) -> Iterator[Finding]:
    rows = vetoes(view)
    if not rows:
        return
    alone = [row for row in rows if _alone(view, row)]
    earlier = [code for code in view.lineage[1:] if any(r["state_id"] == code for r in rows)]
    key = "vetoes_continued" if earlier else "vetoes"
    more = {"earlier": p.States(earlier)} if earlier else {}
    last = rows[-1]
    yield view.finding(
        "voice",
        "unsc",
        "vetoes",
        len(rows),
        "count",
        tagged("vetoes", rows),
        view.say(
            key,
            state=p.State(view.state),
            drafts=p.Count(len(rows), "draft"),
            alone=p.Number(len(alone)),
            first=p.Day(rows[0]["date"], "year"),
            last=p.Day(last["date"]),
            topic=p.Text(last["topic_en"], last["topic_zh"]),
            **more,
        ),
        coverage=view.coverage("vetoes", "unsc"),
        n=len(rows),
        direction="depends",
    )


def _alone(view: View, row: Row) -> bool:
    return len(view.record.where("vetoes", "veto_id", row["veto_id"])) == 1


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield votes year by year, headline votes with the state's position, and vetoes by year."""
    if view.record.library.editions:
        from .published import votes as published

        yield from published.exhibits(view)
    yield from ideal_points.exhibits(view)
    rows: list[dict[str, Any]] = [
        {
            "date": call["date"].isoformat(),
            "symbol": call["symbol"],
            "title_en": call["title_en"],
            "title_zh": call["title_zh"],
            "topic": call["topic"],
            "topic_en": call["topic_en"],
            "topic_zh": call["topic_zh"],
            "body_id": call["body_id"],
            "position": position["position"] if position else None,
            "yes": call["yes_n"],
            "no": call["no_n"],
            "abstain": call["abstain_n"],
            "adopted": call["adopted"],
        }
        for call, position in votes(view)
    ]
    known = Counter(row["position"] for row in rows)
    n = len(rows) - known[None]
    yield Exhibit(
        "votes",
        "voice",
        view.say(
            "title_votes" if n else "title_votes_none",
            state=p.State(view.state),
            recorded=p.Count(n, "vote"),
            yes=p.Number(known["yes"]),
            no=p.Number(known["no"]),
            abstain=p.Number(known["abstain"]),
            votes=p.Count(len(rows), "vote"),
        ),
        view.say("subtitle_votes"),
        rows,
        sources_of(call for call, _ in votes(view)),
    )
    cast = vetoes(view)
    if not cast:
        return
    by_year = Counter(row["date"].year for row in cast)
    alone = Counter(row["date"].year for row in cast if _alone(view, row))
    yield Exhibit(
        "vetoes",
        "voice",
        view.say(
            "title_vetoes",
            state=p.State(view.state),
            drafts=p.Count(len(cast), "draft"),
            alone=p.Number(sum(alone.values())),
        ),
        view.say("subtitle_vetoes"),
        [
            {"year": year, "n": by_year[year], "alone": alone[year]}
            for year in range(cast[0]["date"].year, view.as_of.year + 1)
        ],
        sources_of(cast),
        view.coverage("vetoes", "unsc"),
    )
