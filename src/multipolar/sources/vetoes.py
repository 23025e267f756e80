"""Vetoed drafts of the Security Council: a scholars' list, and the UN's own where it is at hand.

The scholars' list names up to three members per draft and has a 0/1 column for each; the columns leave
out members that the names give, so the names are read. Drafts of one day are numbered in the order of
the list, which is how the almanac numbers them too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import polars as pl

from .files import RawFile
from .formats.text import read_rows
from .source import FileKind, Files, Parsed, Source, bad
from .states import States, labels

_MEMBERS = ("member_veto1", "member_veto2", "member_veto3")
_LIST = (
    "year",
    "date",
    "month",
    "draft",
    "meeting_record",
    "agenda_item",
    "crisis_topic",
    *_MEMBERS,
)
_LIST_OTHER = (
    "region",
    "single_veto",
    "multiple_vetoes",
    "russia_china",
    "usa_uk",
    "usa_france",
    "usa_france_uk",
    "france_uk",
)
_OWN = ("date", "agenda")
_OWN_MORE = ("id", "draft_res#", "draft_res", "record", "short_agenda", "#_of_pms")
_OWN_OTHER = ("url_for_res#", "url_for_res", "last_update", "year", "_1")
_SYMBOL = re.compile(r"S/(?!PV\.)\d[\w.]*(?:/[\w.]+)*")
_MEETING = re.compile(r"S/PV\.\d+.*")
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]00:00:00(?:\.0+)?Z?)?")
_AMENDMENT = re.compile(r"\s*amendments?\b", re.I)
_FLAGS = {"1": True, "1.0": True, "0": False, "0.0": False, "": False}


@dataclass(frozen=True, slots=True)
class Veto:
    """One vetoed draft as a list prints it, with the members that voted no."""

    day: date
    draft: str
    meeting: str
    agenda: str
    topic: str
    members: tuple[str, ...]
    note: str = ""

    @property
    def symbol(self) -> str | None:
        """Return the draft's symbol; None where the list repeats the meeting record.

        >>> Veto(date(1947, 8, 19), "S/471 and S/471/Add.1", "S/PV.188", "", "", ()).symbol
        'S/471'
        """
        found = _SYMBOL.search(self.draft)
        return found[0] if found else None

    @property
    def said(self) -> str | None:
        """Return what a reader should know: the draft as printed, where it is more than a symbol."""
        parts = [self.note] if self.note else []
        if self.draft and self.draft != self.symbol:
            parts.append(f"The list prints {self.draft!r} for the draft.")
        return " ".join(parts) or None


def parse(files: Files, states: States) -> Parsed:
    """Read the UN's list where it is there, else the scholars'."""
    own, other = files.maybe("own"), files.maybe("list")
    notes: list[str] = []
    dropped: dict[str, int] = {}
    rows_read = 0
    found: list[Veto] = []
    if own is not None:
        found = _own(own, states, notes)
        rows_read += len(found)
    if other is not None:
        scholars = _list(other, states, notes)
        rows_read += len(scholars)
        if own is None:
            found = scholars
        else:
            dropped["the UN's own list is read instead"] = len(scholars)
    numbered = list(zip(numbers(found), found, strict=True))
    days = [veto.day for veto in found]
    return Parsed(
        edition=max(days).isoformat(),
        tables=_tables(numbered),
        rows_read=rows_read,
        rows_kept=len(found),
        dropped=dropped,
        notes=notes,
        first=min(days),
        last=max(days),
    )


def numbers(found: Sequence[Veto]) -> list[str]:
    """Return ``date-n`` for each draft: n counts in the order of the list, read forward in time."""
    backward = len(found) > 1 and found[0].day > found[-1].day
    seen: Counter[date] = Counter()
    ids = [""] * len(found)
    for at in reversed(range(len(found))) if backward else range(len(found)):
        seen[found[at].day] += 1
        ids[at] = f"{found[at].day.isoformat()}-{seen[found[at].day]}"
    return ids


def _tables(numbered: Sequence[tuple[str, Veto]]) -> dict[str, pl.DataFrame]:
    """Return vetoes, drafts as outcomes and as roll calls, and the negative votes."""
    drafts = [
        {
            "id": f"unsc:veto-{name}",
            "body_id": "unsc",
            "date": veto.day,
            "date_precision": "day",
            "title_en": veto.agenda,
            "symbol": veto.symbol,
            "area": veto.topic or None,
            "note": veto.said,
        }
        for name, veto in numbered
    ]
    frame = pl.DataFrame(drafts, infer_schema_length=None)
    vetoes = [
        {
            "veto_id": name,
            "state_id": state,
            "date": veto.day,
            "symbol": veto.symbol,
            "meeting": veto.meeting or None,
            "topic_en": veto.agenda,
            "kind": "amendment" if _AMENDMENT.match(veto.draft) else "draft",
            "note": veto.said,
        }
        for name, veto in numbered
        for state in sorted(veto.members)
    ]
    cast = pl.DataFrame(vetoes, infer_schema_length=None)
    return {
        "vetoes": cast,
        "outcomes": frame.rename({"id": "outcome_id"}).with_columns(mode=pl.lit("failed")),
        "roll_calls": frame.rename({"id": "roll_call_id"})
        .drop("area")
        .with_columns(adopted=pl.lit("no"), totals=pl.lit("not_given")),
        "positions": cast.select(
            ("unsc:veto-" + pl.col("veto_id")).alias("roll_call_id"),
            "state_id",
            pl.lit("no").alias("position"),
        ),
    }


def _columns(scheme: str) -> list[str]:
    """Return the columns of members that a list may have."""
    return [row.label for row in labels() if (row.dataset, row.scheme) == ("vetoes", scheme)]


def _list(raw: RawFile, states: States, notes: list[str]) -> list[Veto]:
    """Read the scholars' list by its names of members; its 0/1 columns are only compared."""
    flags = _columns("flag")
    frame = read_rows(raw, _LIST, optional=flags, passed_over=_LIST_OTHER)
    here = [name for name in flags if name in raw.header()]
    found, differing = [], Counter[str]()
    for line in frame.iter_rows(named=True):
        row = line["_row"]
        day = _american(raw, line["date"], row)
        if (line["year"], line["month"]) != (str(day.year), str(day.month)):
            raise bad(raw.name, f"date {line['date']!r} is not of its year and month", row=row)
        printed = [line[c].strip() for c in _MEMBERS]
        names = [name for name in printed if name]
        if not names or printed[: len(names)] != names or len(set(names)) < len(names):
            raise bad(
                raw.name, f"members {printed} are none, twice the same, or not in order", row=row
            )
        missed = [name for name in names if name in here and line[name].strip() != "1"]
        differing.update(missed)
        written = sorted(line["meeting_record"].split())
        by_letter = bool(written) and not _MEETING.fullmatch(written[0])
        note = "Vote by written procedure; letters stand for a meeting record." if by_letter else ""
        found.append(
            Veto(
                day,
                " ".join(line["draft"].split()),
                " and ".join(written),
                _title(raw, line["agenda_item"], row),
                line["crisis_topic"].strip(),
                _resolved(raw, names, day, states, row),
                note,
            )
        )
    if differing:
        said = ", ".join(f"{name} {n}" for name, n in sorted(differing.items()))
        notes.append(
            f"vetoes that the list names but leaves out in its column of the member: {said}"
        )
    return _some(raw, found)


def _resolved(
    raw: RawFile, names: Sequence[str], day: date, states: States, row: int
) -> tuple[str, ...]:
    found = [states.find(name, day) for name in names]
    codes = [code for code in found if code is not None]
    if len(set(codes)) < len(codes):
        raise bad(raw.name, f"members {list(names)} are one state on {day.isoformat()}", row=row)
    return tuple(codes)


def _own(raw: RawFile, states: States, notes: list[str]) -> list[Veto]:
    """Read the UN's own list: one row per vetoed draft, one 0/1 column per permanent member."""
    flags = _columns("column")
    members = sorted(set(flags))
    frame = read_rows(raw, [*_OWN, *members], optional=_OWN_MORE, passed_over=_OWN_OTHER)
    found, differing = [], 0
    for line in frame.iter_rows(named=True):
        row = line["_row"]
        day = _iso(raw, line["date"], row)
        for name in members:
            if line[name].strip() not in _FLAGS:
                raise bad(raw.name, f"{line[name]!r} in {name} is neither 0 nor 1", row=row)
        against = [name for name in members if _FLAGS[line[name].strip()]]
        if not against:
            raise bad(raw.name, "no member is marked", row=row)
        codes = [states.find(name, day, "column") for name in against]
        told = line["#_of_pms"].strip()
        note = ""
        if told and told not in (str(len(against)), f"{len(against)}.0"):
            differing += 1
            note = f"The list counts {told} members and marks {len(against)}."
        record = line["record"].strip()
        found.append(
            Veto(
                day,
                " ".join((line["draft_res#"] or line["draft_res"]).split()),
                f"S/PV.{record}" if record[:1].isdigit() else record,
                _title(raw, line["agenda"] or line["short_agenda"], row),
                line["short_agenda"].strip(),
                tuple(code for code in codes if code is not None),
                note,
            )
        )
    if differing:
        notes.append(f"in {differing} rows the number of members is not that of the members marked")
    return _some(raw, found)


def _some(raw: RawFile, found: list[Veto]) -> list[Veto]:
    """Return the drafts of a list, which must run forward or backward in time."""
    if not found:
        raise bad(raw.name, "holds no rows")
    steps = [later.day - one.day for one, later in pairwise(found)]
    zero = timedelta()
    if any(step < zero for step in steps) and any(step > zero for step in steps):
        days = Counter(veto.day for veto in found)
        if max(days.values()) > 1:
            several = max(days, key=lambda day: days[day])
            raise bad(
                raw.name,
                f"is not in the order of dates, so the {days[several]} drafts of "
                f"{several.isoformat()} cannot be numbered",
            )
    return found


def _title(raw: RawFile, text: str, row: int) -> str:
    title = " ".join(text.split())
    if not title:
        raise bad(raw.name, "the agenda item is missing", row=row)
    return title


def _american(raw: RawFile, text: str, row: int) -> date:
    """Read month, day, year."""
    try:
        month, day, year = (int(part) for part in text.split("/"))
        return date(year, month, day)
    except ValueError:
        raise bad(raw.name, f"{text!r} is not a date (M/D/YYYY)", row=row) from None


def _iso(raw: RawFile, text: str, row: int) -> date:
    found = _ISO.fullmatch(text.strip())
    try:
        return date.fromisoformat(found[1] if found else text)
    except ValueError:
        raise bad(raw.name, f"{text!r} is not a date (YYYY-MM-DD)", row=row) from None


def _is_list(raw: RawFile) -> bool:
    return {"member_veto1", "meeting_record", "agenda_item"} <= set(raw.header())


def _is_own(raw: RawFile) -> bool:
    return {"date", "russian_federation_ussr", "united_states"} <= set(raw.header())


SOURCE = Source(
    name="vetoes",
    version=1,
    page="https://github.com/world-politics-datalab/vetoes-un-security-council",
    hosts=(
        "raw.githubusercontent.com",
        "psdata.un.org",
        "api.psdata.un.org",
        "data.humdata.org",
    ),
    cite=(
        "Yordan, C., World Politics Data Lab, Vetoes in the UN Security Council, "
        "https://github.com/world-politics-datalab/vetoes-un-security-council; the UN's own list: "
        "United Nations DPPA, Security Council Data: Vetoes Since 1946, "
        "https://psdata.un.org/dataset/DPPA-SCVETOES."
    ),
    kinds=(
        FileKind(
            "own",
            "the UN's own list (DPPA-SCVETOES, CSV with one column per permanent member)",
            _is_own,
            required=False,
        ),
        FileKind(
            "list",
            "the list of the World Politics Data Lab (CSV with member_veto1 to member_veto3)",
            _is_list,
            required=False,
        ),
    ),
    covers="Drafts that failed by the negative vote of a permanent member, from 16 February 1946.",
    defects=(
        "The 0/1 columns of the scholars' list leave out members that it names; the names are read.",
        "For drafts of 1946 to 1948 it repeats the meeting record where a symbol should stand; these have no symbol here.",
        "The other members' positions are not in it: only the negative votes of permanent members are known.",
        "It has no veto of 1955 by the Republic of China.",
        "Of two lists in one pull the UN's own is read.",
    ),
    parse=parse,
)
