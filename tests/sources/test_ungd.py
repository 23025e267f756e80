"""Speakers in the General Debate of the General Assembly."""

from __future__ import annotations

from datetime import date

import openpyxl
import polars as pl
import pytest
from folders import read_folder, workbook

from multipolar.errors import BadSource
from multipolar.sources.posts import RANK, fold, level_of, rules

FILE = "ungd/Speakers_by_session.xlsx"
HEAD = ["Year", "Session", "ISO Code", "Country", "Name of Person Speaking", "Post"]
SECRET = "Jane Q. Speaker"


def speech(code="TCD", country="Chad", post="President", year=2024, session=79):
    return [year, session, code, country, SECRET, post]


# --- the published file -------------------------------------------------------------------------


def test_the_file_holds_10944_speeches_of_79_sessions(parsed):
    told, tables = parsed("ungd", FILE)
    assert told.rows_read == 10_944
    assert tables["attendance"].height == told.rows_kept == 10_924
    assert tables["sessions"].height == 79
    assert (told.edition, told.first, told.last) == ("2024", date(1946, 1, 1), date(2024, 12, 31))


def test_what_is_left_out_is_said(parsed):
    told, _ = parsed("ungd", FILE)
    assert sorted(told.dropped.values()) == [1, 1, 18]
    assert told.dropped["another speech of the same state in the session"] == 18
    assert any("League of Arab States" in reason for reason in told.dropped)
    assert any("the state had ended" in reason for reason in told.dropped)


def test_a_state_that_spoke_twice_has_the_highest_level(parsed):
    _, tables = parsed("ungd", FILE)
    rows = tables["attendance"]
    twice = [("unga-24-general-debate", "CMR"), ("unga-17-general-debate", "PAK")]
    for session, state in twice:
        assert rows.filter(session_id=session, state_id=state)["level"].to_list() == ["head"]


def test_states_have_the_codes_of_their_time(parsed):
    _, tables = parsed("ungd", FILE)
    rows = tables["attendance"].with_columns(
        pl.col("session_id").str.extract(r"-(\d+)-").cast(int).alias("n")
    )

    def sessions(state: str) -> tuple[int, int]:
        found = rows.filter(state_id=state)["n"]
        return found.min(), found.max()

    assert sessions("SUN") == (1, 46)
    assert sessions("RUS")[0] == 47
    assert sessions("UAR") == (13, 15)
    assert sessions("SCG") == (56, 60)
    assert sessions("CSK")[1] <= 47
    assert sessions("YMD")[1] <= 44
    assert sessions("YAR")[1] <= 44
    assert sessions("DDR")[1] <= 44
    assert rows.filter(state_id="ZMB")["n"].min() == 19


@pytest.mark.parametrize(
    ("session", "there", "not_there"),
    [
        (56, {"SWE", "SWZ"}, {"CHE"}),
        (15, {"AUS", "AUT"}, set()),
        (21, {"NER", "NGA"}, set()),
        (41, {"DEU", "DDR"}, set()),
        (46, {"WSM"}, {"ESH"}),
        (38, {"USA"}, {"UMI"}),
        (17, {"EGY"}, {"ARE", "UAR"}),
        (45, {"DEU"}, {"DDR"}),
        (48, {"CZE", "SVK"}, {"CSK"}),
    ],
)
def test_codes_that_are_wrong_in_the_source_are_read_as_reviewed(parsed, session, there, not_there):
    _, tables = parsed("ungd", FILE)
    rows = tables["attendance"].filter(session_id=f"unga-{session}-general-debate")
    found = set(rows["state_id"])
    assert there <= found
    assert not not_there & found


def test_observers_and_the_european_union_are_kept(parsed):
    _, tables = parsed("ungd", FILE)
    counts = dict(tables["attendance"]["state_id"].value_counts().rows())
    assert counts["EU"] > 10
    assert counts["PSE"] > 20
    assert counts["VAT"] > 20


def test_without_a_post_the_level_is_unknown_and_never_low(parsed):
    told, tables = parsed("ungd", FILE)
    rows = tables["attendance"]
    silent = rows.filter(pl.col("post").is_null())
    assert silent.height == 4637
    assert set(silent["level"]) == {"unknown"}
    early = silent.filter(pl.col("session_id").str.extract(r"-(\d+)-").cast(int) < 49)
    assert early.height > 4500
    assert told.notes[0].startswith("4,637 of 10,924 speakers are printed without a post")


def test_levels_add_up(parsed):
    _, tables = parsed("ungd", FILE)
    counts = dict(tables["attendance"]["level"].value_counts().rows())
    assert set(counts) == set(RANK)
    assert (counts["official"], counts["head"]) == (297, 3140)
    assert counts["minister"] == 10_924 - 297 - 3140 - counts["unknown"]


def test_no_name_of_a_speaker_is_kept(parsed, shared):
    told, tables = parsed("ungd", FILE)
    book = openpyxl.load_workbook(shared / FILE, read_only=True)
    sheet = book.worksheets[0].iter_rows(min_row=2, values_only=True)
    names = {str(row[4]).strip() for row in sheet if row[4]}
    texts = {v for c in tables["attendance"].iter_columns() for v in c.drop_nulls()}
    assert len(names) > 5000
    assert texts & names == set()
    assert not any(name in note for note in told.notes for name in names if len(name) > 8)


# --- posts --------------------------------------------------------------------------------------


POSTS = [
    ("President", "head"),
    ("  PRIME   MINISTER ", "head"),
    ("King", "head"),
    ("Emir", "head"),
    ("Chancellor", "head"),
    ("Acting Head of State", "head"),
    ("Head of the goverment", "head"),
    ("Prime Minister and Minister for Finance", "head"),
    ("First Vice-President and Prime Minister", "head"),
    ("Chairman of the Presidency", "head"),
    ("Vice-President", "minister"),
    ("Deputy Prime Minister and Minister for Foreign Affairs", "minister"),
    ("Vice-Chancellor and Federal Minister for Foreign Affairs", "minister"),
    ("Crown Prince", "minister"),
    ("Minister for Foregn Affairs", "minister"),
    ("Secretary of State", "minister"),
    ("Minister at the Prime Minister’s Office", "minister"),
    ("Vice-President of the Prime Minister's Council", "minister"),
    ("Special Envoy of the Prime Minister and Minister for Public Service", "minister"),
    ("Special Envoy of the President", "official"),
    ("Deputy Minister for Foreign Affairs", "official"),
    ("Vice Minister of Foreign Affairs", "official"),
    ("Minister Counsellor", "official"),
    ("UN Representative", "official"),
    ("Permanent Representative", "official"),
    ("Personal Representative of the Head of State of the Republic", "official"),
    ("Chair of the Delegation", "unknown"),
    ("Prince", "unknown"),
    ("President of the National Assembly", "unknown"),
    ("Under-Secretary of State", "unknown"),
    ("", "unknown"),
]


@pytest.mark.parametrize(("post", "level"), POSTS)
def test_a_post_is_read_by_the_first_rule_that_fits(post, level):
    assert level_of(post) == level


def test_every_rule_decides_some_post_of_the_file_or_of_these_tests(parsed):
    _, tables = parsed("ungd", FILE)
    posts = {*tables["attendance"]["post"].drop_nulls(), *(post for post, _ in POSTS)}
    deciding = {
        next((n for n, (_, rule) in enumerate(rules()) if rule.search(fold(post))), None)
        for post in posts
    }
    assert deciding >= set(range(len(rules())))
    assert {level for level, _ in rules()} <= set(RANK)


# --- forms and faults ---------------------------------------------------------------------------


def test_stray_columns_and_empty_sheets_are_passed_over(made):
    rows = [[*HEAD, None, None], [*speech(), "see page 41", None], [None] * 8]
    told, tables = made("ungd", "x.xlsx", workbook(rows, [[None], [None]], []))
    assert told.rows_read == told.rows_kept == 1
    assert tables["attendance"].select("state_id", "level", "basis", "post").rows() == [
        ("TCD", "head", "reported", "President")
    ]


def test_the_highest_of_two_speeches_is_kept_with_its_post(made):
    rows = [HEAD, speech(post="UN Representative"), speech(), speech(post=None)]
    told, tables = made("ungd", "x.xlsx", workbook(rows))
    assert tables["attendance"]["post"].to_list() == ["President"]
    assert told.dropped == {"another speech of the same state in the session": 2}


def test_a_later_session_follows_the_same_form(made):
    _, tables = made("ungd", "x.xlsx", workbook([HEAD, speech(year=2025, session=80)]))
    assert tables["sessions"].select("session_id", "start", "date_precision").rows() == [
        ("unga-80-general-debate", date(2025, 1, 1), "year")
    ]


def test_a_misspelt_name_beside_a_good_code_is_noted(made):
    told, _ = made("ungd", "x.xlsx", workbook([HEAD, speech(country="Tchadd")]))
    assert any("1 spellings of countries in 1 rows" in note for note in told.notes)


def test_a_workbook_of_something_else_in_the_folder_is_ignored(record, tmp_path):
    files = {"a.xlsx": workbook([["a", "b"], [1, 2]]), "b.xlsx": workbook([HEAD, speech()])}
    told, _ = read_folder(record, tmp_path, "ungd", files)
    assert told.rows_kept == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([HEAD, speech(code="QQQ", country="Ruritania")], r"no state is known by the label 'QQQ'"),
        (
            [HEAD, speech(code="FRA")],
            r"row 2: the code 'FRA' and the name 'Chad' are of two states",
        ),
        ([HEAD, speech(year=2023)], r"row 2: session 79 did not meet in 2023"),
        ([HEAD, speech(session="S-10")], r"row 2: session 'S-10' is not a number"),
        ([HEAD, speech(year="MMXXIV")], r"row 2: 'MMXXIV' is not a year"),
        ([HEAD, speech(code=None, country=None)], r"row 2: neither a code nor a name"),
        ([[*HEAD, "Gender"], speech()], r"column 'Gender' is not one that this loader knows"),
        ([HEAD[:-1], speech()[:-1]], r"column 'Post' is missing"),
        ([HEAD], r"holds no speech"),
    ],
)
def test_a_workbook_that_is_not_as_known_is_refused_with_its_row(made, rows, message):
    with pytest.raises(BadSource, match=message) as error:
        made("ungd", "x.xlsx", workbook(rows))
    assert SECRET not in str(error.value)


def test_two_sheets_with_rows_are_refused(made):
    sheet = [HEAD, speech()]
    with pytest.raises(BadSource, match="2 sheets hold rows, one expected"):
        made("ungd", "x.xlsx", workbook(sheet, sheet))


def test_a_workbook_that_is_cut_off_is_refused(made):
    whole = workbook([HEAD, speech()])
    with pytest.raises(BadSource):
        made("ungd", "x.xlsx", whole[: len(whole) // 2])
