"""What numeric codes of states mean in a year, and the reading of tables of numbers."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from multipolar.errors import BadSource
from multipolar.sources.codes import meanings
from multipolar.sources.files import RawFile
from multipolar.sources.formats.numbers import check_once, pack, read_numbers
from multipolar.sources.states import States, labels


@pytest.fixture(scope="module")
def read(record):
    """Return what one code means in a year: state and how it was read."""

    def of(code: int, year: int, scheme: str = "cow", dataset: str = "igo"):
        states = States(record.names, record.rows("states"), dataset)
        row = meanings(states, [(code, year)], scheme).row(0, named=True)
        assert bool(states.unknown) == (row["how"] == "unknown")
        return row["state"], row["how"]

    return of


# --- codes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "year", "state"),
    [
        (365, 1900, "RUS"),
        (365, 1922, "RUS"),
        (365, 1923, "SUN"),
        (365, 1991, "SUN"),
        (365, 1992, "RUS"),
        (345, 1914, "SRB"),
        (345, 1919, "YUG"),
        (345, 1991, "YUG"),
        (345, 1992, "SCG"),
        (345, 2005, "SCG"),
        (345, 2006, "SRB"),
        (255, 1830, "DEU"),
        (260, 1955, "DEU"),
        (260, 1990, "DEU"),
        (255, 1990, "DEU"),
        (265, 1990, "DDR"),
        (315, 1992, "CSK"),
        (651, 1960, "EGY"),
        (817, 1974, "RVN"),
        (816, 1974, "VNM"),
    ],
)
def test_a_code_means_the_state_of_the_first_of_july(read, code, year, state):
    assert read(code, year)[0] == state


@pytest.mark.parametrize(
    ("code", "year", "state"),
    [
        (366, 1991, "EST"),  # from September
        (511, 1963, "EAZ"),  # from December
        (511, 1964, "EAZ"),  # until April
        (678, 1990, "YAR"),  # until May
        (680, 1990, "YMD"),  # until May
        (679, 1990, "YEM"),  # from May
        (731, 1948, "PRK"),  # from September
    ],
)
def test_a_state_that_began_or_ended_within_the_year_is_found_too(read, code, year, state):
    assert read(code, year) == (state, "")


@pytest.mark.parametrize(
    ("code", "year", "state"),
    [
        (366, 1930, "EST"),
        (600, 1900, "MAR"),
        (616, 1880, "TUN"),
        (552, 1970, "ZWE"),
        (31, 1965, "BHS"),
    ],
)
def test_a_code_of_one_state_only_means_the_same_land_before_it_began(read, code, year, state):
    assert read(code, year) == (state, "before")


@pytest.mark.parametrize(
    "code", [240, 245, 267, 269, 271, 273, 275, 280, 300, 327, 329, 332, 335, 337, 730]
)
def test_a_polity_that_the_registry_does_not_have_is_no_state(read, code):
    assert read(code, 1850) == (None, "outside_registry")


def test_a_code_that_nobody_knows_is_recorded(read):
    assert read(999, 1990) == (None, "unknown")


def test_a_state_after_its_end_is_not_known_unless_listed(read):
    assert read(315, 2007) == (None, "unknown")
    assert read(315, 2007, dataset="trade") == (None, "error_in_source")


@pytest.mark.parametrize(
    ("code", "year", "state"),
    [
        (643, 1960, "SUN"),
        (203, 1974, "CSK"),
        (203, 1992, "CZE"),
        (688, 1980, "YUG"),
        (688, 2000, "SCG"),
        (887, 1981, "YAR"),
        (900, 2003, "XKX"),
        (158, 2010, "TWN"),
        (530, 1970, None),
    ],
)
def test_iso_numbers_are_read_with_the_year(read, code, year, state):
    assert read(code, year, "m49", "desta")[0] == state


def test_every_code_and_year_of_the_shared_files_is_read_or_listed(record, shared):
    found: set[tuple[str, int, int]] = set()
    for dataset, place, names in (
        ("igo", "igo/state_year_format3.rda", ("ccode",)),
        ("atop", "alliances/atop_alliance.rda", ("ccode1", "ccode2")),
        ("trade", "trade/cow_trade_ndy.rda", ("ccode1", "ccode2")),
        ("trade", "trade/cow_trade_sy.rda", ("ccode",)),
    ):
        path = shared / place
        raw = RawFile(path.name, place, 1 << 30, path=path)
        frame = read_numbers(raw, (*names, "year"), passed_over=_all(raw))
        for name in names:
            found |= {(dataset, c, y) for c, y in frame.select(name, "year").unique().iter_rows()}
    assert len(found) > 40_000
    for dataset in ("igo", "atop", "trade"):
        states = States(record.names, record.rows("states"), dataset)
        out = meanings(states, [(c, y) for d, c, y in found if d == dataset])
        assert out.filter(how="unknown").height == 0
        assert out.filter(pl.col("state").is_null())["how"].unique().sort().to_list() in (
            ["outside_registry"],
            ["error_in_source", "outside_registry"],
        )


def test_every_row_of_the_lists_of_codes_is_used_by_a_shared_file(record, shared, parsed):
    """A label that no file has would be dead weight; the lists are to stay short."""
    from multipolar.sources.formats.numbers import columns

    used: set[tuple[str, str]] = set()
    for dataset, place in (
        ("igo", "igo/state_year_format3.rda"),
        ("atop", "alliances/atop_alliance.rda"),
        ("trade", "trade/cow_trade_sy.rda"),
    ):
        path = shared / place
        raw = RawFile(path.name, place, 1 << 30, path=path)
        names = [n for n in columns(raw) if n.startswith("ccode")]
        frame = read_numbers(raw, (*names, "year"), passed_over=_all(raw))
        for row in labels():
            if row.scheme == "cow" and row.dataset in ("*", dataset):
                day = pl.date(pl.col("year"), 7, 1).cast(pl.String)
                here = pl.any_horizontal(pl.col(n) == int(row.label) for n in names)
                in_time = (day >= row.start) & ((day < row.end) if row.end else True)
                if frame.filter(here & in_time).height:
                    used.add((row.dataset, row.label))
    listed = {
        (row.dataset, row.label)
        for row in labels()
        if row.scheme == "cow" and row.dataset in ("*", "igo", "atop", "trade")
    }
    assert listed - used == set()


def _all(raw: RawFile) -> list[str]:
    from multipolar.sources.formats.numbers import columns

    return columns(raw)


# --- tables of numbers ----------------------------------------------------------------------------


@pytest.fixture
def numbers(tmp_path: Path):
    """Read columns a (whole), b and c (numbers), passing over t, from a text."""

    def of(content: str | bytes, name: str = "x.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        raw = RawFile(name, name, 1 << 20, path=path)
        return read_numbers(raw, ["a"], ["b", "c"], passed_over=["t"]).rows()

    return of


@pytest.mark.parametrize(
    "text",
    [
        "a,b,c\n1,2,3\n",
        "A,B,c\r\n1,2,3\r\n",
        "a\tb\tc\n1\t2\t3\n",
        "a;b;c\n1;2;3",
        b"\xef\xbb\xbfa,b,c\n1,2,3\n",
        '"a","b","c"\n"1","2","3"\n',
        "a,b,c\n 1, 2 ,3\n\n\n",
        'c,t,a,b\n3,"x, y",1,2\n',
        'c,t,a,b\n3,"x\ny",1,2\n',
        "c,t,a,b\n3,caf\xe9,1,2\n".encode("latin-1"),
    ],
)
def test_the_same_table_is_read_from_every_way_to_write_it(numbers, text):
    assert numbers(text) == [(2, 1, 2.0, 3.0)]


def test_an_empty_cell_and_the_marks_of_r_and_stata_are_missing_and_zero_is_zero(numbers):
    assert numbers("a,b,c\n1,NA,.\n2,,0\n") == [(2, 1, None, None), (3, 2, None, 0.0)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,b,c\n1,2,3\n1,2\n", "row 3: 2 cells, 3 expected"),
        ("a,b,c\n1,2,3,4\n", "row 2: 4 cells, 3 expected"),
        ("a,b,c\n1,2,3\n1,x,3\n", "row 3: b is 'x', not a number"),
        ("a,b,c\n1.5,2,3\n", "row 2: a is 1.5, not a number as expected"),
        ("a,b,c\n,2,3\n", "row 2: a is None"),
        ("a,b,c\n1,inf,3\n", "row 2: b is inf"),
        ("a,b,c\n", "holds no row"),
        ("a,b\n1,2\n", "column 'c' is missing"),
        ("a,b,c,d\n1,2,3,4\n", "column 'd' is not one that this loader knows"),
        ("a,b,c,B\n1,2,3,4\n", "column 'b' stands twice"),
        (b"a,b,c,t\n1,2,3,\x81\n", "row 2: byte 0x81 is neither UTF-8 nor Windows-1252"),
        ('a,b,c,t\n1,2,3,"x\ny",5\n', "5 cells, 4 expected"),
    ],
)
def test_a_table_that_is_not_whole_or_not_of_numbers_is_refused(numbers, text, said):
    with pytest.raises(BadSource, match=said):
        numbers(text)


def test_packed_numbers_sort_and_compare_as_the_columns_do():
    frame = pl.DataFrame({"x": [3, 1, 3, 2, 1], "y": [-5, 7, -6, 0, 7]})
    packed = pack(frame, ("x", "y"))
    assert frame[packed.arg_sort()].equals(frame.sort("x", "y"))
    assert packed.n_unique() == frame.n_unique() == 4


def test_a_key_that_stands_twice_names_the_second_row(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a\n")
    raw = RawFile("x.csv", "x.csv", 1 << 20, path=path)
    frame = pl.DataFrame({"_row": [2, 3, 4], "a": [1, 2, 1]})
    with pytest.raises(BadSource, match=r"x\.csv, row 4: a 1 stands twice"):
        check_once(raw, frame, ("a",))
