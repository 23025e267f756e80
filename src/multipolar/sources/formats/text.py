"""Delimited text: strict about columns and about the number of cells in a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from ..files import RawFile
from ..source import bad

if TYPE_CHECKING:
    import polars as pl


def read_rows(
    raw: RawFile,
    columns: Sequence[str],
    *,
    optional: Collection[str] = (),
    passed_over: Collection[str] = (),
    encoding: str = "utf-8-sig",
    separator: str = ",",
) -> pl.DataFrame:
    """Return a small or middling file (up to about a million rows) as texts, exactly as printed.

    Parameters
    ----------
    raw : RawFile
        The file.
    columns : sequence of str
        Columns that must be there; empty header cells are named ``_1``, ``_2``… by place.
    optional, passed_over : collection of str
        Columns that may be there: kept, or known and left out. Any other column is refused.
    encoding : str
        Its encoding; a byte that does not fit is an error with its row.
    separator : str
        Between cells.

    Returns
    -------
    frame
        ``columns`` and ``optional`` (empty where missing) as strings, and ``_row``: the number of
        the row in the file, the header being row 1. Blank lines are passed over.
    """
    import polars as pl

    text = decode(raw, encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        header = [cell.strip() or f"_{n}" for n, cell in enumerate(next(reader, []), start=1)]
        check_header(raw, header, columns, optional, passed_over)
        cells: list[list[str]] = []
        numbers: list[int] = []
        for number, row in enumerate(reader, start=2):
            if not any(row):
                continue
            if len(row) != len(header):
                raise bad(raw.name, f"{len(row)} cells, {len(header)} expected", row=number)
            cells.append(row)
            numbers.append(number)
    except csv.Error as error:
        raise bad(raw.name, f"is not CSV: {error}") from None
    wanted = [*columns, *(name for name in optional if name in header)]
    place = {name: header.index(name) for name in wanted}
    data = {name: [row[place[name]] for row in cells] for name in wanted}
    frame = pl.DataFrame(data, schema=dict.fromkeys(wanted, pl.String))
    missing = [name for name in optional if name not in header]
    return frame.with_columns(
        *(pl.lit("").alias(name) for name in missing), pl.Series("_row", numbers, dtype=pl.Int64)
    )


def decode(raw: RawFile, encoding: str) -> str:
    """Return a file's text; a byte that does not fit the encoding is an error with its row."""
    try:
        return raw.content.decode(encoding)
    except UnicodeDecodeError as error:
        row = raw.content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
        byte = raw.content[error.start]
        raise bad(raw.name, f"byte 0x{byte:02X} is not {encoding}", row=row + 1) from None


def check_header(
    raw: RawFile,
    header: Sequence[str],
    columns: Collection[str],
    optional: Collection[str] = (),
    passed_over: Collection[str] = (),
) -> None:
    """Raise BadSource where a column is missing, unexpected, or there twice."""
    missing = [name for name in columns if name not in header]
    if missing:
        raise bad(raw.name, f"column {missing[0]!r} is missing", row=1)
    known = {*columns, *optional, *passed_over}
    strange = [name for name in header if name not in known]
    if strange:
        raise bad(
            raw.name,
            f"column {strange[0]!r} is not one that this loader knows",
            row=1,
            hint="The publisher may have changed the form; nothing was pulled.",
        )
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise bad(raw.name, f"column {twice!r} stands twice", row=1)
