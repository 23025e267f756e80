"""The almanac's meetings, reviews and statements: known traps, and what became of each fact."""

from __future__ import annotations

import csv
import importlib
import re
import sys
from datetime import date
from pathlib import Path

import pytest

from multipolar.record import tables
from multipolar.record.load import load_table

ROOT = Path(__file__).resolve().parents[2]
ALMANAC = Path(tables.__file__).parent / "almanac"
FACTS = ROOT.parent / "shared/facts"
needs_facts = pytest.mark.skipif(not FACTS.exists(), reason="the fact base is not beside the tree")
NAMES = (
    "sessions",
    "attendance",
    "outcomes",
    "outcome_positions",
    "reviews",
    "events",
    "statements",
)
LOADED = re.compile(
    r"boycott|snub|defi(ed|ance)|weaponi|isolat|shame|historic|landmark|bully|抵制|孤立|霸凌",
    re.I,
)
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def rows():
    return {name: load_table(tables.BY_NAME[name], ALMANAC / f"{name}.csv") for name in NAMES}


@pytest.fixture(scope="module")
def build():
    """Convert the fact base anew, without writing anything."""
    sys.path.insert(0, str(ROOT / "tools/almanac"))
    try:
        build = importlib.import_module("common").Build(FACTS)
        for name in ("meetings", "statements"):
            importlib.import_module(f"convert_{name}").convert(build)
        return build
    finally:
        sys.path.remove(str(ROOT / "tools/almanac"))


def one(rows, **wanted):
    found = [row for row in rows if all(row[key] == value for key, value in wanted.items())]
    assert len(found) == 1, f"{wanted} fits {len(found)} rows"
    return found[0]


# What the facts became


@needs_facts
def test_every_fact_row_is_accounted_for(build):
    assert set(build.seen) == {"cop_attendance", "upr", "g20", "statements"}
    assert build.unaccounted() == []


@needs_facts
@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_what_the_converter_makes(build, name):
    table = tables.BY_NAME[name]
    with open(ALMANAC / f"{name}.csv", encoding="utf-8", newline="") as handle:
        shipped = list(csv.DictReader(handle))
    made = sorted(build.rows[name], key=lambda row: tuple(row[key] for key in table.key))
    assert made == shipped


@needs_facts
def test_an_unverified_fact_ships_only_with_a_page_that_was_found(build):
    for (name, line), (what, _) in build.ledger.items():
        fact = build.seen[name][line - 2]
        if fact["confidence"] == "unverified":
            assert what in ("upgraded", "left out"), f"{name}.csv:{line} is {what}"


@needs_facts
def test_the_crown_prince_in_baku_is_left_out(build, rows):
    fact = next(
        f
        for f in build.seen["cop_attendance"]
        if (f["record_type"], f["cop"], f["state"]) == ("representation", "29", "SAU")
    )
    assert build.ledger[fact.file, fact.line][0] == "left out"
    assert not [
        r for r in rows["attendance"] if (r["session_id"], r["state_id"]) == ("cop-29", "SAU")
    ]


@needs_facts
def test_an_announced_fact_is_reported_only_where_a_later_page_was_found(build, rows):
    upgraded = {
        (found["session_id"], found["state_id"])
        for found in build.decisions("meetings_attendance")
        if found["basis"] == "reported" and found["source_url"]
    }
    for fact in build.seen["cop_attendance"]:
        if fact["basis"] in ("announced", "announced_absent"):
            key = (f"cop-{fact['cop']}", fact["state"])
            shipped = [r for r in rows["attendance"] if (r["session_id"], r["state_id"]) == key]
            if shipped and key not in upgraded:
                assert shipped[0]["basis"] == "announced", key


# Shape


def test_every_session_named_elsewhere_exists(rows):
    known = {row["session_id"] for row in rows["sessions"]}
    for name in ("attendance", "outcomes", "reviews", "events"):
        named = {row["session_id"] for row in rows[name] if row["session_id"]}
        assert named <= known, f"{name}: {sorted(named - known)}"


def test_every_position_names_an_outcome(rows):
    known = {row["outcome_id"] for row in rows["outcomes"]}
    assert {row["outcome_id"] for row in rows["outcome_positions"]} <= known


def test_sessions_are_half_open_and_start_before_they_end(rows):
    for row in rows["sessions"]:
        assert row["end"] is None or row["start"] < row["end"], row["session_id"]
    johannesburg = one(rows["sessions"], session_id="g20-2025")
    assert (johannesburg["start"], johannesburg["end"]) == (date(2025, 11, 22), date(2025, 11, 24))


def test_a_session_in_the_future_is_not_called_held(rows):
    for row in rows["sessions"]:
        if row["start"] > date(2026, 6, 15):
            assert row["status"] in ("scheduled", "not_known"), row["session_id"]
        else:
            assert row["status"] != "scheduled", row["session_id"]


def test_outcomes_with_a_day_fall_into_their_session(rows):
    sessions = {row["session_id"]: row for row in rows["sessions"]}
    before = {"upr-8-haiti"}  # decided in a special session of the Council
    for row in rows["outcomes"]:
        session = sessions[row["session_id"]]
        exact = row["date_precision"] == session["date_precision"] == "day"
        if exact and session["end"] and row["outcome_id"] not in before:
            assert session["start"] <= row["date"] < session["end"], row["outcome_id"]


def test_reviews_with_a_day_fall_into_their_session(rows):
    sessions = {row["session_id"]: row for row in rows["sessions"]}
    for row in rows["reviews"]:
        session = sessions[row["session_id"]]
        assert row["cycle"] == session["cycle"]
        if row["date_precision"] == "session":
            assert row["date"] == session["start"], (row["state_id"], row["session_id"])
        elif session["end"]:
            assert session["start"] <= row["date"] < session["end"], row["state_id"]


def test_texts_come_in_both_languages_and_in_neutral_words(rows):
    for name in NAMES:
        for row in rows[name]:
            for key, value in row.items():
                if not value or not isinstance(value, str):
                    continue
                if key.endswith("_zh"):
                    assert HAN.search(value), value
                    assert not re.search(r"[,;:!?]", value), f"half-width punctuation: {value}"
                if key.endswith("_en"):
                    assert not HAN.search(value), value
                if key.endswith(("_en", "_zh")) or key in ("note", "kind", "stance"):
                    assert not LOADED.search(value), value
            for key in [k for k in row if k.endswith("_en")]:
                assert bool(row[key]) == bool(row[key[:-3] + "_zh"]), row


# Climate conferences


def test_kenya_sent_a_minister_to_baku(rows):
    row = one(rows["attendance"], session_id="cop-29", state_id="KEN")
    assert (row["level"], row["basis"]) == ("minister", "announced")


def test_four_parties_were_not_registered_in_belem(rows):
    absent = {
        r["state_id"]
        for r in rows["attendance"]
        if r["session_id"] == "cop-30" and r["level"] == "absent"
    }
    assert absent == {"USA", "AFG", "MMR", "SMR"}
    usa = one(rows["attendance"], session_id="cop-30", state_id="USA")
    assert usa["basis"] == "reported"
    assert "provisional list" in usa["detail_en"]
    assert one(rows["sessions"], session_id="cop-30")["parties_n"] == 194


def test_climate_texts_of_glasgow_to_belem_are_there_with_their_days(rows):
    days = {r["outcome_id"]: r["date"] for r in rows["outcomes"] if r["body_id"] == "unfccc"}
    assert days["cop-21-paris-agreement"] == date(2015, 12, 12)
    assert days["cop-26-glasgow"] == date(2021, 11, 13)
    assert days["cop-27-implementation-plan"] == date(2022, 11, 20)
    assert days["cop-28-uae-consensus"] == date(2023, 12, 13)
    assert days["cop-29-finance-goal"] == date(2024, 11, 24)
    assert days["cop-30-mutirao"] == date(2025, 11, 22)


def test_personal_names_stay_out_of_attendance(rows):
    known = re.compile(r"Trump|Biden|Xi |Putin|Macron|Merz|Lula|Modi|Starmer|Carney|Ramaphosa")
    assert not [r for r in rows["attendance"] if known.search(r["detail_en"] or "")]


# Universal Periodic Review


def test_the_first_state_not_to_appear_was_israel_in_2013(rows):
    away = sorted((r["date"], r["state_id"]) for r in rows["reviews"] if r["delegation"] == "no")
    assert away == [(date(2013, 1, 29), "ISR"), (date(2025, 11, 7), "USA")]
    for outcome, state in (("upr-15-israel", "ISR"), ("upr-50-usa", "USA")):
        assert one(rows["outcomes"], outcome_id=outcome)["mode"] == "postponed"
        position = one(rows["outcome_positions"], outcome_id=outcome, state_id=state)
        assert position["stance"] == "absent"


def test_reviews_of_states_that_did_not_appear_were_postponed_not_held(rows):
    israel = one(rows["reviews"], state_id="ISR", session_id="upr-15")
    usa = one(rows["reviews"], state_id="USA", session_id="upr-50")
    assert israel["result"] == usa["result"] == "postponed"
    assert israel["national_report"] == usa["national_report"] == "no"
    later = one(rows["reviews"], state_id="ISR", session_id="upr-17")
    assert (later["date"], later["result"]) == (date(2013, 10, 29), "held")
    assert one(rows["reviews"], state_id="USA", session_id="upr-53")["result"] == "rescheduled"


def test_a_postponed_review_has_a_later_one(rows):
    for row in rows["reviews"]:
        if row["result"] == "postponed":
            later = [
                r
                for r in rows["reviews"]
                if r["state_id"] == row["state_id"]
                and r["cycle"] == row["cycle"]
                and r["date"] > row["date"]
            ]
            assert later, (row["state_id"], row["session_id"])


def test_ukraine_is_scheduled_for_session_54_which_exists(rows):
    row = one(rows["reviews"], state_id="UKR", cycle=4)
    assert (row["session_id"], row["result"]) == ("upr-54", "scheduled")
    session = one(rows["sessions"], session_id="upr-54")
    assert (session["start"].year, session["status"]) == (2027, "scheduled")


def test_the_working_group_has_54_sessions_in_four_cycles(rows):
    cycles = {int(r["number"]): r["cycle"] for r in rows["sessions"] if r["body_id"] == "upr"}
    assert sorted(cycles) == list(range(1, 55))
    firsts = {cycle: min(n for n, c in cycles.items() if c == cycle) for cycle in (1, 2, 3, 4)}
    assert firsts == {1: 1, 2: 13, 3: 27, 4: 41}


# G20


def test_johannesburg_adopted_its_declaration_without_one_member(rows):
    row = one(rows["outcomes"], outcome_id="g20-2025-declaration")
    assert (row["date"], row["mode"], row["paragraphs_n"]) == (date(2025, 11, 22), "adopted", 122)
    stances = {
        r["state_id"]: r["stance"]
        for r in rows["outcome_positions"]
        if r["outcome_id"] == "g20-2025-declaration"
    }
    assert len(stances) == 21
    assert {s: v for s, v in stances.items() if v != "joined"} == {
        "ARG": "stood_aside",
        "USA": "absent",
    }
    objection = [
        r
        for r in rows["events"]
        if (r["actor"], r["date"], r["kind"]) == ("USA", date(2025, 11, 22), "objection")
    ]
    assert len(objection) == 1


def test_a_summit_in_the_future_has_no_declaration(rows):
    held = {r["session_id"] for r in rows["sessions"] if r["body_id"] == "g20"} - {"g20-2026"}
    with_text = {r["session_id"] for r in rows["outcomes"] if r["body_id"] == "g20"}
    assert with_text == held
    assert len(held) == 20


def test_rio_was_led_for_saudi_arabia_by_its_foreign_minister(rows):
    row = one(rows["attendance"], session_id="g20-2024", state_id="SAU")
    assert row["level"] == "minister"


def test_lists_drawn_up_before_a_summit_stay_announced(rows):
    announced = {
        (r["session_id"], r["state_id"])
        for r in rows["attendance"]
        if r["session_id"].startswith("g20") and r["basis"] == "announced"
    }
    assert announced == {
        ("g20-2022", "ARG"),
        ("g20-2022", "BRA"),
        ("g20-2022", "MEX"),
        ("g20-2023", "EU"),
        ("g20-2023", "ZAF"),
    }


# Statements


def test_statements_about_forums_name_no_state(rows):
    for row in rows["statements"]:
        assert all(re.fullmatch("[A-Z]{3}", code) for code in row["about"] or ())
    pair = [r for r in rows["statements"] if r["about"] == ("CHN", "RUS")]
    assert sorted(r["state_id"] for r in pair) == ["IND", "IND", "USA"]


def test_two_states_that_spoke_together_have_a_row_each(rows):
    both = [r["state_id"] for r in rows["statements"] if r["stance"] == "veto_reason"]
    assert both == ["RUS", "CHN"]
