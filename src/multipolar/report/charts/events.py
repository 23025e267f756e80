"""What happened without the state or against it, and measures in trade: dated marks and lists."""

from __future__ import annotations

from html import escape

from ..context import Context, Row, Rows
from .axis import Scale, draw_years, year_of, year_ticks
from .svg import Canvas, both, wrap

VOTES = frozenset({"opposed_no", "abstained"})
WENT_AHEAD = frozenset({"held", "adopted"})
RESULTS = ("held", "adopted", "postponed", "not_adopted", "failed", "pending")
SHOWN = 10


def draw_away(rows: Rows, ctx: Context, label: str) -> str:
    """Return a dot plot by body and year, then the latest occasions as a list."""
    if not rows:
        return ""
    head = _key(ctx, rows) + both(lambda width: _dots(rows, ctx, label, width))
    latest = sorted(rows, key=lambda row: row["date"], reverse=True)
    chosen = [row for row in latest if row["focal"] not in VOTES]
    chosen = (chosen or latest)[:SHOWN]
    items = "".join(_occasion(row, ctx) for row in chosen)
    left = len(rows) - len(chosen)
    rest = ""
    if left:
        rest = f'<p class="muted small">{escape(ctx.label("away.more", n=ctx.number(left)))}</p>'
    return f'{head}<ol class="events">{items}</ol>{rest}'


def _dots(rows: Rows, ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    left, right = (190.0, width - 10) if wide else (8.0, width - 8)
    days = [year_of(row["date"]) for row in rows]
    low, high = int(min(days)), max(*days, year_of(ctx.as_of)) + 0.4
    low = min(low, int(high) - 4)
    scale = Scale(low, high, left, right)
    bodies: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["date"], row["focal"])):
        bodies.setdefault(row["body_id"], []).append(row)
    body = Canvas("away", width)
    y = 6.0
    for body_id, group in sorted(bodies.items(), key=lambda item: (-len(item[1]), item[0])):
        levels = _levels([scale(year_of(row["date"])) for row in group])
        height = max(levels) * 9 + (26 if wide else 44)
        middle = y + height - 13
        if wide:
            lines = wrap(ctx.body(body_id), left - 20, 12, 2)
            height = max(height, len(lines) * 15 + 8)
            middle = y + height - 13
            for i, line in enumerate(lines):
                body.text(
                    0, y + height / 2 + 4 - (len(lines) - 1) * 7.5 + i * 15, line, "t", size=12
                )
        else:
            body.text(0, y + 15, wrap(ctx.body(body_id), width, 12, 1)[0], "t", size=12, bold=True)
        for row, level in zip(group, levels, strict=True):
            _mark(
                body, scale(year_of(row["date"])), middle - level * 9, row["result"], _say(row, ctx)
            )
        y += height
        body.line(0, y, width, y, "sl")
    canvas = Canvas("away", width)
    draw_years(canvas, scale, year_ticks(low, high, right - left), 0, y)
    canvas.parts += body.parts
    return canvas.svg(y + 20, label)


def _levels(xs: list[float]) -> list[int]:
    """Return for each mark how many others it must stand above so that none overlap."""
    ends: list[float] = []
    levels = []
    for x in xs:
        free = (level for level, end in enumerate(ends) if x - end >= 8.5)
        level = next(free, len(ends))
        ends[level : level + 1] = [x]
        levels.append(level)
    return levels


def _mark(canvas: Canvas, x: float, y: float, result: str, title: str) -> None:
    """Draw a result: filled went ahead, half postponed, crossed ring not adopted, dashed open."""
    r = 4.2
    if result in WENT_AHEAD:
        canvas.circle(x, y, r, "a", title)
        return
    dash = ' stroke-dasharray="2 1.6"' if result == "pending" else ""
    canvas.circle(x, y, r - 0.6, "oa", title, f' stroke-width="1.5"{dash}')
    if result == "postponed":
        canvas.path(f"M{x:.5g} {y - r + 0.6:.5g}a3.6 3.6 0 0 0 0 7.2z", "a")
    elif result in ("not_adopted", "failed"):
        d = f"M{x - 2.4:.5g} {y - 2.4:.5g}l4.8 4.8m0 -4.8l-4.8 4.8"
        canvas.path(d, "sa", more=' stroke-width="1.5"')


def _say(row: Row, ctx: Context) -> str:
    return ctx.label(
        "away.title",
        date=ctx.date(row["date"], row.get("precision")),
        what=ctx.text(row, "what"),
        focal=ctx.label.term("focal_acts", row["focal"]),
        result=ctx.label.term("results", row["result"]),
    )


def counts_text(row: Row, ctx: Context) -> str:
    """Return the totals of a vote, where there was one."""
    if row.get("yes") is None:
        return ""
    return ctx.label(
        "votes.counts",
        yes=ctx.number(row["yes"]),
        no=ctx.number(row["no"]),
        abstain=ctx.number(row["abstain"]),
    )


def company_text(row: Row, ctx: Context, limit: int | None = 4) -> str:
    """Return the others that did the same; empty where nothing is known of them."""
    with_ = row.get("with")
    return ctx.list([ctx.state(code) for code in with_], limit) if with_ else ""


def _occasion(row: Row, ctx: Context) -> str:
    canvas = Canvas("k", 12)
    _mark(canvas, 6, 6, row["result"], "")
    sign = f'<svg width="12" height="12" aria-hidden="true">{"".join(canvas.parts)}</svg>'
    more = [text for text in (counts_text(row, ctx),) if text]
    company = company_text(row, ctx)
    if company:
        more.append(ctx.label("away.with", states=company))
    tail = (
        f' <span class="muted">{escape(ctx.label("common.semicolon").join(more))}</span>'
        if more
        else ""
    )
    act = ctx.label.sentence(ctx.label.term("focal_acts", row["focal"]))
    result = ctx.label.term("results", row["result"])
    return (
        f"<li><time>{escape(ctx.date(row['date'], row.get('precision')))}</time>"
        f"<div><b>{escape(ctx.body(row['body_id']))}</b> {escape(ctx.text(row, 'what'))}<br>"
        f'<span class="act">{escape(act)}</span> <span class="res">{sign}{escape(result)}</span>'
        f"{tail}</div></li>"
    )


def _key(ctx: Context, rows: Rows) -> str:
    seen = {row["result"] for row in rows}
    groups: dict[str, list[str]] = {}
    for result in RESULTS:
        if result in seen:
            shape = (
                "ahead"
                if result in WENT_AHEAD
                else "not"
                if result in ("not_adopted", "failed")
                else result
            )
            groups.setdefault(shape, []).append(result)
    items = []
    for results in groups.values():
        canvas = Canvas("k", 12)
        _mark(canvas, 6, 6, results[0], "")
        text = ctx.label("common.or").join(ctx.label.term("results", result) for result in results)
        items.append(
            f'<span class="k"><svg width="12" height="12" aria-hidden="true">'
            f"{''.join(canvas.parts)}</svg>{escape(text)}</span>"
        )
    return f'<p class="key">{"".join(items)}</p>'


def draw_trade(rows: Rows, ctx: Context, label: str) -> str:
    """Return the latest trade measures as a dated list."""
    if not rows:
        return ""
    ordered = sorted(rows, key=lambda row: row["date"], reverse=True)
    items = []
    for row in ordered[:SHOWN]:
        standing = ctx.text(row, "standing")
        after = f'<br><span class="muted">{escape(standing)}</span>' if standing else ""
        items.append(
            f"<li><time>{escape(ctx.date(row['date'], row.get('precision')))}</time>"
            f"<div><b>{escape(ctx.label.term('trade_kinds', row['kind']))}</b> "
            f'<span class="muted">{escape(ctx.label.term("roles", row["role"]))}</span><br>'
            f"{escape(ctx.text(row, 'text'))}{after}</div></li>"
        )
    left = len(ordered) - len(items)
    rest = ""
    if left > 0:
        rest = f'<p class="muted small">{escape(ctx.label("trade.more", n=ctx.number(left)))}</p>'
    return f'<ol class="events">{"".join(items)}</ol>{rest}'
