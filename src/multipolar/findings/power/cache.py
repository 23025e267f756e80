"""Indices that took long are kept: those that ship, and those of the user's own games.

An entry is found by a hash of the game itself (criteria, thresholds, players in their order), so that
a changed weight or rule is another entry and none is ever stale. A file that is not whole is passed
over and written again.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Mapping
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from ...measures.power.indices import Indices, from_swings, indices
from ...output import write_new
from ...rules.form import Form
from ...rules.game import key_of

VERSION = 1
"""Raised when the same game may give other numbers."""
SHIPPED = Path(__file__).with_name("computed.json")
SLOW = 0.3
"""Seconds from which a result is kept."""


@lru_cache(maxsize=256)
def kept_indices(form: Form) -> Indices:
    """Return the indices of a game, counted or drawn as suits it, from what is kept if they are there."""
    key = key_of(form)
    entry = _shipped().get(key) or _read(key)
    if entry is not None:
        return _indices(form, entry)
    begin = time.perf_counter()
    made = indices(form)
    if made.exact and time.perf_counter() - begin >= SLOW:
        _write(key, entry_of(made))
    return made


def forget() -> None:
    """Drop what this process holds; files stay."""
    kept_indices.cache_clear()


def entry_of(made: Indices) -> dict[str, Any]:
    """Return what is kept of exact indices."""
    assert made.swings is not None
    return {
        "version": VERSION,
        "swings": [str(s) for s in made.swings],
        "winning": str(made.winning),
        "shapley": list(made.shapley_shubik or ()),
        "shapley_exact": [str(x) for x in made.shapley_exact] if made.shapley_exact else None,
        "shapley_error": made.shapley_error,
        "method": made.method,
    }


def _indices(form: Form, entry: Mapping[str, Any]) -> Indices:
    exact = entry["shapley_exact"]
    return from_swings(
        form.players,
        tuple(int(s) for s in entry["swings"]),
        int(entry["winning"]),
        tuple(entry["shapley"]),
        shapley_exact=tuple(map(Fraction, exact)) if exact else None,
        shapley_error=entry["shapley_error"],
        method=entry["method"],
    )


@cache
def _shipped() -> Mapping[str, dict[str, Any]]:
    if not SHIPPED.exists():
        return {}
    entries: dict[str, dict[str, Any]] = json.loads(SHIPPED.read_text(encoding="utf-8"))["games"]
    return {key: entry for key, entry in entries.items() if entry["version"] == VERSION}


def directory() -> Path:
    """Return where the user's results are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "multipolar" / "power"


def _read(key: str) -> dict[str, Any] | None:
    try:
        kept = json.loads((directory() / f"{key}.json").read_bytes())
        whole = kept["key"] == key and kept["sum"] == _sum(kept["entry"])
        entry: dict[str, Any] = kept["entry"]
        return entry if whole and entry["version"] == VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(key: str, entry: dict[str, Any]) -> None:
    """Keep an entry; where the directory cannot be written nothing is kept."""
    data = json.dumps({"key": key, "sum": _sum(entry), "entry": entry}).encode()
    try:
        directory().mkdir(parents=True, exist_ok=True)
        write_new(os.fspath(directory() / f"{key}.json"), data, force=True)
    except (OSError, ValueError):
        return


def _sum(entry: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(entry, sort_keys=True).encode()).hexdigest()
