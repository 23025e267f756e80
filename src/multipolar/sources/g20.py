"""Commitments of the Group of Twenty and the scores that a research group gave the members for them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl

from .files import RawFile
from .formats.text import read_rows
from .g20_scores import BODY, Scores, doubts, read_scores, summit_of
from .meetings import count_of, day_of, named, year_of
from .source import FileKind, Files, Parsed, Source, bad
from .states import States

SUMMITS = ("year", "code", "summit.date", "host")
NUMBERS = ("area", "total")
GROUPS = ("country", "year", "p5", "g7", "brics", "oecd", "imf_economy")
MINISTERS = ("area", "year", "date.1")


def _is_scores(raw: RawFile) -> bool:
    return {"area", "id", "average"} <= set(raw.header())


def _is_summits(raw: RawFile) -> bool:
    return {"year", "summit.date"} <= set(raw.header())


def _is_numbers(raw: RawFile) -> bool:
    header = raw.header()
    return header[:2] == list(NUMBERS) and len(header) > 2


def _is_groups(raw: RawFile) -> bool:
    return {"country", "year", "g7", "brics"} <= set(raw.header())


def _is_ministers(raw: RawFile) -> bool:
    return set(MINISTERS) <= set(raw.header())


def parse(files: Files, states: States) -> Parsed:
    """Read commitments and scores; the other tables add days and are compared."""
    read = kept = 0
    dropped: dict[str, int] = {}
    notes: list[str] = []
    days: dict[str, date] = {}
    hosts: dict[str, str | None] = {}
    if (raw := files.maybe("summits")) is not None:
        days, hosts, lines, wrong = _read_summits(raw, states)
        read, kept = read + lines, kept + len(days)
        for reason, n in wrong.items():
            dropped[f"day of a summit that is wrong in the source: {reason}"] = n
    scores = Scores()
    if (raw := files.maybe("compliance")) is not None:
        scores = read_scores(raw, states, days)
        read, kept = read + len(scores.outcomes), kept + len(scores.outcomes)
    if (raw := files.maybe("numbers")) is not None:
        n, more = _against_numbers(raw, scores)
        read, notes = read + n, notes + more
        dropped["number of commitments by area and summit; compared only"] = n
    for kind, check in (("groups", _check_groups), ("ministers", _check_ministers)):
        if (raw := files.maybe(kind)) is not None:
            n = check(raw, states)
            read += n
            dropped[_PASSED_OVER[kind]] = n
    sessions = _sessions(days, hosts, scores.sessions)
    if not sessions:
        raise bad(BODY, "the files hold neither commitments nor days of summits")
    years = [row["start"].year for row in sessions]
    tables = {"sessions": pl.DataFrame(sessions, infer_schema_length=None)}
    if scores.outcomes:
        tables["outcomes"] = pl.DataFrame(scores.outcomes, infer_schema_length=None)
    if scores.compliance:
        tables["compliance"] = pl.DataFrame(scores.compliance, infer_schema_length=None)
    return Parsed(
        edition=str(max(years)),
        tables=tables,
        rows_read=read,
        rows_kept=kept,
        dropped=dropped,
        notes=[*doubts(scores), *notes],
        first=min(row["start"] for row in sessions),
        last=date(max(years), 12, 31),
    )


def _read_summits(
    raw: RawFile, states: States
) -> tuple[dict[str, date], dict[str, str | None], int, Counter[str]]:
    """Return days and hosts by session; rows on the reviewed list of errors are left out."""
    days: dict[str, date] = {}
    hosts: dict[str, str | None] = {}
    wrong: Counter[str] = Counter()
    lines = list(read_rows(raw, SUMMITS).iter_rows(named=True))
    for line in lines:
        row = line["_row"]
        year = year_of(raw, line["year"], row)
        session = summit_of(raw, year, line["code"].strip(), row)
        day = day_of(raw, line["summit.date"], row)
        if day is None or day.year != year:
            raise bad(raw.name, f"{line['summit.date']!r} is no day of {year}", row=row)
        label = f"{year}{line['code'].strip()}|{day}"
        listed = states.listed(label, day, "summit")
        if listed is not None:
            wrong[listed.reason.rstrip(".")] += 1
            continue
        if session in days:
            raise bad(raw.name, f"the summit {session} stands twice", row=row)
        if day in days.values():
            raise bad(raw.name, f"two summits on {day}", row=row)
        days[session] = day
        hosts[session] = states.find(line["host"].strip(), day)
    return days, hosts, len(lines), wrong


def _against_numbers(raw: RawFile, scores: Scores) -> tuple[int, list[str]]:
    """Return the rows of the table of numbers, and a note on where it holds fewer than were scored."""
    columns = [name for name in raw.header() if name not in NUMBERS]
    sessions = {}
    for name in columns:
        hit = re.fullmatch(r"([0-9]{4})(?:-([LPTS]))?", name)
        if hit is None:
            raise bad(raw.name, f"column {name!r} is not a summit", row=1)
        sessions[name] = summit_of(raw, year_of(raw, hit[1], 1), hit[2] or "", 1)
    lines = list(read_rows(raw, (*NUMBERS, *columns)).iter_rows(named=True))
    few, sums = [], []
    for line in lines:
        counts = {name: count_of(raw, line[name], line["_row"], name) for name in columns}
        total = count_of(raw, line["total"], line["_row"], "total")
        known = [n or 0 for n in counts.values()]
        if total not in (sum(known), sum(known[:-1])):
            sums.append(line["area"])
        for name, n in counts.items():
            scored = scores.areas[sessions[name], line["area"]]
            if scored > (n or 0):
                few.append(f"{line['area']} in {sessions[name]} ({scored} scored of {n})")
    notes = []
    if few:
        notes.append(f"More commitments are scored than counted: {'; '.join(few[:4])}.")
    if sums:
        notes.append(f"The numbers by summit do not add up to the total for {', '.join(sums)}.")
    return len(lines), notes


def _check_groups(raw: RawFile, states: States) -> int:
    lines = list(read_rows(raw, GROUPS).iter_rows(named=True))
    for line in lines:
        day = date(year_of(raw, line["year"], line["_row"]), 7, 1)
        if named(states, line["country"], day) is None:
            raise bad(raw.name, f"{line['country']!r} is no member", row=line["_row"])
    return len(lines)


def _check_ministers(raw: RawFile, states: States) -> int:
    more = [name for name in raw.header() if name.startswith("date.")]
    lines = list(read_rows(raw, ("area", "year", *more)).iter_rows(named=True))
    for line in lines:
        year_of(raw, line["year"], line["_row"])
    return len(lines)


def _sessions(
    days: Mapping[str, date], hosts: Mapping[str, str | None], years: Mapping[str, int]
) -> list[dict[str, Any]]:
    known = {**years, **{session: day.year for session, day in days.items()}}
    return [
        {
            "session_id": session,
            "body_id": BODY,
            "start": days.get(session) or date(year, 1, 1),
            "date_precision": "day" if session in days else "year",
            "host": hosts.get(session),
            "status": "held",
        }
        for session, year in sorted(known.items())
    ]


_PASSED_OVER = {
    "groups": "membership of other groups by year; stands in other datasets",
    "ministers": "day of a meeting of ministers; no outcome is scored",
}

SOURCE = Source(
    name="g20",
    version=1,
    page="https://g20.utoronto.ca/compliance/",
    hosts=("g20.utoronto.ca", "raw.githubusercontent.com"),
    cite="G20 Research Group, compliance reports; collected by J. Rapson (g20-compliance).",
    kinds=(
        FileKind(
            "compliance",
            "a CSV table of scores with the columns area, id, year, code, text, average",
            _is_scores,
            required=False,
        ),
        FileKind(
            "summits",
            "a CSV table of summits with the columns year, code, summit.date, host",
            _is_summits,
            required=False,
        ),
        FileKind(
            "numbers",
            "a CSV table of numbers of commitments with the columns area, total, 2008",
            _is_numbers,
            required=False,
        ),
        FileKind(
            "groups",
            "a CSV table of groups with the columns country, year, g7, brics",
            _is_groups,
            required=False,
        ),
        FileKind(
            "ministers",
            "a CSV table of ministers' meetings with the columns area, year, date.1",
            _is_ministers,
            required=False,
        ),
    ),
    covers="Commitments of the summits of 2008 to 2021 that were assessed, with the members' scores.",
    defects=(
        (
            "The row of 2022 in the table of summits has the day and host of New Delhi, 9 September 2023, "
            "with the year 2022: it is left out."
        ),
        "The row of Pittsburgh (2009 P) has the day of London: it is left out, the day is then a year.",
        (
            "Three scores are a sign without a number: they are left out. Four have a typographic minus: "
            "they are read as -1, though the printed averages pass over them."
        ),
        (
            "One id (2018-47) stands for two commitments; some ids end in a stop, a question mark or a "
            "reference to cells."
        ),
        "The totals in the table of numbers leave out its last column, 2023.",
        "The text of a commitment is quoted from the declaration; an average that differs is noted.",
    ),
    parse=parse,
)
