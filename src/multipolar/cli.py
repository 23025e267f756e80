"""The commands. Each asks the same functions as the Python interface and shows what they return."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from . import __version__
from .errors import BadInput
from .output import check_new, write_new, write_standard

FORMATS = ("table", "json", "csv")


class Day(click.ParamType[date]):
    """A full date."""

    name = "date"

    def convert(self, value: Any, param: Any, ctx: Any) -> date:
        """Read the date, or refuse with one line."""
        from .record.dates import parse_date

        return value if isinstance(value, date) else parse_date(value)


def shared(*formats: str, default: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the options that every command has."""

    def add(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--debug", is_flag=True, help="Show the trace of an error."),
            click.option("--force", is_flag=True, help="Replace an existing output."),
            click.option("--store", type=click.Path(), help="Directory with your own rows."),
            click.option(
                "-o", "--output", type=click.Path(), help="Write here, not to the screen."
            ),
            click.option(
                "--format",
                "format_",
                type=click.Choice(formats),
                default=default,
                show_default=True,
                help="Form of the output.",
            ),
            click.option(
                "--as-of",
                type=Day(),
                help="Day of the question, as 2025-11-07; default: the record's.",
            ),
        ):
            function = option(function)
        return function

    return add


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
def cli() -> None:
    """Ask how much the multilateral system depends on any one state.

    Every number comes with its coverage, its method and its sources.

    \b
    Example:
      multipolar report "United Kingdom" --open
    """


@cli.command()
@click.argument("state", required=False)
@click.option("--all", "every", is_flag=True, help="One report for each UN member, into -o DIR.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the page.",
)
@click.option("--open", "open_", is_flag=True, help="Show the page in a browser.")
@click.option("--jobs", type=click.IntRange(1, 64), help="Processes for --all; default: the cores.")
@shared("html", "json", "md", "pdf", "table", "csv", default="html")
def report(
    state: str | None,
    every: bool,
    lang: str,
    open_: bool,
    jobs: int | None,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Write the dependence profile of STATE as one self-contained page.

    Without -o the page goes to multipolar-CODE.html in this directory (or to standard output, if
    that is redirected); the other formats go to standard output.

    \b
    Example:
      multipolar report ZAF --lang zh -o south-africa.html
    """
    if every:
        if state or open_:
            raise BadInput("--all takes no STATE and no --open.")
        if format_ not in ("html", "json", "md"):
            raise BadInput(f"--all writes html, json or md, not {format_}.")
        if not output:
            raise BadInput("--all needs a directory: -o DIR.")
        from .batch import write_all

        write_all(Path(output), store, as_of, lang, format_, jobs, force)
        return
    if not state:
        raise BadInput("name a state, as in `multipolar report ZAF`, or use --all.")
    if output is not None:
        check_new(output, force=force)
    from . import api

    made = api.report(api.open(store), state, as_of=as_of, lang=lang)
    data = _rendered(made, format_)
    if format_ == "html" and not output and (open_ or sys.stdout.isatty()):
        output = f"multipolar-{made.profile.state}{'' if lang == 'en' else '-' + lang}.html"
        force = force or _is_ours(output)
    if output is None:
        if open_:
            raise BadInput("--open shows html; leave --format away.")
        write_standard(data)
        return
    write_new(output, data, force=force)
    click.echo(output)
    if open_:
        _show(output)


def _rendered(made: Any, format_: str) -> bytes:
    if format_ == "html":
        return bytes(made.html.encode())
    if format_ == "md":
        return bytes(made.markdown.encode())
    if format_ == "json":
        return _json(made.to_dict())
    if format_ == "pdf":
        from .report import pdf

        click.echo("multipolar: laying out the PDF, some seconds…", err=True)
        return bytes(pdf.render(made.html))
    rows = [
        {
            "facet": f.facet,
            "body": f.body,
            "measure": f.measure,
            "value": f.value,
            "lo": f.lo,
            "hi": f.hi,
            "unit": f.unit,
            "n": f.n,
            "coverage": f.coverage,
            "sentence": f.sentences[made.lang],
            "id": f.id,
        }
        for f in made.profile.findings
    ]
    if format_ == "csv":
        return _csv(rows)
    return "".join(f"{row['sentence']}\n" for row in rows).encode()


def _is_ours(path: str) -> bool:
    """Say whether a file was written by this program, so that it may be renewed."""
    try:
        with open(path, "rb") as handle:
            return b'name="generator" content="multipolar' in handle.read(4000)
    except OSError:
        return False


def _show(path: str) -> None:
    import webbrowser

    if not webbrowser.open(Path(path).resolve().as_uri()):
        click.echo("multipolar: no browser was found; open the file yourself.", err=True)


@cli.command()
@click.argument("states", nargs=-1, required=True)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the table.",
)
@shared(*FORMATS, default="table")
def compare(
    states: tuple[str, ...],
    lang: str,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Show the findings of several STATES side by side.

    \b
    Example:
      multipolar compare USA CHN DEU
    """
    if len(states) < 2:
        raise BadInput("name at least two states, as in `multipolar compare USA CHN`.")
    _check_output(output, force)
    from . import api

    record = api.open(store)
    result = api.compare(record, states, as_of=as_of)
    codes = result["states"]
    if len(set(codes)) < len(codes):
        raise BadInput(f"a state is named twice: {', '.join(codes)}.")
    if format_ == "json":
        return _emit(_json(result), output, force)
    rows = [
        {**{k: row[k] for k in ("facet", "body", "measure", "unit")}, **row["values"]}
        for row in result["rows"]
    ]
    if format_ == "csv":
        return _emit(_csv(rows), output, force)
    shown = [
        {
            "facet": r["facet"],
            "body": r["body"],
            "measure": r["measure"],
            **{c: _short(r[c], r["unit"], lang) for c in codes},
        }
        for r in rows
    ]
    return _emit(_columns(shown), output, force)


@cli.command()
@click.argument("text")
@shared(*FORMATS, default="table")
def names(
    text: str,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> int:
    """Say which state or body TEXT means, or which it may mean.

    An ambiguous or unknown name exits with 2.

    \b
    Example:
      multipolar names Korea
    """
    _check_output(output, force)
    from .record.names import Registry
    from .record.store import own_directory

    own = own_directory(store)
    found = Registry.load(own=own / "almanac" if own else None).lookup(text, as_of)
    if format_ == "json":
        _emit(_json(found), output, force)
    elif format_ == "csv":
        flat = {k: ";".join(v) if isinstance(v, list | tuple) else v for k, v in found.items()}
        _emit(_csv([flat]), output, force)
    elif found["code"]:
        _emit(
            _columns([{k: found[k] for k in ("code", "kind", "name_en", "name_zh")}]), output, force
        )
    if found["code"]:
        return 0
    near = f" Candidates: {', '.join(found['candidates'])}." if found["candidates"] else ""
    click.echo(f"multipolar: {text!r}: {found['reason'].rstrip('.')}.{near}", err=True)
    return 2


@cli.command()
@click.argument("finding")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the explanation.",
)
@shared(*FORMATS, default="table")
def explain(
    finding: str,
    lang: str,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Lead from FINDING to its formula, its rows and their sources.

    \b
    Example:
      multipolar explain ZAF/purse/un/assessed_share@2026-01-01
    """
    _check_output(output, force)
    from . import api

    if as_of and "@" not in finding:
        finding = f"{finding}@{as_of.isoformat()}"
    result = api.explain(api.open(store), finding)
    if format_ == "json":
        return _emit(_json(result), output, force)
    if format_ == "csv":
        rows = [{"table": r["table"], "key": r["key"], **r["row"]} for r in result["rows"]]
        return _emit(_csv(rows), output, force)
    return _emit(_explained(result, lang), output, force)


def _explained(result: dict[str, Any], lang: str) -> bytes:
    found = result["finding"]
    lines = [
        found[f"sentence_{lang}"],
        "",
        f"id        {found['id']}",
        f"value     {found['value']}",
    ]
    if found["lo"] is not None:
        lines.append(f"interval  {found['lo']:.4f} to {found['hi']:.4f} ({found['level']:.0%})")
    lines += [
        f"unit      {found['unit']}",
        f"n         {'' if found['n'] is None else found['n']}",
        f"coverage  {found['coverage']}",
        f"formula   {result[f'formula_{lang}']}",
        "",
        f"rows ({len(result['rows'])})",
    ]
    for row in result["rows"]:
        cells = "; ".join(f"{k}={v}" for k, v in row["row"].items() if v not in (None, ""))
        lines.append(f"  {row['table']}: {cells}")
    lines += ["", f"sources ({len(result['sources'])})"]
    lines += [
        f"  {s['publisher']}: {s['title']} <{s['url']}> ({s['retrieved']})"
        for s in result["sources"]
    ]
    return ("\n".join(lines) + "\n").encode()


@cli.group()
def data() -> None:
    """List and export what the record holds.

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
    """List tables and datasets: what there is, from when to when, what is missing.

    \b
    Example:
      multipolar data list --format json
    """
    _check_output(output, force)
    from . import api
    from .inventory import inventory

    found = inventory(api.open(store), as_of)
    if format_ == "json":
        return _emit(_json(found), output, force)
    if format_ == "csv":
        return _emit(_csv(found["tables"]), output, force)
    tables = [
        {k: t[k] for k in ("table", "rows", "from", "until", "coverage", "holds")}
        for t in found["tables"]
    ]
    sets = [
        {k: d[k] for k in ("dataset", "pulled", "title", "fills", "licence")}
        for d in found["datasets"]
    ]
    head = f"Record last reviewed on {found['record_date']}.\n\nTables of the almanac\n"
    body = head.encode() + _columns(tables) + b"\nDatasets that add to it\n" + _columns(sets)
    return _emit(body, output, force)


@data.command("export")
@click.argument("tables", nargs=-1)
@shared("csv", "json", "parquet", "table", default="csv")
def data_export(
    tables: tuple[str, ...],
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Export TABLES: one to standard output, or several (default: all) into -o DIR.

    In a directory each table is a file, with CITATION.txt, LICENCE.txt and sources.csv beside them.

    \b
    Example:
      multipolar data export exits > exits.csv
    """
    from . import api
    from .inventory import export_directory, export_one

    kind = "csv" if format_ == "table" else format_
    record = api.open(store)
    if output is None:
        if len(tables) != 1:
            raise BadInput("name one table, or a directory with -o DIR.")
        write_standard(export_one(record, tables[0], kind, as_of))
        return
    for path in export_directory(record, tables, kind, Path(output), as_of, force=force):
        click.echo(path)


# --- output -----------------------------------------------------------------------------------


def _check_output(output: str | None, force: bool) -> None:
    if output is not None:
        check_new(output, force=force)


def _emit(data: bytes, output: str | None, force: bool) -> None:
    if output is None:
        write_standard(data)
    else:
        write_new(output, data, force=force)
        click.echo(output)


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def _csv(rows: list[dict[str, Any]]) -> bytes:
    import csv
    import io

    text = io.StringIO(newline="")
    header = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, header, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _columns(rows: list[dict[str, Any]]) -> bytes:
    """Lay rows out in columns, wide characters counted as two."""
    if not rows:
        return b"(none)\n"
    header = list(rows[0])
    cells = [header] + [["" if row[h] is None else str(row[h]) for h in header] for row in rows]
    widths = [max(_width(line[i]) for line in cells) for i in range(len(header))]
    out = []
    for line in cells:
        padded = [c + " " * (w - _width(c)) for c, w in zip(line, widths, strict=True)]
        out.append("  ".join(padded).rstrip())
    return ("\n".join(out) + "\n").encode()


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _short(value: Any, unit: str, lang: str) -> str:
    from . import words

    if value is None:
        return "–"
    if unit == "share":
        return words.fmt_share(value, lang)
    if unit == "usd":
        return words.fmt_usd(value, lang)
    if isinstance(value, float):
        return f"{value:.3f}"
    return str(value)
