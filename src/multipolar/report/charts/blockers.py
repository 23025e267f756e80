"""Who can block: shares against what is needed, vetoes, and where one objection is enough."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby

from ..context import Context, Row, Rows
from .svg import stretched

MAX_BARS = 14


def draw(rows: Rows, ctx: Context, label: str) -> str:
    """Return bars where shares are known, then chips and lists for the other rules."""
    inside = [row for row in rows if row["member"]]
    weighed = [row for row in inside if _has_shares(row) and not isinstance(row["blockers"], str)]
    weighed.sort(key=_order)
    listed = [row for row in inside if row["blockers"] and not isinstance(row["blockers"], str)]
    vetoes = [row for row in listed if not _has_shares(row)]
    anyone = [row for row in inside if row["blockers"] == "any_member"]
    placed = {id(row) for row in (*weighed, *vetoes, *anyone)}
    nobody = [r for r in inside if id(r) not in placed and r["focal_blocks"] is False]
    nobody += weighed[MAX_BARS:]
    placed |= {id(row) for row in nobody}
    unknown = [row for row in inside if id(row) not in placed]
    outside = [row for row in rows if row["member"] is False]
    parts = [f'<div role="img" aria-label="{escape(label)}">']
    if vetoes:
        parts.append(_head(ctx, "blockers.vetoes"))
        parts += _vetoes(vetoes, ctx)
    if weighed:
        parts.append(_head(ctx, "blockers.weighed"))
        parts.append(_legend(ctx))
        parts += [_bar(row, ctx) for row in weighed[:MAX_BARS]]
    for key, group in (
        ("blockers.anyone", anyone),
        ("blockers.nobody", nobody),
        ("blockers.unknown", unknown),
        ("blockers.outside", outside),
    ):
        if group:
            parts.append(_head(ctx, key))
            parts.append(_decisions(group, ctx))
    return "".join(parts) + "</div>"


def _has_shares(row: Row) -> bool:
    return None not in (row["needed"], row["focal_share"], row["rest_share"])


def _order(row: Row) -> tuple[bool, float, str, str]:
    """Blocked first, then by what the state's share leaves to spare."""
    spare = float(row["rest_share"]) - float(row["needed"])
    return (not row["focal_blocks"], spare, row["body_id"], row["decision"])


def _head(ctx: Context, key: str) -> str:
    return f"<h4>{escape(ctx.label(key))}</h4>"


def _legend(ctx: Context) -> str:
    items = (
        ("a", ctx.state(ctx.focal)),
        ("g3", ctx.label("blockers.rest")),
    )
    keys = "".join(
        f'<span class="k"><svg width="12" height="12" aria-hidden="true">'
        f"{_square(paint)}</svg>{escape(text)}</span>"
        for paint, text in items
    )
    needed = f'<span class="k"><b class="tick"></b>{escape(ctx.label("blockers.needed"))}</span>'
    return f'<p class="key">{keys}{needed}</p>'


def _square(paint: str) -> str:
    from .svg import Canvas

    canvas = Canvas("k", 12)
    canvas.rect(0, 1, 11, 10, paint)
    return canvas.parts[0]


def _what(row: Row, ctx: Context) -> str:
    return (
        f"<b>{escape(ctx.body(row['body_id']))}</b> "
        f'<span class="muted">{escape(ctx.text(row, "label"))}</span>'
    )


def _bar(row: Row, ctx: Context) -> str:
    rest, needed = float(row["rest_share"]), float(row["needed"])
    end = min(rest + float(row["focal_share"]), 1.0)
    drawn = stretched([(0, rest, "g3"), (rest, end, "a")], [needed])
    return (
        f'<div class="row"><div class="what">{_what(row, ctx)}</div>'
        f'<div class="box cut">{drawn}<span class="need" style="left:{needed * 100:.4g}%">'
        f"{escape(ctx.share(needed))}</span></div>"
        f'<div class="say">{_answer(row, ctx)}<span class="muted">'
        f"{escape(ctx.label('blockers.others_hold', share=ctx.share(rest)))}</span></div></div>"
    )


def _answer(row: Row, ctx: Context) -> str:
    blocks = row["focal_blocks"]
    if blocks is None:
        return f"{escape(ctx.none)} "
    key = "blockers.cannot" if blocks else "blockers.can"
    return f"<b>{escape(ctx.label(key))}</b> "


def _vetoes(rows: Rows, ctx: Context) -> list[str]:
    """Return one line for each body and set of members that can each block."""
    groups: dict[tuple[str, tuple[str, ...]], list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["body_id"], row["decision"])):
        groups.setdefault((row["body_id"], tuple(row["blockers"])), []).append(row)
    lines = []
    for (body_id, states), group in groups.items():
        chips = "".join(
            f'<span class="chip{" on" if code == ctx.focal else ""}">'
            f"{escape(ctx.state(code))}</span>"
            for code in states
        )
        what = ctx.label("common.semicolon").join(ctx.text(row, "label") for row in group)
        lines.append(
            f'<div class="row two"><div class="what"><b>{escape(ctx.body(body_id))}</b> '
            f'<span class="muted">{escape(what)}</span></div><div>{chips}</div></div>'
        )
    return lines


def _decisions(rows: Rows, ctx: Context) -> str:
    """Return the decisions grouped by body, as one line each."""
    ordered = sorted(rows, key=lambda row: (row["body_id"], row["decision"]))
    items = []
    for body_id, group in groupby(ordered, key=lambda row: row["body_id"]):
        labels: Sequence[str] = [ctx.text(row, "label") for row in group]
        joined = ctx.label("common.semicolon").join(labels)
        items.append((ctx.body(body_id), joined))
    items.sort(key=lambda item: item[0].casefold())
    lines = "".join(
        f'<li><b>{escape(body)}</b> <span class="muted">{escape(text)}</span></li>'
        for body, text in items
    )
    return f'<ul class="cols plain">{lines}</ul>'
