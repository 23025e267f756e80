"""The command on ideal points: its options, and how results come on screen."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from .errors import BadInput
from .screen import FORMATS, as_columns, as_csv, as_json, check_output, emit, shared, warn

if TYPE_CHECKING:
    from .findings.scaling.draws import Draws
    from .findings.scaling.plane import PlaneResult
    from .findings.scaling.result import ScaleResult

    Result = ScaleResult | PlaneResult

NOT_CONVERGED = 4
_QUIET = 10.0
_WARM = 200
"""Sweeps that are thrown away, at least."""
_PERIODS = 12
"""Periods of which the ideal points of named states are listed; csv has all."""


@click.command()
@click.argument("body", required=False)
@click.option("--votes", "file", type=click.Path(), help="Votes of your own: CSV, TSV or Parquet.")
@click.option("--from", "first", type=int, metavar="YEAR", help="First year.")
@click.option("--to", "last", type=int, metavar="YEAR", help="Last year.")
@click.option(
    "--period",
    type=click.Choice(["year", "session"]),
    default="year",
    show_default=True,
    help="What a period is.",
)
@click.option("--static", is_flag=True, help="One ideal point for all periods.")
@click.option(
    "--dynamics",
    type=click.Choice(["mean-reverting", "random-walk", "static"]),
    default="mean-reverting",
    show_default=True,
    help="How ideal points move.",
)
@click.option(
    "--response",
    type=click.Choice(["ordinal", "binary"]),
    default="ordinal",
    show_default=True,
    help="Whether abstentions are a position between, or left out.",
)
@click.option("--level", type=float, default=0.9, show_default=True, help="Level of intervals.")
@click.option("--polarity", metavar="A,B", help="Two states, the one that is above first.")
@click.option(
    "--dimensions",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="A line or a plane.",
)
@click.option("--polarity2", metavar="A,B", help="The same for the second axis of a plane.")
@click.option(
    "--anchor", "anchors", multiple=True, metavar="STATE=VALUE", help="Fixes the scale; twice."
)
@click.option(
    "--absence",
    type=click.Choice(["missing", "no", "abstain"]),
    default="missing",
    show_default=True,
    help="What an absence counts as.",
)
@click.option("--issue", metavar="CODE", help="Only one issue: me nu di co hr ec.")
@click.option("--important", is_flag=True, help="Only votes that the source names important.")
@click.option(
    "--link/--no-link",
    default=True,
    show_default=True,
    help="Whether repeated texts share an item.",
)
@click.option("--dataset", metavar="NAME", help="Dataset to read, where several hold the votes.")
@click.option(
    "--lopsided", type=float, default=0.0, help="Leave out items with a smaller minority share."
)
@click.option(
    "--priors",
    metavar="held-out|NAME=VALUE,…",
    help="Strength of priors: by held-out votes, or named.",
)
@click.option("--model", metavar="NAME", help="A model of others: bailey-strezhnev-voeten.")
@click.option(
    "--draws",
    type=click.IntRange(4),
    metavar="N",
    help="Also draw from the whole posterior: N draws of each of four chains.",
)
@click.option(
    "--check/--no-check",
    default=None,
    help="Search again from a far start and compare; without a word up to 200,000 votes.",
)
@click.option("--seed", type=click.IntRange(0), default=0, help="Seed of the far start.")
@click.option("--steps", type=click.IntRange(1), default=100, help="Newton steps, at most.")
@click.option(
    "--state",
    "states",
    multiple=True,
    metavar="STATE",
    help="List or label this state; repeatable.",
)
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the table.",
)
@shared(*FORMATS, "vega", default="table")
def scale(
    body: str | None,
    file: str | None,
    first: int | None,
    last: int | None,
    period: str,
    static: bool,
    dynamics: str,
    response: str,
    level: float,
    polarity: str | None,
    dimensions: int,
    polarity2: str | None,
    anchors: tuple[str, ...],
    absence: str,
    issue: str | None,
    important: bool,
    link: bool,
    dataset: str | None,
    lopsided: float,
    priors: str | None,
    model: str | None,
    draws: int | None,
    check: bool | None,
    seed: int,
    steps: int,
    states: tuple[str, ...],
    lang: str,
    as_of: date | None,
    format_: str,
    output: str | None,
    store: str | None,
    force: bool,
    debug: bool,
) -> int:
    """Show ideal points of the members of BODY, from how they voted, with intervals.

    The votes must have been pulled (`data pull unga`). With --votes FILE they are yours: columns
    roll_call, state, period, position and optionally item (roll calls on the same text); positions are
    yes, abstain, no, absent, not_member in any case, or the numbers 1, 2, 3, 8, 9. A search that did
    not converge is shown, marked, and exits with 4. --format vega gives a chart.

    \b
    Example:
      multipolar scale unga --from 1990 --polarity USA,RUS
    """
    check_output(output, force)
    if draws and dimensions == 2:
        raise BadInput("--draws is of one dimension.")
    if draws and format_ == "vega":
        raise BadInput("--draws is not drawn by --format vega; csv and json have it.")
    if bool(body) == bool(file):
        raise BadInput("name a body or --votes FILE, one of the two.")
    if static and dynamics == "random-walk":
        raise BadInput("--static and --dynamics random-walk exclude one another.")
    from . import api
    from .api_scale import scale as scaled

    options: dict[str, Any] = {
        "response": response,
        "dynamics": "static" if static else dynamics,
        "level": level,
        "polarity": _names(polarity),
        "dimensions": dimensions,
        "polarity2": _names(polarity2),
        "anchors": dict(_anchor(text) for text in anchors) or None,
        "absence": absence,
        "lopsided": lopsided,
        "priors": _priors(priors),
        "model": model or "",
        "check": check,
        "seed": seed,
        "steps": steps,
        "say": lambda text: click.echo(f"multipolar: {text}", err=True),
    }
    chosen: list[str] = list(states)
    if file:
        if first or last or issue or important or dataset or as_of or period != "year":
            raise BadInput(
                "--votes takes no body, years, day, period, issue or dataset: leave those options away."
            )
        from .findings.scaling.files import read_votes

        made = scaled(read_votes(file), **options)
    else:
        record = api.open(store)
        day = as_of or (None if last is None else _year(last, (12, 31)))
        try:
            made = scaled(
                record,
                body or "",
                first=None if first is None else _year(first, (1, 1)),
                last=None if last is None else _year(last, (12, 31)),
                as_of=as_of,
                period=period,
                issue=issue or "",
                important=important,
                link=link,
                dataset=dataset or "",
                **options,
            )
        finally:
            warn(record)
        if made.subject.names:
            chosen = [record.names.state(text, day) for text in states]
    drawn = None
    if draws and made.converged:
        line: Any = made
        drawn = line.draws(draws=draws, warmup=max(draws, _WARM), seed=seed, say=_seldom())
    _emit(made, drawn, chosen, lang, format_, output, force)
    if made.converged:
        return _agreed(drawn)
    click.echo(
        f"multipolar: not converged after {made.iterations} steps (gradient norm "
        f"{made.gradient_norm:.1e}); the result is marked.",
        err=True,
    )
    return NOT_CONVERGED


def _seldom() -> Callable[[str], None]:
    """Return what says how far drawing is, every ten seconds."""
    from .findings.scaling.estimate import COMPILING

    said = time.monotonic()

    def say(text: str) -> None:
        nonlocal said
        if text == COMPILING or time.monotonic() - said >= _QUIET:
            said = time.monotonic()
            click.echo(f"multipolar: {text}", err=True)

    return say


def _agreed(drawn: Draws | None) -> int:
    """Say where chains do not agree."""
    if drawn is None or drawn.converged:
        return 0
    told = "is not known" if drawn.rhat_max is None else f"is {drawn.rhat_max:.3f}"
    click.echo(
        f"multipolar: the chains do not agree (R-hat {told}); the draws are marked.", err=True
    )
    return NOT_CONVERGED


def _year(year: int, day: tuple[int, int]) -> date:
    if not 1 <= year <= 9999:
        raise BadInput(f"{year} is not a year.")
    return date(year, *day)


def _anchor(text: str) -> tuple[str, float]:
    state, sign, value = text.rpartition("=")
    try:
        return state.strip(), float(value) if sign else float("nan")
    except ValueError:
        raise BadInput(f"the anchor {text!r} is not STATE=NUMBER.") from None


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(",")) if text else None


def _priors(text: str | None) -> dict[str, float] | str | None:
    if text is None or text == "held-out":
        return text
    found = {}
    for part in text.split(","):
        name, sign, value = part.partition("=")
        try:
            found[name.strip()] = float(value) if sign else float("nan")
        except ValueError:
            raise BadInput(f"the prior {part!r} is not NAME=NUMBER.") from None
    return found


def _emit(
    made: Result,
    drawn: Draws | None,
    states: list[str],
    lang: str,
    format_: str,
    output: str | None,
    force: bool,
) -> None:
    if format_ == "json":
        told = made.to_dict()
        return emit(as_json({**told, "draws": drawn.to_dict()} if drawn else told), output, force)
    if format_ == "vega":
        return emit(as_json(made.plot(states=states, lang=lang).to_dict()), output, force)
    if format_ == "csv":
        rows = [{**row, "converged": made.converged} for row in made.to_dict()["points"]]
        if drawn:
            more = (
                drawn.points.select(_DRAWN).rename({"lo": "draws_lo", "hi": "draws_hi"}).to_dicts()
            )
            rows = [{**row, **own} for row, own in zip(rows, more, strict=True)]
        return emit(as_csv(_of(made, rows, states)), output, force)
    return emit(_shown(made, drawn, states, lang), output, force)


def _of(made: Result, rows: list[dict[str, Any]], states: list[str]) -> list[dict[str, Any]]:
    """Return the rows of the states named, else all."""
    if not states:
        return rows
    from .findings.scaling.chart import labelled

    kept = set(labelled(made, states))
    return [row for row in rows if row["state"] in kept]


def _shown(made: Result, drawn: Draws | None, states: list[str], lang: str) -> bytes:
    """Lay out the result: what it is, ideal points, what to know."""
    from .findings.scaling.chart import name_of
    from .findings.scaling.explained import sources

    place = 1 if lang == "zh" else 0
    points = made.to_dict()["points"]
    last = points[-1]["period"]
    if states:
        rows = _of(made, points, states)
        periods = list(dict.fromkeys(row["period"] for row in rows))
        kept = set(periods[-_PERIODS:])
        rows = [row for row in rows if row["period"] in kept]
        rows.sort(key=lambda row: (states.index(row["state"]), periods.index(row["period"])))
        heading = "" if len(periods) <= _PERIODS else _SCREEN["recent"][place].format(_PERIODS)
    else:
        rows = [row for row in points if row["period"] == last]
        rows.sort(key=lambda row: (-row["estimate"], row["state"]))
        heading = (
            _SCREEN["last"][place].format(last) if made.points["period"].n_unique() > 1 else ""
        )
    named = bool(made.subject.names)
    lines = [
        {
            "": row["state"],
            **({_SCREEN["state"][place]: name_of(made, row["state"], place)} if named else {}),
            **({_SCREEN["period"][place]: row["period"]} if states else {}),
            _SCREEN["point"][place]: f"{row['estimate']:+.3f}",
            f"{made.level:.0%}": f"{row['lo']:+.3f} {_SCREEN['to'][place]} {row['hi']:+.3f}",
            **(_second(row, made.level, place) if made.dimensions == 2 else {}),
            _SCREEN["n"][place]: row["n"],
        }
        for row in rows
    ]
    head = [
        ", ".join(t for t in (made.body, made.subject.source_id, made.model) if t),
        *made.reading(lang),
    ]
    if drawn:
        head += drawn.reading(lang)
    foot = "".join(f"{line}\n" for line in sources(made))
    parts = ["\n".join(head) + "\n", f"{heading}\n" if heading else "", as_columns(lines).decode()]
    parts += [foot] if foot else []
    return "\n".join(part for part in parts if part).encode()


def _second(row: dict[str, Any], level: float, place: int) -> dict[str, str]:
    """Return the columns of the second axis."""
    return {
        _SCREEN["point2"][place]: f"{row['estimate2']:+.3f}",
        f"{level:.0%} ": f"{row['lo2']:+.3f} {_SCREEN['to'][place]} {row['hi2']:+.3f}",
    }


_DRAWN = ("mean", "sd", "lo", "hi", "rhat", "ess_bulk", "ess_tail")
_SCREEN = {
    "state": ("state", "国家"),
    "period": ("period", "时段"),
    "point": ("ideal point", "理想点"),
    "point2": ("second axis", "第二维"),
    "n": ("votes", "票数"),
    "to": ("to", "至"),
    "last": ("In {}, the last period (csv and json have all):", "最后时段{}（csv与json含全部）："),
    "recent": ("The last {} periods (csv has all):", "最近{}个时段（csv含全部）："),
}
