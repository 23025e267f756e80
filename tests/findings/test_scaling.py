"""Ideal points: the fit, its scale and ends, what changes nothing, predictions, comparison, words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date

import numpy as np
import polars as pl
import pytest
from scaled_votes import votes
from scipy.stats import norm, spearmanr

import multipolar as mp
from multipolar.errors import BadInput, MissingExtra, OutOfCoverage
from multipolar.findings.scaling import estimate

SAME = 1e-4
"""Two searches that end at one mode agree to this; each stops at a gradient of 1e-5."""


@pytest.fixture(scope="module")
def drawn():
    return votes(linked=5)


@pytest.fixture(scope="module")
def fit(drawn):
    return mp.scale(drawn[0])


def estimates(result):
    return result.points.sort("period", "state")["estimate"].to_numpy()


def same(one, two):
    a, b = (r.points.sort("period", "state") for r in (one, two))
    assert a["state"].to_list() == b["state"].to_list()
    for column in ("estimate", "se", "lo", "hi"):
        assert a[column].to_numpy() == pytest.approx(b[column].to_numpy(), abs=SAME)
    assert a["n"].to_list() == b["n"].to_list()


# --- the fit --------------------------------------------------------------------------------------


def test_the_true_ideal_points_are_found(fit, drawn):
    assert fit.converged
    assert fit.gradient_norm < 1e-4
    assert fit.iterations > 0
    found = fit.compare(drawn[1])
    assert abs(found.table["pearson"]).min() > 0.9
    assert len(set(np.sign(found.table["pearson"]))) == 1


def test_every_point_has_an_interval_about_it_and_its_number_of_votes(fit, drawn):
    points = fit.points
    assert points.columns == ["state", "period", "estimate", "se", "lo", "hi", "n"]
    half = norm.ppf(0.95) * points["se"]
    assert (points["hi"] - points["estimate"]).to_numpy() == pytest.approx(half.to_numpy())
    assert (points["estimate"] - points["lo"]).to_numpy() == pytest.approx(half.to_numpy())
    assert points["se"].min() > 0
    cast = drawn[0].filter(pl.col("position") != "absent")
    split = cast.filter(pl.col("position").n_unique().over("item") > 1)
    counted = split.group_by("state", "period").len().sort("period", "state")["len"].to_list()
    assert points.sort("period", "state")["n"].to_list() == counted


def test_the_scale_has_mean_0_and_deviation_1(fit):
    assert fit.points["estimate"].mean() == pytest.approx(0, abs=1e-9)
    assert np.std(estimates(fit)) == pytest.approx(1)


def test_the_json_holds_what_others_rely_on(fit):
    made = json.loads(json.dumps(fit.to_dict(), allow_nan=False))
    assert made.keys() >= {
        "body",
        "model",
        "converged",
        "gradient_norm",
        "iterations",
        "seconds",
        "level",
        "points",
        "roll_calls",
    }
    for row in made["points"]:
        assert row.keys() == {"state", "period", "estimate", "se", "lo", "hi", "n"}
    assert made["converged"] is True
    assert made["model"] == "ordinal probit, mean-reverting, 5 linked items, items integrated out"
    assert {r["roll_call"] for r in made["roll_calls"]} == set(fit.roll_calls["roll_call"])


def test_items_reproduce_the_votes_they_were_fitted_to(fit, drawn):
    assert fit.items["roll_calls"].sum() == fit.roll_calls.height
    assert fit.roll_calls.height + sum(d.items for d in fit.dropped) == 100
    cast = drawn[0].filter(pl.col("position") != "absent")
    for name in ("yes", "abstain", "no"):
        twin = cast.filter(pl.col("position") == name).group_by("item").len()
        joined = fit.items.join(twin, on="item", how="left").fill_null(0)
        assert joined[name].to_list() == joined["len"].to_list()
    long = cast.join(fit.items, on="item").join(fit.points, on=["state", "period"])
    below = norm.cdf(long["cut_yes"] - long["beta"] * long["estimate"])
    above = norm.cdf(long["beta"] * long["estimate"] - long["cut_no"])
    p = np.select(
        [long["position"] == "yes", long["position"] == "no"], [below, above], 1 - below - above
    )
    assert np.log(p).sum() == pytest.approx(fit.log_likelihood, rel=1e-6)
    at = fit.items.filter(pl.col("line_yes").is_not_null())
    half = norm.cdf(at["cut_yes"] - at["beta"] * at["line_yes"])
    assert half == pytest.approx(0.5)
    assert ((fit.items["side"] == "above") == (fit.items["beta"] < 0)).all()


def test_a_narrower_level_gives_narrower_intervals_about_the_same_points(fit, drawn):
    half = mp.scale(drawn[0], level=0.5)
    assert estimates(half) == pytest.approx(estimates(fit))
    width = (half.points["hi"] - half.points["lo"]) / (fit.points["hi"] - fit.points["lo"])
    assert width.to_numpy() == pytest.approx(norm.ppf(0.75) / norm.ppf(0.95))


def test_the_same_votes_and_seed_give_the_same_numbers(fit, drawn):
    again = mp.scale(drawn[0], seed=0).to_dict()
    first = fit.to_dict()
    assert again.pop("seconds") >= 0
    first.pop("seconds")
    assert json.dumps(again) == json.dumps(first)


# --- what changes nothing -------------------------------------------------------------------------


def test_the_order_of_rows_is_irrelevant(fit, drawn):
    again = mp.scale(drawn[0].sample(fraction=1.0, shuffle=True, seed=3))
    assert again.points.equals(fit.points)


def test_other_names_of_states_change_only_the_names(fit, drawn):
    order = np.random.default_rng(1).permutation(16)
    renamed = {f"S{k:02}": f"T{order[k]:02}" for k in range(16)}
    again = mp.scale(drawn[0].with_columns(pl.col("state").replace(renamed)))
    mine = fit.points.with_columns(pl.col("state").replace(renamed)).sort("period", "state")
    assert again.points["state"].to_list() == mine["state"].to_list()
    assert estimates(again) == pytest.approx(mine["estimate"].to_numpy(), abs=SAME)


def test_a_state_that_is_always_absent_and_a_unanimous_roll_call_change_nothing(fit, drawn):
    calls = drawn[0].select("roll_call", "period", "item").unique()
    silent = calls.with_columns(state=pl.lit("ZZZ"), position=pl.lit("absent"))
    states = drawn[0].select("state").unique()
    alike = states.with_columns(
        roll_call=pl.lit("all"), period=2001, item=pl.lit("all"), position=pl.lit("no")
    )
    columns = drawn[0].columns
    added = pl.concat(
        [drawn[0], silent.select(columns), alike.with_columns(pl.col("period").cast(pl.Int64)).select(columns)]
    )  # fmt: skip
    again = mp.scale(added)
    same(fit, again)
    dropped = {d.reason: (d.items, d.votes) for d in again.dropped}
    before = {d.reason: (d.items, d.votes) for d in fit.dropped}
    items, n = before.get("all voted alike", (0, 0))
    assert dropped["all voted alike"] == (items + 1, n + 16)


def test_yes_and_no_exchanged_everywhere_only_swaps_the_items(fit, drawn):
    swapped = drawn[0].with_columns(pl.col("position").replace({"yes": "no", "no": "yes"}))
    again = mp.scale(swapped)
    sign = np.sign(estimates(fit) @ estimates(again))
    assert sign * estimates(again) == pytest.approx(estimates(fit), abs=SAME)


@pytest.mark.parametrize(
    "change",
    [
        lambda v: v.with_columns(pl.col("period").cast(pl.Int32)),
        lambda v: v.with_columns(pl.col("period").cast(pl.Float32)),
        lambda v: v.with_columns(pl.col("period").cast(pl.Float64)),
        lambda v: v.with_columns(pl.col("period").cast(pl.String)),
        lambda v: v.with_columns(pl.col("state", "position").cast(pl.Categorical)),
        lambda v: v.with_columns(pl.col("position").str.to_uppercase()),
        lambda v: v.with_columns(pl.col("position").replace_strict({"yes": 1, "abstain": 2, "no": 3, "absent": 8})),
        lambda v: v.with_columns(pl.col("position").replace_strict({"yes": 1.0, "abstain": 2.0, "no": 3.0, "absent": 8.0})),
        lambda v: v.filter(pl.col("position") != "absent"),
        lambda v: v.lazy(),
        lambda v: v.to_dict(as_series=False),
        lambda v: v.with_columns(other=pl.lit("passed over")),
    ],
    ids=["int32", "float32", "float64", "texts", "categories", "capitals", "numbers", "decimals",
         "no absences", "lazy", "columns", "more columns"],
)  # fmt: skip
def test_the_same_votes_in_another_form_give_the_same_numbers(fit, drawn, change):
    assert mp.scale(change(drawn[0])).points.equals(fit.points)


def test_pandas_and_arrow_frames_are_read(fit, drawn):
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(drawn[0].to_dict(as_series=False))
    assert mp.scale(frame).points.equals(fit.points)
    frame["position"] = frame["position"].astype("category")
    frame["item"] = frame["item"].where(frame["item"] != "i0-24")
    assert mp.scale(frame).points.equals(fit.points)

    class Arrow:
        """Only the stream interface of Arrow."""

        def __arrow_c_stream__(self, requested_schema=None):
            return drawn[0].__arrow_c_stream__(requested_schema)

    assert mp.scale(Arrow()).points.equals(fit.points)


def test_periods_are_in_the_order_of_time(drawn):
    plain = drawn[0].drop("item")
    number = pl.col("period") - 2000 + 8
    by_text = mp.scale(plain.with_columns(period=pl.format("S-{}", number)))
    assert by_text.points["period"].unique(maintain_order=True).to_list() == [
        "S-8",
        "S-9",
        "S-10",
        "S-11",
    ]
    by_day = mp.scale(plain.with_columns(period=pl.date(pl.col("period"), 7, 1)))
    assert by_day.points["period"][0] == date(2000, 7, 1)
    assert by_day.to_dict()["points"][0]["period"] == "2000-07-01"
    same_order = by_text.points["estimate"].to_numpy()
    assert by_day.points["estimate"].to_numpy() == pytest.approx(same_order)


# --- choices --------------------------------------------------------------------------------------


def test_of_two_states_named_the_first_is_above(fit, drawn):
    low, high = fit.points.sort("estimate")["state"][0], fit.points.sort("estimate")["state"][-1]
    for above, below in ((low, high), (high, low)):
        named = mp.scale(drawn[0], polarity=(above, below))
        mean = named.points.group_by("state").agg(pl.col("estimate").mean())
        at = dict(mean.iter_rows())
        assert at[above] > at[below]
        assert abs(estimates(named)) == pytest.approx(abs(estimates(fit)))
        assert named.polarity.states == (above, below)
        p = ["p_yes", "p_abstain", "p_no"]
        cells = drawn[0].drop("position").head(50)
        assert named.predict(cells)[p].to_numpy() == pytest.approx(fit.predict(cells)[p].to_numpy())


def test_without_names_those_further_up_are_less_often_with_the_largest_group(fit, drawn):
    cast = drawn[0].filter(pl.col("position") != "absent")
    cast = cast.filter(pl.col("position").n_unique().over("item") > 1)
    n = pl.len().over("roll_call", "position")
    cast = cast.with_columns(n=n).with_columns(
        largest=pl.col("n") == pl.col("n").max().over("roll_call")
    )
    share = cast.group_by("state", "period").agg(pl.col("largest").mean(), w=pl.len())
    both = fit.points.join(share, on=["state", "period"])

    def within(c):
        mean = (pl.col(c) * pl.col("w")).sum().over("period") / pl.col("w").sum().over("period")
        return pl.col(c) - mean

    x, y, w = (
        both.select(within("estimate")).to_series().to_numpy(),
        both.select(within("largest")).to_series().to_numpy(),
        both["w"].to_numpy(),
    )
    twin = (w @ (x * y)) / np.sqrt((w @ x**2) * (w @ y**2))
    assert twin < 0
    assert fit.polarity.rule == "room"
    assert fit.polarity.value == pytest.approx(twin)


def test_where_the_rule_tells_nothing_the_alphabet_does():
    frame = pl.DataFrame(
        {
            "roll_call": ["a"] * 2 + ["b"] * 2 + ["c"] * 2,
            "state": ["X", "Y"] * 3,
            "period": [1] * 6,
            "position": ["yes", "no"] * 3,
        }
    )
    made = mp.scale(frame)
    assert made.polarity.rule == "first"
    assert made.points.filter(pl.col("state") == "X")["estimate"][0] > 0


def test_anchors_fix_two_means(drawn):
    made = mp.scale(drawn[0], anchors={"S03": 2.0, "S07": -1.0})
    means = dict(made.points.group_by("state").agg(pl.col("estimate").mean()).iter_rows())
    assert means["S03"] == pytest.approx(2)
    assert means["S07"] == pytest.approx(-1)
    assert "S03 at 2 and S07 at -1" in made.explain()


@pytest.mark.parametrize("absence", ["no", "abstain"])
def test_absences_counted_as_votes_are_as_if_they_were_written_so(drawn, absence):
    written = drawn[0].with_columns(pl.col("position").replace({"absent": absence}))
    assert mp.scale(drawn[0], absence=absence).points.equals(mp.scale(written).points)


def test_lopsided_items_are_left_out_as_if_they_were_not_there(drawn):
    plain = drawn[0].drop("item")
    cast = plain.filter(pl.col("position") != "absent")
    counts = cast.group_by("roll_call", "position").len().group_by("roll_call")
    share = counts.agg(len=(pl.col("len").sum() - pl.col("len").max()) / pl.col("len").sum())
    few = share.filter((pl.col("len") < 0.2) & (pl.col("len") > 0))["roll_call"].to_list()
    assert len(few) > 3
    made = mp.scale(plain, lopsided=0.2)
    assert made.points.equals(mp.scale(plain.filter(~pl.col("roll_call").is_in(few))).points)
    assert {d.reason: d.items for d in made.dropped}["lopsided"] == len(few)


def test_a_binary_response_leaves_abstentions_out(drawn):
    made = mp.scale(drawn[0], response="binary")
    without = drawn[0].filter(pl.col("position") != "abstain")
    assert made.points.equals(mp.scale(without, response="binary").points)
    assert made.items["abstain"].sum() == 0
    p = made.predict(drawn[0].drop("position"))
    assert p["p_abstain"].max() == 0
    assert (p["p_yes"] + p["p_no"]).to_numpy() == pytest.approx(1)


def test_static_is_one_period(drawn):
    made = mp.scale(drawn[0], dynamics="static")
    assert made.points["period"].unique().to_list() == ["2000–2003"]
    assert made.points.height == 16
    one = mp.scale(drawn[0].with_columns(period=pl.lit(1)), dynamics="random-walk")
    assert estimates(made) == pytest.approx(estimates(one), abs=SAME)


def test_linked_items_share_their_numbers(fit):
    calls = fit.roll_calls
    linked = fit.items.filter(pl.col("roll_calls") > 1)
    assert linked.height == 5
    for item in linked["item"]:
        assert calls.filter(pl.col("item") == item)["beta"].n_unique() == 1


def test_roll_calls_without_an_item_are_items_of_their_own(drawn):
    blank = drawn[0].with_columns(
        item=pl.when(pl.col("item").str.starts_with("i0")).then(pl.col("item"))
    )
    own = drawn[0].with_columns(
        item=pl.when(pl.col("item").str.starts_with("i0"))
        .then(pl.col("item"))
        .otherwise(pl.col("roll_call"))
    )
    assert mp.scale(blank).points.equals(mp.scale(own).points)


def test_stronger_steps_let_ideal_points_move_more(drawn):
    stiff, loose = (mp.scale(drawn[0], priors={"step": s}) for s in (0.001, 0.5))

    def moves(result):
        return result.points.group_by("state").agg(pl.col("estimate").std())["estimate"].mean()

    assert moves(stiff) < 0.2 * moves(loose)
    assert stiff.to_dict()["priors"]["step"] == 0.001


# --- whether it converged -------------------------------------------------------------------------


def test_a_search_from_a_far_start_ends_at_the_same_place(drawn):
    checked = mp.scale(drawn[0], check=True)
    assert checked.check.agrees
    assert checked.check.largest_difference < estimate.APART
    assert "ends at the same place" in checked.explain()
    assert checked.to_dict()["check"]["agrees"] is True


def test_two_places_are_told(drawn, monkeypatch):
    monkeypatch.setattr(estimate, "APART", -1.0)
    checked = mp.scale(drawn[0], check=True)
    assert not checked.check.agrees
    assert any("more than one mode" in en for en, _ in checked.notes)


def test_a_search_that_is_cut_short_is_marked_everywhere(drawn):
    cut = mp.scale(drawn[0], steps=1)
    assert cut.converged is cut.to_dict()["converged"] is False
    assert cut.gradient_norm > 1e-3
    assert "NOT CONVERGED" in cut.explain()
    assert "未收敛" in cut.explain("zh")
    assert "NOT CONVERGED" in json.dumps(cut.plot().to_dict())


def test_compiling_is_said_once(tmp_path):
    code = (
        "import sys; sys.path.insert(0, {path!r})\n"
        "import multipolar as mp\nfrom scaled_votes import votes\n"
        "frame, _ = votes(states=4, periods=1, calls=6)\n"
        "for _ in range(2): mp.scale(frame, say=print)\n"
    ).format(path=str(__file__).rsplit("/", 1)[0])
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    ]
    assert said == [f"{estimate.COMPILING}\n", ""]


# --- predictions ----------------------------------------------------------------------------------

P = ["p_yes", "p_abstain", "p_no"]


def test_predictions_keep_rows_and_columns_and_sum_to_one(fit, drawn):
    cells = drawn[0].sample(200, seed=1).with_columns(more=pl.int_range(pl.len()))
    made = fit.predict(cells)
    assert made.columns == [*cells.columns, *P]
    assert made.select(cells.columns).equals(cells)
    assert made.select(pl.sum_horizontal(P)).to_series().to_numpy() == pytest.approx(1)
    said = made.filter(pl.col("position") != "absent")
    p = said.select(
        pl.when(pl.col("position") == "yes").then("p_yes").when(pl.col("position") == "no").then("p_no").otherwise("p_abstain")
    ).to_series()  # fmt: skip
    assert np.log(p).mean() > np.log(1 / 3) + 0.1


def test_a_prediction_is_less_sure_than_the_point_alone(fit):
    item = fit.items.sort(pl.col("beta").abs())[-1]
    call = fit.roll_calls.filter(pl.col("item") == item["item"][0])[0]
    period = call["period"][0]
    made = fit.predict(
        fit.points.filter(pl.col("period") == period).select("state", "period", roll_call=pl.lit(call["roll_call"][0]))
    ).join(fit.points, on=["state", "period"])  # fmt: skip
    plug = norm.cdf(item["cut_yes"][0] - item["beta"][0] * made["estimate"])
    away, plain = abs(made["p_yes"].to_numpy() - 0.5), abs(plug - 0.5)
    assert (away < plain).all()
    assert np.corrcoef(made["p_yes"], plug)[0, 1] > 0.95


def test_a_new_roll_call_on_a_known_item_uses_that_item(fit):
    item = fit.items["item"][0]
    call = fit.roll_calls.filter(pl.col("item") == item)[0]
    cell = {"state": ["S01"], "period": [2003]}
    known = fit.predict({"roll_call": [call["roll_call"][0]], **cell})
    new = fit.predict({"roll_call": ["never"], **cell, "item": [item]})
    none = fit.predict({"roll_call": ["never"], **cell, "item": ["nothing"]})
    assert new[P].equals(known[P])
    assert not none[P].equals(known[P])
    assert none[P].equals(fit.predict({"roll_call": ["ever"], **cell})[P])


def test_an_unknown_state_may_stand_anywhere(fit):
    item = fit.items.sort(pl.col("beta").abs())["item"][-1]
    ends = fit.points.filter(pl.col("period") == 2003).sort("estimate")["state"][[0, -1]].to_list()
    made = fit.predict(
        {
            "roll_call": ["x"] * 3,
            "item": [item] * 3,
            "state": [*ends, "nobody"],
            "period": [2003] * 3,
        }
    )["p_yes"].to_list()
    assert min(made[:2]) < made[2] < max(made[:2])


def test_further_from_its_votes_a_state_is_known_less(fit):
    item = fit.items.sort(pl.col("beta").abs())["item"][-1]
    state = fit.points.filter(pl.col("period") == 2003).sort("estimate")["state"][-1]
    years = [2003, 2004, 2010, 2100]
    p = fit.predict(
        {"roll_call": ["x"] * 4, "item": [item] * 4, "state": [state] * 4, "period": years}
    )["p_yes"].to_numpy()
    nobody = fit.predict(
        {"roll_call": ["x"], "item": [item], "state": ["nobody"], "period": [2003]}
    )["p_yes"][0]
    away = abs(p - nobody)
    # A period that the fit does not have is one step away, however far it is.
    assert away[0] > away[1] == away[2] == away[3]


def test_an_item_that_was_left_out_is_predicted_from_its_own_votes(drawn):
    everyone = drawn[0].drop("item")
    alike = (
        everyone.filter(pl.col("period") == 2001)
        .select("state", "period")
        .unique()
        .with_columns(roll_call=pl.lit("all"), position=pl.lit("yes"))
    )
    made = mp.scale(pl.concat([everyone, alike.select(everyone.columns)]))
    assert "all" not in made.roll_calls["roll_call"]
    p = made.predict(alike.drop("position"))
    assert p["p_yes"].min() > 0.85
    other = made.predict(alike.drop("position").with_columns(roll_call=pl.lit("none")))
    assert other["p_yes"].max() < p["p_yes"].min()


def test_cells_that_cannot_be_read_are_refused(fit):
    cell = {"roll_call": ["r0-00"], "state": ["S01"], "period": [2001]}
    for change, said in (
        ({"period": ["May"]}, "not of the kind"),
        ({"state": [None]}, "state is empty in row 1"),
        ({"p_yes": [0.5]}, "have a column p_yes already"),
        ({"period": [date(2001, 1, 1)]}, "not of the kind"),
    ):
        with pytest.raises(BadInput, match=said):
            fit.predict({**cell, **change})
    with pytest.raises(BadInput, match="no column 'period'"):
        fit.predict({"roll_call": ["a"], "state": ["b"]})


# --- comparison -----------------------------------------------------------------------------------


def test_correlations_by_period_are_those_of_numpy(fit, drawn):
    found = fit.compare(drawn[1])
    for row in found.table.iter_rows(named=True):
        both = fit.points.join(drawn[1], on=["state", "period"], suffix="_true")
        both = both.filter(pl.col("period").cast(pl.String) == row["period"])
        a, b = both["estimate"].to_numpy(), both["estimate_true"].to_numpy()
        assert row["pearson"] == pytest.approx(np.corrcoef(a, b)[0, 1])
        assert row["spearman"] == pytest.approx(spearmanr(a, b).statistic)
        assert row["n"] == len(both)
    assert found.pearson_min == found.table["pearson"].min()
    assert found.spearman_median == found.table["spearman"].median()
    assert found.only_here == found.only_there == 0


def test_a_fit_agrees_with_itself_and_with_published_forms(fit):
    assert fit.compare(fit).pearson_min == pytest.approx(1)
    renamed = fit.points.select(
        state_id="state", period=pl.col("period").cast(pl.String), estimate=2 * pl.col("estimate")
    )
    assert fit.compare(renamed).pearson_min == pytest.approx(1)
    part = fit.compare(renamed.filter(pl.col("period") != "2001"))
    assert part.table["period"].to_list() == ["2000", "2002", "2003"]
    assert part.only_here == 16
    json.dumps(part.to_dict(), allow_nan=False)


def test_a_static_fit_is_held_against_every_period(drawn):
    static = mp.scale(drawn[0], dynamics="static")
    found = static.compare(drawn[1])
    assert found.table["period"].to_list() == ["2000", "2001", "2002", "2003"]
    assert found.table["n"].to_list() == [16] * 4


def test_a_period_with_two_states_in_common_has_no_correlation(fit):
    few = fit.points.filter((pl.col("period") != 2002) | pl.col("state").is_in(["S01", "S02"]))
    row = fit.compare(few).table.filter(pl.col("period") == "2002").row(0, named=True)
    assert (row["pearson"], row["spearman"], row["n"]) == (None, None, 2)


def test_what_cannot_be_compared_is_refused(fit, drawn):
    with pytest.raises(BadInput, match="no state and period are in both"):
        fit.compare(drawn[1].with_columns(pl.col("period") + 100))
    with pytest.raises(BadInput, match="stands twice in period"):
        fit.compare(pl.concat([drawn[1], drawn[1]]))
    with pytest.raises(BadInput, match="estimate is of type"):
        fit.compare(drawn[1].with_columns(pl.lit("x").alias("estimate")))
    with pytest.raises(BadInput, match="no column 'estimate'"):
        fit.compare(drawn[1].drop("estimate"))


# --- charts, words, other forms -------------------------------------------------------------------


def data(spec):
    """Return all rows that a chart draws, by where they stand."""
    rows = [list(each) for each in spec.get("datasets", {}).values()]
    parts = [spec, *spec.get("layer", ()), *spec.get("spec", {}).get("layer", ())]
    rows += [part["data"]["values"] for part in parts if "values" in part.get("data", {})]
    return [row for each in rows for row in each]


def test_the_chart_draws_every_point_and_labels_some_without_overlap(fit):
    spec = fit.plot().to_dict()
    rows = data(spec)
    drawn_points = {(r["state"], r["period"]) for r in rows if "at" not in r}
    assert len(drawn_points) == fit.points.height
    labels = sorted(r["at"] for r in rows if "at" in r)
    assert len(labels) == 6
    step = 13 / 400 * (max(r["estimate"] for r in rows) - min(r["estimate"] for r in rows))
    assert min(np.diff(labels)) >= 0.99 * step
    ends = fit.points.filter(pl.col("period") == 2003).sort("estimate")["state"]
    for state in (ends[0], ends[-1]):
        assert state in spec["title"]["text"]
    assert "理想点" in json.dumps(fit.plot(lang="zh").to_dict(), ensure_ascii=False)


def test_states_that_are_named_are_labelled(fit):
    rows = data(fit.plot(states=["S05", "S02"]).to_dict())
    assert {r["name"] for r in rows if "at" in r} == {"S05", "S02"}
    with pytest.raises(BadInput, match="'S99' is no state of this fit"):
        fit.plot(states=["S99"])


def test_a_line_is_broken_where_a_state_cast_no_vote():
    frame, _ = votes(2)
    away = (pl.col("state") == "S03") & (pl.col("period") == 2001)
    made = mp.scale(frame.filter(~away))
    assert made.points.filter(pl.col("state") == "S03")["period"].to_list() == [2000, 2002, 2003]
    runs = {r["run"] for r in data(made.plot(states=["S03"]).to_dict()) if r.get("state") == "S03"}
    assert len(runs) == 2


def test_one_period_is_drawn_in_its_order(drawn):
    rows = data(mp.scale(drawn[0], dynamics="static").plot().to_dict())
    assert len(rows) == 16
    assert [r["estimate"] for r in rows] == sorted((r["estimate"] for r in rows), reverse=True)


def test_groups_are_drawn_side_by_side_with_their_medians(fit):
    groups = {"left": ["S00", "S01", "S02"], "right": ["S03", "S04"]}
    spec = fit.plot("blocs", blocs=groups).to_dict()
    rows = data(spec)
    assert {r["bloc"] for r in rows} == {"left", "right"}
    middle = next(r for r in rows if r["kind"] == "middle" and r["bloc"] == "left" and r["time"] == 2002)  # fmt: skip
    mine = fit.points.filter(pl.col("state").is_in(groups["left"]) & (pl.col("period") == 2002))
    assert middle["estimate"] == pytest.approx(mine["estimate"].median(), abs=1e-3)
    with pytest.raises(BadInput, match="a mapping of names to states"):
        fit.plot("blocs", blocs=["eu"])
    with pytest.raises(BadInput, match="no state of the bloc 'nobody'"):
        fit.plot("blocs", blocs={"nobody": ["ZZZ"]})


def test_the_votes_on_an_item_are_drawn_with_its_cut_lines(fit, drawn):
    row = fit.items.filter(pl.col("line_yes").abs() < 1).row(0, named=True)
    spec = fit.plot("item", item=row["item"]).to_dict()
    rows = data(spec)
    voters = [r for r in rows if "vote" in r]
    cast = drawn[0].filter((pl.col("item") == row["item"]) & (pl.col("position") != "absent"))
    assert len(voters) == cast.height
    twin = {(r["state"], str(r["period"])): r["position"] for r in cast.to_dicts()}
    assert {(r["state"], r["period"]): r["vote"] for r in voters} == twin
    assert row["line_yes"] in [r["at"] for r in rows if "at" in r]
    call = fit.roll_calls.filter(pl.col("item") == row["item"])["roll_call"][-1]
    assert data(fit.plot("item", item=call).to_dict()) == rows
    with pytest.raises(BadInput, match="'nothing' is not in this fit"):
        fit.plot("item", item="nothing")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kind": "pie"}, "no kind of chart"),
        ({"kind": "item"}, "needs item"),
        ({"kind": "blocs"}, "needs blocs"),
        ({"item": "x"}, "takes no item"),
    ],
)
def test_charts_that_cannot_be_drawn_are_refused(fit, asked, said):
    with pytest.raises(BadInput, match=said):
        fit.plot(**asked)


def test_the_explanation_says_what_was_done(fit):
    text = fit.explain()
    cells = fit.fitted.given.cells
    for part in (
        f"{cells:,} votes of 16 states",
        "Converged",
        "mean 0",
        "5 items join",
        "absences",
    ):
        assert part in text
    chinese = fit.explain("zh")
    assert "已收敛" in chinese
    assert len(chinese.splitlines()) == len(text.splitlines())
    assert "@article{baileystrezhnevvoeten2017" in fit.cite()


def test_the_form_of_arviz_holds_draws_about_the_points(fit):
    pytest.importorskip("xarray", reason="xarray is not installed")
    tree = fit.to_inference_data(draws=4000, seed=1)
    drawn_points = tree["posterior"]["ideal_point"]
    assert drawn_points.shape == (1, 4000, fit.points.height)
    error = fit.points["se"].to_numpy()
    assert (abs(drawn_points.mean(axis=(0, 1)) - fit.points["estimate"]) < 0.1 * error).all()
    again = fit.to_inference_data(draws=4000, seed=1)["posterior"]["ideal_point"]
    assert (again == drawn_points).all()
    with pytest.raises(BadInput, match="draws is 0"):
        fit.to_inference_data(draws=0)


def test_without_xarray_the_extra_is_named(fit, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    with pytest.raises(MissingExtra, match="xarray"):
        fit.to_inference_data()


# --- votes of a record ----------------------------------------------------------------------------


@pytest.fixture
def assembly(pulled):
    return mp.open(pulled)


def test_votes_of_a_body_are_scaled_with_names_and_sources(assembly):
    made = mp.scale(assembly, "General Assembly", polarity=("Kenya", "FIJI"))
    assert made.body == "unga"
    assert made.polarity.states == ("KEN", "FJI")
    assert set(made.points["state"]) == {"FJI", "KEN", "PER", "TON"}
    assert made.points["period"].unique().sort().to_list() == [2019, 2020]
    assert made.roll_calls["title"].str.contains("Question").all()
    assert made.to_dict()["sources"][0]["source_id"] == made.subject.source_id
    assert made.subject.source_id.split("@")[0] in made.cite()
    assert "肯尼亚" in json.dumps(made.plot(lang="zh").to_dict(), ensure_ascii=False)
    only = mp.scale(assembly, "unga", first=2020, last="2020-12-31", period="session")
    assert only.points["period"].unique().to_list() == [75]


def test_absences_of_a_record_can_be_counted(assembly):
    plain, counted = (mp.scale(assembly, "unga", absence=a) for a in ("missing", "no"))
    assert plain.points["period"].unique().sort().to_list() == [2019, 2020]
    here = counted.points.filter(pl.col("period") == 2021)
    assert sorted(here["state"]) == ["FJI", "KEN", "PER", "TON"]
    assert counted.roll_calls.filter(pl.col("period") == 2021)["no"].to_list() == [1]
    assert plain.fitted.absent == counted.fitted.absent == 1
    assert "Absences count as no" in counted.explain()


def test_blocs_of_a_record_are_bodies(assembly):
    made = mp.scale(assembly, "unga")
    spec = made.plot("blocs", blocs=["un", "KEN, FJI"]).to_dict()
    assert {r["bloc"] for r in data(spec)} == {"un", "KEN, FJI"}


def test_what_a_record_does_not_hold_is_said(assembly, record):
    with pytest.raises(OutOfCoverage, match="no roll calls of unga are pulled"):
        mp.scale(record, "unga")
    with pytest.raises(OutOfCoverage, match="no roll call of unga in this period"):
        mp.scale(assembly, "unga", first=1950, last=1951)
    with pytest.raises(OutOfCoverage, match="no pulled dataset names issues"):
        mp.scale(assembly, "unga", issue="me")
    with pytest.raises(OutOfCoverage, match="no pulled dataset names important votes"):
        mp.scale(assembly, "unga", important=True)
    with pytest.raises(BadInput, match="is not pulled"):
        mp.scale(assembly, "unga", dataset="unvotes")
    with pytest.raises(BadInput, match="is no kind of period"):
        mp.scale(assembly, "unga", period="month")
    with pytest.raises(BadInput, match="name a body"):
        mp.scale(assembly)
    with pytest.raises(BadInput, match="FRA"):
        mp.scale(assembly, "unga", polarity=("FRA", "KEN"))
    with pytest.raises(BadInput, match="is after"):
        mp.scale(assembly, "unga", first=2021, last=2019)


UNVOTES = {
    "a.csv": "rcid,country,country_code,vote\n"
    + "".join(
        f"{call},{name},{code},{vote}\n"
        for call, said in ((7, "YYNA"), (8, "YNNY"), (9, "NYYN"))
        for (name, code), vote in zip(
            (("Fiji", "FJ"), ("Tonga", "TO"), ("Kenya", "KE"), ("Peru", "PE")),
            ({"Y": "yes", "N": "no", "A": "abstain"}[v] for v in said),
            strict=True,
        )
    ),
    "b.csv": "rcid,session,importantvote,date,unres,amend,para,short,descr\n"
    "7,70,1,2015-12-05,R/70/56,0,0,ONE,FIRST QUESTION OF MANY\n"
    "8,70,0,2015-12-06,R/70/57,0,0,TWO,SECOND QUESTION OF MANY\n"
    "9,71,0,2016-12-06,R/71/57,0,0,TWO,SECOND QUESTION OF MANY\n",
    "c.csv": "rcid,short_name,issue\n7,nu,Nuclear weapons\n8,me,Palestinian conflict\n9,me,Palestinian conflict\n",
}


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    root = tmp_path_factory.mktemp("unvotes")
    for file, text in UNVOTES.items():
        (root / file).write_text(text)
    mp.pull("unvotes", *(root / file for file in UNVOTES), store=root / "store")
    return mp.open(root / "store")


def test_issues_and_important_votes_are_subsets(named):
    whole = mp.scale(named, "unga")
    issue = mp.scale(named, "unga", issue="me")
    important = mp.scale(named, "unga", important=True)
    assert whole.roll_calls.height == 3
    assert set(issue.roll_calls["roll_call"]) == {"unga:rcid-8", "unga:rcid-9"}
    assert important.roll_calls["roll_call"].to_list() == ["unga:rcid-7"]
    with pytest.raises(BadInput, match="'xy' is no issue of unvotes"):
        mp.scale(named, "unga", issue="xy")
    with pytest.raises(BadInput, match="does not record who was absent"):
        mp.scale(named, "unga", absence="no")


CONGRESS = {
    "votes.csv": "congress,chamber,rollnumber,icpsr,cast_code\n"
    + "".join(
        f"1,Senate,{k},{who},{code}\n"
        for k, codes in ((1, "1669"), (2, "6116"), (3, "1161"))
        for who, code in zip((11, 12, 13, 99), codes, strict=True)
    ),
    "members.csv": "congress,chamber,icpsr,party_code,nominate_dim1,nominate_dim2\n"
    "1,Senate,11,1,0.1,0\n1,Senate,12,1,0.2,0\n1,Senate,13,1,0.3,0\n1,President,99,1,0.4,0\n",
    "rollcalls.csv": "congress,chamber,rollnumber,yea_count,nay_count\n1,Senate,1,1,2\n1,Senate,2,2,1\n1,Senate,3,2,1\n",
}


def test_a_chamber_is_scaled_without_the_president(tmp_path):
    for file, text in CONGRESS.items():
        (tmp_path / file).write_text(text)
    mp.pull("voteview", *(tmp_path / file for file in CONGRESS), store=tmp_path / "store")
    made = mp.scale(mp.open(tmp_path / "store"), "senate", polarity=("12", "11"))
    assert made.body == "Senate"
    assert set(made.points["state"]) == {"11", "12", "13"}
    assert made.points["period"].unique().to_list() == [1]


def test_few_votes_are_searched_twice_without_a_word(drawn, monkeypatch):
    assert mp.scale(drawn[0]).check.agrees
    assert mp.scale(drawn[0], check=False).check is None
    monkeypatch.setattr(estimate, "SMALL", 10)
    assert mp.scale(drawn[0]).check is None
    assert mp.scale(drawn[0], check=True).check.agrees


def test_approximate_errors_of_a_large_body_are_said(monkeypatch):
    from multipolar.measures.scaling import laplace

    many, _ = votes(states=60, periods=2, calls=30)
    whole = mp.scale(many)
    monkeypatch.setattr(laplace, "EXACT", 1e3)
    rough = mp.scale(many)
    assert (whole.to_dict()["errors"], rough.to_dict()["errors"]) == ("newton", "coarse")
    assert "In so large a body" in rough.explain()
    assert "成员众多" in rough.explain("zh")
    assert "In so large a body" not in whole.explain()


def test_a_second_search_that_was_cut_short_says_nothing(drawn):
    cut = mp.scale(drawn[0], check=True, steps=3)
    assert not cut.check.converged
    assert any("says nothing of the first" in en for en, _ in cut.notes)
    assert not any("more than one mode" in en for en, _ in cut.notes)
