"""Facet seat: is the state in, does it come, is it leaving?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from ..measures.proportion import proportion
from ..record.load import Row
from . import phrases as p
from .finding import Exhibit, Finding
from .view import MEMBER_STATUS, View, partial, sources_of, tagged

PRESENT = ("head", "minister", "official", "technical")
LEVELS = (*PRESENT, "absent", "not_head", "unknown")
FEW = 5
"""A session with fewer states on record than this is shown only to those states."""


def findings(view: View) -> Iterator[Finding]:
    """Yield the findings of the facet."""
    yield _united_nations(view)
    yield from _memberships(view)
    yield from _standings(view)
    yield from _exits(view)
    yield from _attendance(view)
    yield from _reviews(view)
    if view.record.library.editions:
        from .published import seats as published

        yield from published.findings(view)


def _united_nations(view: View) -> Finding:
    row, state = view.info, p.State(view.state)
    if view.state in view.un_members:
        members = p.Count(len(view.un_members), "member")
        said = view.say(
            "un_member", state=state, day=p.Day(row["un_admitted"] or row["start"]), members=members
        )
        value: str = "member"
    elif row["kind"] == "observer":
        said, value = view.say("un_observer", state=state), "observer"
    else:
        said, value = view.say("un_not_member", state=state), "not_member"
    return view.finding(
        "seat", "un", "standing", value, "word", [("states", row)], said, coverage="complete"
    )


def _memberships(view: View) -> Iterator[Finding]:
    seats = {b: rows for b, rows in view.seats.items() if b not in ("un", "unga")}
    if not seats:
        return
    order = sorted(seats)
    yield view.finding(
        "seat",
        "all",
        "memberships",
        len(order),
        "count",
        [item for body in order for item in seats[body]],
        view.say(
            "memberships",
            state=p.State(view.state),
            count=p.Count(len(order), "body"),
            bodies=p.Bodies(order, 12),
        ),
        coverage="partial",
    )


def _standings(view: View) -> Iterator[Finding]:
    """Yield, per body, the spells in which the state had a standing other than membership."""
    spells: dict[str, list[Row]] = defaultdict(list)
    for row in view.own("memberships"):
        if row["start"] is not None and row["start"] <= view.as_of:
            spells[row["body_id"]].append(row)
    for body, rows in sorted(spells.items()):
        if all(row["status"] in MEMBER_STATUS for row in rows):
            continue
        rows.sort(key=lambda r: (r["start"], r["status"]))
        yield view.finding(
            "seat",
            body,
            "standing_spells",
            rows[-1]["status"],
            "word",
            tagged("memberships", rows),
            view.say(
                "standing_spells",
                state=p.State(view.state),
                body=p.Body(body),
                spells=p.Parts([_spell(view, row) for row in rows]),
            ),
            coverage=view.coverage("memberships", body),
            n=len(rows),
        )


def _spell(view: View, row: Row) -> p.Say:
    terms = {
        "status": p.Say(f"status_{row['status']}", {}),
        "start": p.Day(row["start"], row["start_precision"]),
    }
    if row["status"] == "declined":
        return p.Say("spell_once", terms)
    if row["end"] is None or row["end"] > view.as_of:
        return p.Say("spell_open", terms)
    return p.Say("spell_ended", {**terms, "end": p.Day(row["end"], row["end_precision"])})


def _exits(view: View) -> Iterator[Finding]:
    steps = view.steps
    state = p.State(view.state)
    left = view.left
    if not steps:
        yield view.finding(
            "seat",
            "all",
            "exit_steps_on_record",
            0,
            "count",
            [("states", view.info)],
            view.say("exits_none", state=state),
            coverage=view.coverage("exits", "*"),
        )
    if left:
        order = sorted(left, key=lambda b: (left[b]["date"], b))
        yield view.finding(
            "seat",
            "all",
            "exits_in_effect",
            len(order),
            "count",
            tagged("exits", [left[b] for b in order]),
            view.say(
                "exits_in_effect",
                state=state,
                count=p.Count(len(order), "exit"),
                bodies=p.Bodies(order, 8),
            ),
            coverage=view.coverage("exits", "*"),
        )
    running = {b: row for b in steps if b not in left and (row := _running(view, steps[b]))}
    if running:
        order = sorted(running, key=lambda b: (running[b]["date"], b))
        yield view.finding(
            "seat",
            "all",
            "exits_announced",
            len(order),
            "count",
            tagged("exits", [running[b] for b in order]),
            view.say(
                "exits_announced",
                state=state,
                count=p.Count(len(order), "body"),
                bodies=p.Bodies(order, 6),
            ),
            coverage=view.coverage("exits", "*"),
        )
    for list_id, rows in _lists(view).items():
        inside = [r for r in rows if _un_system(view, r) == "yes"]
        yield view.finding(
            "seat",
            "all",
            f"list-{list_id}",
            len(rows),
            "count",
            tagged("exits", rows),
            view.say(
                "exit_list",
                state=state,
                day=p.Day(rows[0]["date"], rows[0]["date_precision"]),
                count=p.Count(len(rows), "body"),
                inside=p.Number(len(inside)),
                outside=p.Number(len(rows) - len(inside)),
            ),
            coverage="complete",
        )
    for body, rows in steps.items():
        if all(row["list_id"] for row in rows):
            continue
        last = rows[-1]
        yield view.finding(
            "seat",
            body,
            "exit_steps",
            partial(last["date"], last["date_precision"]),
            "date",
            tagged("exits", rows),
            view.say(
                "exit_steps",
                state=state,
                body=p.Body(body),
                steps=p.Parts([_step(row) for row in rows]),
            ),
            coverage=view.coverage("exits", body),
            n=len(rows),
        )


def _step(row: Row) -> p.Say:
    key = f"step_{row['action']}"
    if row["status"] == "scheduled":
        key += "_scheduled"
    return p.Say(key, {"day": p.Day(row["date"], row["date_precision"])})


def _running(view: View, rows: list[Row]) -> Row | None:
    """Return the announcement or notice that still stands on the day."""
    standing = None
    for row in rows:
        if row["action"] in ("announce", "notify") and view.past(row):
            standing = row
        elif row["action"] in ("reverse", "rejoin", "effective", "expel") and view.past(row):
            standing = None
    return standing


def _lists(view: View) -> dict[str, list[Row]]:
    lists: dict[str, list[Row]] = defaultdict(list)
    for row in view.own("exits"):
        if row["list_id"] and view.past(row):
            lists[row["list_id"]].append(row)
    return dict(lists)


def _un_system(view: View, row: Row) -> str | None:
    value: str | None = view.record.keyed("bodies")[row["body_id"]]["un_system"]
    return value


def _meetings(view: View) -> dict[str, list[Row]]:
    """Return the sessions held by the day, by body, for bodies whose attendance is recorded."""
    recorded = {
        view.record.keyed("sessions")[s]["body_id"]
        for s in view.record.by("attendance", "session_id")
    }
    out: dict[str, list[Row]] = {}
    for session in sorted(
        view.record.rows("sessions"), key=lambda r: (r["start"], r["session_id"])
    ):
        if session["body_id"] in recorded and session["start"] <= view.as_of:
            out.setdefault(session["body_id"], []).append(session)
    return out


def own_levels(view: View, body: str | None = None) -> list[tuple[Row, Row]]:
    """Return (session, attendance) pairs of the state up to the day, in order of time."""
    sessions = view.record.keyed("sessions")
    pairs = [(sessions[row["session_id"]], row) for row in view.own("attendance")]
    pairs = [x for x in pairs if x[0]["start"] <= view.as_of and body in (None, x[0]["body_id"])]
    return sorted(pairs, key=lambda x: (x[0]["start"], x[0]["session_id"]))


def _attendance(view: View) -> Iterator[Finding]:
    for body in sorted(_meetings(view)):
        pairs = [x for x in own_levels(view, body) if x[1]["basis"] == "reported"]
        known = [(s, a) for s, a in pairs if a["level"] in (*PRESENT, "absent")]
        if not known:
            continue
        came = [a for _, a in known if a["level"] != "absent"]
        heads = [a for a in came if a["level"] == "head"]
        share = proportion(len(came), len(known))
        peers = _peer_share(view, body, {s["session_id"] for s, _ in known})
        said = view.say(
            "attended" if peers is None else "attended_peers",
            state=p.State(view.state),
            body=p.Body(body),
            came=p.Number(len(came)),
            sessions=p.Count(len(known), "session"),
            heads=p.Number(len(heads)),
            **({} if peers is None else {"peers": p.Share(peers)}),
        )
        yield view.finding(
            "seat",
            body,
            "attended_share",
            share.value,
            "share",
            tagged("attendance", [a for _, a in known]),
            said,
            coverage="partial",
            n=share.n,
            interval=(share.lo, share.hi, share.level),
        )


def _peer_share(view: View, body: str, sessions: set[str]) -> float | None:
    """Return the share of sessions attended by all others with a reported level there."""
    came = known = 0
    for session in sorted(sessions):
        for row in view.record.where("attendance", "session_id", session):
            if row["state_id"] == view.state or row["basis"] != "reported":
                continue
            if row["level"] in (*PRESENT, "absent"):
                known += 1
                came += row["level"] != "absent"
    return came / known if known else None


def _reviews(view: View) -> Iterator[Finding]:
    rows = [r for r in view.own("reviews") if r["delegation"] and view.past(_dated(r))]
    if not rows:
        return
    rows.sort(key=lambda r: (r["date"], r["session_id"]))
    came = [r for r in rows if r["delegation"] == "yes"]
    share = proportion(len(came), len(rows))
    yield view.finding(
        "seat",
        rows[0]["body_id"],
        "reviews_attended_share",
        share.value,
        "share",
        tagged("reviews", rows),
        view.say(
            "reviews_attended",
            state=p.State(view.state),
            came=p.Number(len(came)),
            reviews=p.Count(len(rows), "review"),
        ),
        coverage=view.coverage("reviews", rows[0]["body_id"]),
        n=share.n,
        interval=(share.lo, share.hi, share.level),
    )


def _dated(row: Row) -> Row:
    """Return a review whose precision `session` is read as a month."""
    return {**row, "date_precision": "month"} if row["date_precision"] == "session" else row


def exhibits(view: View) -> Iterator[Exhibit]:
    """Yield the timeline of exits and the strip of attendance."""
    yield _exits_exhibit(view)
    yield _attendance_exhibit(view)


def _exits_exhibit(view: View) -> Exhibit:
    spells: dict[str, list[Row]] = defaultdict(list)
    for row in view.own("memberships"):
        if row["start"] is None or row["start"] <= view.as_of:
            spells[row["body_id"]].append(row)
    rows: list[dict[str, Any]] = []
    sources: list[Row] = []
    for body, steps in sorted(view.steps.items(), key=lambda x: (x[1][0]["date"], x[0])):
        if all(step["list_id"] for step in steps):
            continue
        sources += steps
        rows.append(
            {
                "body_id": body,
                "un_system": view.record.keyed("bodies")[body]["un_system"],
                "spells": [
                    {
                        "status": s["status"],
                        "start": _iso(s["start"]),
                        "start_precision": s["start_precision"],
                        "end": _iso(s["end"]),
                        "end_precision": s["end_precision"],
                    }
                    for s in spells.get(body, ())
                ],
                "steps": [
                    {
                        "action": s["action"],
                        "date": _iso(s["date"]),
                        "precision": s["date_precision"],
                        "status": s["status"],
                        "list_id": s["list_id"],
                    }
                    for s in steps
                ],
            }
        )
    for list_id, listed in _lists(view).items():
        sources += listed
        inside = sum(_un_system(view, r) == "yes" for r in listed)
        rows.append(
            {
                "list_id": list_id,
                "date": _iso(listed[0]["date"]),
                "n": len(listed),
                "n_un": inside,
                "n_other": len(listed) - inside,
                "bodies": sorted(r["body_id"] for r in listed),
            }
        )
    in_effect = len(view.left)
    title = view.say(
        "title_exits" if rows else "title_exits_none",
        state=p.State(view.state),
        count=p.Count(len([r for r in rows if "body_id" in r]), "body"),
        left=p.Count(in_effect, "exit"),
    )
    return Exhibit(
        "exits",
        "seat",
        title,
        view.say("subtitle_exits"),
        rows,
        sources_of(sources),
        view.coverage("exits", "*"),
    )


def _attendance_exhibit(view: View) -> Exhibit:
    own = {a["session_id"]: a for _, a in own_levels(view)}
    rows: list[dict[str, Any]] = []
    for body in sorted(_meetings(view)):
        for session in _meetings(view)[body]:
            recorded = view.record.where("attendance", "session_id", session["session_id"])
            if not recorded:
                continue
            mine = own.get(session["session_id"])
            if mine is None and (len(recorded) < FEW or _outside(view, session)):
                continue
            peers = dict.fromkeys(LEVELS, 0)
            for row in recorded:
                if row["state_id"] != view.state:
                    peers[row["level"]] += 1
            rows.append(_cell(session, mine, {**peers, "recorded": sum(peers.values())}))
    for review in sorted(view.own("reviews"), key=lambda r: (r["date"], r["session_id"])):
        if not view.past(_dated(review)):
            continue
        session = view.record.keyed("sessions")[review["session_id"]]
        cell = _cell(session, None, {"recorded": 0})
        cell["date"], cell["precision"] = _iso(review["date"]), review["date_precision"]
        came = {"yes": "present", "no": "absent", None: None}[review["delegation"]]
        cell.update(level=came, basis="reported" if came else None)
        rows.append(cell)
    pairs = own_levels(view)
    reported = [a for _, a in pairs if a["basis"] == "reported" and a["level"] != "unknown"]
    absent = sum(a["level"] == "absent" for a in reported)
    title = view.say(
        "title_attendance" if pairs else "title_attendance_none",
        state=p.State(view.state),
        sessions=p.Count(len(reported), "session"),
        absent=p.Number(absent),
    )
    return Exhibit(
        "attendance",
        "seat",
        title,
        view.say("subtitle_attendance"),
        rows,
        sources_of([*own.values(), *view.own("reviews")]),
    )


def _outside(view: View, session: Row) -> bool:
    """Say whether the body's complete list of members leaves the state out on that day."""
    lists = view.record.where("coverage", "table", "memberships")
    body, day = session["body_id"], session["start"]
    whole = any(
        r["body_id"] == body and r["coverage"] == "complete" and r["start"] <= day < r["end"]
        for r in lists
    )
    return whole and not any(
        row["body_id"] == body
        and row["status"] in MEMBER_STATUS
        and (row["start"] is None or row["start"] <= day)
        and (row["end"] is None or day < row["end"])
        for row in view.of_lineage("memberships")
    )


def _cell(session: Row, mine: Row | None, peers: dict[str, int]) -> dict[str, Any]:
    return {
        "session_id": session["session_id"],
        "body_id": session["body_id"],
        "number": session["number"],
        "date": _iso(session["start"]),
        "precision": session["date_precision"],
        "place": session["place"],
        "place_zh": session["place_zh"],
        "host": session["host"],
        "level": mine["level"] if mine else None,
        "basis": mine["basis"] if mine else None,
        "status": session["status"],
        "peers": peers,
    }


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None
