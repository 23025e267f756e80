"""Charts of ideal points in the plane: the states of a period, and how an item cuts the plane."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from ...errors import BadInput
from .cells import Array
from .chart import (
    COLOURS,
    GREY,
    POSITION_COLOURS,
    SPACE,
    WIDTH,
    WORDS,
    found_item,
    item_title,
    name_of,
    named,
    signed,
    values_of,
)

if TYPE_CHECKING:
    import altair

    from .plane import PlaneResult

KINDS = ("plane", "item")
TALL = 520
"""Height of the plane in pixels, at most."""
_LEAST = (460, 180)
"""Width and height in pixels, at least."""
_MARGIN = 0.06
_SIZE = 10
"""Font size of a state's label."""
_CHARACTER = (5.6, 10.5)
"""Width of a Latin and of a Chinese character in pixels at that size."""
_APART = 7.0
"""Distance of a label from its point in pixels."""
_AXES = (("First axis", "第一轴"), ("Second axis", "第二轴"))


def chart(
    result: PlaneResult,
    kind: str = "plane",
    *,
    states: Sequence[str] = (),
    item: str = "",
    period: Any = None,
    lang: str = "en",
) -> altair.TopLevelMixin:
    """Return a chart; see `PlaneResult.plot`."""
    if item and kind == "plane":
        kind = "item"
    if kind not in KINDS:
        raise BadInput(f"{kind!r} is no kind of chart.", candidates=KINDS)
    if kind == "item" and not item:
        raise BadInput("the chart of item needs item.")
    place = 1 if lang == "zh" else 0
    known = set(result.fitted.given.states)
    if missing := [s for s in states if s not in known]:
        raise BadInput(f"{missing[0]!r} is no state of this fit.")
    if kind == "plane":
        here = _points(result, period)
        frame = _Frame(here)
        return _drawn(result, here, frame, [], states, place, _title(result, here, place))
    label, row = found_item(result, str(item))
    here = _voted(result, label, period)
    frame = _Frame(here)
    title = item_title(result, label, row, place)
    return _drawn(result, here, frame, _cuts(result, row, frame, place), states, place, title)


class _Frame:
    """The part of the plane that is drawn, with as many pixels to a unit on either axis.

    Attributes
    ----------
    low, high : arrays of 2
        Its corners.
    unit : float
        Pixels to a unit.
    """

    def __init__(self, here: pl.DataFrame) -> None:
        at = here.select("estimate", "estimate2").to_numpy()
        low, high = at.min(axis=0), at.max(axis=0)
        wide = np.maximum(high - low, 0.5) * (1 + 2 * _MARGIN)
        self.unit = float(min(WIDTH / wide[0], TALL / wide[1]))
        wide = np.maximum(wide, np.array(_LEAST) / self.unit)
        middle = 0.5 * (low + high)
        self.low, self.high = middle - 0.5 * wide, middle + 0.5 * wide

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in pixels."""
        wide = (self.high - self.low) * self.unit
        return round(float(wide[0])), round(float(wide[1]))

    def pixels(self, at: Array) -> Array:
        """Return places in pixels from the lower left corner."""
        return np.asarray((at - self.low) * self.unit)


def _points(result: PlaneResult, period: Any) -> pl.DataFrame:
    """Return the points of a period; without one of the last."""
    points = result.points
    if period is None:
        period = points["period"][-1]
    here = points.filter(pl.col("period").cast(pl.String) == str(period))
    if not here.height:
        known = points["period"].unique(maintain_order=True).cast(pl.String).to_list()
        raise BadInput(f"{period!r} is no period of this fit.", candidates=known[-5:])
    return here


def _voted(result: PlaneResult, label: str, period: Any) -> pl.DataFrame:
    """Return the points of the states that voted on an item in a period, with ``category``."""
    given = result.fitted.given
    at = given.items.index(label)
    cells = slice(int(given.ptr[at]), int(given.ptr[at + 1]))
    node = given.node[cells]
    votes = pl.DataFrame(
        {
            "state": pl.Series([given.states[k] for k in given.node_state[node]], dtype=pl.String),
            "_period": pl.Series([str(given.periods[k]) for k in given.node_period[node]]),
            "category": given.category[cells].astype("int64"),
        }
    )
    last = str(given.periods[int(given.node_period[node].max())])
    wanted = last if period is None else str(period)
    votes = votes.filter(pl.col("_period") == wanted).unique("state", maintain_order=True)
    if not votes.height:
        raise BadInput(f"the item {label!r} was not voted on in {wanted}.")
    return _points(result, wanted).join(votes.drop("_period"), on="state", how="inner")


def _drawn(
    result: PlaneResult,
    here: pl.DataFrame,
    frame: _Frame,
    cuts: list[dict[str, Any]],
    states: Sequence[str],
    place: int,
    title: Any,
) -> altair.LayerChart:
    import altair as alt

    names = [name_of(result, s, place) for s in here["state"]]
    rows = here.with_columns(
        name=pl.Series(names, dtype=pl.String), period=pl.col("period").cast(pl.String)
    )
    scale = [
        alt.Scale(domain=[frame.low[d], frame.high[d]], nice=False, zero=False) for d in (0, 1)
    ]
    shares = [f"{_AXES[d][place]} · {result.shares[d]:.0%}" for d in (0, 1)]
    x = alt.X("estimate:Q", title=shares[0], scale=scale[0])
    y = alt.Y("estimate2:Q", title=shares[1], scale=scale[1])
    word = WORDS[result.subject.period][place]
    tooltip: list[Any] = [alt.Tooltip("name:N", title=" "), alt.Tooltip("period:N", title=word)]
    for end in ("", "2"):
        tooltip += [alt.Tooltip(f"{c}{end}:Q", format=".2f") for c in ("estimate", "lo", "hi")]
    colour: Any = alt.value(COLOURS[0])
    if "category" in rows.columns:
        order = [WORDS[w][place] for w in ("yes", "abstain", "no")]
        rows = rows.with_columns(vote=pl.Series([order[k] for k in rows["category"]]))
        shown = [0, 2] if result.choices.response == "binary" else [0, 1, 2]
        tooltip.append(alt.Tooltip("vote:N", title=WORDS["vote"][place]))
        colour = alt.Color(
            "vote:N",
            title=WORDS["vote"][place],
            scale=alt.Scale(
                domain=[order[k] for k in shown], range=[POSITION_COLOURS[k] for k in shown]
            ),
        )
    data = values_of(rows)
    bars = alt.Chart(data).mark_rule(color=GREY, strokeWidth=0.8, opacity=0.45, clip=True)
    layers: list[Any] = [
        bars.encode(x=alt.X("lo:Q", scale=scale[0]), x2="hi:Q", y=y),
        bars.encode(y=alt.Y("lo2:Q", scale=scale[1]), y2="hi2:Q", x=x),
        alt.Chart(data)
        .mark_point(filled=True, size=34, opacity=0.85)
        .encode(x=x, y=y, color=colour, tooltip=tooltip),
    ]
    labels = placed(rows, frame, states, [cut["ends"] for cut in cuts])
    aligns: Any = _ALIGNS
    layers += [
        alt.Chart(values_of(some.drop("align")))
        .mark_text(fontSize=_SIZE, color="#333", align=align, baseline="middle")
        .encode(x=alt.X("at:Q", scale=scale[0]), y=alt.Y("at2:Q", scale=scale[1]), text="name:N")
        for align, some in ((a, labels.filter(pl.col("align") == a)) for a in aligns)
        if some.height
    ]
    for cut in cuts:
        ends: Any = alt.InlineData(values=cut["ends"])
        line = alt.Chart(ends).mark_line(strokeDash=[4, 3], color="#333", strokeWidth=1.2)
        layers.append(
            line.encode(x=alt.X("at:Q", scale=scale[0]), y=alt.Y("at2:Q", scale=scale[1]))
        )
        said: Any = alt.InlineData(values=[cut["ends"][cut["said"]]])
        text = alt.Chart(said).mark_text(
            fontSize=_SIZE, color="#333", align=cut["align"], dy=cut["dy"]
        )
        layers.append(
            text.encode(
                x=alt.X("at:Q", scale=scale[0]),
                y=alt.Y("at2:Q", scale=scale[1]),
                text=alt.value(cut["text"]),
            )
        )
    width, height = frame.size
    drawn: Any = alt.layer(*layers).properties(title=title, width=width, height=height)
    return drawn  # type: ignore[no-any-return]


def placed(
    rows: pl.DataFrame,
    frame: _Frame,
    states: Sequence[str] = (),
    lines: Sequence[Sequence[dict[str, float]]] = (),
) -> pl.DataFrame:
    """Return labels with their places, none over another, over a point or over a line.

    Parameters
    ----------
    rows : frame
        ``state, name, estimate, estimate2``.
    states : sequence of str
        States that are labelled, also where a point is beneath; without any, all that find room, those
        furthest from the middle first.
    lines : sequence of two ends each
        ``at, at2`` of both ends of lines that are drawn.

    Returns
    -------
    frame
        ``state, name, at, at2, align``: the place is the left end, the middle or the right end of the
        label, as ``align`` says.
    """
    at = rows.select("estimate", "estimate2").to_numpy()
    spots = frame.pixels(at)
    marks = [spots, *(frame.pixels(_along(*ends)) for ends in lines)]
    far = ((at - at.mean(axis=0)) ** 2).sum(axis=1)
    order = np.argsort(-far, kind="stable")
    who = rows["state"].to_list()
    if states:
        order = np.array([k for k in order if who[k] in set(states)], dtype=np.int64)
    size = np.array(frame.size, dtype=float)
    boxes: list[tuple[float, float, float, float]] = []
    out: list[dict[str, Any]] = []
    for k in order.tolist():
        name = rows["name"][k]
        half = np.array([0.5 * sum(_width(c) for c in name), 0.5 * _SIZE + 1.0])
        found = _free(np.concatenate(marks), k, half, size, boxes, over=bool(states))
        if found is None:
            continue
        middle, side = found
        boxes.append((*(middle - half), *(middle + half)))
        there = frame.low + (middle - np.array([side * half[0], 0.0])) / frame.unit
        align = _ALIGNS[side]
        out.append({"state": who[k], "name": name, "at": there[0], "at2": there[1], "align": align})
    kinds = {"at": pl.Float64, "at2": pl.Float64, "align": pl.String}
    return pl.DataFrame(out, schema={"state": pl.String, "name": pl.String, **kinds})


_ALIGNS = ("center", "left", "right")
"""By the side of its point on which a label stands: above or below, right, left (place −1)."""


def _along(one: dict[str, float], other: dict[str, float]) -> Array:
    """Return places along a line, close to one another."""
    part = np.linspace(0.0, 1.0, 200)[:, None]
    ends = np.array([[end["at"], end["at2"]] for end in (one, other)])
    return np.asarray(ends[0] + part * (ends[1] - ends[0]))


def _width(character: str) -> float:
    return _CHARACTER[1] if ord(character) > 0x2E80 else _CHARACTER[0]


def _free(
    spots: Array,
    k: int,
    half: Array,
    size: Array,
    boxes: list[tuple[float, float, float, float]],
    *,
    over: bool,
) -> tuple[Array, int] | None:
    """Return where the middle of a label may stand and on which side; None where there is no room."""
    sides = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]
    others = np.delete(spots, k, axis=0)
    for least in (True, False) if over else (True,):
        for reach in (1.0, 2.2, 3.6) if over else (1.0,):
            for side in sides:
                middle = spots[k] + np.array(side) * (half + _APART * reach - 2.0)
                if (middle - half < 0).any() or (middle + half > size).any():
                    continue
                a, b = middle - half, middle + half
                if any(
                    a[0] < box[2] and b[0] > box[0] and a[1] < box[3] and b[1] > box[1]
                    for box in boxes
                ):
                    continue
                if least and ((others > a - 3.0) & (others < b + 3.0)).all(axis=1).any():
                    continue
                return np.asarray(middle), side[0]
    return None


def _cuts(
    result: PlaneResult, row: dict[str, Any], frame: _Frame, place: int
) -> list[dict[str, Any]]:
    """Return the cut lines that cross the part of the plane that is drawn."""
    binary = result.choices.response == "binary"
    names = (("cut_yes", "line_yes"),)
    names += () if binary else (("cut_no", "line_no"),)  # type: ignore[assignment]
    out = []
    for k, (cut, word) in enumerate(names):
        ends = crossing(row["beta"], row["beta2"], row[cut], frame.low, frame.high)
        if ends is None:
            continue
        # The words stand at the end that is higher, or for the second line at the lower one.
        said = (
            int(np.argmax([e[1] for e in ends])) if k == 0 else int(np.argmin([e[1] for e in ends]))
        )
        right = ends[said][0] > 0.5 * (frame.low[0] + frame.high[0])
        out.append(
            {
                "ends": [{"at": e[0], "at2": e[1]} for e in ends],
                "said": said,
                "align": "right" if right else "left",
                "dy": -6,
                "text": WORDS[word][place],
            }
        )
    return out


def crossing(
    beta: float, beta2: float, cut: float, low: Array, high: Array
) -> list[tuple[float, float]] | None:
    """Return where the line beta x + beta2 y = cut enters and leaves a rectangle; None where it does not."""
    found = []
    if beta2 != 0:
        for x in (low[0], high[0]):
            y = (cut - beta * x) / beta2
            if low[1] <= y <= high[1]:
                found.append((float(x), float(y)))
    if beta != 0:
        for y in (low[1], high[1]):
            x = (cut - beta2 * y) / beta
            if low[0] < x < high[0]:
                found.append((float(x), float(y)))
    return found[:2] if len(found) >= 2 else None


def _title(result: PlaneResult, here: pl.DataFrame, place: int) -> Any:
    """Return a title computed from the points: who stands at the ends of either axis."""
    import altair as alt

    ends = []
    for column in ("estimate", "estimate2"):
        order = here.sort(column, "state")
        for row in (order.row(-1, named=True), order.row(0, named=True)):
            name = name_of(result, row["state"], place)
            ends.append(f"{name}{SPACE[place]}{signed(row[column], place)}")
    body = named(result, place)
    when = here["period"].cast(pl.String)[0]
    text = (
        [
            f"{body}{when}: the ends are {ends[0]} and {ends[1]},",
            f"on the second axis {ends[2]} and {ends[3]}",
        ],
        [f"{body}{when}：第一轴两端为{ends[0]}与{ends[1]}，", f"第二轴为{ends[2]}与{ends[3]}"],
    )[place]
    cells = result.fitted.given.cells
    under = (
        (
            f"Ideal points from {cells:,} votes, with {result.level:.0%} intervals; at the axes their share of "
            "what divides the votes"
        ),
        f"由{cells:,}张票估计的理想点及{result.level:.0%}区间；轴旁为其在表决分歧中所占份额",
    )[place]
    if not result.converged:
        under = ("NOT CONVERGED. ", "未收敛。")[place] + under
    return alt.Title(text, subtitle=under, anchor="start")
