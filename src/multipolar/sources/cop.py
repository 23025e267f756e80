"""Attendance at the climate conferences: delegates by state and meeting, never persons.

Three kinds of files, any of which is enough: totals by delegation, lists of participants (counted by
delegation and forgotten), and the official totals by meeting.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl

from ..errors import BadSource
from .cop_meetings import (
    RESUMED,
    Meeting,
    Official,
    is_statistics,
    known_year,
    meeting_of,
    read_statistics,
    session_row,
)
from .cop_people import MISSING, People, is_people, read_people
from .files import RawFile
from .formats.text import read_rows
from .meetings import by_code_and_name, count_of
from .source import FileKind, Files, Parsed, Source, bad
from .states import States

TOTALS = ("Meeting", "Delegation", "Number", "Delegation_ISO")
TRAVEL = (
    "Delegation_wb",
    "Host_ISO",
    "Host_country",
    "Host_wb",
    "Origin",
    "Dest",
    "layover",
    "emissions",
    "emissions_sens_1",
    "emissions_sens_2",
    "emissions_sens_3",
)
_FULL_SIXTH = ("cop-6", f"cop-{RESUMED}")
_MERGED = "The counts hold both parts of the conference: The Hague 2000 and Bonn 2001."

Totals = dict[tuple[str, str], int]


def _is_totals(raw: RawFile) -> bool:
    return {"Meeting", "Delegation", "Number"} <= set(raw.header())


def parse(files: Files, states: States) -> Parsed:
    """Read totals, lists and statistics; where totals and a list hold a meeting, the list counts."""
    official: dict[str, Official] = {}
    read = kept = 0
    dropped: dict[str, int] = {}
    if (raw := files.maybe("statistics")) is not None:
        rows, virtual = read_statistics(raw)
        official = {row.meeting.session_id: row for row in rows}
        read, kept = read + len(rows) + virtual, kept + len(rows)
        dropped["official total of virtual participants, who are counted apart"] = virtual
    people, again = read_people(files.all("people"), states)
    read, kept = read + again, kept + sum(attended.kept for attended in people.values())
    dropped["participant listed in another language too"] = again
    for attended in people.values():
        read += attended.read
        for reason, n in attended.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + n
    totals: Totals = {}
    years: dict[str, int] = {}
    notes: list[str] = []
    if (raw := files.maybe("totals")) is not None:
        totals, years, lines = _read_totals(raw, states, official)
        replaced = _replaced(people, totals)
        read, kept = read + lines, kept + lines - len(replaced)
        dropped["total of a meeting whose participants are listed one by one"] = len(replaced)
        notes += _against_people(people, totals)
        totals = {key: n for key, n in totals.items() if key not in replaced}
    attendance = _attendance(people, totals)
    sessions = _sessions(official, people, years)
    notes += _against_official(official, attendance)
    tables = {"sessions": pl.DataFrame(sessions, infer_schema_length=None)}
    if attendance:
        tables["attendance"] = pl.DataFrame(attendance, infer_schema_length=None)
    covered = {row["session_id"] for row in attendance} or {row["session_id"] for row in sessions}
    found = [row["start"].year for row in sessions if row["session_id"] in covered]
    return Parsed(
        edition=str(max(found)),
        tables=tables,
        rows_read=read,
        rows_kept=kept,
        dropped=dropped,
        notes=notes,
        first=date(min(found), 1, 1),
        last=date(max(found), 12, 31),
    )


def _read_totals(
    raw: RawFile, states: States, official: Mapping[str, Official]
) -> tuple[Totals, dict[str, int], int]:
    """Return delegates by meeting and state, the years of the meetings, and the number of rows."""
    totals: Totals = {}
    years: dict[str, int] = {}
    frame = read_rows(raw, TOTALS, passed_over=TRAVEL)
    for line in frame.iter_rows(named=True):
        row = line["_row"]
        meeting: Meeting = meeting_of(raw, line["Meeting"], row)
        session = meeting.session_id
        if session not in years:
            told = official.get(session)
            years[session] = told.year if told else known_year(raw, meeting, row)
        code = "" if line["Delegation_ISO"] in ("", MISSING) else line["Delegation_ISO"]
        day = meeting.label_day(years[session])
        state = by_code_and_name(states, raw, row, code, " ".join(line["Delegation"].split()), day)
        number = count_of(raw, line["Number"], row, "Number")
        if number is None:
            raise bad(raw.name, f"{line['Delegation']!r} has no number of delegates", row=row)
        if state is None:
            # An unknown label: the pull stops and names them all.
            continue
        if (session, state) in totals:
            raise bad(raw.name, f"{line['Delegation']!r} stands twice in {session}", row=row)
        totals[session, state] = number
    return totals, years, frame.height


def _replaced(people: People, totals: Totals) -> set[tuple[str, str]]:
    """Return the totals of meetings that a list of participants holds: the list says more."""
    return {key for key in totals if key[0] in people}


def _against_people(people: People, totals: Totals) -> list[str]:
    """Return a note on totals that are not the number of people listed."""
    counted: Totals = {
        (session, state): count.delegates
        for session, attended in people.items()
        for state, count in attended.counts.items()
    }
    main, resumed = _FULL_SIXTH
    if not any(session == resumed for session, _ in totals):
        for (session, state), n in list(counted.items()):
            if session == resumed:
                counted[main, state] = counted.get((main, state), 0) + n
    both = {session for session, _ in totals} & set(people)
    keys = {key for key in (*counted, *totals) if key[0] in both}
    differ = [key for key in keys if counted.get(key) != totals.get(key)]
    if not keys:
        return []
    return [
        (
            f"Totals by delegation and the lists of participants share {len(both)} meetings: "
            f"{len(differ):,} of {len(keys):,} counts differ; the lists stand."
        )
    ]


def _attendance(people: People, totals: Totals) -> list[dict[str, Any]]:
    rows = []
    listed = [
        (s, state, c) for s, attended in people.items() for state, c in attended.counts.items()
    ]
    for session, state, count in listed:
        virtual = count.virtual
        mixed = 0 < virtual < count.delegates
        rows.append(
            {
                "session_id": session,
                "state_id": state,
                "basis": "reported",
                "mode": None if mixed else "virtual" if virtual else "in_person",
                "delegation_n": count.delegates,
                "overflow_n": count.overflow,
                "note": f"Of these, {virtual} took part by video." if mixed else None,
            }
        )
    merged = _FULL_SIXTH[1] not in {*people, *(session for session, _ in totals)}
    for (session, state), n in totals.items():
        rows.append(
            {
                "session_id": session,
                "state_id": state,
                "basis": "reported",
                "mode": None,
                "delegation_n": n,
                "overflow_n": None,
                "note": _MERGED if merged and session == _FULL_SIXTH[0] else None,
            }
        )
    return rows


def _sessions(
    official: Mapping[str, Official], people: People, years: Mapping[str, int]
) -> list[dict[str, Any]]:
    known = {session: (year, "") for session, year in years.items()}
    known |= {session: (row.year, row.place) for session, row in official.items()}
    for session, attended in people.items():
        year, place = known.setdefault(session, (attended.year, attended.place))
        if year != attended.year:
            raise BadSource(
                f"cop: {session} is put in {year} by one file, in {attended.year} by another."
            )
        known[session] = (year, place or attended.place)
    return [
        session_row(session, year, place, official.get(session))
        for session, (year, place) in known.items()
    ]


def _against_official(
    official: Mapping[str, Official], attendance: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return a note on meetings whose delegates do not add up to the official total."""
    sums: dict[str, int] = defaultdict(int)
    for row in attendance:
        sums[row["session_id"]] += row["delegation_n"]
    whole = {session: row.states for session, row in official.items() if row.states is not None}
    first, resumed = (whole.get(session) for session in _FULL_SIXTH)
    if _FULL_SIXTH[1] not in sums and first is not None and resumed is not None:
        whole[_FULL_SIXTH[0]] = first + resumed
    compared = [(session, sums[session], n) for session, n in whole.items() if session in sums]
    differ = [item for item in compared if item[1] != item[2]]
    if not differ:
        return []
    differ.sort(key=lambda item: -abs(item[1] - item[2]) / max(item[2], 1))
    shown = ", ".join(f"{session} ({counted:,}; {said:,})" for session, counted, said in differ[:6])
    return [
        (
            f"Of {len(compared)} meetings with an official total of the delegates of states, "
            f"{len(differ)} add up to another number here (counted; official): {shown}"
            f"{' and others' if len(differ) > 6 else ''}."
        )
    ]


SOURCE = Source(
    name="cop",
    version=1,
    page="https://doi.org/10.1038/s41597-024-03978-7",
    hosts=("doi.org", "github.com", "raw.githubusercontent.com"),
    cite=(
        "Blinova, Emuru and Bagozzi (2024), attendance at the UNFCCC conferences, Scientific Data, "
        "doi:10.1038/s41597-024-03978-7."
    ),
    kinds=(
        FileKind(
            "totals",
            "a CSV table of totals with the columns Meeting, Delegation, Number, Delegation_ISO",
            _is_totals,
            required=False,
        ),
        FileKind(
            "people",
            "a CSV list of participants with the columns Group_Type, Delegation, Meeting, Party",
            is_people,
            required=False,
            many=True,
        ),
        FileKind(
            "statistics",
            "the official totals with the columns Meeting, Location, Year, Party_Participants",
            is_statistics,
            required=False,
        ),
    ),
    covers="Delegates by state at the negotiating committee (1991 to 1995) and the conferences since.",
    defects=(
        "The lists hold names of persons: they are counted by delegation while reading and not kept.",
        (
            "Delegates with an overflow badge are counted with the others (from the 28th conference on); "
            "compare shares, not levels. Where the list marks them, overflow_n says how many they are."
        ),
        "Participants by video are counted with the others; the mode and the note say so.",
        (
            "In the totals the sixth conference and its resumed session are one; a list tells them apart "
            "by year."
        ),
        "The totals have no code for the European Union, and the lists a wrong one for Panama (PNA).",
        "Serbia and Montenegro stands under Serbia and is read as of the day.",
        "A count says nothing of rank: the level is empty.",
    ),
    parse=parse,
)
