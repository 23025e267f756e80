"""Verification, comparison of two sources, and what a new edition changed."""

from __future__ import annotations

import json

import polars as pl
import pytest

import made_files
import multipolar as mp
from multipolar.errors import BadInput, StoreFault
from multipolar.sources.compare import canonical


def test_what_is_whole_is_said_to_be_whole(pulled):
    found = mp.check(mp.open(pulled))
    assert found["damaged"] == []
    assert {d["dataset"]: d["status"] for d in found["datasets"]} == {
        "paris": "whole",
        "unga": "whole",
    }
    assert "unsc" in found["not_pulled"]
    unga = next(d for d in found["datasets"] if d["dataset"] == "unga")
    assert (unga["rows_read"], unga["rows_kept"], unga["totals"]) == (12, 12, {"agree": 3})
    assert unga["defects"]


def test_check_exits_with_3_and_names_the_damaged_file(here, pulled, one_line):
    told = json.loads((pulled / "datasets/unga/current.json").read_text())
    path = pulled / "datasets/unga" / told["version"] / "roll_calls.parquet"
    path.write_bytes(path.read_bytes()[:100])
    result = here("data", "check", "--store", str(pulled))
    line = one_line(result, 3)
    assert "damaged: unga" in line
    assert "roll_calls.parquet" in line
    assert b"paris: whole" in result.out


def test_a_row_that_was_changed_behind_the_hash_is_found_by_its_references(pulled):
    import hashlib

    directory = pulled / "datasets/unga"
    directory /= json.loads((directory / "current.json").read_text())["version"]
    frame = pl.read_parquet(directory / "positions.parquet")
    frame = frame.with_columns(pl.lit("unga:nowhere").alias("roll_call_id"))
    frame.write_parquet(directory / "positions.parquet")
    data = (directory / "positions.parquet").read_bytes()
    manifest = json.loads((directory / "manifest.json").read_text())
    manifest["tables"]["positions"] |= {
        "sha256": hashlib.sha256(data).hexdigest(),
        "bytes": len(data),
    }
    (directory / "manifest.json").write_text(json.dumps(manifest))
    pointer = pulled / "datasets/unga/current.json"
    told = json.loads(pointer.read_text())
    told["manifest"] = hashlib.sha256((directory / "manifest.json").read_bytes()).hexdigest()
    pointer.write_text(json.dumps(told))
    problems = next(
        d["problems"] for d in mp.check(mp.open(pulled))["datasets"] if d["dataset"] == "unga"
    )
    assert problems == ["positions.roll_call_id: 'unga:nowhere' is not in roll_calls"]


def test_an_edition_is_compared_with_the_one_before(pulled):
    found = mp.diff(mp.open(pulled), "unga")
    assert (found["old"], found["new"]) == ("2020-11-02", "2021-11-03")
    tables = {t["table"]: t for t in found["tables"]}
    calls = tables["roll_calls"]
    assert (calls["added"], calls["removed"], calls["changed"], calls["same"]) == (1, 1, 1, 1)
    positions = tables["positions"]
    assert (positions["added"], positions["removed"], positions["changed"]) == (4, 4, 1)
    changed = next(e for e in positions["examples"] if e["change"] == "changed")
    assert changed == {
        "change": "changed",
        "roll_call_id": "unga:A/RES/74/1",
        "state_id": "KEN",
        "values": {"position": ["no", "abstain"], "printed": ["N", "A"]},
    }


def test_a_file_that_is_not_pulled_yet_can_be_compared(pulled, tmp_path):
    path = tmp_path / "newer.csv"
    path.write_text(made_files.PARIS_NEWER, encoding="utf-8")
    found = mp.diff(mp.open(pulled), "paris", path)
    assert [(t["table"], t["added"], t["removed"]) for t in found["tables"]] == [
        ("memberships", 1, 0)
    ]
    assert mp.open(pulled).table("memberships", "paris").height == 2


def test_one_edition_alone_cannot_be_compared(pulled):
    with pytest.raises(BadInput, match="holds one edition of paris"):
        mp.diff(mp.open(pulled), "paris")


def test_a_dataset_that_is_not_pulled_cannot_be_compared(pulled):
    with pytest.raises(BadInput, match="igo is not pulled"):
        mp.diff(mp.open(pulled), "igo")


def test_a_damaged_edition_is_not_compared(pulled):
    directory = pulled / "datasets/unga"
    told = json.loads((directory / "current.json").read_text())
    (directory / told["before"] / "positions.parquet").write_bytes(b"PAR1")
    with pytest.raises(StoreFault, match=r"positions\.parquet"):
        mp.diff(mp.open(pulled), "unga")


def test_spellings_of_one_symbol_are_equal():
    texts = pl.Series(["A/RES/34/90C", "A/RES/34/90[C]", "a/res/34/90 c"])
    assert pl.select(canonical(pl.lit(texts))).to_series().n_unique() == 1


def test_a_smaller_edition_is_said(pulled, tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(made_files.written(made_files.ga_rows(9, "2022-10-03", {"FJI": "Y"})))
    told = mp.pull("unga", path, store=pulled)
    assert "the edition before (2021-11-03) held 12 rows of positions, this one 1" in told["notes"]
