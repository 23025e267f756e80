"""The dependence profile: all facets of one state on one day, and what stands on the first screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from .. import __version__
from ..record.load import Row
from ..record.store import Record
from . import away, nod, purse, seat, ties, voice
from . import phrases as p
from .finding import FACETS, LANGUAGES, Exhibit, Finding, OpenQuestion, Profile
from .view import View

MODULES = {"seat": seat, "nod": nod, "voice": voice, "purse": purse, "ties": ties, "record": away}
HEADLINE = (
    ("purse", "assessed_share"),
    ("nod", "blocked"),
    ("record", "went_on"),
    ("voice", "vetoes"),
    ("record", "stopped"),
    ("seat", "list-"),
    ("seat", "exits_in_effect"),
    ("record", "review_absence-"),
    ("nod", "free_share"),
    ("voice", "adopted_against_no"),
    ("seat", "attended_share"),
    ("ties", "gdp_ppp_share"),
    ("ties", "agreements_without"),
    ("purse", "replacement"),
    ("seat", "memberships"),
    ("seat", "exits_announced"),
    ("seat", "exit_steps_on_record"),
    ("seat", "standing"),
)
"""What may stand on the first screen, in order of precedence; the same for every state."""
FEWEST, MOST = 5, 8
MOST_ON_ONE_SIDE = 3
"""At most so many for dependence, as many against, and as many for context, if five are reached."""


def build_profile(record: Record, state: str, as_of: date | None = None) -> Profile:
    """Compute the dependence profile of a state.

    Parameters
    ----------
    record : Record
        The record to ask.
    state : str
        State code; spellings are resolved by the caller.
    as_of : date, optional
        The day; without it the day on which the record was last reviewed.

    Raises
    ------
    OutOfCoverage
        The record cannot speak of that day, or the state did not exist on it.
    """
    view = View(record, state, as_of or record.date)
    findings: list[Finding] = []
    exhibits: list[Exhibit] = []
    for facet in FACETS:
        findings += MODULES[facet].findings(view)
        exhibits += MODULES[facet].exhibits(view)
    return Profile(
        state=state,
        as_of=view.as_of.isoformat(),
        record_date=record.date.isoformat(),
        version=__version__,
        names={lang: record.names.name(state, lang) for lang in LANGUAGES},
        findings=tuple(findings),
        headline=tuple(_headline(findings)),
        exhibits=tuple(exhibits),
        open_questions=tuple(_open_questions(view, findings)),
        systems=tuple(_systems(view)),
        warnings=_warnings(view),
    )


def _headline(findings: list[Finding]) -> list[Finding]:
    """Pick five to eight findings by precedence, no side above its share, in the order of facets."""
    ranked = [found for place in HEADLINE if (found := _first(findings, *place)) is not None]
    sides = Counter[str]()
    chosen: list[Finding] = []
    for finding in ranked:
        if sides[finding.direction] < MOST_ON_ONE_SIDE and len(chosen) < MOST:
            sides[finding.direction] += 1
            chosen.append(finding)
    rest = [finding for finding in ranked if finding not in chosen]
    chosen += rest[: max(0, FEWEST - len(chosen))]
    return [finding for finding in findings if finding in chosen]


def _first(findings: list[Finding], facet: str, measure: str) -> Finding | None:
    """Return the first finding of a measure, or of a family of measures (``list-``)."""
    for finding in findings:
        family = measure.endswith("-") and finding.measure.startswith(measure)
        if finding.facet == facet and (finding.measure == measure or family):
            return finding
    return None


def _open_questions(view: View, findings: list[Finding]) -> list[OpenQuestion]:
    """Return the questions; a facet without any value has at least one.

    A question names the datasets that would answer it; once all of them are pulled it is not asked.
    """
    asked = list(_standing_questions(view, findings))
    answered = {f.facet for f in findings if f.value is not None} | {q.facet for q in asked}
    for facet in FACETS:
        if facet not in answered:
            sets = [
                r["dataset"]
                for r in view.record.rows("datasets")
                if facet in r["facets"].split(";")
            ]
            asked.append(_open(view, facet, "open_facet", *sets, state=p.State(view.state)))
    here = set(view.record.library.editions)
    left = [replace(q, datasets=tuple(d for d in q.datasets if d not in here)) for q in asked]
    return [q for q, was in zip(left, asked, strict=True) if q.datasets or not was.datasets]


def _standing_questions(view: View, findings: list[Finding]) -> Iterator[OpenQuestion]:
    state = p.State(view.state)
    has = {(f.facet, f.measure.split("_")[0]) for f in findings}
    yield _open(view, "voice", "open_votes", "unga", "unvotes", "voeten", "unsc")
    if ("voice", "vetoes") in has:
        yield _open(view, "voice", "open_vetoes", "vetoes", "unsc")
    yield _open(view, "ties", "open_ties", "trade", "atop", "desta", state=state)
    yield _open(view, "purse", "open_purse", "ceb", state=state)
    if ("purse", "arrears") not in has and view.state in view.un_members:
        yield _open(view, "purse", "open_arrears", state=state)
    yield _open(view, "seat", "open_seat", "igo", "paris", state=state)
    yield _open(view, "seat", "open_cop", "cop", state=state)
    yield _open(view, "seat", "open_general_debate", "ungd", state=state)
    if view.own("reviews"):
        yield _open(view, "record", "open_reviews", "upr", state=state)
    elif view.state in view.un_members:
        yield _open(view, "record", "open_reviews_none", "upr", state=state)
    weak = nod.partial_bodies(view)
    if weak:
        yield _open(view, "nod", "open_weights", "imf", bodies=p.Bodies(weak))
    if "g20" in view.seats:
        yield _open(view, "record", "open_commitments", "g20")


def _open(view: View, facet: str, key: str, *datasets: str, **terms: Any) -> OpenQuestion:
    return OpenQuestion(facet, view.say(key, **terms), datasets)


def _systems(view: View) -> Iterator[dict[str, Any]]:
    for row in sorted(view.record.rows("systems"), key=lambda r: r["position"]):
        found = [
            (table, item)
            for table in row["tables"].split(";")
            for item in _concerning(view, table, row["bodies"] or ())
        ]
        days = [day for table, item in found if (day := _day(view, table, item)) is not None]
        last = max(days, default=None)
        count = p.Count(len(found), "row")
        if not found:
            said = view.say("system_none", state=p.State(view.state))
        elif last is None:
            said = view.say("system_known_undated", count=count)
        else:
            said = view.say("system_known", count=count, day=p.Day(last))
        yield {
            "system": row["system"],
            "name_en": row["name_en"],
            "name_zh": row["name_zh"],
            "rows_n": len(found),
            "known_en": said["en"],
            "known_zh": said["zh"],
            "until": last.isoformat() if last else None,
            "coverage": "partial" if found else "none",
            "datasets": list(row["datasets"] or ()),
        }


def _concerning(view: View, table: str, bodies: tuple[str, ...]) -> Iterator[Row]:
    """Yield the rows of a table that name the state, or a seat it continues, up to the day."""
    if table in ("trade_events", "events", "statements", "indicators", "decision_rules"):
        rows: list[Row] = [r for r in view.record.rows(table) if _names(view, table, r)]
    else:
        rows = view.of_lineage(table)
    for row in rows:
        body = _body(view, table, row)
        if bodies and body is not None and body not in bodies:
            continue
        day = _day(view, table, row)
        if day is None or day <= view.as_of:
            yield row


def _names(view: View, table: str, row: Row) -> bool:
    if table == "indicators":
        return bool(row["entity_id"] == view.state)
    if table == "decision_rules":
        return row["body_id"] in view.seats
    if table == "trade_events":
        return view.state in (row["actors"] or ()) or view.state in (row["targets"] or ())
    if table == "events":
        return view.state in (row["actor"], row["target"])
    return view.state == row["state_id"] or view.state in (row["about"] or ())


def _body(view: View, table: str, row: Row) -> str | None:
    if table == "positions":
        return str(view.record.keyed("roll_calls")[row["roll_call_id"]]["body_id"])
    if table == "outcome_positions":
        return str(view.record.keyed("outcomes")[row["outcome_id"]]["body_id"])
    if table == "attendance":
        return str(view.record.keyed("sessions")[row["session_id"]]["body_id"])
    body: str | None = row.get("body_id")
    return body


def _day(view: View, table: str, row: Row) -> date | None:
    found: date | None
    if table == "positions":
        found = view.record.keyed("roll_calls")[row["roll_call_id"]]["date"]
    elif table == "outcome_positions":
        found = view.record.keyed("outcomes")[row["outcome_id"]]["date"]
    elif table == "attendance":
        found = view.record.keyed("sessions")[row["session_id"]]["start"]
    elif table == "indicators":
        found = date(row["year"], 1, 1)
    else:
        found = row.get("date") or row.get("start")
    return found


def _warnings(view: View) -> dict[str, tuple[str, ...]]:
    said: list[dict[str, str]] = []
    for name in view.record.damaged:
        said.append(view.say("warning_damaged", dataset=p.Text(name, name)))
    if view.as_of > view.record.date:
        said.append(view.say("warning_after", record=p.Day(view.record.date)))
    if len(view.lineage) > 1:
        said.append(
            view.say(
                "warning_continues", state=p.State(view.state), earlier=p.States(view.lineage[1:])
            )
        )
    for row in view.of_lineage("seat_limits"):
        if row["kind"] == "credentials" and view.now(row):
            held = p.Text(row["text_en"], row["text_zh"])
            terms = {"state": p.State(view.state), "body": p.Body(row["body_id"]), "text": held}
            said.append(view.say("warning_seat", day=p.Day(view.as_of), **terms))
    return {lang: tuple(s[lang] for s in said) for lang in LANGUAGES}
