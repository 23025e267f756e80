"""Votes that cannot be scaled: one clear line, and at once."""

from __future__ import annotations

import time
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from scaled_votes import votes

import multipolar as mp
from multipolar.errors import BadInput

FRAME = votes(7, states=6, periods=2, calls=10)[0]


def changed(**columns):
    return FRAME.with_columns(**columns)


def refused(frame, **choices):
    with pytest.raises(BadInput) as raised:
        mp.scale(frame, **choices)
    line = str(raised.value)
    assert "\n" not in line
    return line


def at(row, column, value):
    """Return the frame with one cell changed; rows count from 1."""
    here = pl.int_range(pl.len()) == row - 1
    return FRAME.with_columns(pl.when(here).then(value).otherwise(column).alias(column))


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (FRAME.head(0), "the votes have no rows"),
        (FRAME.drop("period"), "no column 'period'; they have 'roll_call', 'state', 'position'"),
        (FRAME.rename({"state": "country"}), "no column 'state'"),
        (at(7, "position", pl.lit("maybe")), "the position 'maybe' in row 7 is not known. Write yes"),
        (at(3, "position", pl.lit(None)), "position is empty in row 3. Write absent"),
        (at(3, "position", pl.lit("")), "position is empty in row 3"),
        (at(9, "state", pl.lit(None)), "state is empty in row 9"),
        (at(9, "state", pl.lit("")), "state is empty in row 9"),
        (at(2, "period", pl.lit(None)), "period is empty in row 2"),
        (at(1, "roll_call", pl.lit(None)), "roll_call is empty in row 1"),
        (changed(period=pl.lit(float("nan"))), "period is empty in row 1 and 119 more"),
        (changed(period=pl.lit(float("inf"))), "period is infinite"),
        (changed(position=pl.lit(-1)), "the position -1 in row 1 is not known"),
        (changed(position=pl.lit(0)), "the position 0 in row 1 is not known"),
        (changed(position=pl.lit(1.5)), "the position 1.5 in row 1 is not known"),
        (changed(position=pl.lit(float("nan"))), "position is empty in row 1"),
        (changed(position=pl.lit(True)), "the positions are of type Boolean"),
        (changed(position=pl.lit(date(2000, 1, 1))), "the positions are of type Date"),
        (changed(period=pl.lit(True)), "period is of type Boolean"),
        (changed(state=pl.lit(date(2000, 1, 1))), "state is of type Date"),
        (changed(state=pl.lit([1])), "state is of type List"),
        (changed(period=pl.lit(timedelta(1))), "period is of type Duration"),
        (pl.concat([FRAME, FRAME.head(1)]), "'S00' stands twice in roll call 'r0-00'"),
        (changed(roll_call=pl.col("roll_call").str.tail(2)), "stands twice in roll call|in period 2000"),
        (changed(state=pl.format("{} {}", "state", "period"), roll_call=pl.col("roll_call").str.tail(2)),
         "roll call '00' stands in period 2001 and in period 2000|in period 2000 and in period 2001"),
        (changed(item=pl.int_range(pl.len())), "stands in item"),
        (changed(position=pl.lit("yes")), "on every item all voted alike"),
        (changed(position=pl.lit("absent")), "no vote is left"),
        (changed(position=pl.lit("not_member")), "no row of the votes is of a member"),
        (FRAME.filter(pl.col("state") == "S01"), "on every item all voted alike"),
        (None, "votes are a polars, pandas or Arrow frame, not NoneType"),
        ("votes.csv", "votes are a polars, pandas or Arrow frame, not str"),
        ({"roll_call": [1], "state": [1, 2], "period": [1], "position": [1]}, "cannot be read as a frame"),
    ],
)  # fmt: skip
def test_votes_that_cannot_be_read_are_refused(frame, said):
    assert any(each in refused(frame) for each in said.split("|"))


def test_votes_of_one_state_on_shared_texts_are_of_one_state_only():
    frame = pl.DataFrame(
        {
            "roll_call": ["a", "b"],
            "state": ["X", "X"],
            "period": [1, 2],
            "position": ["yes", "no"],
            "item": ["t", "t"],
        }
    )
    assert "the votes are of one state only" in refused(frame)


def test_periods_without_a_bridge_are_refused_and_a_bridge_is_enough():
    apart = changed(state=pl.format("{} {}", "state", "period"))
    line = refused(apart)
    assert "the period 2000 shares neither a state nor an item" in line
    assert "2000" in line or "2001" in line
    one = pl.when(pl.col("state") == "S00").then("state").otherwise(apart["state"])
    assert mp.scale(FRAME.with_columns(state=one)).converged


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"response": "trinary"}, "no response; there are ordinal, binary"),
        ({"dynamics": "wild"}, "no dynamics; there are mean-reverting"),
        ({"absence": "yes"}, "no absence"),
        ({"level": 1}, "level is 1, not between 0 and 1"),
        ({"level": float("nan")}, "level is nan"),
        ({"level": "high"}, "level is 'high'"),
        ({"lopsided": 0.5}, "lopsided is 0.5"),
        ({"lopsided": -0.1}, "lopsided is -0.1"),
        ({"lopsided": 0.49}, "no item divides as evenly as lopsided=0.49 asks"),
        ({"steps": 0}, "steps is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"polarity": "S01"}, "polarity names two states"),
        ({"polarity": ("S01",)}, "polarity names two states"),
        ({"polarity": ("S01", "S01")}, "polarity names two states"),
        ({"polarity": ("S01", "S9")}, "'S9' is no state of these votes"),
        ({"anchors": {"S01": 1.0}}, "anchors are two states"),
        ({"anchors": {"S01": 1.0, "S02": 1.0}}, "two different numbers"),
        ({"anchors": {"S01": 1.0, "S02": float("nan")}}, "two different numbers"),
        ({"anchors": ["S01"]}, "anchors are two states"),
        ({"anchors": {"S01": 1.0, "S02": 2.0}, "polarity": ("S01", "S02")}, "leave polarity away"),
        ({"priors": {"luck": 1.0}}, "there is no prior 'luck'"),
        ({"priors": {"step": -1.0}}, "step is -1.0, not above 0"),
        ({"priors": {"step": "big"}}, "the prior step is 'big'"),
        ({"response": "binary", "absence": "abstain"}, "leaves abstentions out"),
        ({"body": "unga"}, "votes of a frame take no body"),
        ({"first": 1990}, "votes of a frame take no body"),
        ({"first": 0}, "0 is not a year"),
    ],
)
def test_choices_that_cannot_be_meant_are_refused(choices, said):
    frame = FRAME
    if choices.get("lopsided") == 0.49:
        frame = FRAME.filter(pl.col("roll_call") == "r0-00").with_columns(
            position=pl.when(pl.col("state") == "S00").then(pl.lit("yes")).otherwise(pl.lit("no"))
        )
    assert said in refused(frame, **choices)


@pytest.mark.parametrize("kind", ["positions", "labels", "late", "repeated", "periods"])
def test_ten_million_rows_of_rubbish_are_refused_at_once(kind):
    rng = np.random.default_rng(0)
    n = 10_000_000
    number = rng.integers(0, 1 << 40, n)
    good = pl.Series(np.ones(n, dtype=np.int8))
    position = good if kind != "positions" else pl.Series(rng.random(n))
    if kind == "late":
        position = good.scatter(n - 1, 7)
    if kind == "repeated":
        number = number % 1000
    frame = pl.DataFrame(
        {
            "roll_call": number if kind != "periods" else np.arange(n) // 1000,
            "state": number[::-1] if kind != "periods" else np.arange(n) % 1000,
            "period": rng.random(n),
            "position": position,
        }
    )
    begin = time.perf_counter()
    line = refused(frame)
    assert time.perf_counter() - begin < 15
    said = {
        "positions": "in row 1 is not known",
        "labels": "different roll_call labels: fewer than two votes in each",
        "late": "the position 7 in row 10,000,000 is not known",
        "repeated": "stands twice in roll call",
        "periods": "10,000 roll calls stand in",
    }
    assert said[kind] in line


def test_two_ideal_points_say_that_they_are_the_scale():
    votes = pl.DataFrame(
        {
            "roll_call": ["1", "1", "2", "2"],
            "state": ["A", "B", "A", "B"],
            "period": [1, 1, 1, 1],
            "position": ["yes", "no", "no", "yes"],
        }
    )
    made = mp.scale(votes)
    assert sorted(made.points["estimate"]) == pytest.approx([-1, 1])
    assert any("fix the scale by themselves" in en for en, _ in made.notes)
