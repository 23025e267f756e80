"""Published ideal points: one loader for the forms of all vintages, and states behind COW codes."""

from __future__ import annotations

import io
from datetime import date

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources import load_source
from multipolar.sources.files import find_files
from multipolar.sources.pull import read
from multipolar.sources.voeten import vintage

APRIL = "Row,ccode,session,NVotes,IdealPoint,QO%,Q5%,Q10%,Q50%,Q90%,Q95%,Q100%,iso3c,Countryname\n"
FP = "ccode\tiso3c\tCountryname\tyear\tNVotesFP\tIdealPointFP\tQ5%FP\tQ10%FP\tQ50%FP\tQ90%FP\tQ95%FP\n"


def april(code, session, votes="10", point="0.5", low="0.1", high="0.9"):
    return f"1,{code},{session},{votes},{point},0,{low},0,0.5,0,{high},1,XXX,Somewhere\n"


@pytest.fixture(scope="module")
def whole(parsed):
    return parsed("voeten", "votes")


@pytest.fixture(scope="module")
def points(whole):
    return whole[1]["ideal_points"]


@pytest.fixture(scope="module")
def series(points):
    return {name: points.filter(series=name) for name in points["series"].unique()}


# --- the two vintages at hand -------------------------------------------------------------------


def test_every_row_of_both_vintages_is_accounted_for(whole, series):
    told, _ = whole
    assert told.rows_read == 10_469 + 11_440
    assert told.rows_kept == told.rows_read - 2
    assert sum(told.dropped.values()) == 2
    assert {name: rows.height for name, rows in series.items()} == {
        "all-2020-04": 10_468,
        "fp-2025-07": 11_420,
        "all-2025-07": 11_231,
        "legacy-2025-07": 11_237,
    }
    assert (told.edition, told.first, told.last) == (
        "2020-04+2025-07",
        date(1946, 1, 1),
        date(2024, 12, 31),
    )


def test_values_stand_as_published(series):
    row = series["all-2020-04"].filter(state_id="USA", period="1").row(0, named=True)
    assert (row["estimate"], row["lo"], row["hi"]) == (1.675486, 1.348943, 2.028481)
    assert (row["level"], row["n"]) == (0.9, 42)
    row = series["fp-2025-07"].filter(state_id="USA", period="1946").row(0, named=True)
    assert row["estimate"] == pytest.approx(1.663375, abs=1e-6)
    assert (row["period_kind"], row["n"]) == ("year", 25)


def test_sessions_and_years_are_not_mixed(series):
    sessions = series["all-2020-04"]
    assert set(sessions["period_kind"]) == {"session"}
    assert sorted(sessions["period"].cast(pl.Int64).unique()) == [
        n for n in range(1, 75) if n != 19
    ]
    years = series["fp-2025-07"]["period"].cast(pl.Int64).unique()
    assert sorted(years) == [y for y in range(1946, 2025) if y != 1964]
    for name in ("all-2025-07", "legacy-2025-07"):
        assert series[name]["period"].cast(pl.Int64).max() == 2023


def test_the_legacy_series_is_the_scale_of_2020(series):
    old = series["all-2020-04"].select(
        "state_id",
        (pl.col("period").cast(pl.Int64) + 1945).cast(pl.String).alias("period"),
        x="estimate",
    )
    new = series["legacy-2025-07"].select("state_id", "period", y="estimate")
    both = old.join(new, on=["state_id", "period"])
    assert both.height == old.height
    assert both.select(pl.corr("x", "y")).item() == pytest.approx(0.9996, abs=5e-5)


def test_rows_without_a_name_hold_the_legacy_series_only(whole, series):
    assert any("17 rows have a COW code and no name" in note for note in whole[0].notes)
    assert series["legacy-2025-07"].filter(state_id="GHA", period="1956").height == 1
    for name in ("fp-2025-07", "all-2025-07"):
        assert series[name].filter(state_id="GHA", period="1956").height == 0
        assert series[name]["estimate"].null_count() == 0


def test_the_legacy_series_has_no_interval(series):
    legacy = series["legacy-2025-07"]
    assert legacy.select(pl.col("lo", "hi", "level").null_count()).row(0) == (legacy.height,) * 3
    fp = series["fp-2025-07"]
    assert (fp["lo"] <= fp["hi"]).all()
    assert set(fp["level"]) == {0.9}


def test_the_two_yemens_are_two_states_although_their_iso_code_is_one(series):
    for rows in series.values():
        year = "45" if rows["period_kind"][0] == "session" else "1990"
        assert rows.filter(state_id="YMD").height == 23
        assert rows.filter(state_id="YAR").height == 42
        assert rows.filter(state_id="YEM", period=year).height == 1


def test_codes_that_list_several_states_are_read_with_the_year(series):
    for rows in series.values():
        held = dict(rows["state_id"].value_counts().iter_rows())
        assert (held["SUN"], held["YUG"], held["SCG"], held["UAR"]) == (45, 45, 7, 3)
        assert "TWN" not in held
        assert rows.filter(state_id="DEU")["period"].n_unique() == held["DEU"]


def test_of_two_rows_of_one_seat_that_with_more_votes_is_kept(whole, series):
    assert series["all-2020-04"].filter(state_id="CHN", period="26")["n"].to_list() == [48]
    assert series["fp-2025-07"].filter(state_id="CHN", period="1971")["n"].to_list() == [25]
    assert sum("COW code 713" in note for note in whole[0].notes) == 4


# --- the forms of other vintages ----------------------------------------------------------------


def test_the_form_of_2024_is_read_by_session(made):
    head = '"","ccode","session","iso3c","Countryname","IdealPointAll","NVotesAll","Q5%All","Q50%All","Q95%All","USAgree","ChinaAgree"\n'
    told, tables = made(
        "voeten",
        "IdealpointestimatesAll_Jun2024.csv",
        head + '"1",2,78,"USA","United States",2.1,80,1.9,2.1,2.3,1,0.1\n',
    )
    row = tables["ideal_points"].row(0, named=True)
    assert (row["series"], row["state_id"], row["period"]) == ("all-2024-06", "USA", "78")
    assert (row["lo"], row["hi"], row["n"], told.edition) == (1.9, 2.3, 80, "2024-06")


def test_the_form_of_2026_is_read_by_year_and_with_either_separator(made):
    line = '652\t"SYR"\t"Syria"\t2025\t70\t-1.2\t-1.5\t-1.4\t-1.2\t-1\t-0.9\n'
    _, tables = made("voeten", "Idealpointestimates1946-2025.tab", FP + line)
    first = tables["ideal_points"].row(0, named=True)
    assert (first["series"], first["state_id"], first["period"]) == ("fp-2025", "SYR", "2025")
    comma = (FP + line).replace("\t", ",")
    _, tables = made("voeten", "IdealpointestimatesFP_2026FP.csv", comma)
    second = tables["ideal_points"].row(0, named=True)
    assert second == first | {"series": "fp-2026"}


def test_the_newest_file_may_give_points_and_nothing_else(made):
    told, tables = made(
        "voeten", "x.csv", "ccode,iso3c,year,IdealPointFP\n2,USA,2025,2.5\n101,VEN,2025,NA\n"
    )
    row = tables["ideal_points"].row(0, named=True)
    assert (row["estimate"], row["lo"], row["level"], row["n"]) == (2.5, None, None, None)
    assert (told.rows_read, told.rows_kept) == (2, 1)
    assert told.dropped["no estimate in any series"] == 1


def test_names_in_windows_1252_are_no_hindrance(made):
    data = (APRIL + april(437, 20)).replace("Somewhere", "Côte d’Ivoire").encode("cp1252")
    _, tables = made("voeten", "x.csv", data)
    assert tables["ideal_points"]["state_id"].to_list() == ["CIV"]


def test_a_stata_file_of_another_name_is_recognised_by_its_columns(record, shared, tmp_path):
    source = load_source("voeten")
    other = tmp_path / "points.bin"
    other.write_bytes((shared / "votes/IdealpointsJuly2025.dta").read_bytes())
    _, tables = read(source, find_files(source, [other]), record)
    assert set(tables["ideal_points"]["series"]) == {"fp-2024", "all-2024", "legacy-2024"}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("IdealpointestimatesAll_Apr2020.csv", "2020-04"),
        ("IdealpointsJuly2025.dta", "2025-07"),
        ("points september 2026.csv", "2026-09"),
        ("points_2026-04.tab", "2026-04"),
        ("IdealpointestimatesFP_2026FP.csv", "2026"),
        ("Idealpointestimates1946-2025.tab", "2019"),
        ("Summary2024x.csv", "2024"),
        ("x.csv", "2019"),
    ],
)
def test_the_vintage_is_the_date_in_the_name_or_the_last_year(name, said):
    assert vintage(name, 2019) == said


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (APRIL.replace("Q50%", "Q55%") + april(2, 1), "column 'q55' is not one that this loader"),
        (APRIL + april("two", 1), r"x\.csv, row 2: 'two' in ccode is not a whole number"),
        (APRIL + april(2, 1, point="high"), r"row 2: 'high' in idealpoint is not a number"),
        (APRIL + april(2, 1) * 2, r"row 2: ccode: state 2 in session 1 is .* there twice"),
        (APRIL + april(2, 0), r"row 2: session: state 2 in session 0"),
        (APRIL + april(2, ""), r"row 2: session: state 2 in session None is missing"),
        (APRIL + april(2, 1, low="0.9", high="0.1"), "5% quantile is above"),
        (APRIL + april(999, 1), "no state is known by the label '999'"),
        (APRIL + april(2, 1)[:30] + "\n", "cells, 14 expected"),
        (APRIL, "holds no rows"),
        ("ccode,session,year,IdealPoint\n2,1,1946,1\n", "not one column of sessions or of years"),
    ],
)
def test_what_is_not_as_known_stops_the_pull(made, content, said):
    with pytest.raises(BadSource, match=said):
        made("voeten", "x.csv", content)


def test_dyads_and_agreement_scores_are_not_taken_for_points(made):
    for head in (
        "ccode1,iso3c1,ccode2,iso3c2,year,AbsIdealDiff",
        '"","session.x","ccode1","ccode2","agree","year",IdealPointFP.x,NVotesFP.x,IdealPointFP.y',
    ):
        with pytest.raises(BadSource, match="is no file that voeten knows"):
            made("voeten", "x.csv", head + "\n1,1,1,1,1,1,1,1,1\n")


def test_two_files_of_one_vintage_are_refused(record, tmp_path):
    for name in ("a_Apr2020.csv", "b_Apr2020.csv"):
        (tmp_path / name).write_text(APRIL + april(2, 1))
    source = load_source("voeten")
    with pytest.raises(
        BadSource, match=r"b_Apr2020.csv: holds the series all-2020-04, as a_Apr2020"
    ):
        read(source, find_files(source, [tmp_path]), record)


def test_a_stata_file_that_is_cut_off_is_named(made, shared):
    data = (shared / "votes/IdealpointsJuly2025.dta").read_bytes()
    for part in (0.3, 0.9):
        cut = io.BytesIO(data).read(int(len(data) * part))
        with pytest.raises(BadSource, match=r"x\.dta: is not a whole Stata file"):
            made("voeten", "x.dta", cut)
