"""COW bilateral and national trade."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources.files import RawFile
from multipolar.sources.formats.rdata import r_frame

PAIRS = "ccode1,ccode2,year,flow1,flow2,smoothflow1,smoothflow2\n"
DYADIC = (
    "ccode1,ccode2,year,importer1,importer2,flow1,flow2,smoothflow1,smoothflow2,smoothtotrade,spike1,spike2,"
    "dip1,dip2,trdspike,tradedip,bel_lux_alt_flow1,bel_lux_alt_flow2,china_alt_flow1,china_alt_flow2,source1,"
    "source2,version\n"
)
NATIONAL = "ccode,statename,stateabb,year,imports,exports,alt_imports,alt_exports,source1,source2,version\n"


# --- the files --------------------------------------------------------------------------------------


def test_every_dyad_year_and_total_is_read_and_kept_or_left_out_for_a_reason(parsed):
    told, tables = parsed("trade", "trade")
    assert told.rows_read == 673_654 + 14_410
    assert tables["trade"].height == 2 * (673_654 - 549)
    assert tables["trade_totals"].height == 14_410 - 74 - 6 - 31
    assert told.rows_kept == 673_654 - 549 + tables["trade_totals"].height
    assert (told.first, told.last, told.edition) == (
        date(1870, 1, 1),
        date(2014, 12, 31),
        "2014-12-31",
    )


def test_missing_flows_and_zeros_are_those_of_the_source(shared, parsed):
    path = shared / "trade/cow_trade_ndy.rda"
    source = r_frame(RawFile(path.name, "x", 1 << 30, path=path))
    assert source["flow1"].null_count() == 22_937
    assert (source["flow1"] == 0).sum() == 369_908
    outside = source.filter(pl.any_horizontal(pl.col("ccode1", "ccode2").is_in([300.0, 730.0])))
    inside = source.filter(~pl.any_horizontal(pl.col("ccode1", "ccode2").is_in([300.0, 730.0])))
    rows = parsed("trade", "trade")[1]["trade"]
    assert outside.height == 549
    flows = pl.concat([inside["flow1"], inside["flow2"].alias("flow1")])
    assert rows["value_usd"].null_count() == flows.null_count()
    assert (rows["value_usd"] == 0).sum() == (flows == 0).sum()
    assert rows["value_usd"].sum() == pytest.approx(flows.sum() * 1e6, rel=1e-12)


def test_flow1_is_what_the_first_state_imports_from_the_second(parsed):
    rows = parsed("trade", "trade")[1]["trade"].filter(year=1920)
    usa, can = (
        rows.filter(importer=a, exporter=b).row(0, named=True)
        for a, b in (("USA", "CAN"), ("CAN", "USA"))
    )
    assert (usa["value_usd"], can["value_usd"]) == (612e6, 735e6)
    assert (usa["smoothed_usd"], can["smoothed_usd"]) == (612e6, 735e6)


def test_totals_are_in_dollars_and_germany_keeps_the_code_with_values(parsed):
    rows = parsed("trade", "trade")[1]["trade_totals"]
    assert rows.filter(state_id="USA", year=1870).row(0)[2:] == (450e6, 418e6)
    assert rows.filter(state_id="DEU", year=1960).row(0)[2:] == (10_013e6, 11_381e6)
    assert rows.filter(state_id="DEU", year=1955).row(0)[2:] == (5_680e6, 6_090e6)
    assert rows.filter(state_id="DEU", year=1990)["imports_usd"].to_list() == [
        pytest.approx(346_464.091235484e6)
    ]


def test_a_total_that_is_missing_stays_missing(parsed):
    rows = parsed("trade", "trade")[1]["trade_totals"]
    assert rows.filter(pl.col("state_id").is_in(["SCG", "SRB"]), year=1999)[
        "imports_usd"
    ].to_list() == [None]


def test_rows_after_the_end_of_a_state_are_left_out(parsed):
    told, tables = parsed("trade", "trade")
    assert told.dropped["totals: state after its end, an error of the source (COW 265, 315)"] == 6
    assert tables["trade_totals"].filter(state_id="DDR")["year"].max() == 1990


def test_the_copies_as_text_give_the_same_tables(parsed):
    packaged, text = parsed("trade", "trade")[1], parsed("trade", "trade/derived")[1]
    assert packaged["trade"].equals(text["trade"])
    assert packaged["trade_totals"].equals(text["trade_totals"])


def test_states_carry_the_code_of_the_year(parsed):
    rows = parsed("trade", "trade")[1]["trade"]
    assert rows.filter(importer="RUS", exporter="USA")["year"].to_list()[:1] == [1870]
    assert set(rows.filter(importer="SUN")["year"].unique()) <= set(range(1923, 1992))
    assert rows.filter(importer="EST")["year"].min() == 1919
    assert rows.filter(pl.col("importer") == pl.col("exporter")).height == 0


def test_a_million_rows_are_read_within_a_few_seconds(record, shared):
    from multipolar.sources import load_source
    from multipolar.sources.files import find_files
    from multipolar.sources.pull import read

    source = load_source("trade")
    begun = time.process_time()
    read(source, find_files(source, [shared / "trade"]), record)
    assert (
        time.process_time() - begun < 8
    )  # about 1.5 on two quiet cores; a loop over rows takes minutes


# --- the publisher's forms --------------------------------------------------------------------------------


def dyad(a: int, b: int, year: int, one: str, two: str) -> str:
    return f'{a},{b},{year},"Name, one",Two,{one},{two},{one},{two},1,0,0,0,0,0,0,-9,-9,-9,-9,1,"IMF; x",4\n'


def test_the_published_dyads_mark_missing_values_by_minus_nine(made):
    told, tables = made(
        "trade",
        "Dyadic_COW_4.0.csv",
        DYADIC + dyad(2, 20, 1920, "-9", "735.37") + dyad(2, 31, 1980, "0", "-9.0"),
    )
    assert tables["trade"].rows() == [
        ("BHS", "USA", 1980, None, None),
        ("CAN", "USA", 1920, 735_370_000.0, 735_370_000.0),
        ("USA", "BHS", 1980, 0.0, 0.0),
        ("USA", "CAN", 1920, None, None),
    ]
    assert (told.rows_read, told.rows_kept, told.edition) == (2, 2, "4.0")
    assert told.notes == ["The national file was not given; its table is not there."]


def test_the_published_national_file_is_read_also_in_latin_1(made):
    row = "437,Côte d'Ivoire,CDI,1961,-9,25.5,-9,-9,1,2,4\n"
    _, tables = made("trade", "National_COW_4.0.csv", (NATIONAL + row).encode("latin-1"))
    assert tables["trade_totals"].rows() == [("CIV", 1961, None, 25.5e6)]


def test_the_published_archive_is_read_whole(made):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("COW_Trade_4.0/Dyadic_COW_4.0.csv", DYADIC + dyad(2, 20, 1920, "1", "2"))
        archive.writestr(
            "COW_Trade_4.0/National_COW_4.0.csv", NATIONAL + "2,USA,USA,1920,1,2,-9,-9,1,2,4\n"
        )
        archive.writestr("COW_Trade_4.0/readme.txt", "about")
    told, tables = made("trade", "COW_Trade_4.0.zip", out.getvalue())
    assert (told.rows_read, set(tables), told.notes) == (2, {"trade", "trade_totals"}, [])


def test_of_two_codes_of_one_state_the_row_with_more_values_is_kept(made):
    text = (
        PAIRS + "2,255,1990,,5,,5\n2,260,1990,7,8,7,8\n20,255,1990,1,1,1,1\n20,260,1990,9,9,9,9\n"
    )
    told, tables = made("trade", "x.csv", text)
    rows = tables["trade"].filter(exporter="DEU").select("importer", "value_usd").rows()
    assert rows == [("CAN", 1e6), ("USA", 7e6)]  # as many values: the state's own code
    assert told.dropped == {"pairs: repeats a state and year under a second COW code": 2}


def test_trade_between_two_codes_of_one_state_is_left_out(made):
    told, tables = made("trade", "x.csv", PAIRS + "255,260,1990,1,1,1,1\n2,20,1990,1,1,1,1\n")
    assert (tables["trade"].height, told.dropped) == (
        2,
        {"pairs: both codes mean the same state": 1},
    )


def test_a_file_without_smoothed_values_is_read(made):
    _, tables = made("trade", "x.csv", "ccode1,ccode2,year,flow1,flow2\n2,20,1990,1,\n")
    assert tables["trade"].rows() == [("CAN", "USA", 1990, None), ("USA", "CAN", 1990, 1e6)]


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (PAIRS + "2,20,1990,-5,1,1,1\n", r"row 2: flow1 is -5\.0, below zero"),
        (PAIRS + "2,20,1990,1,much,1,1\n", "row 2: flow2 is 'much', not a number"),
        (PAIRS + "2,20,1990,1,1,1\n", "row 2: 6 cells, 7 expected"),
        (
            PAIRS + "2,20,1990,1,1,1,1\n20,2,1990,1,1,1,1\n",
            "row 3: low 2, high 20, year 1990 stands twice",
        ),
        (PAIRS + "2,2,1990,1,1,1,1\n", "row 2: ccode1 and ccode2 are both 2"),
        (PAIRS + "2,998,1990,1,1,1,1\n", r"no state is known by the label '998' \(cow\)"),
        (
            PAIRS.strip() + ",mood\n2,20,1990,1,1,1,1,x\n",
            "column 'mood' is not one that this loader knows",
        ),
        (
            "ccode,year,imports,exports\n2,1990,1,1\n2,1990,1,1\n",
            "row 3: ccode 2, year 1990 stands twice",
        ),
        ("ccode,year,imports,exports\n2,190,1,1\n", "row 2: year is 190"),
        (PAIRS, "holds no row"),
    ],
)
def test_what_the_loader_does_not_know_stops_the_pull(made, text, said):
    with pytest.raises(BadSource, match=said):
        made("trade", "x.csv", text)


def test_a_truncated_archive_stops_the_pull(made, shared):
    whole = (shared / "trade/derived/cow_trade_ndy.csv.gz").read_bytes()
    with pytest.raises(BadSource):
        made("trade", "x.csv.gz", whole[:400_000])
