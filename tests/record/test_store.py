"""The record: what ships plus what a person adds, all of it checked."""

from __future__ import annotations

import shutil

import pytest

from helpers import any_source, read_table, write_table
from multipolar.errors import BadInput, BadTable
from multipolar.record import tables
from multipolar.record.store import ALMANAC, FIRST_DAY, Record, open_record

BODY = {"body_id": "moon-club", "kind": "forum"}
NAMES = [
    {"body_id": "moon-club", "lang": "en", "kind": "short", "name": "Moon Club"},
    {"body_id": "moon-club", "lang": "zh", "kind": "short", "name": "月球俱乐部"},
]


@pytest.fixture
def copy(tmp_path):
    """A copy of the almanac, to be broken."""
    return shutil.copytree(ALMANAC, tmp_path / "almanac")


def test_every_table_has_rows_and_every_file_a_table(record):
    assert {path.stem for path in ALMANAC.glob("*.csv")} == set(tables.BY_NAME)
    assert all(record.rows(name) for name in tables.BY_NAME)


def test_every_fact_has_a_source_and_a_confidence(record):
    for table in tables.ALL:
        if table.fact:
            assert all(row["source_id"] and row["confidence"] for row in record.rows(table.name))


def test_files_are_sorted_by_their_key_or_by_its_columns():
    for table in tables.ALL:
        rows = read_table(ALMANAC, table.name)
        keys = ["|".join(row[column] for column in table.key) for row in rows]
        columns = [tuple(row[column] for column in table.key) for row in rows]
        assert keys == sorted(keys) or columns == sorted(columns), table.name


def test_the_day_of_the_record_is_the_latest_on_which_a_source_was_read(record):
    read = [row["retrieved"] for row in record.rows("sources")]
    assert record.date.isoformat() == max(day for day in read if len(day) == 10)
    assert record.date > FIRST_DAY


def test_rows_grouped_by_a_column_are_all_rows_once(record):
    grouped = record.by("exits", "state_id")
    assert sum(map(len, grouped.values())) == len(record.rows("exits"))
    assert record.where("exits", "state_id", "nobody") == ()


def test_own_rows_are_added_to_the_almanac(store, record):
    place = store(bodies=[BODY], body_names=NAMES)
    opened = open_record(place)
    assert len(opened.rows("bodies")) == len(record.rows("bodies")) + 1
    assert opened.keyed("bodies")["moon-club"]["kind"] == "forum"
    assert opened.names.body("月球俱乐部") == "moon-club"
    assert opened.names.body_name("moon-club", "zh") == "月球俱乐部"
    assert "moon-club" not in record.keyed("bodies")


def test_own_sources_can_be_cited_by_own_rows(store):
    source = {
        "source_id": "my-page",
        "publisher": "Me",
        "title": "Page",
        "url": "https://example.org",
        "retrieved": "2026-01",
    }
    place = store(sources=[source], bodies=[{**BODY, "source_id": "my-page"}], body_names=NAMES)
    assert open_record(place).keyed("bodies")["moon-club"]["source_id"] == ("my-page",)


def test_the_environment_names_a_store_and_an_argument_goes_before_it(store, monkeypatch, tmp_path):
    monkeypatch.setenv("MULTIPOLAR_STORE", str(store(bodies=[BODY], body_names=NAMES)))
    assert "moon-club" in open_record().keyed("bodies")
    (tmp_path / "empty").mkdir()
    assert "moon-club" not in open_record(tmp_path / "empty").keyed("bodies")


def test_the_directory_of_the_user_is_read_if_it_exists(store, monkeypatch, tmp_path):
    place = store(bodies=[BODY], body_names=NAMES)
    (tmp_path / "share").mkdir()
    place.rename(tmp_path / "share/multipolar")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert "moon-club" in open_record().keyed("bodies")


def test_a_store_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="no store"):
        open_record(tmp_path / "file")


def test_a_body_without_a_name_in_a_language_is_refused(store):
    with pytest.raises(BadTable, match="short name of 'moon-club' in 'zh'"):
        open_record(store(bodies=[BODY], body_names=NAMES[:1]))


def test_a_key_that_ships_cannot_be_taken_again(store):
    with pytest.raises(BadTable, match="stands in the almanac already") as refused:
        open_record(store(bodies=[{**BODY, "body_id": "who"}]))
    assert refused.value.file.endswith("store/almanac/bodies.csv")


def references():
    for table in tables.ALL:
        for column in table.columns:
            if column.refers:
                yield table.name, column.name


@pytest.mark.parametrize(("name", "column"), list(references()))
def test_a_reference_to_nothing_is_found_in_every_table(copy, name, column):
    rows = read_table(copy, name)
    row = next((i for i, r in enumerate(rows) if r[column]), 0)
    rows[row][column] = "no-such-thing"
    write_table(copy, name, rows)
    with pytest.raises(BadTable, match="'no-such-thing' is not in") as refused:
        Record(almanac=copy).check()
    assert (refused.value.file, refused.value.row, refused.value.column) == (
        f"{name}.csv",
        row + 2,
        column,
    )


@pytest.mark.parametrize("name", sorted(tables.BY_NAME))
def test_a_table_that_is_missing_is_named(copy, name):
    (copy / f"{name}.csv").unlink()
    with pytest.raises(BadTable, match=f"{name}.csv: the file is missing"):
        Record(almanac=copy).check()


def test_sources_that_rows_cite_are_all_used(record):
    used = {
        source
        for table in tables.ALL
        if table.fact
        for row in record.rows(table.name)
        for source in row["source_id"]
    }
    assert set(record.keyed("sources")) == used
    assert any_source() in used
