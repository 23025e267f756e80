"""Commitments of the Group of Twenty with the members' scores, read from the table of compliance."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .files import RawFile
from .formats.text import read_rows
from .meetings import year_of
from .source import bad
from .states import States

BODY = "g20"
SCORED = ("area", "id", "year", "code", "text", "average")
SUMMIT_OF_YEAR = {
    (2009, "L"): "2009-1",
    (2009, "P"): "2009-2",
    (2010, "T"): "2010-1",
    (2010, "S"): "2010-2",
}
"""Years with two summits: London and Pittsburgh, Toronto and Seoul."""
SCORES = {"-1": -1.0, "\N{MINUS SIGN}1": -1.0, "0": 0.0, "1": 1.0, "+1": 1.0}
UNREADABLE = ("+", "-")
"""Signs without a number: the score is not known, and nothing is put in its place."""
_STRAY = re.compile(r"\+[A-Z]+[0-9]+:[A-Z]+[0-9]+$")


@dataclass
class Scores:
    """What the table of compliance holds, and what is doubtful in it."""

    outcomes: list[dict[str, Any]] = field(default_factory=list)
    compliance: list[dict[str, Any]] = field(default_factory=list)
    sessions: dict[str, int] = field(default_factory=dict)
    areas: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)
    averages: list[str] = field(default_factory=list)
    blank: int = 0


def summit_of(raw: RawFile, year: int, code: str, row: int) -> str:
    """Return the session of a year and a code, as the almanac names it.

    Raises
    ------
    BadSource
        The code is none of that year.
    """
    two = any(known == year for known, _ in SUMMIT_OF_YEAR)
    name = SUMMIT_OF_YEAR.get((year, code)) if two else "" if code else str(year)
    if not name:
        raise bad(raw.name, f"code {code!r} is no summit of {year}", row=row)
    return f"{BODY}-{name}"


def read_scores(raw: RawFile, states: States, days: Mapping[str, date]) -> Scores:
    """Return commitments and scores; a column after the first six is a member."""
    header = [name for name in raw.header() if name not in SCORED]
    lines = list(read_rows(raw, (*SCORED, *header)).iter_rows(named=True))
    ids = Counter(_plain(line["id"]) for line in lines)
    found = Scores()
    seen: set[str] = set()
    for line in lines:
        row, code = line["_row"], line["code"].strip()
        year = year_of(raw, line["year"], row)
        session = summit_of(raw, year, code, row)
        plain = _plain(line["id"])
        if not re.match(rf"{year}{code}[^0-9]", plain):
            raise bad(raw.name, f"id {line['id']!r} is not of {year}{code}", row=row)
        if not line["text"].strip() or not line["area"].strip():
            raise bad(raw.name, f"the commitment {plain!r} has no text or area", row=row)
        outcome = f"{BODY}:{plain}" + (f":{_slug(line['area'])}" if ids[plain] > 1 else "")
        if outcome in seen:
            raise bad(raw.name, f"the commitment {line['id']!r} stands twice", row=row)
        seen.add(outcome)
        found.sessions[session] = year
        found.areas[session, line["area"].strip()] += 1
        found.outcomes.append(
            {
                "outcome_id": outcome,
                "body_id": BODY,
                "session_id": session,
                "date": days.get(session) or date(year, 1, 1),
                "date_precision": "day" if session in days else "year",
                "title_en": " ".join(line["text"].split()),
                "mode": "consensus",
                "area": line["area"].strip(),
            }
        )
        day = days.get(session) or date(year, 7, 1)
        _read_line(raw, states, line, header, outcome, day, found)
    return found


def _read_line(
    raw: RawFile,
    states: States,
    line: Mapping[str, Any],
    header: Sequence[str],
    outcome: str,
    day: date,
    found: Scores,
) -> None:
    """Add the scores of one commitment; an empty cell is no score and has no row."""
    values = []
    for label in header:
        cell = line[label].strip()
        if not cell:
            found.blank += 1
            continue
        if cell in UNREADABLE:
            found.unreadable.append(f"{label} for {outcome} ({cell!r})")
            continue
        if cell not in SCORES:
            problem = f"score {cell!r} of {label!r} is not -1, 0 or 1"
            raise bad(raw.name, problem, row=line["_row"])
        values.append(SCORES[cell])
        found.compliance.append(
            {"outcome_id": outcome, "state_id": states.find(label, day), "score": values[-1]}
        )
    try:
        average = float(line["average"]) if line["average"].strip() else None
    except ValueError:
        problem = f"average {line['average']!r} is not a number"
        raise bad(raw.name, problem, row=line["_row"]) from None
    if average is not None and values and abs(average - sum(values) / len(values)) > 0.0051:
        found.averages.append(outcome)


def _plain(printed: str) -> str:
    """Return an id without blanks, final marks and references to cells that slipped into it."""
    return re.sub(r"\s+", "-", _STRAY.sub("", printed.strip()).rstrip(".?"))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def doubts(scores: Scores) -> list[str]:
    """Return the notes on a table of scores."""
    notes = []
    if scores.outcomes:
        notes.append(
            f"{len(scores.compliance):,} scores; {scores.blank} cells are empty (not scored)."
        )
    if scores.unreadable:
        notes.append(f"Scores that cannot be read are left out: {', '.join(scores.unreadable)}.")
    if scores.averages:
        notes.append(
            f"Printed averages that are not those of the scores: {len(scores.averages)}, as "
            f"{', '.join(scores.averages[:4])}."
        )
    twice = [o["outcome_id"] for o in scores.outcomes if o["outcome_id"].count(":") > 1]
    if twice:
        notes.append(
            f"An id that stands for two commitments is told apart by area: {', '.join(twice)}."
        )
    return notes
