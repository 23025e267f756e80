"""ATOP alliance obligations."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import polars as pl
import pytest

from multipolar.errors import BadSource

PACKAGED = "ccode1,ccode2,year,atop_defense,atop_offense,atop_neutral,atop_nonagg,atop_consul\n"
PUBLISHED = (
    "ddyad,year,atopally,defense,offense,neutral,nonagg,consul,shareob,transyr,bilatno,multino,number,"
    "asymm,atopid1,atopid2,stateA,stateB,version\n"
)
PAIR = "2020,1950,1,1,0,0,1,1,1,0,0,1,1,0,3180,,2,20,5.1\n20002,1950,1,1,0,0,1,0,1,0,0,1,1,0,3180,,20,2,5.1\n"


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


# --- the file ---------------------------------------------------------------------------------------


def test_every_dyad_year_is_read_kept_joined_or_left_out_for_a_reason(parsed):
    told, tables = parsed("atop", "alliances")
    rows = tables["alliances"]
    assert (told.rows_read, told.rows_kept, rows.height) == (273_296, 267_854, 267_854)
    assert sorted(told.dropped.values()) == [2, 64, 5_376]
    assert (told.first, told.last, told.edition) == (
        date(1815, 1, 1),
        date(2018, 12, 31),
        "2018-12-31",
    )


def test_obligations_are_those_of_the_packaged_columns(parsed):
    rows = parsed("atop", "alliances")[1]["alliances"]
    row = rows.filter(state_a="USA", state_b="CAN", year=1942).row(0, named=True)
    assert [row[c] for c in ("defense", "offense", "neutrality", "nonaggression", "consultation")] == [
        "yes", "yes", "no", "no", "no",
    ]  # fmt: skip
    assert rows.filter(state_a="USA", state_b="CAN", year=1941).height == 0


def test_the_copy_as_text_gives_the_same_table(parsed):
    assert parsed("atop", "alliances/derived")[1]["alliances"].equals(
        parsed("atop", "alliances")[1]["alliances"]
    )


def test_germany_has_one_row_per_partner_in_1990_with_the_obligations_of_both_codes(parsed):
    rows = parsed("atop", "alliances")[1]["alliances"].filter(state_a="DEU", year=1990)
    assert rows.height == rows["state_b"].n_unique() == 33
    soviet = rows.filter(state_b="SUN").row(0, named=True)
    assert (soviet["neutrality"], soviet["consultation"]) == (
        "yes",
        "yes",
    )  # of code 255, not of 260
    assert rows.filter(state_b="DDR")["nonaggression"].to_list() == ["yes"]  # of code 260 only


def test_an_alliance_without_any_obligation_is_kept_with_five_times_no(parsed):
    rows = parsed("atop", "alliances")[1]["alliances"]
    none = rows.filter(
        pl.all_horizontal(
            pl.col("defense", "offense", "neutrality", "nonaggression", "consultation") == "no"
        )
    )
    assert none.filter(pl.col("state_a").is_in(["ARG", "BRA"]), year=1859)[
        "state_b"
    ].sort().to_list() == ["ARG", "BRA"]


def test_states_carry_the_code_of_the_year(parsed):
    rows = parsed("atop", "alliances")[1]["alliances"]
    assert rows.filter(state_a="SUN")["year"].max() == 1991
    assert set(rows.filter(state_a="YAR", year=1990)["state_b"]) >= {"YMD"}
    assert rows.filter(state_a="CSK")["year"].max() == 1992


# --- the publisher's form -------------------------------------------------------------------------------


def test_the_published_form_is_read_with_its_extra_columns_passed_over(made):
    told, tables = made("atop", "atop5_1ddyr.csv", PUBLISHED + PAIR)
    assert tables["alliances"].rows() == [
        ("CAN", "USA", 1950, "yes", "no", "no", "yes", "no"),
        ("USA", "CAN", 1950, "yes", "no", "no", "yes", "yes"),
    ]
    assert (told.edition, told.rows_read) == ("5.1", 2)


def test_of_the_publishers_two_sets_the_one_with_nonaggression_pacts_is_read(made):
    whole = PUBLISHED + PAIR
    less = PUBLISHED + PAIR.split("\n")[0] + "\n"
    told, tables = made(
        "atop",
        "a.zip",
        zipped(atop5_1ddyr__csv=whole, atop5_1ddyr_NNA__csv=less, atop5_1a__csv="atopid,x\n1,2\n"),
    )
    assert tables["alliances"].height == 2
    assert told.notes == ["atop5_1ddyr.csv was read (2 rows), not atop5_1ddyr_NNA.csv (1 rows)."]


def test_of_two_sets_without_telling_names_the_longer_is_read(made):
    less = PUBLISHED + PAIR.split("\n")[0] + "\n"
    told, _ = made("atop", "a.zip", zipped(one__csv=less, two__csv=PUBLISHED + PAIR))
    assert told.rows_read == 2


def test_the_set_without_pacts_alone_is_read_with_a_doubt(made):
    told, _ = made("atop", "atop5_1ddyr_NNA.csv", PUBLISHED + PAIR)
    assert told.notes == [
        "atop5_1ddyr_NNA.csv is named like the form that leaves out nonaggression pacts."
    ]


# --- refusals -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PACKAGED + "2,20,1950,2,0,0,0,0\n", "row 2: atop_defense is 2, not from 0 to 1"),
        (PACKAGED + "2,20,1950,,0,0,0,0\n", "row 2: atop_defense is None"),
        (PACKAGED + "2,20,50,1,0,0,0,0\n", "row 2: year is 50"),
        (
            PACKAGED + "2,20,1950,1,0,0,0,0\n2,20,1950,1,0,0,0,0\n",
            "row 3: ccode1 2, ccode2 20, year 1950 stands twice",
        ),
        (PACKAGED + "2,999,1950,1,0,0,0,0\n", r"no state is known by the label '999' \(cow\)"),
        (PACKAGED + "2,20,1950,1,0,0\n", "row 2: 6 cells, 8 expected"),
        (
            PACKAGED.strip() + ",mood\n2,20,1950,1,0,0,0,0,x\n",
            "column 'mood' is not one that this loader knows",
        ),
        ("stateA,stateB,year\n2,20,1950\n", "no file that atop knows"),
    ],
)
def test_what_the_loader_does_not_know_stops_the_pull(made, text, said):
    with pytest.raises(BadSource, match=said):
        made("atop", "x.csv", text)


def test_a_truncated_r_file_stops_the_pull(made, shared):
    whole = (shared / "alliances/atop_alliance.rda").read_bytes()
    with pytest.raises(BadSource):
        made("atop", "x.rda", whole[: len(whole) // 2])
