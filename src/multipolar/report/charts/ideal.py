"""Ideal points by year: the state's with its interval, and the median of all members."""

from __future__ import annotations

from math import ceil, floor

from ..context import Context, Row, Rows
from .axis import Scale, draw_years, year_ticks
from .svg import Canvas, both, wrap


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return the two lines over the years; nothing where there are none."""
    return both(lambda width: _lines(rows, ctx, label, width)) if rows else ""


def _lines(rows: Rows, ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    ordered = sorted(rows, key=lambda row: row["year"])
    left, right = 36.0, width - (122 if wide else 92)
    top, base = 12.0, (250.0 if wide else 210.0)
    reach = [row[name] for row in ordered for name in ("ideal_point", "lo", "hi", "median")]
    known = [float(value) for value in reach if value is not None]
    low, high = floor(min(known)), ceil(max(known))
    high = max(high, low + 1)
    first, last = ordered[0]["year"], ordered[-1]["year"]
    x = Scale(first, max(last, first + 1), left, right)
    y = Scale(low, high, base, top)
    canvas = Canvas("ideal_points", width)
    for value in range(low, high + 1, max(1, (high - low) // 6)):
        canvas.line(left, y(value), right, y(value), "sl")
        canvas.text(left - 6, y(value) + 4, number(value), "m", "end")
    draw_years(canvas, x, year_ticks(first, last, right - left), base, base + 2)
    for run in _runs(ordered):
        _band(canvas, x, y, run)
        _line(canvas, x, y, run, "median", "sg", ' stroke-dasharray="2 3"')
        _line(canvas, x, y, run, "ideal_point", "sa", "")
        for row in run:
            canvas.circle(x(row["year"]), y(row["ideal_point"]), 2.2, "a", _title(row, ctx))
    end = ordered[-1]
    ends = [
        (y(float(end["ideal_point"])), end["ideal_point"], ctx.state(ctx.focal), "ta"),
        (y(float(end["median"])), end["median"], ctx.label.term("metrics", "median_member"), "m"),
    ]
    _labels(canvas, ends, right + 9, width)
    return canvas.svg(base + 24, label)


def number(value: float) -> str:
    """Return a position with its sign; whole numbers without a fraction."""
    text = f"{value:d}" if isinstance(value, int) else f"{value:.2f}"
    return text.replace("-", "−")


def _title(row: Row, ctx: Context) -> str:
    value = number(float(row["ideal_point"]))
    if row["lo"] is not None and row["hi"] is not None:
        value += f" ({number(float(row['lo']))} – {number(float(row['hi']))})"
    return ctx.label("ideal_points.title", year=row["year"], value=value)


def _runs(rows: Rows) -> list[list[Row]]:
    """Return the rows in runs of years that follow one another."""
    runs: list[list[Row]] = []
    for row in rows:
        if runs and runs[-1][-1]["year"] == row["year"] - 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return runs


def _band(canvas: Canvas, x: Scale, y: Scale, run: list[Row]) -> None:
    here = [row for row in run if row["lo"] is not None and row["hi"] is not None]
    if not here:
        return
    if len(here) == 1:
        row = here[0]
        at = x(row["year"])
        canvas.line(at, y(float(row["lo"])), at, y(float(row["hi"])), "sa")
        return
    upper = [f"{x(row['year']):.5g} {y(float(row['hi'])):.5g}" for row in here]
    lower = [f"{x(row['year']):.5g} {y(float(row['lo'])):.5g}" for row in reversed(here)]
    canvas.path(f"M{'L'.join(upper + lower)}Z", "a3", more=' fill-opacity="0.55"')


def _line(
    canvas: Canvas, x: Scale, y: Scale, run: list[Row], name: str, paint: str, more: str
) -> None:
    path = "L".join(f"{x(row['year']):.5g} {y(float(row[name])):.5g}" for row in run)
    canvas.path(f"M{path}", paint, more=f' stroke-width="2"{more}')


def _labels(
    canvas: Canvas, ends: list[tuple[float, float, str, str]], x: float, width: float
) -> None:
    """Write the last values with their names, moved apart where they would meet."""
    free = 0.0
    for at, value, word, paint in sorted(ends):
        at = max(at, free + 10)
        canvas.text(x, at + 2, number(float(value)), paint, size=12, bold=True)
        offset = 0.0
        for line in wrap(word, width - x, 11, 2):
            offset += 13
            canvas.text(x, at + 2 + offset, line, paint)
        free = at + offset + 8
