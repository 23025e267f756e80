"""Charts of ideal points: trajectories with bands, groups as small multiples, an item's cut lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from ...errors import BadInput
from ...words import fmt_list

if TYPE_CHECKING:
    import altair

    from .result import ScaleResult
    from .scaled import Scaled


KINDS = ("trajectories", "blocs", "item")
WIDTH, HEIGHT = 620, 400
SMALL = 190
LABELLED = 6
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
"""Of Okabe and Ito; the first ones differ also in grey."""
GREY = "#b9b9b9"
POSITION_COLOURS = ("#0072b2", "#8c8c8c", "#d55e00")
_LINE = 13.0
"""Height of a label in pixels."""
WORDS = {
    "point": ("Ideal point", "理想点"),
    "vote": ("Vote", "投票"),
    "yes": ("yes", "赞成"),
    "abstain": ("abstain", "弃权"),
    "no": ("no", "反对"),
    "line_yes": ("yes as likely as not", "赞成概率为一半"),
    "line_no": ("no as likely as not", "反对概率为一半"),
    "year": ("Year", "年份"),
    "session": ("Session", "届会"),
    "term": ("Term", "届"),
    "period": ("Period", "时段"),
}


def chart(
    result: ScaleResult,
    kind: str = "trajectories",
    *,
    states: Sequence[str] = (),
    blocs: Mapping[str, Sequence[str]] | Sequence[str] = (),
    item: str = "",
    lang: str = "en",
) -> altair.TopLevelMixin:
    """Return a chart; see `ScaleResult.plot`."""
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is no kind of chart.", candidates=KINDS)
    for name, given, belongs in (("blocs", blocs, "blocs"), ("item", item, "item")):
        if bool(given) != (kind == belongs):
            need = "needs" if kind == belongs else "takes no"
            raise BadInput(f"the chart of {kind} {need} {name}.")
    place = 1 if lang == "zh" else 0
    if kind == "item":
        return _item(result, item, place)
    if kind == "blocs":
        return _blocs(result, blocs, place)
    if len(result.fitted.given.periods) == 1:
        return _ranks(result, states, place)
    return _trajectories(result, states, place)


def name_of(result: Scaled, state: str, place: int) -> str:
    """Return the name of a state in a language, else its label."""
    return result.subject.names.get(state, (state, state))[place]


def named(result: Scaled, place: int) -> str:
    """Return the name of the body with what parts it from the period; nothing for votes of a file."""
    subject = result.subject
    if not subject.body:
        return ""
    name = subject.title[place] if subject.title else subject.body
    return f"{name}，" if place and subject.title else f"{name}, "


def labelled(result: Scaled, states: Sequence[str]) -> list[str]:
    """Return the states to label: those named, else some that are spread over the scale.

    Of the states in the last period that also vote in at least half of all periods, those at even
    distances in rank.
    """
    points = result.points
    known = set(result.fitted.given.states)
    if states:
        chosen = list(dict.fromkeys(states))
        missing = [s for s in chosen if s not in known]
        if missing:
            raise BadInput(f"{missing[0]!r} is no state of this fit.")
        return chosen
    last = points.filter(pl.col("period") == points["period"][-1])
    most = points.group_by("state").len().filter(pl.col("len") * 2 >= points["period"].n_unique())
    there = last.filter(pl.col("state").is_in(most["state"].implode())).sort("estimate", "state")
    pool = (there if there.height >= 2 else last.sort("estimate", "state"))["state"].to_list()
    n = min(LABELLED, len(pool))
    return [pool[round(k * (len(pool) - 1) / max(n - 1, 1))] for k in range(n)][::-1]


def _trajectories(result: ScaleResult, states: Sequence[str], place: int) -> altair.LayerChart:
    import altair as alt

    chosen = labelled(result, states)
    points, x, period = _with_time(result, place)
    names = {s: name_of(result, s, place) for s in chosen}
    mine = points.filter(pl.col("state").is_in(chosen))
    others = _broken(points.filter(~pl.col("state").is_in(chosen)))
    low, high = float(points["estimate"].min()), float(points["estimate"].max())  # type: ignore[arg-type]
    low, high = min(low, float(mine["lo"].min())), max(high, float(mine["hi"].max()))  # type: ignore[arg-type]
    scale = alt.Scale(domain=[low, high], nice=True)
    y = alt.Y("estimate:Q", title=WORDS["point"][place], scale=scale)
    rows = _broken(mine.with_columns(name=pl.col("state").replace_strict(names)))
    colour: Any = alt.Color(
        "name:N",
        legend=None,
        scale=alt.Scale(domain=list(names.values()), range=list(COLOURS)),
    )
    grey = (
        alt.Chart(values_of(others))
        .mark_line(strokeWidth=0.6, color=GREY, opacity=0.6)
        .encode(x=x, y=y, detail="run:N")
    )
    band = (
        alt.Chart(values_of(rows))
        .mark_area(opacity=0.18)
        .encode(
            x=x,
            y=alt.Y("lo:Q", title=WORDS["point"][place]),
            y2="hi:Q",
            color=colour,
            detail="run:N",
        )
    )
    tooltip = [
        alt.Tooltip("name:N", title=" "),
        period,
        alt.Tooltip("estimate:Q", format=".2f"),
        alt.Tooltip("lo:Q", format=".2f"),
        alt.Tooltip("hi:Q", format=".2f"),
        alt.Tooltip("n:Q"),
    ]
    lines = (
        alt.Chart(values_of(rows))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=12))
        .encode(x=x, y=y, color=colour, detail="run:N", tooltip=tooltip)
    )
    ends = _apart(rows, low, high)
    text = (
        alt.Chart(values_of(ends))
        .mark_text(align="left", dx=6, fontSize=11)
        .encode(x=x, y=alt.Y("at:Q"), text="name:N", color=colour)
    )
    layers = [grey, band, lines, text] if others.height else [band, lines, text]
    drawn: Any = alt.layer(*layers).properties(
        title=_title(result, place), width=WIDTH, height=HEIGHT
    )
    return drawn  # type: ignore[no-any-return]


def _ranks(result: ScaleResult, states: Sequence[str], place: int) -> altair.LayerChart:
    """Draw the states of one period in their order, with intervals."""
    import altair as alt

    points = result.points.sort("estimate", "state", descending=[True, False])
    if states:
        points = points.filter(pl.col("state").is_in(labelled(result, states)))
    names = [name_of(result, s, place) for s in points["state"]]
    data = values_of(points.drop("period").with_columns(name=pl.Series(names)))
    y: Any = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=260))
    x = alt.X("estimate:Q", title=WORDS["point"][place])
    drawn: Any = alt.layer(
        alt.Chart(data)
        .mark_rule(color=GREY, strokeWidth=3)
        .encode(x=alt.X("lo:Q", title=WORDS["point"][place]), x2="hi:Q", y=y),
        alt.Chart(data)
        .mark_point(filled=True, size=36, color=COLOURS[0], opacity=1)
        .encode(x=x, y=y, tooltip=["name:N", "estimate:Q", "lo:Q", "hi:Q", "n:Q"]),
    ).properties(title=_title(result, place), width=WIDTH - 120, height=alt.Step(13))
    return drawn  # type: ignore[no-any-return]


def _blocs(
    result: ScaleResult, blocs: Mapping[str, Sequence[str]] | Sequence[str], place: int
) -> altair.FacetChart:
    """Draw each group in a panel of its own, on shared scales, before all others in grey."""
    import altair as alt

    groups = _groups(result, blocs)
    points, x, _ = _with_time(result, place)
    parts = []
    for name, members in groups.items():
        inside = pl.col("state").is_in(members)
        parts += [
            _broken(points.filter(inside)).with_columns(bloc=pl.lit(name), kind=pl.lit("member")),
            _broken(points.filter(~inside)).with_columns(bloc=pl.lit(name), kind=pl.lit("other")),
            points.filter(inside)
            .group_by("time", maintain_order=True)
            .agg(
                pl.col("estimate").median(),
                pl.col("estimate").quantile(0.25, "linear").alias("lo"),
                pl.col("estimate").quantile(0.75, "linear").alias("hi"),
            )
            .with_columns(bloc=pl.lit(name), kind=pl.lit("middle"), run=pl.lit("middle")),
        ]
    rows = pl.concat(parts, how="diagonal_relaxed")
    base: Any = alt.Chart()
    y = alt.Y("estimate:Q", title=WORDS["point"][place])

    def of(kind: str) -> Any:
        return base.transform_filter(f"datum.kind == '{kind}'")

    layered = alt.layer(
        of("other")
        .mark_line(strokeWidth=0.4, color=GREY, opacity=0.4)
        .encode(x=x, y=y, detail="run:N"),
        of("member")
        .mark_line(strokeWidth=0.8, color=COLOURS[0], opacity=0.45)
        .encode(x=x, y=y, detail="run:N"),
        of("middle")
        .mark_area(color=COLOURS[0], opacity=0.2)
        .encode(x=x, y=alt.Y("lo:Q", title=WORDS["point"][place]), y2="hi:Q"),
        of("middle").mark_line(strokeWidth=2.2, color=COLOURS[1]).encode(x=x, y=y),
        data=values_of(rows),
    ).properties(width=SMALL, height=SMALL * 0.8)
    facet = alt.Facet("bloc:N", title=None, sort=list(groups))
    title = _title(result, place, groups)
    drawn: Any = layered.facet(facet=facet, columns=3).properties(title=title)
    return drawn  # type: ignore[no-any-return]


def _groups(
    result: ScaleResult, blocs: Mapping[str, Sequence[str]] | Sequence[str]
) -> dict[str, list[str]]:
    known = set(result.fitted.given.states)
    if isinstance(blocs, str):
        blocs = [blocs]
    if not isinstance(blocs, Mapping):
        members = result.subject.members
        if members is None:
            raise BadInput("blocs are a mapping of names to states here.")
        blocs = {name: members(name) for name in blocs}
    groups = {str(name): [s for s in members if s in known] for name, members in blocs.items()}
    empty = [name for name, members in groups.items() if not members]
    if empty:
        raise BadInput(f"no state of the bloc {empty[0]!r} is in this fit.")
    return groups


def _item(result: ScaleResult, item: str, place: int) -> altair.LayerChart:
    """Draw who voted how along the scale, and where the item cuts it."""
    import altair as alt

    label, row = found_item(result, str(item))
    votes = _votes(result, label)
    order = [WORDS[word][place] for word in ("yes", "abstain", "no")]
    votes = votes.with_columns(
        name=pl.Series([name_of(result, s, place) for s in votes["state"]], dtype=pl.String),
        vote=pl.Series([order[k] for k in votes["category"]], dtype=pl.String),
    )
    y: Any = alt.Y("vote:N", title=WORDS["vote"][place], sort=order, scale=alt.Scale(domain=order))
    x = alt.X("estimate:Q", title=WORDS["point"][place])
    colour: Any = alt.Color(
        "vote:N", legend=None, scale=alt.Scale(domain=order, range=list(POSITION_COLOURS))
    )
    layers: list[Any] = [
        alt.Chart(values_of(votes))
        .mark_point(filled=True, size=30, opacity=0.55)
        .encode(
            x=x,
            y=y,
            yOffset="lane:Q",
            color=colour,
            tooltip=["name:N", "period:N", alt.Tooltip("estimate:Q", format=".2f"), "vote:N"],
        )
    ]
    for k, cut in enumerate(_cuts(result, row, votes, place)):
        data: Any = alt.InlineData(values=[cut])
        rule = alt.Chart(data).mark_rule(strokeDash=[4, 3], color="#333").encode(x="at:Q")
        text = alt.Chart(data).mark_text(align="left", dx=3, fontSize=10, color="#333")
        layers += [rule, text.encode(x="at:Q", y=alt.value(-7 - 13 * k), text="text:N")]
    title = item_title(result, label, row, place)
    drawn: Any = alt.layer(*layers).properties(title=title, width=WIDTH, height=240)
    return drawn  # type: ignore[no-any-return]


def _cuts(
    result: ScaleResult, row: dict[str, Any], votes: pl.DataFrame, place: int
) -> list[dict[str, Any]]:
    """Return the cut lines that lie within reach of the votes."""
    low, high = float(votes["estimate"].min()), float(votes["estimate"].max())  # type: ignore[arg-type]
    reach = 0.5 * max(high - low, 1.0)
    names = ("line_yes",) if result.choices.response == "binary" else ("line_yes", "line_no")
    out = []
    for name in names:
        at = row[name]
        if at is not None and low - reach <= at <= high + reach:
            out.append({"at": at, "text": WORDS[name][place]})
    return out


def found_item(result: Scaled, item: str) -> tuple[str, dict[str, Any]]:
    """Return an item by its label or by one of its roll calls."""
    rows = result.items.filter(pl.col("item") == item)
    if not rows.height:
        named = result.roll_calls.filter(pl.col("roll_call") == item)
        if not named.height:
            left_out = (
                item in result.fitted.counted.roll_calls or item in result.fitted.counted.items
            )
            why = "was left out: it does not divide the votes" if left_out else "is not in this fit"
            raise BadInput(f"the item {item!r} {why}.")
        rows = result.items.filter(pl.col("item") == named["item"][0])
    return rows["item"][0], rows.row(0, named=True)


def _votes(result: ScaleResult, label: str) -> pl.DataFrame:
    """Return the votes on an item: state, period, estimate, category, and a lane so that none hide."""
    given = result.fitted.given
    at = given.items.index(label)
    cells = slice(int(given.ptr[at]), int(given.ptr[at + 1]))
    node, category = given.node[cells], given.category[cells]
    frame = pl.DataFrame(
        {
            "state": pl.Series([given.states[k] for k in given.node_state[node]], dtype=pl.String),
            "period": pl.Series([str(given.periods[k]) for k in given.node_period[node]]),
            "estimate": result.fitted.points[node],
            "category": category.astype("int64"),
        }
    ).sort("category", "estimate", "state")
    # A fixed pattern of lanes keeps neighbours apart; it says nothing.
    lane = (pl.int_range(pl.len()) * 5 % 13).over("category")
    return frame.with_columns(lane=lane)


def _with_time(result: ScaleResult, place: int) -> tuple[pl.DataFrame, Any, Any]:
    """Return the points with a column of time, the axis for it, and its tooltip."""
    import altair as alt

    given, word = result.fitted.given, WORDS[result.subject.period][place]
    periods = list(given.periods)
    at = {p: k for k, p in enumerate(periods)}
    points = result.points.with_columns(
        _at=pl.Series([at[p] for p in result.points["period"]], dtype=pl.Int64)
    )
    if isinstance(periods[0], int | float):
        points = points.with_columns(time=pl.col("period"))
        axis = alt.Axis(format="d") if isinstance(periods[0], int) else alt.Axis()
        x: Any = alt.X("time:Q", title=word, axis=axis, scale=alt.Scale(zero=False, nice=False))
    elif isinstance(periods[0], date):
        points = points.with_columns(time=pl.col("period").dt.to_string("iso"))
        x = alt.X("time:T", title=word)
    else:
        points = points.with_columns(time=pl.col("period"))
        x = alt.X("time:O", title=word, sort=periods)
    points = points.with_columns(period=pl.col("period").cast(pl.String))
    return points.sort("state", "_at"), x, alt.Tooltip("period:N", title=word)


def _broken(points: pl.DataFrame) -> pl.DataFrame:
    """Add ``run``: a state's line is broken where it has a period without votes."""
    gap = (pl.col("_at").diff().fill_null(1) > 1).over("state").cast(pl.Int64)
    run = pl.format("{} {}", "state", gap.cum_sum().over("state"))
    return points.with_columns(run=run).drop("_at")


def _apart(rows: pl.DataFrame, low: float, high: float) -> pl.DataFrame:
    """Return the last point of every state, with a height for its label at which none covers another."""
    ends = rows.group_by("state", maintain_order=True).last().sort("estimate", "state")
    step = (high - low) * _LINE / HEIGHT
    at = ends["estimate"].to_list()
    for k in range(1, len(at)):
        at[k] = max(at[k], at[k - 1] + step)
    over = at[-1] - high if at else 0.0
    if over > 0:
        at[-1] = high
        for k in range(len(at) - 2, -1, -1):
            at[k] = min(at[k], at[k + 1] - step)
    return ends.with_columns(at=pl.Series(at, dtype=pl.Float64))


def values_of(rows: pl.DataFrame) -> Any:
    """Return rows as the data of a chart."""
    import altair as alt

    numbers = [c for c, kind in rows.schema.items() if kind.is_float()]
    return alt.InlineData(values=rows.with_columns(pl.col(numbers).round(4)).to_dicts())


def _title(
    result: ScaleResult, place: int, groups: Mapping[str, Sequence[str]] | None = None
) -> Any:
    """Return a title computed from the points of the last period: the ends, or the groups' medians."""
    import altair as alt

    points = result.points
    last = points["period"][-1]
    here = points.filter(pl.col("period") == last).sort("estimate", "state")
    body = named(result, place)
    if groups is None:
        ends = [here.row(-1, named=True), here.row(0, named=True)]
        told = [
            f"{name_of(result, row['state'], place)}{SPACE[place]}{signed(row['estimate'], place)}"
            for row in ends
        ]
        text = (f"{body}{last}: the ends are {{}} and {{}}", f"{body}{last}：两端为{{}}与{{}}")[
            place
        ].format(*told)
    else:
        middles = {
            name: here.filter(pl.col("state").is_in(list(members)))["estimate"].median()
            for name, members in groups.items()
        }
        told = [
            f"{name}{SPACE[place]}{signed(value, place)}"
            for name, value in middles.items()
            if isinstance(value, float)
        ]
        text = (f"{body}{last}, medians: ", f"{body}{last}，中位数：")[place]
        text += fmt_list(told, ("en", "zh")[place])
    return alt.Title(text, subtitle=_under(result, place, blocs=groups is not None), anchor="start")


SPACE = (" ", "")


def signed(value: float, place: int) -> str:
    """Return a position with its sign, in the brackets of the language."""
    text = f"{value:+.1f}".replace("-", "−")
    return f"（{text}）" if place else f"({text})"


def _under(result: ScaleResult, place: int, *, blocs: bool) -> str:
    """Return measure, number of votes, level and scale."""
    cells, level = result.fitted.given.cells, f"{result.level:.0%}"
    standard = result.choices.anchors is None
    if place:
        text = f"由{cells:,}张票估计的理想点，" + (
            "粗线为中位数，色带为四分位距" if blocs else f"{level}区间"
        )
        text += "；均值0，标准差1" if standard else ""
        return text if result.converged else f"未收敛。{text}"
    band = "line and band: median and middle half" if blocs else f"{level} intervals"
    text = f"Ideal points from {cells:,} votes; {band}"
    text += "; mean 0 and standard deviation 1" if standard else ""
    return text if result.converged else f"NOT CONVERGED. {text}"


def item_title(result: Scaled, label: str, row: dict[str, Any], place: int) -> Any:
    """Return the title of a chart of the votes on an item."""
    import altair as alt

    named = result.roll_calls.filter(pl.col("item") == label)
    title = next((t for t in named["title"] if t), label)
    periods = named["period"].cast(pl.String).unique(maintain_order=True).to_list()
    when = periods[0] if len(periods) == 1 else f"{periods[0]}–{periods[-1]}"
    if place:
        counts = f"赞成{row['yes']}，弃权{row['abstain']}，反对{row['no']}"
        return alt.Title(title, subtitle=f"{when}；{counts}", anchor="start", offset=16)
    counts = f"{row['yes']} yes, {row['abstain']} abstain, {row['no']} no"
    return alt.Title(title, subtitle=f"{when}; {counts}", anchor="start", offset=16)
