"""Votes of members of the International Monetary Fund."""

from __future__ import annotations

import gzip
from datetime import date

import pytest

from multipolar.errors import BadSource
from multipolar.sources import load_source

CSV = "member,quota_sdr_million,quota_percent,votes,votes_percent\n"
GROUP = "<tr><th></th><th>QUOTA</th><th></th><th>VOTES</th></tr>"
HEAD = (
    "<tr><td>Member</td><td>Millions of\n SDRs</td><td>Percent of Total<sup>1</sup></td>"
    "<td>Governor Alternate</td><td>Number<sup>2</sup></td><td>Percent of Total<sup>1</sup></td></tr>"
)
UPDATED = "<p>Last Updated: March 5, 2027</p>"


def page(*members: tuple[str, str], total: str = "30", updated: str = UPDATED) -> str:
    """Return a page of the publisher's form with these members and votes."""
    rows = "".join(
        f"<tr><td>{name}</td><td>1</td><td>1</td><td>A Person B Person</td><td>{votes}</td><td>1</td></tr>"
        for name, votes in members
    )
    last = (
        "<table><tr><td>TOTALS: General Department</td></tr>"
        f"<tr><td></td><td>2</td><td>100</td><td></td><td>{total}</td><td>100</td></tr></table>"
    )
    return (
        f"<!doctype html><html><body>{updated}<table>{GROUP}{HEAD}{rows}</table>"
        f"{last if total else ''}</body></html>"
    )


# --- the files as published ---------------------------------------------------------------------


def test_the_page_lists_190_members_with_5039930_votes(parsed):
    told, tables = parsed("imf", "weights")
    rows = tables["weights"]
    assert (told.rows_read, told.rows_kept, told.dropped, told.notes) == (190, 190, {}, [])
    assert rows["state_id"].n_unique() == 190
    assert rows["weight"].sum() == 5_039_930
    assert set(rows["total"]) == {5_039_930.0}


def test_the_edition_is_the_day_that_the_page_prints(parsed):
    told, tables = parsed("imf", "weights")
    assert (told.edition, told.first) == ("2022-10-02", date(2022, 10, 2))
    row = tables["weights"].row(0, named=True)
    assert (row["body_id"], row["edition"], row["weight_name"], row["basis"]) == (
        "imf",
        "2022-10-02",
        "votes",
        "as_listed",
    )
    assert (row["start"], row["end"]) == (date(2022, 10, 2), None)


def test_names_lose_the_numbers_of_notes_and_members_that_are_no_states_of_the_un_stay(parsed):
    rows = dict(parsed("imf", "weights")[1]["weights"].select("state_id", "weight").iter_rows())
    assert (rows["USA"], rows["BHS"], rows["XKX"]) == (831_401, 3_283, 2_285)
    assert {"KOR", "GIN", "GNQ", "GNB", "COD", "COG", "AFG"} <= set(rows)
    assert round(100 * rows["JPN"] / 5_039_930, 2) == 6.14


def test_the_votes_are_those_that_the_almanac_holds_under_the_same_keys(parsed, record):
    rows = parsed("imf", "weights")[1]["weights"]
    ours = {
        row["state_id"]: float(row["weight"])
        for row in record.rows("weights")
        if (row["body_id"], row["edition"], row["weight_name"]) == ("imf", "2022-10-02", "votes")
    }
    assert dict(rows.select("state_id", "weight").iter_rows()) == ours


def test_the_csv_of_the_page_gives_the_same_rows(parsed):
    page_rows = parsed("imf", "weights")[1]["weights"].sort("state_id")
    told, tables = parsed("imf", "weights/derived")
    assert tables["weights"].sort("state_id").equals(page_rows)
    told, _ = parsed("imf", "weights", "weights/derived")
    assert (told.rows_read, told.rows_kept) == (380, 190)
    assert told.notes == ["the CSV differs from the page in 0 of 190 members"]


def test_the_page_of_directors_is_passed_over_in_a_folder_and_refused_by_name(parsed, shared):
    assert parsed("imf", "weights")[0].rows_kept == 190
    with pytest.raises(BadSource, match="is a web page, not the data"):
        parsed("imf", "weights/imf-eds-voting-power-2022-10-02.html")


def test_no_name_of_a_person_comes_out(parsed):
    frame = parsed("imf", "weights")[1]["weights"]
    texts = {value for column in frame.columns for value in frame[column].cast(str).drop_nulls()}
    assert not {text for text in texts if " " in text}


# --- other editions -----------------------------------------------------------------------------


def test_a_later_page_under_another_name_is_read(made):
    content = page(("Albania 3", "10"), ("Bahamas, The3", "20"))
    for name, packed in (
        ("saved.htm", content.encode()),
        ("saved.htm.gz", gzip.compress(content.encode())),
    ):
        told, tables = made("imf", name, packed)
        assert told.edition == "2027-03-05"
        assert tables["weights"]["state_id"].to_list() == ["ALB", "BHS"]
        assert tables["weights"]["weight"].to_list() == [10, 20]


def test_votes_that_do_not_add_up_to_the_printed_total_are_noted(made):
    told, tables = made("imf", "x.html", page(("Albania", "10"), ("Algeria", "21")))
    assert told.notes == ["the votes of the 2 members add up to 31, the total printed is 30"]
    assert set(tables["weights"]["total"]) == {30.0}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (page(("Nowhere", "30")), "no state is known by the label 'Nowhere'"),
        (page(("Albania", "10"), ("Albania 3", "20")), "'Albania' stands twice"),
        (page(("Albania", "1.5")), "'1.5' is not a number of votes"),
        (page(("", "30")), "without a member"),
        (page(), "holds no member"),
        (page(("Albania", "30"), total=""), "the page is cut off"),
        (page(("Albania", "30"), updated=""), "does not say when it was last updated"),
        (page(("Albania", "30"), updated="<p>Last Updated: Mars 5, 2027</p>"), "is not a date"),
        (page(("Albania", "30")).replace("Governor Alternate", "Ministry"), "unknown form"),
        (page(("Albania", "30")).replace("<td>A Person B Person</td>", ""), "unknown form"),
    ],
)
def test_a_page_that_is_not_of_the_known_form_is_refused(made, content, problem):
    with pytest.raises(BadSource, match=problem):
        made("imf", "x.html", content)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("list.csv", CSV + "Albania,1,1,30,1\n", "name does not give its one day"),
        ("list-2022-13-02.csv", CSV + "Albania,1,1,30,1\n", "'2022-13-02' is not a date"),
        ("x-2022-10-02.csv", CSV + "Albania,1,1,30\n", "row 2: 4 cells, 5 expected"),
        ("x-2022-10-02.csv", CSV.replace("\n", ",new\n") + "Albania,1,1,30,1,1\n", "column 'new'"),
    ],
)
def test_a_csv_that_is_not_of_the_known_form_is_refused(made, name, content, problem):
    with pytest.raises(BadSource, match=problem):
        made("imf", name, content)


def test_two_editions_at_once_are_refused(record, tmp_path):
    from multipolar.sources.files import find_files
    from multipolar.sources.pull import read

    (tmp_path / "a.html").write_text(page(("Albania", "30")))
    (tmp_path / "b-2022-10-02.csv").write_text(CSV + "Albania,1,1,30,1\n")
    source = load_source("imf")
    with pytest.raises(BadSource, match=r"is of 2022-10-02, a\.html of 2027-03-05"):
        read(source, find_files(source, [tmp_path]), record)
