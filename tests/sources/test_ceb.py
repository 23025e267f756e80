"""Revenue of the United Nations system by contributor, agency and type."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources.ceb import BODIES, SOURCE
from multipolar.sources.files import find_files
from multipolar.sources.pull import read
from multipolar.sources.source import Parsed

FOLDER = "un_money/ceb"
LONG = "un_money/derived/ceb_contributions_2013-2024.csv.gz"
GOVERNMENTS = "\ufeffgovernment_donor,entity,rev_type,calendar_year,amount\n"
OTHERS = "\ufeffamount,_currency,entity,calendar_year,rev_type,donor,contrib_type\n"
AGENCIES = "\ufeffagency,sub_agency,calendar_year,amount,sub_type_name,rev_type,sub_type\n"
LONG_HEAD = "year,contributor,status,category,agency,revenue_type,amount_usd\n"
BILLIONS = {
    2013: 44.64,
    2014: 48.08,
    2015: 47.98,
    2016: 49.33,
    2017: 53.20,
    2018: 56.04,
    2019: 56.92,
    2020: 62.60,
    2021: 65.89,
    2022: 74.30,
    2023: 67.54,
    2024: 67.11,
}


def donors(**more: Any) -> dict[str, Any]:
    """Return the content of a year's JSON file; ``more`` replaces what is said of Belgium."""
    belgium = {
        "status": "member",
        "category": "Government",
        "contributions": {
            "UN": {"Assessed": 10, "Other": -1.5},
            "WFP": {"Voluntary earmarked": 2.0},
        },
    }
    return {
        "Belgium": belgium | more,
        "Other Foundations": {
            "status": "organization",
            "category": "Foundations",
            "is_other": True,
            "contributions": {"UN": {"Voluntary un-earmarked": 4.0}},
        },
    }


@pytest.fixture
def folder(record, tmp_path: Path) -> Callable[..., tuple[Parsed, dict[str, pl.DataFrame]]]:
    """Parse a folder of files written for one test: ``folder({"donors-2024.json": …})``."""

    def of(files: dict[str, Any]) -> tuple[Parsed, dict[str, pl.DataFrame]]:
        for name, content in files.items():
            text = content if isinstance(content, str) else json.dumps(content)
            (tmp_path / name).write_text(text, encoding="utf-8")
        return read(SOURCE, find_files(SOURCE, [tmp_path]), record)

    return of


# --- the files as published ---------------------------------------------------------------------


def test_the_folder_gives_the_90479_rows_of_the_twelve_years(parsed):
    told, tables = parsed("ceb", FOLDER)
    money = tables["money"]
    assert money.height == 90_479
    assert set(money["budget"]) == {"total"}
    assert (told.edition, told.last) == ("2024-12-31", date(2024, 12, 31))
    assert told.rows_read == 90_479 + 8_976 + 6_132 + 35_854
    assert told.rows_kept == 90_479 + 35_854 - 136
    assert told.rows_read == told.rows_kept + sum(told.dropped.values())


def test_the_years_add_up_to_the_billions_that_are_known(parsed):
    money = parsed("ceb", FOLDER)[1]["money"]
    sums = money.group_by(pl.col("start").dt.year()).agg(pl.col("amount_usd").sum())
    assert {year: round(usd / 1e9, 2) for year, usd in sums.iter_rows()} == BILLIONS
    assert (money["end"].dt.year() - money["start"].dt.year() == 1).all()
    assert (money["start"].dt.ordinal_day() == 1).all()


def test_what_the_united_nations_assessed_in_2024_adds_up_to_3305_million(parsed):
    money = parsed("ceb", FOLDER)[1]["money"]
    assessed = money.filter(body_id="un", stage="assessed", start=date(2024, 1, 1))
    assert round(assessed["amount_usd"].sum() / 1e9, 3) == 3.305


def test_every_government_has_a_state_and_of_the_others_only_the_european_union(parsed):
    money = parsed("ceb", FOLDER)[1]["money"]
    governments = money.filter(payer_kind="Government")
    assert governments["state_id"].null_count() == 0
    others = money.filter(pl.col("payer_kind") != "Government")
    assert set(others["state_id"].drop_nulls()) == {"EU"}
    assert set(others.filter(state_id="EU")["payer"]) == {"European Union"}
    assert {"COG", "GIN", "BOL", "IRN", "FSM", "XKX", "TWN", "PSE"} <= set(governments["state_id"])


def test_a_payer_stands_once_per_agency_type_and_year(parsed):
    money = parsed("ceb", FOLDER)[1]["money"]
    assert money.select("body_id", "stage", "start", "payer").is_unique().all()
    states = money.filter(pl.col("state_id").is_not_null())
    assert states.select("body_id", "stage", "start", "state_id").is_unique().all()


def test_negative_amounts_and_zeros_are_kept_as_printed(parsed):
    told, tables = parsed("ceb", FOLDER)
    amounts = tables["money"]["amount_usd"]
    assert ((amounts < 0).sum(), (amounts == 0).sum(), amounts.null_count()) == (1_417, 465, 0)
    assert told.notes[0].startswith("1,417 amounts are negative")


def test_the_long_table_gives_the_same_rows_as_the_json_files(parsed):
    told, tables = parsed("ceb", LONG)
    assert (told.rows_read, told.rows_kept, told.dropped) == (90_479, 90_479, {})
    key = ["start", "body_id", "payer", "stage"]
    ours = parsed("ceb", FOLDER)[1]["money"].sort(key)
    theirs = tables["money"].sort(key)
    assert theirs.select(*key, "state_id", "payer_kind").equals(
        ours.select(*key, "state_id", "payer_kind")
    )
    assert (theirs["amount_usd"] - ours["amount_usd"]).abs().max() < 0.001


def test_the_file_of_governments_alone_gives_2024_with_its_lost_letters_mended(parsed):
    told, tables = parsed("ceb", f"{FOLDER}/government-donor-revenue-2024.csv")
    money = tables["money"]
    assert (told.rows_read, told.rows_kept, money.height) == (8_976, 8_976, 8_976)
    assert {"CIV", "TUR", "CUW", "XKX", "TWN", "HKG"} <= set(money["state_id"].drop_nulls())
    assert set(money.filter(pl.col("state_id").is_null())["payer"]) == {
        "Refunds to donors/Miscellaneous"
    }
    wfp = money.filter(state_id="USA", body_id="ceb-wfp", stage="voluntary_earmarked")
    assert wfp["amount_usd"].to_list() == [4_417_458_884]
    assert round(money["amount_usd"].sum(), 2) == 46_672_577_623.18


def test_the_file_of_other_donors_alone_is_added_up_by_payer_agency_type_and_year(parsed):
    told, tables = parsed("ceb", f"{FOLDER}/revenue_non_gov_donors.csv")
    assert told.dropped == {"no amount (empty, or a dash)": 22}
    assert (told.rows_read, told.rows_kept) == (6_132, 6_110)
    assert tables["money"].height < 6_110
    assert f"{6_110 - tables['money'].height:,} rows repeat" in told.notes[1]
    assert told.first == date(2009, 1, 1)


def test_totals_of_agencies_stand_apart_and_are_compared_with_their_payers(parsed):
    told, tables = parsed("ceb", FOLDER)
    totals = tables["money_totals"]
    years = totals.group_by(pl.col("date").dt.year()).agg(pl.col("value").sum())
    found = {year: round(value / 1e9, 2) for year, value in years.iter_rows()}
    assert (found[2011], found[2012], found[2013], found[2024]) == (39.64, 42.32, 44.64, 68.31)
    assert set(totals["measure"]) == {
        "assessed",
        "voluntary_earmarked",
        "voluntary_unearmarked",
        "other",
    }
    said = "\n".join(told.notes)
    assert "agree to the dollar in 8 of 12 years" in said
    assert "2023: agencies report USD 67,620,867,804.14, their payers add up to" in said
    assert "2024: the file of government donors adds up to USD 46,672,577,623.18" in said


def test_every_agency_of_the_files_is_on_the_list_of_bodies_and_its_bodies_exist(parsed, record):
    for place in (FOLDER, f"{FOLDER}/revenue_non_gov_donors.csv"):
        assert not [note for note in parsed("ceb", place)[0].notes if "list of bodies" in note]
    bodies = set(record.keyed("bodies"))
    with open(BODIES, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert {row["body_id"] for row in rows if not row["body_id"].startswith("ceb-")} <= bodies
    assert all(row["reason"] for row in rows)
    assert len({row["agency"] for row in rows}) == len(rows)


def test_abbreviations_that_mean_another_body_in_the_almanac_are_kept_apart(parsed):
    money = parsed("ceb", FOLDER)[1]["money"]
    ids = set(money["body_id"])
    assert {"ceb-isa", "ceb-ctbto", "un-women", "un-habitat", "who", "unesco"} <= ids
    assert not {"isa", "ctbt"} & ids


# --- which file stands --------------------------------------------------------------------------


def test_for_a_year_with_a_json_file_its_rows_stand_and_a_later_csv_is_added(folder):
    told, tables = folder(
        {
            "donors-2024.json": donors(),
            "governments.csv": GOVERNMENTS
            + "Belgium,UN,Assessed Contributions,2024,11\nBelgium,UN,R01,2025,1 200.5\n",
            "others.csv": OTHERS
            + "5,USD,UN,2025,R03E,Private Sector,C06\n7,USD,UN,2023,R03E,Private Sector,C06\n",
        }
    )
    money = tables["money"]
    assert money.filter(start=date(2024, 1, 1), stage="assessed")["amount_usd"].to_list() == [10]
    assert money.filter(start=date(2025, 1, 1))["amount_usd"].to_list() == [1200.5, 5]
    assert money.filter(start=date(2023, 1, 1)).height == 0
    assert sorted(told.dropped.values()) == [1, 1]
    assert (told.rows_read, told.rows_kept) == (8, 6)
    assert any(
        "adds up to USD 11.00, the governments of the JSON file to USD 10.50" in note
        for note in told.notes
    )


def test_rows_of_one_payer_agency_type_and_year_are_added_up_and_noted(made):
    rows = "5,USD,UN,2025,R03E,Private Sector,C06\n5,USD,UN,2025,R03,Private Sector,C05\n"
    told, tables = made("ceb", "o.csv", OTHERS + rows)
    assert tables["money"].select("amount_usd", "payer_kind").rows() == [(10.0, "C05; C06")]
    assert told.notes == [
        "1 rows repeat payer, agency, type and year of another and were added to it"
    ]


def test_words_and_codes_of_one_type_mean_the_same(made):
    words = {
        "Assessed contributions": "assessed",
        "R01": "assessed",
        "Voluntary core (un-earmarked) contributions": "voluntary_unearmarked",
        "R08b": "voluntary_unearmarked",
        "R02A": "voluntary_unearmarked",
        "Voluntary non-core (earmarked) contributions": "voluntary_earmarked",
        "R03F": "voluntary_earmarked",
        "R12": "voluntary_earmarked",
        "Revenue from other activities": "other",
        "R04A": "other",
    }
    rows = "".join(f"Belgium,A{n},{word},2025,1\n" for n, word in enumerate(words))
    told, tables = made("ceb", "g.csv", GOVERNMENTS + rows)
    stages = dict(tables["money"].select("body_id", "stage").iter_rows())
    assert [stages[f"ceb-a{n}"] for n in range(len(words))] == list(words.values())
    assert told.notes[0].startswith("agencies that are not on the list of bodies: A0, A1")


def test_an_amount_that_is_not_there_is_no_zero(made):
    told, tables = made(
        "ceb", "g.csv", GOVERNMENTS + "Belgium,UN,R01,2025,  -   \nBelgium,UN,R04,2025,0\n"
    )
    assert tables["money"].select("stage", "amount_usd").rows() == [("other", 0.0)]
    assert told.dropped == {"no amount (empty, or a dash)": 1}


def test_only_agencies_give_totals_and_no_payers(made):
    content = AGENCIES + "WFP,WFP,2025,2.5,x,Assessed contributions,R01\n" * 2
    told, tables = made("ceb", "a.csv", content)
    assert tables["money"].height == 0
    assert tables["money_totals"].select("body_id", "measure", "value").rows() == [
        ("ceb-wfp", "assessed", 5.0)
    ]
    assert (told.rows_read, told.rows_kept) == (2, 2)


def test_a_packed_json_file_under_another_name_is_read_by_its_year(made):
    packed = gzip.compress(json.dumps(donors()).encode())
    told, tables = made("ceb", "revenue of 2031.json.gz", packed)
    assert set(tables["money"]["start"]) == {date(2031, 1, 1)}
    assert told.rows_kept == 4


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (donors(status="state"), "'Belgium': 'state' is no status"),
        (donors(budget=3), "'Belgium' has 'budget', which"),
        (donors(contributions=[]), "contributions of 'Belgium' are not an object"),
        (donors(contributions={"UN": 3}), "not an object of types"),
        (donors(contributions={"UN": {"Pledged": 3}}), "'Pledged' is not a type of revenue"),
        (donors(contributions={"UN": {"Assessed": "3"}}), "'3' is not an amount"),
        (donors(contributions={"UN": {"Assessed": True}}), "True is not an amount"),
        ({"Ruritania": donors()["Belgium"]}, "no state is known by the label 'Ruritania'"),
    ],
)
def test_a_json_file_that_is_not_of_the_known_form_is_refused(made, content, problem):
    with pytest.raises(BadSource, match=problem):
        made("ceb", "donors-2024.json", json.dumps(content))


def test_a_json_file_that_is_cut_off_or_repeats_a_key_is_refused(made):
    text = json.dumps(donors())
    with pytest.raises(BadSource, match=r"donors-2024\.json: is not JSON"):
        made("ceb", "donors-2024.json", text[:-20])
    with pytest.raises(BadSource, match="'Assessed' stands twice"):
        made("ceb", "donors-2024.json", text.replace('"Other"', '"Assessed"'))
    with pytest.raises(BadSource, match="NaN is not a number"):
        made("ceb", "donors-2024.json", text.replace("-1.5", "NaN"))


def test_a_json_file_without_a_year_in_its_name_or_with_that_of_another_is_refused(made, folder):
    with pytest.raises(BadSource, match="does not give its one year"):
        made("ceb", "donors.json", json.dumps(donors()))
    with pytest.raises(BadSource, match=r"donors-2024b\.json: holds 2024, as donors-2024"):
        folder({"donors-2024.json": donors(), "donors-2024b.json": donors()})


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (GOVERNMENTS + "Belgium,UN,R99,2025,1\n", "row 2: 'R99' is not a type of revenue"),
        (GOVERNMENTS + "Belgium,UN,R01,25,1\n", "row 2: '25' is not a year"),
        (GOVERNMENTS + 'Belgium,UN,R01,2025,"1,5"\n', "row 2: '1,5' is not an amount"),
        (GOVERNMENTS + "Belgium,,R01,2025,1\n", "row 2: no agency"),
        (GOVERNMENTS + ",UN,R01,2025,1\n", "row 2: a government donor without a name"),
        (GOVERNMENTS + "Belgium,UN,R01,2025,1\n" * 2, "row 3: the row stands twice: Belgium, UN"),
        (GOVERNMENTS + "Belgium,UN,R01,2025\n", "row 2: 4 cells, 5 expected"),
        (GOVERNMENTS + "Ruritania,UN,R01,2025,1\n", "known by the label 'Ruritania'"),
        (GOVERNMENTS.replace("\n", ",region\n") + "Belgium,UN,R01,2025,1,x\n", "column 'region'"),
        (OTHERS + "5,EUR,UN,2025,R03E,Private Sector,C06\n", "row 2: 'EUR' is not USD"),
        (AGENCIES + "WFP,WFP,2025,1,x,Assessed contributions,R03\n", "do not agree"),
        (LONG_HEAD + "2025,Belgium,ally,Government,UN,Assessed,1\n", "'ally' is no status"),
        (LONG_HEAD + "2025,Belgium,member,Government,UN,Assessed,1\n" * 2, "stands twice"),
        ((GOVERNMENTS[1:] + "T\xfcrkiye,UN,R01,2025,1\n").encode("cp1252"), "row 2: byte 0xFC"),
    ],
)
def test_a_csv_that_is_not_of_the_known_form_is_refused(made, content, problem):
    with pytest.raises(BadSource, match=problem):
        made("ceb", "x.csv", content)
