"""Several files at once for a loader's test."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl

from multipolar.record.store import Record
from multipolar.sources import load_source
from multipolar.sources.files import find_files
from multipolar.sources.pull import read
from multipolar.sources.source import Parsed


def read_folder(
    record: Record, folder: Path, name: str, files: Mapping[str, str | bytes]
) -> tuple[Parsed, dict[str, pl.DataFrame]]:
    """Write files into a folder and parse the folder as a dataset."""
    for file, content in files.items():
        (folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    source = load_source(name)
    return read(source, find_files(source, [folder]), record)


def workbook(*sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return an xlsx file whose sheets hold these rows."""
    book = openpyxl.Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
