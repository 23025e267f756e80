"""The page for users of R: its columns exist on both sides, its codes and facts are those of the data."""

from __future__ import annotations

import csv
import re
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import multipolar as mp
from multipolar.record.bulk import BY_NAME
from multipolar.record.frames import SCHEMES, with_codes
from multipolar.sources import load_source
from multipolar.sources.files import RawFile, find_files
from multipolar.sources.formats.rdata import r_frame
from multipolar.sources.formats.statistics import read_stata
from multipolar.sources.pull import read
from multipolar.sources.spells import MISSING, NO_RECORD, STATUS

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/from-r.md").read_text(encoding="utf-8")
SHARED = ROOT.parent / "shared/data"
OBJECTS = {
    "un_votes": "votes/un_votes.rda",
    "un_roll_calls": "votes/un_roll_calls.rda",
    "un_roll_call_issues": "votes/un_roll_call_issues.rda",
    "atop_alliance": "alliances/atop_alliance.rda",
    "cow_trade_ndy": "trade/cow_trade_ndy.rda",
    "cow_trade_sy": "trade/cow_trade_sy.rda",
    "state_year_format3": "igo/state_year_format3.rda",
    "igo_year_format3": "igo/igo_year_format3.rda",
}
CODELIST = "states/countrycode_codelist_without_cldr.csv"
IDEAL_POINTS = ("votes/IdealpointestimatesAll_Apr2020.csv", "votes/IdealpointsJuly2025.dta")


def tables():
    """Return the page's tables: header and rows, as cells."""
    found = []
    for block in re.findall(
        r"(?:^\|.*\n)+", re.sub(r"^```.*?^```\n", "", PAGE, flags=re.M | re.S), re.M
    ):
        rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in block.splitlines()]
        found.append((rows[0], rows[2:]))
    return found


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def named(*words):
    """Return the rows of the one table whose header holds all the words."""
    (rows,) = [rows for header, rows in tables() if set(words) <= set(quoted(" ".join(header)))]
    return rows


def named_by(*header):
    """Return the rows of the one table whose header begins with these cells."""
    (rows,) = [rows for head, rows in tables() if head[: len(header)] == list(header)]
    return rows


PAIRS = {
    (re.sub(r"^in (the )?|`", "", header[0]), quoted(header[1])[0]): rows
    for header, rows in tables()
    if header[0].startswith("in ") and header[1].startswith("in ")
}
"""Tables of columns: the name of theirs and of ours, and the rows."""


def columns_of(table):
    """Return the columns of an exported table, codes included."""
    names = [column.name for column in BY_NAME[table].frame_columns]
    for column in BY_NAME[table].frame_columns:
        if column.refers == "states" and column.kind == "text":
            stem = "" if column.name == "state_id" else f"{column.name}_"
            names += [stem + scheme for scheme in SCHEMES]
    return set(names)


@pytest.fixture(scope="module")
def shared():
    if not SHARED.is_dir():
        pytest.skip("the publishers' files are not here (../shared/data)")
    return SHARED


@pytest.fixture(scope="module")
def packaged(shared):
    """Data frames of the packages by name."""

    @cache
    def of(name):
        path = shared / OBJECTS[name]
        return r_frame(RawFile(path.name, str(path), 1 << 30, path), name)

    return of


@pytest.fixture(scope="module")
def ours(shared, record):
    """Tables of a dataset as pulled from a folder of the publishers' files."""

    @cache
    def of(dataset, folder):
        source = load_source(dataset)
        return read(source, find_files(source, [shared / folder]), record)[1]

    return of


@pytest.fixture(scope="module")
def cells(ours):
    calls = ours("unvotes", "votes")["roll_calls"].select("roll_call_id", "date", "number")
    return ours("unvotes", "votes")["positions"].join(calls, on="roll_call_id")


# --- columns --------------------------------------------------------------------------------------


def test_the_page_has_a_table_of_columns_for_each_object_of_the_packages():
    assert {theirs for theirs, _ in PAIRS} == {*OBJECTS, "countrycode", "file"}
    assert all(len(rows) >= 3 for rows in PAIRS.values())


@pytest.mark.parametrize(
    ("pair", "rows"), PAIRS.items(), ids=lambda x: "-".join(x) if len(x) == 2 else ""
)
def test_each_column_of_ours_is_one_of_the_exported_table(pair, rows):
    for _, mine, *_ in rows:
        assert mine == "–" or quoted(mine), f"{pair}: {mine}"
        assert set(quoted(mine)) <= columns_of(pair[1]), pair


@pytest.mark.parametrize("name", OBJECTS)
def test_each_column_of_theirs_is_in_the_file_of_the_package(packaged, name):
    told = [cell for (theirs, _), rows in PAIRS.items() if theirs == name for cell, *_ in rows]
    columns = {column for cell in told for column in quoted(cell)}
    assert columns <= set(packaged(name).columns)
    if len(packaged(name).columns) < 20:
        assert columns == set(packaged(name).columns)


def test_each_column_of_countrycode_is_in_its_dictionary(shared):
    with open(shared / CODELIST, encoding="utf-8", newline="") as handle:
        header = next(csv.reader(handle))
    rows = PAIRS["countrycode", "states"]
    assert {column for cell, *_ in rows for column in quoted(cell)} <= set(header)


def test_each_column_of_ideal_points_is_in_one_of_the_vintages(shared):
    first, second = (shared / name for name in IDEAL_POINTS)
    header = RawFile(first.name, str(first), 1 << 30, first).header()
    header += read_stata(RawFile(second.name, str(second), 1 << 30, second)).columns
    rows = PAIRS["file", "ideal_points"]
    assert {column for cell, *_ in rows for column in quoted(cell)} <= set(header)


def test_tables_and_datasets_of_the_overview_exist(record):
    known = {*BY_NAME, *record.keyed("datasets"), *SCHEMES, "multipolar names"}
    header, rows = tables()[0]
    assert header == ["in R", "here"]
    for _, mine in rows:
        assert set(quoted(mine)) <= known


# --- what differs ---------------------------------------------------------------------------------


def test_series_of_unvotes_belong_to_the_states_that_the_page_names(cells, packaged):
    theirs = packaged("un_votes").with_columns(pl.col("rcid").cast(pl.Int64).cast(pl.String))
    for cell, mine, *_ in named("country", "country_code", "state_id"):
        codes = {c for c in quoted(cell) if len(c) == 2}
        names = [c for c in quoted(cell) if len(c) > 2]
        said = theirs.filter(pl.col("country").is_in(names))
        assert set(said["country"]) == set(names)
        assert set(said["country_code"].drop_nulls()) == codes
        # a state of the row votes exactly where, and as, the names of the row vote
        votes = cells.filter(pl.col("state_id").is_in(quoted(mine)))
        assert votes.height == said.height
        assert votes.select("number", "position").sort(pl.all()).rows() == (
            said.select("rcid", pl.col("vote").cast(pl.String)).sort(pl.all()).rows()
        )
        assert set(votes["state_id"]) == set(quoted(mine))


def test_namibia_has_a_code_and_three_names_have_none(packaged):
    votes = packaged("un_votes")
    assert set(votes.filter(pl.col("country") == "Namibia")["country_code"]) == {"NA"}
    without = set(votes.filter(pl.col("country_code").is_null())["country"])
    bare = {
        name
        for cell, *_ in named("country", "country_code", "state_id")
        for name, code in re.findall(r"`([^`]+)`( \()?", cell)
        if not code and len(name) > 2
    }
    assert without == bare


def test_what_unvotes_leaves_out_is_as_the_page_says(ours):
    calls = ours("unvotes", "votes")["roll_calls"].with_columns(year=pl.col("date").dt.year())
    later = calls.filter(pl.col("year") >= 1985)["kind"].is_null()
    assert 0.5 < later.mean() < 1
    assert calls.filter(pl.col("year") < 1985)["kind"].is_not_null().all()
    assert calls.filter(pl.col("year") >= 2018)["important"].is_null().all()
    assert set(calls.filter(pl.col("year") < 2003)["date_precision"]) == {"year"}
    assert set(calls["totals"]) == {"not_given"}
    assert calls["date"].max() == date(2020, 1, 14)
    issues = ours("unvotes", "votes")["roll_call_issues"]
    (listed,) = [row[2] for row in PAIRS["un_roll_call_issues", "roll_call_issues"] if row[2]]
    assert set(issues["issue"]) == set(quoted(listed))


def test_votes_of_china_have_one_code_and_other_tables_have_two(cells, ours, record):
    assert "TWN" not in set(cells["state_id"])
    votes = with_codes(record, "positions", cells.filter(pl.col("state_id") == "CHN"))
    assert set(votes["cow"]) == {710}
    assert "TWN" in set(ours("atop", "alliances")["alliances"]["state_a"])
    totals = ours("trade", "trade")["trade_totals"]
    assert totals.filter((pl.col("state_id") == "TWN") & (pl.col("year") < 1971)).height > 10
    assert "TWN" in set(ours("igo", "igo")["memberships"]["state_id"])


def test_the_example_of_a_directed_pair_is_in_the_data(ours):
    pair = ours("atop", "alliances")["alliances"].filter(
        (pl.col("year") == 1832)
        & pl.col("state_a").is_in(["FRA", "BEL"])
        & pl.col("state_b").is_in(["FRA", "BEL"])
    )
    assert dict(pair.select("state_a", "defense").rows()) == {"FRA": "yes", "BEL": "no"}


@pytest.mark.parametrize(
    ("dataset", "folder", "table", "name", "theirs", "mine"),
    [
        (
            "atop",
            "alliances",
            "alliances",
            "atop_alliance",
            ("ccode1", "ccode2"),
            ("state_a_cow", "state_b_cow"),
        ),
        ("trade", "trade", "trade_totals", "cow_trade_sy", ("ccode",), ("cow",)),
    ],
    ids=["alliances", "totals"],
)
def test_codes_come_out_as_they_went_in_but_for_germany(
    ours, packaged, record, dataset, folder, table, name, theirs, mine
):
    given = packaged(name).select(pl.col(*theirs, "year").cast(pl.Int64))
    exported = with_codes(record, table, ours(dataset, folder)[table])
    back = exported.select(**dict(zip(theirs, mine, strict=True)), year="year")
    german = pl.any_horizontal(pl.col(c).is_in([255, 260]) for c in theirs)
    assert back.join(given, on=given.columns, how="anti").filter(~german).is_empty()
    known = [row["cow"] for row in record.rows("states") if row["cow"] is not None]
    lost = given.join(back, on=given.columns, how="anti").filter(
        ~german & pl.all_horizontal(pl.col(c).is_in(known) for c in theirs)
    )
    after = pl.any_horizontal(
        ((pl.col(c) == 265) & (pl.col("year") > 1990))
        | ((pl.col(c) == 315) & (pl.col("year") > 1992))
        for c in theirs
    )
    assert lost.filter(~after).is_empty()
    for c in theirs:
        years = back.filter(pl.col(c) == 260)["year"]
        assert (years.min(), years.max()) == (1955, 1990)
        others = back.filter(pl.col(c) == 255)["year"]
        assert not set(others) & set(range(1955, 1991))


def test_codes_of_igo_are_those_of_the_loader():
    rows = {int(code): here for code, _, here in named_by("code", "category in igoR")}
    assert set(rows) == {0, 1, 2, 3, MISSING, NO_RECORD}
    for code, status in STATUS.items():
        assert status in quoted(rows[code])


def test_ends_of_spells_are_those_that_the_loader_writes(ours):
    found = ours("igo", "igo")["memberships"]
    rest = found
    for end, note, _ in named_by("`end`", "`note`"):
        here = pl.col("end").is_null() if end == "empty" else pl.col("end").is_not_null()
        if note == "empty":
            here &= pl.col("note").is_null() | pl.col("note").str.ends_with(
                "the start is not known"
            )
        else:
            for words in note.split(" … "):
                here &= pl.col("note").str.contains(words, literal=True).fill_null(False)
        assert found.filter(here).height > 50, (end, note)
        rest = rest.filter(~here)
    assert rest.is_empty()
    assert set(found["end_precision"].drop_nulls()) == {"year"}


# --- codes ----------------------------------------------------------------------------------------


def test_codes_in_the_table_are_those_of_the_registry_and_of_countrycode(shared, record):
    with open(shared / CODELIST, encoding="utf-8", newline="") as handle:
        theirs = {row["country.name.en"]: row for row in csv.DictReader(handle)}
    rows = named("state_id", "cow", "gw", "iso3c", "cown", "gwn")
    assert len(rows) > 10
    for name, state, *printed in rows:
        mine = record.keyed("states")[quoted(state)[0]]
        other = theirs.get(name, {"iso3c": "", "cown": "", "gwn": ""})
        assert name in theirs or name == "Soviet Union"
        expected = [mine["cow"], mine["gw"], other["iso3c"], other["cown"], other["gwn"]]
        shown = ["–" if code in (None, "") else str(code) for code in expected]
        assert [cell.strip("`") for cell in printed] == shown, name


def test_the_days_of_the_page_are_those_of_the_registry(record):
    days = {row["state_id"]: (row["start"], row["end"]) for row in record.rows("states")}
    assert days["RUS"][0] == date(1991, 12, 26)
    assert (days["SCG"][0], days["SRB"][0]) == (date(1992, 4, 27), date(2006, 6, 3))
    assert days["YAR"][1] == days["YMD"][1] == date(1990, 5, 22)
    assert days["UAR"] == (date(1958, 2, 22), date(1961, 9, 28))


def test_codes_of_germany_are_those_that_the_page_gives(ours, record):
    pairs = with_codes(record, "alliances", ours("atop", "alliances")["alliances"])
    german = pairs.filter(pl.col("state_a") == "DEU")
    assert german["year"].min() < 1945
    by_gw = {code: rows["year"].max() for (code,), rows in german.group_by("state_a_gw")}
    assert set(by_gw) == {255, 260}
    assert by_gw[255] == 1945
    points = with_codes(record, "ideal_points", ours("voeten", "votes")["ideal_points"])
    session = points.filter(state_id="DEU", series="all-2020-04")
    for period, cow in (("40", 260), ("44", 260), ("45", 260), ("46", 255), ("74", 255)):
        assert session.filter(period=period)["cow"].to_list() == [cow], period
    spells = with_codes(record, "memberships", ours("igo", "igo")["memberships"])
    health = spells.filter(state_id="DEU", body_id="who")
    assert health.select("start", "end", "cow").rows() == [(date(1955, 1, 1), None, 255)]


def test_what_the_page_calls_refused_is_refused():
    for name in ("Korea", "Congo"):
        assert len(mp.names(name)["candidates"]) == 2
    assert len(mp.names("Yemen", as_of="1980-01-01")["candidates"]) == 2
    assert mp.names("Yugoslavia", as_of="1999-03-24")["code"] == "SCG"
    assert mp.names("255").get("code") is None


# --- end to end -----------------------------------------------------------------------------------

VOTES = (
    "rcid,country,country_code,vote\n8,Namibia,NA,yes\n7,France,FR,no\n7,United Kingdom,GB,no\n"
    "7,Yemen Arab Republic,NA,no\n7,Federal Republic of Germany,NA,abstain\n"
)
CALLS = (
    "rcid,session,importantvote,date,unres,amend,para,short,descr\n"
    "7,44,NA,1989-12-05,R/44/56A,NA,1,NA,A PARAGRAPH\n"
    "8,46,NA,1991-12-05,R/46/3,NA,NA,A TEXT,NA\n"
)
ISSUES = "rcid,short_name,issue\n7,nu,Nuclear weapons and nuclear material\n"
ATOP = (
    "ccode1,ccode2,year,atop_defense,atop_offense,atop_neutral,atop_nonagg,atop_consul\n"
    "260,220,1980,1,0,0,0,1\n220,255,1995,1,0,0,0,1\n"
)
IGO = "ccode,year,state,who\n365,1990,russia,1\n365,1991,russia,1\n365,1992,russia,1\n365,1993,russia,0\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with three small datasets in the forms of the packages."""
    root = tmp_path_factory.mktemp("from_r")
    given = {
        "unvotes": {"a.csv": VOTES, "b.csv": CALLS, "c.csv": ISSUES},
        "atop": {"d.csv": ATOP},
        "igo": {"e.csv": IGO},
    }
    for dataset, files in given.items():
        folder = root / dataset
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
        mp.pull(dataset, folder, store=root / "store")
    return root / "store"


def test_exports_of_pulled_datasets_carry_the_codes_of_other_lists(here, made):
    def exported(table, dataset):
        result = here("data", "export", table, "--dataset", dataset, "--store", str(made))
        assert result.code == 0, result.err
        assert columns_of(table) == set(result.csv[0])
        return result.csv

    votes = {row["state_id"]: row for row in exported("positions", "unvotes")}
    codes = {s: tuple(row[c] for c in SCHEMES) for s, row in votes.items()}
    assert codes["NAM"] == ("NAM", "565", "565")
    assert codes["YAR"] == ("", "678", "678")
    assert codes["DEU"] == ("DEU", "260", "260")
    pairs = exported("alliances", "atop")
    assert {(r["state_a_cow"], r["state_b_cow"]) for r in pairs} == {("260", "220"), ("220", "255")}
    assert {r["state_a_iso3"] for r in pairs} == {"DEU", "FRA"}
    spells = exported("memberships", "igo")
    assert [(r["state_id"], r["iso3"], r["cow"], r["gw"]) for r in spells] == [
        ("RUS", "RUS", "365", "365"),
        ("SUN", "", "365", "365"),
    ]
    assert [r["cow"] for r in exported("exit_candidates", "igo")] == ["365"]


def test_parquet_and_csv_keep_namibia_apart_from_missing(here, made, tmp_path):
    assert here("data", "export", "states", "-o", "states.parquet", "--store", str(made)).code == 0
    frame = pl.read_parquet(tmp_path / "work/states.parquet")
    assert frame.filter(pl.col("state_id") == "NAM")["iso2"].to_list() == ["NA"]
    text = here("data", "export", "states", "--store", str(made)).csv
    assert {row["state_id"] for row in text if row["iso2"] == "NA"} == {"NAM"}
    assert {row["iso2"] for row in text if row["state_id"] == "UAR"} == {""}


def test_the_lines_of_python_on_the_page_run(made):
    (block,) = re.findall(r"^```text\n(import multipolar.*?)^```", PAGE, re.M | re.S)
    lines = block.replace('"STORE"', repr(str(made))).splitlines()
    held = {}
    for line in lines[:2]:
        exec(line, held)
    frame, lazy, table = (eval(line, held) for line in lines[2:])
    assert frame.height == lazy.collect().height == 5
    assert table.rows() == [("FRA", "GBR", 1989, 1.0, 1)]
