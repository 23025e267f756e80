"""Everything that was pulled, verified again: files, rows, keys, references, totals, two sources of one vote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from ..record.bulk import BY_NAME
from ..record.frames import TYPES
from ..record.library import Damaged, Edition, check_part
from . import MODULES, load_source
from .compare import PAIRS, compare
from .corrections import corrections

if TYPE_CHECKING:
    from ..record.store import Record

SHOWN = 1_000
"""Differing cells shown of a comparison; the frame of `compare` has them all."""


def check(record: Record, shown: int = SHOWN) -> dict[str, Any]:
    """Verify every dataset of a store and say what is known to be doubtful.

    Returns
    -------
    dict
        ``datasets``: per dataset ``status`` (``whole`` or ``damaged``), ``problems``, ``notes`` of
        the pull, counts of roll calls by agreement of their totals, known ``defects`` and whether
        the loader is newer; ``corrections``: every reviewed correction and whether it was applied;
        ``comparisons``: two sources of the same votes; ``damaged``: names of damaged datasets.
    """
    found = [_checked(record, edition) for edition in list(record.library.editions.values())]
    damaged = {name: [problem] for name, problem in record.library.damaged.items()}
    for row in found:
        if row["problems"]:
            damaged[row["dataset"]] = row["problems"]
    found += [
        {"dataset": name, "status": "damaged", "problems": problems}
        for name, problems in damaged.items()
        if name not in {row["dataset"] for row in found}
    ]
    here = set(record.library.editions) - set(damaged)
    return {
        "store": str(record.store) if record.store else None,
        "datasets": sorted(found, key=lambda row: row["dataset"]),
        "not_pulled": sorted(set(MODULES) - here - set(damaged)),
        "corrections": [
            asdict(row) | {"applied": _was_applied(record, row.dataset, row.key)}
            for row in corrections()
        ],
        "comparisons": [
            compare(record, *pair).to_dict(shown) for pair in PAIRS if set(pair) <= here
        ],
        "damaged": sorted(damaged),
    }


def _checked(record: Record, edition: Edition) -> dict[str, Any]:
    told = edition.manifest
    source = load_source(edition.dataset) if edition.dataset in MODULES else None
    problems = list(_problems(record, edition))
    age = (date.today() - date.fromisoformat(str(told["pulled"])[:10])).days
    row: dict[str, Any] = {
        "dataset": edition.dataset,
        "edition": edition.edition,
        "status": "damaged" if problems else "whole",
        "problems": problems,
        "sha256": told["sha256"],
        "pulled": told["pulled"],
        "age_days": age,
        "tables": {name: part.rows for name, part in edition.parts.items()},
        "rows_read": told["rows_read"],
        "rows_kept": told["rows_kept"],
        "dropped": told["dropped"],
        "notes": list(told["notes"]),
        "defects": list(source.defects) if source else [],
        "newer_loader": bool(source and source.version > told["loader"]),
    }
    if not problems and "roll_calls" in edition.parts:
        totals = record.scan("roll_calls", edition.dataset).select("totals").collect()["totals"]
        row["totals"] = dict(totals.drop_nulls().value_counts(sort=True).iter_rows())
    return row


def _problems(record: Record, edition: Edition) -> Iterator[str]:
    """Yield what is wrong with an edition: hashes, then rows, columns, keys, states, references."""
    frames: dict[str, pl.DataFrame] = {}
    for name, part in edition.parts.items():
        try:
            check_part(part)
            frames[name] = pl.read_parquet(part.path)
        except Damaged as problem:
            yield str(problem)
        except (pl.exceptions.PolarsError, OSError) as error:
            yield f"{part.path} cannot be read: {str(error).splitlines()[0]}"
    states = set(record.keyed("states"))
    for name, frame in frames.items():
        if frame.height != edition.parts[name].rows:
            yield f"{name} holds {frame.height:,} rows, its manifest says {edition.parts[name].rows:,}"
        table = BY_NAME.get(name)
        if table is None:
            yield f"{name} is no table of this version"
            continue
        kinds = {c.name: TYPES[c.kind] for c in table.frame_columns}
        yield from (
            f"{name}.{column} is not a column of this form"
            for column, kind in frame.schema.items()
            if kinds.get(column) != kind
        )
        for column in table.frame_columns:
            if column.name not in frame.columns or column.kind != "text":
                continue
            values = set(frame[column.name].unique().drop_nulls())
            if column.refers == "states" and (strange := values - states):
                yield f"{name}.{column.name}: {min(strange)!r} is no state"
            if column.refers in frames and column.refers != name:
                key = BY_NAME[column.refers].key[0]
                if strange := values - set(frames[column.refers][key]):
                    yield f"{name}.{column.name}: {min(strange)!r} is not in {column.refers}"


def _was_applied(record: Record, dataset: str, key: str) -> bool | None:
    edition = record.library.editions.get(dataset)
    if edition is None:
        return None
    return any(row["key"] == key for row in edition.manifest["corrections"])
