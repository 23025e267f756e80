"""Pulls for the tests of faults: small made editions, real processes, and a look at what lies there."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from helpers import Result
from multipolar.record.library import Library
from multipolar.record.store import Record

HEAD = "Code,Name,Signature,Ratification,Kind,Date-Of-Effect,Emissions,Percentage,Year\n"
PATIENCE = 60


OLDER, OLD, NEW = "2016-11-04", "2017-03-17", "2018-05-01"
"""Days that tell the editions apart: from then on every party of it is bound."""


@cache
def paris_csv(day: str = OLD, rows: int = 150) -> bytes:
    """Return a table as the publisher's: parties that are all bound from one day."""
    codes = [
        row["state_id"]
        for row in Record().rows("states")
        if row["end"] is None and row["un_admitted"] is not None
    ]
    joined = date.fromisoformat(day) - timedelta(days=30)
    lines = [f"{code},{code},2016-04-22,{joined},Ratification,{day},,," for code in codes[:rows]]
    return (HEAD + "\n".join(lines) + "\n").encode()


def pull_words(store: Path, name: str, *froms: str | Path, sha256: str = "") -> list[str]:
    """Return the command that pulls a dataset."""
    words = [sys.executable, "-m", "multipolar", "data", "pull", name, "--store", str(store)]
    for origin in froms:
        words += ["--from", str(origin)]
    return words + (["--sha256", sha256] if sha256 else [])


def run_pull(
    store: Path,
    name: str,
    *froms: str | Path,
    sha256: str = "",
    env: Mapping[str, str] | None = None,
    **more: Any,
) -> Result:
    """Pull in a process of its own."""
    done = subprocess.run(
        pull_words(store, name, *froms, sha256=sha256),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
        env={**os.environ, **(env or {})},
        **more,
    )
    return Result(done.returncode, done.stdout, done.stderr.decode())


def current_json(store: Path, name: str = "paris") -> dict[str, Any]:
    """Return the pointer to the edition in force."""
    found: dict[str, Any] = json.loads((store / f"datasets/{name}/current.json").read_bytes())
    return found


def shown(store: Path, name: str = "paris") -> dict[str, str]:
    """Return all that is not hidden in a dataset's directory, with hashes of the files."""
    root = store / "datasets" / name
    found = {}
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root)
        if not any(part.startswith(".") for part in relative.parts):
            digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
            found[str(relative)] = digest
    return found


def hidden(store: Path, name: str = "paris") -> list[str]:
    """Return what a pull left hidden; the lock and the mark of the first pull always stay."""
    left = {p.name for p in (store / "datasets" / name).glob(".*")}
    return sorted(left - {".lock", ".pulled"})


def in_force(store: Path, name: str = "paris") -> str:
    """Read the edition in force as readers do, every byte checked; return the day of its rows."""
    library = Library(store)
    frame = library.scan("memberships", name)[name].collect()
    assert library.damaged == {}
    (day,) = frame["start"].unique().to_list()
    return str(day)
