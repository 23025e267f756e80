"""Fixtures for all tests: the record, profiles, and the command line in and out of this process."""

from __future__ import annotations

import io
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import made_files
from helpers import Result, fill, write_table
from multipolar.findings.finding import Finding, Profile
from multipolar.findings.profile import build_profile
from multipolar.record.store import Record

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session", autouse=True)
def _no_store_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep rows that the person at this machine may have out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MULTIPOLAR_STORE", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("PYTHONPATH", str(ROOT / "src"))
        yield


@pytest.fixture(scope="session")
def record() -> Record:
    """The record that ships, checked once."""
    shipped = Record()
    shipped.check()
    return shipped


@pytest.fixture(scope="session")
def profile(record: Record) -> Callable[..., Profile]:
    """Profiles by state and day, each computed once."""

    @cache
    def of(state: str, day: date | None = None) -> Profile:
        return build_profile(record, state, day)

    return of


@pytest.fixture(scope="session")
def found(profile: Callable[..., Profile]) -> Callable[..., Finding]:
    """One finding by state, facet, body and measure; it must be there and have sources."""

    def of(state: str, facet: str, body: str, measure: str, day: date | None = None) -> Finding:
        made = profile(state, day)
        finding = made.find(f"{state}/{facet}/{body}/{measure}@{made.as_of}")
        assert finding is not None, f"{state}/{facet}/{body}/{measure}"
        assert finding.sources
        return finding

    return of


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run the command line in this process, in an empty directory."""
    from multipolar.__main__ import main

    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)

    def run(*words: str) -> Result:
        out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
        before = signal.getsignal(signal.SIGINT)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", ["multipolar", *words])
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as stop:
                main()
        signal.signal(signal.SIGINT, before)
        out.flush()
        err.flush()
        return Result(stop.value.code, out.buffer.getvalue(), err.buffer.getvalue().decode())

    return run


@pytest.fixture
def process(tmp_path: Path) -> Callable[..., Result]:
    """Run the command line as a process of its own, in an empty directory."""
    work = tmp_path / "process"
    work.mkdir()

    def run(*words: str, **more: Any) -> Result:
        done = subprocess.run(
            [sys.executable, "-m", "multipolar", *words],
            cwd=work,
            capture_output="stdout" not in more,
            stderr=subprocess.PIPE if "stdout" in more else None,
            timeout=60,
            check=False,
            **more,
        )
        return Result(done.returncode, done.stdout or b"", done.stderr.decode())

    return run


@pytest.fixture
def store(tmp_path: Path) -> Callable[..., Path]:
    """Make a store with rows of one's own: ``store(exits=[{...}], bodies=[{...}])``."""
    root = tmp_path / "store"

    def make(**rows: list[dict[str, str]]) -> Path:
        (root / "almanac").mkdir(parents=True, exist_ok=True)
        for name, given in rows.items():
            write_table(root / "almanac", name, [fill(name, row) for row in given])
        return root

    return make


@pytest.fixture
def one_line() -> Callable[[Result, int], str]:
    """Check the shape of every failure; return its line."""

    def check(result: Result, code: int) -> str:
        assert "Traceback" not in result.err, result.err
        assert result.code == code, result.err
        assert result.err.endswith("\n")
        lines = result.err.splitlines()
        assert len(lines) == 1, result.err
        assert lines[0].startswith("multipolar: ")
        return lines[0]

    return check


@pytest.fixture(scope="session")
def pulled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store into which two small datasets were pulled, the votes in two editions."""
    import multipolar as mp

    root = tmp_path_factory.mktemp("pulled")
    for number, (name, text) in enumerate(
        [("unga", made_files.GA), ("unga", made_files.GA_NEWER), ("paris", made_files.PARIS)]
    ):
        path = root / f"{number}.csv"
        path.write_text(text, encoding="utf-8")
        mp.pull(name, path, store=root / "store")
    return root / "store"


@pytest.fixture
def pulled(pulled_once: Path, tmp_path: Path) -> Path:
    """A copy of that store, to be changed or broken."""
    return shutil.copytree(pulled_once, tmp_path / "pulled")
