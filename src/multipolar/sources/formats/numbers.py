"""Tables of numbers, as delimited text or in R's form: read into columns at once, checked afterwards.

For files of hundreds of thousands of rows. Column names are read without regard to case, because the
same publisher writes them in either; a row with too few or too many cells is refused, never filled up.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from ..files import RawFile
from ..source import bad
from .rdata import r_frame, read_r
from .text import check_header

if TYPE_CHECKING:
    import polars as pl

MISSING = ("NA", ".")
"""Besides an empty cell: what R and Stata write for a missing number."""
SEPARATORS = (",", "\t", ";")


def separator(raw: RawFile) -> str:
    """Return what parts the cells of a text's first line: the candidate with the most of them."""
    return max(SEPARATORS, key=lambda mark: len(raw.header(mark)))


def printed(raw: RawFile) -> list[str]:
    """Return the column names of a table as printed; none where it is neither text nor one frame."""
    if raw.is_r_data():
        frames = [v for v in read_r(raw).values() if "names" in v.attributes]
        return [str(n) for n in frames[0].attributes["names"].values] if len(frames) == 1 else []
    return [] if b"\0" in raw.head[:4096] else raw.header(separator(raw))


def columns(raw: RawFile) -> list[str]:
    """Return the column names of a table in lower case."""
    return [name.lower() for name in printed(raw)]


def read_numbers(
    raw: RawFile,
    whole: Sequence[str],
    decimal: Sequence[str] = (),
    text: Sequence[str] = (),
    *,
    optional: Collection[str] = (),
    passed_over: Collection[str] = (),
) -> pl.DataFrame:
    """Return the columns asked for, and ``_row``: the number of the row in the file.

    Parameters
    ----------
    raw : RawFile
        Delimited text (comma, tab or semicolon) or R's form with one data frame.
    whole : sequence of str
        Columns of whole numbers that are never missing.
    decimal : sequence of str
        Columns of numbers; missing ones are null.
    text : sequence of str
        Columns of text.
    optional : collection of str
        Those of the above that may be absent; they are then left out.
    passed_over : collection of str
        Columns that may be there and are not read. Any other column is refused.
    """
    import polars as pl

    names = columns(raw)
    wanted = [n for n in (*whole, *decimal, *text) if n in names or n not in optional]
    needed = [n for n in wanted if n not in optional]
    check_header(raw, names, needed, optional, passed_over)
    if raw.is_r_data():
        frame, first = _from_r(raw, names, wanted, text), 1
    else:
        frame, first = _from_text(raw, names, wanted, text), 2
    if not frame.height:
        raise bad(raw.name, "holds no row")
    frame = frame.with_row_index("_row", offset=first).with_columns(pl.col("_row").cast(pl.Int64))
    for name in wanted:
        if name in text:
            continue
        values = frame[name]
        _refuse(raw, frame, ~values.is_finite(), name)
        if name in whole:
            _refuse(raw, frame, values.is_null() | (values != values.floor()), name)
    kinds = [pl.col(n).cast(pl.Int64) for n in whole if n in wanted]
    return frame.with_columns(kinds).select("_row", *wanted)


def check_range(raw: RawFile, frame: pl.DataFrame, name: str, low: int, high: int) -> None:
    """Raise BadSource at the first row in which a column lies outside ``low`` to ``high``."""
    _refuse(raw, frame, ~frame[name].is_between(low, high), name, f"not from {low} to {high}")


def check_once(raw: RawFile, frame: pl.DataFrame, key: Sequence[str]) -> None:
    """Raise BadSource at the first row that repeats a key of whole numbers."""
    packed = pack(frame, key)
    if packed.n_unique() == packed.len():
        return
    row = frame.filter(~packed.is_first_distinct()).row(0, named=True)
    said = ", ".join(f"{name} {row[name]}" for name in key)
    raise bad(raw.name, f"{said} stands twice", row=row["_row"])


def pack(frame: pl.DataFrame, key: Sequence[str]) -> pl.Series:
    """Return one whole number per combination of columns of whole numbers, in their order.

    To compare and sort by one number is many times faster than by several columns.
    """
    import polars as pl

    out = pl.lit(0, dtype=pl.Int64)
    for name in key:
        low, high = pl.col(name).min().cast(pl.Int64), pl.col(name).max().cast(pl.Int64)
        out = out * (high - low + 1) + pl.col(name).cast(pl.Int64) - low
    return frame.select(out.alias("packed")).to_series()


def _refuse(
    raw: RawFile,
    frame: pl.DataFrame,
    wrong: pl.Series,
    name: str,
    problem: str = "not a number as expected",
) -> None:
    """Raise BadSource at the first row in which a column is wrong."""
    if wrong.any():
        row = frame.filter(wrong).row(0, named=True)
        raise bad(raw.name, f"{name} is {row[name]!r}, {problem}", row=row["_row"])


def _from_r(
    raw: RawFile, names: Sequence[str], wanted: Sequence[str], text: Sequence[str]
) -> pl.DataFrame:
    import polars as pl

    frame = r_frame(raw)
    frame.columns = list(names)
    for name in wanted:
        if (frame[name].dtype == pl.String) != (name in text):
            raise bad(raw.name, f"column {name!r} holds {frame[name].dtype}")
    return frame.select(pl.col(n) if n in text else pl.col(n).cast(pl.Float64) for n in wanted)


def _from_text(
    raw: RawFile, names: Sequence[str], wanted: Sequence[str], text: Sequence[str]
) -> pl.DataFrame:
    """Read text with the numbers as numbers; where that fails, find out which cell is to blame."""
    import polars as pl

    mark, content = separator(raw), _utf8(raw)
    _check_cells(raw, content, mark, len(names))
    kinds = {n: pl.String if n in text else pl.Float64 for n in wanted}
    try:
        return _parsed(content, mark, names, wanted, kinds)
    except pl.exceptions.PolarsError:
        pass
    try:
        frame = _parsed(content, mark, names, wanted, dict.fromkeys(wanted, pl.String))
    except pl.exceptions.PolarsError as error:
        raise bad(raw.name, f"is not a table: {str(error).splitlines()[0]}") from None
    numbers = [n for n in wanted if n not in text]
    out = frame.with_columns(
        pl.col(n).str.strip_chars().cast(pl.Float64, strict=False) for n in numbers
    )
    for name in numbers:
        wrong = out[name].is_null() & (frame[name].str.strip_chars().fill_null("") != "")
        _refuse(raw, frame.with_row_index("_row", offset=2), wrong, name)
    return out


def _parsed(
    content: bytes,
    mark: str,
    names: Sequence[str],
    wanted: Sequence[str],
    kinds: Mapping[str, type[pl.DataType]],
) -> pl.DataFrame:
    import polars as pl

    return pl.read_csv(
        content,
        separator=mark,
        has_header=False,
        skip_rows=1,
        new_columns=list(names),
        columns=[names.index(n) for n in wanted],
        schema_overrides=[kinds.get(n, pl.String) for n in names],
        null_values=list(MISSING),
    ).select(wanted)


def _utf8(raw: RawFile) -> bytes:
    """Return a text as UTF-8; one that is not is read as Windows-1252, the other form in use."""
    content = raw.content.removeprefix(b"\xef\xbb\xbf")
    if content.endswith((b"\n\n", b"\n\r\n")):
        content = content.rstrip(b"\r\n") + b"\n"
    if content.isascii():
        return content
    try:
        content.decode()
        return content
    except UnicodeDecodeError as error:
        at = error.start
    try:
        return content.decode("cp1252").encode()
    except UnicodeDecodeError as error:
        at = error.start
    row = content[:at].count(b"\n") + 1
    raise bad(raw.name, f"byte 0x{content[at]:02X} is neither UTF-8 nor Windows-1252", row=row)


def _check_cells(raw: RawFile, content: bytes, mark: str, cells: int) -> None:
    """Raise BadSource at the first row that has not as many cells as the header."""
    import polars as pl

    lines = pl.read_csv(
        content,
        has_header=False,
        separator="\x01",
        quote_char=None,
        infer_schema=False,
        new_columns=["line"],
    )["line"].fill_null("")
    if lines.len() < 2:
        raise bad(raw.name, "holds no row")
    if b'"' in content:
        if (lines.str.count_matches('"', literal=True) % 2 == 1).any():
            _check_quoted(raw, content, mark, cells)
            return
        lines = lines.str.replace_all('"[^"]*"', "")
    found = lines.str.count_matches(mark, literal=True) + 1
    wrong = (found != cells).arg_true()
    if wrong.len():
        at = wrong[0]
        raise bad(raw.name, f"{found[at]} cells, {cells} expected", row=at + 1)


def _check_quoted(raw: RawFile, content: bytes, mark: str, cells: int) -> None:
    """Do the same for a text whose quoted cells contain line ends."""
    reader = csv.reader(io.StringIO(content.decode(), newline=""), delimiter=mark, strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            if len(row) != cells:
                raise bad(raw.name, f"{len(row)} cells, {cells} expected", row=number)
    except csv.Error as error:
        raise bad(raw.name, f"is not CSV: {error}") from None
