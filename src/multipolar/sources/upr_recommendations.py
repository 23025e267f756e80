"""Universal Periodic Review: recommendations and pledges, from UPR Info and from the UN's index."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from .encodings import encoding_of
from .files import RawFile
from .formats.office import read_workbook
from .formats.text import check_header, read_rows
from .source import bad
from .states import States
from .upr_sittings import BODY, Row, Sittings, cycle_of, number_of

UPR_INFO = ("To", "Text", "From", "Response", "Action", "Issue", "Session")
GROUPS = ("To-Rgrp", "To-Org", "From-Rgrp", "From-Org")
PLEDGE = "Voluntary Pledge"
RESPONSES = {"Accepted", "Noted", "Supported", "Not Supported", PLEDGE}
INDEX = (
    "Text",
    "Countries Concerned",
    "Reccomending Body",
    "Themes",
    "UPR Reccomending States",
    "UPR Position",
    "Type",
    "OHCHR Annotation Id",
    "UPR Session",
)
INDEX_MORE = (
    "Document Symbol",
    "Affected Persons",
    "Sdgs",
    "Document Publication Date",
    "Regions Concerned",
    "Recommending Regions",
    "Date of publication on UHRI",
)
_ORDINAL = re.compile(r"(?:session )?([1-9][0-9]?)(?:st|nd|rd|th)?(?: session)?", re.IGNORECASE)


def read_upr_info(
    files: Sequence[RawFile], states: States, sittings: Sittings
) -> tuple[list[Row], list[str]]:
    """Return the rows of UPR Info's exports and what is doubtful about them.

    A pledge is told by its response. ``recommendation_id`` counts the rows of a session in the order
    of the files, pledges apart, so that a session keeps its ids however the export is cut.
    """
    rows: list[Row] = []
    counted: Counter[tuple[int, bool]] = Counter()
    home: dict[tuple[int, str, bool], str] = {}
    seen: Counter[tuple[Any, ...]] = Counter()
    for raw in files:
        for line in _lines(raw):
            number = number_of(raw, line["Session"], line["_row"])
            pledge = line["Response"] == PLEDGE
            _check(raw, line)
            where = home.setdefault((number, line["To"], pledge), raw.origin)
            if where != raw.origin:
                raise bad(
                    raw.name,
                    f"the review of {line['To']!r} in session {number} stands in {where} too",
                    row=line["_row"],
                    hint="Two editions of an export? Name one with --from.",
                )
            counted[number, pledge] += 1
            seen[(number, *(line[name] for name in UPR_INFO))] += 1
            if not pledge:
                sittings.met.add(number)
            day = sittings.label_day(raw, number, line["_row"])
            rows.append(
                {
                    "recommendation_id": f"{number}-{'p' if pledge else ''}{counted[number, pledge]}",
                    "kind": "voluntary_pledge" if pledge else "recommendation",
                    **_parties(states, line["From"], line["To"], day),
                    "session": number,
                    "response": line["Response"],
                    "action": int(line["Action"]) if line["Action"] else None,
                    "issue": line["Issue"] or None,
                    "text": line["Text"].strip() or None,
                    **_common(number),
                }
            )
    twice = sum(n - 1 for n in seen.values())
    notes = [f"Rows that repeat another word for word, and are kept: {twice}."] if twice else []
    return rows, notes


def _lines(raw: RawFile) -> Iterator[Row]:
    frame = read_rows(raw, UPR_INFO, passed_over=GROUPS, encoding=encoding_of(raw))
    return frame.iter_rows(named=True)


def _check(raw: RawFile, line: Row) -> None:
    if line["Response"] not in RESPONSES:
        raise bad(raw.name, f"response {line['Response']!r} is not known", row=line["_row"])
    if line["Action"] not in ("", "1", "2", "3", "4", "5"):
        raise bad(raw.name, f"action {line['Action']!r} is not 1 to 5", row=line["_row"])
    if not line["To"].strip() or not line["From"].strip():
        raise bad(raw.name, "a recommendation without To or From", row=line["_row"])


def _parties(states: States, giver: str, taker: str, day: date) -> Row:
    """Return who recommended what to whom; a label that is no state stays as a label."""
    return {
        "from_state": states.find(giver, day),
        "from_label": giver,
        "to_state": states.find(taker, day),
        "to_label": taker,
    }


def _common(number: int) -> Row:
    return {"body_id": BODY, "cycle": cycle_of(number)}


def read_index(raw: RawFile, states: States, sittings: Sittings) -> tuple[list[Row], int, int, int]:
    """Return the rows of the Universal Human Rights Index and how many lines were read, kept, dropped.

    The index holds every mechanism; only lines of the review are kept. A recommendation of several
    states becomes a row for each. Cells with several values are lines that begin with a hyphen.
    """
    lines = list(_index_lines(raw))
    rows: list[Row] = []
    kept = 0
    for row, line in lines:
        if "UPR" not in _items(line["Reccomending Body"]):
            continue
        kept += 1
        number = _index_session(raw, line["UPR Session"], row)
        taker = _one(raw, line, "Countries Concerned", row)
        pledge = "pledge" in line["Type"].lower()
        givers = _items(line["UPR Reccomending States"]) or ([taker] if pledge else [])
        if not givers or not line["OHCHR Annotation Id"].strip():
            raise bad(raw.name, "a recommendation without recommending state or id", row=row)
        if not pledge:
            sittings.met.add(number)
        day = sittings.label_day(raw, number, row)
        for n, giver in enumerate(givers, start=1):
            rows.append(
                {
                    "recommendation_id": f"{number}-{line['OHCHR Annotation Id'].strip()}"
                    + (f"-{n}" if len(givers) > 1 else ""),
                    "kind": "voluntary_pledge" if pledge else "recommendation",
                    **_parties(states, giver, taker, day),
                    "session": number,
                    "response": "; ".join(_items(line["UPR Position"])) or None,
                    "action": None,
                    "issue": "; ".join(_items(line["Themes"])) or None,
                    "text": line["Text"].strip() or None,
                    **_common(number),
                }
            )
    return rows, len(lines), kept, len(lines) - kept


def is_index(raw: RawFile) -> bool:
    """Say whether a workbook is an export of the Universal Human Rights Index."""
    return raw.is_workbook() and any(
        {"UPR Session", "OHCHR Annotation Id"} <= set(_texts(rows[0])) for rows in _sheets(raw)
    )


def _sheets(raw: RawFile) -> list[list[list[Any]]]:
    """Return the sheets that hold anything, read once for recognising and for reading."""
    kept: list[list[list[Any]]] | None = getattr(raw, "upr_sheets", None)
    if kept is None:
        kept = [rows for rows in read_workbook(raw).values() if rows and any(rows[0])]
        raw.upr_sheets = kept  # type: ignore[attr-defined]
    return kept


def _texts(cells: Sequence[Any]) -> list[str]:
    return ["" if cell is None else str(cell).strip() for cell in cells]


def _index_lines(raw: RawFile) -> Iterator[tuple[int, dict[str, str]]]:
    for rows in _sheets(raw):
        header = _texts(rows[0])
        while header and not header[-1]:
            header.pop()
        check_header(raw, header, INDEX, passed_over=INDEX_MORE)
        for number, cells in enumerate(rows[1:], start=2):
            if any(cell is not None for cell in cells):
                line = ["" if cell is None else str(cell) for cell in cells]
                yield number, dict(zip(header, line, strict=False))


def _items(cell: str) -> list[str]:
    """Return the values of a cell: lines, each perhaps begun by a hyphen."""
    found = (re.sub(r"^\s*-\s+", "", line).strip() for line in cell.splitlines())
    return [item for item in found if item]


def _one(raw: RawFile, line: dict[str, str], name: str, row: int) -> str:
    items = _items(line[name])
    if len(items) != 1:
        raise bad(raw.name, f"{name} holds {len(items)} values, one expected", row=row)
    return items[0]


def _index_session(raw: RawFile, cell: str, row: int) -> int:
    items = _items(cell)
    hit = _ORDINAL.fullmatch(items[0]) if len(items) == 1 else None
    if hit is None:
        raise bad(raw.name, f"UPR Session {cell!r} is not a session's number", row=row)
    return int(hit[1])
