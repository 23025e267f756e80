"""Commitments of the Group of Twenty and their scores."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from folders import read_folder

from multipolar.errors import BadSource

HEAD = "area,id,year,code,text,average,france,korea,saudi,safrica,uk,us,eu\n"
SUMMITS = "year,code,summit.date,host\n"


def commitment(
    id_="2014-7", year="2014", code="", scores="1,0,-1,,1,1,1", average="0.5", area="Trade"
):
    return f"{area},{id_},{year},{code},We will trade.,{average},{scores}\n"


# --- the published files ------------------------------------------------------------------------


def test_397_commitments_have_scores_of_20_members(parsed):
    told, tables = parsed("g20", "g20")
    assert tables["outcomes"].height == 397
    assert tables["compliance"]["state_id"].n_unique() == 20
    assert tables["compliance"].height == 397 * 20 - 195 - 3 == 7742
    assert told.rows_read == 397 + 17 + 24 + 320 + 195
    assert told.rows_kept == 397 + 15


def test_scores_are_those_of_the_table_the_typographic_minus_included(parsed):
    _, tables = parsed("g20", "g20/compliance.csv")
    counts = {
        state: dict(rows["score"].value_counts().rows())
        for (state,), rows in tables["compliance"].group_by("state_id")
    }
    assert counts["BRA"] == {1.0: 192, 0.0: 130, -1.0: 61 + 3}
    assert counts["RUS"] == {1.0: 163, 0.0: 146, -1.0: 79 + 1}
    assert counts["EU"] == {1.0: 293, 0.0: 73, -1.0: 17}
    assert counts["ARG"] == {1.0: 170, 0.0: 141, -1.0: 74}


def test_a_sign_without_a_number_is_no_score_and_is_noted(parsed):
    told, tables = parsed("g20", "g20")
    scored = set(tables["compliance"].select("outcome_id", "state_id").rows())
    left_out = {("g20:2017-453", "DEU"), ("g20:2019-104", "BRA"), ("g20:2016-163", "ARG")}
    assert not left_out & scored
    assert any("germany for g20:2017-453 ('-')" in note for note in told.notes)


def test_each_commitment_belongs_to_a_summit_of_the_almanac(parsed, record):
    _, tables = parsed("g20", "g20")
    ours = record.keyed("sessions")
    sessions = dict(tables["outcomes"]["session_id"].value_counts().rows())
    assert set(sessions) <= set(ours)
    assert (sessions["g20-2009-1"], sessions["g20-2009-2"]) == (10, 17)
    assert (sessions["g20-2010-1"], sessions["g20-2010-2"]) == (16, 42)
    for row in tables["sessions"].iter_rows(named=True):
        known = ours[row["session_id"]]
        if row["date_precision"] == "day":
            assert row["start"] == known["start"], row
            assert row["host"] == known["host"], row


def test_days_that_are_wrong_in_the_source_are_not_used(parsed):
    told, tables = parsed("g20", "g20")
    rows = {row["session_id"]: row for row in tables["sessions"].iter_rows(named=True)}
    assert "g20-2022" not in rows
    assert (rows["g20-2009-2"]["start"], rows["g20-2009-2"]["date_precision"]) == (
        date(2009, 1, 1),
        "year",
    )
    wrong = [reason for reason in told.dropped if "wrong in the source" in reason]
    assert len(wrong) == 2
    assert any("New Delhi" in reason for reason in wrong)


def test_an_outcome_has_the_day_of_its_summit(parsed):
    _, tables = parsed("g20", "g20")
    rows = tables["outcomes"]
    columns = ["date", "date_precision", "mode", "body_id"]
    hangzhou = rows.filter(session_id="g20-2016").select(columns).unique().rows()
    assert hangzhou == [(date(2016, 9, 4), "day", "consensus", "g20")]
    pittsburgh = rows.filter(session_id="g20-2009-2").select(columns).unique().rows()
    assert pittsburgh == [(date(2009, 1, 1), "year", "consensus", "g20")]


def test_one_id_for_two_commitments_is_told_apart_by_area(parsed):
    _, tables = parsed("g20", "g20")
    ids = tables["outcomes"]["outcome_id"]
    assert ids.n_unique() == 397
    assert sorted(i for i in ids if i.count(":") > 1) == [
        "g20:2018-47:health",
        "g20:2018-47:infrastructure",
    ]


def test_ids_are_free_of_blanks_stops_and_references_to_cells(parsed):
    _, tables = parsed("g20", "g20")
    ids = set(tables["outcomes"]["outcome_id"])
    assert {"g20:2014-7", "g20:2013-61", "g20:2015-37-45", "g20:2009P-13&68"} <= ids
    assert not any(i.endswith((".", "?", " ")) or "+" in i for i in ids)


def test_an_average_that_is_not_that_of_the_scores_is_noted(parsed):
    told, _ = parsed("g20", "g20")
    (note,) = (note for note in told.notes if note.startswith("Printed averages"))
    assert "not those of the scores: 22, as g20:2014-15" in note


def test_the_table_of_scores_is_enough(parsed):
    told, tables = parsed("g20", "g20/compliance.csv")
    assert told.rows_kept == 397
    assert set(tables["outcomes"]["date_precision"]) == {"year"}
    assert tables["sessions"].height == 16


def test_summits_alone_are_sessions(parsed):
    _, tables = parsed("g20", "g20/summit_dates.csv")
    assert tables["sessions"].height == 15
    assert set(tables) == {"sessions"}


def test_other_tables_alone_say_nothing_that_could_be_kept(parsed):
    with pytest.raises(BadSource, match="neither commitments nor days of summits"):
        parsed("g20", "g20/org_membership.csv")


# --- forms and faults ---------------------------------------------------------------------------


def test_an_empty_cell_is_not_scored_and_a_zero_is(made):
    _, tables = made("g20", "x.csv", HEAD + commitment())
    assert tables["compliance"].select("state_id", "score").rows() == [
        ("FRA", 1.0),
        ("KOR", 0.0),
        ("SAU", -1.0),
        ("GBR", 1.0),
        ("USA", 1.0),
        ("EU", 1.0),
    ]


def test_a_later_summit_with_a_right_day_is_used(record, tmp_path):
    files = {
        "a.csv": HEAD + commitment("2022-3", "2022"),
        "b.csv": SUMMITS + "2022,,2022-11-15,indonesia\n",
    }
    _, tables = read_folder(record, tmp_path, "g20", files)
    assert tables["sessions"].select("session_id", "start", "host").rows() == [
        ("g20-2022", date(2022, 11, 15), "IDN")
    ]
    assert tables["outcomes"]["date"].to_list() == [date(2022, 11, 15)]


def test_more_scored_than_counted_is_noted(record, tmp_path):
    files = {
        "a.csv": HEAD + commitment(),
        "b.csv": "area,total,2014,2015\nTrade,0,0,\nHealth,9,4,5\nGender,8,4,5\n",
    }
    told, _ = read_folder(record, tmp_path, "g20", files)
    assert (
        "More commitments are scored than counted: Trade in g20-2014 (1 scored of 0)." in told.notes
    )
    assert "The numbers by summit do not add up to the total for Gender." in told.notes


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            HEAD + commitment(scores="2,0,1,1,1,1,1"),
            r"row 2: score '2' of 'france' is not -1, 0 or 1",
        ),
        (HEAD + commitment(code="L"), r"row 2: code 'L' is no summit of 2014"),
        (HEAD + commitment("2010-3", "2010"), r"row 2: code '' is no summit of 2010"),
        (HEAD + commitment("2013-3"), r"row 2: id '2013-3' is not of 2014"),
        (HEAD + commitment("2010S-3", "2010", "T"), r"row 2: id '2010S-3' is not of 2010T"),
        (HEAD + commitment() + commitment(), r"row 3: the commitment '2014-7' stands twice"),
        (HEAD + commitment(average="high"), r"row 2: average 'high' is not a number"),
        (HEAD + commitment(area=""), r"row 2: the commitment '2014-7' has no text or area"),
        (HEAD + commitment()[:-5], r"row 2: 11 cells, 13 expected"),
        (HEAD.replace("eu", "ruritania") + commitment(), r"by the label 'ruritania'"),
        (HEAD.replace("text,", "") + commitment(), r"column 'text' is missing"),
        (HEAD.replace("uk", "us") + commitment(), r"column 'us' stands twice"),
    ],
)
def test_a_table_of_scores_that_is_not_as_known_is_refused(made, content, message):
    with pytest.raises(BadSource, match=message):
        made("g20", "x.csv", content)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("2016,,2017-09-04,china", r"row 2: '2017-09-04' is no day of 2016"),
        ("2016,,4/9/2016,china", r"row 2: '4/9/2016' is not a date"),
        (
            "2016,,2016-09-04,china\n2016,,2016-09-05,china",
            r"row 3: the summit g20-2016 stands twice",
        ),
        (
            "2010,T,2010-06-26,canada\n2010,S,2010-06-26,korea",
            r"row 3: two summits on 2010-06-26",
        ),
        ("2016,,2016-09-04,ruritania", r"no state is known by the label 'ruritania'"),
    ],
)
def test_a_table_of_summits_that_is_not_as_known_is_refused(made, row, message):
    with pytest.raises(BadSource, match=message):
        made("g20", "x.csv", SUMMITS + row + "\n")


def test_members_of_groups_are_names_of_the_registry(record, tmp_path):
    files = {
        "a.csv": HEAD + commitment(),
        "b.csv": "country,year,p5,g7,brics,oecd,imf_economy\nruritania,2014,no,no,no,no,advanced\n",
    }
    with pytest.raises(BadSource, match="'ruritania' is no member"):
        read_folder(record, tmp_path, "g20", files)


def test_no_score_lies_outside_minus_one_to_one(parsed):
    _, tables = parsed("g20", "g20")
    assert set(tables["compliance"].select(pl.col("score").unique())["score"]) == {-1.0, 0.0, 1.0}
