"""Spells without a vote against the roll calls: nobody votes from a seat that cannot."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from multipolar.record.votes import POSITIONS, WITHOUT_VOTE, Votes, limited

FILE = "votes/undl_layout_ga_voting_1946_2023.csv.gz"
CAST = ("yes", "no", "abstain")


@pytest.fixture(scope="module")
def cells(parsed):
    found = parsed("unga", FILE)[1]
    calls = found["roll_calls"].select("roll_call_id", "date")
    return (
        found["positions"]
        .select("roll_call_id", "state_id", "position")
        .join(calls, on="roll_call_id")
    )


def inside(cells, row):
    rows = cells.filter(pl.col("state_id") == row["state_id"], pl.col("date") >= row["start"])
    return rows if row["end"] is None else rows.filter(pl.col("date") < row["end"])


@pytest.mark.parametrize(
    ("state", "least"), [("ZAF", 2_000), ("YUG", 500), ("IRQ", 150), ("KHM", 100)]
)
def test_every_row_of_a_seat_in_its_spell_is_an_absence(cells, record, state, least):
    (row,) = [r for r in record.rows("seat_limits") if r["state_id"] == state]
    found = inside(cells, row)
    assert found.height > least
    assert set(found["position"]) == {"absent"}


def test_no_vote_is_cast_from_any_seat_in_a_spell_without_a_vote(cells, record):
    for row in record.rows("seat_limits"):
        if row["kind"] in WITHOUT_VOTE:
            cast = inside(cells, row).filter(pl.col("position").is_in(CAST))
            assert cast.is_empty(), (row["state_id"], row["start"], cast["date"].to_list()[:3])


def test_the_seat_voted_on_the_resolution_that_barred_it(cells):
    last = cells.filter(pl.col("state_id") == "YUG", pl.col("position").is_in(CAST))["date"].max()
    assert last == date(1992, 9, 22)


def test_under_credentials_votes_were_cast(cells, record):
    (row,) = [r for r in record.rows("seat_limits") if r["kind"] == "credentials"]
    assert inside(cells, row).filter(pl.col("position").is_in(CAST)).height > 400


def test_merged_and_withdrawn_seats_have_no_rows_in_their_spells(cells, record):
    for row in record.rows("seat_limits"):
        if row["kind"] in ("merged", "withdrawn"):
            assert inside(cells, row).is_empty()


def test_limited_cells_of_the_matrix_hold_no_vote(cells, record):
    calls = cells.select("roll_call_id", "date").unique().sort("date", "roll_call_id")
    states = tuple(cells["state_id"].unique().sort())
    code = {word: n for n, word in enumerate(POSITIONS)}
    at = cells.join(calls.with_row_index("at"), on="roll_call_id")
    matrix = np.full((len(states), calls.height), -1, dtype=np.int8)
    place = {state: n for n, state in enumerate(states)}
    matrix[[place[s] for s in at["state_id"]], at["at"].to_numpy()] = [
        code[p] for p in at["position"]
    ]
    found = Votes("unga", "unga", None, calls, states, matrix).limited(limited(record, "unga"))
    assert found.sum() > 3_000
    assert set(np.unique(matrix[found]).tolist()) <= {-1, code["absent"]}
