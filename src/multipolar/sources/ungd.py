"""Speakers in the General Debate of the General Assembly: which state spoke, at what level.

The name of the speaker is passed over; the post is kept as printed and read by the rules of
``posts.csv``. Deputies of heads of state or government (vice-presidents, deputy prime ministers,
crown princes) are at the level ``minister``: they are no heads, and protocol does not put them below
ministers. A head of a delegation, or a title alone, says nothing of the level.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from .files import RawFile
from .formats.office import read_workbook
from .formats.text import check_header
from .meetings import PAIR, by_code_and_name, named, year_of
from .posts import RANK, level_of
from .source import FileKind, Files, Parsed, Source, bad
from .states import States

COLUMNS = ("Year", "Session", "ISO Code", "Country", "Post")
PERSON = "Name of Person Speaking"
FIRST_YEAR = 1945
"""Session N meets in the year 1945 + N."""


class Speech(NamedTuple):
    """A row of the file; the cells as texts."""

    row: int
    session: int
    year: int
    code: str
    country: str
    post: str


def _sheets(raw: RawFile) -> dict[str, list[list[Any]]]:
    """Return the sheets that hold anything, read once for recognising and for reading."""
    kept: dict[str, list[list[Any]]] | None = getattr(raw, "ungd_sheets", None)
    if kept is None:
        sheets = read_workbook(raw)
        kept = {name: rows for name, rows in sheets.items() if any(any(_texts(r)) for r in rows)}
        raw.ungd_sheets = kept  # type: ignore[attr-defined]
    return kept


def _texts(cells: list[Any]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in cells]


def _is_speakers(raw: RawFile) -> bool:
    if not raw.is_workbook():
        return False
    return any(
        {"Year", "Session", "Country"} <= set(_texts(rows[0])) for rows in _sheets(raw).values()
    )


def _speeches(raw: RawFile) -> Iterator[Speech]:
    """Yield the rows of the one sheet that holds any; columns without a name are passed over."""
    sheets = _sheets(raw)
    if len(sheets) > 1:
        raise bad(raw.name, f"{len(sheets)} sheets hold rows, one expected")
    (rows,) = sheets.values()
    header = _texts(rows[0])
    check_header(raw, [name for name in header if name], COLUMNS, passed_over=(PERSON,))
    at = [header.index(name) for name in COLUMNS]
    for number, cells in enumerate(rows[1:], start=2):
        texts = _texts(cells)
        if not any(texts):
            continue
        year, session, code, country, post = (texts[place] for place in at)
        if not re.fullmatch(r"[1-9][0-9]{0,2}", session):
            raise bad(raw.name, f"session {session!r} is not a number", row=number)
        if year_of(raw, year, number) != FIRST_YEAR + int(session):
            raise bad(raw.name, f"session {session} did not meet in {year}", row=number)
        if not code and not country:
            raise bad(raw.name, "neither a code nor a name of a state", row=number)
        yield Speech(number, int(session), int(year), code, " ".join(country.split()), post)


def parse(files: Files, states: States) -> Parsed:
    """Read the speakers: one row for each state and session, at the highest level that spoke."""
    raw = files.one("speakers")
    best: dict[tuple[int, str], tuple[str, str]] = {}
    sessions: dict[int, int] = {}
    dropped: Counter[str] = Counter()
    spelled: Counter[tuple[str, str]] = Counter()
    unread: Counter[str] = Counter()
    read = 0
    for speech in _speeches(raw):
        read += 1
        sessions[speech.session] = speech.year
        day = date(speech.year, 10, 1)
        state = by_code_and_name(states, raw, speech.row, speech.code, speech.country, day)
        if state is None:
            dropped[_why(states, speech, day)] += 1
            continue
        if named(states, speech.country, day) is None:
            spelled[speech.code, speech.country] += 1
        level = level_of(speech.post)
        if speech.post and level == "unknown":
            unread[speech.post] += 1
        key = (speech.session, state)
        known = best.get(key)
        if known is not None:
            dropped["another speech of the same state in the session"] += 1
        if known is None or RANK.index(level) > RANK.index(known[0]):
            best[key] = (level, speech.post)
    if not read:
        raise bad(raw.name, "holds no speech")
    years = sessions.values()
    return Parsed(
        edition=str(max(years)),
        tables={"attendance": _attendance(best), "sessions": _sessions(sessions)},
        rows_read=read,
        rows_kept=len(best),
        dropped=dict(dropped),
        notes=_notes(best, spelled, unread),
        first=date(min(years), 1, 1),
        last=date(max(years), 12, 31),
    )


def _why(states: States, speech: Speech, day: date) -> str:
    """Return why a row is of no state: the reviewed list says so, or the pull stops anyhow."""
    pair = states.listed(f"{speech.code}|{speech.country}", day, PAIR)
    listed = pair or states.listed(speech.country, day)
    return f"no state: {listed.reason.rstrip('.')}" if listed else "a label that is not known"


def session_id(number: int) -> str:
    """Return the id of a session's General Debate."""
    return f"unga-{number}-general-debate"


def _attendance(best: dict[tuple[int, str], tuple[str, str]]) -> pl.DataFrame:
    rows = [
        {
            "session_id": session_id(number),
            "state_id": state,
            "level": level,
            "basis": "reported",
            "post": post or None,
        }
        for (number, state), (level, post) in best.items()
    ]
    return pl.DataFrame(rows, infer_schema_length=None)


def _sessions(sessions: dict[int, int]) -> pl.DataFrame:
    rows = [
        {
            "session_id": session_id(number),
            "body_id": "unga",
            "number": str(number),
            "start": date(year, 1, 1),
            "date_precision": "year",
            "status": "held",
        }
        for number, year in sorted(sessions.items())
    ]
    return pl.DataFrame(rows)


def _notes(
    best: dict[tuple[int, str], tuple[str, str]],
    spelled: Counter[tuple[str, str]],
    unread: Counter[str],
) -> list[str]:
    silent = sum(not post for _, post in best.values())
    notes = [f"{silent:,} of {len(best):,} speakers are printed without a post: level unknown."]
    if unread:
        shown = ", ".join(repr(post) for post, _ in unread.most_common(4))
        notes.append(f"{unread.total()} posts say nothing of the level, as {shown}: level unknown.")
    if spelled:
        notes.append(
            f"{len(spelled)} spellings of countries in {spelled.total()} rows mean no one state of the "
            "registry; the code beside them stands."
        )
    return notes


SOURCE = Source(
    name="ungd",
    version=1,
    page="https://doi.org/10.7910/DVN/0TJX8Y",
    hosts=("doi.org", "dataverse.harvard.edu"),
    cite=(
        "Jankin, Baturo and Dasandi, United Nations General Debate Corpus, Harvard Dataverse, "
        "doi:10.7910/DVN/0TJX8Y; Baturo, Dasandi and Mikhaylov (2017), Research & Politics."
    ),
    kinds=(
        FileKind(
            "speakers",
            "a workbook with the columns Year, Session, ISO Code, Country, Post",
            _is_speakers,
        ),
    ),
    covers="Speeches in the General Debate from the first session (1946) on.",
    defects=(
        "Posts are printed for few speakers before 1994: the level is unknown, not low.",
        "States that did not speak have no row; their absence is not recorded.",
        (
            "Some codes have letters turned round or are of another state than the name; the reviewed list "
            "says for each which is right."
        ),
        "The name is Czechoslovakia in one row of 1993, after its end: the row is left out.",
        "Egypt's code stands for the United Arab Republic from 1958 to 1961.",
        "A stray seventh column and an empty sheet are passed over.",
    ),
    parse=parse,
)
