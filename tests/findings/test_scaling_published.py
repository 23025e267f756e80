"""Ideal points of real votes: against published ones, on votes that were held out, from other starts."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from real_votes import VOTES, assembly, court, needed, senate

import multipolar as mp
from multipolar.measures.scaling.newton import Fit, first_items
from multipolar.measures.scaling.standard import standard
from multipolar.measures.scaling.start import automatic_start

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def votes():
    needed()
    return assembly()


@pytest.fixture(scope="module")
def fit(votes):
    return mp.scale(votes)


@pytest.fixture(scope="module")
def pulled(tmp_path_factory):
    """A store with the votes and the published ideal points, under codes of states."""
    needed()
    root = tmp_path_factory.mktemp("published")
    files = ("un_votes.rda", "un_roll_calls.rda", "un_roll_call_issues.rda")
    mp.pull("unvotes", *(VOTES / name for name in files), store=root)
    names = ("IdealpointestimatesAll_Apr2020.csv", "IdealpointsJuly2025.dta")
    mp.pull("voeten", *(VOTES / name for name in names), store=root)
    mp.pull("unga", VOTES / "undl_layout_ga_voting_1946_2023.csv.gz", store=root)
    return mp.open(root)


def series(record, name):
    found = record.scan("ideal_points", "voeten").filter(pl.col("series") == name).collect()
    return found.select("state_id", "period", "estimate")


# --- the mode -------------------------------------------------------------------------------------


def test_searches_from_far_and_near_end_at_the_same_place(fit):
    given, settings, mode = fit.fitted.given, fit.fitted.settings, fit.fitted.mode
    assert given.cells == 860_679
    assert fit.converged
    assert fit.gradient_norm <= 1e-5
    voted = given.votes > 0
    start, rng = automatic_start(given), np.random.default_rng(4)
    starts = {
        "near": mode.theta + 0.05 * rng.standard_normal(len(start)),
        "ends swapped": -start,
        "close to the middle": 0.02 * start + 0.01 * rng.standard_normal(len(start)),
        "stretched": 4 * start,
    }
    here = standard(mode.theta, voted).points(mode.theta)
    for name, theta in starts.items():
        other = Fit(given, settings, fit.fitted.kernels).run(theta, first_items(given))
        there = standard(other.theta, voted).points(other.theta)
        there *= np.sign(there[voted] @ here[voted])
        assert other.converged, name
        assert np.abs(there - here)[voted].max() < 0.01, name


def test_held_out_votes_are_predicted_as_well_as_by_the_best_peer(votes):
    seen = votes.filter(~pl.col("held_out"))
    made = mp.scale(seen)
    asked = votes.filter("held_out")
    p = made.predict(asked.select("roll_call", "state", "period", "item", "position"))
    said = pl.when(position="yes").then("p_yes").when(position="no").then("p_no")
    p = p.with_columns(
        said=said.otherwise("p_abstain"),
        likeliest=pl.concat_list("p_yes", "p_abstain", "p_no").list.arg_max(),
        category=pl.col("position").replace_strict({"yes": 0, "abstain": 1, "no": 2}),
    )
    assert p.height == 87_322
    assert p["said"].log().mean() >= -0.276
    assert (p["likeliest"] == p["category"]).mean() >= 0.902
    # Roll calls on which the votes that were seen divide into yes and not yes.
    yes = (pl.col("position") == "yes").mean()
    split = (
        seen.group_by("roll_call").agg(yes=yes).filter((pl.col("yes") > 0) & (pl.col("yes") < 1))
    )
    q = p.join(split, on="roll_call", how="semi")
    assert abs(q.height - 85_997) < 200
    is_yes = q["category"] == 0
    likelihood = np.where(is_yes, q["p_yes"], 1 - q["p_yes"])
    assert np.log(likelihood).mean() >= -0.2107
    assert ((q["p_yes"] > 0.5) == is_yes).mean() >= 0.919


@pytest.mark.parametrize("state", ["Brazil", "France", "India", "Kenya"])
def test_a_state_that_votes_less_has_a_wider_interval(votes, fit, state):
    rng = np.random.default_rng(0)
    here = (votes["state"] == state) & (votes["period"] == 50)
    thinned = votes.filter(~here | pl.Series(rng.random(votes.height) < 0.2))
    one = (pl.col("state") == state) & (pl.col("period") == 50)
    before, after = (made.points.filter(one) for made in (fit, mp.scale(thinned)))
    assert after["n"][0] < 0.4 * before["n"][0]
    assert after["se"][0] > 1.1 * before["se"][0]


# --- against published estimates ------------------------------------------------------------------


def test_the_estimates_of_april_2020_are_met_session_by_session(votes, pulled):
    texts = votes.select("item", "period", number="roll_call").unique()
    calls = pulled.scan("roll_calls", "unvotes").select("roll_call_id", "number").collect()
    positions = pulled.scan("positions", "unvotes").select("roll_call_id", "state_id", "position")
    frame = (
        positions.collect()
        .join(calls, on="roll_call_id")
        .join(texts, on="number")
        .select("position", "item", "period", roll_call="number", state="state_id")
    )
    assert frame.height == 869_997
    made = mp.scale(frame)
    found = made.compare(series(pulled, "all-2020-04"))
    assert len(found.table) == 73
    assert found.pearson_median >= 0.99
    assert found.pearson_min >= 0.94
    assert found.spearman_median >= 0.995


def test_the_estimates_of_july_2025_are_met_year_by_year(pulled):
    made = mp.scale(pulled, "unga")
    found = made.compare(series(pulled, "fp-2025-07"))
    last = found.table.filter(pl.col("period").is_in(["2020", "2021", "2022", "2023"]))
    assert last.height == 4
    assert last["pearson"].min() >= 0.98
    assert found.pearson_median >= 0.985
    assert found.pearson_min >= 0.94


@pytest.mark.parametrize("dynamics", ["mean-reverting", "random-walk"])
def test_the_scores_of_martin_and_quinn_are_met(dynamics):
    needed()
    votes, scores = court()
    made = mp.scale(votes, response="binary", dynamics=dynamics)
    both = made.points.join(scores, on=["state", "period"], suffix="_theirs")
    assert made.converged
    assert both.height >= 690
    assert abs(both.select(pl.corr("estimate", "estimate_theirs")).item()) >= 0.93


@pytest.mark.parametrize(("congress", "least"), [(115, 0.96), (116, 0.96)])
def test_the_first_dimension_of_nominate_is_met(congress, least):
    needed()
    votes, scores = senate(congress)
    made = mp.scale(votes, response="binary", dynamics="static")
    both = made.points.join(scores, on="state", suffix="_theirs")
    assert made.converged
    assert both.height >= 100
    assert abs(both.select(pl.corr("estimate", "estimate_theirs")).item()) >= least
