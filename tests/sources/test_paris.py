"""Parties to the Paris Agreement and to the Convention."""

from __future__ import annotations

import gzip
from datetime import date, timedelta

import polars as pl
import pytest

from multipolar.errors import BadSource

HEAD = "Code,Name,Signature,Ratification,Kind,Date-Of-Effect,Emissions,Percentage,Year\n"
FIRST = "AFG,Afghanistan,2016-04-22,2017-02-15,Ratification,2017-03-17,,,\n"
JOINED = "Ratification-Acceptance-Accession-Approval-Succession"
CONVENTION = f"Code,Name,Signature,{JOINED},Kind\n"
XML = """<?xml version="1.0" encoding="ISO-8859-1"?>
<Root><Treaty><Header>Paris Agreement</Header><Participants><Table><TGroup><Tbody><Rows>{}</Rows></Tbody>
</TGroup></Table></Participants></Treaty></Root>"""


def record_of(*rows: tuple[str, str, str]) -> bytes:
    """Return the depositary's XML with these participants, in its encoding."""
    cells = ("".join(f"<Entry>{cell}</Entry>" for cell in row) for row in rows)
    return XML.format("".join(f"<Row>{row}</Row>" for row in cells)).encode("iso-8859-1")


# --- the files as published ---------------------------------------------------------------------


def test_the_two_published_tables_hold_every_party_and_signatory(parsed):
    told, tables = parsed("paris", "treaties")
    rows = tables["memberships"]
    assert (told.rows_read, told.rows_kept, told.dropped) == (396, 396, {})
    assert dict(rows["body_id"].value_counts().iter_rows()) == {
        "paris-agreement": 198,
        "unfccc": 198,
    }
    assert (told.edition, told.first) == ("2023-02-07", date(1992, 6, 4))
    assert rows.select("body_id", "state_id").is_unique().all()


def test_a_party_to_the_agreement_has_its_days_of_signature_joining_and_effect(parsed):
    rows = parsed("paris", "treaties")[1]["memberships"].filter(body_id="paris-agreement")
    member = rows.filter(state_id="AFG").row(0, named=True)
    assert (member["status"], member["signed"], member["ratified"], member["start"]) == (
        "member",
        date(2016, 4, 22),
        date(2017, 2, 15),
        date(2017, 3, 17),
    )
    assert member["means"] == "Ratification"


def test_signatories_that_have_not_joined_are_no_members(parsed):
    rows = parsed("paris", "treaties")[1]["memberships"]
    signatories = rows.filter(status="signatory").sort("state_id")
    assert signatories["state_id"].to_list() == ["IRN", "LBY", "YEM"]
    assert signatories["ratified"].to_list() == [None, None, None]
    assert signatories["start"].to_list() == signatories["signed"].to_list()


def test_the_table_has_no_withdrawal_so_a_party_that_came_back_has_one_row(parsed):
    rows = parsed("paris", "treaties")[1]["memberships"].filter(body_id="paris-agreement")
    back = rows.filter(state_id="USA")
    assert back["start"].to_list() == [date(2021, 2, 19)]
    assert "end" not in rows.columns or back["end"].to_list() == [None]


def test_the_thirtieth_day_is_the_day_of_effect_that_the_table_prints(parsed):
    rows = parsed("paris", "treaties")[1]["memberships"]
    members = rows.filter(body_id="paris-agreement", status="member")
    rule = pl.max_horizontal(pl.lit(date(2016, 11, 4)), pl.col("ratified") + timedelta(days=30))
    assert members.height == 195
    assert members.filter(rule != pl.col("start")).height == 0


def test_parties_to_the_convention_are_bound_from_the_ninetieth_day_and_not_before_1994(parsed):
    rows = parsed("paris", "treaties")[1]["memberships"].filter(body_id="unfccc")
    starts = dict(rows.select("state_id", "start").iter_rows())
    assert min(day for day in starts.values() if day) == date(1994, 3, 21)
    assert starts["AND"] == date(2011, 5, 31)
    assert [code for code, day in starts.items() if day is None] == ["MNE"]


def test_the_european_union_is_a_party_under_its_code(parsed):
    rows = parsed("paris", "treaties")[1]["memberships"].filter(state_id="EU")
    assert set(rows["body_id"]) == {"paris-agreement", "unfccc"}


def test_the_depositarys_table_of_2014_agrees_with_the_table_of_the_convention(parsed):
    told, tables = parsed("paris", "treaties/untreaties/treaties")
    assert (told.rows_read, told.rows_kept) == (196, 196)
    both = (
        parsed("paris", "treaties")[1]["memberships"]
        .filter(body_id="unfccc")
        .join(tables["memberships"], on="state_id", suffix="_then")
    )
    assert both.height == 196
    for column in ("signed", "ratified", "means", "start"):
        assert both[column].equals(both[f"{column}_then"], check_names=False), column


# --- forms --------------------------------------------------------------------------------------


def test_a_compressed_table_under_another_name_is_read(made):
    told, _ = made("paris", "status.csv.gz", gzip.compress((HEAD + FIRST).encode()))
    assert told.rows_kept == 1


def test_the_depositarys_record_is_read_with_its_letters_notes_and_brackets(made):
    content = record_of(
        ("Afghanistan", "22 Apr\t 2016 ", "15 Feb\t 2017 "),
        (
            "C\xf4te d'Ivoire&lt;superscript&gt;1&lt;/superscript&gt;",
            "22 Apr 2016",
            "25 Oct 2016 A",
        ),
        ("Nicaragua", "", "23 Oct 2017 a"),
        (
            "United States of America<superscript>7,8</superscript>",
            "22 Apr 2016",
            "[20 Jan\t 2021 A]",
        ),
        ("Yemen", "23 Sep 2016", ""),
    )
    told, tables = made("paris", "record.xml", content)
    rows = {row["state_id"]: row for row in tables["memberships"].iter_rows(named=True)}
    assert set(rows) == {"AFG", "CIV", "NIC", "USA", "YEM"}
    assert (rows["AFG"]["start"], rows["AFG"]["means"]) == (date(2017, 3, 17), "Ratification")
    assert (rows["CIV"]["start"], rows["CIV"]["means"]) == (date(2016, 11, 24), "Acceptance")
    assert (rows["NIC"]["signed"], rows["NIC"]["means"]) == (None, "Accession")
    assert (rows["USA"]["status"], rows["USA"]["start"]) == ("member", date(2021, 2, 19))
    assert (rows["YEM"]["status"], rows["YEM"]["start"]) == ("signatory", date(2016, 9, 23))
    assert len(told.notes) == 1
    assert "in brackets for United States of America" in told.notes[0]


def test_a_table_of_participants_tells_its_treaty_by_its_number(made):
    head = 'Participant,Signature,"Acceptance(A), Approval(AA), Ratification"\n'
    row = "Andorra,22 Apr 2016,24 Mar 2017\n"
    assert set(made("paris", "XXVII-7-d.csv", head + row)[1]["memberships"]["body_id"]) == {
        "paris-agreement"
    }
    assert set(made("paris", "27-7.csv", head + row)[1]["memberships"]["body_id"]) == {"unfccc"}
    with pytest.raises(BadSource, match="is no file that paris knows"):
        made("paris", "27-7-a.csv", head + row)


# --- what is refused ----------------------------------------------------------------------------


def test_a_date_in_another_form_is_refused_with_its_row(made):
    with pytest.raises(BadSource, match=r"x\.csv, row 2: '22/04/2016' is not a date"):
        made("paris", "x.csv", HEAD + FIRST.replace("2016-04-22", "22/04/2016"))


def test_an_unknown_code_stops_the_pull(made):
    with pytest.raises(BadSource, match="no state is known by the label 'QQQ'"):
        made("paris", "x.csv", HEAD + FIRST + FIRST.replace("AFG", "QQQ"))


def test_a_table_of_which_no_code_is_known_stops_the_pull_with_the_code(made):
    with pytest.raises(BadSource, match="no state is known by the label 'QQQ'"):
        made("paris", "x.csv", HEAD + FIRST.replace("AFG", "QQQ"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (HEAD, "holds no party"),
        (HEAD + FIRST + FIRST, "'AFG' stands twice"),
        (HEAD + FIRST[:30] + "\n", "expected"),
        (HEAD.replace("Year", "Withdrawal") + FIRST, "column 'Withdrawal' is not one"),
        (HEAD + FIRST.replace(",Ratification,", ",Signed,"), "'Signed' is no way of joining"),
        (HEAD + FIRST.replace(",Ratification,", ",,"), "a kind without a date of joining"),
        (HEAD + "AFG,Afghanistan,,,,,,,\n", "has neither signed nor joined"),
        ((HEAD + FIRST).replace("Afghanistan", "Afghanist\xe3n").encode("latin-1"), "0xE3"),
        (CONVENTION + "AFG,Afghanistan,1992-06-31,,\n", "'1992-06-31' is not a date"),
    ],
)
def test_a_table_that_is_not_of_the_known_form_is_refused(made, content, problem):
    with pytest.raises(BadSource, match=problem):
        made("paris", "x.csv", content)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("Andorra", "22 Apr 2016", "24 Mar 2017 x"), "'24 Mar 2017 x' is not a date"),
        (("Andorra", "22 Apr 2016", "[24 Mar 2017"), "is not a date"),
        (("Andorra", "22 Apr 2016 a", ""), "is not a date of signature"),
        (("7", "22 Apr 2016", ""), "a participant without a name"),
        (("Andorra", "22 Apr 2016"), "2 entries, 3 expected"),
    ],
)
def test_a_record_that_is_not_of_the_known_form_is_refused(made, row, problem):
    with pytest.raises(BadSource, match=problem):
        made("paris", "x.xml", record_of(row))


def test_a_record_that_is_cut_off_is_refused(made):
    with pytest.raises(BadSource, match="is not whole XML"):
        made("paris", "x.xml", record_of(("Andorra", "22 Apr 2016", ""))[:-40])


def test_two_files_on_one_treaty_are_refused(made, tmp_path):
    import zipfile

    path = tmp_path / "both.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", HEAD + FIRST)
        archive.writestr("b.xml", record_of(("Andorra", "22 Apr 2016", "")))
    with pytest.raises(BadSource, match="both of Paris Agreement"):
        made("paris", "both.zip", path.read_bytes())
