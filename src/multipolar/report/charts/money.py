"""Money: the assessed share as a step line, the payers as bars, funds by stage."""

from __future__ import annotations

from html import escape
from itertools import groupby

from ..context import Context, Row, Rows
from .axis import Scale, draw_years, nice_top, year_of, year_ticks
from .svg import Canvas, both, stretched

STAGE_PAINT = {
    "pledged": "a3",
    "confirmed": "a2",
    "paid": "a",
    "paid_part": "a",
    "assessed": "g2",
    "arrears": "g1",
    "rescinded": "hollow",
}
STAGE_ORDER = tuple(STAGE_PAINT)


def draw_shares(rows: Rows, ctx: Context, label: str) -> str:
    """Return the share of the regular budget over time."""
    if not rows:
        return ""
    return both(lambda width: _shares(rows, ctx, label, width))


def _shares(rows: Rows, ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    ordered = sorted(rows, key=lambda row: row["start"])
    left, right = 44.0, width - (120 if wide else 66)
    top, base = 22.0, (250.0 if wide else 190.0)
    high, step = nice_top(max(float(row["share_percent"]) for row in ordered))
    x = Scale(year_of(ordered[0]["start"]), year_of(ordered[-1]["end"]), left, right)
    y = Scale(0, high, base, top)
    canvas = Canvas("shares", width)
    for i in range(round(high / step) + 1):
        value = round(i * step, 6)
        canvas.line(left, y(value), right, y(value), "sl")
        canvas.text(left - 6, y(value) + 4, ctx.percent(value), "m", "end")
    draw_years(canvas, x, year_ticks(x.low, x.high, right - left), base, base)
    path, area, end = [], [], ""
    for row in ordered:
        x1, x2, at = (
            x(year_of(row["start"])),
            x(year_of(row["end"])),
            y(float(row["share_percent"])),
        )
        path.append(f"{'L' if row['start'] == end else 'M'}{x1:.5g} {at:.5g}H{x2:.5g}")
        area.append(f"M{x1:.5g} {base:.5g}V{at:.5g}H{x2:.5g}V{base:.5g}z")
        end = row["end"]
    canvas.path("".join(area), "a3", more=' opacity="0.35"')
    canvas.path("".join(path), "sa", more=' stroke-width="2.2"')
    for row in ordered:
        x1, x2 = x(year_of(row["start"])), x(year_of(row["end"]))
        text = ctx.label(
            "shares.title",
            span=years(row),
            share=ctx.percent(row["share_percent"]),
            rank=ctx.number(row["rank"]),
            payers=ctx.number(row["payers"]),
        )
        canvas.rect(x1, top, x2 - x1, base - top, "a", text, ' opacity="0"')
    _ends(canvas, ordered, ctx, x, y, wide)
    return canvas.svg(base + 22, label)


def _ends(canvas: Canvas, rows: Rows, ctx: Context, x: Scale, y: Scale, wide: bool) -> None:
    first, last = rows[0], rows[-1]
    at = y(float(last["share_percent"]))
    canvas.text(x.end + 6, at + 2, ctx.percent(last["share_percent"]), "ta", size=13, bold=True)
    rank = ctx.number(last["rank"])
    if wide:
        text = ctx.label("shares.rank", rank=rank, payers=ctx.number(last["payers"]))
    else:
        text = ctx.label("shares.rank_short", rank=rank)
    canvas.text(x.end + 6, at + 17, text, "m")
    start = float(first["share_percent"])
    if abs(y(start) - at) > 14:
        canvas.text(x.start + 4, y(start) - 6, ctx.percent(start), "ta", bold=True)


def years(row: Row) -> str:
    """Return a half-open period of whole years as its first and last year."""
    first, last = int(row["start"][:4]), int(row["end"][:4])
    last -= row["end"][5:] == "01-01"
    return str(first) if first >= last else f"{first}–{last}"


def draw_payers(rows: Rows, ctx: Context, label: str) -> str:
    """Return the largest payers and the state as bars."""
    if not rows:
        return ""
    top = max(float(row["share_percent"]) for row in rows)
    lines = []
    for row in sorted(rows, key=lambda row: (row["rank"], row["state_id"])):
        focal = row["state_id"] == ctx.focal
        part = float(row["share_percent"]) / top
        bar = stretched([(0, 1, "a" if focal else "g3")], width=f"calc((100% - 5em) * {part:.4f})")
        lines.append(
            f'<div class="row payer{" on" if focal else ""}"><div class="rank">'
            f"{escape(ctx.number(row['rank']))}</div>"
            f'<div class="what">{escape(ctx.state(row["state_id"]))}</div>'
            f'<div class="box lab">{bar}'
            f'<span class="num">{escape(ctx.percent(row["share_percent"]))}</span></div></div>'
        )
    return f'<div role="img" aria-label="{escape(label)}">{"".join(lines)}</div>'


def draw_funds(rows: Rows, ctx: Context, label: str) -> str:
    """Return amounts by fund and stage; stages stand apart and are never added."""
    if not rows:
        return ""
    first: dict[tuple[str, str], str] = {}
    for row in rows:
        place, day = (row["body_id"], row["budget"]), row["date"] or "9999"
        first[place] = min(first.get(place, day), day)

    def order(row: Row) -> tuple[str, str, str, int, str]:
        day = first[row["body_id"], row["budget"]]
        return row["body_id"], day, row["budget"], _stage(row), row["date"] or ""

    ordered = sorted(rows, key=order)
    parts = [f'<div role="img" aria-label="{escape(label)}">']
    for body_id, group in groupby(ordered, key=lambda row: row["body_id"]):
        members = list(group)
        top = max((float(row["amount_usd"] or 0) for row in members), default=0) or 1.0
        parts.append(f"<h4>{escape(ctx.body(body_id))}</h4>")
        for budget, lines in groupby(members, key=lambda row: row["budget"]):
            parts.append(f'<p class="sub">{escape(budget_name(budget, ctx))}</p>')
            parts += [_fund(row, top, ctx, number) for number, row in enumerate(lines)]
    return "".join(parts) + "</div>"


def budget_name(budget: str, ctx: Context) -> str:
    """Return the name of a budget, or of several joined by a semicolon or plus sign."""
    codes = budget.replace("+", ";").split(";")
    return ctx.list([ctx.label.term("budgets", code.strip().lower()) for code in codes])


def _stage(row: Row) -> int:
    return STAGE_ORDER.index(row["stage"]) if row["stage"] in STAGE_PAINT else len(STAGE_ORDER)


def _fund(row: Row, top: float, ctx: Context, number: int) -> str:
    amount = row["amount_usd"]
    paint = STAGE_PAINT.get(row["stage"], "g2")
    width = float(amount or 0) / top
    if amount is None:
        drawn = f'<span class="muted">{escape(ctx.none)}</span>'
    elif paint == "hollow":
        drawn = f'<span class="hollow" style="width:{width * 100:.4g}%"></span>'
    else:
        drawn = stretched([(0, width, paint)])
    share = ""
    if row.get("share_of_stage") is not None:
        text = ctx.label("funds.of_stage", share=ctx.share(row["share_of_stage"]))
        share = f' <span class="muted">{escape(text)}</span>'
    return (
        f'<div class="row fund"><div class="what">{escape(ctx.label.term("stages", row["stage"]))}'
        f' <span class="muted">{escape(ctx.date(row["date"], row.get("precision")))}</span></div>'
        f'<div class="box">{drawn}</div>'
        f'<div class="num">{escape(ctx.usd(amount))}{share}</div></div>'
    )
