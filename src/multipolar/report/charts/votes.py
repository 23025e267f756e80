"""Votes: how the members split each time, and with whom the state stood; vetoes by year."""

from __future__ import annotations

from html import escape

from ..context import Context, Row, Rows
from .axis import Scale, draw_years, nice_top, year_ticks
from .svg import Canvas, both, text_width

FEW = 4
HEIGHT = 84.0


def draw_votes(rows: Rows, ctx: Context, label: str) -> str:
    """Return a panel a topic; topics with few votes share one."""
    if not rows:
        return ""
    topics: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["date"], row["symbol"] or "")):
        topics.setdefault(row["topic"], []).append(row)
    small = [row for group in topics.values() if len(group) < FEW for row in group]
    panels = [(name, group) for name, group in topics.items() if len(group) >= FEW]
    panels.sort(key=lambda panel: (-len(panel[1]), panel[0]))
    if small:
        name = "other" if panels else "all"
        panels.append((name, sorted(small, key=lambda row: (row["date"], row["symbol"] or ""))))
    parts = [_key(ctx, rows)]
    for name, group in panels:
        title = group[0][f"topic_{ctx.lang}"] if name in topics else ctx.label.term("topics", name)
        count = ctx.label("votes.n", n=ctx.number(len(group)))
        parts.append(
            f'<h4 class="strip">{escape(title)} <span class="muted">{escape(count)}</span></h4>'
        )
        parts.append(_panel_of(name, group, ctx, f"{title}. {label}"))
    return "".join(parts)


def _panel_of(name: str, rows: Rows, ctx: Context, label: str) -> str:
    return both(lambda width: _panel(name, rows, ctx, label, width))


def _panel(name: str, rows: Rows, ctx: Context, label: str, width: float) -> str:
    left = 74.0 if width > 500 else 58.0
    canvas = Canvas(f"votes-{name}", width)
    step = min((width - left - 4) / len(rows), 26.0)
    top, base = 4.0, 4.0 + HEIGHT
    for text, y in (("no", top + 10), ("abstain", base - HEIGHT / 2 + 4), ("yes", base - 2)):
        canvas.text(left - 8, y, ctx.label.term("positions_short", text), "m", "end", 10)
    free = 0.0
    for i, row in enumerate(rows):
        x = left + i * step
        _column(canvas, row, ctx, x, step, base)
        text = row["date"][:4]
        half = text_width(text, 10) / 2 + 3
        middle = x + step / 2
        fresh = i == 0 or rows[i - 1]["date"][:4] != text
        if fresh and middle - half >= free and middle + half < width + 4:
            canvas.text(max(middle, left), base + 31, text, "m", "middle", 10)
            free = middle + half
    return canvas.svg(base + 37, label)


def _column(canvas: Canvas, row: Row, ctx: Context, x: float, step: float, base: float) -> None:
    counts = {"yes": row["yes"] or 0, "abstain": row["abstain"] or 0, "no": row["no"] or 0}
    total = sum(counts.values()) or 1
    gap = 1.2 if step > 7 else 0.5
    w = step - 2 * gap
    first = len(canvas.parts)
    y = base
    for position, paint in (("yes", "g3"), ("abstain", "g4"), ("no", "g2")):
        height = HEIGHT * counts[position] / total
        mine = row["position"] == position
        if counts[position]:
            drawn = max(height - 1, 1.6 if mine else 0.8)
            canvas.rect(x + gap, y - drawn, w, drawn, "a" if mine else paint)
        y -= height
    _sign(canvas, row["position"], x + step / 2, base + 11, min(w / 2, 4.0))
    title = ctx.label(
        "votes.title",
        vote=vote_name(row, ctx),
        date=ctx.date(row["date"], row.get("precision")),
        counts=counts_text(row, ctx),
        position=position_text(row, ctx),
    )
    canvas.group(title, first)


def _sign(canvas: Canvas, position: str | None, x: float, y: float, r: float) -> None:
    """Draw the state's position: filled, ring, cross; a dot where it is not recorded."""
    if position == "yes":
        canvas.circle(x, y, r, "a")
    elif position == "abstain":
        canvas.circle(x, y, max(r - 0.8, 1), "oa", more=' stroke-width="1.6"')
    elif position == "no":
        r *= 0.85
        s = f"{2 * r:.3g}"
        d = f"M{x - r:.5g} {y - r:.5g}l{s} {s}m0 -{s}l-{s} {s}"
        canvas.path(d, "sa", more=' stroke-width="1.8"')
    else:
        canvas.circle(x, y, min(r, 1.5), "g2")


def vote_name(row: Row, ctx: Context) -> str:
    """Return the title of a text with its symbol."""
    title = ctx.text(row, "title")
    if not row["symbol"]:
        return title
    return ctx.label("common.bracket", text=title, inside=row["symbol"])


def counts_text(row: Row, ctx: Context) -> str:
    """Return the totals in words."""
    return ctx.label(
        "votes.counts",
        yes=ctx.number(row["yes"]),
        no=ctx.number(row["no"]),
        abstain=ctx.number(row["abstain"]),
    )


def position_text(row: Row, ctx: Context) -> str:
    """Return the state's position in words."""
    if row["position"] is None:
        return ctx.label("positions.unrecorded")
    return ctx.label.term("positions", row["position"])


def _key(ctx: Context, rows: Rows) -> str:
    items = [_swatch("a", ctx.label("votes.key_side"))]
    seen = {row["position"] for row in rows}
    for position in ("yes", "abstain", "no", None):
        if position in seen:
            canvas = Canvas("k", 12)
            _sign(canvas, position, 6, 6, 4)
            word = ctx.label.term("positions", position or "unrecorded")
            drawn = "".join(canvas.parts)
            items.append(
                f'<span class="k"><svg width="12" height="12" aria-hidden="true">{drawn}</svg>'
                f"{escape(word)}</span>"
            )
    return f'<p class="key">{"".join(items)}</p>'


def _swatch(paint: str, text: str) -> str:
    canvas = Canvas("k", 12)
    canvas.rect(0, 1, 11, 10, paint)
    return (
        f'<span class="k"><svg width="12" height="12" aria-hidden="true">{canvas.parts[0]}</svg>'
        f"{escape(text)}</span>"
    )


def draw_vetoes(rows: Rows, ctx: Context, label: str) -> str:
    """Return vetoes by year, those cast alone apart; nothing for a state without one."""
    if not rows:
        return ""
    key = _swatch("a", ctx.label("vetoes.alone")) + _swatch("a3", ctx.label("vetoes.others"))
    return f'<p class="key">{key}</p>' + both(lambda width: _vetoes(rows, ctx, label, width))


def _vetoes(rows: Rows, ctx: Context, label: str, width: float) -> str:
    left, right, top, base = 26.0, width - 4, 12.0, 150.0
    low, high = 1946, int(ctx.as_of[:4]) + 1
    x = Scale(low, high, left, right)
    ceiling, step = nice_top(max(row["n"] for row in rows))
    y = Scale(0, ceiling, base, top)
    canvas = Canvas("vetoes", width)
    step = max(step, 1)
    for i in range(int(ceiling / step) + 1):
        value = round(i * step, 6)
        if value == int(value):
            canvas.line(left, y(value), right, y(value), "sl")
            canvas.text(left - 6, y(value) + 4, ctx.number(value), "m", "end")
    w = (right - left) / (high - low)
    for row in rows:
        if not row["n"]:
            continue
        at = x(row["year"]) + w * 0.1
        title = ctx.label("vetoes.title", year=row["year"], n=row["n"], alone=row["alone"] or 0)
        alone = row["alone"] or 0
        canvas.rect(at, y(alone), w * 0.8, base - y(alone), "a", title)
        if row["n"] > alone:
            canvas.rect(at, y(row["n"]), w * 0.8, y(alone) - y(row["n"]), "a3", title)
    draw_years(canvas, x, year_ticks(low, high - 1, right - left), base, base)
    canvas.line(left, base, right, base, "sk")
    return canvas.svg(base + 22, label)
