"""Pulled datasets as the record reads them: whole, damaged, merged with the almanac."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import polars as pl
import pytest

import multipolar as mp
from multipolar.errors import BadInput
from multipolar.record.library import Library
from multipolar.record.votes import POSITIONS, votes


def part(store, dataset, name):
    told = json.loads((store / "datasets" / dataset / "current.json").read_text())
    return store / "datasets" / dataset / told["version"] / name


def test_the_record_reads_what_was_pulled(pulled):
    record = mp.open(pulled)
    assert record.damaged == {}
    assert sorted(record.library.editions) == ["paris", "unga"]
    rows = record.table("positions", "unga")
    assert rows.height == 12
    assert set(rows["source_id"]) == {"unga@2021-11-03"}
    assert set(rows["confidence"]) == {"published"}


def test_a_pulled_edition_is_a_source_with_address_and_day(pulled):
    record = mp.open(pulled)
    row = record.keyed("sources")["unga@2021-11-03"]
    assert row["url"] == "https://digitallibrary.un.org/record/4060887"
    assert row["retrieved"] == date.today().isoformat()


def test_pulling_does_not_move_the_day_of_the_record(pulled, record):
    assert mp.open(pulled).date == record.date


def test_almanac_and_datasets_stand_in_one_table(pulled, record):
    both = mp.open(pulled).table("positions")
    assert both.height == len(record.rows("positions")) + 12
    assert mp.open(pulled).table("positions", "almanac").height == len(record.rows("positions"))


def test_a_dataset_s_row_stands_for_the_almanac_s_of_the_same_key(pulled, record):
    paris = {r["state_id"] for r in record.rows("memberships") if r["body_id"] == "paris-agreement"}
    merged = mp.open(pulled).table("memberships").filter(pl.col("body_id") == "paris-agreement")
    key = merged.select("state_id", "start", "status")
    assert key.n_unique() == key.height
    assert set(merged["state_id"]) >= paris | {"FJI", "PER"}


def test_a_store_without_datasets_has_none(tmp_path):
    assert Library(tmp_path).editions == {}
    assert Library(None).editions == {}


@pytest.mark.parametrize(
    ("name", "break_it", "said"),
    [
        ("positions.parquet", lambda p: p.unlink(), "cannot be read: No such file"),
        (
            "positions.parquet",
            lambda p: p.write_bytes(p.read_bytes()[:-10]),
            "bytes, its manifest says",
        ),
        ("manifest.json", lambda p: p.write_text("{"), "manifest.json does not have the hash"),
        ("manifest.json", lambda p: p.unlink(), "manifest.json cannot be read"),
        ("../current.json", lambda p: p.write_text("[]"), "current.json cannot be read"),
    ],
)
def test_a_damaged_file_is_named_and_the_rest_works(pulled, name, break_it, said):
    break_it(part(pulled, "unga", name))
    record = mp.open(pulled)
    assert said in record.damaged["unga"]
    assert record.table("positions").filter(pl.col("confidence") == "published").is_empty()
    assert record.table("memberships", "paris").height == 2
    assert mp.report(record, "Fiji").profile.findings


def test_a_flipped_bit_is_found_when_the_file_is_first_read(pulled):
    path = part(pulled, "unga", "positions.parquet")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    record = mp.open(pulled)
    assert record.damaged == {}
    assert record.table("positions", "unga").is_empty()
    assert "does not have the hash of its manifest" in record.damaged["unga"]


def test_votes_are_a_matrix_of_states_and_roll_calls(pulled):
    found = votes(mp.open(pulled), "unga")
    assert (found.dataset, found.source_id) == ("unga", "unga@2021-11-03")
    assert found.states == ("FJI", "KEN", "PER", "TON")
    words = [[POSITIONS[c] for c in row] for row in found.matrix]
    assert words == [
        ["yes", "no", "yes"],
        ["abstain", "yes", "yes"],
        ["abstain", "yes", "absent"],
        ["yes", "no", "yes"],
    ]
    assert found.years.tolist() == [2019, 2020, 2021]


def test_votes_of_a_period_and_of_some_states(pulled):
    found = votes(mp.open(pulled), "unga", date(2020, 1, 1), date(2020, 12, 31), states=["KEN"])
    assert (found.states, found.matrix.tolist()) == (("KEN",), [[0]])


def test_a_state_without_a_row_is_not_an_absent_one(pulled):
    found = votes(mp.open(pulled), "unga", states=["FJI", "FRA"])
    assert found.states == ("FJI",)
    assert (found.matrix >= 0).all()


def test_without_datasets_the_headline_votes_of_the_almanac_are_read(record):
    found = votes(record, "unga")
    assert found.dataset == "almanac"
    assert found.source_id is None
    assert found.roll_calls.height > 5
    assert np.isin(found.matrix, range(-1, 6)).all()


def test_a_dataset_that_is_not_pulled_is_said(record):
    with pytest.raises(BadInput, match="the dataset 'unvotes' is not pulled"):
        votes(record, "unga", dataset="unvotes")
