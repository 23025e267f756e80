"""What all commands share: their common options, and how results come on screen or into a file."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from .output import check_new, write_new, write_standard

if TYPE_CHECKING:
    from .record.store import Record

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


def opened(store: str | None) -> Record:
    """Open the record for a command."""
    from . import api

    return api.open(store)


def warn(record: Record) -> None:
    """Name the datasets that were left out because a file of theirs is damaged."""
    for name, problem in record.damaged.items():
        click.echo(
            f"multipolar: {name} is left out: {problem}. `multipolar data pull {name}` again.",
            err=True,
        )


def check_output(output: str | None, force: bool) -> None:
    """Refuse an output that exists or has no directory, before anything is computed."""
    if output is not None:
        check_new(output, force=force)


def emit(data: bytes, output: str | None, force: bool) -> None:
    """Write a result to the file named, else to standard output."""
    if output is None:
        write_standard(data)
    else:
        write_new(output, data, force=force)
        click.echo(output)


def as_json(value: Any) -> bytes:
    """Return a value as indented JSON."""
    return (json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()


def as_csv(rows: list[dict[str, Any]]) -> bytes:
    """Return rows as CSV; columns in the order in which they appear."""
    import csv
    import io

    text = io.StringIO(newline="")
    header = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, header, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_columns(rows: list[dict[str, Any]]) -> bytes:
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


def short(value: Any, unit: str, lang: str) -> str:
    """Return a figure as it stands in a table."""
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
