"""The chart of a power result: power against weight, and who can block alone."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from ...errors import BadInput
from .result import INDICES, Row

if TYPE_CHECKING:
    import altair

    from .result import PowerResult

WIDTH, HEIGHT = 560, 380
_WORDS = {
    "weight": ("Share of weight", "权重占比"),
    "power": ("Share of power", "权力占比"),
    "blocks": ("can block alone", "可单独阻止"),
    "other": ("cannot block alone", "不能单独阻止"),
    "bounds": ("least and greatest value", "最小值与最大值"),
    "nameless": ("{} members not known by name", "{}个未具名成员"),
    "alike": ("{} and {} alike", "{}等{}个"),
}
_SHAPES = {"shapley_shubik": "circle", "banzhaf_normalised": "diamond"}
_COLOURS = ["#b3541e", "#2f6690"]
_LETTER, _LINE = 6.0, 12.0
"""Width and height of a letter of a label, in pixels."""


def chart(result: PowerResult, lang: str = "en") -> altair.LayerChart:
    """Draw each member's Shapley–Shubik and normalised Banzhaf index against its share of votes.

    Where all weights are the same, the members that are alike stand in one line each.
    """
    import altair as alt

    place = 1 if lang == "zh" else 0
    ranked = result.ranked()
    if all(row["shapley_shubik"] is None and row["banzhaf_absolute"] is None for row in ranked):
        return _bounds(result, ranked, place)
    shares = [row["weight_share"] for row in ranked]
    weighted = all(s is not None for s in shares) and len(set(shares)) > 1
    rows = _against_weight(result, ranked, place) if weighted else _alike(result, ranked, place)
    data: Any = alt.InlineData(values=rows)
    percent = alt.Axis(format=".3~%")
    if weighted:
        scale = alt.Scale(type="sqrt")
        x: Any = alt.X("weight:Q", title=_WORDS["weight"][place], scale=scale, axis=percent)
        y: Any = alt.Y("power:Q", title=_WORDS["power"][place], scale=scale, axis=percent)
    else:
        x = alt.X("power:Q", title=_WORDS["power"][place], axis=percent)
        y = alt.Y("member:N", title=None, sort=None, axis=alt.Axis(labelLimit=260))
    points = (
        alt.Chart(data)
        .mark_point(filled=True, size=55, opacity=0.8)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "blocks:N",
                title=None,
                scale=alt.Scale(
                    domain=[_WORDS["blocks"][place], _WORDS["other"][place]], range=_COLOURS
                ),
            ),
            shape=alt.Shape(
                "index:N",
                title=None,
                scale=alt.Scale(
                    domain=[INDICES[name][place] for name in _SHAPES], range=list(_SHAPES.values())
                ),
            ),
            tooltip=["member:N", "index:N", "weight:Q", "power:Q", "blocks:N"],
        )
    )
    layers: list[Any] = [points]
    if weighted:
        labels = alt.Chart(data).transform_filter("datum.label")
        layers.append(
            labels.mark_text(align="left", dx=7, dy=-6, fontSize=10).encode(
                x=x, y=y, text="member:N"
            )
        )
        most = max((max(r["weight"], r["power"]) for r in rows), default=1.0)
        ends: list[dict[str, Any]] = [{"weight": 0, "power": 0}, {"weight": most, "power": most}]
        even: Any = alt.InlineData(values=ends)
        line = alt.Chart(even).mark_line(strokeDash=[3, 3], color="#999", strokeWidth=1)
        layers.insert(0, line.encode(x="weight:Q", y="power:Q"))
    size = {"width": WIDTH, "height": HEIGHT} if weighted else {"width": WIDTH}
    drawn: Any = alt.layer(*layers).properties(title=_title(result, place), **size)
    return drawn  # type: ignore[no-any-return]


def _bounds(result: PowerResult, ranked: Sequence[Row], place: int) -> altair.LayerChart:
    """Draw the bounds of each member's index as a line; there is no point to draw."""
    import altair as alt

    rows = []
    for row in sorted(ranked, key=lambda r: -(r["weight"] or 0)):
        pairs: dict[str, list[float]] = row.get("bounds_if_largest") or row.get("bounds") or {}
        if bounds := pairs.get("shapley_shubik"):
            made = _row(result, row, _name(result, row["state"], place), "shapley_shubik", place)
            rows.append({**made, "lo": bounds[0], "hi": bounds[1]})
    if not rows:
        raise BadInput("there is nothing to draw: neither values nor bounds are known.")
    data: Any = alt.InlineData(values=rows)
    title = f"{INDICES['shapley_shubik'][place]}: {_WORDS['bounds'][place]}"
    drawn: Any = alt.layer(
        alt.Chart(data)
        .mark_rule(strokeWidth=5, color=_COLOURS[1])
        .encode(
            x=alt.X("lo:Q", title=title, axis=alt.Axis(format=".3~%")),
            x2="hi:Q",
            y=alt.Y("member:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
            tooltip=["member:N", "weight:Q", "lo:Q", "hi:Q"],
        )
    ).properties(title=_title(result, place), width=WIDTH)
    return drawn  # type: ignore[no-any-return]


def _title(result: PowerResult, place: int) -> Any:
    import altair as alt

    lang = "zh" if place else "en"
    label = (result.label_zh if place else result.label_en) or ""
    return alt.Title(label, subtitle=_wrapped(result.rule(lang)), anchor="start")


def _row(result: PowerResult, row: Row, name: str, index: str, place: int) -> dict[str, Any]:
    return {
        "member": name,
        "weight": row["weight_share"],
        "power": row[index],
        "index": INDICES[index][place],
        "blocks": _WORDS["blocks" if row["veto"] else "other"][place],
    }


def _name(result: PowerResult, state: str, place: int) -> str:
    return result.names.get(state, (state, state))[place]


def _against_weight(result: PowerResult, ranked: Sequence[Row], place: int) -> list[dict[str, Any]]:
    """Return one row per member and index; labels where they do not cover one another."""
    known = [row for row in ranked if row["banzhaf_normalised"] is not None]
    most = max((row["weight_share"] for row in known), default=1.0) or 1.0
    high = max((row[i] or 0.0 for row in known for i in _SHAPES), default=1.0) or 1.0
    taken: list[tuple[float, float, float]] = []
    rows = []
    for row in known:
        name = _name(result, row["state"], place)
        for index in _SHAPES:
            if row[index] is None:
                continue
            made = _row(result, row, name, index, place)
            if index == "shapley_shubik":
                x = WIDTH * sqrt(row["weight_share"] / most)
                y = HEIGHT * sqrt(row[index] / high)
                wide = x + _LETTER * _letters(name)
                free = all(wide < a or x > b or abs(y - c) > _LINE for a, b, c in taken)
                made["label"] = free and y > 2 * _LINE
                if made["label"]:
                    taken.append((x, wide, y))
            rows.append(made)
    return rows


def _alike(result: PowerResult, ranked: Sequence[Row], place: int) -> list[dict[str, Any]]:
    """Return one row per group of members with the same power, and index."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in ranked:
        groups.setdefault((*(row[i] for i in _SHAPES), row["veto"]), []).append(row)
    rows = []
    for members in groups.values():
        name = _name(result, members[0]["state"], place)
        if result.body and all(row["state"].startswith("?") for row in members):
            name = _WORDS["nameless"][place].format(len(members))
        elif len(members) > 1:
            count = len(members) if place else len(members) - 1
            name = _WORDS["alike"][place].format(name, count)
        rows += [
            _row(result, members[0], name, index, place)
            for index in _SHAPES
            if members[0][index] is not None
        ]
    return rows


def _letters(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _wrapped(text: str, width: int = 90) -> list[str]:
    """Cut a sentence into lines of about so many letters."""
    lines, line = [], ""
    parts = text.split(" ") if " " in text else list(text)
    joint = " " if " " in text else ""
    for part in parts:
        if line and _letters(line + joint + part) > width:
            lines.append(line)
            line = part
        else:
            line = line + joint + part if line else part
    return [*lines, line]
