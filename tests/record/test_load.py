"""Reading one table: types as declared, and one clear error that names file, row and column."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multipolar.errors import BadTable
from multipolar.record import schema
from multipolar.record.dates import last_day, parse_date
from multipolar.record.load import load_table, row_key
from multipolar.record.schema import Table


class Gifts(Table):
    """Things given."""

    key = ("giver", "day")
    fact = False
    giver = schema.text("Who gave.", required=True)
    day = schema.date("When.")
    worth = schema.decimal("Worth.", low=0, high=100)
    pieces = schema.integer("How many.", low=1)
    seen = schema.partial_date("When it was seen.")
    kinds = schema.text("Kinds.")
    to = schema.refs("gifts", "To whom.")
    start = schema.date("From.")
    end = schema.date("Up to, not included.")


HEADER = "giver,day,worth,pieces,seen,kinds,to,start,end"


@pytest.fixture
def load(tmp_path):
    def read(*lines: str, header: str = HEADER, end: str = "\n"):
        path = tmp_path / "gifts.csv"
        path.write_bytes(end.join([header, *lines, ""]).encode())
        return load_table(Gifts, path)

    return read


def test_cells_become_what_the_columns_declare(load):
    row = load('A,2025-01-02,1.50,3,2025-01,"x, y",B;C,2025-01-01,2025-01-02')[0]
    assert row == {
        "giver": "A",
        "day": date(2025, 1, 2),
        "worth": Decimal("1.50"),
        "pieces": 3,
        "seen": "2025-01",
        "kinds": "x, y",
        "to": ("B", "C"),
        "start": date(2025, 1, 1),
        "end": date(2025, 1, 2),
    }
    assert str(row["worth"]) == "1.50"


def test_an_empty_cell_is_none_and_a_zero_is_zero(load):
    empty, zero = load("A,,,,,,,,", "B,,0,,,,,,")
    assert empty["worth"] is None
    assert zero["worth"] == 0
    assert empty["to"] is None


def test_an_empty_table_has_no_rows(load):
    assert load() == []


def test_files_of_spreadsheets_are_read(load, tmp_path):
    assert load("A,,,,,,,,", header="\ufeff" + HEADER, end="\r\n")[0]["giver"] == "A"


def test_the_key_of_a_row_joins_its_key_columns(load):
    assert row_key(Gifts, load("A,2025-01-02,,,,,,,")[0]) == "A|2025-01-02"


@pytest.mark.parametrize(
    ("line", "row", "column", "problem"),
    [
        (",,,,,,,,", 3, "giver", "required"),
        ("B,2025-02-30,,,,,,,", 3, "day", "not a date"),
        ("B,2025-2-3,,,,,,,", 3, "day", "not a date"),
        ("B,2025-W01-1,,,,,,,", 3, "day", "not a date"),
        ("B,20250102,,,,,,,", 3, "day", "not a date"),
        ("B,,abc,,,,,,", 3, "worth", "not a number"),
        ("B,,NaN,,,,,,", 3, "worth", "not a number"),
        ("B,,Infinity,,,,,,", 3, "worth", "not a number"),
        ("B,,1_0,,,,,,", 3, "worth", "not a number"),
        ("B,,-1,,,,,,", 3, "worth", "below 0"),
        ("B,,101,,,,,,", 3, "worth", "above 100"),
        ("B,,,0,,,,,", 3, "pieces", "below 1"),
        ("B,,,1.0,,,,,", 3, "pieces", "not a whole number"),
        ("B,,,١,,,,,", 3, "pieces", "not a whole number"),
        ("B,,,,2025-13,,,,", 3, "seen", "not a date"),
        ("B,,,,2025-02-30,,,,", 3, "seen", "not a date"),
        ("B,,,,25,,,,", 3, "seen", "not a date"),
        ("B,,,,,,A;,,", 3, "to", "not a list"),
        ("B,,,,,,A; C,,", 3, "to", "not a list"),
        ("B ,,,,,,,,", 3, "giver", "blank"),
        ("A,,,,,,,,", 3, "giver", "stands already in row 2"),
        ("B,,,,,,,2025-01-01,2025-01-01", 3, "end", "is not after start"),
        ("B,,,,,,,2025-01-02,2025-01-01", 3, "end", "is not after start"),
        ("B,,,,,,,", 3, None, "8 cells, 9 expected"),
    ],
)
def test_a_fault_names_file_row_and_column(load, line, row, column, problem):
    with pytest.raises(BadTable, match=problem) as refused:
        load("A,,,,,,,,", line)
    assert (refused.value.file, refused.value.row, refused.value.column) == (
        "gifts.csv",
        row,
        column,
    )
    assert refused.value.exit_code == 3


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(BadTable, match=r"gifts\.csv: the file is missing"):
        load_table(Gifts, tmp_path / "gifts.csv")


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ("giver,day", "'worth' is missing"),
        (HEADER + ",more", "'more' is not in the schema"),
        ("day,giver" + HEADER[9:], "not in the order"),
    ],
)
def test_a_header_that_differs_is_told_how(load, header, problem):
    with pytest.raises(BadTable, match=problem):
        load(header=header)


# --- dates as people type them --------------------------------------------------------------------


@given(st.dates(date(1000, 1, 1)))
def test_a_full_date_is_read_in_both_spellings(day):
    assert parse_date(day.isoformat()) == day
    assert parse_date(f"{day.year}年{day.month}月{day.day}日") == day


@given(st.dates(date(1, 1, 1), date(9999, 12, 31)), st.sampled_from(["day", "month", "year"]))
def test_the_last_day_of_a_precision_is_the_last(day, precision):
    last = last_day(day, precision)
    kept = {"day": 10, "month": 7, "year": 4}[precision]
    assert last.isoformat()[:kept] == day.isoformat()[:kept]
    following = last.toordinal() + 1
    assert following > date.max.toordinal() or (
        date.fromordinal(following).isoformat()[:kept] != day.isoformat()[:kept]
    )
