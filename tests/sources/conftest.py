"""Fixtures for the tests of loaders: real files of publishers, parsed once for all tests."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from multipolar.record.store import Record
from multipolar.sources import load_source
from multipolar.sources.files import find_files
from multipolar.sources.pull import read
from multipolar.sources.source import Parsed

SHARED = Path(__file__).resolve().parents[3] / "shared/data"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of publishers' files, beside the project."""
    if not SHARED.is_dir():
        pytest.skip("the publishers' files are not here (../shared/data)")
    return SHARED


@pytest.fixture(scope="session")
def parsed(record: Record, shared: Path) -> Callable[..., tuple[Parsed, dict[str, pl.DataFrame]]]:
    """Parse files of ``shared`` as a dataset: ``parsed("paris", "treaties")``."""

    @cache
    def of(name: str, *places: str) -> tuple[Parsed, dict[str, pl.DataFrame]]:
        source = load_source(name)
        return read(source, find_files(source, [shared / place for place in places]), record)

    return of


@pytest.fixture
def made(record: Record, tmp_path: Path) -> Callable[..., tuple[Parsed, dict[str, pl.DataFrame]]]:
    """Parse a file written for one test: ``made("paris", "x.csv", "Code,Name…")``."""

    def of(name: str, file: str, content: str | bytes) -> tuple[Parsed, dict[str, pl.DataFrame]]:
        path = tmp_path / file
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        source = load_source(name)
        return read(source, find_files(source, [path]), record)

    return of
