"""The reviewed corrections: applied last, only where the source prints what they expect, and listed."""

from __future__ import annotations

import polars as pl
import pytest

import multipolar as mp
from multipolar.record.bulk import BY_NAME
from multipolar.sources import MODULES, corrections
from multipolar.sources.corrections import Correction


@pytest.fixture
def one(monkeypatch):
    """Put one correction of a made file in the place of the reviewed table."""

    def put(printed: str) -> None:
        row = Correction(
            *("unga", "positions", "unga:A/RES/74/1|KEN", "position", printed, "yes"),
            *("The record of the meeting says so.", "https://example.org"),
        )
        monkeypatch.setattr(corrections, "corrections", lambda: (row,))

    return put


def pull(tmp_path, text):
    path = tmp_path / "ga.csv"
    path.write_text(text, encoding="utf-8")
    told = mp.pull("unga", path, store=tmp_path / "store")
    rows = mp.open(tmp_path / "store").table("positions", "unga")
    return told, dict(
        rows.filter(roll_call_id="unga:A/RES/74/1")["state_id", "position"].iter_rows()
    )


def test_a_correction_is_applied_and_listed(one, tmp_path):
    from made_files import GA

    one("no")
    told, found = pull(tmp_path, GA)
    assert found["KEN"] == "yes"
    assert [c["reason"] for c in told["corrections"]] == ["The record of the meeting says so."]


def test_a_correction_is_left_where_the_source_prints_something_else_now(one, tmp_path):
    from made_files import GA

    one("abstain")
    told, found = pull(tmp_path, GA)
    assert found["KEN"] == "no"
    assert told["corrections"] == []


def test_every_correction_has_a_reason_a_link_and_a_place():
    for row in corrections.corrections():
        assert row.dataset in MODULES
        table = BY_NAME[row.table]
        assert row.column in {c.name for c in table.frame_columns}
        assert len(row.key.split("|")) == len(table.key)
        assert row.printed != row.corrected
        assert row.reason.endswith(".")
        assert row.link.startswith("https://")


def test_the_treaty_with_the_german_democratic_republic_names_it(parsed):
    tables = parsed("desta", "trade")[1]
    members = tables["agreement_members"].filter(pl.col("agreement_id") == "desta-446")
    assert set(members["state_id"]) == {"FIN", "DDR"}
