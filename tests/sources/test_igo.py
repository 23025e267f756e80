"""COW memberships of intergovernmental organisations."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from multipolar.errors import BadSource
from multipolar.sources import igo, igo_forms
from multipolar.sources.codes import meanings
from multipolar.sources.files import RawFile
from multipolar.sources.formats.rdata import r_frame
from multipolar.sources.igo_forms import from_state_year
from multipolar.sources.spells import STATUS, Grid, candidates, spells
from multipolar.sources.states import States


@pytest.fixture(scope="module")
def grid(shared) -> Grid:
    path = shared / "igo/state_year_format3.rda"
    return from_state_year(RawFile(path.name, "x", 1 << 30, path=path))


# --- the files --------------------------------------------------------------------------------------


def test_every_state_year_is_kept_or_left_out_for_a_reason(parsed):
    told, tables = parsed("igo", "igo/state_year_format3.rda")
    assert (told.rows_read, told.rows_kept) == (15_557, 14_892)
    assert list(told.dropped.values()) == [665]
    assert (told.first, told.last, told.edition) == (date(1816, 1, 1), date(2014, 12, 31), "3.0")
    assert tables["memberships"]["body_id"].n_unique() == 534


def test_with_both_forms_the_states_form_is_read_and_the_other_compared(parsed):
    told, tables = parsed("igo", "igo")
    assert told.rows_read == 15_557 + 19_335
    assert told.dropped[igo.COMPARED] == 19_335
    assert told.notes[0].startswith(
        "The two forms differ in 2,991 of 2,845,978 cells that both have, and 3,798 cells stand in one only"
    )
    alone = parsed("igo", "igo/state_year_format3.rda")[1]["memberships"]
    assert tables["memberships"].drop("body_label").equals(alone.drop("body_label"))


def test_bodies_are_named_by_the_other_form_where_it_is_there(parsed):
    both = parsed("igo", "igo")[1]["memberships"]
    alone = parsed("igo", "igo/state_year_format3.rda")[1]["memberships"]
    assert both.filter(body_id="wto")["body_label"].unique().to_list() == ["World Trade Org"]
    assert alone.filter(body_id="wto")["body_label"].unique().to_list() == ["wto"]


def test_the_copies_as_text_give_the_same_tables(parsed):
    packaged, text = parsed("igo", "igo")[1], parsed("igo", "igo/derived")[1]
    assert packaged["memberships"].equals(text["memberships"])
    assert packaged["exit_candidates"].equals(text["exit_candidates"])


def test_changes_from_one_to_zero_are_those_of_the_manifest(grid, parsed):
    """Of the states' form, between consecutive records of a COW code, dated by the first year without."""
    found = candidates(grid)
    assert found.height == 1_589
    assert found.filter(pl.col("first_absent") > 1965).height == 1_030
    told, tables = parsed("igo", "igo")
    rows = tables["exit_candidates"]
    assert rows.height == 1_585
    assert rows.filter(pl.col("first_absent") > 1965).height == 1_030
    assert told.notes[-1] == (
        "4 of 1,589 changes from member to none concern polities that the registry does not have."
    )


def test_a_candidate_is_never_an_exit(parsed):
    assert set(parsed("igo", "igo")[1]) == {"memberships", "exit_candidates"}


def test_the_records_are_yearly_but_changes_before_1965_gather_at_fives(grid):
    assert len(set(grid.years.tolist())) == 199
    a, b = grid.values[:-1], grid.values[1:]
    same = (grid.bearers[1:] == grid.bearers[:-1])[:, None]
    joined = (same & (a == 0) & (b == 1)).sum(axis=1)
    years = grid.years[1:]
    assert joined[years == 1965].sum() > 2 * joined[years == 1964].sum()
    assert joined[years == 1935].sum() > 2 * joined[years == 1936].sum()


def test_organisations_form_alone_gives_spells_by_state_too(parsed):
    told, tables = parsed("igo", "igo/derived/igo_year_format3.csv.gz")
    assert (told.rows_read, told.rows_kept, told.dropped, told.edition) == (
        19_335,
        19_335,
        {},
        "3.0",
    )
    assert told.notes[0] == "6 codes of states in years without a record of them were passed over."
    key = ["body_id", "state_id", "status", "start", "end"]
    here = tables["memberships"].select(key)
    there = parsed("igo", "igo")[1]["memberships"].select(key)
    assert here.join(there, on=key, how="inner", nulls_equal=True).height > 0.97 * there.height


# --- spells -----------------------------------------------------------------------------------------


def spell_of(tables, body: str, state: str) -> list[tuple]:
    rows = tables["memberships"].filter(body_id=body, state_id=state).sort("start")
    return rows.select("status", pl.col("start").dt.year(), pl.col("end").dt.year()).rows()


def test_a_spell_runs_from_the_first_year_seen_to_the_first_year_without(parsed):
    _, tables = parsed("igo", "igo")
    assert spell_of(tables, "ilo", "USA") == [("member", 1934, 1978), ("member", 1980, None)]
    assert spell_of(tables, "unesco", "GBR") == [("member", 1945, 1986), ("member", 1997, None)]
    assert spell_of(tables, "un", "SUN") == [("member", 1945, 1992)]
    assert spell_of(tables, "un", "RUS") == [("member", 1992, None)]
    assert spell_of(tables, "un", "YAR") == [("member", 1947, 1990)]


def test_dates_are_the_first_of_january_with_the_precision_of_a_year(parsed):
    rows = parsed("igo", "igo")[1]["memberships"]
    for name in ("start", "end"):
        days = rows[name].drop_nulls()
        assert ((days.dt.month() == 1) & (days.dt.day() == 1)).all()
    assert rows["start_precision"].unique().to_list() == ["year"]
    assert rows.filter(pl.col("end").is_null() != pl.col("end_precision").is_null()).height == 0


def test_no_end_is_given_to_a_spell_in_force_in_the_last_year(parsed):
    rows = parsed("igo", "igo")[1]["memberships"]
    open_ = rows.filter(pl.col("end").is_null())
    assert open_.height == 12_568
    assert rows["end"].max() <= date(2014, 1, 1)


def test_a_spell_beside_a_missing_code_says_that_its_end_is_not_known(parsed, grid, record):
    rows = parsed("igo", "igo")[1]["memberships"]
    said = rows.filter(pl.col("note").str.contains("the end is not known"))
    keys = list(zip(grid.bearers.tolist(), grid.years.tolist(), strict=True))
    state = meanings(States(record.names, record.rows("states"), "igo"), keys)["state"].to_list()
    a, b = grid.values[:-1], grid.values[1:]
    joined = [
        state[n] is not None and state[n] == state[n + 1] and keys[n][1] + 1 == keys[n + 1][1]
        for n in range(len(keys) - 1)
    ]
    assert said.height == int((np.array(joined)[:, None] & (a > 0) & (b == -9)).sum()) == 1_292


def slow_spells(grid: Grid) -> list[tuple]:
    """Walk through the records of each body one by one."""
    out = []
    for body in range(len(grid.bodies)):
        running = None
        for n, (who, year) in enumerate(
            zip(grid.bearers.tolist(), grid.years.tolist(), strict=True)
        ):
            value = int(grid.values[n, body])
            if running and (running[0], running[2], running[4]) == (who, value, year - 1):
                running[4] = year
                continue
            if running:
                out.append(tuple(running))
            running = [who, body, value, year, year] if value > 0 else None
        if running:
            out.append(tuple(running))
    return sorted(out)


@st.composite
def grids(draw) -> Grid:
    keys = draw(
        st.sets(st.tuples(st.integers(0, 2), st.integers(2000, 2008)), min_size=1, max_size=20)
    )
    cells = draw(
        st.lists(
            st.lists(st.sampled_from([-9, -1, 0, 1, 1, 2, 3]), min_size=2, max_size=2),
            min_size=len(keys),
            max_size=len(keys),
        )
    )
    who, when = (np.array(column) for column in zip(*sorted(keys), strict=True))
    return Grid(who, when, np.array(cells, dtype=np.int8), ("A", "B"))


@given(grids())
def test_spells_are_those_of_a_walk_through_the_records(grid):
    found = spells(grid)
    codes = {word: code for code, word in STATUS.items()}
    fast = sorted((w, b, codes[s], f, last) for w, b, s, f, last, _, _ in found.iter_rows())
    assert fast == slow_spells(grid)
    assert found.filter(pl.col("open") != (pl.col("last") == int(grid.years.max()))).height == 0


@given(grids())
def test_an_ended_spell_without_a_note_is_followed_by_a_record_of_another_standing(grid):
    at = {k: n for n, k in enumerate(zip(grid.bearers.tolist(), grid.years.tolist(), strict=True))}
    for who, body, _, _, last, still, note in spells(grid).iter_rows():
        n = at.get((who, last + 1))
        known = n is not None and grid.values[n, body] >= 0
        ends_noted = note is not None and ("no record" in note or "end is not known" in note)
        assert ends_noted == (not known and not still)


@given(grids())
def test_candidates_are_ones_followed_by_zeros_in_the_next_record(grid):
    slow = [
        (int(grid.bearers[n]), body, int(grid.years[n]), int(grid.years[n + 1]))
        for n in range(len(grid.years) - 1)
        for body in range(2)
        if grid.bearers[n] == grid.bearers[n + 1]
        and (grid.values[n, body], grid.values[n + 1, body]) == (1, 0)
    ]
    assert sorted(candidates(grid).rows()) == sorted(slow)


# --- the lists --------------------------------------------------------------------------------------


def test_bodies_of_ours_are_named_once_and_exist_on_both_sides(record, grid):
    with open(igo.LIST, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    ours = {row["body_id"] for row in record.rows("bodies")}
    theirs = {name.lower() for name in grid.bodies}
    assert {row["body_id"] for row in rows} <= ours
    assert {row["ioname"].lower() for row in rows} <= theirs
    assert (
        len({row["body_id"] for row in rows}) == len({row["ioname"] for row in rows}) == len(rows)
    )
    assert all(row["reason"] for row in rows)


def test_bodies_that_only_share_letters_with_ours_are_not_mixed_up(parsed):
    rows = parsed("igo", "igo")[1]["memberships"]
    names = dict(rows.select("body_id", "body_label").unique().iter_rows())
    assert names["cow-isa"] == "Int'l Seabed Authority"  # ours is the Solar Alliance
    assert names["cow-itc"] == "Intl Tin Council"  # ours is the Trade Centre
    assert names["cow-cec"] == "Commonwealth Economic Committee"  # ours is that for the environment
    assert not {"isa", "itc", "cec"} & set(names)


def test_columns_of_states_mean_the_codes_that_the_states_form_gives_them(record, shared):
    path = shared / "igo/state_year_format3.rda"
    pairs = r_frame(RawFile(path.name, "x", 1 << 30, path=path)).select("state", "ccode").unique()
    states = States(record.names, record.rows("states"), "igo")
    for name, code in pairs.iter_rows():
        assert igo_forms._column_code(name, states) == int(code), name
    assert pairs.height == 217


# --- other ways to publish it -------------------------------------------------------------------------

STATE_YEAR = (
    "ccode,year,state,UNESCO,Wassen\n"
    "2,2011,usa,1,1\n2,2012,usa,1,2\n2,2013,usa,0,-9\n2,2014,usa,3,1\n"
    "700,2012,afghanistan,-1,0\n700,2014,afghanistan,1,0\n"
)
IGO_YEAR = (
    "ioname\torgname\tyear\tusa\tafghanistan\twgermany\tsdate\tsourcesandnotes\tversion\n"
    "UNESCO\tUN Education\t2013\t1\t1\t-1\t1945\t\t3\n"
    'UNESCO\tUN Education\t2014\t0\t1\tNA\t1945\t"a, b"\t3\n'
    "Wassen\tWassenaar\t2014\t1\t-9\t-1\t1996\t\t2.3\n"
)


def rows_of(tables) -> list[tuple]:
    frame = tables["memberships"].select(
        "body_id", "state_id", "status", pl.col("start").dt.year(), pl.col("end").dt.year(), "note"
    )
    return frame.rows()


def test_the_published_states_form_has_upper_case_columns(made):
    told, tables = made("igo", "state_year_formatv3.csv", STATE_YEAR)
    assert rows_of(tables) == [
        ("cow-wassen", "USA", "member", 2011, 2012, None),
        (
            "cow-wassen",
            "USA",
            "associate",
            2012,
            2013,
            "missing in the source from 2013: the end is not known",
        ),
        (
            "cow-wassen",
            "USA",
            "member",
            2014,
            None,
            "missing in the source until 2013: the start is not known",
        ),
        ("unesco", "AFG", "member", 2014, None, None),
        ("unesco", "USA", "member", 2011, 2013, None),
        ("unesco", "USA", "observer", 2014, None, None),
    ]
    assert tables["exit_candidates"].rows() == [("unesco", "UNESCO", "USA", 2012, 2013)]
    assert told.edition == "3.0"


def test_a_gap_in_the_records_of_a_state_ends_a_spell_at_the_last_year_seen(made):
    text = "ccode,year,state,UN\n220,1941,france,1\n220,1944,france,1\n"
    assert rows_of(made("igo", "x.csv", text)[1]) == [
        ("un", "FRA", "member", 1941, 1942, "no record of the state from 1942 to 1943"),
        ("un", "FRA", "member", 1944, None, None),
    ]


def test_the_published_organisations_form_is_parted_by_tabs(made):
    told, tables = made("igo", "igo_year.csv", IGO_YEAR)
    assert rows_of(tables) == [
        ("cow-wassen", "USA", "member", 2014, None, None),
        ("unesco", "AFG", "member", 2013, None, None),
        ("unesco", "USA", "member", 2013, 2014, None),
    ]
    assert tables["exit_candidates"].rows() == [("unesco", "UN Education", "USA", 2013, 2014)]
    assert (told.rows_read, told.edition) == (3, "3.0")


def test_the_organisations_form_may_be_parted_by_commas(made):
    plain = IGO_YEAR.replace("\t", ",")
    assert rows_of(made("igo", "x.csv", plain)[1]) == rows_of(made("igo", "y.csv", IGO_YEAR)[1])


def test_both_forms_in_one_archive_are_compared(made):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("s.csv", STATE_YEAR)
        archive.writestr("i.csv", IGO_YEAR)
    told, tables = made("igo", "both.zip", out.getvalue())
    # Afghanistan has no record of 2013 in the states' form: nothing to compare
    assert told.notes[0] == (
        "The two forms differ in 3 of 5 cells that both have, and 1 cells stand in one only; "
        "the states' form is followed."
    )
    assert tables["memberships"].filter(body_id="cow-wassen")["body_label"][0] == "Wassenaar"


def test_a_code_of_a_polity_outside_the_registry_is_left_out_and_counted(made):
    told, _ = made(
        "igo", "x.csv", STATE_YEAR + "300,1913,austriahungary,-1,1\n300,1914,austriahungary,-1,0\n"
    )
    assert told.dropped == {"polity that the registry does not have (COW 300)": 2}
    assert told.notes == [
        "1 of 2 changes from member to none concern polities that the registry does not have."
    ]


def test_of_two_codes_of_a_state_in_a_year_its_own_is_kept(made):
    text = "ccode,year,state,UN\n255,1990,germany,1\n260,1990,wgermany,0\n260,1989,wgermany,1\n255,1991,germany,1\n"
    told, tables = made("igo", "x.csv", text)
    assert rows_of(tables) == [("un", "DEU", "member", 1989, None, None)]
    assert told.dropped == {igo.SECOND: 1}


# --- refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (STATE_YEAR + "2,2015,usa,4,1\n", "row 8: unesco is 4, not a code of standing"),
        (STATE_YEAR + "2,2015,usa,,1\n", "row 8: unesco is None"),
        (STATE_YEAR + "2,2015,usa,yes,1\n", "row 8: unesco is 'yes', not a number"),
        (STATE_YEAR + "2,2014,usa,1,1\n", "row 8: ccode 2, year 2014 stands twice"),
        (STATE_YEAR + "2,2015,usa,1\n", "row 8: 4 cells, 5 expected"),
        (STATE_YEAR + "999,2014,atlantis,1,1\n", r"no state is known by the label '999' \(cow\)"),
        (STATE_YEAR.replace("Wassen", "unesco"), "column 'unesco' stands twice"),
        (
            IGO_YEAR.replace("wgermany", "atlantis"),
            r"no state is known by the label 'atlantis' \(name\)",
        ),
        (IGO_YEAR.replace("2013", "2014"), "stands twice"),
        (IGO_YEAR.replace("Wassen\t", "\t"), "row 4: ioname is empty"),
        (IGO_YEAR.replace("\t-9\t", "\t7\t"), "row 4: afghanistan is 7.0, not a code of standing"),
        ("ioname,orgname,year\nUN,x,1950\n", "no file that igo knows"),
        (b"PK\x03\x04 not a zip", "is not a whole zip archive"),
    ],
)
def test_what_the_loader_does_not_know_stops_the_pull(made, text, said):
    with pytest.raises(BadSource, match=said):
        made("igo", "x.csv", text)


def test_a_truncated_r_file_stops_the_pull(made, shared):
    whole = (shared / "igo/state_year_format3.rda").read_bytes()
    with pytest.raises(BadSource):
        made("igo", "x.rda", whole[: len(whole) // 2])
