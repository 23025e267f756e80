"""The commands. Each asks the same functions as the Python interface and shows what they return."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from . import __version__
from .cli_data import data
from .cli_power import power
from .cli_scale import scale
from .errors import BadInput
from .output import check_new, write_new, write_standard
from .screen import FORMATS, as_columns, as_csv, as_json, check_output, emit, shared, short, warn


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
    content = _rendered(made, format_)
    warn(made.record)
    if format_ == "html" and not output and (open_ or sys.stdout.isatty()):
        output = f"multipolar-{made.profile.state}{'' if lang == 'en' else '-' + lang}.html"
        force = force or _is_ours(output)
    if output is None:
        if open_:
            raise BadInput("--open shows html; leave --format away.")
        write_standard(content)
        return
    write_new(output, content, force=force)
    click.echo(output)
    if open_:
        _show(output)


def _rendered(made: Any, format_: str) -> bytes:
    if format_ == "html":
        return bytes(made.html.encode())
    if format_ == "md":
        return bytes(made.markdown.encode())
    if format_ == "json":
        return as_json(made.to_dict())
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
        return as_csv(rows)
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
    check_output(output, force)
    from . import api

    record = api.open(store)
    result = api.compare(record, states, as_of=as_of)
    warn(record)
    codes = result["states"]
    if len(set(codes)) < len(codes):
        raise BadInput(f"a state is named twice: {', '.join(codes)}.")
    if format_ == "json":
        return emit(as_json(result), output, force)
    rows = [
        {**{k: row[k] for k in ("facet", "body", "measure", "unit")}, **row["values"]}
        for row in result["rows"]
    ]
    if format_ == "csv":
        return emit(as_csv(rows), output, force)
    shown = [
        {
            "facet": r["facet"],
            "body": r["body"],
            "measure": r["measure"],
            **{c: short(r[c], r["unit"], lang) for c in codes},
        }
        for r in rows
    ]
    return emit(as_columns(shown), output, force)


@cli.command()
@click.argument("states", nargs=-1, required=True)
@click.option("--body", default="unga", show_default=True, help="Body, in any spelling.")
@click.option(
    "--measure",
    type=click.Choice(["same", "lijphart"]),
    default="same",
    show_default=True,
    help="Whether a vote against an abstention counts nothing or one half.",
)
@click.option("--from", "first", type=int, metavar="YEAR", help="First year.")
@click.option("--to", "last", type=int, metavar="YEAR", help="Last year.")
@shared(*FORMATS, default="table")
def agreement(
    states: tuple[str, ...],
    body: str,
    measure: str,
    first: int | None,
    last: int | None,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> None:
    """Show how often STATES took the same position in recorded votes, by year.

    One state is held against all others and the room, several against each other. The votes must
    have been pulled (`data pull unga`).

    \b
    Example:
      multipolar agreement FRA GBR --from 2000
    """
    check_output(output, force)
    from . import api

    begin, end = (_year(y, d) for y, d in ((first, (1, 1)), (last, (12, 31))))
    record = api.open(store)
    try:
        result = api.agreement(
            record, *states, body=body, measure=measure, first=begin, last=end, as_of=as_of
        )
    finally:
        warn(record)
    if format_ == "json":
        return emit(as_json(result.to_dict()), output, force)
    if format_ == "csv":
        return emit(as_csv(list(result.rows)), output, force)
    shown = [{**row, "agreement": f"{row['agreement']:.3f}"} for row in result.rows]
    room = [
        {
            **row,
            "with_plurality": f"{row['with_plurality']:.3f}",
            "with_adopted": "–" if row["with_adopted"] is None else f"{row['with_adopted']:.3f}",
        }
        for row in result.majority
    ]
    head = f"{result.body}, {result.source_id}, measure {result.measure}\n\n".encode()
    return emit(head + as_columns(shown) + b"\nWith the room\n" + as_columns(room), output, force)


def _year(year: int | None, day: tuple[int, int]) -> date | None:
    if year is None:
        return None
    if not 1945 <= year <= 9999:
        raise BadInput(f"{year} is not a year of the record.", hint="It begins in 1945.")
    return date(year, *day)


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
    check_output(output, force)
    from .record.names import Registry
    from .record.store import own_directory

    own = own_directory(store)
    found = Registry.load(own=own / "almanac" if own else None).lookup(text, as_of)
    if format_ == "json":
        emit(as_json(found), output, force)
    elif format_ == "csv":
        flat = {k: ";".join(v) if isinstance(v, list | tuple) else v for k, v in found.items()}
        emit(as_csv([flat]), output, force)
    elif found["code"]:
        emit(
            as_columns([{k: found[k] for k in ("code", "kind", "name_en", "name_zh")}]),
            output,
            force,
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
    check_output(output, force)
    from . import api

    if as_of and "@" not in finding:
        finding = f"{finding}@{as_of.isoformat()}"
    result = api.explain(api.open(store), finding)
    if format_ == "json":
        return emit(as_json(result), output, force)
    if format_ == "csv":
        rows = [{"table": r["table"], "key": r["key"], **r["row"]} for r in result["rows"]]
        return emit(as_csv(rows), output, force)
    return emit(_explained(result, lang), output, force)


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


cli.add_command(power)
cli.add_command(scale)
cli.add_command(data)
