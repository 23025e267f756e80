"""Tables as polars frames, for users and for Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from .load import Row
from .schema import Table

_TYPES: dict[str, Any] = {
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
    return pl.DataFrame(data, schema={column.name: _TYPES[column.kind] for column in table.columns})
