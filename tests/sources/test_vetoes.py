"""Vetoed drafts: the scholars' list against the almanac, the UN's own list, and what is refused."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources import load_source
from multipolar.sources.files import find_files
from multipolar.sources.pull import read

FILE = "votes/unsc_vetoes_1946_sept2022.csv"
LIST = (
    "year,date,month,draft,meeting_record,agenda_item,crisis_topic,region,member_veto1,member_veto2,"
    "member_veto3,single_veto,multiple_vetoes,China,France,Russia,USSR,USA,UK,russia_china,usa_uk,"
    "usa_france,usa_france_uk,france_uk\n"
)
OWN = (
    "id,draft_res#,date,record,agenda,short_agenda,china,france,russian_federation_ussr,"
    "united_kingdom,united_states,#_of_pms,url_for_res#,last_update\n"
)
OWN_ROWS = (
    "3,S/2024/239,2024-03-22,9584,The question of Palestine,Palestine,1,,1,,,2,,2024-04-01\n"
    "2,S/24/B,1980-01-07,2190,Kampuchea,Kampuchea,0,0,1,0,0,1,,\n"
    "1,,1980-01-07,2190,Kampuchea,Kampuchea,0,0,1,0,0,1,,\n"
)


def line(day="2/16/1946", members="USSR,,", year="1946", month="2", agenda="A question"):
    return f"{year},{day},{month},S/1,S/PV.23,{agenda},Topic,Region,{members},1,0,0,0,0,1,0,0,0,0,0,0,0\n"


@pytest.fixture(scope="module")
def whole(parsed):
    return parsed("vetoes", FILE)


@pytest.fixture(scope="module")
def vetoes(whole):
    return whole[1]["vetoes"]


# --- the scholars' list -------------------------------------------------------------------------


def test_every_draft_is_kept_once_per_table(whole, vetoes):
    told, tables = whole
    assert (told.rows_read, told.rows_kept, sum(told.dropped.values())) == (214, 214, 0)
    assert (told.edition, told.first) == ("2022-07-08", date(1946, 2, 16))
    assert tables["outcomes"].height == tables["roll_calls"].height == 214
    assert vetoes.height == tables["positions"].height == 265


def test_vetoes_are_counted_by_the_names_not_by_the_columns(whole, vetoes):
    assert dict(vetoes["state_id"].value_counts().iter_rows()) == {
        "SUN": 90,
        "USA": 82,
        "RUS": 31,
        "GBR": 29,
        "CHN": 17,
        "FRA": 16,
    }
    # the columns hold 84, 71 and 7: the list's own undercount
    assert any("France 9, USA 11, USSR 6" in note for note in whole[0].notes)


def test_the_soviet_union_and_russia_are_two_states(vetoes):
    assert vetoes.filter(state_id="SUN")["date"].max() < date(1991, 12, 24)
    assert vetoes.filter(state_id="RUS")["date"].min() == date(1993, 5, 11)


def test_each_veto_has_the_number_symbol_and_meeting_of_the_almanac(record, vetoes):
    almanac = {(r["veto_id"], r["state_id"]): r for r in record.rows("vetoes")}
    pulled = {(r["veto_id"], r["state_id"]): r for r in vetoes.iter_rows(named=True)}
    assert set(pulled) <= set(almanac)
    until = vetoes["date"].max()
    assert {key for key, row in almanac.items() if row["date"] <= until} == set(pulled)
    for key, row in pulled.items():
        for column in ("date", "symbol", "meeting", "kind"):
            assert row[column] == almanac[key][column], (key, column)


def test_a_meeting_record_in_the_place_of_a_symbol_is_no_symbol(vetoes):
    assert vetoes["symbol"].null_count() == 23
    assert not vetoes["symbol"].drop_nulls().str.contains("PV").any()
    row = vetoes.filter(veto_id="1947-09-15-2").row(0, named=True)
    assert (row["symbol"], row["meeting"]) == ("S/552", "S/PV.202")
    assert "'S/552, S/PV.202'" in row["note"]


def test_a_vetoed_draft_is_a_failed_outcome_and_a_roll_call_with_negative_votes_only(whole):
    tables = whole[1]
    outcome = tables["outcomes"].filter(outcome_id="unsc:veto-2022-07-08-1").row(0, named=True)
    assert (outcome["mode"], outcome["body_id"], outcome["area"]) == ("failed", "unsc", "Syria")
    call = tables["roll_calls"].filter(roll_call_id="unsc:veto-2022-07-08-1").row(0, named=True)
    assert (call["adopted"], call["symbol"]) == ("no", "S/2022/538")
    assert "yes_n" not in tables["roll_calls"].columns
    assert set(tables["positions"]["position"]) == {"no"}
    ids = set(tables["outcomes"]["outcome_id"])
    assert (
        ids == set(tables["roll_calls"]["roll_call_id"]) == set(tables["positions"]["roll_call_id"])
    )


def test_votes_by_letter_say_so(vetoes):
    row = vetoes.filter(veto_id="2020-07-07-1").row(0, named=True)
    assert row["meeting"] == "S/2020/657 and S/2020/661"
    assert row["note"].startswith("Vote by written procedure")


def test_a_list_that_runs_backward_gives_the_same_numbers(made):
    forward = line() + line("2/17/1946") + line("2/17/1946", "USSR,,", agenda="Another")
    rows = forward.splitlines(keepends=True)
    _, one = made("vetoes", "a.csv", LIST + forward)
    _, two = made("vetoes", "b.csv", LIST + "".join(reversed(rows)))
    key = ["veto_id", "topic_en"]
    assert one["vetoes"].select(key).sort(key).equals(two["vetoes"].select(key).sort(key))
    assert one["vetoes"]["veto_id"].to_list() == ["1946-02-16-1", "1946-02-17-1", "1946-02-17-2"]


# --- the list of the UN -------------------------------------------------------------------------


def test_the_uns_own_list_is_read_by_its_columns_of_members(made):
    told, tables = made("vetoes", "x.csv", "﻿" + OWN + OWN_ROWS)
    rows = tables["vetoes"].sort("veto_id", "state_id")
    assert rows.select("veto_id", "state_id", "symbol", "meeting").rows() == [
        ("1980-01-07-1", "SUN", None, "S/PV.2190"),
        ("1980-01-07-2", "SUN", "S/24/B", "S/PV.2190"),
        ("2024-03-22-1", "CHN", "S/2024/239", "S/PV.9584"),
        ("2024-03-22-1", "RUS", "S/2024/239", "S/PV.9584"),
    ]
    assert (told.rows_kept, told.edition) == (3, "2024-03-22")
    assert tables["outcomes"]["area"].to_list() == ["Palestine", "Kampuchea", "Kampuchea"]


def test_a_number_of_members_that_is_not_that_of_the_marks_is_said(made):
    rows = OWN_ROWS.replace("1,,1,,,2,", "1,,1,,,3,")
    told, tables = made("vetoes", "x.csv", OWN + rows)
    assert any("in 1 rows the number of members" in note for note in told.notes)
    assert "counts 3 members and marks 2" in tables["roll_calls"]["note"].drop_nulls().to_list()[0]


def test_of_two_lists_the_uns_own_is_read_and_the_other_counted(record, tmp_path):
    (tmp_path / "a.csv").write_text(LIST + line())
    (tmp_path / "b.csv").write_text(OWN + OWN_ROWS)
    source = load_source("vetoes")
    told, tables = read(source, find_files(source, [tmp_path]), record)
    assert (told.rows_read, told.rows_kept) == (4, 3)
    assert told.dropped == {"the UN's own list is read instead": 1}
    assert tables["vetoes"]["date"].min() == date(1980, 1, 7)


def test_an_amendment_is_told_from_a_draft_that_was_amended(made):
    rows = OWN_ROWS.replace("S/2024/239", "Amendment to S/2024/239").replace(
        "S/24/B", "S/24 (as amended)"
    )
    _, tables = made("vetoes", "x.csv", OWN + rows)
    kinds = dict(tables["vetoes"].select("veto_id", "kind").rows())
    assert kinds == {"2024-03-22-1": "amendment", "1980-01-07-1": "draft", "1980-01-07-2": "draft"}


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (LIST + line("16/2/1946"), r"x\.csv, row 2: '16/2/1946' is not a date \(M/D/YYYY\)"),
        (LIST + line("1946-02-16"), "is not a date"),
        (LIST + line(year="1947"), "date '2/16/1946' is not of its year and month"),
        (LIST + line(members=",,"), "are none, twice the same, or not in order"),
        (LIST + line(members="USSR,,UK"), "are none, twice the same, or not in order"),
        (LIST + line(members="UK,UK,"), "are none, twice the same, or not in order"),
        (LIST + line(members="USSR,Russia,"), "are one state on 1946-02-16"),
        (LIST + line(members="Atlantis,,"), "no state is known by the label 'Atlantis'"),
        (LIST + line(agenda=""), "the agenda item is missing"),
        (LIST.replace("region", "continent") + line(), "column 'continent' is not one"),
        (LIST + line()[:40] + "\n", "cells, 24 expected"),
        (LIST, "holds no rows"),
        (
            LIST + line() + line("3/1/1946", month="3") * 2 + line(),
            "not in the order of dates, so the 2 drafts of",
        ),
        (OWN + OWN_ROWS.replace("2024-03-22", "22 Mar 2024"), "is not a date"),
        (
            OWN + OWN_ROWS.replace("1,,1,,,2", "1,,Y,,,2"),
            "'Y' in russian_federation_ussr is neither",
        ),
        (OWN + OWN_ROWS.replace("1,,1,,,2", ",,,,,0"), "row 2: no member is marked"),
        (OWN.replace("france", "germany") + OWN_ROWS, "column 'france' is missing"),
    ],
)
def test_what_is_not_as_known_stops_the_pull(made, content, said):
    with pytest.raises(BadSource, match=said):
        made("vetoes", "x.csv", content)


def test_every_label_of_the_list_is_a_state(vetoes):
    assert vetoes["state_id"].null_count() == 0
    assert vetoes.filter(pl.col("state_id").str.len_chars() != 3).height == 0
