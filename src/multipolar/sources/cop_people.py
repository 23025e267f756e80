"""Lists of participants at the climate conferences, counted by delegation; no name is ever kept.

Only the columns that say delegation, meeting and kind of participation are looked at. Everything that
is kept, and every error, is about a delegation.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from .cop_meetings import meeting_of
from .files import RawFile
from .formats.text import check_header, decode
from .meetings import by_code_and_name, year_of
from .source import bad
from .states import States

NEEDED = (
    "Group_Type",
    "Delegation",
    "Virtual",
    "Year",
    "Meeting",
    "Location",
    "Observer",
    "Party",
)
OPTIONAL = ("Overflow", "Delegation_ISO")
PERSONAL = (
    "Honorific",
    "Person_Name",
    "Job_Title",
    "Division",
    "Affiliation",
    "Relation",
    "Female",
)
PASSED_OVER = (*PERSONAL, "IGO", "NGO", "IO", "Delegation_COW")
MISSING = "NA"


class Kind(NamedTuple):
    """What the rows of one delegation at one meeting, counted together, have in common."""

    group: str
    delegation: str
    iso: str
    party: str
    observer: str
    overflow: str
    virtual: str
    year: str
    meeting: str
    location: str


@dataclass
class Count:
    """Delegates of one state at one meeting; ``overflow`` is None where the list does not say."""

    delegates: int = 0
    overflow: int | None = 0
    virtual: int = 0


@dataclass
class Attended:
    """What a list says of one meeting.

    Attributes
    ----------
    year, place : int, str
        When and where; the place is empty where rows differ.
    counts : dict of str to Count
        Delegates by state.
    dropped : Counter of str
        Rows left out, by reason.
    """

    year: int
    place: str
    counts: dict[str, Count] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)

    @property
    def kept(self) -> int:
        """Return the number of rows that are counted."""
        return sum(count.delegates for count in self.counts.values())

    @property
    def read(self) -> int:
        """Return the number of rows."""
        return self.kept + self.dropped.total()


People = dict[str, Attended]
"""Meetings by session id."""


def is_people(raw: RawFile) -> bool:
    """Say whether a file is a list of participants, in any of its three forms."""
    return {"Group_Type", "Delegation", "Person_Name", "Meeting"} <= set(raw.header())


def read_people(files: Iterable[RawFile], states: States) -> tuple[People, int]:
    """Return the counts of all lists, and the rows of lists that only repeat another.

    The publisher offers each list in its original languages and translated; both hold the same people.
    A meeting that stands in two lists must have the same counts in both.
    """
    found: People = {}
    again = 0
    for raw in files:
        for session, attended in _read_one(raw, states).items():
            known = found.setdefault(session, attended)
            if known is attended:
                continue
            if known.counts != attended.counts or known.dropped != attended.dropped:
                raise bad(raw.name, f"{session} stands in another list too, with other numbers")
            again += attended.read
    return found, again


def _read_one(raw: RawFile, states: States) -> People:
    found: People = {}
    tally, first, has_overflow = _tally(raw)
    for kind, n in tally.items():
        row = first[kind]
        _check(raw, kind, row)
        year = year_of(raw, kind.year, row)
        meeting = meeting_of(raw, kind.meeting, row, year)
        attended = found.setdefault(meeting.session_id, Attended(year, kind.location))
        if attended.year != year:
            problem = f"{meeting.session_id} stands in {attended.year} and in {year}"
            raise bad(raw.name, problem, row=row)
        if attended.place != kind.location:
            attended.place = ""
        state = _state(states, raw, kind, row, meeting.label_day(year))
        if state is None:
            group = kind.group or "without a group"
            attended.dropped[f"not a delegation of a state: {group}"] += n
            continue
        count = attended.counts.setdefault(state, Count(overflow=0 if has_overflow else None))
        count.delegates += n
        count.virtual += n * (kind.virtual == "1")
        if count.overflow is not None:
            count.overflow += n * (kind.overflow == "1")
    return found


def _tally(raw: RawFile) -> tuple[Counter[Kind], dict[Kind, int], bool]:
    """Count equal rows; the columns with personal data are passed over unread."""
    reader = csv.reader(io.StringIO(decode(raw, "utf-8-sig"), newline=""), strict=True)
    tally: Counter[Kind] = Counter()
    first: dict[Kind, int] = {}
    try:
        header = [cell.strip() for cell in next(reader, [])]
        check_header(raw, header, NEEDED, OPTIONAL, PASSED_OVER)
        at = {name: header.index(name) for name in (*NEEDED, *OPTIONAL) if name in header}
        group, delegation, virtual, year = (at[n] for n in NEEDED[:4])
        meeting, location, observer, party = (at[n] for n in NEEDED[4:])
        overflow, iso = at.get("Overflow"), at.get("Delegation_ISO")
        for number, row in enumerate(reader, start=2):
            if not any(row):
                continue
            if len(row) != len(header):
                raise bad(raw.name, f"{len(row)} cells, {len(header)} expected", row=number)
            kind = Kind(
                row[group],
                row[delegation],
                row[iso] if iso is not None else "",
                row[party],
                row[observer],
                row[overflow] if overflow is not None else "0",
                row[virtual],
                row[year],
                row[meeting],
                row[location],
            )
            tally[kind] += 1
            first.setdefault(kind, number)
    except csv.Error as error:
        raise bad(raw.name, f"is not CSV: {error}") from None
    return tally, first, overflow is not None


def _check(raw: RawFile, kind: Kind, row: int) -> None:
    for name in ("party", "observer", "overflow", "virtual"):
        value = getattr(kind, name)
        if value not in ("0", "1"):
            raise bad(raw.name, f"{name.capitalize()} {value!r} is not 0 or 1", row=row)
    if kind.party == "1" and kind.observer == "1":
        raise bad(raw.name, f"{kind.delegation!r} is a Party and an Observer State", row=row)


def _state(states: States, raw: RawFile, kind: Kind, row: int, day: date) -> str | None:
    """Return the state of a delegation; None for all that is none.

    Parties and observer states are states. Of the other groups only a delegation whose code is that of
    an observer state of the registry is kept: early lists put Palestine among the agencies.
    """
    code = "" if kind.iso == MISSING else kind.iso
    if kind.party == "1" or kind.observer == "1":
        return by_code_and_name(states, raw, row, code, " ".join(kind.delegation.split()), day)
    known = states.rows.get(code)
    return code if known is not None and known["kind"] == "observer" else None
