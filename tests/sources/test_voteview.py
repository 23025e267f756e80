"""Roll calls of the United States Congress: totals without the President, codes, and several files."""

from __future__ import annotations

import zipfile
from datetime import date

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources import load_source
from multipolar.sources.files import find_files
from multipolar.sources.pull import read

VOTES = "congress,chamber,rollnumber,icpsr,cast_code,prob\n"
CALLS = (
    "congress,chamber,rollnumber,date,session,clerk_rollnumber,yea_count,nay_count,vote_question\n"
)
MEMBERS = "congress,chamber,icpsr,state_icpsr,district_code,state_abbrev,party_code,bioname,nominate_dim1,nominate_dim2\n"
SMALL = {
    "v.csv": VOTES + "9,House,1,5.0,1.0,97\n9,House,1,6,6,\n9,House,1,900,6,\n",
    "r.csv": CALLS + "9,House,1,1805-12-02,1,,1,1,On Passage\n",
    "m.csv": MEMBERS
    + "9,House,5,1,3.0,NY,13,SOMEBODY,0.1,-0.2\n9,House,6,1,0,VT,1,ANYBODY,,\n"
    + "9,President,900,99,0,USA,13,PRESIDENT,0.3,0.1\n",
}


@pytest.fixture(scope="module")
def whole(parsed):
    return parsed("voteview", "votes")


@pytest.fixture
def made_of(record, tmp_path):
    """Parse files written for one test."""

    def of(files):
        for name, content in files.items():
            (tmp_path / name).write_text(content)
        source = load_source("voteview")
        return read(source, find_files(source, [tmp_path]), record)

    return of


def with_votes(text):
    return SMALL | {"v.csv": VOTES + text}


# --- two congresses -----------------------------------------------------------------------------


def test_every_row_of_two_congresses_is_kept(whole):
    told, tables = whole
    assert told.rows_read == told.rows_kept == 60_108 + 72_285 + 599 + 720 + 106 + 103
    assert {name: table.height for name, table in tables.items()} == {
        "chamber_roll_calls": 1_319,
        "chamber_members": 209,
        "chamber_positions": 132_393,
    }
    assert (told.edition, told.first, told.last) == (
        "2021-01-01",
        date(2017, 1, 4),
        date(2021, 1, 1),
    )
    assert told.notes == []


def test_all_printed_totals_are_those_of_the_rows_without_the_president(whole):
    calls = whole[1]["chamber_roll_calls"]
    assert dict(
        calls.group_by("term", "totals").len().sort("term").select("term", "len").rows()
    ) == {
        115: 599,
        116: 720,
    }
    assert set(calls["totals"]) == {"agree"}


def test_the_president_is_kept_as_a_voter_of_285_roll_calls_of_the_116th(whole):
    positions = whole[1]["chamber_positions"]
    his = positions.filter(pl.col("roll_call_id").str.starts_with("Senate-116-"), member_id="99912")
    assert his.height == 285
    members = whole[1]["chamber_members"].filter(member_id="99912")
    assert members["chamber"].to_list() == ["President", "President"]


def test_codes_printed_as_whole_or_as_decimal_numbers_are_one(whole):
    positions = whole[1]["chamber_positions"].with_columns(
        term=pl.col("roll_call_id").str.extract(r"-(\d+)-")
    )
    found = {
        (term, code): n for term, code, n in positions.group_by("term", "printed").len().rows()
    }
    assert found == {
        ("115", "1"): 39_367,
        ("115", "6"): 19_156,
        ("115", "7"): 50,
        ("115", "9"): 1_535,
        ("116", "1"): 47_283,
        ("116", "6"): 20_956,
        ("116", "7"): 43,
        ("116", "9"): 4_003,
    }
    meaning = dict(positions.select("printed", "position").unique().rows())
    assert meaning == {"1": "yes", "6": "no", "7": "abstain", "9": "absent"}
    assert not positions["member_id"].str.contains(r"\.").any()


def test_members_keep_their_published_scores_and_no_name(whole):
    members = whole[1]["chamber_members"]
    row = members.filter(term=116, member_id="41705").row(0, named=True)
    assert (row["dim1"], row["dim2"], row["group"], row["district"]) == (-0.088, 0.187, "100", "AL")
    assert "name" not in members.columns
    assert not any("JONES" in str(value) for value in row.values())


# --- other congresses and forms -----------------------------------------------------------------


def test_each_code_has_its_meaning(made_of):
    codes = "".join(f"9,House,1,{100 + code},{code},\n" for code in range(10))
    _, tables = made_of(with_votes(codes))
    found = dict(tables["chamber_positions"].select("printed", "position").rows())
    assert found == {
        "0": "not_member",
        "1": "yes",
        "2": "yes",
        "3": "yes",
        "4": "no",
        "5": "no",
        "6": "no",
        "7": "abstain",
        "8": "abstain",
        "9": "absent",
    }


def test_an_early_congress_with_fewer_columns_is_read(made_of):
    told, tables = made_of(SMALL)
    call = tables["chamber_roll_calls"].row(0, named=True)
    assert (call["roll_call_id"], call["totals"], call["title_en"]) == (
        "House-9-1",
        "agree",
        "On Passage",
    )
    members = {row["member_id"]: row for row in tables["chamber_members"].iter_rows(named=True)}
    assert members["5"]["district"] == "NY-3"
    assert (members["6"]["district"], members["6"]["dim1"]) == ("VT", None)
    assert (told.edition, told.notes) == ("1805-12-02", [])


def test_dates_may_be_missing(made_of):
    short = "congress,chamber,rollnumber,yea_count,nay_count\n9,House,1,,\n"
    told, tables = made_of(SMALL | {"r.csv": short})
    call = tables["chamber_roll_calls"].row(0, named=True)
    assert (call["date"], call["title_en"], call["yes_n"], call["totals"]) == (
        None,
        None,
        None,
        "not_given",
    )
    assert (told.edition, told.first, told.last) == ("congress-9", None, None)


def test_totals_that_differ_voters_unknown_and_bare_roll_calls_are_said(made_of):
    calls = (
        CALLS + "9,House,1,1805-12-02,1,,3,1,On Passage\n9,House,2,1805-12-03,1,,3,1,On Passage\n"
    )
    told, tables = made_of(with_votes("9,House,1,5,1,\n9,House,1,77,6,\n") | {"r.csv": calls})
    assert tables["chamber_roll_calls"]["totals"].to_list() == ["differ", "not_given"]
    assert told.notes == [
        "the printed totals of 1 roll calls are not those of their rows",
        "1 roll calls have no votes in these files",
        "1 voters are not in the files of members",
    ]


def test_both_chambers_of_a_congress_may_come_in_files_of_their_own_or_zipped(record, tmp_path):
    path = tmp_path / "congress.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in SMALL.items():
            archive.writestr(name, content)
            archive.writestr("S" + name, content.replace("House", "Senate"))
    source = load_source("voteview")
    told, tables = read(source, find_files(source, [path]), record)
    assert tables["chamber_roll_calls"]["roll_call_id"].to_list() == ["House-9-1", "Senate-9-1"]
    assert tables["chamber_members"]["chamber"].to_list() == [
        *("House", "House", "President", "Senate", "Senate")
    ]
    assert told.dropped == {"the President stands in the files of both chambers": 1}
    assert (told.rows_read, told.rows_kept) == (14, 13)


def test_votes_without_the_probability_are_read(made_of):
    bare = "congress,chamber,rollnumber,icpsr,cast_code\n9,House,1,5,1\n9,House,1,6,6\n"
    told, _ = made_of(SMALL | {"v.csv": bare})
    assert told.notes == []


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (with_votes("9,House,1,5,10,\n"), r"v\.csv, row 2: '10' is no code of a vote"),
        (with_votes("9,House,1,5,1,\n9,House,1,6,1.5,\n"), r"row 3: '1\.5' in cast_code is not"),
        (with_votes("9,House,1,5,\n"), r"v\.csv, row 2: .* in cast_code is not a whole number"),
        (with_votes("9,Lords,1,5,1,\n"), "'Lords' is no chamber"),
        (with_votes(2 * "9,House,1,5,1,\n"), r"v\.csv: 1 rows repeat a key, as House, 9, 1, 5"),
        (
            with_votes("9,House,2,5,1,\n"),
            r"r\.csv: the roll calls of 1 votes are missing, as that of",
        ),
        (with_votes("9,House,1,5,1,,,\n"), r"v\.csv: is not a whole CSV file"),
        (with_votes("9,House,1,99999999999,1,\n"), r"v\.csv: holds a number that is too large"),
        (with_votes(""), r"v\.csv: holds no rows"),
        (
            SMALL | {"v.csv": VOTES.replace("prob", "weight") + "9,House,1,5,1,\n"},
            "column 'weight' is not one that this loader knows",
        ),
        (
            SMALL | {"r.csv": CALLS + "9,House,1,2 Dec 1805,1,,1,1,On Passage\n"},
            r"r\.csv, row 2: '2 Dec 1805' is not a date",
        ),
        (SMALL | {"r.csv": CALLS + "9,House,1,1805-12-02\n"}, r"row 2: 4 cells, 9 expected"),
        (SMALL | {"m.csv": MEMBERS + "9,House,5,1,0,NY,13,X,high,\n"}, "'high' in nominate_dim1"),
        (
            SMALL | {"r2.csv": SMALL["r.csv"]},
            r"r2\.csv: holds the House of congress 9, as r\.csv does",
        ),
    ],
)
def test_what_is_not_as_known_stops_the_pull(made_of, files, said):
    with pytest.raises(BadSource, match=said):
        made_of(files)


def test_a_missing_kind_of_file_is_named(made_of):
    with pytest.raises(BadSource, match="the members"):
        made_of({name: SMALL[name] for name in ("v.csv", "r.csv")})
