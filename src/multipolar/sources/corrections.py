"""Corrections to sources: one reviewed table, applied last, listed wherever it changed something.

A row names dataset, table, key (values joined by ``|``) and column, what the source prints and what
stands instead, with the reason and a link. A row is applied only where the source still prints what it
printed when the row was written.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from ..record.bulk import BY_NAME

if TYPE_CHECKING:
    from .source import Parsed

PATH = Path(__file__).parent / "corrections.csv"


@dataclass(frozen=True, slots=True)
class Correction:
    """One reviewed row."""

    dataset: str
    table: str
    key: str
    column: str
    printed: str
    corrected: str
    reason: str
    link: str


@cache
def corrections() -> tuple[Correction, ...]:
    """Return the reviewed table."""
    with open(PATH, encoding="utf-8", newline="") as handle:
        return tuple(Correction(**row) for row in csv.DictReader(handle))


def correct(dataset: str, parsed: Parsed) -> dict[str, pl.DataFrame]:
    """Return a parser's tables with the corrections of its dataset applied."""
    tables = dict(parsed.tables)
    for row in corrections():
        if row.dataset != dataset or row.table not in tables:
            continue
        frame = tables[row.table]
        column = pl.col(row.column)
        here = _there(row, frame)
        value = pl.lit(row.corrected or None).cast(frame.schema[row.column])
        tables[row.table] = frame.with_columns(
            pl.when(here).then(value).otherwise(column).alias(row.column)
        )
    return tables


def applied(dataset: str, parsed: Parsed) -> list[dict[str, str]]:
    """Return the corrections that changed a row of a parser's tables."""
    return [
        asdict(row)
        for row in corrections()
        if row.dataset == dataset
        and row.table in parsed.tables
        and parsed.tables[row.table].filter(_there(row, parsed.tables[row.table])).height
    ]


def _there(row: Correction, frame: pl.DataFrame) -> pl.Expr:
    """Return the condition that a row has the key and prints what is to be corrected."""
    key = BY_NAME[row.table].key
    parts = row.key.split("|")
    same = [
        pl.col(name).cast(pl.String).fill_null("") == part
        for name, part in zip(key, parts, strict=True)
    ]
    printed = pl.col(row.column).cast(pl.String).fill_null("") == row.printed
    return pl.all_horizontal(*same, printed)
