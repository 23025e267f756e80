"""The record: the almanac that ships, plus rows of the user's own from a store.

A store is a directory; ``STORE/almanac/TABLE.csv`` holds rows in the format of the shipped table and
adds them to it, ``STORE/datasets/NAME`` holds a dataset that was pulled from its publisher.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import BadInput, BadTable
from . import bulk, tables
from .estimates import Estimates
from .library import Library
from .load import Row, check_references, load_table, row_key
from .schema import Table

if TYPE_CHECKING:
    import polars as pl

    from .names import Registry

ALMANAC = Path(__file__).parent / "almanac"
FIRST_DAY = date(1945, 10, 24)
"""Entry into force of the UN Charter: before it the record holds nothing."""


ROWS_OF_DATASETS = ("weights",)
"""Tables of which `Record.rows` holds the rows of pulled datasets too."""


class Record:
    """Everything known, table by table, checked when read.

    Parameters
    ----------
    almanac : Path
        Directory with one CSV per table.
    store : Path or None
        Directory with the user's own rows, or None.
    """

    def __init__(self, almanac: Path = ALMANAC, store: Path | None = None) -> None:
        self.almanac = almanac
        self.store = store
        self._rows: dict[str, list[Row]] = {}
        self._shipped: dict[str, int] = {}
        self._indexes: dict[tuple[str, str], dict[Any, list[Row]]] = {}
        self._keys: dict[str, dict[str, Row]] = {}
        self.memo: dict[str, Any] = {}
        """What was read from a dataset once and serves several states."""

    def rows(self, name: str) -> Sequence[Row]:
        """Return the rows of a table as dicts: None for empty, date, int, Decimal, tuple, str.

        These are the almanac's rows and those of ``STORE/almanac``; rows of datasets are too many
        for this form and come with `table` and `scan`. Voting weights are few and decide who can
        block: those of pulled datasets are among the rows.
        """
        if name not in self._rows:
            if bulk.BY_NAME[name].bulk:
                return ()
            table = tables.BY_NAME[name]
            rows = load_table(table, self.almanac / f"{name}.csv")
            self._shipped[name] = len(rows)
            own = self._own(name)
            if own is not None:
                rows = rows + _own_rows(table, own, rows)
            if name == "sources":
                rows = rows + self.library.sources()
            if name in ROWS_OF_DATASETS and self.library.holders(name):
                from .frames import as_rows

                rows = as_rows(self, table, rows)
            self._rows[name] = rows
        return self._rows[name]

    def by(self, name: str, column: str) -> Mapping[Any, Sequence[Row]]:
        """Return the rows of a table grouped by the values of one column."""
        index = self._indexes.get((name, column))
        if index is None:
            index = defaultdict(list)
            for row in self.rows(name):
                index[row[column]].append(row)
            self._indexes[name, column] = index
        return index

    def where(self, name: str, column: str, value: object) -> Sequence[Row]:
        """Return the rows in which a column has this value."""
        return self.by(name, column).get(value, ())

    def keyed(self, name: str) -> Mapping[str, Row]:
        """Return the rows by their key (values joined by ``|``)."""
        if name not in self._keys:
            table = tables.BY_NAME[name]
            self._keys[name] = {row_key(table, row): row for row in self.rows(name)}
        return self._keys[name]

    def table(self, name: str, dataset: str | None = None) -> pl.DataFrame:
        """Return a table as a polars frame: the almanac's rows and those of the pulled datasets.

        Decimals become floats, lists stay joined by ``;``. Where a dataset holds a row with the key
        of an almanac row, the dataset's row stands. Two datasets on the same votes stand side by
        side; ``source_id`` (``dataset@edition``) tells them apart.

        Parameters
        ----------
        name : str
            Table.
        dataset : str, optional
            Only the rows of this pulled dataset; ``almanac`` for none of them.
        """
        from .frames import merged

        return merged(self, name, dataset)

    def scan(self, name: str, dataset: str | None = None) -> pl.LazyFrame:
        """Return the rows of pulled datasets lazily, all or those of one; none where none is here."""
        from .frames import scanned

        return scanned(self, name, dataset)

    @cached_property
    def library(self) -> Library:
        """Return the pulled datasets of the store."""
        return Library(self.store)

    @cached_property
    def estimates(self) -> Estimates:
        """Return the estimates of this program that ship."""
        return Estimates(self.almanac)

    @property
    def damaged(self) -> Mapping[str, str]:
        """Return the datasets that are left out, each with the file and what is wrong with it."""
        return self.library.damaged

    def check(self) -> None:
        """Load every table, follow every reference, ask for names; raise BadTable at a fault."""
        self._check_store()
        for table in tables.ALL:
            rows, own = self.rows(table.name), self._own(table.name)
            shipped = self._shipped[table.name]
            check_references(table, rows[:shipped], self.keyed, f"{table.name}.csv")
            if own is not None:
                pulled = len(rows) - shipped - len(load_table(table, own, str(own)))
                check_references(table, rows[shipped : len(rows) - pulled], self.keyed, str(own))
        for things, spellings, column in (
            ("states", "state_names", "state_id"),
            ("bodies", "body_names", "body_id"),
        ):
            short = {
                (row[column], row["lang"]) for row in self.rows(spellings) if row["kind"] == "short"
            }
            for code in self.keyed(things):
                for lang in ("en", "zh"):
                    if (code, lang) not in short:
                        problem = f"no row with the short name of {code!r} in {lang!r}"
                        raise BadTable(f"{spellings}.csv", None, column, problem)

    def _own(self, name: str) -> Path | None:
        """Return the store's file of a table, if there is one."""
        path = self.store / "almanac" / f"{name}.csv" if self.store else None
        return path if path is not None and path.exists() else None

    def _check_store(self) -> None:
        """Refuse a file of the store that would be passed over because no table has its name."""
        for path in sorted((self.store / "almanac").glob("*.csv")) if self.store else ():
            if path.stem not in tables.BY_NAME:
                raise BadTable(str(path), None, None, "there is no table of this name")

    @cached_property
    def names(self) -> Registry:
        """Return the registry of states and bodies."""
        from .names import Registry

        own = self.store / "almanac" if self.store else None
        return Registry.load(self.almanac, own)

    @cached_property
    def date(self) -> date:
        """Return the day on which the record was last reviewed."""
        pulled = {edition.source_id for edition in self.library.editions.values()}
        days = [
            row["retrieved"]
            for row in self.rows("sources")
            if len(row["retrieved"]) == 10 and row["source_id"] not in pulled
        ]
        return max(map(date.fromisoformat, days))


def open_record(store: str | os.PathLike[str] | None = None) -> Record:
    """Open the record: the almanac, plus whatever the store holds.

    Parameters
    ----------
    store : path, optional
        Store to read; without it ``MULTIPOLAR_STORE``, or the user's data directory if it exists.

    Raises
    ------
    BadInput
        A store was named that is not a directory.
    BadTable
        A table breaks its schema.
    """
    record = Record(store=own_directory(store))
    record.check()
    return record


def own_directory(store: str | os.PathLike[str] | None) -> Path | None:
    """Return the store to read: the one named, that of ``MULTIPOLAR_STORE``, or the user's.

    Raises
    ------
    BadInput
        A store was named that is not a directory.
    """
    chosen = store or os.environ.get("MULTIPOLAR_STORE")
    if chosen:
        path = Path(chosen)
        if not path.is_dir():
            raise BadInput(
                f"there is no store at {str(path)!r}.", hint="Name an existing directory."
            )
        return path
    home = user_directory()
    return home if home.is_dir() else None


def user_directory() -> Path:
    """Return the user's own store, whether or not it is there yet."""
    return Path(os.environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "multipolar"


def _own_rows(table: type[Table], path: Path, shipped: Sequence[Row]) -> list[Row]:
    taken = {row_key(table, row) for row in shipped}
    rows = load_table(table, path, str(path))
    for number, row in enumerate(rows, start=2):
        if row_key(table, row) in taken:
            raise BadTable(
                str(path), number, table.key[0], "this key stands in the almanac already"
            )
    return rows
