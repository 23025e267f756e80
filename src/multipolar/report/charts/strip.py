"""Attendance: one column a session, the state's level above the line, the others' below it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from itertools import groupby

from ..context import Context, Row, Rows
from .svg import Canvas, both, text_width

LEVELS = {"technical": 1, "official": 2, "minister": 3, "head": 4, "present": 4}
PEER_ORDER = (
    ("head", "g1"),
    ("present", "g1"),
    ("minister", "g2"),
    ("official", "g3"),
    ("technical", "g3"),
    ("not_head", "g4"),
    ("unknown", "g4"),
    ("absent", "og"),
)
UP, DOWN = 48.0, 28.0
FOLD = 4


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return one strip a body."""
    parts = [_key(ctx, rows)]
    for body_id, group in groupby(rows, key=lambda row: row["body_id"]):
        sessions = sorted(group, key=lambda row: (row["date"], row["session_id"]))
        parts.append(f'<h4 class="strip">{escape(ctx.body(body_id))}</h4>')
        parts.append(_strip_of(body_id, sessions, ctx, label))
    return "".join(parts)


def _strip_of(body_id: str, sessions: Rows, ctx: Context, label: str) -> str:
    text = f"{ctx.body(body_id)}. {label}"
    return both(lambda width: _strip(body_id, sessions, ctx, text, width))


def _blank(row: Row) -> bool:
    peers = row.get("peers") or {}
    return row["level"] is None and row["status"] != "scheduled" and not peers.get("recorded")


def _strip(body_id: str, sessions: Rows, ctx: Context, label: str, width: float) -> str:
    wide = width > 500
    left = 106.0 if wide else 64.0
    folded = 0
    while folded < len(sessions) and _blank(sessions[folded]):
        folded += 1
    folded = folded if folded >= FOLD else 0
    shown = sessions[folded:]
    fold_width = 0.0
    if folded:
        fold_width = width - left if not shown else (150.0 if wide else 74.0)
    room = width - left - fold_width - (10 if folded else 0)
    step = min(room / max(len(shown), 1), 34.0)
    canvas = Canvas(f"strip-{body_id}", width)
    base = UP + 10
    start = left + fold_width + (10 if folded else 0)
    end = start + step * len(shown)
    others = any(_peers_n(row) for row in shown)
    years = base + (DOWN + 20 if others else 15)
    _side(canvas, _levels(sessions), ctx, left, end, base, others)
    if folded:
        _folded(canvas, sessions[:folded], ctx, left, fold_width, base, wide)
    free = 0.0
    for i, row in enumerate(shown):
        x = start + i * step
        _focal(canvas, row, ctx, x, step, base)
        _peers(canvas, row, ctx, x, step, base + 5)
        text = row["date"][:4]
        half = text_width(text, 10) / 2 + 2
        middle = x + step / 2
        if middle - half >= free and middle + half <= width + 3:
            canvas.text(middle, years, text, "m", "middle", 10)
            free = middle + half
    canvas.line(start, base, start + step * len(shown), base, "sk", ' stroke-width="1"')
    return canvas.svg(years + 6, label)


def _side(
    canvas: Canvas,
    levels: Mapping[int, str],
    ctx: Context,
    left: float,
    right: float,
    base: float,
    others: bool,
) -> None:
    """Write the levels beside the strip, and what stands below the line."""
    for level, name in levels.items():
        y = base - UP * level / 4
        canvas.line(left, y, right, y, "sl")
        canvas.text(left - 8, y + 9, ctx.label.term("levels_short", name), "m", "end", 10)
    if others:
        key = "attendance.others" if canvas.width > 500 else "attendance.others_short"
        canvas.text(left - 8, base + 5 + DOWN / 2 + 4, ctx.label(key), "m", "end", 10)


def _levels(sessions: Rows) -> Mapping[int, str]:
    """Return the levels that the body's sessions tell apart: five, or only present and absent."""
    seen = {row["level"] for row in sessions}
    seen |= {name for row in sessions for name, n in (row.get("peers") or {}).items() if n}
    if "present" in seen and not seen & {"head", "minister", "official", "technical"}:
        return {4: "present"}
    return {4: "head", 3: "minister", 2: "official", 1: "technical"}


def _folded(
    canvas: Canvas, rows: Rows, ctx: Context, x: float, w: float, base: float, wide: bool
) -> None:
    span = f"{rows[0]['date'][:4]}–{rows[-1]['date'][:4]}"
    canvas.hatch(x, base - UP, w, UP, ctx.label("attendance.folded", n=len(rows), span=span))
    lines = [span, ctx.label("attendance.sessions", n=len(rows)), ctx.label("common.no_record")]
    room = max(text_width(line, 10) for line in lines) + 10
    middle = x + w / 2
    canvas.rect(middle - room / 2, base - UP / 2 - 21, room, 42, "og", more=' stroke-width="0"')
    for i, line in enumerate(lines):
        canvas.text(middle, base - UP / 2 - 8 + i * 13, line, "m", "middle", 10)


def _focal(canvas: Canvas, row: Row, ctx: Context, x: float, step: float, base: float) -> None:
    level = row["level"]
    gap = 2.0 if step > 12 else 0.8
    w = step - 2 * gap
    title = _title(row, ctx)
    middle = x + step / 2
    if row["status"] == "scheduled" and level is None:
        dash = ' stroke-dasharray="2 2"'
        canvas.rect(x + gap, base - UP, w, UP, "sg", title, dash)
    elif level in LEVELS:
        height = UP * LEVELS[level] / 4
        if row["basis"] == "announced":
            more = ' stroke-width="1.4" stroke-dasharray="3 2"'
            canvas.rect(
                x + gap + 0.7, base - height + 0.7, w - 1.4, height - 1.4, "oa", title, more
            )
        else:
            canvas.rect(x + gap, base - height, w, height, "a", title)
    elif level == "absent":
        r = min(4.5, w / 2)
        y = base - 9
        d = f"M{middle - r:.5g} {y - r:.5g}l{2 * r:g} {2 * r:g}m0 -{2 * r:g}l-{2 * r:g} {2 * r:g}"
        canvas.path(d, "sa", title, ' stroke-width="2"')
    elif level == "not_head":
        height = UP * 3 / 4
        canvas.hatch(x + gap, base - height, w, height, title)
        canvas.line(
            x + gap, base - height, x + step - gap, base - height, "sa", ' stroke-width="2"'
        )
    elif level == "unknown":
        canvas.hatch(x + gap, base - UP, w, UP, title)
    else:
        canvas.hatch(x + gap, base - UP, w, UP, title)


def _peers(canvas: Canvas, row: Row, ctx: Context, x: float, step: float, top: float) -> None:
    total = _peers_n(row)
    if not total:
        return
    gap = 2.0 if step > 12 else 0.8
    first, y = len(canvas.parts), top
    for name, paint in PEER_ORDER:
        n = row["peers"].get(name) or 0
        if n:
            height = DOWN * n / total
            more = ' stroke-width="0.8"' if paint == "og" else ""
            canvas.rect(x + gap, y, step - 2 * gap, height, paint, more=more)
            y += height
    canvas.group(ctx.label("attendance.peers", text=peers_text(row, ctx)), first)


def _peers_n(row: Row) -> int:
    peers = row.get("peers") or {}
    return sum(peers.get(name) or 0 for name, _ in PEER_ORDER)


def peers_text(row: Row, ctx: Context) -> str:
    """Return the others' levels as words and numbers."""
    peers = row.get("peers") or {}
    found = [
        ctx.label("attendance.pair", level=ctx.label.term("levels", name), n=n)
        for name, n in peers.items()
        if name != "recorded" and n
    ]
    return ctx.label("common.comma").join(found)


def session_name(row: Row, ctx: Context) -> str:
    """Return a session's place and year, or its number."""
    place = row.get("place_zh" if ctx.lang == "zh" else "place")
    number = str(row.get("number") or "")
    key = f"session.{row['body_id']}"
    if number.endswith("bis"):
        key, number = f"{key}_bis", number.removesuffix("bis").strip("- ")
    key = key if key in ctx.label.texts else "session.other"
    number = ctx.label(key, n=number, year=row["date"][:4])
    return ctx.label("session.at", session=number, place=place) if place else number


def level_text(row: Row, ctx: Context) -> str:
    """Return the state's level in words, with what it rests on."""
    if row["level"] is None:
        key = "attendance.ahead" if row["status"] == "scheduled" else "common.no_record"
        return ctx.label(key)
    text = ctx.label.term("levels", row["level"])
    if row["basis"] == "announced":
        return ctx.label("attendance.announced_only", level=text)
    return text


def _title(row: Row, ctx: Context) -> str:
    return ctx.label("attendance.title", session=session_name(row, ctx), level=level_text(row, ctx))


def _key(ctx: Context, rows: Rows) -> str:
    """Return the key to the shapes that occur."""
    kinds = []
    levels = {row["level"] for row in rows}
    if levels & LEVELS.keys():
        kinds.append(("a", "attendance.key_level"))
    if any(row["basis"] == "announced" for row in rows):
        kinds.append(("dash", "attendance.key_announced"))
    if "absent" in levels:
        kinds.append(("cross", "levels.absent"))
    if "not_head" in levels:
        kinds.append(("half", "levels.not_head"))
    if "unknown" in levels or None in levels:
        kinds.append(("hatch", "attendance.key_unknown"))
    items = []
    for kind, key in kinds:
        canvas = Canvas(f"key-{kind}", 14)
        if kind == "a":
            canvas.rect(1, 1, 12, 12, "a")
        elif kind == "dash":
            canvas.rect(
                1.7, 1.7, 10.6, 10.6, "oa", more=' stroke-width="1.4" stroke-dasharray="3 2"'
            )
        elif kind == "cross":
            canvas.path("M3 3l8 8m0-8l-8 8", "sa", more=' stroke-width="2"')
        else:
            canvas.hatch(1, 1, 12, 12)
            if kind == "half":
                canvas.line(1, 2, 13, 2, "sa", ' stroke-width="2"')
        drawn = canvas.svg(14, "").replace(' role="img" aria-label=""', ' aria-hidden="true"')
        items.append(f'<span class="k">{drawn}{escape(ctx.label(key))}</span>')
    return f'<p class="key">{"".join(items)}</p>{_key_of_others(ctx, rows)}'


def _key_of_others(ctx: Context, rows: Rows) -> str:
    met = {name for row in rows for name, n in (row.get("peers") or {}).items() if n}
    words: dict[str, list[str]] = {}
    for name, paint in PEER_ORDER:
        if name in met:
            words.setdefault(paint, []).append(ctx.label.term("peer_levels", name))
    if not words:
        return ""
    items = [f"<span>{escape(ctx.label('attendance.key_others'))}</span>"]
    for paint, levels in words.items():
        canvas = Canvas("k", 12)
        canvas.rect(0.5, 0.5, 11, 11, paint, more=' stroke-width="0.8"' if paint == "og" else "")
        drawn = f'<svg width="12" height="12" aria-hidden="true">{canvas.parts[0]}</svg>'
        text = ctx.label("common.comma").join(levels)
        items.append(f'<span class="k">{drawn}{escape(text)}</span>')
    return f'<p class="key">{"".join(items)}</p>'
