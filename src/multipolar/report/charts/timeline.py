"""Membership and exits: one lane a body, with announced, notified and effective dates."""

from __future__ import annotations

from html import escape

from ..context import Context, Row, Rows
from .axis import Scale, draw_years, year_of, year_ticks
from .svg import Canvas, both, text_width, wrap

BACK = frozenset({"rejoin", "reverse", "lift"})
ORDER = {"announce": 0, "notify": 1, "effective": 2}
STEP_LINE = 15
MAX_STEPS = 4


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return the timeline, then each list of bodies named in one act as a block."""
    lanes = [_in_order(row) for row in rows if row.get("body_id") and row["steps"]]
    lists = [row for row in rows if not row.get("body_id") and row.get("list_id")]
    parts = []
    if lanes:
        parts.append(_key(ctx, lanes))
        parts.append(both(lambda width: _lanes(lanes, ctx, label, width)))
    parts += [_list_block(row, ctx, number) for number, row in enumerate(lists)]
    return "".join(parts)


def _in_order(row: Row) -> Row:
    """Return the row with its steps by date; on one day an announcement comes before a notice."""
    steps = sorted(row["steps"], key=lambda step: (step["date"], ORDER.get(step["action"], 9)))
    return {**row, "steps": steps}


def mark(canvas: Canvas, x: float, y: float, step: Row, title: str = "", r: float = 4.6) -> None:
    """Draw the mark of one step: hollow, half, full circle; square; triangle for a step back."""
    more = ' stroke-width="1.6"'
    if step.get("status") == "scheduled":
        more += ' stroke-dasharray="2 1.6"'
    action = step["action"]
    if action in BACK:
        d = f"M{x:.5g} {y - r:.5g}l{r:g} {1.8 * r:g}h-{2 * r:g}z"
        canvas.path(d, "og" if action != "rejoin" else "g1", title, more)
    elif action in ("suspend", "expel"):
        paint = "oa" if action == "suspend" or step.get("status") == "scheduled" else "a"
        canvas.rect(x - r + 0.6, y - r + 0.6, 2 * r - 1.2, 2 * r - 1.2, paint, title, more)
    elif action == "effective" and step.get("status") != "scheduled":
        canvas.circle(x, y, r + 0.4, "a", title)
    else:
        canvas.circle(x, y, r, "oa", title, more)
        if action == "notify":
            canvas.path(f"M{x:.5g} {y - r:.5g}a{r:g} {r:g} 0 0 0 0 {2 * r:g}z", "a")


def _lanes(lanes: Rows, ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    left, right = (176.0, width - 196) if wide else (6.0, width - 8)
    days = [year_of(step["date"]) for row in lanes for step in row["steps"]]
    now = year_of(ctx.as_of)
    high = max(*days, now) + 0.6
    low = min(int(min(days)) - 1, int(high) - 9)
    scale = Scale(low, high, left, right)
    canvas = Canvas("exits", width)
    body = Canvas("exits", width)
    y = 20.0
    for system, group in _groups(lanes):
        if system is not None:
            y += 16
            body.text(0, y, ctx.label(f"exits.heading_{system}"), "m", size=11, bold=True)
            y += 6
        for row in group:
            y = _lane(body, row, ctx, scale, y, wide)
    ticks = year_ticks(low, high, right - left)
    draw_years(canvas, scale, ticks, 16, y)
    for year in ticks:
        canvas.text(scale(year), 11, str(year), "m", "middle")
    x = scale(now)
    canvas.line(x, 16, x, y, "sg", ' stroke-dasharray="2 3"')
    canvas.parts += body.parts
    return canvas.svg(y + 20, label)


def _groups(lanes: Rows) -> list[tuple[str | None, list[Row]]]:
    """Split by system where there are many lanes; the latest step first."""
    ordered = sorted(lanes, key=lambda row: row["body_id"])
    ordered.sort(key=lambda row: max(step["date"] for step in row["steps"]), reverse=True)
    if len(ordered) <= 8:
        return [(None, ordered)]
    un = [row for row in ordered if row.get("un_system") == "yes"]
    other = [row for row in ordered if row.get("un_system") != "yes"]
    return [(name, group) for name, group in (("un", un), ("other", other)) if group]


def _lane(canvas: Canvas, row: Row, ctx: Context, scale: Scale, y: float, wide: bool) -> float:
    steps = row["steps"]
    last = _last_cycle(steps)
    room = scale.start - 18 if wide else canvas.width
    name = wrap(ctx.body(row["body_id"]), room, 12, 2 if wide else 1)
    texts = [_step_text(step, ctx) for step in last]
    if wide:
        height = max(len(name) * 15, len(last) * STEP_LINE) + 12
        middle = y + height / 2
        for i, line in enumerate(name):
            canvas.text(0, middle + 4 - (len(name) - 1) * 7.5 + i * 15, line, "t", size=12)
        top = middle - (len(last) - 1) * STEP_LINE / 2
        for i, (step, text) in enumerate(zip(last, texts, strict=True)):
            at = top + i * STEP_LINE
            mark(canvas, scale.end + 18, at, step, r=3.8)
            canvas.text(scale.end + 28, at + 4, text, "m" if step["action"] in BACK else "t")
        bottom = y + height
    else:
        canvas.text(0, y + 14, name[0], "t", size=12, bold=True)
        middle = y + 36
        at, x = y + 57, 6.0
        for step, text in zip(last, texts, strict=True):
            if x > 6 and x + 14 + text_width(text) > canvas.width:
                at, x = at + STEP_LINE, 6.0
            mark(canvas, x, at - 4, step, r=3.8)
            canvas.text(x + 9, at, text, "t")
            x += 24 + text_width(text)
        bottom = at + 10
    _spells(canvas, row, ctx, scale, middle)
    _years_of_earlier(canvas, steps[: len(steps) - len(last)], scale, middle)
    for step in steps:
        mark(canvas, scale(year_of(step["date"])), middle, step, _step_text(step, ctx))
    canvas.line(0, bottom, canvas.width, bottom, "sl")
    return bottom


def _spells(canvas: Canvas, row: Row, ctx: Context, scale: Scale, y: float) -> None:
    """Draw membership as a band, and the time between notice and effect as a line."""
    canvas.line(scale.start, y, scale.end, y, "sl", ' stroke-dasharray="1 3"')
    for spell in row.get("spells") or ():
        if spell.get("status") not in ("member", "elected", "permanent"):
            continue
        start = scale(year_of(spell["start"])) if spell.get("start") else scale.start
        end = scale(year_of(spell["end"])) if spell.get("end") else scale(year_of(ctx.as_of))
        if end > scale.start:
            canvas.rect(start, y - 3, end - start, 6, "g3")
    notice: str | None = None
    for step in row["steps"]:
        if step["action"] == "notify":
            notice = step["date"]
        elif step["action"] == "effective" and notice:
            x1, x2 = scale(year_of(notice)), scale(year_of(step["date"]))
            canvas.line(x1, y, x2, y, "sa", ' stroke-width="2"')
            notice = None
        elif step["action"] in BACK:
            notice = None


def _years_of_earlier(canvas: Canvas, steps: Rows, scale: Scale, y: float) -> None:
    """Write the year above an earlier step that ended or began something, where it has room."""
    free = scale.start - 4
    for step in steps:
        x = scale(year_of(step["date"]))
        if step["action"] in ("effective", "rejoin", "expel", "suspend") and x - 13 > free:
            canvas.text(x, y - 9, step["date"][:4], "m", "middle", 10)
            free = x + 13


def _last_cycle(steps: Rows) -> Rows:
    start = 0
    for i, step in enumerate(steps[:-1]):
        if step["action"] in BACK:
            start = i + 1
    return steps[start:][-MAX_STEPS:]


def _step_text(step: Row, ctx: Context) -> str:
    return ctx.label(
        "exits.due" if step.get("status") == "scheduled" else "exits.step",
        action=ctx.label.term("actions", step["action"]),
        date=ctx.short(step["date"], step.get("precision")),
    )


def _key(ctx: Context, lanes: Rows) -> str:
    """Return the key: only the marks that occur."""
    seen = {step["action"] for row in lanes for step in row["steps"]}
    items = []
    for action in (
        "announce",
        "notify",
        "effective",
        "suspend",
        "expel",
        "reverse",
        "rejoin",
        "lift",
    ):
        if action in seen:
            items.append(_key_item(ctx.label.term("actions", action), action, "occurred"))
    if any(step.get("status") == "scheduled" for row in lanes for step in row["steps"]):
        items.append(_key_item(ctx.label("exits.scheduled"), "effective", "scheduled"))
    items.append(
        '<span class="k"><svg width="22" height="12" aria-hidden="true">'
        f"{_band()}</svg>{escape(ctx.label('exits.member'))}</span>"
    )
    return f'<p class="key">{"".join(items)}</p>'


def _band() -> str:
    canvas = Canvas("k", 22)
    canvas.rect(0, 3, 22, 6, "g3")
    return canvas.parts[0]


def _key_item(text: str, action: str, status: str) -> str:
    canvas = Canvas("k", 12)
    mark(canvas, 6, 6, {"action": action, "status": status})
    drawn = "".join(canvas.parts)
    return (
        f'<span class="k"><svg width="12" height="12" aria-hidden="true">{drawn}</svg>'
        f"{escape(text)}</span>"
    )


def _list_block(row: Row, ctx: Context, number: int) -> str:
    """Return one act that named many bodies: a square each, those of the UN system apart."""
    total = row["n"]
    groups = [("a2", row["n_un"], "exits.group_un"), ("g2", row["n_other"], "exits.group_other")]
    squares = []
    for paint, n, key in groups:
        if n:
            canvas = Canvas(f"list{number}", 1)
            for i in range(n):
                canvas.rect(i % 10 * 14, i // 10 * 14, 11, 11, paint)
            height = (n - 1) // 10 * 14 + 11
            text = f"{ctx.number(n)} {ctx.label(key)}"
            squares.append(
                f'<div><svg class="fix" viewBox="0 0 140 {height}" width="140" height="{height}" '
                f'aria-hidden="true">{"".join(canvas.parts)}</svg><p>{escape(text)}</p></div>'
            )
    named = sorted((ctx.body(body) for body in row.get("bodies") or ()), key=str.casefold)
    head = ctx.label("exits.list", date=ctx.date(row["date"], row.get("precision")), n=total)
    more = ""
    if named:
        items = "".join(f"<li>{escape(name)}</li>" for name in named)
        text = ctx.label("exits.list_rest", n=len(named))
        more = f'<details><summary>{escape(text)}</summary><ul class="cols">{items}</ul></details>'
    return (
        f'<div class="listblock"><p class="lead">{escape(head)}</p>'
        f'<div class="squares">{"".join(squares)}</div>{more}</div>'
    )
