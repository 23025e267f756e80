"""The chart of a power result: power against weight, and who can block alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .result import INDICES

if TYPE_CHECKING:
    import altair

    from .result import PowerResult

_LABELLED = 12
_WORDS = {
    "weight": ("Share of votes", "投票权占比"),
    "rank": ("Rank of the member", "成员位次"),
    "power": ("Share of power", "权力占比"),
    "blocks": ("can block alone", "可单独阻止"),
    "other": ("cannot block alone", "不能单独阻止"),
    "even": ("power equals weight", "权力等于权重"),
}
_SHAPES = {"shapley_shubik": "circle", "banzhaf_normalised": "diamond"}


def chart(result: PowerResult, lang: str = "en") -> altair.LayerChart:
    """Draw each member's Shapley–Shubik and normalised Banzhaf index against its share of votes."""
    import altair as alt

    place = 1 if lang == "zh" else 0
    rows, weighted = _rows(result, place)
    x = "weight" if weighted else "rank"
    data: Any = alt.InlineData(values=rows)
    blocks, other = _WORDS["blocks"][place], _WORDS["other"][place]
    scale = alt.Scale(type="sqrt") if weighted else alt.Scale()
    base = alt.Chart(data).encode(
        x=alt.X(
            f"{x}:Q",
            title=_WORDS[x][place],
            scale=scale,
            axis=alt.Axis(format="%" if weighted else "d"),
        ),
        y=alt.Y(
            "power:Q",
            title=_WORDS["power"][place],
            scale=alt.Scale(type="sqrt"),
            axis=alt.Axis(format="%"),
        ),
    )
    points = base.mark_point(filled=True, size=55, opacity=0.8).encode(
        color=alt.Color(
            "blocks:N",
            title=None,
            scale=alt.Scale(domain=[blocks, other], range=["#b3541e", "#2f6690"]),
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
    names = (
        base.transform_filter("datum.label")
        .mark_text(align="left", dx=7, dy=-5, fontSize=10)
        .encode(text="member:N")
    )
    layers: list[Any] = [points, names]
    if weighted:
        most = max(max(r["weight"], r["power"] or 0) for r in rows)
        line: Any = alt.InlineData(
            values=[{"weight": 0, "power": 0}, {"weight": most, "power": most}]
        )
        layers.insert(
            0,
            alt.Chart(line)
            .mark_line(strokeDash=[3, 3], color="#999", strokeWidth=1)
            .encode(x="weight:Q", y="power:Q"),
        )
    title = result.label_zh if place else result.label_en
    drawn: Any = alt.layer(*layers).properties(
        width=560, height=380, title=alt.Title(title or "", subtitle=result.rule(lang))
    )
    return drawn  # type: ignore[no-any-return]


def _rows(result: PowerResult, place: int) -> tuple[list[dict[str, Any]], bool]:
    """Return one row per member and index; whether weights differ, so that they make an axis."""
    ranked = result.ranked()
    shares = [row["weight_share"] for row in ranked]
    weighted = all(s is not None for s in shares) and len(set(shares)) > 1
    rows = []
    for rank, row in enumerate(ranked, start=1):
        name = result.names.get(row["state"], (row["state"], row["state"]))[place]
        for index in _SHAPES:
            if row[index] is None:
                continue
            rows.append(
                {
                    "member": name,
                    "weight": row["weight_share"] if weighted else None,
                    "rank": rank,
                    "power": row[index],
                    "index": INDICES[index][place],
                    "blocks": _WORDS["blocks" if row["veto"] else "other"][place],
                    "label": rank <= _LABELLED and index == "shapley_shubik",
                }
            )
    return rows, weighted
