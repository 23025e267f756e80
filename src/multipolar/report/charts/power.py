"""Voting power: the share of votes beside two indices, and how often nothing passes without it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from ..context import Context, Row, Rows
from .axis import Scale, nice_top
from .svg import Canvas, both, wrap

MOST = 12
"""Rows that are drawn; the others stand in the table."""
LANE, GAP = 15.0, 14.0
NEEDED = 598.0
"""Where the column of the power to prevent begins on a wide screen."""
LINE = 13.5
MEASURES = (
    ("vote_share", "g1", "sg", "m"),
    ("shapley_shubik", "a", "sa", "ta"),
    ("banzhaf_normalised", "b", "sb", "tb"),
)
"""Column, paint of the mark, of its line, and of its number."""
SAME = ("body_id", "members", "weight", "hidden", "focal_blocks", "coleman_prevent", "next_prevent")
HIDDEN = "*"


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return one row for every set of decisions of a body with the same power."""
    if not rows:
        return ""
    groups = grouped(rows)
    shown = groups[:MOST]
    parts = [_key(ctx), both(lambda width: _chart(shown, ctx, label, width))]
    if any(group[0]["hidden"] for group in shown):
        parts.append(f'<p class="muted small">{HIDDEN} {escape(ctx.label("power.hidden"))}</p>')
    if left := len(groups) - len(shown):
        more = ctx.label("power.more", n=ctx.number(left))
        parts.append(f'<p class="muted small">{escape(more)}</p>')
    return "".join(parts)


def grouped(rows: Rows) -> list[list[Row]]:
    """Return decisions of a body with the same numbers together, the most powerful first."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    top: dict[str, float] = {}
    for row in rows:
        values = (row[name] for name in (*SAME, *(measure[0] for measure in MEASURES)))
        groups.setdefault(tuple(values), []).append(row)
        body = row["body_id"]
        top[body] = max(top.get(body, 0.0), row["shapley_shubik"])

    def order(group: list[Row]) -> tuple[float, str, float, float]:
        row = group[0]
        mine = -row["shapley_shubik"], -row["banzhaf_normalised"]
        return -top[row["body_id"]], row["body_id"], *mine

    return sorted(groups.values(), key=order)


def _key(ctx: Context) -> str:
    signs = []
    for name, paint, _, _ in MEASURES:
        canvas = Canvas("k", 12)
        _mark(canvas, 6, 6, name, paint)
        sign = f'<svg width="12" height="12" aria-hidden="true">{"".join(canvas.parts)}</svg>'
        signs.append(f'<span class="k">{sign}{escape(ctx.label(f"power.{name}"))}</span>')
    return f'<p class="key">{"".join(signs)}</p>'


def _mark(canvas: Canvas, x: float, y: float, name: str, paint: str) -> None:
    """Draw the sign of a measure: a bar for votes, a disc and a diamond for the indices."""
    if name == "vote_share":
        canvas.rect(x - 1.5, y - 5, 3, 10, paint)
    elif name == "shapley_shubik":
        canvas.circle(x, y, 4.2, paint)
    else:
        canvas.path(f"M{x:.5g} {y - 5:.5g}l5 5l-5 5l-5 -5z", paint)


def _chart(groups: Sequence[list[Row]], ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    left, right = (236.0, 520.0) if wide else (4.0, width - 64)
    high, step = nice_top(max(group[0][m[0]] for group in groups for m in MEASURES))
    x = Scale(0, high, left, right)
    ticks = [round(i * step, 9) for i in range(round(high / step) + 1)]
    canvas = Canvas("power", width)
    for value in ticks:
        canvas.text(x(value), 12, ctx.share(value), "m", "middle" if value or wide else "start")
    if wide:
        canvas.text(NEEDED, 12, ctx.label("power.prevent"), "m")
    y, before = 20.0, ""
    for group in groups:
        body = group[0]["body_id"]
        fresh = body != before
        canvas.line(0 if fresh or not wide else left, y, width, y, "sl")
        y = _row(canvas, group, ctx, x, ticks, y, fresh, wide)
        before = body
    return canvas.svg(y + 2, label)


def _row(
    canvas: Canvas,
    group: list[Row],
    ctx: Context,
    x: Scale,
    ticks: list[float],
    top: float,
    fresh: bool,
    wide: bool,
) -> float:
    """Draw one row from ``top`` on, the first of a body with its name; return where it ends."""
    row = group[0]
    first = len(canvas.parts)
    y = top + GAP
    room = x.start - 16 if wide else canvas.width
    at = y
    for text in wrap(ctx.body(row["body_id"]), room, 11.5, 2) if fresh else ():
        canvas.text(0, at, text, "t", size=11.5, bold=True)
        at += LINE
    for text in wrap(_labels(group, ctx), room, 11, 5):
        canvas.text(0, at, text, "m")
        at += LINE
    lane = y - 4 if wide else at + 1
    bottom = lane + LANE * (len(MEASURES) - 1)
    for value in ticks:
        canvas.line(x(value), lane - 7, x(value), bottom + 7, "sl")
    for i, (name, paint, stroke, ink) in enumerate(MEASURES):
        here = lane + i * LANE
        end = x(row[name])
        canvas.line(x.start, here, end, here, stroke, ' stroke-width="1.5"')
        _mark(canvas, end, here, name, paint)
        canvas.text(end + 9, here + 4, _value(row, name, ctx), ink, bold=name == "shapley_shubik")
    if wide:
        at = max(at, _needed(canvas, row, ctx, y))
    else:
        at = _needed_below(canvas, row, ctx, bottom + 20)
    canvas.group(_title(group, ctx), first)
    return max(at, bottom + 18) + 2


def _labels(group: list[Row], ctx: Context) -> str:
    """Return the decisions of a row, and what is shared out where it is not votes."""
    text = ctx.label("common.semicolon").join(ctx.text(row, "label") for row in group)
    if group[0]["weight"] != "population":
        return text
    return ctx.label("common.bracket", text=text, inside=ctx.label("power.by_population"))


def _value(row: Row, name: str, ctx: Context) -> str:
    hidden = name == "banzhaf_normalised" and row["hidden"]
    return f"{ctx.share(row[name])}{HIDDEN if hidden else ''}"


def _needed(canvas: Canvas, row: Row, ctx: Context, y: float) -> float:
    """Write the power to prevent beside the lanes; return the next free line."""
    blocks = row["focal_blocks"]
    share = ctx.share(row["coleman_prevent"])
    canvas.text(NEEDED, y, share, "ta" if blocks else "t", size=13, bold=True)
    if blocks:
        y += LINE
        canvas.rect(NEEDED, y - 8, 8, 8, "a")
        canvas.text(NEEDED + 12, y, ctx.label("power.alone"), "ta")
    for line in wrap(_next_text(row, ctx), canvas.width - NEEDED, 11, 2) if blocks else ():
        y += LINE
        canvas.text(NEEDED, y, line, "m")
    return y + LINE


def _needed_below(canvas: Canvas, row: Row, ctx: Context, y: float) -> float:
    """Write the power to prevent below the lanes; return the next free line."""
    text = ctx.label("common.colon").join(
        (ctx.label("power.prevent"), ctx.share(row["coleman_prevent"]))
    )
    if not row["focal_blocks"]:
        canvas.text(0, y, text, "t")
        return y + LINE
    canvas.rect(0, y - 8, 8, 8, "a")
    said = ctx.label("common.comma").join((text, ctx.label("power.alone")))
    canvas.text(12, y, said, "ta")
    if further := _next_text(row, ctx):
        y += LINE
        canvas.text(0, y, further, "m")
    return y + LINE


def next_name(row: Row, ctx: Context) -> str:
    """Return who has the most power to prevent of those that cannot block alone; "" for none."""
    states = row["next_states"]
    if len(states) > 1:
        return ctx.label("power.members", n=ctx.number(len(states)))
    return ctx.state(states[0]) if states else ""


def _next_text(row: Row, ctx: Context) -> str:
    who = next_name(row, ctx)
    share = ctx.share(row["next_prevent"])
    return ctx.label("power.next", who=who, share=share) if who else ""


def _title(group: list[Row], ctx: Context) -> str:
    row = group[0]
    return ctx.label(
        "power.title",
        body=ctx.body(row["body_id"]),
        labels=_labels(group, ctx),
        votes=ctx.share(row["vote_share"]),
        shapley=ctx.share(row["shapley_shubik"]),
        banzhaf=ctx.share(row["banzhaf_normalised"]),
        prevent=ctx.share(row["coleman_prevent"]),
    )
