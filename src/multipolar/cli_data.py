"""The commands on datasets and tables: list, pull, check, diff, export."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import click

from .errors import BadInput
from .output import write_standard
from .screen import FORMATS, as_columns, as_csv, as_json, check_output, emit, opened, shared, warn

MOST = 10
"""Lines of a kind that a comparison prints; JSON has more."""
FILE_ENDINGS = (".csv", ".json", ".parquet", ".xlsx")


@click.group()
def data() -> None:
    """Pull datasets from their publishers, check them, and export what the record holds.

    \b
    Example:
      multipolar data list
    """


@data.command("list")
@shared(*FORMATS, default="table")
def data_list(
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """List tables and datasets: what there is, from when to when, what is missing, how old.

    \b
    Example:
      multipolar data list --format json
    """
    check_output(output, force)
    from .inventory import inventory

    record = opened(store)
    found = inventory(record, as_of)
    warn(record)
    if format_ == "json":
        return emit(as_json(found), output, force)
    if format_ == "csv":
        return emit(
            as_csv([{**t, "pulled": _counts(t["pulled"])} for t in found["tables"]]), output, force
        )
    tables = [
        {k: t[k] for k in ("table", "rows")}
        | {"pulled": _counts(t["pulled"])}
        | {k: t[k] for k in ("from", "until", "coverage", "holds")}
        for t in found["tables"]
    ]
    sets = [
        {k: d[k] for k in ("dataset", "pulled", "edition", "from", "until", "age_days", "rows")}
        | {"licence": d["licence"], "title": d["title"]}
        for d in found["datasets"]
    ]
    head = f"Record last reviewed on {found['record_date']}.\n\nTables\n"
    tail = f"\nDatasets (store: {found['store'] or 'none'})\n"
    body = head.encode() + as_columns(tables) + tail.encode() + as_columns(sets)
    return emit(body, output, force)


@data.command("pull")
@click.argument("name")
@click.option(
    "--from",
    "origins",
    multiple=True,
    metavar="PATH_OR_URL",
    help="File, folder, archive or address; may be given several times.",
)
@click.option("--sha256", default="", metavar="HEX", help="Hash that the file must have.")
@shared(*FORMATS, default="table")
def data_pull(
    name: str,
    origins: tuple[str, ...],
    sha256: str,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Bring the dataset NAME from its publisher, or from a file, into the store.

    The new edition is checked before it takes the place of the old one; on any failure the old one
    stays. Without --from it is downloaded, where its publisher has an address for programs.

    \b
    Example:
      multipolar data pull unga --from 2026_02_06_ga_voting.csv
    """
    if as_of is not None:
        raise BadInput("data pull takes no --as-of: an edition is pulled whole.")
    check_output(output, force)
    from . import api

    result = api.pull(name, *origins, store=store, sha256=sha256, say=_say)
    if format_ == "json":
        return emit(as_json(result), output, force)
    if format_ == "csv":
        rows = [
            {"dataset": result["dataset"], "edition": result["edition"], "table": t, "rows": n}
            for t, n in result["tables"].items()
        ]
        return emit(as_csv(rows), output, force)
    return emit(_pulled(result).encode(), output, force)


def _pulled(result: dict[str, Any]) -> str:
    state = "unchanged, already in the store" if result["unchanged"] else "pulled"
    lines = [
        f"{result['dataset']}, edition {result['edition']}: {state}.",
        f"  rows       {result['rows_read']:,} read, {result['rows_kept']:,} kept",
        f"  period     {result['from'] or 'not known'} to {result['until'] or 'not known'}",
        f"  tables     {_counts(result['tables'])}",
        f"  sha256     {result['sha256']}",
    ]
    lines += [f"  dropped    {d['n']:,}: {d['reason']}" for d in result["dropped"]]
    lines += [f"  note       {note}" for note in result["notes"]]
    lines += [
        f"  corrected  {c['table']} {c['key']}: {c['printed']} to {c['corrected']} ({c['reason']})"
        for c in result["corrections"]
    ]
    return "\n".join([*lines, f"  store      {result['store']}"]) + "\n"


def _say(text: str) -> None:
    """Show progress where somebody is watching."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}" if not text.endswith(".") else f"\r\x1b[K{text}\n")
        sys.stderr.flush()


@data.command("check")
@shared(*FORMATS, default="table")
def data_check(
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> int:
    """Verify everything that was pulled: files, keys, totals, two sources of the same votes.

    Exits with 3 where anything is damaged.

    \b
    Example:
      multipolar data check
    """
    check_output(output, force)
    from . import api

    found = api.check(opened(store))
    if format_ == "json":
        emit(as_json(found), output, force)
    elif format_ == "csv":
        listed = [
            {
                k: d.get(k)
                for k in ("dataset", "edition", "status", "age_days", "rows_read", "rows_kept")
            }
            | {"problems": "; ".join(d["problems"])}
            for d in found["datasets"]
        ]
        emit(as_csv(listed), output, force)
    else:
        emit(_checked(found).encode(), output, force)
    if not found["damaged"]:
        return 0
    first = next(d for d in found["datasets"] if d["problems"])
    click.echo(
        f"multipolar: damaged: {', '.join(found['damaged'])}. {first['problems'][0]}. "
        f"`multipolar data pull {first['dataset']}` again.",
        err=True,
    )
    return 3


def _checked(found: dict[str, Any]) -> str:
    lines = [f"Store: {found['store'] or 'none'}"]
    for d in found["datasets"]:
        lines.append(
            f"{d['dataset']}: {d['status']}"
            + (f", edition {d['edition']}" if "edition" in d else "")
        )
        lines += [f"  damaged    {problem}" for problem in d["problems"]]
        if "tables" in d:
            lines.append(f"  tables     {_counts(d['tables'])}; pulled {d['age_days']} days ago")
        if d.get("totals"):
            lines.append(f"  totals     {_counts(d['totals'])}")
        if d.get("newer_loader"):
            lines.append("  note       this version reads the file better: pull it again")
        lines += [f"  note       {note}" for note in d.get("notes", ())]
        lines += [f"  dropped    {x['n']:,}: {x['reason']}" for x in d.get("dropped", ())]
        lines += [f"  known      {defect}" for defect in d.get("defects", ())]
    for c in found["comparisons"]:
        lines += _compared(c)
    lines.append(f"Corrections: {len(found['corrections'])}")
    for c in found["corrections"]:
        state = {True: "applied", False: "not needed", None: "dataset not pulled"}[c["applied"]]
        lines.append(
            f"  {c['dataset']} {c['key']}: {c['column']} {c['printed'] or '(empty)'} to "
            f"{c['corrected']}: {state}. {c['reason']} <{c['link']}>"
        )
    if found["not_pulled"]:
        lines.append(f"Not pulled: {', '.join(found['not_pulled'])}")
    return "\n".join(lines) + "\n"


def _compared(c: dict[str, Any]) -> list[str]:
    share = "" if c["equal_share"] is None else f" ({c['equal_share']:.2%})"
    lines = [
        f"{c['first']} against {c['second']}: {c['equal']:,} of {c['cells']:,} positions are alike{share}",
        f"  matched    {c['roll_calls']:,} roll calls by symbol; {c['left_out']:,} symbols stand for several",
        f"  differing  {c['differences']:,}: {_counts(c['kinds'])}",
        f"  states     {_counts(c['states'])}",
    ]
    lines += [
        f"  apart      {r['date']} {r['symbol']}: {r['differ']} of {r['cells']} positions differ; "
        "probably another vote under this symbol"
        for r in c["apart"][:MOST]
    ]
    lines += [
        f"  cell       {r['date']} {r['symbol']} {r['state_id']}: "
        f"{c['first']} {r[c['first']] or 'nothing'}, {c['second']} {r[c['second']] or 'nothing'}"
        for r in c["rows"][:MOST]
    ]
    more = c["differences"] - min(len(c["rows"]), MOST)
    return [*lines, f"  … and {more:,} more cells"] if more > 0 else lines


@data.command("diff")
@click.argument("name")
@click.option(
    "--from",
    "origins",
    multiple=True,
    metavar="PATH",
    help="A file that is not pulled yet, to be compared with the edition in force.",
)
@shared(*FORMATS, default="table")
def data_diff(
    name: str,
    origins: tuple[str, ...],
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Say what a new edition of the dataset NAME added, changed and removed.

    Without --from the edition in force is compared with the one before it.

    \b
    Example:
      multipolar data diff unga
    """
    check_output(output, force)
    from . import api

    result = api.diff(opened(store), name, *origins)
    if format_ == "json":
        return emit(as_json(result), output, force)
    kinds = ("table", "added", "removed", "changed", "same")
    rows = [{k: t[k] for k in kinds} | {"columns": _counts(t["columns"])} for t in result["tables"]]
    if format_ == "csv":
        return emit(as_csv(rows), output, force)
    head = f"{result['dataset']}: edition {result['old']} against {result['new']}\n"
    shown = [
        f"  {t['table']}: {e['change']}: "
        + ", ".join(f"{k}={v}" for k, v in e.items() if k != "change")
        for t in result["tables"]
        for e in t["examples"]
    ]
    text = "\n".join(shown)
    return emit(
        head.encode() + as_columns(rows) + (text + "\n" if text else "").encode(), output, force
    )


@data.command("export")
@click.argument("tables", nargs=-1)
@click.option("--dataset", default=None, help="Only rows of this pulled dataset, or `almanac`.")
@click.option(
    "--codes/--no-codes",
    default=True,
    help="Add ISO, COW and Gleditsch–Ward codes.",
    show_default=True,
)
@shared("csv", "json", "parquet", "xlsx", "table", default="csv")
def data_export(
    tables: tuple[str, ...],
    dataset: str | None,
    codes: bool,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Export TABLES: one to standard output, or several (default: all) into -o DIR.

    In a directory each table is a file, with CITATION.txt, LICENCE.txt and sources.csv beside them. One
    table may also go to a file: -o positions.parquet.

    \b
    Example:
      multipolar data export exits > exits.csv
    """
    from .inventory import Export, export_directory, export_one

    record = opened(store)
    kind, single = _export_kind(format_, output, tables)
    wanted = Export("csv" if kind == "table" else kind, as_of, dataset, codes)
    if output is None or single:
        if len(tables) != 1:
            raise BadInput("name one table, or a directory with -o DIR.")
        check_output(output, force)
        content = export_one(record, tables[0], wanted)
        warn(record)
        if output is None:
            write_standard(content)
            return None
        return emit(content, output, force)
    for path in export_directory(record, tables, wanted, Path(output), force=force):
        click.echo(path)
    warn(record)
    return None


def _export_kind(format_: str, output: str | None, tables: Sequence[str]) -> tuple[str, bool]:
    """Return the form to write and whether -o names a file: by its ending, for one table."""
    if output is None or Path(output).is_dir():
        return format_, False
    ending = Path(output).suffix.lower()
    if ending not in FILE_ENDINGS or len(tables) != 1:
        return format_, False
    return ending[1:], True


def _counts(found: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in found.items())
