"""The Security Council's votes as the UN Digital Library publishes them."""

from __future__ import annotations

import polars as pl
import pytest

from made_files import SC_COLUMNS, ga_rows, written
from multipolar.errors import BadSource

FILE = "votes/undl_layout_sc_voting_1946_2023.csv.gz"


def sc_rows(number, day, votes, **own):
    more = {"permanent_member": "False", "description": f"Resolution {number}", **own}
    return [{**row, **more} for row in ga_rows(number, day, votes, f"S/RES/{number}(2019)")]


def test_every_row_of_the_file_is_kept(parsed):
    told, tables = parsed("unsc", FILE)
    assert (told.rows_read, told.rows_kept) == (39_939, 39_939)
    assert tables["roll_calls"].height == 2_721
    assert tables["positions"]["state_id"].null_count() == 0
    assert set(tables["roll_calls"]["totals"]) == {"agree"}


def test_a_negative_vote_of_a_permanent_member_on_an_adopted_text_is_as_printed(parsed):
    """Procedural decisions and those of 1950: no veto applied, so the file holds them."""
    positions = parsed("unsc", FILE)[1]["positions"]
    no = positions.filter(
        pl.col("position") == "no",
        pl.col("state_id").is_in(["FRA", "GBR", "USA", "CHN", "RUS", "SUN"]),
    )
    assert set(no["roll_call_id"].str.extract(r"RES/(\d+)")) == {
        *("34", "87", "88", "110", "119", "120", "132", "157", "462", "2623")
    }


def test_a_text_adopted_without_a_vote_has_no_positions(made):
    rows = [
        *sc_rows(1, "2019-10-01", {"FRA": "Y", "PER": "Y"}, modality="Vote"),
        *sc_rows(2, "2019-10-02", {"FRA": "X", "PER": "X"}, modality="Without Vote"),
    ]
    told, tables = made("unsc", "2026_02_06_sc_voting.csv", written(rows, SC_COLUMNS))
    assert (told.edition, told.rows_read, told.rows_kept) == ("2026-02-06", 4, 2)
    assert list(told.dropped.values()) == [2]
    assert tables["roll_calls"]["roll_call_id"].to_list() == ["unsc:S/RES/1(2019)"]
    assert tables["outcomes"].select("outcome_id", "mode").row(0) == (
        "unsc:S/RES/2(2019)",
        "consensus",
    )


def test_the_order_of_the_columns_does_not_matter(made):
    turned = [*SC_COLUMNS[:13], *SC_COLUMNS[14:19], "modality", "undl_link"]
    rows = sc_rows(1, "2019-10-01", {"FRA": "Y", "PER": "A"}, modality="Vote")
    assert made("unsc", "x.csv", written(rows, turned))[1]["positions"].height == 2


def test_the_file_of_the_assembly_is_not_taken_for_that_of_the_council(made):
    with pytest.raises(BadSource, match="is no file that unsc knows"):
        made("unsc", "x.csv", written(ga_rows(1, "2019-10-01", {"FJI": "Y"})))
