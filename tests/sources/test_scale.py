"""The scale of assessments of the United Nations."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import openpyxl
import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources.files import find_files
from multipolar.sources.pull import read
from multipolar.sources.scale import SOURCE

BOOK = "un_money/Scale of Assessments for RB 1946-2027.xlsx"
CSV = "un_money/UNGA_scale_of_assessment.csv"
DASH = "          -"


def workbook(*rows: Sequence[Any], before: int = 2) -> bytes:
    """Return a workbook with these rows on a sheet, below some empty ones."""
    book = openpyxl.Workbook()
    for _ in range(before):
        book.active.append([None])
    for row in rows:
        book.active.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


SMALL: tuple[Sequence[Any], ...] = (
    ["Member State", 2024, 2027, 2030],
    [None, "=", "=", "="],
    ["Belgium", 30, 40, 25.5],
    ["Germany    e/", 70, 60, 74.5],
    [None, None, None, None],
    ["South Sudan", DASH, DASH, "-"],
    ["Total", 100, 100, 100],
    [None, "   ======", "=====", "====="],
    ["e/  Two German States united."],
)


# --- the file as published ----------------------------------------------------------------------


def test_the_scale_of_2025_to_2027_has_193_members_and_adds_up_to_exactly_100(parsed):
    rows = parsed("scale-of-assessments", BOOK)[1]["money"].filter(start=date(2025, 1, 1))
    assert (rows.height, rows["state_id"].n_unique()) == (193, 193)
    assert set(rows["end"]) == {date(2028, 1, 1)}
    assert sum(Decimal(repr(share)) for share in rows["share_percent"]) == 100
    shares = dict(rows.select("state_id", "share_percent").iter_rows())
    assert [shares[code] for code in ("USA", "CHN", "RUS", "IND")] == [22, 20.004, 2.094, 1.106]


def test_every_cell_is_a_row_or_dropped_with_its_reason(parsed):
    told, tables = parsed("scale-of-assessments", BOOK)
    assert (told.rows_read, told.rows_kept) == (199 * 44, 6162)
    assert tables["money"].height == 6162
    assert sorted(told.dropped.values()) == [2, 75, 2517]
    assert told.rows_read == told.rows_kept + sum(told.dropped.values())
    assert (told.edition, told.first, told.last) == (
        "1946-2027",
        date(1946, 1, 1),
        date(2027, 12, 31),
    )


def test_a_column_covers_the_years_after_the_column_before_it(parsed):
    rows = parsed("scale-of-assessments", BOOK)[1]["money"]
    spans = rows.select("start", "end").unique().sort("start").rows()
    assert len(spans) == 44
    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert (date(1946, 1, 1), date(1947, 1, 1)) in spans
    assert (date(1956, 1, 1), date(1958, 1, 1)) in spans
    assert (date(2004, 1, 1), date(2007, 1, 1)) in spans


def test_a_dash_is_no_row_and_never_a_zero(parsed):
    rows = parsed("scale-of-assessments", BOOK)[1]["money"]
    assert rows.filter(state_id="SSD")["start"].min() == date(2013, 1, 1)
    assert rows["share_percent"].min() == 0.001


def test_seats_that_changed_have_the_code_of_the_first_day_of_the_period(parsed):
    rows = parsed("scale-of-assessments", BOOK)[1]["money"]

    def periods(code: str) -> tuple[int, date, date]:
        mine = rows.filter(state_id=code)
        return mine.height, mine["start"].min(), mine["end"].max()

    assert periods("SUN") == (24, date(1946, 1, 1), date(1992, 1, 1))
    assert periods("RUS")[1] == date(1992, 1, 1)
    assert periods("CSK") == (25, date(1946, 1, 1), date(1993, 1, 1))
    assert periods("DDR") == (8, date(1971, 1, 1), date(1992, 1, 1))
    assert periods("YAR") == (23, date(1947, 1, 1), date(1992, 1, 1))
    assert periods("YMD") == (10, date(1965, 1, 1), date(1992, 1, 1))
    assert periods("YEM")[1] == date(1992, 1, 1)
    assert periods("UAR") == (1, date(1959, 1, 1), date(1962, 1, 1))
    assert periods("SCG") == (9, date(1996, 1, 1), date(2007, 1, 1))
    assert periods("SRB")[1] == date(2007, 1, 1)
    assert periods("TZA")[1] == date(1959, 1, 1)
    assert rows.filter(pl.col("state_id") == "YUG").height == 0


def test_the_rows_have_the_keys_and_shares_of_the_almanac_but_for_seven_rounded_ones(
    parsed, record
):
    rows = parsed("scale-of-assessments", BOOK)[1]["money"]
    pulled = {
        (state, start, end): share
        for state, start, end, share in rows.select(
            "state_id", "start", "end", "share_percent"
        ).iter_rows()
    }
    ours = {
        (row["state_id"], row["start"], row["end"]): float(row["share_percent"])
        for row in record.rows("money")
        if (row["body_id"], row["budget"], row["stage"]) == ("un", "regular", "assessed")
    }
    assert set(pulled) == set(ours)
    differ = {(k[0], k[1].year): (pulled[k], ours[k]) for k in ours if pulled[k] != ours[k]}
    assert differ == {
        ("LUX", 1974): (0.044, 0.04),
        ("LUX", 1977): (0.044, 0.04),
        ("LUX", 1978): (0.044, 0.04),
        ("ITA", 2003): (5.06475, 5.065),
        ("JPN", 2003): (19.51575, 19.516),
        ("ESP", 2003): (2.51875, 2.519),
        ("SWE", 2003): (1.02675, 1.027),
    }


def test_sums_that_are_not_100_are_noted_and_the_files_own_totals_are_right(parsed):
    told, _ = parsed("scale-of-assessments", BOOK)
    assert len(told.notes) == 1
    note = told.notes[0]
    assert "add up to 100 in 13 of 44 periods" in note
    assert all(
        text in note for text in ("1946 102.1,", "1955 105.4,", "1973 108.2,", "2003 101.087")
    )


def test_the_workbook_stands_where_the_csv_is_given_too_and_both_are_compared(parsed):
    told, tables = parsed("scale-of-assessments", "un_money")
    assert tables["money"].equals(parsed("scale-of-assessments", BOOK)[1]["money"])
    assert told.rows_read == 2 * 199 * 44
    assert told.rows_kept == 6162
    assert (
        "the CSV differs from the workbook in 7 of 8,756 cells: Italy 2003: 5.065 for 5.06475"
        in (told.notes[1])
    )


def test_the_csv_alone_gives_the_same_members_and_periods(parsed):
    key = ["state_id", "start", "end", "payer"]
    plain = parsed("scale-of-assessments", CSV)[1]["money"].select(key)
    assert plain.sort(key).equals(
        parsed("scale-of-assessments", BOOK)[1]["money"].select(key).sort(key)
    )


# --- other editions -----------------------------------------------------------------------------


def test_a_newer_workbook_with_more_columns_under_another_name_is_read(made):
    told, tables = made("scale-of-assessments", "scale.xlsx", workbook(*SMALL))
    rows = tables["money"].filter(start=date(2028, 1, 1)).sort("state_id")
    assert rows["state_id"].to_list() == ["BEL", "DEU"]
    assert rows["share_percent"].to_list() == [25.5, 74.5]
    assert rows["end"].to_list() == [date(2031, 1, 1)] * 2
    assert (told.edition, told.notes) == ("2024-2030", [])
    assert (told.rows_read, told.rows_kept) == (9, 6)


def test_a_packed_workbook_and_a_packed_csv_are_read(made, tmp_path):
    told, _ = made("scale-of-assessments", "s.xlsx.gz", gzip.compress(workbook(*SMALL, before=0)))
    assert told.rows_kept == 6
    told, _ = made(
        "scale-of-assessments",
        "s.csv.gz",
        gzip.compress(b"Member State,2024,2027\nBelgium,-,1.25\n"),
    )
    assert told.rows_kept == 1


def test_a_column_without_a_year_may_hold_marks_of_notes_and_no_figures(made):
    head, rule, *rest = ([*row[:2], None, *row[2:]] for row in SMALL)
    rest[0][2] = "a/"
    assert made("scale-of-assessments", "s.xlsx", workbook(head, rule, *rest))[0].rows_kept == 6
    rest[0][2] = 0.5
    with pytest.raises(BadSource, match=r"row 5: 0\.5 stands in a column without a year"):
        made("scale-of-assessments", "s.xlsx", workbook(head, rule, *rest))


def test_a_total_that_is_not_the_sum_is_noted(made):
    rows = [*SMALL[:6], ["Total", 100, 100, 99.5], *SMALL[7:]]
    told, _ = made("scale-of-assessments", "s.xlsx", workbook(*rows))
    assert told.notes == ["the file's own total is not the sum of its rows: 2030 99.5 for 100"]


def test_fractions_of_a_workbook_are_read_as_the_decimals_they_stand_for(made):
    rows = [SMALL[0], ["Belgium", 0.026000000000000002, 1.6019999999999999, 19.51575], SMALL[6]]
    shares = made("scale-of-assessments", "s.xlsx", workbook(*rows))[1]["money"]["share_percent"]
    assert shares.to_list() == [0.026, 1.602, 19.51575]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({2: ["Belgium", "n.a.", 40, 25.5]}, r"row 5: 'n\.a\.' is not a share"),
        ({2: ["Belgium", -1, 40, 25.5]}, "row 5: '-1' is not a share"),
        ({2: ["Belgium", 101, 40, 25.5]}, "row 5: '101' is not a share"),
        ({3: ["Belgium  e/", 70, 60, 74.5]}, "row 6: 'Belgium' stands twice"),
        ({0: ["Member State", 2024, 2030, 2027]}, "column 2027 stands after column 2030"),
        ({0: ["Member State", 2024, 2027, "Notes"]}, "row 3: 'Notes' is not the head of a year"),
        ({0: ["Member State"]}, "has no column headed by a year"),
        ({6: ["Sum", 100, 100, 100]}, "no row 'Total'"),
        ({4: [None, 5, None, None]}, "row 7: 5 stands in a row of no member"),
        ({8: ["e/  Note", 5]}, "row 11: 5 stands in a row of no member"),
        ({2: ["Ruritania", 30, 40, 25.5]}, "no state is known by the label 'Ruritania'"),
        ({8: ["Member State", 2024]}, "holds 2 rows that begin with 'Member State'"),
    ],
)
def test_a_workbook_that_is_not_of_the_known_form_is_refused(made, change, problem):
    rows = [change.get(number, row) for number, row in enumerate(SMALL)]
    with pytest.raises(BadSource, match=problem):
        made("scale-of-assessments", "s.xlsx", workbook(*rows))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("Member State,2024,2027\nBelgium,1\n", "row 2: 2 cells, 3 expected"),
        ("Member State,2024,2024\nBelgium,1,1\n", "column 2024 stands after column 2024"),
        ("Member State,2024,Name\nBelgium,1,x\n", "'Name' is not the head of a year"),
        ("Member State,2024\nBelgium,1\nBelgium,1\n", "row 3: 'Belgium' stands twice"),
        ("Member State,2024\nBelgium,1e3\n", "row 2: '1e3' is not a share"),
        ("Member State,2024\nBelgium,-\n", "holds no share"),
        ("Member State,2024\nT\xfcrkiye,1\n".encode("latin-1"), "row 2: byte 0xFC is not utf-8"),
    ],
)
def test_a_csv_that_is_not_of_the_known_form_is_refused(made, content, problem):
    with pytest.raises(BadSource, match=problem):
        made("scale-of-assessments", "s.csv", content)


def test_a_workbook_that_is_cut_off_is_refused(made):
    with pytest.raises(BadSource, match="is not a whole zip archive"):
        made("scale-of-assessments", "s.xlsx", workbook(*SMALL)[:-200])


def test_another_workbook_is_no_scale_and_is_passed_over_in_a_folder(record, tmp_path):
    (tmp_path / "other.xlsx").write_bytes(workbook(["Country", 2024], ["Belgium", 1]))
    with pytest.raises(BadSource, match="not found in"):
        find_files(SOURCE, [tmp_path])
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.writestr("scale.xlsx", workbook(*SMALL))
    told, _ = read(SOURCE, find_files(SOURCE, [tmp_path]), record)
    assert told.rows_kept == 6
