"""The published forms of the list of trade agreements, read into entries with their cells as text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .files import RawFile
from .formats.numbers import columns, separator
from .formats.office import read_workbook
from .formats.text import check_header, read_rows
from .source import bad

ENTRY = ("number", "base_treaty", "name", "entry_type", "year", "entryforceyear")
LISTED = (*ENTRY, "typememb", "c1", "c2")
PASSED_OVER = ("consolidated", "language", "regioncon", "wto_listed", "wto_name")
PAIR = ("iso1", "iso2")
PAIR_PASSED_OVER = (*PASSED_OVER, "country1", "country2", "dyad", "typememb")
PARTS = ("0", "1", "2", "3")
NOTHING = ("", "NA", "0")
MEMBER = re.compile(r"c(\d+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the list: its cells as text, its row, and numbers of states with their part."""

    cells: Mapping[str, str]
    row: int
    members: tuple[tuple[str, str], ...]


def is_list(raw: RawFile) -> bool:
    """Say whether a file is the list: text, or a workbook with the list on any sheet."""
    if raw.is_workbook():
        return _sheet(raw) is not None
    return set(LISTED) <= set(columns(raw))


def is_pairs(raw: RawFile) -> bool:
    """Say whether a file has the entries by pairs of states."""
    return not raw.is_workbook() and {*ENTRY, *PAIR} <= set(columns(raw))


def from_list(raw: RawFile) -> tuple[list[Entry], list[str]]:
    """Return the entries of the list, and what is odd about their members."""
    names, rows = _cells(raw)
    places = sorted(int(m[1]) for n in names if (m := MEMBER.fullmatch(n)))
    known = {f"{letter}{n}" for n in places for letter in ("c", "mc")}
    check_header(raw, names, LISTED, known, PASSED_OVER)
    entries, loose = [], []
    for cells, row in rows:
        members = []
        for n in places:
            code, part = cells[f"c{n}"], cells.get(f"mc{n}", "")
            part = "" if part in ("", "NA") else part
            if part and part not in PARTS:
                raise bad(raw.name, f"mc{n} is {part!r}, not 0 to 3", row=row)
            if code in NOTHING:
                if part:
                    loose.append(cells["number"])
                continue
            if not re.fullmatch(r"\d{1,3}", code):
                raise bad(raw.name, f"c{n} is {code!r}, not an ISO number", row=row)
            members.append((code, part))
        entries.append(Entry(cells, row, tuple(members)))
    notes = []
    if loose:
        notes.append(
            f"Entries that code the part of a member they do not name: {', '.join(sorted(set(loose)))}."
        )
    return entries, notes


def from_pairs(files: Iterable[RawFile]) -> tuple[list[Entry], int]:
    """Return entries put together from pairs of states, and the number of pairs."""
    found: dict[str, tuple[Mapping[str, str], int, dict[str, None]]] = {}
    n = 0
    for raw in files:
        names, rows = _cells(raw)
        check_header(raw, names, (*ENTRY, *PAIR), (), PAIR_PASSED_OVER)
        for cells, row in rows:
            n += 1
            entry = found.setdefault(cells["number"], (cells, row, {}))
            differs = next((c for c in ENTRY if cells[c] != entry[0][c]), None)
            if differs:
                said = f"{differs} of entry {cells['number']} differs from row {entry[1]}"
                raise bad(raw.name, said, row=row)
            for name in PAIR:
                if not re.fullmatch(r"\d{1,3}", cells[name]):
                    raise bad(raw.name, f"{name} is {cells[name]!r}, not an ISO number", row=row)
                entry[2][cells[name]] = None
    entries = [
        Entry(cells, row, tuple((code, "") for code in codes))
        for cells, row, codes in found.values()
    ]
    return entries, n


def _cells(raw: RawFile) -> tuple[list[str], Iterable[tuple[dict[str, str], int]]]:
    """Return the column names in lower case, and the rows as texts with their number."""
    if raw.is_workbook():
        sheet = _sheet(raw) or []
        names = [_text(cell).lower() for cell in sheet[0]]
        whole = [
            (dict(zip(names, map(_text, row), strict=True)), number)
            for number, row in enumerate(sheet[1:], start=2)
            if any(cell is not None for cell in row)
        ]
        return names, whole
    mark = separator(raw)
    shown = raw.header(mark)
    frame = read_rows(raw, shown, encoding=_encoding(raw), separator=mark)
    if not frame.height:
        raise bad(raw.name, "holds no row")
    names = [name.lower() for name in shown]
    numbers = frame["_row"].to_list()
    texts = [[cell.strip() for cell in row] for row in frame.drop("_row").iter_rows()]
    return names, [
        (dict(zip(names, row, strict=True)), n) for row, n in zip(texts, numbers, strict=True)
    ]


def _encoding(raw: RawFile) -> str:
    """Return the encoding: UTF-8, or else Latin-1, whose control characters no title contains."""
    try:
        raw.content.decode("utf-8-sig")
        return "utf-8-sig"
    except UnicodeDecodeError:
        pass
    if control := re.search(rb"[\x80-\x9f]", raw.content):
        row = raw.content[: control.start()].count(b"\n") + 1
        raise bad(raw.name, f"byte 0x{control[0][0]:02X} is neither UTF-8 nor Latin-1", row=row)
    return "latin-1"


def _sheet(raw: RawFile) -> list[list[Any]] | None:
    """Return the sheet of a workbook that holds the list, cut to the width of its header."""
    for rows in read_workbook(raw).values():
        names = [_text(cell).lower() for cell in rows[0]] if rows else []
        if set(LISTED) <= set(names):
            width = max(n for n, name in enumerate(names, start=1) if name)
            return [(row + [None] * width)[:width] for row in rows]
    return None


def _text(cell: Any) -> str:
    """Return a cell of a workbook as the text that the delimited form has."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
