"""The commands as Python functions."""

from __future__ import annotations

from datetime import date

import pytest

import multipolar as mp
from multipolar.errors import (
    AmbiguousName,
    BadDate,
    BadInput,
    CannotWrite,
    OutOfCoverage,
    UnknownFinding,
    UnknownName,
)


def test_report_takes_any_spelling_and_a_day_as_text_or_date(record):
    text = mp.report(record, "南非", as_of="2026-01-01")
    day = mp.report(record, "zaf", as_of=date(2026, 1, 1))
    assert text.profile.state == day.profile.state == "ZAF"
    assert text.to_dict() == day.to_dict()


def test_report_without_a_day_speaks_of_the_day_of_the_record(record):
    assert mp.report(record, "FJI").profile.as_of == record.date.isoformat()


def test_saved_report_is_the_page_and_is_not_replaced_without_force(record, tmp_path):
    made = mp.report(record, "FJI", lang="zh")
    path = tmp_path / "fiji.html"
    made.save(path)
    assert path.read_text(encoding="utf-8") == made.html
    path.write_text("mine")
    with pytest.raises(CannotWrite, match="exists"):
        made.save(path)
    assert path.read_text() == "mine"
    made.save(path, force=True)
    assert path.read_text(encoding="utf-8") == made.html


def test_command_and_function_give_the_same_report(here, record):
    by_command = here("report", "FJI", "--as-of", "2026-01-01", "--format", "json").json
    assert by_command == mp.report(record, "FJI", as_of="2026-01-01").to_dict()


def test_command_and_function_give_the_same_comparison(here, record):
    assert here("compare", "FJI", "TON", "--format", "json").json == mp.compare(
        record, ["FJI", "TON"]
    )


def test_explain_of_the_record_and_of_the_report_agree(record):
    finding = "FJI/purse/un/assessed_share@2026-01-01"
    told = mp.explain(record, finding)
    assert told == mp.report(record, "FJI", as_of="2026-01-01").explain(finding)
    assert told["finding"]["value"] == 0.003
    assert {row["row"]["share_percent"] for row in told["rows"]} == {"0.003"}


def test_names_gives_what_the_command_prints(here):
    assert mp.names("Korea") == here("names", "Korea", "--format", "json").json


@pytest.mark.parametrize(
    ("state", "day", "error"),
    [
        ("Nowhereland", None, UnknownName),
        ("Congo", None, AmbiguousName),
        ("FJI", "2025-02-30", BadDate),
        ("FJI", "2025-11", BadDate),
        ("FJI", date(1945, 10, 23), OutOfCoverage),
        ("FJI", date(2999, 1, 1), OutOfCoverage),
        ("USSR", None, OutOfCoverage),
        ("SSD", date(2000, 1, 1), OutOfCoverage),
    ],
)
def test_report_refuses_what_the_record_cannot_answer(record, state, day, error):
    with pytest.raises(error):
        mp.report(record, state, as_of=day)


def test_a_state_that_has_ended_names_its_heirs(record):
    with pytest.raises(OutOfCoverage) as refused:
        mp.report(record, "USSR")
    assert refused.value.candidates[0] == "RUS"
    assert "1991-12" in str(refused.value)


def test_explain_of_an_unknown_finding_names_the_nearest(record):
    with pytest.raises(UnknownFinding) as refused:
        mp.explain(record, "FJI/purse/un/assessed_shares@2026-01-01")
    assert "FJI/purse/un/assessed_share@2026-01-01" in refused.value.candidates


def test_open_refuses_a_store_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="no store"):
        mp.open(tmp_path / "none")


def test_a_table_can_be_taken_as_a_frame(record):
    exits = record.table("exits")
    assert exits.height == len(record.rows("exits"))
    assert exits.schema["date"].is_temporal()
