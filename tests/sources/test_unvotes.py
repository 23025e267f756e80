"""The R package unvotes: its three tables, its references and dates, and states behind its names."""

from __future__ import annotations

import gzip
from datetime import date

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources import load_source
from multipolar.sources.files import find_files
from multipolar.sources.pull import read
from multipolar.sources.unvotes import day_of_states, session_text, symbol

VOTES = "rcid,country,country_code,vote\n"
CALLS = "rcid,session,importantvote,date,unres,amend,para,short,descr\n"
ISSUES = "rcid,short_name,issue\n"
SMALL = {
    "a.csv": VOTES + "7,Namibia,NA,yes\n7,Yemen Arab Republic,NA,no\n7,Russia,RU,abstain\n",
    "b.csv": CALLS + "7,45,NA,1990-12-05,R/45/56A,NA,1,NA,A PARAGRAPH\n",
    "c.csv": ISSUES + "7,nu,Nuclear weapons and nuclear material\n",
}


@pytest.fixture(scope="module")
def whole(parsed):
    return parsed("unvotes", "votes")


@pytest.fixture(scope="module")
def calls(whole):
    return whole[1]["roll_calls"]


@pytest.fixture(scope="module")
def cells(whole, calls):
    known = calls.select("roll_call_id", "date", "session", "symbol", "number")
    return whole[1]["positions"].join(known, on="roll_call_id")


@pytest.fixture
def made_of(record, tmp_path):
    """Parse files written for one test."""

    def of(files):
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        source = load_source("unvotes")
        return read(source, find_files(source, [tmp_path]), record)

    return of


def with_votes(text):
    return SMALL | {"a.csv": VOTES + text}


def with_calls(text):
    return SMALL | {"b.csv": CALLS + text}


# --- the whole package --------------------------------------------------------------------------


def test_every_vote_every_roll_call_and_every_issue_is_kept(whole):
    told, tables = whole
    assert tables["positions"].height == 870_109
    assert tables["roll_calls"].height == 6_203
    assert tables["roll_call_issues"].height == 5_745
    assert (told.rows_read, told.rows_kept, told.dropped) == (882_057, 882_057, {})
    assert (told.edition, told.first, told.last) == (
        "2020-01-14",
        date(1946, 1, 1),
        date(2020, 1, 14),
    )


def test_votes_are_counted_as_in_the_package(whole):
    counts = dict(whole[1]["positions"]["position"].value_counts().iter_rows())
    assert counts == {"yes": 693_664, "abstain": 110_897, "no": 65_548}


def test_counts_of_a_roll_call_are_those_of_its_rows(whole, calls):
    cast = whole[1]["positions"].group_by("roll_call_id").len()
    total = calls.select("roll_call_id", n=pl.col("yes_n") + pl.col("no_n") + pl.col("abstain_n"))
    joined = total.join(cast, on="roll_call_id")
    assert joined.height == 6_203
    assert (joined["n"] == joined["len"]).all()
    assert set(calls["totals"]) == {"not_given"}


def test_no_state_votes_twice_in_a_roll_call_and_nobody_is_absent(whole):
    positions = whole[1]["positions"]
    assert positions.select("roll_call_id", "state_id").n_unique() == positions.height
    assert (positions["printed"] == positions["position"]).all()


def test_totals_of_well_known_votes_are_those_of_the_record(calls):
    known = {row["symbol"]: row for row in calls.iter_rows(named=True) if row["symbol"]}
    for asked, totals in {
        "A/RES/3379(XXX)": (72, 35, 32),
        "A/RES/60/251": (170, 4, 3),
        "A/RES/74/56": (179, 0, 4),
    }.items():
        row = known[asked]
        assert (row["yes_n"], row["no_n"], row["abstain_n"]) == totals


# --- states behind one name ---------------------------------------------------------------------


def test_namibia_survives_although_its_code_reads_like_a_missing_value(cells):
    assert cells.filter(state_id="NAM").height == 2_455


def test_one_series_of_russia_is_two_states(cells):
    soviet, russia = cells.filter(state_id="SUN"), cells.filter(state_id="RUS")
    assert soviet.height + russia.height == 6_145
    assert soviet["date"].max() < date(1992, 1, 1) < russia["date"].min()


def test_one_series_of_yugoslavia_is_three_states(cells):
    found = {s: cells.filter(state_id=s) for s in ("YUG", "SCG", "SRB")}
    assert sum(rows.height for rows in found.values()) == 5_475
    assert found["YUG"]["date"].max() < date(1992, 4, 27)
    assert found["SCG"]["date"].max() < date(2006, 6, 3) <= found["SRB"]["date"].min()


def test_the_seat_of_china_is_one_code_before_and_after_october_1971(cells):
    china = cells.filter(state_id="CHN")
    assert china.height == 4_532 + 1_233
    assert china.filter(session="26").height == 59
    assert cells.filter(state_id="TWN").height == 0


def test_egypt_is_the_united_arab_republic_while_syria_has_no_seat(cells):
    united = cells.filter(state_id="UAR")
    assert set(united["session"]) <= {"13", "14", "15", "ES-4"}
    assert united.height == 191
    assert cells.filter(pl.col("session").is_in(["13", "14", "15"]), state_id="SYR").height == 0


def test_the_yemens_and_the_germanies_change_hands_in_1990(cells):
    last = {s: cells.filter(state_id=s)["date"].max().year for s in ("YAR", "YMD", "DDR")}
    assert last == {"YAR": 1989, "YMD": 1989, "DDR": 1989}
    assert cells.filter(state_id="YEM")["date"].min() == date(1990, 11, 3)
    assert cells.filter(state_id="DEU").height == 2_151 + 2_552


def test_a_state_born_in_december_is_itself_in_that_session(cells):
    assert cells.filter(state_id="EAZ").height == 2
    assert cells.filter(state_id="TZA", session="16").height == 25
    assert cells.filter(state_id="ARE", session="26").height == 46
    assert cells.filter(state_id="ARM", session="46").height == 1


def test_every_name_in_the_package_is_a_state(cells):
    assert cells["state_id"].null_count() == 0
    assert cells["state_id"].n_unique() == 202


# --- references, dates, and what the source leaves out ------------------------------------------


def test_a_reference_becomes_the_symbol_of_the_un(calls):
    numbers = dict(calls.filter(pl.col("symbol").is_not_null()).select("number", "symbol").rows())
    assert numbers["1622"] == "A/RES/3379(XXX)"
    assert numbers["3670"] == "A/RES/47/19"
    assert numbers["9143"] == "A/RES/74/56"
    assert numbers["1946"] == "A/RES/33/116[B-VII]"
    assert numbers["1968"] == "A/DEC/33/442"
    assert numbers["5588"] == "A/RES/ES-10/19"


def test_pages_of_the_official_records_are_no_symbols(calls):
    early = calls.filter(pl.col("date").dt.year() < 1963)
    assert early["symbol"].null_count() == early.height == 884
    row = calls.filter(number="3").row(0, named=True)
    assert row["symbol"] is None
    assert "R/1/66" in row["note"]
    assert calls["symbol"].null_count() == 1_062
    assert calls["note"].count() == 903


def test_numbers_of_one_session_rise_with_their_resolutions(calls):
    # resolutions of sessions 18 to 30 are numbered through; pages begin anew in each session
    roman = calls.with_columns(n=pl.col("symbol").str.extract(r"^A/RES/(\d+)\([XVI]+\)"))
    ranges = (
        roman.filter(pl.col("n").is_not_null())
        .with_columns(pl.col("n", "session").cast(pl.Int64))
        .group_by("session")
        .agg(pl.col("n").min().alias("low"), pl.col("n").max().alias("high"))
        .sort("session")
    )
    assert ranges["session"].min() == 18
    starts, ends = ranges["low"].to_list(), ranges["high"].to_list()
    assert all(low > high - 30 for low, high in zip(starts[1:], ends, strict=False))


def test_dates_before_2003_are_right_in_the_year_only(whole, calls):
    exact = calls.filter(date_precision="day")
    assert exact.height == 1_595
    assert exact["date"].min() >= date(2003, 1, 1)
    assert set(calls["date_precision"]) == {"day", "year"}
    assert any("4,608 roll calls before 2003" in note for note in whole[0].notes)


def test_what_the_source_leaves_out_stays_missing(calls):
    assert calls["important"].null_count() == 605
    assert dict(calls["kind"].value_counts().iter_rows()) == {
        "text": 2_087,
        "paragraph": 834,
        "amendment": 311,
        None: 2_971,
    }
    assert calls["title_en"].null_count() == 0


def test_special_sessions_are_counted_apart(calls):
    counted = dict(calls["session"].value_counts().iter_rows())
    assert (counted["ES-5"], counted["ES-2"], counted["S-4"], counted["ES-10"]) == (15, 15, 3, 1)
    assert counted["26"] == 126


def test_issues_are_six_and_a_roll_call_may_have_several(whole):
    issues = whole[1]["roll_call_issues"]
    assert dict(issues["issue"].value_counts().iter_rows()) == {
        "di": 1_092,
        "me": 1_061,
        "hr": 1_015,
        "co": 957,
        "nu": 855,
        "ec": 765,
    }
    assert issues["roll_call_id"].n_unique() == 4_099


@pytest.mark.parametrize(
    ("reference", "session", "expected"),
    [
        ("R/18/1881", 18, "A/RES/1881(XVIII)"),
        ("R/30/3458A", 30, "A/RES/3458(XXX)[A]"),
        ("R/42/70/A", 42, "A/RES/42/70[A]"),
        ("R/31/208/III", 31, "A/RES/31/208[III]"),
        ("R/57/325", 57, "A/RES/57/325"),
        ("R/36/324", 36, "A/DEC/36/324"),
        ("R/17/1155C", 17, None),
        ("R/677/46", 67, None),
        ("GOAR/1/1288B", 1, None),
        ("ESS/5/70", 22, None),
        ("", 20, None),
    ],
)
def test_a_reference_is_a_symbol_only_where_it_is_one(reference, session, expected):
    assert symbol(reference, session) == expected


def test_names_are_read_on_a_day_that_follows_from_session_and_year():
    assert day_of_states(date(1991, 11, 3), 46) == date(1991, 12, 20)
    assert day_of_states(date(1992, 8, 3), 46) == date(1992, 7, 1)
    assert day_of_states(date(1967, 5, 7), 23) == date(1967, 12, 20)
    assert day_of_states(date(2006, 6, 30), 60) == date(2006, 6, 30)
    assert session_text("A/RES/ES-10/19", 72) == "ES-10"


# --- other forms --------------------------------------------------------------------------------


def test_tables_exported_to_csv_from_r_are_read_alike(made_of):
    told, tables = made_of(SMALL)
    assert told.rows_kept == 5
    assert dict(tables["positions"].select("state_id", "position").rows()) == {
        "NAM": "yes",
        "YEM": "no",
        "SUN": "abstain",
    }
    row = tables["roll_calls"].row(0, named=True)
    assert (row["symbol"], row["kind"], row["important"]) == ("A/RES/45/56A", "paragraph", None)
    assert (row["title_en"], row["session"]) == ("A PARAGRAPH", "45")
    assert (row["yes_n"], row["no_n"], row["abstain_n"]) == (1, 1, 1)


def test_quoted_cells_row_names_and_compression_change_nothing(made_of):
    quoted = '"","rcid","country","country_code","vote"\n"1",7,"Namibia","NA","yes"\n'
    told, tables = made_of(
        SMALL | {"a.csv": quoted, "b.csv": gzip.compress(SMALL["b.csv"].encode())}
    )
    assert told.rows_kept == 3
    assert tables["positions"]["state_id"].to_list() == ["NAM"]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (with_votes("7,Namibia,NA,maybe\n"), r"a\.csv, row 2: vote 'maybe' is no vote"),
        (with_votes("7,Namibia,NA,NA\n"), r"a\.csv, row 2: vote None is missing"),
        (with_votes("8,Namibia,NA,yes\n"), r"a\.csv, row 2: rcid 8 is no roll call"),
        (with_votes("x,Namibia,NA,yes\n"), r"a\.csv, row 2: rcid 'x' is not a whole number"),
        (
            with_votes("7,Cuba,CU,yes\n7,Cuba,CU,no\n"),
            r"a\.csv, row 2: country 'Cuba' has a second vote in one roll call",
        ),
        (
            with_votes("7,Russia,RU,yes\n7,Soviet Union,SU,no\n"),
            "has a second vote in one roll call",
        ),
        (with_votes("7,Namibia,NA\n"), r"a\.csv, row 2: 3 cells, 4 expected"),
        (with_votes("7,Atlantis,AT,yes\n"), "no state is known by the label 'Atlantis'"),
        (
            SMALL | {"a.csv": "rcid,country,country_code,vote,new\n7,Cuba,CU,yes,1\n"},
            "column 'new' is not one that this loader knows",
        ),
        (with_calls("7,45,2,1990-12-05,R/45/1,0,0,A,B\n"), "importantvote 2 is neither 0 nor 1"),
        (with_calls("7,45,0,05/12/1990,R/45/1,0,0,A,B\n"), "date '05/12/1990' is not a date"),
        (with_calls("7,0,0,1990-12-05,R/45/1,0,0,A,B\n"), "session 0 is no session"),
        (with_calls(2 * "7,45,0,1990-12-05,R/45/1,0,0,A,B\n"), r"row 2: rcid 7 stands twice"),
        (SMALL | {"c.csv": ISSUES + "9,nu,Nuclear\n"}, r"c\.csv, row 2: rcid 9 is no roll call"),
        (SMALL | {"c.csv": ISSUES + 2 * "7,nu,Nuclear\n"}, "rcid 7 has an issue twice"),
        (SMALL | {"a.csv": VOTES.encode() + b"7,C\xf4te,CI,yes\n"}, "byte 0xF4 is not utf-8"),
    ],
)
def test_what_is_not_as_known_stops_the_pull(made_of, files, said):
    with pytest.raises(BadSource, match=said):
        made_of(files)


def test_a_missing_table_is_named(made_of):
    with pytest.raises(BadSource, match="the issues"):
        made_of({name: SMALL[name] for name in ("a.csv", "b.csv")})


@pytest.mark.parametrize("part", [0.2, 0.9])
def test_a_package_file_that_is_cut_off_is_named(made_of, shared, part):
    data = (shared / "votes/un_votes.rda").read_bytes()
    whole = {
        n: (shared / f"votes/{n}").read_bytes()
        for n in ("un_roll_calls.rda", "un_roll_call_issues.rda")
    }
    with pytest.raises(BadSource, match=r"un_votes\.rda"):
        made_of(whole | {"un_votes.rda": data[: int(len(data) * part)]})
