"""Seats without a vote: the rows, the days they cover, and the cells of a matrix that they mark."""

from __future__ import annotations

import csv
import importlib
import re
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from multipolar.record import tables
from multipolar.record.store import ALMANAC
from multipolar.record.votes import WITHOUT_VOTE, Votes, limited

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def rows(record):
    return record.rows("seat_limits")


@pytest.fixture(scope="module")
def build():
    sys.path.insert(0, str(ROOT / "tools/almanac"))
    try:
        common = importlib.import_module("common")
        converter = importlib.import_module("convert_seats")
    finally:
        sys.path.pop(0)
    made = common.Build.__new__(common.Build)  # the facts are decisions; no base of facts is read
    made.rows, made.ledger, made.seen, made.sources = defaultdict(list), {}, {}, {}
    converter.convert(made)
    return made


# --- rows -----------------------------------------------------------------------------------------


def test_every_row_has_both_languages_and_an_end_text_only_with_an_end(rows):
    assert rows
    for row in rows:
        assert re.search(r"[一-鿿]", row["text_zh"])
        assert not re.search(r"[一-鿿]", row["text_en"])
        assert (row["end"] is None) == (row["end_precision"] is None)
        assert (row["end"] is not None) == bool(row["end_text_en"]) == bool(row["end_text_zh"])


def test_chinese_texts_use_full_width_punctuation(rows):
    for row in rows:
        for name in ("text_zh", "end_text_zh"):
            assert not re.search(r"[一-鿿][,;:()]|[,;:()][一-鿿]", row[name] or ""), row


def test_a_text_tells_nothing_later_than_the_first_day_of_its_spell(rows):
    for row in rows:
        years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", row["text_en"])]
        assert all(year <= row["start"].year for year in years), row


def test_a_state_exists_in_its_spell_or_the_note_says_whose_name_the_seat_kept(record, rows):
    for row in rows:
        state = record.keyed("states")[row["state_id"]]
        assert state["start"] is None or state["start"] <= row["start"]
        if state["end"] is not None and state["end"] <= row["start"]:
            assert row["note"].startswith("Roll calls list the seat as ")


def test_spells_of_one_seat_do_not_overlap(rows):
    by_seat = {}
    for row in sorted(rows, key=lambda r: r["start"]):
        before = by_seat.get((row["body_id"], row["state_id"]))
        assert before is None or (before["end"] is not None and before["end"] <= row["start"]), row
        by_seat[row["body_id"], row["state_id"]] = row


def test_a_spell_that_lasts_was_seen_in_a_source_after_its_first_day(rows):
    lasting = [row for row in rows if row["end"] is None]
    assert {row["kind"] for row in lasting} == {"arrears"}
    for row in lasting:
        assert row["as_of"] > row["start"].isoformat()
        assert len(row["source_id"]) > 1


@pytest.mark.parametrize(
    ("state", "kind", "start", "end"),
    [
        # Ruling of the President (7 Cal. W. Int'l L.J. 615); Chicago Tribune, 24 June 1994.
        ("ZAF", "barred", "1974-11-12", "1994-06-23"),
        # A/47/485; UNIS/GA/1724. The seat still voted on resolution 47/1, on 22 September 1992.
        ("YUG", "barred", "1992-09-23", "2000-11-01"),
        # Resolution 2758 (XXVI).
        ("CHN", "credentials", "1945-10-24", "1971-10-25"),
        ("IDN", "withdrawn", "1965-01-20", "1966-09-28"),
        ("EGY", "merged", "1958-02-22", "1961-10-13"),
        ("SYR", "merged", "1958-02-22", "1961-10-13"),
        # Phnom Penh Post, 26 September 1997; Xinhua, 7 December 1998.
        ("KHM", "vacant", "1997-09-19", "1998-12-07"),
        # teleSUR and AP, 11 June 2021.
        ("IRN", "arrears", "2021-01-13", "2021-06-11"),
        # Al Arabiya, 14 January 2020; Gulf News.
        ("LBN", "arrears", "2020-01-10", "2020-01-13"),
    ],
)
def test_spells_that_sources_tell_are_there(record, state, kind, start, end):
    row = record.keyed("seat_limits")[f"unga|{state}|{start}|{kind}"]
    assert row["end"] == date.fromisoformat(end)


def test_the_table_is_said_to_be_partial(record):
    said = {r["coverage"] for r in record.rows("coverage") if r["table"] == "seat_limits"}
    assert said == {"partial"}


# --- how they were made -----------------------------------------------------------------------------


def test_every_row_of_the_decisions_ships_or_says_why_not(build):
    assert build.unaccounted() == []
    for fact in build.seen["seat_limits"]:
        what, why = build.ledger["seat_limits", fact.line]
        assert (what == "left out") == bool(fact["left_out"])
        assert what in ("kept", "left out") or why
    assert len(build.rows["seat_limits"]) + sum(
        what == "left out" for what, _ in build.ledger.values()
    ) == len(build.seen["seat_limits"])


def test_running_the_converter_again_changes_nothing(build):
    table = tables.BY_NAME["seat_limits"]
    made = sorted(build.rows["seat_limits"], key=lambda r: tuple(r[k] for k in table.key))
    with open(ALMANAC / "seat_limits.csv", encoding="utf-8", newline="") as handle:
        assert list(csv.DictReader(handle)) == made
    with open(ALMANAC / "sources.csv", encoding="utf-8", newline="") as handle:
        known = {row["source_id"]: row["url"] for row in csv.DictReader(handle)}
    assert {key: known.get(key) for key in build.sources} == {
        key: row["url"] for key, row in build.sources.items()
    }


# --- cells ------------------------------------------------------------------------------------------

DAYS = [date(2000, 1, 1), date(2000, 6, 1), date(2000, 12, 31), date(2001, 1, 1), date(2030, 1, 1)]


def votes_of(*states):
    calls = pl.DataFrame({"roll_call_id": [f"b:{n}" for n in range(len(DAYS))], "date": DAYS})
    return Votes("b", "x", None, calls, states, np.full((len(states), len(DAYS)), 3, dtype=np.int8))


def spells(*given):
    schema = {"state_id": pl.String, "start": pl.Date, "end": pl.Date, "kind": pl.String}
    return pl.DataFrame(given, schema=schema, orient="row")


@pytest.mark.parametrize("kind", WITHOUT_VOTE)
def test_a_cell_is_limited_from_the_first_day_and_no_longer_on_the_end(kind):
    found = votes_of("AAA", "BBB").limited(
        spells(("AAA", date(2000, 6, 1), date(2001, 1, 1), kind))
    )
    assert found.dtype == np.bool_
    assert found.tolist() == [[False, True, True, False, False], [False] * 5]


def test_a_spell_that_lasts_limits_every_later_cell():
    found = votes_of("AAA").limited(spells(("AAA", date(2000, 12, 31), None, "arrears")))
    assert found.tolist() == [[False, False, True, True, True]]


def test_two_spells_of_a_seat_limit_the_cells_of_both():
    given = spells(
        ("AAA", date(2000, 1, 1), date(2000, 1, 2), "arrears"),
        ("AAA", date(2001, 1, 1), date(2001, 1, 2), "barred"),
    )
    assert votes_of("AAA").limited(given).tolist() == [[True, False, False, True, False]]


def test_votes_cast_by_another_government_and_seats_without_rows_are_no_limit():
    given = spells(
        ("AAA", date(1990, 1, 1), None, "credentials"), ("CCC", date(1990, 1, 1), None, "arrears")
    )
    assert not votes_of("AAA", "BBB").limited(given).any()


def test_no_spells_limit_no_cell():
    assert not votes_of("AAA").limited(spells()).any()


def test_the_limits_of_a_body_are_those_of_its_rows(record, rows):
    found = limited(record, "unga")
    assert found.columns == ["state_id", "start", "end", "kind"]
    assert found.height == len([row for row in rows if row["body_id"] == "unga"])
    assert ("ZAF", date(1974, 11, 12), date(1994, 6, 23), "barred") in found.rows()
    assert limited(record, "upr").is_empty()


def test_every_kind_of_the_table_either_takes_the_vote_or_changes_the_holder():
    kinds = next(c for c in tables.SeatLimits.columns if c.name == "kind").allowed
    assert set(kinds) == {*WITHOUT_VOTE, "credentials"}
