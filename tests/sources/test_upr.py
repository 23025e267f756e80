"""Universal Periodic Review: recommendations, pledges, reviews and sessions."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import date

import polars as pl
import pytest
from folders import read_folder, workbook

from multipolar.errors import BadSource

ALL = ("upr", "upr/derived")
HEAD = "To,To-Rgrp,To-Org,Text,From,From-Rgrp,From-Org,Response,Action,Issue,Session"
TRIAL = "Bring the former Head of State of Chad, Mr. Hissène Habré to justice"
EXPORTS = {"1-5": 6094, "6-9": 8343, "10-13": 9047, "14-17": 9598, "17-20": 7984}
CALENDAR = "cycle,session,year,session_start,state,status,note,source\n"
INDEX = (
    "Text",
    "Countries Concerned",
    "Reccomending Body",
    "Document Symbol",
    "Themes",
    "Affected Persons",
    "Sdgs",
    "Document Publication Date",
    "UPR Reccomending States",
    "UPR Position",
    "Type",
    "OHCHR Annotation Id",
    "UPR Session",
    "Regions Concerned",
    "Recommending Regions",
    "Date of publication on UHRI",
)


def export(*rows: str, end: str = "\r") -> str:
    """Return an export of UPR Info; the line ends are those of the old Macintosh."""
    return end.join((HEAD, *rows))


def line(
    to: str = "Senegal",
    giver: str = "France",
    text: str = "Ratify",
    answer: str = "Accepted",
    action: str = "5",
    session: str = "3",
) -> str:
    return f'{to},Africa,AU,"{text}",{giver},WEOG,EU,{answer},{action},General,{session}'


def indexed(**cells: str) -> list[str]:
    """Return a row of the UN's index."""
    given = {
        "Text": "Ratify the convention",
        "Countries Concerned": "- Iraq",
        "Reccomending Body": "- UPR",
        "Themes": "- Equality\n- Land",
        "UPR Reccomending States": "- France\n- Chile",
        "UPR Position": "- Supported",
        "Type": "- Recommendations",
        "OHCHR Annotation Id": "b4288060",
        "UPR Session": "- 48th session",
    }
    return [{**given, **cells}.get(name, "") for name in INDEX]


# --- the published files ------------------------------------------------------------------------


def test_the_exports_hold_41066_recommendations_and_pledges_apart(parsed):
    told, tables = parsed("upr", *ALL)
    rows = tables["recommendations"]
    counts = dict(rows["kind"].value_counts().rows())
    assert counts == {"recommendation": 41_066, "voluntary_pledge": 947}
    assert rows["recommendation_id"].n_unique() == rows.height
    assert any("41,066 rows are recommendations; 947 pledges" in note for note in told.notes)


@pytest.mark.parametrize("cut", EXPORTS)
def test_each_export_can_be_pulled_alone(parsed, cut):
    told, tables = parsed("upr", f"upr/recommendations_sessions_{cut}.csv")
    assert told.rows_read == told.rows_kept == tables["recommendations"].height == EXPORTS[cut]


def test_ids_do_not_depend_on_how_the_export_is_cut(parsed):
    _, whole = parsed("upr", *ALL)
    _, part = parsed("upr", "upr/recommendations_sessions_10-13.csv")
    columns = ["recommendation_id", "text", "to_label"]
    known = whole["recommendations"].filter(kind="recommendation").select(columns)
    assert part["recommendations"].select(columns).join(known, on=columns).height == 9047


def test_mac_roman_exports_read_as_sensible_text(parsed):
    _, tables = parsed("upr", *ALL)
    texts = tables["recommendations"]["text"]
    assert texts.str.contains("Hissène Habré", literal=True).sum() == 3
    assert texts.str.contains("Felsöszölnök", literal=True).sum() == 1
    assert texts.str.contains("[ŽŠˆ‡™\u0080-\u009f]").sum() == 0
    pledges = tables["recommendations"].filter(pl.col("text").str.contains("Ivoire"))
    assert pledges["text"].str.contains("C™te").sum() == 0


def test_the_last_export_holds_sessions_18_to_20_whatever_it_is_called(parsed):
    _, tables = parsed("upr", "upr/recommendations_sessions_17-20.csv")
    assert sorted(tables["recommendations"]["session"].unique()) == [18, 19, 20]


def test_who_is_unknown_to_the_source_stays_a_label_without_a_state(parsed):
    _, tables = parsed("upr", *ALL)
    rows = tables["recommendations"]
    nameless = rows.filter(pl.col("from_state").is_null())
    assert nameless["from_label"].to_list() == ["&#40;Unknown&#41;"] * 9
    assert rows["to_state"].null_count() == 0


def test_answers_and_actions_are_those_of_the_source(parsed):
    _, tables = parsed("upr", *ALL)
    rows = tables["recommendations"].filter(kind="recommendation")
    answers = dict(rows["response"].value_counts().rows())
    assert answers == {
        "Accepted": 4087 + 6206 + 6980 + 7105 + 6094,
        "Noted": 2007 + 2137 + 2067 + 2493 + 1890,
    }
    actions = dict(rows["action"].value_counts().rows())
    assert actions[1] == 207 + 173 + 122 + 66 + 35
    assert sum(actions.values()) == 41_066


def test_305_reviews_of_sessions_1_to_20_agree_with_the_recommendations(parsed):
    told, tables = parsed("upr", *ALL)
    rows = tables["reviews"].filter(pl.col("cycle") < 4)
    assert rows.height == 305
    assert rows.filter(state_id="ISR")["session_id"].to_list() == ["upr-3", "upr-17"]
    assert rows["result"].null_count() == 305
    advised = tables["recommendations"].filter(kind="recommendation")
    pairs = advised.select(
        "to_state", pl.format("upr-{}", pl.col("session")).alias("session_id")
    ).unique()
    assert set(pairs.rows()) == set(rows.select("state_id", "session_id").rows())
    assert not any("stand only in" in note for note in told.notes)


def test_the_calendar_holds_193_states_and_one_of_them_twice(parsed):
    _, tables = parsed("upr", *ALL)
    rows = tables["reviews"].filter(cycle=4)
    assert (rows.height, rows["state_id"].n_unique()) == (194, 193)
    twice = rows.filter(rows["state_id"].is_duplicated()).sort("date")
    columns = ["state_id", "session_id", "delegation", "result"]
    assert twice.select(columns).rows() == [
        ("USA", "upr-50", "no", "postponed"),
        ("USA", "upr-53", None, "rescheduled"),
    ]


def test_a_listed_review_is_not_said_to_have_been_held(parsed):
    _, tables = parsed("upr", *ALL)
    results = dict(tables["reviews"].filter(cycle=4)["result"].value_counts().rows())
    assert results == {None: 151, "scheduled": 41, "postponed": 1, "rescheduled": 1}


def test_a_review_has_the_first_day_of_its_session_or_only_the_year(parsed):
    _, tables = parsed("upr", *ALL)
    rows = tables["reviews"]
    day = rows.filter(session_id="upr-41").select("date", "date_precision").unique()
    assert day.rows() == [(date(2022, 11, 7), "session")]
    year = rows.filter(session_id="upr-45").select("date", "date_precision").unique()
    assert year.rows() == [(date(2024, 1, 1), "year")]
    assert rows.filter(session_id="upr-9")["date"].unique().to_list() == [date(2010, 1, 1)]


def test_54_sessions_have_cycle_and_year(parsed):
    _, tables = parsed("upr", *ALL)
    rows = tables["sessions"]
    assert rows["session_id"].to_list() == [f"upr-{n}" for n in range(1, 55)]
    assert dict(rows["cycle"].value_counts().rows()) == {1: 12, 2: 14, 3: 14, 4: 14}
    by_status = rows.group_by("status").agg(pl.col("number").cast(int)).rows()
    numbers = {status: sorted(found) for status, found in by_status}
    assert numbers["held"] == list(range(1, 21))
    assert numbers["scheduled"] == [52, 53, 54]


def test_the_sessions_of_the_almanac_have_the_years_of_the_source(parsed, record):
    _, tables = parsed("upr", *ALL)
    ours = record.keyed("sessions")
    wrong = [
        row["session_id"]
        for row in tables["sessions"].iter_rows(named=True)
        if ours[row["session_id"]]["start"].year != row["start"].year
    ]
    assert wrong == []


def test_the_list_of_years_is_compared_and_says_no_session(parsed):
    told, _ = parsed("upr", *ALL)
    assert told.dropped == {"years without a session; compared with the sessions only": 193}
    assert any("HTI (session 12: 2011, not 2010)" in note for note in told.notes)


@pytest.mark.parametrize(
    ("file", "table", "n"),
    [
        ("sessions.csv", "reviews", 305),
        ("derived/upr_cycle4_calendar.csv", "reviews", 194),
        ("upr_session_years.csv", "sessions", 53),
        ("voluntary_pledges.csv", "recommendations", 947),
    ],
)
def test_any_one_file_is_enough(parsed, file, table, n):
    told, tables = parsed("upr", f"upr/{file}")
    assert told.rows_kept == tables[table].height == n


def test_a_list_of_reviews_alone_has_the_almanacs_years(parsed):
    _, tables = parsed("upr", "upr/sessions.csv")
    days = tables["reviews"].filter(session_id="upr-20")
    assert set(days["date"]) == {date(2014, 1, 1)}
    assert set(days["date_precision"]) == {"year"}


def test_years_alone_say_no_review(parsed):
    with pytest.raises(BadSource, match="gives years only"):
        parsed("upr", "upr/upr-years.csv")


# --- forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["mac_roman", "cp1252", "utf-8", "utf-8-sig"])
def test_the_encoding_is_the_one_in_which_the_text_makes_sense(made, encoding):
    content = export(line(text=TRIAL)).encode(encoding)
    _, tables = made("upr", "x.csv", content)
    assert tables["recommendations"]["text"].to_list() == [TRIAL]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Women’s rights, “full” equality"),
        ("mac_roman", "Women’s rights, “full” equality"),
        ("cp1252", "Defensoría del Pueblo – the Länder"),
        ("mac_roman", "Defensoría del Pueblo vis-à-vis the Länder"),
        ("cp1252", "Côte d’Ivoire"),
        ("mac_roman", "Côte d’Ivoire"),
    ],
)
def test_quotation_marks_and_accents_tell_the_encodings_apart(made, encoding, text):
    _, tables = made("upr", "x.csv", export(line(text=text)).encode(encoding))
    assert tables["recommendations"]["text"].to_list() == [text]


def test_a_file_that_makes_as_much_sense_in_both_encodings_is_refused(made):
    with pytest.raises(BadSource, match=r"neither UTF-8 nor clearly Mac Roman or Windows-1252"):
        made("upr", "x.csv", export(line(text="§")).encode().replace("§".encode(), b"\xc9"))


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_of_every_system_are_read(made, end):
    told, _ = made("upr", "x.csv", export(line(), line(giver="Chile"), end=end))
    assert told.rows_kept == 2


def test_compressed_and_archived_exports_are_read(record, tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("inner/b.csv", export(line(session="4")))
    files = {"a.csv.gz": gzip.compress(export(line()).encode()), "b.zip": out.getvalue()}
    told, tables = read_folder(record, tmp_path, "upr", files)
    assert told.rows_kept == 2
    assert sorted(tables["recommendations"]["recommendation_id"]) == ["3-1", "4-1"]


def test_pledges_are_told_by_their_response_and_counted_apart(made):
    rows = export(line(), line(giver="Senegal", answer="Voluntary Pledge"), line(text="Abolish"))
    _, tables = made("upr", "x.csv", rows)
    ids = tables["recommendations"].select("recommendation_id", "kind").rows()
    assert ids == [
        ("3-1", "recommendation"),
        ("3-p1", "voluntary_pledge"),
        ("3-2", "recommendation"),
    ]


def test_a_session_cut_between_two_files_is_counted_on(record, tmp_path):
    files = {"a.csv": export(line()), "b.csv": export(line(to="Chad"))}
    _, tables = read_folder(record, tmp_path, "upr", files)
    assert tables["recommendations"]["recommendation_id"].to_list() == ["3-1", "3-2"]


def test_two_editions_of_one_review_are_refused(record, tmp_path):
    files = {"a.csv": export(line()), "b.csv": export(line(text="Ratify now"))}
    with pytest.raises(BadSource, match=r"'Senegal' in session 3 stands in .*a\.csv too"):
        read_folder(record, tmp_path, "upr", files)


def test_a_missing_action_stays_missing(made):
    _, tables = made("upr", "x.csv", export(line(action="")))
    assert tables["recommendations"]["action"].to_list() == [None]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (export(line(answer="Maybe")), r"row 2: response 'Maybe' is not known"),
        (export(line(action="6")), r"row 2: action '6' is not 1 to 5"),
        (export(line(session="0")), r"row 2: session '0' is not a number"),
        (export(line(), line(giver="")), r"row 3: a recommendation without To or From"),
        (export(line(giver="Ruritania")), r"no state is known by the label 'Ruritania'"),
        (export(line(), line()[:-9]), r"row 3: 10 cells, 11 expected"),
        (export(line(), 'Chad,Africa,AU,"Ratify'), r"is not CSV"),
        (export(line()).replace("Issue,", "Issue,Score,", 1), r"column 'Score' is not one"),
        (export(line()).replace("Action,", "", 1), r"column 'Action' is missing"),
        (export(line(session="77")), r"no file says in which year session 77 met"),
    ],
)
def test_an_export_that_is_not_as_known_is_refused_with_its_row(made, content, message):
    with pytest.raises(BadSource, match=message):
        made("upr", "x.csv", content)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("4,41,2022,2022-11-07,Chad,cancelled,,x", "status 'cancelled' is not one"),
        ("3,41,2022,2022-11-07,Chad,listed,,x", "session 41 is not of cycle '3'"),
        ("4,41,2022,07/11/2022,Chad,listed,,x", "'07/11/2022' is not a date"),
        ("4,41,2022,2023-11-07,Chad,listed,,x", "session 41 cannot begin on 2023-11-07"),
        ("4,41,22,2022-11-07,Chad,listed,,x", "'22' is not a year"),
        ("4,41,2022,2022-11-07,Ruritania,listed,,x", "no state is known by the label 'Ruritania'"),
    ],
)
def test_a_calendar_that_is_not_as_known_is_refused(made, row, message):
    with pytest.raises(BadSource, match=message):
        made("upr", "x.csv", CALENDAR + row + "\n")


def test_a_review_that_stands_twice_in_a_calendar_is_refused(made):
    row = "4,41,2022,2022-11-07,Chad,listed,,x\n"
    with pytest.raises(BadSource, match="repeat a key"):
        made("upr", "x.csv", CALENDAR + row + row)


def test_an_absence_without_a_later_date_has_no_result(made):
    _, tables = made("upr", "x.csv", CALENDAR + "4,41,2022,2022-11-07,Chad,did_not_take_part,,x\n")
    row = tables["reviews"].row(0, named=True)
    assert (row["delegation"], row["result"]) == ("no", None)


def test_a_review_in_list_and_calendar_is_kept_once(record, tmp_path):
    files = {
        "a.csv": CALENDAR + "1,3,2008,2008-12-01,Chad,held,,x\n",
        "b.csv": '"","To","To_COW","Session"\n"1","Chad","CHA",3\n"2","Mali","MLI",3\n',
    }
    told, tables = read_folder(record, tmp_path, "upr", files)
    assert told.dropped == {"review that the calendar holds too": 1}
    held = tables["reviews"].select("state_id", "date", "date_precision", "result").rows()
    assert held == [
        ("TCD", date(2008, 12, 1), "session", "held"),
        ("MLI", date(2008, 12, 1), "session", None),
    ]


def test_a_session_that_two_files_put_in_two_years_is_noted(record, tmp_path):
    files = {
        "a.csv": CALENDAR + "1,3,2008,2008-12-01,Chad,held,,x\n",
        "b.csv": "session,year\n3,2009\n",
    }
    told, tables = read_folder(record, tmp_path, "upr", files)
    assert told.notes[0] == "Session 3 is put in 2009 by one file and in 2008 by another."
    assert tables["sessions"]["start"].to_list() == [date(2008, 12, 1)]


# --- the UN's index -----------------------------------------------------------------------------


def test_the_index_keeps_the_reviews_and_counts_the_other_mechanisms(made):
    rows = [
        INDEX,
        indexed(),
        indexed(**{"Reccomending Body": "- CEDAW", "UPR Session": ""}),
        indexed(
            **{
                "UPR Reccomending States": "",
                "Type": "- Voluntary pledges",
                "OHCHR Annotation Id": "c1",
                "UPR Session": "20",
            }
        ),
    ]
    told, tables = made("upr", "x.xlsx", workbook(rows))
    assert (told.rows_read, told.rows_kept) == (3, 2)
    assert told.dropped == {"recommendation of another mechanism than the review": 1}
    found = tables["recommendations"].select(
        "recommendation_id", "kind", "from_state", "to_state", "session", "response", "issue"
    )
    assert found.rows() == [
        ("48-b4288060-1", "recommendation", "FRA", "IRQ", 48, "Supported", "Equality; Land"),
        ("48-b4288060-2", "recommendation", "CHL", "IRQ", 48, "Supported", "Equality; Land"),
        ("20-c1", "voluntary_pledge", "IRQ", "IRQ", 20, "Supported", "Equality; Land"),
    ]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"UPR Session": "- spring"}, r"row 2: UPR Session '- spring' is not a session's number"),
        ({"Countries Concerned": "- Iraq\n- Chad"}, r"row 2: Countries Concerned holds 2 values"),
        ({"UPR Reccomending States": ""}, r"row 2: a recommendation without recommending state"),
    ],
)
def test_a_line_of_the_index_that_is_not_as_known_is_refused(made, cells, message):
    with pytest.raises(BadSource, match=message):
        made("upr", "x.xlsx", workbook([INDEX, indexed(**cells)]))


def test_a_session_in_the_index_and_in_an_export_is_refused(record, tmp_path):
    files = {
        "a.csv": export(line(session="20")),
        "b.xlsx": workbook([INDEX, indexed(**{"UPR Session": "- 20th session"})]),
    }
    with pytest.raises(BadSource, match="session 20 stands in the exports of UPR Info too"):
        read_folder(record, tmp_path, "upr", files)
