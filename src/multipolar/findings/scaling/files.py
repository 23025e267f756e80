"""Votes read from a file: CSV, tab-separated or Parquet."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from ...errors import BadInput

_TABS = (".tsv", ".tab")


def read_votes(path: str | Path) -> pl.DataFrame:
    """Return the rows of a file of votes, every cell of a text file as text.

    Parameters
    ----------
    path : path
        ``.parquet``; ``.tsv`` or ``.tab`` with tabs; anything else is read as CSV (also gzipped).

    Raises
    ------
    BadInput
        There is no such file, or it is not of its form.
    """
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{path} is a directory.", hint="Name a file of votes.")
    if not path.exists():
        raise BadInput(f"there is no file {str(path)!r}.")
    suffixes = [s.lower() for s in path.suffixes]
    try:
        if ".parquet" in suffixes:
            return pl.read_parquet(path)
        tabs = any(s in _TABS for s in suffixes)
        return pl.read_csv(path, separator="\t" if tabs else ",", infer_schema=False)
    except pl.exceptions.NoDataError:
        raise BadInput(f"{path} is empty.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        said = (str(error).splitlines() or [""])[0].rstrip(".")
        kind = "Parquet" if ".parquet" in suffixes else "UTF-8 text in columns"
        raise BadInput(f"{path} is not {kind}: {said}.") from None
