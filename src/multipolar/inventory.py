"""What the record holds, and its tables as files."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from . import __version__
from .errors import BadInput, CannotWrite
from .findings.explain import plain
from .output import check_new, write_new
from .record import tables
from .record.load import Row
from .record.schema import Table
from .record.store import Record

_DATED = ("date", "start")


def inventory(record: Record, as_of: date | None = None) -> dict[str, Any]:
    """Return tables and datasets: rows, first and last date, coverage, licence."""
    listed = []
    for table in tables.ALL:
        rows = _up_to(table, record.rows(table.name), as_of)
        days = [row[c] for row in rows for c in _DATED if row.get(c) is not None]
        spoken = [r for r in record.rows("coverage") if r["table"] == table.name]
        listed.append(
            {
                "table": table.name,
                "rows": len(rows),
                "from": min(days).isoformat() if days else None,
                "until": max(days).isoformat() if days else None,
                "coverage": ";".join(sorted({r["coverage"] for r in spoken})) or None,
                "missing": " ".join(r["remark_en"] for r in spoken if r["remark_en"]) or None,
                "holds": (table.__doc__ or "").strip().splitlines()[0],
                "columns": [column.name for column in table.columns],
            }
        )
    datasets = [
        {
            "dataset": row["dataset"],
            "title": row["title_en"],
            "title_zh": row["title_zh"],
            "publisher": row["publisher"],
            "url": row["url"],
            "licence": row["licence"],
            "fills": row["tables"],
            "pulled": "no",
        }
        for row in record.rows("datasets")
    ]
    return {"record_date": record.date.isoformat(), "tables": listed, "datasets": datasets}


def export_one(record: Record, name: str, format_: str, as_of: date | None = None) -> bytes:
    """Return one table as CSV, JSON or Parquet.

    Raises
    ------
    BadInput
        There is no such table.
    """
    table = _table(name)
    rows = _up_to(table, record.rows(table.name), as_of)
    if format_ == "parquet":
        from .record.frames import frame

        held = io.BytesIO()
        frame(table, rows).write_parquet(held)
        return held.getvalue()
    flat = [plain(row) for row in rows]
    if format_ == "json":
        return (json.dumps(flat, ensure_ascii=False, indent=1) + "\n").encode()
    import csv

    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [c.name for c in table.columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()


def export_directory(
    record: Record,
    names: Sequence[str],
    format_: str,
    directory: Path,
    as_of: date | None = None,
    *,
    force: bool = False,
) -> Iterator[str]:
    """Write tables into a directory with citation, licence and sources beside them.

    Yields the paths written. Nothing is written if one of them exists and ``force`` is not given.
    """
    chosen = [_table(name).name for name in names] or [table.name for table in tables.ALL]
    files: dict[str, bytes] = {}
    for name in dict.fromkeys([*chosen, "sources"]):
        suffix = "csv" if name == "sources" and name not in chosen else format_
        files[f"{name}.{suffix}"] = export_one(record, name, suffix, as_of)
    files["CITATION.txt"] = citation(record).encode()
    files["LICENCE.txt"] = LICENCE.encode()
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{directory} cannot be made: {error.strerror}.") from None
    for name in files:
        check_new(str(directory / name), force=force)
    for name, data in files.items():
        write_new(str(directory / name), data, force=force)
        yield str(directory / name)


def citation(record: Record) -> str:
    """Return how to cite the almanac."""
    return (
        f"multipolar {__version__}: the almanac, record of {record.date.isoformat()}.\n"
        "Cite the source of each row as well: column source_id, table sources.\n"
    )


LICENCE = (
    "The almanac holds facts, each with its source, compiled by the multipolar authors.\n"
    "The compilation is available under the MIT licence. The sources keep their own terms: see the\n"
    "addresses in the table sources before you redistribute whole series of one publisher.\n"
)


def _table(name: str) -> type[Table]:
    table = tables.BY_NAME.get(name.replace("-", "_").lower())
    if table is None:
        from difflib import get_close_matches

        near = get_close_matches(name, tables.BY_NAME, n=3)
        raise BadInput(
            f"there is no table {name!r}.",
            hint=f"Nearest: {', '.join(near)}."
            if near
            else "`multipolar data list` names them all.",
            candidates=near,
        )
    return table


def _up_to(table: type[Table], rows: Sequence[Row], as_of: date | None) -> list[Row]:
    """Leave out rows that begin after the day."""
    if as_of is None:
        return list(rows)
    names = [column.name for column in table.columns]
    dated = next((c for c in _DATED if c in names), None)
    if dated is None:
        return list(rows)
    return [row for row in rows if row[dated] is None or row[dated] <= as_of]
