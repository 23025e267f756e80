"""What the record holds, and its tables as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import __version__
from .errors import BadInput, CannotWrite
from .findings.explain import plain
from .output import check_new, write_new
from .record import estimates, tables
from .record.bulk import BULK, BY_NAME
from .record.load import Row
from .record.schema import Table
from .record.store import Record

if TYPE_CHECKING:
    import polars as pl

_DATED = ("date", "start")
XLSX_ROWS = 1_048_575
"""What a sheet holds beside its header."""


def inventory(record: Record, as_of: date | None = None) -> dict[str, Any]:
    """Return tables and datasets: rows, first and last date, coverage, licence, age."""
    pulled: dict[str, dict[str, int]] = {}
    for edition in record.library.editions.values():
        for part in edition.parts.values():
            pulled.setdefault(part.table, {})[edition.dataset] = part.rows
    listed = [_listed(record, table, as_of, pulled) for table in tables.ALL]
    listed += [_listed(record, table, as_of, pulled) for table in BULK if table.name in pulled]
    if record.estimates:
        listed = [row for row in listed if row["table"] != estimates.TABLE]
        listed.append(_estimated(record, as_of, pulled))
    return {
        "record_date": record.date.isoformat(),
        "store": str(record.store) if record.store else None,
        "tables": listed,
        "datasets": [_dataset(record, row) for row in record.rows("datasets")],
        "damaged": dict(record.damaged),
    }


def _listed(
    record: Record, table: type[Table], as_of: date | None, pulled: dict[str, dict[str, int]]
) -> dict[str, Any]:
    rows = _up_to(table, record.rows(table.name), as_of)
    days = [row[c] for row in rows for c in _DATED if row.get(c) is not None]
    spoken = [r for r in record.rows("coverage") if r["table"] == table.name]
    return {
        "table": table.name,
        "rows": len(rows),
        "pulled": pulled.get(table.name, {}),
        "from": min(days).isoformat() if days else None,
        "until": max(days).isoformat() if days else None,
        "coverage": ";".join(sorted({r["coverage"] for r in spoken})) or None,
        "missing": " ".join(r["remark_en"] for r in spoken if r["remark_en"]) or None,
        "holds": (table.__doc__ or "").strip().splitlines()[0],
        "columns": [column.name for column in table.columns],
    }


def _estimated(
    record: Record, as_of: date | None, pulled: dict[str, dict[str, int]]
) -> dict[str, Any]:
    """List the estimates that ship."""
    told, points = record.estimates.series, record.estimates.points
    last = as_of.year if as_of is not None else int(points[-1].period)
    rows = [row for row in points if int(row.period) <= last]
    return {
        **_listed(record, BY_NAME[estimates.TABLE], as_of, pulled),
        "rows": len(rows),
        "from": told["from"] if rows else None,
        "until": min(told["until"], f"{last}-12-31") if rows else None,
    }


def _dataset(record: Record, row: Row) -> dict[str, Any]:
    """Return what is known of a dataset, and of its edition where it was pulled."""
    edition = record.library.editions.get(row["dataset"])
    told = edition.manifest if edition is not None else {}
    state = (
        "yes" if edition is not None else "damaged" if row["dataset"] in record.damaged else "no"
    )
    age = (date.today() - date.fromisoformat(str(told["pulled"])[:10])).days if told else None
    return {
        "dataset": row["dataset"],
        "title": row["title_en"],
        "title_zh": row["title_zh"],
        "publisher": row["publisher"],
        "url": row["url"],
        "licence": row["licence"],
        "fills": row["tables"],
        "pulled": state,
        "edition": told.get("edition"),
        "from": told.get("from"),
        "until": told.get("until"),
        "rows": sum(part.rows for part in edition.parts.values()) if edition is not None else None,
        "pulled_at": told.get("pulled"),
        "age_days": age,
        "sha256": told.get("sha256"),
        "problem": record.damaged.get(row["dataset"]),
    }


@dataclass(frozen=True, slots=True)
class Export:
    """How tables are exported.

    Attributes
    ----------
    form : str
        ``csv``, ``json``, ``parquet`` or ``xlsx``.
    as_of : date or None
        Leave out rows that begin later.
    dataset : str or None
        Only rows of this pulled dataset, or ``almanac``.
    codes : bool
        Whether codes of other lists (ISO 3166-1, COW, Gleditsch–Ward) are added.
    """

    form: str = "csv"
    as_of: date | None = None
    dataset: str | None = None
    codes: bool = True


def export_one(record: Record, name: str, wanted: Export) -> bytes:
    """Return one table in the form wanted.

    Raises
    ------
    BadInput
        There is no such table, the dataset is not pulled, or a sheet cannot hold so many rows.
    """
    table = _table(name)
    ours = wanted.dataset == estimates.DATASET and name == estimates.TABLE
    known = (None, "almanac", *record.library.editions)
    if wanted.dataset not in known and not ours:
        raise BadInput(
            f"the dataset {wanted.dataset!r} is not pulled.",
            hint=f"Pulled: {', '.join(record.library.editions) or 'none'}.",
        )
    light = wanted.form in ("csv", "json") and not table.bulk
    if light and (wanted.dataset == "almanac" or not record.library.holders(table.name)):
        return _light(record, table, wanted)
    rows = _frame(record, table, wanted)
    held = io.BytesIO()
    if wanted.form == "parquet":
        rows.write_parquet(held)
    elif wanted.form == "xlsx":
        _write_sheet(rows, table.name, held)
    elif wanted.form == "json":
        _write_json(rows, held)
    else:
        rows.write_csv(held)
    return held.getvalue()


def _light(record: Record, table: type[Table], wanted: Export) -> bytes:
    """Return the almanac's rows as they are printed there, with the codes behind."""
    chosen = _up_to(table, record.rows(table.name), wanted.as_of)
    header = [c.name for c in table.columns]
    flat = [plain(row) for row in chosen]
    if wanted.codes and any(c.refers == "states" and c.kind == "text" for c in table.columns):
        from .record.frames import frame, with_codes

        coded = with_codes(record, table.name, frame(table, chosen))
        more = [c for c in coded.columns if c not in header]
        flat = [a | b for a, b in zip(flat, coded.select(more).to_dicts(), strict=True)]
        header += more
    if wanted.form == "json":
        return (json.dumps(flat, ensure_ascii=False, indent=1) + "\n").encode()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()


def _frame(record: Record, table: type[Table], wanted: Export) -> pl.DataFrame:
    import polars as pl

    from .record.frames import with_codes

    rows = record.table(table.name, wanted.dataset)
    if not table.bulk and not record.library.holders(table.name):
        rows = rows.select([c.name for c in table.columns])
    if wanted.as_of is not None:
        dated = next((c for c in _DATED if rows.schema.get(c) == pl.Date), None)
        if dated is not None:
            rows = rows.filter(pl.col(dated).is_null() | (pl.col(dated) <= wanted.as_of))
        elif "roll_call_id" in rows.columns:
            calls = record.table("roll_calls").filter(pl.col("date") <= wanted.as_of)
            rows = rows.join(calls, on="roll_call_id", how="semi", maintain_order="left")
        elif rows.schema.get("year") == pl.Int64:
            rows = rows.filter(pl.date(pl.col("year"), 12, 31) <= wanted.as_of)
        elif "period_kind" in rows.columns:
            year = pl.col("period").str.to_integer()
            year = pl.when(pl.col("period_kind") == "session").then(year + 1945).otherwise(year)
            rows = rows.filter(year <= wanted.as_of.year)
    return with_codes(record, table.name, rows) if wanted.codes else rows


def _write_json(rows: pl.DataFrame, held: io.BytesIO) -> None:
    import polars as pl

    dates = [c for c, kind in rows.schema.items() if kind == pl.Date]
    flat = rows.with_columns(pl.col(dates).cast(pl.String)).to_dicts()
    held.write((json.dumps(flat, ensure_ascii=False, indent=1) + "\n").encode())


def _write_sheet(rows: pl.DataFrame, name: str, held: io.BytesIO) -> None:
    import openpyxl

    if rows.height > XLSX_ROWS:
        raise BadInput(
            f"{name} has {rows.height:,} rows, a sheet holds {XLSX_ROWS:,}.",
            hint="Use --dataset to take a part, or --format parquet.",
        )
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.append(rows.columns)
    for row in rows.iter_rows():
        sheet.append([_cell(value) for value in row])
    book.save(held)


def _cell(value: object) -> object:
    """Return a value as a sheet keeps it: a text that begins like a formula stays a text."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if not isinstance(value, str):
        return value
    text = str(ILLEGAL_CHARACTERS_RE.sub("", value))[:32_767]
    return f"'{text}" if text.startswith(("=", "+", "@")) else text


def export_directory(
    record: Record, names: Sequence[str], wanted: Export, directory: Path, *, force: bool = False
) -> Iterator[str]:
    """Write tables into a directory with citation, licence and sources beside them.

    Yields the paths written. Nothing is written if one of them exists and ``force`` is not given.
    """
    chosen = [_table(name).name for name in names] or [
        *(table.name for table in tables.ALL),
        *(
            table.name
            for table in BULK
            if record.library.holders(table.name)
            or (table.name == estimates.TABLE and record.estimates)
        ),
    ]
    files: dict[str, bytes] = {}
    for name in dict.fromkeys([*chosen, "sources"]):
        form = "csv" if name == "sources" and name not in chosen else wanted.form
        dataset = None if name == "sources" else wanted.dataset
        files[f"{name}.{form}"] = export_one(
            record, name, Export(form, wanted.as_of, dataset, wanted.codes)
        )
    files["CITATION.txt"] = citation(record, chosen).encode()
    files["LICENCE.txt"] = licence(record, chosen).encode()
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotWrite(f"{directory} cannot be made: {error.strerror}.") from None
    for name in files:
        check_new(str(directory / name), force=force)
    for name, data in files.items():
        write_new(str(directory / name), data, force=force)
        yield str(directory / name)


def citation(record: Record, names: Sequence[str] = ()) -> str:
    """Return how to cite the almanac and the datasets that hold the tables named."""
    lines = [
        f"multipolar {__version__}: the almanac, record of {record.date.isoformat()}.",
        "Cite the source of each row as well: column source_id, table sources.",
    ]
    if estimates.TABLE in names and record.estimates:
        ours = record.estimates.series
        lines += [
            "",
            f"{ours['series']}: ideal points computed by {ours['software']} with `{ours['command']}`",
            f"  from {ours['dataset']}@{ours['edition']}, sha256 {ours['sha256']}",
        ]
    for edition in record.library.editions.values():
        if set(edition.parts) & set(names):
            told = edition.manifest
            lines += [
                "",
                f"{edition.source_id}: {told['cite']}",
                f"  edition {edition.edition}, pulled {str(told['pulled'])[:10]}, sha256 {told['sha256']}",
            ]
    return "\n".join(lines) + "\n"


def licence(record: Record, names: Sequence[str] = ()) -> str:
    """Return the terms of the almanac and of the datasets that hold the tables named."""
    lines = [LICENCE.rstrip("\n")]
    for edition in record.library.editions.values():
        if set(edition.parts) & set(names):
            told = edition.manifest
            terms = (
                told["licence"] or "no licence stated by the publisher; ask before redistributing"
            )
            lines += ["", f"{edition.source_id} ({told['publisher']}, {told['url']}): {terms}."]
    return "\n".join(lines) + "\n"


LICENCE = (
    "The almanac holds facts, each with its source, compiled by the multipolar authors.\n"
    "The compilation is available under the MIT licence. The sources keep their own terms: see the\n"
    "addresses in the table sources before you redistribute whole series of one publisher.\n"
)


def _table(name: str) -> type[Table]:
    table = BY_NAME.get(name.replace("-", "_").lower())
    if table is None:
        from difflib import get_close_matches

        near = get_close_matches(name, BY_NAME, n=3)
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
