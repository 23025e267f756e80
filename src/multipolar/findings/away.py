"""Facet record without it: what happened when the state was away or against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..record.load import Row
from . import phrases as p
from .finding import Exhibit, Finding
from .seat import own_levels
from .view import View, partial, sources_of, tagged
from .voice import vetoes, votes

WENT_ON = ("held", "adopted")
STOPPED = ("postponed", "failed", "not_adopted")
STANCES = {"absent": "absent", "stood_aside": "stood_aside", "objected": "objected"}
MODES = {
    "consensus": "adopted",
    "adopted": "adopted",
    "vote": "adopted",
    "postponed": "postponed",
    "failed": "failed",
    "pending": "pending",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One occasion on which the state was away or against, and how it ended."""

    case_id: str
    day: date
    precision: str
    body: str
    what: p.Text
    did: str
    result: str
    rows: tuple[tuple[str, Row], ...]
    counts: tuple[int | None, int | None, int | None] = (None, None, None)
    same: tuple[str, ...] | None = None
    label: p.Text | None = None
    """What is listed beside the body's name; without it ``what``."""


def cases(view: View) -> list[Case]:
    """Return all cases up to the day, in order of time."""
    found = [*_outcomes(view), *_sessions(view), *_votes(view), *_vetoes(view)]
    return sorted(found, key=lambda c: (c.day, c.case_id))


def _outcomes(view: View) -> Iterator[Case]:
    for row in view.own("outcome_positions"):
        outcome = view.record.keyed("outcomes")[row["outcome_id"]]
        if row["stance"] not in STANCES or not view.past(outcome):
            continue
        others = view.record.where("outcome_positions", "outcome_id", row["outcome_id"])
        same = tuple(
            o["state_id"]
            for o in others
            if o["stance"] == row["stance"] and o["state_id"] != view.state
        )
        yield Case(
            outcome["outcome_id"],
            outcome["date"],
            outcome["date_precision"],
            outcome["body_id"],
            p.Text(outcome["title_en"], outcome["title_zh"]),
            STANCES[row["stance"]],
            MODES[outcome["mode"]],
            (("outcomes", outcome), ("outcome_positions", row)),
            same=same,
        )


def _sessions(view: View) -> Iterator[Case]:
    """Yield sessions held without the state, and the texts adopted at them."""
    taken = {row["outcome_id"] for row in view.own("outcome_positions")}
    for session, row in own_levels(view):
        if row["level"] != "absent" or row["basis"] != "reported" or session["status"] != "held":
            continue
        others = view.record.where("attendance", "session_id", session["session_id"])
        same = tuple(
            o["state_id"]
            for o in others
            if o["level"] == "absent" and o["basis"] == "reported" and o["state_id"] != view.state
        )
        outcomes = [
            o
            for o in view.record.where("outcomes", "session_id", session["session_id"])
            if view.past(o)
        ]
        place = {"en": session["place"] or "", "zh": session["place_zh"] or session["place"] or ""}
        name = _session_name(view, "session_name", session, place)
        yield Case(
            session["session_id"],
            session["start"],
            session["date_precision"],
            session["body_id"],
            name,
            "absent",
            "held",
            (("sessions", session), ("attendance", row)),
            same=same,
            label=_session_name(view, "session_label", session, place),
        )
        for outcome in outcomes:
            if outcome["outcome_id"] in taken:
                continue
            yield Case(
                outcome["outcome_id"],
                outcome["date"],
                outcome["date_precision"],
                outcome["body_id"],
                p.Text(outcome["title_en"], outcome["title_zh"]),
                "absent",
                MODES[outcome["mode"]],
                (("outcomes", outcome), ("attendance", row)),
                same=same,
            )


def _session_name(view: View, key: str, session: Row, place: dict[str, str]) -> p.Text:
    said = view.say(
        key,
        body=p.Body(session["body_id"]),
        number=p.Text(session["number"] or "", session["number"] or ""),
        place=p.Text(place["en"], place["zh"]),
        year=p.Text(str(session["start"].year), f"{session['start'].year}年"),
    )
    return p.Text(said["en"], said["zh"])


def _votes(view: View) -> Iterator[Case]:
    for call, position in votes(view):
        if (
            not position
            or position["position"] != "no"
            or (call["body_id"] == "unsc" and call["adopted"] == "no")
        ):
            continue
        same = tuple(
            o["state_id"]
            for o in view.record.where("positions", "roll_call_id", call["roll_call_id"])
            if o["position"] == "no" and o["state_id"] != view.state
        )
        title = p.Text(_titled(call, "en"), _titled(call, "zh"))
        yield Case(
            call["roll_call_id"],
            call["date"],
            call["date_precision"],
            call["body_id"],
            title,
            "opposed_no",
            "adopted" if call["adopted"] == "yes" else "not_adopted",
            (("roll_calls", call), ("positions", position)),
            counts=(call["yes_n"], call["no_n"], call["abstain_n"]),
            same=same,
        )


def _titled(call: Row, lang: str) -> str:
    title, symbol = call[f"title_{lang}"], call["symbol"]
    if not symbol:
        return str(title)
    return f"{title}（{symbol}）" if lang == "zh" else f"{title} ({symbol})"


def _vetoes(view: View) -> Iterator[Case]:
    for row in vetoes(view):
        same = tuple(
            o["state_id"]
            for o in view.record.where("vetoes", "veto_id", row["veto_id"])
            if o["state_id"] not in view.lineage
        )
        yield Case(
            f"veto-{row['veto_id']}",
            row["date"],
            "day",
            "unsc",
            p.Text(row["topic_en"], row["topic_zh"]),
            "vetoed",
            "failed",
            (("vetoes", row),),
            same=same,
        )


def findings(view: View) -> Iterator[Finding]:
    """Yield counts of what went on and what stopped, and the cases other than votes."""
    every = cases(view)
    state = p.State(view.state)
    on = [c for c in every if c.result in WENT_ON]
    stopped = [c for c in every if c.result in STOPPED]
    if on:
        held = sum(c.result == "held" for c in on)
        away = sum(c.result == "adopted" and c.did == "absent" for c in on)
        against = len(on) - held - away
        yield view.finding(
            "record",
            "all",
            "went_on",
            len(on),
            "count",
            [item for c in on for item in c.rows],
            view.say(
                "went_on",
                state=state,
                cases=p.Count(len(on), "case"),
                parts=_parts(
                    ("part_held", held, "session"),
                    ("part_away", away, "text"),
                    ("part_against", against, "text"),
                ),
            ),
            coverage="partial",
            n=len(every),
            direction="works_without",
        )
    if stopped:
        vetoed = sum(c.did == "vetoed" for c in stopped)
        postponed = sum(c.result == "postponed" for c in stopped)
        yield view.finding(
            "record",
            "all",
            "stopped",
            len(stopped),
            "count",
            [item for c in stopped for item in c.rows],
            view.say(
                "stopped",
                state=state,
                cases=p.Count(len(stopped), "case"),
                parts=_parts(
                    ("part_vetoed", vetoed, "draft"),
                    ("part_postponed", postponed, "decision"),
                    ("part_other", len(stopped) - vetoed - postponed, "text"),
                ),
            ),
            coverage="partial",
            n=len(every),
            direction="depends",
        )
    for case in every:
        if case.did not in ("opposed_no", "vetoed"):
            yield _case_finding(view, case)
    yield from _first_absences(view)


def _parts(*parts: tuple[str, int, str]) -> p.Parts:
    """Return the parts whose number is not zero."""
    return p.Parts([p.Say(key, {"n": p.Count(n, noun)}) for key, n, noun in parts if n])


def _case_finding(view: View, case: Case) -> Finding:
    direction = "context"
    if case.result in WENT_ON:
        direction = "works_without"
    elif case.result in STOPPED:
        direction = "depends"
    return view.finding(
        "record",
        case.body,
        case.case_id,
        case.result,
        "word",
        case.rows,
        view.say(
            f"case_{case.did}_{case.result}" + ("_with" if case.same else ""),
            state=p.State(view.state),
            what=case.what,
            body=p.Body(case.body),
            day=p.Day(case.day, case.precision),
            **({"others": p.States(case.same, 4)} if case.same else {}),
        ),
        coverage="partial",
        direction=direction,
    )


def _first_absences(view: View) -> Iterator[Finding]:
    """Yield, for a review the state did not attend, whose absence was the first on record."""
    absent = [r for r in view.record.where("reviews", "delegation", "no") if view.past(_month(r))]
    absent.sort(key=lambda r: (r["date"], r["state_id"]))
    own = [r for r in absent if r["state_id"] == view.state]
    for row in own:
        place = absent.index(row) + 1
        first = absent[0]
        later = [
            r
            for r in view.own("reviews")
            if r["date"] > row["date"]
            and r["cycle"] == row["cycle"]
            and (
                r["result"] in ("rescheduled", "scheduled")
                or (r["result"] and view.past(_month(r)))
            )
        ]
        after = min(later, key=lambda r: r["date"], default=None)
        terms: dict[str, Any] = {
            "state": p.State(view.state),
            "day": p.Day(row["date"], "day" if row["date_precision"] == "day" else "month"),
            "n": p.Number(place),
            "first": p.State(first["state_id"]),
            "first_day": p.Day(
                first["date"], "day" if first["date_precision"] == "day" else "month"
            ),
        }
        key = "review_absent_first" if first is row else "review_absent_later"
        yield view.finding(
            "record",
            row["body_id"],
            f"review_absence-{row['session_id']}",
            partial(row["date"], "day" if row["date_precision"] == "day" else "month"),
            "date",
            tagged("reviews", [r for r in (row, None if first is row else first, after) if r]),
            view.say(key, **terms),
            coverage=view.coverage("reviews", row["body_id"]),
            n=len(absent),
        )
        if after is not None:
            held = after["result"] == "held" and view.past(_month(after))
            yield view.finding(
                "record",
                row["body_id"],
                f"review_after-{row['session_id']}",
                "held" if held else "not_known",
                "word",
                tagged("reviews", [after]),
                view.say(
                    "review_after_held" if held else "review_after_open",
                    state=p.State(view.state),
                    day=p.Day(
                        after["date"], "day" if after["date_precision"] == "day" else "month"
                    ),
                ),
                coverage=view.coverage("reviews", row["body_id"]),
            )


def _month(row: Row) -> Row:
    return {**row, "date_precision": "month"} if row["date_precision"] == "session" else row


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield the list of all cases."""
    every = cases(view)
    on = sum(c.result in WENT_ON for c in every)
    stopped = sum(c.result in STOPPED for c in every)
    yield Exhibit(
        "away",
        "record",
        view.say(
            "title_away" if every else "title_away_none",
            state=p.State(view.state),
            cases=p.Count(len(every), "case"),
            on=p.Number(on),
            stopped=p.Number(stopped),
        ),
        view.say("subtitle_away"),
        [
            {
                "date": c.day.isoformat(),
                "precision": c.precision,
                "body_id": c.body,
                "what_en": (c.label or c.what).en,
                "what_zh": (c.label or c.what).zh,
                "focal": c.did,
                "result": c.result,
                "yes": c.counts[0],
                "no": c.counts[1],
                "abstain": c.counts[2],
                "with": list(c.same) if c.same is not None else None,
                "sources": list(sources_of(r for _, r in c.rows)),
            }
            for c in every
        ],
        sources_of(r for c in every for _, r in c.rows),
    )
