"""What a new edition of a source added, changed and removed: publishers revise history."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from ..errors import BadInput, StoreFault
from ..record.bulk import BY_NAME
from ..record.library import Damaged, Edition, check_part, current, load_edition
from . import load_source
from .files import find_files
from .pull import read

if TYPE_CHECKING:
    from ..record.store import Record

SHOWN = 20


def diff(
    record: Record, store: Path | None, name: str, origins: Sequence[str] = (), shown: int = SHOWN
) -> dict[str, Any]:
    """Compare two editions of a dataset, table by table.

    Parameters
    ----------
    record : Record
        Gives the registry for files that are not pulled.
    store : Path or None
        The store.
    name : str
        Dataset.
    origins : sequence of str
        Files that are not pulled yet, to be compared with the edition in force; without any, the
        edition in force is compared with the one before.
    shown : int
        Rows shown of each kind.

    Returns
    -------
    dict
        ``old`` and ``new`` edition, and per table the numbers ``added``, ``removed``, ``changed``
        and ``same``, the columns that changed, and examples.

    Raises
    ------
    BadInput
        There is no second edition to compare with.
    StoreFault
        An edition is damaged.
    """
    source = load_source(name)
    if any("://" in origin for origin in origins):
        raise BadInput("data diff compares files; download the new edition first, or pull it.")
    directory = store / "datasets" / source.name if store is not None else None
    before: dict[str, pl.DataFrame]
    after: dict[str, pl.DataFrame]
    try:
        here = current(directory) if directory is not None else None
        if here is None or directory is None:
            raise BadInput(
                f"{source.name} is not pulled.", hint=f"`multipolar data pull {source.name}` first."
            )
        if origins:
            before, old_name = _frames(here), here.edition
            parsed, after = read(source, find_files(source, [Path(o) for o in origins]), record)
            new_name = parsed.edition
        else:
            earlier = _earlier(directory)
            if earlier is None:
                raise BadInput(
                    f"the store holds one edition of {source.name} ({here.edition}).",
                    hint="Pull a newer one, or name its file with --from.",
                )
            before, old_name = _frames(earlier), earlier.edition
            after, new_name = _frames(here), here.edition
    except Damaged as problem:
        raise StoreFault(
            f"{problem}.", hint=f"`multipolar data pull {source.name}` again."
        ) from None
    return {
        "dataset": source.name,
        "old": old_name,
        "new": new_name,
        "tables": [
            _table(t, before.get(t), after.get(t), shown) for t in sorted({*before, *after})
        ],
    }


def _earlier(directory: Path) -> Edition | None:
    told = json.loads((directory / "current.json").read_bytes())
    before = told.get("before")
    return load_edition(directory / before) if before and (directory / before).is_dir() else None


def _frames(edition: Edition) -> dict[str, pl.DataFrame]:
    out = {}
    for name, part in edition.parts.items():
        check_part(part)
        out[name] = pl.read_parquet(part.path)
    return out


def _table(
    name: str, old: pl.DataFrame | None, new: pl.DataFrame | None, shown: int
) -> dict[str, Any]:
    """Return what changed in one table; rows are matched by the table's key."""
    if old is None or new is None:
        rows = new if old is None else old
        assert rows is not None
        here = (
            {"added": rows.height, "removed": 0}
            if old is None
            else {"added": 0, "removed": rows.height}
        )
        return {"table": name, **here, "changed": 0, "same": 0, "columns": {}, "examples": []}
    key = [c for c in (*BY_NAME[name].key, "payer") if c in old.columns and c in new.columns]
    rest = [c for c in old.columns if c in new.columns and c not in key]
    added = new.join(old, on=key, how="anti", nulls_equal=True)
    removed = old.join(new, on=key, how="anti", nulls_equal=True)
    both = old.join(new, on=key, how="inner", suffix=".new", nulls_equal=True)
    differs = {c: both.select(pl.col(c).ne_missing(pl.col(f"{c}.new"))).to_series() for c in rest}
    changed = both.filter(pl.any_horizontal(differs.values())) if differs else both.head(0)
    examples = [
        {"change": kind, **_plain(row)}
        for kind, frame in (("added", added.select(new.columns)), ("removed", removed))
        for row in frame.head(shown).to_dicts()
    ]
    for row in changed.head(shown).to_dicts():
        moved = {c: [row[c], row[f"{c}.new"]] for c in rest if row[c] != row[f"{c}.new"]}
        examples.append(
            {"change": "changed", **_plain({c: row[c] for c in key}), "values": _plain(moved)}
        )
    return {
        "table": name,
        "added": added.height,
        "removed": removed.height,
        "changed": changed.height,
        "same": both.height - changed.height,
        "columns": {c: int(d.sum()) for c, d in differs.items() if d.any()},
        "examples": examples,
    }


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        if isinstance(value, list):
            return [plain(v) for v in value]
        return value.isoformat() if hasattr(value, "isoformat") else value

    return {name: plain(value) for name, value in row.items() if value is not None}
