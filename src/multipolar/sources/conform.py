"""Frames of a parser brought to the schema, and checked: kinds, allowed words, keys, states."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from ..errors import BadSource
from ..record.bulk import BY_NAME
from ..record.frames import TYPES
from ..record.schema import Table

_BY_EDITION = ("source_id", "as_of", "confidence")
"""Columns that are the same for a whole edition: they are added when a table is read."""


def conform(dataset: str, name: str, frame: pl.DataFrame, states: Collection[str]) -> pl.DataFrame:
    """Return a parser's frame in the columns and kinds of its table.

    Columns that the parser left out and the edition's own columns are not stored.

    Raises
    ------
    BadSource
        A column that the table does not have, a value that does not fit, a key that stands twice.
    """
    table = BY_NAME[name]
    known = {c.name: c for c in table.frame_columns if c.name not in _BY_EDITION}
    strange = [c for c in frame.columns if c not in known]
    if strange:
        raise _fault(dataset, name, f"the loader made a column {strange[0]!r} that is not there")
    kept = [c for c in known if c in frame.columns]
    try:
        frame = frame.select(pl.col(c).cast(TYPES[known[c].kind], strict=True) for c in kept)
    except pl.exceptions.PolarsError as error:
        raise _fault(dataset, name, str(error).splitlines()[0]) from None
    for column in (known[c] for c in kept):
        if column.allowed:
            found = set(frame[column.name].unique().drop_nulls().to_list())
            if wrong := sorted(found - set(column.allowed)):
                raise _fault(dataset, name, f"{wrong[0]!r} is no {column.name}")
        if column.refers == "states" and column.kind == "text":
            found = set(frame[column.name].unique().drop_nulls().to_list())
            if wrong := sorted(found - set(states)):
                raise _fault(dataset, name, f"{wrong[0]!r} is no state of the registry")
        if column.kind == "decimal" and not frame[column.name].is_finite().all():
            raise _fault(dataset, name, f"{column.name} holds a value that is not a number")
    _check_key(dataset, table, frame)
    return frame


def _check_key(dataset: str, table: type[Table], frame: pl.DataFrame) -> None:
    """Raise BadSource where a key stands twice; payers that are no states are told apart by label."""
    key = [c for c in (*table.key, "payer") if c in frame.columns]
    if not key:
        return
    twice = frame.height - frame.select(key).hash_rows().n_unique()
    if twice and (twice := frame.height - frame.select(key).n_unique()):
        shown = frame.filter(frame.select(key).is_duplicated()).select(key).row(0)
        said = ", ".join(str(v) for v in shown)
        raise _fault(dataset, table.name, f"{twice:,} rows repeat a key, as {said}")


def _fault(dataset: str, table: str, problem: str) -> BadSource:
    return BadSource(f"{dataset}: table {table}: {problem}.")
