"""Universal Periodic Review: when each session met, and which state was reviewed in which."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from .files import RawFile
from .formats.text import read_rows
from .meetings import almanac_year, day_of, year_of
from .source import bad
from .states import States

BODY = "upr"
LAST_OF_CYCLE = (12, 26, 40, 54)
"""The last session of each cycle of the working group; the first has 12 sessions, each later one 14."""
CALENDAR = ("cycle", "session", "year", "session_start", "state", "status", "note", "source")
REVIEWED = ("To", "To_COW", "Session")
YEARS = ("country", "review1", "review2", "report1", "report2")
SESSION_YEARS = ("session", "year")
STATUS = {
    "listed": None,
    "scheduled": "scheduled",
    "held": "held",
    "postponed": "postponed",
    "rescheduled": "rescheduled",
    "did_not_take_part": None,
}
"""What the calendar's words say of the review itself; that a state is listed says nothing."""

Row = dict[str, Any]


def session_id(number: int) -> str:
    """Return the id of a session, as in the almanac."""
    return f"{BODY}-{number}"


def cycle_of(number: int) -> int | None:
    """Return the cycle to which a session belongs; None beyond the fourth."""
    return next((n for n, last in enumerate(LAST_OF_CYCLE, 1) if number <= last), None)


def number_of(raw: RawFile, text: str, row: int) -> int:
    """Return a session's number."""
    if not re.fullmatch(r"[1-9][0-9]?", text.strip()):
        raise bad(raw.name, f"session {text!r} is not a number from 1 to 99", row=row)
    return int(text)


@dataclass
class Sittings:
    """First days and years of the sessions, as far as the files give them.

    Attributes
    ----------
    days, years : dict of int to date or int
        By number of the session.
    planned : set of int
        Sessions of which every row of a calendar is only planned.
    met : set of int
        Sessions of which a file says that states were reviewed or recommendations made.
    """

    days: dict[int, date] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    planned: set[int] = field(default_factory=set)
    met: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def first(self, raw: RawFile, number: int, row: int) -> tuple[date, str]:
        """Return the first day of a session and how much of it is known: ``session`` or ``year``.

        Where no file says when it was, the year is the almanac's and is kept.
        """
        if number in self.days:
            return self.days[number], "session"
        year = self.years.get(number) or almanac_year(session_id(number))
        if year is not None:
            self.years[number] = year
        else:
            raise bad(
                raw.name,
                f"no file says in which year session {number} met",
                row=row,
                hint="Add the list of sessions and years (columns session, year).",
            )
        return date(year, 1, 1), "year"

    def label_day(self, raw: RawFile, number: int, row: int) -> date:
        """Return the day on which a label of a session is read: its first, else 1 July."""
        day, precision = self.first(raw, number, row)
        return day if precision == "session" else day.replace(month=7)

    def learn(self, raw: RawFile, number: int, year: int, day: date | None, row: int) -> None:
        """Take in what a row says of a session; two years for one session are doubtful."""
        known = self.years.setdefault(number, year)
        if known != year:
            note = f"Session {number} is put in {known} by one file and in {year} by another."
            if note not in self.notes:
                self.notes.append(note)
        if day is None:
            return
        if day.year != year or self.days.setdefault(number, day) != day:
            raise bad(raw.name, f"session {number} cannot begin on {day}", row=row)
        self.years[number] = year

    def table(self) -> list[Row]:
        """Return the rows of the table of sessions."""
        rows = []
        for number in sorted({*self.days, *self.years}):
            day = self.days.get(number)
            held = "scheduled" if number in self.planned else "not_known"
            rows.append(
                {
                    "session_id": session_id(number),
                    "body_id": BODY,
                    "number": str(number),
                    "cycle": cycle_of(number),
                    "start": day or date(self.years[number], 1, 1),
                    "date_precision": "day" if day else "year",
                    "status": "held" if number in self.met else held,
                }
            )
        return rows


def read_session_years(raw: RawFile, sittings: Sittings) -> int:
    """Read the list of sessions and years; returns its number of rows."""
    frame = read_rows(raw, SESSION_YEARS)
    seen: set[int] = set()
    for line in frame.iter_rows(named=True):
        number = number_of(raw, line["session"], line["_row"])
        if number in seen:
            raise bad(raw.name, f"session {number} stands twice", row=line["_row"])
        seen.add(number)
        sittings.learn(raw, number, year_of(raw, line["year"], line["_row"]), None, line["_row"])
    return frame.height


def read_calendar(raw: RawFile, states: States, sittings: Sittings) -> list[Row]:
    """Return the reviews of a calendar of a cycle."""
    lines = list(read_rows(raw, CALENDAR).iter_rows(named=True))
    for line in lines:
        number = number_of(raw, line["session"], line["_row"])
        year = year_of(raw, line["year"], line["_row"])
        day = day_of(raw, line["session_start"], line["_row"])
        sittings.learn(raw, number, year, day, line["_row"])
    rows = [_calendar_row(raw, line, states, sittings) for line in lines]
    _mark_absences(rows)
    for number in {row["_session"] for row in rows}:
        results = {row["result"] for row in rows if row["_session"] == number}
        if results <= {"scheduled", "rescheduled"}:
            sittings.planned.add(number)
    return rows


def _calendar_row(raw: RawFile, line: Row, states: States, sittings: Sittings) -> Row:
    number, row = int(line["session"]), line["_row"]
    if line["status"] not in STATUS:
        raise bad(raw.name, f"status {line['status']!r} is not one that this loader knows", row=row)
    if line["cycle"] != str(cycle_of(number) or line["cycle"]) or not line["cycle"].isdigit():
        raise bad(raw.name, f"session {number} is not of cycle {line['cycle']!r}", row=row)
    start, precision = sittings.first(raw, number, row)
    return {
        "body_id": BODY,
        "state_id": states.find(line["state"], sittings.label_day(raw, number, row)),
        "session_id": session_id(number),
        "cycle": int(line["cycle"]),
        "date": start,
        "date_precision": precision,
        "delegation": "no" if line["status"] == "did_not_take_part" else None,
        "result": STATUS[line["status"]],
        "note": line["note"] or None,
        "_session": number,
        "_absent": line["status"] == "did_not_take_part",
    }


def _mark_absences(rows: Sequence[Row]) -> None:
    """Tie a review at which the state did not appear to the later one of the same cycle.

    With a later date in the calendar the first is postponed and the later one rescheduled; without
    one, all that is known is that no delegation came.
    """
    for row in rows:
        if not row["_absent"]:
            continue
        later = [
            r
            for r in rows
            if r["state_id"] == row["state_id"]
            and r["cycle"] == row["cycle"]
            and r["_session"] > row["_session"]
        ]
        if later:
            row["result"] = "postponed"
        for other in later:
            if other["result"] == "scheduled":
                other["result"] = "rescheduled"


def read_reviewed(raw: RawFile, states: States, sittings: Sittings) -> list[Row]:
    """Return the reviews of a list that says who was reviewed in which session."""
    rows = []
    for line in read_rows(raw, REVIEWED, passed_over=("_1",)).iter_rows(named=True):
        number = number_of(raw, line["Session"], line["_row"])
        cycle = cycle_of(number)
        if cycle is None:
            raise bad(raw.name, f"no cycle is known for session {number}", row=line["_row"])
        start, precision = sittings.first(raw, number, line["_row"])
        sittings.met.add(number)
        rows.append(
            {
                "body_id": BODY,
                "state_id": states.find(line["To"], sittings.label_day(raw, number, line["_row"])),
                "session_id": session_id(number),
                "cycle": cycle,
                "date": start,
                "date_precision": precision,
                "_session": number,
            }
        )
    return rows


def read_years(raw: RawFile, states: States) -> tuple[int, dict[tuple[str, int], int]]:
    """Return the rows and the year of review by state and cycle, from a list of years only."""
    frame = read_rows(raw, YEARS)
    found: dict[tuple[str, int], int] = {}
    for line in frame.iter_rows(named=True):
        for name in YEARS[1:]:
            if line[name] not in ("", "."):
                year_of(raw, line[name], line["_row"])
        state = states.find(line["country"], date(2012, 7, 1))
        for cycle in (1, 2):
            printed = line[f"review{cycle}"]
            if state is not None and printed not in ("", "."):
                found[state, cycle] = int(printed)
    return frame.height, found


def against_years(
    reviews: Sequence[Row], years: Mapping[tuple[str, int], int], sittings: Sittings
) -> list[str]:
    """Return a note where the list of years contradicts the sessions."""
    compared = [
        (row["state_id"], row["_session"], said, sittings.years[row["_session"]])
        for row in reviews
        if (said := years.get((row["state_id"], row["cycle"]))) is not None
    ]
    wrong = [item for item in compared if item[2] != item[3]]
    if not wrong:
        return []
    shown = ", ".join(
        f"{s} (session {n}: {theirs}, not {said})" for s, n, said, theirs in wrong[:5]
    )
    return [
        f"Reviews for which the list of years differs from the sessions: {len(wrong)}; {shown}."
    ]
