"""Stata's ``.dta`` files, by way of a maintained reader."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ..files import RawFile
from ..source import bad

if TYPE_CHECKING:
    import polars as pl


def read_stata(raw: RawFile) -> pl.DataFrame:
    """Return a ``.dta`` file as a frame: numbers as stored, Stata's missing values as null."""
    import polars as pl
    import pyreadstat

    try:
        frame, _ = pyreadstat.read_dta(io.BytesIO(raw.content), output_format="polars")
    except Exception as error:  # the reader raises types of its own, which it does not export
        raise bad(raw.name, f"is not a whole Stata file: {error}") from None
    return pl.DataFrame(frame).with_columns(pl.col(pl.Float32, pl.Float64).fill_nan(None))
