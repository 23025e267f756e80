"""How strong priors are: by default, by held-out votes, as others have them."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from scaled_votes import votes

import multipolar as mp
from multipolar.errors import BadInput
from multipolar.measures.scaling.held_out import without
from multipolar.measures.scaling.newton import prior_of

SIZE = {"states": 24, "periods": 6, "calls": 30, "linked": 4}


@pytest.fixture(scope="module")
def moving():
    return votes(2, drift=0.6, **SIZE)[0]


@pytest.fixture(scope="module")
def chosen(moving):
    return mp.scale(moving, priors="held-out", seed=1)


def test_held_out_votes_ask_for_larger_steps_where_states_move_more(chosen):
    still = mp.scale(votes(2, drift=0.02, **SIZE)[0], priors="held-out", seed=1)
    assert still.fitted.settings.step < chosen.fitted.settings.step


def test_the_choice_is_the_best_of_those_that_are_reported(chosen):
    candidates = chosen.held_out.candidates
    best = max(candidates, key=lambda c: c.log_likelihood)
    assert best.chosen
    assert [c.chosen for c in candidates].count(True) == 1
    assert (chosen.fitted.settings.step, chosen.fitted.settings.pull) == (best.step, best.pull)
    for c in candidates:
        assert c.difference == pytest.approx(best.log_likelihood - c.log_likelihood, abs=1e-12)
        assert (c.se > 0) == (not c.chosen)
    told = json.loads(json.dumps(chosen.to_dict(), allow_nan=False))["held_out"]
    assert told["votes"] == chosen.held_out.votes
    assert len(told["candidates"]) == len(candidates)
    assert "held out" in chosen.explain()
    assert "留出" in chosen.explain("zh")


def test_the_likelihood_is_that_of_a_fit_to_the_other_votes(moving, chosen):
    """The best candidate again, from the frame: the same votes taken out, fitted and predicted."""
    given = chosen.fitted.given
    out = np.random.default_rng(1).random(given.cells) < 0.1
    kept = without(given, out)
    rows = {
        "roll_call": [given.items[v] for v in given.item_of],
        "state": [given.states[s] for s in given.node_state[given.node]],
        "period": [given.periods[t] for t in given.node_period[given.node]],
        "position": np.array(["yes", "abstain", "no"])[given.category],
    }
    frame = pl.DataFrame(rows).with_columns(
        item=pl.col("roll_call"), roll_call=pl.col("roll_call") + pl.col("period").cast(pl.String)
    )
    assert kept.cells == (~out).sum()
    s = chosen.fitted.settings
    again = mp.scale(frame.filter(pl.Series(~out)), priors={"step": s.step, "pull": s.pull})
    p = again.predict(frame.filter(pl.Series(out)))
    said = p.select(
        pl.when(position="yes")
        .then("p_yes")
        .when(position="no")
        .then("p_no")
        .otherwise("p_abstain")
    ).to_series()
    best = next(c for c in chosen.held_out.candidates if c.chosen)
    # Items that are unanimous without the held-out votes are in the one fit and not in the other.
    assert float(said.log().mean()) == pytest.approx(best.log_likelihood, abs=5e-3)


def test_a_static_choice_is_of_the_pull_alone(moving):
    made = mp.scale(moving, priors="held-out", dynamics="static")
    assert {c.step for c in made.held_out.candidates} == {None}
    assert len(made.held_out.candidates) > 3


def test_too_few_votes_choose_nothing():
    few, _ = votes(0, states=6, periods=1, calls=10)
    with pytest.raises(BadInput, match="too few to choose priors"):
        mp.scale(few, priors="held-out")


def test_the_model_of_bailey_strezhnev_and_voeten_is_a_setting(moving):
    made = mp.scale(moving, model="Bailey-Strezhnev-Voeten")
    given, settings = made.fitted.given, made.fitted.settings
    assert made.converged
    assert made.model.startswith("ordinal probit, random-walk, priors of bailey-strezhnev-voeten")
    prior = prior_of(given, settings)
    n = given.votes
    for node in np.flatnonzero(given.prev >= 0)[:40]:
        before = n[given.prev[node]]
        assert -1 / prior.off[node] == pytest.approx(0.5 * n[node] / (n[node] + before))
    # Steps alone: along a common movement of a state only its first period is held.
    for state in range(3):
        along = (given.node_state == state).astype(float)
        assert along @ prior.times(along) == pytest.approx(settings.pull)
    default = mp.scale(moving)
    assert made.compare(default).pearson_min > 0.9
    assert not made.points.equals(default.points)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"model": "voeten"}, "no model of others"),
        ({"model": "bailey-strezhnev-voeten", "dynamics": "static"}, "leave static away"),
        ({"model": "bailey-strezhnev-voeten", "response": "binary"}, "ordinal"),
        ({"priors": "weak"}, "'weak'"),
        ({"priors": {"steps": 1}}, "no prior 'steps'"),
        ({"priors": {"step": 0}}, "step is 0"),
        ({"priors": {"step": float("nan")}}, "step is nan"),
    ],
)
def test_priors_that_cannot_be_meant_are_refused(moving, asked, said):
    with pytest.raises(BadInput, match=said):
        mp.scale(moving, **asked)


def test_the_command_takes_priors(moving, tmp_path, here):
    file = tmp_path / "votes.csv"
    moving.write_csv(file)
    base = ("scale", "--votes", str(file), "--format", "json")
    named = here(*base, "--priors", "step=0.05,pull=1").json
    assert (named["priors"]["step"], named["priors"]["pull"]) == (0.05, 1.0)
    model = here(*base, "--model", "bailey-strezhnev-voeten").json
    assert model["dynamics"] == "random-walk"
    bad = here(*base, "--priors", "step")
    assert bad.code == 2
    assert bad.err.count("\n") == 1
