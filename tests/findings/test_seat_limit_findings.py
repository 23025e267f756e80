"""Absence that is no position: what the profile says of a seat without a vote, and when."""

from __future__ import annotations

from datetime import date

import pytest

from helpers import fill, write_table
from multipolar.findings.explain import explain_finding
from multipolar.findings.profile import build_profile
from multipolar.record.store import open_record

TEXTS = {
    "text_en": "letter of that day",
    "text_zh": "见当日信函",
    "end_text_en": "then paid",
    "end_text_zh": "其后缴款",
}


def limit(state, start, end, kind="arrears", **more):
    row = {"body_id": "unga", "state_id": state, "start": start, "end": end, "kind": kind, **TEXTS}
    ends = {"end_text_en": "", "end_text_zh": ""} if not end else {"end_precision": "day"}
    return fill("seat_limits", {**row, "start_precision": "day", **ends, **more})


@pytest.fixture
def found(pulled):
    """Profile a state with limits of one's own beside the pulled votes of 2019 to 2021."""

    def of(state, day, *limits):
        (pulled / "almanac").mkdir(exist_ok=True)
        write_table(pulled / "almanac", "seat_limits", list(limits))
        record = open_record(pulled)
        return record, build_profile(record, state, date.fromisoformat(day))

    return of


def one(made, measure):
    return next((f for f in made.findings if f.measure == measure), None)


def test_roll_calls_in_a_spell_are_counted_and_the_row_is_named(found):
    record, made = found("TON", "2021-12-31", limit("TON", "2020-01-01", "2021-11-03"))
    finding = one(made, "seat_limits")
    assert (finding.value, finding.n, finding.direction) == (1, 3, "context")
    assert [ref.key for ref in finding.rows] == ["unga|TON|2020-01-01|arrears"]
    told = explain_finding(record, made, finding.id)
    assert [row["table"] for row in told["rows"]] == ["seat_limits", "roll_calls"]
    assert told["formula_en"].startswith("Number of roll calls")
    assert (
        "from 1 January 2020 to 3 November 2021 (letter of that day; then paid)"
        in (finding.sentences["en"])
    )
    assert "2020年1月1日至2021年11月3日（见当日信函；其后缴款）" in finding.sentences["zh"]


def test_the_first_day_is_in_and_the_end_is_out(found):
    for start, end, n in (
        ("2020-11-02", "2021-11-03", 1),
        ("2020-11-03", "2021-11-03", None),
        ("2020-11-02", "2021-11-04", 2),
    ):
        finding = one(found("TON", "2021-12-31", limit("TON", start, end))[1], "seat_limits")
        assert (finding.value if finding else None) == n


def test_an_end_that_lies_ahead_is_not_told(found):
    made = found("TON", "2020-12-31", limit("TON", "2020-01-01", "2021-06-01"))[1]
    said = one(made, "seat_limits").sentences
    assert "since 1 January 2020 (letter of that day)" in said["en"]
    assert "2021" not in said["en"] + said["zh"]
    assert "paid" not in said["en"]


def test_a_spell_that_begins_later_is_not_told(found):
    made = found("TON", "2020-12-31", limit("TON", "2021-01-01", "2021-12-01"))[1]
    assert one(made, "seat_limits") is None


@pytest.mark.parametrize(("day", "told"), [("2021-06-01", False), ("2021-12-31", True)])
def test_a_spell_that_lasts_says_until_when_it_was_read(found, day, told):
    row = limit("TON", "2020-01-01", "", as_of="2021-10-05")
    said = one(found("TON", day, row)[1], "seat_limits").sentences["en"]
    assert ("still so on 5 October 2021" in said) == told


def test_a_state_without_a_limit_and_one_without_roll_calls_in_it_have_no_finding(found):
    limits = (limit("TON", "2020-01-01", "2020-02-01"), limit("KEN", "2019-01-01", "2022-01-01"))
    assert one(found("TON", "2021-12-31", *limits)[1], "seat_limits") is None
    assert one(found("PER", "2021-12-31", *limits)[1], "seat_limits") is None
    assert one(found("KEN", "2021-12-31", *limits)[1], "seat_limits").value == 3


@pytest.mark.parametrize("kind", ["barred", "vacant", "withdrawn", "merged"])
def test_every_kind_without_a_vote_is_told(found, kind):
    row = limit("TON", "2020-01-01", "2021-01-01", kind)
    assert one(found("TON", "2021-12-31", row)[1], "seat_limits").value == 1


def test_a_seat_held_by_others_is_told_apart_and_its_votes_stay_votes(found):
    row = limit("KEN", "2019-01-01", "2020-01-01", "credentials", text_en="held by others")
    made = found("KEN", "2021-12-31", row)[1]
    assert one(made, "seat_limits") is None
    holder = one(made, "seat_holder")
    assert (holder.value, holder.n) == (1, 3)
    assert (
        "from 1 January 2019 to 1 January 2020 (held by others; then paid)"
        in (holder.sentences["en"])
    )
    assert made.warnings["en"] == ()
    sides = one(made, "adopted_side_share")
    assert sides.n == 3


def test_within_such_a_spell_the_profile_says_so_at_its_head(found):
    row = limit("KEN", "2019-01-01", "2020-01-01", "credentials", text_en="held by others")
    made = found("KEN", "2019-11-15", row)[1]
    (said,) = made.warnings["en"]
    assert said.endswith("on 15 November 2019 the seat of Kenya was held by others.")
    assert len(made.warnings["zh"]) == 1
    assert one(made, "seat_holder").value == 1


def test_rows_of_another_body_are_not_told_of_this_one(found):
    row = limit("TON", "2020-01-01", "2021-01-01", "barred", body_id="unsc")
    assert one(found("TON", "2021-12-31", row)[1], "seat_limits") is None
