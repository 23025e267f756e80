"""Draws from the posterior of a scaling: their scale, intervals, what they say of themselves, other forms."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from scaled_votes import votes

import multipolar as mp
from multipolar.errors import BadInput
from multipolar.findings.scaling.draws import Agreement, draws_of, on_scale
from multipolar.findings.scaling.inference import inference_data


@pytest.fixture(scope="module")
def drawn():
    return votes(states=24, periods=3, calls=40, linked=5)


@pytest.fixture(scope="module")
def fit(drawn):
    return mp.scale(drawn[0], polarity=("S00", "S01"))


@pytest.fixture(scope="module")
def draws(fit):
    return draws_of(fit, chains=2, draws=600, warmup=200, thin=2, seed=1)


def test_every_point_of_the_result_has_a_row_in_its_order(fit, draws):
    assert draws.points.columns == [
        *("state", "period", "mean", "sd", "lo", "hi", "rhat", "ess_bulk", "ess_tail", "n"),
    ]
    for column in ("state", "period", "n"):
        assert draws.points[column].to_list() == fit.points[column].to_list()
    assert draws.array.shape == (2, 600, fit.points.height)
    assert (draws.chains, draws.draws, draws.thin, draws.warmup) == (2, 600, 2, 200)
    assert draws.points.null_count().sum_horizontal().item() == 0


def test_every_draw_has_mean_0_and_deviation_1_and_the_ends_of_the_result(fit, draws):
    np.testing.assert_allclose(draws.array.mean(axis=2), 0, atol=1e-5)
    np.testing.assert_allclose(draws.array.std(axis=2), 1, atol=1e-5)
    assert (draws.array @ fit.points["estimate"].to_numpy() > 0).all()


def test_a_draw_with_its_ends_swapped_shifted_and_stretched_is_put_back(fit, draws):
    theta = draws.sample.theta
    moved = np.where(np.arange(600)[:, None] % 2 == 0, -3 * theta + 2, theta)
    np.testing.assert_allclose(on_scale(fit, moved), draws.array, atol=1e-4)


def test_intervals_are_quantiles_of_the_draws_at_the_level_of_the_result(fit, draws):
    flat = draws.array.reshape(-1, fit.points.height)
    points = draws.points
    for column, share in (("lo", 0.05), ("hi", 0.95)):
        inside = (flat <= points[column].to_numpy()).mean(axis=0)
        np.testing.assert_allclose(inside, share, atol=0.002)
    np.testing.assert_allclose(points["mean"], flat.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(points["sd"], flat.std(axis=0), atol=1e-5)


def test_draws_go_together_with_mode_and_errors(draws):
    found = draws.compare()
    assert isinstance(found, Agreement)
    assert found.mean_difference < 0.5
    assert found.largest_difference < 2
    assert 0.85 < found.sd_ratio < 1.15
    assert found.sd_ratio_low < found.sd_ratio < found.sd_ratio_high
    assert found.correlation > 0.99
    row = draws.points.filter(state=found.state, period=found.period).row(0, named=True)
    shown = draws.result.points.filter(state=found.state, period=found.period).row(0, named=True)
    assert abs(row["mean"] - shown["estimate"]) / row["sd"] == pytest.approx(
        found.largest_difference
    )


def test_the_truth_is_found(draws, drawn):
    both = draws.points.join(drawn[1], on=["state", "period"])
    assert abs(np.corrcoef(both["mean"], both["estimate"])[0, 1]) > 0.9


def test_items_are_on_the_scale_that_is_shown(fit, draws):
    items = draws.items
    assert items["item"].to_list() == fit.items["item"].to_list()
    for name in ("beta", "cut_yes", "cut_no"):
        assert (items[f"{name}_lo"] < items[name]).all()
        assert (items[name] < items[f"{name}_hi"]).all()
        inside = items[f"{name}_lo"].is_between(fit.items[name] - 9, fit.items[name])
        assert (inside & (items[f"{name}_hi"] > fit.items[name])).mean() > 0.9
    assert np.corrcoef(items["beta"], fit.items["beta"])[0, 1] > 0.95
    assert (items["ess_bulk"] > 20).all()
    # One draw by hand: its items with its positions give the same latent means on both scales.
    theta = draws.sample.theta[0, 7].astype(float)
    beta, middle, gap = draws.sample.items[0, 7].T.astype(float)
    one = replace(
        draws,
        sample=replace(draws.sample, theta=theta[None, None], items=draws.sample.items[:1, 7:8]),
        array=draws.array[:1, 7:8],
    )
    voted = np.flatnonzero(fit.fitted.given.votes > 0)
    shown = one.items["cut_yes"].to_numpy()[:, None] - np.outer(
        one.items["beta"], draws.array[0, 7]
    )
    expected = (middle - gap / 2)[:, None] - np.outer(beta, theta[voted])
    np.testing.assert_allclose(shown, expected, atol=1e-4)


def test_binary_items_have_one_cutpoint(drawn):
    fit = mp.scale(drawn[0], response="binary")
    items = draws_of(fit, chains=1, draws=5, warmup=5).items
    assert items["cut_yes"].to_list() == items["cut_no"].to_list()


def test_with_anchors_every_draw_has_them_where_they_were_put(drawn):
    fit = mp.scale(drawn[0], anchors={"S03": 2.0, "S08": -1.0})
    found = draws_of(fit, chains=2, draws=20, warmup=20)
    state = np.array(fit.points["state"])
    for name, value in (("S03", 2.0), ("S08", -1.0)):
        np.testing.assert_allclose(found.array[:, :, state == name].mean(axis=2), value, atol=1e-4)


def test_an_anchor_of_a_static_scale_stands_still_and_has_no_rhat(drawn):
    fit = mp.scale(drawn[0], dynamics="static", anchors={"S03": 2.0, "S08": -1.0})
    found = draws_of(fit, chains=2, draws=20, warmup=20)
    still = found.points.filter(pl.col("state").is_in(["S03", "S08"]))
    assert still["mean"].to_list() == pytest.approx([2.0, -1.0], abs=1e-4)
    assert still["rhat"].to_list() == [None, None]
    assert found.points.filter(pl.col("sd") > 1e-4)["rhat"].null_count() == 0
    assert found.compare().state not in {"S03", "S08"}


def test_two_points_stand_still_on_their_scale_and_leave_nothing_to_compare():
    rows = {
        "roll_call": ["r", "r"],
        "state": ["a", "b"],
        "period": [1, 1],
        "position": ["yes", "no"],
    }
    found = draws_of(mp.scale(pl.DataFrame(rows)), chains=1, draws=10, warmup=5)
    assert sorted(found.points["mean"]) == pytest.approx([-1, 1])
    assert found.compare() is None
    assert found.to_dict()["laplace"] is None
    assert found.rhat_max is None
    assert not found.converged
    assert "holds every point" in found.notes[0][0]


def test_chains_that_agree_have_converged_and_say_nothing(draws):
    flat = np.random.default_rng(0).normal(size=draws.array.shape).astype(np.float32)
    good = replace(draws, array=flat)
    assert good.rhat_max < 1.02
    better = replace(draws, array=np.repeat(flat[:, :, :1], flat.shape[2], axis=2))
    assert better.converged
    assert better.notes == ()
    assert better.ess_min > 400


def test_chains_that_stay_apart_are_named_in_two_languages(draws):
    apart = draws.array.copy()
    apart[1] += 0.5
    bad = replace(draws, array=apart)
    assert not bad.converged
    assert bad.rhat_max > 1.2
    english, chinese = bad.notes[0]
    assert f"R-hat is up to {bad.rhat_max:.3f}" in english
    assert "above 1.01 for 100 %" in english
    assert f"{bad.rhat_max:.3f}" in chinese
    assert bad.to_dict()["converged"] is False


def test_few_effective_draws_are_named(fit):
    few = draws_of(fit, chains=2, draws=20, warmup=100)
    assert few.ess_min < 400
    assert "fewer than 400" in few.notes[-1][0]
    assert few.ess_min == min(few.points["ess_bulk"].min(), few.points["ess_tail"].min())


def test_fewer_than_four_draws_tell_nothing_of_agreement(fit):
    one = draws_of(fit, chains=1, draws=1, warmup=0)
    assert one.rhat_max is None
    assert one.ess_min is None
    assert not one.converged
    assert "Fewer than 4 draws" in one.notes[0][0]
    assert one.points["mean"].null_count() == 0
    assert one.items["rhat"].null_count() == one.items.height


def test_the_same_seed_gives_the_same_draws(fit, draws):
    short = {"chains": 1, "draws": 3, "warmup": 2}
    one, two = (draws_of(fit, seed=4, **short) for _ in range(2))
    assert one.array.tobytes() == two.array.tobytes()
    assert draws_of(fit, seed=5, **short).array.tobytes() != one.array.tobytes()


@pytest.mark.parametrize(
    ("name", "value"), [("chains", 0), ("draws", 0), ("draws", 1.5), ("warmup", -1), ("thin", 0)]
)
def test_bad_numbers_are_refused(fit, name, value):
    with pytest.raises(BadInput, match=f"{name} is {value}"):
        draws_of(fit, **{name: value})


def test_the_summary_is_json(draws):
    made = json.loads(json.dumps(draws.to_dict()))
    assert made["chains"] == 2
    assert made["laplace"]["sd_ratio"] == draws.compare().sd_ratio
    assert len(made["points"]) == draws.points.height
    assert len(made["items"]) == draws.items.height
    assert made["rhat_max"] == draws.rhat_max


def test_periods_that_are_dates_are_written_as_dates(drawn):
    frame = drawn[0].with_columns(pl.date("period", 1, 1).alias("period"))
    found = draws_of(mp.scale(frame), chains=1, draws=4, warmup=0).to_dict()
    assert found["points"][0]["period"] == date(2000, 1, 1).isoformat()
    json.dumps(found)


def test_progress_is_said_and_that_loops_are_compiled(fit, monkeypatch):
    said = []
    draws_of(fit, chains=1, draws=1, warmup=0, say=said.append)
    assert said == ["chain 1 of 1: 0 % of all sweeps"]
    monkeypatch.setattr("multipolar.findings.scaling.draws.is_compiled", lambda: False)
    draws_of(fit, chains=1, draws=1, warmup=0, say=said.append)
    assert "compiling" in said[1]


def test_the_form_of_arviz_holds_the_draws_jointly(fit, draws):
    pytest.importorskip("xarray", reason="xarray is not installed")
    tree = inference_data(fit, drawn=draws)
    points = tree["posterior"]["ideal_point"]
    assert points.shape == draws.array.shape
    assert np.array_equal(points.to_numpy(), draws.array)
    assert list(points["state"].to_numpy()) == fit.points["state"].to_list()
    assert tree.attrs["converged"] == str(draws.converged)
    assert tree.attrs["approximation"] == "none"
    normal = inference_data(fit, 50, 0)
    assert normal["posterior"]["ideal_point"].shape == (1, 50, fit.points.height)
    assert normal.attrs["approximation"] == "normal, point by point"


def test_draws_of_another_result_are_refused_for_the_form_of_arviz(drawn, draws):
    pytest.importorskip("xarray", reason="xarray is not installed")
    other = mp.scale(drawn[0], level=0.5)
    with pytest.raises(BadInput, match="another result"):
        inference_data(other, drawn=draws)


# --- as a user asks for them ----------------------------------------------------------------------


def test_a_result_gives_its_draws(fit, draws):
    made = fit.draws(chains=2, draws=600, warmup=200, thin=2, seed=1)
    assert np.array_equal(made.array, draws.array)
    pytest.importorskip("xarray", reason="xarray is not installed")
    tree = fit.to_inference_data(drawn=made)
    assert tree["posterior"]["ideal_point"].shape == made.array.shape


def test_the_command_adds_draws_to_every_form(drawn, here):
    drawn[0].write_csv("votes.csv")
    base = ("scale", "--votes", "votes.csv", "--draws", "40", "--seed", "2")
    told = here(*base, "--format", "json")
    assert told.json["draws"]["chains"] == 4
    assert told.json["draws"]["draws"] == 40
    assert len(told.json["draws"]["points"]) == len(told.json["points"])
    rows = here(*base, "--format", "csv").csv
    assert {"mean", "sd", "draws_lo", "draws_hi", "rhat", "ess_bulk"} <= set(rows[0])
    assert [float(r["mean"]) for r in rows] == [p["mean"] for p in told.json["draws"]["points"]]
    for lang, word in (("en", "Gibbs sampler"), ("zh", "吉布斯抽样")):
        shown = here(*base, "--lang", lang)
        assert word in shown.out.decode()
        # So few draws do not agree, and the exit code says so.
        assert shown.code == 4
        assert "the chains do not agree" in shown.err


@pytest.mark.parametrize(
    "more", [("--dimensions", "2"), ("--format", "vega"), ("--draws", "3"), ("--draws", "x")]
)
def test_draws_that_cannot_be_had_are_refused(drawn, here, more):
    drawn[0].write_csv("votes.csv")
    made = here("scale", "--votes", "votes.csv", "--draws", "10", *more)
    assert made.code == 2
    assert made.err.count("\n") == 1
