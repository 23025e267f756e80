"""The General Assembly's votes as the UN Digital Library publishes them, and its known quirks."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from made_files import GA_COLUMNS, ga_rows, written
from multipolar.errors import BadSource
from multipolar.sources.undl import session_number

FILE = "votes/undl_layout_ga_voting_1946_2023.csv.gz"
SEPTEMBER_2024 = {
    "ms_code": "ms_codes",
    "ms_name": "ms_names",
    "ms_vote": "ms_votes",
    "resolution": "resolutions",
    "agenda_title": "agenda_titles",
    "total_yes": "yes",
    "total_no": "no",
    "total_abstentions": "abstentions",
    "total_non_voting": "non-voting",
}


@pytest.fixture(scope="module")
def ga(parsed):
    return parsed("unga", FILE)


@pytest.fixture(scope="module")
def cells(ga):
    calls = ga[1]["roll_calls"].select("roll_call_id", "date", "session", "symbol")
    return ga[1]["positions"].join(calls, on="roll_call_id")


def counts(frame):
    return dict(frame["position"].value_counts().iter_rows())


# --- the whole file -----------------------------------------------------------------------------


def test_every_row_and_every_roll_call_is_kept(ga):
    told, tables = ga
    assert (told.rows_read, told.rows_kept, told.dropped) == (892_483, 892_483, {})
    assert tables["roll_calls"].height == 5_410
    assert tables["positions"].height == 892_483
    assert (told.first, told.last) == (date(1946, 1, 26), date(2023, 12, 22))
    assert told.notes == []


def test_letters_are_counted_as_in_the_file(ga):
    tables = ga[1]
    assert dict(tables["positions"]["printed"].value_counts().iter_rows()) == {
        "Y": 668_649,
        "N": 43_821,
        "A": 96_622,
        "X": 83_391,
    }
    found = counts(tables["positions"])
    assert (found["yes"], found["no"], found["abstain"]) == (668_649, 43_821, 96_622)
    assert found["absent"] + found["not_member"] == 83_391


def test_positions_by_decade_are_those_of_the_letters(cells):
    by_decade = (
        cells.with_columns((pl.col("date").dt.year() // 10 * 10).alias("decade"))
        .group_by("decade")
        .agg(
            (pl.col("position") == "yes").sum().alias("yes"),
            (pl.col("printed") == "Y").sum().alias("Y"),
            (pl.col("position") == "no").sum().alias("no"),
            (pl.col("printed") == "N").sum().alias("N"),
            (pl.col("position") == "abstain").sum().alias("abstain"),
            (pl.col("printed") == "A").sum().alias("A"),
            pl.len(),
        )
        .sort("decade")
    )
    assert by_decade["decade"].to_list() == [1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020]
    for word, letter in (("yes", "Y"), ("no", "N"), ("abstain", "A")):
        assert by_decade[word].to_list() == by_decade[letter].to_list()
    assert by_decade["len"].sum() == 892_483
    assert by_decade["len"].min() > 1_000


def test_the_printed_totals_are_those_of_the_rows(ga):
    calls = ga[1]["roll_calls"]
    assert calls["totals"].unique().to_list() == ["agree"]
    cast = calls.select(pl.sum_horizontal("yes_n", "no_n", "abstain_n", "absent_n"))
    assert (cast.to_series() == calls["members_n"]).all()


def test_three_roll_calls_in_which_nobody_voted_stay_without_votes(ga):
    calls = ga[1]["roll_calls"]
    silent = calls.filter(pl.col("yes_n") + pl.col("no_n") + pl.col("abstain_n") == 0)
    assert set(silent["symbol"]) == {"A/RES/39/28A", "A/RES/39/28B", "A/RES/43/62"}
    assert silent["absent_n"].to_list() == [159, 159, 159]


def test_1964_has_no_roll_call(ga):
    years = ga[1]["roll_calls"]["date"].dt.year()
    assert 1964 not in set(years)
    assert {1963, 1965} <= set(years)


def test_no_state_stands_twice_in_a_roll_call(ga):
    key = ga[1]["positions"].select("roll_call_id", "state_id")
    assert key.n_unique() == key.height


def test_every_name_is_a_state_on_its_day(ga, record):
    positions = ga[1]["positions"]
    assert positions["state_id"].null_count() == 0
    assert set(positions["state_id"]) <= set(record.keyed("states"))


# --- states ---------------------------------------------------------------------------------------


def test_the_seat_of_yugoslavia_is_kept_without_votes_while_it_was_frozen(cells):
    frozen = cells.filter(
        pl.col("state_id") == "YUG", pl.col("date").is_between(date(1993, 1, 1), date(1999, 12, 31))
    )
    assert frozen.height > 400
    assert counts(frozen) == {"absent": frozen.height}
    assert cells.filter(pl.col("state_id") == "SCG")["date"].min() >= date(2000, 11, 1)
    assert cells.filter(pl.col("state_id") == "SRB")["date"].min() >= date(2006, 6, 3)


def test_south_africa_is_kept_without_votes_from_1975_to_1993(cells):
    barred = cells.filter(
        pl.col("state_id") == "ZAF", pl.col("date").is_between(date(1975, 1, 1), date(1993, 12, 31))
    )
    assert barred.height > 1_000
    assert counts(barred) == {"absent": barred.height}
    assert "yes" in counts(
        cells.filter(pl.col("state_id") == "ZAF", pl.col("date") > date(1994, 7, 1))
    )


def test_the_ussr_ends_where_russia_begins(cells):
    ussr, russia = (cells.filter(pl.col("state_id") == c)["date"] for c in ("SUN", "RUS"))
    assert (ussr.max(), russia.min()) == (date(1991, 12, 20), date(1992, 8, 25))
    assert ussr.min() == date(1946, 1, 26)


def test_the_seat_of_china_is_one_series_across_25_october_1971(cells):
    seat = cells.filter(pl.col("state_id") == "CHN")
    assert seat["date"].min() < date(1946, 12, 31)
    assert counts(seat.filter(pl.col("date") < date(1971, 10, 25)))["yes"] > 100
    assert counts(seat.filter(pl.col("date") > date(1971, 10, 25)))["yes"] > 1_000
    assert cells.filter(pl.col("state_id") == "TWN").height == 0


def test_egypt_and_syria_are_the_united_arab_republic_while_they_held_one_seat(cells):
    union = cells.filter(pl.col("state_id") == "UAR")["date"]
    assert (union.min(), union.max()) == (date(1958, 9, 23), date(1961, 8, 25))
    for code in ("EGY", "SYR"):
        days = cells.filter(pl.col("state_id") == code)["date"]
        assert days.filter(days.is_between(date(1958, 9, 1), date(1961, 9, 28))).is_empty()
        assert days.max() > date(2023, 1, 1)


def test_a_state_listed_before_its_admission_is_not_a_member(cells):
    early = cells.filter(pl.col("position") == "not_member")
    assert dict(early["state_id"].value_counts().iter_rows()) == {
        "ARE": 1,
        "DMA": 6,
        "JPN": 7,
        "MNG": 1,
        "WSM": 1,
    }
    assert set(early["printed"]) == {"X"}


def test_the_two_yemens_and_the_two_germanies_stand_apart(cells):
    codes = set(cells["state_id"])
    assert {"YAR", "YMD", "YEM", "DDR", "DEU", "EAZ", "TZA", "CSK", "CZE", "SVK"} <= codes
    assert cells.filter(pl.col("state_id") == "YEM")["date"].min() >= date(1990, 5, 22)
    assert cells.filter(pl.col("state_id") == "EAZ").height == 7


def test_sessions_are_counted_as_today(ga):
    sessions = set(ga[1]["roll_calls"]["session"])
    assert {"1", "30", "31", "78", "S-3", "ES-1", "ES-11"} <= sessions
    assert not any(set(s) & set("IVXL") for s in (x.split("-")[-1] for x in sessions))


@pytest.mark.parametrize(
    ("printed", "number"),
    [
        ("I", "1"),
        ("IV", "4"),
        ("IX", "9"),
        ("XIX", "19"),
        ("XXX", "30"),
        ("S-VI", "S-6"),
        ("80", "80"),
    ],
)
def test_a_roman_session_is_a_number(printed, number):
    assert session_number(printed) == number


# --- editions and quirks that newer files have ------------------------------------------------------


def test_the_edition_without_notes_is_read(made):
    columns = [c for c in GA_COLUMNS if c != "vote_note"]
    told, _ = made(
        "unga", "2025_03_31_ga_voting.csv", written(ga_rows(1, "2024-10-01", {"FJI": "Y"}), columns)
    )
    assert (told.edition, told.rows_kept) == ("2025-03-31", 1)


def test_the_edition_of_september_2024_is_read(made):
    rows = ga_rows(1, "2024-09-01", {"FJI": "Y", "TON": "NV"})
    renamed = [{SEPTEMBER_2024.get(k, k): v for k, v in row.items()} for row in rows]
    columns = [SEPTEMBER_2024.get(c, c) for c in GA_COLUMNS if c not in ("total_ms", "vote_note")]
    _, tables = made("unga", "old.csv", written(renamed, [*columns, "modality", "total-voting"]))
    assert tables["positions"]["position"].to_list() == ["yes", "absent"]
    assert tables["roll_calls"]["totals"].to_list() == ["agree"]


def test_totals_printed_with_a_decimal_point_are_counts(made):
    rows = ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "N"})
    for row in rows:
        row |= {k: f"{v}.0" for k, v in row.items() if k.startswith("total_")}
    _, tables = made("unga", "x.csv", written(rows))
    assert tables["roll_calls"].select("yes_n", "no_n", "totals").row(0) == (1, 1, "agree")


def test_small_and_doubled_letters_are_read_and_said(made):
    told, tables = made(
        "unga",
        "x.csv",
        written(ga_rows(1, "2019-10-01", {"FJI": "y", "TON": "Aa", "KEN": "n", "PER": ""})),
    )
    found = dict(tables["positions"].select("state_id", "position").iter_rows())
    assert found == {"FJI": "yes", "TON": "abstain", "KEN": "no", "PER": "absent"}
    assert any("'y'" in note for note in told.notes)


def test_two_different_letters_are_unrecorded_not_guessed(made):
    told, tables = made(
        "unga",
        "x.csv",
        written(ga_rows(1, "1952-12-01", {"FRA": "Y", "PAK": "AN"}, "A/RES/999(VII)")),
    )
    found = dict(tables["positions"].select("state_id", "position").iter_rows())
    assert found["PAK"] == "unrecorded"
    assert "1 rows print 'AN' for a vote, read as unrecorded" in told.notes


def test_totals_that_do_not_add_up_are_said_on_the_roll_call(made):
    rows = ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "Y", "KEN": "N"}, total_yes="3")
    told, tables = made("unga", "x.csv", written(rows))
    call = tables["roll_calls"].row(0, named=True)
    assert (call["totals"], call["yes_n"]) == ("differ", 3)
    assert call["note"] == "the rows give 2 yes, 1 no, 0 abstentions, 0 without a vote"
    assert told.notes == ["the printed totals of 1 roll calls are not those of their rows"]


def test_a_misspelt_name_is_read_by_its_code_and_said(made):
    rows = ga_rows(1, "2024-11-18", {"TUR": "Y", "FJI": "N"})
    rows[0]["ms_name"] = "TÜRKÝYE"
    told, tables = made("unga", "x.csv", written(rows))
    assert set(tables["positions"]["state_id"]) == {"TUR", "FJI"}
    assert told.notes == ["1 rows named 'TÜRKÝYE' were read by their code TUR"]


def test_a_code_of_its_own_for_the_ussr_is_read_as_the_name_says(made):
    rows = ga_rows(1, "1985-11-18", {"SUN": "N"}, "A/RES/40/1")
    rows[0]["ms_name"] = "USSR"
    assert made("unga", "x.csv", written(rows))[1]["positions"]["state_id"].to_list() == ["SUN"]


def test_a_decision_among_the_resolutions_has_its_own_symbol(made):
    _, tables = made(
        "unga", "x.csv", written(ga_rows(1, "2025-10-01", {"FJI": "Y"}, "A/DEC/80/506"))
    )
    assert tables["roll_calls"]["roll_call_id"].to_list() == ["unga:A/DEC/80/506"]
    assert tables["roll_calls"]["session"].to_list() == ["80"]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ms_vote": "Q"}, r"x\.csv, row 2: 'Q' is no code of a vote"),
        ({"ms_name": "ATLANTIS", "ms_code": "ATL"}, "no state is known by the label 'ATLANTIS'"),
        ({"date": "01/10/2019"}, "'01/10/2019' is not a date"),
        ({"total_yes": "many"}, "'many' in total_yes is not a count"),
        ({"undl_id": "x1"}, "'x1' is not a record number"),
        ({"undl_link": ""}, "is cut off or has empty links"),
    ],
)
def test_what_the_loader_does_not_know_stops_the_pull(made, change, said):
    rows = ga_rows(1, "2019-10-01", {"FJI": "Y"})
    with pytest.raises(BadSource, match=said):
        made("unga", "x.csv", written([{**rows[0], **change}]))


def test_an_unexpected_column_stops_the_pull(made):
    with pytest.raises(BadSource, match="column 'mood' is not one that this loader knows"):
        made(
            "unga", "x.csv", written(ga_rows(1, "2019-10-01", {"FJI": "Y"}), [*GA_COLUMNS, "mood"])
        )


def test_a_state_listed_twice_stops_the_pull(made):
    rows = ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "Y"})
    with pytest.raises(BadSource, match="lists 'FIJI' twice"):
        made("unga", "x.csv", written([*rows, rows[0]]))


def test_a_roll_call_with_two_dates_stops_the_pull(made):
    rows = ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "Y"})
    rows[1]["date"] = "2019-10-02"
    with pytest.raises(BadSource, match="record 1 has more than one date"):
        made("unga", "x.csv", written(rows))


def test_a_file_cut_in_the_middle_of_a_row_stops_the_pull(made):
    whole = written(ga_rows(1, "2019-10-01", {"FJI": "Y", "TON": "Y", "KEN": "N"}))
    with pytest.raises(BadSource):
        made("unga", "x.csv", whole[:-90])


def test_bytes_that_are_not_utf_8_stop_the_pull(made):
    whole = written(ga_rows(1, "2019-10-01", {"FJI": "Y"})).encode().replace(b"FIJI", b"F\xcdJI")
    with pytest.raises(BadSource):
        made("unga", "x.csv", whole)
