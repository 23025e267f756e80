"""Read one table from CSV and check it against its schema; the first fault names file, row, column.

Rows are counted as a spreadsheet counts them: the header is row 1.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..errors import BadTable
from .schema import Column, Table

Row = dict[str, Any]
_FULL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PARTIAL = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")
_CODE = re.compile(r"([a-z_]+_)?(iso3|cow|gw)")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


def load_table(table: type[Table], path: Path, file: str = "") -> list[Row]:
    """Return the rows of a table, typed: None for empty, date, int, Decimal, tuple of str, str.

    Parameters
    ----------
    table : type of Table
        The schema.
    path : Path
        The file.
    file : str
        What an error calls the file; without it the file's name.

    Raises
    ------
    BadTable
        The file is missing, is not UTF-8 CSV, or breaks the schema.
    """
    file = file or path.name
    names = [column.name for column in table.columns]
    raw = _without_codes(_read(path, file), names)
    if not raw or raw[0] != names:
        raise BadTable(file, 1, None, _header_problem(raw[0] if raw else [], names))
    body = raw[1:]
    for number, cells in enumerate(body, start=2):
        if len(cells) != len(names):
            raise BadTable(file, number, None, f"{len(cells)} cells, {len(names)} expected")
    cells_by_column = list(zip(*body, strict=True)) if body else [()] * len(names)
    typed = [
        _typed(column, cells, file)
        for column, cells in zip(table.columns, cells_by_column, strict=True)
    ]
    rows = [dict(zip(names, values, strict=True)) for values in zip(*typed, strict=True)]
    _check_keys(table, rows, file)
    _check_intervals(rows, names, file)
    return rows


def check_references(
    table: type[Table], rows: Sequence[Row], keys: Callable[[str], Mapping[str, object]], file: str
) -> None:
    """Raise BadTable where a cell names a row of another table that does not exist."""
    for column in table.columns:
        if not column.refers:
            continue
        known = keys(column.refers)
        for number, row in enumerate(rows, start=2):
            value = row[column.name]
            if value is None:
                continue
            for item in value if isinstance(value, tuple) else (value,):
                if item not in known:
                    raise BadTable(
                        file, number, column.name, f"{item!r} is not in {column.refers}.csv"
                    )


def row_key(table: type[Table], row: Mapping[str, Any]) -> str:
    """Return the row's key values as one text, joined by ``|``."""
    return "|".join("" if row[name] is None else str(row[name]) for name in table.key)


def _read(path: Path, file: str) -> list[list[str]]:
    """Return the cells; the byte order mark that spreadsheets write is skipped."""
    try:
        with open(path, encoding="utf-8-sig", newline="") as handle:
            return list(csv.reader(handle, strict=True))
    except FileNotFoundError:
        raise BadTable(file, None, None, "the file is missing") from None
    except UnicodeDecodeError as error:
        raise BadTable(file, None, None, f"not UTF-8 (byte {error.start})") from None
    except csv.Error as error:
        raise BadTable(file, None, None, f"not CSV: {error}") from None
    except OSError as error:
        raise BadTable(file, None, None, f"cannot be read: {error.strerror}") from None


def _without_codes(raw: list[list[str]], names: list[str]) -> list[list[str]]:
    """Cut off the codes of other lists that an export adds behind the columns of the schema."""
    more = raw[0][len(names) :] if raw and raw[0][: len(names)] == names else []
    if not more or not all(_CODE.fullmatch(name) for name in more):
        return raw
    width = len(raw[0])
    return [row[: len(names)] if len(row) == width else row for row in raw]


def _header_problem(found: list[str], wanted: list[str]) -> str:
    missing = [name for name in wanted if name not in found]
    extra = [name for name in found if name not in wanted]
    if missing:
        return f"column {missing[0]!r} is missing"
    if extra:
        return f"column {extra[0]!r} is not in the schema"
    return "columns are not in the order of the schema"


def _typed(column: Column, cells: Sequence[str], file: str) -> list[Any]:
    """Convert a column; equal texts are converted once."""
    values: dict[str, Any] = {}
    for text in set(cells):
        try:
            values[text] = _convert(column, text)
        except ValueError as error:
            raise BadTable(file, cells.index(text) + 2, column.name, str(error)) from None
    return [values[text] for text in cells]


def _convert(column: Column, text: str) -> Any:
    if text == "":
        if column.required:
            raise ValueError("empty, but required")
        return None
    if text != text.strip():
        raise ValueError(f"{text!r} begins or ends with a blank")
    if column.allowed and text not in column.allowed:
        raise ValueError(f"{text!r} is not one of {', '.join(column.allowed)}")
    value = _CONVERTERS[column.kind](text)
    if isinstance(value, int | Decimal):
        if column.low is not None and value < column.low:
            raise ValueError(f"{text} is below {column.low:g}")
        if column.high is not None and value > column.high:
            raise ValueError(f"{text} is above {column.high:g}")
    return value


def _integer(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", text):
        raise ValueError(f"{text!r} is not a whole number")
    return int(text)


def _decimal(text: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text!r} is not a number")
    return Decimal(text)


def _date(text: str) -> date:
    try:
        if not _FULL.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date (YYYY-MM-DD)") from None


def _partial_date(text: str) -> str:
    try:
        date.fromisoformat(text + "-01-01"[: 10 - len(text)] if _PARTIAL.fullmatch(text) else "")
    except ValueError:
        raise ValueError(f"{text!r} is not a date (YYYY, YYYY-MM or YYYY-MM-DD)") from None
    return text


def _list(text: str) -> tuple[str, ...]:
    items = tuple(text.split(";"))
    if any(item != item.strip() or not item for item in items):
        raise ValueError(f"{text!r} is not a list joined by ';'")
    return items


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "text": str,
    "integer": _integer,
    "decimal": _decimal,
    "date": _date,
    "partial_date": _partial_date,
    "list": _list,
}


def _check_keys(table: type[Table], rows: Sequence[Row], file: str) -> None:
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        key = row_key(table, row)
        if key in seen:
            raise BadTable(file, number, table.key[0], f"{key!r} stands already in row {seen[key]}")
        seen[key] = number


def _check_intervals(rows: Sequence[Row], names: Sequence[str], file: str) -> None:
    if "start" not in names or "end" not in names:
        return
    for number, row in enumerate(rows, start=2):
        if row["start"] and row["end"] and row["start"] >= row["end"]:
            raise BadTable(file, number, "end", f"{row['end']} is not after start {row['start']}")
