"""Shares by year as lines with direct labels: of the world economy, of votes with the room."""

from __future__ import annotations

from dataclasses import dataclass

from ..context import Context, Rows
from .axis import Scale, draw_years, nice_top, year_ticks
from .svg import Canvas, both, wrap


@dataclass(frozen=True, slots=True)
class Line:
    """One line: the column it shows and how it is painted."""

    column: str
    stroke: str
    dot: str
    text: str
    dash: str


WEIGHTS = (
    Line("gdp_nominal_share", "sa", "a", "ta", ""),
    Line("gdp_ppp_share", "sb", "b", "tb", ' stroke-dasharray="7 3"'),
    Line("population_share", "sg", "g1", "m", ' stroke-dasharray="2 3"'),
)
ROOM = (
    Line("plurality_share", "sa", "a", "ta", ""),
    Line("adopted_side_share", "sb", "b", "tb", ' stroke-dasharray="7 3"'),
    Line("others_plurality", "sg", "g1", "m", ' stroke-dasharray="2 3"'),
)
DOTS = 40
"""With more years than this the points are not marked."""


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return the shares of the world economy; nothing where none is known."""
    return _drawn(rows, ctx, label, "weights", WEIGHTS)


def draw_room(rows: Rows, ctx: Context, label: str) -> str:
    """Return the shares of votes with the room; nothing where no vote was cast."""
    shares = [
        {
            name: value if name == "year" or value is None else round(100 * float(value), 1)
            for name, value in row.items()
        }
        for row in rows
    ]
    return _drawn(shares, ctx, label, "room", ROOM)


def _drawn(rows: Rows, ctx: Context, label: str, name: str, series: tuple[Line, ...]) -> str:
    if not any(row.get(line.column) is not None for row in rows for line in series):
        return ""
    return both(lambda width: _lines(rows, ctx, label, name, series, width))


def _lines(
    rows: Rows, ctx: Context, label: str, name: str, series: tuple[Line, ...], width: float
) -> str:
    wide = width > 500
    ordered = sorted(rows, key=lambda row: row["year"])
    left, right = 44.0, width - (130 if wide else 100)
    top, base = 16.0, (250.0 if wide else 210.0)
    known = [
        float(row[line.column])
        for row in ordered
        for line in series
        if row.get(line.column) is not None
    ]
    high, step = nice_top(max(known))
    first, last = ordered[0]["year"], ordered[-1]["year"]
    x = Scale(first, max(last, first + 1), left, right)
    y = Scale(0, high, base, top)
    canvas = Canvas(name, width)
    for i in range(round(high / step) + 1):
        value = round(i * step, 6)
        canvas.line(left, y(value), right, y(value), "sl")
        canvas.text(left - 6, y(value) + 4, ctx.percent(value), "m", "end")
    draw_years(canvas, x, year_ticks(first, last, right - left), base, base + 2)
    ends: list[tuple[float, str, str, str]] = []
    for line in series:
        runs = _runs(ordered, line.column, every_year=name == "room")
        if not runs:
            continue
        word = ctx.label.term("metrics", line.column)
        for run in runs:
            path = "L".join(f"{x(year):.5g} {y(value):.5g}" for year, value in run)
            canvas.path(f"M{path}", line.stroke, more=f' stroke-width="2"{line.dash}')
            for year, value in run if len(ordered) <= DOTS or len(run) == 1 else ():
                title = ctx.label("weights.title", metric=word, year=year, value=ctx.percent(value))
                canvas.circle(x(year), y(value), 3.2, line.dot, title)
        end = runs[-1][-1][1]
        ends.append((y(end), ctx.percent(end), word, line.text))
    _labels(canvas, ends, right + 9, width, base)
    return canvas.svg(base + 24, label)


def _runs(rows: Rows, column: str, *, every_year: bool) -> list[list[tuple[int, float]]]:
    """Return the points of a line, broken where a year is not known (or, by year, not there)."""
    runs: list[list[tuple[int, float]]] = []
    for row in rows:
        value = row.get(column)
        if value is None:
            continue
        joined = runs and (not every_year or runs[-1][-1][0] == row["year"] - 1)
        if joined:
            runs[-1].append((row["year"], float(value)))
        else:
            runs.append([(row["year"], float(value))])
    return runs


def _labels(
    canvas: Canvas, ends: list[tuple[float, str, str, str]], x: float, width: float, base: float
) -> None:
    """Write the last value and the name of each line, moved apart where they would meet."""
    free = 0.0
    for at, value, word, paint in sorted(ends):
        lines = wrap(word, width - x, 11, 2)
        at = max(at, free + 10)
        canvas.text(x, at + 2, value, paint, size=12, bold=True)
        offset = 0.0
        for line in lines:
            offset += 13
            canvas.text(x, at + 2 + offset, line, paint)
        free = at + offset + 8
