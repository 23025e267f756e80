"""Tables as polars frames: the almanac's rows, those of pulled datasets, and codes of other lists."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from . import estimates
from .bulk import BY_NAME
from .load import Row, row_key
from .schema import Table

if TYPE_CHECKING:
    from .store import Record

CODES = Path(__file__).parent / "codes.csv"
SCHEMES = ("iso3", "cow", "gw")

TYPES: dict[str, Any] = {
    "text": pl.String,
    "integer": pl.Int64,
    "decimal": pl.Float64,
    "date": pl.Date,
    "partial_date": pl.String,
    "list": pl.String,
}


def frame(table: type[Table], rows: Sequence[Row]) -> pl.DataFrame:
    """Return rows as a frame whose column types follow the schema."""
    data: dict[str, list[Any]] = {}
    for column in table.columns:
        values = [row[column.name] for row in rows]
        if column.kind == "list":
            values = [None if value is None else ";".join(value) for value in values]
        elif column.kind == "decimal":
            values = [None if value is None else float(value) for value in values]
        data[column.name] = values
    return pl.DataFrame(data, schema={column.name: TYPES[column.kind] for column in table.columns})


def as_rows(record: Record, table: type[Table], rows: list[Row]) -> list[Row]:
    """Return rows with those of pulled datasets behind them; of one key the dataset's row stands."""
    place = {row_key(table, row): i for i, row in enumerate(rows)}
    out = list(rows)
    for found in scanned(record, table.name).collect().to_dicts():
        row = {c.name: _read(found.get(c.name), c.kind) for c in table.columns}
        at = place.get(row_key(table, row))
        if at is None:
            out.append(row)
        else:
            out[at] = row
    return out


def _read(value: Any, kind: str) -> Any:
    """Return a cell of a frame as the almanac's loader gives it."""
    if value is None:
        return None
    if kind == "decimal":
        return Decimal(repr(value)) if value != int(value) else Decimal(int(value))
    if kind == "list":
        return tuple(str(value).split(";"))
    return value


def empty(table: type[Table]) -> pl.DataFrame:
    """Return a frame without rows in all columns of a table."""
    return pl.DataFrame(schema={c.name: TYPES[c.kind] for c in table.frame_columns})


def scanned(record: Record, name: str, dataset: str | None = None) -> pl.LazyFrame:
    """Return the rows of pulled datasets lazily, in all columns of the table."""
    table = BY_NAME[name]
    parts = []
    for edition in record.library.holders(name):
        if dataset not in (None, edition.dataset):
            continue
        lazy = pl.scan_parquet(edition.parts[name].path)
        here = lazy.collect_schema().names()
        own = {
            "source_id": edition.source_id,
            "as_of": edition.manifest["until"] or edition.edition,
            "confidence": "published",
        }
        parts.append(
            lazy.select(
                pl.col(c.name)
                if c.name in here
                else pl.lit(own.get(c.name), TYPES[c.kind]).alias(c.name)
                for c in table.frame_columns
            )
        )
    if name == estimates.TABLE and dataset in (None, estimates.DATASET) and record.estimates:
        parts.append(_shipped(record, table))
    return pl.concat(parts) if parts else empty(table).lazy()


def _shipped(record: Record, table: type[Table]) -> pl.LazyFrame:
    """Return the estimates that ship in all columns of the table."""
    lazy = record.estimates.scanned()
    here = lazy.collect_schema().names()
    return lazy.select(
        (
            pl.col(c.name).cast(TYPES[c.kind]) if c.name in here else pl.lit(None, TYPES[c.kind])
        ).alias(c.name)
        for c in table.frame_columns
    )


def merged(record: Record, name: str, dataset: str | None = None) -> pl.DataFrame:
    """Return almanac and datasets as one frame; a dataset's row stands for the almanac's of its key.

    Chinese words that a dataset does not have are kept from the almanac's row.
    """
    table = BY_NAME[name]
    almanac = empty(table) if table.bulk else frame(table, _own(record, name))
    held = record.library.holders(name) or name == estimates.TABLE
    if dataset == "almanac" or (dataset is None and not held):
        return almanac
    pulled = scanned(record, name, dataset).collect()
    if dataset is not None:
        return pulled
    words = [c.name for c in table.frame_columns if c.name.endswith("_zh")]
    if words:
        known = almanac.select(*table.key, *words)
        pulled = pulled.join(
            known,
            on=list(table.key),
            how="left",
            suffix="_known",
            nulls_equal=True,
            maintain_order="left",
        ).with_columns(pl.coalesce(c, f"{c}_known").alias(c) for c in words)
        pulled = pulled.select(_names(table))
    kept = almanac.join(pulled, on=list(table.key), how="anti", nulls_equal=True)
    return pl.concat([kept, pulled], how="diagonal").select(pulled.columns)


def _own(record: Record, name: str) -> list[Row]:
    """Return the rows of the almanac and the user's own, without those of datasets."""
    pulled = {edition.source_id for edition in record.library.holders(name)}
    return [row for row in record.rows(name) if not pulled & set(row["source_id"] or ())]


def _names(table: type[Table]) -> tuple[str, ...]:
    return tuple(c.name for c in table.frame_columns)


def with_codes(record: Record, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with the codes of other lists beside each column of states.

    For ``state_id`` the columns are ``iso3`` (empty for what ISO 3166-1 does not hold), ``cow`` and
    ``gw``; for another column, as ``importer``, they are ``importer_iso3`` and so on. Where a list
    changed a state's code, the row's day decides.
    """
    table = BY_NAME[name]
    rows, borrowed = _dated(record, rows)
    day = _day(rows)
    for column in table.frame_columns:
        if column.refers != "states" or column.kind != "text" or column.name not in rows.columns:
            continue
        stem = "" if column.name == "state_id" else f"{column.name}_"
        for scheme in SCHEMES:
            usual = _usual(record, scheme)
            code = pl.col(column.name).replace_strict(
                usual, default=None, return_dtype=pl.String if scheme == "iso3" else pl.Int64
            )
            for row in _changed():
                here = _meant(row, column.name, scheme, day)
                if here is not None:
                    other = row["code"] or None if scheme == "iso3" else int(row["code"])
                    code = pl.when(here).then(pl.lit(other)).otherwise(code)
            if stem + scheme not in rows.columns:
                rows = rows.with_columns(code.alias(stem + scheme))
    return rows.drop("date") if borrowed else rows


def _meant(row: dict[str, str], column: str, scheme: str, day: pl.Expr | None) -> pl.Expr | None:
    """Return the condition that a changed code holds for a row; None where it never does."""
    dated = row["start"] or row["end"]
    if row["scheme"] != scheme or (dated and day is None):
        return None
    here = pl.col(column) == row["state_id"]
    if row["start"] and day is not None:
        here &= day >= pl.lit(row["start"]).str.to_date()
    if row["end"] and day is not None:
        here &= day < pl.lit(row["end"]).str.to_date()
    return here


def _dated(record: Record, rows: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """Add the day of what a row names (roll call, session, agreement) where it has none itself."""
    if _day(rows) is not None:
        return rows, False
    for column, table in (
        ("roll_call_id", "roll_calls"),
        ("session_id", "sessions"),
        ("agreement_id", "agreements"),
    ):
        if column in rows.columns:
            named = record.table(table)
            day = _day(named)
            if day is not None:
                days = named.select(column, day.alias("date")).unique(column, keep="first")
                return rows.join(days, on=column, how="left", maintain_order="left"), True
    return rows, False


def _usual(record: Record, scheme: str) -> dict[str, Any]:
    rows = record.rows("states")
    if scheme == "iso3":
        return {
            r["state_id"]: r["state_id"]
            for r in rows
            if r["iso2"] is not None and r["kind"] != "former_state"
        }
    return {r["state_id"]: r[scheme] for r in rows if r[scheme] is not None}


def _day(rows: pl.DataFrame) -> pl.Expr | None:
    """Return the day of a row: its date or start, else the middle of its year or period; None without."""
    days = [pl.col(name) for name in ("date", "start") if rows.schema.get(name) == pl.Date]
    for name in ("year", "last_seen"):
        if rows.schema.get(name) == pl.Int64:
            days.append(pl.date(pl.col(name), 7, 1))
    if "period_kind" in rows.columns:
        year = pl.col("period").str.to_integer(strict=False)
        session = pl.col("period_kind") == "session"
        days.append(pl.date(pl.when(session).then(year + 1945).otherwise(year), 7, 1))
    return pl.coalesce(days) if days else None


@cache
def _changed() -> tuple[dict[str, str], ...]:
    """Return the codes that a list changed for a state, with their days."""
    with open(CODES, encoding="utf-8", newline="") as handle:
        return tuple(csv.DictReader(handle))
