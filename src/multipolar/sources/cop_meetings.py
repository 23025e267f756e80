"""Meetings of the climate negotiations: how the files name them, and the official statistics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from .files import RawFile
from .formats.text import read_rows
from .meetings import almanac_year, count_of, year_of
from .source import bad

BODY = "unfccc"
STATISTICS = ("Meeting", "Location", "Year", "Parties", "Party_Participants", "Observer")
MORE_STATISTICS = (
    "Observer_Participants",
    "UN",
    "UN_Participants",
    "IGO",
    "IGO_Participants",
    "NGO",
    "NGO_Participants",
    "Media",
    "Media_Participants",
    "Total_Participants",
)
RESUMED = "6bis"
"""The sixth conference met twice: in 2000, and resumed in 2001. Files call both COP 6, or 6.5."""
RESUMED_IN = 2001
_NAME = re.compile(r"(COP|INC|Pre-COP) ([1-9][0-9]?)(\.5)?")


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting: ``series`` is ``cop`` or ``inc``, ``number`` as the body counts."""

    series: str
    number: str

    @property
    def session_id(self) -> str:
        """Return the id, as in the almanac."""
        return f"{self.series}-{self.number}"

    def label_day(self, year: int) -> date:
        """Return the day on which labels are read: the conferences meet late in the year."""
        return date(year, 12, 1)


def meeting_of(raw: RawFile, text: str, row: int, year: int | None = None) -> Meeting:
    """Return the meeting that a label such as ``COP 6`` or ``INC 3`` means.

    Raises
    ------
    BadSource
        It is no such label.
    """
    hit = _NAME.fullmatch(text.strip())
    if hit is None or (hit[3] and hit[2] != "6"):
        raise bad(raw.name, f"meeting {text!r} is not COP or INC and a number", row=row)
    if hit[1] != "COP":
        return Meeting("inc", hit[2])
    resumed = hit[2] == "6" and (bool(hit[3]) or year == RESUMED_IN)
    return Meeting("cop", RESUMED if resumed else hit[2])


def known_year(raw: RawFile, meeting: Meeting, row: int) -> int:
    """Return the year of a meeting where its file says none: the almanac's."""
    year = almanac_year(meeting.session_id)
    if year is None:
        raise bad(
            raw.name,
            f"no file says in which year {meeting.session_id} met",
            row=row,
            hint="Add the statistics of participation (columns Meeting, Year).",
        )
    return year


@dataclass(frozen=True, slots=True)
class Official:
    """A row of the official statistics; None where a cell is empty."""

    meeting: Meeting
    year: int
    place: str
    parties: int | None
    delegates: int | None
    observers: int | None

    @property
    def states(self) -> int | None:
        """Return the delegates of Parties and observer states together."""
        if self.delegates is None or self.observers is None:
            return None
        return self.delegates + self.observers


def is_statistics(raw: RawFile) -> bool:
    """Say whether a file is the table of official totals."""
    return {"Meeting", "Location", "Party_Participants"} <= set(raw.header())


def read_statistics(raw: RawFile) -> tuple[list[Official], int]:
    """Return the official totals by meeting, and how many rows speak of virtual participants only."""
    found: dict[str, Official] = {}
    virtual = 0
    lines = read_rows(raw, (*STATISTICS, *MORE_STATISTICS)).iter_rows(named=True)
    for line in lines:
        row = line["_row"]
        year = year_of(raw, line["Year"], row)
        meeting = meeting_of(raw, line["Meeting"], row, year)
        counts = {
            name: count_of(raw, line[name], row, name)
            for name in (*STATISTICS[3:], *MORE_STATISTICS)
        }
        if line["Location"].strip().lower().endswith("(virtual)"):
            virtual += 1
            continue
        if meeting.session_id in found:
            raise bad(raw.name, f"the meeting {line['Meeting']!r} stands twice", row=row)
        place = line["Location"].strip()
        found[meeting.session_id] = Official(
            meeting,
            year,
            "" if place.endswith(")") else place,
            counts["Parties"],
            counts["Party_Participants"],
            counts["Observer_Participants"],
        )
    return list(found.values()), virtual


def session_row(
    meeting_id: str, year: int, place: str, official: Official | None
) -> dict[str, Any]:
    """Return the row of the table of sessions; a file that gives a year only, gives no day."""
    return {
        "session_id": meeting_id,
        "body_id": BODY,
        "number": meeting_id.partition("-")[2],
        "start": date(year, 1, 1),
        "date_precision": "year",
        "place": place or None,
        "status": "held",
        "parties_n": official.parties if official else None,
        "delegates_n": official.delegates if official else None,
    }
