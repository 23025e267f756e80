"""Attendance at the climate conferences: delegates by state and meeting, never persons."""

from __future__ import annotations

import csv
import gzip
from datetime import date

import polars as pl
import pytest
from folders import read_folder

from multipolar.errors import BadSource

LISTS = "cop/precops.cleaned.translated.csv"
TOTALS = "Meeting,Delegation,Number,Delegation_ISO\n"
STATISTICS = (
    "Meeting,Location,Year,Parties,Party_Participants,Observer,Observer_Participants,UN,"
    "UN_Participants,IGO,IGO_Participants,NGO,NGO_Participants,Media,Media_Participants,"
    "Total_Participants\n"
)
FORMS = {
    18: "Group_Type,Delegation,Honorific,Person_Name,Job_Title,Division,Affiliation,Virtual,Overflow,"
    "Year,Meeting,Location,Female,IGO,NGO,Observer,Party,IO",
    19: "Group_Type,Delegation,Honorific,Person_Name,Job_Title,Division,Affiliation,Relation,Overflow,"
    "Virtual,Year,Meeting,Location,Female,IGO,NGO,Observer,Party,IO",
    21: "Group_Type,Delegation,Honorific,Person_Name,Job_Title,Division,Affiliation,Relation,Overflow,"
    "Virtual,Year,Meeting,Location,Female,IGO,NGO,Observer,Party,IO,Delegation_COW,Delegation_ISO",
}
CODES = {"Chad": "TCD", "France": "FRA", "Panama": "PNA", "Holy See": "VAT"}
SECRET = "Jane Q. Delegate"


def person(form: int = 21, delegation: str = "Chad", group: str = "Parties", **cells: str) -> str:
    """Return a row of a list of participants."""
    given = {
        "Group_Type": group,
        "Delegation": delegation,
        "Person_Name": SECRET,
        "Overflow": "0",
        "Virtual": "0",
        "Year": "2023",
        "Meeting": "COP 28",
        "Location": "Dubai",
        "IGO": "0",
        "NGO": "1" if group.startswith("Non") else "0",
        "Observer": "1" if group == "Observer States" else "0",
        "Party": "1" if group == "Parties" else "0",
        "IO": "0",
        "Delegation_ISO": CODES.get(delegation, "NA"),
    } | cells
    return ",".join(f'"{given.get(name, "NA")}"' for name in FORMS[form].split(","))


def people(*rows: str, form: int = 21) -> str:
    return "\n".join((FORMS[form], *rows)) + "\n"


# --- the published files ------------------------------------------------------------------------


def test_the_totals_hold_5350_rows_of_29_conferences(parsed):
    told, tables = parsed("cop", "cop/cop_summary.csv")
    rows = tables["attendance"]
    assert (told.rows_read, told.rows_kept, rows.height) == (5350, 5350, 5350)
    assert sorted(tables["sessions"]["session_id"]) == sorted(f"cop-{n}" for n in range(1, 30))
    assert rows.filter(state_id="EU").height == 29
    assert rows["delegation_n"].sum() == 197_566


def test_counts_are_those_of_the_file_overflow_included(parsed):
    _, tables = parsed("cop", "cop/cop_summary.csv")
    usa = dict(
        tables["attendance"].filter(state_id="USA").select("session_id", "delegation_n").rows()
    )
    assert (usa["cop-28"], usa["cop-29"]) == (839, 383)
    sums = dict(tables["attendance"].group_by("session_id").agg(pl.sum("delegation_n")).rows())
    assert (sums["cop-1"], sums["cop-28"]) == (971, 43_975)
    assert tables["attendance"]["overflow_n"].null_count() == 5350


def test_a_count_says_nothing_of_rank(parsed):
    _, tables = parsed("cop", "cop")
    assert "level" not in tables["attendance"].columns


def test_former_states_stand_under_their_own_codes(parsed):
    _, tables = parsed("cop", "cop")
    rows = tables["attendance"]
    assert rows.filter(state_id="SCG").height > 4
    early = rows.filter(pl.col("session_id").str.starts_with("inc-"))
    assert {"SUN", "CSK"} <= set(early["state_id"])
    assert rows.filter(state_id="SRB")["session_id"].is_in(["cop-11", "inc-1"]).sum() == 0


def test_the_lists_before_the_first_conference_are_counted_by_delegation(parsed):
    told, tables = parsed("cop", LISTS)
    assert (told.rows_read, told.rows_kept) == (7830, 5513)
    assert tables["attendance"]["delegation_n"].sum() == 5513
    assert told.dropped["not a delegation of a state: Non-governmental organizations"] == 1741
    assert sum(told.dropped.values()) == 2317
    assert sorted(tables["sessions"]["session_id"]) == sorted(f"inc-{n}" for n in range(1, 12))


def test_an_observer_state_listed_among_the_agencies_is_kept(parsed):
    _, tables = parsed("cop", LISTS)
    rows = tables["attendance"].filter(pl.col("state_id").is_in(["PSE", "VAT"]))
    assert rows.filter(state_id="PSE").select("session_id", "delegation_n").rows() == [("inc-5", 1)]
    assert rows.filter(state_id="VAT").height > 0


def test_panamas_wrong_code_is_read_as_panama(parsed):
    _, tables = parsed("cop", LISTS)
    assert tables["attendance"].filter(state_id="PAN").height == 8


def test_no_name_of_a_person_is_kept_anywhere(parsed, shared):
    told, tables = parsed("cop", LISTS)
    with open(shared / LISTS, encoding="utf-8", newline="") as handle:
        names = {row["Person_Name"] for row in csv.DictReader(handle)}
    assert len(names) > 4000
    texts = {
        value
        for frame in tables.values()
        for column in frame.select(pl.col(pl.String)).iter_columns()
        for value in column.drop_nulls()
    }
    said = " ".join([*told.notes, *told.dropped])
    assert texts & names == set()
    assert not any(name in said for name in names if len(name) > 8)


def test_official_totals_become_parties_and_delegates_of_the_session(parsed):
    told, tables = parsed("cop", "cop/Participation_Statistics.csv")
    rows = {row["session_id"]: row for row in tables["sessions"].iter_rows(named=True)}
    assert (told.rows_read, told.rows_kept) == (41, 40)
    assert (rows["cop-1"]["parties_n"], rows["cop-1"]["delegates_n"]) == (117, 757)
    assert (rows["cop-2"]["parties_n"], rows["cop-2"]["delegates_n"]) == (None, None)
    assert (rows["cop-28"]["delegates_n"], rows["cop-28"]["place"]) == (20_204, None)
    assert rows["cop-6"]["place"] == "Hague"
    assert (rows["cop-6bis"]["place"], rows["cop-6bis"]["start"]) == ("Bonn", date(2001, 1, 1))
    assert (rows["inc-5"]["place"], rows["inc-5"]["date_precision"]) == ("New York", "year")


def test_the_almanac_gives_the_same_official_totals(parsed, record):
    _, tables = parsed("cop", "cop/Participation_Statistics.csv")
    ours = record.keyed("sessions")
    compared = 0
    for row in tables["sessions"].iter_rows(named=True):
        if row["session_id"] in ours and row["delegates_n"] is not None:
            known = ours[row["session_id"]]
            assert (known["parties_n"], known["delegates_n"]) == (
                row["parties_n"],
                row["delegates_n"],
            )
            compared += 1
    assert compared == 27


def test_sums_that_are_not_the_official_totals_are_noted(parsed):
    told, _ = parsed("cop", "cop")
    (note,) = told.notes
    assert "Of 26 meetings with an official total" in note
    assert "22 add up to another number" in note
    assert "cop-28 (43,975; 20,204)" in note


def test_everything_together_has_a_row_for_each_meeting_and_state(parsed):
    told, tables = parsed("cop", "cop")
    assert tables["attendance"].height == 6833
    assert tables["sessions"].height == 29 + 1 + 11
    assert told.rows_read == 5350 + 7830 + 41
    sixth = tables["attendance"].filter(session_id="cop-6")["note"].unique().to_list()
    assert sixth == ["The counts hold both parts of the conference: The Hague 2000 and Bonn 2001."]


# --- forms --------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", [18, 19, 21])
def test_the_three_forms_of_the_list_count_alike(made, form):
    rows = [
        person(form),
        person(form, Overflow="1"),
        person(form, "Holy See", "Observer States"),
        person(form, "Friends of Trees", "Non-governmental organizations"),
        person(form, "European Union"),
        person(form, "Congo"),
    ]
    told, tables = made("cop", "x.csv", people(*rows, form=form))
    found = tables["attendance"].select("state_id", "delegation_n", "overflow_n").rows()
    assert found == [("TCD", 2, 1), ("VAT", 1, 0), ("EU", 1, 0), ("COG", 1, 0)]
    assert told.dropped["not a delegation of a state: Non-governmental organizations"] == 1


def test_a_list_without_the_column_overflow_does_not_say_none(made):
    head = FORMS[18].replace("Overflow,", "")
    row = person(18).split(",")
    del row[8]
    _, tables = made("cop", "x.csv", f"{head}\n{','.join(row)}\n")
    assert tables["attendance"]["overflow_n"].to_list() == [None]


def test_virtual_delegates_are_counted_and_told(made):
    rows = [
        person(),
        person(Virtual="1"),
        person(delegation="France", Virtual="1"),
        person(delegation="Panama"),
    ]
    _, tables = made("cop", "x.csv", people(*rows))
    found = tables["attendance"].select("state_id", "delegation_n", "mode", "note").rows()
    assert found == [
        ("TCD", 2, None, "Of these, 1 took part by video."),
        ("FRA", 1, "virtual", None),
        ("PAN", 1, "in_person", None),
    ]


@pytest.mark.parametrize(("meeting", "year"), [("COP 6", "2001"), ("COP 6.5", "2001")])
def test_the_resumed_sixth_conference_is_a_session_of_its_own(made, meeting, year):
    rows = [
        person(Meeting="COP 6", Year="2000", Location="The Hague"),
        person(Meeting=meeting, Year=year, Location="Bonn"),
    ]
    _, tables = made("cop", "x.csv", people(*rows))
    sessions = tables["sessions"].select("session_id", "start", "place").rows()
    assert sessions == [
        ("cop-6", date(2000, 1, 1), "The Hague"),
        ("cop-6bis", date(2001, 1, 1), "Bonn"),
    ]


def test_where_totals_and_a_list_hold_a_meeting_the_list_stands(record, tmp_path):
    files = {
        "a.csv": people(person(), person(), person(delegation="France")),
        "b.csv": TOTALS + "COP 28,Chad,1,TCD\nCOP 28,France,1,FRA\nCOP 27,Chad,9,TCD\n",
    }
    told, tables = read_folder(record, tmp_path, "cop", files)
    found = tables["attendance"].select("session_id", "state_id", "delegation_n").rows()
    assert sorted(found) == [("cop-27", "TCD", 9), ("cop-28", "FRA", 1), ("cop-28", "TCD", 2)]
    assert told.dropped["total of a meeting whose participants are listed one by one"] == 2
    assert told.notes == [
        (
            "Totals by delegation and the lists of participants share 1 meetings: 1 of 2 counts differ; "
            "the lists stand."
        )
    ]


def test_a_total_for_both_parts_of_the_sixth_is_compared_with_both_lists(record, tmp_path):
    files = {
        "a.csv": people(person(Meeting="COP 6", Year="2000"), person(Meeting="COP 6", Year="2001")),
        "b.csv": TOTALS + "COP 6,Chad,2,TCD\n",
    }
    told, _ = read_folder(record, tmp_path, "cop", files)
    assert "0 of 1 counts differ" in told.notes[0]


def test_the_translated_and_the_original_list_are_counted_once(record, tmp_path):
    files = {
        "a.csv": people(person(), person()),
        "b.csv.gz": gzip.compress(people(person(), person()).encode()),
    }
    told, tables = read_folder(record, tmp_path, "cop", files)
    assert tables["attendance"]["delegation_n"].to_list() == [2]
    assert (told.rows_read, told.rows_kept) == (4, 2)
    assert told.dropped["participant listed in another language too"] == 2


def test_two_lists_that_contradict_each_other_are_refused(record, tmp_path):
    files = {"a.csv": people(person(), person()), "b.csv": people(person())}
    with pytest.raises(BadSource, match=r"b\.csv: cop-28 stands in another list too"):
        read_folder(record, tmp_path, "cop", files)


def test_totals_alone_have_the_almanacs_years(made):
    _, tables = made("cop", "x.csv", TOTALS + "COP 26,Chad,3,TCD\n")
    assert tables["sessions"].select("start", "date_precision").rows() == [
        (date(2021, 1, 1), "year")
    ]


def test_statistics_give_the_year_that_totals_lack(record, tmp_path):
    files = {
        "a.csv": TOTALS + "COP 60,Chad,3,TCD\n",
        "b.csv": STATISTICS + "COP 60,Bonn,2055,1,4,0,0,,,,,,,,,\n" + "," * 15 + "\n",
    }
    told, tables = read_folder(record, tmp_path, "cop", files)
    assert tables["sessions"]["start"].to_list() == [date(2055, 1, 1)]
    assert told.notes == [
        (
            "Of 1 meetings with an official total of the delegates of states, 1 add up to another number "
            "here (counted; official): cop-60 (3; 4)."
        )
    ]


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("COP 28,Chad,3,FRA\n", r"row 2: the code 'FRA' and the name 'Chad' are of two states"),
        ("COP 28,Ruritania,3,RUR\n", r"no state is known by the label 'RUR'"),
        ("COP 28,Chad,,TCD\n", r"row 2: 'Chad' has no number of delegates"),
        ("COP 28,Chad,3.5,TCD\n", r"row 2: Number '3.5' is not a whole number"),
        ("COP 28,Chad,3,TCD\nCOP 28,Chad,4,TCD\n", r"row 3: 'Chad' stands twice in cop-28"),
        ("CMP 3,Chad,3,TCD\n", r"row 2: meeting 'CMP 3' is not COP or INC"),
        ("COP 60,Chad,3,TCD\n", r"row 2: no file says in which year cop-60 met"),
        ("COP 28,Chad,3\n", r"row 2: 3 cells, 4 expected"),
    ],
)
def test_a_total_that_is_not_as_known_is_refused_with_its_row(made, rows, message):
    with pytest.raises(BadSource, match=message):
        made("cop", "x.csv", TOTALS + rows)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (people(person(Party="2")), r"row 2: Party '2' is not 0 or 1"),
        (people(person(Observer="1")), r"row 2: 'Chad' is a Party and an Observer State"),
        (people(person(Year="20")), r"row 2: '20' is not a year"),
        (people(person(), person(Year="2022")), r"row 3: cop-28 stands in 2023 and in 2022"),
        (people(person(delegation="Ruritania")), r"no state is known by the label 'Ruritania'"),
        (people(person()).replace("Location,", "Location,Email,", 1), r"column 'Email' is not one"),
        (people(person()).replace("Virtual,", "", 1), r"column 'Virtual' is missing"),
        (people(person(), person())[:-40], r"row 3: 18 cells, 21 expected|is not CSV"),
        (people(person(Person_Name="é")).encode("latin-1"), r"row 2: byte 0xE9 is not utf-8"),
    ],
)
def test_a_list_that_is_not_as_known_is_refused_without_naming_anybody(made, content, message):
    with pytest.raises(BadSource, match=message) as error:
        made("cop", "x.csv", content)
    assert SECRET not in str(error.value)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (
            "COP 1,Berlin,1995,many,757,53,112,,,,,,,,,",
            r"row 2: Parties 'many' is not a whole number",
        ),
        ("COP 1,Berlin,95,117,757,53,112,,,,,,,,,", r"row 2: '95' is not a year"),
        (
            "COP 1,Berlin,1995,1,2,,,,,,,,,,,\nCOP 1,Bonn,1995,1,2,,,,,,,,,,,",
            r"row 3: .*stands twice",
        ),
    ],
)
def test_statistics_that_are_not_as_known_are_refused(made, row, message):
    with pytest.raises(BadSource, match=message):
        made("cop", "x.csv", STATISTICS + row + "\n")
