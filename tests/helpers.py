"""What several tests need: the result of a run, and tables of an almanac read and written as text."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from multipolar.record import tables
from multipolar.record.store import ALMANAC


@dataclass(frozen=True)
class Result:
    """What a run of the command line gave back."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def csv(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.out.decode())))


def fill(table: str, row: dict[str, str]) -> dict[str, str]:
    """Return a row with the columns that every fact has filled in where they are left out."""
    if not tables.BY_NAME[table].fact:
        return row
    sourced = {"source_id": any_source(), "as_of": "2026-01-01", "confidence": "verified"}
    return {**sourced, **row}


def write_table(directory: Path, name: str, rows: list[dict[str, str]]) -> None:
    """Write rows in the format of the almanac; a column left out is empty."""
    columns = [column.name for column in tables.BY_NAME[name].columns]
    with open(directory / f"{name}.csv", "w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_table(directory: Path, name: str) -> list[dict[str, str]]:
    """Read a table of an almanac as texts."""
    with open(directory / f"{name}.csv", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def any_source() -> str:
    """Return a source id of the almanac that ships."""
    return read_table(ALMANAC, "sources")[0]["source_id"]


def leftovers(directory: Path) -> list[str]:
    """Return all files below a directory."""
    return sorted(str(p.relative_to(directory)) for p in directory.rglob("*") if p.is_file())
