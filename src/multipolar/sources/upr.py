"""Universal Periodic Review: recommendations (UPR Info, or the UN's index), reviews and sessions.

Any of the files is enough. Which state was reviewed when comes from a list of sessions or a calendar
of a cycle; recommendations need neither.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from .files import RawFile
from .source import FileKind, Files, Parsed, Source, bad
from .states import States
from .upr_recommendations import is_index, read_index, read_upr_info
from .upr_sittings import (
    SESSION_YEARS,
    Row,
    Sittings,
    against_years,
    read_calendar,
    read_reviewed,
    read_session_years,
    read_years,
    session_id,
)


def _is_recommendations(raw: RawFile) -> bool:
    return {"To", "From", "Response", "Session"} <= set(raw.header())


def _is_calendar(raw: RawFile) -> bool:
    return {"cycle", "session", "state", "status"} <= set(raw.header())


def _is_reviewed(raw: RawFile) -> bool:
    return {"To", "To_COW"} <= set(raw.header())


def _is_years(raw: RawFile) -> bool:
    return {"country", "review1", "review2"} <= set(raw.header())


def _is_session_years(raw: RawFile) -> bool:
    return raw.header() == list(SESSION_YEARS)


def parse(files: Files, states: States) -> Parsed:
    """Read whatever files are there; see the module."""
    sittings = Sittings()
    read = kept = 0
    dropped: dict[str, int] = {}
    if (raw := files.maybe("session_years")) is not None:
        n = read_session_years(raw, sittings)
        read, kept = read + n, kept + n
    reviews: list[Row] = []
    for raw in files.all("calendar"):
        reviews += read_calendar(raw, states, sittings)
    read, kept = read + len(reviews), kept + len(reviews)
    for raw in files.all("reviewed"):
        found = read_reviewed(raw, states, sittings)
        fresh, again = _apart(raw, reviews, found)
        reviews += fresh
        read, kept = read + len(found), kept + len(fresh)
        if again:
            dropped["review that the calendar holds too"] = again
    rows, notes = read_upr_info(files.all("recommendations"), states, sittings)
    read, kept = read + len(rows), kept + len(rows)
    if (raw := files.maybe("index")) is not None:
        more, lines, used, others = read_index(raw, states, sittings)
        _refuse_both(raw, rows, more)
        rows += more
        read, kept = read + lines, kept + used
        dropped["recommendation of another mechanism than the review"] = others
    nameless = [row for row in reviews if row["state_id"] is None]
    if nameless:
        reviews = [row for row in reviews if row["state_id"] is not None]
        kept -= len(nameless)
        dropped["review of a label that is no state"] = len(nameless)
    if (raw := files.maybe("years")) is not None:
        n, years = read_years(raw, states)
        read += n
        dropped["years without a session; compared with the sessions only"] = n
        if not kept:
            raise bad(raw.name, "gives years only; a list of sessions is needed with it")
        notes += against_years(reviews, years, sittings)
    notes += _mentions(reviews, rows)
    pledges = sum(row["kind"] == "voluntary_pledge" for row in rows)
    if pledges:
        notes.append(
            f"{len(rows) - pledges:,} rows are recommendations; {pledges:,} pledges are counted apart."
        )
    unknown = sum(row["from_state"] is None or row["to_state"] is None for row in rows)
    if unknown:
        notes.append(f"{unknown} recommendations name a party that is no state; the label is kept.")
    return _parsed(sittings, reviews, rows, read, kept, dropped, [*sittings.notes, *notes])


def _apart(raw: RawFile, reviews: list[Row], found: list[Row]) -> tuple[list[Row], int]:
    """Return the reviews that are new, and how many were known; none may stand twice in one file."""
    known = {(r["state_id"], r["session_id"]) for r in reviews}
    seen: set[tuple[str, str]] = set()
    for row in found:
        key = (row["state_id"], row["session_id"])
        if key in seen and row["state_id"] is not None:
            raise bad(raw.name, f"the review of {key[0]} in {key[1]} stands twice")
        seen.add(key)
    fresh = [r for r in found if (r["state_id"], r["session_id"]) not in known]
    return fresh, len(found) - len(fresh)


def _refuse_both(raw: RawFile, rows: list[Row], more: list[Row]) -> None:
    both = {row["session"] for row in rows} & {row["session"] for row in more}
    if both:
        raise bad(
            raw.name,
            f"session {min(both)} stands in the exports of UPR Info too",
            hint="The two count recommendations differently; pull one of them.",
        )


def _mentions(reviews: list[Row], rows: list[Row]) -> list[str]:
    """Return a note where recommendations and list of sessions do not name the same reviews."""
    advised = {
        (r["to_state"], session_id(r["session"])) for r in rows if r["kind"] == "recommendation"
    }
    sessions = {session for _, session in advised}
    listed = {(r["state_id"], r["session_id"]) for r in reviews if r["session_id"] in sessions}
    if not advised or not listed:
        return []
    odd = sorted(f"{state} in {session}" for state, session in advised ^ listed)
    if not odd:
        return []
    return [
        (
            f"{len(odd)} reviews stand only in the recommendations or only in the list of sessions: "
            f"{', '.join(odd[:5])}."
        )
    ]


def _parsed(
    sittings: Sittings,
    reviews: list[Row],
    rows: list[Row],
    read: int,
    kept: int,
    dropped: dict[str, int],
    notes: list[str],
) -> Parsed:
    tables: dict[str, pl.DataFrame] = {}
    if rows:
        tables["recommendations"] = pl.DataFrame(rows, infer_schema_length=None)
    if reviews:
        frame = pl.DataFrame(
            [{k: v for k, v in row.items() if not k.startswith("_")} for row in reviews],
            infer_schema_length=None,
        )
        tables["reviews"] = frame
    tables["sessions"] = pl.DataFrame(sittings.table(), infer_schema_length=None)
    first, last, edition = _span(sittings, reviews, rows)
    return Parsed(edition, tables, read, kept, dropped, notes, first, last)


def _span(sittings: Sittings, reviews: list[Row], rows: list[Row]) -> tuple[date, date, str]:
    """Return the days covered and the edition: the last session that is more than planned."""
    covered = {row["session"] for row in rows} | {row["_session"] for row in reviews}
    numbers = sorted(covered or sittings.years)
    past = [n for n in numbers if n not in sittings.planned] or numbers
    first, last = numbers[0], past[-1]
    start = sittings.days.get(first) or date(sittings.years[first], 1, 1)
    if last in sittings.days:
        return start, sittings.days[last], sittings.days[last].isoformat()
    return start, date(sittings.years[last], 12, 31), str(sittings.years[last])


SOURCE = Source(
    name="upr",
    version=1,
    page="https://upr-info-database.uwazi.io/",
    hosts=(
        "upr-info-database.uwazi.io",
        "dataex.ohchr.org",
        "uhri.ohchr.org",
        "raw.githubusercontent.com",
    ),
    cite="UPR Info, Database of recommendations and voluntary pledges of the Universal Periodic Review.",
    kinds=(
        FileKind(
            "recommendations",
            "an export of recommendations with the columns To, From, Response, Action, Session",
            _is_recommendations,
            required=False,
            many=True,
        ),
        FileKind(
            "calendar",
            "a calendar with the columns cycle, session, state, status",
            _is_calendar,
            required=False,
            many=True,
        ),
        FileKind(
            "reviewed",
            "a list of reviews with the columns To, To_COW, Session",
            _is_reviewed,
            required=False,
        ),
        FileKind(
            "years",
            "a list of years with the columns country, review1, review2",
            _is_years,
            required=False,
        ),
        FileKind(
            "session_years",
            "a list of sessions with the columns session, year",
            _is_session_years,
            required=False,
        ),
        FileKind(
            "index",
            "a workbook of the Universal Human Rights Index with the column UPR Session",
            is_index,
            required=False,
        ),
    ),
    covers=(
        "Recommendations and pledges of sessions 1 to 20 (2008 to 2014) as exported by UPR Info; later "
        "ones from the Universal Human Rights Index; reviews of the first, second and fourth cycle."
    ),
    defects=(
        (
            "The exports have line ends of the old Macintosh and are Mac Roman or Windows-1252 without "
            "saying so: the encoding is chosen file by file by which text makes sense."
        ),
        "The file named for sessions 17 to 20 holds sessions 18 to 20.",
        (
            "Pledges stand in a file of the same form; they are kept apart by their response and are no "
            "recommendations: 41,066 recommendations do not include them."
        ),
        (
            "Israel's review of the second cycle stands in session 17; that it did not appear in session 15 "
            "is in the almanac."
        ),
        "South Sudan stands in session 11 (2011), before it existed, apart from Sudan.",
        "In the calendar a state that is listed is not said to have been reviewed: the result is empty.",
    ),
    parse=parse,
)
