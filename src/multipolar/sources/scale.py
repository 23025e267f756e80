"""The scale of assessments of the United Nations: what share of the regular budget each member is asked for.

The Committee on Contributions publishes one workbook: a row per member, a column per period. A column
is headed by the last year of its period, which begins after the year of the column before. Besides the
workbook a plain CSV of the same table is in circulation; where both are given the workbook is read and
the CSV is compared with it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import polars as pl

from .files import RawFile
from .formats.office import read_workbook
from .formats.text import read_rows
from .source import MIB, FileKind, Files, Parsed, Source, bad
from .states import States

HEAD = "Member State"
TOTAL = "Total"
NOT_ASSESSED = "not assessed in the period (printed as a dash)"
BLANK = "left blank: not a member in the period"
JOINTLY = "assessed jointly with another member (a note's mark instead of a share)"
COMPARED = "the same table as CSV, only compared with the workbook"
_MARK = re.compile(r"[a-z]/")
_GLUED = re.compile(r"\s+[a-z]/$")
_FORMER = re.compile(r"\s*\(formerly [^()]*\)$")
_NUMBER = re.compile(r"\d{1,3}(\.\d+)?")
_RULE = re.compile(r"[\s=_-]*")
_SHOWN = 12
DIGITS = 9
"""A workbook holds binary fractions (0.026000000000000002); no share has more than five digits."""


@dataclass
class Table:
    """The scale as one file prints it.

    Attributes
    ----------
    years : list of int
        Heads of the columns: the last year of each period.
    shares : dict of (str, int) to Decimal
        Share by member and year.
    rows : dict of str to int
        Row of each member in the file.
    without : Counter of str
        Cells without a share, by reason.
    totals : dict of int to Decimal
        The file's own sums.
    """

    years: list[int]
    shares: dict[tuple[str, int], Decimal] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    without: Counter[str] = field(default_factory=Counter)
    totals: dict[int, Decimal] = field(default_factory=dict)

    @property
    def cells(self) -> int:
        """Return the number of cells, members times periods."""
        return len(self.shares) + self.without.total()


def parse(files: Files, states: States) -> Parsed:
    """Read the scale: one row per member and period in which it was assessed."""
    book, plain = files.maybe("workbook"), files.maybe("table")
    table = _from_workbook(book) if book is not None else _from_csv(files.one("table"))
    raw = book if book is not None else files.one("table")
    notes = [*_about_sums(table)]
    dropped = dict(table.without)
    if book is not None and plain is not None:
        other = _from_csv(plain)
        notes.append(_compared(table, other))
        dropped[COMPARED] = other.cells
    frame, unknown = _rows(table, states)
    if not frame.height and not unknown:
        raise bad(raw.name, "holds no share")
    last = _last_day(table.years[-1])
    return Parsed(
        edition=f"{table.years[0]}-{table.years[-1]}",
        tables={"money": frame},
        rows_read=table.cells + dropped.get(COMPARED, 0),
        rows_kept=frame.height,
        dropped=dropped | ({"label not known": unknown} if unknown else {}),
        notes=notes,
        first=date(table.years[0], 1, 1),
        last=last,
    )


def _rows(table: Table, states: States) -> tuple[pl.DataFrame, int]:
    """Return the rows of `money`, and how many shares belong to labels that are not known."""
    starts = _starts(table.years)
    rows, unknown = [], 0
    for (label, year), share in table.shares.items():
        state = _assessed(states, label, starts[year], _last_day(year))
        if state is None:
            unknown += 1
            continue
        rows.append((state, starts[year], date(year + 1, 1, 1), float(share), label))
    schema = {
        "state_id": pl.String,
        "start": pl.Date,
        "end": pl.Date,
        "share_percent": pl.Float64,
        "payer": pl.String,
    }
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    words = {"body_id": "un", "budget": "regular", "stage": "assessed"}
    return frame.with_columns(pl.lit(word).alias(name) for name, word in words.items()), unknown


def _assessed(states: States, label: str, start: date, last: date) -> str | None:
    """Return who was assessed: the holder of the seat on the first day, or a member born later.

    A row is kept under the latest name of its seat, so the label is read on the last day.
    """
    state = states.find(_FORMER.sub("", label), last)
    return state and (states.holder(state, start) or state)


def _starts(years: Sequence[int]) -> dict[int, date]:
    """Return the first day of each column's period."""
    before = [years[0] - 1, *years]
    return {year: date(previous + 1, 1, 1) for previous, year in zip(before, years, strict=False)}


def _last_day(year: int) -> date:
    return date(year + 1, 1, 1) - timedelta(days=1)


def _about_sums(table: Table) -> list[str]:
    """Return what the sums of the periods are, against 100 and against the file's own total row."""
    sums = {
        year: sum((s for (_, y), s in table.shares.items() if y == year), Decimal())
        for year in table.years
    }
    odd = [f"{year} {total.normalize():f}" for year, total in sums.items() if total != 100]
    notes = []
    if odd:
        notes.append(
            f"the shares add up to 100 in {len(sums) - len(odd)} of {len(sums)} periods; they do not "
            f"in those ending {', '.join(odd)}"
        )
    wrong = [
        f"{year} {table.totals[year].normalize():f} for {sums[year].normalize():f}"
        for year in table.totals
        if table.totals[year] != sums[year]
    ]
    if wrong:
        notes.append(f"the file's own total is not the sum of its rows: {', '.join(wrong)}")
    return notes


def _compared(table: Table, other: Table) -> str:
    """Return how the CSV differs from the workbook."""
    years = set(table.years) & set(other.years)
    members = set(table.rows) & set(other.rows)
    differ = [
        f"{label} {year}: {_shown(other, label, year)} for {_shown(table, label, year)}"
        for label in table.rows
        for year in table.years
        if label in members
        and year in years
        and table.shares.get((label, year)) != other.shares.get((label, year))
    ]
    alone = sorted(set(table.rows) ^ set(other.rows))
    text = (
        f"the CSV differs from the workbook in {len(differ)} of {len(members) * len(years):,} cells"
    )
    if differ:
        more = f" and {len(differ) - _SHOWN} more" if len(differ) > _SHOWN else ""
        text += f": {', '.join(differ[:_SHOWN])}{more}"
    if alone:
        text += f"; in one of the two only: {', '.join(alone)}"
    if only := sorted(set(table.years) ^ set(other.years)):
        text += f"; columns in one of the two only: {', '.join(map(str, only))}"
    return text


def _shown(table: Table, label: str, year: int) -> str:
    share = table.shares.get((label, year))
    return "no share" if share is None else f"{share.normalize():f}"


# --- the two forms ------------------------------------------------------------------------------


def _from_workbook(raw: RawFile) -> Table:
    """Read the publisher's workbook: the sheet whose head begins with 'Member State'."""
    found = [
        (rows, at)
        for rows in read_workbook(raw).values()
        for at, row in enumerate(rows)
        if row and isinstance(row[0], str) and row[0].strip() == HEAD
    ]
    if len(found) != 1:
        raise bad(raw.name, f"holds {len(found)} rows that begin with {HEAD!r}, one expected")
    rows, at = found[0]
    head = [_year(raw, cell, at + 1) for cell in rows[at][1:]]
    table = Table([year for year in head if year is not None])
    _check_years(raw, table.years, at + 1)
    ended = False
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        label, cells = row[0], row[1:]
        named = isinstance(label, str) and bool(label.strip())
        if ended or not named:
            _check_empty(raw, cells, number)
        elif str(label).strip() == TOTAL:
            _totals(raw, table, head, cells, number)
            ended = True
        else:
            _member(raw, table, str(label), list(zip(head, cells, strict=False)), number)
    if not ended:
        raise bad(raw.name, f"has no row {TOTAL!r}: the sheet is cut off")
    return table


def _from_csv(raw: RawFile) -> Table:
    """Read the plain CSV: the same columns, no total row, no notes."""
    head = raw.header()
    years = [_year(raw, cell, 1) for cell in head[1:]]
    table = Table([year for year in years if year is not None])
    if len(table.years) < len(years):
        raise bad(raw.name, "a column has no year", row=1)
    _check_years(raw, table.years, 1)
    frame = read_rows(raw, head)
    for number, label, *cells in frame.select("_row", *head).iter_rows():
        _member(raw, table, label, list(zip(table.years, cells, strict=True)), number)
    return table


def _member(
    raw: RawFile, table: Table, printed: str, cells: list[tuple[int | None, Any]], row: int
) -> None:
    """Add one member's row to a table."""
    label = _GLUED.sub("", " ".join(printed.split()))
    if label in table.rows:
        raise bad(raw.name, f"{label!r} stands twice", row=row)
    table.rows[label] = row
    for year, cell in cells:
        share = _share(raw, cell, row)
        if year is None:
            if isinstance(share, Decimal):
                raise bad(raw.name, f"{cell!r} stands in a column without a year", row=row)
        elif isinstance(share, Decimal):
            table.shares[label, year] = share
        else:
            table.without[share] += 1


def _share(raw: RawFile, cell: Any, row: int) -> Decimal | str:
    """Return a share as printed, or the reason why there is none."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 0 <= cell <= 100:
        return Decimal(repr(round(cell, DIGITS)))
    text = "" if cell is None else str(cell).strip()
    if text in ("", "NA"):
        return BLANK
    if text == "-":
        return NOT_ASSESSED
    if _MARK.fullmatch(text):
        return JOINTLY
    if isinstance(cell, str) and _NUMBER.fullmatch(text) and Decimal(text) <= 100:
        return Decimal(text)
    raise bad(raw.name, f"{text!r} is not a share in per cent", row=row)


def _year(raw: RawFile, cell: Any, row: int) -> int | None:
    text = "" if cell is None else str(cell).strip().removesuffix(".0")
    if not text:
        return None
    if not re.fullmatch(r"(19|20)\d\d", text):
        raise bad(raw.name, f"{text!r} is not the head of a year's column", row=row)
    return int(text)


def _check_years(raw: RawFile, years: Sequence[int], row: int) -> None:
    if not years:
        raise bad(raw.name, "has no column headed by a year", row=row)
    for before, year in pairwise(years):
        if year <= before:
            raise bad(raw.name, f"column {year} stands after column {before}", row=row)


def _totals(
    raw: RawFile, table: Table, head: Sequence[int | None], cells: Sequence[Any], row: int
) -> None:
    """Keep the file's own sums."""
    for year, cell in zip(head, cells, strict=False):
        if year is None or cell is None:
            continue
        if not isinstance(cell, int | float):
            raise bad(raw.name, f"{cell!r} is not a total", row=row)
        table.totals[year] = Decimal(repr(round(cell, DIGITS)))


def _check_empty(raw: RawFile, cells: Sequence[Any], row: int) -> None:
    """Raise BadSource where figures stand beside no member; rules and notes may."""
    for cell in cells:
        if cell is not None and not (isinstance(cell, str) and _RULE.fullmatch(cell)):
            raise bad(raw.name, f"{cell!r} stands in a row of no member", row=row)


def _is_workbook(raw: RawFile) -> bool:
    """Say whether this is a workbook with the cell 'Member State'."""
    if not raw.head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
            for name in archive.namelist():
                if name.startswith(("xl/sharedStrings", "xl/worksheets/")):
                    with archive.open(name) as part:
                        if re.search(rb">\s*Member State\s*<", part.read(16 * MIB)):
                            return True
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return False
    return False


def _is_csv(raw: RawFile) -> bool:
    head = raw.header()
    return head[0] == HEAD and len(head) > 1 and bool(re.fullmatch(r"(19|20)\d\d", head[1]))


SOURCE = Source(
    name="scale-of-assessments",
    version=1,
    page="https://www.un.org/en/ga/contributions/scale.shtml",
    hosts=("www.un.org", "un.org"),
    cite="United Nations, Committee on Contributions, Scale of assessments for the regular budget.",
    kinds=(
        FileKind(
            "workbook",
            "the workbook (.xlsx) with a row per Member State and a column per period",
            _is_workbook,
            required=False,
        ),
        FileKind(
            "table", "a CSV file with the columns Member State, 1946…", _is_csv, required=False
        ),
    ),
    covers="Shares of the regular budget from 1946 on, per member and period of one to four years.",
    defects=(
        "A column is headed by the last year of its period; the loader gives the period its first day.",
        "A dash means that a member was not assessed, never zero: there is no row.",
        "One row per seat under its latest name; the loader names who held it on the period's first day.",
        "Former names in brackets and marks of notes are glued to the names; the loader takes them off.",
        "Many periods do not add up to 100: some members were assessed for a part of the period.",
        "The row of Yugoslavia holds no share before 1996.",
        "Some cells hold more digits than the workbook shows; the loader keeps what they hold.",
        "Rows read are cells: members times periods.",
    ),
    parse=parse,
    most_bytes=64 * MIB,
)
