"""Shares of the world economy as lines with direct labels."""

from __future__ import annotations

from ..context import Context, Rows
from .axis import Scale, draw_years, nice_top, year_ticks
from .svg import Canvas, both, wrap

SERIES = (
    ("gdp_nominal_share", "sa", "a", "ta", ""),
    ("gdp_ppp_share", "sb", "b", "tb", ' stroke-dasharray="7 3"'),
    ("population_share", "sg", "g1", "m", ' stroke-dasharray="2 3"'),
)


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return the lines; nothing where no share is known."""
    if not any(row.get(name) is not None for row in rows for name, *_ in SERIES):
        return ""
    return both(lambda width: _lines(rows, ctx, label, width))


def _lines(rows: Rows, ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    ordered = sorted(rows, key=lambda row: row["year"])
    left, right = 44.0, width - (130 if wide else 100)
    top, base = 16.0, (250.0 if wide else 210.0)
    known = [
        float(row[name]) for row in ordered for name, *_ in SERIES if row.get(name) is not None
    ]
    high, step = nice_top(max(known))
    first, last = ordered[0]["year"], ordered[-1]["year"]
    x = Scale(first, max(last, first + 1), left, right)
    y = Scale(0, high, base, top)
    canvas = Canvas("weights", width)
    for i in range(round(high / step) + 1):
        value = round(i * step, 6)
        canvas.line(left, y(value), right, y(value), "sl")
        canvas.text(left - 6, y(value) + 4, ctx.percent(value), "m", "end")
    draw_years(canvas, x, year_ticks(first, last, right - left), base, base + 2)
    ends: list[tuple[float, str, str, str]] = []
    for name, stroke, dot, text_paint, dash in SERIES:
        points = [(row["year"], float(row[name])) for row in ordered if row.get(name) is not None]
        if not points:
            continue
        path = "L".join(f"{x(year):.5g} {y(value):.5g}" for year, value in points)
        canvas.path(f"M{path}", stroke, more=f' stroke-width="2"{dash}')
        word = ctx.label.term("metrics", name)
        for year, value in points:
            title = ctx.label("weights.title", metric=word, year=year, value=ctx.percent(value))
            canvas.circle(x(year), y(value), 3.2, dot, title)
        ends.append((y(points[-1][1]), ctx.percent(points[-1][1]), word, text_paint))
    _labels(canvas, ends, right + 9, width, base)
    return canvas.svg(base + 24, label)


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
