"""Scaling in two dimensions from coded votes to a result, its charts, words and predictions."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import multipolar as mp
from multipolar.errors import BadInput
from multipolar.findings.scaling.choices import Choices, Subject
from multipolar.findings.scaling.frames import cells_of_frame
from multipolar.findings.scaling.plane import PlaneResult, plane_fitted
from multipolar.findings.scaling.plane_chart import _Frame, crossing, placed
from multipolar.measures.scaling.settings import MODELS, Settings
from plane_assemblies import plane_assembly

SHARED = Path(__file__).resolve().parents[3] / "shared/data/votes"
WORDS = np.array(["yes", "abstain", "no"])
CHOICES = Choices(priors={"middle": 0.5})


def votes(seed=0, settings=None, **more):
    """Votes of an assembly in a plane, one unanimous roll call added in the first period."""
    shape = {"states": 30, "periods": 2, "alone": 40, "linked": 4, **more}
    made = plane_assembly(np.random.default_rng(seed), settings or Settings(middle=0.5), **shape)
    given = made.given
    item, period = given.item_of, given.node_period[given.node]
    frame = pl.DataFrame(
        {
            "roll_call": [f"r{v}-{t}" for v, t in zip(item, period, strict=True)],
            "state": [given.states[s] for s in given.node_state[given.node]],
            "period": [2000 + int(t) for t in period],
            "position": WORDS[given.category],
            "item": [f"i{v}" for v in item],
        }
    )
    states = frame["state"].unique().sort()
    alike = pl.DataFrame({"state": states}).select(
        roll_call=pl.lit("alike"),
        state="state",
        period=pl.lit(2000, dtype=pl.Int64),
        position=pl.lit("yes"),
        item=pl.lit("alike"),
    )
    return pl.concat([frame, alike]), made


def scaled(frame, choices=CHOICES, second=None, subject=None):
    found = plane_fitted(cells_of_frame(frame), choices, lambda text: None, second)
    return PlaneResult(subject or Subject(), choices, found)


@pytest.fixture(scope="module")
def case():
    frame, made = votes()
    return frame, made, scaled(frame)


def test_points_are_those_of_one_dimension_and_a_second_axis(case):
    frame, made, result = case
    points = result.points
    assert points.columns == [
        *("state", "period", "estimate", "se", "lo", "hi"),
        *("estimate2", "se2", "lo2", "hi2", "n"),
    ]
    assert points.height == frame.select("state", "period").n_unique()
    assert points["n"].sum() == result.fitted.given.cells
    half = 1.6448536269514722
    for end in ("", "2"):
        estimate, se = points[f"estimate{end}"].to_numpy(), points[f"se{end}"].to_numpy()
        assert points[f"hi{end}"].to_numpy() == pytest.approx(estimate + half * se)
        assert points[f"lo{end}"].to_numpy() == pytest.approx(estimate - half * se)
        assert estimate.mean() == pytest.approx(0, abs=1e-9)
        assert estimate.std() == pytest.approx(1, abs=1e-9)
    true = made.shown
    for d, name in enumerate(("estimate", "estimate2")):
        assert abs(np.corrcoef(points[name], true[:, d])[0, 1]) > 0.85
    assert result.table is points
    assert result.dimensions == 2


def test_the_search_is_reported(case):
    result = case[2]
    assert result.converged
    assert result.gradient_norm <= 1e-5
    assert result.check is not None  # so few votes: a second search is made unasked
    assert result.check.agrees
    assert sum(result.shares) == pytest.approx(1)
    assert result.shares[0] > result.shares[1]
    assert result.model == "ordinal probit, two dimensions, mean-reverting, 4 linked items"
    assert [(d.reason, d.items, d.votes) for d in result.dropped] == [("all voted alike", 1, 30)]
    assert result.seconds > 0
    assert result.log_likelihood < 0
    stopped = scaled(case[0], replace(CHOICES, steps=1))
    assert not stopped.converged
    assert "NOT CONVERGED" in stopped.explain()


def test_items_tell_the_probabilities_of_votes(case):
    _, _, result = case
    row = result.items.row(3, named=True)
    assert 0 <= row["angle"] < 180
    place = np.radians(row["angle"])
    # The cut line runs along its angle: moving along it changes no probability.
    assert row["beta"] * np.cos(place) + row["beta2"] * np.sin(place) == pytest.approx(0, abs=1e-9)
    assert row["side"] == ("above" if row["beta"] < 0 else "below")
    fitted = result.fitted
    out = np.zeros((fitted.given.cells, 3))
    fitted.kernels.probabilities(
        fitted.given.item_of, fitted.given.node, fitted.mode.theta, fitted.mode.items, out
    )
    here = np.flatnonzero(fitted.given.item_of == 3)
    at = fitted.points[fitted.given.node[here]]
    from scipy.special import ndtr

    along = row["beta"] * at[:, 0] + row["beta2"] * at[:, 1]
    assert ndtr(row["cut_yes"] - along) == pytest.approx(out[here, 0], abs=1e-9)
    assert ndtr(along - row["cut_no"]) == pytest.approx(out[here, 2], abs=1e-9)
    calls = result.roll_calls
    assert calls.height == result.items["roll_calls"].sum()
    assert calls.select("yes", "abstain", "no").sum().row(0) == result.items.select(
        "yes", "abstain", "no"
    ).sum().row(0)
    joined = calls.join(result.items, on="item", suffix="_item")
    assert (joined["beta2"] == joined["beta2_item"]).all()


def test_named_states_fix_the_ends_of_both_axes(case):
    frame, _, result = case
    means = result.points.group_by("state").agg(pl.col("estimate", "estimate2").mean())
    first = means.sort("estimate")["state"].to_list()
    second = means.sort("estimate2")["state"].to_list()
    swapped = scaled(
        frame, replace(CHOICES, polarity=(first[0], first[-1])), (second[0], second[-1])
    )
    for name in ("estimate", "estimate2"):
        assert swapped.points[name].to_numpy() == pytest.approx(
            -result.points[name].to_numpy(), abs=1e-6
        )
    assert swapped.polarity.rule == swapped.polarity2.rule == "named"
    assert f"{second[0]} is above {second[-1]}" in swapped.explain()


def test_without_names_the_second_axis_is_upright_by_the_first_state_beside_the_middle(case):
    result = case[2]
    assert result.polarity.rule == "room"
    assert result.polarity2.rule == "first"
    means = result.points.group_by("state").agg(pl.col("estimate2").mean()).sort("state")
    beside = means.filter(pl.col("estimate2").abs() >= 0.5)
    assert result.polarity2.states == (beside["state"][0],)
    assert beside["estimate2"][0] > 0


def test_the_order_of_rows_and_of_labels_changes_nothing(case):
    frame, _, result = case
    shuffled = frame.sample(fraction=1, shuffle=True, seed=4)
    other = scaled(shuffled)
    assert other.points["estimate2"].to_numpy() == pytest.approx(
        result.points["estimate2"].to_numpy(), abs=1e-6
    )


@pytest.mark.parametrize(
    ("choices", "second", "message"),
    [
        (replace(CHOICES, anchors={"S001": 1.0, "S002": -1.0}), None, "two dimensions have none"),
        (CHOICES, ("S001", "S001"), "names two states"),
        (CHOICES, ("S001", "Z"), "no state of these votes"),
        (replace(CHOICES, polarity=("Z", "S001")), None, "no state of these votes"),
        (replace(CHOICES, held_out=True), None, "in one dimension only"),
        (Choices(model=min(MODELS), dynamics="random-walk"), None, "has one dimension"),
    ],
)
def test_what_cannot_be_meant_is_refused(case, choices, second, message):
    with pytest.raises(BadInput, match=message):
        scaled(case[0], choices, second)


def test_three_states_make_no_plane(case):
    some = case[0].filter(pl.col("state").is_in(["S001", "S002", "S003"]))
    with pytest.raises(BadInput, match="need 4 states"):
        scaled(some)


# --- what can be done with it ------------------------------------------------------------------------


def test_cells_of_the_fit_and_new_ones_have_probabilities(case):
    frame, _, result = case
    names = ["p_yes", "p_abstain", "p_no"]
    own = result.predict(frame)
    assert own.columns == [*frame.columns, *names]
    assert own.select(names).sum_horizontal().to_numpy() == pytest.approx(np.ones(own.height))
    chosen = own.filter(pl.col("roll_call") != "alike")
    p = chosen.select(names).to_numpy()
    position = np.array([["yes", "abstain", "no"].index(x) for x in chosen["position"]])
    right = p[np.arange(len(p)), position]
    base = np.bincount(position, minlength=3) / len(position)
    assert np.log(right).mean() > np.log(base[position]).mean() + 0.2
    # An item left out as unanimous is placed given the ideal points: nearly all would vote yes.
    assert own.filter(pl.col("roll_call") == "alike")["p_yes"].min() > 0.6
    new = pl.DataFrame(
        {
            "roll_call": ["new", "new2", "new3", "new4"],
            "state": ["S001", "S001", "nobody", "nobody"],
            "period": [2001, 2007, 2001, 2001],
            "item": ["i80", "i80", "i80", None],
        }
    )
    found = result.predict(new)
    known = result.predict(new.with_columns(roll_call=pl.lit("r80-1")))
    if result.items.filter(pl.col("item") == "i80").height:
        assert found["p_yes"][0] == pytest.approx(known["p_yes"][0])
        far, near = found["p_yes"][1], found["p_yes"][0]
        assert abs(far - found["p_yes"][2]) < abs(near - found["p_yes"][2]) + 1e-9
    shares = np.bincount(result.fitted.given.category, minlength=3)
    assert found.select(names).row(3) == pytest.approx(shares / shares.sum(), abs=0.01)
    with pytest.raises(BadInput, match="p_yes already"):
        result.predict(own)


def test_items_left_out_as_lopsided_are_foretold_as_they_were_voted(case):
    frame, _, whole = case
    result = scaled(frame, replace(CHOICES, lopsided=0.3))
    assert [d.reason for d in result.dropped] == ["all voted alike", "lopsided"]
    aside = frame.filter(
        ~pl.col("item").is_in(result.items["item"].implode())
        & pl.col("item").is_in(whole.items["item"].implode())
    )
    assert aside["item"].n_unique() > 5
    found = result.predict(aside)
    for word in ("yes", "abstain", "no"):
        told = found.group_by("item", maintain_order=True).agg(
            pl.col(f"p_{word}").mean(), share=(pl.col("position") == word).mean()
        )
        assert told[f"p_{word}"].to_numpy() == pytest.approx(told["share"].to_numpy(), abs=0.12)


def test_binary_responses_give_abstentions_no_chance():
    frame, _ = votes(2, Settings(response="binary", dynamics="static", middle=0.5), periods=1)
    result = scaled(frame, replace(CHOICES, response="binary", dynamics="static"))
    assert (result.predict(frame.head(20))["p_abstain"] == 0).all()
    assert (result.items["cut_yes"] == result.items["cut_no"]).all()
    assert len(result.plot(item=result.items["item"][0]).to_dict()["layer"]) >= 4
    text = result.explain()
    assert "abstentions are left out" in text
    assert "beta2 y" in text


def test_the_first_axis_is_compared_with_what_others_published(case):
    result = case[2]
    mine = result.points.select("state", "period", "estimate")
    assert result.compare(mine).pearson_min == pytest.approx(1)
    assert result.compare(result).spearman_min == pytest.approx(1)
    turned = mine.with_columns(-pl.col("estimate"))
    assert result.compare(turned).pearson_median == pytest.approx(-1)


def test_the_result_is_json_with_both_axes(case):
    result = case[2]
    told = json.loads(json.dumps(result.to_dict()))
    assert told["dimensions"] == 2
    assert told["points"][0]["estimate2"] == result.points["estimate2"][0]
    assert told["shares"] == list(result.shares)
    assert told["polarity2"]["rule"] == "first"
    assert "rotation_zh" in told
    assert told["errors"] == "newton"
    assert {"body", "model", "converged", "points", "roll_calls", "sources"} <= set(told)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_explanation_says_how_the_plane_is_turned(case, lang):
    result = case[2]
    text = result.explain(lang)
    assert f"{result.shares[0]:.0%}" in text
    assert result.rotation[lang] in text.split("\n")
    assert result.polarity2.states[0] in text
    if lang == "zh":
        assert "第二轴" in text
        assert "Scale:" not in text


def test_the_method_is_cited(case):
    assert "clintonjackmanrivers2004" in case[2].cite()


def values(drawn, layer):
    """The rows of a layer's data, which may stand under a name beside the layers."""
    data = layer["data"]
    return data["values"] if "values" in data else drawn["datasets"][data["name"]]


# --- charts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_chart_shows_every_state_of_the_period_on_both_axes(case, lang):
    result = case[2]
    names = {"S001": ("First State", "第一国")}
    named = replace(result, subject=Subject(period="year", names=names))
    drawn = named.plot(lang=lang, period=2000).to_dict()
    here = result.points.filter(pl.col("period") == 2000)
    rows = values(drawn, drawn["layer"][2])
    assert len(rows) == here.height
    assert {r["name"] for r in rows} >= {names["S001"][lang == "zh"]}
    top = here.sort("estimate2", "state")["state"][-1]
    title = "".join(drawn["title"]["text"])
    assert names.get(top, (top, top))[lang == "zh"] in title
    assert ("第一轴" if lang == "zh" else "First axis") in drawn["layer"][2]["encoding"]["x"][
        "title"
    ]
    x, y = (drawn["layer"][2]["encoding"][a]["scale"]["domain"] for a in "xy")
    # A unit is as long on either axis, so that angles are what they are.
    assert drawn["width"] / (x[1] - x[0]) == pytest.approx(
        drawn["height"] / (y[1] - y[0]), rel=0.01
    )
    assert x[0] < here["estimate"].min() < here["estimate"].max() < x[1]


def test_labels_cover_neither_each_other_nor_points_nor_cut_lines(case):
    result = case[2]
    here = result.points.filter(pl.col("period") == 2001).with_columns(name=pl.col("state"))
    frame = _Frame(here)
    line = [{"at": -1.5, "at2": -1.0}, {"at": 1.5, "at2": 1.0}]
    labels = placed(here, frame, (), [line])
    assert 5 < labels.height <= here.height
    spots = frame.pixels(here.select("estimate", "estimate2").to_numpy())
    part = np.linspace(0, 1, 500)[:, None]
    ends = np.array([[e["at"], e["at2"]] for e in line])
    drawn = frame.pixels(ends[0] + part * (ends[1] - ends[0]))
    boxes = []
    for row in labels.rows(named=True):
        left, middle = frame.pixels(np.array([row["at"], row["at2"]]))
        wide = 5.6 * len(row["name"])
        left -= {"left": 0, "center": wide / 2, "right": wide}[row["align"]]
        boxes.append((left, middle - 6, left + wide, middle + 6))
    for k, (a, b, c, d) in enumerate(boxes):
        for e, f, g, h in boxes[:k]:
            assert a >= g or e >= c or b >= h or f >= d
        for x, y in (*spots, *drawn):
            assert not (a < x < c and b < y < d)


def test_named_states_are_labelled(case):
    result = case[2]
    chosen = ["S003", "S010", "S020"]
    drawn = result.plot(states=chosen).to_dict()
    texts = [r["name"] for layer in drawn["layer"][3:] for r in values(drawn, layer)]
    assert sorted(texts) == chosen


def test_an_item_is_drawn_with_its_votes_and_cut_lines(case):
    frame, _, result = case
    calls = frame.group_by("item").len().filter(pl.col("len") > 20)["item"]
    inner = result.items.filter(
        pl.col("item").is_in(calls.implode()) & (pl.min_horizontal("yes", "no") > 8)
    )
    row = inner.row(0, named=True)
    drawn = result.plot(item=row["item"]).to_dict()
    rows = values(drawn, drawn["layer"][2])
    counts = pl.DataFrame(rows)["vote"].value_counts()
    assert counts.filter(pl.col("vote") == "yes")["count"][0] <= row["yes"]
    lines = [v["mark"] for v in drawn["layer"] if v["mark"]["type"] == "line"]
    assert lines
    assert all(mark["strokeDash"] for mark in lines)
    ends = values(drawn, next(v for v in drawn["layer"] if v["mark"]["type"] == "line"))
    for end in ends:
        at = row["beta"] * end["at"] + row["beta2"] * end["at2"]
        assert min(abs(at - row["cut_yes"]), abs(at - row["cut_no"])) < 1e-6


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"kind": "trajectories"}, "no kind of chart"),
        ({"kind": "item"}, "needs item"),
        ({"item": "alike"}, "left out"),
        ({"item": "none"}, "not in this fit"),
        ({"period": 1999}, "no period of this fit"),
        ({"states": ["nobody"]}, "no state of this fit"),
    ],
)
def test_charts_of_what_is_not_there_are_refused(case, asked, message):
    with pytest.raises(BadInput, match=message):
        case[2].plot(**asked)


def test_a_line_crosses_a_rectangle_or_does_not():
    low, high = np.array([-2.0, -1.0]), np.array([2.0, 1.0])
    assert crossing(1.0, 0.0, 0.5, low, high) == [(0.5, -1.0), (0.5, 1.0)]
    assert crossing(0.0, 2.0, 1.0, low, high) == [(-2.0, 0.5), (2.0, 0.5)]
    assert crossing(1.0, 0.0, 5.0, low, high) is None
    assert crossing(0.0, 0.0, 1.0, low, high) is None


# --- a chamber whose members have published places -------------------------------------------------------


def senate(congress):
    """Votes of a Senate and the published coordinates of its members."""
    if not (SHARED / f"S{congress}_votes.csv").exists():
        pytest.skip("the publisher's files are not here (../shared/data/votes)")
    members = pl.read_csv(SHARED / f"S{congress}_members.csv").filter(
        (pl.col("state_abbrev") != "USA") & (pl.col("chamber") == "Senate")
    )
    cast = pl.read_csv(SHARED / f"S{congress}_votes.csv", infer_schema=False).select(
        roll_call="rollnumber",
        state=pl.col("icpsr").cast(pl.Float64).cast(pl.Int64),
        period=pl.lit(congress),
        code=pl.col("cast_code").cast(pl.Float64),
    )
    word = pl.when(pl.col("code") <= 3).then(pl.lit("yes"))
    word = word.when(pl.col("code") <= 6).then(pl.lit("no")).otherwise(pl.lit("absent"))
    cast = cast.filter(pl.col("state").is_in(members["icpsr"].implode()))
    cast = cast.with_columns(position=word).drop("code")
    places = members.select(
        state=pl.col("icpsr").cast(pl.String), one="nominate_dim1", two="nominate_dim2"
    )
    return cast.with_columns(pl.col("state").cast(pl.String)), places


@pytest.mark.parametrize(("congress", "first", "second"), [(115, 0.96, 0.48), (116, 0.94, 0.33)])
def test_the_senate_stands_as_nominate_has_it(congress, first, second):
    frame, places = senate(congress)
    choices = Choices(response="binary", dynamics="static")
    result = scaled(frame, choices)
    assert result.converged
    assert result.check.agrees
    both = result.points.join(places, on="state").drop_nulls()
    assert both.height > 100
    assert abs(np.corrcoef(both["estimate"], both["one"])[0, 1]) > first
    assert abs(np.corrcoef(both["estimate2"], both["two"])[0, 1]) > second
    # The published plane lies in ours: no turn is nearer than this.
    ours = np.c_[np.ones(both.height), both["estimate"], both["estimate2"]]
    made = ours @ np.linalg.lstsq(ours, both["one"].to_numpy(), rcond=None)[0]
    assert np.corrcoef(made, both["one"])[0, 1] > 0.96


# --- as a user asks for it ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frame():
    return votes(3, states=14)[0]


def test_two_dimensions_are_an_option_of_scale(frame):
    made = mp.scale(frame, dimensions=2, polarity=("S001", "S002"), polarity2=["S003", "S004"])
    assert made.dimensions == 2
    assert mp.scale(frame).dimensions == 1
    means = made.points.group_by("state").agg(pl.col("estimate", "estimate2").mean())
    at = {row["state"]: row for row in means.iter_rows(named=True)}
    assert at["S001"]["estimate"] > at["S002"]["estimate"]
    assert at["S003"]["estimate2"] > at["S004"]["estimate2"]
    one = mp.scale(frame)
    assert one.compare(made).n == made.compare(one).n == len(made.points)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"dimensions": 3}, "dimensions is 3, not 1 or 2"),
        ({"dimensions": True}, "dimensions is True"),
        ({"polarity2": ("S001", "S002")}, "in two dimensions"),
        ({"dimensions": 2, "polarity2": "S001"}, "two states"),
        ({"dimensions": 2, "polarity2": ("S001",)}, "two states"),
        ({"dimensions": 2, "polarity2": ("S001", "S099")}, "no state of these votes"),
        ({"dimensions": 2, "anchors": {"S001": 1, "S002": -1}}, "anchors"),
    ],
)
def test_what_two_dimensions_cannot_mean_is_refused(frame, asked, said):
    with pytest.raises(BadInput, match=said):
        mp.scale(frame, **asked)


def test_the_command_shows_both_axes(frame, here):
    frame.write_csv("votes.csv")
    base = ("scale", "--votes", "votes.csv", "--dimensions", "2")
    told = here(*base, "--format", "json").json
    assert told["dimensions"] == 2
    assert told["points"][0].keys() >= {"estimate", "estimate2", "lo2", "hi2"}
    rows = here(*base, "--format", "csv", "--state", "S005").csv
    assert {row["state"] for row in rows} == {"S005"}
    for lang, word in (("en", "second axis"), ("zh", "第二维")):
        shown = here(*base, "--lang", lang)
        assert shown.code == 0
        assert word in shown.out.decode()
    drawn = here(*base, "--format", "vega").json
    assert "$schema" in drawn
    assert here(*base, "--polarity2", "S005").code == 2
